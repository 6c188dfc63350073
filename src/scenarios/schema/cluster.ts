/** Clusters, their federation, gateways and targets: the altitude of a rollout. */
import * as z from 'zod';
import { linkWords } from './link.ts';
import {
  address, asn, duration, families, holdTime, maybe, members, name, needed, oneOrMore, port, prefix, prefixOrName, quirks, routeTarget, selector,
} from './words.ts'; // biome-ignore format: a list of words

const encapsulation = z.array(z.enum(['MPLSoGRE', 'MPLSoUDP', 'VXLAN'])).meta({
  description: 'Encapsulation priorities of the agents, first preferred.',
  examples: [['MPLSoUDP', 'MPLSoGRE']],
});

const project = maybe(name, 'The project it belongs to. Unless said: default.', 'leonardo');
const securityGroups = maybe(
  z.array(z.string()),
  'Security groups by name, or project/name. Unless said: none, and all traffic passes.',
  ['web'],
);

const heatImport = z
  .strictObject({
    heat: needed(
      z.string(),
      'A HOT template, relative to this file or, with $INPUT/, to --input.',
      'leonardodb.hot.yaml',
    ),
    environment: maybe(z.string(), 'A Heat environment file with parameters.', 'leonardodb.env.yaml'),
    parameters: maybe(z.record(z.string(), z.unknown()), 'Parameters, over those of the environment.', { count: 3 }),
    project: needed(name, 'The project the stack is created in.', 'leonardo'),
    stack: maybe(name, 'Name of the stack. Unless said: that of the template file.', 'db'),
  })
  .meta({
    description: 'A Heat template that is created as a stack in a project.',
    examples: [{ heat: 'leonardodb.hot.yaml', project: 'leonardo' }],
  });

const plugin = z
  .strictObject({
    name: needed(z.literal('kube-network-manager'), 'The plug-in.'),
    era: maybe(z.enum(['K1', 'K2', 'K3']), 'Its generation, whose labels and defaults differ (OR-5). Unless said: K1.'),
    labels: maybe(
      z.strictObject({
        network: maybe(z.string(), 'The label that names a pod’s network. Unless said: that of the era.', 'name'),
        access: maybe(
          z.string(),
          'The label that names the networks a pod may use. Unless said: that of the era.',
          'uses',
        ),
      }),
      'The labels it reads. Unless said: those of the era.',
      { network: 'name', access: 'uses' },
    ),
    podRange: maybe(prefix, 'Range of the pod networks. Unless said: that of the era.', '10.150.0.0/16'),
    serviceRange: maybe(prefix, 'Range of service addresses. Unless said: that of the era.', '10.254.0.0/16'),
    publicRange: maybe(prefix, 'Range of public floating addresses. Unless said: there are none.', '203.0.113.0/24'),
    publicNetwork: maybe(z.string(), 'The public network, fully qualified. Unless said: that of the era.'),
    clusterServices: maybe(z.array(z.string()), 'Services every pod may use, namespace/name.', ['kube-system/dns']),
  })
  .meta({
    description: 'The network plug-in of a Kubernetes cluster.',
    examples: [{ name: 'kube-network-manager', era: 'K1' }],
  });

const manifestImport = z
  .strictObject({
    manifests: needed(oneOrMore(z.string()), 'Files or folders of Kubernetes manifests, YAML or JSON.', 'manifests/'),
    namespace: maybe(name, 'Of objects that name none, as kubectl --namespace. Unless said: default.', 'guestbook'),
    plugin: maybe(plugin, 'The network plug-in that reads them. Unless said: kube-network-manager of era K1.'),
  })
  .meta({
    description: 'Kubernetes manifests and the network plug-in that reads them.',
    examples: [{ manifests: 'manifests/' }],
  });

const subnet = z.union([
  prefix,
  z
    .strictObject({
      cidr: needed(prefix, 'The prefix.'),
      gateway: maybe(address, 'Gateway address. Unless said: the first host, or the last with from: end.', '10.1.0.1'),
      dns: maybe(address, 'Address of the DNS service. Unless said: the next one.', '10.1.0.2'),
      from: maybe(z.enum(['start', 'end']), 'Where the allocator begins (OR-6.3). Unless said: start.'),
      id: maybe(z.string(), 'Uuid, so that an import can refer to it.'),
    })
    .meta({
      description: 'A subnet with more to say than its prefix.',
      examples: [{ cidr: '10.1.0.0/24', from: 'end' }],
    }),
]);

