/**
 * The walk of a packet (VR-3, VR-4), by table lookups only: interface, flow set-up, VRF lookup, next hop, tunnel, label
 * at the far end, flow set-up there, interface. It never knows what was intended.
 *
 * A walk asks and changes nothing in the world: flows live as long as the question, so that a reply meets the entries
 * its request made (VR-4.5), statefully. Where a group offers several members the walk takes the one of the flow's hash
 * or, asked for all, goes every way there is.
 *
 * Bridging is not modelled on its own: a packet within a network keeps its TTL and takes the inet routes (see the ledger).
 */
import { formatIpv4, type Ipv4 } from '../net/ipv4.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { Verdict } from '../policy/evaluate.ts';
import type { Agent } from './agent.ts';
import type { Encapsulation } from './agent-config.ts';
import { Choices, everyWay } from './choices.ts';
import { type Fabric, type ForeignPe, isForeignPe, type PeLookup } from './fabric.ts';
import {
  type Delivery,
  DROP_MEANINGS,
  type DropReason,
  type Exchange,
  type Fate,
  type Packet,
  type VerdictCheck,
  withTtl,
} from './fate.ts';
import { egressFlow, type Flow, type FlowWatcher, ingressFlow, reverseOf, sameKey } from './flow.ts';
import { HopLog } from './hop-log.ts';
import type { Member, NextHopId } from './next-hop.ts';
import { sourceFault } from './reverse-path.ts';
import { isSubnetDiscard, routeNetworks } from './route.ts';
import type { VmInterface, Vrf } from './tables.ts';

/** Where a packet begins its way. */
export type Start =
  | { readonly kind: 'interface'; readonly agent: Agent; readonly interface: string }
  | { readonly kind: 'gateway'; readonly gateway: ForeignPe; readonly vrf: string };

export interface WalkOptions {
  /** Off: the fate without its hops, for questions about many packets. */
  readonly hops?: boolean;
  /** Enumerations end after so many ways; 4096 unless said. */
  readonly waysMax?: number;
}

const WAYS_MAX = 4096;

/** The fate of one packet; groups choose by the flow's hash. */
export function walk(fabric: Fabric, start: Start, packet: Packet, options: WalkOptions = {}): Fate {
  return new Walk(fabric, new Choices(null), options).from(start, packet);
}

/** The fates of the packet along every member of every group on its way. */
export function walkAll(fabric: Fabric, start: Start, packet: Packet, options: WalkOptions = {}): readonly Fate[] {
  return everyWay(options.waysMax ?? WAYS_MAX, (choices) => new Walk(fabric, choices, options).from(start, packet));
}

/** A request and its reply, which meets the flows that the request made. */
export function exchange(fabric: Fabric, start: Start, packet: Packet, options: WalkOptions = {}): Exchange {
  return new Walk(fabric, new Choices(null), options).exchange(start, packet);
}

/** Every way of the request, each with every way of its reply. */
export function exchangeAll(
  fabric: Fabric,
  start: Start,
  packet: Packet,
  options: WalkOptions = {},
): readonly Exchange[] {
  return everyWay(options.waysMax ?? WAYS_MAX, (choices) => new Walk(fabric, choices, options).exchange(start, packet));
}

class Walk implements FlowWatcher {
  private readonly fabric: Fabric;
  private readonly choices: Choices;
  private readonly log: HopLog;
  private readonly flows: Flow[] = [];
  /** Members chosen in the present direction: a flow keeps its member. */
  private chosen: { readonly agent: Agent; readonly group: NextHopId; readonly member: number }[] = [];
  /** Where requests were delivered, for their replies. */
  private readonly hosts = new Map<string, Agent>();
  private gateway: ForeignPe | null = null;

  constructor(fabric: Fabric, choices: Choices, options: WalkOptions) {
    this.fabric = fabric;
    this.choices = choices;
    this.log = new HopLog(options.hops !== false);
  }

