/**
 * The agent of a compute node (VR-1, VR-2): what configuration gives it to serve, what it tells two control nodes, what
 * they tell it, and the tables that come of both.
 *
 * Configuration is handed over in process and takes effect when its time has come: while no control node delivers
 * configuration it waits (VR-2.8/2). A bare agent has no configuration: it subscribes, publishes and retracts exactly
 * what it is told.
 *
 * Left out: EVPN, multicast and its master role, DNS sessions, graceful restart (VR-2.7 with GR off).
 */
import { invariant } from '../base/invariant.ts';
import { byText } from '../base/order.ts';
import { later, NEVER, seconds, type VirtualUs } from '../base/time.ts';
import { formatIpv4, type Ipv4, NO_ADDRESS } from '../net/ipv4.ts';
import type { NlriId } from '../route/nlri.ts';
import type { RoutePool } from '../route/pool.ts';
import type { CloseReason, NodePort, SimNode, StreamId, StreamMessage } from '../sim/node.ts';
import { type EncodedItem, encodeItem, type UnicastItem } from '../xmpp/items.ts';
import { agentEndOfRib, agentMessage, routeMessages } from '../xmpp/message.ts';
import type { Delivered } from '../xmpp/session.ts';
import type { AgentConfig, AgentInterface, AgentNetwork, AgentSecurityGroup } from './agent-config.ts';
import { Channel, type ChannelOwner, SESSION_TIMER, type Slot } from './channel.ts';
import { itemOfPath } from './export.ts';
import { LocalRoutes, type LocalRoutesOwner, type PreferenceTimer } from './local-routes.ts';
import { stateDigest } from './state-digest.ts';
import { Tables, type VmInterface, type Vrf } from './tables.ts';

/** Kinds of this node's timers; {@link SESSION_TIMER} is 1. */
const START = 0;
const END_OF_CONFIG = 2;
const END_OF_RIB_TX = 3;
const PROBE = 4;
const GIVE_UP = 5;
const PREFERENCE_TIMERS: Readonly<Record<PreferenceTimer, number>> = { probe: PROBE, 'give-up': GIVE_UP };

/** Both end-of-config and end-of-RIB Tx end at their first poll with graceful restart off (VR-2.7/1, VR-2.7/2). */
const POLL = seconds(5);

/** A control node's channel as a person and the world's quiescence see it. */
export interface AgentSession {
  readonly slot: Slot;
  readonly remote: Ipv4;
  readonly state: string;
  readonly attempts: number;
  readonly configMaster: boolean;
  readonly sequence: number;
  readonly stream: StreamId | null;
}

/** Contractual counters of an agent; `resent` counts what a walk says again (VR-2.2.5). */
export const AGENT_COUNTERS = {
  publishes: 'xmpp publishes',
  retracts: 'xmpp retracts',
  resent: 'xmpp publishes resent',
  fibWrites: 'fib writes',
  received: 'xmpp routes received',
  withdrawn: 'xmpp retracts received',
} as const;

type ConfigChange =
  | { readonly kind: 'network'; readonly network: AgentNetwork }
  | { readonly kind: 'network-removed'; readonly name: string }
  | { readonly kind: 'interface'; readonly config: AgentInterface }
  | { readonly kind: 'interface-removed'; readonly name: string }
  | { readonly kind: 'groups'; readonly groups: readonly AgentSecurityGroup[] };

interface BareRoute {
  readonly vrf: string;
  readonly encoded: EncodedItem;
}

