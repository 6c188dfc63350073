/** The address families, by AFI and SAFI and by number. */
import { FAMILIES, type Family, familyOf } from '../../route/family.ts';
import type { NlriCodec } from './codec.ts';
import { INET } from './inet.ts';
import { INET_VPN } from './inet-vpn.ts';
import { ROUTE_TARGET } from './route-target.ts';

const CODECS: readonly NlriCodec[] = [INET, INET_VPN, ROUTE_TARGET];

const BY_FAMILY: readonly NlriCodec[] = FAMILIES.map((facts) => CODECS.find((codec) => codec.family === facts.family)!);

export function nlriCodec(family: Family): NlriCodec {
  return BY_FAMILY[family]!;
}

/** null: a family that is not known here. */
export function nlriCodecOf(afi: number, safi: number): NlriCodec | null {
  const family = familyOf(afi, safi);
  return family === null ? null : BY_FAMILY[family]!;
}
