/** Rows of the tables of a world, for claims: an agent's VRF, a control node's table, counts of both. */
import { invariant } from '../base/invariant.ts';
import { routeOf, routesOf, tableNamed, tablesOf } from '../control/views.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { GatewayRoute } from '../gateway/views.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import { ipv4 } from '../net/ipv4.ts';
import { formatPrefix, type Ipv4Prefix, parsePrefix } from '../net/prefix.ts';
import { formatCommunity } from '../route/community.ts';
import { formatExtendedCommunity } from '../route/extended-community.ts';
import { parseRouteKey } from '../route/route-key.ts';
import { flowRoute, NO_ROUTE, routePrefix } from '../vrouter/route.ts';
import { routeOf as agentRouteOf, type PathView } from '../vrouter/views.ts';
import type { World } from '../world/world.ts';
import type { Row, RowPath } from './row.ts';

/** One table of one node. */
export interface TableHolder {
  readonly kind: 'agent' | 'control-node' | 'speaker' | 'gateway';
  readonly node: string;
  /** Agent: instance name. Control node: table name. Gateway: VRF, or empty for all it was told. Speaker: empty. */
  readonly table: string;
}

export function rowOf(world: World, holder: TableHolder, key: string): Row | null {
  return READERS[holder.kind](world, holder, key);
}

const READERS: Readonly<Record<TableHolder['kind'], (world: World, holder: TableHolder, key: string) => Row | null>> = {
  agent: agentRow,
  'control-node': controlNodeRow,
  speaker: (world, holder, key) => offeredRow(world, world.speaker(holder.node).allRoutes(), key),
  gateway: (world, holder, key) =>
    holder.table === '' ? offeredRow(world, gatewayOf(world, holder).allRoutes(), key) : vrfRow(world, holder, key),
};

function agentRow(world: World, holder: TableHolder, key: string): Row | null {
  const prefix = parsePrefix(key);
  if (typeof prefix !== 'object') return null;
  const view = agentRouteOf(world.agent(holder.node), holder.table, prefix);
  const active = view?.paths.find((path) => path.active);
  if (view === null || active === undefined) return null;
  const paths = active.nextHops.map((_, member) => memberOf(active, member));
  return { key, paths, equals: paths.length, decidedBy: view.because };
}

function memberOf(path: PathView, member: number): RowPath {
  const hop = path.nextHops[member]!;
  return {
    nextHop: hop.address,
    label: hop.label,
    localPref: path.preference,
    med: null,
    asPath: null,
    origin: null,
    originatorId: null,
    clusterList: null,
    routeTargets: null,
    communities: null,
    securityGroups: path.securityGroups,
    virtualNetwork: hop.network === '' ? (path.networks[0] ?? null) : hop.network,
    sequence: path.sequence,
    encapsulations: hop.encapsulations,
    flags: [],
  };
}

function controlNodeRow(world: World, holder: TableHolder, key: string): Row | null {
  const nlri = parseRouteKey(key, world.pool);
  const view = nlri === null ? null : routeOf(world.controlNode(holder.node), holder.table, nlri);
  if (view === null) return null;
  const paths = view.paths.map((path): RowPath => {
    const asns = path.asPath.replace(/[{}()]/g, '');
    return {
      nextHop: ipv4(path.nextHop),
      label: path.label,
      localPref: path.localPref,
      med: path.med,
      asPath: asns === '' ? [] : asns.split(' ').map(Number),
      origin: path.origin.toLowerCase(),
      originatorId: ipv4(path.originatorId),
      clusterList: path.clusterList.map(ipv4),
      routeTargets: path.routeTargets,
      ...wordsOf(path.communities),
      virtualNetwork: path.virtualNetwork === '' ? null : path.virtualNetwork,
      flags: path.flags,
    };
  });
  return {
    key,
    paths,
    equals: view.paths.filter((path) => path.ecmp).length,
    decidedBy: view.paths[0]?.decidedBy ?? '',
  };
}

/** What of a list of communities of both kinds has a word of its own in a claim. */
function wordsOf(
  words: readonly string[],
): Pick<RowPath, 'communities' | 'securityGroups' | 'sequence' | 'encapsulations'> {
  const after = (kind: string) =>
    words.filter((word) => word.startsWith(`${kind}:`)).map((word) => word.slice(word.lastIndexOf(':') + 1));
  return {
    communities: words.filter((word) => !/^(target|encapsulation|secgroup|originvn|mobility|0x)/.test(word)),
    securityGroups: after('secgroup').map(Number),
    sequence: Number(after('mobility')[0] ?? 0),
    encapsulations: after('encapsulation'),
  };
}

