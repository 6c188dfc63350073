/**
 * Leaks, conflicts and collisions (design: meanings).
 *
 * A leak: a route stands in an instance whose network neither is the origin network, nor shares a declared target with
 * it, nor is joined to it by a policy of their owner. A conflict: one prefix in one instance has two origins. A collision:
 * two federated clusters hand out the same number for different things (the traps of the seed story).
 */
import { byText } from '../base/order.ts';
import type { SourceSpan } from '../base/result.ts';
import { NO_RULE_GROUP } from '../config/checks.ts';
import type { DerivedCluster, DerivedInstance, DerivedTarget } from '../config/derived.ts';
import { targetRange } from '../config/numbers.ts';
import { formatRouteTarget, routeTargetOf } from '../net/route-target.ts';
import type { Finding } from './finding.ts';

/** Where a path was born: a network of a cluster, or an instance of a gateway. */
export type PathOrigin =
  | { readonly kind: 'network'; readonly cluster: string; readonly instance: string }
  | {
      readonly kind: 'gateway';
      readonly gateway: string;
      readonly instance: string;
      readonly targets: readonly string[];
    };

/** A feasible path that stands in an instance of a control node. */
export interface HeldPath {
  readonly cluster: string;
  readonly instance: string;
  readonly prefix: string;
  readonly origin: PathOrigin;
  /** Its route targets, as text. */
  readonly targets: readonly string[];
  readonly best: boolean;
  /** Of the best path why it is best, of others why they are not. */
  readonly decidedBy: string;
}

interface Known {
  readonly cluster: DerivedCluster;
  readonly instances: ReadonlyMap<string, DerivedInstance>;
}

export function findingsOf(
  clusters: readonly DerivedCluster[],
  federated: readonly (readonly [string, string])[],
  held: readonly HeldPath[],
): Finding[] {
  const known = new Map<string, Known>(
    clusters.map((cluster) => [
      cluster.cluster,
      { cluster, instances: new Map(cluster.instances.map((one) => [one.name, one])) },
    ]),
  );
  return [...leaks(known, held), ...conflicts(known, held), ...collisions(known, federated)];
}

/** `kubernetes/default/leonardo` of an instance or network name. */
export function shortName(cluster: string, name: string): string {
  const parts = name.split(':');
  return `${cluster}/${parts[1] ?? ''}/${parts[2] ?? parts[0]!}`;
}

function originName(origin: PathOrigin): string {
  return origin.kind === 'network'
    ? shortName(origin.cluster, origin.instance)
    : `${origin.gateway}/${origin.instance}`;
}

function leaks(known: ReadonlyMap<string, Known>, held: readonly HeldPath[]): Finding[] {
  const groups = new Map<string, { finding: Omit<Finding, 'sentence' | 'prefixes'>; prefixes: Set<string> }>();
  for (const path of held) {
    const home = known.get(path.cluster);
    const instance = home?.instances.get(path.instance);
    if (home === undefined || instance === undefined || isWanted(known, instance, path)) continue;
    const way = wayIn(known, home, instance, path);
    const place = shortName(path.cluster, path.instance);
    const from = originName(path.origin);
    const key = [from, place, way.link].join('|');
    let group = groups.get(key);
    if (group === undefined) {
      const origin = path.origin.kind === 'network' ? path.origin.cluster : path.origin.gateway;
      group = {
        finding: {
          kind: 'leak',
          target: way.target,
          networks: [from, place],
          clusters: [...new Set([origin, path.cluster])],
          instances: [place],
          link: way.link,
          causes: way.causes,
        },
        prefixes: new Set(),
      };
      groups.set(key, group);
    }
    group.prefixes.add(path.prefix);
  }
  return [...groups.values()].map(({ finding, prefixes }) => {
    const sorted = [...prefixes].sort(byText);
    const [from, place] = finding.networks;
    return {
      ...finding,
      prefixes: sorted,
      sentence: `${someOf(sorted)} of ${from} ${sorted.length === 1 ? 'stands' : 'stand'} in ${place}, which nobody declared; it came by ${finding.link}`,
    };
  });
}

