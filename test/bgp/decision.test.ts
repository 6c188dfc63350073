import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { virtualUs } from '../../src/base/time.ts';
import {
  areEqualCost,
  comparePaths,
  DECISION_RULES,
  type DecisionContext,
  decisionName,
  OLDER_PATH,
  type PeerFacts,
} from '../../src/bgp/decision.ts';
import { ipv4 } from '../../src/net/ipv4.ts';
import { NO_ATTRIBUTES, type PathAttributes } from '../../src/route/attributes.ts';
import type { AsPathSegment } from '../../src/route/common-attributes.ts';
import { COMMUNITY } from '../../src/route/community.ts';
import { mobility } from '../../src/route/extended-community.ts';
import { NONE, PATH_FLAG, PATH_SOURCE, type PathIndex, PathTable } from '../../src/route/path.ts';
import { RoutePool } from '../../src/route/pool.ts';

interface Offered {
  readonly peer?: number;
  readonly source?: number;
  readonly flags?: number;
  readonly pathId?: number;
  readonly mobility?: readonly [boolean, number];
  readonly set?: Partial<PathAttributes>;
}

/** Peers: 0 none, 1 and 2 agents, 3 and 4 eBGP, 5 and 6 iBGP; router id and address grow with the number. */
const PEERS: PeerFacts = {
  isXmpp: (peer) => peer === 1 || peer === 2,
  isIbgp: (peer) => peer >= 5,
  routerId: (peer) => (peer === 0 ? 0 : 1000 + peer),
  address: (peer) => 2000 + peer,
  port: () => 179,
};

const E_TREE_LEAF = { hi: 0x06050100, lo: 0 };
const sequence = (...asns: number[]): readonly AsPathSegment[] => [{ kind: 'sequence', asns }];

function stage(stickyLoses = true, alwaysCompareMed = false) {
  const pool = new RoutePool();
  const paths = new PathTable();
  const context: DecisionContext = { paths, attributes: pool.attributes, peers: PEERS, alwaysCompareMed, stickyLoses };
  const path = (offered: Offered = {}): PathIndex => {
    const extended = [...(offered.set?.extendedCommunities ?? [])];
    if (offered.mobility !== undefined) extended.push(pool.octets8.intern(mobility(...offered.mobility)));
    const attributes = pool.attributes.intern({ ...NO_ATTRIBUTES, ...offered.set, extendedCommunities: extended });
    const fields = {
      peer: offered.peer ?? 1,
      source: (offered.source ?? PATH_SOURCE.BGP_XMPP) as 1, // one of the numbers of the table
      attributes,
      label: 16,
      flags: offered.flags ?? 0,
      pathId: offered.pathId ?? 10,
      origin: NONE,
    };
    return paths.add(0, fields, virtualUs(0));
  };
  const decide = (better: Offered, worse: Offered) => {
    const [a, b] = [path(better), path(worse)];
    const forward = comparePaths(context, a, b);
    return {
      forward: Math.sign(forward),
      backward: Math.sign(comparePaths(context, b, a)),
      rule: decisionName(forward === 0 ? OLDER_PATH : Math.abs(forward)),
      ecmp: areEqualCost(context, a, b),
    };
  };
  return { pool, context, path, decide };
}

