/** Events without end at one instant: a world that never lets time go on is stopped and its circle is named. */

/** Thrown by a run; the scenario (costs and latencies of zero) and the protocols in it share the blame. */
export class StormError extends Error {
  override name = 'StormError';
  /** What happens over and over, in order. */
  readonly cycle: readonly string[];

  constructor(at: string, events: number, cycle: readonly string[]) {
    super(`${events} events passed at ${at} and time stands still: ${cycle.join(', then ')}, and again`);
    this.cycle = cycle;
  }
}

/** The shortest sequence that the tail of `trace` repeats; all of it when nothing repeats. */
export function shortestCycle(trace: readonly string[]): readonly string[] {
  for (let period = 1; period * 2 <= trace.length; period++) {
    let repeats = true;
    for (let i = trace.length - 1; repeats && i >= trace.length - period; i--) repeats = trace[i] === trace[i - period];
    for (let i = period; repeats && i < trace.length; i++) repeats = trace[i] === trace[i - period];
    if (repeats) return trace.slice(trace.length - period);
  }
  return [...new Set(trace)].slice(-8);
}
