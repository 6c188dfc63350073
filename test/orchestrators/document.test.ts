import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeOf } from '../../src/base/result.ts';
import { INPUT_OCTETS_MAX, readDocuments } from '../../src/orchestrators/document.ts';
import { keyPaths, plain, type SourceNode } from '../../src/orchestrators/source-tree.ts';
import { linesOf } from './said.ts';

const yaml = (text: string, dialect: 'heat' | 'kubernetes' = 'heat') =>
  readDocuments({ file: 'in.yaml', text }, dialect);
const json = (text: string) => readDocuments({ file: 'in.json', text }, 'kubernetes');
const said = ({ faults }: ReturnType<typeof yaml>): readonly string[] => linesOf(faults);
const only = ({ documents, faults }: ReturnType<typeof yaml>): SourceNode => {
  expect(faults).toEqual([]);
  expect(documents).toHaveLength(1);
  return documents[0]!;
};
const scalar = (node: SourceNode, path: string): { value: unknown; text: string } => {
  const found = keyPaths(node).find((one) => one.path === path)!.node;
  if (found.kind !== 'scalar') throw new Error(path);
  return { value: found.value, text: found.text };
};

describe('YAML of orchestrators', () => {
  it('is read as YAML 1.1, with the text of every scalar as it was typed (OR-6.1.5)', () => {
    const node = only(yaml('a: on\nb: 0755\nc: 2013-05-23\nd: "0755"\ne: 1:30\nf: ~\ng: 1_000\n'));
    expect(scalar(node, 'a')).toEqual({ value: true, text: 'on' });
    expect(scalar(node, 'b')).toEqual({ value: 493, text: '0755' });
    expect(scalar(node, 'c')).toEqual({ value: '2013-05-23', text: '2013-05-23' });
    expect(scalar(node, 'd')).toEqual({ value: '0755', text: '0755' });
    expect(scalar(node, 'e')).toEqual({ value: 90, text: '1:30' });
    expect(scalar(node, 'f')).toEqual({ value: null, text: '~' });
    expect(scalar(node, 'g')).toEqual({ value: 1000, text: '1_000' });
  });

  it('knows no times of day in a manifest, whose own reader knows none', () => {
    expect(scalar(only(yaml('e: 1:30\n', 'kubernetes')), 'e')).toEqual({ value: '1:30', text: '1:30' });
  });

  it('keeps a key that YAML 1.1 takes for true as the word it is', () => {
    expect(keyPaths(only(yaml('on: 1\n"no": 2\n'))).map(({ path }) => path)).toEqual(['on', 'no']);
  });

  it('holds several documents, the empty ones left out', () => {
    expect(yaml('---\na: 1\n---\n---\nb: 2\n').documents.map(plain)).toEqual([{ a: 1 }, { b: 2 }]);
    expect(yaml('').documents).toEqual([]);
  });

  it('follows anchors and merge keys, own keys first', () => {
    const node = only(yaml('base: &b { x: 1, y: 2 }\nuse: *b\nmore: { <<: *b, y: 3 }\n'));
    expect(plain(node)).toEqual({ base: { x: 1, y: 2 }, use: { x: 1, y: 2 }, more: { y: 3, x: 1 } });
    expect(keyPaths(node).map(({ path }) => path)).toContain('more.x');
  });

  it('knows the place and the key path of every node', () => {
    const node = only(yaml('resources:\n  db:\n    rules:\n      - port: 5432\n'));
    const found = keyPaths(node).find(({ path }) => path === 'resources.db.rules[0].port')!;
    expect(placeOf(found.node.at)).toBe('in.yaml:4:15');
  });
});

