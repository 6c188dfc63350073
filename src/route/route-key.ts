/** Route keys as tables print them (CN-1.3): `10.0.0.1/32`, `192.168.1.1:2:10.0.0.1/32`, `64512:target:64512:8000001`. */
import { parsePrefix } from '../net/prefix.ts';
import { parseRouteDistinguisher } from '../net/route-distinguisher.ts';
import { parseRouteTarget } from '../net/route-target.ts';
import type { NlriId } from './nlri.ts';
import type { RoutePool } from './pool.ts';

/** The interned id of a key, or null when the text is none. */
export function parseRouteKey(text: string, pool: RoutePool): NlriId | null {
  if (text === '0:0') return pool.nlris.routeTarget(0, 0);
  const target = /^(\d+):(target:.+)$/.exec(text);
  if (target !== null) {
    const value = parseRouteTarget(target[2]!);
    return value === null ? null : pool.nlris.routeTarget(Number(target[1]), pool.octets8.intern(value));
  }
  const colon = text.lastIndexOf(':');
  const prefix = parsePrefix(text.slice(colon + 1));
  if (typeof prefix !== 'object') return null;
  if (colon < 0) return pool.nlris.inet(prefix.address, prefix.length);
  const rd = parseRouteDistinguisher(text.slice(0, colon));
  return rd === null ? null : pool.nlris.inetVpn(pool.octets8.intern(rd), prefix.address, prefix.length);
}
