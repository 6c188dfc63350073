/** Ids without a hash: keys are text, in the language's own maps. */

import type * as sharing from '../../src/base/interner.ts';
import { invariant } from '../../src/base/invariant.ts';
import type { PublicOf } from './public-of.ts';

export class TextIds implements PublicOf<sharing.TextIds> {
  private readonly texts: string[] = [];

  get size(): number {
    return this.texts.length;
  }

  intern(text: string): number {
    return this.find(text) ?? this.texts.push(text) - 1;
  }

  find(text: string): number | undefined {
    const at = this.texts.indexOf(text);
    return at < 0 ? undefined : at;
  }

  text(id: number): string {
    const text = this.texts[id];
    invariant(text !== undefined, `no text has the id ${id}`);
    return text;
  }
}

export class TupleIds implements PublicOf<sharing.TupleIds> {
  private readonly ids = new Map<string, number>();
  private readonly tuples: (readonly [number, number, number, number])[] = [];

  get size(): number {
    return this.tuples.length;
  }

  intern(a: number, b: number, c = 0, d = 0): number {
    const known = this.find(a, b, c, d);
    if (known >= 0) return known;
    const id = this.tuples.push([a | 0, b | 0, c | 0, d | 0]) - 1;
    this.ids.set(JSON.stringify(this.tuples[id]), id);
    return id;
  }

  find(a: number, b: number, c = 0, d = 0): number {
    return this.ids.get(JSON.stringify([a | 0, b | 0, c | 0, d | 0])) ?? -1;
  }

  a(id: number): number {
    return this.tuples[id]![0];
  }

  b(id: number): number {
    return this.tuples[id]![1];
  }

  c(id: number): number {
    return this.tuples[id]![2];
  }

  d(id: number): number {
    return this.tuples[id]![3];
  }
}

export class IntMap implements PublicOf<sharing.IntMap> {
  private readonly values = new Map<number, number>();

  get size(): number {
    return this.values.size;
  }

  get(key: number): number {
    return this.values.get(key) ?? -1;
  }

  set(key: number, value: number): void {
    this.values.set(key, value);
  }

  delete(key: number): boolean {
    return this.values.delete(key);
  }

  sortedKeys(): Int32Array {
    return Int32Array.from(this.values.keys()).sort();
  }
}
