/** Interned route distinguishers, route targets and extended communities: eight octets to a small integer. Id 0 is all zero. */
import { TupleIds } from '../base/interner.ts';
import type { Octets8 } from '../net/octets8.ts';
import { formatRouteDistinguisher } from '../net/route-distinguisher.ts';
import { formatRouteTarget } from '../net/route-target.ts';

export type Octets8Id = number;

export const NO_OCTETS8: Octets8Id = 0;

export class Octets8Table {
  private readonly ids = new TupleIds(256);

  constructor() {
    this.ids.intern(0, 0);
  }

  intern(value: Octets8): Octets8Id {
    return this.ids.intern(value.hi, value.lo);
  }

  internHalves(hi: number, lo: number): Octets8Id {
    return this.ids.intern(hi, lo);
  }

  hi(id: Octets8Id): number {
    return this.ids.a(id) >>> 0;
  }

  lo(id: Octets8Id): number {
    return this.ids.b(id) >>> 0;
  }

  value(id: Octets8Id): Octets8 {
    return { hi: this.hi(id), lo: this.lo(id) };
  }

  /** As raw octets (CN-1.4.5, CN-3.2.2). */
  compare(a: Octets8Id, b: Octets8Id): number {
    return a === b ? 0 : this.hi(a) - this.hi(b) || this.lo(a) - this.lo(b);
  }

  formatRd(id: Octets8Id): string {
    return formatRouteDistinguisher(this.value(id));
  }

  formatTarget(id: Octets8Id): string {
    return formatRouteTarget(this.value(id));
  }
}
