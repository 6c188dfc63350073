import { describe, expect, it } from 'vitest';
import { emptyIntent } from '../../src/config/merge.ts';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import { formatMac } from '../../src/net/mac.ts';
import { formatPrefix } from '../../src/net/prefix.ts';
import { network, subnet } from '../config/intent.ts';
import { addresses, heat, intentOf, NET, said, short, template } from './heat-helpers.ts';

const faulty = (text: string, change = {}): readonly string[] => {
  const result = heat(text, change);
  expect(result.ok).toBe(false);
  return said(result);
};

const port = (name: string, properties = ''): string => `${name}:
  type: OS::Neutron::Port
  properties: { name: ${name}, network: { get_resource: net }${properties} }
`;
const server = (name: string, properties: string): string => `${name}:
  type: OS::Nova::Server
  properties: { name: ${name}, ${properties} }
`;

describe('networks and ports of a stack', () => {
  it('get .3, .4 and .5 on a fresh subnet; name servers free .2 (OR-6.5/T1, OR-4.1/21)', () => {
    const three = NET + ['a', 'b', 'c'].map((name) => port(name)).join('');
    expect(addresses(intentOf(heat(template(three))))).toEqual({ a: '10.0.100.3', b: '10.0.100.4', c: '10.0.100.5' });
    const named = three.replace('cidr:', 'dns_nameservers: [8.8.8.8], cidr:');
    expect(addresses(intentOf(heat(template(named))))).toEqual({ a: '10.0.100.2', b: '10.0.100.3', c: '10.0.100.4' });
  });

  it('follow the subnet they are given: gateway, pools, no gateway (OR-4.1/14, OR-4.1/15)', () => {
    const shaped = `net:
  type: OS::Neutron::Net
subnet:
  type: OS::Neutron::Subnet
  properties:
    network_id: { get_resource: net }
    cidr: 10.1.0.0/24
    gateway_ip: 10.1.0.254
    allocation_pools: [{ start: 10.1.0.10, end: 10.1.0.20 }]
open:
  type: OS::Neutron::Net
bare:
  type: OS::Neutron::Subnet
  properties: { network: { get_resource: open }, cidr: 10.2.0.0/24, gateway_ip: '' }
`;
    const { networks } = intentOf(heat(template(shaped)));
    const [net, open] = networks.map(({ subnets }) => subnets[0]!);
    expect([formatPrefix(net!.prefix), formatIpv4(net!.gateway!), formatIpv4(net!.dns), net!.pools.length]).toEqual([
      '10.1.0.0/24', '10.1.0.254', '10.1.0.2', 1,
    ]); // biome-ignore format: one row
    expect(open?.gateway).toBeNull();
    expect(networks.map(({ name }) => name)).toEqual([
      'default-domain:leonardo:stack-net',
      'default-domain:leonardo:stack-open',
    ]);
  });

  it('may be fixed by address, and refer to subnets by id, name or prefix of another project (OR-4.2/6)', () => {
    const one = port(
      'a',
      ', mac_address: "02:00:00:00:00:09", fixed_ips: [{ ip_address: 10.0.100.77, subnet_id: { get_resource: subnet } }]',
    );
    const intent = intentOf(heat(template(NET + one)));
    expect(addresses(intent)).toEqual({ a: '10.0.100.77' });
    expect(formatMac(intent.interfaces[0]!.mac)).toBe('02:00:00:00:00:09');
  });

  it('that exist already are found by uuid or name, with their subnets (fixture: existing network)', () => {
    const existing = {
      ...emptyIntent('openstack'),
      networks: [
        network('default-domain:leonardo:private', {
          uuid: '11111111-2222-3333-4444-555555555555',
          subnets: [{ ...subnet('10.9.0.0/24'), name: 'sub', uuid: 'aaaaaaaa-2222-3333-4444-555555555555' }],
        }),
        network('default-domain:admin:common', { shared: true }),
        network('default-domain:admin:hidden'),
      ],
    };
    const text = (net: string, sub: string) =>
      template(
        `a:\n  type: OS::Neutron::Port\n  properties: { network_id: ${net}, fixed_ips: [{ subnet: ${sub} }] }\n`,
      );
    for (const [net, sub] of [
      ['11111111222233334444555555555555', 'aaaaaaaa222233334444555555555555'],
      ['private', 'sub'],
    ] as const) {
      const { interfaces } = intentOf(heat(text(net, sub), {}, existing));
      expect(interfaces[0]).toMatchObject({
        network: 'default-domain:leonardo:private',
        addresses: [{ subnet: 'aaaaaaaa-2222-3333-4444-555555555555' }],
      });
    }
    const plainPort = (net: string) => template(`a:\n  type: OS::Neutron::Port\n  properties: { network: ${net} }\n`);
    expect(intentOf(heat(plainPort('common'), {}, existing)).interfaces[0]?.network).toBe(
      'default-domain:admin:common',
    );
    expect(said(heat(plainPort('hidden'), {}, existing))[0]).toContain('there is no network hidden');
    expect(said(heat(plainPort('privte'), {}, existing))).toEqual([
      'stack.yaml:5:28 unknown-network there is no network privte, did you mean private?',
    ]);
    expect(said(heat(text('private', 'sab'), {}, existing))[0]).toContain(
      'there is no subnet of network private sab, did you mean sub?',
    );
  });

  it('on the external network are marked so, and a network says whether it is shared (OR-4.1/4, OR-4.1/5)', () => {
    const net = `net:\n  type: OS::Neutron::Net\n  properties: { shared: true, value_specs: { 'router:external': true } }\n`;
    expect(intentOf(heat(template(net))).networks[0]).toMatchObject({ shared: true, external: true });
  });
});

