/** Clusters, their federation, gateways and targets: the altitude of a rollout. */
import { z } from 'zod';
import {
  address, asn, duration, families, members, name, oneOrMore, port, prefix, quirks, routeTarget, selector,
} from './words.ts'; // biome-ignore format: a list of words

const encapsulation = z
  .array(z.enum(['MPLSoGRE', 'MPLSoUDP', 'VXLAN']))
  .meta({ description: 'Encapsulation priorities of the agents, first preferred; [] for the compiled default.' });

const heatImport = z
  .strictObject({
    heat: z.string().meta({ description: 'A HOT template, relative to this file or, with $INPUT/, to --input DIR.' }),
    environment: z.string().optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
    project: name,
    stack: name.optional(),
  })
  .meta({ description: 'A Heat template that is created as a stack in a project.' });

const plugin = z.strictObject({
  name: z.literal('kube-network-manager'),
  era: z.enum(['K1', 'K2', 'K3']).optional(),
  labels: z.strictObject({ network: z.string().optional(), access: z.string().optional() }).optional(),
  podRange: prefix.optional(),
  serviceRange: prefix.optional(),
  publicRange: prefix.optional(),
  publicNetwork: z.string().optional(),
  clusterServices: z.array(z.string()).optional(),
});

const manifestImport = z
  .strictObject({
    manifests: oneOrMore(z.string()).meta({ description: 'Files or folders of Kubernetes manifests, YAML or JSON.' }),
    plugin: plugin.optional(),
  })
  .meta({ description: 'Kubernetes manifests and the network plug-in that reads them.' });

const subnet = z.union([
  prefix,
  z.strictObject({
    cidr: prefix,
    gateway: address.optional(),
    dns: address.optional(),
    from: z.enum(['start', 'end']).optional(),
    id: z.string().optional(),
  }),
]);

export const network = z
  .strictObject({
    project: name.optional(),
    subnet: oneOrMore(subnet),
    uuid: z.string().optional(),
    id: z.number().int().min(1).optional(),
    external: z.boolean().optional(),
    shared: z.boolean().optional(),
    routeTargets: z.array(routeTarget).optional(),
    importTargets: z.array(routeTarget).optional(),
    exportTargets: z.array(routeTarget).optional(),
    policies: z.array(z.string()).optional(),
  })
  .meta({ description: 'A virtual network that the scenario itself states.' });

export const workload = z
  .strictObject({
    kind: z.enum(['vm', 'pod']).optional(),
    project: name.optional(),
    network: z.string(),
    host: name.optional(),
    address: address.optional(),
    securityGroups: z.array(z.string()).optional(),
    count: z.number().int().min(1).max(100_000).optional(),
  })
  .meta({ description: 'A virtual machine (or pod) that the scenario itself states; count makes name-1, name-2, ...' });

const rule = z.strictObject({
  direction: z.enum(['ingress', 'egress']).optional(),
  port: port.optional(),
  remote: z.string().optional().meta({ description: 'A prefix, or the name of a group; absent: anywhere.' }),
});

const policyRule = z.strictObject({
  from: z.string().meta({ description: 'A network by name, a prefix, any, or local.' }),
  to: z.string(),
  direction: z.enum(['>', '<>']).optional(),
  port: port.optional(),
  action: z.enum(['pass', 'deny']).optional(),
});

export const cluster = z
  .strictObject({
    asn: asn.optional(),
    profile: z.enum(['tungsten-fabric', 'opensdn']).optional(),
    quirks: quirks.optional(),
    underlay: prefix.optional(),
    controlNodes: members.optional(),
    vrouters: members.optional(),
    encapsulation: encapsulation.optional(),
    pathPreference: z.boolean().optional(),
    holdTime: duration.optional(),
    xmppHoldTime: duration.optional(),
    clusterId: z.number().int().min(1).optional(),
    automaticTargets: z
      .strictObject({ start: z.number().int().min(1).optional() })
      .optional()
      .meta({ description: 'Where the numbers of automatic route targets start; 8000000 unless set apart by hand.' }),
    logicalRouters: z
      .boolean()
      .optional()
      .meta({
        description: 'The transformer option logical_routers_enabled: closing entry any-any pass (default true).',
      }),
    import: z.array(z.union([heatImport, manifestImport])).optional(),
    networks: z.record(name, network).optional(),
    workloads: z.record(name, workload).optional(),
    securityGroups: z.record(name, z.strictObject({ project: name.optional(), rules: z.array(rule) })).optional(),
    policies: z
      .record(name, z.strictObject({ project: name.optional(), rules: z.array(policyRule).min(1) }))
      .optional(),
    pins: z
      .record(selector, z.strictObject({ host: name.optional(), address: address.optional() }))
      .optional()
      .meta({ description: 'A workload of an import pinned to a host or an address.' }),
  })
  .meta({ description: 'One cloud with its own Contrail.' });

export const federationLink = z
  .strictObject({
    between: z.tuple([name, name]),
    latency: duration.optional(),
    bandwidth: z
      .string()
      .regex(/^\d+(\.\d+)?\s*[kMG]?bit$/, { error: 'a bandwidth is written 100Mbit or 10Gbit' })
      .optional(),
    families: families.optional(),
    neighbourType: z.enum(['external-control-node', 'control-node', 'router']).optional(),
    peers: z
      .array(z.tuple([name, name]))
      .optional()
      .meta({ description: 'Sessions by name; absent: every control node with every control node.' }),
  })
  .meta({ description: 'BGP federation of two clusters.' });

export const gateway = z
  .strictObject({
    asn,
    address: address.optional(),
    peers: z.array(name).min(1),
    transit: z.boolean().optional(),
    encapsulations: z.array(z.enum(['gre', 'udp'])).optional(),
    instances: z
      .record(
        name,
        z.strictObject({
          routeTargets: z.array(routeTarget).min(1),
          external: z.array(prefix).optional(),
        }),
      )
      .optional(),
  })
  .meta({
    description: 'A provider-edge router with VRFs (RFC 4364) that peers with every control node of its clusters.',
  });

export const sharedTarget = z
  .strictObject({
    networks: z.array(z.string()).min(1),
    target: routeTarget,
    direction: z.enum(['both', 'import', 'export']).optional(),
  })
  .meta({ description: 'A configured route target on networks: cluster/project/network.' });
