/** OS::Neutron::Net, Subnet, Port, SecurityGroup and SecurityGroupRule as Contrail objects (OR-4.1, OR-4.2, OR-4.3). */
import { NO_RULE_GROUP } from '../../config/checks.ts';
import type { Interface, SecurityGroupRule, Subnet } from '../../config/objects.ts';
import { macOfUuid } from '../../config/uuid.ts';
import { formatIpv4, type Ipv4, ipv4 } from '../../net/ipv4.ts';
import { formatMac } from '../../net/mac.ts';
import { formatPrefix, type Ipv4Prefix } from '../../net/prefix.ts';
import type { PortRange } from '../../policy/access-list.ts';
import { harmless, matters } from '../remarks.ts';
import { field, isNothing, type SourceNode } from '../source-tree.ts';
import { addressOf, macOf, prefixOf, protocolOf, remotePrefixOf } from '../values.ts';
import {
  type Made,
  NOT_ALLOCATED,
  of,
  physicalName,
  property,
  type ResourceContext,
  type ResourceType,
  Unknown,
} from './resource.ts';
import { type Draft, egressRule, type KnownNetwork, type NetworkDraft, shortName } from './stack.ts';

const SHOW = new Unknown('the cloud gives it');

const NET: ResourceType = {
  rank: 0,
  reads: ['name', 'shared', 'port_security_enabled', 'value_specs', 'router_external'],
  leaves: {
    admin_state_up: matters('a network that is down is played as if it were up'),
    qos_policy: harmless(),
    dhcp_agent_ids: harmless(),
    dns_domain: harmless(),
    availability_zone_hints: harmless(),
    network_type: matters('the network is an overlay network, without a physical one behind it'),
    physical_network: matters('the network is an overlay network, without a physical one behind it'),
    segmentation_id: matters('the network is an overlay network, without a physical one behind it'),
  },
  make(context) {
    const { stack, remarks } = context;
    const short = physicalName(context);
    const uuid = stack.uuid('network', context.resource);
    const specs = property(context, 'value_specs');
    if (!isNothing(specs)) remarks.map(specs, of(context, 'value_specs'));
    const external =
      remarks.flag(field(specs, 'router:external'), of(context, 'router:external')) ??
      remarks.flag(property(context, 'router_external'), of(context, 'router_external'));
    const network: NetworkDraft = {
      name: stack.fullName(short),
      uuid,
      at: context.at,
      id: 0,
      subnets: [],
      targets: [],
      policies: [],
      external: external ?? false,
      shared: remarks.flag(property(context, 'shared'), of(context, 'shared')) ?? false,
      portSecurity:
        remarks.flag(property(context, 'port_security_enabled'), of(context, 'port_security_enabled')) ?? true,
    };
    stack.addNamed(stack.networks, network, 'network');
    return {
      id: uuid,
      attributes: { name: short, fq_name: network.name.split(':'), status: 'ACTIVE', subnets: SHOW, show: SHOW },
    };
  },
};

const SUBNET: ResourceType = {
  rank: 1,
  reads: ['name', 'network', 'network_id', 'cidr', 'gateway_ip', 'allocation_pools', 'dns_nameservers', 'ip_version'],
  leaves: {
    enable_dhcp: harmless('addresses are known to their workloads with or without DHCP'),
    host_routes: matters('workloads have their default route only'),
    subnetpool: matters('the prefix comes from cidr alone'),
    prefixlen: matters('the prefix comes from cidr alone'),
    segment: harmless(),
    ipv6_ra_mode: harmless(),
    ipv6_address_mode: harmless(),
  },
  make(context) {
    const { stack, remarks } = context;
    const uuid = stack.uuid('subnet', context.resource);
    const short = physicalName(context);
    const networkNode = property(context, 'network', 'network_id');
    const reference = remarks.text(networkNode, of(context, 'network'));
    if (reference === null || networkNode === null) {
      if (isNothing(networkNode))
        remarks.fault(context.at, 'no-network', `subnet ${context.resource} names no network`);
      return { id: uuid, attributes: {} };
    }
    const network = stack.network(reference, networkNode.at);
    const version = remarks.whole(property(context, 'ip_version'), of(context, 'ip_version'), 4, 6) ?? 4;
    const cidrNode = property(context, 'cidr');
    if (version === 6) {
      remarks.warn(
        context.at,
        'not-modelled',
        `not modelled: ${context.resource}: IPv6 is not simulated, so this subnet gives no addresses`,
      );
      for (const name of ['cidr', 'gateway_ip', 'allocation_pools', 'dns_nameservers']) property(context, name);
      return { id: uuid, attributes: {} };
    }
    const prefix = prefixOf(cidrNode, of(context, 'cidr'), remarks);
    if (isNothing(cidrNode)) remarks.fault(context.at, 'no-cidr', `subnet ${context.resource} has no cidr`);
    if (network === null || prefix === null) return { id: uuid, attributes: {} };
    const draft = stack.networks.find((one) => one.uuid === network.uuid);
    if (draft === undefined) {
      remarks.fault(
        networkNode.at,
        'foreign-network',
        `subnet ${context.resource} would change network ${shortName(network.name)}, which this stack does not make`,
      );
      return { id: uuid, attributes: {} };
    }
    const subnet = readSubnet(context, prefix, uuid, short);
    draft.subnets.push(subnet);
    const gateway = subnet.gateway === null ? null : formatIpv4(subnet.gateway);
    return {
      id: uuid,
      attributes: { name: short, cidr: formatPrefix(prefix), gateway_ip: gateway, network_id: draft.uuid, show: SHOW },
    };
  },
};

