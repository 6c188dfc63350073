/**
 * UPDATE from octets (RFC 4271 §4.3, RFC 4760), and what a bad one deserves (CN-7.4).
 *
 * Attributes repeat from message to message, so a block of them is known by its octets: the first time it is read and
 * interned, later it costs a walk over the headers, one hash and one comparison. NLRIs become interned ids in typed
 * arrays. Nothing here throws at what a peer sent, and no memory is taken that the octets do not fill.
 */
import { OctetReader, OutOfOctets } from '../base/bytes.ts';
import { Memo } from '../base/memo.ts';
import { ipv4 } from '../net/ipv4.ts';
import { labelOfOctets } from '../net/label.ts';
import { type AttributesId, NO_ATTRIBUTES } from '../route/attributes.ts';
import { TUNNEL_TYPES, tunnelTypeOf } from '../route/extended-community.ts';
import { FAMILY } from '../route/family.ts';
import type { RoutePool } from '../route/pool.ts';
import { type AttributeContext, type Draft, FLAG, OPTIONAL } from './attributes/codec.ts';
import { ATTRIBUTE } from './attributes/codes.ts';
import { attributeCodec } from './attributes/table.ts';
import { HEADER_OCTETS, MESSAGE_OCTETS_MAX, type UpdateMessage, type UpdatePart } from './message.ts';
import type { NlriCodec } from './nlri/codec.ts';
import { INET } from './nlri/inet.ts';
import { nlriCodecOf } from './nlri/table.ts';
import { ERROR, type Malformed, malformed, UPDATE_ERROR } from './notification.ts';

/** Decoded columns are cut from larger ones: a buffer of its own costs a small message more than everything else. */
const ARENA = 1 << 14;
let arena = new Int32Array(ARENA);
let arenaUsed = 0;

/** The first values of a scratch column, where they stay. */
function kept(scratch: Int32Array, count: number): Int32Array {
  if (arenaUsed + count > ARENA) {
    arena = new Int32Array(ARENA);
    arenaUsed = 0;
  }
  const start = arenaUsed;
  arenaUsed += count;
  for (let i = 0; i < count; i++) arena[start + i] = scratch[i]!;
  return arena.subarray(start, arenaUsed);
}

/** Keys of blocks are cut from larger arrays for the same reason. */
let keyArena = new Uint8Array(ARENA);
let keyArenaUsed = 0;

function roomForKey(length: number): Uint8Array {
  if (keyArenaUsed + length > ARENA) {
    keyArena = new Uint8Array(ARENA);
    keyArenaUsed = 0;
  }
  keyArenaUsed += length;
  return keyArena.subarray(keyArenaUsed - length, keyArenaUsed);
}

/** A block of attributes that has been read before. */
interface KnownBlock {
  /** The octets that the block is known by. */
  readonly key: Uint8Array;
  readonly fourOctetAs: boolean;
  readonly hasReach: boolean;
  /** The set with the next hop of MP_REACH_NLRI, if there is one. */
  readonly reach: AttributesId;
  /** The set with the next hop of NEXT_HOP, for the classic fields. */
  readonly classic: AttributesId;
  readonly present: number;
  /** Labels are VNIs (CN-3.4). */
  readonly vxlan: boolean;
  readonly sameHash: KnownBlock | null;
}

const CLASS_FLAGS = FLAG.optional | FLAG.transitive;
/** The attributes but MP_REACH_NLRI and MP_UNREACH_NLRI lie in at most three pieces; the next hop is another. */
const PIECES_MAX = 4;

// Scratch that holds nothing between two messages, and so is no part of a world.
const pieces = new Int32Array(2 * PIECES_MAX);
const nlris = new Int32Array(MESSAGE_OCTETS_MAX);
const labels = new Int32Array(MESSAGE_OCTETS_MAX);

export class UpdateDecoder {
  private readonly pool: RoutePool;
  private readonly blocks = new Memo<number, KnownBlock>();

  constructor(pool: RoutePool) {
    this.pool = pool;
  }

