/**
 * Everything a control node knows of routes: its instances and tables, and the steps that follow a change (CN-11.1.3):
 * paths sorted, copies brought in line, interest of peers counted, rib-outs told. It knows no session and sends nothing.
 *
 * Changes only mark routes; {@link Rib.settle} takes the marked ones in order until none is left. A copy is never copied
 * again, so that ends.
 */
import type { VirtualUs } from '../base/time.ts';
import { PeerSets } from '../bgp/peer-set.ts';
import { FAMILY } from '../route/family.ts';
import type { NlriId } from '../route/nlri.ts';
import type { Octets8Id } from '../route/octets8-table.ts';
import { NONE, PathTable, type PeerId, type RouteIndex } from '../route/path.ts';
import type { RoutePool } from '../route/pool.ts';
import type { ControlNodeConfig, NetworkConfig, RoutingInstanceConfig } from './control-config.ts';
import { PeerTable } from './peers.ts';
import { Replicator } from './replication.ts';
import { MARK, RouteStore, type RouteTable } from './route-table.ts';
import { RouteTargetInterest } from './route-target-interest.ts';
import { type RoutingInstance, RoutingInstances } from './routing-instance.ts';
import { type Role, RtGroups } from './rt-groups.ts';

/** Who is told of what happens to routes. */
export interface RibListener {
  /** The route's paths changed, or a peer's interest in it did: rib-outs have to look at it. */
  routeChanged(table: RouteTable, route: RouteIndex): void;
  /** A row of a table changed, for the record and the time of convergence. */
  rowChanged(table: RouteTable, nlri: NlriId): void;
  /** The instance imports other targets than before: agents' interest follows (CN-4.6/2). */
  importsChanged(instance: RoutingInstance, added: readonly Octets8Id[], removed: readonly Octets8Id[]): void;
}

export class Rib {
  readonly pool: RoutePool;
  readonly config: ControlNodeConfig;
  readonly peers = new PeerTable();
  readonly peerSets = new PeerSets();
  readonly store: RouteStore;
  readonly instances: RoutingInstances;
  readonly groups: RtGroups;
  readonly replicator: Replicator;
  readonly interest: RouteTargetInterest;
  readonly vpnTable: RouteTable;
  /** Instances that connect to an instance, by its name (CN-1.6.4 b). */
  private readonly joinedTo = new Map<string, Set<string>>();
  /** Instances of a network, by its name (CN-1.1.2). */
  private readonly instancesOf = new Map<string, Set<string>>();

  constructor(pool: RoutePool, config: ControlNodeConfig) {
    this.pool = pool;
    this.config = config;
    this.store = new RouteStore({
      paths: new PathTable(),
      attributes: pool.attributes,
      peers: this.peers,
      alwaysCompareMed: config.alwaysCompareMed,
      stickyLoses: config.quirks.Q1 ?? true,
    });
    this.instances = new RoutingInstances(pool.octets8, this.store, config);
    this.groups = new RtGroups(pool.attributes.commons, this.peerSets);
    this.vpnTable = this.store.createTable('bgp.l3vpn.0', FAMILY['inet-vpn'], 0);
    const targets = this.store.createTable('bgp.rtarget.0', FAMILY['route-target'], 0);
    const localAs = config.localAsn || config.asn;
    const { peers, peerSets, groups, store } = this;
    this.interest = new RouteTargetInterest(pool, store, targets, peers, peerSets, groups, localAs, config.routerId);
    this.replicator = new Replicator(pool, store, this.instances, groups, peers, this.vpnTable, config.asn);
  }

  /** The table a BGP family fills. */
  tableOf(family: number): RouteTable {
    if (family === FAMILY['inet-vpn']) return this.vpnTable;
    return family === FAMILY['route-target'] ? this.interest.table : this.instances.master.table;
  }

  // ---- configuration

  setNetwork(network: NetworkConfig): void {
    this.instances.setNetwork(network);
    for (const name of this.instancesOf.get(network.name) ?? []) {
      const instance = this.instances.find(name);
      if (instance !== undefined) this.refreshNetwork(instance);
    }
  }

  /** Creates or updates an instance (CN-1.9.1, CN-1.9.2); null while its delete is pending (CN-1.9.4). */
  configure(config: RoutingInstanceConfig, listener: RibListener): RoutingInstance | null {
    let instance = this.instances.find(config.name);
    if (instance?.deleted) {
      instance.next = config;
      return null;
    }
    if (instance === undefined) instance = this.instances.create(config);
    this.unfile(instance);
    instance.config = config;
    for (const name of config.connections) file(this.joinedTo, name, config.name);
    file(this.instancesOf, instance.network, config.name);
    this.refreshNetwork(instance);
    this.refreshTargets(instance, listener);
    this.refreshJoined(config.name, listener);
    return instance;
  }

  /** CN-1.9.3: leaves all groups; what agents put there stays until they unsubscribe. */
  delete(instance: RoutingInstance, listener: RibListener): void {
    this.unfile(instance);
    this.instances.markDeleted(instance);
    this.applyTargets(instance, [], [], listener);
    this.refreshJoined(instance.name, listener);
  }

