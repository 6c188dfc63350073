import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentiles } from '../../src/scenarios/bench/measure.ts';
import { PHASES, phaseNamed } from '../../src/scenarios/bench/phases.ts';
import { type BenchPlayed, type BenchSpec, type PhaseResult, playBench } from '../../src/scenarios/bench/play.ts';
import { PRESETS, type Preset, presetNamed } from '../../src/scenarios/bench/presets.ts';
import { encodeRecording } from '../../src/sim/recording-file.ts';
import type { WorldSize } from '../../src/world/generate.ts';
import { smallSizes } from './small-sizes.ts';

const NOBODY = { began: () => {}, ended: () => {} };

function smokeOf(preset: Preset): BenchSpec {
  return {
    build: { kind: preset.build.kind, size: preset.build.smoke } as BenchSpec['build'], // kind and size of one preset
    phases: preset.phases,
    seed: 1,
    wire: preset.wire,
    cost: preset.cost,
    pathPreference: preset.pathPreference,
    staggerMs: 0,
    churnSeconds: 2,
    routeLevelRecord: false,
    lookups: 300,
  };
}

function played(spec: BenchSpec): BenchPlayed {
  const result = playBench(spec, NOBODY);
  if (typeof result === 'string') throw new Error(result);
  return result;
}

function recorded({ world }: BenchPlayed): Uint8Array {
  return encodeRecording(world.sim, { scenario: { title: 'smoke', file: '' }, clusters: [...world.clusters.values()] });
}

const federation = smokeOf(presetNamed('federation-500')!);

describe('the smoke size of each preset', () => {
  it.each(PRESETS.map((preset) => [preset.name, preset] as const))(
    '%s settles, with exactly the counters that its layout says',
    (_, preset) => {
      const { phases } = played(smokeOf(preset));
      expect(phases.map((phase) => phase.phase)).toEqual(preset.phases);
      expect(phases[0]!.checks.length).toBeGreaterThan(0);
      for (const phase of phases) {
        expect(phase.busy).toBeNull();
        for (const check of phase.checks) expect(check).toMatchObject({ holds: true });
      }
    },
  );

  it('keeps the silent loss of an edge inside its window: hold time less a keepalive, to hold time', () => {
    const [, lost] = played(smokeOf(presetNamed('silent-loss')!)).phases;
    const after = lost!.convergedAt! - lost!.startedAt;
    expect(after).toBeGreaterThanOrEqual(6_000_000);
    expect(after).toBeLessThanOrEqual(9_000_000);
  });

  it('packs what a burst of publishes changed, and tells each change at once where nodes take no time (CN-11.1.4)', () => {
    const burst: BenchSpec = { ...federation, staggerMs: 0 };
    const [busy] = played(burst).phases;
    const [idle] = played({ ...burst, cost: 'zero', staggerMs: 60_000 }).phases;
    const itemsEach = ({ counters }: PhaseResult) =>
      counters['xmpp.routes.sent.inet']! / counters['xmpp.messages.sent']!;
    expect(idle!.checks.filter((check) => !check.holds)).toEqual([]);
    expect(itemsEach(busy!)).toBeGreaterThan(1.2 * itemsEach(idle!));
  });

  it('records the same when every receiver decodes its own octets', () => {
    const shared = played({ ...federation, routeLevelRecord: true });
    const wire = played({ ...federation, routeLevelRecord: true, wire: true });
    expect(Buffer.compare(recorded(wire), recorded(shared))).toBe(0);
  });
});

describe('the counters of a generated world', () => {
  const sizes = smallSizes({ leastWorkloads: 1, mostControlNodes: 2 });

  const switches = fc.record({
    cost: fc.constantFrom('default', 'zero'),
    pathPreference: fc.boolean(),
    staggerMs: fc.constantFrom(0, 700, 40_000),
  });

  it('are those of the formula for any layout and size, whatever is told again', () => {
    fc.assert(
      fc.property(sizes, switches, (size, switched) => {
        const { phases } = played({ ...federation, build: { kind: 'clusters', size }, ...switched });
        for (const check of phases[0]!.checks) expect(check).toMatchObject({ what: check.what, found: check.value });
      }),
      { numRuns: 40 },
    );
  });

  it('are twice as many publishes with path preference, which says 100 first and then 200', () => {
    const [cold] = played({ ...federation, pathPreference: true }).phases;
    const all = 20 * 4;
    expect(cold!.counters['agent.publishes']).toBe(4 * all);
  });
});

