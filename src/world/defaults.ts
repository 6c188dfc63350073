/** What a control node, a session and the handling of a message are where nobody says otherwise. */
import { virtualUs } from '../base/time.ts';
import { BGP_PORT } from '../bgp/speaker.ts';
import type { ControlNodeConfig, NeighbourConfig } from '../control/control-config.ts';
import type { FamilyName } from '../route/family.ts';
import type { WorldPlan } from './plan.ts';

export const DEFAULT_FAMILIES: readonly FamilyName[] = ['route-target', 'inet-vpn'];

/** A control node with everything a scenario leaves unsaid. */
export const PLAIN_CONTROL_NODE: Omit<ControlNodeConfig, 'name' | 'address' | 'routerId' | 'asn'> = {
  port: BGP_PORT,
  localAsn: 0,
  clusterId: 0,
  holdTimeSeconds: 90,
  adminDown: false,
  fourOctetAs: false,
  alwaysCompareMed: false,
  rdClusterSeed: 0,
  endOfRibTimeoutSeconds: 300,
  xmppHoldTimeSeconds: 90,
  families: DEFAULT_FAMILIES,
  neighbours: [],
  networks: [],
  instances: [],
  quirks: {},
};

export const PLAIN_NEIGHBOUR: Omit<NeighbourConfig, 'name' | 'address' | 'asn'> = {
  port: BGP_PORT,
  localAsn: 0,
  type: 'control-node',
  families: DEFAULT_FAMILIES,
  holdTimeSeconds: 0,
  passive: false,
  adminDown: false,
  loopCount: 0,
  clusterId: 0,
  asOverride: false,
  defaultTunnelEncapsulations: [],
};

/**
 * What handling a message costs where nothing is said: assumptions of ours, of the order of what one core of a server
 * takes for parsing and a table change; they stand in the ledger.
 */
export const DEFAULT_COSTS: WorldPlan['costs'] = {
  controlNode: { perMessage: virtualUs(50), perRoute: virtualUs(10) },
  agent: { perMessage: virtualUs(100), perRoute: virtualUs(20) },
  gateway: { perMessage: virtualUs(50), perRoute: virtualUs(10) },
};

const FREE = { perMessage: virtualUs(0), perRoute: virtualUs(0) };
export const ZERO_COSTS: WorldPlan['costs'] = { controlNode: FREE, agent: FREE, gateway: FREE };

/** Latency where nothing is said: 0.1 ms inside a cluster, 1 ms between clusters. */
export const WITHIN_MS = 0.1;
export const BETWEEN_MS = 1;
