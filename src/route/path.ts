/**
 * Paths (CN-3.1): what one source offers for one prefix, as columns of integers with a free list.
 *
 * A path belongs to a route and stands in its list, best first. A secondary path is the copy of a primary one that the
 * replicator made in another table: it names the route it was copied from, and the copies of one route form a chain.
 * The primary paths of one peer form a ring, so that a lost session finds them without walking a table.
 */
import { Float64Column, Int32Column } from '../base/columns.ts';
import type { VirtualUs } from '../base/time.ts';
import type { AttributesId } from './attributes.ts';

/** Index of a path in {@link PathTable}. */
export type PathIndex = number;
/** Index of a route, in whatever table it stands. */
export type RouteIndex = number;
/** Number of a peer within its node; {@link NO_PEER} for what the node made itself. */
export type PeerId = number;

export const NONE = -1;
export const NO_PEER: PeerId = 0;

/** Path sources with the numbers the decision compares (CN-3.1/3, CN-5.1/13). */
export const PATH_SOURCE = { none: 0, BGP_XMPP: 1, ServiceChain: 2, StaticRoute: 3, Aggregate: 4, Local: 5 } as const;
export type PathSource = (typeof PATH_SOURCE)[keyof typeof PATH_SOURCE];

const SOURCE_NAMES = Object.keys(PATH_SOURCE);

export function pathSourceName(source: number): string {
  return SOURCE_NAMES[source] ?? 'none';
}

/** Path flags by their bits (CN-5.3). */
export const PATH_FLAG = {
  AsPathLooped: 1 << 0,
  NoNeighborAs: 1 << 1,
  Stale: 1 << 2,
  NoTunnelEncap: 1 << 3,
  OriginatorIdLooped: 1 << 4,
  ResolveNexthop: 1 << 5,
  ResolvedPath: 1 << 6,
  RoutingPolicyReject: 1 << 7,
  LlgrStale: 1 << 8,
  ClusterListLooped: 1 << 9,
  AliasedPath: 1 << 10,
  CheckGlobalErmVpnRoute: 1 << 11,
} as const;

/** Any of these makes a path infeasible (CN-5.3). */
export const INFEASIBLE_FLAGS =
  PATH_FLAG.AsPathLooped |
  PATH_FLAG.NoNeighborAs |
  PATH_FLAG.NoTunnelEncap |
  PATH_FLAG.OriginatorIdLooped |
  PATH_FLAG.ResolveNexthop |
  PATH_FLAG.RoutingPolicyReject |
  PATH_FLAG.ClusterListLooped |
  PATH_FLAG.CheckGlobalErmVpnRoute;

/** The names of the set bits, lowest first. */
export function pathFlagNames(flags: number): readonly string[] {
  return Object.entries(PATH_FLAG)
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([name]) => name);
}

export interface NewPath {
  readonly peer: PeerId;
  readonly source: PathSource;
  readonly attributes: AttributesId;
  readonly label: number;
  readonly flags: number;
  /** Next hop as a number, or the instance index of a local path (CN-3.1/2). */
  readonly pathId: number;
  /** The route a secondary path was copied from, or {@link NONE}. */
  readonly origin: RouteIndex;
}

export class PathTable {
  private readonly peers = new Int32Column();
  private readonly attributesIds = new Int32Column();
  private readonly labels = new Int32Column();
  private readonly pathIds = new Int32Column();
  /** Flags in bits 0 to 11, source in 12 to 15, reason code in 16 to 23. */
  private readonly states = new Int32Column();
  private readonly nexts = new Int32Column();
  private readonly routes = new Int32Column();
  private readonly origins = new Int32Column();
  private readonly copyNexts = new Int32Column();
  private readonly ringNexts = new Int32Column();
  private readonly ringPrevs = new Int32Column();
  private readonly times = new Float64Column();
  private free: PathIndex = NONE;
  private used = 0;

  /** Paths in use. */
  get size(): number {
    return this.used;
  }

