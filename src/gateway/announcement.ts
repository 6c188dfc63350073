/** What a raw speaker is told to say of a path: any attribute, as people write it. */
import { type Ipv4, ipv4 } from '../net/ipv4.ts';
import { parseRouteTarget } from '../net/route-target.ts';
import { NO_ATTRIBUTES, type PathAttributes } from '../route/attributes.ts';
import { parseCommunity } from '../route/community.ts';
import { parseExtendedCommunity } from '../route/extended-community.ts';
import type { FamilyName } from '../route/family.ts';
import type { RoutePool } from '../route/pool.ts';

export interface SpeakerAnnouncement {
  readonly family: FamilyName;
  /** Route keys as a table prints them. */
  readonly keys: readonly string[];
  /** null: the speaker's own address. */
  readonly nextHop: Ipv4 | null;
  readonly label: number;
  readonly routeTargets: readonly string[];
  readonly origin: 'igp' | 'egp' | 'incomplete';
  /** null: the speaker's AS to external peers, empty to internal ones. */
  readonly asPath: readonly number[] | null;
  /** null: 100. */
  readonly localPref: number | null;
  readonly med: number;
  readonly communities: readonly string[];
  readonly extendedCommunities: readonly string[];
  readonly originatorId: Ipv4 | null;
  readonly clusterList: readonly Ipv4[];
}

const ORIGINS = ['igp', 'egp', 'incomplete'] as const;

/** The attributes towards a peer; texts that are no community are left out, since the reader of the scenario refuses them. */
export function announcedSet(
  announcement: SpeakerAnnouncement,
  own: { readonly address: Ipv4; readonly asn: number },
  internal: boolean,
  pool: RoutePool,
): PathAttributes {
  const asns = announcement.asPath ?? (internal ? [] : [own.asn]);
  const values = [
    ...announcement.routeTargets.map(parseRouteTarget),
    ...announcement.extendedCommunities.map(parseExtendedCommunity),
  ];
  return {
    ...NO_ATTRIBUTES,
    origin: ORIGINS.indexOf(announcement.origin),
    asPath: asns.length === 0 ? [] : [{ kind: 'sequence', asns }],
    nextHop: announcement.nextHop ?? own.address,
    med: announcement.med,
    localPref: announcement.localPref ?? 100,
    communities: announcement.communities.map(parseCommunity).filter((value) => value !== null),
    originatorId: announcement.originatorId ?? ipv4(0),
    clusterList: announcement.clusterList,
    extendedCommunities: values.filter((value) => value !== null).map((value) => pool.octets8.intern(value)),
  };
}
