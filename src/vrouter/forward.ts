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
import { Digest } from '../base/digest.ts';
import { formatIpv4, type Ipv4 } from '../net/ipv4.ts';
import { formatPrefix } from '../net/prefix.ts';
import { formatEntry, VERDICT_REASONS, type Verdict } from '../policy/evaluate.ts';
import type { Agent } from './agent.ts';
import type { Encapsulation } from './agent-config.ts';
import { type Fabric, type ForeignPe, isForeignPe, type PeLookup, type PeNextHop } from './fabric.ts';
import {
  type Delivery,
  DROP_MEANINGS,
  type DropReason,
  type Exchange,
  type Fate,
  type Hop,
  type Packet,
  type VerdictCheck,
} from './fate.ts';
import { egressFlow, type Flow, type FlowWatcher, ingressFlow, reverseOf, sameKey } from './flow.ts';
import type { Member, NextHopId } from './next-hop.ts';
import { activeOffer, isSubnetDiscard, peerName, routeGroups, routeNetworks, routePrefix } from './route.ts';
import type { VmInterface, Vrf } from './tables.ts';
import { nextHopText } from './views.ts';

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
  return new Walk(fabric, null, options.hops !== false).from(start, packet);
}

/** The fates of the packet along every member of every group on its way. */
export function walkAll(fabric: Fabric, start: Start, packet: Packet, options: WalkOptions = {}): readonly Fate[] {
  return everyWay(
    options,
    (choices) => new Walk(fabric, choices, options.hops !== false),
    (way) => way.from(start, packet),
  );
}

/** A request and its reply, which meets the flows that the request made. */
export function exchange(fabric: Fabric, start: Start, packet: Packet, options: WalkOptions = {}): Exchange {
  const way = new Walk(fabric, null, options.hops !== false);
  return way.exchange(start, packet);
}

/** Every way of the request, each with every way of its reply. */
export function exchangeAll(
  fabric: Fabric,
  start: Start,
  packet: Packet,
  options: WalkOptions = {},
): readonly Exchange[] {
  return everyWay(
    options,
    (choices) => new Walk(fabric, choices, options.hops !== false),
    (way) => way.exchange(start, packet),
  );
}

/** Runs a walk for each combination of choices: the choices met on the last way say what the next one is. */
function everyWay<T>(options: WalkOptions, begin: (choices: readonly number[]) => Walk, go: (way: Walk) => T): T[] {
  const found: T[] = [];
  const waysMax = options.waysMax ?? WAYS_MAX;
  let choices: number[] | null = [];
  while (choices !== null && found.length < waysMax) {
    const way = begin(choices);
    found.push(go(way));
    choices = way.nextChoices();
  }
  return found;
}

class Walk implements FlowWatcher {
  private readonly fabric: Fabric;
  /** null: by hash. */
  private readonly choices: readonly number[] | null;
  private readonly taken: number[] = [];
  private readonly offered: number[] = [];
  private readonly watching: boolean;
  private hops: Hop[] = [];
  private readonly flows: Flow[] = [];
  /** Members chosen in the present direction: a flow keeps its member. */
  private readonly chosen = new Map<Agent, { readonly nextHop: NextHopId; readonly member: number }[]>();
  /** Where requests were delivered, for their replies. */
  private readonly hosts = new Map<string, Agent>();
  private gateway: ForeignPe | null = null;

  constructor(fabric: Fabric, choices: readonly number[] | null, watching: boolean) {
    this.fabric = fabric;
    this.choices = choices;
    this.watching = watching;
  }

