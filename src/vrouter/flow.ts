/**
 * What the agent of a host decides about the first packet of a flow (VR-4.4): routes to both ends, floating address
 * translation (VR-5.1, VR-5.2), network policy on both flows, security groups on the forward one, and the pair of flows
 * that comes of it (VR-4.5).
 *
 * Not modelled: VRF-assign, firewall policies, link-local services, BGP as a service, flow limits, fat flows.
 */
import type { Ipv4 } from '../net/ipv4.ts';
import type { AccessList } from '../policy/access-list.ts';
import {
  evaluate,
  evaluateUnion,
  gatewayVerdict,
  type PolicyKey,
  VERDICT_REASONS,
  type Verdict,
} from '../policy/evaluate.ts';
import type { Agent } from './agent.ts';
import type { AgentFloatingIp, AgentNetwork } from './agent-config.ts';
import { type FlowDropReason, type Packet, PROTOCOL, type VerdictCheck } from './fate.ts';
import { flowRoute, NO_ROUTE, routeGroups, routeNetworks } from './route.ts';
import type { VmInterface, Vrf } from './tables.ts';

/** One entry of the flow table: forwards or drops what has its key. */
export interface Flow {
  readonly agent: Agent;
  /** The interface whose next hop is in the key (VR-4.2/1). */
  readonly vif: number;
  readonly key: Packet;
  readonly direction: 'forward' | 'reverse';
  readonly drop: FlowDropReason | null;
  /** Addresses and ports it leaves with. */
  readonly translated: Packet;
  readonly floatingIp: string;
  /** Where its destination is looked up. */
  readonly vrf: Vrf;
  /** The route its source must arrive by (VR-4.10). */
  readonly sourceVrf: Vrf;
  readonly source: Ipv4;
  /** Underlay address the forward packet came from: where replies to an ECMP source go (VR-4.11.4). */
  cameFrom: Ipv4 | null;
  /** Or the interface it came from, on this host. */
  cameFromVif: number;
}

/** What flow set-up tells whoever watches. */
export interface FlowWatcher {
  lookup(agent: Agent, vrf: Vrf, side: 'source' | 'destination', address: Ipv4, row: number): void;
  verdict(agent: Agent, check: VerdictCheck, flow: 'forward' | 'reverse', verdict: Verdict, list: string): void;
  translated(agent: Agent, translation: 'SNAT' | 'DNAT', floatingIp: string, from: Packet, to: Packet): void;
  /** The interface a route leads to on this host, a member of a group chosen; null: elsewhere. */
  localInterface(agent: Agent, vrf: Vrf, row: number, packet: Packet): VmInterface | null;
}

export interface FlowPair {
  readonly forward: Flow;
  readonly reverse: Flow;
}

/** A side of the flow while it is worked out: the route, where it stands, and the network whose list counts. */
interface Side {
  vrf: Vrf;
  row: number;
  address: Ipv4;
  network: AgentNetwork | null;
  entry: VmInterface | null;
}

/** A packet from a workload of this host. */
export function ingressFlow(agent: Agent, entry: VmInterface, packet: Packet, watcher: FlowWatcher): FlowPair {
  const vrf = entry.vrf!;
  const from: Side = { vrf, row: flowRoute(vrf, packet.source), address: packet.source, network: vrf.network, entry };
  const to: Side = {
    vrf,
    row: flowRoute(vrf, packet.destination),
    address: packet.destination,
    network: null,
    entry: null,
  };
  let translated = packet;
  let forwardVrf = vrf;
  let reverseVrf = vrf;
  let floatingIp = '';
  let noPort = false;
  const toLocal = () => {
    to.entry = to.row < 0 ? null : watcher.localInterface(agent, to.vrf, to.row, packet);
    to.network = to.entry?.vrf?.network ?? null;
    if (to.entry?.vrf) reverseVrf = to.entry.vrf;
  };
  toLocal();

  const source = sourceTranslation(agent, entry, packet, to);
  if (source !== null) {
    const { floating, home, row } = source;
    to.vrf = home;
    to.row = row;
    from.vrf = home;
    from.address = floating.address;
    from.row = flowRoute(home, floating.address);
    from.network = home.network;
    const port = mappedSource(floating, packet);
    noPort = port === null;
    const before = translated;
    translated = rewrite(
      packet,
      floating.address,
      packet.destination,
      port ?? packet.sourcePort,
      packet.destinationPort,
    );
    floatingIp = floating.name;
    forwardVrf = home;
    toLocal();
    reverseVrf = vrf;
    watcher.translated(agent, 'SNAT', floating.name, before, translated);
  }
  if (to.entry !== null) {
    const floating = destinationTranslation(to.entry, packet.destination);
    const home = floating === null ? null : agent.tables.vrfOfNetwork(floating.network);
    if (floating !== null && home !== null && to.entry.vrf !== null) {
      if (source === null) reverseVrf = home;
      from.network = null;
      to.vrf = home;
      to.row = flowRoute(home, packet.destination);
      to.network = home.network;
      forwardVrf = to.entry.vrf;
      const port = mappedDestination(floating, packet);
      noPort ||= port === null;
      const before = translated;
      const fixed = fixedAddressOf(floating, to.entry);
      translated = rewrite(before, before.source, fixed, before.sourcePort, port ?? packet.destinationPort);
      floatingIp = floatingIp === '' ? floating.name : `${floatingIp}, ${floating.name}`;
      watcher.translated(agent, 'DNAT', floating.name, before, translated);
    }
  }
  return pairOf(
    agent,
    true,
    from,
    to,
    { packet, translated, forwardVrf, reverseVrf, floatingIp, noPort },
    watcher,
    null,
  );
}

