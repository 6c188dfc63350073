/** The tables of one agent: VRFs with their routes, interfaces, next hops, labels, security groups (VR-1.2). */
import { shared } from '../base/fork.ts';
import { type Ipv4, NO_ADDRESS } from '../net/ipv4.ts';
import type { RoutePool } from '../route/pool.ts';
import type { AgentConfig, AgentFloatingIp, AgentInterface, AgentNetwork, AgentSecurityGroup } from './agent-config.ts';
import { InetTable, type LocalPath } from './inet-table.ts';
import { LabelTable } from './labels.ts';
import { type NextHopId, NextHopTable } from './next-hop.ts';
import { Forwarding } from './offer.ts';
import type { OfferTable } from './offer-table.ts';
import type { PreferenceState } from './path-preference.ts';

/** VR-1.3/1. */
export const FABRIC_VRF = 'default-domain:default-project:ip-fabric:__default__';
const FABRIC_VRF_ID = 0;
/** 1 is the link-local VRF (VR-1.3/2), which holds no routes here. */
const FIRST_VRF_ID = 2;
/** vif0/0 the uplink, vif0/1 vhost0, vif0/2 pkt0 (VR-1.3/3). */
const FIRST_VIF = 3;

const NO_SERVICE: readonly ServiceRoute[] = shared([]);

export interface Vrf {
  /** Shown by `rt --dump`, and sent as instance id (VR-2.3.1). */
  readonly id: number;
  /** What is sent instead: the steps of a bare agent give it. */
  instanceId: number;
  /** Name of the routing instance. */
  readonly name: string;
  /** null: the fabric VRF, and instances of a bare agent. */
  network: AgentNetwork | null;
  readonly table: InetTable;
  /** Routes of {@link network} itself: subnets, gateways, DNS addresses (VR-1.11). */
  service: readonly ServiceRoute[];
}

/** A route that a network brings to every VRF of it: the same for all agents. */
export interface ServiceRoute {
  readonly address: number;
  readonly length: number;
  readonly path: LocalPath;
}

/** One route an interface has put into a VRF. */
export interface InstalledRoute {
  readonly vrf: Vrf;
  readonly nlri: number;
  readonly path: LocalPath;
  /** The fixed address it is, or stands for. */
  readonly fixedAddress: Ipv4;
  readonly floating: AgentFloatingIp | null;
}

/** A virtual machine interface with its tap: the record of `vif --list`. */
export interface VmInterface {
  readonly vif: number;
  config: AgentInterface;
  /** null while inactive. */
  vrf: Vrf | null;
  /** Next hop of its routes: with policy iff policy is on (VR-1.6.2). */
  nextHop: NextHopId;
  /** As a member of a group: without policy (VR-1.6.3). */
  memberNextHop: NextHopId;
  label: number;
  routes: readonly InstalledRoute[];
  /** By fixed address; null where no address has a preference of its own. */
  preferences: Map<number, PreferenceState> | null;
}

export class Tables {
  readonly pool: RoutePool;
  /** Of all agents of the world. */
  readonly offers: OfferTable;
  readonly nextHops: NextHopTable;
  readonly labels = new LabelTable();
  readonly forwarding: Forwarding;
  readonly fabric: Vrf;
  private readonly vrfsById: (Vrf | null)[] = [];
  private readonly vrfsByName = new Map<string, Vrf>();
  private readonly vrfsByNetwork = new Map<string, Vrf>();
  private readonly interfacesByVif: (VmInterface | null)[] = [];
  private readonly interfacesByName = new Map<string, VmInterface>();
  private readonly groups = new Map<string, AgentSecurityGroup>();

