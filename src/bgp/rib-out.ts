/**
 * What a group of equal peers of one table was told (CN-6.1): per route the offer, its label and the peers that hold it.
 *
 * A changed route waits here until the updates of the moment are sent. Only then the offer is made and compared with
 * what was told, so several changes give one update, and a route that is back at what was told gives none (CN-6.5.7).
 * Which offer and which peers is not decided here; see the export policy.
 */
import { Int32Column } from '../base/columns.ts';
import { Int32Rows } from '../base/rows.ts';
import type { NlriId } from '../route/nlri.ts';
import { NONE, type PeerId, type RouteIndex } from '../route/path.ts';
import { EVERYONE, NO_PEERS, type PeerSetId, type PeerSets } from './peer-set.ts';
import type { UpdateBatch } from './update-packing.ts';

/** What should be told of a route, and to whom. */
export interface Offer {
  /** Outgoing attribute set (BGP) or item (XMPP). */
  offer: number;
  label: number;
  /** {@link NO_PEERS} when the route is not told to anybody. */
  peers: PeerSetId;
}

/** What a rib-out asks of the routes: it holds those it has told or will tell of. */
export interface RouteHolder {
  slot(route: RouteIndex): number;
  nlri(route: RouteIndex): NlriId;
  hold(route: RouteIndex): void;
  unhold(route: RouteIndex): void;
}

/** Makes the offer for a route, into the record it is given. */
export interface ExportPolicy {
  offerInto(route: RouteIndex, offer: Offer): void;
}

/** Fields of a slot's row. */
const OFFER = 0;
const LABEL = 1;
/** Those who hold it; while there are none the fields before mean nothing. */
const TOLD = 2;
const ROUTE = 3;
const WAITING = 4;
const FIELDS = 5;

export class RibOut {
  /** Number of the table it tells of. */
  readonly table: number;
  /** What makes its members equal (CN-6.1.p1), for people. */
  readonly key: string;
  /** The peers that are told; of a group in which everyone is told everything the set is not kept. */
  members: PeerSetId = NO_PEERS;
  private readonly store: RouteHolder;
  private readonly sets: PeerSets;
  private readonly slots = new Int32Rows(FIELDS, 4);
  private readonly pending = new Int32Column(4);
  private readonly scratch: Offer = { offer: NONE, label: 0, peers: NO_PEERS };
  /** Items told again with another content, counted once per receiver; the sending counts them apart. */
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

  /** The peers that hold the route of a slot. */
  toldPeers(slot: number): PeerSetId {
    return slot < this.slots.length ? this.slots.get(slot, TOLD) : NO_PEERS;
  }

  /** Times a receiver was told of a route anew since the last call. */
  takeResent(): number {
    const count = this.again;
    this.again = 0;
    return count;
  }

  /** The route changed, or may: it is looked at when updates are sent. */
  enqueue(route: RouteIndex): void {
    const slot = this.store.slot(route);
    if (slot >= this.slots.length) this.slots.extend(slot + 1, NO_PEERS);
    if (this.slots.get(slot, WAITING) === 1) return;
    if (this.slots.get(slot, TOLD) === NO_PEERS) this.store.hold(route);
    this.slots.set(slot, ROUTE, route);
    this.slots.set(slot, WAITING, 1);
    this.pending.push(route);
  }

  /** Makes updates of what waits and remembers them as told. */
  drain(policy: ExportPolicy, batch: UpdateBatch, everyoneSize = 0): void {
    const { pending } = this;
    for (let i = 0; i < pending.length; i++) this.tell(pending.get(i), policy, batch, everyoneSize);
    pending.clear();
  }

  private tell(route: RouteIndex, policy: ExportPolicy, batch: UpdateBatch, everyoneSize: number): void {
    const { store, sets, scratch } = this;
    const slot = store.slot(route);
    this.slots.set(slot, WAITING, 0);
    scratch.peers = NO_PEERS;
    policy.offerInto(route, scratch);
    const before = this.slots.get(slot, TOLD);
    const wanted = scratch.peers;
    const isOther = this.slots.get(slot, OFFER) !== scratch.offer || this.slots.get(slot, LABEL) !== scratch.label;
    const gone = sets.minus(before, wanted);
    const reached = isOther ? wanted : sets.minus(wanted, before);
    if (gone !== NO_PEERS) batch.withdraw(store.nlri(route), gone);
    if (reached !== NO_PEERS) batch.announce(store.nlri(route), scratch.label, scratch.offer, reached);
    if (isOther && before !== NO_PEERS && wanted !== NO_PEERS) {
      this.again += wanted === EVERYONE ? everyoneSize : sets.size(sets.common(before, wanted));
    }
    this.slots.set(slot, TOLD, wanted);
    this.slots.set(slot, OFFER, wanted === NO_PEERS ? NONE : scratch.offer);
    this.slots.set(slot, LABEL, scratch.label);
    if (wanted === NO_PEERS) store.unhold(route);
  }

  /** Everything that is told, as updates for peers that join a group in which everyone is told everything. */
  walk(batch: UpdateBatch): void {
    for (let slot = 0; slot < this.slots.length; slot++) {
      const peers = this.slots.get(slot, TOLD);
      if (peers === NO_PEERS) continue;
      batch.announce(
        this.store.nlri(this.slots.get(slot, ROUTE)),
        this.slots.get(slot, LABEL),
        this.slots.get(slot, OFFER),
        peers,
      );
    }
  }

  /** The peer is gone and knows nothing any more; it is not told so (CN-2.6.5). */
  forget(peer: PeerId): void {
    this.members = this.sets.without(this.members, peer);
    for (let slot = 0; slot < this.slots.length; slot++) {
      const before = this.slots.get(slot, TOLD);
      if (before !== NO_PEERS) this.setTold(slot, this.sets.without(before, peer));
    }
  }

  /** Nobody is left: every route is let go, those that wait as well. */
  dispose(): void {
    this.members = NO_PEERS;
    for (let slot = 0; slot < this.slots.length; slot++) {
      if (this.slots.get(slot, TOLD) !== NO_PEERS) this.setTold(slot, NO_PEERS);
    }
    for (let i = 0; i < this.pending.length; i++) {
      const route = this.pending.get(i);
      this.slots.set(this.store.slot(route), WAITING, 0);
      this.store.unhold(route);
    }
    this.pending.clear();
  }

  private setTold(slot: number, peers: PeerSetId): void {
    this.slots.set(slot, TOLD, peers);
    if (peers !== NO_PEERS) return;
    this.slots.set(slot, OFFER, NONE);
    if (this.slots.get(slot, WAITING) === 0) this.store.unhold(this.slots.get(slot, ROUTE));
  }
}
