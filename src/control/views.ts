/**
 * What people and checks see of a control node: instances, tables, routes with the reasons of their paths, neighbours,
 * target groups, and a digest of the content (design: state hash).
 */
import { Digest } from '../base/digest.ts';
import { byText } from '../base/order.ts';
import { decisionName, ONLY_PATH } from '../bgp/decision.ts';
import type { ExportStage } from '../bgp/export-policy.ts';
import type { PathAttributes } from '../route/attributes.ts';
import { type AsPathSegment, ORIGIN_EGP, ORIGIN_IGP, ORIGIN_INCOMPLETE } from '../route/common-attributes.ts';
import { formatCommunity } from '../route/community.ts';
import { formatExtendedCommunity } from '../route/extended-community.ts';
import { familyName } from '../route/family.ts';
import type { NlriId } from '../route/nlri.ts';
import type { Octets8Table } from '../route/octets8-table.ts';
import { NONE, type PathIndex, pathFlagNames, pathSourceName, type RouteIndex } from '../route/path.ts';
import type { ControlNode } from './control-node.ts';
import type { ImportExplanation } from './replication.ts';
import type { RouteTable } from './route-table.ts';

/** One session as the world asks for it, to know when all is at rest. */
export interface SessionView {
  /** Name of the neighbour or agent. */
  readonly peer: string;
  readonly remoteAddress: number;
  readonly protocol: 'bgp' | 'xmpp';
  readonly state: string;
  readonly established: boolean;
  readonly adminDown: boolean;
  /** It is meant to be: a neighbour that is not administratively down. An agent's channel is the agent's to want. */
  readonly wanted: boolean;
}

export interface InstanceView {
  readonly name: string;
  readonly index: number;
  readonly network: string;
  readonly networkIndex: number;
  readonly rd: string;
  readonly importTargets: readonly string[];
  readonly exportTargets: readonly string[];
  readonly table: string;
  readonly routes: number;
  readonly subscribers: readonly string[];
  readonly deleted: boolean;
}

export interface TableView {
  readonly name: string;
  readonly family: string;
  readonly routes: number;
}

export interface PathView {
  readonly peer: string;
  readonly source: string;
  readonly secondary: boolean;
  /** Table a secondary path was copied from; empty for a primary one. */
  readonly copiedFrom: string;
  readonly nextHop: number;
  readonly label: number;
  readonly localPref: number;
  readonly med: number;
  /** `64512 64513`; empty when there is none. */
  readonly asPath: string;
  readonly origin: OriginName;
  readonly routeTargets: readonly string[];
  readonly communities: readonly string[];
  readonly originatorId: number;
  readonly clusterList: readonly number[];
  readonly sourceRd: string;
  /** As agents are told (CN-2.9.5); empty outside of instances. */
  readonly virtualNetwork: string;
  readonly flags: readonly string[];
  readonly feasible: boolean;
  /** Among those of equal cost with the best path (CN-5.2). */
  readonly ecmp: boolean;
  /** Of the best path what puts it before the next one, of others what puts them behind the best (CN-5.1). */
  readonly decidedBy: string;
  readonly changedAt: number;
}

export interface RouteView {
  readonly table: string;
  readonly prefix: string;
  /** Best first. */
  readonly paths: readonly PathView[];
}

export interface NeighbourView {
  readonly name: string;
  readonly address: number;
  readonly asn: number;
  readonly type: string;
  readonly internal: boolean;
  readonly state: string;
  readonly adminDown: boolean;
  readonly families: readonly string[];
  readonly negotiated: readonly string[];
  /** Families whose routes the peer is told. */
  readonly told: readonly string[];
  readonly downReason: string;
  readonly paths: number;
}

export interface AgentView {
  readonly name: string;
  readonly address: number;
  readonly state: string;
  readonly subscriptions: readonly string[];
  readonly parked: readonly string[];
  readonly endOfRibSent: boolean;
  readonly paths: number;
}

export interface RtGroupView {
  readonly target: string;
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly interestedPeers: readonly string[];
  readonly dependentRoutes: number;
}

