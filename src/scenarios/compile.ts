/**
 * Steps as written to steps that can be played: names become nodes and endpoints, changes of intent become derived
 * configuration, series become prefixes. Everything that can be wrong is found here, before anything is played.
 */
import { fromHex } from '../base/bytes.ts';
import { suggestion } from '../base/nearest.ts';
import { byText } from '../base/order.ts';
import { type Diagnostic, fault, type SourceSpan } from '../base/result.ts';
import { seconds, type VirtualUs } from '../base/time.ts';
import { withHost, withoutTarget, withTarget } from '../config/amend.ts';
import { workloadKey } from '../config/derived.ts';
import { ipv4, parseIpv4 } from '../net/ipv4.ts';
import { formatPrefix, type Ipv4Prefix, parsePrefix } from '../net/prefix.ts';
import { parseRouteTarget } from '../net/route-target.ts';
import type { FamilyName } from '../route/family.ts';
import type { Endpoint } from '../world/directory.ts';
import type { Action, Announcement, CompiledStep, PublishedItem } from './action.ts';
import { compileExpectations } from './compile-claims.ts';
import { knownNodes, type StepContext } from './compile-context.ts';
import { inOrder } from './fault-order.ts';
import { type LoadedScenario, placeOfPart } from './load.ts';
import { membersOfController, scaled, withGroupRule, withoutGroupRules, withoutWorkload } from './lower/edits.ts';
import { durationOf } from './lower/protocol.ts';
import { parseNetworkReference, type Setting } from './lower/setting.ts';
import { DEFAULT_DOMAIN } from './lower/stated.ts';
import { parsePortWord } from './ports.ts';
import type { Scenario } from './schema/scenario.ts';
import { type PlainStep, VERBS } from './schema/steps.ts';

export const SETTLE_LIMIT = seconds(600);

export interface CompiledScenario {
  readonly steps: readonly CompiledStep[];
  readonly faults: readonly Diagnostic[];
}

type Verb = Exclude<keyof PlainStep, 'after' | 'at' | 'name'>;
type Given<V extends Verb> = NonNullable<PlainStep[V]>;

type Compile<V extends Verb> = (
  given: Given<V>,
  context: StepContext,
) => { readonly action: Action; readonly words: string } | null;

export function compileScenario(loaded: LoadedScenario, setting: Setting): CompiledScenario {
  const faults: Diagnostic[] = [];
  const steps: CompiledStep[] = [];
  const checkpoints = new Set<string>();
  const cuts = new Set<string>();
  const vrfIds = new Map<string, Map<string, number>>();
  for (const { step, path } of unrolled(loaded.scenario)) {
    const context: StepContext = {
      setting,
      checkpoints,
      cuts,
      vrfIds,
      timed: step.after !== undefined || step.at !== undefined,
      place: (...rest) => placeOfPart(loaded, [...path, ...rest]),
      wrong: (at, code, message) => {
        faults.push(fault(at, code, message));
        return null;
      },
    };
    const verb = VERBS.find((word) => (step as Record<string, unknown>)[word] !== undefined) as Verb; // the schema has seen to exactly one
    const compile = COMPILERS[verb] as Compile<Verb>; // the table pairs each verb with its own argument
    const compiled = compile(step[verb] as Given<Verb>, context);
    if (compiled === null) continue;
    steps.push({
      number: steps.length + 1,
      title: step.name ?? compiled.words,
      at: context.place(),
      after: step.after === undefined ? null : durationOf(step.after, 0 as VirtualUs),
      instant: step.at === undefined ? null : durationOf(step.at, 0 as VirtualUs),
      action: compiled.action,
      directory: setting.directory,
    });
  }
  return { steps, faults: inOrder(faults) };
}

function unrolled(scenario: Scenario): { readonly step: PlainStep; readonly path: readonly PropertyKey[] }[] {
  return scenario.steps.flatMap((entry, index) => {
    if (!('repeat' in entry)) return [{ step: entry as PlainStep, path: ['steps', index] }]; // the other member of the union
    const { times, steps } = entry.repeat;
    const round = steps.map((step, inner) => ({
      step: step as PlainStep,
      path: ['steps', index, 'repeat', 'steps', inner],
    }));
    return Array.from({ length: times }, () => round).flat();
  });
}