/** Gateway first+1 unless said, service address first+2 unless name servers are given (OR-4.1/14, OR-4.1/21, OR-6.3/1). */
function readSubnet(context: ResourceContext, prefix: Ipv4Prefix, uuid: string, name: string): Subnet {
  const { remarks } = context;
  const gatewayNode = property(context, 'gateway_ip');
  let gateway: Ipv4 | null = ipv4(prefix.address + 1);
  if (gatewayNode?.kind === 'scalar' && gatewayNode.text === '' && gatewayNode.value === '') gateway = null;
  else if (!isNothing(gatewayNode)) gateway = addressOf(gatewayNode, of(context, 'gateway_ip'), remarks) ?? gateway;
  const pools = remarks
    .items(property(context, 'allocation_pools'), of(context, 'allocation_pools'))
    .flatMap((item) => {
      remarks.map(item, of(context, 'an allocation pool'));
      const first = addressOf(field(item, 'start'), of(context, 'start of a pool'), remarks);
      const last = addressOf(field(item, 'end'), of(context, 'end of a pool'), remarks);
      return first === null || last === null ? [] : [{ first, last }];
    });
  const servers = remarks
    .items(property(context, 'dns_nameservers'), of(context, 'dns_nameservers'))
    .flatMap((item) => addressOf(item, of(context, 'a name server'), remarks) ?? []);
  return {
    prefix,
    gateway,
    dns: servers[0] ?? ipv4(prefix.address + 2),
    order: 'ascending',
    pools,
    uuid,
    name,
    at: context.at,
  };
}

const PORT: ResourceType = {
  rank: 4,
  reads: ['name', 'network', 'network_id', 'fixed_ips', 'security_groups', 'port_security_enabled', 'mac_address'],
  leaves: {
    allowed_address_pairs: matters('traffic with these addresses is not accepted on the port'),
    admin_state_up: matters('a port that is down is played as if it were up'),
    device_owner: harmless(),
    device_id: harmless('the port belongs to the server that names it'),
    value_specs: matters('extensions of the port are not played'),
    'binding:vnic_type': harmless(),
    qos_policy: harmless(),
    dns_name: harmless(),
    replacement_policy: harmless(),
    no_fixed_ips: matters('the port gets an address'),
    propagate_uplink_status: harmless(),
  },
  make(context) {
    const { stack, remarks } = context;
    const uuid = stack.uuid('port', context.resource);
    const short = physicalName(context);
    const networkNode = property(context, 'network', 'network_id');
    const reference = remarks.text(networkNode, of(context, 'network'));
    if (reference === null || networkNode === null) {
      if (isNothing(networkNode)) remarks.fault(context.at, 'no-network', `port ${context.resource} names no network`);
      property(context, 'fixed_ips');
      return { id: uuid, attributes: {} };
    }
    const network = stack.network(reference, networkNode.at);
    if (network === null) return { id: uuid, attributes: {} };
    const port = newPort(context, short, uuid, network);
    const fixed = property(context, 'fixed_ips');
    if (!isNothing(fixed)) port.addresses = fixedAddresses(context, fixed, network);
    const mac = macOf(property(context, 'mac_address'), of(context, 'mac_address'), remarks);
    if (mac !== null) port.mac = mac;
    port.portSecurity =
      remarks.flag(property(context, 'port_security_enabled'), of(context, 'port_security_enabled')) ??
      network.portSecurity;
    port.securityGroups = groupsOf(context, property(context, 'security_groups'), port.portSecurity);
    stack.addNamed(stack.interfaces, port, 'port');
    return { id: uuid, attributes: portAttributes(port, short, network) };
  },
};