describe('security groups of a stack', () => {
  const group = (rules: string): string =>
    `db:\n  type: OS::Neutron::SecurityGroup\n  properties: { name: db, rules: [${rules}] }\n`;
  const rulesOf = (text: string) =>
    intentOf(heat(template(text))).securityGroups.find(({ name }) => short(name) === 'db')!.rules;

  it('let everything out, until a rule for egress is written (OR-4.3/1)', () => {
    expect(rulesOf(group('')).map(({ direction, protocol }) => [direction, protocol])).toEqual([['egress', null]]);
    expect(
      rulesOf(group('{ direction: egress, protocol: tcp }')).map(({ direction, protocol }) => [direction, protocol]),
    ).toEqual([['egress', 6]]);
  });

  it('read remotes, protocols and ports of their rules (OR-4.3/3 to OR-4.3/10)', () => {
    const rules = rulesOf(
      group(
        '{ protocol: tcp, port_range_min: 5432, port_range_max: 5433, remote_ip_prefix: 10.150.1.2/16 }, { protocol: icmp, port_range_min: 8, port_range_max: 0 }, { remote_mode: remote_group_id }, { protocol: 47 }',
      ),
    );
    const everywhere = { kind: 'prefix', prefix: { address: 0, length: 0 } };
    expect(rules.slice(0, 4).map(({ protocol, ports, remote }) => ({ protocol, ports, remote }))).toEqual([
      {
        protocol: 6,
        ports: [{ low: 5432, high: 5433 }],
        remote: { kind: 'prefix', prefix: { address: 0x0a960000, length: 16 } },
      },
      { protocol: 1, ports: [], remote: everywhere },
      { protocol: null, ports: [], remote: { kind: 'group', name: 'default-domain:leonardo:db' } },
      { protocol: 47, ports: [], remote: everywhere },
    ]);
  });

  it('get rules from resources of their own, which a condition may leave out', () => {
    const rule = `open:
  type: OS::Neutron::SecurityGroupRule
  condition: wanted
  properties: { security_group: { get_resource: db }, protocol: tcp, port_range_min: 22, port_range_max: 22 }
`;
    const text = (wanted: boolean) =>
      template(group('') + rule, `conditions: { wanted: { equals: [${wanted}, true] } }\n`);
    const count = (wanted: boolean) =>
      intentOf(heat(text(wanted))).securityGroups.find(({ name }) => short(name) === 'db')!.rules.length;
    expect([count(true), count(false)]).toEqual([2, 1]);
  });

  it("of a port are the project's default unless said; an empty list lets nothing pass; port security off takes none (OR-4.2/7, OR-6.5/T7)", () => {
    const ports = [
      port('a'),
      port('b', ', security_groups: []'),
      port('c', ', port_security_enabled: false'),
      port('d', ', security_groups: [db]'),
    ];
    const { interfaces } = intentOf(heat(template(NET + group('') + ports.join(''))));
    expect(interfaces.map(({ securityGroups }) => securityGroups)).toEqual([
      ['default-domain:leonardo:default'],
      ['default-domain:default-project:__no_rule__'],
      [],
      ['default-domain:leonardo:db'],
    ]);
  });

  it('named default admit their own members and let everything out (OR-4.3/2)', () => {
    const [standard] = intentOf(heat(template(NET))).securityGroups;
    expect(standard?.rules.map(({ direction, remote }) => [direction, remote.kind])).toEqual([
      ['ingress', 'group'],
      ['egress', 'prefix'],
    ]);
    expect(faulty(template('g:\n  type: OS::Neutron::SecurityGroup\n  properties: { name: default }\n'))[0]).toContain(
      'every project has a security group named default already',
    );
  });

  it('with rules that make no sense are refused, each rule with its place', () => {
    expect(
      faulty(
        template(
          group(
            '{ protocol: tcp, port_range_min: 9 }, { port_range_min: 1, port_range_max: 2 }, { protocol: udp, port_range_min: 9, port_range_max: 2 }, { protocol: tpc }, { protocol: tcp, port_range_min: 70000, port_range_max: 1 }',
          ),
        ),
      ),
    ).toEqual([
      expect.stringContaining('half-a-range'),
      expect.stringContaining('ports-without-protocol'),
      expect.stringContaining('bad-port-range'),
      expect.stringContaining(
        'bad-protocol protocol of db is a name such as tcp, udp, icmp or a number up to 255, not tpc',
      ),
      expect.stringContaining('port_range_min of db must be a whole number from 0 to 65535, not 70000'),
    ]);
  });
});

