/**
 * Growing rows of a few 32-bit integers side by side. What is looked at by row, here and there, stands in rows: a row is
 * one line of the processor's cache, where columns are one each. What is walked from end to end stands in columns.
 */
import { int32Cells } from './cells.ts';
import { fillCells } from './columns.ts';

export class Int32Rows {
  /** Integers in a row. */
  readonly width: number;
  private cells: Int32Array;
  private used = 0;

  constructor(width: number, rows = 16) {
    this.width = width;
    this.cells = int32Cells(width * rows);
  }

  get length(): number {
    return this.used;
  }

  get(row: number, field: number): number {
    return this.cells[row * this.width + field]!;
  }

  set(row: number, field: number, value: number): void {
    this.cells[row * this.width + field] = value;
  }

  /** A row more, all its fields `fill`; returns its number. */
  push(fill: number): number {
    const row = this.used;
    this.extend(row + 1, fill);
    return row;
  }

  /** Makes it at least `rows` long, new fields holding `fill`. */
  extend(rows: number, fill: number): void {
    if (rows <= this.used) return;
    const { width } = this;
    if (rows * width > this.cells.length) {
      const grown = int32Cells(Math.max(rows * width, this.cells.length * 2));
      grown.set(this.cells.subarray(0, this.used * width));
      this.cells = grown;
    }
    fillCells(this.cells, fill, this.used * width, rows * width);
    this.used = rows;
  }
}
