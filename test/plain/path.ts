/** Paths as records. No place is used again: who asks for a path that has gone asks for nothing, and that is a fault. */
import { invariant } from '../../src/base/invariant.ts';
import type { VirtualUs } from '../../src/base/time.ts';
import type { AttributesId } from '../../src/route/attributes.ts';
import type * as sharing from '../../src/route/path.ts';
import type { NewPath, PathIndex, PeerId, RouteIndex } from '../../src/route/path.ts';
import type { PublicOf } from './public-of.ts';

const NONE = -1;

interface Path extends NewPath {
  readonly route: RouteIndex;
  readonly changedAt: VirtualUs;
  decidedBy: number;
  next: PathIndex;
  nextCopy: PathIndex;
}

/** `infeasible`: the flags that make a path so (CN-5.3). */
export function plainPathTable(infeasible: number) {
  return class PathTable implements PublicOf<sharing.PathTable> {
    private readonly paths: (Path | null)[] = [];
    /** Primary paths of one peer, the oldest first. */
    private readonly rings: PathIndex[][] = [];

    get size(): number {
      return this.paths.filter((path) => path !== null).length;
    }

    add(route: RouteIndex, path: NewPath, changedAt: VirtualUs): PathIndex {
      return this.paths.push({ ...path, route, changedAt, decidedBy: 0, next: NONE, nextCopy: NONE }) - 1;
    }

    release(path: PathIndex): void {
      this.at(path);
      this.paths[path] = null;
    }

    peer(path: PathIndex): PeerId {
      return this.at(path).peer;
    }

    attributes(path: PathIndex): AttributesId {
      return this.at(path).attributes;
    }

    label(path: PathIndex): number {
      return this.at(path).label;
    }

    pathId(path: PathIndex): number {
      return this.at(path).pathId >>> 0;
    }

    flags(path: PathIndex): number {
      return this.at(path).flags;
    }

    source(path: PathIndex): number {
      return this.at(path).source;
    }

    isFeasible(path: PathIndex): boolean {
      return (this.at(path).flags & infeasible) === 0;
    }

    isSecondary(path: PathIndex): boolean {
      return this.at(path).origin !== NONE;
    }

    decidedBy(path: PathIndex): number {
      return this.at(path).decidedBy;
    }

    setDecidedBy(path: PathIndex, code: number): void {
      this.at(path).decidedBy = code;
    }

    next(path: PathIndex): PathIndex {
      return this.at(path).next;
    }

    setNext(path: PathIndex, next: PathIndex): void {
      this.at(path).next = next;
    }

    route(path: PathIndex): RouteIndex {
      return this.at(path).route;
    }

    origin(path: PathIndex): RouteIndex {
      return this.at(path).origin;
    }

    nextCopy(path: PathIndex): PathIndex {
      return this.at(path).nextCopy;
    }

    setNextCopy(path: PathIndex, copy: PathIndex): void {
      this.at(path).nextCopy = copy;
    }

    changedAt(path: PathIndex): VirtualUs {
      return this.at(path).changedAt;
    }

    enterRing(path: PathIndex, head: PathIndex): PathIndex {
      const ring = this.rings.find((one) => one[0] === head);
      if (ring === undefined) this.rings.push([path]);
      else ring.push(path);
      return head === NONE ? path : head;
    }

    leaveRing(path: PathIndex): PathIndex {
      const ring = this.rings.find((one) => one.includes(path))!;
      ring.splice(ring.indexOf(path), 1);
      if (ring.length === 0) this.rings.splice(this.rings.indexOf(ring), 1);
      return ring[0] ?? NONE;
    }

    nextInRing(path: PathIndex): PathIndex {
      const ring = this.rings.find((one) => one.includes(path))!;
      return ring[(ring.indexOf(path) + 1) % ring.length]!;
    }

    private at(path: PathIndex): Path {
      const found = this.paths[path];
      invariant(found !== null && found !== undefined, `path ${path} has gone, or never was`);
      return found;
    }
  };
}
