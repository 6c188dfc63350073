/** What configuration tells a control node (CN-1): its own router parameters, neighbours, networks and instances. */
import type { SourceSpan } from '../base/result.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { RouteTarget } from '../net/route-target.ts';
import type { TunnelTypeName } from '../route/extended-community.ts';
import type { FamilyName } from '../route/family.ts';

export type RouterType = 'control-node' | 'external-control-node' | 'router';

export interface ControlNodeConfig {
  readonly name: string;
  readonly address: Ipv4;
  readonly port: number;
  /** BGP identifier; 0 means no self configuration (CN-1.2.1). */
  readonly routerId: Ipv4;
  /** AS of the cluster (CN-1.2). */
  readonly asn: number;
  /** AS in OPEN and AS_PATH; 0: the same. */
  readonly localAsn: number;
  /** Non-zero makes it a route reflector. */
  readonly clusterId: number;
  readonly holdTimeSeconds: number;
  readonly adminDown: boolean;
  readonly fourOctetAs: boolean;
  readonly alwaysCompareMed: boolean;
  /** 0: none (CN-1.4.6). */
  readonly rdClusterSeed: number;
  /** end-of-rib-timeout of the global system config; 300 by default (CN-1.2.3, CN-7.5). */
  readonly endOfRibTimeoutSeconds: number;
  readonly xmppHoldTimeSeconds: number;
  readonly families: readonly FamilyName[];
  readonly neighbours: readonly NeighbourConfig[];
  readonly networks: readonly NetworkConfig[];
  readonly instances: readonly RoutingInstanceConfig[];
  /** Quirks of CN-13 by name (`Q4`), where a scenario turned one. */
  readonly quirks: Readonly<Record<string, boolean>>;
}

export interface NeighbourConfig {
  readonly name: string;
  readonly address: Ipv4;
  readonly port: number;
  readonly asn: number;
  /** Local AS of the session; 0: the node's. */
  readonly localAsn: number;
  readonly type: RouterType;
  readonly families: readonly FamilyName[];
  /** 0: the node's own hold time. */
  readonly holdTimeSeconds: number;
  readonly passive: boolean;
  readonly adminDown: boolean;
  readonly loopCount: number;
  readonly clusterId: number;
  readonly asOverride: boolean;
  /** Fills tunnel encapsulation on paths that carry none (CN-7.4.4), and replaces them on export (CN-6.3/12). */
  readonly defaultTunnelEncapsulations: readonly TunnelTypeName[];
}

export interface NetworkConfig {
  /** `domain:project:network` (CN-1.1). */
  readonly name: string;
  /** Network id from 1 up; 0: unknown (CN-1.4.3). */
  readonly id: number;
}

export interface TargetConfig {
  readonly target: RouteTarget;
  readonly mark: 'both' | 'import' | 'export';
  /** Where a person wrote it; null for an automatic one. */
  readonly at: SourceSpan | null;
}

export interface RoutingInstanceConfig {
  /** `domain:project:network:network` (CN-1.1). */
  readonly name: string;
  readonly virtualNetwork: string;
  readonly targets: readonly TargetConfig[];
  /** Instances joined by policy (CN-1.6.4 b). */
  readonly connections: readonly string[];
}

/** A change while the node runs; each has the clears and re-advertisements of CN-1.2 and CN-1.9. */
export type ControlNodeChange =
  | { readonly kind: 'instance'; readonly instance: RoutingInstanceConfig }
  | { readonly kind: 'instance-deleted'; readonly name: string }
  | { readonly kind: 'network'; readonly network: NetworkConfig }
  | { readonly kind: 'neighbour'; readonly neighbour: NeighbourConfig }
  | { readonly kind: 'neighbour-deleted'; readonly name: string };
