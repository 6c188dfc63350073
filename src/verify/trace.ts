/** One packet of one pair and its reply, hop by hop; where a group offers members, the one of the flow's hash. */
import { DEFAULT_TTL, type Exchange, type Packet } from '../vrouter/fate.ts';
import { exchange } from '../vrouter/forward.ts';
import type { Endpoint } from '../world/directory.ts';
import type { World } from '../world/world.ts';
import { hasPorts, SOURCE_PORT } from './ports.ts';
import { type PortQuestion, walkStart } from './reachability.ts';

export interface Trace {
  readonly from: string;
  readonly to: string;
  readonly packet: Packet;
  readonly exchange: Exchange;
}

const ICMP = 1;

/** Null when the sender cannot send: it has no interface, or its host has no power. */
export function traceExchange(world: World, from: Endpoint, to: Endpoint, question: PortQuestion | null): Trace | null {
  const start = from.starts[0];
  const begin = start === undefined ? null : walkStart(world, start);
  const [source, destination] = [from.addresses[0], to.addresses[0]];
  if (begin === null || source === undefined || destination === undefined) return null;
  const protocol = question?.protocol ?? ICMP;
  const packet: Packet = {
    source,
    destination,
    protocol,
    sourcePort: hasPorts(protocol) ? SOURCE_PORT : 0,
    destinationPort: question?.port ?? 0,
    ttl: DEFAULT_TTL,
  };
  return { from: from.name, to: to.name, packet, exchange: exchange(world, begin, packet) };
}
