/**
 * Changes of an intent while a scenario plays, beside those of config/amend.ts: replicas of a controller, workloads that
 * go, rules of a group. Each gives a new intent.
 */
import type { SourceSpan } from '../../base/result.ts';
import { workloadKey } from '../../config/derived.ts';
import type { ClusterIntent, GroupRemote, Workload } from '../../config/objects.ts';
import { macOfUuid, nameUuid } from '../../config/uuid.ts';
import type { PortWord } from '../ports.ts';

/** Members of a controller: `stem-1`, `stem-2`, ... in a project. */
export function membersOfController(
  intent: ClusterIntent,
  kind: 'vm' | 'pod',
  project: string,
  stem: string,
): readonly Workload[] {
  return intent.workloads.filter(
    (one) => one.kind === kind && one.project === project && numberOf(one.name, stem) !== null,
  );
}

function numberOf(name: string, stem: string): number | null {
  if (!name.startsWith(`${stem}-`)) return null;
  const digits = name.slice(stem.length + 1);
  return /^[1-9]\d*$/.test(digits) ? Number(digits) : null;
}

/**
 * A controller with another number of replicas: surplus members go from the end, new ones are made like the first, stand
 * in its networks and answer for the floating IPs it answers for (OR-1.3.5). Null when there is no member to copy.
 */
export function scaled(
  intent: ClusterIntent,
  kind: 'vm' | 'pod',
  project: string,
  stem: string,
  replicas: number,
): ClusterIntent | null {
  const members = membersOfController(intent, kind, project, stem);
  const model = members[0];
  if (model === undefined) return null;
  const surplus = members.filter((one) => numberOf(one.name, stem)! > replicas);
  let result = intent;
  const present = new Set(members.map((one) => numberOf(one.name, stem)!));
  for (let number = 1; number <= replicas; number++) {
    if (!present.has(number)) result = withCopy(result, model, `${stem}-${number}`);
  }
  // the model may be among those that go
  return surplus.reduce(withoutWorkload, result);
}

export function withoutWorkload(intent: ClusterIntent, workload: Workload): ClusterIntent {
  const gone = new Set(workload.interfaces);
  return {
    ...intent,
    workloads: intent.workloads.filter((one) => workloadKey(one) !== workloadKey(workload)),
    interfaces: intent.interfaces.filter((one) => !gone.has(one.name)),
    floatingIps: intent.floatingIps.flatMap((ip) => {
      const interfaces = ip.interfaces.filter((attachment) => !gone.has(attachment.interface));
      // a floating IP of a service lives only while a pod is selected (OR-1.3.24)
      return interfaces.length === 0 && ip.interfaces.length > 0 && workload.kind === 'pod'
        ? []
        : [{ ...ip, interfaces }];
    }),
  };
}

function withCopy(intent: ClusterIntent, model: Workload, name: string): ClusterIntent {
  const renamed = new Map(model.interfaces.map((face) => [face, face.replace(model.name, name)]));
  const copies = intent.interfaces
    .filter((face) => renamed.has(face.name))
    .map((face) => {
      const own = renamed.get(face.name)!;
      const uuid = nameUuid('interface', intent.cluster, own);
      return {
        ...face,
        name: own,
        uuid,
        mac: macOfUuid(uuid),
        workload: `${model.kind}:${model.project}/${name}`,
        addresses: face.addresses.map((address) => ({ ...address, address: null })),
      };
    });
  const workload: Workload = {
    ...model,
    name,
    uuid: nameUuid('workload', intent.cluster, model.project, name),
    host: null,
    interfaces: model.interfaces.map((face) => renamed.get(face)!),
  };
  return {
    ...intent,
    workloads: [...intent.workloads, workload],
    interfaces: [...intent.interfaces, ...copies],
    floatingIps: intent.floatingIps.map((ip) => ({
      ...ip,
      interfaces: [
        ...ip.interfaces,
        ...ip.interfaces
          .filter((attachment) => renamed.has(attachment.interface))
          .map((attachment) => ({ interface: renamed.get(attachment.interface)!, fixedAddress: null })),
      ],
    })),
  };
}

/** Without the ingress rules that admit a port; null when the group is not there. */
export function withoutGroupRules(intent: ClusterIntent, group: string, port: PortWord | null): ClusterIntent | null {
  if (!intent.securityGroups.some((one) => one.name === group)) return null;
  return {
    ...intent,
    securityGroups: intent.securityGroups.map((one) =>
      one.name === group
        ? {
            ...one,
            rules: one.rules.filter(
              (rule) =>
                rule.direction !== 'ingress' ||
                (port !== null &&
                  (rule.protocol !== port.protocol ||
                    !rule.ports.some(
                      (range) => port.port === null || (range.low <= port.port && port.port <= range.high),
                    ))),
            ),
          }
        : one,
    ),
  };
}

export function withGroupRule(
  intent: ClusterIntent,
  group: string,
  port: PortWord | null,
  remote: GroupRemote,
  at: SourceSpan,
): ClusterIntent | null {
  if (!intent.securityGroups.some((one) => one.name === group)) return null;
  return {
    ...intent,
    securityGroups: intent.securityGroups.map((one) =>
      one.name === group
        ? {
            ...one,
            rules: [
              ...one.rules,
              {
                id: nameUuid('security-group-rule', intent.cluster, group, String(one.rules.length)),
                direction: 'ingress',
                protocol: port?.protocol ?? null,
                ports: port === null || port.port === null ? [] : [{ low: port.port, high: port.port }],
                remote,
                at,
              },
            ],
          }
        : one,
    ),
  };
}
