/** A small cloud for tests of agents: real kernel, real XMPP sessions, control nodes that are told what to say. */
import { byText } from '../../src/base/order.ts';
import type { SourceSpan } from '../../src/base/result.ts';
import { seconds, type VirtualUs } from '../../src/base/time.ts';
import { type Ipv4, parseIpv4 } from '../../src/net/ipv4.ts';
import type { Mac } from '../../src/net/mac.ts';
import { type Ipv4Prefix, parsePrefix } from '../../src/net/prefix.ts';
import type { AccessList, AclAddress, AclEntry } from '../../src/policy/access-list.ts';
import type { NlriId } from '../../src/route/nlri.ts';
import { RoutePool } from '../../src/route/pool.ts';
import { type Quiescence, Simulation } from '../../src/sim/kernel.ts';
import type { NodeId, NodePort, SimNode, StreamId, StreamMessage } from '../../src/sim/node.ts';
import { Agent } from '../../src/vrouter/agent.ts';
import type {
  AgentConfig,
  AgentFloatingIp,
  AgentInterface,
  AgentNetwork,
  AgentSecurityGroup,
} from '../../src/vrouter/agent-config.ts';
import type { Endpoint, Fabric } from '../../src/vrouter/fabric.ts';
import type { Packet } from '../../src/vrouter/fate.ts';
import { encodeItem, itemNextHop, type UnicastItem, unicastItem } from '../../src/xmpp/items.ts';
import {
  configMessage,
  endOfRibMessage,
  keepaliveMessage,
  messageTo,
  openMessage,
  reachMessage,
  unreachMessage,
} from '../../src/xmpp/message.ts';
import { type Delivered, XmppServerSession } from '../../src/xmpp/session.ts';
import type { Stanza } from '../../src/xmpp/stanza.ts';

export function address(text: string): Ipv4 {
  const parsed = parseIpv4(text);
  if (parsed === null) throw new Error(`not an address: ${text}`);
  return parsed;
}

export function prefix(text: string): Ipv4Prefix {
  const parsed = parsePrefix(text);
  if (typeof parsed === 'string') throw new Error(`not a prefix: ${text}`);
  return parsed;
}

export interface Told {
  readonly agent: string;
  readonly text: string;
}

interface Attached {
  readonly stream: StreamId;
  readonly session: XmppServerSession;
  jid: string;
  readonly instances: Set<string>;
}

interface Offered {
  readonly instance: string;
  readonly item: UnicastItem;
}

export interface OfferedRoute {
  readonly to: readonly {
    readonly at: string;
    readonly label: number;
    readonly network: string;
    readonly encapsulations?: readonly string[];
  }[];
  readonly localPreference?: number;
  readonly sequence?: number;
  readonly securityGroups?: readonly number[];
}

/** Accepts agents, remembers what they say, and says what the test wants; with `reflect` it also passes routes on. */
export class TestControlNode implements SimNode {
  readonly name: string;
  readonly addresses: readonly number[];
  readonly told: Told[] = [];
  /** Ids of the stanzas that publish, in order. */
  readonly ids: string[] = [];
  reflect = false;
  /** Instances that import the routes of others. */
  readonly imports = new Map<string, string[]>();
  private readonly pool: RoutePool;
  private readonly port: NodePort;
  private attached: Attached[] = [];
  private offered = new Map<string, Offered>();
  private readonly published = new Map<string, { readonly instance: string; readonly item: UnicastItem }>();

  constructor(pool: RoutePool, port: NodePort, name: string, at: string) {
    this.pool = pool;
    this.port = port;
    this.name = name;
    this.addresses = [address(at)];
  }

  offer(instance: string, route: string, offer: OfferedRoute): void {
    const { address: at, length } = prefix(route);
    const item = unicastItem({
      nlri: this.pool.nlris.inet(at, length),
      nextHops: offer.to.map((hop) =>
        itemNextHop({
          address: address(hop.at),
          label: hop.label,
          encapsulations: hop.encapsulations ?? ['gre', 'udp'],
          virtualNetwork: hop.network,
        }),
      ),
      virtualNetwork: offer.to[0]?.network ?? '',
      localPreference: offer.localPreference ?? 100,
      sequence: offer.sequence ?? 0,
      securityGroups: offer.securityGroups ?? [],
    });
    this.offered.set(`${instance} ${item.nlri}`, { instance, item });
    this.tell(instance, item);
  }

