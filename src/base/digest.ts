/**
 * Content digests: two independent 32-bit mixes, printed as 16 hex digits. For equality of content and state, not for
 * secrecy. Deterministic on every machine (integer arithmetic only).
 */
import { invariant } from './invariant.ts';

export class Digest {
  #a = 0x811c9dc5;
  #b = 0x9747b28c;

  int(value: number): this {
    this.#a = Math.imul(this.#a ^ (value | 0), 0x01000193);
    this.#a ^= this.#a >>> 15;
    this.#b = Math.imul(this.#b ^ (value | 0), 0x5bd1e995);
    this.#b ^= this.#b >>> 13;
    return this;
  }

  /** A whole number up to 2^53. */
  whole(value: number): this {
    return this.int(value | 0).int(Math.floor(value / 0x1_0000_0000) | 0);
  }

  octets(octets: Uint8Array): this {
    this.int(octets.length);
    for (let i = 0; i < octets.length; i++) this.int(octets[i]!);
    return this;
  }

  text(text: string): this {
    this.int(text.length);
    for (let i = 0; i < text.length; i++) this.int(text.charCodeAt(i));
    return this;
  }

  /** 32 bits of it, as an unsigned integer. */
  short(): number {
    return (this.#a ^ Math.imul(this.#b, 0x85ebca6b)) >>> 0;
  }

  hex(): string {
    return (this.#a >>> 0).toString(16).padStart(8, '0') + (this.#b >>> 0).toString(16).padStart(8, '0');
  }
}

const UNDEFINED = 1;
const NULL = 2;
const BOOLEAN = 3;
const WHOLE = 4;
const TEXT = 5;
const LIST = 6;
const OCTETS = 7;
const RECORD = 8;

/**
 * 32 bits about a plain value: whole numbers, texts, booleans, arrays, octets and records, whose fields count in the
 * order of their names. Give it values and never interned ids, which mean something else in the next world.
 */
export function contentDigest(value: unknown): number {
  const digest = new Digest();
  digestInto(digest, value);
  return digest.short();
}

/** Mixes `value` into `digest`, each kind of value with a mark of its own. */
export function digestInto(digest: Digest, value: unknown): void {
  if (value === undefined) digest.int(UNDEFINED);
  else if (value === null) digest.int(NULL);
  else if (typeof value === 'boolean') digest.int(BOOLEAN).int(value ? 1 : 0);
  else if (typeof value === 'string') digest.int(TEXT).text(value);
  else if (typeof value === 'number') {
    invariant(
      Number.isSafeInteger(value),
      `only whole numbers have a digest that every machine agrees on, not ${value}`,
    );
    digest.int(WHOLE).whole(value);
  } else if (value instanceof Uint8Array) digest.int(OCTETS).octets(value);
  else if (Array.isArray(value) || value instanceof Int32Array || value instanceof Float64Array) {
    digest.int(LIST).int(value.length);
    for (const item of value) digestInto(digest, item);
  } else {
    invariant(
      typeof value === 'object' && !(value instanceof Map) && !(value instanceof Set),
      'a digest is of plain values',
    );
    const fields = value as Readonly<Record<string, unknown>>; // an object that is none of the above
    const names = Object.keys(fields).sort();
    digest.int(RECORD).int(names.length);
    for (const name of names) {
      digest.text(name);
      digestInto(digest, fields[name]);
    }
  }
}
