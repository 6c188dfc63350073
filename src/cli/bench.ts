/** `vaportrail bench`: every run in a fresh process, medians with their spread, and the switches beside the figures. */

import { mkdirSync, readFileSync } from 'node:fs';
import { nearestWord } from '../base/nearest.ts';
import { type BenchDocument, compareBenches, differencesOf, type PhaseTimes, spreadOf } from '../report/bench.ts';
import { benchSvg } from '../report/bench-svg.ts';
import { benchText, comparisonText } from '../report/bench-text.ts';
import { PHASES, type PhaseName } from '../scenarios/bench/phases.ts';
import {
  type BenchBuild,
  type BenchSpec,
  DEFAULT_SPEC,
  expectedDeliveries,
  LOOKUPS,
  type PhaseResult,
} from '../scenarios/bench/play.ts';
import { GROWTH, PRESETS, type Preset, presetNamed } from '../scenarios/bench/presets.ts';
import { reflectionSizeFault, worldSizeFault } from '../world/size-limits.ts';
import { benchGrowth } from './bench-growth.ts';
import { Machine, MEASURED, NOT_MEASURED, tellProgress } from './bench-measure.ts';
import type { RunOrder } from './bench-run.ts';
import { DISK } from './disk.ts';
import { badArgument, cannotWrite, EXIT } from './outcome.ts';
import { PartFile } from './part-file.ts';
import { painterFor, printLine } from './terminal.ts';

export interface BenchOptions {
  readonly size?: string;
  readonly phases?: string;
  readonly runs: number;
  readonly json?: boolean;
  readonly wire?: boolean;
  readonly cost?: string;
  readonly pathPreference?: string;
  readonly stagger?: number;
  readonly seed?: number;
  readonly smoke?: boolean;
  readonly compare?: string;
  readonly budget: number;
  readonly profile?: string;
  readonly propagation?: string;
  readonly plot?: string;
}

/** Propagation is measured unasked up to so many deliveries: a record of every route takes time and memory for each. */
const PROPAGATION_MAX = 5_000_000;

interface Planned {
  readonly name: string;
  readonly story: string;
  readonly switches: BenchDocument['switches'];
  readonly budget: Preset['budget'] | null;
  /** Whether the run that is not timed records every route. */
  readonly propagation: boolean;
  /** The runs that are timed do nothing that is only wanted for what it tells. */
  order(timed: boolean): RunOrder;
}

export function bench(name: string | undefined, options: BenchOptions): number {
  if (name === GROWTH.name) return growth(options);
  const planned = plan(name ?? 'federation-500', options);
  const baseline = options.compare === undefined ? null : baselineOf(options.compare);
  if (options.plot !== undefined && !planned.propagation)
    throw badArgument('no-plot', 'a plot shows how routes spread, which is not measured here; add --propagation on');
  const picture = options.plot === undefined ? null : new PartFile(options.plot);
  const document = measure(planned, options);
  picture?.write(new TextEncoder().encode(benchSvg(document)));
  picture?.finish();
  picture?.keep();
  const paint = painterFor(process.stdout);
  const budget = options.budget / 100;
  const rows = baseline === null ? [] : compareBenches(baseline, document, budget);
  const differences = baseline === null ? [] : differencesOf(baseline, document);
  if (options.json === true) {
    const whole = baseline === null ? document : { ...document, comparison: { budget, differences, rows } };
    printLine(JSON.stringify(whole, null, 2));
  } else {
    printLine(benchText(document, planned.budget, paint));
    if (baseline !== null) printLine(`\n${comparisonText(rows, differences, budget, paint)}`);
  }
  return document.holds && !rows.some((row) => row.verdict === 'too much worse') ? EXIT.held : EXIT.failed;
}

function growth(options: BenchOptions): number {
  const foreign = ['phases', 'wire', 'cost', 'pathPreference', 'stagger', 'compare', 'profile', 'propagation', 'plot'];
  for (const option of foreign) {
    if (options[option as keyof BenchOptions] !== undefined)
      throw badArgument(
        'growth-option',
        `growth takes --size, --runs, --seed, --smoke and --json, and not --${kebab(option)}`,
      );
  }
  return benchGrowth(options);
}

