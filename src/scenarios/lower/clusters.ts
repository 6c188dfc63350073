/**
 * The altitude of a rollout: control nodes, vRouters and gateways of the clusters, every session between them, as parts
 * of a plan. The contents (networks, workloads) come from {@link ./intents.ts}.
 */
import { suggestion } from '../../base/nearest.ts';
import { type Diagnostic, fault } from '../../base/result.ts';
import { type VirtualUs, virtualUs } from '../../base/time.ts';
import type { ControlNodeConfig, NeighbourConfig, RouterType } from '../../control/control-config.ts';
import type { GatewayConfig } from '../../gateway/gateway-config.ts';
import { type Ipv4, ipv4 } from '../../net/ipv4.ts';
import { parsePrefix } from '../../net/prefix.ts';
import { parseRouteTarget } from '../../net/route-target.ts';
import type { FamilyName } from '../../route/family.ts';
import type { AgentConfig } from '../../vrouter/agent-config.ts';
import { DEFAULT_FAMILIES, PLAIN_CONTROL_NODE, PLAIN_NEIGHBOUR } from '../../world/defaults.ts';
import type { LinkPlan, PlacedNode } from '../../world/plan.ts';
import { type LoadedScenario, placeOfPart } from '../load.ts';
import { countOf, type Member, membersOf, underlayOf } from './addresses.ts';
import { linkParametersOf } from './links.ts';
import { addressOf, asnOf, durationOf, quirksOf, secondsOf } from './protocol.ts';

export interface ClusterParts {
  readonly members: ReadonlyMap<
    string,
    { readonly asn: number; readonly controlNodes: readonly Member[]; readonly vrouters: readonly Member[] }
  >;
  readonly controlNodes: readonly PlacedNode<ControlNodeConfig>[];
  readonly agents: readonly PlacedNode<AgentConfig>[];
  readonly gateways: readonly PlacedNode<GatewayConfig>[];
  readonly links: readonly LinkPlan[];
  readonly federated: readonly (readonly [string, string])[];
  readonly faults: readonly Diagnostic[];
}

const CONTROL_NODES_UNSAID = 2;
const VROUTERS_UNSAID = 2;
const FIRST_GATEWAY = ipv4(0xac100001); // 172.16.0.1

