/**
 * Routes as records with lists of paths, sorted anew by insertion (CN-5.1.6). No place of a route is used again. What
 * walks go by is the same as ever: slots of a table in order of arrival, the slot freed last taken first.
 */
import { invariant } from '../../src/base/invariant.ts';
import type { VirtualUs } from '../../src/base/time.ts';
import { areEqualCost, comparePaths, type DecisionContext, OLDER_PATH, ONLY_PATH } from '../../src/bgp/decision.ts';
import type * as sharing from '../../src/control/route-table.ts';
import type { TableId } from '../../src/control/route-table.ts';
import type { Family } from '../../src/route/family.ts';
import type { NlriId } from '../../src/route/nlri.ts';
import type { NewPath, PathIndex, PathTable, PeerId, RouteIndex } from '../../src/route/path.ts';
import type { PublicOf } from './public-of.ts';

const NONE = -1;
const NO_PEER = 0;

export const MARK: typeof sharing.MARK = { changed: 1, replicate: 2, export: 4 };

export class RouteTable implements PublicOf<sharing.RouteTable> {
  readonly id: TableId;
  readonly name: string;
  readonly family: Family;
  readonly instance: number;
  private readonly routes = new Map<NlriId, RouteIndex>();
  private readonly places: RouteIndex[] = [];
  private readonly freed: number[] = [];

  constructor(id: TableId, name: string, family: Family, instance: number) {
    this.id = id;
    this.name = name;
    this.family = family;
    this.instance = instance;
  }

  get size(): number {
    return this.routes.size;
  }

  get slots(): number {
    return this.places.length;
  }

  find(nlri: NlriId): RouteIndex {
    return this.routes.get(nlri) ?? NONE;
  }

  routeAt(slot: number): RouteIndex {
    return this.places[slot]!;
  }

  enter(nlri: NlriId, route: RouteIndex): number {
    this.routes.set(nlri, route);
    const slot = this.freed.pop() ?? this.places.length;
    this.places[slot] = route;
    return slot;
  }

  leave(nlri: NlriId, slot: number): void {
    this.routes.delete(nlri);
    this.places[slot] = NONE;
    this.freed.push(slot);
  }
}

interface Route {
  readonly table: RouteTable;
  readonly nlri: NlriId;
  readonly slot: number;
  /** Best first. */
  paths: PathIndex[];
  copies: PathIndex;
  marks: number;
  holds: number;
}

export class RouteStore implements PublicOf<sharing.RouteStore> {
  readonly paths: PathTable;
  private readonly context: DecisionContext;
  private readonly tables: (RouteTable | null)[] = [];
  private readonly routes: (Route | null)[] = [];
  /** The oldest primary path of each peer. */
  private readonly oldest = new Map<PeerId, PathIndex>();
  private marked: RouteIndex[] = [];
  private runs = 0;

  constructor(context: DecisionContext) {
    this.context = context;
    this.paths = context.paths;
  }

  get decisionRuns(): number {
    return this.runs;
  }

  createTable(name: string, family: Family, instance: number): sharing.RouteTable {
    const table = new RouteTable(this.tables.length, name, family, instance);
    this.tables.push(table);
    return asShared(table);
  }

  dropTable(table: sharing.RouteTable): void {
    invariant(table.size === 0, 'only an empty table goes');
    this.tables[table.id] = null;
  }

  table(id: TableId): sharing.RouteTable {
    const table = this.tables[id];
    invariant(table !== null && table !== undefined, 'a table that is spoken of exists');
    return asShared(table);
  }

  allTables(): readonly sharing.RouteTable[] {
    return this.tables.filter((table) => table !== null).map(asShared);
  }

  tableOf(route: RouteIndex): sharing.RouteTable {
    return asShared(this.at(route).table);
  }

  nlri(route: RouteIndex): NlriId {
    return this.at(route).nlri;
  }

  slot(route: RouteIndex): number {
    return this.at(route).slot;
  }

  best(route: RouteIndex): PathIndex {
    return this.at(route).paths[0] ?? NONE;
  }

  usable(route: RouteIndex): PathIndex {
    const best = this.best(route);
    return best !== NONE && this.paths.isFeasible(best) ? best : NONE;
  }

  isEqualCost(a: PathIndex, b: PathIndex): boolean {
    return areEqualCost(this.context, a, b);
  }

  compare(a: PathIndex, b: PathIndex): number {
    return comparePaths(this.context, a, b);
  }

  /** That the peer has no path is looked for here, and not believed. */
  addPath(table: sharing.RouteTable, nlri: NlriId, path: NewPath, now: VirtualUs): void {
    const route = table.find(nlri);
    invariant(route === NONE || this.findPrimary(route, path.peer, path.pathId) === NONE, 'the peer has no path yet');
    this.putPath(table, nlri, path, now);
  }

