/**
 * A benchmark as a picture: for each phase how many forwarding entries changed when, in virtual time.
 *
 * Bars are equal slices of the time from the beginning of the phase to its convergence; the line is the share of all
 * changes that were done by then. One benchmark always gives the same octets.
 */
import { formatDuration, type VirtualUs } from '../base/time.ts';
import type { PhaseResult } from '../scenarios/bench/play.ts';
import type { BenchDocument } from './bench.ts';
import { wrapped } from './wrap.ts';

const WIDTH = 860;
const LEFT = 76;
const RIGHT = 46;
const HEAD = 52;
const PANEL = 172;
/** Of a panel: where the plot begins below its top, and how high it is. */
const PLOT_TOP = 44;
const PLOT_HEIGHT = 84;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const TICKS = 5;

/** Characters of a line of switches, and its height. */
const SWITCHES_WIDTH = 150;
const SWITCHES_LINE = 13;

const INK = '#1f2933';
const FAINT = '#7b8794';
const RULE = '#d9dee4';
const BAR = '#3b7dbf';
const LINE = '#d9822b';

export function benchSvg(document: BenchDocument): string {
  const drawn = document.phases.flatMap((phase) => {
    const { installed, convergedAt } = phase;
    if (installed === null || convergedAt === null || !installed.some((count) => count > 0)) return [];
    return [{ phase, installed, length: convergedAt - phase.startedAt }];
  });
  const switches = Object.entries(document.switches).map(([name, value]) => `${name} ${String(value)}`);
  const lines = wrapped(switches.join(', '), SWITCHES_WIDTH);
  const head = HEAD + lines.length * SWITCHES_LINE;
  const height = head + Math.max(1, drawn.length) * PANEL + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="11">`,
    `<title>${escaped(document.name)}: forwarding entries changed over virtual time</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(16, 24, document.name, `font-size="16" font-weight="bold" fill="${INK}"`),
    text(16, 41, document.story, `fill="${INK}"`),
    ...lines.map((line, index) => text(16, 57 + index * SWITCHES_LINE, line, `font-size="9" fill="${FAINT}"`)),
    ...(drawn.length === 0 ? [text(16, head + 20, 'no forwarding entry changed', `fill="${FAINT}"`)] : []),
    ...drawn.flatMap(({ phase, installed, length }, index) => panel(phase, installed, length, head + index * PANEL)),
    '</svg>',
    '',
  ].join('\n');
}

function panel(phase: PhaseResult, installed: readonly number[], length: number, top: number): string[] {
  const { propagation } = phase;
  const most = Math.max(...installed);
  const all = installed.reduce((sum, count) => sum + count, 0);
  const [upper, lower] = [top + PLOT_TOP, top + PLOT_TOP + PLOT_HEIGHT];
  const step = PLOT_WIDTH / installed.length;
  const spread =
    propagation === null
      ? ''
      : `; a route takes p50 ${told(propagation.p50)}, p95 ${told(propagation.p95)}, p99 ${told(propagation.p99)}, at most ${told(propagation.max)}`;
  const bars = installed.flatMap((count, slice) => {
    if (count === 0) return [];
    const high = Math.max(1, (count * PLOT_HEIGHT) / most);
    const [x, y] = [LEFT + slice * step, lower - high];
    return [`<rect x="${px(x)}" y="${px(y)}" width="${px(step)}" height="${px(high)}" fill="${BAR}"/>`];
  });
  let done = 0;
  const points = installed.map((count, slice) => {
    done += count;
    return `${px(LEFT + (slice + 1) * step)},${px(lower - (done * PLOT_HEIGHT) / all)}`;
  });
  const ticks = Array.from({ length: TICKS + 1 }, (_, tick) => {
    const x = LEFT + (tick * PLOT_WIDTH) / TICKS;
    return [
      `<line x1="${px(x)}" y1="${px(lower)}" x2="${px(x)}" y2="${px(lower + 4)}" stroke="${FAINT}"/>`,
      text(x, lower + 16, told((length * tick) / TICKS), `text-anchor="middle" fill="${INK}"`),
    ];
  }).flat();
  return [
    text(16, top + 14, phase.phase, `font-size="13" font-weight="bold" fill="${INK}"`),
    text(16, top + 27, `${grouped(all)} entries changed until ${told(length)}${spread}`, `fill="${FAINT}"`),
    rule(upper),
    rule((upper + lower) / 2),
    ...bars,
    `<polyline points="${px(LEFT)},${px(lower)} ${points.join(' ')}" fill="none" stroke="${LINE}" stroke-width="1.5"/>`,
    `<line x1="${LEFT}" y1="${px(lower)}" x2="${LEFT + PLOT_WIDTH}" y2="${px(lower)}" stroke="${FAINT}"/>`,
    text(LEFT - 6, upper + 4, grouped(most), `text-anchor="end" fill="${BAR}"`),
    text(LEFT - 6, lower + 4, '0', `text-anchor="end" fill="${BAR}"`),
    text(LEFT + PLOT_WIDTH + 6, upper + 4, '100 %', `fill="${LINE}"`),
    text(LEFT + PLOT_WIDTH + 6, lower + 4, '0', `fill="${LINE}"`),
    ...ticks,
  ];
}

function rule(y: number): string {
  return `<line x1="${LEFT}" y1="${px(y)}" x2="${LEFT + PLOT_WIDTH}" y2="${px(y)}" stroke="${RULE}"/>`;
}

function text(x: number, y: number, words: string, attributes: string): string {
  return `<text x="${px(x)}" y="${px(y)}" ${attributes}>${escaped(words)}</text>`;
}

function told(us: number): string {
  return formatDuration(Math.round(us) as VirtualUs); // a difference of moments in order
}

function px(value: number): string {
  return value.toFixed(2).replace(/\.?0+$/, '');
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

function escaped(words: string): string {
  return words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
