/**
 * What a control node answers an agent that asks for its configuration (CN-2.11): the names of the objects, packed as
 * the original packs them. What they hold is handed over in process and takes effect when the first message arrives.
 */

import type { ConfigSource } from '../control/channels.ts';
import type { ControlNode } from '../control/control-node.ts';
import type { AgentInterface } from '../vrouter/agent-config.ts';
import { configMessage, type XmppBody } from '../xmpp/message.ts';
import {
  type ConfigLink,
  type ConfigMessage,
  type ConfigNode,
  type ConfigObject,
  type ConfigSubscribe,
  packConfig,
} from '../xmpp/stanza.ts';
import { type AgentShare, agentShares } from './share.ts';
import type { World } from './world.ts';

export class ConfigDownload implements ConfigSource {
  private readonly world: World;
  private readonly node: ControlNode;
  private readonly cluster: string;

  constructor(world: World, node: ControlNode, cluster: string) {
    this.world = world;
    this.node = node;
    this.cluster = cluster;
  }

  configAsked(agent: string, stanza: ConfigSubscribe): void {
    if (stanza.kind === 'config-unsubscribe') return;
    const derived = this.world.clusters.get(this.cluster);
    const share = derived === undefined ? undefined : agentShares(derived).get(agent);
    const router = `default-global-system-config:${agent}`;
    const objects = stanza.object === 'virtual-router' ? routerObjects(router) : machineObjects(stanza.name, share);
    for (const message of packConfig([{ action: 'update', objects }])) {
      // made of a config message just above
      const body = configMessage(message) as XmppBody & { readonly content: ConfigMessage };
      this.node.xmpp.sendConfig(agent, router, body);
    }
  }
}

function routerObjects(router: string): ConfigObject[] {
  const own = node('virtual-router', router);
  const system = node('global-system-config', 'default-global-system-config');
  return [own, system, link(system, own)];
}

/** The subtree of a machine (CN-2.11.1): its interfaces and what they refer to. */
function machineObjects(workload: string, share: AgentShare | undefined): ConfigObject[] {
  const machine = node('virtual-machine', workload);
  const objects: ConfigObject[] = [machine];
  for (const face of share?.interfaces ?? []) {
    if (face.workload === workload) objects.push(...interfaceObjects(machine, face, share!));
  }
  return objects;
}

function interfaceObjects(machine: ConfigNode, face: AgentInterface, share: AgentShare): ConfigObject[] {
  const own = node('virtual-machine-interface', face.name);
  const objects: ConfigObject[] = [own, link(own, machine)];
  const refer = (to: ConfigNode) => objects.push(to, link(own, to));
  for (let i = 0; i < face.addresses.length; i++) refer(node('instance-ip', `${face.name}-${i}`));
  for (const floating of face.floatingIps) refer(node('floating-ip', floating.name));
  for (const group of face.securityGroups) {
    const object = node('security-group', group);
    refer(object);
    for (const side of ['ingress', 'egress']) {
      const list = node('access-control-list', `${group}:${side}-access-control-list`);
      objects.push(list, link(object, list));
    }
  }
  const network = share.networks.find((candidate) => candidate.name === face.network);
  if (network === undefined) return objects;
  const object = node('virtual-network', network.name);
  const instance = node('routing-instance', network.instance);
  refer(object);
  objects.push(instance, link(object, instance), link(own, instance));
  if (network.accessList !== null) {
    const list = node('access-control-list', network.accessList.name);
    objects.push(list, link(object, list));
  }
  return objects;
}

function node(type: string, name: string): ConfigNode {
  return { kind: 'node', type, name };
}

/** A link's metadata is named after the types it joins. */
function link(left: ConfigNode, right: ConfigNode): ConfigLink {
  return { kind: 'link', left, right, metadata: `${left.type}-${right.type}` };
}
