/** Networks, workloads, groups and policies that the scenario itself states, as configuration objects of a cluster. */

import { suggestion } from '../../base/nearest.ts';
import { type Diagnostic, fault, type SourceSpan } from '../../base/result.ts';
import { emptyIntent } from '../../config/merge.ts';
import type {
  ClusterIntent, GroupRemote, Interface, NetworkPolicy, PolicyAddress, SecurityGroup, SecurityGroupRule, Subnet,
  VirtualNetwork, Workload,
} from '../../config/objects.ts'; // biome-ignore format: a list of names
import { macOfUuid, nameUuid } from '../../config/uuid.ts';
import { type Ipv4, ipv4, parseIpv4 } from '../../net/ipv4.ts';
import { lastAddress, parsePrefix } from '../../net/prefix.ts';
import { parseRouteTarget } from '../../net/route-target.ts';
import type { PortRange } from '../../policy/access-list.ts';
import { type LoadedScenario, placeOfPart } from '../load.ts';
import { parsePortWord } from '../ports.ts';
import type { ScenarioCluster, ScenarioWorkload } from '../schema/scenario.ts';

export const DEFAULT_DOMAIN = 'default-domain';
export const DEFAULT_PROJECT = 'default';

export function fullName(project: string, name: string): string {
  return `${DEFAULT_DOMAIN}:${project}:${name}`;
}

/** `name` in `project`, or `project/name`. */
function referredName(text: string, project: string): string {
  const slash = text.indexOf('/');
  return slash < 0 ? fullName(project, text) : fullName(text.slice(0, slash), text.slice(slash + 1));
}

export interface StatedObjects {
  readonly intent: ClusterIntent;
  readonly faults: readonly Diagnostic[];
}

export function statedObjects(loaded: LoadedScenario, cluster: string, stated: ScenarioCluster): StatedObjects {
  const faults: Diagnostic[] = [];
  const place = (...path: PropertyKey[]) => placeOfPart(loaded, ['clusters', cluster, ...path]);

  const networks = Object.entries(stated.networks ?? {}).map(([name, network]): VirtualNetwork => {
    const project = network.project ?? DEFAULT_PROJECT;
    const full = fullName(project, name);
    const texts = Array.isArray(network.subnet) ? network.subnet : [network.subnet];
    const targets = (['routeTargets', 'importTargets', 'exportTargets'] as const).flatMap((key) =>
      (network[key] ?? []).flatMap((text, index) => {
        const target = parseRouteTarget(text);
        const mark = key === 'routeTargets' ? 'both' : key === 'importTargets' ? 'import' : 'export';
        return target === null ? [] : [{ target, mark, at: place('networks', name, key, index) } as const];
      }),
    );
    return {
      name: full,
      uuid: network.uuid ?? nameUuid('network', cluster, full),
      at: place('networks', name),
      id: network.id ?? 0,
      subnets: texts.flatMap((text, index) =>
        subnetOf(text, cluster, full, index, () => place('networks', name, 'subnet')),
      ),
      targets,
      policies: (network.policies ?? []).map((policy, index) => ({
        policy: referredName(policy, project),
        major: index,
        minor: 0,
        at: place('networks', name, 'policies', index),
      })),
      external: network.external ?? false,
      shared: network.shared ?? false,
    };
  });

  const made = Object.entries(stated.workloads ?? {}).map(([name, workload]) =>
    statedWorkload(cluster, name, workload, (...path) => place('workloads', name, ...path)),
  );
  faults.push(...made.flatMap((one) => one.faults));

  const securityGroups = Object.entries(stated.securityGroups ?? {}).map(([name, group]): SecurityGroup => {
    const project = group.project ?? DEFAULT_PROJECT;
    const full = fullName(project, name);
    return {
      name: full,
      uuid: nameUuid('security-group', cluster, full),
      at: place('securityGroups', name),
      id: 0,
      rules: [
        ...group.rules.map((rule, index): SecurityGroupRule => {
          const at = place('securityGroups', name, 'rules', index);
          const { protocol, ports } = protocolAndPorts(rule.port);
          return {
            id: nameUuid('security-group-rule', cluster, full, String(index)),
            direction: rule.direction ?? 'ingress',
            protocol,
            ports,
            remote: groupRemote(rule.remote, project),
            at,
          };
        }),
        ...(group.rules.some((rule) => rule.direction === 'egress')
          ? []
          : [
              {
                id: nameUuid('security-group-rule', cluster, full, 'egress'),
                direction: 'egress',
                protocol: null,
                ports: [],
                remote: { kind: 'any' },
                at: place('securityGroups', name),
              } as const,
            ]),
      ],
    };
  });

  const known = networks.map((network) => network.name);
  const policies = Object.entries(stated.policies ?? {}).map(([name, policy]): NetworkPolicy => {
    const project = policy.project ?? DEFAULT_PROJECT;
    const full = fullName(project, name);
    return {
      name: full,
      uuid: nameUuid('network-policy', cluster, full),
      at: place('policies', name),
      rules: policy.rules.map((rule, index) => {
        const { protocol, ports } = protocolAndPorts(rule.port);
        return {
          id: nameUuid('policy-rule', cluster, full, String(index)),
          source: policyAddress(rule.from, project),
          destination: policyAddress(rule.to, project),
          protocol,
          sourcePorts: [],
          destinationPorts: ports,
          direction: rule.direction ?? '<>',
          action: rule.action ?? 'pass',
          at: place('policies', name, 'rules', index),
        };
      }),
    };
  });
  for (const policy of policies) {
    for (const [index, rule] of policy.rules.entries()) {
      for (const [key, end] of [
        ['from', rule.source],
        ['to', rule.destination],
      ] as const) {
        if (end.kind !== 'network' || known.includes(end.name) || (stated.import ?? []).length > 0) continue;
        const short = policy.name.slice(policy.name.lastIndexOf(':') + 1);
        faults.push(
          fault(
            place('policies', short, 'rules', index, key),
            'unknown-network',
            `there is no network ${end.name}${suggestion(end.name, known)}`,
          ),
        );
      }
    }
  }

  return {
    intent: {
      ...emptyIntent(cluster),
      networks,
      policies,
      securityGroups,
      interfaces: made.flatMap((one) => one.intent.interfaces),
      workloads: made.flatMap((one) => one.intent.workloads),
    },
    faults,
  };
}