export class Agent implements SimNode, ChannelOwner, LocalRoutesOwner {
  readonly kind = 'agent';
  readonly name: string;
  readonly addresses: readonly number[];
  readonly config: AgentConfig;
  readonly pool: RoutePool;
  private current: Tables;
  private local: LocalRoutes;
  private attached: NodePort | null = null;
  private channels: [Channel | null, Channel | null] = [null, null];
  /** Configured servers, the lost ones behind (VR-2.1/5). */
  private servers: Ipv4[] = [];
  private configMaster: Slot | -1 = -1;
  /** Configuration has arrived since somebody delivers it: changes take effect at once. */
  private configOpen = false;
  private pending: ConfigChange[] = [];
  /** All configuration there is, for a restart; in the order it was first said. */
  private readonly known = new Map<string, ConfigChange>();
  /** What control nodes have last been told of each route of each VRF. */
  private exported = new Map<Vrf, Map<NlriId, EncodedItem>>();
  private readonly bareRoutes = new Map<string, BareRoute>();
  private readonly bareInstances = new Map<string, { readonly id: number; readonly noRibout: boolean }>();
  private routeNumber = 0;
  private subscribeNumber = 0;
  private fibWrites = 0;
  private failures = 0;
  private startedBefore = false;

  constructor(pool: RoutePool, config: AgentConfig) {
    this.pool = pool;
    this.config = config;
    this.name = config.name;
    this.addresses = [config.address];
    this.current = new Tables(pool, config);
    this.local = new LocalRoutes(this.current, this, config.address, config.pathPreference);
  }

  attach(port: NodePort): void {
    this.attached = port;
  }

  // ---------------------------------------------------------------------------------------------- what others look at

  get address(): Ipv4 {
    return this.config.address;
  }

  get tables(): Tables {
    return this.current;
  }

  /** The control nodes of the two slots; 0.0.0.0 for an empty slot. */
  get controlNodes(): readonly [Ipv4, Ipv4] {
    return [this.channels[0]?.server ?? NO_ADDRESS, this.channels[1]?.server ?? NO_ADDRESS];
  }

  /** The slot whose control node has the lower address: its path wins a tie (VR-2.6.p5). */
  get lowerSlot(): Slot {
    const [first, second] = this.channels;
    return first !== null && second !== null && second.server < first.server ? 1 : 0;
  }

  sessions(): AgentSession[] {
    const sessions: AgentSession[] = [];
    for (const channel of this.channels) {
      if (channel === null) continue;
      sessions.push({
        slot: channel.slot,
        remote: channel.server,
        state: channel.session.state,
        attempts: channel.session.attempts,
        configMaster: this.configMaster === channel.slot,
        sequence: channel.sequence,
        stream: channel.stream < 0 ? null : channel.stream,
      });
    }
    return sessions;
  }

  /** Configuration that waits for a control node to deliver it. */
  get pendingConfiguration(): number {
    return this.pending.length;
  }

  /** Equal for agents that hold the same, whatever ids and labels they gave. */
  stateDigest(): string {
    return stateDigest(this);
  }

  // -------------------------------------------------------------------------------------------------- configuration

  addNetwork(network: AgentNetwork): void {
    this.configure(`network ${network.name}`, { kind: 'network', network });
  }

  removeNetwork(network: AgentNetwork): void {
    this.configure(`network ${network.name}`, { kind: 'network-removed', name: network.name });
  }

  addInterface(config: AgentInterface): void {
    this.configure(`interface ${config.name}`, { kind: 'interface', config });
  }

  updateInterface(config: AgentInterface): void {
    this.configure(`interface ${config.name}`, { kind: 'interface', config });
  }

  removeInterface(config: AgentInterface): void {
    this.configure(`interface ${config.name}`, { kind: 'interface-removed', name: config.name });
  }

  /** All groups of interest to this host; groups not named are gone. */
  setSecurityGroups(groups: readonly AgentSecurityGroup[]): void {
    this.configure('groups', { kind: 'groups', groups });
  }

  private configure(key: string, change: ConfigChange): void {
    if (change.kind === 'network-removed' || change.kind === 'interface-removed') this.known.delete(key);
    else this.known.set(key, change);
    if (!this.configOpen) {
      this.pending.push(change);
      return;
    }
    this.apply(change);
    this.afterwards();
  }