/** A row of CN-5.1: what is better, over what, and everything after it says the opposite. */
const ROWS: readonly (readonly [number, string, Offered, Offered])[] = [
  [1, 'CN-5.1/1: a feasible path over a looped one of any preference', { set: { localPref: 1 } }, { flags: PATH_FLAG.AsPathLooped, set: { localPref: 900 } }],
  [2, 'CN-5.1/2: the higher LOCAL_PREF, even over a shorter AS_PATH', { set: { localPref: 200, asPath: sequence(1, 2, 3) } }, { set: { localPref: 100 } }],
  [5, 'CN-5.1/5: the higher mobility sequence number, even over a shorter AS_PATH', { mobility: [false, 200], set: { asPath: sequence(1) } }, { mobility: [false, 100] }],
  [6, 'CN-5.1/6: the path that is not LLGR stale, even over a shorter AS_PATH (CN-V51)', { set: { asPath: sequence(1, 2) } }, { set: { communities: [COMMUNITY.llgrStale] } }],
  [7, 'CN-5.1/7: the shorter AS_PATH, even over a lower ORIGIN', { set: { asPath: sequence(1), origin: 2 } }, { set: { asPath: sequence(1, 2), origin: 0 } }],
  [8, 'CN-5.1/8: ORIGIN IGP over INCOMPLETE, even over a lower MED (CN-5.1.1)', { set: { origin: 0, asPath: sequence(1), med: 9 } }, { set: { origin: 2, asPath: sequence(1), med: 1 } }],
  [9, 'CN-5.1/9: the lower MED of one neighbour AS', { peer: 6, set: { asPath: sequence(7), med: 1 } }, { peer: 3, set: { asPath: sequence(7), med: 2 } }],
  [12, 'CN-5.1/12: a path of the node itself over one of a peer', { peer: 0, source: PATH_SOURCE.Local }, { peer: 1, pathId: 1 }],
  [13, 'CN-5.1/13: the higher path source', { source: PATH_SOURCE.StaticRoute, peer: 5 }, { source: PATH_SOURCE.BGP_XMPP, peer: 1 }],
  [14, 'CN-5.1/14: the lower path id of two local paths', { peer: 0, pathId: 1 }, { peer: 0, pathId: 2 }],
  [15, 'CN-5.1/15: XMPP over BGP, even over a lower next hop (CN-V3)', { peer: 1, pathId: 20 }, { peer: 3, pathId: 10 }],
  [16, 'CN-5.1/16: eBGP over iBGP, even over a lower next hop', { peer: 3, pathId: 20 }, { peer: 5, pathId: 10 }],
  [17, 'CN-5.1/17: the lower next hop before the lower router id (CN-5.1.4, CN-Q10)', { peer: 6, pathId: 10 }, { peer: 5, pathId: 20 }],
  [18, 'CN-5.1/18: the lower router id', { peer: 5 }, { peer: 6 }],
  [19, 'CN-5.1/19: the shorter CLUSTER_LIST', { peer: 6, set: { originatorId: ipv4(5) } }, { peer: 5, set: { originatorId: ipv4(5), clusterList: [1] } }],
  [20, 'CN-5.1/20: the lower peer address', { peer: 5, set: { originatorId: ipv4(5) } }, { peer: 6, set: { originatorId: ipv4(5) } }],
]; // biome-ignore format: one row to a rule

describe('path selection (CN-5.1) prefers', () => {
  it.each(ROWS)('in row %i, %s', (row, _title, better, worse) => {
    const { decide } = stage();
    const result = decide(better, worse);
    expect(result).toMatchObject({ forward: -1, backward: 1, rule: DECISION_RULES[row - 1]!.name });
    expect(result.ecmp).toBe(row > 9);
  });

  it('CN-V1: local preference 200 over 100 from peers of any kind, and they are not of equal cost', () => {
    for (const [a, b] of [
      [1, 5],
      [5, 1],
      [3, 1],
      [6, 3],
    ] as const) {
      const result = stage().decide({ peer: a, set: { localPref: 200 } }, { peer: b, set: { localPref: 100 } });
      expect(result).toMatchObject({ forward: -1, rule: 'higher LOCAL_PREF', ecmp: false });
    }
  });

  it('CN-V4, CN-Q1: the path that is not sticky, unless the quirk is turned off', () => {
    const moved: [Offered, Offered] = [{ mobility: [false, 100] }, { mobility: [true, 100] }];
    expect(stage().decide(...moved)).toMatchObject({ forward: -1, rule: 'sticky MAC' });
    expect(stage(false).decide(...moved)).toMatchObject({ forward: 1, rule: 'sticky MAC' });
  });

  it('CN-V5: sequence 200 over sequence 100, and they are not of equal cost', () => {
    expect(stage().decide({ mobility: [false, 200] }, { mobility: [false, 100] })).toMatchObject({
      forward: -1,
      ecmp: false,
    });
  });

  it('CN-5.1/3: the root of an E-Tree over its leaf', () => {
    const { pool, decide } = stage();
    const leaf = { extendedCommunities: [pool.octets8.intern(E_TREE_LEAF)] };
    expect(decide({}, { set: leaf })).toMatchObject({ forward: -1, rule: 'E-Tree root', ecmp: false });
  });

  it('CN-5.1/11: the shorter AS_PATH through service chains, which are of equal cost all the same', () => {
    const { pool, decide } = stage();
    const originVnPath = [pool.octets8.intern({ hi: 0x80710001, lo: 5 })];
    const result = decide(
      { set: { originVnPath, asPath: sequence(1) } },
      { set: { originVnPath, asPath: sequence(1, 2) } },
    );
    expect(result).toMatchObject({ forward: -1, rule: 'shorter AS_PATH through service chains', ecmp: true });
  });

  it('CN-5.1/10: the path that is not aliased', () => {
    expect(stage().decide({}, { flags: PATH_FLAG.AliasedPath })).toMatchObject({
      forward: -1,
      rule: 'not aliased',
      ecmp: true,
    });
  });
});

