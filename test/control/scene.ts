/**
 * A stage for tests of control nodes: nodes and agents placed in a simulation, agents that say exactly what a test
 * tells them to and remember what they were told.
 */
import { NEVER, seconds, type VirtualUs, virtualUs } from '../../src/base/time.ts';
import { BgpCodec } from '../../src/bgp/codec.ts';
import type { BgpEnvelope } from '../../src/bgp/envelope.ts';
import { updateForm } from '../../src/bgp/form.ts';
import type { Received, UpdateMessage } from '../../src/bgp/message.ts';
import type { SessionDown } from '../../src/bgp/session-output.ts';
import { type BgpListener, BgpSpeaker } from '../../src/bgp/speaker.ts';
import type {
  ControlNodeConfig,
  NeighbourConfig,
  NetworkConfig,
  RoutingInstanceConfig,
  TargetConfig,
} from '../../src/control/control-config.ts';
import { ControlNode } from '../../src/control/control-node.ts';
import { routeOf, routesOf } from '../../src/control/views.ts';
import { formatIpv4, ipv4, parseIpv4 } from '../../src/net/ipv4.ts';
import type { Octets8 } from '../../src/net/octets8.ts';
import { parsePrefix } from '../../src/net/prefix.ts';
import { parseRouteDistinguisher } from '../../src/net/route-distinguisher.ts';
import { parseRouteTarget } from '../../src/net/route-target.ts';
import { NO_ATTRIBUTES, type PathAttributes } from '../../src/route/attributes.ts';
import { ORIGIN_IGP } from '../../src/route/common-attributes.ts';
import { FAMILY, type FamilyName } from '../../src/route/family.ts';
import type { NlriId } from '../../src/route/nlri.ts';
import { RoutePool } from '../../src/route/pool.ts';
import { Simulation } from '../../src/sim/kernel.ts';
import type { CloseReason, NodePort, SimNode, StreamId, StreamMessage } from '../../src/sim/node.ts';
import { encodeItem, itemNextHop, type UnicastItem, unicastItem } from '../../src/xmpp/items.ts';
import { agentMessage, keepaliveMessage, openMessage, routeMessages } from '../../src/xmpp/message.ts';
import { XmppClientSession } from '../../src/xmpp/session.ts';
import { type AgentStanza, type Stanza, XMPP_PORT } from '../../src/xmpp/stanza.ts';

export function address(text: string) {
  const parsed = parseIpv4(text);
  if (parsed === null) throw new Error(`not an address: ${text}`);
  return parsed;
}

export function target(text: string, mark: TargetConfig['mark'] = 'both'): TargetConfig {
  const parsed = parseRouteTarget(text);
  if (parsed === null) throw new Error(`not a target: ${text}`);
  return { target: parsed, mark, at: null };
}

export function instance(
  name: string,
  targets: readonly (string | TargetConfig)[],
  more: Partial<RoutingInstanceConfig> = {},
): RoutingInstanceConfig {
  return {
    name,
    virtualNetwork: name,
    targets: targets.map((text) => (typeof text === 'string' ? target(text) : text)),
    connections: [],
    ...more,
  };
}

export function controlNodeConfig(name: string, at: string, more: Partial<ControlNodeConfig> = {}): ControlNodeConfig {
  return {
    name,
    address: address(at),
    port: 179,
    routerId: address(at),
    asn: 64512,
    localAsn: 0,
    clusterId: 0,
    holdTimeSeconds: 90,
    adminDown: false,
    fourOctetAs: false,
    alwaysCompareMed: false,
    rdClusterSeed: 0,
    endOfRibTimeoutSeconds: 300,
    xmppHoldTimeSeconds: 90,
    families: ['route-target', 'inet-vpn'],
    neighbours: [],
    networks: [],
    instances: [],
    quirks: {},
    ...more,
  };
}