/** A packet from the fabric for a workload of this host; `cameFrom` is the outer source. */
export function egressFlow(
  agent: Agent,
  entry: VmInterface,
  packet: Packet,
  cameFrom: Ipv4,
  watcher: FlowWatcher,
): FlowPair {
  const vrf = entry.vrf!;
  const from: Side = { vrf, row: flowRoute(vrf, packet.source), address: packet.source, network: null, entry: null };
  const to: Side = {
    vrf,
    row: flowRoute(vrf, packet.destination),
    address: packet.destination,
    network: vrf.network,
    entry,
  };
  let translated = packet;
  let reverseVrf = vrf;
  let floatingIp = '';
  let noPort = false;
  const floating = destinationTranslation(entry, packet.destination);
  const home = floating === null ? null : agent.tables.vrfOfNetwork(floating.network);
  if (floating !== null && home !== null) {
    from.vrf = home;
    from.row = flowRoute(home, packet.source);
    to.vrf = home;
    to.row = flowRoute(home, packet.destination);
    to.network = home.network;
    reverseVrf = home;
    const port = mappedDestination(floating, packet);
    noPort = port === null;
    const fixed = fixedAddressOf(floating, entry);
    translated = rewrite(packet, packet.source, fixed, packet.sourcePort, port ?? packet.destinationPort);
    floatingIp = floating.name;
    watcher.translated(agent, 'DNAT', floating.name, packet, translated);
  }
  const parts = { packet, translated, forwardVrf: vrf, reverseVrf, floatingIp, noPort };
  return pairOf(agent, false, from, to, parts, watcher, cameFrom);
}

interface FlowParts {
  readonly packet: Packet;
  readonly translated: Packet;
  readonly forwardVrf: Vrf;
  readonly reverseVrf: Vrf;
  readonly floatingIp: string;
  readonly noPort: boolean;
}

function pairOf(
  agent: Agent,
  ingress: boolean,
  from: Side,
  to: Side,
  parts: FlowParts,
  watcher: FlowWatcher,
  cameFrom: Ipv4 | null,
): FlowPair {
  const { packet, translated, forwardVrf, reverseVrf, floatingIp } = parts;
  watcher.lookup(agent, from.vrf, 'source', from.address, from.row);
  watcher.lookup(agent, to.vrf, 'destination', to.address, to.row);
  const ownVif = (ingress ? from.entry : to.entry)!.vif;
  const reverseVif = to.entry?.vif ?? ownVif;
  const reverseKey = reverseOf(translated);
  let short: FlowDropReason | null = parts.noPort ? 'NoFipPortMap' : null;
  if (from.row < 0) short = 'NoSrcRt';
  else if (to.row < 0) short = 'NoDstRt';
  else if (short === null && ownVif === reverseVif && sameKey(packet, reverseKey)) short = 'SameFlowRflowKey';
  const verdicts =
    short === null ? judge(agent, ingress, from, to, packet, translated, watcher) : { forward: short, reverse: short };
  const forward: Flow = {
    agent,
    vif: ownVif,
    key: packet,
    direction: 'forward',
    drop: verdicts.forward,
    translated,
    floatingIp,
    vrf: forwardVrf,
    sourceVrf: from.vrf,
    source: from.address,
    cameFrom: null,
    cameFromVif: -1,
  };
  const reverse: Flow = {
    agent,
    vif: reverseVif,
    key: reverseKey,
    direction: 'reverse',
    drop: verdicts.reverse,
    translated: reverseOf(packet),
    floatingIp,
    vrf: reverseVrf,
    sourceVrf: to.vrf,
    source: to.address,
    cameFrom,
    cameFromVif: ingress ? ownVif : -1,
  };
  return { forward, reverse };
}