  from(start: Start, packet: Packet): Fate {
    this.log.begin();
    this.chosen = [];
    if (start.kind === 'gateway')
      return this.atGateway(start.gateway, start.gateway.lookup(start.vrf, packet.destination), packet);
    const entry = start.agent.tables.interface(start.interface);
    if (entry === null || entry.vrf === null) {
      return this.dropped(
        start.agent.name,
        'IntfErr',
        packet,
        `${start.interface} is not active on ${start.agent.name}`,
      );
    }
    return this.fromWorkload(start.agent, entry, packet);
  }

  exchange(start: Start, packet: Packet): Exchange {
    const request = this.from(start, packet);
    if (request.kind === 'dropped') return { request, reply: null };
    const answer = withTtl(reverseOf(request.packet), packet.ttl);
    const { to } = request;
    if (to.kind === 'agent') return { request, reply: this.agentAnswers(to, start, packet, answer) };
    const host = to.kind === 'interface' ? this.hostOf(to.host) : null;
    const back: Start | null =
      to.kind === 'external'
        ? { kind: 'gateway', gateway: this.gateway!, vrf: to.vrf }
        : host === null
          ? null
          : { kind: 'interface', agent: host, interface: to.interface };
    return { request, reply: back === null ? null : this.from(back, answer) };
  }

  // On the way

  private hostOf(name: string): Agent | null {
    return this.hosts.get(name) ?? null;
  }

  private fromWorkload(agent: Agent, entry: VmInterface, packet: Packet): Fate {
    this.log.face(agent, entry, 'from workload');
    if (!entry.config.policyEnabled) return this.route(agent, entry.vrf!, packet, null, null, true);
    let flow = this.flowOf(agent, entry.vif, packet);
    const isNew = flow === null;
    if (flow === null) {
      const pair = ingressFlow(agent, entry, packet, this);
      flow = pair.forward;
      this.flows.push(pair.forward, pair.reverse);
    } else this.log.flow(agent, flow);
    const spoofed = sourceFault(agent, flow, entry, null);
    if (spoofed !== null) return this.dropped(agent.name, 'Invalid Source', packet, spoofed);
    if (flow.drop !== null) return this.flowDropped(agent, flow, packet);
    if (!isNew) this.log.rewritten(agent, flow, packet);
    const translated = withTtl(flow.translated, packet.ttl);
    return this.route(agent, flow.vrf, translated, flow, null, !isNew || flow.translated !== packet);
  }

  private fromFabric(agent: Agent, label: number, packet: Packet, outerSource: Ipv4, labelTtl: number): Fate {
    const { tables } = agent;
    const nextHop = tables.labels.lookup(label);
    this.log.label(agent, label, nextHop);
    if (nextHop < 0) return this.dropped(agent.name, 'Invalid Label', packet, `${agent.name} has no label ${label}`);
    if (labelTtl <= 1)
      return this.dropped(agent.name, 'TTL Exceeded', packet, `label TTL ${labelTtl} at ${agent.name}`);
    let target = nextHop;
    if (tables.nextHops.isComposite(nextHop)) {
      // A group's own label leads to members of this host only (VR-1.10.p3, VR-4.11.3).
      const member = this.chooseMember(agent, nextHop, packet, null, true);
      target = member === null ? -1 : member.nextHop;
    }
    const entry =
      target >= 0 && tables.nextHops.isInterface(target) ? tables.interfaceOfVif(tables.nextHops.vif(target)) : null;
    if (entry === null || entry.vrf === null) {
      return this.dropped(
        agent.name,
        'Invalid NH',
        packet,
        `label ${label} leads to no active interface of ${agent.name}`,
      );
    }
    if (!entry.config.policyEnabled) return this.toWorkload(agent, entry, packet);
    let flow = this.flowOf(agent, entry.vif, packet);
    const isNew = flow === null;
    if (flow === null) {
      const pair = egressFlow(agent, entry, packet, outerSource, this);
      flow = pair.forward;
      this.flows.push(pair.forward, pair.reverse);
    } else this.log.flow(agent, flow);
    const spoofed = sourceFault(agent, flow, null, outerSource);
    if (spoofed !== null) return this.dropped(agent.name, 'Invalid Source', packet, spoofed);
    if (flow.drop !== null) return this.flowDropped(agent, flow, packet);
    if (!isNew) this.log.rewritten(agent, flow, packet);
    return this.toWorkload(agent, entry, withTtl(flow.translated, packet.ttl));
  }

