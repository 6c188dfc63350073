/**
 * COMMUNITIES (RFC 1997), EXTENDED_COMMUNITIES (RFC 4360), where route targets travel (RFC 4364 §4.3.1), and Contrail's
 * OriginVn path, attribute 243 (CN-3.4).
 *
 * Contrail sends origin virtual network, tunnel encapsulation and security groups in the extended list, so kinds
 * unknown to us are kept octet for octet and sent on.
 */
import type { OctetReader, OctetWriter } from '../../base/bytes.ts';
import type { Octets8Id, Octets8Table } from '../../route/octets8-table.ts';
import { type AttributeCodec, multipleOf, OPTIONAL_TRANSITIVE } from './codec.ts';
import { ATTRIBUTE } from './codes.ts';

export const COMMUNITIES: AttributeCodec = {
  code: ATTRIBUTE.COMMUNITIES,
  name: 'COMMUNITIES',
  flags: OPTIONAL_TRANSITIVE,
  fits: multipleOf(4),
  decode: (from, into) => {
    const communities: number[] = [];
    while (from.remaining > 0) communities.push(from.u32());
    into.communities = communities;
    return 0;
  },
  has: (attributes) => attributes.communities.length > 0,
  encode: (to, attributes) => {
    for (const community of attributes.communities) to.u32(community);
  },
};

function decodeOctets8(from: OctetReader, table: Octets8Table): readonly Octets8Id[] {
  const values: Octets8Id[] = [];
  while (from.remaining > 0) values.push(table.internHalves(from.u32(), from.u32()));
  return values;
}

function encodeOctets8(to: OctetWriter, values: readonly Octets8Id[], table: Octets8Table): void {
  for (const value of values) {
    to.u32(table.hi(value));
    to.u32(table.lo(value));
  }
}

export const EXTENDED_COMMUNITIES: AttributeCodec = {
  code: ATTRIBUTE.EXTENDED_COMMUNITIES,
  name: 'EXTENDED_COMMUNITIES',
  flags: OPTIONAL_TRANSITIVE,
  fits: multipleOf(8),
  decode: (from, into, context) => {
    into.extendedCommunities = decodeOctets8(from, context.octets8);
    return 0;
  },
  has: (attributes) => attributes.extendedCommunities.length > 0,
  encode: (to, attributes, context) => encodeOctets8(to, attributes.extendedCommunities, context.octets8),
};

export const ORIGIN_VN_PATH: AttributeCodec = {
  code: ATTRIBUTE.ORIGIN_VN_PATH,
  name: 'ORIGIN_VN_PATH',
  flags: OPTIONAL_TRANSITIVE,
  fits: multipleOf(8),
  decode: (from, into, context) => {
    into.originVnPath = decodeOctets8(from, context.octets8);
    return 0;
  },
  has: (attributes) => attributes.originVnPath.length > 0,
  encode: (to, attributes, context) => encodeOctets8(to, attributes.originVnPath, context.octets8),
};
