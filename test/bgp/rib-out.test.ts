import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_PEERS, PeerSets } from '../../src/bgp/peer-set.ts';
import { type ExportPolicy, RibOut, type RouteHolder } from '../../src/bgp/rib-out.ts';
import { type PackedUpdate, type PackingRules, packUpdates, UpdateBatch } from '../../src/bgp/update-packing.ts';
import { NONE } from '../../src/route/path.ts';

/** Equal offers share a message of at most three changes. */
const BY_OFFER: PackingRules = { equalOffers: true, capacity: () => 3, cost: () => 1 };
const BY_COUNT: PackingRules = { equalOffers: false, capacity: (offer) => (offer === NONE ? 5 : 2), cost: () => 1 };

interface Wanted {
  readonly offer: number;
  readonly peers: readonly number[];
}

/** Routes are numbers; slot and NLRI are the same number. */
class Stage implements RouteHolder, ExportPolicy {
  readonly sets = new PeerSets();
  readonly holds = new Map<number, number>();
  readonly wanted = new Map<number, Wanted>();
  readonly ribOut = new RibOut(0, 'test', this, this.sets);
  readonly known = new Map<number, Map<number, number>>();
  messages: readonly PackedUpdate[] = [];

  slot(route: number): number {
    return route;
  }

  nlri(route: number): number {
    return route;
  }

  hold(route: number): void {
    this.holds.set(route, (this.holds.get(route) ?? 0) + 1);
  }

  unhold(route: number): void {
    const left = (this.holds.get(route) ?? 0) - 1;
    expect(left).toBeGreaterThanOrEqual(0);
    if (left === 0) this.holds.delete(route);
    else this.holds.set(route, left);
  }

  offerInto(route: number, offer: { offer: number; label: number; peers: number }): void {
    const wanted = this.wanted.get(route);
    if (wanted === undefined) return;
    offer.offer = wanted.offer;
    offer.label = wanted.offer + 1;
    offer.peers = this.sets.common(this.sets.of(wanted.peers), this.ribOut.members);
  }

  want(route: number, wanted: Wanted | null): void {
    if (wanted === null) this.wanted.delete(route);
    else this.wanted.set(route, wanted);
    this.ribOut.enqueue(route);
  }

  join(peer: number, routes: number): void {
    this.ribOut.members = this.sets.with(this.ribOut.members, peer);
    this.known.set(peer, new Map());
    for (let route = 0; route < routes; route++) this.ribOut.enqueue(route);
  }

  leave(peer: number): void {
    this.ribOut.forget(peer);
    this.known.delete(peer);
  }

  /** Sends what waits, and lets the receivers take it in. Nobody is told what it knows already. */
  flush(rules: PackingRules): void {
    const batch = new UpdateBatch();
    this.ribOut.drain(this, batch);
    this.messages = packUpdates(batch, this.sets, rules);
    for (const { offer, peers, changes } of this.messages) {
      for (const peer of this.sets.members(peers)) {
        const known = this.known.get(peer)!;
        for (const change of changes) {
          const nlri = batch.nlris.get(change);
          if (offer === NONE) expect(known.delete(nlri)).toBe(true);
          else {
            expect(known.get(nlri)).not.toBe(batch.offers.get(change));
            known.set(nlri, batch.offers.get(change));
          }
        }
      }
    }
  }

  /** What each member should know by now. */
  shouldKnow(): ReadonlyMap<number, ReadonlyMap<number, number>> {
    const all = new Map<number, Map<number, number>>();
    for (const peer of this.known.keys()) {
      const routes = [...this.wanted]
        .filter(([, { peers }]) => peers.includes(peer))
        .map(([route, { offer }]) => [route, offer] as const);
      all.set(peer, new Map(routes));
    }
    return all;
  }
}

const sorted = (known: ReadonlyMap<number, ReadonlyMap<number, number>>) =>
  [...known].map(([peer, routes]) => [peer, [...routes].sort(([a], [b]) => a - b)] as const);

const ROUTES = 8;
const peer = fc.integer({ min: 1, max: 4 });
const route = fc.integer({ min: 0, max: ROUTES - 1 });
const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('want' as const),
        route,
        offer: fc.integer({ min: 10, max: 12 }),
        peers: fc.uniqueArray(peer),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('drop' as const), route }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('join' as const), peer }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), peer }) },
    { weight: 3, arbitrary: fc.constant({ kind: 'flush' as const }) },
  ),
  { maxLength: 60 },
);

