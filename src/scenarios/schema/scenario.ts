/** The whole file. One source for types, faults with their places, and the JSON Schema that editors complete from. */
import { z } from 'zod';
import { cluster, federationLink, gateway, sharedTarget } from './cluster.ts';
import { agent, instance, node, peering, speaker } from './protocol.ts';
import { repeatedStep } from './steps.ts';
import { duration, name, oneOrMore, port, prefix, quirks, selector } from './words.ts';

const cost = z.strictObject({ perMessage: duration.optional(), perRoute: duration.optional() });

export const scenarioSchema = z
  .strictObject({
    scenario: z.string({ error: 'a scenario has a title' }).min(1),
    description: z.string().optional(),
    extends: z
      .string()
      .optional()
      .meta({
        description: 'Another scenario this one changes: maps are merged, lists and values replaced, null deletes.',
      }),
    profile: z.enum(['tungsten-fabric', 'opensdn']).optional(),
    quirks: quirks.optional(),
    seed: z.number().int().min(0).max(0xffffffff).optional(),
    costs: z
      .union([
        z.literal('zero'),
        z.strictObject({ controlNode: cost.optional(), agent: cost.optional(), gateway: cost.optional() }),
      ])
      .optional(),
    latency: z
      .strictObject({ within: duration.optional(), between: duration.optional() })
      .optional()
      .meta({ description: 'Link latency inside a cluster and between clusters.' }),
    clusters: z.record(name, cluster).optional(),
    federation: z.array(federationLink).optional(),
    gateways: z.record(name, gateway).optional(),
    routeTargets: z.array(sharedTarget).optional(),
    tenants: z.record(name, z.array(z.string()).min(1)).optional(),
    external: z
      .record(name, z.array(prefix).min(1))
      .optional()
      .meta({ description: 'Named external prefixes behind gateways; internet is 0.0.0.0/0 unless said.' }),
    matrix: z
      .strictObject({
        rows: z.record(z.string(), oneOrMore(selector)),
        columns: z.record(z.string(), z.strictObject({ to: oneOrMore(selector), port: port.optional() })),
      })
      .optional()
      .meta({ description: 'The reachability table that run prints; absent: one row and column a group of workloads.' }),
    nodes: z.record(name, node).optional(),
    peerings: z.array(peering).optional(),
    instances: z.record(z.string(), instance).optional(),
    agents: z.record(name, agent).optional(),
    speakers: z.record(name, speaker).optional(),
    steps: z.array(repeatedStep).min(1),
  })
  .meta({ title: 'Vaportrail scenario' });

export type Scenario = z.infer<typeof scenarioSchema>;
export type ScenarioCluster = z.infer<typeof cluster>;
export type ScenarioGateway = z.infer<typeof gateway>;
export type ScenarioNode = z.infer<typeof node>;
export type ScenarioPeering = z.infer<typeof peering>;
export type ScenarioInstance = z.infer<typeof instance>;
export type ScenarioAgent = z.infer<typeof agent>;
export type ScenarioSpeaker = z.infer<typeof speaker>;

/** JSON Schema of the language (draft 2020-12), for `# yaml-language-server: $schema=`. */
export function scenarioJsonSchema(): object {
  return z.toJSONSchema(scenarioSchema, { io: 'input', unrepresentable: 'any' });
}