  /** A whole message with its header, which has been checked. */
  decode(octets: Uint8Array, fourOctetAs: boolean): UpdateMessage | Malformed {
    const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    const end = octets.length;
    const withdrawnAt = HEADER_OCTETS + 2;
    const withdrawnEnd = withdrawnAt + view.getUint16(HEADER_OCTETS);
    if (withdrawnEnd + 2 > end) return badList('the withdrawn routes are longer than the message');
    const attributesAt = withdrawnEnd + 2;
    const attributesEnd = attributesAt + view.getUint16(withdrawnEnd);
    if (attributesEnd > end) return badList('the attributes are longer than the message');

    // One walk over the headers: where MP_REACH and MP_UNREACH lie, and the hash of everything else.
    let reachAt = -1;
    let reachEnd = 0;
    let unreachAt = -1;
    let unreachEnd = 0;
    let pieceCount = 0;
    let hash = fourOctetAs ? 0x2545f491 : 0x3c6ef372;
    let pieceAt = attributesAt;
    let at = attributesAt;
    while (at < attributesEnd) {
      if (at + 3 > attributesEnd) return badList('an attribute is cut short');
      const flags = view.getUint8(at);
      const code = view.getUint8(at + 1);
      const extended = (flags & FLAG.extendedLength) !== 0;
      if (extended && at + 4 > attributesEnd) return badList('an attribute is cut short');
      const valueAt = at + (extended ? 4 : 3);
      const valueEnd = valueAt + (extended ? view.getUint16(at + 2) : view.getUint8(at + 2));
      if (valueEnd > attributesEnd)
        return badLength(octets, at, attributesEnd, 'an attribute is longer than the message');
      if (code === ATTRIBUTE.MP_REACH_NLRI || code === ATTRIBUTE.MP_UNREACH_NLRI) {
        const isReach = code === ATTRIBUTE.MP_REACH_NLRI;
        if ((isReach ? reachAt : unreachAt) >= 0) return badList('an attribute stands twice');
        if ((flags & CLASS_FLAGS) !== OPTIONAL) return badFlags(octets, at, valueEnd);
        if (at > pieceAt) {
          pieces[2 * pieceCount] = pieceAt;
          pieces[2 * pieceCount++ + 1] = at;
        }
        pieceAt = valueEnd;
        if (isReach) {
          if (valueEnd - valueAt < 5) return badLength(octets, at, valueEnd, 'MP_REACH_NLRI is cut short');
          reachAt = valueAt;
          reachEnd = valueEnd;
          const nextHopEnd = valueAt + 4 + view.getUint8(valueAt + 3);
          if (nextHopEnd + 1 > valueEnd)
            return badOptional(octets, at, valueEnd, 'the next hop of MP_REACH_NLRI is cut short');
          pieces[2 * pieceCount] = valueAt;
          pieces[2 * pieceCount++ + 1] = nextHopEnd;
        } else {
          if (valueEnd - valueAt < 3) return badLength(octets, at, valueEnd, 'MP_UNREACH_NLRI is cut short');
          unreachAt = valueAt;
          unreachEnd = valueEnd;
        }
      }
      at = valueEnd;
    }
    if (attributesEnd > pieceAt) {
      pieces[2 * pieceCount] = pieceAt;
      pieces[2 * pieceCount++ + 1] = attributesEnd;
    }
    for (let piece = 0; piece < pieceCount; piece++)
      hash = mixOctets(view, pieces[2 * piece]!, pieces[2 * piece + 1]!, hash);

    const parts: UpdatePart[] = [];
    let present = 0;
    if (withdrawnEnd > withdrawnAt) {
      const fault = this.readNlris(view, withdrawnAt, withdrawnEnd, INET, parts, null);
      if (fault !== null) return fault;
    }
    if (unreachAt >= 0) {
      const codec = nlriCodecOf(view.getUint16(unreachAt), view.getUint8(unreachAt + 2));
      if (codec !== null) {
        if (unreachEnd === unreachAt + 3) {
          // End-of-RIB; the processing of the message stops there (CN-7.4.2).
          return { kind: 'update', parts: [{ kind: 'end-of-rib', family: codec.family }], present: 0 };
        }
        const fault = this.readNlris(view, unreachAt + 3, unreachEnd, codec, parts, null);
        if (fault !== null) return fault;
      }
    }
    if (attributesEnd > attributesAt) {
      const block = this.blockOf(octets, view, hash, pieceCount, reachAt, attributesAt, attributesEnd, fourOctetAs);
      if ('kind' in block) return block;
      present = block.present;
      if (reachAt >= 0) {
        const codec = nlriCodecOf(view.getUint16(reachAt), view.getUint8(reachAt + 2));
        if (codec !== null) {
          const nlrisAt = reachAt + 5 + view.getUint8(reachAt + 3);
          const fault = this.readNlris(view, nlrisAt, reachEnd, codec, parts, block);
          if (fault !== null) return fault;
        }
      }
      if (end > attributesEnd) {
        if ((present & (1 << ATTRIBUTE.NEXT_HOP)) === 0) return nextHopMissing();
        const fault = this.readNlris(view, attributesEnd, end, INET, parts, { ...block, reach: block.classic });
        if (fault !== null) return fault;
      }
    } else if (end > attributesEnd) return nextHopMissing();
    return { kind: 'update', parts, present };
  }

