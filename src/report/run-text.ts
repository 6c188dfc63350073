/** A played scenario as text: what was built, what happened, who reaches whom, what held, what to look at, the verdict. */
import { type Diagnostic, placeOf } from '../base/result.ts';
import { formatDuration } from '../base/time.ts';
import type { ExpectationResult, ReachabilityMatrix, RunResult, StepResult } from '../scenarios/result.ts';
import type { Finding } from '../verify/finding.ts';
import type { MatrixCell } from '../verify/matrix.ts';
import { ELSEWHERE } from '../verify/reachability.ts';
import { DROP_MEANINGS } from '../vrouter/fate.ts';
import { columns, widthOf } from './columns.ts';
import type { Painter } from './paint.ts';
import { broken, wrapped } from './wrap.ts';

/** What tables and lists of words keep to where no terminal says how wide it is. */
const PAGE = 100;

export function topologyText(result: Pick<RunResult, 'scenario' | 'topology' | 'seed'>, paint: Painter): string {
  const { topology } = result;
  const lines = [paint.strong(result.scenario)];
  for (const cluster of topology.clusters) {
    lines.push(
      `  ${cluster.name} (AS ${cluster.asn}): ${counted(cluster.controlNodes, 'control node')}, ` +
        `${counted(cluster.vrouters, 'vRouter')}, ${counted(cluster.networks, 'network')}, ${counted(cluster.workloads, 'workload')}`,
    );
  }
  const others = [
    topology.clusters.length === 0 && topology.nodes > 0 ? counted(topology.nodes, 'control node') : '',
    topology.clusters.length === 0 && topology.agents > 0 ? counted(topology.agents, 'agent') : '',
    topology.speakers > 0 ? counted(topology.speakers, 'raw speaker') : '',
    topology.gateways.length > 0 ? `gateways ${topology.gateways.join(', ')}` : '',
  ].filter((text) => text !== '');
  if (others.length > 0) lines.push(`  ${others.join(', ')}`);
  lines.push(paint.faint(`  seed ${result.seed}`));
  return lines.join('\n');
}

/** `width`: of the terminal; endless where there is none, so that a line is one fact for grep. */
export function stepText(step: StepResult, paint: Painter, width = Number.POSITIVE_INFINITY): string {
  const time = formatDuration(step.endedAt).padStart(10);
  const converged = step.convergedAt === null ? '' : paint.faint(`  converged at ${formatDuration(step.convergedAt)}`);
  const claims = step.expectations.flatMap((claim) => claimLines(claim, paint, width));
  return [`${paint.faint(time)}  ${step.title}${converged}`, ...claims].join('\n');
}

const CLAIM_INDENT = ' '.repeat(18);

function claimLines(claim: ExpectationResult, paint: Painter, width: number): readonly string[] {
  const mark = `            ${claim.passed ? paint.good('pass') : paint.bad('FAIL')}  `;
  const room = width - CLAIM_INDENT.length;
  const found = claim.found === '' ? '' : claim.passed ? `(${claim.found})` : `found: ${claim.found}`;
  const lines: string[] = [];
  if (claim.passed && claim.text.length + 2 + found.length <= room) {
    lines.push(found === '' ? claim.text : `${claim.text}  ${paint.faint(found)}`);
  } else {
    lines.push(...wrapped(claim.text, room));
    if (found !== '') lines.push(...wrapped(found, room).map((line) => (claim.passed ? paint.faint(line) : line)));
  }
  if (!claim.passed) lines.push(paint.faint(placeOf(claim.at)));
  return lines.map((line, i) => (i === 0 ? mark : CLAIM_INDENT) + line);
}

