/** Interning: equal content gets one small integer, so that the loops compare identities and hash once. */
import { int32Cells } from './cells.ts';
import { broken } from './invariant.ts';

/** Text to id and back. Ids count from 0 in order of first appearance. */
export class TextIds {
  private readonly ids = new Map<string, number>();
  private readonly texts: string[] = [];

  get size(): number {
    return this.texts.length;
  }

  intern(text: string): number {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const id = this.texts.length;
    this.ids.set(text, id);
    this.texts.push(text);
    return id;
  }

  find(text: string): number | undefined {
    return this.ids.get(text);
  }

  text(id: number): string {
    const text = this.texts[id];
    return text ?? broken(`no text has the id ${id}`);
  }
}

/** Up to four 32-bit integers to an id and back: an open-addressed hash over columns. Ids count from 0. */
export class TupleIds {
  /** The members of a tuple side by side. */
  private tuples: Int32Array;
  private count = 0;
  private slots: Int32Array;
  private mask: number;

  constructor(capacity = 64) {
    const size = 1 << Math.max(4, 32 - Math.clz32(capacity * 2 - 1));
    this.slots = int32Cells(size).fill(-1);
    this.mask = size - 1;
    this.tuples = int32Cells(2 * size);
  }

  get size(): number {
    return this.count;
  }

  /** The id of the tuple, made when it is new. Only the low 32 bits of each member count. */
  intern(a: number, b: number, c = 0, d = 0): number {
    const slot = this.slotOf(a | 0, b | 0, c | 0, d | 0);
    const known = this.slots[slot]!;
    if (known >= 0) return known;
    const id = this.count++;
    const at = MEMBERS * id;
    this.tuples[at] = a;
    this.tuples[at + 1] = b;
    this.tuples[at + 2] = c;
    this.tuples[at + 3] = d;
    this.slots[slot] = id;
    if (this.count * 2 > this.mask) this.rehash();
    return id;
  }

  /** The id of the tuple, or -1. */
  find(a: number, b: number, c = 0, d = 0): number {
    return this.slots[this.slotOf(a | 0, b | 0, c | 0, d | 0)]!;
  }

  /** Members as signed 32-bit integers; use `>>> 0` where an unsigned one is meant. */
  a(id: number): number {
    return this.tuples[MEMBERS * id]!;
  }

  b(id: number): number {
    return this.tuples[MEMBERS * id + 1]!;
  }

  c(id: number): number {
    return this.tuples[MEMBERS * id + 2]!;
  }

  d(id: number): number {
    return this.tuples[MEMBERS * id + 3]!;
  }

  private slotOf(a: number, b: number, c: number, d: number): number {
    const { slots, tuples, mask } = this;
    let slot = hashOf(a, b, c, d) & mask;
    for (;;) {
      const id = slots[slot]!;
      if (id < 0) return slot;
      const at = MEMBERS * id;
      if (tuples[at + 1] === b && tuples[at] === a && tuples[at + 2] === c && tuples[at + 3] === d) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private rehash(): void {
    const size = (this.mask + 1) * 2;
    const slots = int32Cells(size).fill(-1);
    const tuples = int32Cells(2 * size);
    tuples.set(this.tuples);
    const mask = size - 1;
    for (let id = 0, at = 0; id < this.count; id++, at += MEMBERS) {
      let slot = hashOf(tuples[at]!, tuples[at + 1]!, tuples[at + 2]!, tuples[at + 3]!) & mask;
      while (slots[slot]! >= 0) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    this.slots = slots;
    this.tuples = tuples;
    this.mask = mask;
  }
}

const MEMBERS = 4;

function hashOf(a: number, b: number, c: number, d: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ Math.imul(d, 0x27d4eb2f);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

const NEVER_USED = 0;
const USED_NO_MORE = -1;

/** A map from small non-negative integers (ids) to small integers, dense or sparse, over one typed hash. */
export class IntMap {
  /** One more than the key, and the value, side by side; a place of 0 was never used, of -1 is used no more. */
  private cells: Int32Array;
  private mask: number;
  private count = 0;
  private used = 0;

  constructor(capacity = 8) {
    this.mask = (1 << Math.max(3, 32 - Math.clz32(capacity * 2 - 1))) - 1;
    this.cells = int32Cells(2 * (this.mask + 1));
  }

  get size(): number {
    return this.count;
  }

  /** The value, or -1. */
  get(key: number): number {
    const { cells, mask } = this;
    let slot = (Math.imul(key, 0x9e3779b1) >>> 7) & mask;
    for (;;) {
      const at = cells[2 * slot]!;
      if (at === key + 1) return cells[2 * slot + 1]!;
      if (at === NEVER_USED) return -1;
      slot = (slot + 1) & mask;
    }
  }

  set(key: number, value: number): void {
    const { cells, mask } = this;
    let slot = (Math.imul(key, 0x9e3779b1) >>> 7) & mask;
    let free = -1;
    for (;;) {
      const at = cells[2 * slot]!;
      if (at === key + 1) {
        cells[2 * slot + 1] = value;
        return;
      }
      if (at === NEVER_USED) break;
      if (at === USED_NO_MORE && free < 0) free = slot;
      slot = (slot + 1) & mask;
    }
    if (free < 0) {
      free = slot;
      this.used++;
    }
    cells[2 * free] = key + 1;
    cells[2 * free + 1] = value;
    this.count++;
    if (this.used * 2 > mask) this.rehash();
  }

  delete(key: number): boolean {
    const { cells, mask } = this;
    let slot = (Math.imul(key, 0x9e3779b1) >>> 7) & mask;
    for (;;) {
      const at = cells[2 * slot]!;
      if (at === NEVER_USED) return false;
      if (at === key + 1) {
        cells[2 * slot] = USED_NO_MORE;
        this.count--;
        return true;
      }
      slot = (slot + 1) & mask;
    }
  }

  /** Keys in ascending order; a copy. */
  sortedKeys(): Int32Array {
    const keys = new Int32Array(this.count);
    let found = 0;
    for (let at = 0; at < this.cells.length; at += 2) if (this.cells[at]! > 0) keys[found++] = this.cells[at]! - 1;
    return keys.sort();
  }

  /** A small map that fills grows in larger steps: most maps are small and filled once. */
  private rehash(): void {
    const old = this.cells;
    const step = this.mask < SMALL_MAP ? 4 : 2;
    const size = this.count * 4 > this.mask ? (this.mask + 1) * step : this.mask + 1;
    this.cells = int32Cells(2 * size);
    this.mask = size - 1;
    this.count = 0;
    this.used = 0;
    for (let at = 0; at < old.length; at += 2) if (old[at]! > 0) this.set(old[at]! - 1, old[at + 1]!);
  }
}

const SMALL_MAP = 127;