describe('servers of a stack', () => {
  it('own the ports they name, and get a port with the groups of the server on networks they name (OR-4.9/C1)', () => {
    const text =
      NET +
      port('p') +
      server(
        'one',
        'networks: [{ port: { get_resource: p } }, { network: private, fixed_ip: 10.0.100.50 }], security_groups: [default]',
      );
    const intent = intentOf(heat(template(text)));
    expect(intent.workloads).toMatchObject([
      {
        kind: 'vm',
        name: 'one',
        project: 'leonardo',
        interfaces: ['default-domain:leonardo:p', 'default-domain:leonardo:one-private-2'],
      },
    ]);
    expect(intent.interfaces.every(({ workload }) => workload === 'vm:leonardo/one')).toBe(true);
    expect(addresses(intent)).toEqual({ p: '10.0.100.3', 'one-private-2': '10.0.100.50' });
  });

  it('ask for a host by their availability zone (OR-4.9.p6)', () => {
    const hosts = (zone: string) =>
      intentOf(
        heat(
          template(NET + server('one', `networks: [{ subnet: { get_resource: subnet } }], availability_zone: ${zone}`)),
        ),
      ).workloads[0]?.host;
    expect([hosts('nova:cmp-2'), hosts('nova:cmp-2:node'), hosts('nova')]).toEqual(['cmp-2', 'cmp-2', null]);
  });

  it('without networks take the only one of their project, and cannot choose among two', () => {
    const alone = heat(template(`${NET}one:\n  type: OS::Nova::Server\n`));
    expect(intentOf(alone).interfaces[0]?.network).toBe('default-domain:leonardo:private');
    expect(said(alone).join()).toContain('gets private, the only one of its project');
    expect(faulty(template(`${NET}other:\n  type: OS::Neutron::Net\none:\n  type: OS::Nova::Server\n`))[0]).toContain(
      'its project has 2 to choose from',
    );
    expect(said(heat(template('one:\n  type: OS::Nova::Server\n'))).join()).toContain('so nobody reaches it');
    expect(
      intentOf(
        heat(template('one:\n  type: OS::Nova::Server\n  properties: { networks: [{ allocate_network: none }] }\n')),
      ).interfaces,
    ).toEqual([]);
  });

  it('cannot share a port', () => {
    const two =
      NET +
      port('p') +
      server('one', 'networks: [{ port: { get_resource: p } }]') +
      server('two', 'networks: [{ port: { get_resource: p } }]');
    expect(faulty(template(two))[0]).toContain('port p belongs to vm:leonardo/one already');
  });

  it('of a group carry their number in their names (OR-6.5/T2, OR-4.9/B10)', () => {
    const group = `web:
  type: OS::Heat::ResourceGroup
  properties:
    count: { get_param: size }
    resource_def:
      type: OS::Nova::Server
      properties: { name: web-%index%, networks: [{ network: private }], metadata: { role: web } }
    removal_policies: []
first:
  type: OS::Neutron::Net
  properties: { name: { list_join: ['-', [{ get_attr: [web, resource.0.name] }, { get_attr: [web, name, 2] }, { get_attr: [web, current_size] }]] } }
`;
    const result = heat(template(NET + group, 'parameters: { size: { type: number, default: 3 } }\n'));
    const intent = intentOf(result);
    expect(intent.workloads.map(({ name }) => name)).toEqual(['web-0', 'web-1', 'web-2']);
    expect(intent.networks.map(({ name }) => short(name))).toContain('web-0-web-2-3');
    expect(addresses(intent)).toEqual({
      'web-0-private': '10.0.100.3',
      'web-1-private': '10.0.100.4',
      'web-2-private': '10.0.100.5',
    });
    expect(said(result).filter((line) => line.includes('metadata'))).toHaveLength(1);
  });

  it('of a scaling group are as many as it desires, else its least (OR-4.9/B11)', () => {
    const group = (sizes: string) =>
      `web:\n  type: OS::Heat::AutoScalingGroup\n  properties: { ${sizes}, resource: { type: OS::Nova::Server, properties: { networks: [{ network: private }] } } }\n`;
    const count = (sizes: string) => intentOf(heat(template(NET + group(sizes)))).workloads.map(({ name }) => name);
    expect(count('min_size: 1, max_size: 5, desired_capacity: 2')).toEqual(['stack-web-0', 'stack-web-1']);
    expect(count('min_size: 1, max_size: 5')).toEqual(['stack-web-0']);
    expect(count('min_size: 0, max_size: 5')).toEqual([]);
  });
});