describe('the phases', () => {
  const all = PHASES.map((phase) => phase.name).filter((name) => name !== 'edge-lost');
  const { phases } = played({ ...federation, phases: all, routeLevelRecord: true });
  const phase = (name: string) => phases.find((one) => one.phase === name)!;
  const took = (name: string) => phase(name).convergedAt! - phase(name).startedAt;

  it('all settle', () => {
    expect(phases.map((one) => one.busy)).toEqual(all.map(() => null));
  });

  it('tell every other vRouter with the tenant of one workload more, and nobody else', () => {
    // 20 vRouters x 4 workloads over 8 tenants: ten vRouters hold the tenant, one of them owns the workload
    expect(phase('workload-added').propagation!.count).toBe(9);
    expect(phase('workload-added').counters['agent.publishes']).toBe(2);
    // before: 100 us to the control node, 50 us there, 100 us back, and 100 us for each of two messages of configuration
    expect(phase('workload-added').propagation!.max).toBe(took('workload-added') - 450);
  });

  it('find a silent vRouter by its user timeout or hold timer, and take its routes from all others', () => {
    expect(took('vrouter-lost')).toBeLessThanOrEqual(90_000_000);
    expect(phase('vrouter-lost').propagation!.count).toBe(4 * 9);
  });

  it('leave forwarding as it is when one of two control nodes dies', () => {
    expect(phase('control-node-lost').counters['fib.writes'] ?? 0).toBe(0);
  });

  it('take exactly the other cluster away when the federation is cut, and give it back when it is healed', () => {
    const cut = phase('federation-cut').propagation!.count;
    expect(cut).toBe(80 * 5);
    expect(phase('federation-healed').propagation!.count).toBe(cut);
  });

  it('take the other side of one tenant away when its network loses the shared target', () => {
    expect(phase('target-change').propagation!.count).toBe(2 * 5 * 5);
  });

  it('come out of churn with as many routes as went in', () => {
    const { counters } = phase('churn');
    expect(counters['agent.publishes']).toBe(counters['agent.retracts']);
  });

  it('measure churn from the second in which a workload left or came back, whoever got or lost its network then', () => {
    // three rounds, the last one at 2 s: nothing takes as long as one round
    expect(phase('churn').propagation!.max).toBeLessThan(100_000);
    expect(phase('churn').propagation!.count).toBeGreaterThan(50);
  });

  it('are the same in every run', () => {
    const again = played({ ...federation, phases: all, routeLevelRecord: true });
    expect(again.phases).toEqual(phases);
  });

  it('say why they cannot be played where something is missing', () => {
    const alone: WorldSize = { ...(presetNamed('stretch-10k')!.build.smoke as WorldSize), vrouters: 4 };
    const spec: BenchSpec = {
      ...federation,
      build: { kind: 'clusters', size: alone },
      phases: ['cold-start', 'federation-cut'],
    };
    expect(playBench(spec, NOBODY)).toBe('federation-cut cannot be played: the world has no second cluster');
    expect(phaseNamed('cold-start').restore).toBeNull();
  });
});

describe('percentiles', () => {
  it('are values that occurred: the least that so large a share does not exceed', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 1, maxLength: 60 }), (values) => {
        const found = percentiles(Float64Array.from(values))!;
        for (const [share, value] of [
          [0.5, found.p50],
          [0.95, found.p95],
          [0.99, found.p99],
        ] as const) {
          expect(values).toContain(value);
          expect(values.filter((one) => one <= value).length).toBeGreaterThanOrEqual(share * values.length);
          expect(values.filter((one) => one < value).length).toBeLessThan(share * values.length);
        }
        expect(found.max).toBe(Math.max(...values));
      }),
    );
  });
});
