/** Ethernet addresses as whole numbers of 48 bits, exact in a double. */

declare const macBrand: unique symbol;
export type Mac = number & { readonly [macBrand]: 'mac' };

/** Reads six hex octets separated by `:` or `-`; null when it is anything else. */
export function parseMac(text: string): Mac | null {
  if (!/^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$/.test(text)) return null;
  return Number.parseInt(text.replace(/[:-]/g, ''), 16) as Mac;
}

export function formatMac(mac: number): string {
  const digits = mac.toString(16).padStart(12, '0');
  return digits.replace(/(..)(?=.)/g, '$1:');
}
