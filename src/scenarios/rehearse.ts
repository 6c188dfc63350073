/**
 * A scenario from its path to its verdict: load, lower, compile, build, play, look.
 *
 * What is wrong with the input comes back as faults before anything is played.
 */
import type { FileReader } from '../base/files.ts';
import { failed, type Parsed, parsed } from '../base/result.ts';
import { formatDuration, type VirtualUs } from '../base/time.ts';
import type { SegmentSink } from '../sim/sink.ts';
import { findingsNow } from '../verify/findings-now.ts';
import type { Directory } from '../world/directory.ts';
import { World } from '../world/world.ts';
import { compileScenario } from './compile.ts';
import { convergenceOf } from './convergence.ts';
import { type LoadedScenario, loadScenario } from './load.ts';
import { lowerScenario } from './lower/plan.ts';
import { matrixOf } from './matrix.ts';
import { newPlayer, playStep, settle } from './player.ts';
import type { RunResult, StepResult, Topology, Verdict } from './result.ts';

export interface RehearseOptions {
  readonly files: FileReader;
  readonly path: string;
  /** null: the scenario's own, or 1. */
  readonly seed: number | null;
  readonly wire: boolean;
  /** Where `$INPUT/` in a scenario points to. */
  readonly input: string | null;
  readonly zeroCost: boolean;
  readonly routeLevelRecord: boolean;
  /** Stops before the first step that would be done after this instant, and runs until it. */
  readonly until: VirtualUs | null;
  readonly onProgress: ((event: ProgressEvent) => void) | null;
  readonly packetSink: SegmentSink | null;
  /** Off: no reachability table and no findings, for those who want the world alone. */
  readonly conclusions?: boolean;
}

export type ProgressEvent =
  | {
      readonly kind: 'built';
      readonly scenario: string;
      readonly seed: number;
      readonly topology: Topology;
      readonly steps: number;
      readonly world: World;
    }
  | { readonly kind: 'step-started'; readonly number: number; readonly title: string }
  | { readonly kind: 'step-done'; readonly step: StepResult };

export interface Rehearsal {
  readonly result: RunResult;
  readonly world: World;
  readonly directory: Directory;
  readonly loaded: LoadedScenario;
}

export function rehearse(options: RehearseOptions): Parsed<Rehearsal> {
  const playing = rehearsing(options);
  for (;;) {
    const next = playing.next();
    if (next.done === true) return next.value;
    options.onProgress?.(next.value);
  }
}

/** The same, handed back after each step, for those who must look up in between. */
export function* rehearsing(options: RehearseOptions): Generator<ProgressEvent, Parsed<Rehearsal>, void> {
  const loaded = loadScenario(options.files, options.path);
  if (!loaded.ok) return loaded;
  const lowered = lowerScenario(loaded.value, options);
  if (!lowered.ok) return lowered;
  const { plan, setting, federated, remarks } = lowered.value;
  const firstDirectory = setting.directory;
  const compiled = compileScenario(loaded.value, setting);
  if (compiled.faults.length > 0) return failed(compiled.faults);

  const world = new World(plan);
  if (options.packetSink !== null) world.sim.setSink(options.packetSink);
  const { scenario } = loaded.value.scenario;
  const topology = topologyOf(world);
  yield { kind: 'built', scenario, seed: plan.seed, topology, steps: compiled.steps.length, world };

  const player = newPlayer(world, firstDirectory, federated, options.until);
  const steps: StepResult[] = [];
  try {
    for (const step of compiled.steps) {
      if (options.until !== null && world.now >= options.until) break;
      yield { kind: 'step-started', number: step.number, title: step.title };
      const result = playStep(player, step);
      if (result === null) break;
      steps.push(result);
      yield { kind: 'step-done', step: result };
    }
    if (options.until !== null) {
      if (world.now < options.until) world.runUntil(options.until);
    } else settle(player);
  } catch (error) {
    if (error instanceof Error)
      error.message += ` (seed ${plan.seed}, at ${formatDuration(world.now)} of virtual time)`;
    throw error;
  }
  const conclusions = options.conclusions ?? true;
  return parsed({
    result: {
      scenario,
      file: loaded.value.file,
      seed: plan.seed,
      wire: plan.wire,
      topology,
      steps,
      convergence: convergenceOf(world),
      matrix: conclusions ? matrixOf(world, player.directory, loaded.value) : null,
      findings: conclusions ? findingsNow(world, federated) : [],
      remarks,
      verdict: verdictOf(scenario, steps),
    },
    world,
    directory: player.directory,
    loaded: loaded.value,
  });
}

function topologyOf(world: World): Topology {
  const clusters = [...world.clusters.values()].map((cluster) => ({
    name: cluster.cluster,
    asn: cluster.asn,
    controlNodes: world.plan.controlNodes.filter((node) => node.cluster === cluster.cluster).length,
    vrouters: world.plan.agents.filter((node) => node.cluster === cluster.cluster).length,
    networks: cluster.networks.filter((network) => !network.system).length,
    workloads: cluster.workloads.length,
  }));
  return {
    clusters,
    gateways: [...world.gateways.keys()],
    nodes: world.controlNodes.size,
    agents: world.agents.size,
    speakers: world.speakers.size,
  };
}

function verdictOf(scenario: string, steps: readonly StepResult[]): Verdict {
  const claims = steps.flatMap((step) => step.expectations);
  const failures = claims.filter((claim) => !claim.passed).length;
  const passed = claims.length - failures;
  const sentence =
    claims.length === 0
      ? `${scenario}: played, and nothing was expected of it`
      : failures === 0
        ? `${scenario}: ${claims.length === 1 ? 'the one expectation holds' : `all ${claims.length} expectations hold`}`
        : `${scenario}: ${failures} of ${claims.length} expectations ${failures === 1 ? 'does' : 'do'} not hold`;
  return { passed, failed: failures, sentence };
}
