import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../src/base/invariant.ts';
import { formatDuration, later, milliseconds, parseDuration, seconds, virtualUs } from '../../src/base/time.ts';

describe('virtual time', () => {
  it('is a whole number of microseconds and never negative', () => {
    for (const us of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => virtualUs(us)).toThrow(InvariantError);
    expect(later(milliseconds(1.5), seconds(2))).toBe(2_001_500);
  });

  it('is read with its unit', () => {
    const read = ['4ms', '12.5s', '90 s', ' 2m ', '1h', '7us', '0s'].map(parseDuration);
    expect(read).toEqual([4_000, 12_500_000, 90_000_000, 120_000_000, 3_600_000_000, 7, 0]);
  });

  it('is refused without a unit, with a sign, with another unit, or beyond what is exact', () => {
    for (const text of ['', '5', '-5s', '5 d', '5.s', '.5s', '1e3s', '5s 5s', '99999999999h']) {
      expect(parseDuration(text)).toBeNull();
    }
  });

  it('is printed with at most three decimals', () => {
    const texts = [0, 350, 4_200, 12_500_000, 95_000_000, 1_234_567, 999_999].map((us) =>
      formatDuration(virtualUs(us)),
    );
    expect(texts).toEqual(['0 us', '350 us', '4.2 ms', '12.5 s', '95 s', '1.235 s', '999.999 ms']);
  });

  it('is read back as it was printed, to the precision of the print', () => {
    fc.assert(
      fc.property(fc.nat(100_000_000), (us) => {
        const back = parseDuration(formatDuration(virtualUs(us)));
        expect(Math.abs(back! - us)).toBeLessThanOrEqual(us < 1_000_000 ? 0 : 500);
      }),
    );
  });
});
