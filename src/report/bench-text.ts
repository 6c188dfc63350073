/** A benchmark for people: its switches, its figures with their spread, and a plot of how routes spread. */
import type { VirtualUs } from '../base/time.ts';
import { formatDuration } from '../base/time.ts';
import type { PhaseResult } from '../scenarios/bench/play.ts';
import type { Budget, Preset } from '../scenarios/bench/presets.ts';
import type { BenchDocument, Comparison, GrowthDocument, Spread } from './bench.ts';
import type { Painter } from './paint.ts';
import { textTable } from './table.ts';

const PLOT_WIDTH = 40;

export function benchText(document: BenchDocument, budget: Preset['budget'] | null, paint: Painter): string {
  const whole = document.process;
  const blocks = [
    `${paint.strong(document.name)}: ${document.story}`,
    ...headOf(document, paint),
    '',
    figure('wall', whole.wallSeconds, 's', 2, budget?.wallSeconds, paint),
    figure('CPU', whole.cpuSeconds, 's', 2, budget?.cpuSeconds, paint),
    figure('peak RSS', whole.rssMegabytes, 'MB', 0, budget?.rssMegabytes, paint),
    `  ${'events'.padEnd(9)} ${grouped(Math.round(document.eventsPerSecond))} a second of wall time`,
    `  ${'delivery'.padEnd(9)} ${grouped(Math.round(document.nanosecondsPerDelivery))} ns each, whole process`,
    '',
    phaseTable(document),
  ];
  const last = document.times.at(-1);
  if (budget?.lastPhaseSeconds !== undefined && last !== undefined) {
    blocks.splice(10, 0, figure('last phase', last.wallSeconds, 's', 3, budget.lastPhaseSeconds, paint));
  }
  for (const phase of document.phases) {
    for (const check of phase.checks) {
      const verdict = check.holds ? paint.good('holds') : paint.bad('DIFFERS');
      const again = check.again === 0 ? '' : ` and ${grouped(check.again)} told again with another content`;
      blocks.push(`${verdict} ${check.what}: ${grouped(check.found)}${again}, the layout says ${grouped(check.value)}`);
      if (check.example !== null) blocks.push(`  ${check.example}`);
    }
    for (const found of phase.failed) blocks.push(`${paint.bad('does not hold')} ${phase.phase}: ${found}`);
    if (phase.busy !== null) blocks.push(`${paint.bad('not settled')} ${phase.phase}: ${phase.busy}`);
  }
  for (const phase of document.phases) blocks.push(...plot(phase));
  return blocks.join('\n');
}

/** Switches, machine and method, which every figure is to be read with. */
function headOf({ switches, method }: Pick<BenchDocument, 'switches' | 'method'>, paint: Painter): string[] {
  return [
    Object.entries(switches)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(', '),
    paint.faint(
      `Node ${method.node}, ${method.cores} cores, load before ${method.loadBefore.toFixed(2)}, ` +
        `${Math.round(method.foreignCpu * 100)} % of the machine used by others; ${method.runs} runs, ${method.warmUp}`,
    ),
    paint.faint(`measured: ${method.measured}; not: ${method.notMeasured.join(', ')}`),
  ];
}

function figure(
  name: string,
  { median, min, max }: Spread,
  unit: string,
  digits: number,
  budget: Budget | undefined,
  paint: Painter,
): string {
  const text = `  ${name.padEnd(9)} ${median.toFixed(digits)} ${unit} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;
  if (budget === undefined) return text;
  const verdict =
    median <= budget.goal ? paint.good('reached') : median <= budget.must ? 'not reached, kept' : paint.bad('MISSED');
  return `${text}, goal ${budget.goal} ${unit}, must ${budget.must} ${unit}: ${verdict}`;
}

function phaseTable({ phases, times }: BenchDocument): string {
  const rows = phases.map((phase, index) => {
    const spent = times.find((one) => one.phase === phase.phase) ?? times[index];
    const { propagation } = phase;
    return [
      phase.phase,
      spent === undefined ? '' : spent.wallSeconds.median.toFixed(2),
      phase.convergedAt === null ? 'no change' : formatDuration((phase.convergedAt - phase.startedAt) as VirtualUs), // a difference of moments in order
      ...(propagation === null
        ? ['', '', '', '']
        : [propagation.p50, propagation.p95, propagation.p99, propagation.max].map((us) =>
            formatDuration(us as VirtualUs),
          )), // so is this
      grouped(phase.deliveries),
      grouped(phase.messages.xmpp + phase.messages.bgp),
      amount(phase.octetsPerNode.controlNode?.max),
      amount(phase.octetsPerNode.vrouter?.max ?? phase.octetsPerNode.gateway?.max),
      grouped(phase.queues.controlNode ?? 0),
      grouped(phase.queues.vrouter ?? phase.queues.gateway ?? 0),
    ];
  });
  return textTable(
    [
      'phase',
      'wall s',
      'converged after',
      'p50',
      'p95',
      'p99',
      'max',
      'deliveries',
      'messages',
      'octets ctl',
      'octets vr',
      'queue ctl',
      'queue vr',
    ],
    rows,
    { numeric: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] },
  );
}

function plot(phase: PhaseResult): string[] {
  if (phase.installed === null || phase.convergedAt === null) return [];
  const installed = coarser(phase.installed);
  const most = Math.max(...installed);
  if (most === 0) return [];
  const length = phase.convergedAt - phase.startedAt;
  const lines = installed.flatMap((count, slice) => {
    if (count === 0) return slice > 0 && installed[slice - 1] === 0 ? [] : ['        ...'];
    const at = formatDuration(Math.round((length * (slice + 1)) / installed.length) as VirtualUs); // a whole number above zero
    const bar = '#'.repeat(Math.max(1, Math.round((count * PLOT_WIDTH) / most)));
    return `  ${at.padStart(10)} ${bar.padEnd(PLOT_WIDTH)} ${grouped(count)}`;
  });
  return ['', `${phase.phase}: rows of agents' tables changed, until so long after its beginning`, ...lines];
}