  private apply(change: ConfigChange): void {
    switch (change.kind) {
      case 'network':
        this.applyNetwork(change.network);
        return;
      case 'network-removed':
        this.applyNetworkRemoved(change.name);
        return;
      case 'interface': {
        const known = this.tables.interface(change.config.name);
        const entry = known ?? this.tables.addInterface(change.config);
        entry.config = change.config;
        if (known === null) this.sendMachine('config-subscribe', change.config.workload);
        this.local.refresh(entry);
        return;
      }
      case 'interface-removed': {
        const entry = this.tables.interface(change.name);
        if (entry === null) return;
        this.local.withdraw(entry);
        this.tables.removeInterface(entry);
        const left = this.tables.interfaces().some((other) => other.config.workload === entry.config.workload);
        if (!left) this.sendMachine('config-unsubscribe', entry.config.workload);
        return;
      }
      case 'groups':
        this.tables.setSecurityGroups(change.groups);
        for (const entry of this.tables.interfaces()) this.local.refresh(entry);
        return;
    }
  }

  private applyNetwork(network: AgentNetwork): void {
    let vrf = this.tables.vrf(network.instance);
    if (vrf === null) {
      vrf = this.tables.addVrf(network.instance, network);
      // A new VRF waits for nothing (VR-2.7.5).
      for (const channel of this.readyChannels()) this.subscribeVrf(channel, vrf);
    } else this.tables.setNetwork(vrf, network);
    this.local.installServices(vrf);
    for (const entry of this.tables.interfaces()) {
      if (concerns(entry, network.name)) this.local.refresh(entry);
    }
  }

  /** The interfaces in it go first, then the VRF with its subscription (VR-2.3.2). */
  private applyNetworkRemoved(name: string): void {
    const vrf = this.tables.vrfOfNetwork(name);
    if (vrf === null) return;
    const touched = this.tables.interfaces().filter((entry) => concerns(entry, name));
    this.tables.forgetNetwork(vrf);
    for (const entry of touched) this.local.refresh(entry);
    this.removeVrf(vrf);
  }

  private removeVrf(vrf: Vrf): void {
    for (const channel of this.readyChannels()) {
      if (!channel.subscribed.delete(vrf)) continue;
      const id = `unsubscribe${this.subscribeNumber++}`;
      channel.send(this.iq({ kind: 'unsubscribe', id, instance: vrf.name, instanceId: vrf.instanceId }));
    }
    this.local.removeServices(vrf);
    for (const row of vrf.table.rows()) {
      for (const slot of [0, 1]) vrf.table.clearOffer(row, slot);
      this.routeChanged(vrf, row);
    }
    this.exported.delete(vrf);
    if (vrf !== this.tables.fabric) this.tables.removeVrf(vrf);
  }

  // --------------------------------------------------------------------------------------------- what a bare agent does

  /** `raw`: the stanza is sent even where it makes no sense, and nothing is remembered of it. */
  subscribe(instance: string, id: number, noRibout: boolean, raw: boolean): void {
    if (raw) {
      const subscription = {
        kind: 'subscribe',
        id: `subscribe${this.subscribeNumber++}`,
        instance,
        instanceId: id,
        noRibout,
      } as const;
      for (const channel of this.readyChannels()) channel.send(this.iq(subscription));
      return;
    }
    if (this.bareInstances.has(instance)) return;
    this.bareInstances.set(instance, { id, noRibout });
    const vrf = this.tables.vrf(instance) ?? this.tables.addVrf(instance, null);
    vrf.instanceId = id;
    for (const channel of this.readyChannels()) this.subscribeVrf(channel, vrf);
    this.afterwards();
  }

  unsubscribe(instance: string, raw: boolean): void {
    if (raw) {
      const id = `unsubscribe${this.subscribeNumber++}`;
      for (const channel of this.readyChannels())
        channel.send(this.iq({ kind: 'unsubscribe', id, instance, instanceId: -1 }));
      return;
    }
    const vrf = this.tables.vrf(instance);
    if (vrf === null || !this.bareInstances.delete(instance)) return;
    for (const [key, route] of this.bareRoutes) if (route.vrf === instance) this.bareRoutes.delete(key);
    this.removeVrf(vrf);
    this.afterwards();
  }

