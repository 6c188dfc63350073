/** What must hold. Each expectation has one claim; `within` gives it time, `at` asks an instant. */
import * as z from 'zod';
import { nodes } from './protocol.ts';
import {
  address,
  duration,
  maybe,
  name,
  needed,
  oneOrMore,
  port,
  prefix,
  routeKey,
  routeTarget,
  selector,
} from './words.ts';

const who = oneOrMore(selector).meta({
  description: 'One selector or several.',
  examples: ['pod:default/leonardo-*', ['vm:leonardo/*', 'pod:default/*']],
});
const timing = {
  within: maybe(duration, 'Must hold by so long after the previous step, and still when everything is quiet.'),
  at: maybe(duration, 'Asked at this instant of virtual time.'),
};
const pairs = {
  from: needed(who, 'Who sends.'),
  to: needed(who, 'Who is meant.'),
  port: maybe(port, 'Protocol and port. Unless said: any protocol.'),
  oneWay: maybe(z.boolean(), 'The request alone. Unless said: false, request and reply.'),
};

const reachable = z.strictObject({ ...pairs, ...timing });

const unreachable = z.strictObject({
  ...pairs,
  reason: maybe(z.string(), 'The drop reason an operator knows. Unless said: any.', 'NoDstRt'),
  ...timing,
});

const holder = {
  agent: maybe(nodes, 'Agents whose table is asked.', 'cmp-1'),
  node: maybe(nodes, 'Control nodes, raw speakers or gateways whose table is asked.', 'ctl-1'),
  instance: maybe(z.string(), 'The instance, or cluster/project/network.', 'openstack/leonardo/leonardodb'),
  table: maybe(
    z.string(),
    'The table of a control node. Unless said: that of the instance. A raw speaker has one table.',
    'bgp.l3vpn.0',
  ),
};
const texts = z.array(z.string());

const route = z.strictObject({
  ...holder,
  prefix: needed(routeKey, 'The route as the table prints it.'),
  absent: maybe(z.boolean(), 'The route must not be there. Unless said: false.'),
  nextHops: maybe(z.array(address), 'Next hops of the best paths, in any order.', ['192.168.1.1']),
  paths: maybe(z.number().int().min(0), 'How many paths it has.', 2),
  label: maybe(z.number().int(), 'Label of the best path.', 101),
  localPref: maybe(z.number().int(), 'LOCAL_PREF of the best path.', 200),
  med: maybe(z.number().int(), 'MED of the best path.', 100),
  asPath: maybe(z.array(z.number().int()), 'AS_PATH of the best path.', [64512]),
  origin: maybe(z.enum(['igp', 'egp', 'incomplete']), 'ORIGIN of the best path.'),
  originatorId: maybe(address, 'ORIGINATOR_ID of the best path, 0.0.0.0 for none.', '192.168.0.1'),
  clusterList: maybe(z.array(address), 'CLUSTER_LIST of the best path.', ['0.0.0.9']),
  routeTargets: maybe(z.array(routeTarget), 'Route targets of the best path, in any order.', ['target:1:1']),
  communities: maybe(texts, 'Communities of the best path.', ['no-export']),
  securityGroups: maybe(z.array(z.number().int()), 'Security groups of the best path.', [8000002]),
  virtualNetwork: maybe(z.string(), 'Origin network.', 'default-domain:leonardo:leonardodb'),
  sequence: maybe(z.number().int(), 'Sequence number of a move.', 1),
  encapsulations: maybe(texts, 'Tunnel encapsulations.', ['gre', 'udp']),
  flags: maybe(texts, 'Flags of the best path, as show prints them.', ['Stale']),
  decidedBy: maybe(z.string(), 'The rule that made the best path best.', 'higher LOCAL_PREF'),
  ...timing,
});

const findingKind = z.enum(['leak', 'conflict', 'collision']);