  constructor(pool: RoutePool, config: AgentConfig, offers: OfferTable) {
    this.pool = pool;
    this.offers = offers;
    this.nextHops = new NextHopTable(offers.tunnels);
    // What a bare agent has published it did not make: its own routes come back to it as anybody's.
    const own = config.bare ? NO_ADDRESS : config.address;
    const { encapsulationPriorities, bare } = config;
    this.forwarding = new Forwarding(own, encapsulationPriorities, bare, this.nextHops, offers, this.labels);
    this.fabric = this.newVrf(FABRIC_VRF, FABRIC_VRF_ID, null);
    for (let id = FABRIC_VRF_ID + 1; id < FIRST_VRF_ID; id++) this.vrfsById[id] = null;
  }

  /** In the order of their ids. */
  vrfs(): Vrf[] {
    return this.vrfsById.filter((vrf) => vrf !== null);
  }

  vrf(instance: string): Vrf | null {
    return this.vrfsByName.get(instance) ?? null;
  }

  vrfOfNetwork(network: string): Vrf | null {
    return this.vrfsByNetwork.get(network) ?? null;
  }

  addVrf(name: string, network: AgentNetwork | null): Vrf {
    let id = FIRST_VRF_ID;
    while (this.vrfsById[id] !== undefined && this.vrfsById[id] !== null) id++;
    return this.newVrf(name, id, network);
  }

  removeVrf(vrf: Vrf): void {
    if (this.vrfsById[vrf.id] === vrf) this.vrfsById[vrf.id] = null;
    this.vrfsByName.delete(vrf.name);
    if (vrf.network !== null) this.vrfsByNetwork.delete(vrf.network.name);
  }

  /** The VRF stays for the moment, but belongs to no network any more. */
  forgetNetwork(vrf: Vrf): void {
    if (vrf.network !== null) this.vrfsByNetwork.delete(vrf.network.name);
  }

  setNetwork(vrf: Vrf, network: AgentNetwork): void {
    vrf.network = network;
    this.vrfsByNetwork.set(network.name, vrf);
  }

  /** In the order of their vif numbers. */
  interfaces(): VmInterface[] {
    return this.interfacesByVif.filter((entry) => entry !== null && entry !== undefined);
  }

  interface(name: string): VmInterface | null {
    return this.interfacesByName.get(name) ?? null;
  }

  interfaceOfVif(vif: number): VmInterface | null {
    return this.interfacesByVif[vif] ?? null;
  }

  addInterface(config: AgentInterface): VmInterface {
    let vif = FIRST_VIF;
    while (this.interfacesByVif[vif] !== undefined && this.interfacesByVif[vif] !== null) vif++;
    while (this.interfacesByVif.length < vif) this.interfacesByVif.push(null);
    const entry: VmInterface = {
      vif,
      config,
      vrf: null,
      nextHop: -1,
      memberNextHop: -1,
      label: -1,
      routes: [],
      preferences: null,
    };
    this.interfacesByVif[vif] = entry;
    this.interfacesByName.set(config.name, entry);
    return entry;
  }

  removeInterface(entry: VmInterface): void {
    this.interfacesByVif[entry.vif] = null;
    this.interfacesByName.delete(entry.config.name);
  }

  securityGroup(name: string): AgentSecurityGroup | null {
    return this.groups.get(name) ?? null;
  }

  setSecurityGroups(groups: readonly AgentSecurityGroup[]): void {
    this.groups.clear();
    for (const group of groups) this.groups.set(group.name, group);
  }

  /** These tables are not used any more. */
  dispose(): void {
    for (const vrf of this.vrfs()) vrf.table.dispose();
  }

  private newVrf(name: string, id: number, network: AgentNetwork | null): Vrf {
    const table = new InetTable(this.pool.nlris, this.offers);
    const vrf: Vrf = { id, instanceId: id, name, network: null, table, service: NO_SERVICE };
    while (this.vrfsById.length < id) this.vrfsById.push(null);
    this.vrfsById[id] = vrf;
    this.vrfsByName.set(name, vrf);
    if (network !== null) this.setNetwork(vrf, network);
    return vrf;
  }
}
