import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentDigest, Digest } from '../../src/base/digest.ts';
import { InvariantError } from '../../src/base/invariant.ts';

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.maxSafeInteger(),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 3 }), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

describe('a content digest', () => {
  it('is of the content alone: a copy with its fields in another order has the same', () => {
    const reordered = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reordered);
      if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, field]) => [key, reordered(field)]),
      );
    };
    fc.assert(
      fc.property(plain, (value) => {
        expect(contentDigest(reordered(value))).toBe(contentDigest(value));
      }),
    );
  });

  it('tells values of different kinds and groupings apart', () => {
    const values = [
      undefined,
      null,
      false,
      true,
      0,
      1,
      -1,
      2 ** 32,
      2 ** 40,
      '',
      '0',
      '1',
      [],
      [[]],
      [0],
      [0, 0],
      [[0], 0],
      [0, [0]],
      new Uint8Array(),
      Uint8Array.from([0]),
      {},
      { a: 1 },
      { a: '1' },
      { b: 1 },
      { a: 1, b: 1 },
      { a: { b: 1 } },
      ['a', 1],
      ['ab', 'c'],
      ['a', 'bc'],
      { a: undefined },
    ];
    expect(new Set(values.map(contentDigest)).size).toBe(values.length);
  });

  it('sees columns as the lists that they are', () => {
    expect(contentDigest(Int32Array.from([1, -2]))).toBe(contentDigest([1, -2]));
    expect(contentDigest(Float64Array.from([2 ** 40]))).toBe(contentDigest([2 ** 40]));
  });

  it('is not made of numbers that machines round differently, nor of maps', () => {
    expect(() => contentDigest(0.1)).toThrow(InvariantError);
    expect(() => contentDigest({ deep: [Number.NaN] })).toThrow(InvariantError);
    expect(() => contentDigest(new Map())).toThrow(InvariantError);
  });

  it('differs when one octet differs, and is printed as 16 hex digits', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (octets, at, change) => {
        const other = octets.slice();
        other[at % octets.length]! ^= change;
        const digest = new Digest().octets(octets).hex();
        expect(digest).toMatch(/^[0-9a-f]{16}$/);
        expect(new Digest().octets(other).hex()).not.toBe(digest);
        expect(new Digest().octets(octets).hex()).toBe(digest);
      }),
    );
  });
});
