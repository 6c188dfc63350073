/** Addresses, prefixes and targets as tests write them; a text that is none ends the test. */
import { type Ipv4, parseIpv4 } from '../../src/net/ipv4.ts';
import { type Ipv4Prefix, parsePrefix } from '../../src/net/prefix.ts';
import { parseRouteTarget, type RouteTarget } from '../../src/net/route-target.ts';

export function address(text: string): Ipv4 {
  const parsed = parseIpv4(text);
  if (parsed === null) throw new Error(`not an address: ${text}`);
  return parsed;
}

export function prefix(text: string): Ipv4Prefix {
  const parsed = parsePrefix(text);
  if (typeof parsed === 'string') throw new Error(`not a prefix: ${text}`);
  return parsed;
}

export function routeTarget(text: string): RouteTarget {
  const parsed = parseRouteTarget(text);
  if (parsed === null) throw new Error(`not a target: ${text}`);
  return parsed;
}
