import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forkGraph, isShared, shared } from '../../src/base/fork.ts';
import { InvariantError } from '../../src/base/invariant.ts';

class Table {
  readonly rows = new Map<string, { hops: number[] }>();
  private readonly columns = Int32Array.from([1, 2, 3]);
  owner: Table | null = null;

  cell(at: number): number {
    return this.columns[at]!;
  }

  setCell(at: number, value: number): void {
    this.columns[at] = value;
  }
}

describe('a copy of a graph', () => {
  it('has the same content and behaviour, and changes to either do not reach the other', () => {
    const table = new Table();
    table.rows.set('10.1.1.1/32', { hops: [7] });
    const copy = forkGraph(table);
    expect(copy).toEqual(table);
    expect(copy).toBeInstanceOf(Table);
    copy.rows.get('10.1.1.1/32')!.hops.push(8);
    copy.setCell(0, 99);
    expect(table.rows.get('10.1.1.1/32')!.hops).toEqual([7]);
    expect([table.cell(0), copy.cell(0)]).toEqual([1, 99]);
  });

  it('keeps identities: one object in two places is one object in the copy, circles included', () => {
    const table = new Table();
    table.owner = table;
    const pair = { left: table, right: table, both: new Set([table]) };
    const copy = forkGraph(pair);
    expect(copy.left).toBe(copy.right);
    expect(copy.left.owner).toBe(copy.left);
    expect([...copy.both][0]).toBe(copy.left);
    expect(copy.left).not.toBe(table);
  });

  it('holds what was declared shared itself', () => {
    const octets = shared(Uint8Array.from([1, 2]));
    const copy = forkGraph({ octets, own: Uint8Array.from([1, 2]) });
    expect(copy.octets).toBe(octets);
    expect(isShared(octets)).toBe(true);
    expect(isShared(copy.own)).toBe(false);
  });

  it('keeps frozen what was frozen, with its content', () => {
    const frozen = Object.freeze({ a: [1, { b: 2 }] });
    const copy = forkGraph({ frozen, list: Object.freeze([3, 4]) });
    expect(copy).toEqual({ frozen: { a: [1, { b: 2 }] }, list: [3, 4] });
    expect(Object.isFrozen(copy.frozen)).toBe(true);
    expect(copy.frozen).not.toBe(frozen);
  });

  it('of plain data equals it', () => {
    const data = fc.object({
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withNullPrototype: true,
      maxDepth: 4,
    });
    fc.assert(
      fc.property(data, (value) => {
        expect(forkGraph(value)).toEqual(value);
      }),
    );
  });

  it('keeps order and holes of lists, maps and sets', () => {
    const list = [1];
    list[2] = 3;
    const copy = forkGraph({
      list,
      map: new Map([
        ['b', 1],
        ['a', 2],
      ]),
      set: new Set([2, 1]),
    });
    expect(1 in copy.list).toBe(false);
    expect(copy.list).toHaveLength(3);
    expect([...copy.map.keys()]).toEqual(['b', 'a']);
    expect([...copy.set]).toEqual([2, 1]);
  });

  it('refuses what cannot be copied: a closure, a promise, a weak map', () => {
    expect(() => forkGraph({ later: () => 1 })).toThrow(/holds a function \(later\)/);
    expect(() => forkGraph({ soon: Promise.resolve() })).toThrow(InvariantError);
    expect(() => forkGraph({ cache: new WeakMap() })).toThrow(InvariantError);
  });
});
