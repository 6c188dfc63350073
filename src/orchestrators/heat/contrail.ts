/**
 * OS::ContrailV2::*: one decoder for all generated types (OR-4.9.p4, OR-4.9.p5), and those that make networks,
 * policies, interfaces, addresses and groups. Property names repeat the whole path; decoded they are the API's (OR-5.1).
 */
import type { PolicyAddress, PolicyRule, SecurityGroupRule, Subnet, VirtualNetwork } from '../../config/objects.ts';
import { macOfUuid } from '../../config/uuid.ts';
import { ipv4 } from '../../net/ipv4.ts';
import { formatPrefix, type Ipv4Prefix, lastAddress, maskOf } from '../../net/prefix.ts';
import { parseRouteTarget } from '../../net/route-target.ts';
import type { PortRange } from '../../policy/access-list.ts';
import { harmless, matters } from '../remarks.ts';
import { field, isNothing, type SourceMap, type SourceNode } from '../source-tree.ts';
import { addressOf, macOf, protocolOf } from '../values.ts';
import { type Made, of, property, type ResourceContext, type ResourceType } from './resource.ts';
import { type NetworkDraft, shortName } from './stack.ts';

/** Takes the parent's name and the underscore off every key, all the way down. */
export function decode(node: SourceNode, prefix: string): SourceNode {
  if (node.kind === 'list') return { ...node, items: node.items.map((item) => decode(item, prefix)) };
  if (node.kind === 'scalar') return node;
  const entries = node.entries.map((entry) => {
    const full = entry.key.startsWith(`${prefix}_`) ? entry.key : `${prefix}_${entry.key}`;
    return { ...entry, key: full.slice(prefix.length + 1), value: decode(entry.value, full) };
  });
  return { ...node, entries };
}

function decoded(context: ResourceContext, name: string): SourceNode | null {
  const node = property(context, name);
  return node === null ? null : decode(node, name);
}

/** `<x>_refs` with its `<x>_refs_data`, pair by pair. */
function references(
  context: ResourceContext,
  name: string,
): { readonly to: SourceNode; readonly data: SourceNode | null }[] {
  const { remarks } = context;
  const data = remarks.items(decoded(context, `${name}_refs_data`), of(context, `${name}_refs_data`));
  return remarks
    .items(property(context, `${name}_refs`), of(context, `${name}_refs`))
    .map((to, index) => ({ to, data: data[index] ?? null }));
}

/** A uuid, a name with colons, or a list of its parts. */
function referenceText(context: ResourceContext, node: SourceNode): string | null {
  if (node.kind !== 'list') return context.remarks.text(node, of(context, 'a reference'));
  const parts = context.remarks
    .items(node, of(context, 'a reference'))
    .map((item) => context.remarks.text(item, of(context, 'a reference')));
  return parts.some((part) => part === null) ? null : parts.join(':');
}

function nameOf(context: ResourceContext): string {
  const { remarks, stack } = context;
  const node = property(context, 'name');
  return remarks.text(node, of(context, 'name')) ?? `${stack.name}-${context.resource.replaceAll('.', '-')}`;
}

function made(uuid: string, name: string): Made {
  return { id: uuid, attributes: { name: shortName(name), fq_name: name.split(':'), show: null } };
}

const COMMON = {
  display_name: harmless(),
  fq_name: harmless('the name and the project of the import make it'),
  id_perms: harmless(),
  perms2: harmless(),
  annotations: harmless(),
  project: harmless('objects are made in the project of the import'),
  project_refs: harmless('objects are made in the project of the import'),
  domain: harmless('objects are made in the project of the import'),
  tag_refs: matters('firewall policies with tags are not played'),
} as const;

