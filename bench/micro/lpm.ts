/** Longest-prefix match: 20,000 host routes, 200 subnets and a default. `npx tsx bench/micro/lpm.ts` */
import { pathToFileURL } from 'node:url';
import Benchmark from 'benchmark';
import { PrefixTable } from '../../src/net/prefix-table.ts';

const HOSTS = 20_000;
const SUBNETS = 200;

/** Name and work; each run does one thing. */
function work(): readonly (readonly [string, () => unknown])[] {
  const table = new PrefixTable();
  const hosts = Int32Array.from(
    { length: HOSTS },
    (_, i) => 0x0a000000 + (i % SUBNETS) * 256 + Math.floor(i / SUBNETS),
  );
  for (let i = 0; i < HOSTS; i++) table.set(hosts[i]!, 32, i);
  for (let i = 0; i < SUBNETS; i++) table.set(0x0a000000 + i * 256, 24, i);
  table.set(0, 0, 1);
  let turn = 0;
  const next = (): number => hosts[(turn = (turn + 7_919) % HOSTS)]!;
  return [
    ['match: a host route', () => table.match(next())],
    ['match: its subnet', () => table.match(next() | 0x80)],
    ['match: the default', () => table.match(next() ^ 0x40000000)],
    ['exact: a host route', () => table.get(next(), 32)],
    [
      'a host route put and deleted',
      () => {
        const address = next() | 0xc0;
        table.set(address, 32, 1);
        table.delete(address, 32);
      },
    ],
  ];
}

export function runPrefixTableBenchmarks(print: (line: string) => void = console.log): void {
  for (const [name, run] of work()) {
    const bench = new Benchmark(name, run, { maxTime: 0.6 }).run();
    const ns = (bench.stats?.mean ?? Number.NaN) * 1e9;
    const spread = (bench.stats?.rme ?? Number.NaN).toFixed(1);
    print(`${name.padEnd(60)} ${ns.toFixed(ns < 100 ? 1 : 0).padStart(8)} ns ±${spread}%`);
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  runPrefixTableBenchmarks();
