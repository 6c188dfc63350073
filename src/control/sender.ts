/**
 * Updates on their way out: the changes of a rib-out packed (CN-6.5, CN-2.8), each message encoded once and handed to
 * every receiver of it.
 */
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
    for (const packed of packUpdates(batch, this.rib.peerSets, rules)) {
      const message =
        packed.offer === NONE
          ? codec.withdraw(form, family, packed.nlris)
          : codec.announce(form, family, packed.offer, packed.nlris, packed.labels);
      for (const peer of this.rib.peerSets.members(packed.peers)) {
        this.neighbours.speaker.send(this.neighbours.indexOf(peer), message);
      }
    }
  }

  private sendXmpp(group: AgentGroup, outgoing: Extract<Outgoing, { kind: 'xmpp' }>): void {
    const { nlris } = this.rib.pool;
    for (const packed of packUpdates(outgoing.batch, this.rib.peerSets, XMPP_RULES)) {
      let body: XmppBody;
      if (packed.offer === NONE) {
        for (const nlri of packed.nlris) group.texts.delete(nlri);
        body = unreachMessage(group.instance.name, [...packed.nlris], nlris);
      } else {
        const items = [...packed.nlris].map((nlri, i) => this.encoded(group, nlri, packed.offers[i]!));
        body = reachMessage(group.instance.name, items);
      }
      for (const peer of outgoing.receivers) this.channels.send(peer, body);
    }
  }

  /** The text of a route is made once and serves every agent that is told of it (CN-2.8.3). */
  private encoded(group: AgentGroup, nlri: number, offer: number): EncodedItem {
    const known = group.texts.get(nlri);
    if (known !== undefined && known.offer === offer) return known.item;
    const item = encodeItem(this.exports.items.item(offer, nlri), 'control-node', this.rib.pool.nlris);
    group.texts.set(nlri, { offer, item });
    return item;
  }
}

/** At most 32 items or 256 retracts, whatever their attributes (CN-2.8.1, CN-6.5.9). */
const XMPP_RULES: PackingRules = {
  equalOffers: false,
  capacity: (offer) => (offer === NONE ? RETRACTS_MAX : REACH_ITEMS_MAX),
  cost: () => 1,
};
