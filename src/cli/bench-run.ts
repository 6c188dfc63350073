/** One run of a benchmark in a process of its own: played, looked at with clocks, and told to the parent as JSON. */
import { type BenchSpec, type PhaseResult, playBench } from '../scenarios/bench/play.ts';
import { DISK } from './disk.ts';
import { cpuSeconds, realSeconds, rssMegabytes } from './meter.ts';
import { BadInput, badArgument } from './outcome.ts';
import { printLine } from './terminal.ts';

/** What the child is told on its command line. */
export type RunOrder =
  | { readonly kind: 'preset'; readonly spec: BenchSpec }
  | {
      readonly kind: 'scenario';
      readonly path: string;
      readonly seed: number | null;
      readonly wire: boolean;
      readonly zeroCost: boolean;
      readonly routeLevelRecord: boolean;
    };

export interface Spent {
  readonly phase: string;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

export interface RunReport {
  readonly phases: readonly PhaseResult[];
  readonly spent: readonly Spent[];
  readonly cpuSeconds: number;
  readonly rssMegabytes: number;
}

export async function benchRun(text: string): Promise<number> {
  const order = JSON.parse(text) as RunOrder; // our own parent wrote it
  const spent: Spent[] = [];
  let wall = 0;
  let cpu = 0;
  const listener = {
    began: (): void => {
      wall = realSeconds();
      cpu = cpuSeconds();
    },
    ended: (phase: string): void => {
      spent.push({ phase, wallSeconds: realSeconds() - wall, cpuSeconds: cpuSeconds() - cpu });
    },
  };
  let phases: readonly PhaseResult[];
  if (order.kind === 'scenario') {
    const { playScenarioBench } = await import('../scenarios/bench/scenario.ts');
    const played = playScenarioBench({ ...order, files: DISK }, listener);
    if (!played.ok) throw new BadInput(played.faults);
    phases = played.value;
  } else {
    const played = playBench(order.spec, listener);
    if (typeof played === 'string') throw badArgument('impossible-phase', played);
    phases = played.phases;
  }
  const report: RunReport = {
    phases,
    spent,
    cpuSeconds: cpuSeconds(),
    rssMegabytes: rssMegabytes(),
  };
  printLine(JSON.stringify(report));
  return 0;
}