const NETWORK: ResourceType = {
  rank: 0,
  reads: [
    'name', 'network_ipam_refs', 'network_ipam_refs_data', 'network_policy_refs', 'network_policy_refs_data', 'route_target_list',
    'import_route_target_list', 'export_route_target_list', 'router_external', 'is_shared', 'port_security_enabled',
    'virtual_network_network_id',
  ], // biome-ignore format: a list of words
  leaves: {
    ...COMMON,
    virtual_network_properties: matters(
      'the network is played with its defaults: layer 2 and 3, no transit, no mirror',
    ),
    route_table_refs: matters('static routes of the table are not on the network'),
    bgpvpn_refs: matters('route targets of the bgpvpn are not on the network'),
    virtual_network_refs: matters('the network has no link to a provider network'),
    ecmp_hashing_include_fields: harmless(),
    flood_unknown_unicast: harmless(),
    multi_policy_service_chains_enabled: matters('no traffic is steered through a service instance'),
  },
  make(context) {
    const { stack, remarks } = context;
    const short = nameOf(context);
    const name = stack.fullName(short);
    const uuid = stack.uuid('network', context.resource);
    const targets: VirtualNetwork['targets'][number][] = [];
    for (const [list, mark] of [
      ['route_target_list', 'both'],
      ['import_route_target_list', 'import'],
      ['export_route_target_list', 'export'],
    ] as const) {
      const map = remarks.map(decoded(context, list), of(context, list));
      for (const item of remarks.items(field(map, 'route_target'), of(context, list))) {
        const text = remarks.text(item, of(context, 'a route target'));
        const target = text === null ? null : parseRouteTarget(text);
        if (target !== null) targets.push({ target, mark, at: item.at });
        else if (text !== null) {
          remarks.fault(
            item.at,
            'bad-route-target',
            'a route target is written target:ASN:number, such as target:64512:100',
          );
        }
      }
    }
    const network: NetworkDraft = {
      name,
      uuid,
      at: context.at,
      id:
        remarks.whole(
          property(context, 'virtual_network_network_id'),
          of(context, 'virtual_network_network_id'),
          1,
          0xffffff,
        ) ?? 0,
      subnets: references(context, 'network_ipam').flatMap(({ to, data }) => ipamSubnets(context, to, data)),
      targets,
      policies: [],
      external: remarks.flag(property(context, 'router_external'), of(context, 'router_external')) ?? false,
      shared: remarks.flag(property(context, 'is_shared'), of(context, 'is_shared')) ?? false,
      portSecurity:
        remarks.flag(property(context, 'port_security_enabled'), of(context, 'port_security_enabled')) ?? true,
    };
    for (const { to, data } of references(context, 'network_policy')) {
      const reference = referenceText(context, to);
      const policy = reference === null ? null : stack.policy(reference, to.at);
      if (data !== null) remarks.map(data, of(context, 'network_policy_refs_data'));
      const sequence = remarks.map(field(data, 'sequence'), of(context, 'sequence'));
      const last = Number.MAX_SAFE_INTEGER; // a policy without a sequence comes after all that have one
      const major =
        remarks.whole(field(sequence, 'major'), of(context, 'major'), 0, 0x7fffffff) ?? (sequence === null ? last : 0);
      const minor =
        remarks.whole(field(sequence, 'minor'), of(context, 'minor'), 0, 0x7fffffff) ?? (sequence === null ? last : 0);
      if (policy !== null) network.policies.push({ policy, major, minor, at: to.at });
    }
    stack.addNamed(stack.networks, network, 'network');
    return made(uuid, name);
  },
};

/** Without addr_from_start the subnet is filled from its end (OR-6.3/2). */
function ipamSubnets(context: ResourceContext, to: SourceNode, data: SourceNode | null): Subnet[] {
  const { remarks, stack } = context;
  referenceText(context, to);
  if (data !== null) remarks.map(data, of(context, 'network_ipam_refs_data'));
  const subnets: Subnet[] = [];
  for (const item of remarks.items(field(data, 'ipam_subnets'), of(context, 'ipam_subnets'))) {
    remarks.map(item, of(context, 'a subnet'));
    const prefix = subnetPrefix(context, remarks.map(field(item, 'subnet'), of(context, 'subnet')));
    if (prefix === null) continue;
    const fromStart = remarks.flag(field(item, 'addr_from_start'), of(context, 'addr_from_start')) ?? false;
    const last = lastAddress(prefix);
    const gatewayNode = field(item, 'default_gateway');
    const gateway = addressOf(gatewayNode, of(context, 'default_gateway'), remarks);
    const dns = addressOf(field(item, 'dns_server_address'), of(context, 'dns_server_address'), remarks);
    const pools = remarks.items(field(item, 'allocation_pools'), of(context, 'allocation_pools')).flatMap((pool) => {
      remarks.map(pool, of(context, 'an allocation pool'));
      const first = addressOf(field(pool, 'start'), of(context, 'start of a pool'), remarks);
      const end = addressOf(field(pool, 'end'), of(context, 'end of a pool'), remarks);
      return first === null || end === null ? [] : [{ first, last: end }];
    });
    subnets.push({
      prefix,
      gateway: gateway === 0 ? null : (gateway ?? ipv4(fromStart ? prefix.address + 1 : last - 1)),
      dns: dns ?? ipv4(fromStart ? prefix.address + 2 : last - 2),
      order: fromStart ? 'ascending' : 'descending',
      pools,
      uuid: stack.uuid('subnet', `${context.resource}:${formatPrefix(prefix)}`),
      ...nameIfAny(remarks.text(field(item, 'subnet_name'), of(context, 'subnet_name'))),
      at: item.at,
    });
  }
  return subnets;
}

