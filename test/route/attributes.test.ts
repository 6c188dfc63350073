import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4 } from '../../src/net/ipv4.ts';
import { routeTargetOf } from '../../src/net/route-target.ts';
import { NO_ATTRIBUTES, type PathAttributes } from '../../src/route/attributes.ts';
import { COMMUNITY, formatCommunity, parseCommunity } from '../../src/route/community.ts';
import { mobility, originVn, securityGroup } from '../../src/route/extended-community.ts';
import { RoutePool } from '../../src/route/pool.ts';

const VALUES = [
  routeTargetOf(64512, 1),
  routeTargetOf(64512, 2),
  routeTargetOf(70000, 3),
  securityGroup(64512, 8),
  originVn(64512, 5),
  originVn(64513, 4),
  mobility(false, 9),
];

const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 3 }), { maxLength: 3 });
const path = fc.option(
  fc.array(fc.record({ kind: fc.constantFrom('sequence' as const, 'set' as const), asns: numbers }), { maxLength: 2 }),
);
const sets = fc.record({
  origin: fc.integer({ min: 0, max: 2 }),
  asPath: path,
  as4Path: path,
  nextHop: fc.constantFrom(ipv4(0), ipv4(1), ipv4(0xc0a80001)),
  med: fc.constantFrom(0, 5, 0xffffffff),
  localPref: fc.constantFrom(100, 200, 0xffffffff),
  atomicAggregate: fc.boolean(),
  aggregator: fc.option(fc.record({ as: fc.constantFrom(1, 2), address: fc.constantFrom(ipv4(1), ipv4(2)) })),
  communities: fc.array(fc.constantFrom(1, COMMUNITY.llgrStale, COMMUNITY.noExport), { maxLength: 3 }),
  originatorId: fc.constantFrom(ipv4(0), ipv4(7)),
  clusterList: numbers,
  sourceRd: fc.constantFrom(0, 1),
  subProtocol: fc.constantFrom('', 'interface'),
  values: fc.array(fc.integer({ min: 0, max: VALUES.length - 1 }), { maxLength: 5 }),
});

/** The set with its lists in order, as text: what equality means. */
function content(
  set: Omit<PathAttributes, 'extendedCommunities' | 'originVnPath'> & { readonly values: readonly number[] },
): string {
  const ordered = (list: readonly number[]) => [...new Set(list)].sort((a, b) => a - b);
  return JSON.stringify({ ...set, communities: ordered(set.communities), values: ordered(set.values) });
}

function attributes(
  pool: RoutePool,
  {
    values,
    ...set
  }: Omit<PathAttributes, 'extendedCommunities' | 'originVnPath'> & { readonly values: readonly number[] },
): PathAttributes {
  return { ...set, originVnPath: [], extendedCommunities: values.map((i) => pool.octets8.intern(VALUES[i]!)) };
}

describe('interned attribute sets', () => {
  it('have one id exactly when their contents are equal, in whatever order the communities came (CN-3.2.2, CN-3.2.3)', () => {
    fc.assert(
      fc.property(fc.array(sets, { minLength: 2, maxLength: 12 }), (list) => {
        const pool = new RoutePool();
        const ids = list.map((set) => pool.attributes.intern(attributes(pool, set)));
        list.forEach((a, i) => {
          list.forEach((b, j) => {
            expect(ids[i] === ids[j]).toBe(content(a) === content(b));
          });
        });
      }),
    );
  });

  it('keep one id through the growth of the table', () => {
    const pool = new RoutePool();
    const ids = Array.from({ length: 5_000 }, (_, i) => pool.attributes.intern({ ...NO_ATTRIBUTES, nextHop: ipv4(i) }));
    expect(new Set(ids).size).toBe(5_000);
    ids.forEach((id, i) => {
      expect(pool.attributes.intern({ ...NO_ATTRIBUTES, nextHop: ipv4(i) })).toBe(id);
    });
  });

  it('tell their targets, their mobility and the first and last origin network (CN-2.9.5, CN-4.2.6)', () => {
    const pool = new RoutePool();
    const id = pool.attributes.intern({
      ...NO_ATTRIBUTES,
      extendedCommunities: VALUES.map((value) => pool.octets8.intern(value)),
    });
    expect(pool.attributes.routeTargets(id).map((target) => pool.octets8.formatTarget(target))).toEqual([
      'target:64512:1',
      'target:64512:2',
      'target:70000:3',
    ]);
    const { commons } = pool.attributes;
    const common = pool.attributes.common(id);
    expect([commons.mobilitySequence(common), commons.firstOriginVn(common), commons.lastOriginVn(common)]).toEqual([
      9, 5, 4,
    ]);
  });

  it('are the same but for next hop and source RD exactly when the rest is equal', () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        const pool = new RoutePool();
        const [idA, idB] = [a, b].map((set) => pool.attributes.intern(attributes(pool, set)));
        const rest = ({ nextHop, sourceRd, ...set }: typeof a) => content({ ...set, nextHop: ipv4(0), sourceRd: 0 });
        expect(pool.attributes.common(idA!) === pool.attributes.common(idB!)).toBe(rest(a) === rest(b));
        expect(pool.attributes.withCommon(idA!, pool.attributes.common(idB!)) === idB).toBe(
          a.nextHop === b.nextHop && a.sourceRd === b.sourceRd,
        );
      }),
    );
  });
});

describe('standard communities (CN-3.6)', () => {
  it.each([
    ['no-export', 0xffffff01],
    ['64512:100', 0xfc000064],
    ['LlgrStale', COMMUNITY.llgrStale],
    ['NoLlgr', COMMUNITY.noLlgr],
  ])('%s is read', (text, value) => {
    expect(parseCommunity(text)).toBe(value);
  });

  it.each(['65535:1', '1:65535', 'export', '1:2:3', ''])('%s is no community', (text) => {
    expect(parseCommunity(text)).toBeNull();
  });

  it('are printed as they are read', () => {
    for (const value of Object.values(COMMUNITY)) expect(parseCommunity(formatCommunity(value))).toBe(value);
    expect(formatCommunity(COMMUNITY.llgrStale)).toBe('llgr-stale');
  });
});