/** The origin network itself, a declared target in common, or a policy between the two. */
function isWanted(known: ReadonlyMap<string, Known>, instance: DerivedInstance, path: HeldPath): boolean {
  const declaredImports = declared(instance, 'import');
  if (path.origin.kind === 'gateway') return path.origin.targets.some((target) => declaredImports.has(target));
  if (path.origin.cluster === path.cluster) {
    if (path.origin.instance === path.instance || instance.connections.includes(path.origin.instance)) return true;
  }
  const origin = known.get(path.origin.cluster)?.instances.get(path.origin.instance);
  if (origin === undefined) return false;
  const exports = declared(origin, 'export');
  return [...declaredImports.keys()].some((target) => exports.has(target));
}

function declared(instance: DerivedInstance, direction: 'import' | 'export'): Map<string, DerivedTarget> {
  return targetsOf(instance, direction, (target) => !target.automatic);
}

function targetsOf(
  instance: DerivedInstance,
  direction: 'import' | 'export',
  which: (target: DerivedTarget) => boolean = () => true,
): Map<string, DerivedTarget> {
  const fitting = instance.targets.filter(
    (target) => (target.mark === 'both' || target.mark === direction) && which(target),
  );
  return new Map(fitting.map((target) => [formatRouteTarget(target.target), target]));
}

interface Way {
  readonly target: string | null;
  readonly link: string;
  readonly causes: readonly SourceSpan[];
}

/** Where the network a path was born in says that it exports a target. */
function configuredTarget(known: ReadonlyMap<string, Known>, path: HeldPath, target: string): SourceSpan | null {
  if (path.origin.kind !== 'network') return null;
  const origin = known.get(path.origin.cluster)?.instances.get(path.origin.instance);
  return origin === undefined ? null : (targetsOf(origin, 'export').get(target)?.at ?? null);
}

/** By which target the path came in: one of the instance's own, or one of an instance it is connected to (CN-1.6.4). */
function wayIn(known: ReadonlyMap<string, Known>, home: Known, instance: DerivedInstance, path: HeldPath): Way {
  const own = targetsOf(instance, 'import');
  for (const target of path.targets) {
    const entry = own.get(target);
    if (entry === undefined) continue;
    return {
      target,
      link: entry.automatic ? `the automatic target ${target}, which both networks were given` : `the target ${target}`,
      causes: entry.at === null ? [] : [entry.at],
    };
  }
  for (const name of instance.connections) {
    const connected = home.instances.get(name);
    if (connected === undefined) continue;
    for (const target of path.targets) {
      const entry = connected.targets.find((one) => one.mark === 'both' && formatRouteTarget(one.target) === target);
      if (entry === undefined) continue;
      return {
        target,
        link: `the target ${target} of ${shortName(path.cluster, name)}, to which a policy connects it`,
        causes: entry.at === null ? [] : [entry.at],
      };
    }
  }
  const { asn } = home.cluster;
  const everywhere = formatRouteTarget(routeTargetOf(asn, targetRange(asn).start - 1)); // CN-1.6/4
  if (path.targets.includes(everywhere)) {
    const cause = configuredTarget(known, path, everywhere);
    const link = `the target ${everywhere}, which every instance of AS ${asn} imports`;
    return { target: everywhere, link, causes: cause === null ? [] : [cause] };
  }
  return { target: null, link: 'no target of its own', causes: [] };
}

