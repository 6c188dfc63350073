/** Path selection: two paths compared, and a path put into a route among others. `npx tsx bench/micro/decision.ts` */
import { pathToFileURL } from 'node:url';
import Benchmark from 'benchmark';
import { virtualUs } from '../../src/base/time.ts';
import { areEqualCost, comparePaths, type DecisionContext } from '../../src/bgp/decision.ts';
import { PeerTable } from '../../src/control/peers.ts';
import { RouteStore } from '../../src/control/route-table.ts';
import { ipv4 } from '../../src/net/ipv4.ts';
import { NO_ATTRIBUTES } from '../../src/route/attributes.ts';
import { FAMILY } from '../../src/route/family.ts';
import { NONE, PATH_SOURCE, PathTable } from '../../src/route/path.ts';
import { RoutePool } from '../../src/route/pool.ts';

const PREFIXES = 1_000;

function stage() {
  const pool = new RoutePool();
  const peers = new PeerTable();
  const context: DecisionContext = {
    paths: new PathTable(),
    attributes: pool.attributes,
    peers,
    alwaysCompareMed: false,
    stickyLoses: true,
  };
  const store = new RouteStore(context);
  const table = store.createTable('bench.inet.0', FAMILY.inet, 1);
  for (let peer = 1; peer <= 16; peer++) peers.add(`peer-${peer}`, 'ibgp', peer, 179);
  const nlris = Array.from({ length: PREFIXES }, (_, i) => pool.nlris.inet(0x0a000000 + i, 32));
  const offer = (peer: number, localPref: number, med: number) => ({
    peer,
    source: PATH_SOURCE.BGP_XMPP,
    attributes: pool.attributes.intern({ ...NO_ATTRIBUTES, nextHop: ipv4(peer), localPref, med }),
    label: 16,
    flags: 0,
    pathId: peer,
    origin: NONE,
  });
  return { context, store, table, nlris, offer };
}

/** Name and work; each run does one thing. */
function work(): readonly (readonly [string, () => unknown])[] {
  const now = virtualUs(0);
  const { context, store, table, nlris, offer } = stage();
  const [a, b] = [offer(1, 100, 0), offer(2, 100, 0)];
  const first = context.paths.add(0, a, now);
  const [equal, preferred] = [
    context.paths.add(0, { ...a, peer: 2, pathId: 2 }, now),
    context.paths.add(0, offer(3, 200, 0), now),
  ];
  const later = context.paths.add(0, b, now);
  let turn = 0;
  const replace = (paths: number) => {
    const place = stage();
    for (const nlri of place.nlris) {
      for (let peer = 1; peer <= paths; peer++) place.store.putPath(place.table, nlri, place.offer(peer, 100, 0), now);
    }
    const offers = [place.offer(paths, 100, 1), place.offer(paths, 100, 2)];
    while (place.store.nextMarked() !== NONE);
    return () => {
      turn++;
      place.store.putPath(place.table, place.nlris[turn % PREFIXES]!, offers[Math.floor(turn / PREFIXES) % 2]!, now);
    };
  };
  return [
    ['compare: LOCAL_PREF decides', () => comparePaths(context, first, preferred)],
    ['compare: the same attributes, the next hop decides', () => comparePaths(context, first, equal)],
    ['compare: other attributes, the next hop decides', () => comparePaths(context, first, later)],
    ['equal cost: other attributes', () => areEqualCost(context, first, later)],
    [
      'route: its only path put and deleted',
      () => {
        turn++;
        store.putPath(table, nlris[turn % PREFIXES]!, a, now);
        store.deletePath(table, nlris[turn % PREFIXES]!, 1);
        const route = store.nextMarked();
        store.takeMarks(route);
        store.releaseIfIdle(route);
      },
    ],
    ['route: one of 2 paths replaced', replace(2)],
    ['route: one of 8 paths replaced', replace(8)],
  ];
}

export function runDecisionBenchmarks(print: (line: string) => void = console.log): void {
  for (const [name, run] of work()) {
    const bench = new Benchmark(name, run, { maxTime: 0.6 }).run();
    const ns = (bench.stats?.mean ?? Number.NaN) * 1e9;
    const spread = (bench.stats?.rme ?? Number.NaN).toFixed(1);
    print(`${name.padEnd(60)} ${ns.toFixed(ns < 100 ? 1 : 0).padStart(8)} ns ±${spread}%`);
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) runDecisionBenchmarks();
