import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forkGraph } from '../../src/base/fork.ts';
import { PrefixTable } from '../../src/net/prefix-table.ts';
import { NaivePrefixTable, prefixTableContract } from '../contracts/prefix-table.ts';

prefixTableContract('one hash for all lengths', () => new PrefixTable());
prefixTableContract('every prefix looked at', () => new NaivePrefixTable());

describe('the prefix table of a world', () => {
  it('keeps its prefixes while it grows from eight to twenty thousand', () => {
    const table = new PrefixTable();
    for (let i = 0; i < 20_000; i++) table.set(0x0a000000 + i, 32, i);
    expect(table.size).toBe(20_000);
    for (let i = 0; i < 20_000; i += 97) expect(table.match(0x0a000000 + i)).toBe(i);
  });

  it('does not grow when prefixes come and go', () => {
    const table = new PrefixTable();
    for (let round = 0; round < 5_000; round++) {
      table.set(0x0a000000 + round, 32, round);
      table.delete(0x0a000000 + round, 32);
    }
    expect(table.size).toBe(0);
    expect(table.match(0x0a000000)).toBe(-1);
    expect(JSON.stringify(table).length).toBeLessThan(5_000);
  });

  it('is copied with its world: a change of the copy leaves the original as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(255), { minLength: 1 }), (hosts) => {
        const table = new PrefixTable();
        for (const host of hosts) table.set(host, 32, host);
        const before = table.entries();
        const copy = forkGraph(table);
        for (const host of hosts) copy.delete(host, 32);
        copy.set(0, 0, 1);
        expect(table.entries()).toEqual(before);
        expect(copy.entries()).toEqual([{ address: 0, length: 0, value: 1 }]);
      }),
    );
  });
});
