/**
 * Configuration as an agent gets it: networks, interfaces, security groups, handed over in process and in effect when a
 * control node delivers it. While none does, changes wait in order (VR-2.8/2); a restart begins with all of it waiting.
 */
import { byText } from '../base/order.ts';
import type { ConfigMessage } from '../xmpp/config-object.ts';
import type { Agent } from './agent.ts';
import type { AgentInterface, AgentNetwork, AgentSecurityGroup } from './agent-config.ts';
import type { LocalRoutes } from './local-routes.ts';
import type { Tables, VmInterface, Vrf } from './tables.ts';

export type ConfigChange =
  | { readonly kind: 'network'; readonly network: AgentNetwork }
  | { readonly kind: 'network-removed'; readonly name: string }
  | { readonly kind: 'interface'; readonly config: AgentInterface }
  | { readonly kind: 'interface-removed'; readonly name: string }
  | { readonly kind: 'groups'; readonly groups: readonly AgentSecurityGroup[] };

/** The agent around it. */
export interface ConfigurationOwner {
  readonly tables: Tables;
  readonly localRoutes: LocalRoutes;
  vrfAdded(vrf: Vrf): void;
  /** The VRF and all it holds go away. */
  vrfRemoved(vrf: Vrf): void;
  /** The first interface of a workload has come, or its last one gone. */
  machineChanged(kind: 'config-subscribe' | 'config-unsubscribe', workload: string): void;
}

/** Whoever keeps the configuration of agents and hands over what a message names; part of the state. */
export interface ConfigSink {
  configHeard(agent: Agent, message: ConfigMessage): void;
}

export class Configuration {
  private readonly owner: ConfigurationOwner;
  /** All there is, in the order it was first said. */
  private readonly known = new Map<string, ConfigChange>();
  private pending: ConfigChange[] = [];
  private delivered = false;
  /** Workloads on this host that a control node has been, or will be, asked about. */
  private readonly plugged = new Set<string>();

  constructor(owner: ConfigurationOwner) {
    this.owner = owner;
  }

  /** Changes that wait to be delivered. */
  get waiting(): number {
    return this.pending.length;
  }

  say(change: ConfigChange): void {
    const key = keyOf(change);
    if (change.kind === 'network-removed' || change.kind === 'interface-removed') this.known.delete(key);
    else this.known.set(key, change);
    if (this.delivered) this.apply(change);
    else this.pending.push(change);
  }

  /** A control node delivers: what waited takes effect, and what comes from now on at once. */
  open(): void {
    this.delivered = true;
    for (const change of this.pending.splice(0)) this.apply(change);
  }

  /** Nobody delivers any more. */
  close(): void {
    this.delivered = false;
  }

  restart(): void {
    this.delivered = false;
    this.pending = [...this.known.values()];
  }

  /** A workload is there, whether its interfaces are configured or not, and is asked for (VR-2.1/B1). */
  plug(workload: string): void {
    if (this.plugged.has(workload)) return;
    this.plugged.add(workload);
    this.owner.machineChanged('config-subscribe', workload);
  }

  unplug(workload: string): void {
    if (this.plugged.delete(workload)) this.owner.machineChanged('config-unsubscribe', workload);
  }

  /** A restart of an agent whose configuration is kept elsewhere: nothing waits here, all of it is delivered again. */
  forget(): void {
    this.delivered = false;
    this.pending = [];
    this.known.clear();
  }

  /** Workloads plugged into this host, each once. */
  machines(): string[] {
    const names = new Set(this.plugged);
    for (const change of this.known.values()) if (change.kind === 'interface') names.add(change.config.workload);
    for (const name of names) this.plugged.add(name);
    return [...names].sort(byText);
  }

  private apply(change: ConfigChange): void {
    const { tables, localRoutes } = this.owner;
    switch (change.kind) {
      case 'network':
        this.applyNetwork(change.network);
        return;
      case 'network-removed':
        this.applyNetworkRemoved(change.name);
        return;
      case 'interface': {
        const known = tables.interface(change.config.name);
        const entry = known ?? tables.addInterface(change.config);
        this.plug(change.config.workload);
        entry.config = change.config;
        localRoutes.refresh(entry);
        return;
      }
      case 'interface-removed': {
        const entry = tables.interface(change.name);
        if (entry === null) return;
        localRoutes.withdraw(entry);
        tables.removeInterface(entry);
        const { workload } = entry.config;
        const left = tables.interfaces().some((other) => other.config.workload === workload);
        if (!left) this.unplug(workload);
        return;
      }
      case 'groups':
        tables.setSecurityGroups(change.groups);
        for (const entry of tables.interfaces()) localRoutes.refresh(entry);
        return;
    }
  }

  private applyNetwork(network: AgentNetwork): void {
    const { tables, localRoutes } = this.owner;
    let vrf = tables.vrf(network.instance);
    if (vrf === null) {
      vrf = tables.addVrf(network.instance, network);
      this.owner.vrfAdded(vrf);
    } else tables.setNetwork(vrf, network);
    localRoutes.installServices(vrf);
    for (const entry of tables.interfaces()) if (concerns(entry, network.name)) localRoutes.refresh(entry);
  }

  /** The routes of interfaces in it go first, then the VRF with its subscription (VR-2.3.2). */
  private applyNetworkRemoved(name: string): void {
    const { tables, localRoutes } = this.owner;
    const vrf = tables.vrfOfNetwork(name);
    if (vrf === null) return;
    const touched = tables.interfaces().filter((entry) => concerns(entry, name));
    tables.forgetNetwork(vrf);
    for (const entry of touched) localRoutes.refresh(entry);
    localRoutes.removeServices(vrf);
    this.owner.vrfRemoved(vrf);
  }
}

function keyOf(change: ConfigChange): string {
  switch (change.kind) {
    case 'network':
      return `network ${change.network.name}`;
    case 'network-removed':
      return `network ${change.name}`;
    case 'interface':
      return `interface ${change.config.name}`;
    case 'interface-removed':
      return `interface ${change.name}`;
    case 'groups':
      return 'groups';
  }
}

function concerns(entry: VmInterface, network: string): boolean {
  return entry.config.network === network || entry.config.floatingIps.some((floating) => floating.network === network);
}
