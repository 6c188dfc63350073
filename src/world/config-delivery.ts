/**
 * What a message of configuration changes at the agent that hears it (CN-2.11): the objects it names take effect then,
 * with the content that the cluster's configuration has for them. An interface is complete, and goes up, with the link to
 * its routing instance, which comes last of its subtree.
 */
import type { Agent } from '../vrouter/agent.ts';
import type { AgentInterface } from '../vrouter/agent-config.ts';
import type { ConfigSink } from '../vrouter/configuration.ts';
import type { ConfigMessage } from '../xmpp/config-object.ts';
import { same } from './reconfigure.ts';
import { type AgentShare, agentShares } from './share.ts';
import type { World } from './world.ts';

/** The link that makes an interface complete. */
export const LAST_LINK = 'virtual-machine-interface-routing-instance';

export class ConfigDelivery implements ConfigSink {
  private readonly world: World;
  private readonly cluster: string;

  constructor(world: World, cluster: string) {
    this.world = world;
    this.cluster = cluster;
  }

  configHeard(agent: Agent, message: ConfigMessage): void {
    const share = agentShares(this.world.clusters.get(this.cluster)!).get(agent.name); // agents stand in clusters
    if (share === undefined) return;
    for (const { objects } of message.runs) {
      for (const object of objects) {
        if (object.kind === 'link') {
          if (object.metadata !== LAST_LINK) continue;
          const face = share.interfaces.find(({ name }) => name === object.left.name);
          if (face !== undefined) deliver(agent, share, face);
        } else if (object.type === 'virtual-network') {
          if (agent.tables.vrfOfNetwork(object.name) !== null) deliverNetwork(agent, share, object.name);
        } else if (object.type === 'security-group') {
          if (agent.tables.securityGroup(object.name) !== null) deliverGroups(agent, share, [object.name]);
        }
      }
    }
  }
}

/** What an interface refers to is there before it. */
function deliver(agent: Agent, share: AgentShare, face: AgentInterface): void {
  deliverGroups(agent, share, face.securityGroups);
  deliverNetwork(agent, share, face.network);
  for (const floating of face.floatingIps) deliverNetwork(agent, share, floating.network);
  if (!same(agent.tables.interface(face.name)?.config, face)) agent.addInterface(face);
}

function deliverNetwork(agent: Agent, share: AgentShare, name: string): void {
  const network = share.networks.find((one) => one.name === name);
  if (network !== undefined && !same(agent.tables.vrfOfNetwork(name)?.network, network)) agent.addNetwork(network);
}

/** An agent is told of all groups that concern it, or of none. */
function deliverGroups(agent: Agent, share: AgentShare, names: readonly string[]): void {
  const isNew = share.securityGroups.some(
    (group) => names.includes(group.name) && !same(agent.tables.securityGroup(group.name), group),
  );
  if (isNew) agent.setSecurityGroups(share.securityGroups);
}
