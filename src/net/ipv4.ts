/** IPv4 addresses as unsigned 32-bit integers. Text goes through {@link parseIpv4}; ip-num is its oracle in the tests. */

declare const ipv4Brand: unique symbol;
export type Ipv4 = number & { readonly [ipv4Brand]: 'ipv4' };

export const NO_ADDRESS = 0 as Ipv4;

export function ipv4(value: number): Ipv4 {
  return (value >>> 0) as Ipv4;
}

/** Reads a dotted quad: four decimal numbers up to 255 without leading zeros. Null when it is anything else. */
export function parseIpv4(text: string): Ipv4 | null {
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) {
      if (octet === 0) return null;
      octet = octet < 0 ? digit : octet * 10 + digit;
      if (octet > 255) return null;
    } else if (digit === -2) {
      if (octet < 0 || dots === 3) return null;
      value = value * 256 + octet;
      octet = -1;
      dots++;
    } else return null;
  }
  return dots === 3 && octet >= 0 ? ((value * 256 + octet) as Ipv4) : null;
}

export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}
