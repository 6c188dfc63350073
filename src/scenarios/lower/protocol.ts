/**
 * The protocol altitude: nodes, peerings, instances, bare agents and raw speakers of a scenario as parts of a plan.
 *
 * Addresses that nobody states: control nodes 192.168.0.n, agents 192.168.1.n, speakers 192.168.2.n, in order.
 */
import { suggestion } from '../../base/nearest.ts';
import { byText } from '../../base/order.ts';
import { type Diagnostic, fault } from '../../base/result.ts';
import { NEVER, parseDuration, type VirtualUs } from '../../base/time.ts';
import type {
  ControlNodeConfig, NeighbourConfig, NetworkConfig, RouterType, RoutingInstanceConfig, TargetConfig,
} from '../../control/control-config.ts'; // biome-ignore format: a list of names
import type { SpeakerConfig } from '../../gateway/gateway-config.ts';
import { parseAsn } from '../../net/asn.ts';
import { type Ipv4, ipv4, parseIpv4 } from '../../net/ipv4.ts';
import { parseRouteTarget } from '../../net/route-target.ts';
import type { AgentConfig } from '../../vrouter/agent-config.ts';
import { DEFAULT_FAMILIES, PLAIN_CONTROL_NODE, PLAIN_NEIGHBOUR } from '../../world/defaults.ts';
import type { LinkPlan, PlacedNode } from '../../world/plan.ts';
import { type LoadedScenario, placeOfPart } from '../load.ts';
import type { ScenarioInstance } from '../schema/scenario.ts';
import { linkParametersOf } from './links.ts';

export const DEFAULT_ASN = 64512;

export interface ProtocolParts {
  readonly controlNodes: readonly PlacedNode<ControlNodeConfig>[];
  readonly agents: readonly PlacedNode<AgentConfig>[];
  readonly speakers: readonly PlacedNode<SpeakerConfig>[];
  /** What peerings add to control nodes of clusters and to gateways, by the name of the node. */
  readonly neighbours: ReadonlyMap<string, readonly NeighbourConfig[]>;
  readonly links: readonly LinkPlan[];
  readonly faults: readonly Diagnostic[];
}

/** A node that the other altitude states: peerings may name it, and bare agents may connect to a control node. */
export interface Elsewhere {
  readonly name: string;
  readonly address: Ipv4;
  readonly asn: number;
  readonly kind: 'node' | 'gateway';
  /** Whom it peers with already. */
  readonly peers: readonly string[];
}

export function asnOf(value: number | string | undefined, unsaid = DEFAULT_ASN): number {
  return value === undefined ? unsaid : typeof value === 'number' ? value : (parseAsn(value) ?? unsaid);
}

export function addressOf(text: string | undefined, unsaid: number): Ipv4 {
  return (text === undefined ? null : parseIpv4(text)) ?? ipv4(unsaid);
}

export function durationOf(text: string | undefined, unsaid: VirtualUs): VirtualUs {
  return (text === undefined ? null : parseDuration(text)) ?? unsaid;
}

export function secondsOf(text: string | undefined, unsaid: number): number {
  return text === undefined ? unsaid : Math.round((parseDuration(text) ?? 0) / 1_000_000);
}

type StatedQuirks = LoadedScenario['scenario']['quirks'];

/** Quirks by name, the later list over the earlier one. */
export function quirksOf(...layers: readonly StatedQuirks[]): Readonly<Record<string, boolean>> {
  const quirks: Record<string, boolean> = {};
  for (const layer of layers) {
    for (const [name, on] of Object.entries(layer ?? {})) if (on !== undefined) quirks[name] = on;
  }
  return quirks;
}

