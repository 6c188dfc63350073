/**
 * `npm run bench [-- NAME...] [-- --runs N] [-- --json]`: every benchmark, or those named.
 *
 * Micro benchmarks (the benchmark package) give operations a second with their relative margin of error; whole-process
 * ones run a fresh process each time and give the median with minimum and maximum. What is measured and how stands in
 * README.md beside this file.
 */
import { readdirSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type ProcessBenchmark, runProcesses } from './macro/process.ts';

const root = import.meta.dirname;
const { values, positionals } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const runs = Number(values.runs);
const wanted = (name: string) => positionals.length === 0 || positionals.some((word) => name.includes(word));

/** A micro benchmark exports one function `run...Benchmarks` that runs its suite and prints a line for each case. */
type MicroModule = Readonly<Record<string, () => unknown>>;

if (!values.json) {
  console.log(
    `Node ${process.version}, ${cpus().length} cores, load before ${loadavg()[0]!.toFixed(2)}, ${runs} runs of each process`,
  );
}
for (const file of readdirSync(join(root, 'micro')).sort()) {
  const name = `micro/${file.replace(/\.ts$/, '')}`;
  if (!file.endsWith('.ts') || !wanted(name) || values.json) continue;
  console.log(`\n${name}`);
  const module = (await import(pathToFileURL(join(root, 'micro', file)).href)) as MicroModule; // what the convention above says
  const entry = Object.keys(module).find((key) => /^run\w*Benchmarks$/.test(key));
  if (entry === undefined) throw new Error(`${name} exports no run...Benchmarks`);
  await module[entry]!();
}
const results = [];
for (const file of readdirSync(join(root, 'macro')).sort()) {
  const name = `macro/${file.replace(/\.ts$/, '')}`;
  if (!file.endsWith('.ts') || file === 'process.ts' || !wanted(name)) continue;
  const module = (await import(pathToFileURL(join(root, 'macro', file)).href)) as {
    readonly benchmarks?: readonly ProcessBenchmark[];
  };
  for (const benchmark of module.benchmarks ?? []) {
    const result = runProcesses(benchmark, runs);
    results.push(result);
    if (!values.json) console.log(`\n${name}: ${benchmark.title}\n${result.text}`);
  }
}
if (values.json)
  console.log(
    JSON.stringify({ node: process.version, cores: cpus().length, load: loadavg()[0], runs, results }, null, 2),
  );