const COMPILERS: { readonly [V in Verb]: Compile<V> } = {
  start: (given, context) => {
    const { nodes, asleep } = context.setting;
    if (given === 'all')
      return power(
        'start',
        nodes.filter((node) => !asleep.includes(node)),
        'start all',
      );
    return onNodes('start', given.node, context);
  },
  stop: (given, context) => onNodes('stop', given.node, context),
  crash: (given, context) => onNodes('crash', given.node, context),
  cut: (given, context) => cutting('cut', given, context),
  heal: (given, context) => cutting('heal', given, context),
  clear: (given, context) => {
    if (!knownNodes(given.session, context, context.place('clear', 'session'))) return null;
    return {
      action: { verb: 'clear', between: given.session },
      words: `clear the session of ${given.session.join(' and ')}`,
    };
  },
  settle: (given) => {
    const limit = durationOf(given.limit, SETTLE_LIMIT);
    return { action: { verb: 'settle', limit }, words: 'settle' };
  },
  expect: (given, context) => {
    const claims = compileExpectations(given, context);
    return claims === null ? null : { action: { verb: 'expect', claims }, words: 'expect' };
  },
  checkpoint: (given, context) => {
    context.checkpoints.add(given);
    return { action: { verb: 'checkpoint', name: given }, words: `checkpoint ${given}` };
  },
  subscribe: (given, context) => {
    const agents = agentsOf(given.agent, context, 'subscribe');
    const raw = given.raw ?? false;
    if (agents === null || !knownInstance(given.instance, raw, context, 'subscribe')) return null;
    return {
      action: {
        verb: 'subscribe',
        agents,
        instance: given.instance,
        ids: agents.map((agent) => given.id ?? vrfIdOf(context.vrfIds, agent, given.instance)),
        noRibOut: given.noRibOut ?? false,
        raw,
      },
      words: `${agents.join(', ')} subscribe${agents.length === 1 ? 's' : ''} to ${given.instance}`,
    };
  },
  unsubscribe: (given, context) => {
    const agents = agentsOf(given.agent, context, 'unsubscribe');
    const raw = given.raw ?? false;
    if (agents === null || !knownInstance(given.instance, raw, context, 'unsubscribe')) return null;
    return {
      action: { verb: 'unsubscribe', agents, instance: given.instance, raw },
      words: `${agents.join(', ')} unsubscribe${agents.length === 1 ? 's' : ''} from ${given.instance}`,
    };
  },
  publish: (given, context) => {
    const agents = agentsOf(given.agent, context, 'publish');
    const raw = given.raw ?? false;
    const prefixes = series(given.prefix, given.count ?? 1, context, 'publish');
    if (agents === null || prefixes === null || !knownInstance(given.instance, raw, context, 'publish')) return null;
    const hops = given.nextHop === undefined ? [] : Array.isArray(given.nextHop) ? given.nextHop : [given.nextHop];
    const item: PublishedItem = {
      instance: given.instance,
      prefixes,
      nextHops: hops.map((text) => parseIpv4(text) ?? ipv4(0)),
      label: given.label ?? 16,
      localPreference: given.localPref ?? 100,
      med: given.med ?? 0,
      sequence: given.sequence ?? 0,
      sticky: given.sticky ?? false,
      encapsulations: given.encapsulations ?? ['gre', 'udp'],
      securityGroups: given.securityGroups ?? [],
      communities: given.communities ?? [],
      virtualNetwork: given.virtualNetwork ?? '',
    };
    return {
      action: { verb: 'publish', agents, item, raw },
      words: `${agents.join(', ')} publish${agents.length === 1 ? 'es' : ''} ${seriesWords(given.prefix, given.count)} in ${given.instance}`,
    };
  },
  retract: (given, context) => {
    const agents = agentsOf(given.agent, context, 'retract');
    const raw = given.raw ?? false;
    const prefixes = series(given.prefix, given.count ?? 1, context, 'retract');
    if (agents === null || prefixes === null || !knownInstance(given.instance, raw, context, 'retract')) return null;
    return {
      action: { verb: 'retract', agents, instance: given.instance, prefixes, raw },
      words: `${agents.join(', ')} retract${agents.length === 1 ? 's' : ''} ${seriesWords(given.prefix, given.count)} in ${given.instance}`,
    };
  },
  announce: (given, context) => {
    const speakers = speakersOf(given.speaker, context, 'announce');
    const family = given.family ?? familyOfKey(given.prefix);
    const keys = keySeries(given.prefix, given.count ?? 1, context, 'announce');
    if (speakers === null || keys === null || !offered(speakers, family, context, 'announce')) return null;
    const announcement: Announcement = {
      family,
      keys,
      nextHop: given.nextHop === undefined ? null : parseIpv4(given.nextHop),
      label: given.label ?? 16,
      routeTargets: given.routeTargets ?? [],
      origin: given.origin ?? 'igp',
      asPath: given.asPath ?? null,
      localPref: given.localPref ?? null,
      med: given.med ?? 0,
      communities: given.communities ?? [],
      extendedCommunities: given.extendedCommunities ?? [],
      originatorId: given.originatorId === undefined ? null : parseIpv4(given.originatorId),
      clusterList: (given.clusterList ?? []).map((text) => parseIpv4(text) ?? ipv4(0)),
    };
    return {
      action: { verb: 'announce', speakers, announcement },
      words: `${speakers.join(', ')} announces ${seriesWords(given.prefix, given.count)}`,
    };
  },
  withdraw: (given, context) => {
    const speakers = speakersOf(given.speaker, context, 'withdraw');
    const family = given.family ?? familyOfKey(given.prefix);
    const keys = keySeries(given.prefix, given.count ?? 1, context, 'withdraw');
    if (speakers === null || keys === null || !offered(speakers, family, context, 'withdraw')) return null;
    return {
      action: { verb: 'withdraw', speakers, family, keys },
      words: `${speakers.join(', ')} withdraws ${seriesWords(given.prefix, given.count)}`,
    };
  },
  endOfRib: (given, context) => {
    const speakers = given.speaker === undefined ? [] : speakersOf(given.speaker, context, 'endOfRib');
    const agents = given.agent === undefined ? [] : agentsOf(given.agent, context, 'endOfRib');
    if (speakers === null || agents === null) return null;
    const family: FamilyName = given.family ?? 'inet-vpn';
    return {
      action: { verb: 'endOfRib', speakers, agents, family },
      words: `${[...speakers, ...agents].join(', ')} End-of-RIB`,
    };
  },
  raw: (given, context) => {
    const octets = given.hex === undefined ? new TextEncoder().encode(given.xml) : fromHex(given.hex);
    if (octets === null)
      return context.wrong(context.place('raw', 'hex'), 'bad-hex', 'hex is an even number of digits 0-9 and a-f');
    if (!knownNodes(given.to === undefined ? [given.from] : [given.from, given.to], context, context.place('raw')))
      return null;
    return {
      action: { verb: 'raw', from: given.from, to: given.to ?? null, octets },
      words: `${given.from} sends ${octets.length} raw octets`,
    };
  },
  target: (given, context) => {
    const text = given.add ?? given.remove!;
    const target = parseRouteTarget(text)!; // the schema has read it
    const at = context.place('target');
    const words = given.add === undefined ? `remove ${text} from ${given.network}` : `add ${text} to ${given.network}`;
    const instance = context.setting.statedInstance(given.network);
    if (instance !== null) {
      const holds = instance.targets.some((held) => held.target.hi === target.hi && held.target.lo === target.lo);
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
            ? own.targets.filter((held) => held.target.hi !== target.hi || held.target.lo !== target.lo)
            : [...own.targets, { target, mark, at }],
      }));
      return { action: { verb: 'instances', changes }, words };
    }
    const reference = parseNetworkReference(given.network, context.setting);
    if (typeof reference === 'string')
      return context.wrong(context.place('target', 'network'), 'unknown-network', reference);
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
    if (!knownInstance(given.name, false, context, 'instance', 'name')) return null;
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
  move: (given, context) => {
    const endpoint = oneWorkload(given.workload, context, context.place('move', 'workload'));
    if (endpoint === null) return null;
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
    if (typeof members === 'string')
      return context.wrong(at, 'unknown-controller', `${given.controller} has no members: ${members}`);
    const first = members[0]!;
    if (first.kind !== 'vm' && first.kind !== 'pod')
      return context.wrong(at, 'unknown-controller', `${given.controller} is no controller of workloads`);
    const kind = first.kind;
    const stem = given.controller.slice(given.controller.search(/[^/:]*$/));
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
    if (
      cluster === undefined ||
      project === undefined ||
      name === undefined ||
      !context.setting.clusters.has(cluster)
    ) {
      return context.wrong(at, 'unknown-security-group', 'a security group is written cluster/project/name');
    }
    const group = `${DEFAULT_DOMAIN}:${project}:${name}`;
    const removed = given.remove?.port === undefined ? null : parsePortWord(given.remove.port);
    const added = given.add?.port === undefined ? null : parsePortWord(given.add.port);
    const remoteText = given.add?.remote;
    const prefix = remoteText === undefined ? null : parsePrefix(remoteText);
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

function power(change: 'start' | 'stop' | 'crash', nodes: readonly string[], words: string) {
  return { action: { verb: 'power', change, nodes } as const, words };
}

function onNodes(change: 'start' | 'stop' | 'crash', given: string | string[], context: StepContext) {
  const names = Array.isArray(given) ? given : [given];
  if (!knownNodes(names, context, context.place(change, 'node'))) return null;
  return power(change, names, `${change} ${names.join(', ')}`);
}

function cutting(
  verb: 'cut' | 'heal',
  given: { sessions?: [string, string] | undefined; underlay?: [string, string] | undefined },
  context: StepContext,
) {
  const kind = given.sessions === undefined ? 'underlay' : 'sessions';
  const between = given[kind]!; // the schema has seen to exactly one
  for (const [side, word] of between.entries()) {
    if (context.setting.nodes.includes(word) || context.setting.clusters.has(word)) continue;
    return context.wrong(
      context.place(verb, kind, side),
      'unknown-node',
      context.setting.noSuch('node or cluster', word),
    );
  }
  if (between[0] === between[1])
    return context.wrong(
      context.place(verb, kind),
      'no-link',
      `there is nothing to ${verb} between ${between[0]} and itself`,
    );
  const words = `the ${kind} between ${between.join(' and ')}`;
  const key = `${kind} ${[...between].sort(byText).join(' ')}`;
  if (verb === 'cut') context.cuts.add(key);
  else if (!context.cuts.delete(key))
    return context.wrong(context.place(verb, kind), 'nothing-cut', `${words} is not cut by now`);
  return { action: { verb, cut: kind, between } as const, words: `${verb} ${words}` };
}

function agentsOf(given: string | string[], context: StepContext, verb: Verb): readonly string[] | null {
  const names = Array.isArray(given) ? given : [given];
  const unknown = names.find((name) => !context.setting.bareAgents.includes(name));
  if (unknown === undefined) return names;
  return context.wrong(context.place(verb, 'agent'), 'unknown-agent', context.setting.noSuch('bare agent', unknown));
}

function speakersOf(given: string | string[], context: StepContext, verb: Verb): readonly string[] | null {
  const names = Array.isArray(given) ? given : [given];
  const unknown = names.find((name) => !context.setting.speakers.includes(name));
  if (unknown === undefined) return names;
  return context.wrong(
    context.place(verb, 'speaker'),
    'unknown-speaker',
    context.setting.noSuch('raw speaker', unknown),
  );
}

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

function keyOf(endpoint: Endpoint): string {
  return `${endpoint.kind}:${endpoint.project}/${endpoint.short}`;
}

/** The ids an agent gives to its VRFs count from 1; one it has used stays with its instance. */
function vrfIdOf(vrfIds: Map<string, Map<string, number>>, agent: string, instance: string): number {
  const own = vrfIds.get(agent) ?? new Map<string, number>();
  vrfIds.set(agent, own);
  const id = own.get(instance) ?? own.size + 1;
  own.set(instance, id);
  return id;
}

/** What is said raw may name an instance that nobody has. */
function knownInstance(name: string, raw: boolean, context: StepContext, verb: Verb, key = 'instance'): boolean {
  const known = context.setting.instanceNames();
  if (raw || known.includes(name)) return true;
  context.wrong(
    context.place(verb, key),
    'unknown-instance',
    `there is no instance called ${name}${suggestion(name, known)}`,
  );
  return false;
}

function offered(speakers: readonly string[], family: FamilyName, context: StepContext, verb: Verb): boolean {
  const silent = speakers.find((speaker) => context.setting.families.get(speaker)?.includes(family) === false);
  if (silent === undefined) return true;
  context.wrong(context.place(verb, 'prefix'), 'not-offered', `${silent} does not offer the family ${family}`);
  return false;
}

/** `count` prefixes of one length, each following the one before. */
function series(first: string, count: number, context: StepContext, verb: Verb): readonly Ipv4Prefix[] | null {
  const prefix = parsePrefix(first) as Ipv4Prefix; // the schema has read it
  const step = 2 ** (32 - prefix.length);
  if (prefix.address + count * step > 2 ** 32)
    return context.wrong(
      context.place(verb, 'count'),
      'series-too-long',
      `${count} prefixes from ${first} go beyond the last address there is`,
    );
  return Array.from({ length: count }, (_, i) => ({ address: ipv4(prefix.address + i * step), length: prefix.length }));
}

function keySeries(first: string, count: number, context: StepContext, verb: Verb): readonly string[] | null {
  if (/target:/.test(first) || first === '0:0') return [first];
  const colon = first.lastIndexOf(':');
  const prefixes = series(first.slice(colon + 1), count, context, verb);
  return prefixes === null ? null : prefixes.map((prefix) => first.slice(0, colon + 1) + formatPrefix(prefix));
}

function familyOfKey(key: string): FamilyName {
  if (/target:/.test(key) || key === '0:0') return 'route-target';
  return key.includes(':') ? 'inet-vpn' : 'inet';
}

function seriesWords(prefix: string, count: number | undefined): string {
  return count === undefined || count === 1 ? prefix : `${count} prefixes from ${prefix}`;
}
