/** What happens, in order. A step has one verb, and may say when: `after` the previous step, or `at` an instant. */
import * as z from 'zod';
import { workload } from './cluster.ts';
import { expectation } from './expectations.ts';
import { nodes } from './protocol.ts';
import {
  address, community, duration, extendedCommunity, families, maybe, name, needed, port, prefix,
  prefixOrName, routeKey, routeTarget, selector,
} from './words.ts'; // biome-ignore format: a list of words

const family = families.element;
const pair = z.tuple([name, name]);
const onNodes = z.strictObject({ node: needed(nodes, 'The nodes.', 'ctl-1') });

const cutting = z
  .strictObject({
    sessions: maybe(pair, 'Two nodes or clusters whose BGP and XMPP streams are cut; tunnels go on.', ['east', 'west']),
    underlay: maybe(pair, 'Two nodes or clusters between which nothing passes, tunnels included.', ['east', 'west']),
  })
  .refine((cut) => (cut.sessions === undefined) !== (cut.underlay === undefined), {
    error: 'say either sessions: [a, b] (the BGP and XMPP streams) or underlay: [a, b] (the tunnels too)',
  });

const agent = needed(nodes, 'The bare agents that do it.', 'a');
const speaker = needed(nodes, 'The raw speakers that do it.', 's');
const raw = maybe(z.boolean(), 'Sent even where the agent would not send it. Unless said: false.');
const prefixCount = maybe(
  z.number().int().min(1).max(1_000_000),
  'A series of prefixes from this one on. Unless said: 1.',
  100,
);
const u32 = z.number().int().min(0).max(0xffffffff);

const publication = {
  agent,
  instance: needed(z.string(), 'The instance.', 'blue'),
  prefix: needed(prefix, 'The prefix.', '10.1.1.1/32'),
  count: prefixCount,
};

const publish = z.strictObject({
  ...publication,
  nextHop: maybe(
    z.union([address, z.array(address).min(1)]),
    'Next hop, or several. Unless said: the agent’s address.',
  ),
  label: maybe(u32, 'Label. Unless said: 16.', 101),
  localPref: maybe(u32, 'Local preference. Unless said: 100.', 200),
  med: maybe(u32, 'MED. Unless said: 0, derived from the local preference (CN-3.3).', 50),
  sequence: maybe(z.number().int().min(0), 'Sequence number of a move. Unless said: 0.', 1),
  sticky: maybe(z.boolean(), 'The sticky flag of mobility. Unless said: false.'),
  encapsulations: maybe(z.array(z.string()), 'Tunnel encapsulations. Unless said: gre and udp.', ['udp']),
  securityGroups: maybe(z.array(z.number().int().min(0)), 'Ids of security groups.', [8000002]),
  communities: maybe(z.array(community), 'Communities.', ['no-export']),
  virtualNetwork: maybe(z.string(), 'Origin network of the next hop, fully qualified.', 'default-domain:p:net'),
  raw,
});

const announcement = z.strictObject({
  speaker,
  prefix: needed(routeKey, 'The route as a table prints it.', '192.168.2.1:1:10.1.1.1/32'),
  count: prefixCount,
  family: maybe(family, 'Address family. Unless said: told from the route.'),
  nextHop: maybe(address, 'Next hop. Unless said: the speaker’s address.'),
  label: maybe(z.number().int().min(0).max(0xffffff), 'Label. Unless said: 16.', 101),
  routeTargets: maybe(z.array(routeTarget), 'Route targets.', ['target:1:1']),
  origin: maybe(z.enum(['igp', 'egp', 'incomplete']), 'ORIGIN. Unless said: igp.'),
  asPath: maybe(
    z.array(z.number().int().min(1)),
    'AS_PATH. Unless said: the speaker’s AS to external peers, empty to internal ones.',
    [65000, 65001],
  ),
  localPref: maybe(z.number().int().min(0), 'LOCAL_PREF. Unless said: 100 to internal peers.', 200),
  med: maybe(z.number().int().min(0), 'MULTI_EXIT_DISC. Unless said: 0.', 50),
  communities: maybe(z.array(community), 'COMMUNITIES.', ['no-export']),
  extendedCommunities: maybe(z.array(extendedCommunity), 'Extended communities beside the route targets.', [
    'encapsulation:gre',
  ]),
  originatorId: maybe(address, 'ORIGINATOR_ID.'),
  clusterList: maybe(z.array(address), 'CLUSTER_LIST.', ['192.168.0.9']),
});

