/**
 * What a gateway heard and made: Adj-RIB-In of every peer and its own routes, as columns by route and peer, with the best
 * path of each route and why it is that (RFC 4271 §3.2).
 *
 * Peer 0 is the gateway itself. A route has a slot while anybody offers a path for it; slots are used again.
 */
import { Int32Column } from '../base/columns.ts';
import { LastMemo, UNKNOWN } from '../base/memo.ts';
import type { NumberList } from '../bgp/message.ts';
import type { AttributesId, AttributeTable } from '../route/attributes.ts';
import type { Family } from '../route/family.ts';
import type { NlriId } from '../route/nlri.ts';
import type { RoutePool } from '../route/pool.ts';
import { Candidates, comparePair, ONLY_PATH, type PeerRank, select } from './best-path.ts';

export const NONE = -1;
/** Slot of a route. */
export type Slot = number;

const PEER_MASK = 0xfff;
const COUNT_SHIFT = 12;
const REASON_SHIFT = 24;

/** A world that knows no more routes is small. */
const SMALL = 1 << 16;

export class GatewayRib {
  private readonly pool: RoutePool;
  private readonly ranks: PeerRank;
  /** Peers and the gateway itself. */
  readonly width: number;
  /** By NLRI, so that routes that arrive together lie together. */
  private readonly slots = new Int32Column();
  private readonly nlris = new Int32Column();
  /** By slot, then by peer: the attribute set of the offer, {@link NONE} where there is none. */
  private readonly offers = new Int32Column();
  private readonly labels = new Int32Column();
  /** By slot: the best peer plus one, the number of offers, the deciding step; of a free slot the next free one. */
  private readonly states = new Int32Column();
  /** How the two offers compare that were compared last, by peer and set of each. */
  private readonly lastPair = new LastMemo();
  private firstFree = NONE;
  /** Slots that were ever taken, and slots there is room for. */
  private used = 0;
  private room = 0;
  private live = 0;

  constructor(pool: RoutePool, ranks: PeerRank, width: number) {
    this.pool = pool;
    this.ranks = ranks;
    this.width = width;
    this.reserve(16);
  }

  /** Slots that there is room for: columns beside these grow with it. */
  get capacity(): number {
    return this.room;
  }

  /** Routes that somebody offers a path for. */
  get size(): number {
    return this.live;
  }

  /** Routes of a family. */
  countOf(family: Family): number {
    const { nlris } = this.pool;
    let count = 0;
    for (let slot = 0; slot < this.used; slot++) {
      const nlri = this.nlris.get(slot);
      if (nlri !== NONE && nlris.family(nlri) === family) count++;
    }
    return count;
  }

  /** Slots that were ever taken: one more than the highest. */
  get slotCount(): number {
    return this.used;
  }

  /** Whether a route stands in the slot. */
  isInUse(slot: Slot): boolean {
    return this.nlris.get(slot) !== NONE;
  }

  /** All slots in use, oldest place first. */
  *all(): Generator<Slot> {
    for (let slot = 0; slot < this.used; slot++) if (this.nlris.get(slot) !== NONE) yield slot;
  }

  /** The slot of a route, {@link NONE} when nobody offers it. */
  find(nlri: NlriId): Slot {
    return nlri < this.slots.length ? this.slots.get(nlri) : NONE;
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
    return (this.states.get(slot) & PEER_MASK) - 1;
  }

  /** Code of the step that decided. */
  reason(slot: Slot): number {
    return this.states.get(slot) >>> REASON_SHIFT;
  }

  /** Paths of a route. */
  count(slot: Slot): number {
    return (this.states.get(slot) >>> COUNT_SHIFT) & PEER_MASK;
  }

  /**
   * Enters or replaces offers of a peer that share their attributes. Returns what changed, until the next call: twice the
   * slot, and one more where the peer had no offer before.
   */
  put(nlris: NumberList, labels: NumberList, peer: number, attributes: AttributesId): Int32Array {
    const { width, offers } = this;
    let changes = 0;
    if (nlris.length > changed.length) changed = new Int32Array(nlris.length);
    this.slots.extend(this.pool.nlris.size, NONE);
    for (let i = 0; i < nlris.length; i++) {
      const nlri = nlris[i]!;
      let slot = this.slots.get(nlri);
      if (slot === NONE) slot = this.take(nlri);
      const cell = slot * width + peer;
      const before = offers.get(cell);
      const label = labels[i]!;
      if (before === attributes && this.labels.get(cell) === label) continue;
      offers.set(cell, attributes);
      this.labels.set(cell, label);
      this.choose(slot, before === NONE ? 1 : 0);
      changed[changes++] = 2 * slot + (before === NONE ? 1 : 0);
    }
    return changed.subarray(0, changes);
  }

