/** A loaded scenario as a plan of a world, with the setting its steps are compiled in. */

import type { FileReader } from '../../base/files.ts';
import { suggestion } from '../../base/nearest.ts';
import { type Diagnostic, failed, fault, type Parsed, parsed, type SourceSpan } from '../../base/result.ts';
import { NEVER, virtualUs } from '../../base/time.ts';
import type { AgentConfig } from '../../vrouter/agent-config.ts';
import { DEFAULT_COSTS, ZERO_COSTS, ZERO_WAYS } from '../../world/defaults.ts';
import { glob } from '../../world/directory.ts';
import type { NodeCost, PlacedNode, WorldPlan } from '../../world/plan.ts';
import { inOrder } from '../fault-order.ts';
import { type LoadedScenario, placeOfPart } from '../load.ts';
import { duplicateAddresses, type Member } from './addresses.ts';
import { type ClusterParts, lowerClusters } from './clusters.ts';
import { lowerIntents } from './intents.ts';
import { lowerLinks, waysOf } from './links.ts';
import { durationOf, type Elsewhere, lowerProtocol, type ProtocolParts } from './protocol.ts';
import { type NodeKind, Setting } from './setting.ts';

export interface LoweredScenario {
  readonly plan: WorldPlan;
  readonly setting: Setting;
  readonly federated: readonly (readonly [string, string])[];
  readonly remarks: readonly Diagnostic[];
}

export interface LoweringOptions {
  readonly files: FileReader;
  readonly seed: number | null;
  readonly wire: boolean;
  readonly input: string | null;
  readonly zeroCost: boolean;
  readonly routeLevelRecord: boolean;
}

export function lowerScenario(loaded: LoadedScenario, options: LoweringOptions): Parsed<LoweredScenario> {
  const { scenario } = loaded;
  const clusters = lowerClusters(loaded);
  const protocol = lowerProtocol(loaded, elsewhereOf(clusters));
  const intents = lowerIntents(loaded, clusters, options);
  const faults: Diagnostic[] = [...clusters.faults, ...protocol.faults, ...intents.faults];
  const controlNodes = [
    ...clusters.controlNodes.map(({ cluster, config }) => ({
      cluster,
      config: { ...config, neighbours: [...config.neighbours, ...(protocol.neighbours.get(config.name) ?? [])] },
    })),
    ...protocol.controlNodes,
  ];
  const gateways = clusters.gateways.map(({ cluster, config }) => ({
    cluster,
    config: { ...config, peers: [...config.peers, ...(protocol.neighbours.get(config.name) ?? []).map(peerOf)] },
  }));
  const agents = [...clusters.agents, ...protocol.agents];
  const placed = placedNodes(loaded, clusters, protocol);
  const stated = lowerLinks(
    loaded,
    placed.map(({ name }) => name),
    [...clusters.members.keys()],
  );
  faults.push(...duplicateAddresses(placed), ...stated.faults);
  for (const name of clusters.members.keys()) {
    if (!placed.some((node) => node.name === name)) continue;
    faults.push(
      fault(
        placeOfPart(loaded, ['clusters', name], 'key'),
        'duplicate-name',
        `${name} is the name of a cluster and of a node`,
      ),
    );
  }
  if (placed.length === 0)
    faults.push(fault({ file: loaded.file, line: 1, column: 1 }, 'nobody-there', 'a scenario has clusters or nodes'));
  faults.push(...tenantFaults(loaded, [...clusters.members.keys()]), ...externalFaults(loaded));
  if (faults.length > 0) return failed(inOrder(faults));

  const costs = scenario.costs === 'zero' || options.zeroCost ? ZERO_COSTS : statedCosts(scenario.costs);
  const setting = new Setting({
    nodes: new Map<string, NodeKind>([
      ...controlNodes.map(({ config }) => [config.name, 'control-node'] as const),
      ...agents.map(({ config }) => [config.name, 'agent'] as const),
      ...clusters.gateways.map(({ config }) => [config.name, 'gateway'] as const),
      ...protocol.speakers.map(({ config }) => [config.name, 'speaker'] as const),
    ]),
    asleep: protocol.agents.flatMap(({ config }) => (config.startDelay === NEVER ? [config.name] : [])),
    families: new Map(protocol.speakers.map(({ config }) => [config.name, config.families])),
    bareAgents: protocol.agents.map(({ config }) => config.name),
    speakers: protocol.speakers.map(({ config }) => config.name),
    controlNodes: protocol.controlNodes.map(({ config }) => config),
    clusters: intents.clusters,
    directory: {
      gateways: gateways.map(({ config }) => config),
      tenants: scenario.tenants ?? {},
      external: scenario.external ?? {},
    },
  });
  return parsed({
    plan: {
      seed: options.seed ?? scenario.seed ?? 1,
      wire: options.wire,
      routeLevelRecord: options.routeLevelRecord,
      costs,
      ways: options.zeroCost ? ZERO_WAYS : waysOf(loaded),
      links: options.zeroCost ? [] : [...clusters.links, ...protocol.links, ...stated.links],
      clusters: setting.derivedClusters(),
      controlNodes,
      agents: options.zeroCost ? agents.map(atOnce) : agents,
      gateways,
      speakers: protocol.speakers,
    },
    setting,
    federated: clusters.federated,
    remarks: intents.remarks,
  });
}