export const network = z
  .strictObject({
    project,
    subnet: needed(oneOrMore(subnet), 'One subnet or several: a prefix, or a map.', '10.1.0.0/24'),
    uuid: maybe(z.string(), 'Uuid, so that an import can refer to it.'),
    id: maybe(z.number().int().min(1), 'Network id. Unless said: handed out by the cluster.', 5),
    external: maybe(z.boolean(), 'Floating addresses are taken from it. Unless said: false.'),
    shared: maybe(z.boolean(), 'Other projects may use it. Unless said: false.'),
    routeTargets: maybe(z.array(routeTarget), 'Configured targets, beside the automatic one.', ['target:64512:10000']),
    importTargets: maybe(z.array(routeTarget), 'Configured targets for import alone.', ['target:64512:10000']),
    exportTargets: maybe(z.array(routeTarget), 'Configured targets for export alone.', ['target:64512:10000']),
    policies: maybe(z.array(z.string()), 'Network policies attached to it, in order.', ['web-to-data']),
  })
  .meta({
    description: 'A virtual network that the scenario itself states.',
    examples: [{ project: 'shop', subnet: '10.1.0.0/24' }],
  });

export const workload = z
  .strictObject({
    kind: maybe(z.enum(['vm', 'pod']), 'What it is. Unless said: vm.'),
    project,
    network: needed(z.string(), 'The network it stands in: a name, or project/name.', 'web'),
    host: maybe(name, 'The vRouter it runs on. Unless said: placed by the scheduler.', 'cmp-1'),
    address: maybe(address, 'Its address. Unless said: the allocator’s next.', '10.1.0.5'),
    securityGroups,
    count: maybe(
      z.number().int().min(1).max(100_000),
      'So many, called name-1, name-2, ... Unless said: one, called name.',
      3,
    ),
  })
  .meta({
    description: 'A virtual machine or pod that the scenario itself states.',
    examples: [{ project: 'shop', network: 'web', count: 2 }],
  });

const rule = z
  .strictObject({
    direction: maybe(z.enum(['ingress', 'egress']), 'Which way. Unless said: ingress.'),
    port: maybe(port, 'Protocol and port. Unless said: any.'),
    remote: maybe(prefixOrName, 'A prefix, or a group by name. Unless said: anywhere.', '10.1.0.0/24'),
  })
  .meta({
    description: 'A rule of a security group. A group without an egress rule lets everything out.',
    examples: [{ port: 'tcp/5432', remote: '10.1.0.0/24' }],
  });

const policyRule = z
  .strictObject({
    from: needed(prefixOrName, 'A network by name, a prefix, any, or local.', 'web'),
    to: needed(prefixOrName, 'A network by name, a prefix, any, or local.', 'data'),
    direction: maybe(z.enum(['>', '<>']), 'One way or both. Unless said: <>.'),
    port: maybe(port, 'Protocol and destination port. Unless said: any.'),
    action: maybe(z.enum(['pass', 'deny']), 'What happens to what matches. Unless said: pass.'),
  })
  .meta({ description: 'A rule of a network policy.', examples: [{ from: 'web', to: 'data', port: 'tcp/5432' }] });

const securityGroup = z
  .strictObject({ project, rules: needed(z.array(rule), 'What passes.') })
  .meta({ description: 'A security group.', examples: [{ project: 'shop', rules: [{ port: 'tcp/80' }] }] });

const policy = z
  .strictObject({ project, rules: needed(z.array(policyRule).min(1), 'Rules, the first that matches decides.') })
  .meta({ description: 'A network policy.', examples: [{ project: 'shop', rules: [{ from: 'web', to: 'data' }] }] });

const pin = z
  .strictObject({
    host: maybe(name, 'The vRouter it runs on.', 'cmp-1'),
    address: maybe(address, 'The address of its first interface.', '10.0.100.9'),
  })
  .meta({ description: 'Where an imported workload stands.', examples: [{ host: 'cmp-1' }] });

