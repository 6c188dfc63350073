/**
 * The fast reader of what control nodes say most, routes, from octets: the message of `stanza.ts` with the items of
 * `items.ts`, letter by letter. It needs no search for the end of the stanza and makes no text of items that are known
 * (`known-items.ts`). What departs from that form is left to the others, with the same meaning; the tests compare them.
 */
import type { NlriTable } from '../route/nlri.ts';
import { AFI_INET, itemDigest, SAFI_UNICAST, type UnicastItem } from './items.ts';
import { type KnownItem, KnownItems } from './known-items.ts';
import { reachDigest } from './message.ts';
import { scanToldItem } from './scan.ts';
import { CONTROL_NODE_JID, ITEMS_TAIL, PUBSUB_NS, RESOURCE_BGP, type Reach } from './stanza.ts';
import { wordOfOctets } from './words.ts';
import { textOfUtf8, utf8 } from './xml.ts';

/** A stanza found at the beginning of octets. */
export interface Scanned {
  readonly stanza: Reach;
  /** What {@link stanzaDigest} says of it. */
  readonly digest: number;
  /** Octets that it takes. */
  readonly size: number;
}

const HEAD = utf8(`<message from="${CONTROL_NODE_JID}" to="`);
const RESOURCE = utf8(`/${RESOURCE_BGP}`);
const TABLE = utf8(`"><event xmlns="${PUBSUB_NS}"><items node="${AFI_INET}/${SAFI_UNICAST}/`);
const TABLE_END = utf8('">');
const ITEM_END = utf8('</item>');
const TAIL = utf8(ITEMS_TAIL);
const LESS = 0x3c;
const LETTER_I = 0x69;

/** Octets that mean themselves in either quote: printable ASCII but for what XML must escape. */
const PLAIN = new Uint8Array(256);
for (let octet = 0x20; octet < 0x7f; octet++) PLAIN[octet] = 1;
for (const special of utf8('"&\'<>')) PLAIN[special] = 0;

/** The routes told by the stanza that begins here; null when it is another one, another form, or not whole. */
export function scanRoutes(octets: Uint8Array, nlris: NlriTable): Scanned | null {
  if (!standsAt(octets, HEAD, 0)) return null;
  const toEnd = plainEnd(octets, HEAD.length);
  if (!standsAt(octets, RESOURCE, toEnd - RESOURCE.length) || toEnd - RESOURCE.length < HEAD.length) return null;
  if (!standsAt(octets, TABLE, toEnd)) return null;
  const nameStart = toEnd + TABLE.length;
  const nameEnd = plainEnd(octets, nameStart);
  if (nameEnd === nameStart || !standsAt(octets, TABLE_END, nameEnd)) return null;
  const start = nameEnd + TABLE_END.length;
  const read = itemsAt(octets, start, nlris);
  let end = start;
  for (const known of read) end += known.size;
  if (read.length === 0 || !standsAt(octets, TAIL, end)) return null;
  const table = Object.freeze({
    afi: AFI_INET,
    safi: SAFI_UNICAST,
    instance: wordOfOctets(octets, nameStart, nameEnd).text,
  });
  const items: UnicastItem[] = [];
  const digest = reachDigest(table, read.length);
  for (const known of read) {
    items.push(known.item);
    digest.int(known.digest);
  }
  return { stanza: { kind: 'reach', table, items }, digest: digest.short(), size: end + TAIL.length };
}

/** Items one behind the other, as far as they are in our form. */
function itemsAt(octets: Uint8Array, start: number, nlris: NlriTable): readonly KnownItem[] {
  const memo = memoOf(nlris);
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const read: KnownItem[] = [];
  let guess = memo.first;
  let before: KnownItem | null = null;
  let at = start;
  while (octets[at] === LESS && octets[at + 1] === LETTER_I) {
    let known = guess;
    if (known === null || !known.standsAt(view, at)) {
      known = memo.find(view, at) ?? readItem(octets, at, memo, nlris);
      if (known === null) break;
      if (before === null) memo.first = known;
      else before.follower = known;
    }
    read.push(known);
    at += known.size;
    guess = known.follower;
    before = known;
  }
  return read;
}

/** Reads an item that is not known; null when it is not in our form, or not whole. */
function readItem(octets: Uint8Array, at: number, memo: KnownItems, nlris: NlriTable): KnownItem | null {
  let end = at;
  do {
    end = octets.indexOf(LESS, end + 1);
    if (end < 0) return null;
  } while (!standsAt(octets, ITEM_END, end));
  const own = octets.subarray(at, end + ITEM_END.length);
  const text = textOfUtf8(own);
  const item = text === null ? null : scanToldItem(text, nlris);
  return item === null ? null : memo.add(own, item, itemDigest(item, nlris));
}

function standsAt(octets: Uint8Array, text: Uint8Array, at: number): boolean {
  if (at + text.length > octets.length) return false;
  for (let i = 0; i < text.length; i++) if (octets[at + i] !== text[i]) return false;
  return true;
}

/** Where plain octets that begin at `at` end. */
function plainEnd(octets: Uint8Array, at: number): number {
  let end = at;
  while (end < octets.length && PLAIN[octets[end]!] === 1) end++;
  return end;
}

/** Items hold ids of one table of NLRIs, and so does what is known of them. */
const memos = new WeakMap<NlriTable, KnownItems>();
let lastTable: NlriTable | null = null;
let lastMemo = new KnownItems();

function memoOf(nlris: NlriTable): KnownItems {
  if (nlris === lastTable) return lastMemo;
  let memo = memos.get(nlris);
  if (memo === undefined) {
    memo = new KnownItems();
    memos.set(nlris, memo);
  }
  [lastTable, lastMemo] = [nlris, memo];
  return memo;
}
