/**
 * What a gateway tells a peer of a route (RFC 4364 §4.3, RFC 4684, RFC 4271 §9.1.3): the stage that stops it, or the
 * attributes it leaves with.
 *
 * Its own routes go to everyone who wants them. Routes of peers go on only with `transit`, and then as an AS border
 * router sends them (RFC 4364 §10 b): with itself as the next hop and a label of its own.
 */
import type { Ipv4 } from '../net/ipv4.ts';
import type { PathAttributes } from '../route/attributes.ts';
import { COMMUNITY } from '../route/community.ts';

export const EXPORT_STAGES = [
  'sent',
  'no path',
  'the session is down or does not carry the family',
  'the peer is the sender of the route',
  'no transit',
  'iBGP split horizon',
  'community no-advertise',
  'community no-export',
  "the peer's AS is in AS_PATH",
  'no interest of the peer in a target of the route',
] as const;

export const STAGE = {
  sent: 0,
  noPath: 1,
  noSession: 2,
  sender: 3,
  noTransit: 4,
  splitHorizon: 5,
  noAdvertise: 6,
  noExport: 7,
  asLoop: 8,
  noInterest: 9,
} as const;

export interface ExportQuestion {
  readonly set: PathAttributes;
  /** The gateway made the route itself. */
  readonly isLocal: boolean;
  readonly senderIsInternal: boolean;
  readonly isSender: boolean;
  readonly peerIsInternal: boolean;
  readonly peerAs: number;
  readonly transit: boolean;
  /** The peer asked for a target of the route, or filters nothing. */
  readonly isWanted: boolean;
}

export function exportStage(question: ExportQuestion): number {
  const { set, isLocal, peerIsInternal } = question;
  if (question.isSender) return STAGE.sender;
  if (!isLocal && !question.transit) return STAGE.noTransit;
  if (!isLocal && question.senderIsInternal && peerIsInternal) return STAGE.splitHorizon;
  if (set.communities.includes(COMMUNITY.noAdvertise)) return STAGE.noAdvertise;
  if (!peerIsInternal && set.communities.includes(COMMUNITY.noExport)) return STAGE.noExport;
  if (!peerIsInternal && set.asPath?.some((segment) => segment.asns.includes(question.peerAs)) === true)
    return STAGE.asLoop;
  return question.isWanted ? STAGE.sent : STAGE.noInterest;
}

/** The attributes as they leave: RFC 4271 §5.1 for each kind of peer, the next hop the gateway itself. */
export function exportedSet(
  set: PathAttributes,
  isLocal: boolean,
  toInternal: boolean,
  ownAs: number,
  own: Ipv4,
): PathAttributes {
  const asPath = set.asPath ?? [];
  if (toInternal) return { ...set, asPath, nextHop: own };
  const first = asPath[0];
  const prepended =
    first?.kind === 'sequence' && first.asns.length < 255
      ? [{ kind: first.kind, asns: [ownAs, ...first.asns] }, ...asPath.slice(1)]
      : [{ kind: 'sequence' as const, asns: [ownAs] }, ...asPath];
  return {
    ...set,
    asPath: prepended,
    nextHop: own,
    med: isLocal ? set.med : 0,
    originatorId: 0 as Ipv4, // left out
    clusterList: [],
  };
}
