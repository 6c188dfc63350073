import Table from 'cli-table3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columns, widthOf } from '../../src/report/columns.ts';

describe('columns', () => {
  it('line up under colours and wide characters', () => {
    const text = columns(
      ['from', 'to'],
      [
        ['\u001b[32mLEO\u001b[39m', 'y'],
        ['日本', '-'],
        ['e\u0301', 'some 1/2'],
      ],
    );
    expect(text.split('\n')).toEqual([
      'from | to',
      '-----+---------',
      '\u001b[32mLEO\u001b[39m  | y',
      '日本 | -',
      'e\u0301    | some 1/2',
    ]);
  });

  it('give a text the width that the table library gives it', () => {
    const character = fc.constantFrom('a', 'Z', ' ', '-', 'é', 'ü', '日', '本', '한', '（', '😀', 'я', 'e\u0301');
    fc.assert(
      fc.property(fc.array(character, { minLength: 1, maxLength: 12 }), (characters) => {
        const text = characters.join('').trim();
        fc.pre(text !== '');
        const table = new Table({ style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 } });
        table.push([text]);
        expect(widthOf(text)).toBe(table.toString().split('\n')[0]!.length - 2);
      }),
    );
  });
});
