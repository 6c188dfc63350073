/** Rows that are lists of numbers as they are. */
import type * as sharing from '../../src/base/rows.ts';
import type { PublicOf } from './public-of.ts';

export class Int32Rows implements PublicOf<sharing.Int32Rows> {
  readonly width: number;
  private readonly rows: number[][] = [];

  constructor(width: number) {
    this.width = width;
  }

  get length(): number {
    return this.rows.length;
  }

  get(row: number, field: number): number {
    return this.rows[row]![field]!;
  }

  set(row: number, field: number, value: number): void {
    this.rows[row]![field] = value;
  }

  push(fill: number): number {
    return this.rows.push(new Array<number>(this.width).fill(fill)) - 1;
  }

  extend(rows: number, fill: number): void {
    while (this.rows.length < rows) this.push(fill);
  }
}
