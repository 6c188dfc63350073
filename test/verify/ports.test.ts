/**
 * One packet of each class speaks for all of it: what is asked of classes of protocol and port against every protocol and
 * port there is, under random access lists; and every member of a shared address counts.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { seconds } from '../../src/base/time.ts';
import type { DerivedCluster } from '../../src/config/derived.ts';
import type { Ipv4 } from '../../src/net/ipv4.ts';
import { prefixOf } from '../../src/net/prefix.ts';
import type { AccessList, AclAddress, AclEntry, PortRange } from '../../src/policy/access-list.ts';
import { type PortClass, portClasses } from '../../src/verify/ports.ts';
import { askPair, type Goal, type PairAnswer, pairsOf, passes } from '../../src/verify/reachability.ts';
import type { Endpoint } from '../../src/world/directory.ts';
import type { World } from '../../src/world/world.ts';
import { controller, dataService } from '../support/manifests.ts';
import { play } from '../world/small-worlds.ts';

/** Rules speak of ports up to this one, so one more stands for all the rest. */
const PORTS = 12;
const PROTOCOLS = [1, 6, 17, 47, 253] as const;
const NETWORKS = ['web', 'data'] as const;
const GROUPS = ['red', 'blue'] as const;

const CLOUD = {
  scenario: 'ports',
  clusters: {
    east: {
      controlNodes: 1,
      vrouters: ['h1', 'h2'],
      pathPreference: false,
      networks: {
        web: { project: 'p', subnet: '10.1.0.0/24', policies: ['join'] },
        data: { project: 'p', subnet: '10.2.0.0/24', policies: ['join'] },
      },
      policies: { join: { project: 'p', rules: [{ from: 'web', to: 'data' }] } },
      securityGroups: Object.fromEntries(GROUPS.map((name) => [name, { project: 'p', rules: [] }])),
      workloads: {
        a: { project: 'p', network: 'web', host: 'h1' },
        b: { project: 'p', network: 'web', host: 'h2', securityGroups: ['red'] },
        c: { project: 'p', network: 'data', host: 'h1', securityGroups: ['blue'] },
        d: { project: 'p', network: 'data', host: 'h2', securityGroups: ['red', 'blue'] },
      },
    },
  },
  steps: [{ start: 'all' }],
};

const converged = play({ 's.yaml': stringify(CLOUD) });
const endpoints: readonly Endpoint[] = converged.rehearsal.directory.endpoints;
const derived = converged.world.clusters.get('east')!;

// Random lists

const address: fc.Arbitrary<AclAddress> = fc.oneof(
  fc.constant<AclAddress>({ kind: 'any' }),
  fc.constantFrom(...NETWORKS).map((name): AclAddress => ({ kind: 'network', name: `default-domain:p:${name}` })),
  fc.constantFrom(...GROUPS).map((name): AclAddress => {
    return { kind: 'group', id: derived.securityGroups.find((group) => group.name.endsWith(name))!.id };
  }),
  fc
    .constantFrom(0x0a010000, 0x0a020000)
    .map((base): AclAddress => ({ kind: 'subnets', prefixes: [prefixOf(base as Ipv4, 24)] })), // an address is a number
);
const range: fc.Arbitrary<PortRange> = fc
  .tuple(fc.integer({ min: 1, max: PORTS }), fc.nat(4))
  .map(([low, more]) => ({ low, high: Math.min(PORTS, low + more) }));
const entry = (actions: readonly AclEntry['action'][], directions: readonly AclEntry['direction'][]) =>
  fc.record({
    rule: fc.constant('drawn'),
    source: address,
    destination: address,
    protocol: fc.constantFrom(null, null, 1, 6, 17, 47),
    sourcePorts: fc.constant([]),
    destinationPorts: fc.array(range, { maxLength: 1 }),
    direction: fc.constantFrom(...directions),
    action: fc.constantFrom(...actions),
    at: fc.constant(null),
  });
const policyList = fc.array(entry(['pass', 'pass', 'deny'], ['>', '<>']), { minLength: 1, maxLength: 4 });
const groupList = fc.array(entry(['pass'], ['>']), { maxLength: 3 });

