/** Our own bugs stop the run. The runner that catches an {@link InvariantError} adds the seed and the virtual time. */

export class InvariantError extends Error {
  override name = 'InvariantError';
}

/** Throws when `condition` is false: the fault is ours, never the author's and never a simulated peer's. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** The same where the message is made of values, which costs: it is made when it is needed. */
export function broken(message: string): never {
  throw new InvariantError(message);
}

/** Ends a switch over a closed union. */
export function unreachable(value: never, message = 'a case was forgotten'): never {
  throw new InvariantError(`${message}: ${JSON.stringify(value)}`);
}
