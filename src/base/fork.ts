/**
 * Copying a world: every engine state is plain data, so one walk over the object graph copies it, identities kept.
 *
 * What is immutable and large (the octets of a message, an interned attribute set) is registered with {@link shared}
 * once and then belongs to all copies. A function met as a value is our own bug: state with a closure in it cannot be
 * forked. State classes use TypeScript's `private`, because JavaScript's `#private` fields cannot be seen from here.
 */
import { InvariantError } from './invariant.ts';

const sharedValues = new WeakSet<object>();

/** Declares that `value` never changes, so that copies of a world may hold the same object. */
export function shared<T extends object>(value: T): T {
  sharedValues.add(value);
  return value;
}

const sharedPrototypes = new WeakSet<object>();

/** Declares that no instance of the class ever changes: the same for all of them at once, and at no cost for each. */
export function sharedClass(type: { readonly prototype: object }): void {
  sharedPrototypes.add(type.prototype);
}

export function isShared(value: object): boolean {
  return sharedValues.has(value) || sharedPrototypes.has(Object.getPrototypeOf(value) as object);
}

/** A growing list of values that never change: copies of a world have lists of their own, of the same values. */
export class SharedValues<T extends object> {
  readonly values: T[] = [];

  get length(): number {
    return this.values.length;
  }

  push(value: T): void {
    this.values.push(value);
  }
}

type TypedArray = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float64Array;

/** A deep copy of `root`: classes, maps, sets, arrays, typed arrays and plain records, cycles and identities kept. */
export function forkGraph<T extends object>(root: T): T {
  const copies = new Map<object, object>();
  const pending: [object, object][] = [];

  const copyOf = (value: unknown): unknown => {
    if (typeof value === 'function')
      throw new InvariantError(`state holds a function (${value.name}): it cannot be forked`);
    if (typeof value !== 'object' || value === null) return value;
    const known = copies.get(value);
    if (known !== undefined) return known;
    if (isShared(value)) return value;
    const copy = emptyCopy(value);
    copies.set(value, copy);
    if (value instanceof SharedValues)
      for (const one of value.values) (copy as SharedValues<object>).values.push(one as object);
    else if (!ArrayBuffer.isView(value)) pending.push([value, copy]);
    return copy;
  };

  const result = copyOf(root) as T; // the copy of an object has its type
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [from, to] = next;
    if (from instanceof Map)
      for (const [key, value] of from) (to as Map<unknown, unknown>).set(copyOf(key), copyOf(value));
    else if (from instanceof Set) for (const value of from) (to as Set<unknown>).add(copyOf(value));
    for (const key of Object.keys(from)) {
      // own enumerable fields of a state object; the copy has the same shape
      (to as Record<string, unknown>)[key] = copyOf((from as Record<string, unknown>)[key]);
    }
    if (Object.isFrozen(from)) Object.freeze(to);
  }
  return result;
}

function emptyCopy(value: object): object {
  if (Array.isArray(value)) return new Array(value.length);
  if (value instanceof SharedValues) return new SharedValues();
  if (ArrayBuffer.isView(value)) return (value as TypedArray).slice();
  if (value instanceof Map) return new Map();
  if (value instanceof Set) return new Set();
  if (value instanceof WeakMap || value instanceof WeakSet || value instanceof Promise) {
    throw new InvariantError('state holds a weak collection or a promise: it cannot be forked');
  }
  return Object.create(Object.getPrototypeOf(value) as object | null) as object; // an object without a constructor call
}
