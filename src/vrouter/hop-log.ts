/** Writes down what a packet meets, in the words of an operator; off, it writes nothing and costs nothing. */
import type { Ipv4 } from '../net/ipv4.ts';
import { formatEntry, VERDICT_REASONS, type Verdict } from '../policy/evaluate.ts';
import type { Agent } from './agent.ts';
import type { Encapsulation } from './agent-config.ts';
import type { ForeignPe } from './fabric.ts';
import type { Hop, Packet, VerdictCheck } from './fate.ts';
import type { Flow } from './flow.ts';
import type { Member, NextHopId } from './next-hop.ts';
import { activeOffer, peerName, routeGroups, routeNetworks, routePrefix } from './route.ts';
import type { VmInterface, Vrf } from './tables.ts';
import { nextHopText } from './views.ts';

export class HopLog {
  hops: Hop[] = [];
  private readonly on: boolean;

  constructor(on: boolean) {
    this.on = on;
  }

  begin(): void {
    this.hops = [];
  }

  face(agent: Agent, entry: VmInterface, direction: 'from workload' | 'to workload'): void {
    if (!this.on) return;
    const { name, workload } = entry.config;
    this.hops.push({ kind: 'interface', host: agent.name, direction, interface: name, workload, vif: entry.vif });
  }

  lookup(agent: Agent, vrf: Vrf, side: 'source' | 'destination', address: Ipv4, row: number): void {
    if (!this.on) return;
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
    if (!this.on) return;
    const { entry } = verdict;
    const rule = entry === null ? VERDICT_REASONS[verdict.because]! : formatEntry(entry);
    const at = entry?.at ?? null;
    this.hops.push({ kind: 'verdict', host: agent.name, check, flow, list, verdict: verdict.action, rule, at });
  }

  flow(agent: Agent, flow: Flow): void {
    if (!this.on) return;
    const action = flow.drop === null ? 'forward' : 'drop';
    this.hops.push({ kind: 'flow', host: agent.name, found: flow.direction, action });
  }

  translated(agent: Agent, translation: 'SNAT' | 'DNAT', floatingIp: string, from: Packet, to: Packet): void {
    if (!this.on) return;
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

  /** A packet of a known flow is rewritten as the flow says. */
  rewritten(agent: Agent, flow: Flow, packet: Packet): void {
    const { translated, floatingIp } = flow;
    if (translated.source !== packet.source || translated.sourcePort !== packet.sourcePort) {
      this.translated(agent, 'SNAT', floatingIp, packet, translated);
    }
    if (translated.destination !== packet.destination || translated.destinationPort !== packet.destinationPort) {
      this.translated(agent, 'DNAT', floatingIp, packet, translated);
    }
  }

  member(agent: Agent, at: number, members: readonly Member[], because: (Hop & { kind: 'ecmp' })['because']): void {
    if (!this.on) return;
    const member = members[at]!;
    const nextHop = nextHopText(agent, member.nextHop, member.label);
    this.hops.push({ kind: 'ecmp', host: agent.name, members: members.length, member: at, because, nextHop });
  }

  tunnel(
    host: string,
    from: Ipv4,
    to: Ipv4,
    encapsulation: Encapsulation,
    because: string,
    label: number,
    ttl: number,
  ): void {
    if (this.on) this.hops.push({ kind: 'tunnel', host, from, to, encapsulation, because, label, ttl });
  }

  /** Why the sender encapsulates as it does (VR-2.5). */
  encapsulationReason(agent: Agent, vrf: Vrf, row: number, to: Ipv4, label: number): string {
    if (!this.on) return '';
    const hops = activeOffer(vrf, row)?.nextHops ?? [];
    const hop = hops.find((candidate) => candidate.address === to && candidate.label === label);
    return hop === undefined ? '' : agent.tables.forwarding.explain(hop);
  }

  label(agent: Agent, label: number, nextHop: NextHopId): void {
    if (!this.on) return;
    const text = nextHop < 0 ? null : nextHopText(agent, nextHop);
    this.hops.push({ kind: 'label', host: agent.name, label, nextHop: text });
  }

  gateway(gateway: ForeignPe, text: string): void {
    if (this.on) this.hops.push({ kind: 'gateway', host: gateway.name, text });
  }
}
