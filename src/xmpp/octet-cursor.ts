/** A place in the octets of a stanza that moves on over what is expected there. */
import { asciiText, type Word, wordOfOctets } from './words.ts';
import { utf8 } from './xml.ts';

/** Octets that mean themselves in either quote and between tags: printable ASCII but for what XML must escape. */
const PLAIN = new Uint8Array(256);
for (let octet = 0x20; octet < 0x7f; octet++) PLAIN[octet] = 1;
for (const special of utf8('"&\'<>')) PLAIN[special] = 0;

const ZERO = 0x30;
const DIGITS_MAX = 9;

export class OctetCursor {
  readonly octets: Uint8Array;
  at = 0;
  /** Of the octets that {@link plain} went over. */
  hash = 0;

  constructor(octets: Uint8Array) {
    this.octets = octets;
  }

  /** Whether `text` stands here. */
  isAt(text: Uint8Array): boolean {
    const { octets, at } = this;
    if (at + text.length > octets.length) return false;
    for (let i = 0; i < text.length; i++) if (octets[at + i] !== text[i]) return false;
    return true;
  }

  /** Moves over `text` if it stands here. */
  passes(text: Uint8Array): boolean {
    if (!this.isAt(text)) return false;
    this.at += text.length;
    return true;
  }

  /** Moves over plain octets, of which there may be none; returns where they began. */
  plain(): number {
    const { octets, at } = this;
    let end = at;
    let hash = 0;
    for (; end < octets.length; end++) {
      const octet = octets[end]!;
      if (PLAIN[octet] !== 1) break;
      hash = Math.imul(hash ^ octet, 0x01000193);
    }
    this.at = end;
    this.hash = hash;
    return at;
  }

  /** Plain octets as a word that others say, too. */
  word(): Word {
    const from = this.plain();
    return wordOfOctets(this.octets, from, this.at, this.hash);
  }

  /** Plain octets as a text that hardly anyone else says. */
  name(): string {
    return asciiText(this.octets, this.plain(), this.at);
  }

  /** A number of up to nine digits; -1 when none stands here. */
  number(): number {
    const { octets, at } = this;
    let value = 0;
    let end = at;
    for (; end - at < DIGITS_MAX; end++) {
      const digit = octets[end]! - ZERO; // not a number behind the end
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    this.at = end;
    return end === at ? -1 : value;
  }
}
