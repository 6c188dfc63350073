/**
 * What a control node answers an agent that asks for its configuration, and tells it later of what changes (CN-2.11): the
 * names of the objects, packed as the original packs them. What they hold is handed over in process, when the message
 * that names them arrives ({@link ./config-delivery.ts}).
 */

import type { DerivedCluster } from '../config/derived.ts';
import type { ConfigSource } from '../control/channels.ts';
import type { ControlNode } from '../control/control-node.ts';
import type { AgentInterface } from '../vrouter/agent-config.ts';
import {
  type ConfigLink,
  type ConfigMessage,
  type ConfigNode,
  type ConfigObject,
  configLink,
  configNode,
  packConfig,
} from '../xmpp/config-object.ts';
import { configMessage, type XmppBody } from '../xmpp/message.ts';
import type { ConfigSubscribe } from '../xmpp/stanza.ts';
import { type Word, wordOf } from '../xmpp/words.ts';
import type { ConfigNews } from './reconfigure.ts';
import { agentShares } from './share.ts';
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
    const objects =
      stanza.object === 'virtual-router'
        ? routerObjects(routerName(agent))
        : machineObjects(stanza.name, agent, derived);
    this.send(agent, objects);
  }

  /** What has changed of what the agent has asked for. */
  tell(agent: string, { interfaces, networks, groups }: ConfigNews): void {
    const common = commonOf(this.world.clusters.get(this.cluster)!); // the cluster whose control node it is
    const objects: ConfigObject[] = [];
    for (const name of networks) {
      const network = common.networks.get(name);
      if (network !== undefined) objects.push(network.node, ...network.lists);
    }
    for (const name of groups) {
      const group = groupOf(common, name);
      objects.push(group.node, ...group.lists);
    }
    for (const face of interfaces) addInterface(objects, configNode('virtual-machine', face.workload), face, common);
    if (objects.length > 0) this.send(agent, objects);
  }

  private send(agent: string, objects: readonly ConfigObject[]): void {
    const router = routerName(agent);
    for (const message of packConfig([{ action: 'update', objects }])) {
      // made of a config message just above
      const body = configMessage(message) as XmppBody & { readonly content: ConfigMessage };
      this.node.xmpp.sendConfig(agent, router, body);
    }
  }
}

function routerName(agent: string): string {
  return `default-global-system-config:${agent}`;
}

const SYSTEM = configNode('global-system-config', 'default-global-system-config');

function routerObjects(router: string): ConfigObject[] {
  const own = configNode('virtual-router', router);
  return [own, SYSTEM, link(SYSTEM, own)];
}

/** The subtree of a machine (CN-2.11.1): its interfaces and what they refer to. */
function machineObjects(workload: string, agent: string, cluster: DerivedCluster | undefined): ConfigObject[] {
  const machine = configNode('virtual-machine', workload);
  const objects: ConfigObject[] = [machine];
  if (cluster === undefined) return objects;
  for (const face of agentShares(cluster).get(agent)?.interfaces ?? []) {
    if (face.workload === workload) addInterface(objects, machine, face, commonOf(cluster));
  }
  return objects;
}

function addInterface(objects: ConfigObject[], machine: ConfigNode, face: AgentInterface, common: Common): void {
  const own = configNode('virtual-machine-interface', face.name);
  const refer = (to: ConfigNode) => objects.push(to, link(own, to));
  objects.push(own, link(own, machine));
  for (let i = 0; i < face.addresses.length; i++) refer(configNode('instance-ip', `${face.name}-${i}`));
  for (const floating of face.floatingIps) refer(configNode('floating-ip', floating.name));
  for (const name of face.securityGroups) {
    const group = groupOf(common, name);
    refer(group.node);
    objects.push(...group.lists);
  }
  const network = common.networks.get(face.network);
  if (network === undefined) return;
  refer(network.node);
  objects.push(network.instance, network.toInstance, link(own, network.instance), ...network.lists);
}

/** What machines of a cluster refer to: the same objects for all of them. */
interface Common {
  readonly groups: Map<string, CommonGroup>;
  readonly networks: ReadonlyMap<string, CommonNetwork>;
}

interface CommonGroup {
  readonly node: ConfigNode;
  /** Its access lists and the links to them. */
  readonly lists: readonly ConfigObject[];
}

interface CommonNetwork extends CommonGroup {
  readonly instance: ConfigNode;
  readonly toInstance: ConfigLink;
}

/** A derived configuration never changes, so what is made of one is kept beside it. */
const commons = new WeakMap<DerivedCluster, Common>();

function commonOf(cluster: DerivedCluster): Common {
  const known = commons.get(cluster);
  if (known !== undefined) return known;
  const networks = new Map<string, CommonNetwork>();
  for (const { name, instance: instanceName, accessList } of cluster.networks) {
    const node = configNode('virtual-network', name);
    const instance = configNode('routing-instance', instanceName);
    const lists = accessList === null ? [] : listOf(node, accessList.name);
    networks.set(name, { node, lists, instance, toInstance: link(node, instance) });
  }
  const common = { groups: new Map<string, CommonGroup>(), networks };
  commons.set(cluster, common);
  return common;
}

/** A group is told of by name, whether it exists or not. */
function groupOf(common: Common, name: string): CommonGroup {
  const known = common.groups.get(name);
  if (known !== undefined) return known;
  const node = configNode('security-group', name);
  const lists = ['ingress', 'egress'].flatMap((side) => listOf(node, `${name}:${side}-access-control-list`));
  const group = { node, lists };
  common.groups.set(name, group);
  return group;
}

function listOf(owner: ConfigNode, name: string): ConfigObject[] {
  const list = configNode('access-control-list', name);
  return [list, link(owner, list)];
}

function link(left: ConfigNode, right: ConfigNode): ConfigLink {
  return configLink(left, right, metadataOf(left.type, right.type));
}

const metadata = new Map<string, Map<string, Word>>();

/** A link's metadata is named after the types it joins. */
function metadataOf(left: string, right: string): Word {
  let words = metadata.get(left);
  if (words === undefined) metadata.set(left, (words = new Map()));
  let word = words.get(right);
  if (word === undefined) words.set(right, (word = wordOf(`${left}-${right}`)));
  return word;
}
