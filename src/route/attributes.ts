/**
 * The attributes of a path as one interned, frozen set (CN-3.2.3): equal sets are one id, so "same attributes" is a
 * comparison of integers. What the decision compares (CN-5.1) also stands in columns by id.
 */
import { Int32Column } from '../base/columns.ts';
import { shared } from '../base/fork.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import { isRouteTarget } from '../net/route-target.ts';
import { COMMUNITY } from './community.ts';
import { isETreeLeaf, mobilityOf, originVnOf } from './extended-community.ts';
import type { Octets8Id, Octets8Table } from './octets8-table.ts';

export type AttributesId = number;
/** One per distinct list of route targets. */
export type TargetListId = number;

const STICKY = 1;
const E_TREE_LEAF = 2;
const LLGR_STALE = 4;
const ORIGIN_VN_PATH = 8;

/** RFC 4271 §5.1.1; the lower is preferred. */
export const ORIGIN_IGP = 0;
export const ORIGIN_EGP = 1;
export const ORIGIN_INCOMPLETE = 2;

export interface AsPathSegment {
  readonly kind: 'set' | 'sequence' | 'confed-sequence' | 'confed-set';
  readonly asns: readonly number[];
}

export interface PathAttributes {
  readonly origin: number;
  /** null: no AS_PATH attribute at all, as on an agent's route (CN-5.3.2). */
  readonly asPath: readonly AsPathSegment[] | null;
  /** AS4_PATH, kept apart (CN-6.3.4). */
  readonly as4Path: readonly AsPathSegment[] | null;
  /** 0 when there is none. */
  readonly nextHop: Ipv4;
  /** 0 when there is none. */
  readonly med: number;
  readonly localPref: number;
  readonly atomicAggregate: boolean;
  readonly aggregator: { readonly as: number; readonly address: Ipv4 } | null;
  /** Sorted, unique. */
  readonly communities: readonly number[];
  /** 0 when there is none. */
  readonly originatorId: Ipv4;
  readonly clusterList: readonly number[];
  /** Interned eight octets, sorted by value and unique (CN-3.2.2). */
  readonly extendedCommunities: readonly Octets8Id[];
  /** Contrail's OriginVn path, attribute 243 (CN-3.4). */
  readonly originVnPath: readonly Octets8Id[];
  /** Source route distinguisher, kept inside the node and never sent (CN-3.2); 0 when there is none. */
  readonly sourceRd: Octets8Id;
  /** `interface`, `interface-static`, ...: kept inside the node for policy (CN-2.5). */
  readonly subProtocol: string;
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

/** An AS_SET counts one (CN-5.1.3), confederation segments nothing (RFC 5065 §5.3). */
export function asPathLength(path: readonly AsPathSegment[] | null): number {
  let length = 0;
  for (const segment of path ?? []) {
    if (segment.kind === 'sequence') length += segment.asns.length;
    else if (segment.kind === 'set') length += 1;
  }
  return length;
}

/** The leftmost AS number, in a sequence or a set (CN-5.3.5); 0 when the path is empty. */
export function neighbourAs(path: readonly AsPathSegment[] | null): number {
  return path?.[0]?.asns[0] ?? 0;
}

export class AttributeTable {
  private readonly octets8: Octets8Table;
  private readonly ids = new Map<string, AttributesId>();
  private readonly sets: PathAttributes[] = [];
  private readonly derived = new Map<string, Map<AttributesId, AttributesId>>();
  private readonly localPrefs = new Int32Column();
  private readonly pathLengths = new Int32Column();
  private readonly origins = new Int32Column();
  private readonly meds = new Int32Column();
  private readonly neighbours = new Int32Column();
  private readonly sequences = new Int32Column();
  /** Bits of what few paths have, so that the decision asks once. */
  private readonly traits = new Int32Column();
  private readonly originators = new Int32Column();
  private readonly clusterLengths = new Int32Column();
  private readonly firstOriginVns = new Int32Column();
  private readonly lastOriginVns = new Int32Column();
  private readonly targetLists = new Int32Column();
  private readonly targetListIds = new Map<string, TargetListId>();
  private readonly targetListValues: (readonly Octets8Id[])[] = [];

  constructor(octets8: Octets8Table) {
    this.octets8 = octets8;
  }

  get size(): number {
    return this.sets.length;
  }

  /** The id of the set; `extendedCommunities` and `communities` are put in order here. */
  intern(attributes: PathAttributes): AttributesId {
    const set = this.canonical(attributes);
    const key = keyOf(set);
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    const id = this.sets.length;
    this.ids.set(key, id);
    this.sets.push(shared(Object.freeze(set)));
    this.targetLists.push(
      this.internTargets(set.extendedCommunities.filter((value) => isRouteTarget(this.octets8.value(value)))),
    );
    this.localPrefs.push(set.localPref);
    this.pathLengths.push(Math.max(asPathLength(set.asPath), asPathLength(set.as4Path)));
    this.origins.push(set.origin);
    this.meds.push(set.med);
    this.neighbours.push(neighbourAs(set.asPath));
    const move = set.extendedCommunities.map((value) => mobilityOf(this.octets8.value(value))).find((m) => m !== null);
    this.sequences.push(move?.sequence ?? 0);
    const leaf = set.extendedCommunities.some((value) => isETreeLeaf(this.octets8.value(value)));
    this.traits.push(
      (move?.sticky === true ? STICKY : 0) |
        (leaf ? E_TREE_LEAF : 0) |
        (set.communities.includes(COMMUNITY.llgrStale) ? LLGR_STALE : 0) |
        (set.originVnPath.length > 0 ? ORIGIN_VN_PATH : 0),
    );
    const networks = set.extendedCommunities
      .map((value) => originVnOf(this.octets8.value(value)))
      .filter((network) => network !== null);
    this.firstOriginVns.push(networks[0]?.index ?? -1);
    this.lastOriginVns.push(networks.at(-1)?.index ?? -1);
    this.originators.push(set.originatorId | 0);
    this.clusterLengths.push(set.clusterList.length);
    return id;
  }

