import fc from 'fast-check';
import { Asn } from 'ip-num';
import { describe, expect, it } from 'vitest';
import { parseAsn } from '../../src/net/asn.ts';
import { labelOctets, labelOfOctets, MPLS_LABEL_MAX } from '../../src/net/label.ts';
import { formatMac, parseMac } from '../../src/net/mac.ts';
import { compareOctets8, octets8Hex } from '../../src/net/octets8.ts';
import { formatRouteDistinguisher, parseRouteDistinguisher, rdOfAddress } from '../../src/net/route-distinguisher.ts';
import {
  formatRouteTarget,
  isRouteTarget,
  NULL_ROUTE_TARGET,
  parseRouteTarget,
  routeTargetOf,
  routeTargetOfAddress,
} from '../../src/net/route-target.ts';

const u16 = fc.nat(0xffff);
const u32 = fc.integer({ min: 0, max: 0xffffffff });

describe('AS numbers', () => {
  it('are read plain, with AS in front and in asdot, as ip-num prints them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0xffffffff }), (value) => {
        const asn = Asn.fromNumber(value);
        expect(parseAsn(asn.toASPlain())).toBe(value);
        expect(parseAsn(asn.toString())).toBe(value);
        expect(parseAsn(asn.toASDotPlus())).toBe(value);
      }),
    );
  });

  it.each(['0', '0.0', '4294967296', '65536.1', '1.65536', 'AS', '-1', '1.2.3', ''])('do not take %j', (text) => {
    expect(parseAsn(text)).toBeNull();
  });
});

describe('route targets (CN-1.5)', () => {
  it.each([
    ['target:64512:8000001', '0002fc00007a1201'],
    ['target:64512:4294967295', '0002fc00ffffffff'],
    ['target:65536:8000', '0202000100001f40'],
    ['target:100L:5', '0202000000640005'],
    ['target:10.0.0.1:7', '01020a0000010007'],
  ])('%s is %s, and printed as it was written', (text, octets) => {
    const target = parseRouteTarget(text);
    expect(target && octets8Hex(target)).toBe(octets);
    expect(target && formatRouteTarget(target)).toBe(text);
  });

  it.each([
    'target:0:1',
    'target:65536:65536',
    'target:1L:65536',
    'target:10.0.0.1:65536',
    'target:1:4294967296',
    'target:4294967296:1',
    'target:64512',
    'target:64512:',
    '64512:1',
    'target:64512:1 ',
    'target:10.0.0:1',
  ])('%j is none (CN-1.5.1)', (text) => {
    expect(parseRouteTarget(text)).toBeNull();
  });

  it('of a cluster take the form that the width of its AS asks for', () => {
    expect(formatRouteTarget(routeTargetOf(64512, 10000))).toBe('target:64512:10000');
    expect(formatRouteTarget(routeTargetOf(70000, 8001))).toBe('target:70000:8001');
    expect(formatRouteTarget(routeTargetOfAddress(0x0a000001, 3))).toBe('target:10.0.0.1:3');
    expect(isRouteTarget(routeTargetOf(64512, 1))).toBe(true);
    expect(isRouteTarget(NULL_ROUTE_TARGET)).toBe(false);
  });

  it('survive printing and reading in all three types', () => {
    const target = fc.oneof(
      fc.tuple(fc.integer({ min: 1, max: 0xffff }), u32).map(([as, n]) => routeTargetOf(as, n)),
      fc.tuple(fc.integer({ min: 0x10000, max: 0xffffffff }), u16).map(([as, n]) => routeTargetOf(as, n)),
      fc.tuple(u32, u16).map(([address, n]) => routeTargetOfAddress(address, n)),
    );
    fc.assert(
      fc.property(target, (value) => {
        expect(parseRouteTarget(formatRouteTarget(value))).toEqual(value);
      }),
    );
  });
});

describe('route distinguishers (CN-1.4.5)', () => {
  it.each([
    ['192.168.1.1:3', '0001c0a801010003'],
    ['65000:100', '0000fde800000064'],
    ['70000:100', '0002000111700064'],
  ])('%s is %s', (text, octets) => {
    const rd = parseRouteDistinguisher(text);
    expect(rd && octets8Hex(rd)).toBe(octets);
    expect(rd && formatRouteDistinguisher(rd)).toBe(text);
  });

  it('of an agent are its address and the instance id (CN-1.4.2)', () => {
    fc.assert(
      fc.property(u32, u16, (address, index) => {
        const rd = rdOfAddress(address, index);
        expect(parseRouteDistinguisher(formatRouteDistinguisher(rd))).toEqual(rd);
      }),
    );
  });

  it.each(['', ':1', '1:', 'a:1', '10.0.0.1:65536', '70000:65536', '4294967296:1', '1:4294967296'])(
    '%j is none',
    (text) => {
      expect(parseRouteDistinguisher(text)).toBeNull();
    },
  );

  it('compare as raw octets, which puts type 1 behind type 0', () => {
    const rds = ['1.0.0.0:1', '65535:9', '65535:10'].map((text) => parseRouteDistinguisher(text)!);
    expect(rds.sort(compareOctets8).map(formatRouteDistinguisher)).toEqual(['65535:9', '65535:10', '1.0.0.0:1']);
  });
});

describe('labels and MAC addresses', () => {
  it('a label stands in the upper 20 bits with bottom of stack set (RFC 8277 section 2.2)', () => {
    expect(labelOctets(17)).toBe(0x000111);
    fc.assert(
      fc.property(fc.nat(MPLS_LABEL_MAX), (label) => {
        expect(labelOfOctets(labelOctets(label))).toBe(label);
      }),
    );
  });

  it('a MAC address is read with colons or dashes and printed in lower case', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (value) => {
        const text = formatMac(value);
        expect(text).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
        expect(parseMac(text)).toBe(value);
        expect(parseMac(text.replaceAll(':', '-').toUpperCase())).toBe(value);
      }),
    );
    for (const text of ['', '00:11:22:33:44', '00:11:22:33:44:5', 'zz:11:22:33:44:55', '001122334455']) {
      expect(parseMac(text)).toBeNull();
    }
  });
});