type OriginName = 'IGP' | 'EGP' | 'INCOMPLETE';
const ORIGINS: ReadonlyMap<number, OriginName> = new Map<number, OriginName>([
  [ORIGIN_IGP, 'IGP'],
  [ORIGIN_EGP, 'EGP'],
  [ORIGIN_INCOMPLETE, 'INCOMPLETE'],
]);

export function sessionsOf(node: ControlNode): readonly SessionView[] {
  const neighbours = node.bgp.all().map(([index, { config }]): SessionView => {
    const { state } = node.bgp.speaker.session(index);
    const adminDown = !node.bgp.isEnabled(config);
    const established = state === 'Established';
    return {
      peer: config.name,
      remoteAddress: config.address,
      protocol: 'bgp',
      state,
      established,
      adminDown,
      wanted: !adminDown,
    };
  });
  const agents = node.xmpp.all().map((channel): SessionView => {
    const [peer, remoteAddress, { state }] = [channel.name, channel.remote, channel.session];
    return {
      peer,
      remoteAddress,
      protocol: 'xmpp',
      state,
      established: channel.isReady,
      adminDown: false,
      wanted: false,
    };
  });
  return [...neighbours, ...agents];
}

export function instancesOf(node: ControlNode): readonly InstanceView[] {
  const { octets8 } = node.rib.pool;
  const text = (targets: readonly number[]) => targets.map((target) => octets8.formatTarget(target));
  return node.rib.instances.vrfs().map((instance) => ({
    name: instance.name,
    index: instance.index,
    network: instance.network,
    networkIndex: instance.networkIndex,
    rd: octets8.formatRd(instance.rd),
    importTargets: text(instance.importTargets),
    exportTargets: text(instance.exportTargets),
    table: instance.table.name,
    routes: routeCount(node, instance.table),
    subscribers: node.xmpp
      .all()
      .filter((channel) => channel.subscriptions.has(instance.name))
      .map(({ name }) => name),
    deleted: instance.deleted,
  }));
}

export function tablesOf(node: ControlNode): readonly TableView[] {
  return node.rib.store
    .allTables()
    .map((table) => ({ name: table.name, family: familyName(table.family), routes: routeCount(node, table) }));
}

/** Routes with a path; the others only wait for their withdrawal to be sent. */
function routeCount(node: ControlNode, table: RouteTable): number {
  let count = 0;
  for (const _ of routesIn(node, table)) count++;
  return count;
}

function* routesIn(node: ControlNode, table: RouteTable): Generator<RouteIndex> {
  for (let slot = 0; slot < table.slots; slot++) {
    const route = table.routeAt(slot);
    if (route !== NONE && node.rib.store.best(route) !== NONE) yield route;
  }
}

/** The routes of a table in order of their NLRI; of an unknown table none. */
export function routesOf(node: ControlNode, tableName: string): readonly RouteView[] {
  const table = tableNamed(node, tableName);
  if (table === undefined) return [];
  const { nlris } = node.rib.pool;
  const { store } = node.rib;
  const routes = [...routesIn(node, table)].sort((a, b) => nlris.compare(store.nlri(a), store.nlri(b)));
  return routes.map((route) => viewOf(node, table, route));
}

/** The route of an NLRI, written as tables print it (CN-1.3); null when the table does not hold it. */
export function routeOf(node: ControlNode, tableName: string, nlri: NlriId): RouteView | null {
  const table = tableNamed(node, tableName);
  const route = table?.find(nlri) ?? NONE;
  if (table === undefined || route === NONE || node.rib.store.best(route) === NONE) return null;
  return viewOf(node, table, route);
}

export function tableNamed(node: ControlNode, name: string): RouteTable | undefined {
  return node.rib.store.allTables().find((table) => table.name === name);
}

function viewOf(node: ControlNode, table: RouteTable, route: RouteIndex): RouteView {
  const { store } = node.rib;
  const paths: PathView[] = [];
  const best = store.best(route);
  for (let path = best; path !== NONE; path = store.paths.next(path)) paths.push(pathView(node, table, best, path));
  return { table: table.name, prefix: node.rib.pool.nlris.format(store.nlri(route)), paths };
}