  /** The routing step in a VRF, and the output to the next hop it finds (VR-3.3.p2, VR-3.13). */
  private route(
    agent: Agent,
    vrf: Vrf,
    packet: Packet,
    flow: Flow | null,
    outerSource: Ipv4 | null,
    shown: boolean,
  ): Fate {
    const { table } = vrf;
    const row = table.longestMatch(packet.destination);
    if (shown) this.log.lookup(agent, vrf, 'destination', packet.destination, row);
    if (row < 0 || isSubnetDiscard(vrf, row)) {
      return this.dropped(
        agent.name,
        'Discards',
        packet,
        `${vrf.name} has no route to ${formatIpv4(packet.destination)}`,
      );
    }
    return this.output(agent, vrf, row, table.nextHopAt(row), table.labelAt(row), packet, flow, outerSource);
  }

  private output(
    agent: Agent,
    vrf: Vrf,
    row: number,
    nextHop: NextHopId,
    label: number,
    packet: Packet,
    flow: Flow | null,
    outerSource: Ipv4 | null,
  ): Fate {
    const { nextHops } = agent.tables;
    const hop = nextHops.get(nextHop);
    switch (hop.kind) {
      case 'composite': {
        const member = this.chooseMember(agent, nextHop, packet, flow, false);
        if (member === null)
          return this.dropped(
            agent.name,
            'Invalid NH',
            packet,
            `the group for ${formatIpv4(packet.destination)} is empty`,
          );
        return this.output(agent, vrf, row, member.nextHop, member.label, packet, flow, outerSource);
      }
      case 'discard':
        return this.dropped(
          agent.name,
          'Discards',
          packet,
          `${formatIpv4(packet.destination)} is discarded in ${vrf.name}`,
        );
      case 'invalid':
        return this.dropped(
          agent.name,
          'Invalid NH',
          packet,
          `the next hop for ${formatIpv4(packet.destination)} is not usable`,
        );
      case 'receive':
      case 'packet':
        return this.delivered({ kind: 'agent', host: agent.name, vrf: vrf.name }, agent, packet);
      case 'interface': {
        const entry = agent.tables.interfaceOfVif(hop.vif);
        if (entry === null || entry.vrf === null) {
          return this.dropped(
            agent.name,
            'Invalid NH',
            packet,
            `the interface for ${formatIpv4(packet.destination)} is gone`,
          );
        }
        const ttl = this.ttlAfter(vrf, row, packet);
        if (ttl <= 0) return this.dropped(agent.name, 'TTL Exceeded', packet, `TTL ${packet.ttl} at ${agent.name}`);
        if (flow === null && entry.config.policyEnabled)
          return this.toPolicedWorkload(agent, entry, withTtl(packet, ttl));
        return this.toWorkload(agent, entry, withTtl(packet, ttl));
      }
      case 'tunnel': {
        const ttl = this.ttlAfter(vrf, row, packet);
        if (ttl <= 0) return this.dropped(agent.name, 'TTL Exceeded', packet, `TTL ${packet.ttl} at ${agent.name}`);
        if (hop.to === outerSource)
          return this.dropped(agent.name, 'Packet Loop', packet, `${agent.name} would send it back`);
        const because = this.log.encapsulationReason(agent, vrf, row, hop.to, label);
        // Within a network the frame is bridged: the label's TTL is 64 whatever the packet's (VR-3.10/6).
        const labelTtl = this.staysInNetwork(vrf, row) ? 64 : ttl;
        return this.tunnel(
          agent.name,
          agent.address,
          hop.to,
          hop.encapsulation,
          because,
          label,
          withTtl(packet, ttl),
          labelTtl,
        );
      }
    }
  }

