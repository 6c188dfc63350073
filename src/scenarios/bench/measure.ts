/** What a phase did to a world, in virtual time and in the contractual counters. */
import { Float64Column } from '../../base/columns.ts';
import { byText } from '../../base/order.ts';
import { NEVER, type VirtualUs } from '../../base/time.ts';
import { formatIpv4 } from '../../net/ipv4.ts';
import { formatPrefix } from '../../net/prefix.ts';
import { CHANGE_COLUMNS, MESSAGE_COLUMNS } from '../../sim/record.ts';
import type { World } from '../../world/world.ts';

/** Microseconds of virtual time. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface PerNode {
  readonly mean: number;
  readonly max: number;
}

export const ROLES = ['controlNode', 'vrouter', 'gateway'] as const;
export type Role = (typeof ROLES)[number];

export interface PhaseMeasure {
  readonly phase: string;
  readonly startedAt: VirtualUs;
  /** The last table change of the phase; null when no table changed. */
  readonly convergedAt: VirtualUs | null;
  readonly endedAt: VirtualUs;
  /** What kept it from settling; null when it settled. */
  readonly busy: string | null;
  readonly events: number;
  readonly tableChanges: number;
  /** Routes accepted into a receiver's table or taken out of it again: agents, control nodes and gateways. */
  readonly deliveries: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly messages: { readonly bgp: number; readonly xmpp: number };
  readonly octets: { readonly bgp: number; readonly xmpp: number };
  /** Octets sent and received by a node. */
  readonly octetsPerNode: Readonly<Partial<Record<Role, PerNode>>>;
  /** The most messages that ever waited at one node of the kind. */
  readonly queues: Readonly<Partial<Record<Role, number>>>;
  /**
   * From the change at the vRouter of a workload (from the beginning of the phase where that one is lost, from the
   * moment the network came where it came later) to each other vRouter.
   */
  readonly propagation: Percentiles | null;
  /** Rows of agents' tables that changed, in equal slices of the time from the beginning to convergence. */
  readonly installed: readonly number[] | null;
}

/** Names of counters whose sum is the number of deliveries. */
const DELIVERED = [
  'xmpp.publishes.received.inet',
  'xmpp.retracts.received.inet',
  'agent.routes.received',
  'agent.retracts.received',
  'bgp.announced.received.inet-vpn',
  'bgp.withdrawn.received.inet-vpn',
];

export const SLICES = 100;

/** Where a world stood when a phase began. */
export interface Mark {
  readonly at: VirtualUs;
  readonly events: number;
  readonly tableChanges: number;
  readonly messages: number;
  readonly changes: number;
  readonly counters: ReadonlyMap<string, number>;
}

export function markOf(world: World): Mark {
  const { sim } = world;
  for (let node = 0; node < sim.nodeCount; node++) sim.server(node).forgetPeak();
  return {
    at: world.now,
    events: sim.eventsHandled,
    tableChanges: sim.tableChanges,
    messages: sim.recording.messages.length,
    changes: sim.recording.changes.length,
    counters: sim.counters.totals(),
  };
}

export function measureSince(world: World, mark: Mark, phase: string, busy: string | null): PhaseMeasure {
  const { sim } = world;
  const counters: Record<string, number> = {};
  for (const [name, value] of [...sim.counters.totals()].sort((a, b) => byText(a[0], b[0]))) {
    const by = value - (mark.counters.get(name) ?? 0);
    if (by !== 0) counters[name] = by;
  }
  const changed = sim.tableChanges > mark.tableChanges;
  const convergedAt = changed ? sim.lastTableChange : null;
  return {
    phase,
    startedAt: mark.at,
    convergedAt,
    endedAt: world.now,
    busy,
    events: sim.eventsHandled - mark.events,
    tableChanges: sim.tableChanges - mark.tableChanges,
    deliveries: DELIVERED.reduce((sum, name) => sum + (counters[name] ?? 0), 0),
    counters,
    ...traffic(world, mark),
    queues: byRole(
      world,
      (node) => sim.server(node).waitingMax,
      (values) => Math.max(0, ...values),
    ),
    ...spread(world, mark, convergedAt ?? world.now),
  };
}

function roleOf(world: World, name: string): Role | null {
  if (world.agents.has(name)) return 'vrouter';
  if (world.controlNodes.has(name)) return 'controlNode';
  return world.gateways.has(name) ? 'gateway' : null;
}

function byRole<T>(
  world: World,
  ask: (node: number) => number,
  fold: (values: readonly number[]) => T,
): Partial<Record<Role, T>> {
  const values: Record<Role, number[]> = { controlNode: [], vrouter: [], gateway: [] };
  for (let node = 0; node < world.sim.nodeCount; node++) {
    const role = roleOf(world, world.sim.nodeName(node));
    if (role !== null) values[role].push(ask(node));
  }
  const result: Partial<Record<Role, T>> = {};
  for (const role of ROLES) if (values[role].length > 0) result[role] = fold(values[role]);
  return result;
}

