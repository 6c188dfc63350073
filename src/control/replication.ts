/**
 * Replication (CN-4.2, CN-4.4): the paths of a route copied to each table that imports one of its targets.
 *
 * The copies of a route are a chain in the order they were made. Looking at a route again walks the wanted copies in
 * that same order, keeps what is still right, and removes the rest; so a change costs what it changes. The questions
 * that decide (may this path be copied, what does it carry, who imports that) are methods of their own: the ones who
 * ask why a route is not in an instance get the answers of the same code.
 */
import { IdMemo, Memo, TupleMemo, UNKNOWN } from '../base/memo.ts';
import type { VirtualUs } from '../base/time.ts';
import type { AttributesId } from '../route/attributes.ts';
import type { CommonId } from '../route/common-attributes.ts';
import type { NlriId } from '../route/nlri.ts';
import type { Octets8Id } from '../route/octets8-table.ts';
import {
  NewPath,
  NO_PEER,
  NONE,
  PATH_FLAG,
  PATH_SOURCE,
  type PathIndex,
  type PathSource,
  type RouteIndex,
} from '../route/path.ts';
import type { RoutePool } from '../route/pool.ts';
import { fixOriginVn, withOriginVn } from './origin-vn.ts';
import type { PeerTable } from './peers.ts';
import type { RouteStore, RouteTable } from './route-table.ts';
import type { RoutingInstance, RoutingInstances } from './routing-instance.ts';
import type { RtGroups } from './rt-groups.ts';

/** Why a path of a route is copied or not, before any destination is looked at (CN-4.2a to CN-4.2e). */
export const REPLICATION_VERDICTS = [
  'replicated',
  'the best path is infeasible',
  'its peer is not ready',
  'it is a copy itself',
  'it is not of equal cost with the best path',
  'its instance never had an export target',
  'it carries no extended community',
] as const;
export type ReplicationVerdict = (typeof REPLICATION_VERDICTS)[number];

const REPLICATED = 0;
const BEST_INFEASIBLE = 1;
const PEER_NOT_READY = 2;
const IS_COPY = 3;
const NOT_EQUAL_COST = 4;
const NOT_WATCHED = 5;
const NO_COMMUNITIES = 6;

/** Why a path of a route is in another table, or why it is not. */
export interface ImportExplanation {
  readonly peer: number;
  readonly verdict: ReplicationVerdict | 'imported' | 'target mismatch';
  /** Targets the path leaves its table with. */
  readonly exported: readonly Octets8Id[];
  /** Targets the destination imports. */
  readonly imported: readonly Octets8Id[];
}

export class Replicator {
  private readonly pool: RoutePool;
  private readonly store: RouteStore;
  private readonly instances: RoutingInstances;
  private readonly groups: RtGroups;
  private readonly peers: PeerTable;
  private readonly vpnTable: RouteTable;
  /** AS of the cluster: the one that origin networks are named by. */
  private readonly asn: number;
  /** Both-way targets to the networks that own them; made anew when a list or a network id changes. */
  private readonly owners = new Memo<'all', ReadonlyMap<Octets8Id, readonly number[]>>();
  /** Answers by what attribute sets have in common: with the origin network put right, and named after an importer. */
  private readonly fixed = new IdMemo();
  private readonly named = new TupleMemo();
  /** The copy that is being made: its fields are read and not kept. */
  private readonly scratch = new NewPath(NO_PEER, PATH_SOURCE.none, 0, 0, 0, 0);
  /** Copies made, changed or removed: the contractual counter. */
  private count = 0;

  constructor(
    pool: RoutePool,
    store: RouteStore,
    instances: RoutingInstances,
    groups: RtGroups,
    peers: PeerTable,
    vpnTable: RouteTable,
    asn: number,
  ) {
    this.pool = pool;
    this.store = store;
    this.instances = instances;
    this.groups = groups;
    this.peers = peers;
    this.vpnTable = vpnTable;
    this.asn = asn;
  }

  get replications(): number {
    return this.count;
  }

  /** An instance's lists or its network id changed: who owns a target is asked again (CN-1.6.7). */
  forgetOwners(): void {
    this.owners.forget();
    this.fixed.forget();
  }

  /** Networks of the instances that both import and export the target; export-only ones are left out (CN-V28). */
  networksOf(target: Octets8Id): readonly number[] {
    const owners = this.owners.get('all') ?? this.owners.set('all', this.findOwners());
    return owners.get(target) ?? [];
  }

  private findOwners(): ReadonlyMap<Octets8Id, readonly number[]> {
    const owners = new Map<Octets8Id, number[]>();
    for (const instance of this.instances.vrfs()) {
      const imports = new Set(instance.importTargets);
      for (const both of instance.exportTargets) {
        if (!imports.has(both)) continue;
        const networks = owners.get(both);
        if (networks === undefined) owners.set(both, [instance.networkIndex]);
        else networks.push(instance.networkIndex);
      }
    }
    return owners;
  }