  /** The NLRIs between two offsets as one part; withdrawn when there is no block of attributes. */
  private readNlris(
    view: DataView,
    start: number,
    end: number,
    codec: NlriCodec,
    parts: UpdatePart[],
    block: KnownBlock | null,
  ): Malformed | null {
    const { pool } = this;
    const count = codec.decodeAll(view, start, end, pool, nlris, labels);
    if (count < 0) return malformed(ERROR.update, UPDATE_ERROR.invalidNetworkField, 'an NLRI is longer than its field');
    if (count === 0) return null;
    const ids = kept(nlris, count);
    if (block === null) parts.push({ kind: 'withdraw', family: codec.family, nlris: ids });
    else {
      if (codec.labelled && !block.vxlan) for (let i = 0; i < count; i++) labels[i] = labelOfOctets(labels[i]!);
      const found = kept(labels, count);
      parts.push({ kind: 'announce', family: codec.family, attributes: block.reach, nlris: ids, labels: found });
    }
    return null;
  }

  private blockOf(
    octets: Uint8Array,
    view: DataView,
    hash: number,
    pieceCount: number,
    reachAt: number,
    start: number,
    end: number,
    fourOctetAs: boolean,
  ): KnownBlock | Malformed {
    const first = this.blocks.get(hash) ?? null;
    for (let block = first; block !== null; block = block.sameHash) {
      if (
        block.fourOctetAs === fourOctetAs &&
        block.hasReach === reachAt >= 0 &&
        this.isBlock(octets, pieceCount, block.key)
      )
        return block;
    }
    const read = this.readBlock(octets, view, reachAt, start, end, fourOctetAs);
    if ('kind' in read) return read;
    const block: KnownBlock = { ...read, key: this.keyOf(octets, pieceCount), sameHash: first };
    return this.blocks.set(hash, block);
  }

  private isBlock(octets: Uint8Array, pieceCount: number, key: Uint8Array): boolean {
    let offset = 0;
    for (let piece = 0; piece < pieceCount; piece++) {
      const end = pieces[2 * piece + 1]!;
      for (let at = pieces[2 * piece]!; at < end; at++) if (octets[at] !== key[offset++]) return false;
    }
    return offset === key.length;
  }

  private keyOf(octets: Uint8Array, pieceCount: number): Uint8Array {
    let length = 0;
    for (let piece = 0; piece < pieceCount; piece++) length += pieces[2 * piece + 1]! - pieces[2 * piece]!;
    const key = roomForKey(length);
    let offset = 0;
    for (let piece = 0; piece < pieceCount; piece++) {
      for (let at = pieces[2 * piece]!; at < pieces[2 * piece + 1]!; at++) key[offset++] = octets[at]!;
    }
    return key;
  }

