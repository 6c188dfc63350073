/**
 * Work A: two route reflectors and K provider edges with R VPN-IPv4 routes each, as octets that every receiver decodes,
 * from power on until nothing is left to say. The reflectors are control nodes with a cluster id, the edges gateways that
 * import every route into a VRF.
 *
 * `node reflect.js [K] [R] [--shared]` prints the counters and the switches and fails when they are not what the
 * arithmetic says: every edge hears of every other edge's route from both reflectors.
 */
import { seconds } from '../../src/base/time.ts';
import type { ControlNodeConfig, NeighbourConfig } from '../../src/control/control-config.ts';
import { ControlNode } from '../../src/control/control-node.ts';
import { Gateway } from '../../src/gateway/gateway.ts';
import { type Ipv4, ipv4 } from '../../src/net/ipv4.ts';
import { routeTargetOf } from '../../src/net/route-target.ts';
import { RoutePool } from '../../src/route/pool.ts';
import { Simulation } from '../../src/sim/kernel.ts';

const ASN = 64512;
const REFLECTORS = ['rr-1', 'rr-2'] as const;
const TARGET = routeTargetOf(ASN, 10_000);

const numbers = process.argv
  .slice(2)
  .filter((word) => !word.startsWith('--'))
  .map(Number);
const [edges = 100, routes = 100] = numbers;
const wire = !process.argv.includes('--shared');

const reflectorAddress = (which: number): Ipv4 => ipv4(0x0aff0001 + which);
const edgeAddress = (which: number): Ipv4 => ipv4(0x0a630001 + which);

function neighbour(name: string, address: Ipv4): NeighbourConfig {
  return {
    name,
    address,
    port: 179,
    asn: ASN,
    localAsn: 0,
    type: 'router',
    families: ['inet-vpn'],
    holdTimeSeconds: 0,
    passive: false,
    adminDown: false,
    loopCount: 0,
    clusterId: 0,
    asOverride: false,
    defaultTunnelEncapsulations: [],
  };
}

function reflector(which: number): ControlNodeConfig {
  const mate = 1 - which;
  return {
    name: REFLECTORS[which]!,
    address: reflectorAddress(which),
    port: 179,
    routerId: reflectorAddress(which),
    asn: ASN,
    localAsn: 0,
    clusterId: 1,
    holdTimeSeconds: 90,
    adminDown: false,
    fourOctetAs: true,
    alwaysCompareMed: false,
    rdClusterSeed: 0,
    endOfRibTimeoutSeconds: 300,
    xmppHoldTimeSeconds: 90,
    families: ['inet-vpn'],
    neighbours: [
      neighbour(REFLECTORS[mate]!, reflectorAddress(mate)),
      ...Array.from({ length: edges }, (_, edge) => neighbour(`pe-${edge + 1}`, edgeAddress(edge))),
    ],
    networks: [],
    instances: [],
    quirks: {},
  };
}

const pool = new RoutePool();
const sim = new Simulation({ seed: 1, wire });
for (const which of REFLECTORS.keys()) {
  const config = reflector(which);
  sim.addNode({ name: config.name, addresses: [config.address] }, (port) => {
    const node = new ControlNode(pool, config);
    node.attach(port);
    return node;
  });
}
const gateways: Gateway[] = [];
for (let edge = 0; edge < edges; edge++) {
  const address = edgeAddress(edge);
  const external = Array.from({ length: routes }, (_, i) => ({
    address: ipv4(0x0a000000 + edge * routes + i),
    length: 32,
  }));
  const gateway = new Gateway(pool, {
    name: `pe-${edge + 1}`,
    address,
    routerId: address,
    asn: ASN,
    holdTimeSeconds: 90,
    transit: false,
    encapsulations: ['gre'],
    peers: REFLECTORS.map((name, which) => ({ name, address: reflectorAddress(which), asn: ASN })),
    instances: [{ name: 'all', index: edge + 1, routeTargets: [TARGET], external }],
  });
  gateways.push(gateway);
  sim.addNode({ name: gateway.name, addresses: gateway.addresses }, (port) => {
    gateway.attach(port);
    return gateway;
  });
}
for (let node = 0; node < sim.nodeCount; node++) sim.start(node);
const end = sim.runToQuiescence(seconds(600), () => null);

const total = (counter: string): number => sim.counters.total(counter);
const all = edges * routes;
const received = total('bgp.announced.received.inet-vpn');
/** Both reflectors hear every route from its edge and from the other reflector, every edge the others' from both. */
const expected = 2 * all + 2 * all + 2 * edges * (all - routes);
const facts = {
  work: `2 reflectors, ${edges} provider edges, ${routes} routes each`,
  switches: {
    wire,
    costs: 'free',
    latency: 0,
    pathSelection: 'CN-5.1 at reflectors, RFC 4271 at edges',
    packing: '4096 octets',
  },
  virtualSeconds: end.at / 1_000_000,
  quiescent: end.quiescent,
  deliveries: received,
  expected,
  updatesReceived: total('bgp.updates.received'),
  routesHeld: gateways.reduce((sum, gateway) => sum + gateway.routeCount(), 0),
  messages: sim.recording.messages.length,
  events: sim.eventsHandled,
};
console.log(JSON.stringify(facts));
if (!end.quiescent || received !== expected || facts.routesHeld !== edges * all) {
  console.error('the counters are not what the arithmetic says');
  process.exitCode = 1;
}
