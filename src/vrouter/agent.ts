/**
 * The agent of a compute node (VR-1, VR-2): what configuration gives it to serve, what it tells two control nodes, what
 * they tell it, and the tables that come of both.
 *
 * A bare agent has no configuration: it subscribes, publishes and retracts exactly what it is told.
 *
 * Left out: EVPN, multicast and its master role, DNS sessions, graceful restart (VR-2.7 with GR off).
 */
import { invariant } from '../base/invariant.ts';
import { later, NEVER, seconds, type VirtualUs, virtualUs } from '../base/time.ts';
import { formatIpv4, type Ipv4, ipv4 } from '../net/ipv4.ts';
import type { NlriId } from '../route/nlri.ts';
import type { RoutePool } from '../route/pool.ts';
import type { CloseReason, NodePort, SimNode, StreamId, StreamMessage } from '../sim/node.ts';
import { type EncodedItem, encodeItem, type UnicastItem } from '../xmpp/items.ts';
import type { Delivered } from '../xmpp/session.ts';
import type { AgentConfig, AgentInterface, AgentNetwork, AgentSecurityGroup } from './agent-config.ts';
import { BareIntent } from './bare.ts';
import { type Channel, type ChannelOwner, SESSION_TIMER, type Slot } from './channel.ts';
import { type AgentSession, Channels } from './channels.ts';
import { type ConfigSink, Configuration, type ConfigurationOwner } from './configuration.ts';
import { AGENT_COUNTERS } from './counters.ts';
import { LocalRoutes, type LocalRoutesOwner, type PreferenceTimer } from './local-routes.ts';
import type { NextHopId } from './next-hop.ts';
import { offerTable } from './offer-table.ts';
import { Publisher } from './publisher.ts';
import { stateDigest } from './state-digest.ts';
import { Tables, type Vrf } from './tables.ts';

/** Kinds of this node's timers; {@link SESSION_TIMER} is 1. */
const START = 0;
const END_OF_CONFIG = 2;
const END_OF_RIB_TX = 3;
const PROBE = 4;
const GIVE_UP = 5;
const TIMER_WORDS: readonly string[] = [
  'its start',
  'an XMPP session',
  'the end of its configuration',
  'the time of its End-of-RIB',
  'the answer of a workload to ARP',
  'the time to give an address up',
];
const PREFERENCE_TIMERS: Readonly<Record<PreferenceTimer, number>> = { probe: PROBE, 'give-up': GIVE_UP };

/** Both end-of-config and end-of-RIB Tx end at their first poll with graceful restart off (VR-2.7/1, VR-2.7/2). */
const POLL = seconds(5);

export class Agent implements SimNode, ChannelOwner, LocalRoutesOwner, ConfigurationOwner {
  readonly kind = 'agent';
  readonly name: string;
  readonly addresses: readonly number[];
  readonly config: AgentConfig;
  readonly pool: RoutePool;
  tables: Tables;
  localRoutes: LocalRoutes;
  /** null: the first message of configuration delivers all that has been said to this agent. */
  configSink: ConfigSink | null = null;
  private attached: NodePort | null = null;
  private channels = new Channels();
  private publisher: Publisher;
  readonly configuration: Configuration;
  private readonly bare = new BareIntent();
  private fibWrites = 0;
  private startedBefore = false;

  constructor(pool: RoutePool, config: AgentConfig) {
    this.pool = pool;
    this.config = config;
    this.name = config.name;
    this.addresses = [config.address];
    this.tables = new Tables(pool, config, offerTable(pool));
    this.localRoutes = new LocalRoutes(this.tables, this, config.address, config.pathPreference);
    this.publisher = new Publisher(pool, config);
    this.configuration = new Configuration(this);
  }

  attach(port: NodePort): void {
    this.attached = port;
  }

  // What others look at

  get waitsFor(): readonly string[] {
    return TIMER_WORDS;
  }

  get address(): Ipv4 {
    return this.config.address;
  }

  /** The control nodes of the two slots; 0.0.0.0 for an empty slot. */
  get controlNodes(): readonly [Ipv4, Ipv4] {
    return this.channels.servingAddresses;
  }

  get lowerSlot(): Slot {
    return this.channels.lowerSlot;
  }

  sessions(): AgentSession[] {
    return this.channels.sessions();
  }

  /** The control node that delivers configuration now, or null. */
  get configServer(): Ipv4 | null {
    const master = this.channels.at(this.channels.configMaster);
    return master?.ready ? ipv4(master.server) : null;
  }

  /** Changes of configuration that wait for a control node to deliver them. */
  get pendingConfiguration(): number {
    return this.configuration.waiting;
  }

