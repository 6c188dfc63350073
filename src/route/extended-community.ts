/**
 * EXTENDED_COMMUNITIES (RFC 4360) as Contrail uses them (CN-3.5): what a path says beside its target. Kinds unknown to
 * us are kept octet for octet. Values are {@link Octets8}; tables hold their interned ids.
 */
import { AS_TRANS, isFourOctet } from '../net/asn.ts';
import { formatMac } from '../net/mac.ts';
import type { Octets8 } from '../net/octets8.ts';
import { formatRouteTarget, isRouteTarget, parseRouteTarget } from '../net/route-target.ts';

/** Tunnel encapsulation types (RFC 5512, CN-3.5) with the words of the XMPP items. */
export const TUNNEL_TYPES = {
  gre: 2, vxlan: 8, nvgre: 9, mpls: 10, 'mpls-o-gre': 11, 'vxlan-gpe': 12, udp: 13, native: 16,
} as const; // biome-ignore format: one line reads as the table it is
export type TunnelTypeName = keyof typeof TUNNEL_TYPES;

export function tunnelEncapsulation(type: number): Octets8 {
  return { hi: 0x030c0000, lo: type };
}

/** The tunnel type, or null when the community is another. */
export function tunnelTypeOf(value: Octets8): number | null {
  return value.hi >>> 16 === 0x030c ? value.lo & 0xffff : null;
}

const TUNNEL_NAMES = new Map<number, TunnelTypeName>(
  Object.entries(TUNNEL_TYPES).map(([name, type]) => [type, name as TunnelTypeName]), // the keys of the table
);

export function tunnelTypeName(type: number): TunnelTypeName | null {
  return TUNNEL_NAMES.get(type) ?? null;
}

/** Security group of a cluster with a 2-octet AS (CN-3.5). */
export function securityGroup(as: number, id: number): Octets8 {
  return { hi: (0x80040000 | (isFourOctet(as) ? AS_TRANS : as)) >>> 0, lo: id >>> 0 };
}

export function securityGroupOf(value: Octets8): { readonly as: number; readonly id: number } | null {
  return value.hi >>> 16 === 0x8004 ? { as: value.hi & 0xffff, id: value.lo } : null;
}

/** Origin virtual network: the AS and network id a route was born in (CN-3.5, CN-4.3). */
export function originVn(as: number, index: number): Octets8 {
  if (!isFourOctet(as)) return { hi: (0x80710000 | as) >>> 0, lo: index >>> 0 };
  return { hi: (0x82710000 | (as >>> 16)) >>> 0, lo: (((as & 0xffff) << 16) | (index & 0xffff)) >>> 0 };
}

export function originVnOf(value: Octets8): { readonly as: number; readonly index: number } | null {
  const kind = value.hi >>> 16;
  if (kind === 0x8071) return { as: value.hi & 0xffff, index: value.lo };
  if (kind === 0x8271) return { as: (((value.hi & 0xffff) << 16) | (value.lo >>> 16)) >>> 0, index: value.lo & 0xffff };
  return null;
}

/** MAC mobility (RFC 7432 §7.7): the sequence number of a moved workload. */
export function mobility(sticky: boolean, sequence: number): Octets8 {
  return { hi: (0x06000000 | (sticky ? 0x0100 : 0)) >>> 0, lo: sequence >>> 0 };
}

export function mobilityOf(value: Octets8): { readonly sticky: boolean; readonly sequence: number } | null {
  return value.hi >>> 16 === 0x0600 ? { sticky: (value.hi & 0x0100) !== 0, sequence: value.lo } : null;
}

/** Leaf of an E-Tree (RFC 8317 §5.1). */
export function isETreeLeaf(value: Octets8): boolean {
  return value.hi >>> 16 === 0x0605 && (value.hi & 0x0100) !== 0;
}

/** Router MAC (RFC 9135 §8.1). */
export function routerMac(mac: number): Octets8 {
  return { hi: (0x06030000 | Math.floor(mac / 0x1_0000_0000)) >>> 0, lo: mac >>> 0 };
}

/** A tag of a workload (CN-3.5/18). */
export function tag(as: number, value: number): Octets8 {
  return { hi: (0x80840000 | (isFourOctet(as) ? AS_TRANS : as)) >>> 0, lo: value >>> 0 };
}

export function tagOf(value: Octets8): { readonly as: number; readonly tag: number } | null {
  return value.hi >>> 16 === 0x8084 ? { as: value.hi & 0xffff, tag: value.lo } : null;
}

