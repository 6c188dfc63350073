/**
 * What many routes have in common: all attributes of a path but those of its host (next hop, source RD, router MAC), as
 * one interned, frozen value. Thousands of routes of a tenant, on as many hosts, share a handful of them; so whatever is
 * worked out of attributes and does not look at the host is worked out for these, and costs nothing for one route more.
 *
 * What the decision compares (CN-5.1) stands in columns by id.
 */
import { Int32Column } from '../base/columns.ts';
import { SharedValues, sharedClass } from '../base/fork.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import { isRouteTarget } from '../net/route-target.ts';
import { COMMUNITY } from './community.ts';
import { isETreeLeaf, isRouterMac, mobilityOf, originVnOf } from './extended-community.ts';
import { NO_OCTETS8, type Octets8Id, type Octets8Table } from './octets8-table.ts';

export type CommonId = number;
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

export interface CommonAttributes {
  readonly origin: number;
  /** null: no AS_PATH attribute at all, as on an agent's route (CN-5.3.2). */
  readonly asPath: readonly AsPathSegment[] | null;
  /** AS4_PATH, kept apart (CN-6.3.4). */
  readonly as4Path: readonly AsPathSegment[] | null;
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
  /** `interface`, `interface-static`, ...: kept inside the node for policy (CN-2.5). */
  readonly subProtocol: string;
}

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

/** An interned set. Made by a constructor: a frozen copy of a record would have a layout of its own in the engine. */
class CommonSet implements CommonAttributes {
  readonly origin: number;
  readonly asPath: readonly AsPathSegment[] | null;
  readonly as4Path: readonly AsPathSegment[] | null;
  readonly med: number;
  readonly localPref: number;
  readonly atomicAggregate: boolean;
  readonly aggregator: { readonly as: number; readonly address: Ipv4 } | null;
  readonly communities: readonly number[];
  readonly originatorId: Ipv4;
  readonly clusterList: readonly number[];
  readonly extendedCommunities: readonly Octets8Id[];
  readonly originVnPath: readonly Octets8Id[];
  readonly subProtocol: string;

  constructor(given: CommonAttributes, communities: readonly number[], extendedCommunities: readonly Octets8Id[]) {
    this.origin = given.origin;
    this.asPath = given.asPath;
    this.as4Path = given.as4Path;
    this.med = given.med;
    this.localPref = given.localPref;
    this.atomicAggregate = given.atomicAggregate;
    this.aggregator = given.aggregator;
    this.communities = communities;
    this.originatorId = given.originatorId;
    this.clusterList = given.clusterList;
    this.extendedCommunities = extendedCommunities;
    this.originVnPath = given.originVnPath;
    this.subProtocol = given.subProtocol;
    Object.freeze(this);
  }
}
sharedClass(CommonSet);

export class CommonAttributesTable {
  private readonly octets8: Octets8Table;
  /** An open-addressed hash over the sets. */
  private slots = new Int32Array(1024).fill(-1);
  private mask = 1023;
  private readonly hashes = new Int32Column();
  private readonly sets = new SharedValues<CommonAttributes>();
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
  private readonly targetListValues = new SharedValues<readonly Octets8Id[]>();

  constructor(octets8: Octets8Table) {
    this.octets8 = octets8;
  }

  get size(): number {
    return this.sets.length;
  }

  /** The id of the set; `extendedCommunities` and `communities` are put in order here. */
  intern(attributes: CommonAttributes): CommonId {
    const communities = this.ordered(attributes.communities, false);
    const extendedCommunities = this.ordered(attributes.extendedCommunities, true);
    const hash = hashOf(attributes, communities, extendedCommunities);
    let slot = hash & this.mask;
    for (let id = this.slots[slot]!; id >= 0; id = this.slots[slot]!) {
      if (this.hashes.get(id) === hash && this.equals(id, attributes, communities, extendedCommunities)) return id;
      slot = (slot + 1) & this.mask;
    }
    const id = this.sets.length;
    const set = new CommonSet(attributes, communities, extendedCommunities);
    this.slots[slot] = id;
    this.hashes.push(hash);
    if (id * 2 >= this.mask) this.rehash();
    this.sets.push(set);
    this.localPrefs.push(set.localPref);
    this.pathLengths.push(Math.max(asPathLength(set.asPath), asPathLength(set.as4Path)));
    this.origins.push(set.origin);
    this.meds.push(set.med);
    this.neighbours.push(neighbourAs(set.asPath));
    this.readExtendedCommunities(set);
    this.originators.push(set.originatorId | 0);
    this.clusterLengths.push(set.clusterList.length);
    return id;
  }

