/**
 * Updates on their way out: the changes of a rib-out packed (CN-6.5, CN-2.8), each message encoded once and handed to
 * every receiver of it.
 */
import type { Int32Column } from '../base/columns.ts';
import type { BgpCodec } from '../bgp/codec.ts';
import { updateForm } from '../bgp/form.ts';
import { type PackingRules, packUpdates } from '../bgp/update-packing.ts';
import { NONE } from '../route/path.ts';
import { type EncodedItem, encodeItem, REACH_ITEMS_MAX, RETRACTS_MAX } from '../xmpp/items.ts';
import { reachMessage, unreachMessage, type XmppBody } from '../xmpp/message.ts';
import type { Channels } from './channels.ts';
import type { AgentGroup, BgpGroup, Exports, Outgoing } from './exports.ts';
import type { Neighbours } from './neighbours.ts';
import type { Rib } from './rib.ts';

export class UpdateSender {
  private readonly rib: Rib;
  private readonly exports: Exports;
  private readonly codec: BgpCodec;
  private readonly neighbours: Neighbours;
  private readonly channels: Channels;

  constructor(rib: Rib, exports: Exports, codec: BgpCodec, neighbours: Neighbours, channels: Channels) {
    this.rib = rib;
    this.exports = exports;
    this.codec = codec;
    this.neighbours = neighbours;
    this.channels = channels;
  }

  flush(): void {
    this.exports.drain((outgoing) => {
      if (outgoing.kind === 'bgp') this.sendBgp(outgoing.group, outgoing);
      else this.sendXmpp(outgoing.group, outgoing);
    });
  }

  private sendBgp(group: BgpGroup, { batch }: Outgoing): void {
    const { codec } = this;
    const { family, fourOctetAs, internal } = group.key;
    const form = updateForm(fourOctetAs, internal);
    const rules: PackingRules = {
      equalOffers: true,
      capacity: (offer) => (offer === NONE ? codec.withdrawRoom() : codec.announceRoom(form, family, offer)),
      cost: (nlri) => codec.nlriOctets(nlri),
    };
    const { peerSets } = this.rib;
    const packed = packUpdates(batch, peerSets, rules);
    for (let at = 0; at < packed.length; at++) {
      const { offer, peers, changes } = packed[at]!;
      const message =
        offer === NONE
          ? codec.withdraw(form, family, picked(batch.nlris, changes))
          : codec.announce(form, family, offer, picked(batch.nlris, changes), picked(batch.labels, changes));
      const receivers = peerSets.members(peers);
      for (let i = 0; i < receivers.length; i++) {
        this.neighbours.speaker.send(this.neighbours.indexOf(receivers[i]!), message);
      }
    }
  }

  private sendXmpp(group: AgentGroup, { batch, receivers }: Extract<Outgoing, { kind: 'xmpp' }>): void {
    const { nlris } = this.rib.pool;
    const packed = packUpdates(batch, this.rib.peerSets, XMPP_RULES);
    for (let at = 0; at < packed.length; at++) {
      const { offer, changes } = packed[at]!;
      let body: XmppBody;
      if (offer === NONE) {
        const withdrawn = changes.map((change) => batch.nlris.get(change));
        for (const nlri of withdrawn) group.texts.delete(nlri);
        body = unreachMessage(group.instance.name, withdrawn, nlris);
      } else {
        const items = changes.map((change) => this.encoded(group, batch.nlris.get(change), batch.offers.get(change)));
        body = reachMessage(group.instance.name, items);
      }
      for (let i = 0; i < receivers.length; i++) this.channels.send(receivers[i]!, body);
    }
  }

  /** The text of a route is made once and serves every agent that is told of it (CN-2.8.3). */
  private encoded(group: AgentGroup, nlri: number, offer: number): EncodedItem {
    const known = group.texts.get(nlri);
    if (known !== undefined && known.offer === offer) return known.item;
    const item = encodeItem(this.exports.items.item(offer, nlri), 'control-node', this.rib.pool.nlris);
    return group.texts.set(nlri, { offer, item }).item;
  }
}

function picked(column: Int32Column, changes: readonly number[]): readonly number[] {
  const values: number[] = [];
  for (let i = 0; i < changes.length; i++) values.push(column.get(changes[i]!));
  return values;
}

/** At most 32 items or 256 retracts, whatever their attributes (CN-2.8.1, CN-6.5.9). */
const XMPP_RULES: PackingRules = {
  equalOffers: false,
  capacity: (offer) => (offer === NONE ? RETRACTS_MAX : REACH_ITEMS_MAX),
  cost: () => 1,
};
