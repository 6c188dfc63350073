/**
 * Routing instances (CN-1.1, CN-1.4, CN-1.6, CN-1.9): what a network's VRF is to a control node, with the targets it
 * imports and exports. Of the five tables of an instance (CN-1.3.1) the inet one is kept.
 */
import { invariant } from '../base/invariant.ts';
import { SparseMemo } from '../base/memo.ts';
import { isFourOctet } from '../net/asn.ts';
import { rdOfAddress } from '../net/route-distinguisher.ts';
import { type RouteTarget, routeTargetOf, routeTargetOfAddress } from '../net/route-target.ts';
import { FAMILY } from '../route/family.ts';
import type { Octets8Id, Octets8Table } from '../route/octets8-table.ts';
import type { ControlNodeConfig, NetworkConfig, RoutingInstanceConfig } from './control-config.ts';
import type { RouteStore, RouteTable } from './route-table.ts';

export const MASTER_INSTANCE = 'default-domain:default-project:ip-fabric:__default__';

const ES_IMPORT_NUMBER = 7_999_999;
const ES_IMPORT_NUMBER_4 = 7_999;

export class RoutingInstance {
  readonly index: number;
  readonly name: string;
  readonly table: RouteTable;
  /** Its own RD, for paths that carry none (CN-1.4.2). */
  readonly rd: Octets8Id;
  config: RoutingInstanceConfig;
  /** 0: unknown (CN-1.4.3). */
  networkIndex = 0;
  /** In order of value, unique. */
  importTargets: readonly Octets8Id[] = [];
  exportTargets: readonly Octets8Id[] = [];
  /**
   * What a path leaves it with, by what it has in common with others: with the network of the instance added to the
   * targets, and without. Begun anew when either changes.
   */
  readonly stamped = new SparseMemo();
  readonly unstamped = new SparseMemo();
  /** Its export list was not always empty: its routes are replicated (CN-4.2.7). */
  watched = false;
  deleted = false;
  /** Configuration that came while the delete is pending (CN-1.9.4). */
  next: RoutingInstanceConfig | null = null;

  constructor(index: number, config: RoutingInstanceConfig, table: RouteTable, rd: Octets8Id) {
    this.index = index;
    this.name = config.name;
    this.config = config;
    this.table = table;
    this.rd = rd;
  }

  /** Its targets or its network changed. */
  forgetLeaving(): void {
    this.stamped.forget();
    this.unstamped.forget();
  }

  /** The linked network, else the name cut at its last colon (CN-1.1.1). */
  get network(): string {
    if (this.config.virtualNetwork !== '') return this.config.virtualNetwork;
    return this.name.slice(0, Math.max(0, this.name.lastIndexOf(':')));
  }
}

export class RoutingInstances {
  private readonly octets8: Octets8Table;
  private readonly store: RouteStore;
  private readonly node: ControlNodeConfig;
  private readonly byName = new Map<string, RoutingInstance>();
  private readonly byIndex: (RoutingInstance | null)[] = [];
  private readonly dying = new Set<RoutingInstance>();
  private readonly networkIds = new Map<string, number>();
  private readonly networkNames = new Map<number, string>();
  readonly master: RoutingInstance;

  constructor(octets8: Octets8Table, store: RouteStore, node: ControlNodeConfig) {
    this.octets8 = octets8;
    this.store = store;
    this.node = node;
    this.master = this.create({ name: MASTER_INSTANCE, virtualNetwork: '', targets: [], connections: [] }, 'inet.0');
  }

  find(name: string): RoutingInstance | undefined {
    return this.byName.get(name);
  }

  /** The instance a table belongs to. */
  ofTable(table: RouteTable): RoutingInstance {
    const instance = this.byIndex[table.instance];
    invariant(instance !== null && instance !== undefined, 'a table belongs to a living instance');
    return instance;
  }

  /** All but the master, in order of index. */
  vrfs(): readonly RoutingInstance[] {
    return this.byIndex.filter((instance) => instance !== null && instance !== this.master) as RoutingInstance[]; // null is filtered
  }

  /** Those whose delete is pending. */
  deleted(): readonly RoutingInstance[] {
    return this.dying.size === 0 ? [] : [...this.dying];
  }

  markDeleted(instance: RoutingInstance): void {
    instance.deleted = true;
    this.dying.add(instance);
  }

  /** The lowest free index is taken (CN-1.4.1). */
  create(config: RoutingInstanceConfig, tableName = `${config.name}.inet.0`): RoutingInstance {
    const free = this.byIndex.indexOf(null);
    const index = free < 0 ? this.byIndex.length : free;
    const table = this.store.createTable(tableName, FAMILY.inet, index);
    const rd = this.octets8.intern(rdOfAddress(this.node.routerId, index));
    const instance = new RoutingInstance(index, config, table, rd);
    this.byIndex[index] = instance;
    this.byName.set(config.name, instance);
    return instance;
  }

  /** The delete is complete: its index is free again (CN-1.9.3). */
  destroy(instance: RoutingInstance): void {
    this.byIndex[instance.index] = null;
    this.byName.delete(instance.name);
    this.dying.delete(instance);
    this.store.dropTable(instance.table);
  }

  setNetwork(network: NetworkConfig): void {
    const before = this.networkIds.get(network.name);
    if (before !== undefined && this.networkNames.get(before) === network.name) this.networkNames.delete(before);
    this.networkIds.set(network.name, network.id);
    if (network.id !== 0) this.networkNames.set(network.id, network.name);
  }

  networkId(name: string): number {
    return this.networkIds.get(name) ?? 0;
  }

  /** Undefined: no network of this cluster has the index, which agents are told as `unresolved` (CN-2.9.5). */
  networkName(index: number): string | undefined {
    return this.networkNames.get(index);
  }

  /** CN-1.6.4: own targets, those of joined instances, and the two every instance has. */
  importTargetsOf(instance: RoutingInstance): readonly Octets8Id[] {
    const targets: RouteTarget[] = [];
    for (const { target, mark } of instance.config.targets) if (mark !== 'export') targets.push(target);
    for (const name of instance.config.connections) {
      const joined = this.byName.get(name);
      if (joined === undefined || joined.deleted) continue;
      for (const { target, mark } of joined.config.targets) if (mark === 'both') targets.push(target);
    }
    targets.push(routeTargetOfAddress(this.node.routerId, instance.index));
    targets.push(routeTargetOf(this.node.asn, isFourOctet(this.node.asn) ? ES_IMPORT_NUMBER_4 : ES_IMPORT_NUMBER));
    return this.ordered(targets);
  }

  /** CN-1.6.5. */
  exportTargetsOf(instance: RoutingInstance): readonly Octets8Id[] {
    return this.ordered(instance.config.targets.filter(({ mark }) => mark !== 'import').map(({ target }) => target));
  }

  private ordered(targets: readonly RouteTarget[]): readonly Octets8Id[] {
    const ids = targets.map((target) => this.octets8.intern(target)).sort((a, b) => this.octets8.compare(a, b));
    return ids.filter((id, i) => i === 0 || id !== ids[i - 1]);
  }
}
