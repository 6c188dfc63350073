/**
 * Replication by route target, without sessions: a route changed in an instance or in the VPN table, and everything that
 * follows in the tables. `npx tsx bench/micro/replication.ts`
 */
import { pathToFileURL } from 'node:url';
import Benchmark from 'benchmark';
import { virtualUs } from '../../src/base/time.ts';
import type { ControlNodeConfig } from '../../src/control/control-config.ts';
import { Rib, type RibListener } from '../../src/control/rib.ts';
import { ipv4 } from '../../src/net/ipv4.ts';
import { rdOfAddress } from '../../src/net/route-distinguisher.ts';
import { routeTargetOf } from '../../src/net/route-target.ts';
import { NO_ATTRIBUTES } from '../../src/route/attributes.ts';
import { NONE, PATH_SOURCE } from '../../src/route/path.ts';
import { RoutePool } from '../../src/route/pool.ts';
import { PLAIN_CONTROL_NODE } from '../../src/world/defaults.ts';

const PREFIXES = 1_000;
const ASN = 64512;
const NOW = virtualUs(0);
const NOBODY: RibListener = { routeChanged: () => {}, rowChanged: () => {}, importsChanged: () => {} };

/** `importers` instances beside the one that exports, all of them importing its target. */
function stage(importers: number) {
  const pool = new RoutePool();
  const config: ControlNodeConfig = {
    ...PLAIN_CONTROL_NODE,
    name: 'X',
    address: ipv4(1),
    routerId: ipv4(1),
    asn: ASN,
    families: ['inet-vpn'],
  };
  const rib = new Rib(pool, config);
  const target = routeTargetOf(ASN, 1);
  const instance = (name: string, mark: 'both' | 'import') =>
    rib.configure({ name, virtualNetwork: name, targets: [{ target, mark, at: null }], connections: [] }, NOBODY)!;
  const source = instance('source', 'both');
  for (let i = 0; i < importers; i++) instance(`importer-${i}`, 'import');
  const peer = rib.peers.add('agent', 'xmpp', 2, 1);
  rib.peers.setReady(peer, true);
  const rd = pool.octets8.intern(rdOfAddress(2, 1));
  const extendedCommunities = [pool.octets8.intern(target)];
  const set = { ...NO_ATTRIBUTES, nextHop: ipv4(2), sourceRd: rd };
  const offers = [1, 2].map((med) => ({
    inet: pool.attributes.intern({ ...set, med }),
    vpn: pool.attributes.intern({ ...set, med, sourceRd: 0, asPath: [], extendedCommunities }),
  }));
  const path = { peer, source: PATH_SOURCE.BGP_XMPP, label: 16, flags: 0, pathId: 2, origin: NONE };
  let turn = 0;
  const change = (kind: 'inet' | 'vpn') => {
    const attributes = offers[Math.floor(turn / PREFIXES) % 2]![kind];
    const address = 0x0a000000 + (turn++ % PREFIXES);
    if (kind === 'inet') rib.store.putPath(source.table, pool.nlris.inet(address, 32), { ...path, attributes }, NOW);
    else rib.store.putPath(rib.vpnTable, pool.nlris.inetVpn(rd, address, 32), { ...path, attributes }, NOW);
    rib.settle(NOW, NOBODY);
  };
  return { rib, change };
}

/** Name, work, and copies each run makes. */
function work(): readonly (readonly [string, () => unknown, number])[] {
  const [alone, shared, many] = [stage(0), stage(4), stage(100)];
  return [
    ['an agent route changes: one VPN copy', () => alone.change('inet'), 1],
    ['an agent route changes: VPN copy and 4 importing instances', () => shared.change('inet'), 5],
    ['an agent route changes: VPN copy and 100 importing instances', () => many.change('inet'), 101],
    ['a VPN route changes: one importing instance', () => stageOnce(alone), 1],
    ['a VPN route changes: 5 importing instances', () => stageOnce(shared), 5],
  ];
}

function stageOnce(place: ReturnType<typeof stage>): void {
  place.change('vpn');
}

export function runReplicationBenchmarks(print: (line: string) => void = console.log): void {
  for (const [name, run, copies] of work()) {
    const bench = new Benchmark(name, run, { maxTime: 0.6 }).run();
    const ns = (bench.stats?.mean ?? Number.NaN) * 1e9;
    const spread = (bench.stats?.rme ?? Number.NaN).toFixed(1);
    print(`${name.padEnd(62)} ${ns.toFixed(0).padStart(8)} ns ±${spread}%, ${(ns / copies).toFixed(0)} ns a copy`);
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  runReplicationBenchmarks();
