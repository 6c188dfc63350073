/** The names that a scenario gives to nodes and workloads, without playing it: what completion offers. */
import type { FileReader } from '../base/files.ts';
import { byText } from '../base/order.ts';
import { loadScenario } from '../scenarios/load.ts';

export interface ScenarioNames {
  readonly controlNodes: readonly string[];
  readonly agents: readonly string[];
  readonly gateways: readonly string[];
  readonly selectors: readonly string[];
}

/** Full names of everything the scenario and its imports place, for selectors; read only when one is asked for. */
export async function endpointNames(files: FileReader, path: string, input: string | null): Promise<readonly string[]> {
  const loaded = loadScenario(files, path);
  if (!loaded.ok) return [];
  const { lowerScenario } = await import('../scenarios/lower/plan.ts');
  const options = { files, seed: null, wire: false, input, zeroCost: false, routeLevelRecord: false };
  const lowered = lowerScenario(loaded.value, options);
  return lowered.ok ? lowered.value.setting.directory.endpoints.map((endpoint) => endpoint.name).sort(byText) : [];
}

type Members = number | readonly string[] | Readonly<Record<string, string>> | undefined;

/** null where the scenario has a fault: while a line is typed, nobody wants to hear of it. */
export function namesOfScenario(files: FileReader, path: string): ScenarioNames | null {
  const loaded = loadScenario(files, path);
  if (!loaded.ok) return null;
  const { scenario } = loaded.value;
  const controlNodes = Object.keys(scenario.nodes ?? {});
  const agents = Object.keys(scenario.agents ?? {});
  const selectors = new Set<string>();
  for (const cluster of Object.values(scenario.clusters ?? {})) {
    controlNodes.push(...namesOf(cluster.controlNodes));
    agents.push(...namesOf(cluster.vrouters));
    for (const [name, workload] of Object.entries(cluster.workloads ?? {})) {
      const place = workload.project === undefined ? '' : `${workload.project}/`;
      for (const each of series(name, workload.count)) selectors.add(`${workload.kind ?? 'vm'}:${place}${each}`);
    }
  }
  for (const selector of [...Object.values(scenario.matrix?.rows ?? {})].flat()) selectors.add(selector);
  for (const column of Object.values(scenario.matrix?.columns ?? {})) {
    for (const selector of [column.to].flat()) selectors.add(selector);
  }
  return {
    controlNodes,
    agents,
    gateways: Object.keys(scenario.gateways ?? {}),
    selectors: [...selectors].sort(byText),
  };
}

function namesOf(members: Members): readonly string[] {
  if (members === undefined || typeof members === 'number') return [];
  return Array.isArray(members) ? members : Object.keys(members);
}

/** So many names of a series are offered. */
const SERIES_MAX = 20;

function series(name: string, count: number | undefined): readonly string[] {
  if (count === undefined) return [name];
  return Array.from({ length: Math.min(count, SERIES_MAX) }, (_, i) => `${name}-${i + 1}`);
}
