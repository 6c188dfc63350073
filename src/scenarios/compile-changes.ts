/** Changes of what clusters are configured with: each is derived again, with the numbers and addresses that were handed out. */
import { suggestion } from '../base/nearest.ts';
import type { SourceSpan } from '../base/result.ts';
import { withHost, withoutTarget, withTarget } from '../config/amend.ts';
import { workloadKey } from '../config/derived.ts';
import { mergeIntents } from '../config/merge.ts';
import { parsePrefix } from '../net/prefix.ts';
import { parseRouteTarget, type RouteTarget } from '../net/route-target.ts';
import type { Endpoint } from '../world/directory.ts';
import type { Compile, StepContext } from './compile-context.ts';
import { membersOfController, scaled, withGroupRule, withoutGroupRules, withoutWorkload } from './lower/edits.ts';
import { parseNetworkReference } from './lower/setting.ts';
import { DEFAULT_DOMAIN, statedWorkload } from './lower/stated.ts';
import { parsePortWord } from './ports.ts';

export const CHANGE_VERBS: {
  readonly [V in 'target' | 'instance' | 'create' | 'move' | 'delete' | 'scale' | 'securityGroup']: Compile<V>;
} = {
  target: (given, context) => {
    const text = given.add ?? given.remove!;
    const target = parseRouteTarget(text)!; // the schema has read it
    const at = context.place('target');
    const words = given.add === undefined ? `remove ${text} from ${given.network}` : `add ${text} to ${given.network}`;
    const instance = context.setting.statedInstance(given.network);
    if (instance !== null) {
      const holds = instance.targets.some((held) => sameTarget(held.target, target));
      if (given.add === undefined && !holds)
        return context.wrong(
          context.place('target', 'remove'),
          'unknown-target',
          `${given.network} has no target ${text}`,
        );
      const mark = given.direction ?? 'both';
      const changes = context.setting.changeInstance(given.network, (own) => ({
        ...own,
        targets:
          given.add === undefined
            ? own.targets.filter((held) => !sameTarget(held.target, target))
            : [...own.targets, { target, mark, at }],
      }));
      return { action: { verb: 'instances', changes }, words };
    }
    const reference = parseNetworkReference(given.network, context.setting);
    if (typeof reference === 'string') {
      const near = suggestion(given.network, context.setting.instanceNames());
      const sentence = near === '' ? reference : `there is no network or instance called ${given.network}${near}`;
      return context.wrong(context.place('target', 'network'), 'unknown-network', sentence);
    }
    const network = context.setting.clusters
      .get(reference.cluster)!
      .intent.networks.find((one) => one.name === reference.name);
    if (given.add === undefined && network?.targets.some((held) => sameTarget(held.target, target)) !== true)
      return context.wrong(
        context.place('target', 'remove'),
        'unknown-target',
        `${given.network} has no target ${text}`,
      );
    return context.setting.changed(
      reference.cluster,
      (intent) =>
        given.add === undefined
          ? withoutTarget(intent, reference.name, target)
          : withTarget(intent, reference.name, target, given.direction ?? 'both', at),
      words,
      context,
      at,
    );
  },
  instance: (given, context) => {
    const { setting } = context;
    if (!setting.isStated(given.name)) {
      const near = suggestion(given.name, setting.statedNames());
      return context.wrong(
        context.place('instance', 'name'),
        'unknown-instance',
        `the scenario states no instance ${given.name}${near}`,
      );
    }
    const there = setting.statedInstance(given.name) !== null;
    if (there === (given.created === true)) {
      const sentence = `instance ${given.name} ${there ? 'is there already' : 'is not there by now'}`;
      return context.wrong(context.place('instance', 'name'), 'no-change', sentence);
    }
    return there
      ? {
          action: { verb: 'instances', changes: setting.deleteInstance(given.name) },
          words: `delete instance ${given.name}`,
        }
      : {
          action: { verb: 'instances', changes: setting.createInstance(given.name) },
          words: `create instance ${given.name}`,
        };
  },
  create: (given, context) => {
    const { clusters } = context.setting;
    const known = [...clusters.keys()];
    const cluster = given.cluster ?? (known.length === 1 ? known[0]! : null);
    if (cluster === null)
      return context.wrong(
        context.place('create'),
        'which-cluster',
        `say in which cluster: ${known.join(' or ') || 'there is none'}`,
      );
    if (!clusters.has(cluster)) {
      const sentence = `there is no cluster called ${cluster}${suggestion(cluster, known)}`;
      return context.wrong(context.place('create', 'cluster'), 'unknown-cluster', sentence);
    }
    const made = statedWorkload(cluster, given.name, given, (...path) => context.place('create', ...path));
    for (const { at, code, message } of made.faults) context.wrong(at ?? context.place('create'), code, message);
    if (made.faults.length > 0) return null;
    const there = clusters.get(cluster)!.intent.workloads.map(workloadKey);
    const twice = made.intent.workloads.find((one) => there.includes(workloadKey(one)));
    if (twice !== undefined)
      return context.wrong(context.place('create', 'name'), 'duplicate-name', `${workloadKey(twice)} is there already`);
    const names = made.intent.workloads.map((one) => one.name);
    return context.setting.changed(
      cluster,
      (intent) => mergeIntents(cluster, [intent, made.intent]),
      `create ${names.length === 1 ? names[0] : `${names[0]} to ${names[names.length - 1]}`}`,
      context,
      context.place('create'),
    );
  },
  move: (given, context) => {
    const endpoint = oneWorkload(given.workload, context, context.place('move', 'workload'));
    if (endpoint === null) return null;
    const { vrouters } = context.setting.clusters.get(endpoint.cluster)!.options;
    if (!vrouters.includes(given.to)) {
      const sentence = `cluster ${endpoint.cluster} has no vRouter ${given.to}${suggestion(given.to, vrouters)}`;
      return context.wrong(context.place('move', 'to'), 'unknown-host', sentence);
    }
    return context.setting.changed(
      endpoint.cluster,
      (intent) => withHost(intent, keyOf(endpoint), given.to),
      `move ${endpoint.name} to ${given.to}`,
      context,
      context.place('move', 'to'),
    );
  },
  delete: (given, context) => {
    const endpoint = oneWorkload(given.workload, context, context.place('delete', 'workload'));
    if (endpoint === null) return null;
    return context.setting.changed(
      endpoint.cluster,
      (intent) => {
        const workload = intent.workloads.find((one) => workloadKey(one) === keyOf(endpoint));
        return workload === undefined ? null : withoutWorkload(intent, workload);
      },
      `delete ${endpoint.name}`,
      context,
      context.place('delete'),
    );
  },
  scale: (given, context) => {
    const at = context.place('scale', 'controller');
    const members = context.setting.directory.select(`${given.controller}-*`);
    const stem = given.controller.slice(given.controller.search(/[^/:]*$/));
    if (!/^(vm|pod):/.test(given.controller))
      return context.wrong(
        at,
        'unknown-controller',
        `${given.controller} is no controller of workloads; one is written vm:... or pod:...`,
      );
    if (typeof members === 'string') {
      const sentence = members.includes('name the cluster')
        ? members
        : `${given.controller} has no member: nothing is called ${stem}-1, ${stem}-2 and so on`;
      return context.wrong(at, 'unknown-controller', sentence);
    }
    const first = members[0]!;
    const kind = first.kind === 'vm' ? 'vm' : 'pod';
    return context.setting.changed(
      first.cluster,
      (intent) =>
        membersOfController(intent, kind, first.project, stem).length === 0
          ? null
          : scaled(intent, kind, first.project, stem, given.replicas),
      `scale ${given.controller} to ${given.replicas}`,
      context,
      at,
    );
  },
  securityGroup: (given, context) => {
    const at = context.place('securityGroup', 'name');
    const [cluster, project, name] = given.name.split('/');
    if (cluster === undefined || project === undefined || name === undefined)
      return context.wrong(at, 'unknown-security-group', 'a security group is written cluster/project/name');
    const groups = [...context.setting.clusters].flatMap(([own, { intent }]) =>
      intent.securityGroups.map((one) => [own, ...one.name.split(':').slice(1)].join('/')),
    );
    if (!groups.includes(given.name)) {
      const sentence = `there is no security group ${given.name}${suggestion(given.name, groups)}`;
      return context.wrong(at, 'unknown-security-group', sentence);
    }
    const group = `${DEFAULT_DOMAIN}:${project}:${name}`;
    const removed = given.remove?.port === undefined ? null : parsePortWord(given.remove.port);
    const added = given.add?.port === undefined ? null : parsePortWord(given.add.port);
    const remoteText = given.add?.remote;
    const prefix = remoteText === undefined ? null : parsePrefix(remoteText);
    if (
      remoteText !== undefined &&
      typeof prefix !== 'object' &&
      !groups.includes(`${cluster}/${project}/${remoteText}`)
    ) {
      const near = suggestion(
        remoteText,
        groups
          .filter((one) => one.startsWith(`${cluster}/${project}/`))
          .map((one) => one.slice(one.lastIndexOf('/') + 1)),
      );
      const sentence = `${remoteText} is neither a prefix nor a group of ${project}${near}`;
      return context.wrong(context.place('securityGroup', 'add', 'remote'), 'bad-remote', sentence);
    }
    const remote =
      prefix === null
        ? ({ kind: 'any' } as const)
        : typeof prefix === 'object'
          ? ({ kind: 'prefix', prefix } as const)
          : ({ kind: 'group', name: `${DEFAULT_DOMAIN}:${project}:${remoteText}` } as const);
    return context.setting.changed(
      cluster,
      (intent) => {
        const without = given.remove === undefined ? intent : withoutGroupRules(intent, group, removed);
        return without === null || given.add === undefined ? without : withGroupRule(without, group, added, remote, at);
      },
      `change security group ${given.name}`,
      context,
      at,
    );
  },
};

function oneWorkload(selector: string, context: StepContext, at: SourceSpan): Endpoint | null {
  const found = context.setting.directory.select(selector);
  if (typeof found === 'string') return context.wrong(at, 'no-match', found);
  const [only] = found;
  if (found.length !== 1 || only === undefined || (only.kind !== 'vm' && only.kind !== 'pod')) {
    return context.wrong(
      at,
      'no-match',
      `${selector} means ${found.length} things; one virtual machine or pod is wanted here`,
    );
  }
  return only;
}

function sameTarget(a: RouteTarget, b: RouteTarget): boolean {
  return a.hi === b.hi && a.lo === b.lo;
}

function keyOf(endpoint: Endpoint): string {
  return `${endpoint.kind}:${endpoint.project}/${endpoint.short}`;
}
