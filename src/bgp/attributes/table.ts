/** The path attributes, by code and in the order they are written. */
import type { OctetWriter } from '../../base/bytes.ts';
import type { PathAttributes } from '../../route/attributes.ts';
import { AGGREGATOR, AS4_AGGREGATOR, ATOMIC_AGGREGATE } from './aggregate.ts';
import { AS_PATH, AS4_PATH } from './as-path.ts';
import { type AttributeCodec, type AttributeContext, FLAG } from './codec.ts';
import { COMMUNITIES, EXTENDED_COMMUNITIES, ORIGIN_VN_PATH } from './communities.ts';
import { NEXT_HOP } from './next-hop.ts';
import { ORIGIN } from './origin.ts';
import { LOCAL_PREF, MULTI_EXIT_DISC } from './preference.ts';
import { CLUSTER_LIST, ORIGINATOR_ID } from './reflection.ts';

/** CN-6.5.1: the order they are written in; MP_REACH_NLRI follows them. A reader takes any order. */
export const ATTRIBUTES: readonly AttributeCodec[] = [
  ORIGIN,
  NEXT_HOP,
  MULTI_EXIT_DISC,
  LOCAL_PREF,
  ATOMIC_AGGREGATE,
  AGGREGATOR,
  AS4_AGGREGATOR,
  ORIGINATOR_ID,
  CLUSTER_LIST,
  AS_PATH,
  AS4_PATH,
  COMMUNITIES,
  EXTENDED_COMMUNITIES,
  ORIGIN_VN_PATH,
];

const BY_CODE: readonly (AttributeCodec | undefined)[] = Array.from({ length: 256 }, (_, code) =>
  ATTRIBUTES.find((codec) => codec.code === code),
);

export function attributeCodec(code: number): AttributeCodec | undefined {
  return BY_CODE[code];
}

export interface WrittenAttributes {
  /** NEXT_HOP too, as for inet (CN-6.5.1). */
  readonly nextHop: boolean;
  /** LOCAL_PREF, on iBGP. */
  readonly localPref: boolean;
}

/** Returns the codes below 32 that were written, a bit each. */
export function encodeAttributes(
  to: OctetWriter,
  attributes: PathAttributes,
  context: AttributeContext,
  written: WrittenAttributes,
): number {
  let present = 0;
  for (const codec of ATTRIBUTES) {
    if (codec === NEXT_HOP && !written.nextHop) continue;
    if (codec === LOCAL_PREF && !written.localPref) continue;
    if (!codec.has(attributes, context)) continue;
    const at = to.length;
    to.u8(codec.flags);
    to.u8(codec.code);
    to.u8(0);
    codec.encode(to, attributes, context);
    const length = to.length - at - 3;
    if (length <= 0xff) to.patchU8(at + 2, length);
    else lengthen(to, at, length);
    if (codec.code < 32) present |= 1 << codec.code;
  }
  return present;
}

/** The value turned out longer than a length octet can say: written again behind two of them. */
function lengthen(to: OctetWriter, at: number, length: number): void {
  const value = to.peek().slice(at + 3);
  to.patchU8(at, to.peek()[at]! | FLAG.extendedLength);
  to.truncate(at + 2);
  to.u16(length);
  to.octets(value);
}
