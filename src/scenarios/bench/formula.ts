/**
 * What the contractual counters of a cold start must be, from the layout alone. A benchmark whose counters differ has
 * measured something else, and fails.
 *
 * Of a generated world with N workloads: every workload is published to two control nodes; every vRouter that holds a
 * tenant is told of each of the tenant's routes by two control nodes, its own route included, and of the gateways' default
 * route if the tenant is the first; a control node tells each BGP peer of what it has from agents, and each control node
 * of another cluster passes the best of what it hears on to its mates (CN-6.3). Interest by route target keeps a route
 * from clusters where nobody holds its tenant. What is told again with another content is counted apart and taken off.
 */
import { clusterOfVrouter, tenantOf, type WorldSize } from '../../world/generate.ts';
import type { ReflectionSize } from '../../world/generate-reflection.ts';

export interface Expected {
  readonly what: string;
  readonly counter: string;
  /** Those of them that were told before with another content; null: there is no such thing. */
  readonly resent: string | null;
  readonly value: number;
}

/** An agent keeps two channels (VR-2.1). */
const CHANNELS = 2;

export function expectedOfClusters(size: WorldSize, pathPreference: boolean): readonly Expected[] {
  const { clusters, controlNodes, federation, gateways } = size;
  const told = Math.min(CHANNELS, controlNodes);
  const all = size.vrouters * size.workloads;
  const expected: Expected[] = [
    {
      what: pathPreference ? 'publishes: at preference 100 and 200' : 'publishes',
      counter: 'agent.publishes',
      resent: null,
      value: told * all * (pathPreference ? 2 : 1),
    },
  ];
  const { routes, holders } = dealOf(size);
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
      if (gateways > 0 && tenant === 0) items += told * holders[from]!;
    }
  }
  expected.push({
    what: 'XMPP items: for each tenant its routes times the vRouters that hold it, from two control nodes',
    counter: 'agent.routes.received',
    resent: 'xmpp.routes.resent.inet',
    value: items,
  });
  if (isPlain(size)) {
    expected.push({
      what: 'BGP routes: first-hand, and the best of another cluster passed on to mates',
      counter: 'bgp.announced.received.inet-vpn',
      resent: 'bgp.announced.resent.inet-vpn',
      value: bgp,
    });
  }
  return expected;
}

/** Of three clusters in full mesh each passes on what it hears of another; what is heard first depends on time. */
function isPlain({ clusters, federation, gateways }: WorldSize): boolean {
  return gateways === 0 && (clusters <= 2 || !federation);
}

/** Routes of each tenant in each cluster, and vRouters there that hold it, at `tenant * clusters + cluster`. */
function dealOf(size: WorldSize): { readonly routes: Float64Array; readonly holders: Float64Array } {
  const { clusters } = size;
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
  return { routes, holders };
}

/** Each reflector hears every route from its edge and from each mate, each edge all others' from every reflector. */
export function expectedOfReflection(size: ReflectionSize): readonly Expected[] {
  const { reflectors, edges, routes } = size;
  const all = edges * routes;
  return [
    {
      what: 'VPN routes: edges to reflectors, reflectors to mates, reflectors to the other edges',
      counter: 'bgp.announced.received.inet-vpn',
      resent: 'bgp.announced.resent.inet-vpn',
      value: reflectors * all + reflectors * (reflectors - 1) * all + reflectors * edges * (all - routes),
    },
  ];
}

/** An edge is gone: its routes are withdrawn from every other edge and from the mates, by every reflector. */
export function expectedOfEdgeLoss(size: ReflectionSize): readonly Expected[] {
  const { reflectors, edges, routes } = size;
  return [
    {
      what: 'withdrawals: to the other edges and to the mates',
      counter: 'bgp.withdrawn.received.inet-vpn',
      resent: null,
      value: reflectors * (edges - 1) * routes + reflectors * (reflectors - 1) * routes,
    },
  ];
}
