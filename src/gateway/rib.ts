/**
 * What a gateway heard and made: Adj-RIB-In of every peer and its own routes, as columns by route and peer, with the best
 * path of each route and why it is that (RFC 4271 §3.2).
 *
 * Peer 0 is the gateway itself. A route has a slot while anybody offers a path for it; slots are used again.
 */
import { Int32Column } from '../base/columns.ts';
import { IntMap } from '../base/interner.ts';
import type { AttributesId, AttributeTable } from '../route/attributes.ts';
import type { Family } from '../route/family.ts';
import type { NlriId } from '../route/nlri.ts';
import type { RoutePool } from '../route/pool.ts';
import { Candidates, ONLY_PATH, type PeerRank, select } from './best-path.ts';

export const NONE = -1;
/** Slot of a route. */
export type Slot = number;

export class GatewayRib {
  private readonly pool: RoutePool;
  private readonly ranks: PeerRank;
  /** Peers and the gateway itself. */
  readonly width: number;
  private readonly slots = new IntMap();
  private readonly nlris = new Int32Column();
  /** By slot, then by peer: the attribute set of the offer, {@link NONE} where there is none. */
  private readonly offers = new Int32Column();
  private readonly labels = new Int32Column();
  private readonly counts = new Int32Column();
  private readonly bests = new Int32Column();
  private readonly reasons = new Int32Column();
  private readonly nextFree = new Int32Column();
  private firstFree = NONE;
  private live = 0;

  constructor(pool: RoutePool, ranks: PeerRank, width: number) {
    this.pool = pool;
    this.ranks = ranks;
    this.width = width;
  }

  /** Routes that somebody offers a path for. */
  get size(): number {
    return this.live;
  }

  /** All slots in use, oldest place first. */
  *all(): Generator<Slot> {
    for (let slot = 0; slot < this.nlris.length; slot++) if (this.nlris.get(slot) !== NONE) yield slot;
  }

  find(nlri: NlriId): Slot {
    return this.slots.get(nlri);
  }

  nlri(slot: Slot): NlriId {
    return this.nlris.get(slot);
  }

  family(slot: Slot): Family {
    return this.pool.nlris.family(this.nlris.get(slot));
  }

  offer(slot: Slot, peer: number): AttributesId | typeof NONE {
    return this.offers.get(slot * this.width + peer);
  }

  label(slot: Slot, peer: number): number {
    return this.labels.get(slot * this.width + peer);
  }

  /** The peer of the best path, {@link NONE} when there is no path. */
  best(slot: Slot): number {
    return this.bests.get(slot);
  }

  /** Code of the step that decided. */
  reason(slot: Slot): number {
    return this.reasons.get(slot);
  }

  /** Paths of a route. */
  count(slot: Slot): number {
    return this.counts.get(slot);
  }

  /** Enters or replaces the offer of a peer; returns the slot, or {@link NONE} when it is the offer that was there. */
  put(nlri: NlriId, peer: number, attributes: AttributesId, label: number): Slot {
    let slot = this.slots.get(nlri);
    if (slot < 0) slot = this.take(nlri);
    const cell = slot * this.width + peer;
    const before = this.offers.get(cell);
    if (before === attributes && this.labels.get(cell) === label) return NONE;
    if (before === NONE) this.counts.set(slot, this.counts.get(slot) + 1);
    this.offers.set(cell, attributes);
    this.labels.set(cell, label);
    this.choose(slot);
    return slot;
  }

  /** Takes the offer of a peer away; the slot stays until {@link release}. {@link NONE} when there was no offer. */
  remove(nlri: NlriId, peer: number): Slot {
    const slot = this.slots.get(nlri);
    if (slot < 0) return NONE;
    const cell = slot * this.width + peer;
    if (this.offers.get(cell) === NONE) return NONE;
    this.offers.set(cell, NONE);
    this.counts.set(slot, this.counts.get(slot) - 1);
    this.choose(slot);
    return slot;
  }

  /** Gives the slot of a route back for which there is no path and that nobody is told of any more. */
  release(slot: Slot): void {
    this.slots.delete(this.nlris.get(slot));
    this.nlris.set(slot, NONE);
    this.nextFree.set(slot, this.firstFree);
    this.firstFree = slot;
    this.live--;
  }

  get attributes(): AttributeTable {
    return this.pool.attributes;
  }

  private take(nlri: NlriId): Slot {
    let slot = this.firstFree;
    if (slot === NONE) {
      slot = this.nlris.push(nlri);
      for (const column of [this.counts, this.bests, this.reasons, this.nextFree]) column.push(NONE);
      this.offers.extend((slot + 1) * this.width, NONE);
      this.labels.extend((slot + 1) * this.width, 0);
    } else this.firstFree = this.nextFree.get(slot);
    this.nlris.set(slot, nlri);
    this.counts.set(slot, 0);
    this.bests.set(slot, NONE);
    this.slots.set(nlri, slot);
    this.live++;
    return slot;
  }

  private choose(slot: Slot): void {
    const { width, offers } = this;
    const first = slot * width;
    if (this.counts.get(slot) < 2) {
      let only = NONE;
      for (let peer = 0; peer < width; peer++) if (offers.get(first + peer) !== NONE) only = peer;
      this.bests.set(slot, only);
      this.reasons.set(slot, ONLY_PATH);
      return;
    }
    scratch.clear();
    for (let peer = 0; peer < width; peer++) {
      const attributes = offers.get(first + peer);
      if (attributes !== NONE) scratch.add(attributes, peer);
    }
    const { best, decidedBy } = select(this.pool.attributes, this.ranks, scratch);
    this.bests.set(slot, scratch.peers[best]!);
    this.reasons.set(slot, decidedBy);
  }
}

/** Holds nothing between two selections, and so is no part of a world. */
const scratch = new Candidates();
