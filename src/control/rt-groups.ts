/**
 * Route target groups (CN-4.1): for each target the tables that import and export it, the BGP peers that asked for it,
 * and the VPN routes whose best path carries it.
 *
 * Routes depend on lists of targets, of which there are few; a list is filed under each of its targets. Which tables
 * and which peers a list leads to is remembered until membership or interest changes.
 */
import { Int32Column } from '../base/columns.ts';
import { IdMemo, Memo, UNKNOWN } from '../base/memo.ts';
import { NO_PEERS, type PeerSetId, type PeerSets } from '../bgp/peer-set.ts';
import type { CommonAttributesTable, TargetListId } from '../route/common-attributes.ts';
import type { Octets8Id } from '../route/octets8-table.ts';
import { NONE, type RouteIndex } from '../route/path.ts';
import type { RouteTable, TableId } from './route-table.ts';

export type Role = 'import' | 'export';

export class RtGroup {
  readonly target: Octets8Id;
  readonly imports = new Set<TableId>();
  readonly exports = new Set<TableId>();
  /** Peers behind the route-target routes of this target (CN-4.6.3). */
  interested: PeerSetId = NO_PEERS;
  /** Lists with this target that some VPN route depends on, in order of first use. */
  readonly lists: TargetListId[] = [];

  constructor(target: Octets8Id) {
    this.target = target;
  }

  /** The VPN table is in both sets while some VRF table is in one (CN-4.1.2). */
  get includesVpnTable(): boolean {
    return this.imports.size > 0 || this.exports.size > 0;
  }
}

export class RtGroups {
  private readonly commons: CommonAttributesTable;
  private readonly peerSets: PeerSets;
  private readonly groups = new Map<Octets8Id, RtGroup>();
  private readonly destinationsOf = new Memo<TargetListId, readonly TableId[]>();
  private readonly interestedIn = new IdMemo();
  /** Peers that sent the default route (RFC 4684 §4): interested in everything. */
  private everything: PeerSetId = NO_PEERS;
  private readonly listHeads = new Map<TargetListId, RouteIndex>();
  private readonly listOfRoute = new Int32Column();
  private readonly nextOfRoute = new Int32Column();
  private readonly previousOfRoute = new Int32Column();

  constructor(commons: CommonAttributesTable, peerSets: PeerSets) {
    this.commons = commons;
    this.peerSets = peerSets;
  }

  find(target: Octets8Id): RtGroup | undefined {
    return this.groups.get(target);
  }

  /** In order of creation. */
  all(): readonly RtGroup[] {
    return [...this.groups.values()];
  }

  join(target: Octets8Id, table: RouteTable, role: Role): void {
    const group = this.group(target);
    (role === 'import' ? group.imports : group.exports).add(table.id);
    this.destinationsOf.forget();
  }

  leave(target: Octets8Id, table: RouteTable, role: Role): void {
    const group = this.group(target);
    (role === 'import' ? group.imports : group.exports).delete(table.id);
    this.destinationsOf.forget();
    this.removeIfIdle(group);
  }

  /** The VRF tables importing any target of the list, and whether the VPN table does: the union of CN-4.2f. */
  destinations(list: TargetListId, vpnTable: RouteTable): readonly TableId[] {
    const known = this.destinationsOf.get(list);
    if (known !== undefined) return known;
    const tables = new Set<TableId>();
    for (const target of this.commons.targetsOf(list)) {
      const group = this.groups.get(target);
      if (group === undefined) continue;
      if (group.includesVpnTable) tables.add(vpnTable.id);
      for (const table of group.imports) tables.add(table);
    }
    return this.destinationsOf.set(list, [...tables]);
  }

  /** Sets who asked for a target; false when that changes nothing. */
  setInterested(target: Octets8Id, peers: PeerSetId): boolean {
    const group = this.group(target);
    const changed = group.interested !== peers;
    group.interested = peers;
    if (changed) this.interestedIn.forget();
    this.removeIfIdle(group);
    return changed;
  }

  setInterestedInEverything(peers: PeerSetId): boolean {
    const changed = this.everything !== peers;
    this.everything = peers;
    if (changed) this.interestedIn.forget();
    return changed;
  }

  /** Peers interested in any target of the list, or in everything (CN-4.5.1). */
  interested(list: TargetListId): PeerSetId {
    const known = this.interestedIn.get(list);
    if (known !== UNKNOWN) return known;
    let peers = this.everything;
    for (const target of this.commons.targetsOf(list)) {
      peers = this.peerSets.union(peers, this.groups.get(target)?.interested ?? NO_PEERS);
    }
    return this.interestedIn.set(list, peers);
  }

  /** Files a VPN route under the targets of its best path; {@link NONE} takes it out (CN-4.1.3, CN-Q27). */
  depend(route: RouteIndex, list: TargetListId): void {
    this.listOfRoute.extend(route + 1, NONE);
    this.nextOfRoute.extend(route + 1, NONE);
    this.previousOfRoute.extend(route + 1, NONE);
    const before = this.listOfRoute.get(route);
    if (before === list) return;
    if (before !== NONE) this.unlink(route, before);
    this.listOfRoute.set(route, list);
    if (list === NONE) return;
    const head = this.listHeads.get(list);
    this.nextOfRoute.set(route, head ?? NONE);
    this.previousOfRoute.set(route, NONE);
    if (head === undefined) {
      for (const target of this.commons.targetsOf(list)) this.group(target).lists.push(list);
    } else this.previousOfRoute.set(head, route);
    this.listHeads.set(list, route);
  }

  /** The VPN routes that depend on a target. */
  dependents(target: Octets8Id): readonly RouteIndex[] {
    const routes: RouteIndex[] = [];
    for (const list of this.groups.get(target)?.lists ?? []) {
      for (let route = this.listHeads.get(list)!; route !== NONE; route = this.nextOfRoute.get(route))
        routes.push(route);
    }
    return routes;
  }

  private unlink(route: RouteIndex, list: TargetListId): void {
    const next = this.nextOfRoute.get(route);
    const previous = this.previousOfRoute.get(route);
    if (next !== NONE) this.previousOfRoute.set(next, previous);
    if (previous !== NONE) {
      this.nextOfRoute.set(previous, next);
      return;
    }
    if (next !== NONE) {
      this.listHeads.set(list, next);
      return;
    }
    this.listHeads.delete(list);
    for (const target of this.commons.targetsOf(list)) {
      const group = this.group(target);
      group.lists.splice(group.lists.indexOf(list), 1);
      this.removeIfIdle(group);
    }
  }

  private group(target: Octets8Id): RtGroup {
    let group = this.groups.get(target);
    if (group === undefined) {
      group = new RtGroup(target);
      this.groups.set(target, group);
    }
    return group;
  }

  private removeIfIdle(group: RtGroup): void {
    if (group.includesVpnTable || group.interested !== NO_PEERS || group.lists.length > 0) return;
    this.groups.delete(group.target);
  }
}
