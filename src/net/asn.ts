/** Autonomous system numbers: 1 to 4294967295, plain or in asdot notation (RFC 5396). */

declare const asnBrand: unique symbol;
export type Asn = number & { readonly [asnBrand]: 'asn' };

/** Stands for a 4-octet AS number where only two octets fit (RFC 6793). */
export const AS_TRANS = 23456 as Asn;

export function parseAsn(text: string): Asn | null {
  const match = /^(?:AS)?(\d{1,10})(?:\.(\d{1,5}))?$/i.exec(text);
  if (match === null) return null;
  const high = Number(match[1]);
  if (match[2] === undefined) return high >= 1 && high <= 0xffffffff ? (high as Asn) : null;
  const low = Number(match[2]);
  const value = high * 65536 + low;
  return high <= 0xffff && low <= 0xffff && value > 0 ? (value as Asn) : null;
}

export function isFourOctet(value: number): boolean {
  return value > 0xffff;
}