describe('what a stack has and the simulation does not', () => {
  it('is told with place and consequence, and the rest is played', () => {
    const text = `${NET}router:
  type: OS::Neutron::Router
way:
  type: OS::Neutron::RouterInterface
  properties: { router: { get_resource: router }, subnet: { get_resource: subnet } }
key:
  type: OS::Nova::KeyPair
  properties: { name: k }
nested:
  type: lib/other.yaml
odd:
  type: Acme::Cloud::Thing
`;
    expect(said(heat(template(text)))).toEqual([
      'stack.yaml:9:3 not-modelled not modelled: resources.router (OS::Neutron::Router): networks on this router do not reach each other through it, nor the outside',
      'stack.yaml:11:3 not-modelled not modelled: resources.way (OS::Neutron::RouterInterface): the network is not joined to the router',
      'stack.yaml:14:3 not-modelled not modelled: resources.key (OS::Nova::KeyPair): no effect on networking',
      'stack.yaml:17:3 not-modelled not modelled: resources.nested (lib/other.yaml): nothing that the nested template would make is simulated',
      'stack.yaml:19:3 not-modelled not modelled: resources.odd (Acme::Cloud::Thing): the importer does not know this type, so nothing is made of it',
    ]);
  });

  it('cannot stand where a network is needed', () => {
    const text = `odd:\n  type: Acme::Net\n${port('a').replace('net }', 'odd }')}`;
    expect(faulty(template(text))).toEqual([
      expect.stringContaining('unknown-network this needs odd (Acme::Net), which is not modelled, as a network'),
    ]);
  });

  it('includes IPv6, address pairs and static routes', () => {
    const text = `${NET}six:
  type: OS::Neutron::Subnet
  properties: { network: { get_resource: net }, cidr: '2001:db8::/64', ip_version: 6 }
${port('a', ', allowed_address_pairs: [{ ip_address: 10.0.100.9 }]')}`;
    const result = heat(
      template(
        text.replace(
          'cidr: 10.0.100.0/24',
          'cidr: 10.0.100.0/24, host_routes: [{ destination: 0.0.0.0/0, nexthop: 10.0.100.9 }]',
        ),
      ),
    );
    expect(addresses(intentOf(result))).toEqual({ a: '10.0.100.3' });
    expect(said(result).map((line) => line.replace(/^\S+ \S+ /, ''))).toEqual([
      'not modelled: resources.subnet.properties.host_routes: workloads have their default route only',
      'not modelled: six: IPv6 is not simulated, so this subnet gives no addresses',
      'not modelled: resources.a.properties.allowed_address_pairs: traffic with these addresses is not accepted on the port',
    ]);
  });

  it('does not include a misspelt property: that is a fault, as in Heat', () => {
    expect(faulty(template('a:\n  type: OS::Neutron::Port\n  properties: { netwrok: private }\n'))).toEqual(
      expect.arrayContaining([
        expect.stringContaining('OS::Neutron::Port has no property netwrok, did you mean network?'),
      ]),
    );
  });
});

