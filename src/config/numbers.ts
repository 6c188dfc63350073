/**
 * Numbers contrail-api and the schema transformer hand out: automatic route targets (OR-5.5.2), network ids from 1,
 * security group ids from 8000001 (OR-4.3/1). The lowest free number goes to the next who asks, and who has one keeps it.
 */

/** A user's target with the cluster's own AS may not lie in [start, end) (OR-5.5.6). */
export interface TargetRange {
  readonly start: number;
  readonly end: number;
}

export function targetRange(asn: number): TargetRange {
  return asn > 0xffff ? { start: 8_000, end: 1 << 15 } : { start: 8_000_000, end: 1 << 24 };
}

export const FIRST_NETWORK_ID = 1;
/** 8000000 is reserved. */
export const FIRST_GROUP_ID = 8_000_001;

/** Gives each name a number: its own if it has one, else the lowest free one; numbers of names that are gone are free. */
export function giveNumbers(
  names: readonly string[],
  start: number,
  fixed: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const taken = new Set(names.map((name) => fixed.get(name)));
  const numbers = new Map<string, number>();
  let next = start;
  for (const name of names) {
    const own = fixed.get(name);
    if (own !== undefined) {
      numbers.set(name, own);
      continue;
    }
    while (taken.has(next)) next++;
    numbers.set(name, next);
    next++;
  }
  return numbers;
}