  /** Says exactly this item; it is said again to a channel that comes up later. */
  publish(instance: string, item: UnicastItem, raw: boolean): void {
    const encoded = encodeItem(item, 'agent', this.pool.nlris);
    if (!raw) this.bareRoutes.set(`${instance} ${item.nlri}`, { vrf: instance, encoded });
    this.sendBare(instance, encoded, true, raw);
  }

  retract(instance: string, item: UnicastItem, raw: boolean): void {
    const key = `${instance} ${item.nlri}`;
    if (!raw && !this.bareRoutes.delete(key)) return;
    this.sendBare(instance, encodeItem(item, 'agent', this.pool.nlris), false, raw);
  }

  /** Octets as they are, on every channel that is up. */
  sendRaw(octets: Uint8Array): void {
    for (const channel of this.readyChannels()) this.port.sendOctets(channel.stream, octets);
  }

  endOfRib(): void {
    for (const channel of this.readyChannels()) channel.send(agentEndOfRib(this.name));
  }

  /** An operator's clear of the session with one control node. */
  clearSession(server: number): void {
    for (const channel of this.channels) if (channel?.server === server) channel.clear();
  }

  private sendBare(instance: string, encoded: EncodedItem, associate: boolean, raw: boolean): void {
    const vrf = this.tables.vrf(instance);
    for (const channel of this.readyChannels()) {
      if (raw || (vrf !== null && channel.subscribed.has(vrf))) this.sendRoute(channel, instance, encoded, associate);
    }
  }

  // ----------------------------------------------------------------------------------------------------- the kernel's calls

  started(): void {
    if (this.startedBefore) this.restartEmpty();
    this.startedBefore = true;
    if (this.config.startDelay === NEVER) return;
    this.port.setTimer(START, 0, 0, later(this.port.now(), this.config.startDelay), false);
  }

  stopped(): void {
    for (const channel of this.channels) channel?.shut();
    for (const kind of [START, END_OF_CONFIG, END_OF_RIB_TX]) this.port.cancelTimer(kind, 0, 0);
  }

  streamAccepted(stream: StreamId): void {
    this.port.close(stream, 'reset');
  }

  streamConnected(stream: StreamId): void {
    this.channelOf(stream)?.connected();
    this.afterwards();
  }

  streamClosed(stream: StreamId, _reason: CloseReason): void {
    this.channelOf(stream)?.closed();
    this.afterwards();
  }

  messageReceived(stream: StreamId, message: StreamMessage): void {
    this.channelOf(stream)?.received(message);
    this.afterwards();
  }

  octetsReceived(stream: StreamId, octets: Uint8Array): void {
    this.channelOf(stream)?.receivedOctets(octets);
    this.afterwards();
  }

  streamDrained(_stream: StreamId): void {}

  timerFired(kind: number, a: number, b: number): void {
    switch (kind) {
      case START:
        this.connectAll();
        break;
      case SESSION_TIMER:
        this.channels[a as Slot]?.timerFired(); // set with a slot
        break;
      case END_OF_CONFIG:
        this.openConfiguration();
        this.port.setTimer(END_OF_RIB_TX, 0, 0, later(this.port.now(), POLL), false);
        break;
      case END_OF_RIB_TX:
        for (const channel of this.readyChannels()) this.walk(channel);
        break;
      case PROBE: {
        const entry = this.tables.interfaceOfVif(a);
        if (entry !== null) this.local.answered(entry, b);
        break;
      }
      case GIVE_UP: {
        const entry = this.tables.interfaceOfVif(a);
        if (entry !== null) this.local.giveUp(entry, b);
        break;
      }
    }
    this.afterwards();
  }

  // ------------------------------------------------------------------------------------------------------------- channels

