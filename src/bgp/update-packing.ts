/**
 * Which pending changes share a message (CN-6.5.9): the oldest change opens one, later changes that may stand beside it
 * are pulled in, and a change is left out when not all receivers of the message want it.
 *
 * BGP packs changes with the identical outgoing attribute set until the octets are full; XMPP packs whatever is of the
 * same kind, up to a count. The rules say which, this module knows neither.
 */
import { Int32Column } from '../base/columns.ts';
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
  readonly nlris: Int32Array;
  readonly labels: Int32Array;
  /** Offer of each change. */
  readonly offers: Int32Array;
}

/** Cuts the batch into messages, oldest change first. */
export function packUpdates(batch: UpdateBatch, sets: PeerSets, rules: PackingRules): readonly PackedUpdate[] {
  if (batch.length === 1) return [single(batch)];
  const messages: PackedUpdate[] = [];
  const remaining = batch.peers.copy();
  const buckets = bucketsOf(batch, rules);
  for (let head = 0; head < batch.length; head++) {
    while (remaining[head] !== NO_PEERS) {
      const bucket = buckets.get(bucketKey(batch.offers.get(head), rules))!;
      messages.push(pullFrom(batch, sets, rules, bucket, remaining, head));
    }
  }
  return messages;
}

function single(batch: UpdateBatch): PackedUpdate {
  return {
    offer: batch.offers.get(0),
    peers: batch.peers.get(0),
    nlris: batch.nlris.copy(),
    labels: batch.labels.copy(),
    offers: batch.offers.copy(),
  };
}

/** Changes that may share a message, oldest first; those before `start` are done. */
interface Bucket {
  readonly changes: number[];
  start: number;
}

function bucketKey(offer: number, rules: PackingRules): number {
  return offer === NONE || rules.equalOffers ? offer : 0;
}

function bucketsOf(batch: UpdateBatch, rules: PackingRules): Map<number, Bucket> {
  const buckets = new Map<number, Bucket>();
  for (let change = 0; change < batch.length; change++) {
    const key = bucketKey(batch.offers.get(change), rules);
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, { changes: [change], start: 0 });
    else bucket.changes.push(change);
  }
  return buckets;
}

function pullFrom(
  batch: UpdateBatch,
  sets: PeerSets,
  rules: PackingRules,
  bucket: Bucket,
  remaining: Int32Array,
  head: number,
): PackedUpdate {
  const { changes } = bucket;
  while (bucket.start < changes.length && remaining[changes[bucket.start]!] === NO_PEERS) bucket.start++;
  const peers = remaining[head]!;
  let room = rules.capacity(batch.offers.get(head));
  const pulled: number[] = [];
  for (let i = bucket.start; i < changes.length; i++) {
    const change = changes[i]!;
    const wanted = remaining[change]!;
    if (wanted !== peers && (wanted === NO_PEERS || !sets.isWithin(peers, wanted))) continue;
    room -= rules.cost(batch.nlris.get(change), batch.offers.get(change));
    if (room < 0 && pulled.length > 0) break;
    pulled.push(change);
    remaining[change] = sets.minus(wanted, peers);
  }
  const nlris = new Int32Array(pulled.length);
  const labels = new Int32Array(pulled.length);
  const offers = new Int32Array(pulled.length);
  for (let i = 0; i < pulled.length; i++) {
    nlris[i] = batch.nlris.get(pulled[i]!);
    labels[i] = batch.labels.get(pulled[i]!);
    offers[i] = batch.offers.get(pulled[i]!);
  }
  return { offer: batch.offers.get(head), peers, nlris, labels, offers };
}
