/**
 * What a control node's item says to forwarding, and how an agent turns it into a next hop (VR-2.6): a tunnel, its own
 * interface when the route is its own reflected (VR-0.4), or a group of both.
 */
import { IdMemo, ObjectMemo, UNKNOWN } from '../base/memo.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { Encapsulation } from './agent-config.ts';
import { chooseEncapsulation, ENCAPSULATION_BIT, ENCAPSULATIONS, encapsulationSet } from './encapsulation.ts';
import type { LabelTable } from './labels.ts';
import { INVALID, MEMBERS_MAX, type Member, type NextHopId, type NextHopTable, stableSlots } from './next-hop.ts';
import type { OfferId, OfferTable } from './offer-table.ts';

export interface OfferedNextHop {
  readonly address: Ipv4;
  readonly label: number;
  /** Names as on the wire: `gre`, `udp`, ... */
  readonly encapsulations: readonly string[];
  readonly virtualNetwork: string;
}

/** The part of a received item that counts here; received items are offers. */
export interface Offer {
  readonly nextHops: readonly OfferedNextHop[];
  readonly localPreference: number;
  readonly sequence: number;
  readonly securityGroups: readonly number[];
}

/** An item without a preference counts as one of 100 (VR-2.6/4). */
export function preferenceOf(offer: Offer): number {
  return offer.localPreference === 0 ? 100 : offer.localPreference;
}

/** Offers never change, so what is worked out of one is kept beside it. */
const networkNames = new ObjectMemo<Offer, readonly string[]>();

/** Names of the networks a route belongs to, each once, in order (VR-4.4/D1). */
export function networksOf(offer: Offer): readonly string[] {
  const known = networkNames.get(offer);
  if (known !== undefined) return known;
  return networkNames.set(offer, [...new Set(offer.nextHops.map((hop) => hop.virtualNetwork))]);
}

/** Resolves offers for one agent. The result of {@link resolve} stands in its fields, so that the loop makes no objects. */
export class Forwarding {
  nextHop: NextHopId = INVALID;
  label = -1;
  private readonly ownAddress: Ipv4;
  private readonly priorities: readonly Encapsulation[];
  /** A bare agent shows whatever it is told. */
  private readonly acceptsAll: boolean;
  private readonly nextHops: NextHopTable;
  private readonly offers: OfferTable;
  private readonly labels: LabelTable;
  /** Index of the encapsulation chosen, by set. */
  private readonly choices = new IdMemo();

  constructor(
    ownAddress: Ipv4,
    priorities: readonly Encapsulation[],
    acceptsAll: boolean,
    nextHops: NextHopTable,
    offers: OfferTable,
    labels: LabelTable,
  ) {
    this.ownAddress = ownAddress;
    this.priorities = priorities;
    this.acceptsAll = acceptsAll;
    this.nextHops = nextHops;
    this.offers = offers;
    this.labels = labels;
  }

  /** False: the item is ignored, whatever it replaces stays (VR-2.6/3, VR-2.6/B5). */
  accepts(id: OfferId): boolean {
    const { offers } = this;
    if (offers.isSingle(id)) return this.usable(offers.address(id), offers.label(id), offers.encapsulations(id));
    return offers.offer(id).nextHops.some((hop) => this.usableHop(hop));
  }

  /** The next hop and label an offer gives; INVALID when its label no longer leads anywhere here. */
  resolve(id: OfferId, before: NextHopId): void {
    const { offers } = this;
    if (offers.isSingle(id)) {
      const label = offers.label(id);
      if (offers.address(id) === this.ownAddress) this.resolveOwn(label);
      else {
        this.nextHop = offers.tunnel(id, this.chosen(offers.encapsulations(id)));
        this.label = label;
      }
      return;
    }
    const offer = offers.offer(id);
    const members: Member[] = [];
    let local = true;
    for (const hop of offer.nextHops) {
      if (members.length === MEMBERS_MAX) break;
      if (!this.usableHop(hop)) continue;
      this.resolveOne(hop);
      if (members.some((member) => member.nextHop === this.nextHop && member.label === this.label)) continue;
      if (this.label >= 0) local = false;
      members.push({ nextHop: this.nextHop, label: this.label });
    }
    if (members.length === 1) {
      this.nextHop = members[0]!.nextHop;
      this.label = members[0]!.label;
      return;
    }
    this.label = -1;
    if (members.length === 0) this.nextHop = INVALID;
    else
      this.nextHop = this.nextHops.composite(
        stableSlots(before < 0 ? [] : this.nextHops.members(before), members),
        local,
      );
  }

  /** The choice for one next hop with its reason, for people (VR-2.5). */
  explain(hop: OfferedNextHop): string {
    return chooseEncapsulation(this.priorities, encapsulationSet(hop.encapsulations)).because;
  }

  private resolveOne({ address, label, encapsulations }: OfferedNextHop): void {
    if (address === this.ownAddress) {
      this.resolveOwn(label);
      return;
    }
    this.nextHop = this.nextHops.tunnel(address, this.chosen(encapsulationSet(encapsulations)));
    this.label = label;
  }

  private resolveOwn(label: number): void {
    const own = this.labels.lookup(label);
    this.nextHop = own < 0 ? INVALID : own;
    this.label = -1;
  }

  private chosen(set: number): number {
    const known = this.choices.get(set);
    if (known !== UNKNOWN) return known;
    return this.choices.set(set, ENCAPSULATIONS.indexOf(chooseEncapsulation(this.priorities, set).encapsulation));
  }

  private usableHop({ address, label, encapsulations }: OfferedNextHop): boolean {
    return this.usable(address, label, encapsulationSet(encapsulations));
  }

  private usable(address: number, label: number, encapsulations: number): boolean {
    if (this.acceptsAll) return true;
    if (label === 0) return false;
    if (address === this.ownAddress) return this.labels.lookup(label) >= 0;
    return (encapsulations & ENCAPSULATION_BIT.VXLAN) === 0;
  }
}
