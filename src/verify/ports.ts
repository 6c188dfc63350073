/**
 * Classes of protocol and port (design: no port means any): packets that no rule of the world tells apart are one class,
 * so asking one of each asks all.
 */
import type { DerivedCluster } from '../config/derived.ts';
import type { AccessList, PortRange } from '../policy/access-list.ts';
import { PROTOCOL } from '../vrouter/fate.ts';

export interface PortClass {
  readonly protocol: number;
  readonly port: number;
}

/** A protocol that no rule names, unless one does. */
const OTHER_PROTOCOL = 253; // RFC 3692: for experiments
export const SOURCE_PORT = 49_152; // RFC 6335: the first dynamic port

/** One packet of every class that the rules of these clusters tell apart. */
export function portClasses(clusters: Iterable<DerivedCluster>): readonly PortClass[] {
  const protocols = new Set<number>([PROTOCOL.icmp, PROTOCOL.tcp, PROTOCOL.udp, OTHER_PROTOCOL]);
  const edges = new Set<number>([0, 1]);
  const note = (ranges: readonly PortRange[]) => {
    for (const { low, high } of ranges) edges.add(low).add(high + 1);
  };
  const read = (list: AccessList | null) => {
    for (const entry of list?.entries ?? []) {
      if (entry.protocol !== null) protocols.add(entry.protocol);
      note(entry.destinationPorts);
      note(entry.sourcePorts);
    }
  };
  for (const cluster of clusters) {
    for (const network of cluster.networks) read(network.accessList);
    for (const group of cluster.securityGroups) {
      read(group.ingress);
      read(group.egress);
    }
    for (const ip of cluster.floatingIps) {
      for (const mapping of ip.portMappings) {
        protocols.add(mapping.protocol);
        note([{ low: mapping.port, high: mapping.port }]);
      }
    }
  }
  const ports = [...edges].filter((port) => port > 0 && port <= 65_535).sort((a, b) => a - b);
  return [...protocols]
    .sort((a, b) => a - b)
    .flatMap((protocol) => (hasPorts(protocol) ? ports.map((port) => ({ protocol, port })) : [{ protocol, port: 0 }]));
}

export function hasPorts(protocol: number): boolean {
  return protocol === PROTOCOL.tcp || protocol === PROTOCOL.udp || protocol === 132;
}
