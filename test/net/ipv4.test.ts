import fc from 'fast-check';
import { IPv4, IPv4CidrRange } from 'ip-num';
import { describe, expect, it } from 'vitest';
import { formatIpv4, parseIpv4 } from '../../src/net/ipv4.ts';
import {
  comparePrefixes,
  contains,
  firstAddress,
  formatPrefix,
  lastAddress,
  maskOf,
  overlaps,
  parsePrefix,
  prefixOf,
} from '../../src/net/prefix.ts';

/** ip-num is the oracle: it throws at what is no address. */
function oracle(text: string): number | null {
  try {
    return Number(IPv4.fromString(text).value);
  } catch {
    return null;
  }
}

const address = fc.integer({ min: 0, max: 0xffffffff });
const prefix = fc.tuple(address, fc.nat(32)).map(([at, length]) => prefixOf(at, length));

describe('IPv4 addresses', () => {
  it('are printed and read back like ip-num does', () => {
    fc.assert(
      fc.property(address, (value) => {
        const text = formatIpv4(value);
        expect(text).toBe(IPv4.fromNumber(BigInt(value)).toString());
        expect(parseIpv4(text)).toBe(value);
      }),
    );
  });

  it('are refused exactly where ip-num refuses them', () => {
    const part = fc.oneof(fc.nat(300).map(String), fc.constantFrom('', '00', '010', '-1', '1e1', 'a', ' 1', '256'));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const text = parts.join('.');
        expect(parseIpv4(text)).toBe(oracle(text));
      }),
      { numRuns: 500 },
    );
  });

  it.each(['010.0.0.1', '10.1', '10.0.0.1.', '.10.0.0.1', '10..0.1', '256.0.0.1', '', '1.2.3.4 ', '0x0a.0.0.1'])(
    'do not take %j',
    (text) => {
      expect(parseIpv4(text)).toBeNull();
    },
  );
});

describe('IPv4 prefixes', () => {
  it('have the first and last address that ip-num gives them', () => {
    fc.assert(
      fc.property(prefix, (p) => {
        const range = IPv4CidrRange.fromCidr(formatPrefix(p));
        expect(formatIpv4(firstAddress(p))).toBe(range.getFirst().toString());
        expect(formatIpv4(lastAddress(p))).toBe(range.getLast().toString());
        expect(parsePrefix(formatPrefix(p))).toEqual(p);
      }),
    );
  });

  it('hold an address, and overlap another prefix, exactly when ip-num says so', () => {
    const near = fc.tuple(fc.nat(1023), fc.integer({ min: 20, max: 32 })).map(([at, length]) => prefixOf(at, length));
    fc.assert(
      fc.property(near, near, (a, b) => {
        const rangeA = IPv4CidrRange.fromCidr(formatPrefix(a));
        const rangeB = IPv4CidrRange.fromCidr(formatPrefix(b));
        const inside = rangeA.contains(rangeB) || rangeB.contains(rangeA) || rangeA.isEquals(rangeB);
        expect(overlaps(a, b)).toBe(inside);
        expect(overlaps(b, a)).toBe(inside);
        expect(contains(a, b.address)).toBe(rangeA.contains(new IPv4CidrRange(rangeB.getFirst(), hostMask())));
      }),
    );
  });

  it('with host bits are a mistake that has a name', () => {
    expect(parsePrefix('10.1.2.3/24')).toBe('host-bits');
    expect(parsePrefix('10.1.2.0/33')).toBe('bad-length');
    expect(parsePrefix('10.1.2.0/08')).toBe('bad-length');
    expect(parsePrefix('10.1.2.0')).toBe('not-a-prefix');
    expect(parsePrefix('10.1.2/24')).toBe('not-a-prefix');
  });

  it('stand in one order, by address and then from short to long', () => {
    const texts = ['10.0.0.0/8', '10.0.0.0/24', '10.0.1.0/24', '200.0.0.0/8'];
    const shuffled = [3, 1, 2, 0].map((i) => parsePrefix(texts[i]!));
    const read = shuffled.filter((p) => typeof p !== 'string');
    expect(read.sort(comparePrefixes).map(formatPrefix)).toEqual(texts);
  });

  it('have the masks of their lengths', () => {
    expect([0, 1, 24, 31, 32].map((length) => formatIpv4(maskOf(length)))).toEqual([
      '0.0.0.0',
      '128.0.0.0',
      '255.255.255.0',
      '255.255.255.254',
      '255.255.255.255',
    ]);
  });
});

function hostMask() {
  return IPv4CidrRange.fromCidr('0.0.0.0/32').cidrPrefix;
}
