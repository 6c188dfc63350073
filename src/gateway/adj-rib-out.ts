/**
 * What each peer of a gateway was told (RFC 4271 §3.2): a set of attributes and a label by route and peer, and the changes
 * of the moment packed into UPDATEs. Peers that are told the same share one message.
 */
import { Int32Column } from '../base/columns.ts';
import type { BgpCodec } from '../bgp/codec.ts';
import type { BgpEnvelope } from '../bgp/envelope.ts';
import { UPDATE_FORMS, type UpdateForm } from '../bgp/form.ts';
import { FAMILIES, type Family } from '../route/family.ts';
import type { NlriId } from '../route/nlri.ts';
import { NONE, type Slot } from './rib.ts';

/** What one peer has to be told, in columns, in the order it came up. */
class Changes {
  form: UpdateForm = UPDATE_FORMS[0]!;
  readonly families = new Int32Column(0);
  readonly nlris = new Int32Column(0);
  /** {@link NONE} for a withdrawal. */
  readonly attributes = new Int32Column(0);
  readonly labels = new Int32Column(0);

  get length(): number {
    return this.nlris.length;
  }

  add(form: UpdateForm, family: Family, nlri: NlriId, attributes: number, label: number): void {
    this.form = form;
    this.families.push(family);
    this.nlris.push(nlri);
    this.attributes.push(attributes);
    this.labels.push(label);
  }

  clear(): void {
    this.families.clear();
    this.nlris.clear();
    this.attributes.clear();
    this.labels.clear();
  }

  equals(other: Changes): boolean {
    if (this.form !== other.form || this.length !== other.length) return false;
    for (let i = 0; i < this.length; i++) {
      if (
        this.nlris.get(i) !== other.nlris.get(i) ||
        this.attributes.get(i) !== other.attributes.get(i) ||
        this.labels.get(i) !== other.labels.get(i)
      )
        return false;
    }
    return true;
  }
}

export interface OutgoingUpdate {
  readonly peers: readonly number[];
  readonly message: BgpEnvelope;
}

export class AdjRibOut {
  private readonly width: number;
  private readonly told = new Int32Column();
  private readonly labels = new Int32Column();
  /** By peer. */
  private readonly changes: readonly Changes[];
  /** Peers that have something to be told, in the order it came up. */
  private waiting: number[] = [];

  constructor(width: number) {
    this.width = width;
    this.changes = Array.from({ length: width }, () => new Changes());
  }

  isTold(slot: Slot, peer: number): boolean {
    const cell = slot * this.width + peer;
    return cell < this.told.length && this.told.get(cell) !== NONE;
  }

  isToldToAny(slot: Slot): boolean {
    const first = slot * this.width;
    if (first >= this.told.length) return false;
    for (let peer = 0; peer < this.width; peer++) if (this.told.get(first + peer) !== NONE) return true;
    return false;
  }

  /** What the peer should know of a route from here on; {@link NONE}: nothing. */
  set(
    slot: Slot,
    peer: number,
    form: UpdateForm,
    family: Family,
    nlri: NlriId,
    attributes: number,
    label: number,
  ): void {
    const cell = slot * this.width + peer;
    if (attributes === NONE && cell >= this.told.length) return;
    this.told.extend((slot + 1) * this.width, NONE);
    this.labels.extend((slot + 1) * this.width, 0);
    const before = this.told.get(cell);
    if (before === attributes && (attributes === NONE || this.labels.get(cell) === label)) return;
    this.told.set(cell, attributes);
    this.labels.set(cell, label);
    const changes = this.changes[peer]!;
    if (changes.length === 0) this.waiting.push(peer);
    changes.add(form, family, nlri, attributes, label);
  }

  /** The peer's session is gone, and with it what it was told. */
  forget(peer: number): void {
    for (let cell = peer; cell < this.told.length; cell += this.width) this.told.set(cell, NONE);
    this.changes[peer]!.clear();
    this.waiting = this.waiting.filter((waiting) => waiting !== peer);
  }

  /** The changes since the last call: equal ones of several peers in one message, as many routes in each as fit. */
  takeUpdates(codec: BgpCodec): readonly OutgoingUpdate[] {
    const { waiting, changes } = this;
    if (waiting.length === 0) return NOTHING;
    this.waiting = [];
    const updates: OutgoingUpdate[] = [];
    for (let i = 0; i < waiting.length; i++) {
      const list = changes[waiting[i]!]!;
      if (list.length === 0) continue;
      // Peers with the same changes in the same order and form are told by the same messages.
      const peers = waiting.slice(i).filter((peer) => changes[peer]!.length > 0 && changes[peer]!.equals(list));
      for (const message of pack(codec, list)) updates.push({ peers, message });
      for (const peer of peers) changes[peer]!.clear();
    }
    return updates;
  }
}

const NOTHING: readonly OutgoingUpdate[] = [];

function pack(codec: BgpCodec, changes: Changes): readonly BgpEnvelope[] {
  const messages: BgpEnvelope[] = [];
  for (const bucket of bucketsOf(changes).values()) {
    const family = changes.families.get(bucket[0]!) as Family; // only add() writes the column
    const attributes = changes.attributes.get(bucket[0]!);
    const { form } = changes;
    const room = attributes === NONE ? codec.withdrawRoom() : codec.announceRoom(form, family, attributes);
    const nlris = picked(changes.nlris, bucket);
    const labels = picked(changes.labels, bucket);
    for (let at = 0; at < nlris.length; ) {
      const end = endOfMessage(codec, nlris, at, room);
      if (attributes === NONE) messages.push(codec.withdraw(form, family, nlris.slice(at, end)));
      else messages.push(codec.announce(form, family, attributes, nlris.slice(at, end), labels.slice(at, end)));
      at = end;
    }
  }
  return messages;
}

/** The values at some places of a column. */
function picked(column: Int32Column, places: readonly number[]): Int32Array {
  const values = new Int32Array(places.length);
  for (let i = 0; i < places.length; i++) values[i] = column.get(places[i]!);
  return values;
}

/** Where the message ends that begins with the NLRI at `start` and has so many octets of room. */
function endOfMessage(codec: BgpCodec, nlris: Int32Array, start: number, room: number): number {
  let left = room;
  let end = start;
  while (end < nlris.length && (left -= codec.nlriOctets(nlris[end]!)) >= 0) end++;
  return end;
}

/** The changes that may share messages, by family and attributes, oldest first. */
function bucketsOf(changes: Changes): Map<number, number[]> {
  const buckets = new Map<number, number[]>();
  for (let i = 0; i < changes.length; i++) {
    const key = changes.attributes.get(i) * FAMILIES.length + changes.families.get(i);
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, [i]);
    else bucket.push(i);
  }
  return buckets;
}