export function convergenceText(result: RunResult, paint: Painter, width = PAGE): string {
  const { convergence: c } = result;
  const counters = Object.entries(c.counters)
    .filter(([, value]) => value > 0)
    .map(([name, value]) => `${name}\u00a0${grouped(value)}`);
  return [
    paint.strong('Convergence'),
    `  converged at ${formatDuration(c.convergedAt)} of virtual time, quiet until ${formatDuration(c.endedAt)}, ${grouped(c.events)} events`,
    `  messages: ${grouped(c.messages.bgp)} BGP (${octets(c.octets.bgp)}), ${grouped(c.messages.xmpp)} XMPP (${octets(c.octets.xmpp)})`,
    `  routes held: ${grouped(c.routes.controlNodes)} in control nodes, ${grouped(c.routes.agents)} in agents, ${grouped(c.routes.gateways)} in gateways`,
    ...wrapped(counters.join(', '), Math.min(width, PAGE) - 2)
      .filter((line) => line !== '')
      .map((line) => paint.faint(`  ${line.replaceAll('\u00a0', ' ')}`)),
    paint.faint(`  state ${c.stateHash}`),
  ].join('\n');
}

const LEGEND = 'y: every pair, request and reply; 1: the request alone; some: not every pair; -: nobody; .: itself';

export function matrixText(result: RunResult, paint: Painter, width = PAGE): string {
  const { matrix } = result;
  if (matrix === null) {
    if (result.topology.clusters.every(({ workloads }) => workloads === 0)) return '';
    return `${paint.strong('Who reaches whom')}\n  there are too many groups of workloads for a table; state its rows and columns as matrix`;
  }
  const spelt = matrixTable(matrix, paint, (reason) => ` ${reason}`, false);
  const title = paint.strong('Who reaches whom');
  const legend = wrapped(LEGEND, width - 2).map((line) => `  ${paint.faint(line)}`);
  if (tableWidth(spelt) + 2 <= width) return [title, ...legend, indented(spelt)].join('\n');
  const letters = new Map<string, string>();
  const named = matrixTable(matrix, paint, (reason) => letterOf(reason, letters), true);
  const short =
    tableWidth(named) + 2 <= width ? named : numberedTable(matrix, paint, (reason) => letterOf(reason, letters));
  const meanings = [...letters].map(([reason, letter]) => `  ${paint.faint(`${letter}  ${reasonText(reason)}`)}`);
  return [title, ...legend, indented(short), ...meanings].join('\n');
}

/** A title is broken into lines no narrower than this. */
const TITLE_WIDTH = 6;

function matrixTable(
  matrix: ReachabilityMatrix,
  paint: Painter,
  reason: (name: string) => string,
  narrow: boolean,
): string {
  const titles = matrix.columns.map((title) => (narrow ? broken(title, TITLE_WIDTH) : title));
  const rows = matrix.rows.map((name, row) => [
    name,
    ...matrix.cells[row]!.map((cell) => cellText(cell, paint, reason)),
  ]);
  return columns(['from \\ to', ...titles], rows);
}

/** Columns by number, for titles that are too long to stand side by side: the rows say the names. */
function numberedTable(matrix: ReachabilityMatrix, paint: Painter, reason: (name: string) => string): string {
  const titled = (title: string) => {
    const number = matrix.columns.indexOf(title);
    return number < 0 ? title : `${number + 1} ${title}`;
  };
  const rows = matrix.rows.map((name, row) => [
    titled(name),
    ...matrix.cells[row]!.map((cell) => cellText(cell, paint, reason)),
  ]);
  const others = matrix.columns.filter((title) => !matrix.rows.includes(title)).map(titled);
  const table = columns(['from \\ to', ...matrix.columns.map((_, index) => String(index + 1))], rows);
  return [table, ...others].join('\n');
}

function tableWidth(table: string): number {
  return Math.max(...table.split('\n').map(widthOf));
}

function letterOf(reason: string, letters: Map<string, string>): string {
  const letter = letters.get(reason) ?? String.fromCharCode(97 + (letters.size % 26));
  letters.set(reason, letter);
  return letter;
}

const MEANINGS: Readonly<Record<string, string>> = { ...DROP_MEANINGS, [ELSEWHERE]: 'it arrives at somebody else' };

/** `NoDstRt, no route to the destination`; the reply's reasons are those of any packet. */
function reasonText(reason: string): string {
  const name = reason.replace(/^reply: /, '');
  const meaning = MEANINGS[name];
  return meaning === undefined ? reason : `${reason}, ${meaning}`;
}

