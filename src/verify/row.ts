/** A route as a claim asks about it: the same words for a row of an agent's table and for one of a control node's. */
import type { Ipv4 } from '../net/ipv4.ts';

/** One path; members that a table does not know are null. */
export interface RowPath {
  readonly nextHop: Ipv4;
  readonly label: number;
  readonly localPref: number;
  readonly med: number | null;
  readonly asPath: readonly number[] | null;
  readonly origin: string | null;
  readonly originatorId: Ipv4 | null;
  readonly clusterList: readonly Ipv4[] | null;
  readonly routeTargets: readonly string[] | null;
  readonly communities: readonly string[] | null;
  readonly securityGroups: readonly number[];
  readonly virtualNetwork: string | null;
  readonly sequence: number;
  readonly encapsulations: readonly string[];
  readonly flags: readonly string[];
}

export interface Row {
  readonly key: string;
  /** The usable ones, best first: the members of a group, or all paths of a route. */
  readonly paths: readonly RowPath[];
  /** How many of them are the best and its equals. */
  readonly equals: number;
  /** Why the best path is best; empty when there is no other. */
  readonly decidedBy: string;
}
