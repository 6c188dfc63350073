/**
 * Route targets (RFC 4360 §4, CN-1.5): `target:A:N` with a 2-octet AS and a 4-octet number, a 4-octet AS (also
 * `target:AL:N`) or an address with a 2-octet number. The all-zero target is the null target of CN-1.5.1.
 */
import { formatIpv4, parseIpv4 } from './ipv4.ts';
import type { Octets8 } from './octets8.ts';

export type RouteTarget = Octets8;

export const NULL_ROUTE_TARGET: RouteTarget = { hi: 0, lo: 0 };

const SUBTYPE_ROUTE_TARGET = 0x02;

export function parseRouteTarget(text: string): RouteTarget | null {
  const match = /^target:([^:]+):(\d{1,10})$/.exec(text);
  if (match === null) return null;
  const administrator = match[1]!;
  const number = Number(match[2]);
  const address = parseIpv4(administrator);
  if (address !== null) return number <= 0xffff ? fromAdministrator4(0x01, address, number) : null;
  const as = /^(\d{1,10})(L?)$/.exec(administrator);
  if (as === null) return null;
  const value = Number(as[1]);
  if (value === 0 || value > 0xffffffff) return null;
  if (value > 0xffff || as[2] === 'L') return number <= 0xffff ? fromAdministrator4(0x02, value, number) : null;
  return number <= 0xffffffff ? { hi: ((SUBTYPE_ROUTE_TARGET << 16) | value) >>> 0, lo: number } : null;
}

/** `target:as:number` in the form the AS's width asks for. */
export function routeTargetOf(as: number, number: number): RouteTarget {
  if (as > 0xffff) return fromAdministrator4(0x02, as, number);
  return { hi: ((SUBTYPE_ROUTE_TARGET << 16) | as) >>> 0, lo: number >>> 0 };
}

/** `target:address:number`, the form of the targets a control node makes for itself (CN-1.6.4, CN-4.6). */
export function routeTargetOfAddress(address: number, number: number): RouteTarget {
  return fromAdministrator4(0x01, address, number);
}

export function isRouteTarget(value: Octets8): boolean {
  const type = value.hi >>> 24;
  return (type === 0 || type === 1 || type === 2) && ((value.hi >>> 16) & 0xff) === SUBTYPE_ROUTE_TARGET;
}

export function formatRouteTarget(target: RouteTarget): string {
  const type = target.hi >>> 24;
  if (type === 0x00) return `target:${target.hi & 0xffff}:${target.lo}`;
  const administrator = (((target.hi & 0xffff) << 16) | (target.lo >>> 16)) >>> 0;
  if (type === 0x01) return `target:${formatIpv4(administrator)}:${target.lo & 0xffff}`;
  return `target:${administrator}${administrator <= 0xffff ? 'L' : ''}:${target.lo & 0xffff}`;
}

function fromAdministrator4(type: number, administrator: number, number: number): RouteTarget {
  return {
    hi: ((type << 24) | (SUBTYPE_ROUTE_TARGET << 16) | (administrator >>> 16)) >>> 0,
    lo: (((administrator & 0xffff) << 16) | number) >>> 0,
  };
}
