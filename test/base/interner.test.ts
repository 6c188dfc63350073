import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IntMap, TextIds, TupleIds } from '../../src/base/interner.ts';
import { InvariantError } from '../../src/base/invariant.ts';

const int32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
const small = fc.integer({ min: -2, max: 3 });

describe('ids of texts', () => {
  it('count from 0 in the order of first appearance and lead back', () => {
    const ids = new TextIds();
    expect(['blue', 'red', 'blue', '__proto__'].map((text) => ids.intern(text))).toEqual([0, 1, 0, 2]);
    expect(ids.text(1)).toBe('red');
    expect(ids.find('green')).toBeUndefined();
    expect(ids.size).toBe(3);
    expect(() => ids.text(3)).toThrow(InvariantError);
  });
});

describe('ids of tuples', () => {
  it('are equal exactly when the tuples are, and lead back to them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.tuple(small, small, small, small), fc.tuple(int32, int32, int32, int32))),
        (tuples) => {
          const ids = new TupleIds(1);
          const known = new Map<string, number>();
          for (const [a, b, c, d] of tuples) {
            const key = `${a},${b},${c},${d}`;
            expect(ids.find(a, b, c, d)).toBe(known.get(key) ?? -1);
            const id = ids.intern(a, b, c, d);
            expect(id).toBe(known.get(key) ?? known.size);
            known.set(key, id);
            expect([ids.a(id), ids.b(id), ids.c(id), ids.d(id)]).toEqual([a, b, c, d]);
          }
          expect(ids.size).toBe(known.size);
        },
      ),
    );
  });

  it('see unsigned and signed forms of the same 32 bits as one', () => {
    const ids = new TupleIds();
    expect(ids.intern(0xffff_ffff, 0)).toBe(ids.intern(-1, 0));
    expect(ids.a(0) >>> 0).toBe(0xffff_ffff);
  });
});

describe('a map of small integers', () => {
  it('answers as a native map does, through growth and deletion', () => {
    const step = fc.record({ key: fc.nat(60), act: fc.constantFrom('set', 'set', 'delete', 'get'), value: int32 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const map = new IntMap(1);
        const model = new Map<number, number>();
        for (const { key, act, value } of steps) {
          if (act === 'set') {
            map.set(key, value);
            model.set(key, value);
          } else if (act === 'delete') expect(map.delete(key)).toBe(model.delete(key));
          expect(map.get(key)).toBe(model.get(key) ?? -1);
          expect(map.size).toBe(model.size);
        }
        expect([...map.sortedKeys()]).toEqual([...model.keys()].sort((x, y) => x - y));
      }),
    );
  });

  it('finds a key behind one that was deleted, and does not keep it twice', () => {
    const map = new IntMap(4);
    for (let key = 0; key < 200; key++) map.set(key, key);
    for (let key = 0; key < 200; key += 2) map.delete(key);
    for (let key = 1; key < 200; key += 2) map.set(key, -key);
    expect(map.size).toBe(100);
    for (let key = 1; key < 200; key += 2) expect(map.get(key)).toBe(-key);
  });

  it('does not slow to a halt when keys come and go', () => {
    const map = new IntMap(4);
    for (let key = 0; key < 50_000; key++) {
      map.set(key, 1);
      map.delete(key);
    }
    expect(map.size).toBe(0);
    expect(map.get(49_999)).toBe(-1);
  });
});
