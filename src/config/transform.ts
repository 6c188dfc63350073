/**
 * The schema transformer: intent of a cluster in, routing instances, route targets, access lists, addresses and places
 * out (OR-5.5). Given the result of an earlier run it keeps every number, address and place that was handed out.
 *
 * Left out, and in the ledger: service chains, logical routers, bgpvpn, tags, dynamic access lists.
 */
import { type Diagnostic, failed, fault, type Parsed, parsed } from '../base/result.ts';
import { formatRouteTarget, routeTargetOf } from '../net/route-target.ts';
import { EVERY_NETWORK, evaluatePolicies, groupLists } from './access-lists.ts';
import { type Allocation, allocate } from './allocate.ts';
import { checkIntent, isReserved, NO_RULE_GROUP } from './checks.ts';
import {
  type DerivedCluster,
  type DerivedFloatingIp,
  type DerivedInstance,
  type DerivedInterface,
  type DerivedNetwork,
  type DerivedSecurityGroup,
  type DerivedService,
  type DerivedTarget,
  type DerivedWorkload,
  instanceNameOf,
  workloadKey,
} from './derived.ts';
import { FIRST_GROUP_ID, FIRST_NETWORK_ID, giveNumbers, targetRange } from './numbers.ts';
import type { ClusterIntent, NetworkPolicy, VirtualNetwork } from './objects.ts';
import { placeWorkloads } from './place.ts';
import { nameUuid } from './uuid.ts';

export interface TransformOptions {
  /** The cluster's AS number, global to it. */
  readonly asn: number;
  /** vRouters in declared order: the order of round robin. */
  readonly vrouters: readonly string[];
  /** Closing part of access lists: any-any pass (true, the default) or any-any deny (OR-5.5.21). */
  readonly logicalRoutersEnabled?: boolean;
  /** Where automatic targets start, when someone has set them apart by hand. */
  readonly firstTarget?: number;
  /** Automatic target numbers pinned by name of the instance. */
  readonly targetNumbers?: ReadonlyMap<string, number>;
  /** An earlier result of the same cluster, whose numbers, addresses and places stay. */
  readonly keep?: DerivedCluster | null;
}

const SYSTEM_PROJECT = 'default-domain:default-project';
export const IP_FABRIC = `${SYSTEM_PROJECT}:ip-fabric`;
export const LINK_LOCAL = `${SYSTEM_PROJECT}:__link_local__`;

/** Networks of every cluster (OR-5.4), in the order the API server makes them. */
export const SYSTEM_NETWORKS: readonly string[] = [
  IP_FABRIC,
  LINK_LOCAL,
  `${SYSTEM_PROJECT}:dci-network`,
  `${SYSTEM_PROJECT}:default-virtual-network`,
];

/** Instances without an automatic target (OR-5.5.2). */
const WITHOUT_TARGET = [`${IP_FABRIC}:__default__`, `${LINK_LOCAL}:__link_local__`];

export function transform(
  clusters: readonly { readonly intent: ClusterIntent; readonly options: TransformOptions }[],
): Parsed<readonly DerivedCluster[]> {
  const results: DerivedCluster[] = [];
  const remarks: Diagnostic[] = [];
  const faults: Diagnostic[] = [];
  for (const { intent, options } of clusters) {
    const result = transformCluster(intent, options);
    if (result.ok) {
      results.push(result.value);
      remarks.push(...result.remarks);
    } else faults.push(...result.faults);
  }
  if (faults.length > 0) return failed(faults);
  return parsed(results, [...remarks, ...foreignAutomaticTargets(results)]);
}

