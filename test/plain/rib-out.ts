/**
 * What was told, to each peer by itself: nothing is taken as told because another member of the group was told it. What
 * is the same as ever: changes wait and go out in the order they came up, withdrawals of a route before its updates.
 */
import { EVERYONE, NO_PEERS, type PeerSetId, type PeerSets } from '../../src/bgp/peer-set.ts';
import type * as sharing from '../../src/bgp/rib-out.ts';
import type { ExportPolicy, RouteHolder } from '../../src/bgp/rib-out.ts';
import type { UpdateBatch } from '../../src/bgp/update-packing.ts';
import type { PeerId, RouteIndex } from '../../src/route/path.ts';
import type { PublicOf } from './public-of.ts';

/** Whoever is a member, as one receiver. */
const WHOEVER: PeerId = -1;

interface Told {
  readonly offer: number;
  readonly label: number;
}

export class RibOut implements PublicOf<sharing.RibOut> {
  readonly table: number;
  readonly key: string;
  members: PeerSetId = NO_PEERS;
  private readonly store: RouteHolder;
  private readonly sets: PeerSets;
  /** By slot: the route, and what each receiver was told of it. */
  private readonly told = new Map<number, { readonly route: RouteIndex; readonly by: Map<PeerId, Told> }>();
  private pending: RouteIndex[] = [];
  private again = 0;

  constructor(table: number, key: string, store: RouteHolder, sets: PeerSets) {
    this.table = table;
    this.key = key;
    this.store = store;
    this.sets = sets;
  }

  get hasPending(): boolean {
    return this.pending.length > 0;
  }

  toldPeers(slot: number): PeerSetId {
    return this.setOf([...(this.told.get(slot)?.by.keys() ?? [])]);
  }

  takeResent(): number {
    const count = this.again;
    this.again = 0;
    return count;
  }

  enqueue(route: RouteIndex): void {
    if (this.pending.includes(route)) return;
    if (!this.told.has(this.store.slot(route))) this.store.hold(route);
    this.pending.push(route);
  }

  drain(policy: ExportPolicy, batch: UpdateBatch, everyoneSize = 0): void {
    for (const route of this.pending) this.tell(route, policy, batch, everyoneSize);
    this.pending = [];
  }

  private tell(route: RouteIndex, policy: ExportPolicy, batch: UpdateBatch, everyoneSize: number): void {
    const offer = { offer: -1, label: 0, peers: NO_PEERS };
    policy.offerInto(route, offer);
    const slot = this.store.slot(route);
    const by = this.told.get(slot)?.by ?? new Map<PeerId, Told>();
    const wanted = offer.peers === EVERYONE ? [WHOEVER] : [...this.sets.members(offer.peers)];
    const gone = [...by.keys()].filter((peer) => !wanted.includes(peer));
    const isTold = (peer: PeerId) => by.get(peer)?.offer === offer.offer && by.get(peer)?.label === offer.label;
    const reached = wanted.filter((peer) => !isTold(peer));
    this.again += reached.filter((peer) => by.has(peer)).length * (offer.peers === EVERYONE ? everyoneSize : 1);
    if (gone.length > 0) batch.withdraw(this.store.nlri(route), this.setOf(gone));
    if (reached.length > 0) batch.announce(this.store.nlri(route), offer.label, offer.offer, this.setOf(reached));
    this.told.delete(slot);
    if (wanted.length === 0) this.store.unhold(route);
    else this.told.set(slot, { route, by: new Map(wanted.map((peer) => [peer, offer])) });
  }

  walk(batch: UpdateBatch): void {
    for (const slot of this.slots()) {
      const { route, by } = this.told.get(slot)!;
      const { offer, label } = by.get(WHOEVER)!;
      batch.announce(this.store.nlri(route), label, offer, EVERYONE);
    }
  }

  forget(peer: PeerId): void {
    this.members = this.sets.without(this.members, peer);
    for (const slot of this.slots()) {
      const { by } = this.told.get(slot)!;
      if (by.delete(peer) && by.size === 0) this.letGo(slot);
    }
  }

  dispose(): void {
    this.members = NO_PEERS;
    for (const slot of this.slots()) this.letGo(slot);
    const waited = this.pending;
    this.pending = [];
    for (const route of waited) this.store.unhold(route);
  }

  /** Nobody holds the route of a slot any more; it is held while it waits. */
  private letGo(slot: number): void {
    const { route } = this.told.get(slot)!;
    this.told.delete(slot);
    if (!this.pending.includes(route)) this.store.unhold(route);
  }

  private slots(): number[] {
    return [...this.told.keys()].sort((a, b) => a - b);
  }

  private setOf(peers: readonly PeerId[]): PeerSetId {
    return peers.includes(WHOEVER) ? EVERYONE : this.sets.of(peers);
  }
}