  withdraw(instance: string, route: string): void {
    const { address: at, length } = prefix(route);
    const nlri = this.pool.nlris.inet(at, length);
    this.offered.delete(`${instance} ${nlri}`);
    this.untell(instance, nlri);
  }

  /** After a crash it knows nothing of before, but says what the test told it to say. */
  started(): void {
    this.attached = [];
    this.published.clear();
  }

  stopped(): void {
    for (const { session } of [...this.attached]) {
      session.stop(this.port.now());
      this.drain();
    }
  }

  streamAccepted(stream: StreamId): void {
    const session = new XmppServerSession(this.pool.nlris);
    this.attached.push({ stream, session, jid: '', instances: new Set() });
    session.accepted(this.port.now());
    this.drain();
  }

  streamConnected(): void {}

  streamClosed(stream: StreamId): void {
    for (const end of this.attached) if (end.stream === stream) end.session.streamClosed(this.port.now());
    this.drain();
  }

  messageReceived(stream: StreamId, message: StreamMessage): void {
    const end = this.attached.find((candidate) => candidate.stream === stream);
    const stanza = message.content as Stanza; // an agent's message holds one
    if (stanza.kind === 'publish' || stanza.kind === 'collection') this.ids.push(stanza.id);
    end?.session.receiveStanza(this.port.now(), stanza);
    this.drain();
  }

  octetsReceived(stream: StreamId, octets: Uint8Array): void {
    this.attached.find((candidate) => candidate.stream === stream)?.session.receive(this.port.now(), octets);
    this.drain();
  }

  streamDrained(): void {}

  timerFired(): void {
    for (const { session } of this.attached) session.advance(this.port.now());
    this.drain();
  }

  private drain(): void {
    for (const end of [...this.attached]) {
      for (let output = end.session.poll(); output !== null; output = end.session.poll()) {
        if (output.kind === 'asks') {
          end.jid = output.open.from;
          end.session.admit(this.port.now());
        } else if (output.kind === 'send') {
          this.port.send(end.stream, output.stanza.kind === 'open' ? openMessage(output.stanza) : keepaliveMessage());
        } else if (output.kind === 'stanza') this.heard(end, output.stanza);
        else if (output.kind === 'close') this.port.close(end.stream, 'close');
      }
      if (end.session.state === 'Idle') {
        this.gone(end);
        continue;
      }
      const at = end.session.nextDeadline();
      if (at !== null) this.port.setTimer(1, end.stream, 0, at, true);
    }
  }

  private heard(end: Attached, said: Delivered): void {
    const told = (text: string) => this.told.push({ agent: end.jid, text });
    switch (said.kind) {
      case 'subscribe':
        told(`subscribe ${said.instance} ${said.instanceId}${said.noRibout ? ' no-ribout' : ''}`);
        end.instances.add(said.instance);
        for (const route of this.offered.values())
          if (route.instance === said.instance) this.send(end, route.instance, route.item);
        if (this.reflect) for (const nlri of this.prefixesOf(said.instance)) this.sendMerged(end, said.instance, nlri);
        return;
      case 'unsubscribe':
        told(`unsubscribe ${said.instance}`);
        end.instances.delete(said.instance);
        this.forget(end, said.instance);
        return;
      case 'config-subscribe':
      case 'config-unsubscribe':
        told(`${said.kind} ${said.object} ${said.name}`);
        if (said.object === 'virtual-router') {
          this.port.send(end.stream, messageTo(said.name, configMessage({ kind: 'config', runs: [] })));
        }
        return;
      case 'end-of-rib':
        told('end-of-rib');
        return;
      case 'route': {
        const item = said.items[0];
        if (item === null || item === undefined) return;
        const hop = item.nextHops[0]!;
        const what = `${said.instance} ${this.pool.nlris.format(item.nlri)}`;
        told(
          said.add
            ? `publish ${what} label ${hop.label} pref ${item.localPreference} seq ${item.sequence}`
            : `retract ${what}`,
        );
        const key = `${said.instance} ${item.nlri} ${end.jid}`;
        if (said.add) this.published.set(key, { instance: said.instance, item });
        else this.published.delete(key);
        if (this.reflect) this.spread(said.instance, item.nlri);
        return;
      }
      default:
        told(said.kind);
    }
  }

