/**
 * Longest-prefix match over IPv4: one open-addressed hash for all prefixes, asked once for each length in use, longest
 * first. Values are small non-negative integers, the ids of whatever the table's owner keeps.
 *
 * Tables here hold few lengths (host routes, subnets, a default), so a match costs a few probes however many prefixes
 * there are, and an entry costs 9 octets at full load of the typed arrays.
 */
import { invariant } from '../base/invariant.ts';
import { maskOf } from './prefix.ts';

/** There is no such prefix. */
export const NO_MATCH = -1;

const EMPTY = 0;
/** A prefix that was taken out: a probe goes on behind it. */
const REMOVED = 34;

export class PrefixTable {
  private addresses: Int32Array;
  /** The length plus one, {@link EMPTY} or {@link REMOVED}. */
  private marks: Uint8Array;
  private values: Int32Array;
  private mask: number;
  /** Prefixes of each length. */
  private readonly counts = new Int32Array(33);
  /** Lengths that have a prefix, longest first. */
  private lengths: readonly number[] = [];
  private live = 0;
  /** Slots that are not empty. */
  private filled = 0;

  constructor(capacity = 8) {
    const slots = 1 << Math.max(3, 32 - Math.clz32(capacity * 2 - 1));
    this.addresses = new Int32Array(slots);
    this.marks = new Uint8Array(slots);
    this.values = new Int32Array(slots);
    this.mask = slots - 1;
  }

  get size(): number {
    return this.live;
  }

  /** Enters a prefix, or gives the one that is there another value. Host bits are cut off. */
  set(address: number, length: number, value: number): void {
    invariant(length >= 0 && length <= 32 && value >= 0, 'a prefix has 0 to 32 bits, and a value that is not negative');
    const key = (address & maskOf(length)) | 0;
    const mark = length + 1;
    let slot = slotOf(key, mark, this.mask);
    let free = -1;
    for (; this.marks[slot] !== EMPTY; slot = (slot + 1) & this.mask) {
      if (this.marks[slot] === mark && this.addresses[slot] === key) {
        this.values[slot] = value;
        return;
      }
      if (this.marks[slot] === REMOVED && free < 0) free = slot;
    }
    if (free < 0) {
      free = slot;
      this.filled++;
    }
    this.addresses[free] = key;
    this.marks[free] = mark;
    this.values[free] = value;
    this.live++;
    this.counts[length]!++;
    if (this.counts[length] === 1) this.lengths = lengthsOf(this.counts);
    if (this.filled * 2 > this.mask) this.rehash();
  }

  /** False when there was no such prefix. */
  delete(address: number, length: number): boolean {
    const slot = this.find(address, length);
    if (slot < 0) return false;
    this.marks[slot] = REMOVED;
    this.live--;
    this.counts[length]!--;
    if (this.counts[length] === 0) this.lengths = lengthsOf(this.counts);
    return true;
  }

  /** The value of exactly this prefix, or {@link NO_MATCH}. */
  get(address: number, length: number): number {
    const slot = this.find(address, length);
    return slot < 0 ? NO_MATCH : this.values[slot]!;
  }

  /** The value of the longest prefix that holds the address, or {@link NO_MATCH}. */
  match(address: number): number {
    const { lengths, marks, addresses, mask } = this;
    for (let i = 0; i < lengths.length; i++) {
      const length = lengths[i]!;
      const key = (address & maskOf(length)) | 0;
      let slot = slotOf(key, length + 1, mask);
      for (let found = marks[slot]!; found !== EMPTY; found = marks[slot]!) {
        if (found === length + 1 && addresses[slot] === key) return this.values[slot]!;
        slot = (slot + 1) & mask;
      }
    }
    return NO_MATCH;
  }

  /** The length of the longest prefix that holds the address, or {@link NO_MATCH}. */
  matchLength(address: number): number {
    for (const length of this.lengths) if (this.find(address, length) >= 0) return length;
    return NO_MATCH;
  }

  /** Every prefix by address, then by length, with its value. */
  entries(): readonly { readonly address: number; readonly length: number; readonly value: number }[] {
    const found: { address: number; length: number; value: number }[] = [];
    for (let slot = 0; slot <= this.mask; slot++) {
      const mark = this.marks[slot]!;
      if (mark === EMPTY || mark === REMOVED) continue;
      found.push({ address: this.addresses[slot]! >>> 0, length: mark - 1, value: this.values[slot]! });
    }
    return found.sort((a, b) => a.address - b.address || a.length - b.length);
  }

  private find(address: number, length: number): number {
    const key = (address & maskOf(length)) | 0;
    let slot = slotOf(key, length + 1, this.mask);
    for (; this.marks[slot] !== EMPTY; slot = (slot + 1) & this.mask) {
      if (this.marks[slot] === length + 1 && this.addresses[slot] === key) return slot;
    }
    return -1;
  }

  private rehash(): void {
    const { addresses, marks, values } = this;
    const slots = this.live * 4 > this.mask ? (this.mask + 1) * 2 : this.mask + 1;
    this.addresses = new Int32Array(slots);
    this.marks = new Uint8Array(slots);
    this.values = new Int32Array(slots);
    this.mask = slots - 1;
    this.filled = this.live;
    for (let old = 0; old < marks.length; old++) {
      if (marks[old] === EMPTY || marks[old] === REMOVED) continue;
      let slot = slotOf(addresses[old]!, marks[old]!, this.mask);
      while (this.marks[slot] !== EMPTY) slot = (slot + 1) & this.mask;
      this.addresses[slot] = addresses[old]!;
      this.marks[slot] = marks[old]!;
      this.values[slot] = values[old]!;
    }
  }
}

function slotOf(address: number, mark: number, mask: number): number {
  let hash = Math.imul(address ^ Math.imul(mark, 0x85ebca6b), 0x9e3779b1);
  hash ^= hash >>> 15;
  return (Math.imul(hash, 0x2c1b3c6d) >>> 11) & mask;
}

function lengthsOf(counts: Int32Array): readonly number[] {
  const lengths: number[] = [];
  for (let length = 32; length >= 0; length--) if (counts[length]! > 0) lengths.push(length);
  return lengths;
}
