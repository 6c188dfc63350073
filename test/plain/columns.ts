/** Columns that are lists of numbers as they are: nothing is cut to 32 bits, and a view is a copy. */
import type * as sharing from '../../src/base/columns.ts';
import type { PublicOf } from './public-of.ts';

class Column {
  protected readonly values: number[] = [];

  get length(): number {
    return this.values.length;
  }

  get(index: number): number {
    return this.values[index]!;
  }

  set(index: number, value: number): void {
    this.values[index] = value;
  }

  push(value: number): number {
    return this.values.push(value) - 1;
  }

  clear(): void {
    this.values.length = 0;
  }
}

export class Int32Column extends Column implements PublicOf<sharing.Int32Column> {
  pop(): number | undefined {
    return this.values.pop();
  }

  extend(length: number, fill: number): void {
    while (this.values.length < length) this.values.push(fill);
  }

  view(): Int32Array {
    return Int32Array.from(this.values);
  }

  copy(): Int32Array {
    return Int32Array.from(this.values);
  }
}

export class Float64Column extends Column implements PublicOf<sharing.Float64Column> {
  view(): Float64Array {
    return Float64Array.from(this.values);
  }
}
