/**
 * An agent's table and the walk of a packet: learning routes, longest match, walks and exchanges.
 * `npx tsx bench/micro/forward.ts`
 */
import { pathToFileURL } from 'node:url';
import Benchmark from 'benchmark';
import { NlriTable } from '../../src/route/nlri.ts';
import { Octets8Table } from '../../src/route/octets8-table.ts';
import { exchange, exchangeAll, type Start, walk } from '../../src/vrouter/forward.ts';
import { InetTable } from '../../src/vrouter/inet-table.ts';
import { LabelTable } from '../../src/vrouter/labels.ts';
import { NextHopTable } from '../../src/vrouter/next-hop.ts';
import { Forwarding, type Offer } from '../../src/vrouter/offer.ts';
import { OfferTable } from '../../src/vrouter/offer-table.ts';
import { address } from '../../test/support/values.ts';
import { floatingIp, instanceOf, network, packet, policyList, port } from '../../test/vrouter/agent-config.ts';
import { TestCloud } from '../../test/vrouter/cloud.ts';

const ROUTES = 20_000;
const TENANT_ROUTES = 100;

const nlris = new NlriTable(new Octets8Table());
const offerTable = new OfferTable();
const nextHops = new NextHopTable(offerTable.tunnels);
const forwarding = new Forwarding(
  address('192.168.0.1'),
  ['MPLSoUDP', 'MPLSoGRE', 'VXLAN'],
  false,
  nextHops,
  offerTable,
  new LabelTable(),
);

/** Host routes of as many workloads, spread over 1,000 hosts. */
const offers: { readonly nlri: number; readonly offer: Offer }[] = Array.from({ length: ROUTES }, (_, i) => ({
  nlri: nlris.inet(address('10.0.0.0') + i, 32),
  offer: {
    nextHops: [
      {
        address: address(`192.168.${4 + (i % 4)}.${(i >> 2) % 250}`),
        label: 16 + (i % 20),
        encapsulations: ['gre', 'udp'],
        virtualNetwork: 'default-domain:tenant:net',
      },
    ],
    localPreference: 200,
    sequence: 1,
    securityGroups: [],
  },
}));

function learn(count: number): InetTable {
  const table = new InetTable(nlris, offerTable);
  for (let slot = 0; slot < 2; slot++) {
    for (let i = 0; i < count; i++) {
      const { nlri, offer } = offers[i]!;
      table.choose(table.setOffer(nlri, slot, offerTable.number(offer)), 0, forwarding);
    }
  }
  return table;
}

const DB = 'default-domain:leonardo:leonardodb';
const WEB = 'default-domain:leonardo:web';
const VIP = '10.254.98.15';
const SERVICE = 'default-domain:default:service';

/** A database, a client of another network, and a service address shared by 100 workloads. */
function cloud(): { readonly fabric: TestCloud; readonly from: Start } {
  const fabric = new TestCloud();
  const control = fabric.control('c1', '192.168.10.21');
  control.reflect = true;
  for (const [a, b] of [
    [WEB, DB],
    [DB, WEB],
  ] as const) {
    control.imports.set(instanceOf(a), [instanceOf(b), ...(a === WEB ? [instanceOf(SERVICE)] : [])]);
  }
  control.imports.set(instanceOf(SERVICE), [instanceOf(WEB)]);
  const hosts = [11, 12].map((last) => fabric.agent(`h${last}`, `192.168.10.${last}`));
  for (const agent of hosts) {
    agent.addNetwork(network(DB, '10.0.100.0/24', policyList(DB, WEB, DB, 5432)));
    agent.addNetwork(network(WEB, '10.0.200.0/24', policyList(WEB, WEB, DB, 5432)));
    agent.addNetwork(network(SERVICE, '10.254.0.0/16'));
  }
  hosts[0]!.addInterface(port('w1', WEB, '10.0.200.3'));
  hosts[1]!.addInterface(port('pg1', DB, '10.0.100.3'));
  for (let i = 1; i <= 100; i++) {
    const at = `10.0.100.${100 + i}`;
    const floatingIps = [floatingIp(`vip-${i}`, VIP, SERVICE, at)];
    hosts[1]!.addInterface(port(`pod-${i}`, DB, at, { mode: 'active-active', floatingIps }));
  }
  fabric.startAll();
  fabric.settle();
  return { fabric, from: { kind: 'interface', agent: hosts[0]!, interface: 'w1' } };
}

/** Name, work, and how many things one run does. */
function work(): readonly (readonly [string, () => unknown, number])[] {
  const full = learn(ROUTES);
  const tenant = learn(TENANT_ROUTES);
  let at = 0;
  const { fabric, from } = cloud();
  const request = packet('10.0.200.3', '10.0.100.3');
  const toService = packet('10.0.200.3', VIP, { destinationPort: 8000 });
  return [
    [
      `learn: ${TENANT_ROUTES} routes of two control nodes into an empty table`,
      () => learn(TENANT_ROUTES),
      2 * TENANT_ROUTES,
    ],
    [`learn: ${ROUTES} routes of two control nodes into an empty table`, () => learn(ROUTES), 2 * ROUTES],
    [
      'learn: a route again that stands',
      () => {
        at = (at + 7_919) % ROUTES;
        const { nlri, offer } = offers[at]!;
        return full.choose(full.setOffer(nlri, 1, offerTable.number(offer)), 0, forwarding);
      },
      1,
    ],
    [
      `longest match among ${ROUTES} host routes`,
      () => {
        at = (at + 7_919) % ROUTES;
        return full.longestMatch(address('10.0.0.0') + at);
      },
      1,
    ],
    [
      `longest match among ${TENANT_ROUTES} host routes`,
      () => {
        at = (at + 7) % TENANT_ROUTES;
        return tenant.longestMatch(address('10.0.0.0') + at);
      },
      1,
    ],
    ['walk: another network, another host, policy on both', () => walk(fabric, from, request), 1],
    ['walk: the same without its hops', () => walk(fabric, from, request, { hops: false }), 1],
    ['exchange: request and reply', () => exchange(fabric, from, request), 1],
    ['exchange: every member of a group of 100', () => exchangeAll(fabric, from, toService, { hops: false }), 100],
  ];
}

export function runForwardBenchmarks(print: (line: string) => void): void {
  for (const [name, run, count] of work()) {
    const bench = new Benchmark(name, run, { maxTime: 0.6 }).run();
    const ns = ((bench.stats?.mean ?? Number.NaN) * 1e9) / count;
    const spread = (bench.stats?.rme ?? Number.NaN).toFixed(1);
    print(`${name.padEnd(66)} ${ns.toFixed(ns < 100 ? 1 : 0).padStart(10)} ns ±${spread}%`);
  }
  print(`node ${process.version}`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  runForwardBenchmarks((line) => process.stdout.write(`${line}\n`));
}