const lists = fc.record({
  policies: fc.tuple(policyList, policyList),
  ingress: fc.tuple(groupList, groupList),
  egress: fc.tuple(groupList, groupList),
});

type Lists = typeof lists extends fc.Arbitrary<infer T> ? T : never;

const named = (name: string, entries: readonly AclEntry[]): AccessList => ({ name, entries });

function withLists({ policies, ingress, egress }: Lists): DerivedCluster {
  return {
    ...derived,
    networks: derived.networks.map((network) => {
      const which = NETWORKS.findIndex((name) => network.name.endsWith(`:${name}`));
      return which < 0 ? network : { ...network, accessList: named(network.name, policies[which]!) };
    }),
    securityGroups: derived.securityGroups.map((group) => {
      const which = GROUPS.findIndex((name) => group.name.endsWith(`:${name}`));
      if (which < 0) return group;
      return { ...group, ingress: named(group.name, ingress[which]!), egress: named(group.name, egress[which]!) };
    }),
  };
}

/** The converged cloud with other lists; routes stay as they are. */
function cloudWith(drawn: Lists): World {
  const world = converged.world.fork();
  world.applyCluster(withLists(drawn));
  world.settle(seconds(600));
  return world;
}

/** Every protocol and destination port that rules can speak of, and one beyond. */
const EVERYTHING: readonly PortClass[] = PROTOCOLS.flatMap((protocol): PortClass[] =>
  protocol === 6 || protocol === 17
    ? Array.from({ length: PORTS + 1 }, (_, index) => ({ protocol, port: index + 1 }))
    : [{ protocol, port: 0 }],
);

const result = ({ ways, requests, exchanges, answerers, reasons }: PairAnswer) =>
  JSON.stringify({ ways, requests, exchanges, answerers, reasons });

describe('classes of protocol and port', () => {
  it('hold packets that meet with the same, whatever the rules', () => {
    let told = 0;
    fc.assert(
      fc.property(lists, (drawn) => {
        const world = cloudWith(drawn);
        const classes = portClasses(world.clusters.values());
        for (const [from, to] of pairsOf(endpoints, endpoints)) {
          const met = new Set<string>();
          for (const { protocol, port } of EVERYTHING) {
            const known = classes.some((one) => one.protocol === protocol) ? protocol : 253;
            const speaks = classes.filter((one) => one.protocol === known && one.port <= port).at(-1)!;
            const answer = result(askPair(world, from, to, { protocol, port }));
            expect([protocol, port, answer]).toEqual([protocol, port, result(askPair(world, from, to, speaks))]);
            met.add(answer);
          }
          if (met.size > 1) told++;
        }
      }),
      { numRuns: 100 },
    );
    // the rules drawn did tell packets apart
    expect(told).toBeGreaterThan(100);
  });

  it('are as many as the rules need: bounds of ranges, and protocols they name', () => {
    const group = derived.securityGroups.find(({ name }) => name.endsWith(':red'))!;
    const pass = (protocol: number | null, low: number, high: number): AclEntry => ({
      rule: 'r',
      source: { kind: 'any' },
      destination: { kind: 'any' },
      protocol,
      sourcePorts: [],
      destinationPorts: [{ low, high }],
      direction: '>',
      action: 'pass',
      at: null,
    });
    const cluster = (...entries: AclEntry[]): DerivedCluster => ({
      ...derived,
      networks: [],
      securityGroups: [{ ...group, ingress: named('in', entries), egress: named('out', []) }],
    });
    const ports = (...entries: AclEntry[]) =>
      portClasses([cluster(...entries)])
        .filter(({ protocol }) => protocol === 6)
        .map(({ port }) => port);
    expect(ports()).toEqual([1]);
    expect(ports(pass(6, 80, 80))).toEqual([1, 80, 81]);
    expect(ports(pass(6, 80, 90), pass(17, 85, 85))).toEqual([1, 80, 85, 86, 91]);
    expect(ports(pass(null, 1, 65_535))).toEqual([1]);
    expect(ports(pass(6, 0, 65_535), pass(6, 65_535, 65_535))).toEqual([1, 65_535]);
    expect(portClasses([cluster(pass(50, 1, 1))]).map(({ protocol }) => protocol)).toContain(50);
  });
});