function conflicts(known: ReadonlyMap<string, Known>, held: readonly HeldPath[]): Finding[] {
  const groups = new Map<string, HeldPath[]>();
  for (const path of held) {
    if (!known.has(path.cluster) || isAggregate(path.prefix)) continue;
    const key = `${path.cluster}|${path.instance}|${path.prefix}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [path]);
    else group.push(path);
  }
  const findings: Finding[] = [];
  for (const group of groups.values()) {
    const origins = [...new Set(group.map((path) => originName(path.origin)))].sort(byText);
    if (origins.length < 2) continue;
    const { cluster, instance, prefix } = group[0]!;
    const place = shortName(cluster, instance);
    const winner = group.find((path) => path.best);
    const loser = winner && group.find((path) => originName(path.origin) !== originName(winner.origin));
    const link = winner && loser ? `${originName(winner.origin)} wins by ${loser.decidedBy}` : '';
    findings.push({
      kind: 'conflict',
      sentence: `${prefix} has ${origins.length} origins in ${place}: ${origins.join(' and ')}${link === '' ? '' : `; ${link}`}`,
      prefixes: [prefix],
      target: null,
      networks: origins,
      clusters: [
        ...new Set(group.flatMap((path) => (path.origin.kind === 'network' ? [path.origin.cluster] : []))),
      ].sort(byText),
      instances: [place],
      link,
      causes: [],
    });
  }
  return findings;
}

/** Only host routes have one owner; a default route may have many. */
function isAggregate(prefix: string): boolean {
  return !prefix.endsWith('/32');
}

/** Numbers that two federated clusters of one AS both hand out (CN-10.2.1, CN-10.4.2, CN-2.9.6). */
function collisions(known: ReadonlyMap<string, Known>, federated: readonly (readonly [string, string])[]): Finding[] {
  return federated.flatMap(([nameA, nameB]) => {
    const [a, b] = [known.get(nameA)?.cluster, known.get(nameB)?.cluster];
    if (a === undefined || b === undefined || a.asn !== b.asn) return [];
    return KINDS_OF_NUMBERS.flatMap(({ one, many, says, therefore, given, target }) => {
      const [ofA, ofB] = [given(a), given(b)];
      const shared = [...ofA.keys()].filter((number) => ofB.has(number)).sort(byText);
      const first = shared[0];
      if (first === undefined) return [];
      const networks = [shortName(nameA, ofA.get(first)!), shortName(nameB, ofB.get(first)!)];
      const [what, verb] = shared.length === 1 ? [one, says[0]] : [many, says[1]];
      return [
        {
          kind: 'collision',
          sentence: `${shared.length} ${what} ${verb} of AS ${a.asn}: ${first} is ${networks.join(' and ')}${therefore}`,
          prefixes: [],
          target: target ? first : null,
          networks,
          clusters: [nameA, nameB],
          instances: [],
          link: `both clusters have AS ${a.asn}`,
          causes: [],
        } as const,
      ];
    });
  });
}

/** Each number by its text, with whom its cluster gave it to. */
const KINDS_OF_NUMBERS: readonly {
  readonly one: string;
  readonly many: string;
  readonly says: readonly [singular: string, plural: string];
  readonly therefore: string;
  readonly given: (cluster: DerivedCluster) => ReadonlyMap<string, string>;
  readonly target: boolean;
}[] = [
  {
    one: 'automatic route target',
    many: 'automatic route targets',
    says: ['is handed out by both clusters', 'are handed out by both clusters'],
    therefore: '',
    given: automatic,
    target: true,
  },
  {
    one: 'network id',
    many: 'network ids',
    says: ['means different networks in the two clusters', 'mean different networks in the two clusters'],
    therefore: ', so policies match under a wrong name',
    given: (cluster) =>
      new Map(cluster.networks.flatMap(({ system, id, name }) => (system ? [] : [[String(id), name] as const]))),
    target: false,
  },
  {
    one: 'security group id',
    many: 'security group ids',
    says: ['means different groups in the two clusters', 'mean different groups in the two clusters'],
    therefore: ', so rules admit members of a stranger',
    // the group without rules is of every cluster and means the same in each
    given: (cluster) =>
      new Map(
        cluster.securityGroups.flatMap(({ id, name }) => (name === NO_RULE_GROUP ? [] : [[String(id), name] as const])),
      ),
    target: false,
  },
];

function automatic(cluster: DerivedCluster): ReadonlyMap<string, string> {
  const system = new Set(cluster.networks.filter((network) => network.system).map((network) => network.instance));
  return new Map(
    cluster.instances
      .filter((instance) => !system.has(instance.name))
      .flatMap((instance) =>
        instance.targets
          .filter((target) => target.automatic)
          .map((target) => [formatRouteTarget(target.target), instance.name] as const),
      ),
  );
}

function someOf(prefixes: readonly string[]): string {
  return prefixes.length <= 3
    ? prefixes.join(', ')
    : `${prefixes.slice(0, 3).join(', ')} and ${prefixes.length - 3} more`;
}