describe('path selection (CN-5.1)', () => {
  it('counts an AS_SET once (CN-5.1.3)', () => {
    const set: readonly AsPathSegment[] = [{ kind: 'set', asns: [1, 2, 3] }];
    expect(stage().decide({ set: { asPath: set } }, { set: { asPath: sequence(1, 2) } }).rule).toBe('shorter AS_PATH');
  });

  it('does not compare the MED of different neighbours unless told to (CN-5.1/9)', () => {
    const offers: [Offered, Offered] = [
      { set: { asPath: sequence(7), med: 1 } },
      { set: { asPath: sequence(8), med: 2 } },
    ];
    expect(stage().decide(...offers)).toMatchObject({ forward: 0, ecmp: true });
    expect(stage(true, true).decide(...offers)).toMatchObject({ forward: -1, rule: 'lower MULTI_EXIT_DISC' });
  });

  it('is not changed by the stale flag of graceful restart (CN-5.1.2)', () => {
    expect(stage().decide({}, { flags: PATH_FLAG.Stale }).forward).toBe(0);
  });

  it('calls complete equals a tie, which the older path wins (CN-5.1.6)', () => {
    expect(stage().decide({}, {})).toMatchObject({ forward: 0, backward: 0, rule: 'older path' });
  });

  const offers = fc.record({
    peer: fc.integer({ min: 0, max: 6 }),
    source: fc.constantFrom(1, 3, 5),
    flags: fc.constantFrom(0, PATH_FLAG.AsPathLooped, PATH_FLAG.Stale, PATH_FLAG.LlgrStale),
    pathId: fc.integer({ min: 1, max: 3 }),
    set: fc.record({
      localPref: fc.constantFrom(100, 200),
      origin: fc.constantFrom(0, 2),
      med: fc.constantFrom(0, 5),
      asPath: fc.constantFrom(null, sequence(7), sequence(7, 8)),
      clusterList: fc.constantFrom([], [1]),
    }),
  });

  it('never prefers both of two paths, and names the same rule both ways round', () => {
    fc.assert(
      fc.property(offers, offers, (a, b) => {
        const { context, path } = stage();
        const [first, second] = [path(a), path(b)];
        expect(comparePaths(context, first, second)).toBe(0 - comparePaths(context, second, first));
        expect(areEqualCost(context, first, second)).toBe(areEqualCost(context, second, first));
      }),
    );
  });

  it('orders any three paths of one neighbour AS without a circle', () => {
    fc.assert(
      fc.property(offers, offers, offers, (a, b, c) => {
        const { context, path } = stage();
        const all = [a, b, c].map((offer) => path({ ...offer, set: { ...offer.set, asPath: sequence(7) } }));
        for (const x of all) {
          for (const y of all) {
            for (const z of all) {
              if (comparePaths(context, x, y) <= 0 && comparePaths(context, y, z) <= 0) {
                expect(comparePaths(context, x, z)).toBeLessThanOrEqual(0);
              }
            }
          }
        }
      }),
    );
  });
});