/** A port with an address of its network still to be given. */
export function newPort(
  context: ResourceContext,
  short: string,
  uuid: string,
  network: KnownNetwork,
): Draft<Interface> {
  return {
    name: context.stack.fullName(short),
    uuid,
    at: context.at,
    network: network.name,
    mac: macOfUuid(uuid),
    addresses: network.subnets.length === 0 ? [] : [{ address: null, subnet: null, at: context.at }],
    mode: 'active-standby',
    securityGroups: [],
    portSecurity: network.portSecurity,
    policyEnabled: true,
    workload: null,
  };
}

/** Absent: the project's `default`; an empty list: nothing passes (OR-4.2/7, OR-6.5/T7); port security off: none. */
export function groupsOf(context: ResourceContext, node: SourceNode | null, portSecurity: boolean): string[] {
  const { stack, remarks } = context;
  if (isNothing(node)) return portSecurity ? [stack.fullName('default')] : [];
  const items = remarks.items(node, of(context, 'security_groups'));
  if (items.length === 0 && portSecurity) return [NO_RULE_GROUP];
  return items.flatMap((item) => {
    const reference = remarks.text(item, of(context, 'a security group'));
    return reference === null ? [] : (stack.group(reference, item.at) ?? []);
  });
}

function fixedAddresses(
  context: ResourceContext,
  node: SourceNode,
  network: KnownNetwork,
): Draft<Interface>['addresses'] {
  const { stack, remarks } = context;
  return remarks.items(node, of(context, 'fixed_ips')).map((item) => {
    remarks.map(item, of(context, 'a fixed address'));
    const subnetNode = field(item, 'subnet') ?? field(item, 'subnet_id');
    const reference = remarks.text(subnetNode, of(context, 'subnet'));
    const subnet = reference === null || subnetNode === null ? null : stack.subnet(network, reference, subnetNode.at);
    const address = addressOf(field(item, 'ip_address'), of(context, 'ip_address'), remarks);
    return { address, subnet: subnet?.uuid ?? null, at: item.at };
  });
}

function portAttributes(port: Draft<Interface>, short: string, network: KnownNetwork): Made['attributes'] {
  return {
    name: short,
    network_id: network.uuid,
    mac_address: formatMac(port.mac),
    fixed_ips: port.addresses.map(({ address, subnet }) => ({
      ip_address: address === null ? NOT_ALLOCATED : formatIpv4(address),
      subnet_id: subnet,
    })),
    security_groups: port.securityGroups,
    fq_name: port.name.split(':'),
    status: 'ACTIVE',
    show: SHOW,
  };
}

const SECURITY_GROUP: ResourceType = {
  rank: 2,
  reads: ['name', 'rules'],
  leaves: {},
  make(context) {
    const { stack, remarks } = context;
    const uuid = stack.uuid('security-group', context.resource);
    const short = physicalName(context);
    const name = stack.fullName(short);
    if (short === 'default') {
      remarks.fault(
        context.at,
        'default-group',
        'every project has a security group named default already: give this one another name',
      );
      return { id: uuid, attributes: {} };
    }
    const group = { name, uuid, at: context.at, id: 0, rules: [] as SecurityGroupRule[] };
    stack.addNamed(stack.groups, group, 'security group');
    const items = remarks.items(property(context, 'rules'), of(context, 'rules'));
    for (const [index, item] of items.entries()) {
      remarks.map(item, of(context, 'a rule'));
      const rule = readRule(context, item, `${name}:${index + 1}`, name);
      if (rule !== null) group.rules.push(rule);
    }
    // Heat takes the two rules away that let everything out as soon as one rule for egress is written
    if (!group.rules.some(({ direction }) => direction === 'egress'))
      group.rules.push(egressRule(`${name}:egress`, null));
    return { id: uuid, attributes: { name: short, fq_name: name.split(':'), show: SHOW } };
  },
};

const SECURITY_GROUP_RULE: ResourceType = {
  rank: 3,
  reads: [
    'security_group', 'direction', 'ethertype', 'protocol', 'port_range_min', 'port_range_max', 'remote_ip_prefix',
    'remote_group', 'remote_group_id',
  ], // biome-ignore format: a list of words
  leaves: {},
  make(context) {
    const { stack, remarks } = context;
    const uuid = stack.uuid('security-group-rule', context.resource);
    const node = property(context, 'security_group');
    const reference = remarks.text(node, of(context, 'security_group'));
    if (reference === null || node === null) {
      if (isNothing(node))
        remarks.fault(context.at, 'no-security-group', `rule ${context.resource} names no security group`);
      return { id: uuid, attributes: {} };
    }
    const name = stack.group(reference, node.at);
    const group = stack.groups.find((one) => one.name === name);
    if (group === undefined) {
      if (name !== null) {
        remarks.fault(
          node.at,
          'foreign-group',
          `rule ${context.resource} would change security group ${shortName(name)}, which this stack does not make`,
        );
      }
      return { id: uuid, attributes: {} };
    }
    const rule = readRule(context, context.properties!, `${group.name}:${context.resource}`, group.name); // it has the property just read
    if (rule !== null) group.rules.push(rule);
    return { id: uuid, attributes: { show: SHOW } };
  },
};

