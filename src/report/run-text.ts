/** A played scenario as text: what was built, what happened, who reaches whom, what held, what to look at, the verdict. */
import { type Diagnostic, placeOf } from '../base/result.ts';
import { formatDuration } from '../base/time.ts';
import type { RunResult, StepResult } from '../scenarios/result.ts';
import type { Finding } from '../verify/finding.ts';
import type { MatrixCell } from '../verify/matrix.ts';
import { columns } from './columns.ts';
import type { Painter } from './paint.ts';

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

export function stepText(step: StepResult, paint: Painter): string {
  const time = formatDuration(step.endedAt).padStart(10);
  const converged = step.convergedAt === null ? '' : paint.faint(`  converged at ${formatDuration(step.convergedAt)}`);
  const lines = [`${paint.faint(time)}  ${step.title}${converged}`];
  for (const claim of step.expectations) {
    const mark = claim.passed ? paint.good('pass') : paint.bad('FAIL');
    lines.push(`            ${mark}  ${claim.text}${claim.found === '' ? '' : paint.faint(`  (${claim.found})`)}`);
    if (!claim.passed) lines.push(`                  ${paint.faint(placeOf(claim.at))}`);
  }
  return lines.join('\n');
}

export function convergenceText(result: RunResult, paint: Painter): string {
  const { convergence: c } = result;
  const counters = Object.entries(c.counters).filter(([, value]) => value > 0);
  return [
    paint.strong('Convergence'),
    `  converged at ${formatDuration(c.convergedAt)} of virtual time, quiet until ${formatDuration(c.endedAt)}, ${grouped(c.events)} events`,
    `  messages: ${grouped(c.messages.bgp)} BGP (${octets(c.octets.bgp)}), ${grouped(c.messages.xmpp)} XMPP (${octets(c.octets.xmpp)})`,
    `  routes held: ${grouped(c.routes.controlNodes)} in control nodes, ${grouped(c.routes.agents)} in agents, ${grouped(c.routes.gateways)} in gateways`,
    ...(counters.length === 0
      ? []
      : [paint.faint(`  ${counters.map(([name, value]) => `${name} ${grouped(value)}`).join(', ')}`)]),
    paint.faint(`  state ${c.stateHash}`),
  ].join('\n');
}

export function matrixText(result: RunResult, paint: Painter): string {
  const { matrix } = result;
  if (matrix === null) return '';
  const rows = matrix.rows.map((name, row) => [name, ...matrix.cells[row]!.map((cell) => cellText(cell, paint))]);
  return [
    paint.strong('Who reaches whom') +
      paint.faint('  (y: every pair, request and reply; 1: the request alone; some: not every pair; -: nobody)'),
    indented(columns(['from \\ to', ...matrix.columns], rows)),
  ].join('\n');
}

function cellText(cell: MatrixCell, paint: Painter): string {
  if (cell.verdict === 'yes') return paint.good('y');
  if (cell.verdict === 'one-way') return '1';
  if (cell.verdict === 'some') return `some ${cell.reached}/${cell.pairs}`;
  if (cell.verdict === 'self') return paint.faint('.');
  return paint.faint(cell.reasons[0] === undefined ? '-' : `- ${cell.reasons[0]}`);
}

export function findingsText(findings: readonly Finding[], paint: Painter): string {
  if (findings.length === 0) return `${paint.strong('Findings')}\n  none`;
  const lines = [paint.strong('Findings')];
  for (const finding of findings) {
    lines.push(`  ${paint.bad(finding.kind)}: ${finding.sentence}`);
    for (const cause of finding.causes) lines.push(paint.faint(`        ${placeOf(cause)}`));
  }
  return lines.join('\n');
}

export function remarksText(remarks: readonly Diagnostic[], paint: Painter): string {
  if (remarks.length === 0) return '';
  const lines = [paint.strong('Not modelled, or simulated with an assumption')];
  for (const remark of remarks) lines.push(`  ${placeOf(remark.at)} ${paint.faint(remark.code)} ${remark.message}`);
  return lines.join('\n');
}

export function verdictText(result: RunResult, paint: Painter): string {
  const { verdict } = result;
  const text = verdict.sentence;
  return verdict.failed === 0 ? paint.good(text) : paint.bad(text);
}

/** What follows the steps: figures, who reaches whom, findings, remarks, the verdict. */
export function conclusionText(result: RunResult, paint: Painter): string {
  return [
    convergenceText(result, paint),
    matrixText(result, paint),
    findingsText(result.findings, paint),
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
