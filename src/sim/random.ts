/**
 * One seed, many named streams.
 *
 * A stream is made of the seed, its owner's name and its purpose, as text. So a node more, or a draw more in one
 * place, moves no draw anywhere else.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator';
import { Digest } from '../base/digest.ts';
import { invariant } from '../base/invariant.ts';
import type { RandomStream } from './node.ts';

export class NamedStream implements RandomStream {
  private readonly generator: JumpableRandomGenerator;

  constructor(seed: number, owner: string, purpose: string) {
    const state: number[] = [0, 1, 2, 3].map((word) =>
      new Digest()
        .int(word + 1)
        .whole(seed)
        .text(owner)
        .text(purpose)
        .short(),
    );
    if (!state.some((word) => word !== 0)) state[0] = 1; // the one state from which nothing follows
    this.generator = xoroshiro128plusFromState(state.map((word) => word | 0));
  }

  integer(low: number, high: number): number {
    invariant(
      Number.isSafeInteger(low) && Number.isSafeInteger(high) && low <= high,
      'a draw has whole bounds in order',
    );
    return uniformInt(this.generator, low, high);
  }
}

/** All streams of a run. */
export class Chance {
  readonly seed: number;
  private readonly streams = new Map<string, NamedStream>();

  constructor(seed: number) {
    invariant(Number.isSafeInteger(seed), `a seed is a whole number, not ${seed}`);
    this.seed = seed;
  }

  /** The same stream each time it is asked for; it goes on where it was left. */
  stream(owner: string, purpose: string): NamedStream {
    const name = `${owner}\u0000${purpose}`;
    let stream = this.streams.get(name);
    if (stream === undefined) {
      stream = new NamedStream(this.seed, owner, purpose);
      this.streams.set(name, stream);
    }
    return stream;
  }
}
