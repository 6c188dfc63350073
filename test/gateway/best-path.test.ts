import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Candidates, comparePair, type PeerRank, STEPS, select, stepName } from '../../src/gateway/best-path.ts';
import { ipv4 } from '../../src/net/ipv4.ts';
import { NO_ATTRIBUTES, type PathAttributes } from '../../src/route/attributes.ts';
import { RoutePool } from '../../src/route/pool.ts';

const pool = new RoutePool();

/** Peers 1 to 3: external, external, internal; peer 0 is the gateway itself. */
const ranks: PeerRank = {
  isInternal: (peer) => peer === 3,
  peerIdentifier: (peer) => [99, 20, 10, 30][peer]!,
  peerAddress: (peer) => 100 - peer,
};

type Path = Partial<PathAttributes> & { readonly peer: number };

function choose(...paths: readonly Path[]) {
  const candidates = new Candidates();
  for (const { peer, ...set } of paths) candidates.add(pool.attributes.intern({ ...NO_ATTRIBUTES, ...set }), peer);
  const { best, decidedBy, equal } = select(pool.attributes, ranks, candidates);
  return { best, decidedBy: stepName(decidedBy), equal };
}

const through = (...asns: number[]) => [{ kind: 'sequence' as const, asns }];

/** A path that differs from others in any step of the decision. */
const pathFrom = (peer: fc.Arbitrary<number>) =>
  fc.record({
    peer,
    localPref: fc.constantFrom(100, 200),
    asPath: fc.constantFrom(through(1), through(2), through(1, 2)),
    origin: fc.nat(2),
    med: fc.nat(2),
    originatorId: fc.nat(3).map(ipv4),
    clusterList: fc.array(fc.nat(1), { maxLength: 2 }),
  });

describe('best path of a gateway (RFC 4271 section 9.1.2)', () => {
  it.each<[string, Path, Path]>([
    ['locally originated', { peer: 0, localPref: 1 }, { peer: 1, localPref: 500 }],
    ['higher LOCAL_PREF', { peer: 1, localPref: 200, asPath: through(1, 2, 3) }, { peer: 2, asPath: through(1) }],
    ['shorter AS_PATH', { peer: 1, asPath: through(1), origin: 2 }, { peer: 2, asPath: through(1, 2), origin: 0 }],
    ['lower ORIGIN', { peer: 1, origin: 0, asPath: through(1), med: 9 }, { peer: 2, origin: 2, asPath: through(1) }],
    ['lower MULTI_EXIT_DISC', { peer: 3, asPath: through(1), med: 5 }, { peer: 2, asPath: through(1), med: 6 }],
    ['external over internal', { peer: 1, asPath: through(1) }, { peer: 3, asPath: through(1) }],
    ['lower BGP identifier', { peer: 2, asPath: through(1) }, { peer: 1, asPath: through(2) }],
    [
      'shorter CLUSTER_LIST',
      { peer: 1, originatorId: ipv4(7), clusterList: [1] },
      { peer: 2, originatorId: ipv4(7), clusterList: [1, 2] },
    ],
    ['lower peer address', { peer: 2, originatorId: ipv4(7) }, { peer: 1, originatorId: ipv4(7) }],
  ])('prefers the %s', (name, better, worse) => {
    expect(choose(better, worse)).toMatchObject({ best: 0, decidedBy: name });
    expect(choose(worse, better)).toMatchObject({ best: 1, decidedBy: name });
  });

  it('compares MEDs only between paths through one neighbour AS, whatever the order of arrival (RFC 4451)', () => {
    // a loses to b by MED, b to c by identifier: pairs would go round in a circle, steps do not.
    const a: Path = { peer: 2, asPath: through(1), med: 10 };
    const b: Path = { peer: 1, asPath: through(1), med: 5, originatorId: ipv4(40) };
    const c: Path = { peer: 1, asPath: through(2), med: 99, originatorId: ipv4(30) };
    for (const order of [
      [a, b, c],
      [c, b, a],
      [b, a, c],
      [c, a, b],
    ]) {
      const found = choose(...order);
      expect(order[found.best]).toBe(c);
      expect(found.decidedBy).toBe('lower BGP identifier');
    }
  });

  it('uses paths together that differ in nothing before the identifier', () => {
    const paths: readonly Path[] = [
      { peer: 1, asPath: through(1), nextHop: ipv4(1) },
      { peer: 2, asPath: through(2), nextHop: ipv4(2) },
      { peer: 3, asPath: through(2), nextHop: ipv4(3) },
      { peer: 1, asPath: through(1, 2), nextHop: ipv4(4) },
    ];
    expect(choose(...paths)).toEqual({ best: 1, decidedBy: 'lower BGP identifier', equal: [0, 1] });
  });

  it('of one path says so, of none nothing', () => {
    expect(choose({ peer: 2 })).toEqual({ best: 0, decidedBy: 'only path', equal: [0] });
    expect(choose().best).toBe(-1);
  });

  it('does not depend on the order of arrival, and no path that is left out was better', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(pathFrom(fc.integer({ min: 1, max: 3 })), {
          minLength: 1,
          maxLength: 6,
          selector: (p) => JSON.stringify(p),
        }),
        fc.nat(),
        (paths, shift) => {
          const turned = paths.map((_, i) => paths[(i + shift) % paths.length]!);
          const first = choose(...paths);
          const second = choose(...turned);
          const told = ({ best }: typeof first, list: readonly Path[]) => list[best];
          const differ = STEPS.some((step) => step.name === first.decidedBy) || paths.length === 1;
          expect(differ).toBe(true);
          if (new Set(paths.map(({ peer }) => peer)).size === paths.length)
            expect(told(second, turned)).toBe(told(first, paths));
          expect(first.equal).toContain(first.best);
          const best = paths[first.best]!;
          for (const other of paths) expect(other.localPref).toBeLessThanOrEqual(best.localPref);
        },
      ),
    );
  });
});

describe('two paths', () => {
  it('are compared like any number of them, which is shorter', () => {
    const path = pathFrom(fc.nat(3));
    fc.assert(
      fc.property(path, path, ({ peer: a, ...first }, { peer: b, ...second }) => {
        const sets = [first, second].map((set) => pool.attributes.intern({ ...NO_ATTRIBUTES, ...set }));
        const answer = comparePair(pool.attributes, ranks, sets[0]!, a, sets[1]!, b);
        const { best, decidedBy } = choose({ peer: a, ...first }, { peer: b, ...second });
        expect(answer & 1).toBe(best);
        expect(stepName(answer >>> 1)).toBe(decidedBy);
      }),
      { numRuns: 400 },
    );
  });
});