  private gone(end: Attached): void {
    this.attached = this.attached.filter((other) => other !== end);
    this.port.cancelTimer(1, end.stream, 0);
    for (const instance of end.instances) this.forget(end, instance);
  }

  endOfRib(): void {
    for (const end of this.attached) this.port.send(end.stream, messageTo(end.jid, endOfRibMessage()));
  }

  private forget(end: Attached, instance: string): void {
    for (const key of [...this.published.keys()].sort(byText)) {
      const route = this.published.get(key)!;
      if (route.instance !== instance || !key.endsWith(` ${end.jid}`)) continue;
      this.published.delete(key);
      if (this.reflect) this.spread(instance, route.item.nlri);
    }
  }

  private spread(origin: string, nlri: NlriId): void {
    const targets = [origin, ...[...this.imports].filter(([, from]) => from.includes(origin)).map(([name]) => name)];
    for (const end of this.attached) {
      for (const instance of targets) if (end.instances.has(instance)) this.sendMerged(end, instance, nlri);
    }
  }

  private prefixesOf(instance: string): NlriId[] {
    const sources = [instance, ...(this.imports.get(instance) ?? [])];
    const found = [...this.published.values()].filter((route) => sources.includes(route.instance));
    return [...new Set(found.map((route) => route.item.nlri))];
  }

  /** All equally good paths of the prefix as one item, as a control node's ECMP. */
  private sendMerged(end: Attached, instance: string, nlri: NlriId): void {
    const sources = [instance, ...(this.imports.get(instance) ?? [])];
    const routes = [...this.published.entries()]
      .filter(([, route]) => route.item.nlri === nlri && sources.includes(route.instance))
      .sort(([a], [b]) => byText(a, b))
      .map(([, route]) => route.item);
    if (routes.length === 0) {
      this.port.send(end.stream, messageTo(end.jid, unreachMessage(instance, [nlri], this.pool.nlris)));
      return;
    }
    const best = Math.max(...routes.map((item) => item.localPreference * 1000 + item.sequence));
    const equal = routes.filter((item) => item.localPreference * 1000 + item.sequence === best);
    this.send(
      end,
      instance,
      unicastItem({ ...equal[0]!, subProtocol: '', nextHops: equal.flatMap((item) => item.nextHops) }),
    );
  }

  private tell(instance: string, item: UnicastItem): void {
    for (const end of this.attached) if (end.instances.has(instance)) this.send(end, instance, item);
  }

  private untell(instance: string, nlri: NlriId): void {
    for (const end of this.attached) {
      if (end.instances.has(instance))
        this.port.send(end.stream, messageTo(end.jid, unreachMessage(instance, [nlri], this.pool.nlris)));
    }
  }

  private send(end: Attached, instance: string, item: UnicastItem): void {
    const encoded = encodeItem(item, 'control-node', this.pool.nlris);
    this.port.send(end.stream, messageTo(end.jid, reachMessage(instance, [encoded])));
  }
}

export class TestCloud implements Fabric {
  readonly pool = new RoutePool();
  readonly simulation: Simulation;
  readonly agents = new Map<string, Agent>();
  readonly controls = new Map<string, TestControlNode>();
  readonly others: Endpoint[] = [];
  readonly unreachable = new Set<number>();

  constructor(seed = 1, wire = false) {
    this.simulation = new Simulation({ seed, wire });
  }

  control(name: string, at: string): TestControlNode {
    let node: TestControlNode | null = null;
    this.simulation.addNode({ name, addresses: [address(at)] }, (port) => {
      node = new TestControlNode(this.pool, port, name, at);
      return node;
    });
    this.controls.set(name, node!);
    return node!;
  }

  agent(name: string, at: string, config: Partial<AgentConfig> = {}): Agent {
    const agent = new Agent(this.pool, {
      name,
      address: address(at),
      controlNodes: [...this.controls.values()].map((control) => control.addresses[0] as Ipv4), // made by `address`
      encapsulationPriorities: ['MPLSoUDP', 'MPLSoGRE', 'VXLAN'],
      xmppHoldTimeSeconds: 90,
      pathPreference: true,
      bare: false,
      startDelay: 0 as VirtualUs,
      quirks: {},
      ...config,
    });
    this.simulation.addNode({ name, addresses: [address(at)] }, (port) => {
      agent.attach(port);
      return agent;
    });
    this.agents.set(name, agent);
    return agent;
  }