describe('a pair asked without a port', () => {
  it('reaches exactly when it does on some protocol and port, and does not reach exactly when it does on none', () => {
    fc.assert(
      fc.property(lists, fc.constantFrom<Goal>('exchange', 'request'), (drawn, goal) => {
        const world = cloudWith(drawn);
        for (const [from, to] of pairsOf(endpoints, endpoints)) {
          const each = EVERYTHING.map((one) => askPair(world, from, to, one, goal));
          const any = askPair(world, from, to, null, goal);
          const count = (answer: PairAnswer) => (goal === 'exchange' ? answer.exchanges : answer.requests);
          expect(passes(any, goal)).toBe(each.some((answer) => passes(answer, goal)));
          expect(count(any)).toBe(Math.max(...each.map(count)));
          const tcp = EVERYTHING.flatMap((one, index) => (one.protocol === 6 ? [each[index]!] : []));
          const onTcp = askPair(world, from, to, { protocol: 6, port: null }, goal);
          expect(passes(onTcp, goal)).toBe(tcp.some((answer) => passes(answer, goal)));
          expect(count(onTcp)).toBe(Math.max(...tcp.map(count)));
        }
      }),
      { numRuns: 60 },
    );
  });
});

// Shared addresses

/** Pods of a service on the hosts given, and one client on the first host. */
function service(hosts: readonly number[]) {
  const pins = Object.fromEntries(hosts.map((host, index) => [`pod:default/data-${index + 1}`, { host: `h${host}` }]));
  const scenario = {
    scenario: 'members',
    clusters: {
      east: {
        controlNodes: 1,
        vrouters: ['h0', 'h1', 'h2', 'h3'],
        import: [{ manifests: 'm', plugin: { name: 'kube-network-manager' } }],
        pins: { ...pins, 'pod:default/front-1': { host: 'h0' } },
      },
    },
    steps: [{ start: 'all' }],
  };
  return play({
    's.yaml': stringify(scenario),
    'm/data.json': JSON.stringify(controller('data', hosts.length, { name: 'data' })),
    'm/front.json': JSON.stringify(controller('front', 1, { name: 'front', uses: 'data' })),
    'm/service.json': JSON.stringify(dataService()),
  });
}

describe('an address that workloads share', () => {
  const placed = fc.array(fc.nat(3), { minLength: 1, maxLength: 6 });
  const lost = fc.subarray([1, 2, 3]);

  it('counts a way for every member on every host, and is reached when all of them answer', () => {
    fc.assert(
      fc.property(placed, lost, (hosts, dead) => {
        const { world, rehearsal } = service(hosts);
        const one = (selector: string) => (rehearsal.directory.select(selector) as readonly Endpoint[])[0]!; // they are there
        const [from, to] = [one('pod:default/front-1'), one('service:default/data')];
        const ask = () => askPair(world, from, to, { protocol: 6, port: 5432 });
        const names = (alive: (host: number) => boolean) =>
          hosts.flatMap((host, index) => (alive(host) ? [`pod:east/default/data-${index + 1}`] : []));
        const before = ask();
        expect([before.ways, before.exchanges, before.answerers]).toEqual([
          hosts.length,
          hosts.length,
          names(() => true),
        ]);

        // nobody has noticed yet: a way to a dead host ends before its members
        for (const host of dead) world.sim.crash(world.nodeId(`h${host}`));
        const alive = names((host) => !dead.includes(host));
        const unnoticed = ask();
        const lostHosts = new Set(hosts.filter((host) => dead.includes(host))).size;
        expect([unnoticed.ways, unnoticed.exchanges, unnoticed.answerers]).toEqual([
          alive.length + lostHosts,
          alive.length,
          alive,
        ]);
        expect(passes(unnoticed, 'exchange')).toBe(alive.length === hosts.length);

        // and now everybody has
        world.settle(seconds(600));
        const noticed = ask();
        expect([noticed.exchanges, noticed.answerers]).toEqual([alive.length, alive]);
        expect(passes(noticed, 'exchange')).toBe(alive.length > 0);
        if (alive.length === 0) expect(noticed.reasons).toEqual(['NoDstRt']);
      }),
      { numRuns: 25 },
    );
  });
});
