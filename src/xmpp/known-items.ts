/**
 * Route items that have been read, found again by their octets. A route is published to two control nodes and told to
 * many agents in the same words (CN-2.8.3): what the words mean is worked out once, and every receiver compares all that
 * it got with what is known. A memo of a pure function of octets: forgetting it changes nothing but time.
 */
import type { NlriTable } from '../route/nlri.ts';
import { itemDigest, type UnicastItem } from './items.ts';
import { scanItem } from './scan-item.ts';
import { textOfUtf8 } from './xml.ts';

/** Known octets stand in pages of this size; an item that does not fit into one is not remembered. */
const PAGE_OCTETS = 1 << 20;
/** So many pages, then all is forgotten. */
const PAGES_MAX = 64;
/** Items with one mark that are tried before the octets count as new. */
const SAME_MARK_MAX = 16;

/** All octets here are printable ASCII, so eight of them make a double that is neither zero nor NaN: equal doubles are equal octets. */
export class KnownItem {
  readonly item: UnicastItem;
  readonly digest: number;
  /** Octets from `<item` to `</item>`. */
  readonly size: number;
  /** The item that stood behind it where it was read last: most likely the next one to come. */
  follower: KnownItem | null = null;
  /** Another one with the same mark, read earlier. */
  readonly older: KnownItem | null;
  private readonly page: DataView;
  private readonly start: number;

  constructor(item: UnicastItem, digest: number, page: DataView, start: number, size: number, older: KnownItem | null) {
    this.item = item;
    this.digest = digest;
    this.page = page;
    this.start = start;
    this.size = size;
    this.older = older;
  }

  /** Whether these very octets stand at `at`. */
  standsAt(octets: DataView, at: number): boolean {
    const { page, start } = this;
    const last = this.size - 8;
    if (at + last + 8 > octets.byteLength) return false;
    for (let i = 0; i < last; i += 8) {
      if (octets.getFloat64(at + i, true) !== page.getFloat64(start + i, true)) return false;
    }
    return octets.getFloat64(at + last, true) === page.getFloat64(start + last, true);
  }
}

export class KnownItems {
  /** The first item of the message read last. */
  first: KnownItem | null = null;
  private readonly byMark = new Map<number, KnownItem>();
  private page: Uint8Array = new Uint8Array(0);
  private view = new DataView(this.page.buffer);
  private used = 0;
  private pages = 0;

  /** What the octets at `at` say, if they are known. */
  find(octets: DataView, at: number): KnownItem | null {
    for (let known = this.byMark.get(markAt(octets, at)) ?? null; known !== null; known = known.older) {
      if (known.standsAt(octets, at)) return known;
    }
    return null;
  }

  /** Remembers what `text`, the octets of one item in printable ASCII, says. */
  add(text: Uint8Array, item: UnicastItem, digest: number): KnownItem {
    const size = text.length;
    if (size > PAGE_OCTETS) return new KnownItem(item, digest, new DataView(text.slice().buffer), 0, size, null);
    if (this.used + size > this.page.length) this.turnPage();
    const start = this.used;
    this.page.set(text, start);
    this.used += size;
    const mark = markAt(new DataView(text.buffer, text.byteOffset, size), 0);
    const older = this.byMark.get(mark) ?? null;
    const known = new KnownItem(item, digest, this.view, start, size, depth(older) < SAME_MARK_MAX ? older : null);
    this.byMark.set(mark, known);
    return known;
  }

  private turnPage(): void {
    if (this.pages === PAGES_MAX) {
      this.byMark.clear();
      this.first = null;
      this.pages = 0;
    }
    this.page = new Uint8Array(PAGE_OCTETS);
    this.view = new DataView(this.page.buffer);
    this.used = 0;
    this.pages++;
  }
}

function depth(chain: KnownItem | null): number {
  let count = 0;
  for (let known = chain; known !== null; known = known.older) count++;
  return count;
}

/** The item at `at`; null when it is not in our form, or not whole. `view` is of the same octets. */
export function itemAt(
  octets: Uint8Array,
  view: DataView,
  at: number,
  memo: KnownItems,
  nlris: NlriTable,
): KnownItem | null {
  const known = memo.find(view, at);
  if (known !== null) return known;
  let end = at;
  do {
    end = octets.indexOf(LESS, end + 1);
    if (end < 0) return null;
  } while (!isEndOfItem(octets, end));
  const own = octets.subarray(at, end + ITEM_END.length);
  const text = textOfUtf8(own);
  const item = text === null ? null : scanItem(text, nlris);
  return item === null ? null : memo.add(own, item, itemDigest(item, nlris));
}

const LESS = 0x3c;
const ITEM_END = '</item>';

function isEndOfItem(octets: Uint8Array, at: number): boolean {
  for (let i = 1; i < ITEM_END.length; i++) if (octets[at + i] !== ITEM_END.charCodeAt(i)) return false;
  return true;
}

/** Items hold ids of one table of NLRIs, and so does what is known of them. */
const memos = new WeakMap<NlriTable, KnownItems>();
let lastTable: NlriTable | null = null;
let lastMemo = new KnownItems();

export function memoOf(nlris: NlriTable): KnownItems {
  if (nlris === lastTable) return lastMemo;
  let memo = memos.get(nlris);
  if (memo === undefined) {
    memo = new KnownItems();
    memos.set(nlris, memo);
  }
  [lastTable, lastMemo] = [nlris, memo];
  return memo;
}

/** 32 bits of the places where the prefix, the next hop and the label of an item mostly stand. */
function markAt(octets: DataView, at: number): number {
  const end = Math.min(octets.byteLength, at + MARK_END) - 4;
  let mark = 0;
  for (let i = at + PREFIX_PLACE; i < at + PREFIX_END && i <= end; i += 4) mark = mixed(mark, octets.getInt32(i, true));
  for (let i = at + HOP_PLACE; i <= end; i += 4) mark = mixed(mark, octets.getInt32(i, true));
  return mark;
}

function mixed(mark: number, word: number): number {
  const mixed = Math.imul(mark ^ word, 0x5bd1e995);
  return mixed ^ (mixed >>> 15);
}

const PREFIX_PLACE = 10;
const PREFIX_END = 26;
const HOP_PLACE = 136;
const MARK_END = 192;
