/**
 * What a message says in 32 bits, made of values and never of interned ids, so that a sender's and a receiver's numbers
 * agree exactly when they mean the same. The numbers of NLRIs, and of what attribute sets have in common, are made once each.
 */
import { contentDigest } from '../base/digest.ts';
import { IdMemo, UNKNOWN } from '../base/memo.ts';
import type { AttributesId } from '../route/attributes.ts';
import type { AsPathSegment, CommonId } from '../route/common-attributes.ts';
import type { NlriId } from '../route/nlri.ts';
import type { Octets8Id } from '../route/octets8-table.ts';
import type { RoutePool } from '../route/pool.ts';
import type { BgpMessage, UpdateMessage } from './message.ts';

const PART = { announce: 1, withdraw: 2, 'end-of-rib': 3 } as const;

export class MessageDigests {
  private readonly pool: RoutePool;
  private readonly nlris = new IdMemo();
  private readonly commons = new IdMemo();

  constructor(pool: RoutePool) {
    this.pool = pool;
  }

  of(message: BgpMessage): number {
    return message.kind === 'update' ? this.ofUpdate(message) : contentDigest(message);
  }

  private ofUpdate(update: UpdateMessage): number {
    let digest = 0x811c9dc5;
    for (let at = 0; at < update.parts.length; at++) {
      const part = update.parts[at]!;
      digest = mix(digest, PART[part.kind]);
      digest = mix(digest, part.family);
      if (part.kind === 'end-of-rib') continue;
      if (part.kind === 'announce') digest = mix(digest, this.ofSet(part.attributes));
      const { nlris } = part;
      for (let i = 0; i < nlris.length; i++) digest = mix(digest, this.ofNlri(nlris[i]!));
      if (part.kind === 'announce') for (let i = 0; i < nlris.length; i++) digest = mix(digest, part.labels[i]!);
    }
    return digest >>> 0;
  }

  private ofNlri(id: NlriId): number {
    const known = this.nlris.get(id);
    if (known !== UNKNOWN) return known;
    const { nlris, octets8 } = this.pool;
    const eight = nlris.octets8Id(id);
    let digest = mix(0x2545f491, nlris.family(id));
    digest = mix(mix(digest, octets8.hi(eight)), octets8.lo(eight));
    return this.nlris.set(id, mix(mix(digest, nlris.originAs(id)), nlris.length(id)) | 1);
  }

  ofSet(id: AttributesId): number {
    const { attributes, octets8 } = this.pool;
    const rd = attributes.sourceRd(id);
    const digest = mix(this.ofCommon(attributes.common(id)), attributes.nextHop(id));
    const mac = attributes.routerMac(id);
    const withRd = mix(mix(digest, octets8.hi(rd)), octets8.lo(rd));
    return mix(mix(withRd, octets8.hi(mac)), octets8.lo(mac));
  }

  private ofCommon(id: CommonId): number {
    const known = this.commons.get(id);
    if (known !== UNKNOWN) return known;
    const set = this.pool.attributes.commons.get(id);
    let digest = mix(mix(0x3c6ef372, set.origin), set.med);
    digest = mix(mix(digest, set.localPref), set.atomicAggregate ? 1 : 0);
    digest = mix(mix(digest, set.originatorId), contentDigest(set.subProtocol));
    digest = mixPath(mixPath(digest, set.asPath), set.as4Path);
    digest = mix(digest, set.aggregator === null ? 0 : contentDigest(set.aggregator));
    for (const list of [set.communities, set.clusterList]) {
      digest = mix(digest, list.length);
      for (const value of list) digest = mix(digest, value);
    }
    for (const list of [set.extendedCommunities, set.originVnPath]) digest = this.mixOctets8(digest, list);
    return this.commons.set(id, digest | 1);
  }

  private mixOctets8(digest: number, ids: readonly Octets8Id[]): number {
    let mixed = mix(digest, ids.length);
    for (const id of ids) mixed = mix(mix(mixed, this.pool.octets8.hi(id)), this.pool.octets8.lo(id));
    return mixed;
  }
}

function mixPath(digest: number, path: readonly AsPathSegment[] | null): number {
  if (path === null) return mix(digest, -1);
  let mixed = mix(digest, path.length);
  for (const { kind, asns } of path) {
    mixed = mix(mix(mixed, contentDigest(kind)), asns.length);
    for (const asn of asns) mixed = mix(mixed, asn);
  }
  return mixed;
}

function mix(digest: number, value: number): number {
  let mixed = Math.imul(digest ^ value, 0x9e3779b1);
  mixed ^= mixed >>> 15;
  return Math.imul(mixed, 0x85ebca6b) ^ (mixed >>> 13);
}
