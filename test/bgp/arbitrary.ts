/** Random messages, as a session's sender could mean them. */
import fc from 'fast-check';
import type { Capability, RestartFamily } from '../../src/bgp/capability.ts';
import { UPDATE_FORMS } from '../../src/bgp/form.ts';
import type { OpenMessage } from '../../src/bgp/message.ts';
import { ipv4 } from '../../src/net/ipv4.ts';
import { prefixOf } from '../../src/net/prefix.ts';
import type { PathAttributes } from '../../src/route/attributes.ts';
import type { AsPathSegment } from '../../src/route/common-attributes.ts';
import { FAMILIES, FAMILY, type Family } from '../../src/route/family.ts';
import type { NlriId } from '../../src/route/nlri.ts';
import type { RoutePool } from '../../src/route/pool.ts';

const u8 = fc.nat(255);
const u16 = fc.nat(0xffff);
const u32 = fc.integer({ min: 0, max: 0xffffffff });
/** Values near each other too, so that neighbours in a message differ in one half only. */
const near = fc.oneof(u32, fc.nat(2));
const eight = fc.record({ hi: near, lo: near });
export const form = fc.constantFrom(...UPDATE_FORMS);

const segment: fc.Arbitrary<AsPathSegment> = fc.record({
  kind: fc.constantFrom('set' as const, 'sequence' as const, 'confed-sequence' as const, 'confed-set' as const),
  asns: fc.array(fc.oneof(fc.integer({ min: 1, max: 0xffff }), fc.integer({ min: 1, max: 0xffffffff })), {
    minLength: 1,
    maxLength: 6,
  }),
});
const path = fc.option(fc.array(segment, { maxLength: 3 }), { nil: null });

/** Attribute sets with the ids of the pool. */
export function attributes(pool: RoutePool): fc.Arbitrary<PathAttributes> {
  const ids = fc.array(eight, { maxLength: 40 }).map((values) => values.map((value) => pool.octets8.intern(value)));
  return fc.record({
    origin: fc.nat(2),
    asPath: path,
    as4Path: path,
    nextHop: fc.integer({ min: 1, max: 0xffffffff }).map(ipv4),
    med: u32,
    localPref: u32,
    atomicAggregate: fc.boolean(),
    aggregator: fc.option(fc.record({ as: u32, address: u32.map(ipv4) }), { nil: null }),
    communities: fc.array(u32, { maxLength: 80 }),
    originatorId: u32.map(ipv4),
    clusterList: fc.array(u32, { maxLength: 4 }),
    extendedCommunities: ids,
    originVnPath: ids,
    sourceRd: fc.constant(0),
    subProtocol: fc.constantFrom('', 'interface'),
  });
}

export function nlri(pool: RoutePool, family: Family): fc.Arbitrary<NlriId> {
  const prefix = fc.tuple(near, fc.nat(32)).map(([address, length]) => prefixOf(address, length));
  if (family === FAMILY.inet) return prefix.map(({ address, length }) => pool.nlris.inet(address, length));
  if (family === FAMILY['inet-vpn']) {
    return fc
      .tuple(eight, prefix)
      .map(([rd, { address, length }]) => pool.nlris.inetVpn(pool.octets8.intern(rd), address, length));
  }
  const whole = fc.tuple(
    u32,
    eight.filter(({ hi, lo }) => hi !== 0 || lo !== 0),
  );
  return fc.oneof(
    whole.map(([origin, target]) => pool.nlris.routeTarget(origin, pool.octets8.intern(target))),
    fc.constant(null).map(() => pool.nlris.routeTarget(0, 0)),
  );
}

/** Routes of one family with labels that fit 20 bits. */
export function routes(pool: RoutePool) {
  return fc.constantFrom(...FAMILIES.map((facts) => facts.family)).chain((family) =>
    fc.array(fc.tuple(nlri(pool, family), fc.nat(0xfffff)), { minLength: 1, maxLength: 25 }).map((list) => ({
      family,
      nlris: Int32Array.from(list, ([id]) => id),
      labels: Int32Array.from(list, ([, label]) => (family === FAMILY['inet-vpn'] ? label : 0)),
    })),
  );
}

const restartFamily: fc.Arbitrary<RestartFamily> = fc.record({ afi: u16, safi: u8, forwarding: fc.boolean() });

export const capability: fc.Arbitrary<Capability> = fc.oneof(
  fc.record({ kind: fc.constant('multiprotocol' as const), afi: u16, safi: u8 }),
  fc.record({ kind: fc.constant('four-octet-as' as const), asn: u32 }),
  fc.record({
    kind: fc.constant('graceful-restart' as const),
    restarting: fc.boolean(),
    notifications: fc.boolean(),
    restartTimeSeconds: fc.nat(0xfff),
    families: fc.array(restartFamily, { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('long-lived-graceful-restart' as const),
    families: fc.array(
      fc.tuple(restartFamily, fc.nat(0xffffff)).map(([family, staleTimeSeconds]) => ({ ...family, staleTimeSeconds })),
      { maxLength: 3 },
    ),
  }),
  fc.record({
    kind: fc.constant('unknown' as const),
    code: fc.integer({ min: 128, max: 255 }),
    value: fc.uint8Array({ maxLength: 12 }),
  }),
);

export const open: fc.Arbitrary<OpenMessage> = fc.record({
  kind: fc.constant('open' as const),
  version: fc.constant(4),
  asn: u16,
  holdTimeSeconds: fc.oneof(fc.constant(0), fc.integer({ min: 3, max: 0xffff })),
  identifier: u32.map(ipv4),
  capabilities: fc.array(capability, { maxLength: 6 }),
});