export function lowerProtocol(loaded: LoadedScenario, elsewhere: readonly Elsewhere[]): ProtocolParts {
  const { scenario } = loaded;
  const faults: Diagnostic[] = [];
  const links: LinkPlan[] = [];
  const nodes = Object.entries(scenario.nodes ?? {});
  const speakers = Object.entries(scenario.speakers ?? {});
  const ends = new Map<
    string,
    { readonly address: Ipv4; readonly asn: number; readonly kind: 'node' | 'speaker' | 'gateway' }
  >();
  for (const [index, [name, node]] of nodes.entries()) {
    const address = addressOf(node.address ?? node.routerId, 0xc0a80001 + index);
    ends.set(name, { address, asn: asnOf(node.localAsn ?? node.asn), kind: 'node' });
  }
  for (const [index, [name, speaker]] of speakers.entries()) {
    ends.set(name, {
      address: addressOf(speaker.address ?? speaker.routerId, 0xc0a80201 + index),
      asn: asnOf(speaker.asn),
      kind: 'speaker',
    });
  }
  const peered = new Set<string>();
  for (const { name, address, asn, kind, peers } of elsewhere) {
    ends.set(name, { address, asn, kind });
    for (const peer of peers) peered.add(pairKey(name, peer));
  }

  const neighbours = new Map<string, NeighbourConfig[]>([...ends.keys()].map((name) => [name, []]));
  for (const [index, peering] of (scenario.peerings ?? []).entries()) {
    const [a, b] = peering.between;
    let known = true;
    for (const [side, name] of peering.between.entries()) {
      if (ends.has(name)) continue;
      known = false;
      const at = placeOfPart(loaded, ['peerings', index, 'between', side]);
      faults.push(
        fault(
          at,
          'unknown-node',
          `there is no control node, speaker or gateway called ${name}${suggestion(name, [...ends.keys()])}`,
        ),
      );
    }
    if (a === b)
      faults.push(
        fault(placeOfPart(loaded, ['peerings', index, 'between']), 'self-peering', `${a} cannot peer with itself`),
      );
    if (!known || a === b) continue;
    if (peered.has(pairKey(a, b))) {
      const at = placeOfPart(loaded, ['peerings', index, 'between']);
      faults.push(fault(at, 'duplicate-peering', `${a} and ${b} peer already`));
      continue;
    }
    peered.add(pairKey(a, b));
    if (peering.passive !== undefined && peering.passive !== a && peering.passive !== b) {
      const at = placeOfPart(loaded, ['peerings', index, 'passive']);
      faults.push(fault(at, 'no-end', `${peering.passive} is no end of this peering; it may be ${a} or ${b}`));
    }
    const families = peering.families ?? DEFAULT_FAMILIES;
    const add = (own: string, other: string) => {
      const remote = ends.get(other)!;
      const type: RouterType =
        peering.type ?? (remote.kind === 'node' ? sameAsType(ends.get(own)!.asn, remote.asn) : 'router');
      neighbours.get(own)!.push({
        ...PLAIN_NEIGHBOUR,
        name: other,
        address: remote.address,
        asn: remote.asn,
        type,
        families,
        holdTimeSeconds: secondsOf(peering.holdTime, 0),
        passive: peering.passive === own,
        loopCount: peering.loopCount ?? 0,
        asOverride: peering.asOverride ?? false,
      });
    };
    add(a, b);
    add(b, a);
    const parameters = linkParametersOf(peering);
    if (parameters !== null) links.push({ between: [a, b], parameters });
  }

  const perNode = instancesByNode(
    loaded,
    nodes.map(([name]) => name),
    faults,
  );
  const controlNodes = nodes.map(([name, node]): PlacedNode<ControlNodeConfig> => {
    const end = ends.get(name)!;
    const own = perNode.get(name)!;
    return {
      cluster: null,
      config: {
        ...PLAIN_CONTROL_NODE,
        name,
        address: end.address,
        routerId: addressOf(node.routerId, end.address),
        asn: asnOf(node.asn),
        localAsn: node.localAsn === undefined ? 0 : asnOf(node.localAsn),
        clusterId: node.clusterId ?? 0,
        holdTimeSeconds: secondsOf(node.holdTime, 90),
        adminDown: node.adminDown ?? false,
        fourOctetAs: node.fourOctetAs ?? false,
        alwaysCompareMed: node.alwaysCompareMed ?? false,
        rdClusterSeed: node.rdClusterSeed ?? 0,
        families: node.families ?? DEFAULT_FAMILIES,
        neighbours: neighbours.get(name)!,
        networks: own.networks,
        instances: own.instances,
        quirks: quirksOf(scenario.quirks, node.quirks),
      },
    };
  });

  const servers = [...ends].flatMap(([name, { kind }]) => (kind === 'node' ? [name] : []));
  const agents = Object.entries(scenario.agents ?? {}).map(([name, agent], index): PlacedNode<AgentConfig> => {
    const addresses = agent.controlNodes.map((server, which) => {
      const end = ends.get(server);
      if (end?.kind === 'node') return end.address;
      const at = placeOfPart(loaded, ['agents', name, 'controlNodes', which]);
      faults.push(fault(at, 'unknown-node', `there is no control node called ${server}${suggestion(server, servers)}`));
      return ipv4(0);
    });
    return {
      cluster: null,
      config: {
        name,
        address: addressOf(agent.address, 0xc0a80101 + index),
        controlNodes: addresses,
        encapsulationPriorities: [],
        xmppHoldTimeSeconds: secondsOf(agent.holdTime, 90),
        pathPreference: false,
        bare: true,
        startDelay: agent.started === false ? NEVER : (0 as VirtualUs),
        quirks: quirksOf(scenario.quirks),
      },
    };
  });

  return {
    controlNodes,
    agents,
    speakers: speakers.map(([name, speaker]) => ({
      cluster: null,
      config: {
        name,
        address: ends.get(name)!.address,
        routerId: addressOf(speaker.routerId, ends.get(name)!.address),
        asn: asnOf(speaker.asn),
        holdTimeSeconds: secondsOf(speaker.holdTime, 90),
        families: speaker.families ?? DEFAULT_FAMILIES,
        peers: neighbours.get(name)!.map((peer) => ({ name: peer.name, address: peer.address, asn: peer.asn })),
      },
    })),
    neighbours: new Map(elsewhere.map(({ name }) => [name, neighbours.get(name)!])),
    links,
    faults,
  };
}