  /** Equal for agents that hold the same, whatever ids and labels they gave. */
  stateDigest(): string {
    return stateDigest(this);
  }

  // Configuration

  addNetwork(network: AgentNetwork): void {
    this.configuration.say({ kind: 'network', network });
    this.countWrites();
  }

  removeNetwork(network: AgentNetwork): void {
    this.configuration.say({ kind: 'network-removed', name: network.name });
    this.countWrites();
  }

  addInterface(config: AgentInterface): void {
    this.configuration.say({ kind: 'interface', config });
    this.countWrites();
  }

  updateInterface(config: AgentInterface): void {
    this.addInterface(config);
  }

  removeInterface(config: AgentInterface): void {
    this.configuration.say({ kind: 'interface-removed', name: config.name });
    this.countWrites();
  }

  /** All groups of interest to this host; groups not named are gone. */
  setSecurityGroups(groups: readonly AgentSecurityGroup[]): void {
    this.configuration.say({ kind: 'groups', groups });
    this.countWrites();
  }

  /** A new VRF waits for nothing (VR-2.7.5). */
  vrfAdded(vrf: Vrf): void {
    for (const channel of this.channels.ready()) this.subscribeVrf(channel, vrf);
  }

  vrfRemoved(vrf: Vrf): void {
    for (const channel of this.channels.ready()) {
      if (channel.subscribed.delete(vrf)) this.publisher.unsubscribe(channel, vrf.name, vrf.instanceId);
    }
    for (const row of vrf.table.rows()) {
      for (const slot of [0, 1]) vrf.table.clearOffer(row, slot);
      this.routeChanged(vrf, row);
    }
    this.publisher.forget(vrf);
    if (vrf !== this.tables.fabric) this.tables.removeVrf(vrf);
  }

  machineChanged(kind: 'config-subscribe' | 'config-unsubscribe', workload: string): void {
    const master = this.channels.at(this.channels.configMaster);
    if (master?.ready) this.publisher.machine(master, kind, workload);
  }

  // What a bare agent is told to do. `raw`: said even where it makes no sense, and nothing is remembered of it

  subscribe(instance: string, id: number, noRibout: boolean, raw: boolean): void {
    if (raw) {
      for (const channel of this.channels.ready()) this.publisher.subscribe(channel, instance, id, noRibout);
      return;
    }
    if (!this.bare.subscribe(instance, { id, noRibout })) return;
    const vrf = this.bareVrf(instance, id);
    for (const channel of this.channels.ready()) {
      this.subscribeVrf(channel, vrf);
      // what was published before it could be said
      for (const encoded of this.bare.published(instance, this.pool.nlris)) {
        this.publisher.route(channel, this.port, instance, encoded, true);
      }
    }
  }

  unsubscribe(instance: string, raw: boolean): void {
    if (raw) {
      for (const channel of this.channels.ready()) this.publisher.unsubscribe(channel, instance, -1);
      return;
    }
    const vrf = this.tables.vrf(instance);
    if (!this.bare.unsubscribe(instance) || vrf === null) return;
    this.vrfRemoved(vrf);
    this.countWrites();
  }

  /** Says exactly this item; it is said again to a channel that comes up later. */
  publish(instance: string, item: UnicastItem, raw: boolean): void {
    const encoded = encodeItem(item, 'agent', this.pool.nlris);
    if (!raw) this.bare.publish(instance, encoded);
    this.sayBare(instance, encoded, true, raw);
  }

  retract(instance: string, item: UnicastItem, raw: boolean): void {
    if (!raw && !this.bare.retract(instance, item.nlri)) return;
    this.sayBare(instance, encodeItem(item, 'agent', this.pool.nlris), false, raw);
  }

  /** Octets as they are, on every channel that is up. */
  sendRaw(octets: Uint8Array): void {
    for (const channel of this.channels.ready()) this.port.sendOctets(channel.stream, octets);
  }

  endOfRib(): void {
    for (const channel of this.channels.ready()) this.publisher.endOfRib(channel);
  }

  /** An operator's clear of the session with one control node. */
  clearSession(server: number): void {
    for (const channel of this.channels.all()) if (channel.server === server) channel.clear();
  }

  private sayBare(instance: string, encoded: EncodedItem, associate: boolean, raw: boolean): void {
    const vrf = this.tables.vrf(instance);
    for (const channel of this.channels.ready()) {
      if (!raw && (vrf === null || !channel.subscribed.has(vrf))) continue;
      this.publisher.route(channel, this.port, instance, encoded, associate);
    }
  }

  private bareVrf(instance: string, id: number): Vrf {
    const vrf = this.tables.vrf(instance) ?? this.tables.addVrf(instance, null);
    vrf.instanceId = id;
    return vrf;
  }

