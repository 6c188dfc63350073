/**
 * What each peer of a gateway was told (RFC 4271 §3.2): a set of attributes and a label by route and peer, and the changes
 * of the moment packed into UPDATEs. Peers that are told the same share one message.
 */
import { Int32Column } from '../base/columns.ts';
import type { BgpCodec } from '../bgp/codec.ts';
import type { BgpEnvelope } from '../bgp/envelope.ts';
import type { UpdateForm } from '../bgp/form.ts';
import type { AttributesId } from '../route/attributes.ts';
import type { Family } from '../route/family.ts';
import type { NlriId } from '../route/nlri.ts';
import { NONE, type Slot } from './rib.ts';

/** One change that a peer has to be told. */
interface Change {
  readonly peer: number;
  readonly form: UpdateForm;
  readonly family: Family;
  readonly nlri: NlriId;
  /** {@link NONE} for a withdrawal. */
  readonly attributes: AttributesId;
  readonly label: number;
}

export interface OutgoingUpdate {
  readonly peers: readonly number[];
  readonly message: BgpEnvelope;
}

export class AdjRibOut {
  private readonly width: number;
  private readonly told = new Int32Column();
  private readonly labels = new Int32Column();
  private changes: Change[] = [];

  constructor(width: number) {
    this.width = width;
  }

  isTold(slot: Slot, peer: number): boolean {
    const cell = slot * this.width + peer;
    return cell < this.told.length && this.told.get(cell) !== NONE;
  }

  isToldToAny(slot: Slot): boolean {
    for (let peer = 0; peer < this.width; peer++) if (this.isTold(slot, peer)) return true;
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
    this.changes.push({ peer, form, family, nlri, attributes, label });
  }

  /** The peer's session is gone, and with it what it was told. */
  forget(peer: number): void {
    for (let cell = peer; cell < this.told.length; cell += this.width) this.told.set(cell, NONE);
    this.changes = this.changes.filter((change) => change.peer !== peer);
  }

  /** The changes since the last call: equal ones of several peers in one message, as many routes in each as fit. */
  takeUpdates(codec: BgpCodec): readonly OutgoingUpdate[] {
    const { changes } = this;
    this.changes = [];
    const byPeer = new Map<number, Change[]>();
    for (const change of changes) {
      const list = byPeer.get(change.peer);
      if (list === undefined) byPeer.set(change.peer, [change]);
      else list.push(change);
    }
    // Peers with the same changes in the same order and form are told by the same messages.
    const groups = new Map<string, { readonly peers: number[]; readonly changes: readonly Change[] }>();
    for (const [peer, list] of byPeer) {
      const key = list.map((c) => `${c.form} ${c.nlri} ${c.attributes} ${c.label}`).join(';');
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { peers: [peer], changes: list });
      else group.peers.push(peer);
    }
    const updates: OutgoingUpdate[] = [];
    for (const { peers, changes: list } of groups.values()) {
      for (const message of pack(codec, list)) updates.push({ peers, message });
    }
    return updates;
  }
}

function pack(codec: BgpCodec, changes: readonly Change[]): readonly BgpEnvelope[] {
  const messages: BgpEnvelope[] = [];
  const buckets = new Map<string, Change[]>();
  for (const change of changes) {
    const key = `${change.family} ${change.attributes}`;
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, [change]);
    else bucket.push(change);
  }
  for (const bucket of buckets.values()) {
    const { form, family, attributes } = bucket[0]!;
    const room = attributes === NONE ? codec.withdrawRoom() : codec.announceRoom(form, family, attributes);
    for (let at = 0; at < bucket.length; ) {
      let left = room;
      let end = at;
      while (end < bucket.length && (left -= codec.nlriOctets(bucket[end]!.nlri)) >= 0) end++;
      const packed = bucket.slice(at, end);
      const nlris = Int32Array.from(packed, (change) => change.nlri);
      if (attributes === NONE) messages.push(codec.withdraw(form, family, nlris));
      else
        messages.push(
          codec.announce(
            form,
            family,
            attributes,
            nlris,
            Int32Array.from(packed, (change) => change.label),
          ),
        );
      at = end;
    }
  }
  return messages;
}
