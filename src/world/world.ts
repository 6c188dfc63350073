/**
 * A world: clusters, gateways, hosts and workloads as nodes of one simulation, linked and run.
 *
 * Everything in it is plain data, so {@link World.fork} copies a converged world and lets the copy play a failure.
 */
import { Digest } from '../base/digest.ts';
import { forkGraph, shared } from '../base/fork.ts';
import { invariant } from '../base/invariant.ts';
import { byText } from '../base/order.ts';
import { later, NEVER, type VirtualUs, virtualUs } from '../base/time.ts';
import type { DerivedCluster } from '../config/derived.ts';
import { ControlNode } from '../control/control-node.ts';
import { digestOf } from '../control/views.ts';
import { Gateway } from '../gateway/gateway.ts';
import { Speaker } from '../gateway/speaker.ts';
import { formatIpv4, type Ipv4 } from '../net/ipv4.ts';
import { RoutePool } from '../route/pool.ts';
import { type NodeSpec, type Quiescence, Simulation } from '../sim/kernel.ts';
import type { NodeId } from '../sim/node.ts';
import type { CutId, CutKind } from '../sim/underlay.ts';
import { Agent } from '../vrouter/agent.ts';
import type { Endpoint, Fabric } from '../vrouter/fabric.ts';
import { ConfigDelivery } from './config-delivery.ts';
import { ConfigDownload } from './config-download.ts';
import type { LinkPlan, NodeCost, WorldPlan } from './plan.ts';
import { type ConfigNews, changeControlNode, changeHost } from './reconfigure.ts';
import { unsettledSession } from './settle.ts';
import { agentShares, controlNodeShare } from './share.ts';

export class World implements Fabric {
  readonly sim: Simulation;
  readonly pool: RoutePool;
  readonly plan: WorldPlan;
  readonly controlNodes = new Map<string, ControlNode>();
  readonly agents = new Map<string, Agent>();
  readonly gateways = new Map<string, Gateway>();
  readonly speakers = new Map<string, Speaker>();
  /** Derived configuration by cluster, as it is now. */
  readonly clusters = new Map<string, DerivedCluster>();
  private readonly groupOf = new Map<string, string>();
  private readonly cuts = new Map<string, CutId[]>();

  constructor(plan: WorldPlan) {
    this.plan = shared(plan);
    this.pool = new RoutePool();
    this.sim = new Simulation({ seed: plan.seed, wire: plan.wire, routeLevel: plan.routeLevelRecord });
    this.build();
  }

  get now(): VirtualUs {
    return this.sim.now;
  }

  /** A copy that shares nothing that changes. */
  fork(): World {
    return forkGraph(this);
  }

  // Building

  private build(): void {
    const { plan, sim, pool } = this;
    for (const cluster of plan.clusters) this.clusters.set(cluster.cluster, shared(cluster));
    const numbers = new Map<string, number>();
    const groupNumber = (name: string, cluster: string | null): number => {
      const key = cluster ?? name;
      this.groupOf.set(name, key);
      let number = numbers.get(key);
      if (number === undefined) numbers.set(key, (number = numbers.size + 1));
      return number;
    };
    for (const { config, cluster } of plan.controlNodes) {
      const derived = cluster === null ? undefined : this.clusters.get(cluster);
      const own = derived === undefined ? config : { ...config, ...controlNodeShare(derived) };
      sim.addNode(specOf(own, plan.costs.controlNode, groupNumber(own.name, cluster)), (port) => {
        const node = new ControlNode(pool, shared(own));
        node.attach(port);
        if (cluster !== null) node.xmpp.configSource = new ConfigDownload(this, node, cluster);
        this.controlNodes.set(own.name, node);
        return node;
      });
    }
    const shares = new Map([...this.clusters].map(([name, derived]) => [name, agentShares(derived)]));
    const deliveries = new Map([...this.clusters.keys()].map((name) => [name, new ConfigDelivery(this, name)]));
    for (const { config, cluster } of plan.agents) {
      sim.addNode(specOf(config, plan.costs.agent, groupNumber(config.name, cluster)), (port) => {
        const agent = new Agent(pool, shared(config));
        agent.attach(port);
        if (cluster !== null) agent.configSink = deliveries.get(cluster)!;
        this.agents.set(config.name, agent);
        return agent;
      });
      const share = cluster === null ? undefined : shares.get(cluster)?.get(config.name);
      if (share !== undefined) changeHost(this.agents.get(config.name)!, undefined, share);
    }
    for (const { config } of plan.gateways) {
      sim.addNode(specOf(config, plan.costs.gateway, groupNumber(config.name, null)), (port) => {
        const gateway = new Gateway(pool, shared(config));
        gateway.attach(port);
        this.gateways.set(config.name, gateway);
        return gateway;
      });
    }
    for (const { config } of plan.speakers) {
      sim.addNode(specOf(config, null, groupNumber(config.name, null)), (port) => {
        const speaker = new Speaker(pool, shared(config));
        speaker.attach(port);
        this.speakers.set(config.name, speaker);
        return speaker;
      });
    }
    sim.links.setDefault(plan.ways.between);
    for (const number of numbers.values()) sim.links.setBetweenGroups(number, number, plan.ways.within);
    this.layLinks(numbers);
  }

