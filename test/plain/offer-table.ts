/**
 * Offers, each with a number of its own for each row that holds it, and copied for that row: nobody else has the object,
 * no number comes again, and what forwarding asks is read from the offer at that moment.
 */
import { broken } from '../../src/base/invariant.ts';
import { encapsulationSet } from '../../src/vrouter/encapsulation.ts';
import { type NextHopId, Tunnels } from '../../src/vrouter/next-hop.ts';
import { type Offer, type OfferedNextHop, preferenceOf } from '../../src/vrouter/offer.ts';
import type * as sharing from '../../src/vrouter/offer-table.ts';
import type { OfferId } from '../../src/vrouter/offer-table.ts';
import type { PublicOf } from './public-of.ts';

export const NO_OFFER: OfferId = -1;

export class OfferTable implements PublicOf<sharing.OfferTable> {
  readonly tunnels = new Tunnels();
  private readonly entries: ({ readonly offer: Offer; holders: number } | null)[] = [];

  get size(): number {
    return this.entries.filter((entry) => entry !== null).length;
  }

  hintsFor(list: readonly (Offer | null)[]): Int32Array {
    return new Int32Array(list.length).fill(NO_OFFER);
  }

  number(offer: Offer): OfferId {
    return this.entries.push({ offer: structuredClone(offer), holders: 0 }) - 1;
  }

  offer(id: OfferId): Offer {
    return this.at(id).offer;
  }

  hold(id: OfferId): void {
    this.at(id).holders++;
  }

  release(id: OfferId): void {
    this.at(id).holders--;
    this.drop(id);
  }

  drop(id: OfferId): void {
    if (this.at(id).holders === 0) this.entries[id] = null;
  }

  preference(id: OfferId): number {
    return preferenceOf(this.offer(id));
  }

  sequence(id: OfferId): number {
    return this.offer(id).sequence;
  }

  isSingle(id: OfferId): boolean {
    const said = this.offer(id).nextHops.map((hop) => `${hop.address} ${hop.label} ${setOf(hop)}`);
    return new Set(said).size === 1;
  }

  address(id: OfferId): number {
    return this.firstOf(id).address;
  }

  label(id: OfferId): number {
    return this.firstOf(id).label;
  }

  encapsulations(id: OfferId): number {
    return setOf(this.firstOf(id));
  }

  tunnel(id: OfferId, encapsulation: number): NextHopId {
    return this.tunnels.id(this.address(id), encapsulation);
  }

  private firstOf(id: OfferId): OfferedNextHop {
    return this.offer(id).nextHops[0] ?? broken('a single offer has a next hop');
  }

  private at(id: OfferId) {
    return this.entries[id] ?? broken(`offer ${id} has gone, or never was`);
  }
}

/** Read anew from a list of its own. */
function setOf({ encapsulations }: OfferedNextHop): number {
  return encapsulationSet([...encapsulations]);
}

export function offerTable(): OfferTable {
  return new OfferTable();
}