function traffic(world: World, mark: Mark): Pick<PhaseMeasure, 'messages' | 'octets' | 'octetsPerNode'> {
  const { messages: rows, texts } = world.sim.recording;
  const [kind, size, from, to] = ['kind', 'size', 'from', 'to'].map((name) => MESSAGE_COLUMNS.indexOf(name));
  const messages = { bgp: 0, xmpp: 0 };
  const octets = { bgp: 0, xmpp: 0 };
  const ofNode = new Float64Array(world.sim.nodeCount);
  for (let row = mark.messages; row < rows.length; row++) {
    const protocol = texts.text(rows.cell(row, kind!)).startsWith('bgp') ? 'bgp' : 'xmpp';
    const length = rows.cell(row, size!);
    messages[protocol]++;
    octets[protocol] += length;
    for (const end of [rows.cell(row, from!), rows.cell(row, to!)]) if (end >= 0) ofNode[end]! += length;
  }
  const octetsPerNode = byRole(
    world,
    (node) => ofNode[node]!,
    (values) => ({
      mean: Math.round(values.reduce((sum, value) => sum + value, 0) / values.length),
      max: values.reduce((most, value) => Math.max(most, value), 0),
    }),
  );
  return { messages, octets, octetsPerNode };
}

/** What a route means to the measure: whose it is, and what its owner said of it last. */
interface Watched {
  /** The node of its workload; null: nobody's. */
  readonly owner: number | null;
  /** A subnet of a network: its row comes and goes with the network itself. */
  readonly isSubnet: boolean;
  since: number | null;
  gone: boolean;
}

/** Only a route-level record knows when which row changed. */
function spread(world: World, mark: Mark, end: VirtualUs): Pick<PhaseMeasure, 'propagation' | 'installed'> {
  const { recording } = world.sim;
  const { changes, texts } = recording;
  if (!recording.routeLevel) return { propagation: null, installed: null };
  const [node, table, key, change] = ['node', 'table', 'key', 'change'].map((name) => CHANGE_COLUMNS.indexOf(name));
  const { owners, subnets } = namedRoutes(world);
  const isAgent = world.nodeNames().map((name) => world.agents.has(name));
  const watched = new Map<number, Watched>();
  /** When a vRouter was given the network, by node and table; NEVER while it has it not. */
  const given = new Map<number, number>();
  const delays = new Float64Column();
  const installed = new Array<number>(SLICES).fill(0);
  const length = Math.max(1, end - mark.at);
  for (let row = mark.changes; row < changes.length; row++) {
    const at = changes.time(row);
    const own = changes.cell(row, node!);
    if (!isAgent[own]) continue;
    installed[Math.min(SLICES - 1, Math.floor(((at - mark.at) * SLICES) / length))]!++;
    const [inTable, ofRoute] = [changes.cell(row, table!), changes.cell(row, key!)];
    const id = inTable * TEXTS_MAX + ofRoute;
    let route = watched.get(id);
    if (route === undefined) {
      const name = `${texts.text(inTable)} ${texts.text(ofRoute)}`;
      route = { owner: owners.get(name) ?? null, isSubnet: subnets.has(name), since: null, gone: false };
      watched.set(id, route);
    }
    const isGone = changes.cell(row, change!) < 0;
    const place = inTable * TEXTS_MAX + own;
    if (route.isSubnet) given.set(place, isGone ? NEVER : at);
    if (route.owner === null) continue;
    if (own !== route.owner) {
      // a vRouter that is given the network now could not hear of it before; one that loses it loses all of it
      const from = Math.max(route.since ?? mark.at, given.get(place) ?? 0);
      if (from <= at) delays.push(at - from);
    } else {
      // The first word of the owner counts, and the first after it took the route away; what follows is preference.
      if (isGone || route.gone || route.since === null) route.since = at;
      route.gone = isGone;
    }
  }
  return { propagation: percentiles(delays.view()), installed };
}

/** Texts of a recording are numbered below this. */
const TEXTS_MAX = 2 ** 26;

/** The node of each workload's route, by instance and prefix, and the subnets of all networks. */
function namedRoutes(world: World): {
  readonly owners: ReadonlyMap<string, number>;
  readonly subnets: ReadonlySet<string>;
} {
  const owners = new Map<string, number>();
  const subnets = new Set<string>();
  for (const cluster of world.clusters.values()) {
    const instances = new Map(cluster.networks.map((network) => [network.name, network.instance]));
    for (const { instance, subnets: own } of cluster.networks) {
      for (const { prefix } of own) subnets.add(`${instance} ${formatPrefix(prefix)}`);
    }
    const faces = new Map(cluster.interfaces.map((face) => [face.name, face]));
    for (const workload of cluster.workloads) {
      const node = world.sim.nodeNamed(workload.host);
      for (const name of workload.interfaces) {
        const face = faces.get(name);
        if (face === undefined) continue;
        const instance = instances.get(face.network) ?? '';
        for (const address of face.addresses) owners.set(`${instance} ${formatIpv4(address)}/32`, node);
      }
    }
  }
  return { owners, subnets };
}

export function percentiles(values: Float64Array): Percentiles | null {
  if (values.length === 0) return null;
  const sorted = values.slice().sort();
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
