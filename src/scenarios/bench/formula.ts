/**
 * What the contractual counters of a cold start must be, from the layout alone. A benchmark whose counters differ has
 * measured something else, and fails.
 *
 * Of a generated world with N workloads: every workload is published to two control nodes; every vRouter that holds a
 * tenant is told of each of the tenant's routes by two control nodes, its own route included; a control node tells each
 * BGP peer of what it has from agents, and each control node of another cluster passes the best of what it hears on to
 * its mates (CN-6.3). Interest by route target keeps a route from clusters where nobody holds its tenant.
 */
import { clusterOfVrouter, tenantOf, type WorldSize } from '../../world/generate.ts';
import type { ReflectionSize } from '../../world/generate-reflection.ts';

export interface Expected {
  readonly what: string;
  readonly counters: readonly string[];
  readonly value: number;
  /** `least`: re-sent items come on top. */
  readonly compare: 'exactly' | 'least';
}

/** An agent keeps two channels (VR-2.1). */
const CHANNELS = 2;

/** `stagger`: vRouters start one after the other, so a control node may tell what it hears first and better later. */
export function expectedOfClusters(size: WorldSize, pathPreference: boolean, stagger: boolean): readonly Expected[] {
  const { clusters, controlNodes, federation } = size;
  const told = Math.min(CHANNELS, controlNodes);
  const all = size.vrouters * size.workloads;
  const expected: Expected[] = [
    {
      what: pathPreference ? 'publishes: at preference 100 and 200' : 'publishes',
      counters: ['agent.publishes'],
      value: told * all * (pathPreference ? 2 : 1),
      compare: 'exactly',
    },
  ];
  // routes of a tenant in each cluster, and vRouters there that hold it
  const routes = new Float64Array(size.networks * clusters);
  const holders = new Float64Array(size.networks * clusters);
  for (let vrouter = 0; vrouter < size.vrouters; vrouter++) {
    const cluster = clusterOfVrouter(size, vrouter);
    const held = new Set<number>();
    for (let which = 0; which < size.workloads; which++) {
      const at = tenantOf(size, vrouter, which) * clusters + cluster;
      routes[at]!++;
      held.add(at);
    }
    for (const at of held) holders[at]!++;
  }
  const sees = (from: number, to: number): boolean => from === to || federation;
  let items = 0;
  let bgp = 0;
  for (let tenant = 0; tenant < size.networks; tenant++) {
    for (let from = 0; from < clusters; from++) {
      const count = routes[tenant * clusters + from]!;
      for (let to = 0; to < clusters; to++) {
        if (!sees(from, to)) continue;
        const there = holders[tenant * clusters + to]!;
        items += told * count * there;
        if (there === 0) continue;
        // every control node of the own cluster tells the others: its mates what agents told it, other clusters its best
        if (from === to) bgp += count * told * (controlNodes - 1);
        else bgp += count * controlNodes * controlNodes + count * controlNodes * (controlNodes - 1);
      }
    }
  }
  expected.push({
    what: 'XMPP items: for each tenant its routes times the vRouters that hold it, from two control nodes',
    counters: ['agent.routes.received'],
    value: items,
    compare: pathPreference || stagger ? 'least' : 'exactly',
  });
  const isPlain = size.gateways === 0 && (clusters <= 2 || !federation);
  if (isPlain) {
    expected.push({
      what: 'BGP routes: first-hand, and the best of another cluster passed on to mates',
      counters: ['bgp.announced.received.inet-vpn'],
      value: bgp,
      compare: pathPreference || stagger ? 'least' : 'exactly',
    });
  }
  return expected;
}

/** Each reflector hears every route from its edge and from each mate, each edge all others' from every reflector. */
export function expectedOfReflection(size: ReflectionSize): readonly Expected[] {
  const { reflectors, edges, routes } = size;
  const all = edges * routes;
  return [
    {
      what: 'VPN routes: edges to reflectors, reflectors to mates, reflectors to the other edges',
      counters: ['bgp.announced.received.inet-vpn'],
      value: reflectors * all + reflectors * (reflectors - 1) * all + reflectors * edges * (all - routes),
      compare: 'exactly',
    },
  ];
}

/** An edge is gone: its routes are withdrawn from every other edge and from the mates, by every reflector. */
export function expectedOfEdgeLoss(size: ReflectionSize): readonly Expected[] {
  const { reflectors, edges, routes } = size;
  return [
    {
      what: 'withdrawals: to the other edges and to the mates',
      counters: ['bgp.withdrawn.received.inet-vpn'],
      value: reflectors * (edges - 1) * routes + reflectors * (reflectors - 1) * routes,
      compare: 'exactly',
    },
  ];
}
