/** What must hold. Each expectation has one claim; `within` gives it time, `at` asks an instant. */
import { z } from 'zod';
import { nodes } from './protocol.ts';
import { address, duration, name, oneOrMore, port, prefix, routeKey, routeTarget, selector } from './words.ts';

const who = oneOrMore(selector);

const reachable = z.strictObject({
  from: who,
  to: who,
  port: port.optional(),
  oneWay: z.boolean().optional().meta({ description: 'The request alone; otherwise request and reply.' }),
  within: duration.optional(),
  at: duration.optional(),
});

const unreachable = z.strictObject({
  from: who,
  to: who,
  port: port.optional(),
  oneWay: z.boolean().optional(),
  reason: z.string().optional().meta({ description: 'The drop reason an operator knows: NoDstRt, Policy, SG, ...' }),
  within: duration.optional(),
  at: duration.optional(),
});

const route = z.strictObject({
  agent: nodes.optional(),
  node: nodes.optional(),
  instance: z.string().optional(),
  table: z.string().optional(),
  prefix: routeKey,
  absent: z.boolean().optional(),
  nextHops: z.array(address).optional(),
  paths: z.number().int().min(0).optional(),
  label: z.number().int().optional(),
  localPref: z.number().int().optional(),
  med: z.number().int().optional(),
  asPath: z.array(z.number().int()).optional(),
  routeTargets: z.array(routeTarget).optional(),
  communities: z.array(z.string()).optional(),
  securityGroups: z.array(z.number().int()).optional(),
  virtualNetwork: z.string().optional(),
  sequence: z.number().int().optional(),
  encapsulations: z.array(z.string()).optional(),
  flags: z.array(z.string()).optional(),
  decidedBy: z.string().optional(),
  within: duration.optional(),
  at: duration.optional(),
});

const claims = {
  reachable: reachable.meta({ description: 'Every pair, every ECMP member, request and reply.' }),
  unreachable: unreachable.meta({ description: 'No member of any pair, no port.' }),
  isolated: z.tuple([selector, selector]).meta({ description: 'Nobody of the one reaches anybody of the other.' }),
  converged: z
    .strictObject({ within: duration })
    .meta({ description: 'The last table change is no later than this after the previous step.' }),
  route: route.meta({ description: 'A row of a table of an agent or a control node.' }),
  finding: z
    .strictObject({
      kind: z.enum(['leak', 'conflict', 'collision']).optional(),
      leak: z.string().optional().meta({ description: 'The prefix that leaks, or *.' }),
      target: routeTarget.optional(),
      networks: z.array(z.string()).optional(),
      clusters: z.array(name).optional(),
      instance: z.string().optional(),
    })
    .meta({ description: 'A finding that must be there.' }),
  noFindings: z.union([z.literal(true), z.strictObject({ kind: z.enum(['leak', 'conflict', 'collision']) })]),
  session: z.strictObject({
    between: z.tuple([name, name]),
    state: z.string(),
    within: duration.optional(),
    at: duration.optional(),
  }),
  address: z
    .strictObject({ of: selector, is: oneOrMore(address) })
    .meta({ description: 'The address a workload was given.' }),
  members: z
    .strictObject({ from: selector, to: selector, count: z.number().int().min(0), port: port.optional() })
    .meta({ description: 'How many ECMP members answer behind an address.' }),
  path: z
    .strictObject({ from: selector, to: selector, port: port.optional(), hosts: z.array(name).min(1) })
    .meta({ description: 'The hosts a packet crosses, in order.' }),
  sameState: name.meta({ description: 'The state hash equals that of a checkpoint.' }),
  routes: z.strictObject({
    agent: nodes.optional(),
    node: nodes.optional(),
    instance: z.string().optional(),
    table: z.string().optional(),
    count: z.number().int().min(0),
  }),
  covered: z
    .strictObject({ agent: name, instance: z.string(), address, by: prefix })
    .meta({ description: 'The prefix an address is matched by.' }),
};

export const CLAIMS = Object.keys(claims);

const optionalClaims = Object.fromEntries(
  Object.entries(claims).map(([claim, schema]) => [claim, (schema as z.ZodType).optional()]),
) as { [C in keyof typeof claims]: z.ZodOptional<(typeof claims)[C]> }; // each claim is optional, all else is kept

const plainExpectation = z.strictObject({ ...optionalClaims, name: z.string().optional() });
export type PlainExpectation = z.infer<typeof plainExpectation>;

export const expectation = plainExpectation
  .refine(
    (value) =>
      Object.keys(value).filter((key) => CLAIMS.includes(key) && (value as Record<string, unknown>)[key] !== undefined)
        .length === 1,
    { error: `an expectation has exactly one of ${CLAIMS.join(', ')}` },
  )
  .meta({ description: 'One claim.' });
