/** The whole file. One source for types, faults with their places, and the JSON Schema that editors complete from. */
import * as z from 'zod';
import { cluster, federationLink, gateway, sharedTarget, type workload } from './cluster.ts';
import { LINKS_OF_ALL, statedLink } from './link.ts';
import { agent, instance, node, peering, speaker } from './protocol.ts';
import { repeatedStep } from './steps.ts';
import { duration, maybe, name, needed, oneOrMore, port, prefix, quirks, selector } from './words.ts';

/** What handling a message costs a kind of node, with where the defaults come from. */
function costOf(message: string, route: string, messageOrigin: string, routeOrigin: string) {
  return z
    .strictObject({
      perMessage: maybe(
        duration,
        `Virtual time that handling a message takes. The default: ${messageOrigin}. Unless said: ${message}.`,
        message,
      ),
      perRoute: maybe(
        duration,
        `Virtual time that each route in it takes on top. The default: ${routeOrigin}. Unless said: ${route}.`,
        route,
      ),
    })
    .meta({ examples: [{ perMessage: message, perRoute: route }] });
}

const FRR = 'what FRR spends of CPU on delivering one (10.8us, BIRD 2.7us, measured)';
const routerCost = costOf('50us', '10us', 'an assumption', FRR);

const costs = z.union([
  z.literal('zero'),
  z
    .strictObject({
      controlNode: maybe(routerCost, 'Of a control node.'),
      agent: maybe(
        costOf('100us', '20us', 'an assumption, twice a control node', 'an assumption, twice a control node'),
        'Of an agent.',
      ),
      gateway: maybe(routerCost, 'Of a gateway.'),
    })
    .meta({ description: 'Costs by kind of node.', examples: [{ agent: { perRoute: '10us' } }] }),
]);

const column = z
  .strictObject({
    to: needed(oneOrMore(selector), 'Who is meant.'),
    port: maybe(port, 'Protocol and port. Unless said: any protocol.'),
  })
  .meta({ description: 'A column of the reachability table.', examples: [{ to: 'vm:leonardo/*', port: 'tcp/5432' }] });

const matrix = z
  .strictObject({
    rows: needed(z.record(z.string(), oneOrMore(selector)), 'Who sends, by title.', { LEO: 'pod:default/leonardo-*' }),
    columns: needed(z.record(z.string(), column), 'Who is meant and on which port, by title.', {
      'PG:5432': { to: 'vm:leonardo/*', port: 'tcp/5432' },
    }),
  })
  .meta({ description: 'The reachability table.' });

export const scenarioSchema = z
  .strictObject({
    scenario: needed(
      z.string({ error: 'a scenario has a title' }).min(1),
      'The title.',
      'Two clouds, one control plane',
    ),
    description: maybe(z.string(), 'What it shows, in a sentence.'),
    extends: maybe(
      z.string(),
      'Another scenario this one changes: maps are merged, lists and values replaced, null deletes.',
      'leonardo.yaml',
    ),
    profile: maybe(
      z.enum(['tungsten-fabric', 'opensdn']),
      'The release that is modelled. Unless said: tungsten-fabric.',
    ),
    quirks: maybe(quirks, 'Quirks of the modelled release by name, turned on or off.', { Q1: false }),
    seed: maybe(
      z.number().int().min(0).max(0xffffffff),
      'Seed of every random stream. Unless said: 1, or --seed.',
      20160212,
    ),
    costs: maybe(
      costs,
      'What nodes take time for. Unless said: defaults by kind of node; zero turns them off, and --cost zero links and stagger as well.',
      'zero',
    ),
    ...LINKS_OF_ALL,
    links: maybe(z.array(statedLink), 'Links between two ends that differ from the rest.'),
    stagger: maybe(
      duration,
      'The vRouters of each cluster connect one after the other, evenly within so long of their first start, in the order of the file. Unless said: all at once.',
      '10s',
    ),
    clusters: maybe(z.record(name, cluster), 'Clusters by name.'),
    federation: maybe(z.array(federationLink), 'Which clusters are joined by BGP.'),
    gateways: maybe(z.record(name, gateway), 'Gateways by name.'),
    routeTargets: maybe(z.array(sharedTarget), 'Configured targets beside the automatic ones.'),
    tenants: maybe(
      z.record(name, z.array(z.string()).min(1)),
      'Tenants: projects and namespaces by cluster, for selectors tenant:name.',
      { leonardo: ['openstack/project/leonardo', 'kubernetes/namespace/default'] },
    ),
    external: maybe(
      z.record(name, z.array(prefix).min(1)),
      'Prefixes behind gateways by name, for selectors external:name. Unless said: internet is 0.0.0.0/0.',
      { office: ['198.51.100.0/24'] },
    ),
    matrix: maybe(
      matrix,
      'The reachability table that run prints. Unless said: a row and a column for each group of workloads.',
    ),
    nodes: maybe(z.record(name, node), 'Control nodes by name, outside any cluster.'),
    peerings: maybe(z.array(peering), 'BGP sessions of those nodes and of speakers.'),
    instances: maybe(z.record(z.string(), instance), 'Routing instances of those nodes by name.'),
    agents: maybe(z.record(name, agent), 'Bare agents by name.'),
    speakers: maybe(z.record(name, speaker), 'Raw BGP speakers by name.'),
    steps: needed(z.array(repeatedStep).min(1), 'What happens, in order.', [{ start: 'all' }]),
  })
  .meta({
    title: 'Vaportrail scenario',
    description: 'A rehearsal: what there is, what happens to it, and what must hold.',
  });

export type Scenario = z.infer<typeof scenarioSchema>;
export type ScenarioCluster = z.infer<typeof cluster>;
export type ScenarioWorkload = z.infer<typeof workload>;
export type ScenarioInstance = z.infer<typeof instance>;

/** JSON Schema of the language (draft 2020-12), for `# yaml-language-server: $schema=`. */
export function scenarioJsonSchema(): object {
  return z.toJSONSchema(scenarioSchema, { io: 'input', unrepresentable: 'any' });
}