export function transformCluster(intent: ClusterIntent, options: TransformOptions): Parsed<DerivedCluster> {
  const { asn } = options;
  const keep = options.keep ?? null;
  const diagnostics: Diagnostic[] = [...checkIntent(intent, asn, new Set(SYSTEM_NETWORKS))];

  const groups = [noRuleGroup(), ...intent.securityGroups.filter(({ name }) => name !== NO_RULE_GROUP)];
  const networkIds = giveNumbers(
    [...SYSTEM_NETWORKS, ...intent.networks.map(({ name }) => name)],
    FIRST_NETWORK_ID,
    fixedNumbers(intent.networks, keep?.networks),
  );
  const groupIds = giveNumbers(
    groups.map(({ name }) => name),
    FIRST_GROUP_ID,
    fixedNumbers(groups, keep?.securityGroups),
  );

  const securityGroups = groups.map((group): DerivedSecurityGroup => {
    const lists = groupLists(
      group,
      (name) => groupIds.get(name) ?? null,
      (rule) => {
        diagnostics.push(
          fault(
            rule.at ?? group.at,
            'unknown-security-group',
            `a rule of security group ${group.name} names a remote group that does not exist`,
          ),
        );
      },
    );
    return { name: group.name, id: groupIds.get(group.name)!, ...lists, at: group.at };
  });

  const { networks, instances } = deriveNetworks(intent, options, networkIds);
  const allocation = allocate(intent.networks, intent.interfaces, intent.floatingIps, {
    interfaces: new Map(keep?.interfaces.map(({ name, addresses }) => [name, addresses])),
    floatingIps: new Map(keep?.floatingIps.map(({ name, address }) => [name, address])),
  });
  diagnostics.push(...allocation.diagnostics);
  const placement = placeWorkloads(
    intent.workloads,
    options.vrouters,
    new Map(keep?.workloads.map(({ key, host }) => [key, host])),
  );
  diagnostics.push(...placement.diagnostics);

  const owners = new Map<string, string>();
  for (const workload of intent.workloads) {
    for (const name of workload.interfaces) owners.set(name, workloadKey(workload));
  }
  const interfaces = intent.interfaces.map(
    (one): DerivedInterface => ({
      name: one.name,
      uuid: one.uuid,
      network: one.network,
      mac: one.mac,
      addresses: allocation.interfaces.get(one.name) ?? [],
      mode: one.mode,
      securityGroups: one.securityGroups,
      portSecurity: one.portSecurity,
      policyEnabled: one.policyEnabled,
      workload: owners.get(one.name) ?? null,
      at: one.at,
    }),
  );
  const floatingIps = deriveFloatingIps(intent, allocation, diagnostics);

  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return failed(errors);

  const workloads = intent.workloads.map((workload): DerivedWorkload => {
    const key = workloadKey(workload);
    const { host, placement: how } = placement.places.get(key)!; // without a place there was a fault above
    const { kind, name, project, uuid, interfaces: names, labels, at } = workload;
    return { key, kind, name, project, uuid, host, placement: how, interfaces: names, labels, at };
  });
  const addressOf = new Map(floatingIps.map(({ name, address }) => [name, address]));
  const services = intent.services.map((service): DerivedService => {
    const cluster = service.clusterFloatingIp == null ? undefined : addressOf.get(service.clusterFloatingIp);
    const external = service.publicFloatingIp == null ? undefined : addressOf.get(service.publicFloatingIp);
    const { name, project, network, ports, at } = service;
    return {
      name,
      project,
      network,
      clusterIp: cluster ?? (service.clusterFloatingIp === undefined ? service.clusterIp : null),
      externalIps:
        external === undefined ? (service.publicFloatingIp === undefined ? service.externalIps : []) : [external],
      ports,
      at,
    };
  });
  return parsed(
    { cluster: intent.cluster, asn, networks, instances, securityGroups, interfaces, floatingIps, workloads, services },
    diagnostics,
  );
}

