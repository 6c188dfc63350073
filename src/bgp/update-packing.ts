/**
 * Which pending changes share a message (CN-6.5.9): the oldest change opens one, later changes that may stand beside it
 * are pulled in, and a change is left out when not all receivers of the message want it.
 *
 * BGP packs changes with the identical outgoing attribute set until the octets are full; XMPP packs whatever is of the
 * same kind, up to a count. The rules say which, this module knows neither.
 */
import { Int32Column } from '../base/columns.ts';
import { IntMap } from '../base/interner.ts';
import type { NlriId } from '../route/nlri.ts';
import { NONE } from '../route/path.ts';
import { NO_PEERS, type PeerSetId, type PeerSets } from './peer-set.ts';

/** Pending changes in the order they were made; a withdrawal has no offer. */
export class UpdateBatch {
  readonly nlris = new Int32Column();
  readonly labels = new Int32Column();
  /** Outgoing attribute set or item, {@link NONE} for a withdrawal. */
  readonly offers = new Int32Column();
  readonly peers = new Int32Column();

  get length(): number {
    return this.nlris.length;
  }

  announce(nlri: NlriId, label: number, offer: number, peers: PeerSetId): void {
    this.nlris.push(nlri);
    this.labels.push(label);
    this.offers.push(offer);
    this.peers.push(peers);
  }

  withdraw(nlri: NlriId, peers: PeerSetId): void {
    this.announce(nlri, 0, NONE, peers);
  }

  clear(): void {
    this.nlris.clear();
    this.labels.clear();
    this.offers.clear();
    this.peers.clear();
  }
}

export interface PackingRules {
  /** Announcements share a message only when their offers are equal. */
  readonly equalOffers: boolean;
  /** Room in a message of this kind, in whatever unit `cost` counts. */
  capacity(offer: number): number;
  cost(nlri: NlriId, offer: number): number;
}

export interface PackedUpdate {
  /** The offer of the first change, {@link NONE} for withdrawals. */
  readonly offer: number;
  readonly peers: PeerSetId;
  /** Which changes of the batch it holds. */
  readonly changes: readonly number[];
}

/** Cuts the batch into messages, oldest change first. */
export function packUpdates(batch: UpdateBatch, sets: PeerSets, rules: PackingRules): readonly PackedUpdate[] {
  const { length, offers, peers } = batch;
  if (length === 1) return [{ offer: offers.get(0), peers: peers.get(0), changes: ONLY_CHANGE }];
  const messages: PackedUpdate[] = [];
  const remaining = peers.copy();
  const nexts = chained(batch, rules);
  for (let head = 0; head < length; head++) {
    while (remaining[head] !== NO_PEERS) messages.push(pullFrom(batch, sets, rules, nexts, remaining, head));
  }
  return messages;
}

const ONLY_CHANGE: readonly number[] = Object.freeze([0]);

/** For each change the next one that may share a message with it, or {@link NONE}. */
function chained(batch: UpdateBatch, rules: PackingRules): Int32Array {
  const { length, offers } = batch;
  const nexts = new Int32Array(length).fill(NONE);
  const lasts = new IntMap(rules.equalOffers ? length : 2);
  for (let change = 0; change < length; change++) {
    const offer = offers.get(change);
    // withdrawals share with each other whatever the rules
    const kind = offer === NONE ? 0 : rules.equalOffers ? offer + 1 : 1;
    const last = lasts.get(kind);
    if (last !== NONE) nexts[last] = change;
    lasts.set(kind, change);
  }
  return nexts;
}

function pullFrom(
  batch: UpdateBatch,
  sets: PeerSets,
  rules: PackingRules,
  nexts: Int32Array,
  remaining: Int32Array,
  head: number,
): PackedUpdate {
  const { nlris, offers } = batch;
  const peers = remaining[head]!;
  const offer = offers.get(head);
  const changes: number[] = [];
  let room = rules.capacity(offer);
  for (let change = head; change !== NONE; change = nexts[change]!) {
    const wanted = remaining[change]!;
    if (wanted !== peers && (wanted === NO_PEERS || !sets.isWithin(peers, wanted))) continue;
    room -= rules.cost(nlris.get(change), offers.get(change));
    if (room < 0 && changes.length > 0) break;
    changes.push(change);
    remaining[change] = sets.minus(wanted, peers);
  }
  return { offer, peers, changes };
}
