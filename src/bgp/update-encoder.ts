/**
 * UPDATE to octets, as Contrail writes it (CN-6.5): every family in MP_REACH_NLRI and MP_UNREACH_NLRI, the attributes in
 * a fixed order, at most 4,096 octets. How long the attributes of a set are is worked out once for each form.
 */
import { OctetWriter } from '../base/bytes.ts';
import { broken } from '../base/invariant.ts';
import { IdMemo, UNKNOWN } from '../base/memo.ts';
import { labelOctets } from '../net/label.ts';
import type { AttributesId } from '../route/attributes.ts';
import type { CommonAttributes, CommonId } from '../route/common-attributes.ts';
import { TUNNEL_TYPES, tunnelTypeOf } from '../route/extended-community.ts';
import { FAMILIES, FAMILY, type Family } from '../route/family.ts';
import type { NlriId } from '../route/nlri.ts';
import { NO_OCTETS8 } from '../route/octets8-table.ts';
import type { RoutePool } from '../route/pool.ts';
import { narrowPath } from './attributes/as-path.ts';
import { FLAG, OPTIONAL } from './attributes/codec.ts';
import { ATTRIBUTE } from './attributes/codes.ts';
import { encodeAttributes } from './attributes/table.ts';
import { hasFourOctetAs, hasLocalPref, UPDATE_FORMS, type UpdateForm } from './form.ts';
import { type Announcement, HEADER_OCTETS, MESSAGE_OCTETS_MAX, type NumberList, type UpdatePart } from './message.ts';
import type { NlriCodec } from './nlri/codec.ts';
import { nlriCodec } from './nlri/table.ts';

/** Header, and the lengths of the two classic fields. */
const FIXED_OCTETS = HEADER_OCTETS + 4;
/** Flags, code and two length octets of an MP attribute. */
const MP_HEADER_OCTETS = 4;
/** The label of a withdrawn route (RFC 8277 §2.4): receivers do not read it. */
const WITHDRAWN_LABEL = 0x800000;

/** Hold nothing between two messages, and so are no part of a world. */
const scratch = new OctetWriter(MESSAGE_OCTETS_MAX);
const measured = new OctetWriter(MESSAGE_OCTETS_MAX);

export class UpdateEncoder {
  private readonly pool: RoutePool;
  /** By form and whether NEXT_HOP is written, then by shape: octets of the attributes before MP_REACH_NLRI. */
  private readonly lengths: readonly IdMemo[];
  /** The same: which attributes they are, as in {@link UpdateMessage}. */
  private readonly presents: readonly IdMemo[];
  /** By form: what a receiver understands of what is common. */
  private readonly crossed: readonly IdMemo[];

  constructor(pool: RoutePool) {
    this.pool = pool;
    this.lengths = UPDATE_FORMS.flatMap(() => [new IdMemo(), new IdMemo()]);
    this.presents = UPDATE_FORMS.flatMap(() => [new IdMemo(), new IdMemo()]);
    this.crossed = UPDATE_FORMS.map(() => new IdMemo());
  }

  /** What is left of a set when it has crossed the wire in this form: what stays inside the node is gone. */
  onTheWire(form: UpdateForm, attributes: AttributesId): AttributesId {
    const table = this.pool.attributes;
    const common = table.common(attributes);
    const crossed = this.crossed[form]!;
    const known = crossed.get(common);
    const left = known === UNKNOWN ? crossed.set(common, this.crossing(form, common)) : known;
    return table.moved(attributes, left, NO_OCTETS8);
  }

  private crossing(form: UpdateForm, common: CommonId): CommonId {
    const { commons } = this.pool.attributes;
    const set = commons.get(common);
    const fourOctetAs = hasFourOctetAs(form);
    return commons.intern({
      ...set,
      localPref: hasLocalPref(form) ? set.localPref : 100,
      asPath: set.asPath === null || fourOctetAs ? set.asPath : narrowPath(set.asPath),
      subProtocol: '',
    });
  }

  /** Octets that are left for NLRIs in a message that announces with these attributes. */
  announceRoom(form: UpdateForm, family: Family, attributes: AttributesId): number {
    const taken = FIXED_OCTETS + this.lengthOf(form, family, attributes) + MP_HEADER_OCTETS + 5;
    return MESSAGE_OCTETS_MAX - taken - nlriCodec(family).nextHopOctets;
  }

  withdrawRoom(): number {
    return MESSAGE_OCTETS_MAX - FIXED_OCTETS - MP_HEADER_OCTETS - 3;
  }

  nlriOctets(nlri: NlriId): number {
    return nlriCodec(this.pool.nlris.family(nlri)).octets(nlri, this.pool);
  }

  /** Octets of the message of one part, without making them. */
  size(form: UpdateForm, part: UpdatePart): number {
    const room = part.kind === 'announce' ? this.announceRoom(form, part.family, part.attributes) : this.withdrawRoom();
    let size = MESSAGE_OCTETS_MAX - room;
    if (part.kind !== 'end-of-rib') for (let i = 0; i < part.nlris.length; i++) size += this.nlriOctets(part.nlris[i]!);
    if (size > MESSAGE_OCTETS_MAX) broken(`an UPDATE of ${size} octets was packed, ${MESSAGE_OCTETS_MAX} is the limit`);
    return size;
  }