  /** Takes the offer of a peer away; the slot stays until {@link release}. {@link NONE} when there was no offer. */
  remove(nlri: NlriId, peer: number): Slot {
    const slot = this.find(nlri);
    if (slot === NONE) return NONE;
    const cell = slot * this.width + peer;
    if (this.offers.get(cell) === NONE) return NONE;
    this.offers.set(cell, NONE);
    this.choose(slot, -1);
    return slot;
  }

  /** Gives the slot of a route back for which there is no path and that nobody is told of any more. */
  release(slot: Slot): void {
    this.slots.set(this.nlris.get(slot), NONE);
    this.nlris.set(slot, NONE);
    this.states.set(slot, this.firstFree);
    this.firstFree = slot;
    this.live--;
  }

  get attributes(): AttributeTable {
    return this.pool.attributes;
  }

  private take(nlri: NlriId): Slot {
    let slot = this.firstFree;
    if (slot === NONE) {
      if (this.used === this.capacity) this.reserve(this.used + 1);
      slot = this.used++;
    } else this.firstFree = this.states.get(slot);
    this.nlris.set(slot, nlri);
    this.states.set(slot, 0);
    this.slots.set(nlri, slot);
    this.live++;
    return slot;
  }

  /** Room for so many routes in all columns at once: twice as many as there were, or all that a small world knows. */
  private reserve(least: number): void {
    const capacity = Math.max(least, 2 * this.capacity, Math.min(this.pool.nlris.size, SMALL));
    this.room = capacity;
    this.nlris.extend(capacity, NONE);
    this.states.extend(capacity, 0);
    this.offers.extend(capacity * this.width, NONE);
    this.labels.extend(capacity * this.width, 0);
  }

  /** Chooses the best path when the number of offers has changed by `more`. */
  private choose(slot: Slot, more: number): void {
    const { width, offers } = this;
    const first = slot * width;
    const count = this.count(slot) + more;
    let a = NONE;
    let b = NONE;
    for (let peer = 0; peer < width && count < 3; peer++) {
      if (offers.get(first + peer) === NONE) continue;
      if (a === NONE) a = peer;
      else b = peer;
    }
    if (count < 2) this.setState(slot, a, count, ONLY_PATH);
    else if (count === 2) this.chooseOfTwo(slot, a, b);
    else this.chooseOfMany(slot, count);
  }

  /** Routes of one message meet the same other offer again and again, so the last answer is kept. */
  private chooseOfTwo(slot: Slot, a: number, b: number): void {
    const { offers, width, lastPair } = this;
    const setA = offers.get(slot * width + a);
    const setB = offers.get(slot * width + b);
    let answer = lastPair.get(a, setA, b, setB);
    if (answer === UNKNOWN) {
      answer = lastPair.set(comparePair(this.pool.attributes, this.ranks, setA, a, setB, b), a, setA, b, setB);
    }
    this.setState(slot, (answer & 1) === 0 ? a : b, 2, answer >>> 1);
  }

  private chooseOfMany(slot: Slot, count: number): void {
    const { width, offers } = this;
    scratch.clear();
    for (let peer = 0; peer < width; peer++) {
      const attributes = offers.get(slot * width + peer);
      if (attributes !== NONE) scratch.add(attributes, peer);
    }
    const { best, decidedBy } = select(this.pool.attributes, this.ranks, scratch);
    this.setState(slot, scratch.peers[best]!, count, decidedBy);
  }

  private setState(slot: Slot, best: number, count: number, reason: number): void {
    this.states.set(slot, (best + 1) | (count << COUNT_SHIFT) | (reason << REASON_SHIFT));
  }

  /** What is known of a peer has changed: answers that rest on it are forgotten. */
  peerChanged(): void {
    this.lastPair.forget();
  }
}

// Scratch that holds nothing between two messages, and so is no part of a world.
let changed = new Int32Array(4096);
const scratch = new Candidates();
