/** A traced packet as a plain document, addresses and prefixes as text (docs/json.md). */
import { placeOf } from '../base/result.ts';
import { formatIpv4 } from '../net/ipv4.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { Trace } from '../verify/trace.ts';
import { DROP_MEANINGS, type Fate, type Hop, type Packet } from '../vrouter/fate.ts';

export function plainTrace(trace: Trace): object {
  const { request, reply } = trace.exchange;
  return {
    from: trace.from,
    to: trace.to,
    packet: plainPacket(trace.packet),
    request: plainFate(request),
    reply: reply === null ? null : plainFate(reply),
    elsewhere: trace.elsewhere,
  };
}

function plainPacket(packet: Packet): object {
  return { ...packet, source: formatIpv4(packet.source), destination: formatIpv4(packet.destination) };
}

function plainFate(fate: Fate): object {
  const packet = plainPacket(fate.packet);
  const hops = fate.hops.map(plainHop);
  if (fate.kind === 'dropped') {
    const { at, because, detail } = fate;
    return { outcome: 'dropped', at, because, meaning: DROP_MEANINGS[because] ?? '', detail, packet, hops };
  }
  const to = fate.to.kind === 'external' ? { ...fate.to, prefix: formatPrefix(fate.to.prefix) } : fate.to;
  return { outcome: 'delivered', to, packet, hops };
}

function plainHop(hop: Hop): object {
  switch (hop.kind) {
    case 'lookup':
      return {
        ...hop,
        address: formatIpv4(hop.address),
        prefix: hop.prefix === null ? null : formatPrefix(hop.prefix),
      };
    case 'verdict':
      return { ...hop, at: placeOf(hop.at) };
    case 'nat':
    case 'tunnel':
      return { ...hop, from: formatIpv4(hop.from), to: formatIpv4(hop.to) };
    default:
      return hop;
  }
}