function kebab(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

// What is asked for

function plan(name: string, options: BenchOptions): Planned {
  const preset = presetNamed(name);
  if (preset !== null) return planPreset(preset, options);
  if (DISK.kind(name) === 'missing') {
    const known = [...PRESETS.map((one) => one.name), GROWTH.name];
    const near = nearestWord(name, known);
    const hint = near === null ? `presets are ${known.join(', ')}` : `did you mean ${near}?`;
    throw badArgument('unknown-preset', `${name} is neither a preset nor a scenario; ${hint}`);
  }
  for (const [option, value] of Object.entries({ size: options.size, phases: options.phases, smoke: options.smoke })) {
    if (value !== undefined)
      throw badArgument('preset-option', `--${option} is for presets; a scenario has its own size and steps`);
  }
  const wire = options.wire ?? false;
  const propagation = switchOf('propagation', options.propagation, true);
  const order = (timed: boolean): RunOrder => ({
    kind: 'scenario',
    path: name,
    seed: options.seed ?? null,
    wire,
    zeroCost: costOf(options, 'default') === 'zero',
    routeLevelRecord: !timed && propagation,
  });
  return {
    name,
    story: 'the steps of a scenario',
    switches: { wire, cost: options.cost ?? 'default', record: 'messages', seed: options.seed ?? 'its own' },
    budget: null,
    propagation,
    order,
  };
}

function planPreset(preset: Preset, options: BenchOptions): Planned {
  const smoke = options.smoke ?? false;
  const isResized = smoke || options.size !== undefined;
  const build = sized(preset, smoke, options.size);
  const spec: BenchSpec = {
    ...DEFAULT_SPEC,
    build,
    phases: phasesOf(preset.name, build, options.phases ?? preset.phases.join(',')),
    seed: options.seed ?? 1,
    wire: options.wire ?? preset.wire,
    cost: costOf(options, preset.cost),
    pathPreference: switchOf('path-preference', options.pathPreference, preset.pathPreference),
    staggerMs: options.stagger ?? 0,
    churnSeconds: smoke ? 3 : 60,
  };
  const propagation = switchOf('propagation', options.propagation, expectedDeliveries(build) <= PROPAGATION_MAX);
  return {
    name: preset.name,
    story: isResized ? `${preset.story}; here of another size` : preset.story,
    switches: {
      ...build.size,
      wire: spec.wire,
      cost: spec.cost,
      ...(build.kind === 'clusters'
        ? { pathPreference: spec.pathPreference ? 'on' : 'off', stagger: `${spec.staggerMs} ms` }
        : {}),
      record: 'messages',
      seed: spec.seed,
    },
    budget: isResized ? null : preset.budget,
    propagation,
    order: (timed) => ({
      kind: 'preset',
      spec: timed ? spec : { ...spec, routeLevelRecord: propagation, lookups: LOOKUPS },
    }),
  };
}

/** `--size 250`, or `--size vrouters=250,networks=100`: the preset's size with some numbers replaced. */
function sized({ build, name }: Preset, smoke: boolean, text: string | undefined): BenchBuild {
  const base = smoke ? build.smoke : build.size;
  const size: Record<string, unknown> = { ...base };
  for (const part of text === undefined ? [] : text.split(',')) {
    const [key = '', value] = part.includes('=')
      ? part.split('=')
      : [build.kind === 'clusters' ? 'vrouters' : 'edges', part];
    const known = size[key];
    if (known === undefined) {
      throw badArgument('bad-size', `${name} has no ${key}; its size is made of ${Object.keys(size).join(', ')}`);
    }
    if (typeof known === 'number' && /^\d{1,7}$/.test(value ?? '')) size[key] = Number(value);
    else if (typeof known === 'boolean' && (value === 'on' || value === 'off')) size[key] = value === 'on';
    else if (typeof known === 'string' && (value === 'dealt' || value === 'packed')) size[key] = value;
    else
      throw badArgument(
        'bad-size',
        `${part} is no size: ${key} is ${typeof known === 'number' ? 'a whole number' : typeof known === 'boolean' ? 'on or off' : 'dealt or packed'}`,
      );
  }
  const sized = { kind: build.kind, size } as unknown as BenchBuild; // every member was replaced by one of its own type
  const fault = sizeFault(sized);
  if (fault !== null) throw badArgument('bad-size', `${text} is no size: ${fault}`);
  return sized;
}

function sizeFault(build: BenchBuild): string | null {
  return build.kind === 'clusters' ? worldSizeFault(build.size) : reflectionSizeFault(build.size);
}

function phasesOf(preset: string, build: BenchBuild, text: string): readonly PhaseName[] {
  const wanted =
    text === 'all' ? PHASES.map((phase) => phase.name).filter((name) => fits(build, name)) : text.split(',');
  const names = wanted.map((word) => {
    const found = PHASES.find((phase) => phase.name === word);
    if (found === undefined) {
      const near = nearestWord(
        word,
        PHASES.map((phase) => phase.name),
      );
      throw badArgument(
        'unknown-phase',
        `there is no phase ${word}${near === null ? `; phases are all, ${PHASES.map((phase) => phase.name).join(', ')}` : `; did you mean ${near}?`}`,
      );
    }
    if (!fits(build, found.name)) throw badArgument('impossible-phase', `${preset} of this size has no ${found.name}`);
    return found.name;
  });
  return ['cold-start', ...names.filter((one) => one !== 'cold-start')];
}

function fits(build: BenchBuild, phase: PhaseName): boolean {
  if (phase === 'edge-lost') return build.kind === 'reflection';
  if (build.kind === 'reflection') return phase === 'cold-start';
  const needsTwo = phase === 'federation-cut' || phase === 'federation-healed' || phase === 'target-change';
  return !needsTwo || (build.size.federation && build.size.clusters > 1);
}

function costOf({ cost }: BenchOptions, unsaid: 'default' | 'zero'): 'default' | 'zero' {
  if (cost === undefined) return unsaid;
  if (cost !== 'zero' && cost !== 'default')
    throw badArgument('unknown-cost', `there is no cost model ${cost}; it may be zero or default`);
  return cost;
}

function switchOf(name: string, text: string | undefined, unsaid: boolean): boolean {
  if (text === undefined) return unsaid;
  if (text !== 'on' && text !== 'off') throw badArgument('bad-switch', `--${name} is on or off, not ${text}`);
  return text === 'on';
}

function baselineOf(path: string): BenchDocument {
  try {
    const read = JSON.parse(readFileSync(path, 'utf8')) as BenchDocument; // checked by its format below
    if (read.format === 'vaportrail-bench 1') return read;
  } catch {
    throw badArgument('bad-baseline', `${path} cannot be read as the JSON of a benchmark`);
  }
  throw badArgument('bad-baseline', `${path} is not the JSON of a benchmark`);
}

// Measuring

/** Before anything is measured, so that nobody waits only to hear that there is no place for the result. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function measure(planned: Planned, options: BenchOptions): BenchDocument {
  if (options.profile !== undefined) makeFolder(options.profile);
  const machine = new Machine();
  tellProgress('the run that is not timed');
  const told = machine.run(planned.order(false)); // warms the file cache, knows how routes spread and what lookups give
  const runs = Array.from({ length: options.runs }, (_, run) => {
    tellProgress(`run ${run + 1} of ${options.runs}`);
    return machine.run(planned.order(true), run === 0 ? (options.profile ?? null) : null);
  });
  const phases = runs[0]!.report.phases.map((phase, index) => {
    const { propagation, installed, checks } = told.report.phases[index]!;
    return { ...phase, propagation, installed, checks };
  });
  const wallSeconds = spreadOf(runs.map((run) => run.wallSeconds));
  const times = runs[0]!.report.spent.map(({ phase }, index): PhaseTimes => {
    const spent = runs.map((run) => run.report.spent[index]!);
    return {
      phase,
      wallSeconds: spreadOf(spent.map((one) => one.wallSeconds)),
      cpuSeconds: spreadOf(spent.map((one) => one.cpuSeconds)),
    };
  });
  const sum = (pick: (phase: (typeof phases)[number]) => number): number =>
    phases.reduce((total, phase) => total + pick(phase), 0);
  const notMeasured = planned.propagation ? [] : ['how routes spread (--propagation on)'];
  return {
    format: 'vaportrail-bench 1',
    name: planned.name,
    story: planned.story,
    switches: planned.switches,
    method: machine.method({
      runs: options.runs,
      warmUp: 'a fresh process each, after one that is not counted',
      measured: MEASURED,
      notMeasured: [...NOT_MEASURED, ...notMeasured],
    }),
    process: {
      wallSeconds,
      cpuSeconds: spreadOf(runs.map((run) => run.report.cpuSeconds)),
      rssMegabytes: spreadOf(runs.map((run) => run.report.rssMegabytes)),
    },
    times,
    phases,
    eventsPerSecond: sum((phase) => phase.events) / wallSeconds.median,
    nanosecondsPerDelivery:
      (wallSeconds.median * 1e9) /
      Math.max(
        1,
        sum((phase) => phase.deliveries),
      ),
    holds: [told, ...runs].every(({ report }) => report.phases.every(isSound)),
  };
}

function isSound({ busy, failed, checks }: PhaseResult): boolean {
  return busy === null && failed.length === 0 && checks.every((check) => check.holds);
}