export function neighbour(name: string, at: string, more: Partial<NeighbourConfig> = {}): NeighbourConfig {
  return {
    name,
    address: address(at),
    port: 179,
    asn: 64512,
    localAsn: 0,
    type: 'control-node',
    families: ['route-target', 'inet-vpn'],
    holdTimeSeconds: 0,
    passive: false,
    adminDown: false,
    loopCount: 0,
    clusterId: 0,
    asOverride: false,
    defaultTunnelEncapsulations: [],
    ...more,
  };
}

/** Both halves of a peering between two nodes. */
export function peered(
  a: ControlNodeConfig,
  b: ControlNodeConfig,
  more: Partial<NeighbourConfig> = {},
): readonly [ControlNodeConfig, ControlNodeConfig] {
  const half = (of: ControlNodeConfig) =>
    neighbour(of.name, formatIpv4(of.address), { asn: of.localAsn || of.asn, ...more });
  return [
    { ...a, neighbours: [...a.neighbours, half(b)] },
    { ...b, neighbours: [...b.neighbours, half(a)] },
  ];
}

export interface ItemFields {
  readonly nextHop: string;
  readonly label?: number;
  readonly encapsulations?: readonly string[];
  readonly item?: Partial<UnicastItem>;
}

const SESSION_TIMER = 0;

/** An agent that subscribes, publishes and retracts what it is told to. */
export class ScriptedAgent implements SimNode {
  readonly name: string;
  readonly addresses: readonly number[];
  /** Routes it holds: instance and prefix to the last item. */
  readonly routes = new Map<string, UnicastItem>();
  readonly messages: Stanza[] = [];
  endOfRibs = 0;
  closes = 0;
  private readonly pool: RoutePool;
  private readonly server: number;
  private port!: NodePort;
  private session!: XmppClientSession;
  private stream: StreamId = -1;
  private number = 0;

  constructor(pool: RoutePool, name: string, at: string, server: number) {
    this.pool = pool;
    this.name = name;
    this.addresses = [address(at)];
    this.server = server;
  }

  attach(port: NodePort): void {
    this.port = port;
    this.session = new XmppClientSession(this.pool.nlris, this.name, port.random('connect'));
  }

  get isUp(): boolean {
    return this.session.state === 'Established';
  }