  /** The router MAC among the communities (CN-3.5), {@link NO_OCTETS8} when there is none or more than one. */
  routerMacOf(communities: readonly Octets8Id[]): Octets8Id {
    let found: Octets8Id = NO_OCTETS8;
    for (let i = 0; i < communities.length; i++) {
      const id = communities[i]!;
      if (id === found || !isRouterMac(this.octets8.hi(id))) continue;
      if (found !== NO_OCTETS8) return NO_OCTETS8;
      found = id;
    }
    return found;
  }

  /** Extended communities as a set holds them: by their octets, each once. */
  inOrder(communities: readonly Octets8Id[]): readonly Octets8Id[] {
    return this.ordered(communities, true);
  }

  get(id: CommonId): CommonAttributes {
    return this.sets.values[id]!;
  }

  /** The route targets among the extended communities, in order. */
  routeTargets(id: CommonId): readonly Octets8Id[] {
    return this.targetListValues.values[this.targetLists.get(id)]!;
  }

  /** Equal lists of route targets have one id, whatever else the sets hold. */
  targetList(id: CommonId): TargetListId {
    return this.targetLists.get(id);
  }

  targetsOf(list: TargetListId): readonly Octets8Id[] {
    return this.targetListValues.values[list]!;
  }

  localPref(id: CommonId): number {
    return this.localPrefs.get(id) >>> 0;
  }

  /** The longer of AS_PATH and AS4_PATH (CN-5.1/7). */
  asPathLength(id: CommonId): number {
    return this.pathLengths.get(id);
  }

  origin(id: CommonId): number {
    return this.origins.get(id);
  }

  med(id: CommonId): number {
    return this.meds.get(id) >>> 0;
  }

  neighbourAs(id: CommonId): number {
    return this.neighbours.get(id) >>> 0;
  }

  mobilitySequence(id: CommonId): number {
    return this.sequences.get(id) >>> 0;
  }

  sticky(id: CommonId): boolean {
    return (this.traits.get(id) & STICKY) !== 0;
  }

  eTreeLeaf(id: CommonId): boolean {
    return (this.traits.get(id) & E_TREE_LEAF) !== 0;
  }

  /** Carries the community llgr-stale. */
  llgrStale(id: CommonId): boolean {
    return (this.traits.get(id) & LLGR_STALE) !== 0;
  }

  hasOriginVnPath(id: CommonId): boolean {
    return (this.traits.get(id) & ORIGIN_VN_PATH) !== 0;
  }

  /** 0 when there is none. */
  originatorId(id: CommonId): number {
    return this.originators.get(id) >>> 0;
  }

  clusterListLength(id: CommonId): number {
    return this.clusterLengths.get(id);
  }

  /** Network index of the first origin-VN community in order, of whatever AS (CN-2.9.5); -1 when there is none. */
  firstOriginVn(id: CommonId): number {
    return this.firstOriginVns.get(id);
  }

  /** The same of the last one (CN-4.2.6). */
  lastOriginVn(id: CommonId): number {
    return this.lastOriginVns.get(id);
  }

  private internTargets(targets: readonly Octets8Id[]): TargetListId {
    const key = targets.join(',');
    const known = this.targetListIds.get(key);
    if (known !== undefined) return known;
    const id = this.targetListValues.length;
    this.targetListIds.set(key, id);
    this.targetListValues.push(targets);
    return id;
  }

