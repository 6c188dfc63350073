/** The tables of an agent in the columns of `rt`, `nh`, `mpls` and `vif` (VR-8), and its sessions. */
import { formatIpv4 } from '../net/ipv4.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { AgentSession } from '../vrouter/channels.ts';
import type { InterfaceView, LabelView, NextHopView, PathView, VrfView } from '../vrouter/views.ts';
import type { Painter } from './paint.ts';
import type { Shown } from './shown.ts';
import { textTable } from './table.ts';

const ROUTE_FLAGS = 'Flags: L=Label Valid, P=Proxy ARP, T=Trap ARP, F=Flood ARP';

/** VR-8.2, one row for each installed prefix, and what the next hop leads to beside its id. */
export function agentRoutes(vrfs: readonly VrfView[], paint: Painter): Shown {
  const tables = vrfs.map((vrf) => {
    const rows = vrf.routes.map((route) => [
      formatPrefix(route.prefix),
      String(route.prefix.length),
      route.flags,
      route.label === null ? '-' : String(route.label),
      String(route.nextHopId),
      route.stitchedMac ?? '-',
      route.nextHop,
      route.peer,
    ]);
    const head = ['Destination', 'PPL', 'Flags', 'Label', 'Nexthop', 'Stitched MAC', 'Leads to', 'Peer'];
    const title = `vRouter inet4 routing table 0/${vrf.id}/unicast`;
    return `${paint.strong(title)}  ${vrf.name}\n${textTable(head, rows, { numeric: [1, 3, 4], ruled: false })}`;
  });
  return {
    text: [ROUTE_FLAGS, ...tables].join('\n\n'),
    json: vrfs.map(({ id, name, network, routes }) => ({
      id,
      name,
      network,
      routes: routes.map((route) => ({
        ...route,
        prefix: formatPrefix(route.prefix),
        paths: route.paths.map(plainPath),
      })),
    })),
  };
}

function plainPath(path: PathView): object {
  return { ...path, nextHops: path.nextHops.map((hop) => ({ ...hop, address: formatIpv4(hop.address) })) };
}

/** VR-8.3, without the rewrite octets of layer 2. */
export function agentNextHops(hops: readonly NextHopView[]): Shown {
  const blocks = hops.map((hop) => {
    const fields = [
      `Id:${hop.id}`.padEnd(13),
      `Type:${hop.type}`.padEnd(18),
      'Fmly: AF_INET  Rid:0  ',
      `Ref_cnt:${hop.referenceCount}`.padEnd(18),
    ];
    const lines = [
      `${fields.join(' ')} Vrf:${hop.vrf}`,
      `Flags:${hop.flags.map((flag) => `${flag}, `).join('')}`.trimEnd(),
    ];
    if (hop.source !== null && hop.destination !== null) {
      lines.push(`Oif:${hop.outgoing ?? 0} Sip:${formatIpv4(hop.source)} Dip:${formatIpv4(hop.destination)}`);
    } else if (hop.type === 'Composite') {
      lines.push(
        'Valid Hash Key Parameters: Proto,SrcIP,SrcPort,DstIp,DstPort',
        `Sub NH(label): ${hop.members.join(' ')}`,
      );
    } else if (hop.outgoing !== null) lines.push(`Oif:${hop.outgoing}  ${hop.text}`);
    return lines.map((line, i) => (i === 0 ? line : `              ${line}`)).join('\n');
  });
  const plain = (hop: NextHopView) => ({
    ...hop,
    source: hop.source === null ? null : formatIpv4(hop.source),
    destination: hop.destination === null ? null : formatIpv4(hop.destination),
  });
  return { text: blocks.join('\n\n'), json: hops.map(plain) };
}

/** VR-8.4. */
export function agentLabels(labels: readonly LabelView[], paint: Painter): Shown {
  const rows = labels.map(({ label, nextHopId, nextHop }) => [String(label), String(nextHopId), nextHop]);
  const table = textTable(['Label', 'NextHop', 'Leads to'], rows, { numeric: [0, 1] });
  return { text: `${paint.strong('MPLS Input Label Map')}\n\n${table}`, json: labels };
}

/** VR-8.6, without packet counters: nobody sends packets while the simulation runs. */
export function agentInterfaces(interfaces: readonly InterfaceView[], paint: Painter): Shown {
  const blocks = interfaces.map((entry) => {
    const state = entry.inactiveBecause === '' ? '' : paint.bad(`  inactive: ${entry.inactiveBecause}`);
    const groups = entry.securityGroups.length === 0 ? 'none' : entry.securityGroups.join(', ');
    const floating = entry.floatingIps.map(
      (ip) => `FloatingIP:${formatIpv4(ip.address)} (${ip.name} of ${ip.network})`,
    );
    return [
      `${`vif0/${entry.vif}`.padEnd(11)} OS: ${entry.name} NH: ${entry.nextHopId}${state}`,
      `            Type:Virtual HWaddr:${entry.mac} IPaddr:${entry.addresses.map(formatIpv4).join(',') || '0.0.0.0'}`,
      `            Vrf:${entry.vrf ?? '-'} Flags:${entry.policy ? 'P' : ''}L3 Label:${entry.label < 0 ? '-' : entry.label}`,
      `            ${entry.workload}  network ${entry.network}  security groups: ${groups}`,
      ...floating.map((line) => `            ${line}`),
    ].join('\n');
  });
  const plain = (entry: InterfaceView) => ({
    ...entry,
    addresses: entry.addresses.map(formatIpv4),
    floatingIps: entry.floatingIps.map((ip) => ({ ...ip, address: formatIpv4(ip.address) })),
  });
  return { text: blocks.join('\n\n') || 'no interfaces', json: interfaces.map(plain) };
}

export function agentSessions(sessions: readonly AgentSession[]): Shown {
  const plain = sessions.map((session) => ({
    controlNode: formatIpv4(session.remote),
    state: session.state,
    attempts: session.attempts,
    configuration: session.configMaster,
  }));
  const rows = plain.map((one) => [one.controlNode, one.state, String(one.attempts), one.configuration ? 'Yes' : 'No']);
  return {
    text: textTable(['Control node', 'State', 'Attempts', 'Configuration'], rows, { numeric: [2], ruled: false }),
    json: plain,
  };
}