  /** Shuffles the configured servers and takes the first two (VR-2.1/1). */
  private connectAll(): void {
    const servers = [...this.config.controlNodes];
    const random = this.port.random('control-nodes');
    for (let i = servers.length - 1; i > 0; i--) {
      const j = random.integer(0, i);
      [servers[i], servers[j]] = [servers[j]!, servers[i]!];
    }
    this.servers = servers;
    for (const slot of [0, 1] as const) {
      const server = servers[slot];
      if (server !== undefined) this.openChannel(slot, server);
    }
  }

  private openChannel(slot: Slot, server: Ipv4): void {
    const hopeless = this.failures >= this.servers.length;
    const channel = new Channel(this, this.port, this.pool.nlris, this.config, slot, server, hopeless);
    this.channels[slot] = channel;
    channel.start();
  }

  channelReady(channel: Channel): void {
    this.failures = 0;
    channel.sequence++;
    this.port.note('xmpp.ready', formatIpv4(channel.server));
    // End-of-RIB Rx takes no time without graceful restart: what an earlier session left goes now (VR-2.8/3).
    this.sweep(channel.slot);
    if (this.config.bare) this.walk(channel);
    else if (this.configMaster < 0) this.becomeConfigMaster(channel);
    else this.walk(channel);
  }

  /** Paths are kept and used (VR-2.2.b3); the config master moves (VR-2.2.b2). */
  channelLost(channel: Channel, because: string): void {
    channel.subscribed.clear();
    this.port.note('xmpp.lost', `${formatIpv4(channel.server)} ${because}`);
    if (this.configMaster !== channel.slot) return;
    this.configMaster = -1;
    this.port.cancelTimer(END_OF_CONFIG, 0, 0);
    this.port.cancelTimer(END_OF_RIB_TX, 0, 0);
    const other = this.channels[channel.slot === 0 ? 1 : 0];
    if (other?.ready) this.becomeConfigMaster(other);
    else this.configOpen = false;
  }

  /** With more than two servers the slot turns to another, and the paths of the lost one go (VR-2.1/5). */
  channelTimedOut(channel: Channel): void {
    this.failures++;
    if (this.servers.length <= 2 || this.channels[channel.slot] !== channel) return;
    const other = this.channels[channel.slot === 0 ? 1 : 0]?.server;
    this.servers = [...this.servers.filter((server) => server !== channel.server), channel.server];
    const next = this.servers.find((server) => server !== other && server !== channel.server);
    if (next === undefined) return;
    channel.shut();
    this.sweep(channel.slot);
    this.openChannel(channel.slot, next);
  }

  channelDelivered(channel: Channel, stanza: Delivered): void {
    if (stanza.kind === 'reach') this.learn(channel, stanza.table.instance, stanza.items);
    else if (stanza.kind === 'unreach') this.unlearn(channel, stanza.table.instance, stanza.nlris);
    else if (stanza.kind === 'config' && this.configMaster === channel.slot) this.openConfiguration();
  }

  private becomeConfigMaster(channel: Channel): void {
    this.configMaster = channel.slot;
    const name = `default-global-system-config:${this.name}`;
    channel.send(this.iq({ kind: 'config-subscribe', object: 'virtual-router', name }));
    for (const machine of this.machines()) {
      channel.send(this.iq({ kind: 'config-subscribe', object: 'virtual-machine', name: machine }));
    }
    this.port.cancelTimer(END_OF_RIB_TX, 0, 0);
    this.port.setTimer(END_OF_CONFIG, 0, 0, later(this.port.now(), POLL), false);
  }

  private openConfiguration(): void {
    this.configOpen = true;
    for (const change of this.pending.splice(0)) this.apply(change);
  }