  /** One message of one part: what this simulator's own speakers send. */
  encode(form: UpdateForm, part: UpdatePart): Uint8Array {
    const to = this.begin();
    if (part.kind === 'announce') {
      this.writeAttributes(to, form, part.family, part.attributes);
      this.writeReach(to, part);
    } else this.writeUnreach(to, nlriCodec(part.family), part.kind === 'withdraw' ? part.nlris : NOTHING);
    to.patchU16(HEADER_OCTETS + 2, to.length - FIXED_OCTETS);
    to.patchU16(16, to.length);
    return to.finish();
  }

  /** The attribute codes in a message of this part, a bit each. */
  present(form: UpdateForm, part: UpdatePart): number {
    if (part.kind === 'end-of-rib') return 0;
    if (part.kind === 'withdraw') return 1 << ATTRIBUTE.MP_UNREACH_NLRI;
    return this.presentOf(form, part.family, part.attributes) | (1 << ATTRIBUTE.MP_REACH_NLRI);
  }

  private begin(): OctetWriter {
    const to = scratch;
    to.reset();
    for (let i = 0; i < 4; i++) to.u32(0xffffffff);
    to.u16(0);
    to.u8(2);
    to.u32(0);
    return to;
  }

  /** Octets of the attributes before MP_REACH_NLRI. */
  private lengthOf(form: UpdateForm, family: Family, attributes: AttributesId): number {
    const known = this.lengths[kindOf(form, family)]!.get(this.shape(attributes));
    if (known !== UNKNOWN) return known;
    this.measure(form, family, attributes);
    return measured.length;
  }

  private presentOf(form: UpdateForm, family: Family, attributes: AttributesId): number {
    const known = this.presents[kindOf(form, family)]!.get(this.shape(attributes));
    return known === UNKNOWN ? this.measure(form, family, attributes) : known;
  }

  /** Writes the attributes of the set to where they are measured; returns which they are. */
  private measure(form: UpdateForm, family: Family, attributes: AttributesId): number {
    const kind = kindOf(form, family);
    const shape = this.shape(attributes);
    measured.reset();
    const present = this.writeAttributes(measured, form, family, attributes);
    this.lengths[kind]!.set(shape, measured.length);
    return this.presents[kind]!.set(shape, present);
  }

  /** Sets of one shape have attributes of the same lengths: what is common, and whether there is a router MAC beside it. */
  private shape(attributes: AttributesId): number {
    const table = this.pool.attributes;
    return 2 * table.common(attributes) + (table.routerMac(attributes) === NO_OCTETS8 ? 0 : 1);
  }

  private writeAttributes(to: OctetWriter, form: UpdateForm, family: Family, attributes: AttributesId): number {
    const context = { fourOctetAs: hasFourOctetAs(form), octets8: this.pool.octets8 };
    const written = { nextHop: family === FAMILY.inet, localPref: hasLocalPref(form) };
    return encodeAttributes(to, this.pool.attributes.get(attributes), context, written);
  }

  private writeReach(to: OctetWriter, part: Announcement): void {
    const codec = nlriCodec(part.family);
    const { attributes } = this.pool;
    const at = this.beginMp(to, ATTRIBUTE.MP_REACH_NLRI, codec);
    to.u8(codec.nextHopOctets);
    to.zeros(codec.nextHopOctets - 4);
    to.u32(attributes.nextHop(part.attributes));
    to.u8(0);
    const asLabel = this.saysVxlan(attributes.commonOf(part.attributes))
      ? (label: number) => label & 0xffffff
      : labelOctets;
    for (let i = 0; i < part.nlris.length; i++) codec.encode(to, part.nlris[i]!, asLabel(part.labels[i]!), this.pool);
    to.patchU16(at - 2, to.length - at);
  }

  private writeUnreach(to: OctetWriter, codec: NlriCodec, nlris: NumberList): void {
    const at = this.beginMp(to, ATTRIBUTE.MP_UNREACH_NLRI, codec);
    for (let i = 0; i < nlris.length; i++) codec.encode(to, nlris[i]!, WITHDRAWN_LABEL, this.pool);
    to.patchU16(at - 2, to.length - at);
  }

  /** Returns where the value begins. */
  private beginMp(to: OctetWriter, code: number, codec: NlriCodec): number {
    const { afi, safi } = FAMILIES[codec.family]!;
    to.u8(OPTIONAL | FLAG.extendedLength);
    to.u8(code);
    to.u16(0);
    const at = to.length;
    to.u16(afi);
    to.u8(safi);
    return at;
  }

  /** Whether labels of the set are VNIs (CN-3.4). */
  private saysVxlan(set: CommonAttributes): boolean {
    return set.extendedCommunities.some((value) => tunnelTypeOf(this.pool.octets8.value(value)) === TUNNEL_TYPES.vxlan);
  }
}

/** Index of the form and family in the memos. */
function kindOf(form: UpdateForm, family: Family): number {
  return 2 * form + (family === FAMILY.inet ? 1 : 0);
}

const NOTHING = new Int32Array(0);
