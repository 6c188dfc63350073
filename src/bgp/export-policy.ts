/**
 * What becomes of a path on its way to a group of BGP peers (CN-6.3, CN-6.4, CN-6.6): the stage that stops it, or the
 * attributes it leaves with. Pure functions of values; who keeps the results for equal questions is the caller.
 */
import { AS_TRANS, isFourOctet } from '../net/asn.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import { type AsPathSegment, asPathLength, type CommonAttributes } from '../route/common-attributes.ts';
import { COMMUNITY } from '../route/community.ts';
import { originVnOf, tunnelEncapsulation, tunnelTypeOf } from '../route/extended-community.ts';
import { FAMILY, type Family } from '../route/family.ts';
import type { Octets8Table } from '../route/octets8-table.ts';

/** What makes peers of a table equal (CN-6.1.p1). */
export interface RibOutKey {
  readonly family: Family;
  readonly internal: boolean;
  readonly peerAs: number;
  /** Of the session. */
  readonly localAs: number;
  readonly asOverride: boolean;
  /** Agreed on the session. */
  readonly fourOctetAs: boolean;
  /** The peer's cluster id, which configuration never fills (CN-1.7/8). */
  readonly clusterId: number;
  /** Tunnel types that replace all others (CN-6.3/12); empty: none configured. */
  readonly defaultTunnels: readonly number[];
}

export function ribOutKeyText(key: RibOutKey): string {
  const { internal, peerAs, localAs, asOverride, fourOctetAs, clusterId, defaultTunnels } = key;
  return [
    internal ? 'iBGP' : 'eBGP',
    `peer AS ${peerAs}`,
    `local AS ${localAs}`,
    ...(asOverride ? ['AS override'] : []),
    ...(fourOctetAs ? ['4-octet AS'] : []),
    ...(clusterId !== 0 ? [`cluster ${clusterId}`] : []),
    ...(defaultTunnels.length > 0 ? [`tunnels ${defaultTunnels.join(' ')}`] : []),
  ].join(', ');
}

/** The node that exports. */
export interface Exporter {
  readonly routerId: number;
  readonly clusterId: number;
  /** 4-octet AS numbers are enabled here (CN-6.3.4). */
  readonly fourOctetAs: boolean;
}

/** Where the path came from. */
export interface Sender {
  readonly kind: 'local' | 'xmpp' | 'ibgp' | 'ebgp';
  /** BGP identifier, agent address, 0 for local paths. */
  readonly routerId: number;
  readonly clusterId: number;
}

/** The stages that can stop a route, in order, as people are told. The number is kept, the text shown. */
export const EXPORT_STAGES = [
  'sent',
  'no path',
  'the best path is infeasible',
  'community no-advertise',
  'community no-export',
  'iBGP split horizon',
  'route target filter',
  'own cluster id in CLUSTER_LIST',
  'the peer is a sender of the route',
  "the peer's AS is in AS_PATH",
  'the peer is not registered with the table',
] as const;
export type ExportStage = (typeof EXPORT_STAGES)[number];

export const STAGE = {
  sent: 0,
  noPath: 1,
  infeasible: 2,
  noAdvertise: 3,
  noExport: 4,
  splitHorizon: 5,
  targetFilter: 6,
  clusterLoop: 7,
  isSender: 8,
  asLoop: 9,
  notRegistered: 10,
} as const;

/** The stage that stops the path for all peers of the group, whoever asked for its targets; 0 when none does. */
export function stopsAt(key: RibOutKey, exporter: Exporter, sender: Sender, set: CommonAttributes): number {
  const has = (community: number) => set.communities.length > 0 && set.communities.includes(community);
  if (has(COMMUNITY.noAdvertise)) return STAGE.noAdvertise;
  if (!key.internal) {
    if (has(COMMUNITY.noExport) || has(COMMUNITY.noExportSubconfed)) return STAGE.noExport;
    if (!key.asOverride && containsAs(set.asPath, key.peerAs)) return STAGE.asLoop;
    return STAGE.sent;
  }
  if (sender.kind === 'ibgp' && !reflects(key, exporter, sender)) return STAGE.splitHorizon;
  if (exporter.clusterId !== 0 && set.clusterList.includes(exporter.clusterId)) return STAGE.clusterLoop;
  return STAGE.sent;
}

/** CN-6.4.p1. */
function reflects(key: RibOutKey, exporter: Exporter, sender: Sender): boolean {
  if (exporter.clusterId === 0) return false;
  if (sender.clusterId === exporter.clusterId) return true;
  return key.clusterId === 0 || key.clusterId === exporter.clusterId;
}

