/**
 * NLRIs as interned ids: the key of every table, of every family (CN-1.3, route keys).
 *
 * A family that does not fit four integers (EVPN, IPv6) will intern its octets and keep their id in `a`.
 */
import { TupleIds } from '../base/interner.ts';
import { formatIpv4, type Ipv4, ipv4 } from '../net/ipv4.ts';
import { FAMILY, type Family } from './family.ts';
import type { Octets8Table } from './octets8-table.ts';

/** Index into {@link NlriTable}; one per (family, route distinguisher, prefix) or (family, origin AS, target). */
export type NlriId = number;

export class NlriTable {
  private readonly ids = new TupleIds(1024);
  private readonly octets8: Octets8Table;

  constructor(octets8: Octets8Table) {
    this.octets8 = octets8;
  }

  get size(): number {
    return this.ids.size;
  }

  inet(address: number, length: number): NlriId {
    return this.ids.intern(FAMILY.inet, 0, address, length);
  }

  /** The id of an inet NLRI that has been seen, or -1: longest-prefix match asks and makes none. */
  findInet(address: number, length: number): NlriId {
    return this.ids.find(FAMILY.inet, 0, address, length);
  }

  /** `rd` is an id of the octets table. */
  inetVpn(rd: number, address: number, length: number): NlriId {
    return this.ids.intern(FAMILY['inet-vpn'], rd, address, length);
  }

  /** The same, where it is likely to be the one behind `before`: routes that are told together came together. */
  inetVpnBehind(before: NlriId, rd: number, address: number, length: number): NlriId {
    const { ids } = this;
    const next = before + 1;
    const isNext =
      next < ids.size &&
      ids.c(next) === (address | 0) &&
      ids.b(next) === rd &&
      ids.d(next) === length &&
      ids.a(next) === FAMILY['inet-vpn'];
    return isNext ? next : ids.intern(FAMILY['inet-vpn'], rd, address, length);
  }

  /** Interest of `origin` in a target (RFC 4684 §4); target id 0 with origin 0 is the default route. */
  routeTarget(origin: number, target: number): NlriId {
    return this.ids.intern(FAMILY['route-target'], target, origin, target === 0 ? 0 : 96);
  }

  family(id: NlriId): Family {
    return this.ids.a(id) as Family; // only the interning methods above write this column
  }

  /** Id of the route distinguisher (inet-vpn), or of the target (route-target). */
  octets8Id(id: NlriId): number {
    return this.ids.b(id);
  }

  address(id: NlriId): Ipv4 {
    return ipv4(this.ids.c(id));
  }

  /** Prefix length; for route-target NLRIs 96, or 0 for the default route. */
  length(id: NlriId): number {
    return this.ids.d(id);
  }

  /** Origin AS of a route-target NLRI. */
  originAs(id: NlriId): number {
    return this.ids.c(id) >>> 0;
  }

  /** The inet NLRI with the same prefix as an inet-vpn one. */
  withoutRd(id: NlriId): NlriId {
    return this.inet(this.ids.c(id), this.ids.d(id));
  }

  /** `10.0.100.3/32`, `192.168.1.1:2:10.0.100.3/32`, `64512:target:64512:8000001` (CN-1.3). */
  format(id: NlriId): string {
    const family = this.family(id);
    if (family === FAMILY['route-target']) {
      const target = this.octets8Id(id);
      return target === 0 ? '0:0' : `${this.originAs(id)}:${this.octets8.formatTarget(target)}`;
    }
    const prefix = `${formatIpv4(this.address(id))}/${this.length(id)}`;
    return family === FAMILY['inet-vpn'] ? `${this.octets8.formatRd(this.octets8Id(id))}:${prefix}` : prefix;
  }

  /** By family, then by content; never by id. */
  compare(a: NlriId, b: NlriId): number {
    if (a === b) return 0;
    return (
      this.family(a) - this.family(b) ||
      this.originAs(a) - this.originAs(b) ||
      this.length(a) - this.length(b) ||
      this.octets8.compare(this.octets8Id(a), this.octets8Id(b))
    );
  }
}
