/** What a control node, a session and the handling of a message are where nobody says otherwise. */
import { milliseconds, virtualUs } from '../base/time.ts';
import { BGP_PORT } from '../bgp/speaker.ts';
import type { ControlNodeConfig, NeighbourConfig } from '../control/control-config.ts';
import type { FamilyName } from '../route/family.ts';
import { IDEAL_LINK } from '../sim/link.ts';
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
 * What handling a message costs where nothing is said. Of a route at a control node: what FRR spends on delivering one,
 * 10.8 us of CPU (BIRD: 2.7 us) on the work of the benchmark `reflect-100`, measured; the rest are assumptions of the
 * same order. They stand in the ledger.
 */
export const DEFAULT_COSTS: WorldPlan['costs'] = {
  controlNode: { perMessage: virtualUs(50), perRoute: virtualUs(10) },
  agent: { perMessage: virtualUs(100), perRoute: virtualUs(20) },
  gateway: { perMessage: virtualUs(50), perRoute: virtualUs(10) },
};

const FREE = { perMessage: virtualUs(0), perRoute: virtualUs(0) };
export const ZERO_COSTS: WorldPlan['costs'] = { controlNode: FREE, agent: FREE, gateway: FREE };

/**
 * Links where nothing is said, assumptions both. 0.1 ms: a quiet data centre, less than half of the 500 us round trip that
 * was the 80th percentile in a public cloud (E. Jones, Network latencies in the data center, 2021). 1 ms: 200 km of fibre.
 */
export const DEFAULT_WAYS: WorldPlan['ways'] = {
  within: { ...IDEAL_LINK, latency: milliseconds(0.1) },
  between: { ...IDEAL_LINK, latency: milliseconds(1) },
};
export const ZERO_WAYS: WorldPlan['ways'] = { within: IDEAL_LINK, between: IDEAL_LINK };
