/**
 * The table of a VRF as records. The active path is found by
 * sorting all paths (VR-1.8), and its next hop is worked out at every change, whatever it was before.
 */
import type { NlriId, NlriTable } from '../../src/route/nlri.ts';
import type * as sharing from '../../src/vrouter/inet-table.ts';
import type { LocalPath, Source } from '../../src/vrouter/inet-table.ts';
import type { NextHopId, NextHopTable } from '../../src/vrouter/next-hop.ts';
import type { Forwarding, Offer } from '../../src/vrouter/offer.ts';
import type { OfferId, OfferTable } from '../../src/vrouter/offer-table.ts';
import type { PublicOf } from './public-of.ts';

interface Row {
  readonly nlri: NlriId;
  nextHop: NextHopId;
  label: number;
  source: Source;
  because: string;
  readonly offers: [OfferId, OfferId];
  local: LocalPath[];
}

const DISCARD = 0;
const NO_OFFER = -1;
const NO_ROW: Row = {
  nlri: -1,
  nextHop: DISCARD,
  label: -1,
  source: 0,
  because: 'no path',
  offers: [NO_OFFER, NO_OFFER],
  local: [],
};
const SLOT_SOURCES = [1, 2] as const;
const LOCAL_SOURCES = { ecmp: 3, 'vm-port': 4, local: 5 } as const;

export class InetTable implements PublicOf<sharing.InetTable> {
  private readonly nlris: NlriTable;
  private readonly offers: OfferTable;
  private readonly entries: Row[] = [];
  private readonly freed: number[] = [];

  constructor(nlris: NlriTable, offers: OfferTable) {
    this.nlris = nlris;
    this.offers = offers;
  }

  get size(): number {
    return this.rows().length;
  }

  row(nlri: NlriId): number {
    return this.entries.findIndex((entry) => entry.nlri === nlri && entry !== NO_ROW);
  }

  nlriAt(row: number): NlriId {
    return this.entries[row]!.nlri;
  }

  nextHopAt(row: number): NextHopId {
    return this.entries[row]!.nextHop;
  }

  labelAt(row: number): number {
    return this.entries[row]!.label;
  }

  sourceAt(row: number): Source {
    return this.entries[row]!.source;
  }

  becauseAt(row: number): string {
    return this.entries[row]!.because;
  }

  offerAt(row: number, slot: number): Offer | null {
    const id = this.entries[row]!.offers[slot as 0 | 1];
    return id === NO_OFFER ? null : this.offers.offer(id);
  }

  hasLocal(row: number): boolean {
    return this.entries[row]!.local.length > 0;
  }

  localPathsAt(row: number): readonly LocalPath[] {
    return this.entries[row]!.local;
  }

  rows(): number[] {
    const used = [...this.entries.keys()].filter((row) => this.entries[row] !== NO_ROW);
    return used.sort((a, b) => this.nlris.compare(this.nlriAt(a), this.nlriAt(b)));
  }

  rowsVia(nextHop: NextHopId, nextHops: NextHopTable): number[] {
    return [...this.entries.keys()].filter((row) => {
      const own = this.nextHopAt(row);
      if (this.entries[row] === NO_ROW || own < 0) return false;
      return own === nextHop || nextHops.members(own).some((member) => member?.nextHop === nextHop);
    });
  }

  longestMatch(address: number): number {
    const covers = (row: number) => {
      const length = this.nlris.length(this.nlriAt(row));
      const size = 2 ** (32 - length);
      return Math.floor(address / size) === Math.floor(this.nlris.address(this.nlriAt(row)) / size);
    };
    const longer = (a: number, b: number) => this.nlris.length(this.nlriAt(b)) - this.nlris.length(this.nlriAt(a));
    return this.rows().filter(covers).sort(longer)[0] ?? -1;
  }

  setOffer(nlri: NlriId, slot: number, offer: OfferId): number {
    const row = this.rowFor(nlri);
    this.offers.hold(offer);
    this.clearOffer(row, slot);
    this.entries[row]!.offers[slot as 0 | 1] = offer;
    return row;
  }

  clearOffer(row: number, slot: number): void {
    const { offers } = this.entries[row]!;
    const before = offers[slot as 0 | 1];
    offers[slot as 0 | 1] = NO_OFFER;
    if (before !== NO_OFFER) this.offers.release(before);
  }

  dispose(): void {
    for (const row of this.entries.keys()) for (const slot of [0, 1]) this.clearOffer(row, slot);
  }

  addLocal(nlri: NlriId, path: LocalPath): number {
    const row = this.rowFor(nlri);
    this.entries[row]!.local.push(path);
    this.reorderLocal(row);
    return row;
  }

  removeLocal(row: number, path: LocalPath): void {
    if (this.entries[row] === NO_ROW) return;
    this.entries[row]!.local = this.entries[row]!.local.filter((other) => other !== path);
  }

  reorderLocal(row: number): void {
    this.entries[row]!.local.sort(
      (a, b) =>
        LOCAL_SOURCES[a.source] - LOCAL_SOURCES[b.source] ||
        b.preference - a.preference ||
        b.sequence - a.sequence ||
        a.vif - b.vif,
    );
  }

  choose(row: number, lowerSlot: number, forwarding: Forwarding): boolean {
    const entry = this.entries[row]!;
    const before = { nextHop: entry.nextHop, label: entry.label };
    const slots = ([0, 1] as const).filter((slot) => entry.offers[slot] !== NO_OFFER);
    slots.sort((a, b) => {
      const [one, other] = [entry.offers[a], entry.offers[b]];
      const { offers } = this;
      const order = offers.preference(other) - offers.preference(one) || offers.sequence(other) - offers.sequence(one);
      return order || (a === lowerSlot ? -1 : 1);
    });
    const [slot, second] = slots;
    if (slot === undefined) {
      const [local, next] = entry.local;
      if (local === undefined) {
        if (entry !== NO_ROW) this.freed.push(row);
        this.entries[row] = NO_ROW;
        return before.nextHop !== -1;
      }
      entry.source = LOCAL_SOURCES[local.source];
      entry.because = next === undefined ? 'the only path' : localReason(local, next);
      entry.nextHop = local.nextHop;
      entry.label = -1;
    } else {
      const offer = entry.offers[slot];
      entry.source = SLOT_SOURCES[slot];
      if (second === undefined) {
        entry.because = entry.local.length > 0 ? 'a control node comes before local sources' : 'the only path';
      } else entry.because = this.reason(offer, entry.offers[second]);
      forwarding.resolve(offer, before.nextHop);
      entry.nextHop = forwarding.nextHop;
      entry.label = forwarding.label;
    }
    return entry.nextHop !== before.nextHop || entry.label !== before.label;
  }

  private reason(best: OfferId, second: OfferId): string {
    const { offers } = this;
    if (offers.preference(best) !== offers.preference(second)) return 'higher preference';
    return offers.sequence(best) === offers.sequence(second) ? 'lower control node address' : 'higher sequence';
  }

  private rowFor(nlri: NlriId): number {
    const known = this.row(nlri);
    if (known >= 0) return known;
    const row = this.freed.pop() ?? this.entries.length;
    this.entries[row] = { ...NO_ROW, nlri, nextHop: -1, offers: [NO_OFFER, NO_OFFER], local: [] };
    return row;
  }
}

function localReason(best: LocalPath, second: LocalPath): string {
  if (best.source === 'ecmp') return 'a local group comes before a single interface';
  if (second.source === 'local') return 'a workload comes before Local';
  if (best.preference !== second.preference) return 'higher preference';
  return best.sequence === second.sequence ? 'lower interface number' : 'higher sequence';
}
