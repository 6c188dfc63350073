/**
 * Where workloads run: on the host they ask for, else round robin over the declared vRouters in order of name
 * (OR-4.9.p6, OR-6.1.8).
 */

import { suggestion } from '../base/nearest.ts';
import { type Diagnostic, fault } from '../base/result.ts';
import { workloadKey } from './derived.ts';
import type { Workload } from './objects.ts';
import { byName } from './order.ts';

export interface Place {
  readonly host: string;
  readonly placement: 'asked' | 'round-robin';
}

export interface Placement {
  /** By key of the workload. */
  readonly places: ReadonlyMap<string, Place>;
  readonly diagnostics: readonly Diagnostic[];
}

/** `kept` holds the hosts of an earlier placement: who was placed stays, whoever comes or goes. */
export function placeWorkloads(
  workloads: readonly Workload[],
  vrouters: readonly string[],
  kept: ReadonlyMap<string, string> = new Map(),
): Placement {
  const places = new Map<string, Place>();
  const diagnostics: Diagnostic[] = [];
  const known = new Set(vrouters);
  let turn = 0;
  const sorted = workloads
    .map((workload) => ({ workload, key: workloadKey(workload) }))
    .sort((a, b) => byName(a.workload.name, b.workload.name) || byName(a.key, b.key));
  for (const { workload, key } of sorted) {
    if (workload.host !== null) {
      if (!known.has(workload.host)) {
        diagnostics.push(
          fault(
            workload.at,
            'unknown-host',
            `${key} asks for host ${workload.host}, which is no vRouter of this cluster${suggestion(workload.host, vrouters)}`,
          ),
        );
        continue;
      }
      places.set(key, { host: workload.host, placement: 'asked' });
      continue;
    }
    const host = vrouters[turn % Math.max(1, vrouters.length)];
    turn++;
    const before = kept.get(key);
    if (before !== undefined && known.has(before)) places.set(key, { host: before, placement: 'round-robin' });
    else if (host !== undefined) places.set(key, { host, placement: 'round-robin' });
    else {
      diagnostics.push(
        fault(workload.at, 'no-host', `${key} cannot be placed, because this cluster declares no vRouter`),
      );
    }
  }
  return { places, diagnostics };
}