/** So many slices as a screen has lines for. */
const PLOT_SLICES = 20;

function coarser(slices: readonly number[]): number[] {
  const sums = new Array<number>(PLOT_SLICES).fill(0);
  for (const [slice, count] of slices.entries()) sums[Math.floor((slice * PLOT_SLICES) / slices.length)]! += count;
  return sums;
}

export function growthText(document: GrowthDocument, paint: Painter): string {
  const { sizes, growth, limit } = document;
  const rows = sizes.map((size) => [
    grouped(size.vrouters),
    grouped(size.networks),
    grouped(size.deliveries),
    `${size.wallSeconds.median.toFixed(2)} (${size.wallSeconds.min.toFixed(2)} to ${size.wallSeconds.max.toFixed(2)})`,
    `${size.cpuSeconds.median.toFixed(2)} (${size.cpuSeconds.min.toFixed(2)} to ${size.cpuSeconds.max.toFixed(2)})`,
    size.rssMegabytes.median.toFixed(0),
    grouped(Math.round((size.wallSeconds.median * 1e9) / size.deliveries)),
    grouped(Math.round((size.cpuSeconds.median * 1e9) / size.deliveries)),
    size.holds ? 'hold' : paint.bad('DIFFER'),
  ]);
  const verdict = growth.wall <= limit ? paint.good('inside') : paint.bad('OUTSIDE');
  return [
    `${paint.strong(document.name)}: ${document.story}`,
    ...headOf(document, paint),
    '',
    textTable(
      ['vRouters', 'tenants', 'deliveries', 'wall s', 'CPU s', 'MB', 'wall ns a delivery', 'CPU ns', 'counters'],
      rows,
      { numeric: [0, 1, 2, 3, 4, 5, 6, 7] },
    ),
    '',
    `a delivered route takes at most ${growth.wall.toFixed(2)} times the wall time that it takes at a smaller size ` +
      `(CPU ${growth.cpu.toFixed(2)} times): ${verdict} ${limit}`,
  ].join('\n');
}

export function comparisonText(
  rows: readonly Comparison[],
  differences: readonly string[],
  budget: number,
  paint: Painter,
): string {
  const moved = rows.filter((row) => row.verdict !== 'same');
  const head = `compared with the baseline: ${moved.length} of ${rows.length} figures moved beyond the noise, budget ${Math.round(budget * 100)} %`;
  const lines = moved.map((row) => {
    const percent = `${row.change >= 0 ? '+' : ''}${(row.change * 100).toFixed(1)} %`;
    const noise = row.noise === 0 ? 'exact' : `noise ${(row.noise * 100).toFixed(0)} %`;
    const verdict = row.verdict === 'too much worse' ? paint.bad(row.verdict) : row.verdict;
    return `  ${row.what}: ${short(row.before)} to ${short(row.after)}, ${percent} (${noise}): ${verdict}`;
  });
  const other = differences.map((difference) => paint.bad(`another benchmark: ${difference}`));
  return [head, ...other, ...lines].join('\n');
}

function short(value: number): string {
  return Number.isInteger(value) ? grouped(value) : value.toFixed(3);
}

function amount(octets: number | undefined): string {
  if (octets === undefined) return '';
  if (octets < 10_000) return `${octets} B`;
  return octets < 10_000_000 ? `${Math.round(octets / 1_000)} kB` : `${Math.round(octets / 1_000_000)} MB`;
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