const verbs = {
  start: needed(
    z.union([z.literal('all'), onNodes]),
    'Power on: everything, or nodes by name. A crashed node starts again empty.',
    'all',
    { node: 'ctl-1' },
  ),
  stop: needed(onNodes, 'Orderly stop: sessions are closed.', { node: 'ctl-1' }),
  crash: needed(onNodes, 'Silent end: nobody is told, timers decide.', { node: 'ctl-1' }),
  cut: needed(cutting, 'Cuts between two nodes or clusters: sessions (streams only) or the underlay (tunnels too).', {
    sessions: ['east', 'west'],
  }),
  heal: needed(cutting, 'Undoes a cut, written the same.', { sessions: ['east', 'west'] }),
  clear: needed(
    z.strictObject({ session: needed(pair, 'The two ends.', ['X', 'Y']) }),
    'Resets one BGP or XMPP session.',
    {
      session: ['X', 'Y'],
    },
  ),
  settle: needed(
    z.strictObject({ limit: maybe(duration, 'At most so long. Unless said: 600s.') }),
    'Runs until only background is pending.',
    { limit: '300s' },
  ),
  expect: needed(z.array(expectation).min(1), 'What must hold now. Settles first, unless a claim says within or at.'),
  checkpoint: needed(name, 'Names the present state, for sameState.', 'before'),
  subscribe: needed(
    z.strictObject({
      agent,
      instance: needed(z.string(), 'The instance.', 'blue'),
      id: maybe(z.number().int(), 'VRF id of the agent. Unless said: the next one.', 1),
      noRibOut: maybe(z.boolean(), 'Wants no routes. Unless said: false.'),
      raw,
    }),
    'A bare agent subscribes to an instance.',
    { agent: ['a', 'b'], instance: 'blue', id: 1 },
  ),
  unsubscribe: needed(
    z.strictObject({ agent, instance: needed(z.string(), 'The instance.', 'blue'), raw }),
    'A bare agent unsubscribes.',
    { agent: 'a', instance: 'blue' },
  ),
  publish: needed(publish, 'A bare agent publishes a route.', {
    agent: 'a',
    instance: 'blue',
    prefix: '10.1.1.1/32',
    label: 101,
  }),
  retract: needed(z.strictObject({ ...publication, raw }), 'A bare agent takes a route back.', {
    agent: 'a',
    instance: 'blue',
    prefix: '10.1.1.1/32',
  }),
  announce: needed(announcement, 'A raw speaker announces a path with exactly these attributes.', {
    speaker: 's',
    prefix: '192.168.2.1:1:10.1.1.1/32',
    routeTargets: ['target:1:1'],
  }),
  withdraw: needed(
    z.strictObject({
      speaker,
      prefix: needed(routeKey, 'The route as a table prints it.', '192.168.2.1:1:10.1.1.1/32'),
      count: prefixCount,
      family: maybe(family, 'Address family. Unless said: told from the route.'),
    }),
    'A raw speaker withdraws a route.',
    { speaker: 's', prefix: '192.168.2.1:1:10.1.1.1/32' },
  ),
  endOfRib: needed(
    z
      .strictObject({
        speaker: maybe(nodes, 'Raw speakers.', 's'),
        agent: maybe(nodes, 'Bare agents.', 'a'),
        family: maybe(family, 'Address family of a speaker’s marker. Unless said: inet-vpn.'),
      })
      .refine((step) => step.speaker !== undefined || step.agent !== undefined, {
        error: 'say whose: speaker or agent',
      }),
    'An End-of-RIB marker is sent.',
    { speaker: 's', family: 'inet-vpn' },
  ),
  raw: needed(
    z
      .strictObject({
        from: needed(name, 'Who sends.', 's'),
        to: maybe(name, 'To whom. Unless said: to every peer.', 'X'),
        hex: maybe(z.string(), 'Octets in hex.', 'ffffffffffffffffffffffffffffffff001304'),
        xml: maybe(z.string(), 'A stanza.', '<iq/>'),
      })
      .refine((step) => (step.hex === undefined) !== (step.xml === undefined), { error: 'say either hex or xml' }),
    'Octets (BGP) or a stanza (XMPP), sent exactly as written.',
    { from: 's', to: 'X', hex: 'ffffffffffffffffffffffffffffffff001304' },
  ),
  target: needed(
    z
      .strictObject({
        network: needed(
          z.string(),
          'A network (cluster/project/network) or an instance.',
          'openstack/leonardo/leonardodb',
        ),
        add: maybe(routeTarget, 'The target to add.'),
        remove: maybe(routeTarget, 'The target to remove.'),
        direction: maybe(z.enum(['both', 'import', 'export']), 'What an added target is for. Unless said: both.'),
      })
      .refine((change) => (change.add === undefined) !== (change.remove === undefined), {
        error: 'say either add or remove',
      }),
    'Adds a configured route target to a network or instance, or removes it.',
    { network: 'openstack/leonardo/leonardodb', add: 'target:64512:10000' },
  ),
  instance: needed(
    z
      .strictObject({
        name: needed(z.string(), 'The instance.', 'blue'),
        deleted: maybe(z.literal(true), 'It is deleted.'),
        created: maybe(z.literal(true), 'It is created again, as the scenario states it.'),
      })
      .refine((change) => (change.deleted === undefined) !== (change.created === undefined), {
        error: 'say either deleted: true or created: true',
      }),
    'Deletes a routing instance, or creates it again.',
    { name: 'blue', deleted: true },
  ),
  create: needed(
    z.strictObject({
      cluster: maybe(name, 'The cluster. Unless said: the only one.', 'east'),
      name: needed(name, 'Its name.', 'front'),
      ...workload.shape,
    }),
    'Creates a workload, or as many as it counts.',
    { cluster: 'east', name: 'front', project: 'shop', network: 'web' },
  ),
  move: needed(
    z.strictObject({ workload: needed(selector, 'The workload.'), to: needed(name, 'The vRouter.', 'cmp-2') }),
    'Moves a workload to another host.',
    { workload: 'vm:leonardo/PostgreSQL-1', to: 'cmp-2' },
  ),
  delete: needed(z.strictObject({ workload: needed(selector, 'The workload.') }), 'Deletes a workload.', {
    workload: 'vm:leonardo/PostgreSQL-1',
  }),
  scale: needed(
    z.strictObject({
      controller: needed(selector, 'The controller: the members’ name without its number.', 'pod:default/leonardo'),
      replicas: needed(z.number().int().min(0).max(100_000), 'So many from now on.', 5),
    }),
    'A controller or a counted workload to another number of replicas.',
    { controller: 'pod:default/leonardo', replicas: 5 },
  ),
  securityGroup: needed(
    z
      .strictObject({
        name: needed(z.string(), 'The group: cluster/project/name.', 'openstack/leonardo/db'),
        remove: maybe(
          z.strictObject({ port: maybe(port, 'Only rules for this port. Unless said: all.') }),
          'Ingress rules to remove.',
          { port: 'tcp/5432' },
        ),
        add: maybe(
          z.strictObject({
            port: maybe(port, 'Protocol and port. Unless said: any.'),
            remote: maybe(prefixOrName, 'A prefix, or a group of the project. Unless said: anywhere.', '10.1.0.0/24'),
          }),
          'An ingress rule to add.',
          { port: 'tcp/5432', remote: '10.1.0.0/24' },
        ),
      })
      .refine((change) => change.add !== undefined || change.remove !== undefined, {
        error: 'say add, remove or both',
      }),
    'Adds an ingress rule to a group, or removes those for a port.',
    { name: 'openstack/leonardo/db', remove: { port: 'tcp/5432' } },
  ),
};