  get(id: AttributesId): PathAttributes {
    return this.sets[id]!;
  }

  /** The set `id` with some attributes replaced. */
  with(id: AttributesId, change: Partial<PathAttributes>): AttributesId {
    return this.intern({ ...this.get(id), ...change });
  }

  /**
   * The result of a rewriting that depends on nothing but the set and what `purpose` names, computed once: how an
   * update is rewritten for a RIB-out, or a route target list added.
   */
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
    return this.targetListValues[this.targetLists.get(id)]!;
  }

  /** Equal lists of route targets have one id, whatever else the sets hold. */
  targetList(id: AttributesId): TargetListId {
    return this.targetLists.get(id);
  }

  targetsOf(list: TargetListId): readonly Octets8Id[] {
    return this.targetListValues[list]!;
  }

  localPref(id: AttributesId): number {
    return this.localPrefs.get(id) >>> 0;
  }

  /** The longer of AS_PATH and AS4_PATH (CN-5.1/7). */
  asPathLength(id: AttributesId): number {
    return this.pathLengths.get(id);
  }

  origin(id: AttributesId): number {
    return this.origins.get(id);
  }

  med(id: AttributesId): number {
    return this.meds.get(id) >>> 0;
  }

  neighbourAs(id: AttributesId): number {
    return this.neighbours.get(id) >>> 0;
  }

  mobilitySequence(id: AttributesId): number {
    return this.sequences.get(id) >>> 0;
  }

  sticky(id: AttributesId): boolean {
    return (this.traits.get(id) & STICKY) !== 0;
  }

  eTreeLeaf(id: AttributesId): boolean {
    return (this.traits.get(id) & E_TREE_LEAF) !== 0;
  }

  /** Carries the community llgr-stale. */
  llgrStale(id: AttributesId): boolean {
    return (this.traits.get(id) & LLGR_STALE) !== 0;
  }

  hasOriginVnPath(id: AttributesId): boolean {
    return (this.traits.get(id) & ORIGIN_VN_PATH) !== 0;
  }

  /** 0 when there is none. */
  originatorId(id: AttributesId): number {
    return this.originators.get(id) >>> 0;
  }

  clusterListLength(id: AttributesId): number {
    return this.clusterLengths.get(id);
  }

  /** Network index of the first origin-VN community in order, of whatever AS (CN-2.9.5); -1 when there is none. */
  firstOriginVn(id: AttributesId): number {
    return this.firstOriginVns.get(id);
  }

  /** The same of the last one (CN-4.2.6). */
  lastOriginVn(id: AttributesId): number {
    return this.lastOriginVns.get(id);
  }

  private internTargets(targets: readonly Octets8Id[]): TargetListId {
    const key = targets.join(',');
    const known = this.targetListIds.get(key);
    if (known !== undefined) return known;
    const id = this.targetListValues.length;
    this.targetListIds.set(key, id);
    this.targetListValues.push(shared(targets));
    return id;
  }

  private canonical(attributes: PathAttributes): PathAttributes {
    return {
      ...attributes,
      communities: sortedUnique(attributes.communities, (a, b) => a - b),
      extendedCommunities: sortedUnique(attributes.extendedCommunities, (a, b) => this.octets8.compare(a, b)),
    };
  }
}

function sortedUnique(values: readonly number[], compare: (a: number, b: number) => number): readonly number[] {
  let ordered = true;
  for (let i = 1; i < values.length && ordered; i++) ordered = compare(values[i - 1]!, values[i]!) < 0;
  if (ordered) return values;
  const sorted = [...values].sort(compare);
  return sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
}

function keyOf(set: PathAttributes): string {
  const path = (segments: readonly AsPathSegment[] | null) =>
    segments === null ? '-' : segments.map((s) => `${s.kind}(${s.asns.join(' ')})`).join('');
  const aggregator = set.aggregator === null ? '-' : `${set.aggregator.as}:${set.aggregator.address}`;
  return [
    set.origin,
    path(set.asPath),
    path(set.as4Path),
    set.nextHop,
    set.med,
    set.localPref,
    set.atomicAggregate ? 1 : 0,
    aggregator,
    set.communities.join(','),
    set.originatorId,
    set.clusterList.join(','),
    set.extendedCommunities.join(','),
    set.originVnPath.join(','),
    set.sourceRd,
    set.subProtocol,
  ].join('|');
}