  /** Reads every attribute; the walk before has checked that each lies within the field. */
  private readBlock(
    octets: Uint8Array,
    view: DataView,
    reachAt: number,
    start: number,
    end: number,
    fourOctetAs: boolean,
  ): Omit<KnownBlock, 'key' | 'sameHash'> | Malformed {
    const { pool } = this;
    const context: AttributeContext = { fourOctetAs, octets8: pool.octets8 };
    const draft: Draft = { ...NO_ATTRIBUTES };
    const seen = new Uint8Array(256);
    let present = 0;
    let at = start;
    while (at < end) {
      const flags = view.getUint8(at);
      const code = view.getUint8(at + 1);
      const valueAt = at + ((flags & FLAG.extendedLength) !== 0 ? 4 : 3);
      const length = valueAt === at + 4 ? view.getUint16(at + 2) : view.getUint8(at + 2);
      if (seen[code] === 1) return badList(`attribute ${code} stands twice`);
      seen[code] = 1;
      const codec = attributeCodec(code);
      if (codec !== undefined) {
        if ((flags & CLASS_FLAGS) !== codec.flags) return badFlags(octets, at, valueAt + length);
        if (!codec.fits(length, context)) {
          return badLength(octets, at, valueAt + length, `${codec.name} has a length of ${length} octets`);
        }
        const subcode = readValue(new OctetReader(octets, valueAt, valueAt + length), codec.decode, draft, context);
        if (subcode !== 0) {
          const data =
            subcode === UPDATE_ERROR.malformedAsPath ? new Uint8Array(0) : octets.slice(at, valueAt + length);
          return malformed(ERROR.update, subcode, `${codec.name} has a bad value`, data);
        }
        if (code < 32) present |= 1 << code;
      } else if (code === ATTRIBUTE.MP_REACH_NLRI || code === ATTRIBUTE.MP_UNREACH_NLRI) present |= 1 << code;
      else if ((flags & FLAG.optional) === 0) {
        const data = octets.slice(at, valueAt + length);
        return malformed(
          ERROR.update,
          UPDATE_ERROR.unrecognizedWellKnown,
          `well-known attribute ${code} is unknown`,
          data,
        );
      } // An unknown optional attribute is taken and dropped (CN-7.4.8).
      at = valueAt + length;
    }
    const classic = pool.attributes.intern(draft);
    let reach = classic;
    if (reachAt >= 0) {
      const nextHop = mpNextHop(view, reachAt);
      if (nextHop === null)
        return malformed(
          ERROR.update,
          UPDATE_ERROR.optionalAttribute,
          'MP_REACH_NLRI has a next hop of no length known',
        );
      reach = pool.attributes.withNextHop(classic, ipv4(nextHop));
    }
    const vxlan = draft.extendedCommunities.some(
      (value) => tunnelTypeOf(pool.octets8.value(value)) === TUNNEL_TYPES.vxlan,
    );
    return { fourOctetAs, hasReach: reachAt >= 0, reach, classic, present, vxlan };
  }
}

function readValue(
  from: OctetReader,
  decode: (from: OctetReader, into: Draft, context: AttributeContext) => number,
  draft: Draft,
  context: AttributeContext,
): number {
  try {
    return decode(from, draft, context);
  } catch (error) {
    if (error instanceof OutOfOctets) return UPDATE_ERROR.attributeLength;
    throw error;
  }
}

/**
 * The IPv4 next hop of MP_REACH_NLRI (CN-6.5.3): 4 octets, 8 zero octets and 4, or a v4-mapped IPv6 address behind 0 or 8
 * octets. 0 for an unknown family or a native IPv6 address (a path without next hop), null for other lengths.
 */
function mpNextHop(view: DataView, reachAt: number): number | null {
  const codec = nlriCodecOf(view.getUint16(reachAt), view.getUint8(reachAt + 2));
  const length = view.getUint8(reachAt + 3);
  const at = reachAt + 4;
  if (codec === null) return 0;
  if (length === 4) return view.getUint32(at);
  if (length === 12) return codec.family === FAMILY['inet-vpn'] ? view.getUint32(at + 8) : null;
  if (length !== 16 && length !== 24) return null;
  const address = at + length - 16;
  const mapped =
    view.getUint32(address) === 0 && view.getUint32(address + 4) === 0 && view.getUint32(address + 8) === 0xffff;
  return mapped ? view.getUint32(address + 12) : 0;
}

/** Mixes the octets from `at` to `end`, four at a time. */
function mixOctets(view: DataView, at: number, end: number, hash: number): number {
  let mixed = hash ^ (end - at);
  let offset = at;
  for (; offset + 4 <= end; offset += 4) {
    mixed = Math.imul(mixed ^ view.getInt32(offset), 0x9e3779b1);
    mixed ^= mixed >>> 15;
  }
  for (; offset < end; offset++) mixed = Math.imul(mixed ^ view.getUint8(offset), 0x01000193);
  return mixed | 0;
}

function badList(why: string): Malformed {
  return malformed(ERROR.update, UPDATE_ERROR.malformedAttributeList, why);
}

function badFlags(octets: Uint8Array, at: number, end: number): Malformed {
  return malformed(
    ERROR.update,
    UPDATE_ERROR.attributeFlags,
    `attribute ${octets[at + 1]} has wrong flags`,
    octets.slice(at, end),
  );
}

function badLength(octets: Uint8Array, at: number, end: number, why: string): Malformed {
  return malformed(ERROR.update, UPDATE_ERROR.attributeLength, why, octets.slice(at, end));
}

function badOptional(octets: Uint8Array, at: number, end: number, why: string): Malformed {
  return malformed(ERROR.update, UPDATE_ERROR.optionalAttribute, why, octets.slice(at, end));
}

function nextHopMissing(): Malformed {
  return malformed(
    ERROR.update,
    UPDATE_ERROR.missingWellKnown,
    'NEXT_HOP is missing',
    Uint8Array.of(ATTRIBUTE.NEXT_HOP),
  );
}
