/**
 * Attribute sets as text. Who asks for a set gets one of its own, and whatever is asked about a set is read from it at
 * that moment. Equal sets have one id, because "the same attributes" is what protocols ask (CN-3.2.4).
 */

import { isRouteTarget } from '../../src/net/route-target.ts';
import type * as sharing from '../../src/route/common-attributes.ts';
import type { AsPathSegment, CommonAttributes, CommonId, TargetListId } from '../../src/route/common-attributes.ts';
import { isETreeLeaf, mobilityOf, originVnOf } from '../../src/route/extended-community.ts';
import type { Octets8Id, Octets8Table } from '../../src/route/octets8-table.ts';
import { TextIds } from './interner.ts';
import type { PublicOf } from './public-of.ts';

/** RFC 9494 §4.6. */
const LLGR_STALE = 0xffff0006;
/** Type and sub-type (RFC 9135 §8.1). */
const ROUTER_MAC = 0x0603;
const NO_OCTETS8 = 0;

export class CommonAttributesTable implements PublicOf<sharing.CommonAttributesTable> {
  private readonly octets8: Octets8Table;
  private readonly texts = new TextIds();
  private readonly targetTexts = new TextIds();

  constructor(octets8: Octets8Table) {
    this.octets8 = octets8;
  }

  get size(): number {
    return this.texts.size;
  }

  intern(given: CommonAttributes): CommonId {
    const { asPath, as4Path, aggregator, clusterList, originVnPath } = given;
    const set: CommonAttributes = {
      origin: given.origin,
      asPath,
      as4Path,
      med: given.med,
      localPref: given.localPref,
      atomicAggregate: given.atomicAggregate,
      aggregator,
      communities: unique(given.communities).sort((a, b) => a - b),
      originatorId: given.originatorId,
      clusterList,
      extendedCommunities: this.inOrder(given.extendedCommunities),
      originVnPath,
      subProtocol: given.subProtocol,
    };
    return this.texts.intern(JSON.stringify(set));
  }

  get(id: CommonId): CommonAttributes {
    return JSON.parse(this.texts.text(id)) as CommonAttributes; // the text of one
  }

  routerMacOf(communities: readonly Octets8Id[]): Octets8Id {
    const macs = unique(communities).filter((id) => this.octets8.hi(id) >>> 16 === ROUTER_MAC);
    return macs.length === 1 ? macs[0]! : NO_OCTETS8;
  }

  inOrder(communities: readonly Octets8Id[]): readonly Octets8Id[] {
    return unique(communities).sort((a, b) => this.octets8.compare(a, b));
  }

  routeTargets(id: CommonId): readonly Octets8Id[] {
    return this.get(id).extendedCommunities.filter((one) => isRouteTarget(this.octets8.value(one)));
  }

  targetList(id: CommonId): TargetListId {
    return this.targetTexts.intern(JSON.stringify(this.routeTargets(id)));
  }

  targetsOf(list: TargetListId): readonly Octets8Id[] {
    return JSON.parse(this.targetTexts.text(list)) as Octets8Id[]; // the text of some
  }

  localPref(id: CommonId): number {
    return this.get(id).localPref;
  }

  asPathLength(id: CommonId): number {
    const { asPath, as4Path } = this.get(id);
    return Math.max(lengthOf(asPath), lengthOf(as4Path));
  }

  origin(id: CommonId): number {
    return this.get(id).origin;
  }

  med(id: CommonId): number {
    return this.get(id).med;
  }

  neighbourAs(id: CommonId): number {
    return this.get(id).asPath?.[0]?.asns[0] ?? 0;
  }

  mobilitySequence(id: CommonId): number {
    return this.mobility(id)?.sequence ?? 0;
  }

  sticky(id: CommonId): boolean {
    return this.get(id).extendedCommunities.some((one) => mobilityOf(this.octets8.value(one))?.sticky === true);
  }

  eTreeLeaf(id: CommonId): boolean {
    return this.get(id).extendedCommunities.some((one) => isETreeLeaf(this.octets8.value(one)));
  }

  llgrStale(id: CommonId): boolean {
    return this.get(id).communities.includes(LLGR_STALE);
  }

  hasOriginVnPath(id: CommonId): boolean {
    return this.get(id).originVnPath.length > 0;
  }

  originatorId(id: CommonId): number {
    return this.get(id).originatorId;
  }

  clusterListLength(id: CommonId): number {
    return this.get(id).clusterList.length;
  }

  firstOriginVn(id: CommonId): number {
    return this.originVns(id)[0] ?? -1;
  }

  lastOriginVn(id: CommonId): number {
    return this.originVns(id).at(-1) ?? -1;
  }

  /** The last one counts. */
  private mobility(id: CommonId) {
    return this.get(id)
      .extendedCommunities.map((one) => mobilityOf(this.octets8.value(one)))
      .findLast((one) => one !== null);
  }

  private originVns(id: CommonId): readonly number[] {
    return this.get(id).extendedCommunities.flatMap((one) => originVnOf(this.octets8.value(one))?.index ?? []);
  }
}

function unique(values: readonly number[]): number[] {
  return values.filter((value, at) => values.indexOf(value) === at);
}

/** An AS_SET counts one, confederation segments nothing (CN-5.1.3, RFC 5065 §5.3). */
function lengthOf(path: readonly AsPathSegment[] | null): number {
  const counts = { sequence: (asns: number) => asns, set: () => 1, 'confed-sequence': () => 0, 'confed-set': () => 0 };
  return (path ?? []).reduce((sum, { kind, asns }) => sum + counts[kind](asns.length), 0);
}
