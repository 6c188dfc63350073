/**
 * Sets of peers as small integers: the receivers of an update, the peers interested in a target. Equal sets are one id,
 * and what was once computed of two sets is remembered, so that a million routes wanted by the same peers cost one set.
 */
import { Int32Column } from '../base/columns.ts';
import { TupleIds } from '../base/interner.ts';
import type { PeerId } from '../route/path.ts';

export type PeerSetId = number;

export const NO_PEERS: PeerSetId = 0;
/** Whoever is a member at the time: for groups in which every member wants every route. Has no members to ask for. */
export const EVERYONE: PeerSetId = 1;

const WITH = 0;
const WITHOUT = 1;
const UNION = 2;
const MINUS = 3;
const COMMON = 4;

export class PeerSets {
  private readonly sets: Int32Array[] = [new Int32Array(0), new Int32Array(0)];
  private readonly ids = new Map<string, PeerSetId>([['', NO_PEERS]]);
  private readonly operations = new TupleIds();
  private readonly results = new Int32Column();

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
    const known = this.operations.find(operation, set, other);
    if (known >= 0) return this.results.get(known);
    const result = this.intern(this.compute(operation, set, other));
    this.operations.intern(operation, set, other);
    this.results.push(result);
    return result;
  }

  private compute(operation: number, set: PeerSetId, other: number): number[] {
    const members = [...this.sets[set]!];
    switch (operation) {
      case WITH:
        return this.has(set, other) ? members : [...members, other].sort((a, b) => a - b);
      case WITHOUT:
        return members.filter((peer) => peer !== other);
      case UNION:
        return [...members, ...this.sets[other]!]
          .sort((a, b) => a - b)
          .filter((p, i, all) => i === 0 || p !== all[i - 1]);
      case MINUS:
        return members.filter((peer) => !this.has(other, peer));
      default:
        return members.filter((peer) => this.has(other, peer));
    }
  }

  private intern(members: readonly number[]): PeerSetId {
    const key = members.join(',');
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    const id = this.sets.length;
    this.ids.set(key, id);
    this.sets.push(Int32Array.from(members));
    return id;
  }
}
