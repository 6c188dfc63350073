/**
 * The inet table of one VRF of an agent: for each prefix the paths of its sources, the active one, and the forwarding
 * entry it gives (VR-1.5, VR-1.8).
 *
 * A row is a place in columns, found by the NLRI's interned id; longest-prefix match asks for the NLRI of each length
 * that occurs here, so a table needs no second index. What control nodes sent is kept by its number.
 */
import { Int32Column } from '../base/columns.ts';
import { IntMap } from '../base/interner.ts';
import { maskOf } from '../net/prefix.ts';
import type { NlriId, NlriTable } from '../route/nlri.ts';
import { DISCARD, type NextHopId, type NextHopTable } from './next-hop.ts';
import type { Forwarding, Offer } from './offer.ts';
import { NO_OFFER, type OfferId, type OfferTable } from './offer-table.ts';

/** Whose path is active. The order of the codes is the order of VR-1.8; control nodes come by slot. */
export const SOURCE = { none: 0, slot0: 1, slot1: 2, ecmp: 3, vmPort: 4, local: 5 } as const;
export type Source = (typeof SOURCE)[keyof typeof SOURCE];

/** Why the active path is the active one, by code. */
export const ACTIVE_BECAUSE = [
  'no path',
  'the only path',
  'a control node comes before local sources',
  'higher preference',
  'higher sequence',
  'lower control node address',
  'a local group comes before a single interface',
  'lower interface number',
  'a workload comes before Local',
] as const;
const WHY = {
  none: 0,
  only: 1,
  controlNode: 2,
  preference: 3,
  sequence: 4,
  address: 5,
  group: 6,
  vif: 7,
  workload: 8,
} as const;

/** A path this agent made itself. */
export interface LocalPath {
  readonly source: 'ecmp' | 'vm-port' | 'local';
  /** The interface it belongs to; -1 for none. */
  readonly vif: number;
  nextHop: NextHopId;
  /** The label it is exported with; -1 where it is not exported. */
  label: number;
  /** Name of its network (VR-1.8, VR-4.4/D1). */
  readonly network: string;
  securityGroups: readonly number[];
  /** VR-1.9. */
  preference: number;
  sequence: number;
  waiting: boolean;
  ecmp: boolean;
  /** The discard route of a subnet: flow set-up takes it for no route (VR-1.11.2). */
  readonly subnetDiscard: boolean;
}

const NO_LOCAL: readonly LocalPath[] = [];

const CELLS = 6;
const FIRST_CELLS = 96;
const NLRI = 0;
const NEXT_HOP = 1;
const LABEL = 2;
/** Source, reason shifted by eight, and whether the agent has paths of its own. */
const ACTIVE = 3;
const WHY_SHIFT = 8;
const WHY_MASK = 0xff;
const HAS_LOCAL = 1 << 16;
/** What the control nodes of slot 0 and slot 1 sent. */
const OFFERS = 4;

export class InetTable {
  private readonly nlris: NlriTable;
  private readonly index = new IntMap();
  /** The cells of a row side by side: {@link NLRI}, {@link NEXT_HOP}, {@link LABEL}, {@link ACTIVE}, {@link OFFERS}. */
  private readonly cells = new Int32Column(FIRST_CELLS);
  private readonly offers: OfferTable;
  private readonly locals = new Map<number, LocalPath[]>();
  private readonly freeRows = new Int32Column(0);
  /** Prefix lengths that occur, longest first, each with the number of its rows. */
  private readonly lengths: number[] = [];

  constructor(nlris: NlriTable, offers: OfferTable) {
    this.nlris = nlris;
    this.offers = offers;
  }

  get size(): number {
    return this.index.size;
  }

  /** The row of a prefix, or -1. */
  row(nlri: NlriId): number {
    return this.index.get(nlri);
  }

  nlriAt(row: number): NlriId {
    return this.cells.get(row * CELLS + NLRI);
  }

  nextHopAt(row: number): NextHopId {
    return this.cells.get(row * CELLS + NEXT_HOP);
  }

  /** Label of the forwarding entry; -1: none. */
  labelAt(row: number): number {
    return this.cells.get(row * CELLS + LABEL);
  }

  sourceAt(row: number): Source {
    return (this.cells.get(row * CELLS + ACTIVE) & 0xff) as Source; // only `choose` writes it
  }

  becauseAt(row: number): string {
    return ACTIVE_BECAUSE[(this.cells.get(row * CELLS + ACTIVE) >> WHY_SHIFT) & WHY_MASK]!;
  }