/** Policy of both flows, in the order of VR-4.4 and with the names of VR-4.4.5. */
function judge(
  agent: Agent,
  ingress: boolean,
  from: Side,
  to: Side,
  packet: Packet,
  translated: Packet,
  watcher: FlowWatcher,
): { forward: FlowDropReason | null; reverse: FlowDropReason | null } {
  const local = ingress && to.entry !== null;
  const forwardNetwork = from.network ?? to.network;
  const reverseNetwork = to.network ?? from.network;
  const key = policyKey(packet, from, to);
  const back = policyKey(reverseOf(translated), to, from);
  const policy = networkVerdict(agent, 'forward', key, forwardNetwork, local ? reverseNetwork : undefined, watcher);
  const groups = policy === null ? groupVerdict(agent, ingress, from, to, translated, key, watcher) : null;
  const reverse = networkVerdict(agent, 'reverse', back, reverseNetwork, local ? forwardNetwork : undefined, watcher);
  // A refused forward flow makes the reverse entry a drop entry too, which names no reason (VR-4.4.1).
  return { forward: policy ?? groups, reverse: reverse ?? (groups === null ? null : 'Unknown') };
}

/** Row 5 of VR-4.4: groups of the sender, and of the receiver as far as it is on this host. */
function groupVerdict(
  agent: Agent,
  ingress: boolean,
  from: Side,
  to: Side,
  translated: Packet,
  key: PolicyKey,
  watcher: FlowWatcher,
): FlowDropReason | null {
  const forwardNetwork = from.network ?? to.network;
  if (!ingress) {
    const denied = groupsDeny(
      agent,
      to.entry!,
      'security group ingress',
      policyKey(translated, from, to),
      forwardNetwork,
      watcher,
    );
    return denied ? 'SG' : null;
  }
  if (groupsDeny(agent, from.entry!, 'security group egress', key, forwardNetwork, watcher)) return 'SG';
  if (to.entry === null) return null;
  const arriving = policyKey(translated, from, to);
  return groupsDeny(agent, to.entry, 'security group ingress', arriving, to.network ?? from.network, watcher)
    ? 'OutSG'
    : null;
}

/** Rows 3 and 4 of VR-4.4. `peer` is the other network when both workloads are on this host, else undefined. */
function networkVerdict(
  agent: Agent,
  flow: 'forward' | 'reverse',
  key: PolicyKey,
  network: AgentNetwork | null,
  peer: AgentNetwork | null | undefined,
  watcher: FlowWatcher,
): FlowDropReason | null {
  const own = listVerdict(network, key);
  watcher.verdict(agent, 'network policy', flow, own, listName(own, network));
  if (own.action === 'deny') return 'Policy';
  if (peer === undefined) return null;
  const out = listVerdict(peer, key);
  watcher.verdict(agent, 'out policy', flow, out, listName(out, peer));
  return out.action === 'deny' ? 'OutPolicy' : null;
}

function listVerdict(network: AgentNetwork | null, key: PolicyKey): Verdict {
  return serviceVerdict(network, key) ?? evaluate(network?.accessList ?? null, key);
}

function groupsDeny(
  agent: Agent,
  entry: VmInterface,
  check: 'security group egress' | 'security group ingress',
  key: PolicyKey,
  network: AgentNetwork | null,
  watcher: FlowWatcher,
): boolean {
  const lists: AccessList[] = [];
  for (const name of entry.config.securityGroups) {
    const group = agent.tables.securityGroup(name);
    if (group !== null) lists.push(check === 'security group egress' ? group.egress : group.ingress);
  }
  const verdict = serviceVerdict(network, key) ?? evaluateUnion(lists, key);
  const names = lists.length === 0 ? 'no security group' : entry.config.securityGroups.join(', ');
  watcher.verdict(agent, check, 'forward', verdict, verdict.list?.name ?? names);
  return verdict.action === 'deny';
}

function listName(verdict: Verdict, network: AgentNetwork | null): string {
  if (verdict.list !== null) return verdict.list.name;
  return network === null ? 'no network' : `${VERDICT_REASONS[verdict.because]!} of ${network.name}`;
}