describe('types of Contrail in a template', () => {
  const vn = `vn:
  type: OS::ContrailV2::VirtualNetwork
  depends_on: [policy]
  properties:
    name: left
    route_target_list: { route_target_list_route_target: ["target:64512:10000"] }
    import_route_target_list: { import_route_target_list_route_target: ["target:64512:1"] }
    network_ipam_refs: ["default-domain:default-project:default-network-ipam"]
    network_ipam_refs_data:
      - network_ipam_refs_data_ipam_subnets:
          - network_ipam_refs_data_ipam_subnets_subnet:
              network_ipam_refs_data_ipam_subnets_subnet_ip_prefix: 10.3.0.0
              network_ipam_refs_data_ipam_subnets_subnet_ip_prefix_len: 24
    network_policy_refs: [{ list_join: [':', { get_attr: [policy, fq_name] }] }]
    network_policy_refs_data:
      - network_policy_refs_data_sequence: { network_policy_refs_data_sequence_major: 2, network_policy_refs_data_sequence_minor: 1 }
policy:
  type: OS::ContrailV2::NetworkPolicy
  properties:
    name: pol
    network_policy_entries:
      network_policy_entries_policy_rule:
        - network_policy_entries_policy_rule_direction: <>
          network_policy_entries_policy_rule_protocol: tcp
          network_policy_entries_policy_rule_src_addresses: [{ network_policy_entries_policy_rule_src_addresses_virtual_network: local }]
          network_policy_entries_policy_rule_src_ports: [{ network_policy_entries_policy_rule_src_ports_start_port: -1, network_policy_entries_policy_rule_src_ports_end_port: -1 }]
          network_policy_entries_policy_rule_dst_addresses: [{ network_policy_entries_policy_rule_dst_addresses_virtual_network: right }]
          network_policy_entries_policy_rule_dst_ports: [{ network_policy_entries_policy_rule_dst_ports_start_port: 80, network_policy_entries_policy_rule_dst_ports_end_port: 81 }]
          network_policy_entries_policy_rule_action_list: { network_policy_entries_policy_rule_action_list_simple_action: pass }
`;
  const machine = `group:
  type: OS::ContrailV2::SecurityGroup
  properties:
    name: sg
    configured_security_group_id: 17
    security_group_entries:
      security_group_entries_policy_rule:
        - security_group_entries_policy_rule_direction: '>'
          security_group_entries_policy_rule_protocol: any
          security_group_entries_policy_rule_src_addresses: [{ security_group_entries_policy_rule_src_addresses_subnet: { security_group_entries_policy_rule_src_addresses_subnet_ip_prefix: 0.0.0.0, security_group_entries_policy_rule_src_addresses_subnet_ip_prefix_len: 0 } }]
          security_group_entries_policy_rule_dst_addresses: [{ security_group_entries_policy_rule_dst_addresses_security_group: local }]
vmi:
  type: OS::ContrailV2::VirtualMachineInterface
  properties:
    name: eth0
    virtual_network_refs: [{ get_resource: vn }]
    security_group_refs: [{ get_resource: group }]
    virtual_machine_interface_mac_addresses: { virtual_machine_interface_mac_addresses_mac_address: ["02:00:00:00:00:01"] }
ip:
  type: OS::ContrailV2::InstanceIp
  properties: { virtual_machine_interface_refs: [{ get_resource: vmi }], virtual_network_refs: [{ get_resource: vn }], instance_ip_mode: active-active }
vm:
  type: OS::Nova::Server
  properties: { name: vm, networks: [{ port: { get_resource: vmi } }] }
`;

  it('decode by taking the path off every key (OR-4.9.p5, OR-6.5/T4)', () => {
    const result = heat(template(vn + machine));
    const intent = intentOf(result);
    expect(said(result)).toEqual([]);
    expect(intent.networks[0]).toMatchObject({
      name: 'default-domain:leonardo:left',
      targets: [{ mark: 'both' }, { mark: 'import' }],
      policies: [{ policy: 'default-domain:leonardo:pol', major: 2, minor: 1 }],
      subnets: [{ order: 'descending' }],
    });
    expect(intent.policies[0]?.rules).toMatchObject([
      {
        source: { kind: 'local' },
        destination: { kind: 'network', name: 'default-domain:leonardo:right' },
        protocol: 6,
        sourcePorts: [],
        destinationPorts: [{ low: 80, high: 81 }],
        direction: '<>',
        action: 'pass',
      },
    ]);
    expect(intent.securityGroups.find(({ id }) => id === 17)?.rules).toMatchObject([
      { direction: 'ingress', remote: { kind: 'prefix' } },
    ]);
    expect(intent.interfaces[0]).toMatchObject({
      mode: 'active-active',
      securityGroups: ['default-domain:leonardo:sg'],
      workload: 'vm:leonardo/vm',
    });
    expect(addresses(intent)).toEqual({ eth0: '10.3.0.252' });
  });

  it('refuse a bad route target in its place, and steer nothing through services', () => {
    expect(faulty(template(vn.replace('target:64512:10000', '64512:10000')))).toEqual([
      'stack.yaml:8:61 bad-route-target a route target is written target:ASN:number, such as target:64512:100',
    ]);
    const chained = vn.replace(
      'action_list_simple_action: pass',
      'action_list_simple_action: pass, network_policy_entries_policy_rule_action_list_apply_service: ["d:p:si"]',
    );
    const result = heat(template(chained));
    expect(intentOf(result).policies[0]?.rules).toEqual([]);
    expect(said(result).join()).toContain('the rule steers no traffic through its services and joins no networks');
  });
});

