/** What an expectation claims, with every selector resolved. */
import type { VirtualUs } from '../base/time.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { Ipv4Prefix } from '../net/prefix.ts';
import type { TableHolder } from '../verify/rows.ts';
import type { Endpoint } from '../world/directory.ts';
import type { PortWord } from './ports.ts';

export interface PairsClaim {
  readonly kind: 'reachable' | 'unreachable';
  readonly from: readonly Endpoint[];
  readonly to: readonly Endpoint[];
  /** null: any protocol. */
  readonly port: PortWord | null;
  readonly oneWay: boolean;
  /** The drop reason asked for; null: any. */
  readonly reason: string | null;
}

/** What of a row is asked; null members are not. */
export interface RowClaim {
  readonly absent: boolean;
  readonly nextHops: readonly Ipv4[] | null;
  readonly paths: number | null;
  readonly label: number | null;
  readonly localPref: number | null;
  readonly med: number | null;
  readonly asPath: readonly number[] | null;
  readonly origin: string | null;
  readonly originatorId: Ipv4 | null;
  readonly clusterList: readonly Ipv4[] | null;
  readonly routeTargets: readonly string[] | null;
  readonly communities: readonly string[] | null;
  readonly securityGroups: readonly number[] | null;
  readonly virtualNetwork: string | null;
  readonly sequence: number | null;
  readonly encapsulations: readonly string[] | null;
  readonly flags: readonly string[] | null;
  readonly decidedBy: string | null;
}

export type Claim =
  | PairsClaim
  | { readonly kind: 'isolated'; readonly a: readonly Endpoint[]; readonly b: readonly Endpoint[] }
  | { readonly kind: 'converged'; readonly within: VirtualUs }
  | { readonly kind: 'route'; readonly holders: readonly TableHolder[]; readonly key: string; readonly row: RowClaim }
  | { readonly kind: 'routes'; readonly holders: readonly TableHolder[]; readonly count: number }
  | {
      readonly kind: 'finding';
      readonly finding: string | null;
      readonly prefix: string | null;
      readonly target: string | null;
      readonly networks: readonly string[];
      readonly clusters: readonly string[];
      readonly instance: string | null;
    }
  | { readonly kind: 'noFindings'; readonly finding: string | null }
  | { readonly kind: 'session'; readonly between: readonly [string, string]; readonly state: string }
  | { readonly kind: 'noted'; readonly node: string; readonly text: string; readonly times: number | null }
  | { readonly kind: 'address'; readonly of: readonly Endpoint[]; readonly is: readonly Ipv4[] }
  | {
      readonly kind: 'members';
      readonly from: Endpoint;
      readonly to: Endpoint;
      readonly port: PortWord | null;
      readonly count: number;
    }
  | {
      readonly kind: 'path';
      readonly from: Endpoint;
      readonly to: Endpoint;
      readonly port: PortWord | null;
      readonly hosts: readonly string[];
      readonly dropped: string | null;
    }
  | { readonly kind: 'sameState'; readonly checkpoint: string }
  | {
      readonly kind: 'covered';
      readonly agent: string;
      readonly instance: string;
      readonly address: Ipv4;
      readonly by: Ipv4Prefix;
    };
