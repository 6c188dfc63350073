/** Results of a benchmark: what stands in the document, and how two of them are compared. */
import type { PhaseResult } from '../scenarios/bench/play.ts';

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface PhaseTimes {
  readonly phase: string;
  readonly wallSeconds: Spread;
  readonly cpuSeconds: Spread;
}

export interface BenchMethod {
  readonly node: string;
  readonly cores: number;
  readonly platform: string;
  /** Load of the machine over the last minute, before the first run. */
  readonly loadBefore: number;
  /** Share of the machine's CPU time that others used meanwhile. */
  readonly foreignCpu: number;
  readonly runs: number;
  readonly warmUp: string;
  readonly measured: string;
  readonly notMeasured: readonly string[];
}

export interface BenchDocument {
  readonly format: 'vaportrail-bench 1';
  readonly name: string;
  readonly story: string;
  readonly switches: Readonly<Record<string, string | number | boolean>>;
  readonly method: BenchMethod;
  readonly process: { readonly wallSeconds: Spread; readonly cpuSeconds: Spread; readonly rssMegabytes: Spread };
  readonly times: readonly PhaseTimes[];
  readonly phases: readonly PhaseResult[];
  readonly eventsPerSecond: number;
  readonly nanosecondsPerDelivery: number;
  readonly holds: boolean;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted[sorted.length - 1]! };
}

/** One size of a growth benchmark. */
export interface GrowthSize {
  readonly vrouters: number;
  readonly networks: number;
  readonly deliveries: number;
  readonly wallSeconds: Spread;
  readonly cpuSeconds: Spread;
  readonly rssMegabytes: Spread;
  /** Settled, with the counters that the layout says. */
  readonly holds: boolean;
}

/** So many times as much as at a smaller size a delivered route may cost. */
export const GROWTH_LIMIT = 1.3;

export interface GrowthDocument {
  readonly format: 'vaportrail-growth 1';
  readonly name: string;
  readonly story: string;
  readonly switches: Readonly<Record<string, string | number | boolean>>;
  readonly method: BenchMethod;
  readonly sizes: readonly GrowthSize[];
  /** The most that a delivered route costs at one size, in times of what it costs at a smaller one. */
  readonly growth: { readonly wall: number; readonly cpu: number };
  readonly limit: number;
  readonly holds: boolean;
}

/** Sizes come from the least to the largest. */
export function growthOf(sizes: readonly GrowthSize[]): GrowthDocument['growth'] {
  const most = (cost: (size: GrowthSize) => number): number =>
    Math.max(...sizes.flatMap((larger, index) => sizes.slice(0, index).map((size) => cost(larger) / cost(size))));
  return {
    wall: most((size) => size.wallSeconds.median / size.deliveries),
    cpu: most((size) => size.cpuSeconds.median / size.deliveries),
  };
}

/** Numbers and switches in which two benchmarks differ: `vrouters 500, now 1000`. */
export function differencesOf(before: BenchDocument, after: BenchDocument): readonly string[] {
  const told = (switches: BenchDocument['switches'], name: string): string => String(switches[name] ?? 'not said');
  const names = [...new Set([...Object.keys(before.switches), ...Object.keys(after.switches)])];
  const differing = names.filter((name) => told(before.switches, name) !== told(after.switches, name));
  return [
    ...(before.name === after.name ? [] : [`${before.name}, now ${after.name}`]),
    ...differing.map((name) => `${name} ${told(before.switches, name)}, now ${told(after.switches, name)}`),
  ];
}

/** Wall times of the same work differ so much from run to run even where nothing else runs. */
const NOISE_FLOOR = 0.05;

export interface Comparison {
  readonly what: string;
  readonly before: number;
  readonly after: number;
  /** 0.1: a tenth more than before. */
  readonly change: number;
  /** Changes up to here are noise; 0 for what is exact. */
  readonly noise: number;
  readonly verdict: 'same' | 'better' | 'worse' | 'too much worse';
}

/** What moved beyond the noise, and what of it is worse than `budget` allows (0.25: a quarter more). */
export function compareBenches(before: BenchDocument, after: BenchDocument, budget: number): readonly Comparison[] {
  const sampled = (what: string, a: Spread, b: Spread): Comparison => {
    const noise = Math.max(NOISE_FLOOR, halfWidth(a), halfWidth(b));
    return compared(what, a.median, b.median, noise, budget);
  };
  const rows = [
    sampled('wall, whole process', before.process.wallSeconds, after.process.wallSeconds),
    sampled('CPU, whole process', before.process.cpuSeconds, after.process.cpuSeconds),
    sampled('peak RSS', before.process.rssMegabytes, after.process.rssMegabytes),
  ];
  for (const phase of after.phases) {
    const earlier = before.phases.find((one) => one.phase === phase.phase);
    if (earlier === undefined) continue;
    const exact = (what: string, a: number | null, b: number | null): void => {
      if (a !== null && b !== null) rows.push(compared(`${phase.phase}: ${what}`, a, b, 0, budget));
    };
    exact('converged after', durationOf(earlier), durationOf(phase));
    exact('events', earlier.events, phase.events);
    for (const share of ['p50', 'p95', 'p99', 'max'] as const)
      exact(`propagation ${share}`, earlier.propagation?.[share] ?? null, phase.propagation?.[share] ?? null);
    for (const protocol of ['bgp', 'xmpp'] as const)
      exact(`octets of ${protocol}`, earlier.octets[protocol], phase.octets[protocol]);
    for (const [role, most] of Object.entries(phase.queues))
      exact(`queue of a ${role}`, earlier.queues[role as keyof typeof phase.queues] ?? null, most); // a key of the same kind of record
    for (const name of new Set([...Object.keys(earlier.counters), ...Object.keys(phase.counters)]))
      exact(name, earlier.counters[name] ?? 0, phase.counters[name] ?? 0);
  }
  return rows;
}

function durationOf(phase: PhaseResult): number | null {
  return phase.convergedAt === null ? null : phase.convergedAt - phase.startedAt;
}

function halfWidth({ median, min, max }: Spread): number {
  return median === 0 ? 0 : (max - min) / 2 / median;
}

function compared(what: string, before: number, after: number, noise: number, budget: number): Comparison {
  const change = before === 0 ? (after === 0 ? 0 : 1) : after / before - 1;
  const verdict =
    Math.abs(change) <= noise
      ? 'same'
      : change < 0
        ? 'better'
        : change > Math.max(budget, noise)
          ? 'too much worse'
          : 'worse';
  return { what, before, after, change, noise, verdict };
}