  node(name: string): NodeId {
    return this.simulation.nodeNamed(name);
  }

  startAll(): void {
    for (const name of [...this.controls.keys(), ...this.agents.keys()]) this.simulation.start(this.node(name));
  }

  run(time: VirtualUs): void {
    this.simulation.runUntil((this.simulation.now + time) as VirtualUs);
  }

  settle(): Quiescence {
    return this.simulation.runToQuiescence((this.simulation.now + seconds(600)) as VirtualUs, () => null);
  }

  endpointAt(at: Ipv4): Endpoint | null {
    for (const agent of this.agents.values()) {
      if (agent.address === at && this.simulation.isUp(this.node(agent.name))) return agent;
    }
    return this.others.find((other) => other.address === at) ?? null;
  }

  underlayReachable(_from: Ipv4, to: Ipv4): boolean {
    return !this.unreachable.has(to);
  }
}

export function network(name: string, subnet: string, accessList: AccessList | null = null): AgentNetwork {
  const at = prefix(subnet);
  return {
    name,
    instance: `${name}:${name.split(':').at(-1)}`,
    id: 1,
    subnets: [{ prefix: at, gateway: (at.address + 1) as Ipv4, dns: (at.address + 2) as Ipv4 }], // inside the subnet
    accessList,
  };
}

export function instanceOf(name: string): string {
  return `${name}:${name.split(':').at(-1)}`;
}

export function port(name: string, inNetwork: string, at: string, more: Partial<AgentInterface> = {}): AgentInterface {
  return {
    name,
    workload: `vm:${name}`,
    mac: (0x02_00_00_00_00_00 + address(at)) as Mac, // 48 bits
    network: inNetwork,
    addresses: [address(at)],
    mode: 'active-standby',
    securityGroups: [],
    floatingIps: [],
    policyEnabled: true,
    ...more,
  };
}

export function floatingIp(
  name: string,
  at: string,
  inNetwork: string,
  fixed: string,
  more: Partial<AgentFloatingIp> = {},
): AgentFloatingIp {
  return {
    name,
    address: address(at),
    network: inNetwork,
    fixedAddress: address(fixed),
    direction: 'both',
    portMappings: [],
    ...more,
  };
}

export function rule(
  action: 'pass' | 'deny',
  source: AclAddress,
  destination: AclAddress,
  more: Partial<AclEntry> = {},
): AclEntry {
  return {
    rule: 'rule',
    source,
    destination,
    protocol: null,
    sourcePorts: [],
    destinationPorts: [],
    direction: '>',
    action,
    at: null,
    ...more,
  };
}

export const ANY: AclAddress = { kind: 'any' };

export function inNetwork(name: string): AclAddress {
  return { kind: 'network', name };
}

export function at(file: string, line: number): SourceSpan {
  return { file, line, column: 1 };
}

/** The list of VR-4.6's worked example: `pass tcp A <> B, destination port` on both networks, seen from `own`. */
export function policyList(
  own: string,
  a: string,
  b: string,
  destinationPort: number,
  tail: 'pass' | 'deny' = 'pass',
): AccessList {
  const [from, to] = [inNetwork(a), inNetwork(b)];
  return {
    name: own,
    entries: [
      rule('pass', from, to, {
        rule: 'pass-sql',
        protocol: 6,
        destinationPorts: [{ low: destinationPort, high: destinationPort }],
        direction: '<>',
        at: at('policy.yaml', 7),
      }),
      rule('pass', inNetwork(own), inNetwork(own)),
      ...(tail === 'pass'
        ? [rule('deny', from, to, { rule: 'pass-sql', direction: '<>', at: at('policy.yaml', 7) })]
        : []),
      rule(tail, ANY, ANY),
    ],
  };
}

export function group(
  name: string,
  id: number,
  ingress: readonly AclEntry[],
  egress: readonly AclEntry[],
): AgentSecurityGroup {
  return {
    name,
    id,
    ingress: { name: `${name} ingress`, entries: ingress },
    egress: { name: `${name} egress`, entries: egress },
  };
}

export function packet(from: string, to: string, more: Partial<Packet> = {}): Packet {
  return {
    source: address(from),
    destination: address(to),
    protocol: 6,
    sourcePort: 40000,
    destinationPort: 5432,
    ttl: 64,
    ...more,
  };
}
