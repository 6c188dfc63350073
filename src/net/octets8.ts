/**
 * Eight octets as two unsigned 32-bit halves: the form of route distinguishers and extended communities, compared as
 * raw octets (CN-1.4.5, CN-3.2.2).
 */

export interface Octets8 {
  readonly hi: number;
  readonly lo: number;
}

export function compareOctets8(a: Octets8, b: Octets8): number {
  return a.hi - b.hi || a.lo - b.lo;
}

export function octets8Hex(value: Octets8): string {
  return value.hi.toString(16).padStart(8, '0') + value.lo.toString(16).padStart(8, '0');
}
