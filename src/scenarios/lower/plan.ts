/** A loaded scenario as a plan of a world, with the setting its steps are compiled in. */

import type { FileReader } from '../../base/files.ts';
import { type Diagnostic, failed, fault, type Parsed, parsed } from '../../base/result.ts';
import { NEVER } from '../../base/time.ts';
import { BETWEEN_MS, DEFAULT_COSTS, WITHIN_MS, ZERO_COSTS } from '../../world/defaults.ts';
import type { NodeCost, WorldPlan } from '../../world/plan.ts';
import { type LoadedScenario, placeOfPart } from '../load.ts';
import { duplicateAddresses } from './addresses.ts';
import { latencyOf, lowerClusters } from './clusters.ts';
import { lowerIntents } from './intents.ts';
import { durationOf, lowerProtocol } from './protocol.ts';
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
  const protocol = lowerProtocol(
    loaded,
    clusters.gateways.map((gateway) => gateway.config),
  );
  const intents = lowerIntents(loaded, clusters, options);
  const faults: Diagnostic[] = [...clusters.faults, ...protocol.faults, ...intents.faults];
  const controlNodes = [...clusters.controlNodes, ...protocol.controlNodes];
  const agents = [...clusters.agents, ...protocol.agents];
  faults.push(
    ...duplicateAddresses(
      [...protocol.controlNodes, ...protocol.agents, ...protocol.speakers].map(({ config }) => ({
        name: config.name,
        address: config.address,
        at: placeOfPart(loaded, [sectionOf(loaded, config.name), config.name]),
      })),
    ),
  );
  const names = [
    ...controlNodes.map(({ config }) => config.name),
    ...agents.map(({ config }) => config.name),
    ...clusters.gateways.map(({ config }) => config.name),
    ...protocol.speakers.map(({ config }) => config.name),
  ];
  if (names.length === 0)
    faults.push(fault({ file: loaded.file, line: 1, column: 1 }, 'nobody-there', 'a scenario has clusters or nodes'));
  for (const [tenant, members] of Object.entries(scenario.tenants ?? {})) {
    for (const [index, member] of members.entries()) {
      const parts = member.split('/');
      const kind = parts[1];
      if (
        parts.length === 3 &&
        (kind === 'project' || kind === 'namespace') &&
        (parts[0]!.includes('*') || clusters.members.has(parts[0]!))
      )
        continue;
      const at = placeOfPart(loaded, ['tenants', tenant, index]);
      faults.push(
        fault(
          at,
          'bad-tenant',
          `a member of a tenant is written cluster/project/name or cluster/namespace/name, and ${member} is not`,
        ),
      );
    }
  }
  if (faults.length > 0) return failed(faults);

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
      gateways: clusters.gateways.map(({ config }) => config),
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
      latency: {
        within: latencyOf(scenario.latency?.within, WITHIN_MS),
        between: latencyOf(scenario.latency?.between, BETWEEN_MS),
      },
      links: [...clusters.links, ...protocol.links],
      clusters: setting.derivedClusters(),
      controlNodes,
      agents,
      gateways: clusters.gateways,
      speakers: protocol.speakers,
    },
    setting,
    federated: clusters.federated,
    remarks: intents.remarks,
  });
}

function sectionOf(loaded: LoadedScenario, name: string): string {
  return (
    (['nodes', 'agents', 'speakers'] as const).find((section) => Object.hasOwn(loaded.scenario[section] ?? {}, name)) ??
    'nodes'
  );
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