  /** Brings the copies of `route` in line with its paths (CN-4.2). */
  replicate(route: RouteIndex, now: VirtualUs): void {
    const { store } = this;
    const table = store.tableOf(route);
    const source = this.instances.ofTable(table);
    let old = store.firstCopy(route);
    let head: PathIndex = NONE;
    let tail: PathIndex = NONE;
    const best = store.usable(route);
    for (let path = best; path !== NONE; path = store.paths.next(path)) {
      const verdict = this.verdictOf(source, table, best, path);
      if (verdict === NOT_EQUAL_COST || verdict === NOT_WATCHED) break;
      if (verdict !== REPLICATED) continue;
      const carried = this.carried(source, table, path);
      const destinations = this.groups.destinations(this.pool.attributes.targetList(carried), this.vpnTable);
      for (let i = 0; i < destinations.length; i++) {
        const destination = store.table(destinations[i]!);
        if (destination === table) continue;
        const nlri = this.nlriIn(destination, source, route, path);
        const attributes = this.attributesIn(destination, table, route, carried);
        let copy = this.findCopy(old, destination, nlri, path);
        if (copy !== NONE) old = this.takeOut(old, copy);
        if (copy === NONE || !this.isRight(copy, path, attributes)) {
          if (copy !== NONE) store.removeCopy(copy);
          copy = this.copy(destination, nlri, path, attributes, route, now);
          this.count++;
        }
        store.paths.setNextCopy(copy, NONE);
        if (tail === NONE) head = copy;
        else store.paths.setNextCopy(tail, copy);
        tail = copy;
      }
    }
    store.setFirstCopy(route, head);
    while (old !== NONE) {
      const next = store.paths.nextCopy(old);
      store.removeCopy(old);
      this.count++;
      old = next;
    }
    if (table === this.vpnTable) {
      this.groups.depend(route, best === NONE ? NONE : this.pool.attributes.targetList(store.paths.attributes(best)));
    }
  }

  /** Says for every path of a route why it is in `destination` or not, by the same questions. */
  explain(route: RouteIndex, destination: RouteTable): readonly ImportExplanation[] {
    const { store } = this;
    const table = store.tableOf(route);
    const source = this.instances.ofTable(table);
    const imported = destination === this.vpnTable ? [] : this.instances.ofTable(destination).importTargets;
    const answers: ImportExplanation[] = [];
    const best = store.best(route);
    for (let path = best; path !== NONE; path = store.paths.next(path)) {
      const peer = store.paths.peer(path);
      const verdict = store.usable(route) === NONE ? BEST_INFEASIBLE : this.verdictOf(source, table, best, path);
      if (verdict !== REPLICATED) {
        answers.push({ peer, verdict: REPLICATION_VERDICTS[verdict]!, exported: [], imported });
        continue;
      }
      const carried = this.carried(source, table, path);
      const list = this.pool.attributes.targetList(carried);
      const reached = this.groups.destinations(list, this.vpnTable).includes(destination.id);
      const exported = this.pool.attributes.commons.targetsOf(list);
      answers.push({ peer, verdict: reached ? 'imported' : 'target mismatch', exported, imported });
    }
    return answers;
  }

  /** CN-4.2a to CN-4.2e. */
  private verdictOf(source: RoutingInstance, table: RouteTable, best: PathIndex, path: PathIndex): number {
    const { paths } = this.store;
    const isVpn = table === this.vpnTable;
    if (!isVpn && !source.watched) return NOT_WATCHED;
    const flags = paths.flags(path);
    const isStale = (flags & (PATH_FLAG.Stale | PATH_FLAG.LlgrStale)) !== 0;
    if (!isStale && !this.peers.isReady(paths.peer(path))) return PEER_NOT_READY;
    if (paths.isSecondary(path)) return IS_COPY;
    if (path !== best && !this.store.isEqualCost(best, path)) return NOT_EQUAL_COST;
    if (isVpn && !this.pool.attributes.hasExtendedCommunities(paths.attributes(path))) return NO_COMMUNITIES;
    return REPLICATED;
  }

  /** The attributes a path leaves its table with: E of CN-4.2e, with the origin network of CN-4.2g or CN-4.3. */
  private carried(source: RoutingInstance, table: RouteTable, path: PathIndex): AttributesId {
    const { attributes, octets8 } = this.pool;
    const id = this.store.paths.attributes(path);
    const common = attributes.common(id);
    if (table === this.vpnTable) {
      let fixed = this.fixed.get(common);
      if (fixed === UNKNOWN) {
        fixed = this.fixed.set(common, fixOriginVn(attributes.commons, octets8, common, this.asn, this));
      }
      return attributes.withCommon(id, fixed);
    }
    // Of the sources that are made here all are stamped with the network of their instance (CN-4.2g).
    const isStamped = source.networkIndex !== 0 && ORIGINATED.has(this.store.paths.source(path));
    const known = isStamped ? source.stamped : source.unstamped;
    let leaves = known.get(common);
    if (leaves === UNKNOWN) leaves = known.set(common, this.leavingWith(source, common, isStamped));
    return attributes.withCommon(id, leaves);
  }

