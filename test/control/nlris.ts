/** Destinations as tables print them, interned in a pool. */
import { parseRouteDistinguisher } from '../../src/net/route-distinguisher.ts';
import type { NlriId } from '../../src/route/nlri.ts';
import type { RoutePool } from '../../src/route/pool.ts';
import { prefix, routeTarget } from '../support/values.ts';

export function inetNlri(pool: RoutePool, text: string): NlriId {
  const { address, length } = prefix(text);
  return pool.nlris.inet(address, length);
}

/** `192.168.1.1:2:10.0.100.3/32`. */
export function vpnNlri(pool: RoutePool, text: string): NlriId {
  const at = text.lastIndexOf(':');
  const rd = parseRouteDistinguisher(text.slice(0, at));
  if (rd === null) throw new Error(`not a VPN prefix: ${text}`);
  const { address, length } = prefix(text.slice(at + 1));
  return pool.nlris.inetVpn(pool.octets8.intern(rd), address, length);
}

/** The route-target NLRI of an AS's interest. */
export function targetNlri(pool: RoutePool, asn: number, text: string): NlriId {
  return pool.nlris.routeTarget(asn, pool.octets8.intern(routeTarget(text)));
}
