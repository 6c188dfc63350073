/**
 * Routes and their paths: what a control node knows, in rows of integers (CN-1.3, CN-5.1).
 *
 * A table maps an NLRI to a route; a route is a list of paths, best first. All tables of a node share the rows, so
 * that 20,000 small instances cost no more than one large one. A change marks its route once, however many paths of it
 * changed (CN-11.1.4); the node then takes the marked routes in order.
 *
 * A route without paths stays as long as something outside still has to be told (rib-outs hold it), so that a route
 * which comes back in time is the same one.
 */
import { Int32Column } from '../base/columns.ts';
import { IntMap } from '../base/interner.ts';
import { invariant } from '../base/invariant.ts';
import { Int32Rows } from '../base/rows.ts';
import type { VirtualUs } from '../base/time.ts';
import { areEqualCost, comparePaths, type DecisionContext, OLDER_PATH, ONLY_PATH } from '../bgp/decision.ts';
import type { Family } from '../route/family.ts';
import type { NlriId } from '../route/nlri.ts';
import {
  type NewPath,
  NO_PEER,
  NONE,
  type PathIndex,
  type PathTable,
  type PeerId,
  type RouteIndex,
} from '../route/path.ts';

export type TableId = number;

/** What is to be done about a route, as bits. */
export const MARK = {
  /** Its paths changed: everything that listens is told. */
  changed: 1,
  /** Its copies are looked at again (a target joined or left). */
  replicate: 2,
  /** Its rib-outs are looked at again (interest of a peer changed). */
  export: 4,
} as const;

export class RouteTable {
  readonly id: TableId;
  readonly name: string;
  readonly family: Family;
  /** Index of its routing instance; 0 is the master. */
  readonly instance: number;
  private readonly byNlri = new IntMap();
  private readonly bySlot = new Int32Column(4);
  private readonly freeSlots = new Int32Column(4);

  constructor(id: TableId, name: string, family: Family, instance: number) {
    this.id = id;
    this.name = name;
    this.family = family;
    this.instance = instance;
  }

  /** Routes in it, those without paths that rib-outs still hold included. */
  get size(): number {
    return this.byNlri.size;
  }

  /** One more than the highest slot ever used. */
  get slots(): number {
    return this.bySlot.length;
  }

  find(nlri: NlriId): RouteIndex {
    return this.byNlri.get(nlri);
  }

  /** The route in a slot, or {@link NONE}. Walks go by slot: in order of arrival, freed slots used again. */
  routeAt(slot: number): RouteIndex {
    return this.bySlot.get(slot);
  }

  enter(nlri: NlriId, route: RouteIndex): number {
    this.byNlri.set(nlri, route);
    const slot = this.freeSlots.pop();
    if (slot === undefined) return this.bySlot.push(route);
    this.bySlot.set(slot, route);
    return slot;
  }

  leave(nlri: NlriId, slot: number): void {
    this.byNlri.delete(nlri);
    this.bySlot.set(slot, NONE);
    this.freeSlots.push(slot);
  }
}

/** Fields of a route's row. */
const TABLE = 0;
const ROUTE_NLRI = 1;
/** The best path. */
const FIRST = 2;
const FIRST_COPY = 3;
/** Place in its table; of a free row the next free one. */
const SLOT = 4;
const MARKS = 5;
/** Rib-outs that tell of it. */
const HOLDS = 6;
const FIELDS = 7;

export class RouteStore {
  readonly paths: PathTable;
  private readonly context: DecisionContext;
  private readonly tables: (RouteTable | null)[] = [];
  private readonly rows = new Int32Rows(FIELDS);
  private readonly ringHeads = new Int32Column();
  private readonly queue = new Int32Column();
  private queueRead = 0;
  private free: RouteIndex = NONE;
  /** Changes of paths that made a route be sorted anew: the counter of best-path runs. */
  private runs = 0;

  constructor(context: DecisionContext) {
    this.context = context;
    this.paths = context.paths;
  }

  get decisionRuns(): number {
    return this.runs;
  }

  createTable(name: string, family: Family, instance: number): RouteTable {
    const table = new RouteTable(this.tables.length, name, family, instance);
    this.tables.push(table);
    return table;
  }

  /** A table that has no route any more; its id is not given again. */
  dropTable(table: RouteTable): void {
    invariant(table.size === 0, 'only an empty table goes');
    this.tables[table.id] = null;
  }

  table(id: TableId): RouteTable {
    const table = this.tables[id];
    invariant(table !== null && table !== undefined, 'a table that is spoken of exists');
    return table;
  }

  /** In order of creation. */
  allTables(): readonly RouteTable[] {
    return this.tables.filter((table) => table !== null);
  }

