/** Route distinguishers (RFC 4364 §4.2): type 0 `as:number`, type 1 `address:number`, type 2 `as4:number`. */
import { formatIpv4, parseIpv4 } from './ipv4.ts';
import type { Octets8 } from './octets8.ts';

export type RouteDistinguisher = Octets8;

/** The form Contrail uses: `compute address:instance id` (CN-1.4.2, CN-3.2.1). */
export function rdOfAddress(address: number, index: number): RouteDistinguisher {
  return { hi: ((0x0001 << 16) | (address >>> 16)) >>> 0, lo: (((address & 0xffff) << 16) | (index & 0xffff)) >>> 0 };
}

export function parseRouteDistinguisher(text: string): RouteDistinguisher | null {
  const colon = text.lastIndexOf(':');
  if (colon < 0 || !/^\d{1,10}$/.test(text.slice(colon + 1))) return null;
  const number = Number(text.slice(colon + 1));
  const administrator = text.slice(0, colon);
  const address = parseIpv4(administrator);
  if (address !== null) return number <= 0xffff ? rdOfAddress(address, number) : null;
  if (!/^\d{1,10}$/.test(administrator)) return null;
  const as = Number(administrator);
  if (as <= 0xffff) return number <= 0xffffffff ? { hi: as, lo: number } : null;
  if (as > 0xffffffff || number > 0xffff) return null;
  return { hi: ((0x0002 << 16) | (as >>> 16)) >>> 0, lo: (((as & 0xffff) << 16) | number) >>> 0 };
}

export function formatRouteDistinguisher(rd: RouteDistinguisher): string {
  const type = rd.hi >>> 16;
  if (type === 0) return `${rd.hi & 0xffff}:${rd.lo}`;
  const administrator = (((rd.hi & 0xffff) << 16) | (rd.lo >>> 16)) >>> 0;
  if (type === 1) return `${formatIpv4(administrator)}:${rd.lo & 0xffff}`;
  if (type === 2) return `${administrator}:${rd.lo & 0xffff}`;
  return `${type}:${rd.hi & 0xffff}:${rd.lo}`;
}
