/**
 * Route reflection from a few numbers: reflectors that are control nodes with a cluster id, and provider edges around
 * them, each with as many VPN-IPv4 routes, importing everybody's into one VRF.
 */
import type { NeighbourConfig } from '../control/control-config.ts';
import { type Ipv4, ipv4 } from '../net/ipv4.ts';
import { prefixOf } from '../net/prefix.ts';
import { routeTargetOf } from '../net/route-target.ts';
import type { FamilyName } from '../route/family.ts';
import { PLAIN_CONTROL_NODE, PLAIN_NEIGHBOUR, ZERO_WAYS } from './defaults.ts';
import type { WorldSwitches } from './generate.ts';
import type { WorldPlan } from './plan.ts';

export interface ReflectionSize {
  readonly reflectors: number;
  readonly edges: number;
  /** At each edge. */
  readonly routes: number;
  readonly holdTimeSeconds: number;
}

const ASN = 64512;
const FAMILIES: readonly FamilyName[] = ['inet-vpn'];
const TARGET = routeTargetOf(ASN, 10_000);

export const edgeName = (edge: number): string => `edge-${edge + 1}`;
export const reflectorName = (reflector: number): string => `reflector-${reflector + 1}`;

export function generateReflection(size: ReflectionSize, switches: WorldSwitches): WorldPlan {
  const reflectors = Array.from({ length: size.reflectors }, (_, which) => ({
    name: reflectorName(which),
    address: ipv4(0xac100001 + which),
  }));
  const edges = Array.from({ length: size.edges }, (_, which) => ({
    name: edgeName(which),
    address: ipv4(0xac110001 + which),
  }));
  const neighbour = (name: string, address: Ipv4, type: 'control-node' | 'router'): NeighbourConfig => ({
    ...PLAIN_NEIGHBOUR,
    families: FAMILIES,
    name,
    address,
    asn: ASN,
    type,
  });
  return {
    seed: switches.seed,
    wire: switches.wire,
    routeLevelRecord: switches.routeLevelRecord,
    costs: switches.costs,
    ways: ZERO_WAYS,
    links: [],
    clusters: [],
    controlNodes: reflectors.map(({ name, address }) => ({
      cluster: null,
      config: {
        ...PLAIN_CONTROL_NODE,
        families: FAMILIES,
        name,
        address,
        routerId: address,
        asn: ASN,
        clusterId: 1,
        holdTimeSeconds: size.holdTimeSeconds,
        neighbours: [
          ...reflectors
            .filter((mate) => mate.name !== name)
            .map((mate) => neighbour(mate.name, mate.address, 'router')),
          ...edges.map((edge) => neighbour(edge.name, edge.address, 'router')),
        ],
      },
    })),
    agents: [],
    gateways: edges.map(({ name, address }, edge) => ({
      cluster: null,
      config: {
        name,
        address,
        routerId: address,
        asn: ASN,
        holdTimeSeconds: size.holdTimeSeconds,
        transit: false,
        encapsulations: ['gre'],
        peers: reflectors.map((reflector) => ({ ...reflector, asn: ASN })),
        instances: [
          {
            name: 'all',
            index: edge + 1,
            routeTargets: [TARGET],
            external: Array.from({ length: size.routes }, (_, route) =>
              prefixOf(ipv4(0x0a000000 + edge * size.routes + route), 32),
            ),
          },
        ],
      },
    })),
    speakers: [],
  };
}
