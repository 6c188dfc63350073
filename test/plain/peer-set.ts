/** Sets of peers as lists; what becomes of two of them is worked out each time. */
import type * as sharing from '../../src/bgp/peer-set.ts';
import type { PeerSetId } from '../../src/bgp/peer-set.ts';
import type { PeerId } from '../../src/route/path.ts';
import type { PublicOf } from './public-of.ts';

export const NO_PEERS: PeerSetId = 0;
export const EVERYONE: PeerSetId = 1;

export class PeerSets implements PublicOf<sharing.PeerSets> {
  /** Members as text, by id. */
  private readonly texts: string[] = ['', 'everyone'];

  members(set: PeerSetId): Int32Array {
    return Int32Array.from(this.list(set));
  }

  size(set: PeerSetId): number {
    return this.list(set).length;
  }

  has(set: PeerSetId, peer: PeerId): boolean {
    return this.list(set).includes(peer);
  }

  of(peers: readonly PeerId[]): PeerSetId {
    const text = [...new Set(peers)].sort((a, b) => a - b).join(',');
    const known = this.texts.indexOf(text);
    return known >= 0 ? known : this.texts.push(text) - 1;
  }

  with(set: PeerSetId, peer: PeerId): PeerSetId {
    return this.of([...this.list(set), peer]);
  }

  without(set: PeerSetId, peer: PeerId): PeerSetId {
    return this.of(this.list(set).filter((other) => other !== peer));
  }

  union(a: PeerSetId, b: PeerSetId): PeerSetId {
    return a === b ? a : this.of([...this.list(a), ...this.list(b)]);
  }

  minus(a: PeerSetId, b: PeerSetId): PeerSetId {
    if (a === EVERYONE && b !== EVERYONE) return a; // it has no members to take away
    return this.of(this.list(a).filter((peer) => !this.has(b, peer)));
  }

  common(a: PeerSetId, b: PeerSetId): PeerSetId {
    return a === b ? a : this.of(this.list(a).filter((peer) => this.has(b, peer)));
  }

  isWithin(a: PeerSetId, b: PeerSetId): boolean {
    return this.minus(a, b) === NO_PEERS;
  }

  private list(set: PeerSetId): PeerId[] {
    return set === EVERYONE || set === NO_PEERS ? [] : this.texts[set]!.split(',').map(Number);
  }
}