  held(instanceName: string): readonly string[] {
    const prefix = `${instanceName} `;
    return [...this.routes.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length))
      .sort();
  }

  item(instanceName: string, prefix: string): UnicastItem | undefined {
    return this.routes.get(`${instanceName} ${prefix}`);
  }

  nextHops(instanceName: string, prefix: string): readonly string[] {
    return (this.item(instanceName, prefix)?.nextHops ?? []).map((hop) => formatIpv4(hop.address));
  }

  subscribe(instanceName: string, instanceId: number, noRibout = false): void {
    this.say({ kind: 'subscribe', id: `subscribe${this.number++}`, instance: instanceName, instanceId, noRibout });
  }

  unsubscribe(instanceName: string): void {
    this.say({ kind: 'unsubscribe', id: `unsubscribe${this.number++}`, instance: instanceName, instanceId: -1 });
  }

  /** Drops what it holds of an instance, as an agent does that takes its subscription back. */
  forget(instanceName: string): void {
    for (const prefix of this.held(instanceName)) this.routes.delete(`${instanceName} ${prefix}`);
  }

  publish(instanceName: string, prefix: string, fields: ItemFields): void {
    this.route(instanceName, prefix, fields, true);
  }

  retract(instanceName: string, prefix: string, nextHop: string): void {
    this.route(instanceName, prefix, { nextHop }, false);
  }

  say(stanza: AgentStanza): void {
    this.port.send(this.stream, agentMessage(stanza, this.name, this.pool.nlris));
  }

  shut(): void {
    this.session.adminDown(this.port.now());
    this.drain();
  }

  private route(instanceName: string, prefix: string, fields: ItemFields, associate: boolean): void {
    const { nextHop, label = 17, encapsulations = ['gre', 'udp'], item = {} } = fields;
    const nlri = inetNlri(this.pool, prefix);
    const hop = itemNextHop({ address: address(nextHop), label, encapsulations });
    const made = unicastItem({ nlri, nextHops: [hop], subProtocol: 'interface', localPreference: 100, ...item });
    const encoded = encodeItem(made, 'agent', this.pool.nlris);
    for (const message of routeMessages(this.name, instanceName, encoded, associate, this.number++, this.pool.nlris)) {
      this.port.send(this.stream, message);
    }
  }

  started(): void {
    this.session.start(this.port.now());
    this.drain();
  }

  stopped(): void {
    this.shut();
  }

  streamAccepted(stream: StreamId): void {
    this.port.close(stream, 'reset');
  }

  streamConnected(): void {
    this.session.connected(this.port.now());
    this.drain();
  }

  streamClosed(): void {
    this.stream = -1;
    if (this.session.state === 'Connect') this.session.connectFailed(this.port.now());
    else this.session.streamClosed(this.port.now());
    this.drain();
  }

  messageReceived(_stream: StreamId, message: StreamMessage): void {
    this.session.receiveStanza(this.port.now(), message.content as Stanza); // the control node sends stanzas
    this.drain();
  }

  octetsReceived(_stream: StreamId, octets: Uint8Array): void {
    this.session.receive(this.port.now(), octets);
    this.drain();
  }

  streamDrained(): void {}

  timerFired(): void {
    this.session.advance(this.port.now());
    this.drain();
  }

  private drain(): void {
    for (let output = this.session.poll(); output !== null; output = this.session.poll()) {
      switch (output.kind) {
        case 'send':
          this.port.send(this.stream, output.stanza.kind === 'open' ? openMessage(output.stanza) : keepaliveMessage());
          break;
        case 'connect':
          this.stream = this.port.connect({
            localAddress: this.addresses[0]!,
            remoteAddress: this.server,
            remotePort: XMPP_PORT,
            connectTimeout: output.timeout,
            userTimeout: NEVER,
          });
          break;
        case 'close':
          this.port.close(this.stream, 'close');
          break;
        case 'state':
          if (output.from === 'Established') {
            this.closes++;
            this.routes.clear();
          }
          break;
        case 'stanza':
          if (output.stanza.kind !== 'route') this.told(output.stanza);
          break;
      }
    }
    const at = this.session.nextDeadline();
    if (at !== null) this.port.setTimer(SESSION_TIMER, 0, 0, at, this.session.state === 'Established');
  }

  private told(stanza: Stanza): void {
    this.messages.push(stanza);
    if (stanza.kind === 'end-of-rib') this.endOfRibs++;
    else if (stanza.kind === 'reach') {
      for (const item of stanza.items) {
        if (item !== null) this.routes.set(`${stanza.table.instance} ${this.pool.nlris.format(item.nlri)}`, item);
      }
    } else if (stanza.kind === 'unreach') {
      for (const nlri of stanza.nlris) this.routes.delete(`${stanza.table.instance} ${this.pool.nlris.format(nlri)}`);
    }
  }
}

export function inetNlri(pool: RoutePool, text: string): NlriId {
  const prefix = parsePrefix(text);
  if (typeof prefix === 'string') throw new Error(`not a prefix: ${text}`);
  return pool.nlris.inet(prefix.address, prefix.length);
}

/** `192.168.1.1:2:10.0.100.3/32`. */
export function vpnNlri(pool: RoutePool, text: string): NlriId {
  const at = text.lastIndexOf(':');
  const rd = parseRouteDistinguisher(text.slice(0, at));
  const prefix = parsePrefix(text.slice(at + 1));
  if (rd === null || typeof prefix === 'string') throw new Error(`not a VPN prefix: ${text}`);
  return pool.nlris.inetVpn(pool.octets8.intern(rd), prefix.address, prefix.length);
}

export interface Heard {
  readonly attributes: PathAttributes;
  readonly label: number;
}

const BGP_TIMER = 0;

/** A BGP speaker that announces what it is told to and remembers what it hears. */
export class ScriptedSpeaker implements SimNode, BgpListener {
  readonly name: string;
  readonly addresses: readonly number[];
  readonly asn: number;
  /** What it holds: the NLRI as tables print it. */
  readonly routes = new Map<string, Heard>();
  readonly messages: UpdateMessage[] = [];
  readonly downs: SessionDown[] = [];
  private readonly pool: RoutePool;
  private readonly codec: BgpCodec;
  private readonly peers: readonly ControlNodeConfig[];
  private readonly families: readonly FamilyName[];
  private speaker!: BgpSpeaker;

