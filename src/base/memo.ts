/**
 * Answers that are kept, so that a question is worked out once. Each is what a function of its key gives, as long as
 * nothing else that it rests on has changed; who changes that says `forget`. A memo that keeps nothing would change
 * nothing but time, and the tests play worlds in which none does: a memo that outlives what it rests on shows there.
 */
import { Int32Column } from './columns.ts';
import { IntMap, TupleIds } from './interner.ts';

/** No answer is kept. No answer may be this number. */
export const UNKNOWN = -0x8000_0000;

/** Numbers by a small number, such as an id. */
export class IdMemo {
  private readonly answers = new Int32Column(0);

  /** The answer, or {@link UNKNOWN}. */
  get(id: number): number {
    return id < this.answers.length ? this.answers.get(id) : UNKNOWN;
  }

  /** Keeps the answer and returns it. */
  set(id: number, answer: number): number {
    this.answers.extend(id + 1, UNKNOWN);
    this.answers.set(id, answer);
    return answer;
  }

  forget(): void {
    this.answers.clear();
  }
}

/**
 * Non-negative numbers by an id, as large as what it keeps: where there are many memos, each asked about few of many
 * ids, one that is as long as the largest id would grow with their product.
 */
export class SparseMemo {
  private answers = new IntMap();

  /** The answer, or {@link UNKNOWN}. */
  get(id: number): number {
    const known = this.answers.get(id);
    return known < 0 ? UNKNOWN : known;
  }

  /** Keeps the answer and returns it. */
  set(id: number, answer: number): number {
    this.answers.set(id, answer);
    return answer;
  }

  forget(): void {
    this.answers = new IntMap();
  }
}

/** Numbers by up to four numbers of 32 bits. */
export class TupleMemo {
  private keys = new TupleIds();
  private readonly answers = new Int32Column();

  /** The answer, or {@link UNKNOWN}. */
  get(a: number, b: number, c = 0, d = 0): number {
    const known = this.keys.find(a, b, c, d);
    return known < 0 ? UNKNOWN : this.answers.get(known);
  }

  /** Keeps the answer to a question that has none yet, and returns it. */
  set(answer: number, a: number, b: number, c = 0, d = 0): number {
    this.keys.intern(a, b, c, d);
    this.answers.push(answer);
    return answer;
  }

  forget(): void {
    this.keys = new TupleIds();
    this.answers.clear();
  }
}

/** The answer to the last question, where the next one is likely to be the same. */
export class LastMemo {
  private readonly cells = new Int32Array(5).fill(UNKNOWN);

  /** The answer, or {@link UNKNOWN}. */
  get(a: number, b: number, c: number, d: number): number {
    const { cells } = this;
    return cells[0] === a && cells[1] === b && cells[2] === c && cells[3] === d ? cells[4]! : UNKNOWN;
  }

  /** Keeps the answer and returns it. */
  set(answer: number, a: number, b: number, c: number, d: number): number {
    const { cells } = this;
    cells[0] = a;
    cells[1] = b;
    cells[2] = c;
    cells[3] = d;
    cells[4] = answer;
    return answer;
  }

  forget(): void {
    this.cells.fill(UNKNOWN);
  }
}

/** Answers of any kind by keys of any kind. */
export class Memo<K, V> {
  private readonly answers = new Map<K, V>();
  private readonly most: number;

  /** `most`: everything is forgotten when it holds so many. */
  constructor(most = Number.POSITIVE_INFINITY) {
    this.most = most;
  }

  get(key: K): V | undefined {
    return this.answers.get(key);
  }

  /** Keeps the answer and returns it. */
  set(key: K, answer: V): V {
    if (this.answers.size >= this.most) this.answers.clear();
    this.answers.set(key, answer);
    return answer;
  }

  delete(key: K): void {
    this.answers.delete(key);
  }

  forget(): void {
    this.answers.clear();
  }
}

/** Answers about objects that never change, kept as long as the objects are. No part of a world: it cannot be copied. */
export class ObjectMemo<K extends object, V> {
  private readonly answers = new WeakMap<K, V>();

  get(key: K): V | undefined {
    return this.answers.get(key);
  }

  /** Keeps the answer and returns it. */
  set(key: K, answer: V): V {
    this.answers.set(key, answer);
    return answer;
  }
}
