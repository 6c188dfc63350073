/**
 * Origin virtual network (CN-4.3): which network of this cluster a VPN route is taken to come from. What it says itself
 * counts when it is of this AS or of a global index; else the targets tell, when one network alone owns them.
 */
import type { CommonAttributes, CommonAttributesTable, CommonId } from '../route/common-attributes.ts';
import { originVn, originVnOf } from '../route/extended-community.ts';
import type { Octets8Id, Octets8Table } from '../route/octets8-table.ts';

/** Indexes from here on mean the same in every AS (CN-3.5.p1). */
const GLOBAL_ORIGIN_VN = 8_000_000;

/** Whether one of the communities names a network of `as`, or a global one. */
export function hasOwnOriginVn(octets8: Octets8Table, set: CommonAttributes, as: number): boolean {
  return set.extendedCommunities.some((id) => {
    const network = originVnOf(octets8.value(id));
    return network !== null && (network.as === as || network.index >= GLOBAL_ORIGIN_VN);
  });
}

/** The set with all its origin networks replaced by `as:index`, or removed when the index is 0. */
export function withOriginVn(
  octets8: Octets8Table,
  set: CommonAttributes,
  as: number,
  index: number,
): CommonAttributes {
  const others = set.extendedCommunities.filter((id) => originVnOf(octets8.value(id)) === null);
  if (index > 0) others.push(octets8.intern(originVn(as, index)));
  return { ...set, extendedCommunities: others };
}

/** What {@link networkOfTargets} asks: the networks of the instances that both import and export a target (CN-1.6.7). */
export interface TargetMap {
  networksOf(target: Octets8Id): readonly number[];
}

/** The one network that the targets belong to, or 0 when there is none or more than one (CN-4.3.p1). */
export function networkOfTargets(targets: readonly Octets8Id[], map: TargetMap): number {
  let owner = 0;
  for (const target of targets) {
    for (const network of map.networksOf(target)) {
      if (network === 0) continue;
      if (owner !== 0 && owner !== network) return 0;
      owner = network;
    }
  }
  return owner;
}

/** CN-4.3 as a whole, for the copies that are made of a VPN route. */
export function fixOriginVn(
  commons: CommonAttributesTable,
  octets8: Octets8Table,
  id: CommonId,
  as: number,
  map: TargetMap,
): CommonId {
  const set = commons.get(id);
  if (hasOwnOriginVn(octets8, set, as)) return id;
  return commons.intern(withOriginVn(octets8, set, as, networkOfTargets(commons.routeTargets(id), map)));
}
