/**
 * Small changes to an intent that a scenario makes: a configured target on a network, a workload pinned to a host or an
 * address. Each gives a new intent, or null when the named thing is not there.
 */
import type { SourceSpan } from '../base/result.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { RouteTarget } from '../net/route-target.ts';
import { workloadKey } from './derived.ts';
import type { ClusterIntent } from './objects.ts';

export function withTarget(
  intent: ClusterIntent,
  network: string,
  target: RouteTarget,
  mark: 'both' | 'import' | 'export',
  at: SourceSpan | null,
): ClusterIntent | null {
  if (!intent.networks.some(({ name }) => name === network)) return null;
  return {
    ...intent,
    networks: intent.networks.map((one) =>
      one.name === network ? { ...one, targets: [...one.targets, { target, mark, at }] } : one,
    ),
  };
}

export function withoutTarget(intent: ClusterIntent, network: string, target: RouteTarget): ClusterIntent | null {
  if (!intent.networks.some(({ name }) => name === network)) return null;
  return {
    ...intent,
    networks: intent.networks.map((one) =>
      one.name === network
        ? {
            ...one,
            targets: one.targets.filter((held) => held.target.hi !== target.hi || held.target.lo !== target.lo),
          }
        : one,
    ),
  };
}

/** `workload` is its key, `kind:project/name`. */
export function withHost(intent: ClusterIntent, workload: string, host: string): ClusterIntent | null {
  if (!intent.workloads.some((one) => workloadKey(one) === workload)) return null;
  return {
    ...intent,
    workloads: intent.workloads.map((one) => (workloadKey(one) === workload ? { ...one, host } : one)),
  };
}

/** Gives the first address of the workload's first interface. */
export function withAddress(
  intent: ClusterIntent,
  workload: string,
  address: Ipv4,
  at: SourceSpan | null,
): ClusterIntent | null {
  const name = intent.workloads.find((one) => workloadKey(one) === workload)?.interfaces[0];
  if (name === undefined) return null;
  return {
    ...intent,
    interfaces: intent.interfaces.map((one) => {
      if (one.name !== name) return one;
      const first = one.addresses[0] ?? { subnet: null };
      return { ...one, addresses: [{ ...first, address, at }, ...one.addresses.slice(1)] };
    }),
  };
}
