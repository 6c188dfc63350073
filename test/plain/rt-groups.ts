/** Route target groups (CN-4.1) as lists that are walked each time something is asked. */
import { NO_PEERS, type PeerSetId, type PeerSets } from '../../src/bgp/peer-set.ts';
import type { RouteTable, TableId } from '../../src/control/route-table.ts';
import type * as sharing from '../../src/control/rt-groups.ts';
import type { Role } from '../../src/control/rt-groups.ts';
import type { CommonAttributesTable, TargetListId } from '../../src/route/common-attributes.ts';
import type { Octets8Id } from '../../src/route/octets8-table.ts';
import type { RouteIndex } from '../../src/route/path.ts';
import type { PublicOf } from './public-of.ts';

const NONE = -1;

export class RtGroup implements PublicOf<sharing.RtGroup> {
  readonly target: Octets8Id;
  readonly imports = new Set<TableId>();
  readonly exports = new Set<TableId>();
  interested: PeerSetId = NO_PEERS;
  readonly lists: TargetListId[] = [];

  constructor(target: Octets8Id) {
    this.target = target;
  }

  get includesVpnTable(): boolean {
    return this.imports.size > 0 || this.exports.size > 0;
  }
}

export class RtGroups implements PublicOf<sharing.RtGroups> {
  private readonly commons: CommonAttributesTable;
  private readonly peerSets: PeerSets;
  private groups: RtGroup[] = [];
  private everything: PeerSetId = NO_PEERS;
  /** VPN routes by the list they depend on, the one filed last first. */
  private readonly filed = new Map<TargetListId, RouteIndex[]>();

  constructor(commons: CommonAttributesTable, peerSets: PeerSets) {
    this.commons = commons;
    this.peerSets = peerSets;
  }

  find(target: Octets8Id): RtGroup | undefined {
    return this.groups.find((group) => group.target === target);
  }

  all(): readonly RtGroup[] {
    return this.groups;
  }

  join(target: Octets8Id, table: RouteTable, role: Role): void {
    const group = this.group(target);
    (role === 'import' ? group.imports : group.exports).add(table.id);
  }

  leave(target: Octets8Id, table: RouteTable, role: Role): void {
    const group = this.group(target);
    (role === 'import' ? group.imports : group.exports).delete(table.id);
    this.clear();
  }

  destinations(list: TargetListId, vpnTable: RouteTable): readonly TableId[] {
    const groups = this.commons.targetsOf(list).flatMap((target) => this.find(target) ?? []);
    const tables = groups.flatMap((group) => [...(group.includesVpnTable ? [vpnTable.id] : []), ...group.imports]);
    return [...new Set(tables)];
  }

  setInterested(target: Octets8Id, peers: PeerSetId): boolean {
    const group = this.group(target);
    const changed = group.interested !== peers;
    group.interested = peers;
    this.clear();
    return changed;
  }

  setInterestedInEverything(peers: PeerSetId): boolean {
    const changed = this.everything !== peers;
    this.everything = peers;
    return changed;
  }

  interested(list: TargetListId): PeerSetId {
    const sets = this.commons.targetsOf(list).map((target) => this.find(target)?.interested ?? NO_PEERS);
    return sets.reduce((all, set) => this.peerSets.union(all, set), this.everything);
  }

  depend(route: RouteIndex, list: TargetListId): void {
    const before = [...this.filed.keys()].find((one) => this.filed.get(one)!.includes(route));
    if ((before ?? NONE) === list) return;
    if (before !== undefined) {
      const rest = this.filed.get(before)!.filter((other) => other !== route);
      if (rest.length > 0) this.filed.set(before, rest);
      else {
        this.filed.delete(before);
        for (const target of this.commons.targetsOf(before)) {
          const { lists } = this.group(target);
          lists.splice(lists.indexOf(before), 1);
        }
        this.clear();
      }
    }
    if (list === NONE) return;
    const others = this.filed.get(list);
    if (others === undefined) for (const target of this.commons.targetsOf(list)) this.group(target).lists.push(list);
    this.filed.set(list, [route, ...(others ?? [])]);
  }

  dependents(target: Octets8Id): readonly RouteIndex[] {
    return (this.find(target)?.lists ?? []).flatMap((list) => this.filed.get(list) ?? []);
  }

  private group(target: Octets8Id): RtGroup {
    const known = this.find(target);
    if (known !== undefined) return known;
    const group = new RtGroup(target);
    this.groups.push(group);
    return group;
  }

  /** Groups that nothing is known of go (CN-4.1.2). */
  private clear(): void {
    this.groups = this.groups.filter(
      (group) => group.includesVpnTable || group.interested !== NO_PEERS || group.lists.length > 0,
    );
  }
}
