/**
 * Content digests: two independent 32-bit mixes, printed as 16 hex digits. For equality of content and state, not for
 * secrecy. Deterministic on every machine (integer arithmetic only).
 */

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
