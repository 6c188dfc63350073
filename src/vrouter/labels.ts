/** The MPLS label table of one agent: what a received label leads to (VR-1.7). Labels come back after release (VR-1.7.p2). */
import { FIRST_FREE_LABEL, MPLS_LABEL_MAX } from '../net/label.ts';
import type { NextHopId } from './next-hop.ts';

export class LabelTable {
  /** By label; -1 where there is none. */
  private readonly nextHops: number[] = [];
  private used = 0;
  private lowestFree = FIRST_FREE_LABEL;

  get size(): number {
    return this.used;
  }

  /** The lowest free label, or -1 when the table is full. */
  allocate(nextHop: NextHopId): number {
    let label = this.lowestFree;
    while ((this.nextHops[label] ?? -1) >= 0) label++;
    if (label > MPLS_LABEL_MAX) return -1;
    while (this.nextHops.length <= label) this.nextHops.push(-1);
    this.nextHops[label] = nextHop;
    this.lowestFree = label + 1;
    this.used++;
    return label;
  }

  /** The label stays, what it leads to changes: a local group gained or lost a member. */
  repoint(label: number, nextHop: NextHopId): void {
    if (this.lookup(label) >= 0) this.nextHops[label] = nextHop;
  }

  release(label: number): void {
    if (this.lookup(label) < 0) return;
    this.nextHops[label] = -1;
    this.used--;
    if (label < this.lowestFree) this.lowestFree = label;
  }

  /** The next hop, or -1: drop *Invalid Label* (VR-3.2.4). */
  lookup(label: number): NextHopId {
    return this.nextHops[label] ?? -1;
  }

  /** Labels in use, ascending. */
  labels(): number[] {
    const found: number[] = [];
    for (let label = FIRST_FREE_LABEL; label < this.nextHops.length; label++)
      if (this.nextHops[label]! >= 0) found.push(label);
    return found;
  }
}