  private unfile(instance: RoutingInstance): void {
    for (const name of instance.config.connections) this.joinedTo.get(name)?.delete(instance.name);
    this.instancesOf.get(instance.network)?.delete(instance.name);
  }

  private refreshJoined(name: string, listener: RibListener): void {
    for (const joined of this.joinedTo.get(name) ?? []) {
      const instance = this.instances.find(joined);
      if (instance !== undefined && !instance.deleted) this.refreshTargets(instance, listener);
    }
  }

  private refreshNetwork(instance: RoutingInstance): void {
    const index = this.instances.networkId(instance.network);
    if (index === instance.networkIndex) return;
    instance.networkIndex = index;
    instance.forgetLeaving();
    this.replicator.forgetOwners();
    this.store.markTable(instance.table, MARK.changed);
  }

  private refreshTargets(instance: RoutingInstance, listener: RibListener): void {
    const imports = this.instances.importTargetsOf(instance);
    this.applyTargets(instance, imports, this.instances.exportTargetsOf(instance), listener);
  }

  /** List deltas as joins and leaves (CN-1.9.2, CN-4.1.3). */
  private applyTargets(
    instance: RoutingInstance,
    imports: readonly Octets8Id[],
    exports: readonly Octets8Id[],
    listener: RibListener,
  ): void {
    const { table } = instance;
    const added = without(imports, instance.importTargets);
    const removed = without(instance.importTargets, imports);
    const joins: [readonly Octets8Id[], Role, boolean][] = [
      [removed, 'import', false],
      [added, 'import', true],
      [without(instance.exportTargets, exports), 'export', false],
      [without(exports, instance.exportTargets), 'export', true],
    ];
    if (joins.every(([targets]) => targets.length === 0)) return;
    instance.importTargets = imports;
    instance.exportTargets = exports;
    if (exports.length > 0) instance.watched = true;
    instance.forgetLeaving();
    this.replicator.forgetOwners();
    for (const [targets, role, isJoin] of joins) {
      for (const target of targets) {
        if (isJoin) this.groups.join(target, table, role);
        this.reconsider(target, table, role);
        if (!isJoin) this.groups.leave(target, table, role);
      }
    }
    if (added.length > 0 || removed.length > 0) listener.importsChanged(instance, added, removed);
  }

  /** CN-4.1.3: what an import set leads to, or what an exporting table holds, is looked at again. */
  private reconsider(target: Octets8Id, table: RouteTable, role: Role): void {
    if (role === 'export') {
      this.store.markTable(table, MARK.replicate);
      return;
    }
    for (const id of this.groups.find(target)?.exports ?? [])
      this.store.markTable(this.store.table(id), MARK.replicate);
    for (const route of this.groups.dependents(target)) this.store.mark(route, MARK.replicate);
  }

  // ---- changes

  /** All primary paths of a peer go (CN-2.12.2, CN-7.8/7). */
  removePathsOf(peer: PeerId): void {
    for (let path = this.store.firstOfPeer(peer); path !== NONE; path = this.store.firstOfPeer(peer)) {
      this.store.removePrimary(path);
    }
  }

  /** Those in one table (CN-2.6.5). */
  removePathsIn(table: RouteTable, peer: PeerId): void {
    for (let slot = 0; slot < table.slots; slot++) {
      const route = table.routeAt(slot);
      if (route === NONE) continue;
      const path = this.store.findPrimary(route, peer, 0);
      if (path !== NONE) this.store.removePrimary(path);
    }
  }

  /** Takes the marked routes in order until none is left. */
  settle(now: VirtualUs, listener: RibListener): void {
    const { store } = this;
    for (let route = store.nextMarked(); route !== NONE; route = store.nextMarked()) this.follow(route, now, listener);
  }

  private follow(route: RouteIndex, now: VirtualUs, listener: RibListener): void {
    const { store } = this;
    const marks = store.takeMarks(route);
    const table = store.tableOf(route);
    if ((marks & MARK.changed) !== 0) {
      listener.rowChanged(table, store.nlri(route));
      if (table === this.interest.table) this.followInterest(route);
    }
    if ((marks & (MARK.changed | MARK.replicate)) !== 0 && this.isReplicated(table)) {
      this.replicator.replicate(route, now);
    }
    if ((marks & (MARK.changed | MARK.export)) !== 0) listener.routeChanged(table, route);
    store.releaseIfIdle(route);
  }

  private isReplicated(table: RouteTable): boolean {
    return table === this.vpnTable || table.instance !== 0;
  }

  /** CN-4.5.3: VPN routes that depend on the target are exported anew. */
  private followInterest(route: RouteIndex): void {
    const change = this.interest.routeChanged(route);
    if (change.kind === 'everything') this.store.markTable(this.vpnTable, MARK.export);
    else if (change.kind === 'target') {
      for (const dependent of this.groups.dependents(change.target)) this.store.mark(dependent, MARK.export);
    }
  }
}

function file(map: Map<string, Set<string>>, key: string, name: string): void {
  const names = map.get(key);
  if (names === undefined) map.set(key, new Set([name]));
  else names.add(name);
}

function without(values: readonly number[], others: readonly number[]): readonly number[] {
  return values.filter((value) => !others.includes(value));
}
