/**
 * Where one stanza ends in a stream (CN-2.1.4 to CN-2.1.7): a stream open up to its unclosed tag, then stanzas found by
 * text search for `<iq` or `<message` and their end tags, with fillers between them. Any cut of the octets gives the
 * same frames.
 *
 * Memory is bounded: a stream open has at most 1024 octets (CN-2.1.5), a stanza at most {@link STANZA_OCTETS_MAX}. What is
 * neither is a fault, and after a fault the stream gives nothing more.
 */
import type { Scanned } from './scan.ts';
import { textOfUtf8 } from './xml.ts';

/** CN-2.1.5, CN-11/5. */
export const OPEN_OCTETS_MAX = 1024;
/** Ours: 32 items of 128 equal paths stay below it. The original has no limit. */
export const STANZA_OCTETS_MAX = 4 * 1024 * 1024;

export type Frame =
  | { readonly kind: 'open'; readonly text: string; readonly size: number }
  | { readonly kind: 'stanza'; readonly text: string; readonly size: number }
  /** One U+0200, or one run of white space. */
  | { readonly kind: 'keepalive'; readonly size: number }
  | { readonly kind: 'fault'; readonly fault: string };

/** A stanza that needed no search for its end, see {@link XmppFramer.next}. */
export interface ScannedFrame {
  readonly kind: 'scanned';
  readonly scanned: Scanned;
  readonly size: number;
}

/** What begins with a stanza that it knows, and where that ends; null when it is none of those. */
type Scan = (octets: Uint8Array) => Scanned | null;

const LESS = 0x3c;
const GREATER = 0x3e;
const APOSTROPHE = 0x27;
const QUOTE = 0x22;
const SLASH = 0x2f;
/** U+0200 in UTF-8. No stanza begins with it. */
const KEEPALIVE_FIRST = 0xc8;
const KEEPALIVE_SECOND = 0x80;
const EMPTY = new Uint8Array(0);
const TOO_LONG = 'a stanza above the limit';

export class XmppFramer {
  private buffer: Uint8Array = EMPTY;
  /** The buffer is the memory of whoever pushed. */
  private borrowed = false;
  private from = 0;
  private until = 0;
  /** How far the search for an end tag has come. */
  private searched = 0;
  /** The stanza at the beginning was shown to a scanner. */
  private shown = false;
  private opened = false;
  private openSkipped = false;
  /** The last octet taken was white space between stanzas: the run counts once. */
  private inFiller = false;
  private failed = false;

  /** Takes octets, which must stay as they are until {@link keep} or the next push. */
  push(octets: Uint8Array): void {
    if (this.failed || octets.length === 0) return;
    const waiting = this.until - this.from;
    if (waiting === 0) {
      this.buffer = octets;
      this.borrowed = true;
      this.searched = 0;
    } else {
      const needed = waiting + octets.length;
      if (this.borrowed || this.until + octets.length > this.buffer.length) {
        const grown = new Uint8Array(Math.max(needed, 2 * waiting));
        grown.set(this.buffer.subarray(this.from, this.until));
        this.buffer = grown;
        this.borrowed = false;
      } else if (this.from > 0) this.buffer.copyWithin(0, this.from, this.until);
      this.buffer.set(octets, waiting);
      this.searched -= this.from;
    }
    this.from = 0;
    this.until = waiting + octets.length;
    if (this.searched < 0) this.searched = 0;
  }

  /** Copies what waits, so that the memory of the last push may be used again. */
  keep(): void {
    if (!this.borrowed) return;
    this.buffer = this.from === this.until ? EMPTY : this.buffer.slice(this.from, this.until);
    this.borrowed = false;
    this.searched = Math.max(0, this.searched - this.from);
    this.until -= this.from;
    this.from = 0;
  }

  /**
   * The next whole frame, or null until more octets come. `scan` is shown the octets from the beginning of each stanza
   * on, once, and may say at once what it is and where it ends.
   */
  next(): Frame | null;
  next(scan: Scan): Frame | ScannedFrame | null;
  next(scan: Scan | null = null): Frame | ScannedFrame | null {
    if (this.failed) return null;
    const filler = this.filler();
    if (filler !== null) return filler;
    if (this.failed || this.from === this.until || this.buffer[this.from] === KEEPALIVE_FIRST) return null;
    return this.opened || (this.openSkipped && !this.beginsOpen()) ? this.stanza(scan) : this.open();
  }

  /** The stream open came as a stanza that was decoded elsewhere: what comes as octets may begin behind it. */
  skipOpen(): void {
    this.openSkipped = true;
  }

  /** Octets that wait for the rest of their frame. */
  get waiting(): number {
    return this.until - this.from;
  }