  tableOf(route: RouteIndex): RouteTable {
    return this.table(this.rows.get(route, TABLE));
  }

  nlri(route: RouteIndex): NlriId {
    return this.rows.get(route, ROUTE_NLRI);
  }

  slot(route: RouteIndex): number {
    return this.rows.get(route, SLOT);
  }

  /** The first path of the list, feasible or not, or {@link NONE}. No path here is aliased (CN-8). */
  best(route: RouteIndex): PathIndex {
    return this.rows.get(route, FIRST);
  }

  /** The best path when it can be used, or {@link NONE} (CN-4.2.b1, CN-6.2). */
  usable(route: RouteIndex): PathIndex {
    const best = this.rows.get(route, FIRST);
    return best !== NONE && this.paths.isFeasible(best) ? best : NONE;
  }

  isEqualCost(a: PathIndex, b: PathIndex): boolean {
    return areEqualCost(this.context, a, b);
  }

  compare(a: PathIndex, b: PathIndex): number {
    return comparePaths(this.context, a, b);
  }

  /**
   * The primary path of `peer` for `nlri`: made, replaced whatever its path id (CN-3.1/2), or left alone when nothing
   * is different (CN-3.2.4). A path of the node itself is known by its path id.
   */
  putPath(table: RouteTable, nlri: NlriId, path: NewPath, now: VirtualUs): boolean {
    const route = this.routeFor(table, nlri);
    const old = this.findPrimary(route, path.peer, path.pathId);
    if (old !== NONE) {
      if (this.isSame(old, path)) return false;
      this.unlink(route, old);
      this.forget(old);
    }
    this.addPrimary(route, path, now);
    return true;
  }

  /** The same of a peer that is known to have no path for `nlri`: nothing is looked for. */
  addPath(table: RouteTable, nlri: NlriId, path: NewPath, now: VirtualUs): void {
    this.addPrimary(this.routeFor(table, nlri), path, now);
  }

  private addPrimary(route: RouteIndex, path: NewPath, now: VirtualUs): void {
    const added = this.paths.add(route, path, now);
    this.enterRing(added, path.peer);
    this.insert(route, added);
    this.mark(route, MARK.changed);
  }

  deletePath(table: RouteTable, nlri: NlriId, peer: PeerId, pathId = 0): boolean {
    const route = table.find(nlri);
    if (route === NONE) return false;
    const path = this.findPrimary(route, peer, pathId);
    if (path === NONE) return false;
    this.removePrimary(path);
    return true;
  }

  removePrimary(path: PathIndex): void {
    const route = this.paths.route(path);
    this.unlink(route, path);
    this.forget(path);
    this.mark(route, MARK.changed);
  }

  /** The oldest primary path of a peer, or {@link NONE}; the others follow in its ring. */
  firstOfPeer(peer: PeerId): PathIndex {
    return peer < this.ringHeads.length ? this.ringHeads.get(peer) : NONE;
  }

  /** The primary path of a peer, or of the node itself with that path id. */
  findPrimary(route: RouteIndex, peer: PeerId, pathId: number): PathIndex {
    for (let path = this.rows.get(route, FIRST); path !== NONE; path = this.paths.next(path)) {
      if (this.paths.isSecondary(path) || this.paths.peer(path) !== peer) continue;
      if (peer !== NO_PEER || this.paths.pathId(path) === pathId >>> 0) return path;
    }
    return NONE;
  }

  /** Adds a secondary path; the caller keeps the chain of copies. */
  addCopy(table: RouteTable, nlri: NlriId, copy: NewPath, now: VirtualUs): PathIndex {
    const route = this.routeFor(table, nlri);
    const path = this.paths.add(route, copy, now);
    this.insert(route, path);
    this.mark(route, MARK.changed);
    return path;
  }

  removeCopy(path: PathIndex): void {
    const route = this.paths.route(path);
    this.unlink(route, path);
    this.paths.release(path);
    this.mark(route, MARK.changed);
  }

  firstCopy(route: RouteIndex): PathIndex {
    return this.rows.get(route, FIRST_COPY);
  }

  setFirstCopy(route: RouteIndex, path: PathIndex): void {
    this.rows.set(route, FIRST_COPY, path);
  }

  /** A rib-out has told, or will tell, somebody of this route. */
  hold(route: RouteIndex): void {
    this.rows.set(route, HOLDS, this.rows.get(route, HOLDS) + 1);
  }

  unhold(route: RouteIndex): void {
    this.rows.set(route, HOLDS, this.rows.get(route, HOLDS) - 1);
    this.releaseIfIdle(route);
  }

