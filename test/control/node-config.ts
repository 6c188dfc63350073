/** Control nodes, peerings and instances as tests configure them: all that a test leaves unsaid is the default. */
import type {
  ControlNodeConfig,
  NeighbourConfig,
  NetworkConfig,
  RoutingInstanceConfig,
  TargetConfig,
} from '../../src/control/control-config.ts';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import { PLAIN_CONTROL_NODE, PLAIN_NEIGHBOUR } from '../../src/world/defaults.ts';
import { address, routeTarget } from '../support/values.ts';

export function target(text: string, mark: TargetConfig['mark'] = 'both'): TargetConfig {
  return { target: routeTarget(text), mark, at: null };
}

export function instance(
  name: string,
  targets: readonly (string | TargetConfig)[],
  more: Partial<RoutingInstanceConfig> = {},
): RoutingInstanceConfig {
  return {
    name,
    virtualNetwork: name,
    targets: targets.map((text) => (typeof text === 'string' ? target(text) : text)),
    connections: [],
    ...more,
  };
}

export function controlNodeConfig(name: string, at: string, more: Partial<ControlNodeConfig> = {}): ControlNodeConfig {
  return { ...PLAIN_CONTROL_NODE, name, address: address(at), routerId: address(at), asn: 64512, ...more };
}

export function neighbour(name: string, at: string, more: Partial<NeighbourConfig> = {}): NeighbourConfig {
  return { ...PLAIN_NEIGHBOUR, name, address: address(at), asn: 64512, ...more };
}

/** Both halves of a peering between two nodes. */
export function peered(
  a: ControlNodeConfig,
  b: ControlNodeConfig,
  more: Partial<NeighbourConfig> = {},
): readonly [ControlNodeConfig, ControlNodeConfig] {
  const half = (of: ControlNodeConfig) =>
    neighbour(of.name, formatIpv4(of.address), { asn: of.localAsn || of.asn, ...more });
  return [
    { ...a, neighbours: [...a.neighbours, half(b)] },
    { ...b, neighbours: [...b.neighbours, half(a)] },
  ];
}

export function network(name: string, id: number): NetworkConfig {
  return { name, id };
}
