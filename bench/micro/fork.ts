/**
 * What a copy of a converged world costs, before anything is played in it, in time and in memory that it holds: the seed
 * federation, and generated ones with twenty workloads a vRouter. `npx tsx bench/micro/fork.ts`
 */
import { memoryUsage } from 'node:process';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Benchmark from 'benchmark';
import { seconds, virtualUs } from '../../src/base/time.ts';
import { rehearse } from '../../src/index.ts';
import { countAllRows } from '../../src/verify/rows.ts';
import { ZERO_COSTS, ZERO_WAYS } from '../../src/world/defaults.ts';
import { generateWorld } from '../../src/world/generate.ts';
import { World } from '../../src/world/world.ts';

const WORKLOADS = 20;

function seedFederation(): World {
  const played = rehearse({
    path: 'scenarios/leonardo',
    conclusions: false,
  });
  if (!played.ok) throw new Error('the seed scenario has faults');
  return played.value.world;
}

function generated(vrouters: number): World {
  const size = {
    clusters: 2,
    controlNodes: 2,
    vrouters,
    workloads: WORKLOADS,
    networks: Math.max(1, vrouters / 5),
    layout: 'dealt',
    gateways: 0,
    federation: true,
  } as const;
  const world = new World(
    generateWorld(size, {
      seed: 1,
      wire: false,
      routeLevelRecord: false,
      costs: ZERO_COSTS,
      ways: ZERO_WAYS,
      pathPreference: false,
      stagger: virtualUs(0),
      holdTimeSeconds: 90,
      xmppHoldTimeSeconds: 90,
    }),
  );
  world.startAll();
  world.settle(seconds(600));
  return world;
}

/** Octets in use, heap and typed arrays, when all that nobody holds is gone. */
function octetsHeld(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void; // what the flag makes
  collect();
  collect();
  const { heapUsed, external } = memoryUsage();
  return heapUsed + external;
}

/** Octets that one more copy holds: the least of several, since compiled code and caches only ever add to it. */
function octetsOfCopy(world: World): number {
  const sizes = Array.from({ length: 5 }, () => {
    const before = octetsHeld();
    const copy = world.fork();
    const held = octetsHeld() - before;
    return copy.now === world.now ? held : Number.NaN; // keeps the copy alive until here
  });
  return Math.min(...sizes);
}

export function runForkBenchmarks(print: (line: string) => void = console.log): void {
  const worlds: readonly (readonly [title: string, world: World])[] = [
    ['scenarios/leonardo', seedFederation()],
    ...[20, 100].map(
      (vrouters) => [`${vrouters} vRouters, ${vrouters * WORKLOADS} workloads`, generated(vrouters)] as const,
    ),
  ];
  for (const [title, world] of worlds) {
    const { controlNodes, agents } = countAllRows(world);
    const bench = new Benchmark(title, () => world.fork(), { maxTime: 1 }).run();
    const ms = (bench.stats?.mean ?? Number.NaN) * 1e3;
    const spread = (bench.stats?.rme ?? Number.NaN).toFixed(1);
    print(
      `fork: ${title}, ${controlNodes + agents} routes held`.padEnd(74) +
        `${ms.toFixed(1).padStart(10)} ms ±${spread}%, ${(octetsOfCopy(world) / 1e6).toFixed(1)} MB`,
    );
  }
  print(`node ${process.version}`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) runForkBenchmarks();