  private leavingWith(source: RoutingInstance, common: CommonId, isStamped: boolean): CommonId {
    const { octets8 } = this.pool;
    const { commons } = this.pool.attributes;
    const set = commons.get(common);
    const exported = { ...set, extendedCommunities: [...set.extendedCommunities, ...source.exportTargets] };
    const keepsOrigin = !isStamped || commons.lastOriginVn(common) > 0;
    return commons.intern(keepsOrigin ? exported : withOriginVn(octets8, exported, this.asn, source.networkIndex));
  }

  /** CN-4.4: the key of a copy. */
  private nlriIn(destination: RouteTable, source: RoutingInstance, route: RouteIndex, path: PathIndex): NlriId {
    const { nlris, attributes } = this.pool;
    const nlri = this.store.nlri(route);
    if (destination === this.vpnTable) {
      const rd = attributes.sourceRd(this.store.paths.attributes(path)) || source.rd;
      return nlris.inetVpn(rd, nlris.address(nlri), nlris.length(nlri));
    }
    return this.store.tableOf(route) === this.vpnTable ? nlris.withoutRd(nlri) : nlri;
  }

  /** CN-4.2h and CN-4.4/1: the attributes of a copy. */
  private attributesIn(
    destination: RouteTable,
    table: RouteTable,
    route: RouteIndex,
    carried: AttributesId,
  ): AttributesId {
    if (destination === this.vpnTable) return carried;
    const { attributes, nlris } = this.pool;
    const carriedCommon = attributes.common(carried);
    const network =
      attributes.commons.lastOriginVn(carriedCommon) > 0 ? 0 : this.networkOfImporter(destination, carried);
    const common = network === 0 ? carriedCommon : this.namedAfter(network, carriedCommon);
    if (table !== this.vpnTable) return attributes.withCommon(carried, common);
    return attributes.moved(carried, common, nlris.octets8Id(this.store.nlri(route)));
  }

  private namedAfter(network: number, common: CommonId): CommonId {
    const known = this.named.get(common, network);
    if (known !== UNKNOWN) return known;
    const { commons } = this.pool.attributes;
    const id = commons.intern(withOriginVn(this.pool.octets8, commons.get(common), this.asn, network));
    return this.named.set(id, common, network);
  }

  /** The importer's own network, when it also exports a target of the path (CN-4.2h). */
  private networkOfImporter(destination: RouteTable, carried: AttributesId): number {
    const instance = this.instances.ofTable(destination);
    if (instance.networkIndex === 0) return 0;
    const targets = this.pool.attributes.routeTargets(carried);
    return instance.exportTargets.some((target) => targets.includes(target)) ? instance.networkIndex : 0;
  }

  /** The copy of `path` among the old ones: same place, source, peer and path id (CN-4.2i). */
  private findCopy(old: PathIndex, destination: RouteTable, nlri: NlriId, path: PathIndex): PathIndex {
    const { paths } = this.store;
    for (let copy = old; copy !== NONE; copy = paths.nextCopy(copy)) {
      const route = paths.route(copy);
      if (this.store.nlri(route) !== nlri || this.store.tableOf(route) !== destination) continue;
      if (paths.peer(copy) !== paths.peer(path) || paths.pathId(copy) !== paths.pathId(path)) continue;
      if (paths.source(copy) === paths.source(path)) return copy;
    }
    return NONE;
  }

  /** Takes a copy out of the chain that starts at `head`; returns the new head. */
  private takeOut(head: PathIndex, copy: PathIndex): PathIndex {
    const { paths } = this.store;
    if (head === copy) return paths.nextCopy(copy);
    let before = head;
    while (paths.nextCopy(before) !== copy) before = paths.nextCopy(before);
    paths.setNextCopy(before, paths.nextCopy(copy));
    return head;
  }

  private isRight(copy: PathIndex, path: PathIndex, attributes: AttributesId): boolean {
    const { paths } = this.store;
    return (
      paths.attributes(copy) === attributes &&
      paths.label(copy) === paths.label(path) &&
      paths.flags(copy) === paths.flags(path)
    );
  }

  private copy(
    destination: RouteTable,
    nlri: NlriId,
    path: PathIndex,
    attributes: AttributesId,
    origin: RouteIndex,
    now: VirtualUs,
  ): PathIndex {
    const { paths } = this.store;
    const { scratch } = this;
    scratch.peer = paths.peer(path);
    scratch.source = paths.source(path) as PathSource; // the column holds nothing else
    scratch.attributes = attributes;
    scratch.label = paths.label(path);
    scratch.flags = paths.flags(path);
    scratch.pathId = paths.pathId(path) | 0;
    scratch.origin = origin;
    return this.store.addCopy(destination, nlri, scratch, now);
  }
}

/** Sources whose paths an instance stamps with its own network (CN-4.2g). */
const ORIGINATED: ReadonlySet<number> = new Set([PATH_SOURCE.BGP_XMPP, PATH_SOURCE.Aggregate, PATH_SOURCE.Local]);