function pairKey(a: string, b: string): string {
  return [a, b].sort(byText).join(' ');
}

/** Two control nodes of one AS are of one cluster; of two, the other one is a foreign cluster's (CN-10.1.1). */
function sameAsType(own: number, other: number): RouterType {
  return own === other ? 'control-node' : 'external-control-node';
}

function instancesByNode(
  loaded: LoadedScenario,
  nodes: readonly string[],
  faults: Diagnostic[],
): ReadonlyMap<string, { readonly networks: NetworkConfig[]; readonly instances: RoutingInstanceConfig[] }> {
  const result = new Map(
    nodes.map((name) => [name, { networks: [] as NetworkConfig[], instances: [] as RoutingInstanceConfig[] }]),
  );
  const instances = Object.entries(loaded.scenario.instances ?? {});
  for (const [name, instance] of instances) {
    for (const [index, other] of (instance.connections ?? []).entries()) {
      if (instances.some(([known]) => known === other)) continue;
      const at = placeOfPart(loaded, ['instances', name, 'connections', index]);
      faults.push(
        fault(
          at,
          'unknown-instance',
          `there is no instance called ${other}${suggestion(
            other,
            instances.map(([n]) => n),
          )}`,
        ),
      );
    }
    const network = typeof instance.network === 'string' ? instance.network : networkNameOf(name);
    const id = typeof instance.network === 'number' ? instance.network : (instance.networkId ?? 0);
    for (const [index, node] of (instance.nodes ?? nodes).entries()) {
      const own = result.get(node);
      if (own === undefined) {
        const at = placeOfPart(loaded, ['instances', name, 'nodes', index]);
        faults.push(fault(at, 'unknown-node', `there is no control node called ${node}${suggestion(node, nodes)}`));
        continue;
      }
      own.networks.push({ name: network, id });
      own.instances.push({
        name,
        virtualNetwork: network,
        targets: targetsOf(loaded, name, instance),
        connections: [...(instance.connections ?? [])].sort(byText),
      });
    }
  }
  return result;
}

/** CN-1.1.1: the instance's name cut at its last colon; a name without one is its own network's. */
function networkNameOf(instance: string): string {
  const colon = instance.lastIndexOf(':');
  return colon < 0 ? instance : instance.slice(0, colon);
}

function targetsOf(loaded: LoadedScenario, name: string, instance: ScenarioInstance): TargetConfig[] {
  const lists = [
    ['routeTargets', 'both', instance.routeTargets],
    ['importTargets', 'import', instance.importTargets],
    ['exportTargets', 'export', instance.exportTargets],
  ] as const;
  return lists.flatMap(([key, mark, targets]) =>
    (targets ?? []).flatMap((text, index) => {
      const target = parseRouteTarget(text);
      return target === null ? [] : [{ target, mark, at: placeOfPart(loaded, ['instances', name, key, index]) }];
    }),
  );
}
