/** Steps that a history may take next, whatever it is a history of. */
export type Step = Readonly<Record<string, unknown>>;

/** What must be known of a network to take power from its nodes and to give it back. */
interface Powered {
  readonly down: Set<string>;
  nodes(): readonly string[];
}

export function powerOff(present: Powered, verb: 'crash' | 'stop', which: number): Step | null {
  const running = present.nodes().filter((one) => !present.down.has(one));
  const node = pick(running, which);
  if (node === null) return null;
  present.down.add(node);
  return { [verb]: { node } };
}

export function powerOn(present: Powered, which: number): Step | null {
  const node = pick([...present.down], which);
  if (node === null) return null;
  present.down.delete(node);
  return { start: { node } };
}

/** One of the list; null when there is none. */
export function pick<T>(list: readonly T[], number: number): T | null {
  return list.length === 0 ? null : list[number % list.length]!;
}

/** One of the list, which it leaves; null when there is none. */
export function takeOut<T>(list: T[], number: number): T | null {
  return list.length === 0 ? null : list.splice(number % list.length, 1)[0]!;
}