  from(start: Start, packet: Packet): Fate {
    this.hops = [];
    this.chosen.clear();
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
    const answer = { ...reverseOf(request.packet), ttl: packet.ttl };
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

  /** The choices of the next way: the last group that has a member left moves on, those after it begin again. */
  nextChoices(): number[] | null {
    for (let at = this.taken.length - 1; at >= 0; at--) {
      if (this.taken[at]! + 1 < this.offered[at]!) return [...this.taken.slice(0, at), this.taken[at]! + 1];
    }
    return null;
  }

  // ---------------------------------------------------------------------------------------------- on the way

  private hostOf(name: string): Agent | null {
    return this.hosts.get(name) ?? null;
  }

  private fromWorkload(agent: Agent, entry: VmInterface, packet: Packet): Fate {
    this.interfaceHop(agent, entry, 'from workload');
    if (!entry.config.policyEnabled) return this.route(agent, entry.vrf!, packet, null, null, true);
    let flow = this.flowOf(agent, entry.vif, packet);
    const isNew = flow === null;
    if (flow === null) {
      const pair = ingressFlow(agent, entry, packet, this);
      flow = pair.forward;
      this.flows.push(pair.forward, pair.reverse);
    } else this.flowHop(agent, flow);
    const spoofed = this.sourceFault(agent, flow, entry, null);
    if (spoofed !== null) return this.dropped(agent.name, 'Invalid Source', packet, spoofed);
    if (flow.drop !== null) return this.flowDropped(agent, flow, packet);
    if (!isNew) this.translationHop(agent, flow, packet);
    const translated = { ...flow.translated, ttl: packet.ttl };
    return this.route(agent, flow.vrf, translated, flow, null, !isNew || flow.translated !== packet);
  }

  private fromFabric(agent: Agent, label: number, packet: Packet, outerSource: Ipv4, labelTtl: number): Fate {
    const { tables } = agent;
    const nextHop = tables.labels.lookup(label);
    if (this.watching) {
      const text = nextHop < 0 ? null : nextHopText(agent, nextHop);
      this.hops.push({ kind: 'label', host: agent.name, label, nextHop: text });
    }
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
    } else this.flowHop(agent, flow);
    const spoofed = this.sourceFault(agent, flow, null, outerSource);
    if (spoofed !== null) return this.dropped(agent.name, 'Invalid Source', packet, spoofed);
    if (flow.drop !== null) return this.flowDropped(agent, flow, packet);
    if (!isNew) this.translationHop(agent, flow, packet);
    return this.toWorkload(agent, entry, { ...flow.translated, ttl: packet.ttl });
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
    if (shown) this.lookup(agent, vrf, 'destination', packet.destination, row);
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
          return this.toPolicedWorkload(agent, entry, { ...packet, ttl });
        return this.toWorkload(agent, entry, { ...packet, ttl });
      }
      case 'tunnel': {
        const ttl = this.ttlAfter(vrf, row, packet);
        if (ttl <= 0) return this.dropped(agent.name, 'TTL Exceeded', packet, `TTL ${packet.ttl} at ${agent.name}`);
        if (hop.to === outerSource)
          return this.dropped(agent.name, 'Packet Loop', packet, `${agent.name} would send it back`);
        const because = this.watching ? this.encapsulationReason(agent, vrf, row, hop.to, label) : '';
        // Within a network the frame is bridged: the label's TTL is 64 whatever the packet's (VR-3.10/6).
        const labelTtl = this.staysInNetwork(vrf, row) ? 64 : ttl;
        return this.tunnel(
          agent.name,
          agent.address,
          hop.to,
          hop.encapsulation,
          because,
          label,
          { ...packet, ttl },
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
    } else this.flowHop(agent, flow);
    if (flow.drop !== null) return this.flowDropped(agent, flow, packet);
    return this.toWorkload(agent, entry, { ...flow.translated, ttl: packet.ttl });
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
    if (this.watching) this.hops.push({ kind: 'tunnel', host, from, to, encapsulation, because, label, ttl: labelTtl });
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
      this.gatewayHop(gateway, `${found.vrf}: no route to ${destination}`);
      return this.dropped(
        gateway.name,
        'Gateway',
        packet,
        `${gateway.name} has no route to ${destination} in ${found.vrf}`,
      );
    }
    const at = this.choose(found.nextHops.length, packet);
    const hop: PeNextHop = found.nextHops[at]!;
    const prefix = formatPrefix(found.prefix);
    if (hop.kind === 'external') {
      this.gatewayHop(gateway, `${found.vrf}: ${prefix} lies behind ${gateway.name}`);
      this.gateway = gateway;
      const to: Delivery = { kind: 'external', gateway: gateway.name, vrf: found.vrf, prefix: found.prefix };
      return { kind: 'delivered', to, packet, hops: this.hops };
    }
    this.gatewayHop(gateway, `${found.vrf}: ${prefix}, path ${at + 1} of ${found.nextHops.length}`);
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
      { ...packet, ttl },
      ttl,
    );
  }

  private toWorkload(agent: Agent, entry: VmInterface, packet: Packet): Fate {
    this.interfaceHop(agent, entry, 'to workload');
    const { name, workload } = entry.config;
    return this.delivered({ kind: 'interface', host: agent.name, interface: name, workload }, agent, packet);
  }

  /** The agent answers on the interface the request came from (VR-9.1/5). */
  private agentAnswers(to: Delivery & { kind: 'agent' }, start: Start, packet: Packet, answer: Packet): Fate | null {
    if (start.kind !== 'interface') return null;
    const entry = start.agent.tables.interface(start.interface);
    if (entry === null || to.host !== start.agent.name || packet.destination !== answer.source) return null;
    this.hops = [];
    return this.toWorkload(start.agent, entry, answer);
  }

  private delivered(to: Delivery, agent: Agent, packet: Packet): Fate {
    this.hosts.set(agent.name, agent);
    return { kind: 'delivered', to, packet, hops: this.hops };
  }

  private dropped(at: string, because: DropReason, packet: Packet, detail: string): Fate {
    return { kind: 'dropped', at, because, detail, packet, hops: this.hops };
  }

  private flowDropped(agent: Agent, flow: Flow, packet: Packet): Fate {
    const because = flow.drop!;
    const what = `${formatIpv4(packet.source)} to ${formatIpv4(packet.destination)} at ${agent.name}`;
    return this.dropped(agent.name, because, packet, `${DROP_MEANINGS[because] ?? because}: ${what}`);
  }

  // ------------------------------------------------------------------------------------------------ decisions

  private flowOf(agent: Agent, vif: number, packet: Packet): Flow | null {
    for (const flow of this.flows) {
      if (flow.agent === agent && flow.vif === vif && sameKey(flow.key, packet)) return flow;
    }
    return null;
  }

  /**
   * Reverse path check (VR-4.10): from a workload the route to the source must lead to its interface, from the fabric to
   * the tunnel it came out of. Null: it does, or there is no route and the flow says so.
   */
  private sourceFault(agent: Agent, flow: Flow, entry: VmInterface | null, outerSource: Ipv4 | null): string | null {
    const row = flow.sourceVrf.table.longestMatch(flow.source);
    if (row < 0 || isSubnetDiscard(flow.sourceVrf, row)) return null;
    const nextHop = flow.sourceVrf.table.nextHopAt(row);
    if (leadsBack(agent, nextHop, entry, outerSource)) return null;
    const came = entry === null ? `the tunnel from ${formatIpv4(outerSource!)}` : `interface ${entry.config.name}`;
    return `${formatIpv4(flow.source)} came by ${came}, but its route is ${nextHopText(agent, nextHop)}`;
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
    const slots = nextHops.members(group);
    const members = slots.filter((member): member is Member => {
      return member !== null && (!localOnly || !nextHops.isTunnel(member.nextHop));
    });
    if (members.length === 0) return null;
    const back = flow?.direction === 'reverse' ? this.memberBack(agent, flow, members) : -1;
    const known = this.chosen.get(agent) ?? [];
    const before = known.find((choice) => choice.nextHop === group);
    let at: number;
    if (back >= 0) at = back;
    else if (before !== undefined) return members[before.member]!;
    else {
      at = this.choose(members.length, packet);
      this.chosen.set(agent, [...known, { nextHop: group, member: at }]);
    }
    const member = members[at]!;
    if (this.watching) {
      this.hops.push({
        kind: 'ecmp',
        host: agent.name,
        members: members.length,
        member: at,
        because: back >= 0 ? 'member of the other direction' : this.choices === null ? 'flow hash' : 'enumerated',
        nextHop: nextHopText(agent, member.nextHop, member.label),
      });
    }
    return member;
  }

  /** Replies go to the member that their request came from (VR-0.20); -1 when it is not among them. */
  private memberBack(agent: Agent, flow: Flow, members: readonly Member[]): number {
    const { nextHops } = agent.tables;
    return members.findIndex((member) => {
      if (nextHops.isTunnel(member.nextHop)) return nextHops.tunnelDestination(member.nextHop) === flow.cameFrom;
      return nextHops.isInterface(member.nextHop) && nextHops.vif(member.nextHop) === flow.cameFromVif;
    });
  }

  private choose(count: number, packet: Packet): number {
    if (count === 1) return 0;
    if (this.choices === null) return flowHash(packet) % count;
    const at = this.taken.length;
    const taken = this.choices[at] ?? 0;
    this.taken.push(taken);
    this.offered.push(count);
    return taken;
  }

  /** Routed packets lose one, bridged ones nothing (VR-3.10). */
  private ttlAfter(vrf: Vrf, row: number, packet: Packet): number {
    return this.staysInNetwork(vrf, row) ? packet.ttl : packet.ttl - 1;
  }

  private staysInNetwork(vrf: Vrf, row: number): boolean {
    const networks = routeNetworks(vrf, row);
    return vrf.network !== null && networks.length === 1 && networks[0] === vrf.network.name;
  }

  private encapsulationReason(agent: Agent, vrf: Vrf, row: number, to: Ipv4, label: number): string {
    const hops = activeOffer(vrf, row)?.nextHops ?? [];
    const hop = hops.find((candidate) => candidate.address === to && candidate.label === label);
    return hop === undefined ? '' : agent.tables.forwarding.explain(hop);
  }

  // ------------------------------------------------------------------------------------------------- what is seen

  lookup(agent: Agent, vrf: Vrf, side: 'source' | 'destination', address: Ipv4, row: number): void {
    if (!this.watching) return;
    const base = { kind: 'lookup', host: agent.name, vrf: vrf.name, side, address } as const;
    if (row < 0) {
      const none = { prefix: null, peer: 'none', because: 'no route', nextHop: 'none', network: '__UNKNOWN__' };
      this.hops.push({ ...base, ...none, securityGroups: [] });
      return;
    }
    this.hops.push({
      ...base,
      prefix: routePrefix(vrf, row, agent.pool.nlris),
      peer: peerName(vrf, row, agent.controlNodes),
      because: vrf.table.becauseAt(row),
      nextHop: nextHopText(agent, vrf.table.nextHopAt(row), vrf.table.labelAt(row)),
      network: routeNetworks(vrf, row).join(', '),
      securityGroups: routeGroups(vrf, row),
    });
  }

  verdict(agent: Agent, check: VerdictCheck, flow: 'forward' | 'reverse', verdict: Verdict, list: string): void {
    if (!this.watching) return;
    const { entry } = verdict;
    const rule = entry === null ? VERDICT_REASONS[verdict.because]! : formatEntry(entry);
    this.hops.push({
      kind: 'verdict',
      host: agent.name,
      check,
      flow,
      list,
      verdict: verdict.action,
      rule,
      at: entry?.at ?? null,
    });
  }

  translated(agent: Agent, translation: 'SNAT' | 'DNAT', floatingIp: string, from: Packet, to: Packet): void {
    if (!this.watching) return;
    const source = translation === 'SNAT';
    this.hops.push({
      kind: 'nat',
      host: agent.name,
      translation,
      floatingIp,
      from: source ? from.source : from.destination,
      to: source ? to.source : to.destination,
      fromPort: source ? from.sourcePort : from.destinationPort,
      toPort: source ? to.sourcePort : to.destinationPort,
    });
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

  /** A packet of a known flow is rewritten as the flow says. */
  private translationHop(agent: Agent, flow: Flow, packet: Packet): void {
    const { translated, floatingIp } = flow;
    if (translated.source !== packet.source || translated.sourcePort !== packet.sourcePort) {
      this.translated(agent, 'SNAT', floatingIp, packet, translated);
    }
    if (translated.destination !== packet.destination || translated.destinationPort !== packet.destinationPort) {
      this.translated(agent, 'DNAT', floatingIp, packet, translated);
    }
  }

  private interfaceHop(agent: Agent, entry: VmInterface, direction: 'from workload' | 'to workload'): void {
    if (!this.watching) return;
    const { name, workload } = entry.config;
    this.hops.push({ kind: 'interface', host: agent.name, direction, interface: name, workload, vif: entry.vif });
  }

  private flowHop(agent: Agent, flow: Flow): void {
    if (!this.watching) return;
    this.hops.push({
      kind: 'flow',
      host: agent.name,
      found: flow.direction,
      action: flow.drop === null ? 'forward' : 'drop',
    });
  }

  private gatewayHop(gateway: ForeignPe, text: string): void {
    if (this.watching) this.hops.push({ kind: 'gateway', host: gateway.name, text });
  }
}

/** Whether what a next hop leads to is where the packet came from: any member of a group will do. */
function leadsBack(agent: Agent, nextHop: NextHopId, entry: VmInterface | null, outerSource: Ipv4 | null): boolean {
  const { nextHops } = agent.tables;
  if (nextHops.isComposite(nextHop)) {
    return nextHops.members(nextHop).some((member) => {
      return member !== null && leadsBack(agent, member.nextHop, entry, outerSource);
    });
  }
  if (nextHops.isTunnel(nextHop)) return outerSource !== null && nextHops.tunnelDestination(nextHop) === outerSource;
  if (nextHops.isInterface(nextHop)) return entry !== null && nextHops.vif(nextHop) === entry.vif;
  return false;
}

/** Over the five fields of VR-4.11.1; the real hash is no part of the contract (VR-4.11.8). */
export function flowHash(packet: Packet): number {
  const { source, destination, protocol, sourcePort, destinationPort } = packet;
  return new Digest().int(source).int(destination).int(protocol).int(sourcePort).int(destinationPort).short();
}
