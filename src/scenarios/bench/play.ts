/** Builds the world of a benchmark, plays its phases and measures each; whoever calls looks at clocks. */
import { invariant } from '../../base/invariant.ts';
import { seconds, virtualUs } from '../../base/time.ts';
import { DEFAULT_COSTS, DEFAULT_WAYS, ZERO_COSTS, ZERO_WAYS } from '../../world/defaults.ts';
import { generateWorld, type WorldSize, type WorldSwitches } from '../../world/generate.ts';
import { generateReflection, type ReflectionSize } from '../../world/generate-reflection.ts';
import { World } from '../../world/world.ts';
import { type Expected, expectedOfClusters, expectedOfEdgeLoss, expectedOfReflection } from './formula.ts';
import { compareLookups } from './lookups.ts';
import { markOf, measureSince, type PhaseMeasure } from './measure.ts';
import { type PhaseName, phaseNamed, type Stage } from './phases.ts';

export type BenchBuild =
  | { readonly kind: 'clusters'; readonly size: WorldSize }
  | { readonly kind: 'reflection'; readonly size: ReflectionSize };

export interface BenchSpec {
  readonly build: BenchBuild;
  readonly phases: readonly PhaseName[];
  readonly seed: number;
  readonly wire: boolean;
  readonly cost: 'default' | 'zero';
  readonly pathPreference: boolean;
  /** vRouters start one after the other within so many milliseconds. */
  readonly staggerMs: number;
  readonly churnSeconds: number;
  /** With it, propagation is measured; without it, the run is what a user's is. */
  readonly routeLevelRecord: boolean;
  /** So many lookups are compared with what they must give after a cold start; 0 in a run that is timed. */
  readonly lookups: number;
}

/** So many where they are compared. */
export const LOOKUPS = 4_096;

/** A cold start as presets play it, but for what is built. */
export const DEFAULT_SPEC: Omit<BenchSpec, 'build'> = {
  phases: ['cold-start'],
  seed: 1,
  wire: false,
  cost: 'default',
  pathPreference: false,
  staggerMs: 0,
  churnSeconds: 60,
  routeLevelRecord: false,
  lookups: 0,
};

export interface Checked {
  readonly what: string;
  /** What the layout says. */
  readonly value: number;
  /** Without those told again. */
  readonly found: number;
  readonly again: number;
  readonly holds: boolean;
  /** The first thing found that should not be, as a sentence; null when it holds or has nothing to point at. */
  readonly example: string | null;
}

export interface PhaseResult extends PhaseMeasure {
  readonly checks: readonly Checked[];
  /** Claims of a scenario that did not hold: what was found. */
  readonly failed: readonly string[];
}

export interface BenchListener {
  began(phase: PhaseName | 'build'): void;
  ended(phase: PhaseName | 'build'): void;
}

export interface BenchPlayed {
  readonly phases: readonly PhaseResult[];
  readonly world: World;
}

const SETTLE_LIMIT = seconds(3_600);

/** Why a phase cannot be played, or the measures. */
export function playBench(spec: BenchSpec, listener: BenchListener): BenchPlayed | string {
  listener.began('build');
  const world = new World(planOf(spec));
  listener.ended('build');
  const stage: Stage = { world, options: { churnSeconds: spec.churnSeconds, settleLimit: SETTLE_LIMIT } };
  const phases: PhaseResult[] = [];
  for (const name of spec.phases) {
    const phase = phaseNamed(name);
    const lacks = phase.lacks(stage);
    if (lacks !== null) return `${name} cannot be played: ${lacks}`;
    const mark = markOf(world);
    listener.began(name);
    phase.play(stage);
    const { busy } = world.settle(SETTLE_LIMIT);
    listener.ended(name);
    const measure = measureSince(world, mark, name, busy);
    const checks = expectedOf(spec, name).map((expected) => checked(expected, measure));
    if (name === 'cold-start' && spec.build.kind === 'clusters' && spec.lookups > 0)
      checks.push(checkedLookups(world, spec.lookups));
    phases.push({ ...measure, checks, failed: [] });
    if (phase.restore === null || name === spec.phases.at(-1)) continue;
    phase.restore(stage);
    const back = world.settle(SETTLE_LIMIT);
    invariant(back.quiescent, `what ${name} took away does not come back: ${back.busy ?? ''}`);
  }
  return { phases, world };
}

function planOf(spec: BenchSpec) {
  const { build } = spec;
  const holdTimeSeconds = build.kind === 'reflection' ? build.size.holdTimeSeconds : 90;
  const switches: WorldSwitches = {
    seed: spec.seed,
    wire: spec.wire,
    routeLevelRecord: spec.routeLevelRecord,
    costs: spec.cost === 'zero' ? ZERO_COSTS : DEFAULT_COSTS,
    ways: spec.cost === 'zero' ? ZERO_WAYS : DEFAULT_WAYS,
    pathPreference: spec.pathPreference,
    stagger: virtualUs(Math.round(spec.staggerMs * 1_000)),
    holdTimeSeconds,
    xmppHoldTimeSeconds: 90,
  };
  return build.kind === 'reflection' ? generateReflection(build.size, switches) : generateWorld(build.size, switches);
}

/** Deliveries that the layout alone says a cold start has, or more. */
export function expectedDeliveries(build: BenchBuild): number {
  const expected =
    build.kind === 'reflection' ? expectedOfReflection(build.size) : expectedOfClusters(build.size, false);
  return expected.reduce((sum, { value }) => sum + value, 0);
}

function expectedOf({ build, pathPreference }: BenchSpec, phase: PhaseName): readonly Expected[] {
  if (phase === 'cold-start') {
    return build.kind === 'reflection'
      ? expectedOfReflection(build.size)
      : expectedOfClusters(build.size, pathPreference);
  }
  return phase === 'edge-lost' && build.kind === 'reflection' ? expectedOfEdgeLoss(build.size) : [];
}

function checked(expected: Expected, { counters }: PhaseMeasure): Checked {
  const again = expected.resent === null ? 0 : (counters[expected.resent] ?? 0);
  const found = (counters[expected.counter] ?? 0) - again;
  return { what: expected.what, value: expected.value, found, again, holds: found === expected.value, example: null };
}

/** Nothing that makes a run quick may make an answer wrong. */
function checkedLookups(world: World, count: number): Checked {
  const { asked, right, firstWrong } = compareLookups(world, count);
  return {
    what: 'sampled lookups in the tables of vRouters that give what the plan says',
    value: asked,
    found: right,
    again: 0,
    holds: right === asked,
    example: firstWrong,
  };
}