function nameIfAny(name: string | null): { readonly name?: string } {
  return name === null || name === '' ? {} : { name };
}

function subnetPrefix(context: ResourceContext, node: SourceMap | null): Ipv4Prefix | null {
  const { remarks } = context;
  const addressNode = field(node, 'ip_prefix');
  const address = addressOf(addressNode, of(context, 'ip_prefix'), remarks);
  const length = remarks.whole(field(node, 'ip_prefix_len'), of(context, 'ip_prefix_len'), 0, 32);
  if (address === null || length === null) {
    if (node !== null && isNothing(addressNode))
      remarks.fault(node.at, 'no-cidr', `a subnet of ${context.resource} has no ip_prefix`);
    return null;
  }
  return { address: ipv4(address & maskOf(length)), length };
}

const POLICY: ResourceType = {
  rank: -1,
  reads: ['name', 'network_policy_entries'],
  leaves: COMMON,
  make(context) {
    const { stack, remarks } = context;
    const name = stack.fullName(nameOf(context));
    const uuid = stack.uuid('policy', context.resource);
    const entries = remarks.map(decoded(context, 'network_policy_entries'), of(context, 'network_policy_entries'));
    const rules = remarks
      .items(field(entries, 'policy_rule'), of(context, 'policy_rule'))
      .flatMap((item, index) => policyRules(context, item, `${name}:${index + 1}`));
    stack.addNamed(stack.policies, { name, uuid, at: context.at, rules }, 'network policy');
    return made(uuid, name);
  },
};

/** One rule per pair of addresses: our rules have one address on each side. */
function policyRules(context: ResourceContext, item: SourceNode, id: string): PolicyRule[] {
  const { remarks } = context;
  remarks.map(item, of(context, 'a rule'));
  const direction = remarks.oneOf(field(item, 'direction'), of(context, 'direction'), ['>', '<>']) ?? '<>';
  const protocol = protocolOf(field(item, 'protocol'), of(context, 'protocol'), remarks);
  const uuid = remarks.text(field(item, 'rule_uuid'), of(context, 'rule_uuid')) ?? id;
  const actions = remarks.map(field(item, 'action_list'), of(context, 'action_list'));
  const action = remarks.oneOf(field(actions, 'simple_action'), of(context, 'simple_action'), ['pass', 'deny']);
  const sources = ends(context, item, 'src');
  const destinations = ends(context, item, 'dst');
  const services = field(actions, 'apply_service');
  if (!isNothing(services) && remarks.items(services, of(context, 'apply_service')).length > 0) {
    remarks.notModelled(
      services,
      services.at,
      matters('the rule steers no traffic through its services and joins no networks'),
    );
    return [];
  }
  if (protocol === undefined) return [];
  if (action === null) {
    remarks.warn(
      item.at,
      'rule-without-action',
      `a rule of ${context.resource} has no action and is skipped, as the transformer does`,
    );
    return [];
  }
  const rules: PolicyRule[] = [];
  for (const source of sources.addresses) {
    for (const destination of destinations.addresses) {
      rules.push({
        id: uuid,
        source,
        destination,
        protocol,
        sourcePorts: sources.ports,
        destinationPorts: destinations.ports,
        direction,
        action,
        at: item.at,
      });
    }
  }
  return rules;
}

function ends(
  context: ResourceContext,
  rule: SourceNode,
  side: 'src' | 'dst',
): { readonly addresses: readonly PolicyAddress[]; readonly ports: readonly PortRange[] } {
  const { remarks, stack } = context;
  const addresses = remarks
    .items(field(rule, `${side}_addresses`), of(context, `${side}_addresses`))
    .flatMap((item): PolicyAddress[] => {
      remarks.map(item, of(context, 'an address'));
      const networkNode = field(item, 'virtual_network');
      if (!isNothing(networkNode)) {
        const text = referenceText(context, networkNode);
        if (text === null) return [];
        if (text === 'any' || text === 'local') return [{ kind: text }];
        return [{ kind: 'network', name: text.includes(':') ? text : stack.fullName(text) }];
      }
      const prefix = subnetPrefix(context, remarks.map(field(item, 'subnet'), of(context, 'subnet')));
      return prefix === null ? [] : [{ kind: 'subnet', prefix }];
    });
  return { addresses, ports: portRanges(context, field(rule, `${side}_ports`)) };
}

