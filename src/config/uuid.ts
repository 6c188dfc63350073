/** Uuids made from names, so that what an input does not identify is identified alike in every run (OR-6.1.3). */
import { Digest } from '../base/digest.ts';
import type { Mac } from '../net/mac.ts';

/** A version 8 uuid (RFC 9562 §5.8) of the parts, such as the source, the type and the full name. */
export function nameUuid(...parts: readonly string[]): string {
  const first = new Digest().int(1);
  const second = new Digest().int(2);
  for (const part of parts) {
    first.text(part);
    second.text(part);
  }
  const hex = first.hex() + second.hex();
  const variant = (Number.parseInt(hex[16]!, 16) & 3) | 8;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant.toString(16)}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text);
}

/** Uuids are compared without dashes and case: OpenStack writes them both ways (OR-4.8.p1). */
export function sameUuid(a: string, b: string): boolean {
  return a.replaceAll('-', '').toLowerCase() === b.replaceAll('-', '').toLowerCase();
}

/** The address of an interface that names none: 02 and the first five octets of its uuid (OR-4.2/4). */
export function macOfUuid(uuid: string): Mac {
  return Number.parseInt(`02${uuid.replaceAll('-', '').slice(0, 10)}`, 16) as Mac; // 48 bits by construction
}
