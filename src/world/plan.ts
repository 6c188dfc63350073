/** What a world is made of, whoever wrote it down: the same plan for both altitudes of the scenario language and the API. */
import type { VirtualUs } from '../base/time.ts';
import type { DerivedCluster } from '../config/derived.ts';
import type { ControlNodeConfig } from '../control/control-config.ts';
import type { GatewayConfig, SpeakerConfig } from '../gateway/gateway-config.ts';
import type { LinkParameters } from '../sim/link.ts';
import type { AgentConfig } from '../vrouter/agent-config.ts';

/** What handling a message costs a node in virtual time. */
export interface NodeCost {
  readonly perMessage: VirtualUs;
  readonly perRoute: VirtualUs;
}

export interface PlacedNode<Config> {
  /** The cluster it stands in; null at the protocol altitude and for gateways. */
  readonly cluster: string | null;
  readonly config: Config;
}

/** What lies between two groups of nodes, each a cluster's name or a node's, as far as it differs from the rest. */
export interface LinkPlan {
  readonly between: readonly [string, string];
  readonly parameters: Partial<LinkParameters>;
}

export interface WorldPlan {
  readonly seed: number;
  readonly wire: boolean;
  readonly routeLevelRecord: boolean;
  readonly costs: { readonly controlNode: NodeCost; readonly agent: NodeCost; readonly gateway: NodeCost };
  /** Links inside a cluster, and all others. */
  readonly ways: { readonly within: LinkParameters; readonly between: LinkParameters };
  readonly links: readonly LinkPlan[];
  readonly clusters: readonly DerivedCluster[];
  readonly controlNodes: readonly PlacedNode<ControlNodeConfig>[];
  readonly agents: readonly PlacedNode<AgentConfig>[];
  readonly gateways: readonly PlacedNode<GatewayConfig>[];
  readonly speakers: readonly PlacedNode<SpeakerConfig>[];
}
