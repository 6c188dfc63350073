import { describe, expect, it } from 'vitest';
import { loadScenario } from '../../src/scenarios/load.ts';
import { parseLocated, plainOf } from '../../src/scenarios/located.ts';
import { memoryFiles, told } from './files.ts';
import { faults, STEPS } from './loading.ts';

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
