/**
 * Whole processes, each run in a fresh one: wall time as the parent sees it; CPU time and peak memory as the process
 * itself reads them when it exits (a preloaded hook writes them to a file, in runs of their own, so that the hook never
 * weighs on the wall time).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

export interface ProcessBenchmark {
  readonly title: string;
  /** Arguments of node, from the root of the project. */
  readonly args: readonly string[];
  /** Budgets, as the issue or the README states them. */
  readonly budget?: { readonly wallSeconds?: number; readonly cpuSeconds?: number; readonly rssMegabytes?: number };
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface ProcessResult {
  readonly title: string;
  readonly wallSeconds: Spread;
  readonly cpuSeconds: Spread;
  readonly rssMegabytes: Spread;
  readonly text: string;
}

const root = join(import.meta.dirname, '..', '..');

export function runProcesses(benchmark: ProcessBenchmark, runs: number): ProcessResult {
  const folder = mkdtempSync(join(tmpdir(), 'vaportrail-bench-'));
  const hook = join(folder, 'hook.mjs');
  const usage = join(folder, 'usage.json');
  writeFileSync(
    hook,
    `import { writeFileSync } from 'node:fs';\nprocess.on('exit', () => { const u = process.resourceUsage(); writeFileSync(${JSON.stringify(usage)}, JSON.stringify({ cpu: (u.userCPUTime + u.systemCPUTime) / 1e6, rss: u.maxRSS / 1024 })); });\n`,
  );
  const once = (args: readonly string[]): number => {
    const start = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
    });
    if (status !== 0) throw new Error(`${benchmark.title} ended with ${status}: ${String(stderr).slice(-2_000)}`);
    return (performance.now() - start) / 1_000;
  };
  once(benchmark.args); // warm the file cache
  const wall: number[] = [];
  const cpu: number[] = [];
  const rss: number[] = [];
  for (let run = 0; run < runs; run++) {
    wall.push(once(benchmark.args));
    once(['--import', hook, ...benchmark.args]);
    const used = JSON.parse(readFileSync(usage, 'utf8')) as { cpu: number; rss: number };
    cpu.push(used.cpu);
    rss.push(used.rss);
  }
  rmSync(folder, { recursive: true, force: true });
  const [wallSeconds, cpuSeconds, rssMegabytes] = [spread(wall), spread(cpu), spread(rss)];
  const { budget } = benchmark;
  const text = [
    line('wall', wallSeconds, 's', 3, budget?.wallSeconds),
    line('CPU', cpuSeconds, 's', 3, budget?.cpuSeconds),
    line('peak RSS', rssMegabytes, 'MB', 0, budget?.rssMegabytes),
  ].join('\n');
  return { title: benchmark.title, wallSeconds, cpuSeconds, rssMegabytes, text };
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)]!, min: sorted[0]!, max: sorted[sorted.length - 1]! };
}

function line(
  name: string,
  { median, min, max }: Spread,
  unit: string,
  digits: number,
  budget: number | undefined,
): string {
  const figure = `${median.toFixed(digits)} ${unit} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;
  const verdict = budget === undefined ? '' : `, budget ${budget} ${unit}: ${median <= budget ? 'kept' : 'MISSED'}`;
  return `  ${name.padEnd(9)} ${figure}${verdict}`;
}