export const cluster = z
  .strictObject({
    asn: maybe(asn, 'The AS of its control nodes. Unless said: 64512.'),
    profile: maybe(
      z.enum(['tungsten-fabric', 'opensdn']),
      'The release that is modelled. Unless said: that of the scenario.',
    ),
    quirks: maybe(quirks, 'Quirks of this cluster, laid over those of the scenario.', { Q1: false }),
    underlay: maybe(prefix, 'Where its nodes have their addresses. Unless said: 172.16.10.0/24, 172.16.20.0/24, ...'),
    controlNodes: maybe(members, 'Its control nodes. Unless said: 2.'),
    vrouters: maybe(members, 'Its compute hosts. Unless said: 2.'),
    encapsulation: maybe(encapsulation, 'Encapsulation priorities of the agents. Unless said: the compiled default.'),
    pathPreference: maybe(
      z.boolean(),
      'Agents raise the preference of a path once its workload has been seen. Unless said: true.',
    ),
    stagger: maybe(
      duration,
      'Its vRouters connect one after the other, evenly within so long of their first start. Unless said: that of the scenario.',
      '10s',
    ),
    holdTime: maybe(holdTime, 'BGP hold time of the control nodes. Unless said: 90s.'),
    xmppHoldTime: maybe(holdTime, 'XMPP hold time of control nodes and agents. Unless said: 90s.'),
    clusterId: maybe(z.number().int().min(1), 'Makes its control nodes route reflectors with this cluster id.', 1),
    automaticTargets: maybe(
      z.strictObject({ start: maybe(z.number().int().min(1), 'The first number. Unless said: 8000000.', 8100000) }),
      'Where the numbers of automatic route targets start, to set clusters of one AS apart.',
      { start: 8100000 },
    ),
    logicalRouters: maybe(
      z.boolean(),
      'The transformer’s option logical_routers_enabled, which closes access lists with pass. Unless said: true.',
    ),
    import: maybe(z.array(z.union([heatImport, manifestImport])), 'Files that say what runs in the cluster.'),
    networks: maybe(z.record(name, network), 'Networks by name.'),
    workloads: maybe(z.record(name, workload), 'Workloads by name.'),
    securityGroups: maybe(z.record(name, securityGroup), 'Security groups by name.'),
    policies: maybe(z.record(name, policy), 'Network policies by name.'),
    pins: maybe(z.record(selector, pin), 'Imported workloads, each by a selector, pinned to a host or an address.', {
      'vm:leonardo/PostgreSQL-1': { host: 'cmp-1' },
    }),
  })
  .meta({ description: 'One cloud with its own Contrail.', examples: [{ asn: 64512, controlNodes: 2, vrouters: 3 }] });

export const federationLink = z
  .strictObject({
    between: needed(z.tuple([name, name]), 'Two clusters.', ['openstack', 'kubernetes']),
    ...linkWords((word) => `${word}.between of the scenario.`),
    families: maybe(families, 'Families of the sessions. Unless said: route-target and inet-vpn.'),
    neighbourType: maybe(
      z.enum(['external-control-node', 'control-node', 'router']),
      'What each side takes the other for (CN-10.1). Unless said: external-control-node.',
    ),
    peers: maybe(
      z.array(z.tuple([name, name])),
      'Sessions by name. Unless said: every control node with every control node.',
      [['ctl-os-1', 'ctl-k8s-1']],
    ),
  })
  .meta({
    description: 'BGP federation of two clusters.',
    examples: [{ between: ['openstack', 'kubernetes'], latency: '4ms' }],
  });

const gatewayInstance = z
  .strictObject({
    routeTargets: needed(z.array(routeTarget).min(1), 'Targets for import and export.', ['target:64512:10001']),
    external: maybe(z.array(prefix), 'Prefixes it announces and delivers to.', ['0.0.0.0/0']),
  })
  .meta({
    description: 'A VRF of a gateway.',
    examples: [{ routeTargets: ['target:64512:10001'], external: ['0.0.0.0/0'] }],
  });

export const gateway = z
  .strictObject({
    asn: needed(asn, 'Its AS.', 65000),
    address: maybe(address, 'Underlay address and BGP identifier. Unless said: 172.16.0.1 and on.', '172.16.0.1'),
    peers: maybe(
      z.array(name).min(1),
      'Clusters, or single control nodes of them. Unless said: those of peerings alone.',
      ['openstack', 'kubernetes'],
    ),
    transit: maybe(z.boolean(), 'Passes VPN routes on between its peers. Unless said: false.'),
    encapsulations: maybe(z.array(z.enum(['gre', 'udp'])), 'Tunnels it takes. Unless said: gre and udp.', ['gre']),
    instances: maybe(z.record(name, gatewayInstance), 'Its VRFs by name.'),
  })
  .meta({
    description: 'A provider-edge router with VRFs (RFC 4364) that peers with every control node of its clusters.',
    examples: [{ asn: 65000, peers: ['openstack'] }],
  });

export const sharedTarget = z
  .strictObject({
    networks: needed(z.array(z.string()).min(1), 'Networks: cluster/project/network.', [
      'openstack/leonardo/leonardodb',
    ]),
    target: needed(routeTarget, 'The target.'),
    direction: maybe(z.enum(['both', 'import', 'export']), 'What it is for. Unless said: both.'),
  })
  .meta({
    description: 'A configured route target on networks.',
    examples: [{ networks: ['openstack/leonardo/leonardodb'], target: 'target:64512:10000' }],
  });