  /** Every VRF that this session has not subscribed yet, with every route of it, then the marker (VR-2.2.5). */
  private walk(channel: Channel): void {
    for (const vrf of this.tables.vrfs()) {
      if (channel.subscribed.has(vrf) || (this.config.bare && !this.bareInstances.has(vrf.name))) continue;
      this.subscribeVrf(channel, vrf);
      for (const encoded of this.exportedOf(vrf)) {
        this.sendRoute(channel, vrf.name, encoded, true);
        if (channel.sequence > 1) this.port.count(AGENT_COUNTERS.resent);
      }
    }
    if (!this.config.bare) channel.send(agentEndOfRib(this.name));
  }

  private subscribeVrf(channel: Channel, vrf: Vrf): void {
    channel.subscribed.add(vrf);
    const noRibout = this.bareInstances.get(vrf.name)?.noRibout ?? false;
    const id = `subscribe${this.subscribeNumber++}`;
    channel.send(this.iq({ kind: 'subscribe', id, instance: vrf.name, instanceId: vrf.instanceId, noRibout }));
  }

  private sendRoute(channel: Channel, instance: string, encoded: EncodedItem, associate: boolean): void {
    const number = this.routeNumber++;
    const [publish, collection] = routeMessages(this.name, instance, encoded, associate, number, this.pool.nlris);
    channel.send(publish);
    channel.send(collection);
    this.port.count(associate ? AGENT_COUNTERS.publishes : AGENT_COUNTERS.retracts);
  }

  private sendMachine(kind: 'config-subscribe' | 'config-unsubscribe', name: string): void {
    const master = this.channels.find((channel) => channel?.slot === this.configMaster);
    if (master?.ready) master.send(this.iq({ kind, object: 'virtual-machine', name }));
  }

  /** Workloads plugged into this host, each once. */
  private machines(): string[] {
    const names = new Set<string>();
    for (const change of this.known.values()) if (change.kind === 'interface') names.add(change.config.workload);
    return [...names].sort(byText);
  }

  // --------------------------------------------------------------------------------------------------------------- routes

  private learn(channel: Channel, instance: string, items: readonly (UnicastItem | null)[]): void {
    this.port.count(AGENT_COUNTERS.received, items.length);
    const vrf = this.tables.vrf(instance);
    if (vrf === null || (vrf === this.tables.fabric && !this.config.bare)) return; // VR-2.6/1, VR-2.6.p2
    const { forwarding } = this.tables;
    for (const item of items) {
      if (item === null || item.nlri < 0 || !forwarding.accepts(item)) continue;
      const row = vrf.table.setOffer(item.nlri, channel.slot, item);
      this.routeChanged(vrf, row);
      if (vrf.table.localPathsAt(row).length > 0) this.local.claimed(vrf, row);
    }
  }

  private unlearn(channel: Channel, instance: string, nlris: readonly NlriId[]): void {
    this.port.count(AGENT_COUNTERS.withdrawn, nlris.length);
    const vrf = this.tables.vrf(instance);
    if (vrf === null) return;
    for (const nlri of nlris) {
      const row = vrf.table.row(nlri);
      if (row < 0 || vrf.table.offerAt(row, channel.slot) === null) continue;
      vrf.table.clearOffer(row, channel.slot);
      this.routeChanged(vrf, row);
    }
  }

  /** Deletes what the slot's control node said in earlier sessions (VR-2.2.p1). */
  private sweep(slot: Slot): void {
    for (const vrf of this.tables.vrfs()) {
      for (const row of vrf.table.rows()) {
        if (vrf.table.offerAt(row, slot) === null) continue;
        vrf.table.clearOffer(row, slot);
        this.routeChanged(vrf, row);
      }
    }
  }

  routeChanged(vrf: Vrf, row: number): void {
    const nlri = vrf.table.nlriAt(row);
    if (!vrf.table.choose(row, this.lowerSlot, this.tables.forwarding)) return;
    this.fibWrites++;
    if (this.attached !== null)
      this.attached.tableChanged(vrf.name, () => this.pool.nlris.format(nlri), vrf.table.row(nlri) < 0 ? -1 : 1);
  }

