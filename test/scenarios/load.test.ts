import { describe, expect, it } from 'vitest';
import { claim, faults, STEPS, step } from './loading.ts';

describe('a scenario with one mistake is told one sentence, at its line and column', () => {
  const cases: readonly (readonly [what: string, text: string, ...sentences: string[]])[] = [
    [
      'a misspelt key at the top',
      `scenario: x\nnodez: { X: {} }\n${STEPS}`,
      's.yaml:2:1 unknown-key: nodez is not a word of a scenario, did you mean nodes?',
    ],
    [
      'a misspelt key inside a cluster',
      `scenario: x\nclusters:\n  a:\n    controlNode: 2\n${STEPS}`,
      's.yaml:4:5 unknown-key: controlNode is not a word here, did you mean controlNodes?',
    ],
    [
      'a key nothing resembles, where few keys are known',
      `scenario: x\nlatency: { foo: 4ms }\n${STEPS}`,
      's.yaml:2:12 unknown-key: foo is not a word here; it may be within, between',
    ],
    [
      'no title and no steps',
      'nodes: { X: {} }\n',
      's.yaml:1:1 missing-key: scenario is missing: the title',
      's.yaml:1:1 missing-key: steps is missing: what happens, in order',
    ],
    [
      'a tag of some other program',
      `scenario: !include x\n${STEPS}`,
      's.yaml:1:11 bad-yaml: the tag !include is not known here; write the value without it',
    ],
    ['steps that are no list', 'scenario: x\nsteps: 3\n', 's.yaml:2:8 bad-value: a list is expected here'],
    ['no step', 'scenario: x\nsteps: []\n', 's.yaml:2:8 bad-value: at least 1 entry is expected here'],
    ['a title that is a number', `scenario: 12\n${STEPS}`, 's.yaml:1:11 bad-value: a scenario has a title'],
    [
      'a cluster without contents',
      `scenario: x\nclusters: { a: ~ }\n${STEPS}`,
      's.yaml:2:16 bad-value: a map is expected here',
    ],
    [
      'a name with a blank',
      `scenario: x\nclusters:\n  "a b": {}\n${STEPS}`,
      's.yaml:3:3 bad-key: a name has letters, digits, dots, dashes and underscores',
    ],
    [
      'a quirk that is neither on nor off',
      `scenario: x\nquirks: { Q1: no }\n${STEPS}`,
      's.yaml:2:15 bad-value: true or false is expected here',
    ],
    ['a negative seed', `scenario: x\nseed: -1\n${STEPS}`, 's.yaml:2:7 bad-value: the least that can stand here is 0'],
    [
      'a word where one of another set is expected',
      `scenario: x\ncosts: none\n${STEPS}`,
      's.yaml:2:8 bad-value: zero or a map is expected here',
    ],
    [
      'a misspelt key in one branch of a union',
      `scenario: x\ncosts: { agents: {} }\n${STEPS}`,
      's.yaml:2:10 unknown-key: agents is not a word here, did you mean agent?',
    ],
    [
      'an era that never was',
      `scenario: x\nclusters: { a: { import: [ { manifests: m, plugin: { name: kube-network-manager, era: K9 } } ] } }\n${STEPS}`,
      's.yaml:2:87 bad-value: the value here is one of K1, K2, K3',
    ],
    [
      'another plug-in than the one there is',
      `scenario: x\nclusters: { a: { import: [ { manifests: m, plugin: { name: kube-manager } } ] } }\n${STEPS}`,
      's.yaml:2:60 bad-value: only kube-network-manager can stand here',
    ],
  ];
  it.each(cases)('%s', (_, text, ...sentences) => {
    expect(faults(text)).toEqual(sentences);
  });
});

