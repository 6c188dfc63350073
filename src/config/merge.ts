/**
 * One intent from several sources of a cluster: its orchestrators' files and the scenario's own statements. Lists come
 * out in order of name, so that neither the order of imports nor that of files changes what is made of them (OR-6.1.4).
 */
import { formatPrefix } from '../net/prefix.ts';
import { formatRouteTarget } from '../net/route-target.ts';
import { workloadKey } from './derived.ts';
import type { ClusterIntent, NetworkPolicy, SecurityGroup, VirtualNetwork } from './objects.ts';
import { byName } from './order.ts';

export function emptyIntent(cluster: string): ClusterIntent {
  return {
    cluster,
    networks: [],
    policies: [],
    securityGroups: [],
    interfaces: [],
    floatingIps: [],
    workloads: [],
    services: [],
  };
}

/**
 * An object that two sources made alike (same name, same uuid) is one object with the union of their lists; same names
 * with different uuids stay apart, for the checks to report.
 */
export function mergeIntents(cluster: string, intents: readonly ClusterIntent[]): ClusterIntent {
  const named = <T extends { readonly name: string }>(pick: (intent: ClusterIntent) => readonly T[]): T[] =>
    intents.flatMap(pick).sort((a, b) => byName(a.name, b.name));
  return {
    cluster,
    networks: united(
      named((intent) => intent.networks),
      uniteNetworks,
    ),
    policies: united(
      named((intent) => intent.policies),
      unitePolicies,
    ),
    securityGroups: united(
      named((intent) => intent.securityGroups),
      uniteGroups,
    ),
    interfaces: named((intent) => intent.interfaces),
    floatingIps: named((intent) => intent.floatingIps),
    workloads: intents.flatMap((intent) => intent.workloads).sort((a, b) => byName(workloadKey(a), workloadKey(b))),
    services: intents
      .flatMap((intent) => intent.services)
      .sort((a, b) => byName(a.project, b.project) || byName(a.name, b.name)),
  };
}

function united<T extends { readonly name: string; readonly uuid: string }>(
  sorted: readonly T[],
  unite: (a: T, b: T) => T,
): T[] {
  const result: T[] = [];
  const at = new Map<string, number>();
  for (const object of sorted) {
    const key = `${object.name} ${object.uuid}`;
    const before = at.get(key);
    if (before === undefined) {
      at.set(key, result.length);
      result.push(object);
    } else result[before] = unite(result[before]!, object);
  }
  return result;
}

function uniteNetworks(a: VirtualNetwork, b: VirtualNetwork): VirtualNetwork {
  return {
    ...a,
    id: a.id === 0 ? b.id : a.id,
    subnets: union(a.subnets, b.subnets, (subnet) => `${formatPrefix(subnet.prefix)} ${subnet.uuid}`),
    targets: union(a.targets, b.targets, ({ target, mark }) => `${formatRouteTarget(target)} ${mark}`),
    policies: union(a.policies, b.policies, ({ policy }) => policy),
    external: a.external || b.external,
    shared: a.shared || b.shared,
  };
}

function unitePolicies(a: NetworkPolicy, b: NetworkPolicy): NetworkPolicy {
  return { ...a, rules: union(a.rules, b.rules, ({ id }) => id) };
}

function uniteGroups(a: SecurityGroup, b: SecurityGroup): SecurityGroup {
  return { ...a, id: a.id === 0 ? b.id : a.id, rules: union(a.rules, b.rules, ({ id }) => id) };
}

function union<T>(a: readonly T[], b: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const known = new Set(a.map(keyOf));
  const more = b.filter((item) => !known.has(keyOf(item)));
  return more.length === 0 ? a : [...a, ...more].sort((x, y) => byName(keyOf(x), keyOf(y)));
}