  /** What is said of two clusters first, then what is said of single nodes; each over what held before. */
  private layLinks(numbers: ReadonlyMap<string, number>): void {
    const { links } = this.sim;
    const ofNodes: LinkPlan[] = [];
    for (const link of this.plan.links) {
      const [a, b] = link.between.map((word) => numbers.get(word));
      if (a === undefined || b === undefined) ofNodes.push(link);
      else links.setBetweenGroups(a, b, { ...links.groupParameters(a, b), ...link.parameters });
    }
    for (const { between, parameters } of ofNodes) {
      const [own, others] = [this.members(between[0]), this.members(between[1])];
      for (const a of own) {
        for (const b of others) {
          if (a !== b) links.setBetweenNodes(a, b, { ...links.parameters(a, b), ...parameters });
        }
      }
    }
  }

  // Nodes by name

  /** Names of all nodes, in the order they were built. */
  nodeNames(): string[] {
    return Array.from({ length: this.sim.nodeCount }, (_, id) => this.sim.nodeName(id));
  }

  nodeId(name: string): NodeId {
    const id = this.sim.nodeNamed(name);
    invariant(id >= 0, `there is no node ${name}`);
    return id;
  }

  controlNode(name: string): ControlNode {
    const node = this.controlNodes.get(name);
    invariant(node !== undefined, `there is no control node ${name}`);
    return node;
  }

  agent(name: string): Agent {
    const agent = this.agents.get(name);
    invariant(agent !== undefined, `there is no agent ${name}`);
    return agent;
  }

  speaker(name: string): Speaker {
    const speaker = this.speakers.get(name);
    invariant(speaker !== undefined, `there is no raw speaker ${name}`);
    return speaker;
  }

  /** The nodes a word means: one by its name, or all of a cluster. */
  members(word: string): readonly NodeId[] {
    const id = this.sim.nodeNamed(word);
    if (id >= 0) return [id];
    return this.nodeNames().flatMap((name, index) => (this.groupOf.get(name) === word ? [index] : []));
  }

  /** The node at an underlay address, or the address itself. */
  nameAt(address: Ipv4): string {
    const id = this.sim.underlay.nodeAt(address);
    return id < 0 ? formatIpv4(address) : this.sim.nodeName(id);
  }

  clusterOf(node: string): string | null {
    const group = this.groupOf.get(node);
    return group !== undefined && this.clusters.has(group) ? group : null;
  }

  // Steps

  /** Everything but the agents that a step starts by name. */
  startAll(): void {
    for (let id = 0; id < this.sim.nodeCount; id++) {
      const agent = this.agents.get(this.sim.nodeName(id));
      if (agent?.config.startDelay !== NEVER) this.sim.start(id);
    }
  }

  cut(kind: CutKind, a: string, b: string): void {
    const key = cutKey(kind, a, b);
    const ids = this.cuts.get(key) ?? [];
    ids.push(this.sim.cut(kind, this.members(a), this.members(b)));
    this.cuts.set(key, ids);
  }

  /** False when nothing is cut there. */
  heal(kind: CutKind, a: string, b: string): boolean {
    const key = cutKey(kind, a, b);
    const ids = this.cuts.get(key);
    if (ids === undefined) return false;
    for (const id of ids) this.sim.heal(id);
    this.cuts.delete(key);
    return true;
  }

