/** The tables of an agent as an operator knows them: `rt`, `nh`, `mpls`, `vif` (VR-8), and the paths behind a route. */
import { formatIpv4, type Ipv4 } from '../net/ipv4.ts';
import { formatMac } from '../net/mac.ts';
import { type Ipv4Prefix, prefixOf } from '../net/prefix.ts';
import type { Agent } from './agent.ts';
import { type LocalPath, SOURCE } from './inet-table.ts';
import { DISCARD, type NextHopId, PACKET_INTERFACE, RECEIVE } from './next-hop.ts';
import { networksOf, type Offer, preferenceOf } from './offer.ts';
import { activeLocal, isSubnetDiscard, peerName, routeGroups, routeNetworks, routePrefix } from './route.ts';
import type { Vrf } from './tables.ts';

/** One line on a next hop: `tunnel MPLSoUDP to 192.168.10.12, label 17`. */
export function nextHopText(agent: Agent, id: NextHopId, label = -1): string {
  const hop = agent.tables.nextHops.get(id);
  const labelled = label >= 0 ? `, label ${label}` : '';
  switch (hop.kind) {
    case 'interface': {
      const entry = agent.tables.interfaceOfVif(hop.vif);
      return entry === null ? `interface vif0/${hop.vif} (gone)` : `interface ${entry.config.name}`;
    }
    case 'tunnel':
      return `tunnel ${hop.encapsulation} to ${formatIpv4(hop.to)}${labelled}`;
    case 'composite':
      return `ECMP of ${hop.members.filter((member) => member !== null).length}${hop.local ? ', local' : ''}`;
    case 'packet':
      return 'agent (pkt0)';
    case 'receive':
      return 'receive (vhost0)';
    default:
      return hop.kind;
  }
}

/** A path of a route as introspect lists it (VR-8.8.p1). */
export interface PathView {
  readonly peer: string;
  readonly active: boolean;
  readonly nextHops: readonly {
    readonly address: Ipv4;
    readonly label: number;
    readonly encapsulations: readonly string[];
    readonly network: string;
  }[];
  readonly preference: number;
  readonly sequence: number;
  readonly waiting: boolean;
  readonly networks: readonly string[];
  readonly securityGroups: readonly number[];
}

/** A row of `rt --dump` with what stands behind it. */
export interface RouteView {
  readonly prefix: Ipv4Prefix;
  /** L label, P proxy ARP, T trap ARP, F flood ARP (VR-8.2). */
  readonly flags: string;
  readonly label: number | null;
  readonly nextHopId: number;
  readonly nextHop: string;
  readonly stitchedMac: string | null;
  readonly peer: string;
  /** Why that peer's path is active. */
  readonly because: string;
  readonly networks: readonly string[];
  readonly securityGroups: readonly number[];
  readonly paths: readonly PathView[];
}

export interface VrfView {
  readonly id: number;
  readonly name: string;
  readonly network: string | null;
  readonly routes: readonly RouteView[];
}

export function vrfView(agent: Agent, vrf: Vrf): VrfView {
  const routes = vrf.table.rows().map((row) => routeView(agent, vrf, row));
  return { id: vrf.id, name: vrf.name, network: vrf.network?.name ?? null, routes };
}

export function vrfViews(agent: Agent): VrfView[] {
  return agent.tables.vrfs().map((vrf) => vrfView(agent, vrf));
}

/** The route of exactly this prefix, or null. */
export function routeOf(agent: Agent, instance: string, prefix: Ipv4Prefix): RouteView | null {
  const vrf = agent.tables.vrf(instance);
  const nlri = agent.pool.nlris.findInet(prefix.address, prefix.length);
  const row = vrf === null || nlri < 0 ? -1 : vrf.table.row(nlri);
  return vrf === null || row < 0 ? null : routeView(agent, vrf, row);
}

export function routeView(agent: Agent, vrf: Vrf, row: number): RouteView {
  const { table } = vrf;
  const label = table.labelAt(row);
  const source = table.sourceAt(row);
  const paths: PathView[] = [];
  for (const slot of [0, 1] as const) {
    const offer = table.offerAt(row, slot);
    if (offer === null) continue;
    const active = source === (slot === 0 ? SOURCE.slot0 : SOURCE.slot1);
    paths.push(offerView(offer, formatIpv4(agent.controlNodes[slot]), active));
  }
  if (paths.length === 2 && paths[1]!.active) paths.reverse();
  const local = activeLocal(vrf, row);
  for (const path of table.localPathsAt(row)) paths.push(localView(agent, path, path === local));
  const mac = localMac(agent, vrf, row);
  return {
    prefix: routePrefix(vrf, row, agent.pool.nlris),
    flags: routeFlags(agent, vrf, row, mac),
    label: label < 0 ? null : label,
    nextHopId: table.nextHopAt(row),
    nextHop: nextHopText(agent, table.nextHopAt(row), label),
    stitchedMac: mac === null ? null : formatMac(mac),
    peer: peerName(vrf, row, agent.controlNodes),
    because: table.becauseAt(row),
    networks: routeNetworks(vrf, row),
    securityGroups: routeGroups(vrf, row),
    paths,
  };
}

