/**
 * `vaportrail bench growth`: what a delivered route costs as the federation grows with as many routes for each vRouter.
 *
 * Workloads and routes of a tenant stay as they are, tenants grow with vRouters; so the deliveries of a vRouter are the
 * same at each size, and a cost that grows has a part that is not linear.
 */
import { GROWTH_LIMIT, type GrowthDocument, type GrowthSize, growthOf, spreadOf } from '../report/bench.ts';
import { growthText } from '../report/bench-text.ts';
import { type BenchBuild, type BenchSpec, DEFAULT_SPEC } from '../scenarios/bench/play.ts';
import { GROWTH } from '../scenarios/bench/presets.ts';
import { Machine, MEASURED, NOT_MEASURED, type Run, tellProgress } from './bench-measure.ts';
import { badArgument, EXIT } from './outcome.ts';
import { painterFor, printLine } from './terminal.ts';

export interface GrowthOptions {
  readonly size?: string;
  readonly runs: number;
  readonly json?: boolean;
  readonly smoke?: boolean;
  readonly seed?: number;
}

export function benchGrowth(options: GrowthOptions): number {
  const vrouters = sizesOf(options);
  const specs = vrouters.map(
    (count): BenchSpec => ({ ...DEFAULT_SPEC, build: buildOf(count), seed: options.seed ?? 1 }),
  );
  const machine = new Machine();
  machine.run({ kind: 'preset', spec: specs[0]! });
  const runs: Run[][] = specs.map(() => []);
  // the sizes take turns, so that what others do to the machine meets all of them
  for (let run = 0; run < options.runs; run++) {
    for (const [index, spec] of specs.entries()) {
      tellProgress(`run ${run + 1} of ${options.runs}: ${vrouters[index]} vRouters`);
      runs[index]!.push(machine.run({ kind: 'preset', spec }));
    }
  }
  const sizes = vrouters.map((count, index) => sizeOf(count, runs[index]!));
  const growth = growthOf(sizes);
  const document: GrowthDocument = {
    format: 'vaportrail-growth 1',
    name: GROWTH.name,
    story: GROWTH.story,
    switches: { ...GROWTH.switches, seed: options.seed ?? 1 },
    method: machine.method({
      runs: options.runs,
      warmUp: 'a fresh process each, the sizes in turn, after one of the least size that is not counted',
      measured: MEASURED,
      notMeasured: NOT_MEASURED,
    }),
    sizes,
    growth,
    limit: GROWTH_LIMIT,
    holds: growth.wall <= GROWTH_LIMIT && sizes.every((size) => size.holds),
  };
  printLine(
    options.json === true ? JSON.stringify(document, null, 2) : growthText(document, painterFor(process.stdout)),
  );
  return document.holds ? EXIT.held : EXIT.failed;
}

function sizesOf({ size, smoke }: GrowthOptions): readonly number[] {
  if (size === undefined) return smoke === true ? GROWTH.smoke : GROWTH.vrouters;
  const counts = size.split(',').map((word) => (/^[1-9]\d{0,5}$/.test(word) ? Number(word) : 0));
  if (counts.length < 2 || counts.some((count, index) => count <= (counts[index - 1] ?? GROWTH.vroutersMin - 1))) {
    const sentence = `the size of growth is two numbers of vRouters or more, each larger, from ${GROWTH.vroutersMin} on: 250,500,1000`;
    throw badArgument('bad-size', sentence);
  }
  return counts;
}

function buildOf(vrouters: number): BenchBuild {
  return { kind: 'clusters', size: GROWTH.sizeFor(vrouters) };
}

function sizeOf(vrouters: number, runs: readonly Run[]): GrowthSize {
  const phase = runs[0]!.report.phases[0]!;
  return {
    vrouters,
    networks: GROWTH.sizeFor(vrouters).networks,
    deliveries: phase.deliveries,
    wallSeconds: spreadOf(runs.map((run) => run.wallSeconds)),
    cpuSeconds: spreadOf(runs.map((run) => run.report.cpuSeconds)),
    rssMegabytes: spreadOf(runs.map((run) => run.report.rssMegabytes)),
    holds: phase.busy === null && phase.checks.every((check) => check.holds),
  };
}
