/** Which route targets each peer of a gateway asked for (RFC 4684): how many of its routes name each. */
import { IntMap } from '../base/interner.ts';
import { NO_OCTETS8, type Octets8Id } from '../route/octets8-table.ts';

export class PeerInterest {
  /** By peer. The default route counts as the null target. */
  private readonly counts: IntMap[];

  constructor(peers: number) {
    this.counts = Array.from({ length: peers }, () => new IntMap());
  }

  /** True when the answer for the target changed. */
  add(peer: number, target: Octets8Id): boolean {
    const before = Math.max(0, this.counts[peer]!.get(target));
    this.counts[peer]!.set(target, before + 1);
    return before === 0;
  }

  /** True when the answer for the target changed. */
  remove(peer: number, target: Octets8Id): boolean {
    const before = this.counts[peer]!.get(target);
    if (before > 1) this.counts[peer]!.set(target, before - 1);
    else this.counts[peer]!.delete(target);
    return before === 1;
  }

  wantsAny(peer: number, targets: readonly Octets8Id[]): boolean {
    const counts = this.counts[peer]!;
    return counts.get(NO_OCTETS8) > 0 || targets.some((target) => counts.get(target) > 0);
  }
}
