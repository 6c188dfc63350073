/** Growing typed arrays: the plain data under tables, ribs and records. */

import { float64Cells, int32Cells } from './cells.ts';

/** What a column without room begins with; never written. */
const NO_CELLS = new Int32Array(0);

/** Most grow by a little, for which a call of `fill` costs more than a loop. */
export function fillCells(cells: Int32Array, value: number, from: number, until: number): void {
  if (until - from > 64) cells.fill(value, from, until);
  else for (let at = from; at < until; at++) cells[at] = value;
}

/** A column of 32-bit signed integers. */
export class Int32Column {
  private cells: Int32Array;
  private used = 0;

  constructor(capacity = 16) {
    this.cells = capacity === 0 ? NO_CELLS : int32Cells(capacity);
  }

  get length(): number {
    return this.used;
  }

  get(index: number): number {
    return this.cells[index]!;
  }

  set(index: number, value: number): void {
    this.cells[index] = value;
  }

  push(value: number): number {
    if (this.used === this.cells.length) this.grow(this.used + 1);
    this.cells[this.used] = value;
    return this.used++;
  }

  /** Takes the last value off; undefined when there is none. */
  pop(): number | undefined {
    return this.used === 0 ? undefined : this.cells[--this.used];
  }

  /** Makes the column at least `length` long, new cells holding `fill`. */
  extend(length: number, fill: number): void {
    if (length <= this.used) return;
    if (length > this.cells.length) this.grow(length);
    fillCells(this.cells, fill, this.used, length);
    this.used = length;
  }

  clear(): void {
    this.used = 0;
  }

  /** The live values, valid until the next growth. */
  view(): Int32Array {
    return this.cells.subarray(0, this.used);
  }

  copy(): Int32Array {
    return this.cells.slice(0, this.used);
  }

  private grow(needed: number): void {
    const grown = int32Cells(Math.max(needed, this.cells.length * 2, 16));
    grown.set(this.cells.subarray(0, this.used));
    this.cells = grown;
  }
}

/** A column of doubles: times, addresses and other whole numbers beyond 31 bits. */
export class Float64Column {
  private cells: Float64Array;
  private used = 0;

  constructor(capacity = 16) {
    this.cells = float64Cells(capacity);
  }

  get length(): number {
    return this.used;
  }

  get(index: number): number {
    return this.cells[index]!;
  }

  set(index: number, value: number): void {
    this.cells[index] = value;
  }

  push(value: number): number {
    if (this.used === this.cells.length) {
      const grown = float64Cells(Math.max(this.cells.length * 2, 16));
      grown.set(this.cells);
      this.cells = grown;
    }
    this.cells[this.used] = value;
    return this.used++;
  }

  clear(): void {
    this.used = 0;
  }

  view(): Float64Array {
    return this.cells.subarray(0, this.used);
  }
}