describe('a file that cannot be read', () => {
  it('says where and what, once for each fault', () => {
    expect(said(yaml('a: 1\nb: 2\na: 3\n'))).toEqual(['in.yaml:3:1 bad-yaml the key a stands twice in one map']);
    expect(said(yaml('a: [1, 2\n'))[0]).toMatch(/^in\.yaml:\d+:\d+ bad-yaml not valid YAML: /);
    expect(said(yaml('? [a, b]\n: 1\n'))[0]).toBe('in.yaml:1:3 bad-key a key is a word here, not a list or a map');
    expect(said(yaml('a: *nowhere\n'))[0]).toMatch(/^in\.yaml:1:4 /);
  });

  it('may not recurse through its aliases, nor multiply by them', () => {
    expect(said(yaml('a: &a\n  b: *a\n'))).toEqual([
      'in.yaml:2:6 recursive-alias the alias *a stands inside its own anchor',
    ]);
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 9; i++)
      bomb.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      );
    expect(said(yaml(bomb.join('\n')))).toEqual([expect.stringContaining('alias-bomb')]);
  });

  it('may not be nested without end, in YAML or JSON', () => {
    const deep = 200_000;
    expect(said(yaml(`a: ${'['.repeat(deep)}${']'.repeat(deep)}\n`))[0]).toMatch(/nested-too-deeply|bad-yaml/);
    expect(said(yaml(`a: ${'['.repeat(150)}${']'.repeat(150)}\n`))[0]).toContain('nested-too-deeply');
    expect(said(json('['.repeat(deep)))[0]).toContain('in.json:1:102 nested-too-deeply');
  });

  it('may not be larger than its limit, and is refused before it is parsed', () => {
    const text = `${' '.repeat(INPUT_OCTETS_MAX)}}`;
    expect(said(yaml(text))).toEqual(['in.yaml:1:1 too-large in.yaml is larger than the limit of 16 MB']);
    expect(said(json(text))).toEqual(['in.json:1:1 too-large in.json is larger than the limit of 16 MB']);
  });

  it('never makes the reader throw, whatever its octets', () => {
    const piece = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '-',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '&a',
      '*a',
      '<<',
      '|',
      '>',
      '?',
      '#',
      ',',
      '!',
      '%',
      '\t',
      '0',
      '\\',
      '---\n',
      '  ',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 40 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        for (const read of [yaml(text), json(text)]) {
          for (const { at, message } of read.faults) {
            expect(at?.line).toBeGreaterThan(0);
            expect(message).not.toBe('');
          }
          if (read.faults.length > 0) expect(read.documents).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('JSON', () => {
  it('says what JSON.parse says, of every value it accepts and every text it refuses', () => {
    const mutated = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '"', '0', 'e', '\n', '.', '-', 'null'), fc.boolean())
      .map(([text, at, sign, mutate]) =>
        mutate ? text.slice(0, at % (text.length + 1)) + sign + text.slice(at % (text.length + 1)) : text,
      );
    fc.assert(
      fc.property(mutated, (text) => {
        let expected: unknown;
        let valid = true;
        try {
          expected = JSON.parse(text);
        } catch {
          valid = false;
        }
        const { documents, faults } = json(text);
        // a key given twice is refused here and forgotten there; values in a row are several documents
        if (faults.some(({ message }) => message.includes('twice'))) return;
        if (valid) expect(documents.map(plain)).toEqual([expected]);
        else expect(faults.length > 0 || documents.length !== 1).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('takes tabs between values and several values in a file, as kubectl does', () => {
    expect(json('{\n\t"a":\t1\n}\n{"b": [true, null, -1.5e3]}').documents.map(plain)).toEqual([
      { a: 1 },
      { b: [true, null, -1500] },
    ]);
  });

  it('says where it went wrong and what was expected there', () => {
    expect(said(json('{"a": 1,\n "a": 2}'))).toEqual(['in.json:2:2 bad-json the key a stands twice in one object']);
    expect(said(json('{"a" 1}'))).toEqual(['in.json:1:6 bad-json not valid JSON: : was expected here, not "1"']);
    expect(said(json('{"a": 1'))).toEqual([
      'in.json:1:8 bad-json not valid JSON: , was expected here, not the end of the file',
    ]);
    expect(said(json('{a: 1}'))).toEqual([
      'in.json:1:2 bad-json not valid JSON: a key in quotes was expected here, not "a"',
    ]);
    expect(said(json('"a\tb"'))[0]).toContain('holds no tab');
    expect(said(json('"\\x"'))[0]).toContain('an escape that JSON does not know');
    expect(said(json('"abc'))[0]).toContain('no closing quote');
  });
});
