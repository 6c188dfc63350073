/**
 * Paths (CN-3.1): what one source offers for one prefix, as rows of integers with a free list.
 *
 * A path belongs to a route and stands in its list, best first. A secondary path is the copy of a primary one that the
 * replicator made in another table: it names the route it was copied from, and the copies of one route form a chain.
 * The primary paths of one peer form a ring, so that a lost session finds them without walking a table.
 */
import { Float64Column } from '../base/columns.ts';
import { Int32Rows } from '../base/rows.ts';
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

/**
 * A path that is to be put into a route: its fields are read and not kept, so that a maker may use one again and again.
 * Of one class and of small integers alone, whoever makes it: the loops that read it are compiled for one layout.
 */
export class NewPath {
  peer: PeerId;
  source: PathSource;
  attributes: AttributesId;
  label: number;
  flags: number;
  /** Next hop, or the instance index of a local path (CN-3.1/2), as a signed integer of 32 bits. */
  pathId: number;
  /** The route a secondary path was copied from, or {@link NONE}. */
  origin: RouteIndex;

  constructor(
    peer: PeerId,
    source: PathSource,
    attributes: AttributesId,
    label: number,
    flags: number,
    pathId: number,
  ) {
    this.peer = peer;
    this.source = source;
    this.attributes = attributes;
    this.label = label;
    this.flags = flags;
    this.pathId = pathId | 0;
    this.origin = NONE;
  }
}

/** Fields of a path's row. */
const PEER = 0;
const ATTRIBUTES = 1;
const LABEL = 2;
const PATH_ID = 3;
/** Flags in bits 0 to 11, source in 12 to 15, reason code in 16 to 23. */
const STATE = 4;
const NEXT = 5;
const ROUTE = 6;
const ORIGIN = 7;
const NEXT_COPY = 8;
const RING_NEXT = 9;
const RING_PREVIOUS = 10;
const FIELDS = 11;

export class PathTable {
  private readonly rows = new Int32Rows(FIELDS);
  private readonly times = new Float64Column();
  private free: PathIndex = NONE;
  private used = 0;

  /** Paths in use. */
  get size(): number {
    return this.used;
  }

  add(route: RouteIndex, path: NewPath, now: VirtualUs): PathIndex {
    const { rows } = this;
    let index = this.free;
    if (index === NONE) {
      index = rows.push(NONE);
      this.times.push(now);
    } else {
      this.free = rows.get(index, NEXT);
      this.times.set(index, now);
    }
    this.used++;
    rows.set(index, PEER, path.peer);
    rows.set(index, ATTRIBUTES, path.attributes);
    rows.set(index, LABEL, path.label);
    rows.set(index, PATH_ID, path.pathId);
    rows.set(index, STATE, path.flags | (path.source << 12));
    rows.set(index, NEXT, NONE);
    rows.set(index, ROUTE, route);
    rows.set(index, ORIGIN, path.origin);
    rows.set(index, NEXT_COPY, NONE);
    rows.set(index, RING_NEXT, NONE);
    rows.set(index, RING_PREVIOUS, NONE);
    return index;
  }

  /** Gives the row back; the path must stand in no list any more. */
  release(path: PathIndex): void {
    this.rows.set(path, ROUTE, NONE);
    this.rows.set(path, NEXT, this.free);
    this.free = path;
    this.used--;
  }

  peer(path: PathIndex): PeerId {
    return this.rows.get(path, PEER);
  }

  attributes(path: PathIndex): AttributesId {
    return this.rows.get(path, ATTRIBUTES);
  }

  label(path: PathIndex): number {
    return this.rows.get(path, LABEL);
  }

  /** Next hop as an unsigned number; of a local path the instance index (CN-3.1/2). */
  pathId(path: PathIndex): number {
    return this.rows.get(path, PATH_ID) >>> 0;
  }

  flags(path: PathIndex): number {
    return this.rows.get(path, STATE) & 0xfff;
  }

  source(path: PathIndex): number {
    return (this.rows.get(path, STATE) >>> 12) & 0xf;
  }

  isFeasible(path: PathIndex): boolean {
    return (this.rows.get(path, STATE) & INFEASIBLE_FLAGS) === 0;
  }

  isSecondary(path: PathIndex): boolean {
    return this.rows.get(path, ORIGIN) !== NONE;
  }

  /** The code of the rule that put this path behind the one before it (see the decision's names). */
  decidedBy(path: PathIndex): number {
    return (this.rows.get(path, STATE) >>> 16) & 0xff;
  }

  setDecidedBy(path: PathIndex, code: number): void {
    this.rows.set(path, STATE, (this.rows.get(path, STATE) & 0xffff) | (code << 16));
  }

  /** The path behind this one in its route, or {@link NONE}. */
  next(path: PathIndex): PathIndex {
    return this.rows.get(path, NEXT);
  }

  setNext(path: PathIndex, next: PathIndex): void {
    this.rows.set(path, NEXT, next);
  }

  route(path: PathIndex): RouteIndex {
    return this.rows.get(path, ROUTE);
  }

  /** The route a secondary path was copied from, or {@link NONE}. */
  origin(path: PathIndex): RouteIndex {
    return this.rows.get(path, ORIGIN);
  }

  /** The next copy in the chain of the route they were copied from. */
  nextCopy(path: PathIndex): PathIndex {
    return this.rows.get(path, NEXT_COPY);
  }

  setNextCopy(path: PathIndex, copy: PathIndex): void {
    this.rows.set(path, NEXT_COPY, copy);
  }

  changedAt(path: PathIndex): VirtualUs {
    return this.times.get(path) as VirtualUs; // only add() writes the column
  }

  /** Enters the ring of a peer's primary paths behind its newest one; returns the new head. */
  enterRing(path: PathIndex, head: PathIndex): PathIndex {
    if (head === NONE) {
      this.rows.set(path, RING_NEXT, path);
      this.rows.set(path, RING_PREVIOUS, path);
      return path;
    }
    const tail = this.rows.get(head, RING_PREVIOUS);
    this.rows.set(tail, RING_NEXT, path);
    this.rows.set(path, RING_PREVIOUS, tail);
    this.rows.set(path, RING_NEXT, head);
    this.rows.set(head, RING_PREVIOUS, path);
    return head;
  }

  /** Leaves the ring; returns the new head. */
  leaveRing(path: PathIndex, head: PathIndex): PathIndex {
    const next = this.rows.get(path, RING_NEXT);
    if (next === path) return NONE;
    const previous = this.rows.get(path, RING_PREVIOUS);
    this.rows.set(previous, RING_NEXT, next);
    this.rows.set(next, RING_PREVIOUS, previous);
    return head === path ? next : head;
  }

  nextInRing(path: PathIndex): PathIndex {
    return this.rows.get(path, RING_NEXT);
  }
}