function offerView(offer: Offer, peer: string, active: boolean): PathView {
  return {
    peer,
    active,
    nextHops: offer.nextHops.map((hop) => ({
      address: hop.address,
      label: hop.label,
      encapsulations: hop.encapsulations,
      network: hop.virtualNetwork,
    })),
    preference: preferenceOf(offer),
    sequence: offer.sequence,
    waiting: false,
    networks: networksOf(offer),
    securityGroups: offer.securityGroups,
  };
}

function localView(agent: Agent, path: LocalPath, active: boolean): PathView {
  const peer = path.source === 'ecmp' ? 'Ecmp' : path.source === 'vm-port' ? 'LocalVmPort' : 'Local';
  const address = agent.address;
  return {
    peer,
    active,
    nextHops:
      path.label < 0 ? [] : [{ address, label: path.label, encapsulations: ['gre', 'udp'], network: path.network }],
    preference: path.preference,
    sequence: path.sequence,
    waiting: path.waiting,
    networks: [path.network],
    securityGroups: path.securityGroups,
  };
}

/** The hardware address known for a host route: here that of a local interface alone (VR-1.12.p3). */
function localMac(agent: Agent, vrf: Vrf, row: number): number | null {
  const { nextHops } = agent.tables;
  const nextHop = vrf.table.nextHopAt(row);
  if (!nextHops.isInterface(nextHop)) return null;
  return agent.tables.interfaceOfVif(nextHops.vif(nextHop))?.config.mac ?? null;
}

/** VR-1.12, VR-8.2: the rows that concern inet routes without EVPN. */
function routeFlags(agent: Agent, vrf: Vrf, row: number, mac: number | null): string {
  const { table } = vrf;
  const { nextHops } = agent.tables;
  const nextHop = table.nextHopAt(row);
  const locals = table.localPathsAt(row);
  const workload = locals.find((path) => path.source !== 'local');
  let proxy: boolean;
  if (nextHops.isComposite(nextHop) || mac !== null || nextHop === PACKET_INTERFACE) proxy = true;
  else if (workload !== undefined) proxy = false;
  else proxy = !(nextHops.isTunnel(nextHop) && isHostInSubnet(agent, vrf, row));
  if (isSubnetDiscard(vrf, row)) proxy = false;
  else if (!ownNetworkOnly(vrf, row)) proxy = true;
  const waiting = locals.some((path) => path.waiting);
  return `${table.labelAt(row) >= 0 ? 'L' : ''}${proxy ? 'P' : ''}${waiting ? 'T' : ''}${proxy ? '' : 'F'}`;
}

function isHostInSubnet(agent: Agent, vrf: Vrf, row: number): boolean {
  const nlri = vrf.table.nlriAt(row);
  if (agent.pool.nlris.length(nlri) !== 32) return false;
  const address = agent.pool.nlris.address(nlri);
  const subnets = vrf.network?.subnets ?? [];
  return subnets.some((subnet) => prefixOf(address, subnet.prefix.length).address === subnet.prefix.address);
}

function ownNetworkOnly(vrf: Vrf, row: number): boolean {
  const networks = routeNetworks(vrf, row);
  return vrf.network !== null && networks.length === 1 && networks[0] === vrf.network.name;
}

/** A row of `nh --list` (VR-8.3). */
export interface NextHopView {
  readonly id: number;
  readonly type: 'Drop' | 'Receive' | 'Encap' | 'Tunnel' | 'Composite' | 'Invalid';
  readonly flags: readonly string[];
  readonly referenceCount: number;
  readonly vrf: number;
  readonly text: string;
  /** Of a composite: `nh(label)`, -1 for an empty slot. */
  readonly members: readonly string[];
  readonly source: Ipv4 | null;
  readonly destination: Ipv4 | null;
  /** Outgoing interface, 0 the uplink. */
  readonly outgoing: number | null;
}

