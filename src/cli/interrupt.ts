/** Interrupts: noticed between the steps of a run, so that what is finished is told and nothing is left half-written. */

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof SIGNALS;

export class Interrupts {
  private caught: Signal | null = null;
  private readonly catchers: readonly (readonly [Signal, () => void])[];

  constructor() {
    this.catchers = (Object.keys(SIGNALS) as Signal[]).map((signal) => [
      signal,
      () => {
        this.caught ??= signal;
      },
    ]); // the keys of a literal
    for (const [signal, catcher] of this.catchers) process.on(signal, catcher);
  }

  /** Lets signals arrive: the event loop turns once. */
  async look(): Promise<Signal | null> {
    await new Promise((resolve) => setImmediate(resolve));
    return this.caught;
  }

  /** Signals end the process at once from here on. */
  release(): void {
    for (const [signal, catcher] of this.catchers) process.off(signal, catcher);
  }
}

/** What a shell calls a process that a signal ended. */
export function exitCodeOf(signal: Signal): number {
  return SIGNALS[signal];
}