/** ICMP and DNS of the network's own gateways pass whatever the lists say (VR-0.14). */
function serviceVerdict(network: AgentNetwork | null, key: PolicyKey): Verdict | null {
  if (network === null || (key.protocol !== PROTOCOL.icmp && key.protocol !== PROTOCOL.udp)) return null;
  return gatewayVerdict(
    network.subnets.flatMap((subnet) => [subnet.gateway, subnet.dns]),
    key,
  );
}

function policyKey(packet: Packet, from: Side, to: Side): PolicyKey {
  return {
    sourceNetworks: routeNetworks(from.vrf, from.row),
    destinationNetworks: routeNetworks(to.vrf, to.row),
    sourceGroups: routeGroups(from.vrf, from.row),
    destinationGroups: routeGroups(to.vrf, to.row),
    source: packet.source,
    destination: packet.destination,
    protocol: packet.protocol,
    sourcePort: packet.sourcePort,
    destinationPort: packet.destinationPort,
  };
}

function rewrite(packet: Packet, source: Ipv4, destination: Ipv4, sourcePort: number, destinationPort: number): Packet {
  return { source, destination, protocol: packet.protocol, sourcePort, destinationPort, ttl: packet.ttl };
}

/** The reverse key is computed, not learnt (VR-0.10, VR-4.5). */
export function reverseOf(packet: Packet): Packet {
  const icmp = packet.protocol === PROTOCOL.icmp;
  return {
    source: packet.destination,
    destination: packet.source,
    protocol: packet.protocol,
    sourcePort: icmp ? packet.sourcePort : packet.destinationPort,
    destinationPort: icmp ? packet.destinationPort : packet.sourcePort,
    ttl: packet.ttl,
  };
}

export function sameKey(a: Packet, b: Packet): boolean {
  return (
    a.source === b.source &&
    a.destination === b.destination &&
    a.protocol === b.protocol &&
    a.sourcePort === b.sourcePort &&
    a.destinationPort === b.destinationPort
  );
}

interface SourceTranslation {
  readonly floating: AgentFloatingIp;
  readonly home: Vrf;
  readonly row: number;
}

/** VR-5.1.1 to VR-5.1.3: a floating address whose network has a strictly longer route than the workload's own. */
function sourceTranslation(agent: Agent, entry: VmInterface, packet: Packet, to: Side): SourceTranslation | null {
  const { nlris } = agent.pool;
  const ownLength = to.row < 0 ? -1 : nlris.length(to.vrf.table.nlriAt(to.row));
  let best: SourceTranslation | null = null;
  let bestLength = -1;
  for (const floating of entry.config.floatingIps) {
    if (floating.direction === 'ingress') continue;
    if (floating.fixedAddress !== 0 && floating.fixedAddress !== packet.source) continue;
    const home = agent.tables.vrfOfNetwork(floating.network);
    if (home === null) continue;
    const row = flowRoute(home, packet.destination);
    if (row === NO_ROUTE) continue;
    const length = nlris.length(home.table.nlriAt(row));
    if (length <= ownLength || length < bestLength) continue;
    const tied = best !== null && length === bestLength;
    if (tied && (home.name > best!.home.name || (home === best!.home && floating.address >= best!.floating.address))) {
      continue;
    }
    best = { floating, home, row };
    bestLength = length;
  }
  return best;
}

/** VR-5.2.1: the destination is a floating address of the interface, and not its primary one. */
function destinationTranslation(entry: VmInterface, destination: Ipv4): AgentFloatingIp | null {
  if (entry.config.addresses[0] === destination) return null;
  for (const floating of entry.config.floatingIps) {
    if (floating.address === destination && floating.direction !== 'egress') return floating;
  }
  return null;
}

function fixedAddressOf(floating: AgentFloatingIp, entry: VmInterface): Ipv4 {
  return floating.fixedAddress === 0 ? (entry.config.addresses[0] ?? floating.fixedAddress) : floating.fixedAddress;
}

/** The port a mapped packet goes on to; null: not mapped (VR-5.2.3). */
function mappedDestination(floating: AgentFloatingIp, packet: Packet): number | null {
  if (floating.portMappings.length === 0) return packet.destinationPort;
  for (const map of floating.portMappings) {
    if (map.protocol === packet.protocol && map.port === packet.destinationPort) return map.targetPort;
  }
  return null;
}

function mappedSource(floating: AgentFloatingIp, packet: Packet): number | null {
  if (floating.portMappings.length === 0) return packet.sourcePort;
  for (const map of floating.portMappings) {
    if (map.protocol === packet.protocol && map.targetPort === packet.sourcePort) return map.port;
  }
  return null;
}