  add(route: RouteIndex, path: NewPath, now: VirtualUs): PathIndex {
    let index = this.free;
    if (index === NONE) {
      index = this.peers.push(0);
      this.attributesIds.push(0);
      this.labels.push(0);
      this.pathIds.push(0);
      this.states.push(0);
      this.nexts.push(NONE);
      this.routes.push(NONE);
      this.origins.push(NONE);
      this.copyNexts.push(NONE);
      this.ringNexts.push(NONE);
      this.ringPrevs.push(NONE);
      this.times.push(0);
    } else this.free = this.nexts.get(index);
    this.used++;
    this.peers.set(index, path.peer);
    this.attributesIds.set(index, path.attributes);
    this.labels.set(index, path.label);
    this.pathIds.set(index, path.pathId | 0);
    this.states.set(index, path.flags | (path.source << 12));
    this.nexts.set(index, NONE);
    this.routes.set(index, route);
    this.origins.set(index, path.origin);
    this.copyNexts.set(index, NONE);
    this.ringNexts.set(index, NONE);
    this.ringPrevs.set(index, NONE);
    this.times.set(index, now);
    return index;
  }

  /** Gives the row back; the path must stand in no list any more. */
  release(path: PathIndex): void {
    this.routes.set(path, NONE);
    this.nexts.set(path, this.free);
    this.free = path;
    this.used--;
  }

  peer(path: PathIndex): PeerId {
    return this.peers.get(path);
  }

  attributes(path: PathIndex): AttributesId {
    return this.attributesIds.get(path);
  }

  label(path: PathIndex): number {
    return this.labels.get(path);
  }

  /** Next hop as an unsigned number; of a local path the instance index (CN-3.1/2). */
  pathId(path: PathIndex): number {
    return this.pathIds.get(path) >>> 0;
  }

  flags(path: PathIndex): number {
    return this.states.get(path) & 0xfff;
  }

  source(path: PathIndex): number {
    return (this.states.get(path) >>> 12) & 0xf;
  }

  isFeasible(path: PathIndex): boolean {
    return (this.states.get(path) & INFEASIBLE_FLAGS) === 0;
  }

  isSecondary(path: PathIndex): boolean {
    return this.origins.get(path) !== NONE;
  }

  /** The code of the rule that put this path behind the one before it (see the decision's names). */
  decidedBy(path: PathIndex): number {
    return (this.states.get(path) >>> 16) & 0xff;
  }

  setDecidedBy(path: PathIndex, code: number): void {
    this.states.set(path, (this.states.get(path) & 0xffff) | (code << 16));
  }

  /** The path behind this one in its route, or {@link NONE}. */
  next(path: PathIndex): PathIndex {
    return this.nexts.get(path);
  }

  setNext(path: PathIndex, next: PathIndex): void {
    this.nexts.set(path, next);
  }

  route(path: PathIndex): RouteIndex {
    return this.routes.get(path);
  }

  /** The route a secondary path was copied from, or {@link NONE}. */
  origin(path: PathIndex): RouteIndex {
    return this.origins.get(path);
  }

  /** The next copy in the chain of the route they were copied from. */
  nextCopy(path: PathIndex): PathIndex {
    return this.copyNexts.get(path);
  }

  setNextCopy(path: PathIndex, copy: PathIndex): void {
    this.copyNexts.set(path, copy);
  }

  changedAt(path: PathIndex): VirtualUs {
    return this.times.get(path) as VirtualUs; // only add() writes the column
  }

  /** Enters the ring of a peer's primary paths behind its newest one; returns the new head. */
  enterRing(path: PathIndex, head: PathIndex): PathIndex {
    if (head === NONE) {
      this.ringNexts.set(path, path);
      this.ringPrevs.set(path, path);
      return path;
    }
    const tail = this.ringPrevs.get(head);
    this.ringNexts.set(tail, path);
    this.ringPrevs.set(path, tail);
    this.ringNexts.set(path, head);
    this.ringPrevs.set(head, path);
    return head;
  }

  /** Leaves the ring; returns the new head. */
  leaveRing(path: PathIndex, head: PathIndex): PathIndex {
    const next = this.ringNexts.get(path);
    if (next === path) return NONE;
    const previous = this.ringPrevs.get(path);
    this.ringNexts.set(previous, next);
    this.ringPrevs.set(next, previous);
    return head === path ? next : head;
  }

  nextInRing(path: PathIndex): PathIndex {
    return this.ringNexts.get(path);
  }
}