/** -1 to -1 is every port. */
function portRanges(context: ResourceContext, node: SourceNode | null): PortRange[] {
  const { remarks } = context;
  return remarks.items(node, of(context, 'ports')).flatMap((item) => {
    remarks.map(item, of(context, 'a port range'));
    const low = remarks.whole(field(item, 'start_port'), of(context, 'start_port'), -1, 65_535) ?? -1;
    const high = remarks.whole(field(item, 'end_port'), of(context, 'end_port'), -1, 65_535) ?? -1;
    return low < 0 || high < 0 ? [] : [{ low, high }];
  });
}

const INTERFACE: ResourceType = {
  rank: 4,
  reads: [
    'name', 'virtual_network_refs', 'security_group_refs', 'port_security_enabled',
    'virtual_machine_interface_mac_addresses', 'virtual_machine_interface_disable_policy',
  ], // biome-ignore format: a list of words
  leaves: {
    ...COMMON,
    virtual_machine_interface_properties: matters(
      'service type, local preference and mirroring of the interface are not played',
    ),
    virtual_machine_interface_allowed_address_pairs: matters(
      'traffic with these addresses is not accepted on the interface',
    ),
    interface_route_table_refs: matters('static routes of the table are not on the interface'),
    service_health_check_refs: matters('a failing service is not noticed'),
    port_tuple_refs: matters('no traffic is steered through a service instance'),
    virtual_machine_refs: harmless('the interface belongs to the server that names it'),
    virtual_machine_interface_bindings: harmless(),
    virtual_machine_interface_device_owner: harmless(),
  },
  make(context) {
    const { stack, remarks } = context;
    const name = stack.fullName(nameOf(context));
    const uuid = stack.uuid('port', context.resource);
    const [first] = references(context, 'virtual_network');
    const reference = first === undefined ? null : referenceText(context, first.to);
    if (first === undefined) remarks.fault(context.at, 'no-network', `interface ${context.resource} names no network`);
    const network = first === undefined || reference === null ? null : stack.network(reference, first.to.at);
    const groups = references(context, 'security_group').flatMap(({ to }) => {
      const group = referenceText(context, to);
      return group === null ? [] : (stack.group(group, to.at) ?? []);
    });
    const macs = remarks.map(decoded(context, 'virtual_machine_interface_mac_addresses'), of(context, 'mac addresses'));
    const [mac] = remarks
      .items(field(macs, 'mac_address'), of(context, 'mac addresses'))
      .map((item) => macOf(item, of(context, 'mac_address'), remarks));
    const disabled =
      remarks.flag(property(context, 'virtual_machine_interface_disable_policy'), of(context, 'disable_policy')) ??
      false;
    const portSecurity =
      remarks.flag(property(context, 'port_security_enabled'), of(context, 'port_security_enabled')) ?? true;
    if (network !== null) {
      stack.addNamed(
        stack.interfaces,
        {
          name,
          uuid,
          at: context.at,
          network: network.name,
          mac: mac ?? macOfUuid(uuid),
          addresses: [],
          mode: 'active-standby',
          securityGroups: groups,
          portSecurity,
          policyEnabled: !disabled,
          workload: null,
        },
        'interface',
      );
    }
    return made(uuid, name);
  },
};

const INSTANCE_IP: ResourceType = {
  rank: 4,
  reads: [
    'name', 'virtual_machine_interface_refs', 'virtual_network_refs', 'instance_ip_address', 'instance_ip_mode',
    'instance_ip_family', 'subnet_uuid',
  ], // biome-ignore format: a list of words
  leaves: {
    ...COMMON,
    instance_ip_secondary: harmless(),
    service_instance_ip: matters('no traffic is steered through a service instance'),
    service_health_check_ip: matters('a failing service is not noticed'),
    network_ipam_refs: harmless(),
  },
  make(context) {
    const { stack, remarks } = context;
    const uuid = stack.uuid('instance-ip', context.resource);
    const name = nameOf(context);
    const address = addressOf(property(context, 'instance_ip_address'), of(context, 'instance_ip_address'), remarks);
    const mode = remarks.oneOf(property(context, 'instance_ip_mode'), of(context, 'instance_ip_mode'), [
      'active-active',
      'active-standby',
    ]);
    const family = remarks.text(property(context, 'instance_ip_family'), of(context, 'instance_ip_family'));
    const subnetText = remarks.text(property(context, 'subnet_uuid'), of(context, 'subnet_uuid'));
    for (const { to } of references(context, 'virtual_network')) {
      const reference = referenceText(context, to);
      const network = reference === null ? null : stack.network(reference, to.at);
      if (network !== null && subnetText !== null) stack.subnet(network, subnetText, to.at);
    }
    for (const { to } of references(context, 'virtual_machine_interface')) {
      const reference = referenceText(context, to);
      const target = reference === null ? null : stack.interface(reference, to.at);
      if (target === null) continue;
      if (family === 'v6') {
        remarks.note(
          context.at,
          'not-modelled',
          `not modelled: ${context.resource}: IPv6 is not simulated, so no address is given`,
        );
        continue;
      }
      target.addresses.push({ address, subnet: subnetText, at: context.at });
      if (mode !== null) target.mode = mode;
    }
    return { id: uuid, attributes: { name, fq_name: [name], show: null } };
  },
};