  // The kernel's calls

  started(): void {
    const delay = this.startedBefore || this.config.startDelay === NEVER ? 0 : this.config.startDelay;
    if (this.startedBefore) this.restartEmpty();
    this.startedBefore = true;
    const at = virtualUs(this.port.now() + delay);
    this.port.setTimer(START, 0, 0, at, false);
  }

  stopped(): void {
    for (const channel of this.channels.all()) channel.shut();
    for (const kind of [START, END_OF_CONFIG, END_OF_RIB_TX]) this.port.cancelTimer(kind, 0, 0);
  }

  crashed(): void {
    this.channels = new Channels();
    this.configuration.close();
  }

  streamAccepted(stream: StreamId): void {
    this.port.close(stream, 'reset');
  }

  streamConnected(stream: StreamId): void {
    this.channels.ofStream(stream)?.connected();
    this.countWrites();
  }

  streamClosed(stream: StreamId, _reason: CloseReason): void {
    this.channels.ofStream(stream)?.closed();
    this.countWrites();
  }

  messageReceived(stream: StreamId, message: StreamMessage): void {
    this.channels.ofStream(stream)?.received(message);
    this.countWrites();
  }

  octetsReceived(stream: StreamId, octets: Uint8Array): void {
    this.channels.ofStream(stream)?.receivedOctets(octets);
    this.countWrites();
  }

  streamDrained(_stream: StreamId): void {}

  timerFired(kind: number, a: number, b: number): void {
    switch (kind) {
      case START:
        this.channels.open(this, this.port, this.pool.nlris, this.config);
        break;
      case SESSION_TIMER:
        this.channels.at(a)?.timerFired();
        break;
      case END_OF_CONFIG:
        this.configuration.open();
        this.port.setTimer(END_OF_RIB_TX, 0, 0, later(this.port.now(), POLL), false);
        break;
      case END_OF_RIB_TX:
        for (const channel of this.channels.ready()) this.walk(channel);
        break;
      case PROBE: {
        const entry = this.tables.interfaceOfVif(a);
        if (entry !== null) this.localRoutes.answered(entry, b);
        break;
      }
      case GIVE_UP: {
        const entry = this.tables.interfaceOfVif(a);
        if (entry !== null) this.localRoutes.giveUp(entry, b);
        break;
      }
    }
    this.countWrites();
  }

  // Channels

  channelReady(channel: Channel): void {
    this.channels.becameReady();
    channel.sequence++;
    this.port.note('xmpp.ready', formatIpv4(channel.server));
    // End-of-RIB Rx takes no time without graceful restart: what an earlier session left goes now (VR-2.8/3).
    this.sweep(channel.slot);
    if (!this.config.bare && this.channels.configMaster < 0) this.becomeConfigMaster(channel);
    else this.walk(channel);
  }

  /** Paths are kept and used (VR-2.2.b3); the config master moves (VR-2.2.b2). */
  channelLost(channel: Channel, because: string): void {
    channel.subscribed.clear();
    this.port.note('xmpp.lost', `${formatIpv4(channel.server)} ${because}`);
    if (this.channels.configMaster !== channel.slot) return;
    this.channels.configMaster = -1;
    this.port.cancelTimer(END_OF_CONFIG, 0, 0);
    this.port.cancelTimer(END_OF_RIB_TX, 0, 0);
    const other = this.channels.other(channel);
    if (other?.ready) this.becomeConfigMaster(other);
    else this.configuration.close();
  }

  /** With graceful restart off the paths of a replaced server go at once (VR-2.1/5). */
  channelTimedOut(channel: Channel): void {
    if (this.channels.replace(channel, this, this.port, this.pool.nlris, this.config)) this.sweep(channel.slot);
  }

  channelDelivered(channel: Channel, stanza: Delivered): void {
    if (stanza.kind === 'reach') this.learn(channel, stanza.table.instance, stanza.items);
    else if (stanza.kind === 'unreach') this.unlearn(channel, stanza.table.instance, stanza.nlris);
    else if (stanza.kind === 'config' && this.channels.configMaster === channel.slot) {
      this.configuration.open();
      this.configSink?.configHeard(this, stanza);
    }
  }

  private becomeConfigMaster(channel: Channel): void {
    this.channels.configMaster = channel.slot;
    this.publisher.askForConfiguration(channel);
    for (const machine of this.configuration.machines()) this.publisher.machine(channel, 'config-subscribe', machine);
    this.port.cancelTimer(END_OF_RIB_TX, 0, 0);
    this.port.setTimer(END_OF_CONFIG, 0, 0, later(this.port.now(), POLL), false);
  }