function pathView(node: ControlNode, table: RouteTable, best: PathIndex, path: PathIndex): PathView {
  const { pool, store, peers, instances } = node.rib;
  const { paths } = store;
  const set = pool.attributes.get(paths.attributes(path));
  const origin = paths.origin(path);
  const text = (ids: readonly number[]) => ids.map((id) => formatExtendedCommunity(pool.octets8.value(id)));
  return {
    peer: peers.name(paths.peer(path)),
    source: pathSourceName(paths.source(path)),
    secondary: origin !== NONE,
    copiedFrom: origin === NONE ? '' : store.tableOf(origin).name,
    nextHop: set.nextHop,
    label: paths.label(path),
    localPref: set.localPref,
    med: set.med,
    asPath: formatAsPath(set.asPath),
    origin: ORIGINS.get(set.origin) ?? 'INCOMPLETE',
    routeTargets: pool.attributes.routeTargets(paths.attributes(path)).map((id) => pool.octets8.formatTarget(id)),
    communities: [...set.communities.map(formatCommunity), ...text(set.extendedCommunities)],
    originatorId: set.originatorId,
    clusterList: set.clusterList,
    sourceRd: set.sourceRd === 0 ? '' : pool.octets8.formatRd(set.sourceRd),
    virtualNetwork: table.instance === 0 ? '' : node.exports.items.networkOf(instances.ofTable(table), path),
    flags: pathFlagNames(paths.flags(path)),
    feasible: paths.isFeasible(path),
    ecmp: paths.isFeasible(best) && (path === best || store.isEqualCost(best, path)),
    decidedBy: reasonOf(node, best, path),
    changedAt: paths.changedAt(path),
  };
}

function reasonOf(node: ControlNode, best: PathIndex, path: PathIndex): string {
  const { store } = node.rib;
  if (path === best) {
    const second = store.paths.next(best);
    return decisionName(second === NONE ? ONLY_PATH : store.paths.decidedBy(second));
  }
  const behind = store.paths.next(best) === path;
  return decisionName(behind ? store.paths.decidedBy(path) : Math.abs(store.compare(best, path)) || Number.NaN);
}

export function formatAsPath(path: readonly AsPathSegment[] | null): string {
  const words = (path ?? []).map(({ kind, asns }) => {
    if (kind === 'sequence') return asns.join(' ');
    return kind === 'set' ? `{${asns.join(' ')}}` : `(${asns.join(' ')})`;
  });
  return words.join(' ');
}

export function neighboursOf(node: ControlNode): readonly NeighbourView[] {
  return node.bgp.all().map(([index, { config, negotiated, told, peer }]) => {
    const session = node.bgp.speaker.session(index);
    return {
      name: config.name,
      address: config.address,
      asn: config.asn,
      type: config.type,
      internal: node.rib.peers.isIbgp(peer),
      state: session.state,
      adminDown: !node.bgp.isEnabled(config),
      families: config.families,
      negotiated: (negotiated?.families ?? []).map(familyName),
      told: [...told.keys()].sort((a, b) => a - b).map(familyName),
      downReason: session.downReason?.why ?? '',
      paths: pathsOf(node, peer),
    };
  });
}

export function agentsOf(node: ControlNode): readonly AgentView[] {
  return node.xmpp.all().map((channel) => ({
    name: channel.name,
    address: channel.remote,
    state: channel.session.state,
    subscriptions: [...channel.subscriptions.keys()].sort(byText),
    parked: [...channel.parked.keys()].sort(byText),
    endOfRibSent: channel.endOfRibSent,
    paths: pathsOf(node, channel.peer),
  }));
}

function pathsOf(node: ControlNode, peer: number): number {
  const { store } = node.rib;
  const first = peer === 0 ? NONE : store.firstOfPeer(peer);
  let count = 0;
  for (let path = first; path !== NONE; path = store.paths.nextInRing(path)) {
    count++;
    if (store.paths.nextInRing(path) === first) break;
  }
  return count;
}

/** In order of the target's octets. */
export function rtGroupsOf(node: ControlNode): readonly RtGroupView[] {
  const { groups, store, peers, peerSets, pool } = node.rib;
  const tables = (ids: Iterable<number>) => [...ids].map((id) => store.table(id).name);
  const sorted = [...groups.all()].sort((a, b) => pool.octets8.compare(a.target, b.target));
  return sorted.map((group) => ({
    target: pool.octets8.formatTarget(group.target),
    imports: tables(group.imports),
    exports: tables(group.exports),
    interestedPeers: [...peerSets.members(group.interested)].map((peer) => peers.name(peer)),
    dependentRoutes: groups.dependents(group.target).length,
  }));
}

