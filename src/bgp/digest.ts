/**
 * What a message says in 32 bits, made of values and never of interned ids, so that a sender's and a receiver's numbers
 * agree exactly when they mean the same. The numbers of attribute sets and NLRIs are made once each.
 */
import { Int32Column } from '../base/columns.ts';
import { contentDigest } from '../base/digest.ts';
import type { AttributesId } from '../route/attributes.ts';
import type { NlriId } from '../route/nlri.ts';
import type { Octets8Id } from '../route/octets8-table.ts';
import type { RoutePool } from '../route/pool.ts';
import type { BgpMessage, UpdateMessage } from './message.ts';

const PART = { announce: 1, withdraw: 2, 'end-of-rib': 3 } as const;
const UNKNOWN = 0;

export class MessageDigests {
  private readonly pool: RoutePool;
  private readonly nlris = new Int32Column(1024);
  private readonly sets = new Int32Column();

  constructor(pool: RoutePool) {
    this.pool = pool;
  }

  of(message: BgpMessage): number {
    return message.kind === 'update' ? this.ofUpdate(message) : contentDigest(message);
  }

  private ofUpdate(update: UpdateMessage): number {
    let digest = 0x811c9dc5;
    for (const part of update.parts) {
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
    this.nlris.extend(id + 1, UNKNOWN);
    const known = this.nlris.get(id);
    if (known !== UNKNOWN) return known;
    const { nlris, octets8 } = this.pool;
    const eight = nlris.octets8Id(id);
    let digest = mix(0x2545f491, nlris.family(id));
    digest = mix(mix(digest, octets8.hi(eight)), octets8.lo(eight));
    digest = mix(mix(digest, nlris.originAs(id)), nlris.length(id)) | 1;
    this.nlris.set(id, digest);
    return digest;
  }

  ofSet(id: AttributesId): number {
    this.sets.extend(id + 1, UNKNOWN);
    const known = this.sets.get(id);
    if (known !== UNKNOWN) return known;
    const set = this.pool.attributes.get(id);
    const values = (ids: readonly Octets8Id[]) =>
      ids.flatMap((value) => [this.pool.octets8.hi(value), this.pool.octets8.lo(value)]);
    const said = {
      ...set,
      extendedCommunities: values(set.extendedCommunities),
      originVnPath: values(set.originVnPath),
      sourceRd: values([set.sourceRd]),
    };
    const digest = contentDigest(said) | 1;
    this.sets.set(id, digest);
    return digest;
  }
}

function mix(digest: number, value: number): number {
  let mixed = Math.imul(digest ^ value, 0x9e3779b1);
  mixed ^= mixed >>> 15;
  return Math.imul(mixed, 0x85ebca6b) ^ (mixed >>> 13);
}
