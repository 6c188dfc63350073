/** One packet of one pair and its reply, hop by hop; where a group offers members, the one of the flow's hash. */
import { formatIpv4, type Ipv4 } from '../net/ipv4.ts';
import { DEFAULT_TTL, type Exchange, type Packet } from '../vrouter/fate.ts';
import { exchange } from '../vrouter/forward.ts';
import type { Endpoint } from '../world/directory.ts';
import type { World } from '../world/world.ts';
import { hasPorts, SOURCE_PORT } from './ports.ts';
import { isAnswerer, isBack, type PortQuestion, walkStart } from './reachability.ts';

export interface Trace {
  readonly from: string;
  readonly to: string;
  readonly packet: Packet;
  readonly exchange: Exchange;
  /** What arrived at somebody else than was meant; null: nothing did. */
  readonly elsewhere: 'request' | 'reply' | null;
}

const ICMP = 1;

/**
 * Null when the sender cannot send: it has no interface, or its host has no power. To an address alone anybody may
 * answer.
 */
export function traceExchange(
  world: World,
  from: Endpoint,
  to: Endpoint | Ipv4,
  question: PortQuestion | null,
): Trace | null {
  const start = from.starts[0];
  const begin = start === undefined ? null : walkStart(world, start);
  const [source, destination] = [from.addresses[0], typeof to === 'number' ? to : to.addresses[0]];
  if (start === undefined || begin === null || source === undefined || destination === undefined) return null;
  const protocol = question?.protocol ?? ICMP;
  const packet: Packet = {
    source,
    destination,
    protocol,
    sourcePort: hasPorts(protocol) ? SOURCE_PORT : 0,
    destinationPort: question?.port ?? 0,
    ttl: DEFAULT_TTL,
  };
  const { request, reply } = exchange(world, begin, packet);
  const missed = request.kind === 'delivered' && typeof to !== 'number' && !isAnswerer(request, to);
  const strayed = reply?.kind === 'delivered' && !isBack(reply, start);
  return {
    from: from.name,
    to: typeof to === 'number' ? formatIpv4(to) : to.name,
    packet,
    exchange: { request, reply },
    elsewhere: missed ? 'request' : strayed ? 'reply' : null,
  };
}