  mark(route: RouteIndex, mark: number): void {
    const marks = this.rows.get(route, MARKS);
    if (marks === 0) this.queue.push(route);
    this.rows.set(route, MARKS, marks | mark);
  }

  markTable(table: RouteTable, mark: number): void {
    for (let slot = 0; slot < table.slots; slot++) {
      const route = table.routeAt(slot);
      if (route !== NONE) this.mark(route, mark);
    }
  }

  get hasMarked(): boolean {
    return this.queueRead < this.queue.length;
  }

  /** The next marked route, or {@link NONE}; {@link takeMarks} says what is to be done about it. */
  nextMarked(): RouteIndex {
    if (this.queueRead < this.queue.length) return this.queue.get(this.queueRead++);
    this.queue.clear();
    this.queueRead = 0;
    return NONE;
  }

  takeMarks(route: RouteIndex): number {
    const marks = this.rows.get(route, MARKS);
    this.rows.set(route, MARKS, 0);
    return marks;
  }

  /** Gives the route back when it has no path, no copy and nobody to tell. Call after its marks were dealt with. */
  releaseIfIdle(route: RouteIndex): void {
    if (this.rows.get(route, FIRST) !== NONE || this.rows.get(route, FIRST_COPY) !== NONE) return;
    if (this.rows.get(route, MARKS) !== 0 || this.rows.get(route, HOLDS) !== 0) return;
    const nlri = this.rows.get(route, ROUTE_NLRI);
    this.tableOf(route).leave(nlri, this.rows.get(route, SLOT));
    this.rows.set(route, ROUTE_NLRI, NONE);
    this.rows.set(route, SLOT, this.free);
    this.free = route;
  }

  private routeFor(table: RouteTable, nlri: NlriId): RouteIndex {
    const known = table.find(nlri);
    if (known !== NONE) return known;
    const { rows } = this;
    let route = this.free;
    if (route === NONE) route = rows.push(NONE);
    else this.free = rows.get(route, SLOT);
    rows.set(route, TABLE, table.id);
    rows.set(route, ROUTE_NLRI, nlri);
    rows.set(route, FIRST, NONE);
    rows.set(route, FIRST_COPY, NONE);
    rows.set(route, MARKS, 0);
    rows.set(route, HOLDS, 0);
    rows.set(route, SLOT, table.enter(nlri, route));
    return route;
  }

  private isSame(old: PathIndex, path: NewPath): boolean {
    const { paths } = this;
    return (
      paths.attributes(old) === path.attributes &&
      paths.label(old) === path.label &&
      paths.flags(old) === path.flags &&
      paths.source(old) === path.source &&
      paths.pathId(old) === path.pathId >>> 0
    );
  }

  private enterRing(path: PathIndex, peer: PeerId): void {
    this.ringHeads.extend(peer + 1, NONE);
    this.ringHeads.set(peer, this.paths.enterRing(path, this.ringHeads.get(peer)));
  }

  private forget(path: PathIndex): void {
    const peer = this.paths.peer(path);
    this.ringHeads.set(peer, this.paths.leaveRing(path, this.ringHeads.get(peer)));
    this.paths.release(path);
  }

  /** Behind every path that is not worse (CN-5.1.6). */
  private insert(route: RouteIndex, path: PathIndex): void {
    const { paths } = this;
    this.runs++;
    let previous = NONE;
    let next = this.rows.get(route, FIRST);
    let reason = ONLY_PATH;
    while (next !== NONE) {
      const order = this.compare(path, next);
      if (order < 0) {
        paths.setDecidedBy(next, -order);
        break;
      }
      reason = order === 0 ? OLDER_PATH : order;
      previous = next;
      next = paths.next(next);
    }
    paths.setDecidedBy(path, previous === NONE ? ONLY_PATH : reason);
    paths.setNext(path, next);
    if (previous === NONE) this.rows.set(route, FIRST, path);
    else paths.setNext(previous, path);
  }

  private unlink(route: RouteIndex, path: PathIndex): void {
    const { paths } = this;
    this.runs++;
    const next = paths.next(path);
    let previous = NONE;
    for (let at = this.rows.get(route, FIRST); at !== path; at = paths.next(at)) {
      invariant(at !== NONE, 'a path stands in the list of its route');
      previous = at;
    }
    if (previous === NONE) this.rows.set(route, FIRST, next);
    else paths.setNext(previous, next);
    if (next === NONE) return;
    if (previous === NONE) paths.setDecidedBy(next, ONLY_PATH);
    else {
      const order = this.compare(next, previous);
      paths.setDecidedBy(next, order === 0 ? OLDER_PATH : Math.abs(order));
    }
  }
}