  private offerIdAt(row: number, slot: number): OfferId {
    return this.cells.get(row * CELLS + OFFERS + slot);
  }

  offerAt(row: number, slot: number): Offer | null {
    const id = this.offerIdAt(row, slot);
    return id === NO_OFFER ? null : this.offers.offer(id);
  }

  hasLocal(row: number): boolean {
    return (this.cells.get(row * CELLS + ACTIVE) & HAS_LOCAL) !== 0;
  }

  /** In the order of VR-1.8. */
  localPathsAt(row: number): readonly LocalPath[] {
    return this.locals.get(row) ?? NO_LOCAL;
  }

  /** Rows in the order of their prefixes, by content. */
  rows(): number[] {
    const keys = [...this.index.sortedKeys()].sort((a, b) => this.nlris.compare(a, b));
    return keys.map((nlri) => this.index.get(nlri));
  }

  /** Rows whose forwarding entry is the next hop, or a group that it is a member of. */
  rowsVia(nextHop: NextHopId, nextHops: NextHopTable): number[] {
    const { cells } = this;
    const found: number[] = [];
    for (let at = 0; at < cells.length; at += CELLS) {
      const own = cells.get(at + NEXT_HOP);
      if (own < 0 || cells.get(at + NLRI) < 0) continue;
      if (own === nextHop || nextHops.members(own).some((member) => member?.nextHop === nextHop)) {
        found.push(at / CELLS);
      }
    }
    return found;
  }

  /** The row of the longest prefix that contains the address, or -1 (VR-1.5.1). */
  longestMatch(address: number): number {
    for (let i = 0; i < this.lengths.length; i += 2) {
      const length = this.lengths[i]!;
      const nlri = this.nlris.findInet(address & maskOf(length), length);
      if (nlri < 0) continue;
      const row = this.index.get(nlri);
      if (row >= 0) return row;
    }
    return -1;
  }

  /** Keeps what a control node sent; the row is made when it is new. */
  setOffer(nlri: NlriId, slot: number, offer: OfferId): number {
    const row = this.rowFor(nlri);
    this.offers.hold(offer);
    this.replaceOffer(row, slot, offer);
    return row;
  }

  clearOffer(row: number, slot: number): void {
    this.replaceOffer(row, slot, NO_OFFER);
  }

  private replaceOffer(row: number, slot: number, offer: OfferId): void {
    const at = row * CELLS + OFFERS + slot;
    const before = this.cells.get(at);
    this.cells.set(at, offer);
    if (before !== NO_OFFER) this.offers.release(before);
  }

  /** Lets go of what control nodes sent: the table is not used any more. */
  dispose(): void {
    for (let row = 0; row * CELLS < this.cells.length; row++) for (const slot of [0, 1]) this.clearOffer(row, slot);
  }

  addLocal(nlri: NlriId, path: LocalPath): number {
    const row = this.rowFor(nlri);
    const paths = this.locals.get(row);
    if (paths === undefined) {
      this.locals.set(row, [path]);
      this.cells.set(row * CELLS + ACTIVE, this.cells.get(row * CELLS + ACTIVE) | HAS_LOCAL);
    } else {
      paths.push(path);
      paths.sort(compareLocal);
    }
    return row;
  }

  removeLocal(row: number, path: LocalPath): void {
    const paths = this.locals.get(row) ?? [];
    const rest = paths.filter((other) => other !== path);
    if (rest.length > 0) this.locals.set(row, rest);
    else {
      this.locals.delete(row);
      this.cells.set(row * CELLS + ACTIVE, this.cells.get(row * CELLS + ACTIVE) & ~HAS_LOCAL);
    }
  }

  /** After a preference has changed. */
  reorderLocal(row: number): void {
    this.locals.get(row)?.sort(compareLocal);
  }

