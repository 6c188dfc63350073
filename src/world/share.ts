/**
 * What of a cluster's configuration reaches a node: control nodes see instances and networks, an agent sees the
 * interfaces placed on its host and what they refer to (CN-2.11).
 */
import { ObjectMemo } from '../base/memo.ts';
import { byText } from '../base/order.ts';
import type { DerivedCluster, DerivedFloatingIp, DerivedNetwork } from '../config/derived.ts';
import type { NetworkConfig, RoutingInstanceConfig } from '../control/control-config.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { AgentFloatingIp, AgentInterface, AgentNetwork, AgentSecurityGroup } from '../vrouter/agent-config.ts';

export interface ControlNodeShare {
  readonly networks: readonly NetworkConfig[];
  readonly instances: readonly RoutingInstanceConfig[];
}

/** A derived configuration never changes, so what is worked out of one is kept beside it. */
const controlNodeShares = new ObjectMemo<DerivedCluster, ControlNodeShare>();
const sharesOfAgents = new ObjectMemo<DerivedCluster, ReadonlyMap<string, AgentShare>>();

export function controlNodeShare(cluster: DerivedCluster): ControlNodeShare {
  return controlNodeShares.get(cluster) ?? controlNodeShares.set(cluster, makeControlNodeShare(cluster));
}

function makeControlNodeShare(cluster: DerivedCluster): ControlNodeShare {
  return {
    networks: cluster.networks.map(({ name, id }) => ({ name, id })),
    instances: cluster.instances.map((instance) => ({
      name: instance.name,
      virtualNetwork: instance.network,
      targets: instance.targets.map(({ target, mark, at }) => ({ target, mark, at })),
      connections: instance.connections,
    })),
  };
}

export interface AgentShare {
  readonly networks: readonly AgentNetwork[];
  readonly securityGroups: readonly AgentSecurityGroup[];
  readonly interfaces: readonly AgentInterface[];
}

/** The shares of all hosts of a cluster that have any, by host name. */
export function agentShares(cluster: DerivedCluster): ReadonlyMap<string, AgentShare> {
  return sharesOfAgents.get(cluster) ?? sharesOfAgents.set(cluster, makeAgentShares(cluster));
}

const NO_FLOATING: readonly AgentFloatingIp[] = [];

/** What hosts have in common is one object in all their shares. */
function makeAgentShares(cluster: DerivedCluster): ReadonlyMap<string, AgentShare> {
  const networks = new Map(cluster.networks.map((network) => [network.name, networkFor(network)]));
  const groups = new Map(
    cluster.securityGroups.map(({ name, id, ingress, egress }) => [name, { name, id, ingress, egress }]),
  );
  const interfaces = new Map(cluster.interfaces.map((face) => [face.name, face]));
  const floating = floatingByInterface(cluster.floatingIps);

  const shares = new Map<string, { networks: Set<string>; groups: Set<string>; interfaces: AgentInterface[] }>();
  for (const workload of cluster.workloads) {
    let share = shares.get(workload.host);
    if (share === undefined)
      shares.set(workload.host, (share = { networks: new Set(), groups: new Set(), interfaces: [] }));
    for (const name of workload.interfaces) {
      const face = interfaces.get(name);
      if (face === undefined) continue;
      const floatingIps = floating.get(name) ?? NO_FLOATING;
      share.interfaces.push({
        name,
        workload: `${workload.kind}:${cluster.cluster}/${workload.project}/${workload.name}`,
        mac: face.mac,
        network: face.network,
        addresses: face.addresses,
        mode: face.mode,
        securityGroups: face.portSecurity ? face.securityGroups : [],
        floatingIps,
        policyEnabled: face.policyEnabled,
      });
      share.networks.add(face.network);
      for (const ip of floatingIps) share.networks.add(ip.network);
      for (const group of face.securityGroups) share.groups.add(group);
    }
  }
  const result = new Map<string, AgentShare>();
  for (const [host, share] of shares) {
    result.set(host, {
      networks: [...share.networks].sort(byText).flatMap((name) => networks.get(name) ?? []),
      securityGroups: [...share.groups].sort(byText).flatMap((name) => groups.get(name) ?? []),
      interfaces: share.interfaces,
    });
  }
  return result;
}

function networkFor(network: DerivedNetwork): AgentNetwork {
  return {
    name: network.name,
    instance: network.instance,
    id: network.id,
    subnets: network.subnets.map((subnet) => ({
      prefix: subnet.prefix,
      gateway: subnet.gateway ?? (0 as Ipv4), // 0: the subnet has no gateway
      dns: subnet.dns,
    })),
    accessList: network.accessList,
  };
}

function floatingByInterface(floatingIps: readonly DerivedFloatingIp[]): Map<string, AgentFloatingIp[]> {
  const byInterface = new Map<string, AgentFloatingIp[]>();
  for (const ip of floatingIps) {
    for (const attachment of ip.interfaces) {
      const list = byInterface.get(attachment.interface) ?? [];
      list.push({
        name: ip.name,
        address: ip.address,
        network: ip.network,
        fixedAddress: attachment.fixedAddress,
        direction: ip.direction,
        portMappings: ip.portMappings,
      });
      byInterface.set(attachment.interface, list);
    }
  }
  return byInterface;
}
