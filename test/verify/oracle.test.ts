/**
 * Who reaches whom in small federations at random, by packets over converged tables, against an oracle that knows only
 * what was declared: networks, policies, shared targets and groups.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askPair, pairsOf, passes } from '../../src/verify/reachability.ts';
import type { Endpoint } from '../../src/world/directory.ts';
import {
  CLUSTERS,
  filesOf,
  networkName,
  playWorld,
  SMALLEST_CLUSTER,
  type SmallCluster,
  type SmallWorld,
  smallWorld,
  workloadStem,
  worldOf,
} from '../world/small-worlds.ts';

/** A workload as it was declared. */
interface Declared {
  readonly cluster: number;
  readonly network: number;
  readonly group: 'open' | 'web' | 'members' | null;
}

function declared(world: SmallWorld): Map<string, Declared> {
  const all = new Map<string, Declared>();
  world.clusters.forEach((one, cluster) => {
    one.networks.forEach(({ workloads }, network) => {
      workloads.forEach(({ count, group }, which) => {
        for (let member = 1; member <= count; member++)
          all.set(`vm:${CLUSTERS[cluster]}/p/${workloadStem(network, which)}-${member}`, { cluster, network, group });
      });
    });
  });
  return all;
}

/** By what was declared: may a TCP exchange between the two pass on the port? */
function mayReach(world: SmallWorld, from: Declared, to: Declared, port: number): boolean {
  return (
    routed(world, from, to) && policyPasses(world.clusters[from.cluster]!, from, to, port) && admits(from, to, port)
  );
}

/** Both know a way to the other: one network, two that a policy joins, or two that share a target. */
function routed(world: SmallWorld, from: Declared, to: Declared): boolean {
  if (from.cluster !== to.cluster) return world.shared && from.network === 0 && to.network === 0;
  return (
    from.network === to.network || (world.clusters[from.cluster]!.policy !== 'none' && from.network + to.network === 1)
  );
}

/**
 * The policy speaks of traffic between the first two networks and says nothing of traffic inside one. A rule of both directions
 * also matches with its ends swapped, ports included: replies pass, and who is on the far side cannot begin.
 */
function policyPasses(cluster: SmallCluster, from: Declared, to: Declared, port: number): boolean {
  const between = from.cluster === to.cluster && from.network !== to.network;
  return !between || cluster.policy === 'any' || (port === 80 && from.network === 0);
}

/** Every group lets everything out; who has none admits everybody; ids of another AS count for nothing (CN-2.9.6). */
function admits(from: Declared, to: Declared, port: number): boolean {
  if (to.group === null || to.group === 'open') return true;
  return to.group === 'web' ? port === 80 : from.group === 'members' && from.cluster === to.cluster;
}

describe('packets over converged tables', () => {
  it('arrive and are answered exactly where what was declared lets them', () => {
    const drawn = smallWorld.map((world) => ({
      ...world,
      gateway: false,
      oneAs: false,
      clusters: world.clusters.map((one) => ({ ...one, pods: false })),
    }));
    let asked = 0;
    let reached = 0;
    fc.assert(
      fc.property(drawn, (world) => {
        const who = declared(world);
        fc.pre(who.size > 1);
        const { rehearsal, world: played } = playWorld(world, [{ start: 'all' }, { settle: {} }]);
        const { endpoints } = rehearsal.directory;
        expect(endpoints.map((one: Endpoint) => one.name).sort()).toEqual([...who.keys()].sort());
        const wrong: string[] = [];
        for (const [from, to] of pairsOf(endpoints, endpoints)) {
          for (const port of [80, 22]) {
            const answer = askPair(played, from, to, { protocol: 6, port });
            const wanted = mayReach(world, who.get(from.name)!, who.get(to.name)!, port);
            const got = passes(answer, 'exchange');
            asked++;
            if (got) reached++;
            if (got !== wanted || (!wanted && answer.exchanges > 0))
              wrong.push(
                `${from.name} to ${to.name} tcp/${port}: ${got ? 'reaches' : `does not reach, ${answer.reasons.join()}`}`,
              );
          }
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: 30 },
    );
    // the worlds drawn are neither all open nor all shut
    expect(reached).toBeGreaterThan(asked / 20);
    expect(reached).toBeLessThan((asked * 19) / 20);
  });

  it('ask about networks by their names as about their workloads', () => {
    const networks = [{ workloads: [{ count: 2, group: null }] }, { workloads: [] }];
    const world = worldOf({ ...SMALLEST_CLUSTER, vrouters: 2, networks });
    const { rehearsal } = playWorld(world, [{ start: 'all' }]);
    const names = (selector: string) => {
      const found = rehearsal.directory.select(selector);
      return typeof found === 'string' ? found : found.map((one) => one.name);
    };
    expect(names(`network:p/${networkName(0)}`)).toEqual(['vm:east/p/w1a-1', 'vm:east/p/w1a-2']);
    expect(names(`network:p/${networkName(1)}`)).toBe('network:p/net-2 has no workload');
    expect(filesOf(world, [])['s.yaml']).toContain('net-2');
  });
});