  /**
   * Chooses the active path of a row again and writes its forwarding entry. True when the entry changed. A row without
   * paths goes away. `heard`: all that has happened is that the control node of this slot sent something; -1 otherwise.
   */
  choose(row: number, lowerSlot: number, forwarding: Forwarding, heard = -1): boolean {
    const { offers } = this;
    const first = this.offerIdAt(row, 0);
    const second = this.offerIdAt(row, 1);
    const local = this.hasLocal(row) ? this.locals.get(row) : undefined;
    const before = this.nextHopAt(row);
    if (first === NO_OFFER && second === NO_OFFER) {
      if (local === undefined) {
        this.drop(row);
        return before !== -1;
      }
      const path = local[0]!;
      const source = path.source === 'ecmp' ? SOURCE.ecmp : path.source === 'vm-port' ? SOURCE.vmPort : SOURCE.local;
      return this.write(row, source, localReason(local), path.nextHop, -1);
    }
    let slot: number;
    let why: number;
    if (first === NO_OFFER) {
      slot = 1;
      why = local === undefined ? WHY.only : WHY.controlNode;
    } else if (second === NO_OFFER) {
      slot = 0;
      why = local === undefined ? WHY.only : WHY.controlNode;
    } else if (offers.preference(first) !== offers.preference(second)) {
      slot = offers.preference(first) > offers.preference(second) ? 0 : 1;
      why = WHY.preference;
    } else if (offers.sequence(first) !== offers.sequence(second)) {
      slot = offers.sequence(first) > offers.sequence(second) ? 0 : 1;
      why = WHY.sequence;
    } else {
      slot = lowerSlot;
      why = WHY.address;
    }
    const source = slot === 0 ? SOURCE.slot0 : SOURCE.slot1;
    if (slot === 1 - heard && this.sourceAt(row) === source) {
      // The path that was active is, and is what it was; only the reason may be another.
      this.setActive(row, source, why);
      return false;
    }
    forwarding.resolve(slot === 0 ? first : second, before);
    return this.write(row, source, why, forwarding.nextHop, forwarding.label);
  }

  private write(row: number, source: Source, why: number, nextHop: NextHopId, label: number): boolean {
    const { cells } = this;
    const at = row * CELLS;
    this.setActive(row, source, why);
    if (cells.get(at + NEXT_HOP) === nextHop && cells.get(at + LABEL) === label) return false;
    cells.set(at + NEXT_HOP, nextHop);
    cells.set(at + LABEL, label);
    return true;
  }

  private setActive(row: number, source: Source, why: number): void {
    const at = row * CELLS + ACTIVE;
    this.cells.set(at, source | (why << WHY_SHIFT) | (this.cells.get(at) & HAS_LOCAL));
  }

  private rowFor(nlri: NlriId): number {
    const known = this.index.get(nlri);
    if (known >= 0) return known;
    const { cells } = this;
    let row = this.freeRows.pop();
    if (row === undefined) {
      row = cells.length / CELLS;
      cells.extend(cells.length + CELLS, -1);
    }
    cells.set(row * CELLS + NLRI, nlri);
    cells.set(row * CELLS + NEXT_HOP, -1);
    cells.set(row * CELLS + LABEL, -1);
    cells.set(row * CELLS + ACTIVE, 0);
    this.index.set(nlri, row);
    this.countLength(this.nlris.length(nlri), 1);
    return row;
  }

  private countLength(length: number, by: number): void {
    const { lengths } = this;
    let at = 0;
    while (at < lengths.length && lengths[at]! > length) at += 2;
    if (lengths[at] !== length) lengths.splice(at, 0, length, by);
    else if (lengths[at + 1]! + by === 0) lengths.splice(at, 2);
    else lengths[at + 1]! += by;
  }

  private drop(row: number): void {
    const nlri = this.nlriAt(row);
    this.index.delete(nlri);
    this.countLength(this.nlris.length(nlri), -1);
    this.cells.set(row * CELLS + NLRI, -1);
    this.cells.set(row * CELLS + NEXT_HOP, DISCARD);
    this.cells.set(row * CELLS + LABEL, -1);
    this.cells.set(row * CELLS + ACTIVE, 0);
    this.freeRows.push(row);
  }
}

const LOCAL_ORDER = { ecmp: 0, 'vm-port': 1, local: 2 } as const;

/** Peer type first; two workloads by preference, sequence, then the lower interface (VR-1.8.p2). */
function compareLocal(a: LocalPath, b: LocalPath): number {
  return (
    LOCAL_ORDER[a.source] - LOCAL_ORDER[b.source] ||
    b.preference - a.preference ||
    b.sequence - a.sequence ||
    a.vif - b.vif
  );
}

function localReason(paths: readonly LocalPath[]): number {
  const [first, second] = paths;
  if (first === undefined) return WHY.none;
  if (second === undefined) return WHY.only;
  if (first.source === 'ecmp') return WHY.group;
  if (second.source === 'local') return WHY.workload;
  if (first.preference !== second.preference) return WHY.preference;
  return first.sequence === second.sequence ? WHY.vif : WHY.sequence;
}
