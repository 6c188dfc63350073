import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Float64Column, Int32Column } from '../../src/base/columns.ts';

const int32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });

describe('a column', () => {
  it('holds what was pushed, as an array would, however it grew', () => {
    fc.assert(
      fc.property(fc.array(int32), fc.array(fc.double()), (ints, doubles) => {
        const column = new Int32Column(0);
        const wide = new Float64Column(0);
        for (const [i, value] of ints.entries()) expect(column.push(value)).toBe(i);
        for (const [i, value] of doubles.entries()) expect(wide.push(value)).toBe(i);
        expect([...column.view()]).toEqual(ints);
        expect([...wide.view()]).toEqual(doubles);
        expect(column.length).toBe(ints.length);
      }),
    );
  });

  it('extends with a fill and never shrinks by it', () => {
    const column = new Int32Column(2);
    column.push(7);
    column.extend(5, -1);
    column.extend(3, 9);
    expect([...column.view()]).toEqual([7, -1, -1, -1, -1]);
    column.set(2, 4);
    expect(column.get(2)).toBe(4);
  });

  it('extends over cells that were used before it was cleared', () => {
    const column = new Int32Column();
    for (let i = 0; i < 10; i++) column.push(i);
    column.clear();
    column.extend(3, -1);
    expect([...column.copy()]).toEqual([-1, -1, -1]);
  });

  it('gives a copy that later pushes do not reach', () => {
    const column = new Int32Column();
    column.push(1);
    const copy = column.copy();
    column.set(0, 2);
    expect([...copy]).toEqual([1]);
  });
});