  /** Every VRF that this session has not subscribed yet, with every route of it, then the marker (VR-2.2.5). */
  private walk(channel: Channel): void {
    const { bare } = this.config;
    for (const vrf of this.tables.vrfs()) {
      if (channel.subscribed.has(vrf) || (bare && this.bare.subscription(vrf.name) === null)) continue;
      this.subscribeVrf(channel, vrf);
      const items = bare ? this.bare.published(vrf.name, this.pool.nlris) : this.publisher.exported(vrf);
      for (const encoded of items) this.publisher.route(channel, this.port, vrf.name, encoded, true);
      if (channel.sequence > 1) this.port.count(AGENT_COUNTERS.resent, items.length);
    }
    if (!bare) this.publisher.endOfRib(channel);
  }

  private subscribeVrf(channel: Channel, vrf: Vrf): void {
    channel.subscribed.add(vrf);
    const noRibout = this.bare.subscription(vrf.name)?.noRibout ?? false;
    this.publisher.subscribe(channel, vrf.name, vrf.instanceId, noRibout);
  }

  // Routes

  private learn(channel: Channel, instance: string, items: readonly (UnicastItem | null)[]): void {
    this.port.count(AGENT_COUNTERS.received, items.length);
    const vrf = this.tables.vrf(instance);
    if (vrf === null || (vrf === this.tables.fabric && !this.config.bare)) return; // VR-2.6/1, VR-2.6.p2
    const { forwarding, offers } = this.tables;
    const hints = offers.hintsFor(items);
    for (let i = 0; i < items.length; i++) {
      const item = items[i]!;
      if (item === null || item.nlri < 0) continue;
      const offer = offers.number(item, hints[i]);
      hints[i] = offer;
      if (!forwarding.accepts(offer)) {
        offers.drop(offer);
        continue;
      }
      const row = vrf.table.setOffer(item.nlri, channel.slot, offer);
      this.routeChanged(vrf, row, channel.slot);
      if (vrf.table.hasLocal(row)) this.localRoutes.claimed(vrf, row);
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

  routeChanged(vrf: Vrf, row: number, heard = -1): void {
    const { table } = vrf;
    const nlri = table.nlriAt(row);
    if (!table.choose(row, this.lowerSlot, this.tables.forwarding, heard)) return;
    this.fibWrites++;
    const { attached } = this;
    if (attached === null) return;
    if (attached.recordsRows)
      attached.tableChanged(vrf.name, this.pool.nlris.format(nlri), table.row(nlri) < 0 ? -1 : 1);
    else attached.rowsChanged(1);
  }

  /** Own routes that a control node reflects into other VRFs follow the label they came with (VR-1.10.p2). */
  labelMoved(before: NextHopId): void {
    for (const vrf of this.tables.vrfs()) {
      for (const row of vrf.table.rowsVia(before, this.tables.nextHops)) this.routeChanged(vrf, row);
    }
  }

  exportRoute(vrf: Vrf, nlri: NlriId): void {
    const change = this.publisher.update(vrf, nlri);
    if (change === null) return;
    for (const channel of this.channels.ready()) {
      if (!channel.subscribed.has(vrf)) continue;
      this.publisher.route(channel, this.port, vrf.name, change.encoded, change.associate);
    }
  }

  // The rest

  now(): VirtualUs {
    return this.port.now();
  }

  setPreferenceTimer(purpose: PreferenceTimer, vif: number, address: number, at: VirtualUs, background: boolean): void {
    this.port.setTimer(PREFERENCE_TIMERS[purpose], vif, address, at, background);
  }

  cancelPreferenceTimer(purpose: PreferenceTimer, vif: number, address: number): void {
    this.port.cancelTimer(PREFERENCE_TIMERS[purpose], vif, address);
  }

  private get port(): NodePort {
    invariant(this.attached !== null, 'an agent is attached to a port before it is started');
    return this.attached;
  }

  /** The counter moves once for what one event did. */
  private countWrites(): void {
    if (this.fibWrites > 0) this.port.count(AGENT_COUNTERS.fibWrites, this.fibWrites);
    this.fibWrites = 0;
  }

  /** A restarted agent knows nothing (VR-2.8/6): its configuration is delivered again. */
  private restartEmpty(): void {
    this.tables.dispose();
    this.tables = new Tables(this.pool, this.config, this.tables.offers);
    this.localRoutes = new LocalRoutes(this.tables, this, this.config.address, this.config.pathPreference);
    this.channels = new Channels();
    this.publisher = new Publisher(this.pool, this.config);
    if (this.configSink === null) this.configuration.restart();
    else this.configuration.forget();
    for (const [instance, { id }] of this.bare.subscriptions()) this.bareVrf(instance, id);
  }
}