function deriveNetworks(
  intent: ClusterIntent,
  options: TransformOptions,
  ids: ReadonlyMap<string, number>,
): { readonly networks: readonly DerivedNetwork[]; readonly instances: readonly DerivedInstance[] } {
  const logicalRoutersEnabled = options.logicalRoutersEnabled ?? true;
  const all: readonly VirtualNetwork[] = [...SYSTEM_NETWORKS.map(systemNetwork), ...intent.networks];
  const policies = new Map(intent.policies.map((policy) => [policy.name, policy]));
  const outcomes = new Map(
    all.map((network) => {
      const subject = {
        name: network.name,
        policies: policiesInSequence(network, policies),
        provider: network.name === IP_FABRIC,
      };
      return [network.name, evaluatePolicies(subject, logicalRoutersEnabled)];
    }),
  );
  const connected = joinedByBoth(
    all.map(({ name }) => name),
    new Map([...outcomes].map(([name, { connections }]) => [name, connections])),
  );

  const system = new Set(SYSTEM_NETWORKS);
  const networks = all.map(
    (network): DerivedNetwork => ({
      name: network.name,
      uuid: network.uuid,
      id: ids.get(network.name)!,
      system: system.has(network.name),
      instance: instanceNameOf(network.name),
      subnets: network.subnets,
      accessList: outcomes.get(network.name)!.accessList,
      external: network.external,
      at: network.at,
    }),
  );

  const names = networks.map(({ instance }) => instance).filter((name) => !WITHOUT_TARGET.includes(name));
  const numbers = giveNumbers(names, options.firstTarget ?? targetRange(options.asn).start, fixedTargets(options));
  const instances = all.map((network): DerivedInstance => {
    const name = instanceNameOf(network.name);
    const number = numbers.get(name);
    const automatic: DerivedTarget[] =
      number === undefined
        ? []
        : [{ target: routeTargetOf(options.asn, number), mark: 'both', automatic: true, at: null }];
    return {
      name,
      network: network.name,
      targets: [...automatic, ...userTargets(network)],
      connections: (connected.get(network.name) ?? []).map(instanceNameOf),
    };
  });
  const fabric: DerivedInstance = { name: WITHOUT_TARGET[0]!, network: IP_FABRIC, targets: [], connections: [] };
  return { networks, instances: [fabric, ...instances] };
}

/** An attached policy that does not exist is skipped (OR-5.5.22); the checks report it. */
function policiesInSequence(network: VirtualNetwork, known: ReadonlyMap<string, NetworkPolicy>): NetworkPolicy[] {
  return network.policies
    .map((reference, index) => ({ reference, index }))
    .sort((a, b) => a.reference.major - b.reference.major || a.reference.minor - b.reference.minor || a.index - b.index)
    .flatMap(({ reference }) => known.get(reference.policy) ?? []);
}

