/** OS::Nova::Server: a virtual machine with its interfaces and the host it asks for (OR-4.9/C1, OR-4.9.p6). */
import type { Interface } from '../../config/objects.ts';
import { formatIpv4 } from '../../net/ipv4.ts';
import { harmless, matters } from '../remarks.ts';
import { field, isNothing, type SourceNode } from '../source-tree.ts';
import { addressOf } from '../values.ts';
import { groupsOf, newPort } from './neutron.ts';
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
import { type Draft, type KnownNetwork, shortName } from './stack.ts';

const PLACED = matters('hosts are chosen round robin by name, whatever the group asks for');

const SERVER: ResourceType = {
  rank: 5,
  reads: ['name', 'networks', 'security_groups', 'availability_zone'],
  leaves: {
    image: harmless(),
    flavor: harmless(),
    key_name: harmless(),
    user_data: harmless('what runs in the machine is not simulated'),
    user_data_format: harmless('what runs in the machine is not simulated'),
    user_data_update_policy: harmless(),
    metadata: harmless(),
    config_drive: harmless(),
    admin_pass: harmless(),
    admin_user: harmless(),
    block_device_mapping: harmless(),
    block_device_mapping_v2: harmless(),
    diskConfig: harmless(),
    personality: harmless(),
    software_config_transport: harmless(),
    deployment_swift_data: harmless(),
    flavor_update_policy: harmless(),
    image_update_policy: harmless(),
    reservation_id: harmless(),
    scheduler_hints: PLACED,
  },
  make(context) {
    const { stack, remarks } = context;
    const uuid = stack.uuid('server', context.resource);
    const name = physicalName(context);
    const key = `vm:${stack.project}/${name}`;
    const groupsNode = property(context, 'security_groups');
    const interfaces: Draft<Interface>[] = [];
    const items = remarks.items(property(context, 'networks'), of(context, 'networks'));
    for (const item of items) {
      remarks.map(item, of(context, 'a network'));
      const one = interfaceOf(context, item, name, groupsNode, interfaces.length);
      if (one !== null) interfaces.push(one);
    }
    if (isNothing(property(context, 'networks'))) attachOnlyNetwork(context, name, groupsNode, interfaces);
    if (groupsNode !== null && groupsNode.mark.state === 'unread') groupsNode.mark.state = 'read';
    for (const one of interfaces) one.workload = key;
    stack.workloads.push({
      kind: 'vm',
      name,
      project: stack.project,
      uuid,
      host: askedHost(context),
      interfaces: interfaces.map((one) => one.name),
      labels: {},
      at: context.at,
    });
    return { id: uuid, attributes: attributesOf(name, interfaces) };
  },
};

function interfaceOf(
  context: ResourceContext,
  item: SourceNode,
  server: string,
  groups: SourceNode | null,
  position: number,
): Draft<Interface> | null {
  const { stack, remarks } = context;
  const portNode = field(item, 'port');
  if (!isNothing(portNode)) {
    const reference = remarks.text(portNode, of(context, 'port'));
    const port = reference === null ? null : stack.interface(reference, portNode.at);
    if (port?.workload != null && port.workload !== `vm:${stack.project}/${server}`) {
      remarks.fault(portNode.at, 'port-in-use', `port ${shortName(port.name)} belongs to ${port.workload} already`);
      return null;
    }
    // the address of the port's own resource is asked there
    for (const key of ['network', 'uuid']) field(item, key);
    return port;
  }
  const allocate = remarks.oneOf(field(item, 'allocate_network'), of(context, 'allocate_network'), ['none', 'auto']);
  if (allocate === 'none') return null;
  if (allocate === 'auto') {
    remarks.warn(
      item.at,
      'not-modelled',
      `not modelled: ${item.path}: no network is made for the server, so it has none`,
    );
    return null;
  }
  const networkNode = field(item, 'network') ?? field(item, 'uuid');
  const subnetNode = field(item, 'subnet');
  let network: KnownNetwork | null = null;
  let subnet: string | null = null;
  const subnetReference = remarks.text(subnetNode, of(context, 'subnet'));
  const reference = remarks.text(networkNode, of(context, 'network'));
  if (reference !== null && networkNode !== null) {
    network = stack.network(reference, networkNode.at);
    if (network !== null && subnetReference !== null && subnetNode !== null) {
      subnet = stack.subnet(network, subnetReference, subnetNode.at)?.uuid ?? null;
    }
  } else if (subnetReference !== null && subnetNode !== null) {
    const found = stack.networkOfSubnet(subnetReference);
    if (found === null) remarks.fault(subnetNode.at, 'unknown-subnet', `there is no subnet ${subnetReference}`);
    network = found?.network ?? null;
    subnet = found?.subnet.uuid ?? null;
  } else {
    remarks.fault(
      item.at,
      'no-network',
      `a network of server ${context.resource} names no port, no network and no subnet`,
    );
  }
  const address = addressOf(field(item, 'fixed_ip'), of(context, 'fixed_ip'), remarks);
  if (network === null) return null;
  const port = makePort(context, server, network, groups, position);
  if (address !== null || subnet !== null) port.addresses = [{ address, subnet, at: item.at }];
  return port;
}

