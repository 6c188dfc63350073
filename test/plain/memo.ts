/** Memos that keep nothing. */
import type * as sharing from '../../src/base/memo.ts';
import type { PublicOf } from './public-of.ts';

export const UNKNOWN: typeof sharing.UNKNOWN = -0x8000_0000;

export class IdMemo implements PublicOf<sharing.IdMemo> {
  get(): number {
    return UNKNOWN;
  }

  set(_id: number, answer: number): number {
    return answer;
  }

  forget(): void {}
}

export class SparseMemo extends IdMemo implements PublicOf<sharing.SparseMemo> {}

export class TupleMemo implements PublicOf<sharing.TupleMemo> {
  get(): number {
    return UNKNOWN;
  }

  set(answer: number): number {
    return answer;
  }

  forget(): void {}
}

export class LastMemo extends TupleMemo implements PublicOf<sharing.LastMemo> {}

export class ObjectMemo<K extends object, V> implements PublicOf<sharing.ObjectMemo<K, V>> {
  get(): V | undefined {
    return undefined;
  }

  set(_key: K, answer: V): V {
    return answer;
  }
}

export class Memo<K, V> implements PublicOf<sharing.Memo<K, V>> {
  get(): V | undefined {
    return undefined;
  }

  set(_key: K, answer: V): V {
    return answer;
  }

  delete(): void {}

  forget(): void {}
}