/** AS of a security group community of a cluster with a 4-octet AS (CN-3.5/15), or null. */
export function securityGroup4AsOf(value: Octets8): number | null {
  return value.hi >>> 16 === 0x8204 ? (((value.hi & 0xffff) << 16) | (value.lo >>> 16)) >>> 0 : null;
}

/** How often a workload moved, among the hosts of its own cluster (CN-3.5/21). */
export function localSequence(sequence: number): Octets8 {
  return { hi: 0xc0000000, lo: sequence >>> 0 };
}

/** Fields of a flow that choose among equal paths, highest bit first (CN-3.5/7). */
export const LOAD_BALANCE_FIELDS = [
  'l3-source-address',
  'l3-destination-address',
  'l4-protocol',
  'l4-source-port',
  'l4-destination-port',
] as const;

export function loadBalance(fields: readonly string[], sourceBias: boolean): Octets8 {
  let bits = 0;
  LOAD_BALANCE_FIELDS.forEach((field, i) => {
    if (fields.includes(field)) bits |= 0x80 >>> i;
  });
  return { hi: (0x03aa0000 | (bits << 8)) >>> 0, lo: sourceBias ? 0x80000000 : 0 };
}

export function loadBalanceOf(
  value: Octets8,
): { readonly fields: readonly string[]; readonly sourceBias: boolean } | null {
  if (value.hi >>> 16 !== 0x03aa) return null;
  const bits = (value.hi >>> 8) & 0xff;
  return {
    fields: LOAD_BALANCE_FIELDS.filter((_, i) => (bits & (0x80 >>> i)) !== 0),
    sourceBias: (value.lo & 0x80000000) !== 0,
  };
}

/** By its first four octets. */
export function isRouterMac(hi: number): boolean {
  return hi >>> 16 === 0x0603;
}

export function routerMacOf(value: Octets8): number | null {
  return isRouterMac(value.hi) ? (value.hi & 0xffff) * 0x1_0000_0000 + value.lo : null;
}

/** The text people know (CN-3.5), `0x...` octets for kinds unknown to us. */
export function formatExtendedCommunity(value: Octets8): string {
  if (isRouteTarget(value)) return formatRouteTarget(value);
  const tunnel = tunnelTypeOf(value);
  if (tunnel !== null) return `encapsulation:${tunnelTypeName(tunnel) ?? tunnel}`;
  const group = securityGroupOf(value);
  if (group !== null) return `secgroup:${group.as}:${group.id}`;
  const network = originVnOf(value);
  if (network !== null) return `originvn:${network.as}:${network.index}`;
  const move = mobilityOf(value);
  if (move !== null) return `mobility:${move.sticky ? 'sticky' : 'non-sticky'}:${move.sequence}`;
  const mac = routerMacOf(value);
  if (mac !== null) return `rtrmac:${formatMac(mac)}`;
  return `0x${value.hi.toString(16).padStart(8, '0')}${value.lo.toString(16).padStart(8, '0')}`;
}

/** Reads what {@link formatExtendedCommunity} prints; null when it is none of it. */
export function parseExtendedCommunity(text: string): Octets8 | null {
  if (text.startsWith('target:')) return parseRouteTarget(text);
  const octets = /^0x([0-9a-f]{8})([0-9a-f]{8})$/i.exec(text);
  if (octets !== null) return { hi: Number.parseInt(octets[1]!, 16), lo: Number.parseInt(octets[2]!, 16) };
  const [kind, first = '', second = ''] = text.split(':');
  if (kind === 'encapsulation') {
    const type = Object.hasOwn(TUNNEL_TYPES, first) ? TUNNEL_TYPES[first as TunnelTypeName] : numberIn(first, 0xffff);
    return type === null ? null : tunnelEncapsulation(type);
  }
  const number = numberIn(second, 0xffffffff);
  if (number === null) return null;
  if (kind === 'mobility') return /^(non-)?sticky$/.test(first) ? mobility(first === 'sticky', number) : null;
  const as = numberIn(first, 0xffffffff);
  if (as === null) return null;
  if (kind === 'secgroup') return securityGroup(as, number);
  return kind === 'originvn' ? originVn(as, number) : null;
}

function numberIn(text: string, most: number): number | null {
  return /^\d{1,10}$/.test(text) && Number(text) <= most ? Number(text) : null;
}
