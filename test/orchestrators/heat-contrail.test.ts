import { describe, expect, it } from 'vitest';
import { addresses, faulty, heat, intentOf, template } from './heat-helpers.ts';
import { said } from './said.ts';

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