/** Networks that name each other, each list sorted (OR-5.5.12, OR-5.5.13). */
function joinedByBoth(
  names: readonly string[],
  connections: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyMap<string, readonly string[]> {
  const byProject = new Map<string, string[]>();
  const namedBy = new Map<string, string[]>();
  for (const name of names) {
    push(byProject, projectOf(name), name);
    for (const other of connections.get(name) ?? []) push(namedBy, other, name);
  }
  const wanted = new Map<string, Set<string>>();
  for (const name of names) {
    const own = connections.get(name) ?? new Set<string>();
    const expanded = new Set([...own].filter((other) => other !== EVERY_NETWORK));
    if (own.has(EVERY_NETWORK)) {
      for (const other of byProject.get(projectOf(name)) ?? []) if (other !== name) expanded.add(other);
      for (const other of namedBy.get(name) ?? []) expanded.add(other);
    }
    wanted.set(name, expanded);
  }
  return new Map(
    names.map((name) => [name, [...wanted.get(name)!].filter((other) => wanted.get(other)?.has(name)).sort()]),
  );
}

/** The three lists of a network on its instance; import and export of one target make it both ways (OR-5.5.3). */
function userTargets(network: VirtualNetwork): DerivedTarget[] {
  const merged = new Map<string, DerivedTarget>();
  for (const { target, mark, at } of network.targets) {
    const key = formatRouteTarget(target);
    const before = merged.get(key);
    merged.set(key, {
      target,
      mark: before === undefined || before.mark === mark ? mark : 'both',
      automatic: false,
      at: before?.at ?? at,
    });
  }
  return [...merged.values()];
}

/** Numbers stay when the AS changes within one width, and are given anew when the width changes (OR-5.5.5). */
function fixedTargets(options: TransformOptions): ReadonlyMap<string, number> {
  const fixed = new Map<string, number>();
  const keep = options.keep;
  if (keep != null && keep.asn > 0xffff === options.asn > 0xffff) {
    for (const { name, targets } of keep.instances) {
      const own = targets.find(({ automatic }) => automatic);
      if (own !== undefined) fixed.set(name, options.asn > 0xffff ? own.target.lo & 0xffff : own.target.lo);
    }
  }
  for (const [name, number] of options.targetNumbers ?? []) fixed.set(name, number);
  return fixed;
}

function fixedNumbers(
  objects: readonly { readonly name: string; readonly id: number }[],
  kept: readonly { readonly name: string; readonly id: number }[] | undefined,
): ReadonlyMap<string, number> {
  const fixed = new Map(kept?.map(({ name, id }) => [name, id]));
  for (const { name, id } of objects) if (id !== 0) fixed.set(name, id);
  return fixed;
}

function deriveFloatingIps(
  intent: ClusterIntent,
  allocation: Allocation,
  diagnostics: Diagnostic[],
): DerivedFloatingIp[] {
  const derived: DerivedFloatingIp[] = [];
  for (const one of intent.floatingIps) {
    const address = allocation.floatingIps.get(one.name);
    if (address === undefined) continue; // a fault of the allocation says why
    const interfaces: DerivedFloatingIp['interfaces'][number][] = [];
    for (const { interface: name, fixedAddress } of one.interfaces) {
      const own = allocation.interfaces.get(name) ?? [];
      if (fixedAddress === null && own.length > 1) {
        diagnostics.push(
          fault(
            one.at,
            'ambiguous-fixed-address',
            `floating IP ${one.name} must say which address of interface ${name} it stands for, because that has ${own.length}`,
          ),
        );
        continue;
      }
      const fixed = fixedAddress ?? own[0];
      if (fixed !== undefined) interfaces.push({ interface: name, fixedAddress: fixed });
    }
    const { name, uuid, network, direction, portMappings, at } = one;
    derived.push({
      name,
      uuid,
      address: address,
      network,
      direction,
      portMappings,
      interfaces,
      at,
    });
  }
  return derived;
}

/**
 * A configured target that another cluster keeps for its automatic ones is legal for the API of this cluster and joins
 * strangers after federation (seed story: validate across clusters).
 */
function foreignAutomaticTargets(clusters: readonly DerivedCluster[]): Diagnostic[] {
  const remarks: Diagnostic[] = [];
  for (const cluster of clusters) {
    for (const instance of cluster.instances) {
      for (const { target, automatic, at } of instance.targets) {
        if (automatic) continue;
        for (const other of clusters) {
          if (other === cluster || other.asn === cluster.asn || !isReserved(target, other.asn)) continue;
          remarks.push({
            severity: 'warning',
            code: 'foreign-automatic-target',
            at,
            message: `${formatRouteTarget(target)} of network ${instance.network} lies where cluster ${other.cluster} takes its automatic route targets from`,
          });
        }
      }
    }
  }
  return remarks;
}

function systemNetwork(name: string): VirtualNetwork {
  return {
    name,
    uuid: nameUuid('system', 'network', name),
    id: 0,
    subnets: [],
    targets: [],
    policies: [],
    external: false,
    shared: false,
    at: null,
  };
}

function noRuleGroup(): ClusterIntent['securityGroups'][number] {
  return { name: NO_RULE_GROUP, uuid: nameUuid('system', 'security-group', NO_RULE_GROUP), id: 0, rules: [], at: null };
}

function projectOf(name: string): string {
  return name.slice(0, name.lastIndexOf(':'));
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