export const VERBS = Object.keys(verbs);

const when = {
  after: maybe(duration, 'So long after the previous step. Unless said: at once.'),
  at: maybe(duration, 'At this instant of virtual time.'),
  name: maybe(z.string(), 'A title for the reports. Unless said: what the step does.', 'who must reach whom'),
};

const optionalVerbs = Object.fromEntries(
  Object.entries(verbs).map(([verb, schema]) => [verb, (schema as z.ZodType).optional()]),
) as { [V in keyof typeof verbs]: z.ZodOptional<(typeof verbs)[V]> }; // each verb is optional, all else is kept

const verbsOf = (value: object) =>
  Object.keys(value).filter((key) => VERBS.includes(key) && (value as Record<string, unknown>)[key] !== undefined);

const plainStep = z.strictObject({ ...optionalVerbs, ...when });
export type PlainStep = z.infer<typeof plainStep>;

export const step = plainStep
  .refine((value) => verbsOf(value).length === 1, {
    error: ({ input }) =>
      verbsOf(input as object).length > 1 // a step is a map by then
        ? `a step does one thing, and this one has ${verbsOf(input as object).join(' and ')}`
        : `a step does one of ${VERBS.join(', ')}`,
  })
  .meta({ id: 'step', description: 'One step: exactly one verb, and optionally when.', examples: [{ start: 'all' }] });

const repetition = z
  .strictObject({
    times: needed(z.number().int().min(1).max(10_000), 'So often.', 3),
    steps: needed(z.array(step).min(1), 'The steps of one round.'),
  })
  .meta({ description: 'Steps that are played several times.' });

export const repeatedStep = z.union([
  step,
  z.strictObject({
    repeat: needed(repetition, 'Plays steps several times.', {
      times: 3,
      steps: [{ crash: { node: 'ctl-1' } }, { start: { node: 'ctl-1' } }],
    }),
  }),
]);