  /** The sender has no policy but the interface has: its next hop asks for a flow (VR-3.2.6, VR-4.1). */
  private toPolicedWorkload(agent: Agent, entry: VmInterface, packet: Packet): Fate {
    let flow = this.flowOf(agent, entry.vif, packet);
    if (flow === null) {
      const pair = egressFlow(agent, entry, packet, agent.address, this);
      flow = pair.forward;
      this.flows.push(pair.forward, pair.reverse);
    } else this.log.flow(agent, flow);
    if (flow.drop !== null) return this.flowDropped(agent, flow, packet);
    return this.toWorkload(agent, entry, withTtl(flow.translated, packet.ttl));
  }

  private tunnel(
    host: string,
    from: Ipv4,
    to: Ipv4,
    encapsulation: Encapsulation,
    because: string,
    label: number,
    packet: Packet,
    labelTtl: number,
  ): Fate {
    this.log.tunnel(host, from, to, encapsulation, because, label, labelTtl);
    if (!this.fabric.underlayReachable(from, to)) {
      return this.dropped(
        host,
        'Underlay',
        packet,
        `the underlay does not carry it from ${formatIpv4(from)} to ${formatIpv4(to)}`,
      );
    }
    const end = this.fabric.endpointAt(to);
    if (end === null) return this.dropped(host, 'No Host', packet, `nobody has the address ${formatIpv4(to)}`);
    if (!isForeignPe(end)) return this.fromFabric(end, label, packet, from, labelTtl);
    const receipt = end.receiveLabelled(label, packet);
    if (receipt.kind === 'no-label')
      return this.dropped(end.name, 'Invalid Label', packet, `${end.name} has no label ${label}`);
    return this.atGateway(end, receipt, packet);
  }

  /** A foreign PE forwards by its VRF, without flows. */
  private atGateway(gateway: ForeignPe, found: PeLookup, packet: Packet): Fate {
    const destination = formatIpv4(packet.destination);
    if (found.kind === 'none' || found.nextHops.length === 0) {
      this.log.gateway(gateway, `${found.vrf}: no route to ${destination}`);
      return this.dropped(
        gateway.name,
        'Gateway',
        packet,
        `${gateway.name} has no route to ${destination} in ${found.vrf}`,
      );
    }
    const at = this.choices.of(found.nextHops.length, packet);
    const hop = found.nextHops[at]!;
    const prefix = formatPrefix(found.prefix);
    if (hop.kind === 'external') {
      this.log.gateway(gateway, `${found.vrf}: ${prefix} lies behind ${gateway.name}`);
      this.gateway = gateway;
      const to: Delivery = { kind: 'external', gateway: gateway.name, vrf: found.vrf, prefix: found.prefix };
      return { kind: 'delivered', to, packet, hops: this.log.hops };
    }
    this.log.gateway(gateway, `${found.vrf}: ${prefix}, path ${at + 1} of ${found.nextHops.length}`);
    const ttl = packet.ttl - 1;
    if (ttl <= 0) return this.dropped(gateway.name, 'TTL Exceeded', packet, `TTL ${packet.ttl} at ${gateway.name}`);
    const because = `the path of ${gateway.name}`;
    return this.tunnel(
      gateway.name,
      gateway.address,
      hop.to,
      hop.encapsulation,
      because,
      hop.label,
      withTtl(packet, ttl),
      ttl,
    );
  }

  private toWorkload(agent: Agent, entry: VmInterface, packet: Packet): Fate {
    this.log.face(agent, entry, 'to workload');
    const { name, workload } = entry.config;
    return this.delivered({ kind: 'interface', host: agent.name, interface: name, workload }, agent, packet);
  }

  /** The agent answers on the interface the request came from (VR-9.1/5). */
  private agentAnswers(to: Delivery & { kind: 'agent' }, start: Start, packet: Packet, answer: Packet): Fate | null {
    if (start.kind !== 'interface') return null;
    const entry = start.agent.tables.interface(start.interface);
    if (entry === null || to.host !== start.agent.name || packet.destination !== answer.source) return null;
    this.log.begin();
    return this.toWorkload(start.agent, entry, answer);
  }

