import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Candidates, type PeerRank, select } from '../../src/gateway/best-path.ts';
import { GatewayRib, NONE } from '../../src/gateway/rib.ts';
import { ipv4 } from '../../src/net/ipv4.ts';
import { NO_ATTRIBUTES } from '../../src/route/attributes.ts';
import { RoutePool } from '../../src/route/pool.ts';

const WIDTH = 4;
const ranks: PeerRank = {
  isInternal: (peer) => peer === 3,
  peerIdentifier: (peer) => 10 - peer,
  peerAddress: (peer) => peer,
};

/** Routes of a message, the peer that says it, and which of a few attribute sets; a withdrawal has none. */
const message = fc.record({
  peer: fc.nat(WIDTH - 1),
  routes: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 4 }),
  set: fc.option(fc.nat(4), { nil: null }),
  label: fc.nat(1),
});

describe('the RIB of a gateway', () => {
  it('holds after any history what each peer said last, and the best of it', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 60 }), (history) => {
        const pool = new RoutePool();
        const rib = new GatewayRib(pool, ranks, WIDTH);
        const sets = [100, 100, 200, 200, 300].map((localPref, i) =>
          pool.attributes.intern({
            ...NO_ATTRIBUTES,
            localPref,
            med: i,
            nextHop: ipv4(i + 1),
            asPath: [{ kind: 'sequence', asns: [1] }],
          }),
        );
        const idOf = (route: number) => pool.nlris.inetVpn(1, route, 32);
        const naive = new Map<string, { attributes: number; label: number }>();
        for (const { peer, routes, set, label } of history) {
          if (set === null) {
            for (const route of routes) {
              const slot = rib.remove(idOf(route), peer);
              expect(slot !== NONE).toBe(naive.delete(`${route} ${peer}`));
              if (slot !== NONE && rib.count(slot) === 0) rib.release(slot);
            }
            continue;
          }
          const said = { attributes: sets[set]!, label };
          const differs = routes.filter((route) => {
            const before = naive.get(`${route} ${peer}`);
            return before?.attributes !== said.attributes || before.label !== label;
          });
          const changes = rib.put(
            Int32Array.from(routes, idOf),
            new Int32Array(routes.length).fill(label),
            peer,
            said.attributes,
          );
          expect([...changes].map((change) => rib.nlri(change >>> 1))).toEqual(differs.map(idOf));
          for (const change of changes) {
            const route = routes.find((one) => idOf(one) === rib.nlri(change >>> 1))!;
            expect(change & 1).toBe(naive.has(`${route} ${peer}`) ? 0 : 1);
          }
          for (const route of routes) naive.set(`${route} ${peer}`, said);
        }
        const known = new Set([...naive.keys()].map((key) => Number(key.split(' ')[0])));
        expect(rib.size).toBe(known.size);
        expect([...rib.all()].map((slot) => rib.nlri(slot)).sort()).toEqual([...known].map(idOf).sort());
        for (const route of known) {
          const slot = rib.find(idOf(route));
          const candidates = new Candidates();
          for (let peer = 0; peer < WIDTH; peer++) {
            const said = naive.get(`${route} ${peer}`);
            expect(rib.offer(slot, peer)).toBe(said?.attributes ?? NONE);
            if (said === undefined) continue;
            expect(rib.label(slot, peer)).toBe(said.label);
            candidates.add(said.attributes, peer);
          }
          const { best, decidedBy } = select(pool.attributes, ranks, candidates);
          expect(rib.best(slot)).toBe(candidates.peers[best]);
          expect(rib.reason(slot)).toBe(decidedBy);
          expect(rib.count(slot)).toBe(candidates.peers.length);
        }
      }),
      { numRuns: 200 },
    );
  });
});