function cellText(cell: MatrixCell, paint: Painter, reason: (name: string) => string): string {
  if (cell.verdict === 'yes') return paint.good('y');
  if (cell.verdict === 'one-way') return '1';
  if (cell.verdict === 'self') return paint.faint('.');
  const why = cell.reasons[0] === undefined ? '' : reason(cell.reasons[0]);
  return cell.verdict === 'some'
    ? `some ${cell.reached}/${cell.pairs} ${why.trimStart()}`.trimEnd()
    : paint.faint(`-${why}`);
}

export function findingsText(findings: readonly Finding[], paint: Painter, width = Number.POSITIVE_INFINITY): string {
  if (findings.length === 0) return `${paint.strong('Findings')}\n  none`;
  const lines = [paint.strong('Findings')];
  for (const finding of findings) {
    const [first = '', ...rest] = wrapped(`${finding.kind}: ${finding.sentence}`, width - 8);
    lines.push(
      `  ${paint.bad(finding.kind)}${first.slice(finding.kind.length)}`,
      ...rest.map((line) => `        ${line}`),
    );
    for (const cause of finding.causes) lines.push(paint.faint(`        ${placeOf(cause)}`));
  }
  return lines.join('\n');
}

/** Warnings first, each with its place; then what has no effect on networking. */
export function remarksText(remarks: readonly Diagnostic[], paint: Painter): string {
  const warnings = remarks.filter((remark) => remark.severity !== 'note');
  const notes = remarks.filter((remark) => remark.severity === 'note');
  return [
    remarkList('Not modelled, or simulated with an assumption', warnings, paint),
    remarkList('Read and without effect on networking', notes, paint),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Of more remarks than this, those that say the same of other objects are counted. */
const REMARKS_ALONE_MAX = 60;

function remarkList(title: string, remarks: readonly Diagnostic[], paint: Painter): string {
  if (remarks.length === 0) return '';
  const groups = new Map<string, { readonly line: string; more: number }>();
  for (const [index, remark] of remarks.entries()) {
    const message = remark.message.replace(/^not modelled: /, '').replace(/: no effect on networking$/, '');
    const line = `  ${paint.faint(placeOf(remark.at))} ${message}`;
    const key = remarks.length > REMARKS_ALONE_MAX ? message.slice(message.indexOf(': ') + 1) : String(index);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { line, more: 0 });
    else group.more++;
  }
  const lines = [...groups.values()].map(({ line, more }) =>
    more === 0 ? line : `${line}${paint.faint(`  and ${grouped(more)} more like it (--json has them all)`)}`,
  );
  return [`${paint.strong(title)}${paint.faint(`  (${remarks.length})`)}`, ...lines].join('\n');
}

export function verdictText(result: RunResult, paint: Painter): string {
  const { verdict } = result;
  return verdict.failed === 0 ? paint.good(verdict.sentence) : paint.bad(verdict.sentence);
}

/** The last line of a run that a signal ended. */
export function interruptedText(signal: string, steps: readonly StepResult[], all: number): string {
  const claims = steps.flatMap((step) => step.expectations);
  const failed = claims.filter((claim) => !claim.passed).length;
  const outcome =
    claims.length === 0 ? '' : `; ${claims.length - failed} of ${counted(claims.length, 'expectation')} held`;
  return `interrupted by ${signal} after ${steps.length} of ${counted(all, 'step')}${outcome}`;
}

/** What follows the steps: figures, who reaches whom, findings, remarks, the verdict. */
export function conclusionText(result: RunResult, paint: Painter, width?: number): string {
  return [
    convergenceText(result, paint, width),
    matrixText(result, paint, width),
    findingsText(result.findings, paint, width),
    remarksText(result.remarks, paint),
    verdictText(result, paint),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Thousands with commas, in every locale. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

function octets(count: number): string {
  if (count < 10_000) return `${count} octets`;
  if (count < 10_000_000) return `${(count / 1_000).toFixed(1)} kB`;
  return `${(count / 1_000_000).toFixed(1)} MB`;
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