/** Next hops that a route, a label or a group refers to, and the two that are always there. */
export function nextHopViews(agent: Agent): NextHopView[] {
  const { nextHops, labels } = agent.tables;
  const references = new Map<NextHopId, number>([
    [DISCARD, 0],
    [RECEIVE, 0],
  ]);
  const refer = (id: NextHopId) => {
    const before = references.get(id) ?? 0;
    references.set(id, before + 1);
    if (before > 0) return;
    for (const member of nextHops.members(id)) if (member !== null) refer(member.nextHop);
  };
  for (const vrf of agent.tables.vrfs()) for (const row of vrf.table.rows()) refer(vrf.table.nextHopAt(row));
  for (const label of labels.labels()) refer(labels.lookup(label));
  const inOrder = [...references].sort(([a], [b]) => a - b);
  return inOrder.map(([id, count]) => nextHopView(agent, id, count));
}

function nextHopView(agent: Agent, id: NextHopId, referenceCount: number): NextHopView {
  const hop = agent.tables.nextHops.get(id);
  const text = nextHopText(agent, id);
  const base = { id, referenceCount, text, members: [], source: null, destination: null, outgoing: null } as const;
  switch (hop.kind) {
    case 'discard':
      return { ...base, type: 'Drop', flags: ['Valid', 'Etree Root'], vrf: 0 };
    case 'receive':
      return { ...base, type: 'Receive', flags: ['Valid', 'Policy', 'Etree Root'], vrf: 0, outgoing: 1 };
    case 'packet':
      return { ...base, type: 'Encap', flags: ['Valid', 'Policy', 'Etree Root'], vrf: 0, outgoing: 2 };
    case 'invalid':
      return { ...base, type: 'Invalid', flags: [], vrf: 0 };
    case 'interface': {
      const entry = agent.tables.interfaceOfVif(hop.vif);
      const flags = [...(entry === null ? [] : ['Valid']), ...(hop.policy ? ['Policy'] : []), 'Etree Root'];
      return { ...base, type: 'Encap', flags, vrf: entry?.vrf?.id ?? 0, outgoing: hop.vif };
    }
    case 'tunnel': {
      const flags = ['Valid', hop.encapsulation === 'VXLAN' ? 'Vxlan' : hop.encapsulation, 'Etree Root'];
      return { ...base, type: 'Tunnel', flags, vrf: 0, source: agent.address, destination: hop.to, outgoing: 0 };
    }
    case 'composite': {
      const members = hop.members.map((member) => (member === null ? '-1' : `${member.nextHop}(${member.label})`));
      return { ...base, type: 'Composite', flags: ['Valid', 'Policy', 'Ecmp', 'Etree Root'], vrf: 0, members };
    }
  }
}

/** A row of `mpls --dump` (VR-8.4). */
export interface LabelView {
  readonly label: number;
  readonly nextHopId: number;
  readonly nextHop: string;
}

export function labelViews(agent: Agent): LabelView[] {
  const { labels } = agent.tables;
  return labels.labels().map((label) => {
    const nextHopId = labels.lookup(label);
    return { label, nextHopId, nextHop: nextHopText(agent, nextHopId) };
  });
}

/** A row of `vif --list` (VR-8.6). */
export interface InterfaceView {
  readonly vif: number;
  readonly name: string;
  readonly workload: string;
  readonly mac: string;
  readonly addresses: readonly Ipv4[];
  readonly network: string;
  readonly vrf: number | null;
  readonly nextHopId: number;
  readonly label: number;
  readonly policy: boolean;
  /** Empty when it is active (VR-1.4.p1). */
  readonly inactiveBecause: '' | 'vn-null' | 'no-ipv4-addr';
  readonly securityGroups: readonly string[];
  readonly floatingIps: readonly { readonly name: string; readonly address: Ipv4; readonly network: string }[];
}

export function interfaceViews(agent: Agent): InterfaceView[] {
  return agent.tables.interfaces().map((entry) => ({
    vif: entry.vif,
    name: entry.config.name,
    workload: entry.config.workload,
    mac: formatMac(entry.config.mac),
    addresses: entry.config.addresses,
    network: entry.config.network,
    vrf: entry.vrf?.id ?? null,
    nextHopId: entry.nextHop,
    label: entry.label,
    policy: entry.config.policyEnabled,
    inactiveBecause: entry.vrf === null ? 'vn-null' : entry.config.addresses.length === 0 ? 'no-ipv4-addr' : '',
    securityGroups: entry.config.securityGroups,
    floatingIps: entry.config.floatingIps.map(({ name, address, network }) => ({ name, address, network })),
  }));
}
