/** Runs of a benchmark, each a process of its own, and what they come to: medians, spread, and who else used the machine. */
import { spawnSync } from 'node:child_process';
import { cpus, loadavg, platform } from 'node:os';
import type { BenchMethod } from '../report/bench.ts';
import type { RunOrder, RunReport } from './bench-run.ts';
import { machineTimes, realSeconds } from './meter.ts';
import { badArgument, EXIT } from './outcome.ts';
import { printError } from './terminal.ts';

const MAX_OUTPUT = 1 << 28;

export interface Run {
  readonly wallSeconds: number;
  readonly report: RunReport;
}

/** The machine while something was measured. */
export class Machine {
  private readonly loadBefore = loadavg()[0]!;
  private readonly before = machineTimes();
  private ownCpuSeconds = 0;

  /** Plays an order in a fresh process; `profile`: the folder, which is there, that its CPU profile goes to. */
  run(order: RunOrder, profile: string | null = null): Run {
    const flags = profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
    const args = [...process.execArgv, ...flags, process.argv[1]!, 'bench', '--one-run', JSON.stringify(order)];
    const start = realSeconds();
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: MAX_OUTPUT });
    const wallSeconds = realSeconds() - start;
    if (status === EXIT.badInput) throw badArgument('bench-input', stderr.trim());
    if (status !== 0) throw new Error(`a run of the benchmark ended with ${status}: ${stderr.slice(-2_000)}`);
    const report = JSON.parse(stdout) as RunReport; // our own child wrote it
    this.ownCpuSeconds += report.cpuSeconds;
    return { wallSeconds, report };
  }

  /** How it was measured, now that it was. */
  method(words: Pick<BenchMethod, 'runs' | 'warmUp' | 'measured' | 'notMeasured'>): BenchMethod {
    const after = machineTimes();
    const all = Math.max(1, after.all - this.before.all);
    const busy = (after.busy - this.before.busy) / all;
    const ours = this.ownCpuSeconds / (all / 1_000);
    return {
      node: process.version,
      cores: cpus().length,
      platform: platform(),
      loadBefore: this.loadBefore,
      foreignCpu: Math.max(0, busy - ours),
      ...words,
    };
  }
}

export function tellProgress(sentence: string): void {
  if (process.stderr.isTTY === true) printError(sentence);
}

/** What every measured run contains. */
export const MEASURED =
  'the whole process: start of Node, building the world, playing it with policy, timers, provenance and the ' +
  'message-level record, counting';
export const NOT_MEASURED = ['who reaches whom and findings, which run computes at its end'];