describe('a template that cannot be played', () => {
  it('says what is missing or misspelt, with the nearest word', () => {
    expect(faulty('resources: {}\n')).toEqual([
      'stack.yaml:1:1 no-version this template has no heat_template_version, such as 2016-10-14',
    ]);
    expect(faulty('heat_template_version: 2016-10-41\nresources: { a: { type: x } }\n')).toEqual([
      'stack.yaml:1:24 unknown-version there is no heat_template_version 2016-10-41, did you mean 2016-10-14?',
    ]);
    expect(faulty('AWSTemplateFormatVersion: 2010-09-09\nResources: {}\n')[0]).toContain('CloudFormation template');
    expect(faulty('- a\n')[0]).toContain('a Heat template is a map');
    expect(faulty('')[0]).toContain('this template is empty');
    expect(faulty('a: 1\n---\nb: 2\n')[0]).toContain('stack.yaml:3:1 not-a-template a Heat template is one document');
    expect(faulty('heat_template_version: newton\nresorces: {}\n')).toEqual(
      [
        'stack.yaml:2:1 unknown-section a Heat template has no section resorces, did you mean resources?',
        expect.stringContaining('no-resources'),
      ].sort(),
    );
  });

  it('names a function that is misspelt wherever it is called, and not what would follow from it', () => {
    const conditions = 'conditions:\n  open: { equals: [{ get_parm: a }, 1] }\n';
    const text = `${NET.replace('get_resource', 'get_resorce')}${port('a')}`;
    expect(faulty(template(text, conditions))).toEqual([
      'stack.yaml:3:22 unknown-function there is no function get_parm, did you mean get_param?',
      'stack.yaml:10:30 unknown-function there is no function get_resorce, did you mean get_resource?',
    ]);
  });

  it('names a type that is misspelt by a letter, and not what refers to its resource', () => {
    const server = 's:\n  type: OS::Nova::Server\n  properties: { networks: [{ port: { get_resource: a } }] }\n';
    const text = `${NET}${port('a')}${server}`.replace('OS::Neutron::Net', 'OS::Neutron::Nett');
    expect(faulty(template(text))).toEqual([
      'stack.yaml:4:11 unknown-type there is no resource type OS::Neutron::Nett, did you mean OS::Neutron::Net?',
    ]);
  });

  it('names every reference to nothing, and a ring of references', () => {
    const text = template(
      `a:
  type: OS::Neutron::Port
  depends_on: ohter
  properties: { network: { get_resource: nett }, name: { get_param: nme } }
net:
  type: OS::Neutron::Net
`,
      'parameters: { name: { type: string, default: x } }\n',
    );
    expect(faulty(text)).toEqual([
      'stack.yaml:6:17 unknown-resource there is no resource ohter',
      'stack.yaml:7:44 unknown-resource there is no resource nett, did you mean net?',
      'stack.yaml:7:71 unknown-parameter the template has no parameter nme, did you mean name?',
    ]);
    const ring =
      'a: { type: OS::Heat::Value, depends_on: b }\nb: { type: OS::Heat::Value, depends_on: c }\nc: { type: OS::Heat::Value, depends_on: a }\n';
    expect(faulty(template(ring))).toEqual([
      'stack.yaml:3:3 circular-dependency these resources need each other: a -> b -> c -> a',
    ]);
  });

  it('tells the first twenty faults and how many more there are', () => {
    const many = Array.from(
      { length: 25 },
      (_, i) => `p${i}:\n  type: OS::Neutron::Port\n  properties: { network: none }\n`,
    ).join('');
    const lines = faulty(template(many));
    expect(lines).toHaveLength(21);
    expect(lines[20]).toBe(' more-faults 5 more faults of the same input');
    expect(lines[0]).toContain('stack.yaml:5:');
  });

  it('makes no network twice under one name (OR-4.7/3)', () => {
    const twice =
      'a: { type: OS::Neutron::Net, properties: { name: n } }\nb: { type: OS::Neutron::Net, properties: { name: n } }\n';
    expect(faulty(template(twice))[0]).toContain('network n of project leonardo is made twice');
  });
});
