/** The VRF tables of a gateway, and its BGP sessions. */
import type { GatewaySession } from '../gateway/views.ts';
import type { VrfLookup, VrfNextHop } from '../gateway/vrf.ts';
import { formatIpv4, ipv4 } from '../net/ipv4.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { Painter } from './paint.ts';
import type { Shown } from './shown.ts';
import { textTable } from './table.ts';

export interface GatewayTable {
  readonly vrf: string;
  readonly label: number;
  readonly routes: readonly (VrfLookup & { readonly kind: 'route' })[];
}

/** One row a way out; the prefix stands at the first one. */
export function gatewayRoutes(tables: readonly GatewayTable[], paint: Painter): Shown {
  const parts = tables.map(({ vrf, label, routes }) => {
    const rows = routes.flatMap(({ prefix, nextHops }) =>
      nextHops.map((hop, at) => [at === 0 ? formatPrefix(prefix) : '', ...hopCells(hop)]),
    );
    const title = `${paint.strong(`${vrf}.inet.0`)}${paint.faint(`  label ${label}`)}`;
    return rows.length === 0 ? title : `${title}\n${textTable(HEAD, rows, { numeric: [3], ruled: false })}`;
  });
  return {
    text: parts.join('\n\n') || 'no VRFs',
    json: tables.map(({ vrf, label, routes }) => ({
      vrf,
      label,
      routes: routes.map(({ prefix, nextHops }) => ({
        prefix: formatPrefix(prefix),
        nextHops: nextHops.map(plainHop),
      })),
    })),
  };
}

const HEAD = ['Prefix', 'Next hop', 'Encapsulation', 'Label'];

function hopCells(hop: VrfNextHop): readonly string[] {
  return hop.kind === 'external' ? ['external', '-', '-'] : [formatIpv4(hop.to), hop.encapsulation, String(hop.label)];
}

function plainHop(hop: VrfNextHop): object {
  return hop.kind === 'external' ? hop : { ...hop, to: formatIpv4(hop.to) };
}

export function gatewaySessions(sessions: readonly GatewaySession[]): Shown {
  const plain = sessions.map(({ peer, remoteAddress, state }) => ({
    peer,
    address: formatIpv4(ipv4(remoteAddress)),
    state,
  }));
  const rows = plain.map((one) => [one.peer, one.address, one.state]);
  return { text: textTable(['Neighbor', 'Address', 'State'], rows, { ruled: false }), json: plain };
}
