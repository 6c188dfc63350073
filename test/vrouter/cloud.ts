/** A small cloud for tests of agents: agents and control nodes on a real kernel, and the underlay between them. */
import { seconds, type VirtualUs } from '../../src/base/time.ts';
import type { Ipv4 } from '../../src/net/ipv4.ts';
import { RoutePool } from '../../src/route/pool.ts';
import { type Quiescence, Simulation } from '../../src/sim/kernel.ts';
import type { NodeId } from '../../src/sim/node.ts';
import { Agent } from '../../src/vrouter/agent.ts';
import type { AgentConfig } from '../../src/vrouter/agent-config.ts';
import type { Endpoint, Fabric } from '../../src/vrouter/fabric.ts';
import { address } from '../support/values.ts';
import { agentConfig } from './agent-config.ts';
import { TestControlNode } from './control-node.ts';

export class TestCloud implements Fabric {
  readonly pool = new RoutePool();
  readonly simulation: Simulation;
  readonly agents = new Map<string, Agent>();
  readonly controls = new Map<string, TestControlNode>();
  readonly others: Endpoint[] = [];
  readonly unreachable = new Set<number>();

  constructor(seed = 1, wire = false) {
    this.simulation = new Simulation({ seed, wire });
  }

  control(name: string, at: string): TestControlNode {
    let node: TestControlNode | null = null;
    this.simulation.addNode({ name, addresses: [address(at)] }, (port) => {
      node = new TestControlNode(this.pool, port, name, at);
      return node;
    });
    this.controls.set(name, node!);
    return node!;
  }

  agent(name: string, at: string, config: Partial<AgentConfig> = {}): Agent {
    const controlNodes = [...this.controls.values()].map((control) => control.addresses[0] as Ipv4); // made by `address`
    const agent = new Agent(this.pool, agentConfig(name, at, controlNodes, config));
    this.simulation.addNode({ name, addresses: [address(at)] }, (port) => {
      agent.attach(port);
      return agent;
    });
    this.agents.set(name, agent);
    return agent;
  }

  node(name: string): NodeId {
    return this.simulation.nodeNamed(name);
  }

  startAll(): void {
    for (const name of [...this.controls.keys(), ...this.agents.keys()]) this.simulation.start(this.node(name));
  }

  run(time: VirtualUs): void {
    this.simulation.runUntil((this.simulation.now + time) as VirtualUs);
  }

  settle(): Quiescence {
    return this.simulation.runToQuiescence((this.simulation.now + seconds(600)) as VirtualUs, () => null);
  }

  endpointAt(at: Ipv4): Endpoint | null {
    for (const agent of this.agents.values()) {
      if (agent.address === at && this.simulation.isUp(this.node(agent.name))) return agent;
    }
    return this.others.find((other) => other.address === at) ?? null;
  }

  underlayReachable(_from: Ipv4, to: Ipv4): boolean {
    return !this.unreachable.has(to);
  }
}