export function lowerClusters(loaded: LoadedScenario): ClusterParts {
  const { scenario } = loaded;
  const faults: Diagnostic[] = [];
  const members = new Map<string, { asn: number; controlNodes: readonly Member[]; vrouters: readonly Member[] }>();
  for (const [index, [name, cluster]] of Object.entries(scenario.clusters ?? {}).entries()) {
    const underlay = underlayOf(index, countOf(cluster.vrouters, VROUTERS_UNSAID), cluster.underlay);
    const at = (key: string) => placeOfPart(loaded, ['clusters', name, key]);
    const control = membersOf(
      'control',
      name,
      cluster.controlNodes,
      CONTROL_NODES_UNSAID,
      underlay,
      at('controlNodes'),
    );
    const vrouters = membersOf('vrouter', name, cluster.vrouters, VROUTERS_UNSAID, underlay, at('vrouters'));
    faults.push(...control.faults.slice(0, 1), ...vrouters.faults.slice(0, 1));
    members.set(name, { asn: asnOf(cluster.asn), controlNodes: control.members, vrouters: vrouters.members });
  }
  const gateways = Object.entries(scenario.gateways ?? {}).map(([name, gateway], index) => ({
    name,
    gateway,
    address: addressOf(gateway.address, FIRST_GATEWAY + index),
    asn: asnOf(gateway.asn),
  }));

  const neighbours = new Map<string, NeighbourConfig[]>();
  const add = (own: string, remote: Member, asn: number, type: RouterType, families: readonly FamilyName[]) => {
    const list = neighbours.get(own) ?? [];
    list.push({ ...PLAIN_NEIGHBOUR, name: remote.name, address: remote.address, asn, type, families });
    neighbours.set(own, list);
  };
  for (const cluster of members.values()) {
    for (const own of cluster.controlNodes) {
      for (const other of cluster.controlNodes)
        if (own !== other) add(own.name, other, cluster.asn, 'control-node', DEFAULT_FAMILIES);
    }
  }

  const federated: (readonly [string, string])[] = [];
  const links: LinkPlan[] = [];
  for (const [index, link] of (scenario.federation ?? []).entries()) {
    const [nameA, nameB] = link.between;
    const a = members.get(nameA);
    const b = members.get(nameB);
    for (const [side, name] of link.between.entries()) {
      if (members.has(name)) continue;
      const at = placeOfPart(loaded, ['federation', index, 'between', side]);
      faults.push(
        fault(at, 'unknown-cluster', `there is no cluster called ${name}${suggestion(name, [...members.keys()])}`),
      );
    }
    if (a === undefined || b === undefined) continue;
    if (nameA === nameB) {
      faults.push(
        fault(
          placeOfPart(loaded, ['federation', index, 'between']),
          'self-federation',
          `${nameA} cannot be federated with itself`,
        ),
      );
      continue;
    }
    federated.push([nameA, nameB]);
    const type = link.neighbourType ?? 'external-control-node';
    const families = link.families ?? DEFAULT_FAMILIES;
    const all = a.controlNodes.flatMap((one) => b.controlNodes.map((other) => [one, other] as const));
    const wanted = link.peers?.flatMap((pair, which) => {
      const found = all.find(([one, other]) => pair.includes(one.name) && pair.includes(other.name));
      if (found !== undefined) return [found];
      const at = placeOfPart(loaded, ['federation', index, 'peers', which]);
      faults.push(
        fault(at, 'unknown-node', `${pair.join(' and ')} are not a control node of ${nameA} and one of ${nameB}`),
      );
      return [];
    });
    for (const [one, other] of wanted ?? all) {
      add(one.name, other, b.asn, type, families);
      add(other.name, one, a.asn, type, families);
    }
    const parameters = linkParametersOf(link);
    if (parameters !== null) links.push({ between: [nameA, nameB], parameters });
  }

  const placedGateways = gateways.map(({ name, gateway, address, asn }): PlacedNode<GatewayConfig> => {
    const peers = (gateway.peers ?? []).flatMap((peer, index) => {
      const cluster = members.get(peer);
      if (cluster !== undefined)
        return cluster.controlNodes.map((member) => ({ name: member.name, address: member.address, asn: cluster.asn }));
      for (const one of members.values()) {
        const member = one.controlNodes.find((candidate) => candidate.name === peer);
        if (member !== undefined) return [{ name: member.name, address: member.address, asn: one.asn }];
      }
      const at = placeOfPart(loaded, ['gateways', name, 'peers', index]);
      faults.push(
        fault(
          at,
          'unknown-peer',
          `there is no cluster or control node called ${peer}${suggestion(peer, [...members.keys()])}`,
        ),
      );
      return [];
    });
    for (const peer of peers) add(peer.name, { name, address }, asn, 'router', DEFAULT_FAMILIES);
    return {
      cluster: null,
      config: {
        name,
        address,
        routerId: address,
        asn,
        holdTimeSeconds: 90,
        transit: gateway.transit ?? false,
        encapsulations: gateway.encapsulations ?? ['gre', 'udp'],
        peers,
        instances: Object.entries(gateway.instances ?? {}).map(([instance, stated], index) => ({
          name: instance,
          index: index + 1,
          routeTargets: stated.routeTargets.map(parseRouteTarget).filter((target) => target !== null),
          external: (stated.external ?? []).map(parsePrefix).filter((prefix) => typeof prefix === 'object'),
        })),
      },
    };
  });

  const controlNodes: PlacedNode<ControlNodeConfig>[] = [];
  const agents: PlacedNode<AgentConfig>[] = [];
  for (const [name, cluster] of members) {
    const stated = scenario.clusters![name]!;
    const quirks = quirksOf(scenario.quirks, stated.quirks);
    for (const member of cluster.controlNodes) {
      controlNodes.push({
        cluster: name,
        config: {
          ...PLAIN_CONTROL_NODE,
          name: member.name,
          address: member.address,
          routerId: member.address,
          asn: cluster.asn,
          clusterId: stated.clusterId ?? 0,
          holdTimeSeconds: secondsOf(stated.holdTime, 90),
          xmppHoldTimeSeconds: secondsOf(stated.xmppHoldTime, 90),
          fourOctetAs: cluster.asn > 65535,
          neighbours: neighbours.get(member.name) ?? [],
          quirks,
        },
      });
    }
    const servers: readonly Ipv4[] = cluster.controlNodes.map((member) => member.address);
    const stagger = durationOf(stated.stagger ?? scenario.stagger, 0 as VirtualUs);
    for (const [index, member] of cluster.vrouters.entries()) {
      agents.push({
        cluster: name,
        config: {
          name: member.name,
          address: member.address,
          controlNodes: servers,
          encapsulationPriorities: stated.encapsulation ?? [],
          xmppHoldTimeSeconds: secondsOf(stated.xmppHoldTime, 90),
          pathPreference: stated.pathPreference ?? true,
          bare: false,
          startDelay: staggered(stagger, index, cluster.vrouters.length),
          quirks,
        },
      });
    }
  }
  return { members, controlNodes, agents, gateways: placedGateways, links, federated, faults };
}

/** The wait of one of so many vRouters that start evenly within `stagger`: the first does not wait. */
function staggered(stagger: VirtualUs, index: number, count: number): VirtualUs {
  return virtualUs(Math.floor((stagger * index) / count));
}