/** Without a wait for its turn; one that is started by name is still started by name. */
function atOnce({ cluster, config }: PlacedNode<AgentConfig>): PlacedNode<AgentConfig> {
  const startDelay = config.startDelay === NEVER ? NEVER : virtualUs(0);
  return { cluster, config: { ...config, startDelay } };
}

function peerOf({ name, address, asn }: Pick<Elsewhere, 'name' | 'address' | 'asn'>) {
  return { name, address, asn };
}

/** Control nodes of clusters and gateways, as peerings see them. */
function elsewhereOf(clusters: ClusterParts): Elsewhere[] {
  const names = (peers: readonly { readonly name: string }[]) => peers.map((peer) => peer.name);
  return [
    ...clusters.controlNodes.map(({ config: { name, address, asn, neighbours } }) => ({
      ...{ name, address, asn },
      kind: 'node' as const,
      peers: names(neighbours),
    })),
    ...clusters.gateways.map(({ config: { name, address, asn, peers } }) => ({
      ...{ name, address, asn },
      kind: 'gateway' as const,
      peers: names(peers),
    })),
  ];
}

/** Every node with its address and the place that states it. */
function placedNodes(
  loaded: LoadedScenario,
  clusters: ClusterParts,
  protocol: ProtocolParts,
): (Member & { at: SourceSpan })[] {
  const ofSection = (section: string, nodes: readonly PlacedNode<Member>[]) =>
    nodes.map(({ config: { name, address } }) => ({ name, address, at: placeOfPart(loaded, [section, name]) }));
  const ofCluster = (cluster: string, key: 'controlNodes' | 'vrouters', members: readonly Member[]) =>
    members.map((member, index) => {
      const stated = loaded.scenario.clusters?.[cluster]?.[key];
      const part = Array.isArray(stated) ? index : member.name;
      return { ...member, at: placeOfPart(loaded, ['clusters', cluster, key, part]) };
    });
  return [
    ...[...clusters.members].flatMap(([name, cluster]) => [
      ...ofCluster(name, 'controlNodes', cluster.controlNodes),
      ...ofCluster(name, 'vrouters', cluster.vrouters),
    ]),
    ...ofSection('gateways', clusters.gateways),
    ...ofSection('nodes', protocol.controlNodes),
    ...ofSection('agents', protocol.agents),
    ...ofSection('speakers', protocol.speakers),
  ];
}

function tenantFaults(loaded: LoadedScenario, clusters: readonly string[]): Diagnostic[] {
  return Object.entries(loaded.scenario.tenants ?? {}).flatMap(([tenant, members]) =>
    members.flatMap((member, index) => {
      const [cluster, kind, ...rest] = member.split('/');
      const at = placeOfPart(loaded, ['tenants', tenant, index]);
      if (rest.length !== 1 || (kind !== 'project' && kind !== 'namespace'))
        return [
          fault(
            at,
            'bad-tenant',
            `a member of a tenant is written cluster/project/name or cluster/namespace/name, and ${member} is not`,
          ),
        ];
      if (clusters.some((known) => glob(cluster!, known))) return [];
      return [fault(at, 'unknown-cluster', `there is no cluster called ${cluster}${suggestion(cluster!, clusters)}`)];
    }),
  );
}

/** External hosts are behind a gateway that announces exactly one of their prefixes. */
function externalFaults(loaded: LoadedScenario): Diagnostic[] {
  const { gateways, external } = loaded.scenario;
  const announced = Object.values(gateways ?? {}).flatMap((gateway) =>
    Object.values(gateway.instances ?? {}).flatMap((instance) => instance.external ?? []),
  );
  return Object.entries(external ?? {}).flatMap(([name, prefixes]) => {
    if (prefixes.some((prefix) => announced.includes(prefix))) return [];
    const sentence = `no gateway announces ${prefixes.join(' or ')}, so nobody is external:${name}`;
    return [fault(placeOfPart(loaded, ['external', name]), 'no-gateway', sentence)];
  });
}

function statedCosts(stated: Exclude<LoadedScenario['scenario']['costs'], 'zero'>): WorldPlan['costs'] {
  const cost = (key: keyof typeof DEFAULT_COSTS): NodeCost => {
    const own = stated?.[key];
    return {
      perMessage: durationOf(own?.perMessage, DEFAULT_COSTS[key].perMessage),
      perRoute: durationOf(own?.perRoute, DEFAULT_COSTS[key].perRoute),
    };
  };
  return { controlNode: cost('controlNode'), agent: cost('agent'), gateway: cost('gateway') };
}
