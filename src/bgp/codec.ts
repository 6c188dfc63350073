/**
 * The door between messages and octets, one for a pool of interned routes: every node of a world may share it, because
 * it holds nothing but what can be made again.
 */
import { OctetReader, OctetWriter } from '../base/bytes.ts';
import { invariant, unreachable } from '../base/invariant.ts';
import type { AttributesId } from '../route/attributes.ts';
import type { Family } from '../route/family.ts';
import type { NlriId } from '../route/nlri.ts';
import type { RoutePool } from '../route/pool.ts';
import { MessageDigests } from './digest.ts';
import { type BgpEnvelope, type DecodedBgp, sealed, UpdateEnvelope } from './envelope.ts';
import type { UpdateForm } from './form.ts';
import { checkHeader } from './framing.ts';
import {
  type BgpMessage,
  HEADER_OCTETS,
  KEEPALIVE,
  type KeepaliveMessage,
  MESSAGE_OCTETS_MAX,
  MESSAGE_TYPE,
  type NumberList,
  type OpenMessage,
  type Received,
  routesIn,
  type UpdateMessage,
  type UpdatePart,
} from './message.ts';
import { decodeNotification, encodeNotification, type Notification } from './notification.ts';
import { decodeOpen, encodeOpen } from './open.ts';
import { UpdateDecoder } from './update-decoder.ts';
import { UpdateEncoder } from './update-encoder.ts';

/** What the record calls them. */
const MESSAGE_KINDS = {
  open: 'bgp.open',
  update: 'bgp.update',
  notification: 'bgp.notification',
  keepalive: 'bgp.keepalive',
} as const;

/** Holds nothing between two messages, and so is no part of a world. */
const scratch = new OctetWriter(MESSAGE_OCTETS_MAX);

export class BgpCodec {
  readonly pool: RoutePool;
  private readonly encoder: UpdateEncoder;
  private readonly decoder: UpdateDecoder;
  private readonly digests: MessageDigests;
  private keepalive: BgpEnvelope | null = null;

  constructor(pool: RoutePool) {
    this.pool = pool;
    this.encoder = new UpdateEncoder(pool);
    this.decoder = new UpdateDecoder(pool);
    this.digests = new MessageDigests(pool);
  }

  // ---- UPDATE

  /**
   * A message that announces routes of one attribute set. Encode it once and send it to every peer that is to be told
   * the same in the same form; {@link announceRoom} and {@link nlriOctets} say how many routes fit.
   */
  announce(
    form: UpdateForm,
    family: Family,
    attributes: AttributesId,
    nlris: NumberList,
    labels: NumberList,
  ): BgpEnvelope {
    invariant(nlris.length === labels.length && nlris.length > 0, 'an announcement has routes, and a label for each');
    const meant: UpdatePart = { kind: 'announce', family, attributes, nlris, labels };
    const crossed = this.encoder.onTheWire(form, attributes);
    return this.update(form, meant, { kind: 'announce', family, attributes: crossed, nlris, labels });
  }

  withdraw(form: UpdateForm, family: Family, nlris: NumberList): BgpEnvelope {
    invariant(nlris.length > 0, 'a withdrawal has routes; without them it would be an End-of-RIB');
    const part: UpdatePart = { kind: 'withdraw', family, nlris };
    return this.update(form, part, part);
  }

  endOfRib(form: UpdateForm, family: Family): BgpEnvelope {
    const part: UpdatePart = { kind: 'end-of-rib', family };
    return this.update(form, part, part);
  }

  /** Octets that are left for NLRIs in a message that announces with these attributes. */
  announceRoom(form: UpdateForm, family: Family, attributes: AttributesId): number {
    return this.encoder.announceRoom(form, family, attributes);
  }

  withdrawRoom(): number {
    return this.encoder.withdrawRoom();
  }

  /** Octets of an NLRI in either kind of message. */
  nlriOctets(nlri: NlriId): number {
    return this.encoder.nlriOctets(nlri);
  }

  // ---- the other messages

  encode(message: OpenMessage | Notification | KeepaliveMessage): BgpEnvelope {
    if (message.kind === 'keepalive') {
      this.keepalive ??= this.seal(this.framed(MESSAGE_TYPE.keepalive), KEEPALIVE);
      return this.keepalive;
    }
    const to = this.begin();
    if (message.kind === 'open') {
      encodeOpen(to, message);
      return this.seal(this.finish(MESSAGE_TYPE.open), message);
    }
    encodeNotification(to, message);
    return this.seal(this.finish(MESSAGE_TYPE.notification), message);
  }

  // ---- octets

  /** One whole message. `fourOctetAs`: what the session agreed on. */
  decode(octets: Uint8Array, fourOctetAs: boolean): Received {
    const length = checkHeader(octets, 0);
    if (typeof length !== 'number') return length;
    invariant(length === octets.length, 'one whole message is decoded at a time');
    const type = octets[HEADER_OCTETS - 1];
    switch (type) {
      case MESSAGE_TYPE.open:
        return decodeOpen(new OctetReader(octets, HEADER_OCTETS));
      case MESSAGE_TYPE.update:
        return this.decoder.decode(octets, fourOctetAs);
      case MESSAGE_TYPE.notification:
        return decodeNotification(new OctetReader(octets, HEADER_OCTETS));
      case MESSAGE_TYPE.keepalive:
        return KEEPALIVE;
      default:
        return unreachable(type as never); // checkHeader lets no other type through
    }
  }

  /** What a receiver understood, for the record. */
  decodedOf(message: BgpMessage, size: number): DecodedBgp {
    return { kind: MESSAGE_KINDS[message.kind], items: routesIn(message), digest: this.digests.of(message), size };
  }

  /** 32 bits about an attribute set, made of its values. */
  attributesDigest(attributes: AttributesId): number {
    return this.digests.ofSet(attributes);
  }

  private update(form: UpdateForm, meant: UpdatePart, understood: UpdatePart): BgpEnvelope {
    const content: UpdateMessage = {
      kind: 'update',
      parts: [understood],
      present: this.encoder.present(form, meant),
    };
    return new UpdateEnvelope(this.encoder, form, meant, content, this.digests.of(content));
  }

  private begin(): OctetWriter {
    const to = scratch;
    to.reset();
    for (let i = 0; i < 4; i++) to.u32(0xffffffff);
    to.u16(0);
    to.u8(0);
    return to;
  }

  private finish(type: number): Uint8Array {
    scratch.patchU16(16, scratch.length);
    scratch.patchU8(18, type);
    return scratch.finish();
  }

  private framed(type: number): Uint8Array {
    this.begin();
    return this.finish(type);
  }

  private seal(octets: Uint8Array, content: BgpMessage): BgpEnvelope {
    return sealed({
      octets,
      content,
      kind: MESSAGE_KINDS[content.kind],
      items: routesIn(content),
      digest: this.digests.of(content),
      background: content.kind === 'keepalive',
    });
  }
}

const codecs = new WeakMap<RoutePool, BgpCodec>();

/** The one codec of a pool, so that whoever shares the pool shares what the codec has learnt. */
export function bgpCodec(pool: RoutePool): BgpCodec {
  const known = codecs.get(pool);
  if (known !== undefined) return known;
  const codec = new BgpCodec(pool);
  codecs.set(pool, codec);
  return codec;
}