  constructor(
    pool: RoutePool,
    name: string,
    at: string,
    asn: number,
    peers: readonly ControlNodeConfig[],
    families: readonly FamilyName[],
  ) {
    this.pool = pool;
    this.codec = new BgpCodec(pool);
    this.name = name;
    this.addresses = [address(at)];
    this.asn = asn;
    this.peers = peers;
    this.families = families;
  }

  attach(port: NodePort): void {
    this.speaker = new BgpSpeaker(port, this, this.codec, BGP_TIMER);
    for (const peer of this.peers) {
      const config = {
        neighbour: peer.name,
        localAs: this.asn,
        peerAs: peer.localAsn || peer.asn,
        identifier: ipv4(this.addresses[0]!),
        holdTimeSeconds: 90,
        families: this.families.map((family) => FAMILY[family]),
        fourOctetAs: false,
        passive: false,
        moreCapabilities: [],
      };
      this.speaker.add(config, { localAddress: this.addresses[0]!, address: peer.address, port: peer.port });
    }
  }

  get isUp(): boolean {
    return this.speaker.indexes().every((index) => this.speaker.session(index).state === 'Established');
  }

  get internal(): boolean {
    return this.asn === (this.peers[0]!.localAsn || this.peers[0]!.asn);
  }

  /** Announces to all its peers. Targets and communities as text; an external speaker's AS_PATH begins with its AS. */
  announce(family: FamilyName, nlri: NlriId, fields: AnnouncedFields = {}): void {
    const { targets = [], extended = [], label = 100, ...rest } = fields;
    const values = [...targets.map((text) => target(text).target), ...extended];
    const set: PathAttributes = {
      ...NO_ATTRIBUTES,
      origin: ORIGIN_IGP,
      asPath: this.internal ? [] : [{ kind: 'sequence', asns: [this.asn] }],
      nextHop: ipv4(this.addresses[0]!),
      extendedCommunities: values.map((value) => this.pool.octets8.intern(value)),
      ...rest,
    };
    const labels = Int32Array.of(family === 'inet-vpn' ? label : 0);
    const id = this.pool.attributes.intern(set);
    const form = updateForm(false, this.internal);
    this.toAll(this.codec.announce(form, FAMILY[family], id, Int32Array.of(nlri), labels));
  }

  withdraw(family: FamilyName, nlri: NlriId): void {
    this.toAll(this.codec.withdraw(updateForm(false, this.internal), FAMILY[family], Int32Array.of(nlri)));
  }

  endOfRib(family: FamilyName): void {
    this.toAll(this.codec.endOfRib(updateForm(false, this.internal), FAMILY[family]));
  }

  private toAll(message: BgpEnvelope): void {
    for (const index of this.speaker.indexes()) this.speaker.send(index, message);
  }

  bgpEstablished(): void {}

  bgpUpdate(_neighbour: number, update: UpdateMessage): void {
    this.messages.push(update);
    const { nlris, attributes } = this.pool;
    for (const part of update.parts) {
      if (part.kind === 'announce') {
        part.nlris.forEach((nlri, i) => {
          this.routes.set(nlris.format(nlri), { attributes: attributes.get(part.attributes), label: part.labels[i]! });
        });
      } else if (part.kind === 'withdraw') for (const nlri of part.nlris) this.routes.delete(nlris.format(nlri));
    }
  }

  bgpDown(_neighbour: number, down: SessionDown): void {
    this.downs.push(down);
    this.routes.clear();
  }

  started(): void {
    this.speaker.started();
  }

  stopped(): void {
    this.speaker.stopped();
  }

  streamAccepted(stream: StreamId, remote: number): void {
    this.speaker.streamAccepted(stream, remote);
  }

  streamConnected(stream: StreamId): void {
    this.speaker.streamConnected(stream);
  }