/** A port that Nova makes for the server; groups of the server apply to it (OR-4.9/C1). */
function makePort(
  context: ResourceContext,
  server: string,
  network: KnownNetwork,
  groups: SourceNode | null,
  position: number,
): Draft<Interface> {
  const { stack } = context;
  const short =
    position === 0 ? `${server}-${shortName(network.name)}` : `${server}-${shortName(network.name)}-${position + 1}`;
  const port = newPort(context, short, stack.uuid('server-port', `${context.resource}:${position}`), network);
  port.securityGroups = groupsOf(context, groups, port.portSecurity);
  stack.addNamed(stack.interfaces, port, 'port');
  return port;
}

/** Without networks Nova takes the project's only one. */
function attachOnlyNetwork(
  context: ResourceContext,
  server: string,
  groups: SourceNode | null,
  interfaces: Draft<Interface>[],
): void {
  const { stack, remarks } = context;
  const prefix = `${stack.domain}:${stack.project}:`;
  const candidates: KnownNetwork[] = [
    ...stack.networks,
    ...stack.existing.networks
      .filter(({ name }) => name.startsWith(prefix))
      .map((one) => ({ ...one, portSecurity: true })),
  ];
  if (candidates.length > 1) {
    remarks.fault(
      context.at,
      'no-network',
      `server ${context.resource} names no network, and its project has ${candidates.length} to choose from`,
    );
    return;
  }
  const only = candidates[0];
  if (only === undefined) {
    remarks.warn(
      context.at,
      'no-network',
      `server ${context.resource} names no network and its project has none, so nobody reaches it`,
    );
    return;
  }
  remarks.warn(
    context.at,
    'only-network',
    `server ${context.resource} names no network and gets ${shortName(only.name)}, the only one of its project`,
  );
  interfaces.push(makePort(context, server, only, groups, 0));
}

/** `zone`, `zone:host` or `zone:host:node`. */
function askedHost(context: ResourceContext): string | null {
  const { remarks } = context;
  const node = property(context, 'availability_zone');
  const text = remarks.text(node, of(context, 'availability_zone'));
  if (text === null || node === null) return null;
  const host = text.split(':')[1] ?? '';
  if (host !== '') return host;
  remarks.notModelled(node, node.at, harmless(`zone ${text} names no host, so one is chosen round robin`));
  return null;
}

function attributesOf(name: string, interfaces: readonly Draft<Interface>[]): Made['attributes'] {
  const addresses = interfaces.map((one) =>
    one.addresses.map(({ address }) => (address === null ? NOT_ALLOCATED : formatIpv4(address))),
  );
  const networks = Object.fromEntries(interfaces.map((one, i) => [shortName(one.network), addresses[i]]));
  return {
    name,
    first_address: addresses[0]?.[0] ?? NOT_ALLOCATED,
    networks,
    addresses: networks,
    instance_name: name,
    accessIPv4: NOT_ALLOCATED,
    show: new Unknown('the cloud gives it'),
  };
}

export const NOVA_TYPES: Readonly<Record<string, ResourceType>> = { 'OS::Nova::Server': SERVER };