const GROUP: ResourceType = {
  rank: 2,
  reads: ['name', 'security_group_entries', 'configured_security_group_id'],
  leaves: COMMON,
  make(context) {
    const { stack, remarks } = context;
    const name = stack.fullName(nameOf(context));
    const uuid = stack.uuid('security-group', context.resource);
    const id =
      remarks.whole(
        property(context, 'configured_security_group_id'),
        of(context, 'configured_security_group_id'),
        0,
        7_999_999,
      ) ?? 0;
    const group = { name, uuid, at: context.at, id, rules: [] as SecurityGroupRule[] };
    stack.addNamed(stack.groups, group, 'security group');
    const entries = remarks.map(decoded(context, 'security_group_entries'), of(context, 'security_group_entries'));
    for (const [index, item] of remarks.items(field(entries, 'policy_rule'), of(context, 'policy_rule')).entries()) {
      group.rules.push(...groupRules(context, item, `${name}:${index + 1}`));
    }
    return made(uuid, name);
  },
};

/** The side that is `local` says which way the rule looks (OR-4.3/3, OR-4.3/4). */
function groupRules(context: ResourceContext, item: SourceNode, id: string): SecurityGroupRule[] {
  const { remarks, stack } = context;
  remarks.map(item, of(context, 'a rule'));
  const protocol = protocolOf(field(item, 'protocol'), of(context, 'protocol'), remarks);
  remarks.oneOf(field(item, 'direction'), of(context, 'direction'), ['>', '<>']);
  const ethertype = remarks.oneOf(field(item, 'ethertype'), of(context, 'ethertype'), ['IPv4', 'IPv6']) ?? 'IPv4';
  const ruleId = remarks.text(field(item, 'rule_uuid'), of(context, 'rule_uuid')) ?? id;
  portRanges(context, field(item, 'src_ports'));
  const ports = portRanges(context, field(item, 'dst_ports'));
  const remotes: SecurityGroupRule['remote'][] = [];
  let direction: 'ingress' | 'egress' | null = null;
  for (const side of ['src', 'dst'] as const) {
    for (const address of remarks.items(field(item, `${side}_addresses`), of(context, `${side}_addresses`))) {
      remarks.map(address, of(context, 'an address'));
      const groupNode = field(address, 'security_group');
      const text = isNothing(groupNode) ? null : referenceText(context, groupNode);
      if (text === 'local') direction = side === 'dst' ? 'ingress' : 'egress';
      else if (text === 'any') remotes.push({ kind: 'any' });
      else if (text !== null && groupNode !== null) {
        const name = stack.group(text, groupNode.at);
        if (name !== null) remotes.push({ kind: 'group', name });
      } else {
        const prefix = subnetPrefix(context, remarks.map(field(address, 'subnet'), of(context, 'subnet')));
        if (prefix !== null) remotes.push({ kind: 'prefix', prefix });
      }
    }
  }
  if (ethertype === 'IPv6' || protocol === undefined) return [];
  if (direction === null) {
    remarks.fault(item.at, 'no-local-side', `a rule of ${context.resource} has no side that is local`);
    return [];
  }
  const way = direction;
  return remotes.map((remote) => ({ id: ruleId, direction: way, protocol, ports, remote, at: item.at }));
}

export const CONTRAIL_TYPES: Readonly<Record<string, ResourceType>> = {
  'OS::ContrailV2::VirtualNetwork': NETWORK,
  'OS::ContrailV2::NetworkPolicy': POLICY,
  'OS::ContrailV2::VirtualMachineInterface': INTERFACE,
  'OS::ContrailV2::InstanceIp': INSTANCE_IP,
  'OS::ContrailV2::SecurityGroup': GROUP,
};
