/**
 * All imports of one cluster together with what the scenario states itself, as one intent. The order of imports does
 * not matter: stacks may refer to each other's networks either way, and manifests of one plug-in are read together.
 */
import type { Diagnostic } from '../base/result.ts';
import { failed, type Parsed, parsed } from '../base/result.ts';
import { mergeIntents } from '../config/merge.ts';
import type { ClusterIntent } from '../config/objects.ts';
import { type HeatRequest, importHeat } from './heat.ts';
import { importKubernetes, type KubernetesRequest } from './kubernetes.ts';
import { firstFaults } from './remarks.ts';

export type ImportRequest =
  | ({ readonly kind: 'heat' } & HeatRequest)
  | ({ readonly kind: 'manifests' } & KubernetesRequest);

/** `stated` is what the scenario itself says; templates may refer to it. */
export function importCluster(stated: ClusterIntent, requests: readonly ImportRequest[]): Parsed<ClusterIntent> {
  const { cluster } = stated;
  const results: Parsed<ClusterIntent>[] = joined(requests).map((request) => importKubernetes(cluster, request));
  const stacks = requests.flatMap((request) => (request.kind === 'heat' ? [request] : []));
  results.push(...importStacks(stated, stacks));

  const faults: Diagnostic[] = [];
  const remarks: Diagnostic[] = [];
  const intents: ClusterIntent[] = [stated];
  for (const result of results) {
    if (result.ok) {
      intents.push(result.value);
      remarks.push(...result.remarks);
    } else faults.push(...result.faults);
  }
  if (faults.length > 0) return failed(firstFaults(faults));
  return parsed(mergeIntents(cluster, intents), remarks);
}

/** A stack that needs another one's objects is read again once those are there, whichever comes first in the list. */
function importStacks(stated: ClusterIntent, stacks: readonly HeatRequest[]): Parsed<ClusterIntent>[] {
  const { cluster } = stated;
  let results = stacks.map((stack) => importHeat(cluster, stack, stated));
  for (let done = count(results); stacks.length > 1 && done < stacks.length; ) {
    const before = results;
    results = stacks.map((stack, i) => {
      const others = before.flatMap((result, j) => (j !== i && result.ok ? [result.value] : []));
      return before[i]!.ok ? before[i]! : importHeat(cluster, stack, mergeIntents(cluster, [stated, ...others])); // same length
    });
    const now = count(results);
    if (now === done) break;
    done = now;
  }
  return results;
}

function count(results: readonly Parsed<ClusterIntent>[]): number {
  return results.filter(({ ok }) => ok).length;
}

/** Requests with the same plug-in and namespace become one, because pods and services of different files belong together. */
function joined(requests: readonly ImportRequest[]): KubernetesRequest[] {
  const byPlugin = new Map<string, KubernetesRequest>();
  for (const request of requests) {
    if (request.kind !== 'manifests') continue;
    const { kind: _, sources, ...rest } = request;
    const key = JSON.stringify(rest);
    byPlugin.set(key, { ...rest, sources: [...(byPlugin.get(key)?.sources ?? []), ...sources] });
  }
  return [...byPlugin.values()];
}