const claims = {
  reachable: needed(reachable, 'Every pair reaches: every ECMP member, request and reply.', {
    from: 'pod:default/leonardo-*',
    to: 'vm:leonardo/PostgreSQL-*',
    port: 'tcp/5432',
  }),
  unreachable: needed(unreachable, 'No member of any pair reaches, on no port.', {
    from: 'pod:default/nginx-*',
    to: 'vm:leonardo/*',
    reason: 'NoDstRt',
  }),
  isolated: needed(z.tuple([selector, selector]), 'Nobody of the one reaches anybody of the other, either way.', [
    'tenant:leonardo',
    'tenant:other',
  ]),
  converged: needed(
    z.strictObject({ within: needed(duration, 'The time it may take.', '40s') }),
    'The last table change is no later than this after the previous step.',
    { within: '40s' },
  ),
  route: needed(route, 'A row of a table of an agent or a control node. What is left out is not asked.', {
    agent: 'b',
    instance: 'blue',
    prefix: '10.1.1.1/32',
    nextHops: ['192.168.1.1'],
  }),
  finding: needed(
    z.strictObject({
      kind: maybe(findingKind, 'Its kind. Unless said: leak with leak:, else any.'),
      leak: maybe(z.string(), 'The prefix that leaks, or *.', '10.0.100.3/32'),
      target: maybe(routeTarget, 'The target it came by.'),
      networks: maybe(texts, 'Networks it names.', ['openstack/leonardo/leonardodb']),
      clusters: maybe(z.array(name), 'Clusters it names.', ['openstack', 'kubernetes']),
      instance: maybe(z.string(), 'The instance it stands in.', 'kubernetes/default/service-memcached'),
    }),
    'A finding that must be there.',
    { leak: '10.0.100.3/32', instance: 'kubernetes/default/service-memcached' },
  ),
  noFindings: needed(
    z.union([z.literal(true), z.strictObject({ kind: needed(findingKind, 'Of this kind.') })]),
    'Nothing is found, or nothing of a kind.',
    true,
    { kind: 'leak' },
  ),
  session: needed(
    z.strictObject({
      between: needed(z.tuple([name, name]), 'The two ends.', ['X', 'Y']),
      state: needed(
        z.enum(['Idle', 'Active', 'Connect', 'OpenSent', 'OpenConfirm', 'Established', 'none']),
        'The state in which both ends see it, as show prints it; none: they know of no session.',
        'Established',
      ),
      ...timing,
    }),
    'A BGP or XMPP session is in a state.',
    { between: ['X', 'Y'], state: 'Established' },
  ),
  noted: needed(
    z.strictObject({
      node: needed(name, 'The node.', 'X'),
      text: needed(z.string(), 'What it said, with * as a glob.', 'Y: down, *'),
      times: maybe(z.number().int().min(0), 'So often since the start. Unless said: at least once.', 1),
      ...timing,
    }),
    'A node noted something in the record: a session that went down and why, an item it skipped.',
    { node: 'X', text: '*: down, the hold timer expired' },
  ),
  address: needed(
    z.strictObject({
      of: needed(selector, 'The workload.'),
      is: needed(oneOrMore(address), 'Its addresses.', '10.0.100.3'),
    }),
    'The address a workload was given.',
    { of: 'vm:leonardo/PostgreSQL-1', is: '10.0.100.3' },
  ),
  members: needed(
    z.strictObject({
      from: needed(selector, 'Who sends.'),
      to: needed(selector, 'The address.'),
      count: needed(z.number().int().min(0), 'So many members.', 3),
      port: maybe(port, 'Protocol and port. Unless said: any protocol.'),
    }),
    'How many ECMP members answer behind an address.',
    { from: 'pod:default/nginx-1', to: 'service:default/leonardo', count: 3 },
  ),
  path: needed(
    z.strictObject({
      from: needed(selector, 'Who sends.'),
      to: needed(selector, 'Who is meant.'),
      port: maybe(port, 'Protocol and port. Unless said: any protocol.'),
      hosts: needed(z.array(name).min(1), 'The hosts, in order.', ['node-1', 'cmp-1']),
      dropped: maybe(z.string(), 'The drop reason at the last of them. Unless said: it arrives.', 'NoSrcRt'),
    }),
    'The hosts a packet crosses, in order.',
    { from: 'pod:default/leonardo-1', to: 'vm:leonardo/PostgreSQL-1', hosts: ['node-1', 'cmp-1'] },
  ),
  sameState: needed(name, 'The state hash equals that of a checkpoint.', 'before'),
  routes: needed(
    z.strictObject({ ...holder, count: needed(z.number().int().min(0), 'So many.', 12) }),
    'How many routes a table holds.',
    { node: 'X', table: 'bgp.l3vpn.0', count: 12 },
  ),
  covered: needed(
    z.strictObject({
      agent: needed(name, 'The agent.', 'cmp-1'),
      instance: needed(z.string(), 'The instance, or cluster/project/network.', 'openstack/leonardo/leonardodb'),
      address: needed(address, 'The address.'),
      by: needed(prefix, 'The prefix that matches it.', '10.0.100.0/24'),
    }),
    'The prefix an address is matched by.',
    { agent: 'cmp-1', instance: 'openstack/leonardo/leonardodb', address: '10.0.100.9', by: '10.0.100.0/24' },
  ),
};

export const CLAIMS = Object.keys(claims);

const optionalClaims = Object.fromEntries(
  Object.entries(claims).map(([claim, schema]) => [claim, (schema as z.ZodType).optional()]),
) as { [C in keyof typeof claims]: z.ZodOptional<(typeof claims)[C]> }; // each claim is optional, all else is kept

const plainExpectation = z.strictObject({
  ...optionalClaims,
  name: maybe(z.string(), 'A title for the reports. Unless said: the claim in words.', 'the database answers'),
});
export type PlainExpectation = z.infer<typeof plainExpectation>;

const claimsOf = (value: object) =>
  Object.keys(value).filter((key) => CLAIMS.includes(key) && (value as Record<string, unknown>)[key] !== undefined);

export const expectation = plainExpectation
  .refine((value) => claimsOf(value).length === 1, {
    error: ({ input }) =>
      claimsOf(input as object).length > 1 // an expectation is a map by then
        ? `an expectation claims one thing, and this one has ${claimsOf(input as object).join(' and ')}`
        : `an expectation claims one of ${CLAIMS.join(', ')}`,
  })
  .meta({ id: 'expectation', description: 'One claim.', examples: [{ converged: { within: '40s' } }] });
