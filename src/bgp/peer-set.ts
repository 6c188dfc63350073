/**
 * Sets of peers as small integers: the receivers of an update, the peers interested in a target. Equal sets are one id,
 * and what was once computed of two sets is remembered, so that a million routes wanted by the same peers cost one set.
 */
import { TupleMemo, UNKNOWN } from '../base/memo.ts';
import type { PeerId } from '../route/path.ts';

export type PeerSetId = number;

export const NO_PEERS: PeerSetId = 0;
/** Whoever is a member at the time: for groups in which every member wants every route. Has no members to ask for. */
export const EVERYONE: PeerSetId = 1;

const NOBODY = new Int32Array(0);

const WITH = 0;
const WITHOUT = 1;
const UNION = 2;
const MINUS = 3;
const COMMON = 4;

export class PeerSets {
  private readonly sets: Int32Array[] = [NOBODY, NOBODY];
  /** Sets by a hash of their members. */
  private readonly ids = new Map<number, PeerSetId[]>([[hashOf(NOBODY), [NO_PEERS]]]);
  private readonly results = new TupleMemo();

  /** The members in ascending order. */
  members(set: PeerSetId): Int32Array {
    return this.sets[set]!;
  }

  size(set: PeerSetId): number {
    return this.sets[set]!.length;
  }

  has(set: PeerSetId, peer: PeerId): boolean {
    const members = this.sets[set]!;
    let low = 0;
    let high = members.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const at = members[middle]!;
      if (at === peer) return true;
      if (at < peer) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  }

  of(peers: readonly PeerId[]): PeerSetId {
    let set = NO_PEERS;
    for (const peer of peers) set = this.with(set, peer);
    return set;
  }

  with(set: PeerSetId, peer: PeerId): PeerSetId {
    return this.remembered(WITH, set, peer);
  }

  without(set: PeerSetId, peer: PeerId): PeerSetId {
    return set === NO_PEERS ? set : this.remembered(WITHOUT, set, peer);
  }

  union(a: PeerSetId, b: PeerSetId): PeerSetId {
    if (a === b || b === NO_PEERS) return a;
    return a === NO_PEERS ? b : this.remembered(UNION, a, b);
  }

  /** The members of `a` that are not in `b`. */
  minus(a: PeerSetId, b: PeerSetId): PeerSetId {
    if (a === b) return NO_PEERS;
    return a === NO_PEERS || b === NO_PEERS ? a : this.remembered(MINUS, a, b);
  }

  common(a: PeerSetId, b: PeerSetId): PeerSetId {
    if (a === b) return a;
    return a === NO_PEERS || b === NO_PEERS ? NO_PEERS : this.remembered(COMMON, a, b);
  }

  /** Whether every member of `a` is in `b`. */
  isWithin(a: PeerSetId, b: PeerSetId): boolean {
    return this.minus(a, b) === NO_PEERS;
  }

  private remembered(operation: number, set: PeerSetId, other: number): PeerSetId {
    const known = this.results.get(operation, set, other);
    if (known !== UNKNOWN) return known;
    return this.results.set(this.intern(this.compute(operation, set, other)), operation, set, other);
  }

  private compute(operation: number, set: PeerSetId, other: number): Int32Array {
    const members = this.sets[set]!;
    switch (operation) {
      case WITH:
        return merged(members, Int32Array.of(other));
      case WITHOUT:
        return members.filter((peer) => peer !== other);
      case UNION:
        return merged(members, this.sets[other]!);
      case MINUS:
        return members.filter((peer) => !this.has(other, peer));
      default:
        return members.filter((peer) => this.has(other, peer));
    }
  }

  private intern(members: Int32Array): PeerSetId {
    const hash = hashOf(members);
    const alike = this.ids.get(hash);
    const known = alike?.find((set) => areEqual(this.sets[set]!, members));
    if (known !== undefined) return known;
    const id = this.sets.push(members) - 1;
    if (alike === undefined) this.ids.set(hash, [id]);
    else alike.push(id);
    return id;
  }
}

/** The members of two sets in ascending order, each once. */
function merged(a: Int32Array, b: Int32Array): Int32Array {
  const all = new Int32Array(a.length + b.length);
  let count = 0;
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const fromA = i < a.length ? a[i]! : Number.POSITIVE_INFINITY;
    const fromB = j < b.length ? b[j]! : Number.POSITIVE_INFINITY;
    if (fromA <= fromB) i++;
    if (fromB <= fromA) j++;
    all[count++] = Math.min(fromA, fromB);
  }
  return all.slice(0, count);
}

function areEqual(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function hashOf(members: Int32Array): number {
  let hash = members.length;
  for (let i = 0; i < members.length; i++) {
    hash = Math.imul(hash ^ members[i]!, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}
