/** Address families with their numbers on the wire and their table names (CN-1.3). */

/** A small integer for columns; the order is fixed because recordings hold it. */
export const FAMILY = { inet: 0, 'inet-vpn': 1, 'route-target': 2 } as const;
export type FamilyName = keyof typeof FAMILY;
export type Family = (typeof FAMILY)[FamilyName];

export interface FamilyFacts {
  readonly name: FamilyName;
  readonly family: Family;
  readonly afi: number;
  readonly safi: number;
  /** The table of the master instance. */
  readonly masterTable: string;
}

export const FAMILIES: readonly FamilyFacts[] = [
  { name: 'inet', family: FAMILY.inet, afi: 1, safi: 1, masterTable: 'inet.0' },
  { name: 'inet-vpn', family: FAMILY['inet-vpn'], afi: 1, safi: 128, masterTable: 'bgp.l3vpn.0' },
  { name: 'route-target', family: FAMILY['route-target'], afi: 1, safi: 132, masterTable: 'bgp.rtarget.0' },
];

export function familyName(family: Family): FamilyName {
  return FAMILIES[family]!.name;
}

export function familyOf(afi: number, safi: number): Family | null {
  return FAMILIES.find((facts) => facts.afi === afi && facts.safi === safi)?.family ?? null;
}
