/**
 * The attributes of a path as one interned set (CN-3.2.3): equal sets are one id, so "same attributes" is a comparison
 * of integers. A set is what it has in common with others, and what is its host's: next hop, source RD and router MAC.
 */
import { shared } from '../base/fork.ts';
import { TupleIds } from '../base/interner.ts';
import { type Ipv4, ipv4 } from '../net/ipv4.ts';
import {
  type CommonAttributes,
  CommonAttributesTable,
  type CommonId,
  ORIGIN_INCOMPLETE,
  type TargetListId,
} from './common-attributes.ts';
import { NO_OCTETS8, type Octets8Id, type Octets8Table } from './octets8-table.ts';

export type AttributesId = number;

export interface PathAttributes extends CommonAttributes {
  /** 0 when there is none. */
  readonly nextHop: Ipv4;
  /** Source route distinguisher, kept inside the node and never sent (CN-3.2); 0 when there is none. */
  readonly sourceRd: Octets8Id;
}

/** Defaults of every set built from a message or an item (CN-3.2). */
export const NO_ATTRIBUTES: PathAttributes = shared(
  Object.freeze({
    origin: ORIGIN_INCOMPLETE,
    asPath: null,
    as4Path: null,
    nextHop: 0 as Ipv4,
    med: 0,
    localPref: 100,
    atomicAggregate: false,
    aggregator: null,
    communities: [],
    originatorId: 0 as Ipv4,
    clusterList: [],
    extendedCommunities: [],
    originVnPath: [],
    sourceRd: 0,
    subProtocol: '',
  }),
);

export class AttributeTable {
  readonly commons: CommonAttributesTable;
  /** What is common, next hop, source RD, router MAC. */
  private readonly sets = new TupleIds(1024);
  private readonly derived = new Map<string, Map<AttributesId, AttributesId>>();

  constructor(octets8: Octets8Table) {
    this.commons = new CommonAttributesTable(octets8);
  }

  get size(): number {
    return this.sets.size;
  }

  /** The id of the set; `extendedCommunities` and `communities` are put in order here. */
  intern(attributes: PathAttributes): AttributesId {
    const { extendedCommunities } = attributes;
    const mac = this.commons.routerMacOf(extendedCommunities);
    if (mac === NO_OCTETS8) return this.of(this.commons.intern(attributes), attributes.nextHop, attributes.sourceRd, 0);
    const others = extendedCommunities.filter((id) => id !== mac);
    const common = this.commons.intern({ ...attributes, extendedCommunities: others });
    return this.of(common, attributes.nextHop, attributes.sourceRd, mac);
  }

  /** `routerMac`: the extended community, {@link NO_OCTETS8} for none; those of what is common have none then. */
  of(common: CommonId, nextHop: number, sourceRd: Octets8Id, routerMac: Octets8Id): AttributesId {
    return this.sets.intern(common, nextHop, sourceRd, routerMac);
  }

  /** The set, put together; what only reads the common part asks for that. */
  get(id: AttributesId): PathAttributes {
    const common = this.commonOf(id);
    const mac = this.sets.d(id);
    const extendedCommunities =
      mac === NO_OCTETS8 ? common.extendedCommunities : this.commons.inOrder([...common.extendedCommunities, mac]);
    return { ...common, extendedCommunities, nextHop: this.nextHop(id), sourceRd: this.sourceRd(id) };
  }

  common(id: AttributesId): CommonId {
    return this.sets.a(id);
  }

  commonOf(id: AttributesId): CommonAttributes {
    return this.commons.get(this.sets.a(id));
  }

  nextHop(id: AttributesId): Ipv4 {
    return ipv4(this.sets.b(id));
  }

  sourceRd(id: AttributesId): Octets8Id {
    return this.sets.c(id);
  }

  /** The one router MAC among the extended communities; {@link NO_OCTETS8} when there is none, or more. */
  routerMac(id: AttributesId): Octets8Id {
    return this.sets.d(id);
  }

  hasExtendedCommunities(id: AttributesId): boolean {
    return this.sets.d(id) !== NO_OCTETS8 || this.commonOf(id).extendedCommunities.length > 0;
  }

  /** The set `id` with another common part. */
  withCommon(id: AttributesId, common: CommonId): AttributesId {
    const { sets } = this;
    return common === sets.a(id) ? id : sets.intern(common, sets.b(id), sets.c(id), sets.d(id));
  }

  /** The set `id` with another common part and another source RD, {@link NO_OCTETS8} when it leaves its node. */
  moved(id: AttributesId, common: CommonId, sourceRd: Octets8Id): AttributesId {
    const { sets } = this;
    return sets.intern(common, sets.b(id), sourceRd, sets.d(id));
  }

  withNextHop(id: AttributesId, nextHop: Ipv4): AttributesId {
    const { sets } = this;
    return sets.intern(sets.a(id), nextHop, sets.c(id), sets.d(id));
  }

  /** The result of a rewriting that depends on nothing but the set and what `purpose` names, computed once. */
  derive(purpose: string, id: AttributesId, rewrite: (set: PathAttributes) => PathAttributes): AttributesId {
    let memo = this.derived.get(purpose);
    if (memo === undefined) this.derived.set(purpose, (memo = new Map()));
    const known = memo.get(id);
    if (known !== undefined) return known;
    const result = this.intern(rewrite(this.get(id)));
    memo.set(id, result);
    return result;
  }

  /** The route targets among the extended communities, in order. */
  routeTargets(id: AttributesId): readonly Octets8Id[] {
    return this.commons.routeTargets(this.sets.a(id));
  }

  /** Equal lists of route targets have one id, whatever else the sets hold. */
  targetList(id: AttributesId): TargetListId {
    return this.commons.targetList(this.sets.a(id));
  }
}
