/**
 * BGP announcements to paths (CN-5.3, CN-3.3, CN-7.4.4): which checks a path fails, and what becomes of its attributes.
 * Both depend on nothing but the neighbour and what the attribute set has in common with others, so an answer is kept for
 * each pair of those.
 */
import { IdMemo, UNKNOWN } from '../base/memo.ts';
import { isFourOctet } from '../net/asn.ts';
import type { AttributesId } from '../route/attributes.ts';
import { type AsPathSegment, type CommonAttributes, neighbourAs } from '../route/common-attributes.ts';
import { TUNNEL_TYPES, tunnelEncapsulation, tunnelTypeOf } from '../route/extended-community.ts';
import { PATH_FLAG } from '../route/path.ts';
import type { RoutePool } from '../route/pool.ts';
import { mirrored } from './agent-routes.ts';
import type { ControlNodeConfig, NeighbourConfig } from './control-config.ts';

/** AS of the session on our side (CN-1.7/2). */
export function sessionLocalAs(node: ControlNodeConfig, neighbour: NeighbourConfig): number {
  return neighbour.localAsn || node.localAsn || node.asn;
}

/** Flags a received path gets (CN-5.3). */
export function receivedFlags(
  node: ControlNodeConfig,
  neighbour: NeighbourConfig,
  set: CommonAttributes,
  fourOctetAs: boolean,
): number {
  const localAs = sessionLocalAs(node, neighbour);
  const internal = neighbour.asn === localAs;
  let flags = 0;
  if (set.asPath !== null) {
    if (occurrences(set, localAs, fourOctetAs) > neighbour.loopCount) flags |= PATH_FLAG.AsPathLooped;
    if (!internal && neighbourAs(set.asPath) !== narrowed(set, neighbour.asn)) flags |= PATH_FLAG.NoNeighborAs;
  }
  if (internal && set.originatorId !== 0 && set.originatorId === node.routerId) flags |= PATH_FLAG.OriginatorIdLooped;
  if (node.clusterId !== 0 && set.clusterList.includes(node.clusterId)) flags |= PATH_FLAG.ClusterListLooped;
  return flags;
}

/** An AS above 65535 is looked for in AS4_PATH, or by its low 16 bits in a 2-octet AS_PATH (CN-5.3.4, CN-6.3.4). */
function occurrences(set: CommonAttributes, as: number, fourOctetAs: boolean): number {
  if (fourOctetAs || !isFourOctet(as)) return count(set.asPath, as);
  return set.as4Path === null ? count(set.asPath, as & 0xffff) : count(set.as4Path, as);
}

function count(path: readonly AsPathSegment[] | null, as: number): number {
  let found = 0;
  for (const segment of path ?? []) for (const member of segment.asns) if (member === as) found++;
  return found;
}

/** What the leftmost AS of the neighbour looks like in this path: AS_TRANS where AS4_PATH says the rest. */
function narrowed(set: CommonAttributes, as: number): number {
  return isFourOctet(as) && set.as4Path !== null && neighbourAs(set.as4Path) === as ? neighbourAs(set.asPath) : as;
}

/** The attributes a received path is kept with. */
export function receivedAttributes(
  pool: RoutePool,
  node: ControlNodeConfig,
  neighbour: NeighbourConfig,
  set: CommonAttributes,
): CommonAttributes {
  let kept = set;
  const external = neighbour.asn !== sessionLocalAs(node, neighbour);
  if (external && neighbour.type !== 'router' && set.med !== 0) kept = { ...kept, localPref: mirrored(set.med) };
  const hasTunnel = () => set.extendedCommunities.some((id) => tunnelTypeOf(pool.octets8.value(id)) !== null);
  if (neighbour.defaultTunnelEncapsulations.length > 0 && !hasTunnel()) {
    const tunnels = neighbour.defaultTunnelEncapsulations.map((name) =>
      pool.octets8.intern(tunnelEncapsulation(TUNNEL_TYPES[name])),
    );
    kept = { ...kept, extendedCommunities: [...kept.extendedCommunities, ...tunnels] };
  }
  return kept;
}

/** The two answers for one neighbour, each set asked once. */
export class ReceivedPaths {
  private readonly pool: RoutePool;
  private readonly node: ControlNodeConfig;
  private readonly neighbour: NeighbourConfig;
  private readonly fourOctetAs: boolean;
  private readonly kept = new IdMemo();
  private readonly flags = new IdMemo();

  constructor(pool: RoutePool, node: ControlNodeConfig, neighbour: NeighbourConfig, fourOctetAs: boolean) {
    this.pool = pool;
    this.node = node;
    this.neighbour = neighbour;
    this.fourOctetAs = fourOctetAs;
  }

  attributesOf(id: AttributesId): AttributesId {
    const { attributes } = this.pool;
    const common = attributes.common(id);
    const known = this.kept.get(common);
    if (known !== UNKNOWN) return attributes.withCommon(id, known);
    const set = attributes.commons.get(common);
    const kept = receivedAttributes(this.pool, this.node, this.neighbour, set);
    return attributes.withCommon(id, this.kept.set(common, kept === set ? common : attributes.commons.intern(kept)));
  }

  flagsOf(id: AttributesId): number {
    const { attributes } = this.pool;
    const common = attributes.common(id);
    const known = this.flags.get(common);
    if (known !== UNKNOWN) return known;
    const set = attributes.commons.get(common);
    return this.flags.set(common, receivedFlags(this.node, this.neighbour, set, this.fourOctetAs));
  }
}