/** One rule (OR-4.3/3 to OR-4.3/10); null: at fault and told, or of IPv6. */
function readRule(context: ResourceContext, item: SourceNode, id: string, self: string): SecurityGroupRule | null {
  const { stack, remarks } = context;
  const read = (key: string): SourceNode | null => field(item, key);
  const direction = remarks.oneOf(read('direction'), of(context, 'direction'), ['ingress', 'egress']) ?? 'ingress';
  const ethertype = remarks.oneOf(read('ethertype'), of(context, 'ethertype'), ['IPv4', 'IPv6']) ?? 'IPv4';
  const protocol = protocolOf(read('protocol'), of(context, 'protocol'), remarks);
  const ports = portsOf(context, item, protocol ?? null);
  const prefixNode = read('remote_ip_prefix');
  const groupNode = read('remote_group') ?? read('remote_group_id');
  const mode = remarks.oneOf(read('remote_mode'), of(context, 'remote_mode'), ['remote_ip_prefix', 'remote_group_id']);
  if (ethertype === 'IPv6') {
    if (prefixNode !== null) prefixNode.mark.state = 'read';
    if (groupNode !== null) groupNode.mark.state = 'read';
    remarks.note(
      item.at,
      'not-modelled',
      `not modelled: ${item.path}: IPv6 is not simulated, so this rule admits nothing`,
    );
    return null;
  }
  if (protocol === undefined || ports === null) return null;
  const base = { id, direction, protocol, ports, at: item.at } as const;
  const groupReference = remarks.text(groupNode, of(context, 'remote_group_id'));
  if (groupReference !== null && groupNode !== null) {
    const name = stack.group(groupReference, groupNode.at);
    return name === null ? null : { ...base, remote: { kind: 'group', name } };
  }
  if (mode === 'remote_group_id') return { ...base, remote: { kind: 'group', name: self } };
  if (isNothing(prefixNode)) return { ...base, remote: { kind: 'prefix', prefix: { address: ipv4(0), length: 0 } } };
  const prefix = remotePrefixOf(prefixNode, of(context, 'remote_ip_prefix'), remarks);
  return prefix === null ? null : { ...base, remote: { kind: 'prefix', prefix } };
}

/** Types and codes of ICMP travel in the port fields and are not compared (VR-4.8.5). Null: at fault, and told. */
function portsOf(context: ResourceContext, item: SourceNode, protocol: number | null): PortRange[] | null {
  const { remarks } = context;
  const lowNode = field(item, 'port_range_min');
  const highNode = field(item, 'port_range_max');
  const low = remarks.whole(lowNode, of(context, 'port_range_min'), 0, 65_535);
  const high = remarks.whole(highNode, of(context, 'port_range_max'), 0, 65_535);
  if (isNothing(lowNode) && isNothing(highNode)) return [];
  if (protocol === 1 || protocol === 58) return [];
  if (low === null || high === null) {
    if (isNothing(lowNode) || isNothing(highNode)) {
      remarks.fault(item.at, 'half-a-range', `a rule of ${context.resource} gives one end of its port range only`);
    }
    return null;
  }
  if (protocol === null) {
    remarks.fault(item.at, 'ports-without-protocol', `a rule of ${context.resource} gives ports without a protocol`);
    return null;
  }
  if (low > high) {
    remarks.fault(
      item.at,
      'bad-port-range',
      `a rule of ${context.resource} has the port range ${low} to ${high}, which ends before it starts`,
    );
    return null;
  }
  return [{ low, high }];
}

export const NEUTRON_TYPES: Readonly<Record<string, ResourceType>> = {
  'OS::Neutron::Net': NET,
  'OS::Neutron::ProviderNet': NET,
  'OS::Neutron::Subnet': SUBNET,
  'OS::Neutron::Port': PORT,
  'OS::Neutron::SecurityGroup': SECURITY_GROUP,
  'OS::Neutron::SecurityGroupRule': SECURITY_GROUP_RULE,
};