  streamClosed(stream: StreamId, reason: CloseReason): void {
    this.speaker.streamClosed(stream, reason);
  }

  messageReceived(stream: StreamId, message: StreamMessage): void {
    this.speaker.messageReceived(stream, message.content as Received); // control nodes send it BGP
  }

  octetsReceived(stream: StreamId, octets: Uint8Array): void {
    this.speaker.octetsReceived(stream, octets);
  }

  streamDrained(stream: StreamId): void {
    this.speaker.streamDrained(stream);
  }

  timerFired(_kind: number, a: number, b: number): void {
    this.speaker.timerFired(a, b);
  }
}

export interface AnnouncedFields extends Partial<PathAttributes> {
  readonly targets?: readonly string[];
  readonly extended?: readonly Octets8[];
  readonly label?: number;
}

export class Scene {
  readonly pool = new RoutePool();
  readonly sim: Simulation;
  readonly nodes = new Map<string, ControlNode>();
  readonly agents = new Map<string, ScriptedAgent>();
  readonly speakers = new Map<string, ScriptedSpeaker>();

  constructor(configs: readonly ControlNodeConfig[], wire = false) {
    this.sim = new Simulation({ seed: 1, wire });
    for (const config of configs) this.addNode(config);
  }

  private addNode(config: ControlNodeConfig): void {
    const id = this.sim.addNode({ name: config.name, addresses: [config.address] }, (port) => {
      const node = new ControlNode(this.pool, config);
      node.attach(port);
      this.nodes.set(config.name, node);
      return node;
    });
    this.sim.start(id);
  }

  agent(name: string, at: string, node: string): ScriptedAgent {
    const agent = new ScriptedAgent(this.pool, name, at, this.nodes.get(node)!.addresses[0]!);
    const id = this.sim.addNode({ name, addresses: agent.addresses }, (port) => {
      agent.attach(port);
      return agent;
    });
    this.agents.set(name, agent);
    this.sim.start(id);
    this.runFor(seconds(1));
    return agent;
  }

  /** A BGP speaker with a session to each of the nodes, whose configuration must name it as a neighbour. */
  speaker(
    name: string,
    at: string,
    asn: number,
    nodes: readonly string[],
    families: readonly FamilyName[] = ['route-target', 'inet-vpn'],
  ): ScriptedSpeaker {
    const peers = nodes.map((node) => this.node(node).config);
    const speaker = new ScriptedSpeaker(this.pool, name, at, asn, peers, families);
    const id = this.sim.addNode({ name, addresses: speaker.addresses }, (port) => {
      speaker.attach(port);
      return speaker;
    });
    this.speakers.set(name, speaker);
    this.sim.start(id);
    this.runFor(seconds(2));
    return speaker;
  }

  node(name: string): ControlNode {
    return this.nodes.get(name)!;
  }

  runFor(duration: VirtualUs): void {
    this.sim.runUntil(virtualUs(this.sim.now + duration));
  }

  /** Until nothing but background is pending. */
  settle(): void {
    const end = this.sim.runToQuiescence(virtualUs(this.sim.now + seconds(900)), () => null);
    if (!end.quiescent) throw new Error(`not quiescent: ${end.busy}`);
  }

  /** The route of an instance's inet table. */
  inet(node: string, instanceName: string, prefix: string) {
    return routeOf(this.node(node), `${instanceName}.inet.0`, inetNlri(this.pool, prefix));
  }

  vpn(node: string, prefix: string) {
    return routeOf(this.node(node), 'bgp.l3vpn.0', vpnNlri(this.pool, prefix));
  }

  prefixes(node: string, table: string): readonly string[] {
    return routesOf(this.node(node), table).map(({ prefix }) => prefix);
  }
}

export function network(name: string, id: number): NetworkConfig {
  return { name, id };
}

/** The route-target NLRI of an AS's interest. */
export function targetNlri(pool: RoutePool, asn: number, text: string): NlriId {
  return pool.nlris.routeTarget(asn, pool.octets8.intern(target(text).target));
}
