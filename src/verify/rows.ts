/** Rows of the tables of a world, for claims: an agent's VRF, a control node's table, counts of both. */
import { routeOf, routesOf, tableNamed, tablesOf } from '../control/views.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import { ipv4 } from '../net/ipv4.ts';
import { type Ipv4Prefix, parsePrefix } from '../net/prefix.ts';
import { parseRouteKey } from '../route/route-key.ts';
import { flowRoute, NO_ROUTE, routePrefix } from '../vrouter/route.ts';
import { routeOf as agentRouteOf, type PathView } from '../vrouter/views.ts';
import type { World } from '../world/world.ts';
import type { Row, RowPath } from './row.ts';

/** One table of one node: an instance of an agent, a table of a control node. */
export interface TableHolder {
  readonly kind: 'agent' | 'control-node';
  readonly node: string;
  /** Agent: instance name. Control node: table name. */
  readonly table: string;
}

export function rowOf(world: World, holder: TableHolder, key: string): Row | null {
  return holder.kind === 'agent' ? agentRow(world, holder, key) : controlNodeRow(world, holder, key);
}

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
    const words = path.communities;
    return {
      nextHop: ipv4(path.nextHop),
      label: path.label,
      localPref: path.localPref,
      med: path.med,
      asPath: path.asPath === '' ? [] : path.asPath.split(' ').map(Number),
      routeTargets: path.routeTargets,
      communities: words.filter((word) => !/^(target|encapsulation|secgroup|originvn|mobility|0x)/.test(word)),
      securityGroups: words
        .filter((word) => word.startsWith('secgroup:'))
        .map((word) => Number(word.slice(word.lastIndexOf(':') + 1))),
      virtualNetwork: path.virtualNetwork === '' ? null : path.virtualNetwork,
      sequence: Number(words.find((word) => word.startsWith('mobility:'))?.split(':')[2] ?? 0),
      encapsulations: words
        .filter((word) => word.startsWith('encapsulation:'))
        .map((word) => word.slice('encapsulation:'.length)),
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

export function countRows(world: World, holder: TableHolder): number {
  if (holder.kind === 'agent') return world.agent(holder.node).tables.vrf(holder.table)?.table.rows().length ?? 0;
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
