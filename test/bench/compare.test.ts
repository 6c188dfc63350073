import { describe, expect, it } from 'vitest';
import {
  type BenchDocument,
  compareBenches,
  differencesOf,
  type GrowthSize,
  growthOf,
  type Spread,
  spreadOf,
} from '../../src/report/bench.ts';
import { comparisonText } from '../../src/report/bench-text.ts';
import { PLAIN } from '../../src/report/paint.ts';
import { playBench } from '../../src/scenarios/bench/play.ts';

const size = {
  clusters: 1,
  controlNodes: 1,
  vrouters: 2,
  workloads: 1,
  networks: 1,
  layout: 'dealt',
  gateways: 0,
  federation: false,
} as const;
const played = playBench(
  {
    build: { kind: 'clusters', size },
    phases: ['cold-start'],
    seed: 1,
    wire: false,
    cost: 'default',
    pathPreference: false,
    staggerMs: 0,
    churnSeconds: 1,
    routeLevelRecord: false,
    lookups: 300,
  },
  { began: () => {}, ended: () => {} },
);
if (typeof played === 'string') throw new Error(played);
const { phases } = played;

function benchmark(wallSeconds: Spread, cpu = 1, counters: Readonly<Record<string, number>> = {}): BenchDocument {
  return {
    format: 'vaportrail-bench 1',
    name: 'small',
    story: '',
    switches: {},
    method: {
      node: 'v20',
      cores: 2,
      platform: 'linux',
      loadBefore: 0,
      foreignCpu: 0,
      runs: 3,
      warmUp: '',
      measured: '',
      notMeasured: [],
    },
    process: { wallSeconds, cpuSeconds: spreadOf([cpu]), rssMegabytes: spreadOf([100]) },
    times: [],
    phases: phases.map((phase) => ({ ...phase, counters: { ...phase.counters, ...counters } })),
    eventsPerSecond: 1,
    nanosecondsPerDelivery: 1,
    holds: true,
  };
}

const verdictOf = (before: BenchDocument, after: BenchDocument, what: string, budget = 0.25) =>
  compareBenches(before, after, budget).find((row) => row.what === what)!.verdict;
const WALL = 'wall, whole process';

describe('two benchmarks', () => {
  it('are the same while a difference is not larger than half of either spread', () => {
    const wide = benchmark({ median: 1, min: 0.8, max: 1.4 });
    expect(verdictOf(wide, benchmark({ median: 1.29, min: 1.29, max: 1.29 }), WALL)).toBe('same');
    expect(verdictOf(wide, benchmark({ median: 1.31, min: 1.31, max: 1.31 }), WALL)).toBe('too much worse');
  });

  it('are never apart by less than what one machine differs from itself', () => {
    expect(verdictOf(benchmark(spreadOf([1])), benchmark(spreadOf([1.04])), WALL)).toBe('same');
  });

  it('differ for the worse inside the budget, too much beyond it, and for the better at will', () => {
    const before = benchmark(spreadOf([1]));
    expect(verdictOf(before, benchmark(spreadOf([1.2])), WALL)).toBe('worse');
    expect(verdictOf(before, benchmark(spreadOf([1.3])), WALL)).toBe('too much worse');
    expect(verdictOf(before, benchmark(spreadOf([1.3])), WALL, 0.5)).toBe('worse');
    expect(verdictOf(before, benchmark(spreadOf([0.5])), WALL)).toBe('better');
  });

  it('are compared exactly in what is virtual: one publish more has moved', () => {
    const before = benchmark(spreadOf([1]), 1, { 'agent.publishes': 100 });
    const after = benchmark(spreadOf([1]), 1, { 'agent.publishes': 101 });
    expect(verdictOf(before, after, 'cold-start: agent.publishes')).toBe('worse');
    expect(comparisonText(compareBenches(before, after, 0.25), [], 0.25, PLAIN)).toContain(
      'cold-start: agent.publishes: 100 to 101, +1.0 % (exact): worse',
    );
  });
});

describe('two benchmarks that are not alike', () => {
  it('are told apart by name, size and switches', () => {
    const before = { ...benchmark(spreadOf([1])), switches: { vrouters: 500, wire: false } };
    const after = { ...before, name: 'large', switches: { vrouters: 1_000, wire: false, stagger: '5 ms' } };
    expect(differencesOf(before, before)).toEqual([]);
    expect(differencesOf(before, after)).toEqual([
      'small, now large',
      'vrouters 500, now 1000',
      'stagger not said, now 5 ms',
    ]);
    expect(comparisonText([], differencesOf(before, after), 0.25, PLAIN)).toContain(
      'another benchmark: vrouters 500, now 1000',
    );
  });
});

describe('growth', () => {
  const size = (vrouters: number, deliveries: number, wall: number, cpu: number): GrowthSize => ({
    vrouters,
    networks: 1,
    deliveries,
    wallSeconds: spreadOf([wall]),
    cpuSeconds: spreadOf([cpu]),
    rssMegabytes: spreadOf([100]),
    holds: true,
  });

  it('is the most that a delivered route costs in times of what it costs at a smaller size', () => {
    expect(growthOf([size(250, 100, 2, 3), size(500, 200, 3, 6), size(1_000, 400, 8, 10)])).toEqual({
      wall: 8 / 400 / (3 / 200), // the least size pays for the start of Node and is no yardstick
      cpu: 1,
    });
  });
});

describe('a spread', () => {
  it('has the middle value as its median, or the mean of the two in the middle', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
  });
});