describe('a rib-out', () => {
  it.each([
    ['by equal offers', BY_OFFER],
    ['by count', BY_COUNT],
  ])('tells each member exactly what it wants, once, packed %s', (_title, rules) => {
    fc.assert(
      fc.property(steps, (history) => {
        const stage = new Stage();
        stage.join(1, ROUTES);
        stage.join(2, ROUTES);
        for (const step of history) {
          if (step.kind === 'want') stage.want(step.route, { offer: step.offer, peers: step.peers });
          else if (step.kind === 'drop') stage.want(step.route, null);
          else if (step.kind === 'flush') {
            stage.flush(rules);
            expect(sorted(stage.known)).toEqual(sorted(stage.shouldKnow()));
          } else if (step.kind === 'leave') stage.leave(step.peer);
          else if (!stage.known.has(step.peer)) stage.join(step.peer, ROUTES);
        }
        stage.flush(rules);
        expect(sorted(stage.known)).toEqual(sorted(stage.shouldKnow()));
        stage.ribOut.dispose();
        expect([...stage.holds]).toEqual([]);
      }),
    );
  });

  it('tells nothing of a route that is back at what was told (CN-6.5.7)', () => {
    const stage = new Stage();
    stage.join(1, 0);
    stage.want(0, { offer: 10, peers: [1] });
    stage.flush(BY_OFFER);
    stage.want(0, null);
    stage.want(0, { offer: 10, peers: [1] });
    stage.flush(BY_OFFER);
    expect(stage.messages).toEqual([]);
  });

  it('counts a route told again with another content once for each receiver', () => {
    const stage = new Stage();
    for (const member of [1, 2, 3]) stage.join(member, 0);
    stage.want(0, { offer: 10, peers: [1, 2] });
    stage.flush(BY_OFFER);
    expect(stage.ribOut.takeResent()).toBe(0);
    stage.want(0, { offer: 11, peers: [2, 3] });
    stage.flush(BY_OFFER);
    expect(stage.ribOut.takeResent()).toBe(1);
  });
});

describe('packing (CN-6.5.9)', () => {
  const packed = (
    rules: PackingRules,
    changes: readonly (readonly [nlri: number, offer: number, peers: readonly number[]])[],
  ) => {
    const sets = new PeerSets();
    const batch = new UpdateBatch();
    for (const [nlri, offer, peers] of changes) {
      if (offer === NONE) batch.withdraw(nlri, sets.of(peers));
      else batch.announce(nlri, 0, offer, sets.of(peers));
    }
    return packUpdates(batch, sets, rules).map(({ offer, peers, changes }) => [
      offer,
      [...sets.members(peers)],
      changes.map((change) => batch.nlris.get(change)),
    ]);
  };

  it('pulls changes of the same offer into the message of the oldest, in order', () => {
    expect(
      packed(BY_OFFER, [
        [1, 10, [1]],
        [2, 11, [1]],
        [3, 10, [1]],
        [4, NONE, [1]],
        [5, 11, [1]],
      ]),
    ).toEqual([
      [10, [1], [1, 3]],
      [11, [1], [2, 5]],
      [NONE, [1], [4]],
    ]);
  });

  it('leaves out what not all receivers want, and sends the rest of what more peers want by itself', () => {
    expect(
      packed(BY_OFFER, [
        [1, 10, [1]],
        [2, 10, [1, 2]],
        [3, 10, [2]],
      ]),
    ).toEqual([
      [10, [1], [1, 2]],
      [10, [2], [2, 3]],
    ]);
  });

  it('opens another message when one is full', () => {
    const changes = [1, 2, 3, 4].map((nlri) => [nlri, 10, [1]] as const);
    expect(packed(BY_OFFER, changes)).toEqual([
      [10, [1], [1, 2, 3]],
      [10, [1], [4]],
    ]);
  });

  it('by count does not look at offers, and never mixes reach and unreach', () => {
    expect(
      packed(BY_COUNT, [
        [1, 10, [1]],
        [2, NONE, [1]],
        [3, 11, [1]],
        [4, 12, [1]],
        [5, NONE, [1]],
      ]),
    ).toEqual([
      [10, [1], [1, 3]],
      [NONE, [1], [2, 5]],
      [12, [1], [4]],
    ]);
  });
});

describe('sets of peers', () => {
  it('are one number when they are equal, and do what sets do', () => {
    const members = fc.uniqueArray(fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(members, members, (a, b) => {
        const sets = new PeerSets();
        const [x, y] = [sets.of(a), sets.of(b)];
        expect(sets.of([...a].reverse())).toBe(x);
        const text = (set: number) => [...sets.members(set)];
        const ordered = (list: number[]) => list.sort((m, n) => m - n);
        expect(text(sets.union(x, y))).toEqual(ordered([...new Set([...a, ...b])]));
        expect(text(sets.minus(x, y))).toEqual(ordered(a.filter((m) => !b.includes(m))));
        expect(text(sets.common(x, y))).toEqual(ordered(a.filter((m) => b.includes(m))));
        expect(sets.isWithin(x, y)).toBe(a.every((m) => b.includes(m)));
        expect(sets.minus(x, x)).toBe(NO_PEERS);
        for (const m of [0, 5, 9]) expect(sets.has(x, m)).toBe(a.includes(m));
      }),
    );
  });
});