  putPath(table: sharing.RouteTable, nlri: NlriId, path: NewPath, now: VirtualUs): boolean {
    const route = this.routeFor(table, nlri);
    const old = this.findPrimary(route, path.peer, path.pathId);
    if (old !== NONE) {
      const asked = ['attributes', 'label', 'flags', 'source'] as const;
      const isSame = asked.every((name) => this.paths[name](old) === path[name]);
      if (isSame && this.paths.pathId(old) === path.pathId >>> 0) return false;
      this.unlink(route, old);
      this.forget(old);
    }
    const added = this.paths.add(route, path, now);
    this.oldest.set(path.peer, this.paths.enterRing(added, this.firstOfPeer(path.peer)));
    this.insert(route, added);
    this.mark(route, MARK.changed);
    return true;
  }

  deletePath(table: sharing.RouteTable, nlri: NlriId, peer: PeerId, pathId = 0): boolean {
    const route = table.find(nlri);
    const path = route === NONE ? NONE : this.findPrimary(route, peer, pathId);
    if (path !== NONE) this.removePrimary(path);
    return path !== NONE;
  }

  removePrimary(path: PathIndex): void {
    const route = this.paths.route(path);
    this.unlink(route, path);
    this.forget(path);
    this.mark(route, MARK.changed);
  }

  firstOfPeer(peer: PeerId): PathIndex {
    return this.oldest.get(peer) ?? NONE;
  }

  findPrimary(route: RouteIndex, peer: PeerId, pathId: number): PathIndex {
    const { paths } = this;
    const isIt = (path: PathIndex) =>
      !paths.isSecondary(path) &&
      paths.peer(path) === peer &&
      (peer !== NO_PEER || paths.pathId(path) === pathId >>> 0);
    return this.at(route).paths.find(isIt) ?? NONE;
  }

  addCopy(table: sharing.RouteTable, nlri: NlriId, copy: NewPath, now: VirtualUs): PathIndex {
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
    return this.at(route).copies;
  }

  setFirstCopy(route: RouteIndex, path: PathIndex): void {
    this.at(route).copies = path;
  }

  hold(route: RouteIndex): void {
    this.at(route).holds++;
  }

  unhold(route: RouteIndex): void {
    this.at(route).holds--;
    this.releaseIfIdle(route);
  }

  mark(route: RouteIndex, mark: number): void {
    const entry = this.at(route);
    if (entry.marks === 0) this.marked.push(route);
    entry.marks |= mark;
  }

  markTable(table: sharing.RouteTable, mark: number): void {
    for (let slot = 0; slot < table.slots; slot++) {
      const route = table.routeAt(slot);
      if (route !== NONE) this.mark(route, mark);
    }
  }

  get hasMarked(): boolean {
    return this.marked.length > 0;
  }

  nextMarked(): RouteIndex {
    return this.marked.shift() ?? NONE;
  }

  takeMarks(route: RouteIndex): number {
    const entry = this.at(route);
    const { marks } = entry;
    entry.marks = 0;
    return marks;
  }

  releaseIfIdle(route: RouteIndex): void {
    const { table, nlri, slot, paths, copies, marks, holds } = this.at(route);
    if (paths.length > 0 || copies !== NONE || marks !== 0 || holds !== 0) return;
    table.leave(nlri, slot);
    this.routes[route] = null;
  }

  private at(route: RouteIndex): Route {
    const found = this.routes[route];
    invariant(found !== null && found !== undefined, `route ${route} has gone, or never was`);
    return found;
  }

  private routeFor(table: sharing.RouteTable, nlri: NlriId): RouteIndex {
    const known = table.find(nlri);
    if (known !== NONE) return known;
    const route = this.routes.length;
    const own = this.tables[table.id]!;
    const slot = own.enter(nlri, route);
    this.routes.push({ table: own, nlri, slot, paths: [], copies: NONE, marks: 0, holds: 0 });
    return route;
  }

  private forget(path: PathIndex): void {
    const peer = this.paths.peer(path);
    this.oldest.set(peer, this.paths.leaveRing(path, this.firstOfPeer(peer)));
    this.paths.release(path);
  }

  private insert(route: RouteIndex, path: PathIndex): void {
    const list = this.at(route).paths;
    const worse = list.findIndex((other) => this.compare(path, other) < 0);
    this.order(route, worse < 0 ? [...list, path] : [...list.slice(0, worse), path, ...list.slice(worse)]);
  }

  private unlink(route: RouteIndex, path: PathIndex): void {
    const list = this.at(route).paths;
    invariant(list.includes(path), 'a path stands in the list of its route');
    this.order(
      route,
      list.filter((other) => other !== path),
    );
  }

  /** Takes the list as the order of paths, and says of each why it stands behind the one before it. */
  private order(route: RouteIndex, list: PathIndex[]): void {
    this.runs++;
    this.at(route).paths = list;
    for (const [index, path] of list.entries()) {
      this.paths.setNext(path, list[index + 1] ?? NONE);
      const order = index === 0 ? 0 : Math.abs(this.compare(path, list[index - 1]!));
      this.paths.setDecidedBy(path, index === 0 ? ONLY_PATH : order === 0 ? OLDER_PATH : order);
    }
  }
}

/** The class has other private parts, and nobody looks at those. */
function asShared(table: RouteTable): sharing.RouteTable {
  return table as unknown as sharing.RouteTable;
}