  /** An operator's clear of the session of two nodes. */
  clearSession(a: string, b: string): void {
    for (const [own, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const address = this.sim.simNode(this.nodeId(other)).addresses[0]!;
      if (this.agents.has(own)) {
        this.agent(own).clearSession(address);
        return;
      }
      if (this.agents.has(other) || !this.controlNodes.has(own)) continue;
      this.controlNode(own).clearSession(other);
      return;
    }
  }

  /** Says octets on the open stream of `from` (to `to` where it has several); false when there is none. */
  sayRaw(from: string, to: string | null, octets: Uint8Array): boolean {
    const own = this.nodeId(from);
    const other = to === null ? -1 : this.nodeId(to);
    const stream = this.sim
      .openStreams()
      .find(({ nodes }) => nodes.includes(own) && (other < 0 || nodes.includes(other)));
    if (stream !== undefined) this.sim.sendRaw(own, stream.id, octets);
    return stream !== undefined;
  }

  /** Gives a cluster another configuration: every node learns what changes for it. */
  applyCluster(next: DerivedCluster): void {
    const before = this.clusters.get(next.cluster);
    invariant(before !== undefined, `there is no cluster ${next.cluster}`);
    this.clusters.set(next.cluster, shared(next));
    const [shareBefore, shareNext] = [controlNodeShare(before), controlNodeShare(next)];
    for (const { config, cluster } of this.plan.controlNodes) {
      if (cluster === next.cluster) changeControlNode(this.controlNodes.get(config.name)!, shareBefore, shareNext);
    }
    const [agentsBefore, agentsNext] = [agentShares(before), agentShares(next)];
    for (const { config, cluster } of this.plan.agents) {
      if (cluster !== next.cluster) continue;
      const agent = this.agents.get(config.name)!;
      this.tellNews(agent, changeHost(agent, agentsBefore.get(config.name), agentsNext.get(config.name)));
    }
  }

  /** The agent hears of it from the control node it has its configuration from, or when it has one again. */
  private tellNews(agent: Agent, news: ConfigNews): void {
    const server = agent.configServer;
    if (server === null) return;
    const id = this.sim.underlay.nodeAt(server);
    if (id < 0 || !this.sim.isUp(id)) return;
    const source = this.controlNode(this.sim.nodeName(id)).xmpp.configSource;
    if (source instanceof ConfigDownload) source.tell(agent.name, news);
  }

  // Running

  /** Runs until only background is pending, at most so long. */
  settle(limit: VirtualUs): Quiescence {
    return this.sim.runToQuiescence(later(this.now, limit), () => unsettledSession(this));
  }

  runUntil(moment: VirtualUs): void {
    this.sim.runUntil(moment);
  }

  runFor(duration: VirtualUs): void {
    this.sim.runUntil(virtualUs(this.now + duration));
  }

  /** Content of all RIBs, FIBs and session states (design: state hash); not counters, times, ids or label numbers. */
  stateHash(): string {
    const digest = new Digest();
    const parts: [string, string][] = [
      ...[...this.controlNodes].map(([name, node]): [string, string] => [name, digestOf(node)]),
      ...[...this.agents].map(([name, agent]): [string, string] => [name, agent.stateDigest()]),
      ...[...this.gateways].map(([name, gateway]): [string, string] => [name, gateway.stateDigest()]),
      ...[...this.speakers].map(([name, speaker]): [string, string] => [name, speaker.stateDigest()]),
    ];
    for (const [name, state] of parts.sort((a, b) => byText(a[0], b[0]))) {
      digest.text(name).text(this.sim.isUp(this.nodeId(name)) ? state : 'down');
    }
    return digest.hex();
  }

  // Fabric: what the walk of a packet asks

  endpointAt(address: Ipv4): Endpoint | null {
    const id = this.sim.underlay.nodeAt(address);
    if (id < 0 || this.sim.underlay.power(id) === 'crashed') return null;
    const name = this.sim.nodeName(id);
    return this.agents.get(name) ?? this.gateways.get(name) ?? null;
  }

  underlayReachable(from: Ipv4, to: Ipv4): boolean {
    const [a, b] = [this.sim.underlay.nodeAt(from), this.sim.underlay.nodeAt(to)];
    return a >= 0 && b >= 0 && this.sim.underlay.underlayReachable(a, b);
  }
}

function cutKey(kind: CutKind, a: string, b: string): string {
  return [kind, ...[a, b].sort(byText)].join(' ');
}

/** A raw speaker is told what to say and takes no time for it. */
function specOf(
  config: { readonly name: string; readonly address: Ipv4 },
  cost: NodeCost | null,
  group: number,
): NodeSpec {
  const { name, address } = config;
  if (cost === null) return { name, addresses: [address], group };
  const { perMessage, perRoute } = cost;
  return { name, addresses: [address], group, cost: { perMessageNs: perMessage * 1_000, perItemNs: perRoute * 1_000 } };
}
