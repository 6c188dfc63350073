/**
 * Agents share what they have heard alike, but not what happens to one of them: after a change that concerns one agent
 * only that agent's lookups differ; and after one that concerns one address, only lookups of that address do elsewhere.
 */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { seconds } from '../../src/base/time.ts';
import type { DerivedCluster } from '../../src/config/derived.ts';
import { formatIpv4, ipv4 } from '../../src/net/ipv4.ts';
import { formatPrefix } from '../../src/net/prefix.ts';
import { OfferTable } from '../../src/vrouter/offer-table.ts';
import { vrfViews } from '../../src/vrouter/views.ts';
import type { World } from '../../src/world/world.ts';
import type { Step } from './choices.ts';
import { peeringFiles, peeringHistory, smallPeerings } from './small-peerings.ts';
import { filesOf, happenings, historyOf, play, smallWorld } from './small-worlds.ts';

/** Every row of every agent's tables as an operator sees it, by agent, then by VRF and prefix. */
function lookups(world: World): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const rowsOf = (agent: string) =>
    vrfViews(world.agent(agent)).flatMap(({ name, routes }) =>
      routes.map((route): [string, string] => [`${name} ${formatPrefix(route.prefix)}`, JSON.stringify(route)]),
    );
  return new Map([...world.agents.keys()].map((agent) => [agent, new Map(rowsOf(agent))]));
}

/** `agent: VRF prefix` of what differs, or is on one side alone. */
function differing(before: World, after: World): readonly string[] {
  const [one, other] = [lookups(before), lookups(after)];
  return [...one].flatMap(([agent, rows]) => {
    const others = other.get(agent)!;
    const keys = new Set([...rows.keys(), ...others.keys()]);
    return [...keys].filter((key) => rows.get(key) !== others.get(key)).map((key) => `${agent}: ${key}`);
  });
}

function changed(world: World, change: (copy: World) => void): World {
  const copy = world.fork();
  change(copy);
  copy.settle(seconds(600));
  return copy;
}

describe('agents of control nodes', () => {
  const INSTANCES = ['blue', 'red', 'green'];
  const CHANGES: readonly ((world: World, instance: string) => void)[] = [
    (world, instance) => world.agent('a').subscribe(instance, 9, false, false),
    (world, instance) => world.agent('a').unsubscribe(instance, false),
    (world) => world.clearSession('X', 'a'),
    (world) => world.sim.crash(world.nodeId('a')),
    (world) => world.sim.stop(world.nodeId('a')),
  ];

  /** Plays changes of agent a, which publishes nothing; how many of them made a difference. */
  function keepLookups(runs: number, endOnFailure = false): number {
    let concerned = 0;
    fc.assert(
      fc.property(smallPeerings, happenings, fc.nat(), fc.nat(2), (drawn, happened, which, where) => {
        const listener = { node: 0, second: drawn.nodes > 1 };
        const peerings = { ...drawn, agents: [listener, ...drawn.agents.slice(0, 2)] };
        const said = (step: Step) => (step.publish ?? step.retract) as { readonly agent: string } | undefined; // what peeringHistory writes
        const agents = ['a', 'b', 'c'].slice(0, peerings.agents.length);
        const steps = [
          ...peeringHistory(peerings, happened).wishes.filter((step) => said(step)?.agent !== 'a'),
          ...INSTANCES.map((instance, index) => ({ subscribe: { agent: agents, instance, id: index + 1 } })),
          { publish: { agent: agents[1] ?? 'a', instance: 'blue', prefix: '10.2.9.0/24', label: 99 } },
          { settle: {} },
        ];
        const { world } = play(peeringFiles(peerings, steps));
        const change = CHANGES[which % CHANGES.length]!;
        const found = differing(
          world,
          changed(world, (copy) => change(copy, INSTANCES[where]!)),
        );
        expect(found.filter((row) => !row.startsWith('a: '))).toEqual([]);
        if (found.length > 0) concerned++;
      }),
      { numRuns: runs, endOnFailure },
    );
    return concerned;
  }

  it('keep every lookup when another one subscribes, unsubscribes, loses its session or its power', () => {
    expect(keepLookups(40)).toBeGreaterThan(5);
  });

  it('would not, if what one of them lets go of were taken from all', () => {
    vi.spyOn(OfferTable.prototype, 'hold').mockImplementation(() => {});
    expect(() => keepLookups(15, true)).toThrow();
    vi.restoreAllMocks();
  });
});

/** One workload more, like another one, on that host. */
function withOneMore(cluster: DerivedCluster, which: number, host: string): DerivedCluster {
  const workload = cluster.workloads[which % cluster.workloads.length]!;
  const face = cluster.interfaces.find((one) => one.name === workload.interfaces[0])!;
  const { prefix } = cluster.networks.find((one) => one.name === face.network)!.subnets[0]!;
  const address = ipv4(prefix.address + 200);
  const mac = (Math.max(...cluster.interfaces.map((one) => one.mac)) + 1) as typeof face.mac; // the next one
  const name = `${face.name}-more`;
  return {
    ...cluster,
    interfaces: [...cluster.interfaces, { ...face, name, mac, addresses: [address], workload: `${workload.key}-more` }],
    workloads: [
      ...cluster.workloads,
      { ...workload, key: `${workload.key}-more`, name: `${workload.name}-more`, host, interfaces: [name] },
    ],
  };
}

describe('vRouters of a cloud', () => {
  it('keep every lookup but that of its address when a workload starts on another one, and when it has gone again', () => {
    let concerned = 0;
    fc.assert(
      fc.property(smallWorld, happenings, fc.nat(), fc.nat(), (drawn, happened, which, where) => {
        const { world } = play(filesOf(drawn, [...historyOf(drawn, happened), { settle: {} }]));
        const cluster = world.clusters.get('east')!;
        if (cluster.workloads.length === 0) return;
        const hosts = [...world.agents.keys()].filter((name) => world.clusterOf(name) === 'east');
        const host = hosts[where % hosts.length]!;
        const more = withOneMore(cluster, which, host);
        const address = `${formatIpv4(more.interfaces.at(-1)!.addresses[0]!)}/32`;

        const grown = changed(world, (copy) => copy.applyCluster(more));
        const found = differing(world, grown);
        expect(found.filter((row) => !row.startsWith(`${host}: `) && !row.endsWith(` ${address}`))).toEqual([]);
        if (found.some((row) => row.startsWith(`${host}: `))) concerned++;

        const shrunk = changed(grown, (copy) => copy.applyCluster(cluster));
        expect(differing(world, shrunk).filter((row) => !row.startsWith(`${host}: `))).toEqual([]);
      }),
      { numRuns: 15 },
    );
    expect(concerned).toBeGreaterThan(5);
  });
});