/** A workload, or as many as it counts, each with an interface of its own. */
export function statedWorkload(
  cluster: string,
  name: string,
  workload: ScenarioWorkload,
  place: (...path: PropertyKey[]) => SourceSpan,
): StatedObjects {
  const project = workload.project ?? DEFAULT_PROJECT;
  const kind = workload.kind ?? 'vm';
  const at = place();
  const names =
    workload.count === undefined ? [name] : Array.from({ length: workload.count }, (_, i) => `${name}-${i + 1}`);
  const address = workload.address === undefined || names.length > 1 ? null : parseIpv4(workload.address);
  const interfaces = names.map((own): Interface => {
    const port = fullName(project, `${own}-port`);
    const uuid = nameUuid('interface', cluster, port);
    return {
      name: port,
      uuid,
      at,
      network: referredName(workload.network, project),
      mac: macOfUuid(uuid),
      addresses: [{ address, subnet: null, at: workload.address === undefined ? at : place('address') }],
      mode: 'active-standby',
      securityGroups: (workload.securityGroups ?? []).map((group) => referredName(group, project)),
      portSecurity: (workload.securityGroups ?? []).length > 0,
      policyEnabled: true,
      workload: `${kind}:${project}/${own}`,
    };
  });
  const workloads = names.map(
    (own, index): Workload => ({
      kind,
      name: own,
      project,
      uuid: nameUuid('workload', cluster, project, own),
      host: workload.host ?? null,
      interfaces: [interfaces[index]!.name],
      labels: {},
      at,
    }),
  );
  const many = `one address cannot serve ${names.length} workloads; leave out address or count`;
  const faults =
    workload.address !== undefined && names.length > 1 ? [fault(place('address'), 'one-address-for-many', many)] : [];
  return { intent: { ...emptyIntent(cluster), interfaces, workloads }, faults };
}

type SubnetWord =
  | string
  | {
      readonly cidr: string;
      readonly gateway?: string | undefined;
      readonly dns?: string | undefined;
      readonly from?: 'start' | 'end' | undefined;
      readonly id?: string | undefined;
    };

/** A stated subnet behaves as a Neutron one unless it says `from: end` (OR-6.3). */
function subnetOf(word: SubnetWord, cluster: string, network: string, index: number, at: () => Subnet['at']): Subnet[] {
  const said = typeof word === 'string' ? { cidr: word } : word;
  const prefix = parsePrefix(said.cidr);
  if (typeof prefix !== 'object') return [];
  const fromEnd = 'from' in said && said.from === 'end';
  const edge = (step: number): Ipv4 => ipv4(fromEnd ? lastAddress(prefix) - step : prefix.address + step);
  const gateway = 'gateway' in said && said.gateway !== undefined ? parseIpv4(said.gateway) : edge(1);
  const dns = 'dns' in said && said.dns !== undefined ? parseIpv4(said.dns) : edge(2);
  return [
    {
      prefix,
      gateway: gateway ?? edge(1),
      dns: dns ?? edge(2),
      order: fromEnd ? 'descending' : 'ascending',
      pools: [],
      uuid: ('id' in said ? said.id : undefined) ?? nameUuid('subnet', cluster, network, String(index)),
      at: at(),
    },
  ];
}

export function protocolAndPorts(text: string | undefined): {
  readonly protocol: number | null;
  readonly ports: readonly PortRange[];
} {
  const word = text === undefined ? null : parsePortWord(text);
  if (word === null) return { protocol: null, ports: [] };
  return { protocol: word.protocol, ports: word.port === null ? [] : [{ low: word.port, high: word.port }] };
}

function groupRemote(text: string | undefined, project: string): GroupRemote {
  if (text === undefined || text === 'any') return { kind: 'any' };
  const prefix = parsePrefix(text);
  if (typeof prefix === 'object') return { kind: 'prefix', prefix };
  return { kind: 'group', name: referredName(text, project) };
}

function policyAddress(text: string, project: string): PolicyAddress {
  if (text === 'any' || text === 'local') return { kind: text };
  const prefix = parsePrefix(text);
  return typeof prefix === 'object'
    ? { kind: 'subnet', prefix }
    : { kind: 'network', name: referredName(text, project) };
}
