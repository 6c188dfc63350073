/** What bare agents and raw speakers are told to say: names, series of prefixes, attributes. */
import { fromHex } from '../base/bytes.ts';
import type { SpeakerAnnouncement } from '../gateway/announcement.ts';
import { ipv4, parseIpv4 } from '../net/ipv4.ts';
import { formatPrefix, type Ipv4Prefix, parsePrefix } from '../net/prefix.ts';
import type { FamilyName } from '../route/family.ts';
import type { PublishedItem } from './action.ts';
import { type Compile, knownInstance, knownNodes, type StepContext, type Verb } from './compile-context.ts';

export const PROTOCOL_VERBS: {
  readonly [V in
    | 'subscribe'
    | 'unsubscribe'
    | 'publish'
    | 'retract'
    | 'announce'
    | 'withdraw'
    | 'endOfRib'
    | 'raw']: Compile<V>;
} = {
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
    const announcement: SpeakerAnnouncement = {
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
    const known = knownNodes([given.from], context, context.place('raw', 'from'));
    if (given.to !== undefined && !knownNodes([given.to], context, context.place('raw', 'to'))) return null;
    if (!known) return null;
    return {
      action: { verb: 'raw', from: given.from, to: given.to ?? null, octets },
      words: `${given.from} sends ${octets.length} raw octets`,
    };
  },
};

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

/** The ids an agent gives to its VRFs count from 1; one it has used stays with its instance. */
function vrfIdOf(vrfIds: Map<string, Map<string, number>>, agent: string, instance: string): number {
  const own = vrfIds.get(agent) ?? new Map<string, number>();
  vrfIds.set(agent, own);
  const id = own.get(instance) ?? own.size + 1;
  own.set(instance, id);
  return id;
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
