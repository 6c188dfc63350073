/** What a run costs on this machine: the one place of the program that reads a clock, for the benchmark alone. */
import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';

/** Real seconds since some fixed moment. */
export function realSeconds(): number {
  return performance.now() / 1_000;
}

/** CPU seconds of this process, all its threads. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

/** Peak resident memory of this process. */
export function rssMegabytes(): number {
  return process.resourceUsage().maxRSS / 1_024;
}

/** Milliseconds of all cores since boot. */
export function machineTimes(): { readonly busy: number; readonly all: number } {
  let busy = 0;
  let all = 0;
  for (const { times } of cpus()) {
    const used = times.user + times.nice + times.sys + times.irq;
    busy += used;
    all += used + times.idle;
  }
  return { busy, all };
}