describe('a step or a claim that is not one', () => {
  const cases: readonly (readonly [what: string, text: string, ...sentences: string[]])[] = [
    ['a misspelt verb', step('strat: all'), 's.yaml:3:5 unknown-key: strat is not a word here, did you mean start?'],
    [
      'a misspelt verb in a repetition',
      step('repeat: { times: 3, steps: [ { crahs: { node: X } } ] }'),
      's.yaml:3:36 unknown-key: crahs is not a word here, did you mean crash?',
    ],
    [
      'a misspelt repetition',
      step('repaet: { times: 3, steps: [ { start: all } ] }'),
      's.yaml:3:5 unknown-key: repaet is not a word here, did you mean repeat?',
    ],
    [
      'a repetition with a word of steps',
      step('repeat: { times: 3, steps: [ { start: all } ] }\n    name: x'),
      's.yaml:4:5 unknown-key: name cannot stand beside repeat',
    ],
    [
      'two verbs',
      step('start: all\n    settle: {}'),
      's.yaml:3:5 bad-choice: a step does one thing, and this one has start and settle',
    ],
    ['a verb with the wrong argument', step('crash: X'), 's.yaml:3:12 bad-value: a map is expected here'],
    [
      'a verb with a misspelt argument',
      step('crash: { nod: X }'),
      's.yaml:3:14 unknown-key: nod is not a word here, did you mean node?',
    ],
    ['a start of some other word', step('start: everything'), 's.yaml:3:12 bad-value: all or a map is expected here'],
    ['a cut of nothing', step('cut: { sessions: [a] }'), 's.yaml:3:22 bad-value: a list of exactly 2 is expected here'],
    [
      'a misspelt cut',
      step('cut: { session: [a, b] }'),
      's.yaml:3:12 unknown-key: session is not a word here, did you mean sessions?',
    ],
    [
      'a cut of two kinds',
      step('cut: { sessions: [a, b], underlay: [a, b] }'),
      's.yaml:3:10 bad-choice: say either sessions: [a, b] (the BGP and XMPP streams) or underlay: [a, b] (the tunnels too)',
    ],
    ['octets without octets', step('raw: { from: s }'), 's.yaml:3:10 bad-choice: say either hex or xml'],
    [
      'a target that neither comes nor goes',
      step('target: { network: a/b }'),
      's.yaml:3:13 bad-choice: say either add or remove',
    ],
    [
      'a misspelt claim',
      claim('reachble: { from: "vm:a", to: "vm:b" }'),
      's.yaml:4:9 unknown-key: reachble is not a word here, did you mean reachable?',
    ],
    [
      'a claim without its object',
      claim('reachable: { from: "vm:a" }'),
      's.yaml:4:20 missing-key: to is missing: who is meant',
    ],
    [
      'two claims in one',
      claim('noFindings: true\n        converged: { within: 4s }'),
      's.yaml:4:9 bad-choice: an expectation claims one thing, and this one has converged and noFindings',
    ],
    ['claims outside a list', step('expect: { noFindings: true }'), 's.yaml:3:13 bad-value: a list is expected here'],
    [
      'an import of two kinds',
      `scenario: x\nclusters: { a: { import: [ { heat: a.yaml, manifests: b } ] } }\n${STEPS}`,
      's.yaml:2:30 unknown-key: heat cannot stand beside manifests',
    ],
    [
      'a misspelt import',
      `scenario: x\nclusters: { a: { import: [ { haet: a.yaml, project: p } ] } }\n${STEPS}`,
      's.yaml:2:30 unknown-key: haet is not a word here, did you mean heat?',
    ],
    [
      'an import that is only a path',
      `scenario: x\nclusters: { a: { import: [ a.yaml ] } }\n${STEPS}`,
      's.yaml:2:28 bad-value: a map is expected here',
    ],
  ];
  it.each(cases)('%s', (_, text, ...sentences) => {
    expect(faults(text)).toEqual(sentences);
  });

  it('is offered all verbs when it has none', () => {
    expect(faults(step('name: foo'))).toEqual([
      expect.stringMatching(/^s\.yaml:3:5 bad-choice: a step does one of start, stop, .*securityGroup$/),
    ]);
  });
});

describe('all faults of a file', () => {
  it('come together, in the order of the file', () => {
    const text =
      'scenario: x\nseed: a\nnodez: 1\nnodes: { X: { asn: 0, holdTim: 3s } }\nsteps:\n  - strat: all\n  - settle: { limit: 3 }\n';
    expect(faults(text)).toEqual([
      's.yaml:2:7 bad-value: a number is expected here',
      's.yaml:3:1 unknown-key: nodez is not a word of a scenario, did you mean nodes?',
      's.yaml:4:20 bad-value: the least that can stand here is 1',
      's.yaml:4:23 unknown-key: holdTim is not a word here, did you mean holdTime?',
      's.yaml:6:5 unknown-key: strat is not a word here, did you mean start?',
      's.yaml:7:22 bad-value: a duration is a number with a unit, such as 4ms, 90s or 2m',
    ]);
  });

  it('tell what an alias brings in twice once', () => {
    const text =
      'scenario: x\nsteps:\n  - expect: [ &c { reachable: { from: "vm:a", to: "b" } } ]\n  - expect: [ *c ]\n  - expect: [ *c ]\n';
    expect(faults(text)).toHaveLength(1);
  });
});
