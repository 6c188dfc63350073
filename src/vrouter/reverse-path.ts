/** The reverse path check of a host (VR-4.10): a packet must come by where the route to its source leads. */
import { formatIpv4, type Ipv4 } from '../net/ipv4.ts';
import type { Agent } from './agent.ts';
import type { Flow } from './flow.ts';
import type { NextHopId } from './next-hop.ts';
import { isSubnetDiscard } from './route.ts';
import type { VmInterface } from './tables.ts';
import { nextHopText } from './views.ts';

/**
 * From a workload the route must lead to its interface, from the fabric to the tunnel it came out of. Null: it does, or
 * there is no route and the flow says so itself (VR-1.6.6).
 */
export function sourceFault(
  agent: Agent,
  flow: Flow,
  entry: VmInterface | null,
  outerSource: Ipv4 | null,
): string | null {
  const { sourceVrf, source } = flow;
  const row = sourceVrf.table.longestMatch(source);
  if (row < 0 || isSubnetDiscard(sourceVrf, row)) return null;
  const nextHop = sourceVrf.table.nextHopAt(row);
  if (leadsBack(agent, nextHop, entry, outerSource)) return null;
  const came = entry === null ? `the tunnel from ${formatIpv4(outerSource!)}` : `interface ${entry.config.name}`;
  return `${formatIpv4(source)} came by ${came}, but its route is ${nextHopText(agent, nextHop)}`;
}

/** Any member of a group will do. */
function leadsBack(agent: Agent, nextHop: NextHopId, entry: VmInterface | null, outerSource: Ipv4 | null): boolean {
  const { nextHops } = agent.tables;
  if (nextHops.isComposite(nextHop)) {
    for (const member of nextHops.choices(nextHop, false)) {
      if (leadsBack(agent, member.nextHop, entry, outerSource)) return true;
    }
    return false;
  }
  if (nextHops.isTunnel(nextHop)) return outerSource !== null && nextHops.tunnelDestination(nextHop) === outerSource;
  if (nextHops.isInterface(nextHop)) return entry !== null && nextHops.vif(nextHop) === entry.vif;
  return false;
}