  /** What the decision and replication ask of them, into the columns. */
  private readExtendedCommunities(set: CommonAttributes): void {
    const targets: Octets8Id[] = [];
    let traits = set.communities.includes(COMMUNITY.llgrStale) ? LLGR_STALE : 0;
    if (set.originVnPath.length > 0) traits |= ORIGIN_VN_PATH;
    let sequence = 0;
    let firstNetwork = -1;
    let lastNetwork = -1;
    for (const id of set.extendedCommunities) {
      const value = this.octets8.value(id);
      if (isRouteTarget(value)) targets.push(id);
      else if (isETreeLeaf(value)) traits |= E_TREE_LEAF;
      else {
        const move = mobilityOf(value);
        if (move !== null) {
          sequence = move.sequence;
          if (move.sticky) traits |= STICKY;
        }
        const network = originVnOf(value)?.index;
        if (network !== undefined) lastNetwork = network;
        if (network !== undefined && firstNetwork < 0) firstNetwork = network;
      }
    }
    this.targetLists.push(this.internTargets(targets));
    this.traits.push(traits);
    this.sequences.push(sequence);
    this.firstOriginVns.push(firstNetwork);
    this.lastOriginVns.push(lastNetwork);
  }

  private equals(
    id: CommonId,
    other: CommonAttributes,
    communities: readonly number[],
    extendedCommunities: readonly Octets8Id[],
  ): boolean {
    const set = this.sets.values[id]!;
    return (
      set.med === other.med &&
      set.localPref === other.localPref &&
      set.origin === other.origin &&
      set.originatorId === other.originatorId &&
      set.atomicAggregate === other.atomicAggregate &&
      set.subProtocol === other.subProtocol &&
      sameNumbers(set.extendedCommunities, extendedCommunities) &&
      sameNumbers(set.communities, communities) &&
      sameNumbers(set.clusterList, other.clusterList) &&
      sameNumbers(set.originVnPath, other.originVnPath) &&
      samePath(set.asPath, other.asPath) &&
      samePath(set.as4Path, other.as4Path) &&
      set.aggregator?.as === other.aggregator?.as &&
      set.aggregator?.address === other.aggregator?.address
    );
  }

  private rehash(): void {
    this.mask = this.mask * 2 + 1;
    this.slots = new Int32Array(this.mask + 1).fill(-1);
    for (let id = 0; id < this.sets.length; id++) this.enter(id);
    this.enter(this.sets.length);
  }

  private enter(id: CommonId): void {
    let slot = this.hashes.get(id) & this.mask;
    while (this.slots[slot]! >= 0) slot = (slot + 1) & this.mask;
    this.slots[slot] = id;
  }

  /** In order and unique; extended communities by their octets, which their ids do not tell. */
  private ordered(values: readonly number[], byOctets: boolean): readonly number[] {
    const compare = (a: number, b: number) => (byOctets ? this.octets8.compare(a, b) : a - b);
    let isOrdered = true;
    for (let i = 1; i < values.length && isOrdered; i++) isOrdered = compare(values[i - 1]!, values[i]!) < 0;
    if (isOrdered) return values;
    const sorted = [...values].sort(compare);
    const isUnique = sorted.every((value, i) => i === 0 || value !== sorted[i - 1]);
    return isUnique ? sorted : [...new Set(sorted)];
  }
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function samePath(a: readonly AsPathSegment[] | null, b: readonly AsPathSegment[] | null): boolean {
  if (a === b) return true;
  if (a === null || b === null || a.length !== b.length) return false;
  return a.every((segment, i) => segment.kind === b[i]!.kind && sameNumbers(segment.asns, b[i]!.asns));
}

function mixed(hash: number, value: number): number {
  const next = Math.imul(hash ^ value, 0x9e3779b1);
  return next ^ (next >>> 15);
}

function mixedAll(hash: number, values: readonly number[]): number {
  let next = mixed(hash, values.length);
  for (let i = 0; i < values.length; i++) next = mixed(next, values[i]!);
  return next;
}

/** What tells sets apart in practice; the rest is left to the comparison. */
function hashOf(set: CommonAttributes, communities: readonly number[], extended: readonly Octets8Id[]): number {
  let hash = mixed(set.med | 0, set.localPref | 0);
  hash = mixed(mixed(hash, set.origin), set.originatorId | 0);
  hash = mixed(hash, set.subProtocol.length);
  hash = mixedAll(mixedAll(hash, extended), communities);
  hash = mixedAll(mixedAll(hash, set.clusterList), set.originVnPath);
  if (set.asPath === null) return mixed(hash, -1);
  for (const segment of set.asPath) hash = mixedAll(hash, segment.asns);
  return hash;
}