/** The attributes a path leaves with, when no stage stopped it. */
export function exported(
  key: RibOutKey,
  exporter: Exporter,
  sender: Sender,
  set: CommonAttributes,
  octets8: Octets8Table,
): CommonAttributes {
  let out: CommonAttributes = { ...set, subProtocol: '' };
  if (key.family === FAMILY.inet) out = { ...out, ...inetCommunities(out, octets8) };
  out = key.internal ? toInternal(exporter, sender, out) : toExternal(key, out);
  if (key.defaultTunnels.length > 0) {
    const others = out.extendedCommunities.filter((id) => tunnelTypeOf(octets8.value(id)) === null);
    const tunnels = key.defaultTunnels.map((type) => octets8.intern(tunnelEncapsulation(type)));
    out = { ...out, extendedCommunities: [...others, ...tunnels] };
  }
  if (key.family !== FAMILY['route-target'] && out.communities.includes(COMMUNITY.llgrStale)) {
    const others = out.communities.filter((community) => community !== COMMUNITY.llgrStale);
    out = { ...out, localPref: key.internal ? 0 : out.localPref, communities: [...others, COMMUNITY.noExport] };
  }
  return { ...out, ...pathWidth(key, exporter, out) };
}

/** From inet tables only the first origin network is sent on (CN-6.3.2). */
function inetCommunities(set: CommonAttributes, octets8: Octets8Table): Partial<CommonAttributes> {
  const first = set.extendedCommunities.find((id) => originVnOf(octets8.value(id)) !== null);
  return { extendedCommunities: first === undefined ? [] : [first], originVnPath: [] };
}

function toInternal(exporter: Exporter, sender: Sender, set: CommonAttributes): CommonAttributes {
  const out = { ...set, localPref: set.localPref === 0 ? 100 : set.localPref, asPath: set.asPath ?? [] };
  if (exporter.clusterId === 0) return out;
  // Done for every path, those of the node's own agents included (CN-6.3/8, CN-Q18).
  const originator = sender.routerId !== 0 ? sender.routerId : exporter.routerId;
  return {
    ...out,
    originatorId: set.originatorId !== 0 ? set.originatorId : (originator as Ipv4), // router ids are addresses
    clusterList: [exporter.clusterId, ...set.clusterList],
  };
}

function toExternal(key: RibOutKey, set: CommonAttributes): CommonAttributes {
  const path = set.asPath ?? [];
  const overridden = key.asOverride ? replaced(path, key.peerAs, key.localAs) : path;
  return {
    ...set,
    originatorId: 0 as Ipv4, // none
    clusterList: [],
    localPref: 100, // not sent to external peers; the default of every set (CN-3.2.p1)
    med: path.length > 0 ? 0 : set.med,
    asPath: prepended(overridden, key.localAs),
    as4Path: set.as4Path === null ? null : prepended(set.as4Path, key.localAs),
  };
}

function containsAs(path: readonly AsPathSegment[] | null, as: number): boolean {
  return path?.some((segment) => segment.asns.includes(as)) ?? false;
}

function replaced(path: readonly AsPathSegment[], from: number, to: number): readonly AsPathSegment[] {
  return path.map((segment) => ({ ...segment, asns: segment.asns.map((as) => (as === from ? to : as)) }));
}

const SEGMENT_MAX = 255;

/** RFC 4271 §5.1.2: into the first segment when it is a sequence with room. */
export function prepended(path: readonly AsPathSegment[], as: number): readonly AsPathSegment[] {
  const first = path[0];
  if (first?.kind === 'sequence' && first.asns.length < SEGMENT_MAX) {
    return [{ kind: 'sequence', asns: [as, ...first.asns] }, ...path.slice(1)];
  }
  return [{ kind: 'sequence', asns: [as] }, ...path];
}

/** CN-6.3.4: AS numbers in the width the peer reads. */
function pathWidth(key: RibOutKey, exporter: Exporter, set: CommonAttributes): Partial<CommonAttributes> {
  if (set.asPath === null) return {};
  if (key.fourOctetAs) return { asPath: mergedPath(set.asPath, set.as4Path), as4Path: null };
  const full = mergedPath(set.asPath, set.as4Path);
  const isWide = full.some((segment) => segment.asns.some(isFourOctet));
  if (!isWide) return { asPath: full, as4Path: null };
  const narrow = full.map((s) => ({ ...s, asns: s.asns.map((as) => (isFourOctet(as) ? AS_TRANS : as)) }));
  return { asPath: narrow, as4Path: exporter.fourOctetAs ? full : null };
}

/** AS4_PATH in place of the tail of AS_PATH that it stands for, unless it is the longer one (RFC 6793 §4.2.3). */
function mergedPath(path: readonly AsPathSegment[], wide: readonly AsPathSegment[] | null): readonly AsPathSegment[] {
  if (wide === null) return path;
  const surplus = asPathLength(path) - asPathLength(wide);
  if (surplus < 0) return path;
  const head: number[] = [];
  for (const segment of path) {
    for (const as of segment.asns) {
      if (head.length === surplus) break;
      head.push(as);
    }
  }
  return head.reduceRight<readonly AsPathSegment[]>((tail, as) => prepended(tail, as), wide);
}
