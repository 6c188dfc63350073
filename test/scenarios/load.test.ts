import { describe, expect, it } from 'vitest';
import { loadScenario } from '../../src/scenarios/load.ts';
import { parseLocated, plainOf } from '../../src/scenarios/located.ts';
import { memoryFiles, told } from './files.ts';

/** What the loader says of a scenario; empty when nothing is wrong. */
function faults(text: string, others: Readonly<Record<string, string>> = {}): string[] {
  const result = loadScenario(memoryFiles({ 's.yaml': text, ...others }), 's.yaml');
  return result.ok ? [] : told(result.faults);
}

const STEPS = 'steps:\n  - start: all\n';
const step = (line: string) => `scenario: x\nsteps:\n  - ${line}\n`;
const claim = (line: string) => `scenario: x\nsteps:\n  - expect:\n      - ${line}\n`;

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

describe('a value of the wrong form is told what would be right', () => {
  const cases: readonly (readonly [what: string, text: string, ...sentences: string[]])[] = [
    [
      'a duration without a unit',
      step('settle: { limit: 300 }'),
      's.yaml:3:22 bad-value: a duration is a number with a unit, such as 4ms, 90s or 2m',
    ],
    [
      'a duration beyond a year',
      step('settle: { limit: 8761h }'),
      's.yaml:3:22 bad-value: a duration is a year at most, 8760h',
    ],
    ...(
      [
        ['without its word', '64512:1', 'a route target is written target:ASN:number, such as target:64512:100'],
        ['in halves', 'target:1.10:1', 'a route target is written target:ASN:number, such as target:64512:100'],
        ['of no AS', 'target:4294967296:1', 'the AS of a route target is a number from 1 to 4294967295'],
        ['of a 4-octet AS', 'target:70000:65536', 'the number of target:70000: goes up to 65535'],
        ['of an address', 'target:10.0.0.1:65536', 'the number of target:10.0.0.1: goes up to 65535'],
        ['of an AS', 'target:1:4294967296', 'the number of target:1: goes up to 4294967295'],
      ] as const
    ).map(
      ([what, target, sentence]) =>
        [
          `a route target ${what}`,
          step(`target: { network: a/b/c, add: "${target}" }`),
          `s.yaml:3:36 bad-value: ${sentence}`,
        ] as const,
    ),
    [
      'a negative duration',
      step('{ start: all, after: -4s }'),
      's.yaml:3:26 bad-value: a duration is a number with a unit, such as 4ms, 90s or 2m',
    ],
    [
      'a hold time that no OPEN can carry',
      `scenario: x\nnodes: { X: { holdTime: 1500ms }, Y: { holdTime: 20h } }\n${STEPS}`,
      's.yaml:2:25 bad-value: a hold time is a whole number of seconds up to 65535s, such as 90s or 3m',
      's.yaml:2:50 bad-value: a hold time is a whole number of seconds up to 65535s, such as 90s or 3m',
    ],
    [
      'a prefix with host bits',
      step('publish: { agent: a, instance: i, prefix: 10.0.0.1/24 }'),
      's.yaml:3:47 bad-value: 10.0.0.1/24 has host bits; the prefix is 10.0.0.0/24',
    ],
    [
      'a prefix longer than an address',
      step('publish: { agent: a, instance: i, prefix: 10.0.0.0/33 }'),
      's.yaml:3:47 bad-value: a prefix is an address and a length up to 32, such as 10.0.100.0/24',
    ],
    [
      'a prefix without a length',
      step('publish: { agent: a, instance: i, prefix: 10.0.0.0 }'),
      's.yaml:3:47 bad-value: a prefix is an address and a length up to 32, such as 10.0.100.0/24',
    ],
    [
      'a route with an impossible distinguisher',
      step('announce: { speaker: s, prefix: "1.1.1.1:70000:10.0.0.1/32" }'),
      's.yaml:3:37 bad-value: a route is written as its table shows it: 10.1.1.1/32, 192.168.1.1:1:10.1.1.1/32, 64512:target:64512:8000000, or 0:0',
    ],
    [
      'an interest in no target',
      step('announce: { speaker: s, prefix: "64512:target:abc:1" }'),
      's.yaml:3:37 bad-value: a route is written as its table shows it: 10.1.1.1/32, 192.168.1.1:1:10.1.1.1/32, 64512:target:64512:8000000, or 0:0',
    ],
    [
      'an address with an octet too large',
      `scenario: x\nnodes: { X: { address: 10.0.0.300 } }\n${STEPS}`,
      's.yaml:2:24 bad-value: an address is a dotted quad, such as 192.168.0.1',
    ],
    [
      'an address with a leading zero',
      `scenario: x\nnodes: { X: { address: 10.0.0.01 } }\n${STEPS}`,
      's.yaml:2:24 bad-value: an address is a dotted quad, such as 192.168.0.1',
    ],
    [
      'AS 0',
      `scenario: x\nnodes: { X: { asn: 0 } }\n${STEPS}`,
      's.yaml:2:20 bad-value: the least that can stand here is 1',
    ],
    [
      'an AS that is no number',
      `scenario: x\nnodes: { X: { asn: abc } }\n${STEPS}`,
      's.yaml:2:20 bad-value: an AS number is a whole number from 1 to 4294967295, or two halves in quotes such as "1.10"',
    ],
    [
      'a route target without a number',
      `scenario: x\ninstances: { b: { routeTargets: ["target:64512"] } }\n${STEPS}`,
      's.yaml:2:34 bad-value: a route target is written target:ASN:number, such as target:64512:100',
    ],
    [
      'a route target outside its list',
      `scenario: x\ninstances: { b: { routeTargets: "target:64512:1" } }\n${STEPS}`,
      's.yaml:2:33 bad-value: a list is expected here',
    ],
    [
      'a selector of no kind',
      claim('reachable: { from: "vm:a", to: "vn:b" }'),
      's.yaml:4:40 bad-value: a selector is written kind:[cluster/][project/]name, such as vm:openstack/leonardo/PostgreSQL-1; kinds are vm, pod, service, fip, host, gateway, tenant, network, external',
    ],
    [
      'a port without a protocol',
      claim('reachable: { from: "vm:a", to: "vm:b", port: 5432 }'),
      's.yaml:4:54 bad-value: a port is written protocol/number up to 65535, such as tcp/5432, or icmp',
    ],
    [
      'a port that TCP does not have',
      claim('reachable: { from: "vm:a", to: "vm:b", port: tcp/70000 }'),
      's.yaml:4:54 bad-value: a port is written protocol/number up to 65535, such as tcp/5432, or icmp',
    ],
    [
      'a bandwidth as a number',
      `scenario: x\nfederation: [ { between: [a, b], bandwidth: 3 } ]\n${STEPS}`,
      's.yaml:2:45 bad-value: a bandwidth is written 100Mbit or 10Gbit',
    ],
    [
      'octets that YAML reads as a number',
      step('raw: { from: s, hex: 12 }'),
      's.yaml:3:26 bad-value: text is expected here, in quotes',
    ],
    [
      'no control node',
      `scenario: x\nclusters: { a: { controlNodes: 0 } }\n${STEPS}`,
      's.yaml:2:32 bad-value: the least that can stand here is 1',
    ],
    [
      'control nodes as a word',
      `scenario: x\nclusters: { a: { controlNodes: two } }\n${STEPS}`,
      's.yaml:2:32 bad-value: give a count, a list of names, or a map from names to addresses',
    ],
    [
      'three clusters in one federation',
      `scenario: x\nfederation: [ { between: [a, b, c] } ]\n${STEPS}`,
      's.yaml:2:26 bad-value: a list of exactly 2 is expected here',
    ],
    [
      'a subnet that is a map with host bits',
      `scenario: x\nclusters: { a: { networks: { n: { subnet: { cidr: 10.0.0.1/24 } } } } }\n${STEPS}`,
      's.yaml:2:51 bad-value: 10.0.0.1/24 has host bits; the prefix is 10.0.0.0/24',
    ],
    [
      'a subnet that is a map with a misspelt key',
      `scenario: x\nclusters: { a: { networks: { n: { subnet: { cdir: 10.0.0.0/24 } } } } }\n${STEPS}`,
      's.yaml:2:45 unknown-key: cdir is not a word here, did you mean cidr?',
    ],
    [
      'a prefix with host bits where a name may stand too',
      `scenario: x\nclusters: { a: { securityGroups: { g: { rules: [ { remote: 10.0.0.1/24 } ] } } } }\n${STEPS}`,
      's.yaml:2:60 bad-value: 10.0.0.1/24 has host bits; the prefix is 10.0.0.0/24',
    ],
    [
      'a network without a subnet',
      `scenario: x\nclusters: { a: { networks: { n: {} } } }\n${STEPS}`,
      's.yaml:2:33 missing-key: subnet is missing: one subnet or several: a prefix, or a map',
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

describe('a text that is no YAML, or no scenario', () => {
  const cases: readonly (readonly [what: string, text: string, ...sentences: string[]])[] = [
    ['nothing', '', 's.yaml:1:1 not-a-scenario: s.yaml is empty'],
    ['a list', '- a\n', 's.yaml:1:1 not-a-scenario: a scenario is a map with the keys scenario and steps'],
    ['a word', 'hello', 's.yaml:1:1 not-a-scenario: a scenario is a map with the keys scenario and steps'],
    [
      'one key twice',
      `scenario: x\nscenario: y\n${STEPS}`,
      's.yaml:2:1 bad-yaml: the key scenario stands in this map before',
    ],
    [
      'an open list',
      'scenario: [x\nsteps:\n',
      's.yaml:2:1 bad-yaml: flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a tab', 'scenario: x\nsteps:\n\t- start: all\n', 's.yaml:3:1 bad-yaml: a tab cannot indent YAML; use spaces'],
    [
      'two documents',
      `scenario: x\n${STEPS}---\nscenario: y\n`,
      's.yaml:4:1 bad-yaml: a scenario is one YAML document, and a second one begins here',
    ],
    [
      'a key that JavaScript would swallow',
      `scenario: x\nnodes: { __proto__: { asn: 1 } }\n${STEPS}`,
      's.yaml:2:10 bad-key: nothing can be called __proto__',
    ],
    [
      'an alias without an anchor',
      'scenario: x\nsteps:\n  - *no\n',
      's.yaml:3:5 unknown-alias: there is no anchor &no before this alias',
    ],
    [
      'an alias inside its own list',
      'scenario: x\nsteps: &s\n  - *s\n',
      's.yaml:3:5 recursive-alias: the alias *s stands inside its own anchor',
    ],
    [
      'an alias inside its own map',
      `scenario: x\ntenants: &t\n  a: *t\n${STEPS}`,
      's.yaml:3:6 recursive-alias: the alias *t stands inside its own anchor',
    ],
    [
      'lists in lists in lists',
      `scenario: x\nsteps: ${'['.repeat(200)}${']'.repeat(200)}\n`,
      's.yaml:2:107 too-deep: a scenario is nested at most 100 deep',
    ],
  ];
  it.each(cases)('%s', (_, text, ...sentences) => {
    expect(faults(text)).toEqual(sentences);
  });

  it('may be nested deeper than the parser can bear, and is still told so', () => {
    const text = `scenario: x\nsteps: ${'['.repeat(100_000)}${']'.repeat(100_000)}\n`;
    expect(faults(text)).toEqual([expect.stringMatching(/ too-deep: a scenario is nested at most 100 deep$/)]);
  });

  it('may grow by aliases only so far, and in no time', () => {
    const letters = [...'abcdefgh'];
    const bomb = letters.map((own, i) => `${own}: &${own} [${Array(10).fill(i === 0 ? 'x' : `*${letters[i - 1]}`)}]`);
    expect(faults(`${bomb.join('\n')}\nscenario: x\n${STEPS}`)).toEqual([
      expect.stringMatching(/^s\.yaml:[5-8]:\d+ alias-bomb: aliases of this file stand for more than 100000 nodes$/),
    ]);
  });

  it('may be larger than the limit, and is refused unread', () => {
    const result = loadScenario(memoryFiles({ 's.yaml': `# ${'x'.repeat(16 * 1_048_576)}` }), 's.yaml');
    expect(result.ok ? [] : told(result.faults)).toEqual([
      's.yaml:1:1 unreadable-file: s.yaml is larger than the limit of 16 MB',
    ]);
  });
});

describe('the path of a scenario', () => {
  const files = memoryFiles({
    'a/scenario.yaml': `scenario: a\n${STEPS}`,
    'b/b.yaml': `scenario: b\n${STEPS}`,
    'c/other.yaml': '',
  });
  const title = (path: string) => {
    const result = loadScenario(files, path);
    return result.ok ? result.value.scenario.scenario : told(result.faults).join();
  };

  it('may be a folder that holds scenario.yaml, or a file of its own name', () => {
    expect([title('a'), title('b'), title('b/'), title('b/b.yaml')]).toEqual(['a', 'b', 'b', 'b']);
  });

  it('is told when nothing is there, with the nearest name', () => {
    expect(title('b/c.yaml')).toBe(
      'b/c.yaml:1:1 missing-file: there is no file or folder b/c.yaml, did you mean b.yaml?',
    );
    expect(title('c')).toBe(
      'c:1:1 missing-file: the folder c holds neither scenario.yaml nor c.yaml; name the file to play',
    );
  });
});

describe('a scenario that extends another', () => {
  const base = `scenario: base\nseed: 7\nnodes: { X: { asn: 1 }, Y: { asn: 2 } }\n${STEPS}`;

  it('merges maps, replaces lists and values, and takes away what it sets to nothing', () => {
    const files = memoryFiles({
      's.yaml': 'scenario: s\nextends: t.yaml\nseed: ~\nnodes: { Y: { asn: 3 }, Z: {} }\n',
      't.yaml': base,
    });
    const result = loadScenario(files, 's.yaml');
    expect(result.ok && result.value.scenario).toEqual({
      scenario: 's',
      extends: 't.yaml',
      nodes: { X: { asn: 1 }, Y: { asn: 3 }, Z: {} },
      steps: [{ start: 'all' }],
    });
  });

  it('is told faults of the other file in that file', () => {
    expect(faults('scenario: s\nextends: t.yaml\n', { 't.yaml': base.replace('seed: 7', 'seed: x') })).toEqual([
      't.yaml:2:7 bad-value: a number is expected here',
    ]);
  });

  it('names one that is there, in its own folder or the one above', () => {
    expect(faults(`scenario: x\nextends: y.yaml\n${STEPS}`, { 'yy.yaml': '' })).toEqual([
      's.yaml:2:10 unreadable-file: there is no file y.yaml, did you mean s.yaml?',
    ]);
    expect(faults(`scenario: x\nextends: ../../y.yaml\n${STEPS}`)).toEqual([
      "s.yaml:2:10 outside-folder: ../../y.yaml lies outside the scenario's own and its parent folder",
    ]);
    expect(faults(`scenario: x\nextends: /etc/passwd\n${STEPS}`)).toEqual([
      "s.yaml:2:10 outside-folder: /etc/passwd lies outside the scenario's own and its parent folder",
    ]);
  });

  it('cannot extend itself, directly or by way of others', () => {
    expect(faults(`scenario: x\nextends: s.yaml\n${STEPS}`)).toEqual([
      's.yaml:2:10 extends-cycle: a scenario cannot extend itself: s.yaml extends s.yaml',
    ]);
    expect(
      faults(`scenario: x\nextends: t.yaml\n${STEPS}`, {
        't.yaml': 'extends: u.yaml\n',
        'u.yaml': 'extends: t.yaml\n',
      }),
    ).toEqual(['u.yaml:1:10 extends-cycle: a scenario cannot extend itself: t.yaml extends u.yaml extends t.yaml']);
  });

  it('does so at most eight deep', () => {
    const chain = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i}.yaml`, `extends: ${i + 1}.yaml\n`]));
    expect(faults(`scenario: x\nextends: 0.yaml\n${STEPS}`, chain)).toEqual([
      '7.yaml:1:10 extends-too-deep: scenarios extend each other at most 8 deep',
    ]);
  });
});

describe('a located tree', () => {
  it('gives the same values as the text, aliases resolved', () => {
    const { tree, faults: wrong } = parseLocated('t.yaml', 'a: &x [1, two, ~]\nb: { c: *x, 3: true }\n');
    expect(wrong).toEqual([]);
    expect(plainOf(tree!)).toEqual({ a: [1, 'two', null], b: { c: [1, 'two', null], 3: true } });
  });
});