/** Why the paths of a route of one table are in another, or are not, path by path (CN-4.2, CN-4.4). */
export function whyImported(
  node: ControlNode,
  fromTable: string,
  nlri: NlriId,
  intoTable: string,
): readonly (Omit<ImportExplanation, 'peer' | 'exported' | 'imported'> & {
  readonly peer: string;
  readonly exported: readonly string[];
  readonly imported: readonly string[];
})[] {
  const [from, into] = [tableNamed(node, fromTable), tableNamed(node, intoTable)];
  const route = from?.find(nlri) ?? NONE;
  if (from === undefined || into === undefined || route === NONE) return [];
  const { octets8 } = node.rib.pool;
  const text = (ids: readonly number[]) => ids.map((id) => octets8.formatTarget(id));
  return node.rib.replicator.explain(route, into).map(({ peer, verdict, exported, imported }) => ({
    peer: node.rib.peers.name(peer),
    verdict,
    exported: text(exported),
    imported: text(imported),
  }));
}

/** Why a BGP neighbour is told of a route or not: the first stage that stops it, `sent` when none does. */
export function whySent(node: ControlNode, neighbour: string, tableName: string, nlri: NlriId): ExportStage {
  const table = tableNamed(node, tableName);
  const peer = node.rib.peers.find(neighbour);
  if (table === undefined || peer === undefined) return 'the peer is not registered with the table';
  return node.exports.stageFor(peer, table, table.find(nlri));
}

/**
 * The content of all tables and the states of all sessions, whatever the order things were made in. Ids, times, counters
 * and label numbers do not count.
 */
export function digestOf(node: ControlNode): string {
  const attributeTexts = new Map<number, string>();
  const digest = new Digest();
  for (const table of [...node.rib.store.allTables()].sort((a, b) => byText(a.name, b.name))) {
    digest.text(table.name);
    let sums: readonly [number, number] = [0, 0];
    for (const route of routesIn(node, table)) {
      const hex = routeDigest(node, route, attributeTexts).hex();
      const halves = [hex.slice(0, 8), hex.slice(8)].map((half) => Number.parseInt(half, 16));
      sums = [(sums[0] + halves[0]!) >>> 0, (sums[1] + halves[1]!) >>> 0];
    }
    digest.int(sums[0]).int(sums[1]);
  }
  for (const view of neighboursOf(node).toSorted((a, b) => byText(a.name, b.name))) {
    digest.text(view.name).text(view.state).text(view.negotiated.join(' ')).text(view.told.join(' '));
  }
  for (const view of agentsOf(node).toSorted((a, b) => byText(a.name, b.name))) {
    digest.text(view.name).text(view.state).text(view.subscriptions.join(' ')).text(view.parked.join(' '));
  }
  return digest.hex();
}

function routeDigest(node: ControlNode, route: RouteIndex, texts: Map<number, string>): Digest {
  const { store, pool, peers } = node.rib;
  const { paths } = store;
  const digest = new Digest().text(pool.nlris.format(store.nlri(route)));
  for (let path = store.best(route); path !== NONE; path = paths.next(path)) {
    const id = paths.attributes(path);
    let text = texts.get(id);
    if (text === undefined) texts.set(id, (text = attributesText(pool.octets8, pool.attributes.get(id))));
    digest
      .text(peers.name(paths.peer(path)))
      .int(paths.source(path))
      .int(paths.flags(path))
      .text(text);
    digest.text(paths.isSecondary(path) ? store.tableOf(paths.origin(path)).name : '');
  }
  return digest;
}

function attributesText(octets8: Octets8Table, set: PathAttributes): string {
  const octets = (ids: readonly number[]) => ids.map((id) => `${octets8.hi(id)}.${octets8.lo(id)}`);
  const values = {
    ...set,
    extendedCommunities: octets(set.extendedCommunities),
    originVnPath: octets(set.originVnPath),
    sourceRd: octets([set.sourceRd]),
  };
  return JSON.stringify(values);
}
