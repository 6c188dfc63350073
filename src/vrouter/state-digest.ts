/**
 * The state of an agent by content: routes with their paths and what they lead to, interfaces, sessions. Two agents
 * that forward alike have one digest whatever ids and labels they handed out: a label counts by the order in which it
 * appears among the labels of its host (design §8).
 */
import { Digest } from '../base/digest.ts';
import { byText } from '../base/order.ts';
import type { Agent } from './agent.ts';
import { ENCAPSULATIONS } from './encapsulation.ts';
import type { NextHopId } from './next-hop.ts';
import { preferenceOf } from './offer.ts';
import type { Vrf } from './tables.ts';

export function stateDigest(agent: Agent): string {
  return new StateDigest(agent).hex();
}

class StateDigest {
  private readonly agent: Agent;
  private readonly digest = new Digest();
  private readonly positions = new Map<number, Map<number, number>>();

  constructor(agent: Agent) {
    this.agent = agent;
  }

  hex(): string {
    const { tables } = this.agent;
    for (const vrf of [...tables.vrfs()].sort((a, b) => byText(a.name, b.name))) this.vrf(vrf);
    for (const entry of [...tables.interfaces()].sort((a, b) => byText(a.config.name, b.config.name))) {
      this.digest.text(entry.config.name).text(entry.vrf?.name ?? '');
    }
    const sessions = [...this.agent.sessions()].sort((a, b) => a.remote - b.remote);
    for (const session of sessions) this.digest.int(session.remote).text(session.state);
    return this.digest.hex();
  }

  private vrf(vrf: Vrf): void {
    const { digest } = this;
    const { nlris } = this.agent.pool;
    const { table } = vrf;
    digest.text(vrf.name).int(table.size);
    const slots = this.slotsByAddress();
    for (const row of table.rows()) {
      const nlri = table.nlriAt(row);
      digest.int(nlris.address(nlri)).int(nlris.length(nlri));
      this.nextHop(table.nextHopAt(row), table.labelAt(row));
      for (const slot of slots) {
        const offer = table.offerAt(row, slot);
        digest.int(offer === null ? 0 : 1);
        if (offer === null) continue;
        digest.int(preferenceOf(offer)).int(offer.sequence).int(offer.nextHops.length);
        const hops = offer.nextHops.map((hop) => [hop.address, hop.label, hop.virtualNetwork] as const);
        hops.sort((a, b) => a[0] - b[0] || a[1] - b[1] || byText(a[2], b[2]));
        for (const [address, label, network] of hops)
          digest.int(address).int(this.position(address, label)).text(network);
        for (const group of offer.securityGroups) digest.int(group);
      }
      for (const path of table.localPathsAt(row)) {
        digest.text(path.source).text(path.network).int(path.preference).int(path.sequence);
        this.nextHop(path.nextHop, path.label);
        for (const group of path.securityGroups) digest.int(group);
      }
    }
  }

  private slotsByAddress(): readonly (0 | 1)[] {
    return this.agent.lowerSlot === 0 ? [0, 1] : [1, 0];
  }

  private nextHop(id: NextHopId, label: number): void {
    const { digest, agent } = this;
    const hop = agent.tables.nextHops.get(id);
    digest.text(hop.kind);
    if (hop.kind === 'interface') digest.text(agent.tables.interfaceOfVif(hop.vif)?.config.name ?? '');
    else if (hop.kind === 'tunnel') {
      digest.int(hop.to).int(ENCAPSULATIONS.indexOf(hop.encapsulation)).int(this.position(hop.to, label));
    } else if (hop.kind === 'composite') {
      const members = hop.members.filter((member) => member !== null);
      const texts = members.map((member) => {
        const { nextHops } = agent.tables;
        const to = nextHops.isTunnel(member.nextHop) ? nextHops.tunnelDestination(member.nextHop) : 0;
        return { member, to };
      });
      texts.sort(
        (a, b) =>
          a.to - b.to || a.member.label - b.member.label || this.compareLocal(a.member.nextHop, b.member.nextHop),
      );
      digest.int(texts.length);
      for (const { member } of texts) this.nextHop(member.nextHop, member.label);
    }
  }

  private compareLocal(a: NextHopId, b: NextHopId): number {
    return byText(this.interfaceName(a), this.interfaceName(b));
  }

  private interfaceName(id: NextHopId): string {
    const { nextHops } = this.agent.tables;
    if (!nextHops.isInterface(id)) return '';
    return this.agent.tables.interfaceOfVif(nextHops.vif(id))?.config.name ?? '';
  }

  /** How many other labels of that host came before. */
  private position(host: number, label: number): number {
    if (label < 0) return -1;
    let known = this.positions.get(host);
    if (known === undefined) {
      known = new Map();
      this.positions.set(host, known);
    }
    const position = known.get(label) ?? known.size;
    known.set(label, position);
    return position;
  }
}
