/** What happens, in order. A step has one verb, and may say when: `after` the previous step, or `at` an instant. */
import { z } from 'zod';
import { expectation } from './expectations.ts';
import { nodes } from './protocol.ts';
import {
  address, duration, families, name, oneOrMore, port, prefix, routeKey, routeTarget, selector,
} from './words.ts'; // biome-ignore format: a list of words

const onNodes = z.strictObject({ node: nodes });

const pair = z.tuple([name, name]);
const cutting = z
  .strictObject({ sessions: pair.optional(), underlay: pair.optional() })
  .refine((cut) => (cut.sessions === undefined) !== (cut.underlay === undefined), {
    error: 'say either sessions: [a, b] (the BGP and XMPP streams) or underlay: [a, b] (the tunnels too)',
  })
  .meta({ description: 'Between two nodes or clusters: sessions (streams only) or the underlay (tunnels too).' });

const publication = {
  agent: nodes,
  instance: z.string(),
  prefix,
  count: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .meta({ description: 'A series of prefixes from this one on.' }),
};

const publish = z.strictObject({
  ...publication,
  nextHop: z.union([address, z.array(address).min(1)]).optional(),
  label: z.number().int().min(0).max(0xffffffff).optional(),
  localPref: z.number().int().min(0).max(0xffffffff).optional(),
  med: z.number().int().min(0).max(0xffffffff).optional(),
  sequence: z.number().int().min(0).optional(),
  sticky: z.boolean().optional(),
  encapsulations: z.array(z.string()).optional(),
  securityGroups: z.array(z.number().int().min(0)).optional(),
  communities: z.array(z.string()).optional(),
  virtualNetwork: z.string().optional(),
});

const announcement = z.strictObject({
  speaker: nodes,
  prefix: routeKey,
  count: z.number().int().min(1).max(1_000_000).optional(),
  family: families.element.optional(),
  nextHop: address.optional(),
  label: z.number().int().min(0).max(0xffffff).optional(),
  routeTargets: z.array(routeTarget).optional(),
  origin: z.enum(['igp', 'egp', 'incomplete']).optional(),
  asPath: z.array(z.number().int().min(1)).optional(),
  localPref: z.number().int().min(0).optional(),
  med: z.number().int().min(0).optional(),
  communities: z.array(z.string()).optional(),
  extendedCommunities: z.array(z.string()).optional(),
  originatorId: address.optional(),
  clusterList: z.array(address).optional(),
});

const verbs = {
  start: z
    .union([z.literal('all'), onNodes])
    .meta({ description: 'Power on: everything, or nodes by name. A crashed node starts again empty.' }),
  stop: onNodes.meta({ description: 'Orderly stop: sessions are closed.' }),
  crash: onNodes.meta({ description: 'Silent: nobody is told, timers decide.' }),
  cut: cutting,
  heal: cutting,
  clear: z.strictObject({ session: pair }).meta({ description: 'Reset one BGP or XMPP session.' }),
  settle: z
    .strictObject({ limit: duration.optional() })
    .meta({ description: 'Run until only background is pending (600 s unless said).' }),
  expect: z
    .array(expectation)
    .min(1)
    .meta({ description: 'What must hold now. Settles first, unless within or at is said.' }),
  checkpoint: name.meta({ description: 'Names the present state, for sameState.' }),
  subscribe: z.strictObject({
    agent: nodes,
    instance: z.string(),
    id: z.number().int().optional(),
    noRibOut: z.boolean().optional(),
    raw: z.boolean().optional().meta({ description: 'Sent even where the agent would not send it.' }),
  }),
  unsubscribe: z.strictObject({ agent: nodes, instance: z.string(), raw: z.boolean().optional() }),
  publish,
  retract: z.strictObject({ ...publication, raw: z.boolean().optional() }),
  announce: announcement.meta({ description: 'A raw speaker announces a path with exactly these attributes.' }),
  withdraw: z.strictObject({
    speaker: nodes,
    prefix: routeKey,
    count: z.number().int().min(1).max(1_000_000).optional(),
    family: families.element.optional(),
  }),
  endOfRib: z.strictObject({ speaker: nodes.optional(), agent: nodes.optional(), family: families.element.optional() }),
  raw: z
    .strictObject({ from: name, to: name.optional(), hex: z.string().optional(), xml: z.string().optional() })
    .refine((raw) => (raw.hex === undefined) !== (raw.xml === undefined), { error: 'say either hex or xml' })
    .meta({ description: 'Octets (BGP) or a stanza (XMPP), sent exactly as written.' }),
  target: z
    .strictObject({
      network: z.string(),
      add: routeTarget.optional(),
      remove: routeTarget.optional(),
      direction: z.enum(['both', 'import', 'export']).optional(),
    })
    .refine((change) => (change.add === undefined) !== (change.remove === undefined), {
      error: 'say either add or remove',
    })
    .meta({ description: 'Adds a configured route target to a network or instance, or removes it.' }),
  instance: z
    .strictObject({ name: z.string(), deleted: z.literal(true) })
    .meta({ description: 'Deletes a routing instance.' }),
  move: z.strictObject({ workload: selector, to: name }),
  delete: z.strictObject({ workload: selector }),
  scale: z
    .strictObject({ controller: selector, replicas: z.number().int().min(0).max(100_000) })
    .meta({ description: 'A controller or a counted workload to another number of replicas.' }),
  securityGroup: z
    .strictObject({
      name: z.string(),
      remove: z.strictObject({ port: port.optional() }).optional(),
      add: z.strictObject({ port: port.optional(), remote: z.string().optional() }).optional(),
    })
    .meta({ description: 'Adds an ingress rule to a group, or removes those for a port.' }),
};

export const VERBS = Object.keys(verbs);

const when = {
  after: duration.optional().meta({ description: 'So long after the previous step.' }),
  at: duration.optional().meta({ description: 'At this instant of virtual time.' }),
  name: z.string().optional().meta({ description: 'A title for the reports.' }),
};

const optionalVerbs = Object.fromEntries(
  Object.entries(verbs).map(([verb, schema]) => [verb, (schema as z.ZodType).optional()]),
) as { [V in keyof typeof verbs]: z.ZodOptional<(typeof verbs)[V]> }; // each verb is optional, all else is kept

const oneVerb = (value: object) =>
  Object.keys(value).filter((key) => VERBS.includes(key) && (value as Record<string, unknown>)[key] !== undefined)
    .length === 1;

const plainStep = z.strictObject({ ...optionalVerbs, ...when });
export type PlainStep = z.infer<typeof plainStep>;

export const step = plainStep
  .refine((value) => oneVerb(value), { error: `a step has exactly one of ${VERBS.join(', ')}` })
  .meta({ description: 'One step: exactly one verb, and optionally when.' });

export const repeatedStep = z.union([
  step,
  z.strictObject({
    repeat: z.strictObject({ times: z.number().int().min(1).max(10_000), steps: z.array(step).min(1) }),
  }),
]);

export { oneOrMore };
