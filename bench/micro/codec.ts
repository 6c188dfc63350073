/** BGP codecs: an UPDATE of 25 VPN-IPv4 routes written and read. `npx tsx bench/micro/codec.ts` */
import { pathToFileURL } from 'node:url';
import Benchmark from 'benchmark';
import { BgpCodec } from '../../src/bgp/codec.ts';
import { updateForm } from '../../src/bgp/form.ts';
import { Framer } from '../../src/bgp/framing.ts';
import { ipv4 } from '../../src/net/ipv4.ts';
import { routeTargetOf } from '../../src/net/route-target.ts';
import { NO_ATTRIBUTES } from '../../src/route/attributes.ts';
import { tunnelEncapsulation } from '../../src/route/extended-community.ts';
import { FAMILY } from '../../src/route/family.ts';
import { RoutePool } from '../../src/route/pool.ts';

const ROUTES = 25;
const VPN = FAMILY['inet-vpn'];

/** Name and work; each run handles one message of 25 routes. */
function work(): readonly (readonly [string, () => unknown])[] {
  const pool = new RoutePool();
  const codec = new BgpCodec(pool);
  const form = updateForm(true, true);
  const communities = [routeTargetOf(64512, 10_000), tunnelEncapsulation(2)].map((value) => pool.octets8.intern(value));
  const attributes = pool.attributes.intern({
    ...NO_ATTRIBUTES,
    asPath: [],
    nextHop: ipv4(0xc0a80101),
    extendedCommunities: communities,
  });
  const rd = pool.octets8.internHalves(0x0001c0a8, 0x01010003);
  const nlris = Int32Array.from({ length: ROUTES }, (_, i) => pool.nlris.inetVpn(rd, 0x0a000000 + i, 32));
  const labels = Int32Array.from({ length: ROUTES }, (_, i) => 16 + i);
  const said = codec.announce(form, VPN, attributes, nlris, labels);
  const gone = codec.withdraw(form, VPN, nlris);
  const open = codec.encode({
    kind: 'open',
    version: 4,
    asn: 64512,
    holdTimeSeconds: 90,
    identifier: ipv4(1),
    capabilities: [{ kind: 'multiprotocol', afi: 1, safi: 128 }],
  });
  const message = codec.decode(said.octets, true);
  if (message.kind !== 'update') throw new Error('an UPDATE was written');
  let turn = 0;
  const strangers = new BgpCodec(new RoutePool());
  return [
    ['announce: encode, digest, seal', () => codec.announce(form, VPN, attributes, nlris, labels)],
    ['withdraw: encode, digest, seal', () => codec.withdraw(form, VPN, nlris)],
    ['announce: decode, attributes and routes known', () => codec.decode(said.octets, true)],
    ['withdraw: decode, routes known', () => codec.decode(gone.octets, true)],
    [
      'announce: decode, attributes new each time',
      () => {
        const octets = said.octets.slice();
        new DataView(octets.buffer).setUint32(33, turn++); // LOCAL_PREF
        return strangers.decode(octets, true);
      },
    ],
    ['digest of what was understood', () => codec.decodedOf(message, said.octets.length)],
    ['OPEN: decode', () => codec.decode(open.octets, true)],
    [
      'framing: one message in three pieces',
      () => {
        const framer = new Framer();
        for (const [from, to] of [
          [0, 10],
          [10, 200],
          [200, said.octets.length],
        ] as const) {
          framer.push(said.octets.subarray(from, to));
          while (framer.next() !== null);
        }
      },
    ],
  ];
}

export function runCodecBenchmarks(print: (line: string) => void = console.log): void {
  for (const [name, run] of work()) {
    const bench = new Benchmark(name, run, { maxTime: 0.6 }).run();
    const ns = (bench.stats?.mean ?? Number.NaN) * 1e9;
    const spread = (bench.stats?.rme ?? Number.NaN).toFixed(1);
    print(`${name.padEnd(60)} ${ns.toFixed(ns < 100 ? 1 : 0).padStart(8)} ns ±${spread}%`);
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) runCodecBenchmarks();
