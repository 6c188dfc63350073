/** IPv4 prefixes. A prefix has no host bits; {@link parsePrefix} says which fault a text has. */
import { formatIpv4, type Ipv4, ipv4, parseIpv4 } from './ipv4.ts';

export interface Ipv4Prefix {
  readonly address: Ipv4;
  readonly length: number;
}

/** The netmask of a length 0..32 as an unsigned integer. */
export function maskOf(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
}

export type PrefixFault = 'not-a-prefix' | 'bad-length' | 'host-bits';

/** Reads `a.b.c.d/n`. Host bits are a fault, because `10.1.2.3/24` is almost always a mistake. */
export function parsePrefix(text: string): Ipv4Prefix | PrefixFault {
  const slash = text.indexOf('/');
  if (slash < 0) return 'not-a-prefix';
  const address = parseIpv4(text.slice(0, slash));
  if (address === null) return 'not-a-prefix';
  const digits = text.slice(slash + 1);
  if (!/^(0|[1-9]\d?)$/.test(digits)) return 'bad-length';
  const length = Number(digits);
  if (length > 32) return 'bad-length';
  if ((address & maskOf(length)) >>> 0 !== address) return 'host-bits';
  return { address, length };
}

export function formatPrefix(prefix: { readonly address: number; readonly length: number }): string {
  return `${formatIpv4(prefix.address)}/${prefix.length}`;
}

/** Cuts the host bits off. */
export function prefixOf(address: number, length: number): Ipv4Prefix {
  return { address: ipv4(address & maskOf(length)), length };
}

export function contains(prefix: Ipv4Prefix, address: number): boolean {
  return (address & maskOf(prefix.length)) >>> 0 === prefix.address;
}

export function overlaps(a: Ipv4Prefix, b: Ipv4Prefix): boolean {
  return a.length <= b.length ? contains(a, b.address) : contains(b, a.address);
}

export function firstAddress(prefix: Ipv4Prefix): Ipv4 {
  return prefix.address;
}

export function lastAddress(prefix: Ipv4Prefix): Ipv4 {
  return ipv4(prefix.address | ~maskOf(prefix.length));
}

export function comparePrefixes(a: Ipv4Prefix, b: Ipv4Prefix): number {
  return a.address - b.address || a.length - b.length;
}
