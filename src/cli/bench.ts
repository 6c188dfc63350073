/** `vaportrail bench`: every run in a fresh process, medians with their spread, and the switches beside the figures. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg, platform } from 'node:os';
import { nearestWord } from '../base/nearest.ts';
import { type BenchDocument, compareBenches, type PhaseTimes, spreadOf } from '../report/bench.ts';
import { benchText, comparisonText } from '../report/bench-text.ts';
import { PHASES, type PhaseName } from '../scenarios/bench/phases.ts';
import { type BenchBuild, type BenchSpec, LOOKUPS, type PhaseResult } from '../scenarios/bench/play.ts';
import { PRESETS, type Preset, presetNamed } from '../scenarios/bench/presets.ts';
import type { RunOrder, RunReport } from './bench-run.ts';
import { DISK } from './disk.ts';
import { machineTimes, realSeconds } from './meter.ts';
import { badArgument, EXIT } from './outcome.ts';
import { painterFor, printError, printLine } from './terminal.ts';

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
}

const MAX_OUTPUT = 1 << 28;

interface Planned {
  readonly name: string;
  readonly story: string;
  readonly switches: BenchDocument['switches'];
  readonly budget: Preset['budget'] | null;
  /** The runs that are timed do nothing that is only wanted for what it tells. */
  order(timed: boolean): RunOrder;
}

export function bench(name: string | undefined, options: BenchOptions): number {
  const planned = plan(name ?? 'federation-500', options);
  const baseline = options.compare === undefined ? null : baselineOf(options.compare);
  const document = measure(planned, options);
  const paint = painterFor(process.stdout);
  const rows = baseline === null ? [] : compareBenches(baseline, document, options.budget / 100);
  if (options.json === true)
    printLine(JSON.stringify(baseline === null ? document : { ...document, comparison: rows }, null, 2));
  else {
    printLine(benchText(document, planned.budget, paint));
    if (baseline !== null) printLine(`\n${comparisonText(rows, options.budget / 100, paint)}`);
  }
  return document.holds && !rows.some((row) => row.verdict === 'too much worse') ? EXIT.held : EXIT.failed;
}

// What is asked for

function plan(name: string, options: BenchOptions): Planned {
  const preset = presetNamed(name);
  if (preset !== null) return planPreset(preset, options);
  if (DISK.kind(name) === 'missing') {
    const near = nearestWord(
      name,
      PRESETS.map((one) => one.name),
    );
    const hint = near === null ? `presets are ${PRESETS.map((one) => one.name).join(', ')}` : `did you mean ${near}?`;
    throw badArgument('unknown-preset', `${name} is neither a preset nor a scenario; ${hint}`);
  }
  for (const [option, value] of Object.entries({ size: options.size, phases: options.phases, smoke: options.smoke })) {
    if (value !== undefined)
      throw badArgument('preset-option', `--${option} is for presets; a scenario has its own size and steps`);
  }
  const wire = options.wire ?? false;
  return {
    name,
    story: 'the steps of a scenario',
    switches: { wire, cost: options.cost ?? 'default', seed: options.seed ?? 'its own' },
    budget: null,
    order: (timed) => ({
      kind: 'scenario',
      path: name,
      seed: options.seed ?? null,
      wire,
      zeroCost: costOf(options, 'default') === 'zero',
      routeLevelRecord: !timed,
    }),
  };
}

function planPreset(preset: Preset, options: BenchOptions): Planned {
  const smoke = options.smoke ?? false;
  const build = sized(preset, smoke, options.size);
  const spec: Omit<BenchSpec, 'routeLevelRecord' | 'lookups'> = {
    build,
    phases: phasesOf(preset, options.phases),
    seed: options.seed ?? 1,
    wire: options.wire ?? preset.wire,
    cost: costOf(options, preset.cost),
    pathPreference: switchOf(options.pathPreference, preset.pathPreference),
    staggerMs: options.stagger ?? 0,
    churnSeconds: smoke ? 3 : 60,
  };
  return {
    name: preset.name,
    story: preset.story,
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
    budget: smoke || options.size !== undefined ? null : preset.budget,
    order: (timed) => ({
      kind: 'preset',
      spec: { ...spec, routeLevelRecord: !timed, lookups: timed ? 0 : LOOKUPS },
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
  return { kind: build.kind, size } as unknown as BenchBuild; // every member was replaced by one of its own type
}

function phasesOf(preset: Preset, text: string | undefined): readonly PhaseName[] {
  if (text === undefined) return preset.phases;
  const wanted =
    text === 'all' ? PHASES.map((phase) => phase.name).filter((name) => fits(preset, name)) : text.split(',');
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
    return found.name;
  });
  return ['cold-start', ...names.filter((one) => one !== 'cold-start')];
}

function fits({ build }: Preset, phase: PhaseName): boolean {
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

function switchOf(text: string | undefined, unsaid: boolean): boolean {
  if (text === undefined) return unsaid;
  if (text !== 'on' && text !== 'off') throw badArgument('bad-switch', `--path-preference is on or off, not ${text}`);
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

function measure(planned: Planned, options: BenchOptions): BenchDocument {
  const loadBefore = loadavg()[0]!;
  const before = machineTimes();
  let own = 0;
  const told = once(planned.order(false), null); // warms the file cache, knows how routes spread and what lookups give
  own += told.report.cpuSeconds;
  const runs = Array.from({ length: options.runs }, (_, run) => {
    if (process.stderr.isTTY === true) printError(`run ${run + 1} of ${options.runs}`);
    const result = once(planned.order(true), run === 0 ? (options.profile ?? null) : null);
    own += result.report.cpuSeconds;
    return result;
  });
  const after = machineTimes();
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
  const busy = (after.busy - before.busy) / Math.max(1, after.all - before.all);
  const ours = own / Math.max(1e-9, (after.all - before.all) / 1_000);
  return {
    format: 'vaportrail-bench 1',
    name: planned.name,
    story: planned.story,
    switches: planned.switches,
    method: {
      node: process.version,
      cores: cpus().length,
      platform: platform(),
      loadBefore,
      foreignCpu: Math.max(0, busy - ours),
      runs: options.runs,
      warmUp: 'a fresh process each, after one that is not counted',
    },
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

function isSound({ busy, checks }: PhaseResult): boolean {
  return busy === null && checks.every((check) => check.holds);
}

function once(order: RunOrder, profile: string | null): { readonly wallSeconds: number; readonly report: RunReport } {
  const flags = profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  if (profile !== null) mkdirSync(profile, { recursive: true });
  const args = [...process.execArgv, ...flags, process.argv[1]!, 'bench', '--one-run', JSON.stringify(order)];
  const start = realSeconds();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: MAX_OUTPUT });
  const wallSeconds = realSeconds() - start;
  if (status === EXIT.badInput) throw badArgument('bench-input', stderr.trim());
  if (status !== 0) throw new Error(`a run of the benchmark ended with ${status}: ${stderr.slice(-2_000)}`);
  return { wallSeconds, report: JSON.parse(stdout) as RunReport }; // our own child wrote it
}
