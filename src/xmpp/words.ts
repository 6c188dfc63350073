/**
 * Words that items say again and again (network names, encapsulations, communities): their escaped form, its octets and
 * 32 bits about them, found once. A memo of pure functions: forgetting it changes nothing but time.
 */
import { Digest } from '../base/digest.ts';
import { Memo } from '../base/memo.ts';
import { escapeXml, utf8Size } from './xml.ts';

export interface Word {
  /** The word itself, in memory of its own: a piece cut out of a message would keep the whole message alive. */
  readonly text: string;
  /** For element content and attribute values. */
  readonly escaped: string;
  /** Octets of the escaped form. */
  readonly size: number;
  /** 32 bits about the word itself. */
  readonly mark: number;
}

/** The memo is dropped when it holds so many. */
const WORDS_MAX = 65_536;

const memo = new Memo<string, Word>(WORDS_MAX);

/** The same words by a hash of their octets, at each place the last one read. */
const PLACES = 1 << 15;
const wordsByOctets: (Word | undefined)[] = new Array(PLACES).fill(undefined);

/** The word that stands, in ASCII, from `from` up to `until`; `hash` is some hash of these octets. */
export function wordOfOctets(octets: Uint8Array, from: number, until: number, hash: number): Word {
  const place = placeOf(hash, PLACES);
  const known = wordsByOctets[place];
  if (known !== undefined && isSpelled(known.text, octets, from, until)) return known;
  const word = wordOf(asciiText(octets, from, until));
  wordsByOctets[place] = word;
  return word;
}

/** A place among `places`, a power of two, for what has this hash. */
export function placeOf(hash: number, places: number): number {
  return (hash ^ (hash >>> 15)) & (places - 1);
}

/** A list of codes of each length, lent to the call that makes a text of them: spreading octets would make garbage. */
const CODES_MAX = 256;
const codesOfLength: number[][] = [];
for (let length = 0; length <= CODES_MAX; length++) codesOfLength.push(new Array(length).fill(0));

/** The text of the ASCII octets from `from` up to `until`. */
export function asciiText(octets: Uint8Array, from: number, until: number): string {
  let text = '';
  for (let at = from; at < until; at += CODES_MAX) {
    const codes = codesOfLength[Math.min(until - at, CODES_MAX)]!;
    for (let i = 0; i < codes.length; i++) codes[i] = octets[at + i]!;
    text += String.fromCharCode.apply(null, codes);
  }
  return text;
}

/** Whether the ASCII octets from `from` up to `until` spell `text`. */
export function isSpelled(text: string, octets: Uint8Array, from: number, until: number): boolean {
  if (text.length !== until - from) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== octets[from + i]) return false;
  return true;
}

export function wordOf(text: string): Word {
  const known = memo.get(text);
  if (known !== undefined) return known;
  const word = makeWord(` ${text}`.slice(1));
  return memo.set(word.text, word);
}

let passing = makeWord('');

/** The same of a word that is said a few times in a row and hardly again: the node of a route. */
export function passingWord(text: string): Word {
  if (passing.text !== text) passing = makeWord(text);
  return passing;
}

function makeWord(text: string): Word {
  const escaped = escapeXml(text);
  return { text, escaped, size: utf8Size(escaped), mark: new Digest().text(text).short() };
}
