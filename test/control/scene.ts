/** A stage for tests of control nodes: nodes, agents and speakers placed in a simulation. */
import { seconds, type VirtualUs, virtualUs } from '../../src/base/time.ts';
import type { ControlNodeConfig } from '../../src/control/control-config.ts';
import { ControlNode } from '../../src/control/control-node.ts';
import { routeOf, routesOf } from '../../src/control/views.ts';
import type { FamilyName } from '../../src/route/family.ts';
import { RoutePool } from '../../src/route/pool.ts';
import { Simulation } from '../../src/sim/kernel.ts';
import { inetNlri, vpnNlri } from './nlris.ts';
import { ScriptedAgent } from './scripted-agent.ts';
import { ScriptedSpeaker } from './scripted-speaker.ts';

export class Scene {
  readonly pool = new RoutePool();
  readonly sim: Simulation;
  readonly nodes = new Map<string, ControlNode>();
  readonly agents = new Map<string, ScriptedAgent>();
  readonly speakers = new Map<string, ScriptedSpeaker>();

  constructor(configs: readonly ControlNodeConfig[], wire = false) {
    this.sim = new Simulation({ seed: 1, wire });
    for (const config of configs) this.addNode(config);
  }

  private addNode(config: ControlNodeConfig): void {
    const id = this.sim.addNode({ name: config.name, addresses: [config.address] }, (port) => {
      const node = new ControlNode(this.pool, config);
      node.attach(port);
      this.nodes.set(config.name, node);
      return node;
    });
    this.sim.start(id);
  }

  agent(name: string, at: string, node: string): ScriptedAgent {
    const agent = new ScriptedAgent(this.pool, name, at, this.nodes.get(node)!.addresses[0]!);
    const id = this.sim.addNode({ name, addresses: agent.addresses }, (port) => {
      agent.attach(port);
      return agent;
    });
    this.agents.set(name, agent);
    this.sim.start(id);
    this.runFor(seconds(1));
    return agent;
  }

  /** A BGP speaker with a session to each of the nodes, whose configuration must name it as a neighbour. */
  speaker(
    name: string,
    at: string,
    asn: number,
    nodes: readonly string[],
    families: readonly FamilyName[] = ['route-target', 'inet-vpn'],
  ): ScriptedSpeaker {
    const peers = nodes.map((node) => this.node(node).config);
    const speaker = new ScriptedSpeaker(this.pool, name, at, asn, peers, families);
    const id = this.sim.addNode({ name, addresses: speaker.addresses }, (port) => {
      speaker.attach(port);
      return speaker;
    });
    this.speakers.set(name, speaker);
    this.sim.start(id);
    this.runFor(seconds(2));
    return speaker;
  }

  node(name: string): ControlNode {
    return this.nodes.get(name)!;
  }

  runFor(duration: VirtualUs): void {
    this.sim.runUntil(virtualUs(this.sim.now + duration));
  }

  /** Until nothing but background is pending. */
  settle(): void {
    const end = this.sim.runToQuiescence(virtualUs(this.sim.now + seconds(900)), () => null);
    if (!end.quiescent) throw new Error(`not quiescent: ${end.busy}`);
  }

  /** The route of an instance's inet table. */
  inet(node: string, instanceName: string, prefix: string) {
    return routeOf(this.node(node), `${instanceName}.inet.0`, inetNlri(this.pool, prefix));
  }

  vpn(node: string, prefix: string) {
    return routeOf(this.node(node), 'bgp.l3vpn.0', vpnNlri(this.pool, prefix));
  }

  prefixes(node: string, table: string): readonly string[] {
    return routesOf(this.node(node), table).map(({ prefix }) => prefix);
  }
}