  private delivered(to: Delivery, agent: Agent, packet: Packet): Fate {
    this.hosts.set(agent.name, agent);
    return { kind: 'delivered', to, packet, hops: this.log.hops };
  }

  private dropped(at: string, because: DropReason, packet: Packet, detail: string): Fate {
    return { kind: 'dropped', at, because, detail, packet, hops: this.log.hops };
  }

  private flowDropped(agent: Agent, flow: Flow, packet: Packet): Fate {
    const because = flow.drop!;
    const what = `${formatIpv4(packet.source)} to ${formatIpv4(packet.destination)} at ${agent.name}`;
    return this.dropped(agent.name, because, packet, `${DROP_MEANINGS[because] ?? because}: ${what}`);
  }

  // Decisions

  private flowOf(agent: Agent, vif: number, packet: Packet): Flow | null {
    for (const flow of this.flows) {
      if (flow.agent === agent && flow.vif === vif && sameKey(flow.key, packet)) return flow;
    }
    return null;
  }

  /** A member of a group: of this host only for packets from the fabric, else any (VR-4.11). */
  private chooseMember(
    agent: Agent,
    group: NextHopId,
    packet: Packet,
    flow: Flow | null,
    localOnly: boolean,
  ): Member | null {
    const { nextHops } = agent.tables;
    const members = nextHops.choices(group, localOnly);
    if (members.length === 0) return null;
    const back = flow?.direction === 'reverse' ? this.memberBack(agent, flow, members) : -1;
    let at = back;
    if (back < 0) {
      const before = this.chosen.find((choice) => choice.agent === agent && choice.group === group);
      if (before !== undefined) return members[before.member]!;
      at = this.choices.of(members.length, packet);
      this.chosen.push({ agent, group, member: at });
    }
    const byHash = this.choices.enumerated ? 'enumerated' : 'flow hash';
    this.log.member(agent, at, members, back >= 0 ? 'member of the other direction' : byHash);
    return members[at]!;
  }

  /** Replies go to the member that their request came from (VR-0.20); -1 when it is not among them. */
  private memberBack(agent: Agent, flow: Flow, members: readonly Member[]): number {
    const { nextHops } = agent.tables;
    return members.findIndex((member) => {
      if (nextHops.isTunnel(member.nextHop)) return nextHops.tunnelDestination(member.nextHop) === flow.cameFrom;
      return nextHops.isInterface(member.nextHop) && nextHops.vif(member.nextHop) === flow.cameFromVif;
    });
  }

  /** Routed packets lose one, bridged ones nothing (VR-3.10). */
  private ttlAfter(vrf: Vrf, row: number, packet: Packet): number {
    return this.staysInNetwork(vrf, row) ? packet.ttl : packet.ttl - 1;
  }

  private staysInNetwork(vrf: Vrf, row: number): boolean {
    const networks = routeNetworks(vrf, row);
    return vrf.network !== null && networks.length === 1 && networks[0] === vrf.network.name;
  }

  // What flow set-up tells

  lookup(agent: Agent, vrf: Vrf, side: 'source' | 'destination', address: Ipv4, row: number): void {
    this.log.lookup(agent, vrf, side, address, row);
  }

  verdict(agent: Agent, check: VerdictCheck, flow: 'forward' | 'reverse', verdict: Verdict, list: string): void {
    this.log.verdict(agent, check, flow, verdict, list);
  }

  translated(agent: Agent, translation: 'SNAT' | 'DNAT', floatingIp: string, from: Packet, to: Packet): void {
    this.log.translated(agent, translation, floatingIp, from, to);
  }

  localInterface(agent: Agent, vrf: Vrf, row: number, packet: Packet): VmInterface | null {
    const { tables } = agent;
    let nextHop = vrf.table.nextHopAt(row);
    for (let depth = 0; depth < 2 && tables.nextHops.isComposite(nextHop); depth++) {
      const member = this.chooseMember(agent, nextHop, packet, null, false);
      if (member === null) return null;
      nextHop = member.nextHop;
    }
    return tables.nextHops.isInterface(nextHop) ? tables.interfaceOfVif(tables.nextHops.vif(nextHop)) : null;
  }
}
