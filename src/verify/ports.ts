/**
 * Classes of protocol and port (design: no port means any): packets that no rule of the world tells apart are one class,
 * so asking one of each asks all.
 */
import { ObjectMemo } from '../base/memo.ts';
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

/** What the rules of one cluster tell apart: read once for each configuration, which never changes. */
interface Distinctions {
  readonly protocols: ReadonlySet<number>;
  /** Where ranges of ports begin and end. */
  readonly edges: ReadonlySet<number>;
  readonly mapsPorts: boolean;
}

const known = new ObjectMemo<DerivedCluster, Distinctions>();

function distinctionsOf(cluster: DerivedCluster): Distinctions {
  return known.get(cluster) ?? known.set(cluster, readDistinctions(cluster));
}

function readDistinctions(cluster: DerivedCluster): Distinctions {
  const protocols = new Set<number>();
  const edges = new Set<number>();
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
  for (const network of cluster.networks) read(network.accessList);
  for (const group of cluster.securityGroups) {
    read(group.ingress);
    read(group.egress);
  }
  const mappings = cluster.floatingIps.flatMap((ip) => ip.portMappings);
  for (const { protocol, port } of mappings) {
    protocols.add(protocol);
    note([{ low: port, high: port }]);
  }
  return { protocols, edges, mapsPorts: mappings.length > 0 };
}

/** One packet of every class that the rules of these clusters tell apart. */
export function portClasses(clusters: Iterable<DerivedCluster>): readonly PortClass[] {
  const protocols = new Set<number>([PROTOCOL.icmp, PROTOCOL.tcp, PROTOCOL.udp, OTHER_PROTOCOL]);
  const edges = new Set<number>([0, 1]);
  for (const cluster of clusters) {
    const own = distinctionsOf(cluster);
    for (const protocol of own.protocols) protocols.add(protocol);
    for (const edge of own.edges) edges.add(edge);
  }
  const ports = [...edges].filter((port) => port > 0 && port <= 65_535).sort((a, b) => a - b);
  return [...protocols]
    .sort((a, b) => a - b)
    .flatMap((protocol) => (hasPorts(protocol) ? ports.map((port) => ({ protocol, port })) : [{ protocol, port: 0 }]));
}

/** Whether a floating address may lead elsewhere for one port than for another. */
export function mapsPorts(clusters: Iterable<DerivedCluster>): boolean {
  for (const cluster of clusters) if (distinctionsOf(cluster).mapsPorts) return true;
  return false;
}

export function hasPorts(protocol: number): boolean {
  return protocol === PROTOCOL.tcp || protocol === PROTOCOL.udp || protocol === 132;
}
