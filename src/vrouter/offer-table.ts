/**
 * What control nodes have told the agents of a world of routes, numbered. A route goes to a hundred agents, and each of
 * them keeps it: a number costs four octets and is nothing to a collector, and what forwarding asks of an offer is read
 * out of it once for all of them.
 */
import { Int32Rows } from '../base/rows.ts';
import type { RoutePool } from '../route/pool.ts';
import { encapsulationSet } from './encapsulation.ts';
import { type NextHopId, Tunnels } from './next-hop.ts';
import { type Offer, type OfferedNextHop, preferenceOf } from './offer.ts';

/** Number of an offer; valid as long as a table holds it. */
export type OfferId = number;

export const NO_OFFER: OfferId = -1;

/** Rows of tables that hold it; of a free number the next free one. */
const HOLDERS = 0;
/** 1: all its next hops are one to forwarding, and the fields from here on tell it. */
const SINGLE = 1;
const ADDRESS = 2;
const LABEL = 3;
const ENCAPSULATIONS = 4;
const PREFERENCE = 5;
const SEQUENCE = 6;
/** The encapsulation last asked for, and the tunnel that it gave. */
const ASKED = 7;
const TUNNEL = 8;
const FIELDS = 9;

/** Numbers the offers of a list had last. A hint, which is believed only where the table agrees. */
const lastNumbers = new WeakMap<readonly (Offer | null)[], Int32Array>();

export class OfferTable {
  /** Tunnels of all agents of the world. */
  readonly tunnels = new Tunnels();
  private readonly offers: (Offer | null)[] = [];
  private readonly numbers = new Map<Offer, OfferId>();
  private readonly rows = new Int32Rows(FIELDS);
  private free: OfferId = NO_OFFER;

  /** Offers that some row holds. */
  get size(): number {
    return this.numbers.size;
  }

  /** Where the numbers of a message's offers are remembered for its next receiver; {@link number} fills it. */
  hintsFor(list: readonly (Offer | null)[]): Int32Array {
    let hints = lastNumbers.get(list);
    if (hints === undefined) {
      hints = new Int32Array(list.length).fill(NO_OFFER);
      lastNumbers.set(list, hints);
    }
    return hints;
  }

  /** The number of an offer. One that nobody comes to hold is given back by {@link drop}. */
  number(offer: Offer, hint: OfferId = NO_OFFER): OfferId {
    if (hint >= 0 && this.offers[hint] === offer) return hint;
    return this.numbers.get(offer) ?? this.enter(offer);
  }

  offer(id: OfferId): Offer {
    return this.offers[id]!; // whoever has a number holds the offer
  }

  hold(id: OfferId): void {
    this.rows.set(id, HOLDERS, this.rows.get(id, HOLDERS) + 1);
  }

  release(id: OfferId): void {
    this.rows.set(id, HOLDERS, this.rows.get(id, HOLDERS) - 1);
    this.drop(id);
  }

  /** Forgets an offer that no row holds. */
  drop(id: OfferId): void {
    if (this.rows.get(id, HOLDERS) > 0) return;
    this.numbers.delete(this.offers[id]!);
    this.offers[id] = null;
    this.rows.set(id, HOLDERS, this.free);
    this.free = id;
  }

  // ---- what forwarding asks

  preference(id: OfferId): number {
    return this.rows.get(id, PREFERENCE) >>> 0;
  }

  sequence(id: OfferId): number {
    return this.rows.get(id, SEQUENCE) >>> 0;
  }

  /** Whether the next hops are one to forwarding: of one address and label, offering the same encapsulations. */
  isSingle(id: OfferId): boolean {
    return this.rows.get(id, SINGLE) === 1;
  }

  /** Of a single one. */
  address(id: OfferId): number {
    return this.rows.get(id, ADDRESS) >>> 0;
  }

  label(id: OfferId): number {
    return this.rows.get(id, LABEL) >>> 0;
  }

  encapsulations(id: OfferId): number {
    return this.rows.get(id, ENCAPSULATIONS);
  }

  /** The tunnel to its host. */
  tunnel(id: OfferId, encapsulation: number): NextHopId {
    const { rows } = this;
    if (rows.get(id, ASKED) !== encapsulation) {
      rows.set(id, ASKED, encapsulation);
      rows.set(id, TUNNEL, this.tunnels.id(this.address(id), encapsulation));
    }
    return rows.get(id, TUNNEL);
  }

  private enter(offer: Offer): OfferId {
    const { rows } = this;
    let id = this.free;
    if (id === NO_OFFER) {
      id = rows.push(0);
      this.offers.push(offer);
    } else {
      this.free = rows.get(id, HOLDERS);
      this.offers[id] = offer;
    }
    this.numbers.set(offer, id);
    rows.set(id, HOLDERS, 0);
    rows.set(id, PREFERENCE, preferenceOf(offer) | 0);
    rows.set(id, SEQUENCE, offer.sequence | 0);
    rows.set(id, ASKED, -1);
    const hop = singleOf(offer.nextHops);
    rows.set(id, SINGLE, hop === null ? 0 : 1);
    if (hop !== null) {
      rows.set(id, ADDRESS, hop.address | 0);
      rows.set(id, LABEL, hop.label | 0);
      rows.set(id, ENCAPSULATIONS, encapsulationSet(hop.encapsulations));
    }
    return id;
  }
}

/** Several next hops with one address and label only carry several network names (VR-2.6/5). */
function singleOf(hops: readonly OfferedNextHop[]): OfferedNextHop | null {
  const [first] = hops;
  if (first === undefined) return null;
  for (let i = 1; i < hops.length; i++) {
    const { address, label, encapsulations } = hops[i]!;
    if (address !== first.address || label !== first.label) return null;
    if (encapsulationSet(encapsulations) !== encapsulationSet(first.encapsulations)) return null;
  }
  return first;
}

const tables = new WeakMap<RoutePool, OfferTable>();

/** The one table of the agents that share a pool; an agent that starts again goes on with the one it had. */
export function offerTable(pool: RoutePool): OfferTable {
  let table = tables.get(pool);
  if (table === undefined) {
    table = new OfferTable();
    tables.set(pool, table);
  }
  return table;
}
