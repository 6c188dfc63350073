/** A route of a VRF as lookups see it: what it leads to, whose path it is, and what it says to policy. */
import { formatIpv4 } from '../net/ipv4.ts';
import { type Ipv4Prefix, prefixOf } from '../net/prefix.ts';
import { type LocalPath, SOURCE } from './inet-table.ts';
import { networksOf, type Offer } from './offer.ts';
import type { Vrf } from './tables.ts';

/** No route at all. */
export const NO_ROUTE = -1;

/** The row for an address as flow set-up sees it: the discard route of a subnet is no route (VR-1.11.2). */
export function flowRoute(vrf: Vrf, address: number): number {
  const row = vrf.table.longestMatch(address);
  return row >= 0 && isSubnetDiscard(vrf, row) ? NO_ROUTE : row;
}

export function isSubnetDiscard(vrf: Vrf, row: number): boolean {
  return vrf.table.sourceAt(row) === SOURCE.local && vrf.table.localPathsAt(row)[0]!.subnetDiscard;
}

export function routePrefix(
  vrf: Vrf,
  row: number,
  nlris: { address(id: number): number; length(id: number): number },
): Ipv4Prefix {
  const nlri = vrf.table.nlriAt(row);
  return prefixOf(nlris.address(nlri), nlris.length(nlri));
}

/** The control node's item that is active, or null when the active path is the agent's own. */
export function activeOffer(vrf: Vrf, row: number): Offer | null {
  const source = vrf.table.sourceAt(row);
  if (source === SOURCE.slot0) return vrf.table.offerAt(row, 0);
  return source === SOURCE.slot1 ? vrf.table.offerAt(row, 1) : null;
}

export function activeLocal(vrf: Vrf, row: number): LocalPath | null {
  return activeOffer(vrf, row) === null ? (vrf.table.localPathsAt(row)[0] ?? null) : null;
}

/** Names for policy (VR-4.4/D1); none without a route. */
export function routeNetworks(vrf: Vrf, row: number): readonly string[] {
  if (row < 0) return [];
  const offer = activeOffer(vrf, row);
  if (offer !== null) return networksOf(offer);
  const path = activeLocal(vrf, row);
  return path === null ? [] : [path.network];
}

export function routeGroups(vrf: Vrf, row: number): readonly number[] {
  if (row < 0) return [];
  return activeOffer(vrf, row)?.securityGroups ?? activeLocal(vrf, row)?.securityGroups ?? [];
}

/** The peer's name as introspect shows it (VR-1.8). */
export function peerName(vrf: Vrf, row: number, controlNodes: readonly [number, number]): string {
  switch (vrf.table.sourceAt(row)) {
    case SOURCE.slot0:
      return formatIpv4(controlNodes[0]);
    case SOURCE.slot1:
      return formatIpv4(controlNodes[1]);
    case SOURCE.ecmp:
      return 'Ecmp';
    case SOURCE.vmPort:
      return 'LocalVmPort';
    case SOURCE.local:
      return 'Local';
    default:
      return 'none';
  }
}
