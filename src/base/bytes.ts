/**
 * Bounded cursors over octets, big-endian as every format here.
 *
 * A reader that runs past its end throws {@link OutOfOctets}; each decoder catches it at its single door and makes the
 * protocol outcome of it, so no code between has to check lengths twice.
 */
import { invariant } from './invariant.ts';

/** A read went past the end of what was sent. */
export class OutOfOctets extends Error {
  override name = 'OutOfOctets';
  readonly offset: number;
  constructor(offset: number) {
    super(`the octets end at ${offset}`);
    this.offset = offset;
  }
}

export class OctetReader {
  readonly octets: Uint8Array;
  readonly #view: DataView;
  offset: number;
  readonly end: number;

  constructor(octets: Uint8Array, offset = 0, end = octets.length) {
    invariant(offset >= 0 && offset <= end && end <= octets.length, 'a reader stays within its octets');
    this.octets = octets;
    this.#view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    this.offset = offset;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  #take(count: number): number {
    const at = this.offset;
    if (at + count > this.end) throw new OutOfOctets(this.end);
    this.offset = at + count;
    return at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u24(): number {
    const at = this.#take(3);
    return (this.#view.getUint16(at) << 8) | this.#view.getUint8(at + 2);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  /** A view of the next `count` octets, not a copy. */
  take(count: number): Uint8Array {
    const at = this.#take(count);
    return this.octets.subarray(at, at + count);
  }

  skip(count: number): void {
    this.#take(count);
  }

  /** A reader over the next `count` octets; this reader moves past them. */
  sub(count: number): OctetReader {
    const at = this.#take(count);
    return new OctetReader(this.octets, at, at + count);
  }
}

/** A growing buffer; `finish` hands out a copy of what was written. */
export class OctetWriter {
  #octets: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 4096) {
    this.#octets = new Uint8Array(capacity);
    this.#view = new DataView(this.#octets.buffer);
  }

  get length(): number {
    return this.#length;
  }

  reset(): void {
    this.#length = 0;
  }

  #room(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#octets.length) {
      const grown = new Uint8Array(Math.max(needed, this.#octets.length * 2));
      grown.set(this.#octets.subarray(0, at));
      this.#octets = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = needed;
    return at;
  }

  u8(value: number): void {
    const at = this.#room(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#room(2);
    this.#view.setUint16(at, value);
  }

  u24(value: number): void {
    const at = this.#room(3);
    this.#view.setUint16(at, value >>> 8);
    this.#view.setUint8(at + 2, value & 0xff);
  }

  u32(value: number): void {
    const at = this.#room(4);
    this.#view.setUint32(at, value);
  }

  octets(value: Uint8Array): void {
    const at = this.#room(value.length);
    this.#octets.set(value, at);
  }

  zeros(count: number): void {
    const at = this.#room(count);
    this.#octets.fill(0, at, at + count);
  }

  /** Overwrites two octets written earlier, for a length that is known afterwards. */
  patchU16(at: number, value: number): void {
    invariant(at + 2 <= this.#length, 'only written octets can be patched');
    this.#view.setUint16(at, value);
  }

  patchU8(at: number, value: number): void {
    invariant(at + 1 <= this.#length, 'only written octets can be patched');
    this.#view.setUint8(at, value);
  }

  /** Forgets everything written from `length` on. */
  truncate(length: number): void {
    invariant(length <= this.#length, 'a writer can only be cut shorter');
    this.#length = length;
  }

  finish(): Uint8Array {
    return this.#octets.slice(0, this.#length);
  }

  /** What was written, valid until the next write. */
  peek(): Uint8Array {
    return this.#octets.subarray(0, this.#length);
  }
}

const HEX = '0123456789abcdef';

export function toHex(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += HEX[octet >>> 4]! + HEX[octet & 15]!;
  return text;
}

/** Reads hex with optional white space, colons and `0x`; null when it is not hex or has an odd number of digits. */
export function fromHex(text: string): Uint8Array | null {
  const digits = text.replace(/0x/gi, '').replace(/[\s:]/g, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return null;
  const octets = new Uint8Array(digits.length / 2);
  for (let i = 0; i < octets.length; i++) octets[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return octets;
}