/** A route of a speaker or gateway with the offers of its peers, the best one first. */
function offeredRow(world: World, routes: readonly GatewayRoute[], key: string): Row | null {
  const route = routes.find((one) => one.key === key);
  if (route === undefined) return null;
  const { attributes, octets8 } = world.pool;
  const paths = route.paths
    .toSorted((a, b) => Number(b.best) - Number(a.best))
    .map((path): RowPath => {
      const set = attributes.get(path.attributes);
      return {
        nextHop: set.nextHop,
        label: path.label,
        localPref: set.localPref,
        med: set.med,
        asPath: (set.asPath ?? []).flatMap((segment) => segment.asns),
        origin: ['igp', 'egp', 'incomplete'][set.origin] ?? null,
        originatorId: set.originatorId,
        clusterList: set.clusterList.map(ipv4),
        routeTargets: attributes.routeTargets(path.attributes).map((id) => octets8.formatTarget(id)),
        ...wordsOf([
          ...set.communities.map(formatCommunity),
          ...set.extendedCommunities.map((id) => formatExtendedCommunity(octets8.value(id))),
        ]),
        virtualNetwork: null,
        flags: [],
      };
    });
  return paths.length === 0 ? null : { key, paths, equals: 1, decidedBy: route.decidedBy };
}

function vrfRow(world: World, holder: TableHolder, key: string): Row | null {
  const route = gatewayOf(world, holder)
    .routes(holder.table)
    .find((one) => formatPrefix(one.prefix) === key);
  if (route === undefined) return null;
  const own = gatewayOf(world, holder).config.address;
  const paths = route.nextHops.map((hop): RowPath => {
    const tunnel = hop.kind === 'tunnel' ? hop : null;
    return {
      nextHop: tunnel?.to ?? own,
      label: tunnel?.label ?? 0,
      localPref: 0,
      med: null,
      asPath: null,
      origin: null,
      originatorId: null,
      clusterList: null,
      routeTargets: null,
      communities: null,
      securityGroups: [],
      virtualNetwork: null,
      sequence: 0,
      encapsulations: tunnel === null ? [] : [tunnel.encapsulation],
      flags: [],
    };
  });
  return { key, paths, equals: paths.length, decidedBy: '' };
}

function gatewayOf(world: World, holder: TableHolder): Gateway {
  const gateway = world.gateways.get(holder.node);
  invariant(gateway !== undefined, `there is no gateway ${holder.node}`);
  return gateway;
}

export function countRows(world: World, holder: TableHolder): number {
  if (holder.kind === 'agent') return world.agent(holder.node).tables.vrf(holder.table)?.table.rows().length ?? 0;
  if (holder.kind === 'speaker') return world.speaker(holder.node).allRoutes().length;
  if (holder.kind === 'gateway') {
    const gateway = gatewayOf(world, holder);
    return holder.table === '' ? gateway.allRoutes().length : gateway.routes(holder.table).length;
  }
  const node = world.controlNode(holder.node);
  return tableNamed(node, holder.table) === undefined ? 0 : routesOf(node, holder.table).length;
}

/** The prefix an address is matched by in an agent's VRF; null when none does. */
export function coveringPrefix(world: World, agent: string, instance: string, address: Ipv4): Ipv4Prefix | null {
  const vrf = world.agent(agent).tables.vrf(instance);
  const row = vrf === null ? NO_ROUTE : flowRoute(vrf, address);
  return vrf === null || row === NO_ROUTE ? null : routePrefix(vrf, row, world.pool.nlris);
}

export function countAllRows(world: World): {
  readonly controlNodes: number;
  readonly agents: number;
  readonly gateways: number;
} {
  let controlNodes = 0;
  for (const node of world.controlNodes.values()) for (const table of tablesOf(node)) controlNodes += table.routes;
  let agents = 0;
  for (const agent of world.agents.values()) for (const vrf of agent.tables.vrfs()) agents += vrf.table.rows().length;
  let gateways = 0;
  for (const gateway of world.gateways.values()) gateways += gateway.routeCount();
  return { controlNodes, agents, gateways };
}