  /** A keepalive, or the first of a run of white space; the rest of a run is passed over. */
  private filler(): Frame | null {
    while (this.from < this.until) {
      const octet = this.buffer[this.from]!;
      if (octet === KEEPALIVE_FIRST) {
        if (this.from + 1 === this.until) return null;
        if (this.buffer[this.from + 1] !== KEEPALIVE_SECOND) return this.fault('octets that are no stanza');
        this.from += 2;
        this.inFiller = false;
        return { kind: 'keepalive', size: 2 };
      }
      if (octet !== 0x20 && octet !== 0x0a && octet !== 0x0d && octet !== 0x09) break;
      this.from++;
      const first = !this.inFiller;
      this.inFiller = true;
      if (first) return { kind: 'keepalive', size: 1 };
    }
    return null;
  }

  private beginsOpen(): boolean {
    return this.begins('<?xml') || this.begins('<stream:stream');
  }

  private open(): Frame | null {
    if (!this.beginsOpen()) return this.fault('no stream open');
    const limit = Math.min(this.until, this.from + OPEN_OCTETS_MAX);
    // The tag ends at the first > outside quotes after <stream:stream.
    let quote = 0;
    let inStream = false;
    for (let i = this.from; i < limit; i++) {
      const octet = this.buffer[i]!;
      if (quote !== 0) {
        if (octet === quote) quote = 0;
      } else if (octet === LESS) inStream = this.matches('<stream:stream', i);
      else if (octet === APOSTROPHE || octet === QUOTE) quote = octet;
      else if (octet === GREATER && inStream) {
        this.opened = true;
        return this.frame('open', i + 1);
      }
    }
    return limit - this.from === OPEN_OCTETS_MAX ? this.fault('a stream open of more than 1024 octets') : null;
  }

  private stanza(scan: Scan | null): Frame | ScannedFrame | null {
    const name = this.begins('<iq') ? 'iq' : this.begins('<message') ? 'message' : null;
    if (name === null) return this.fault('octets that are no stanza');
    if (this.until - this.from <= name.length + 1) return null;
    if (scan !== null && !this.shown) {
      this.shown = true;
      const scanned = scan(this.buffer.subarray(this.from, this.until));
      if (scanned !== null) {
        this.pass(this.from + scanned.size);
        const { size } = scanned;
        return size > STANZA_OCTETS_MAX ? this.fault(TOO_LONG) : { kind: 'scanned', scanned, size };
      }
    }
    const end = this.endTag(name);
    if (end > 0) return this.frame('stanza', end);
    return this.until - this.from > STANZA_OCTETS_MAX ? this.fault(TOO_LONG) : null;
  }

  /** The index after `</name>`, white space before its `>` allowed; 0 when it has not come yet. */
  private endTag(name: string): number {
    const buffer = this.buffer;
    const tag = name === 'iq' ? '</iq' : '</message';
    for (let i = Math.max(this.searched, this.from + 1); ; i++) {
      i = buffer.indexOf(LESS, i);
      if (i < 0 || i + tag.length >= this.until) {
        this.searched = i < 0 || i >= this.until ? this.until : i;
        return 0;
      }
      if (buffer[i + 1] !== SLASH || !this.matches(tag, i)) continue;
      let j = i + tag.length;
      while (j < this.until && isSpace(buffer[j]!)) j++;
      if (j === this.until) {
        this.searched = i;
        return 0;
      }
      if (buffer[j] === GREATER) return j + 1;
    }
  }

  private frame(kind: 'open' | 'stanza', end: number): Frame {
    const size = end - this.from;
    const text = textOfUtf8(this.buffer.subarray(this.from, end));
    this.pass(end);
    if (size > STANZA_OCTETS_MAX) return this.fault(TOO_LONG);
    return text === null ? this.fault('octets that are not UTF-8') : { kind, text, size };
  }

  private pass(end: number): void {
    this.from = end;
    this.searched = end;
    this.shown = false;
    this.inFiller = false;
  }

  /** Whether what has come so far agrees with `text`, even if it is only its beginning. */
  private begins(text: string): boolean {
    const end = Math.min(this.until, this.from + text.length);
    for (let i = this.from; i < end; i++) if (this.buffer[i] !== text.charCodeAt(i - this.from)) return false;
    return true;
  }

  private matches(text: string, at: number): boolean {
    if (at + text.length > this.until) return false;
    for (let i = 0; i < text.length; i++) if (this.buffer[at + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  private fault(fault: string): Frame {
    this.failed = true;
    this.borrowed = false;
    this.buffer = EMPTY;
    this.from = this.until = 0;
    return { kind: 'fault', fault };
  }
}

function isSpace(octet: number): boolean {
  return octet === 0x20 || octet === 0x0a || octet === 0x0d || octet === 0x09;
}