  exportRoute(vrf: Vrf, nlri: NlriId): void {
    const path = exportablePath(vrf, nlri);
    const told = this.exported.get(vrf) ?? new Map<NlriId, EncodedItem>();
    this.exported.set(vrf, told);
    const before = told.get(nlri);
    if (path === null) {
      if (before === undefined) return;
      told.delete(nlri);
      for (const channel of this.subscribers(vrf)) this.sendRoute(channel, vrf.name, before, false);
      return;
    }
    const encoded = encodeItem(itemOfPath(path, nlri, this.config.address), 'agent', this.pool.nlris);
    if (before !== undefined && before.text === encoded.text) return;
    told.set(nlri, encoded);
    for (const channel of this.subscribers(vrf)) this.sendRoute(channel, vrf.name, encoded, true);
  }

  private exportedOf(vrf: Vrf): EncodedItem[] {
    const encoded: EncodedItem[] = [];
    if (this.config.bare) {
      for (const route of this.bareRoutes.values()) if (route.vrf === vrf.name) encoded.push(route.encoded);
    } else encoded.push(...(this.exported.get(vrf)?.values() ?? []));
    return encoded.sort((a, b) => this.pool.nlris.compare(a.item.nlri, b.item.nlri));
  }

  private subscribers(vrf: Vrf): Channel[] {
    return this.readyChannels().filter((channel) => channel.subscribed.has(vrf));
  }

  // ------------------------------------------------------------------------------------------------------------- the rest

  now(): VirtualUs {
    return this.attached?.now() ?? (0 as VirtualUs); // before it is attached nothing has happened
  }

  setPreferenceTimer(purpose: PreferenceTimer, vif: number, address: number, at: VirtualUs, background: boolean): void {
    this.attached?.setTimer(PREFERENCE_TIMERS[purpose], vif, address, at, background);
  }

  cancelPreferenceTimer(purpose: PreferenceTimer, vif: number, address: number): void {
    this.attached?.cancelTimer(PREFERENCE_TIMERS[purpose], vif, address);
  }

  private get port(): NodePort {
    invariant(this.attached !== null, 'an agent is attached to a port before it is started');
    return this.attached;
  }

  private readyChannels(): Channel[] {
    return this.channels.filter((channel) => channel?.ready === true) as Channel[]; // the filter leaves no null
  }

  private channelOf(stream: StreamId): Channel | null {
    for (const channel of this.channels) if (channel !== null && channel.stream === stream) return channel;
    return null;
  }

  private iq(stanza: Parameters<typeof agentMessage>[0]): StreamMessage {
    return agentMessage(stanza, this.name, this.pool.nlris);
  }

  /** Counters move once for what one event did. */
  private afterwards(): void {
    if (this.fibWrites > 0) this.attached?.count(AGENT_COUNTERS.fibWrites, this.fibWrites);
    this.fibWrites = 0;
  }

  /** A restarted agent knows nothing (VR-2.8/6): its configuration is delivered again. */
  private restartEmpty(): void {
    this.current = new Tables(this.pool, this.config);
    this.local = new LocalRoutes(this.current, this, this.config.address, this.config.pathPreference);
    this.channels = [null, null];
    this.exported = new Map();
    this.configMaster = -1;
    this.configOpen = false;
    this.failures = 0;
    this.pending = [...this.known.values()];
    for (const [instance, { id }] of this.bareInstances) {
      (this.tables.vrf(instance) ?? this.tables.addVrf(instance, null)).instanceId = id;
    }
  }
}

function concerns(entry: VmInterface, network: string): boolean {
  return entry.config.network === network || entry.config.floatingIps.some((floating) => floating.network === network);
}

/** The first path of a workload or a group of them, active or not (VR-1.8.p4). */
function exportablePath(vrf: Vrf, nlri: NlriId) {
  const row = vrf.table.row(nlri);
  if (row < 0) return null;
  return vrf.table.localPathsAt(row).find((path) => path.source !== 'local') ?? null;
}
