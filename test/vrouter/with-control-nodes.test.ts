/** Agents with the control nodes they are made for: what one publishes the other forwards by. */
import { describe, expect, it } from 'vitest';
import { seconds, type VirtualUs } from '../../src/base/time.ts';
import { ControlNode } from '../../src/control/control-node.ts';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import { RoutePool } from '../../src/route/pool.ts';
import { Simulation } from '../../src/sim/kernel.ts';
import { Agent } from '../../src/vrouter/agent.ts';
import { AGENT_COUNTERS } from '../../src/vrouter/counters.ts';
import type { Fabric } from '../../src/vrouter/fabric.ts';
import { exchangeAll, type Start } from '../../src/vrouter/forward.ts';
import { routeOf } from '../../src/vrouter/views.ts';
import { controlNodeConfig, instance, peered } from '../control/node-config.ts';
import { prefix } from '../support/values.ts';
import { agentConfig, DB, floatingIp, instanceOf, network, packet, port, WEB } from './agent-config.ts';

const VIP = 'default-domain:leonardo:vip';

/** Two control nodes of one cluster; web and vip are joined by a target. */
function cluster(seed = 1) {
  const pool = new RoutePool();
  const simulation = new Simulation({ seed });
  const more = {
    networks: [DB, WEB, VIP].map((name, i) => ({ name, id: i + 1 })),
    instances: [
      instance(instanceOf(DB), ['target:64512:8000001'], { virtualNetwork: DB }),
      instance(instanceOf(WEB), ['target:64512:8000002', 'target:64512:1'], { virtualNetwork: WEB }),
      instance(instanceOf(VIP), ['target:64512:8000003', 'target:64512:1'], { virtualNetwork: VIP }),
    ],
  };
  const [c1, c2] = peered(
    controlNodeConfig('c1', '192.168.10.21', more),
    controlNodeConfig('c2', '192.168.10.22', more),
  );
  for (const config of [c1, c2]) {
    simulation.addNode({ name: config.name, addresses: [config.address] }, (port) => {
      const node = new ControlNode(pool, config);
      node.attach(port);
      return node;
    });
  }
  const agents = [11, 12].map((last) => {
    const agent = new Agent(pool, agentConfig(`h${last}`, `192.168.10.${last}`, [c1.address, c2.address]));
    simulation.addNode({ name: agent.name, addresses: [agent.address] }, (port) => {
      agent.attach(port);
      return agent;
    });
    agent.addNetwork(network(DB, '10.0.100.0/24'));
    agent.addNetwork(network(WEB, '10.0.200.0/24'));
    agent.addNetwork(network(VIP, '10.254.0.0/16'));
    return agent;
  });
  const [h1, h2] = agents as [Agent, Agent]; // two were made
  h1.addInterface(port('pg1', DB, '10.0.100.3'));
  h2.addInterface(port('pg2', DB, '10.0.100.4'));
  h1.addInterface(port('web', WEB, '10.0.200.3', { mode: 'active-active' }));
  for (const [i, agent] of [h1, h2, h2].entries()) {
    const at = `10.0.100.${10 + i}`;
    const floatingIps = [floatingIp(`vip-${i}`, '10.254.0.9', VIP, at)];
    agent.addInterface(port(`pod-${i}`, DB, at, { mode: 'active-active', floatingIps }));
  }
  const fabric: Fabric = {
    endpointAt: (at) => agents.find((agent) => agent.address === at) ?? null,
    underlayReachable: () => true,
  };
  for (let node = 0; node < simulation.nodeCount; node++) simulation.start(node);
  const settle = () => simulation.runToQuiescence((simulation.now + seconds(600)) as VirtualUs, () => null);
  settle();
  const from = (agent: Agent, name: string): Start => ({ kind: 'interface', agent, interface: name });
  return { simulation, fabric, h1, h2, from, settle };
}

describe('agents and control nodes', () => {
  it('deliver a request and its answer between hosts', () => {
    const { fabric, h1, from } = cluster();
    const [way] = exchangeAll(fabric, from(h1, 'pg1'), packet('10.0.100.3', '10.0.100.4'));
    expect(way!.request).toMatchObject({ kind: 'delivered', to: { interface: 'pg2', host: 'h12' } });
    expect(way!.reply).toMatchObject({ kind: 'delivered', to: { interface: 'pg1', host: 'h11' } });
  });

  it('spread a service address over every workload behind it, local and remote', () => {
    const { fabric, h1, from } = cluster();
    const ways = exchangeAll(fabric, from(h1, 'web'), packet('10.0.200.3', '10.254.0.9'));
    const reached = ways.map((way) => (way.request.kind === 'delivered' ? way.request.to : way.request.because));
    expect(reached).toMatchObject([{ interface: 'pod-0' }, { interface: 'pod-1' }, { interface: 'pod-2' }]);
    for (const way of ways) expect(way.reply).toMatchObject({ kind: 'delivered', to: { interface: 'web' } });
  });

  it('agree on the origin network of a route, and on its encapsulations', () => {
    const { h1 } = cluster();
    const view = routeOf(h1, instanceOf(DB), prefix('10.0.100.4/32'))!;
    expect(view.networks).toEqual([DB]);
    expect(view.nextHop).toBe('tunnel MPLSoUDP to 192.168.10.12, label 16');
    expect(view.paths.map((path) => path.peer)).toEqual(['192.168.10.21', '192.168.10.22']);
    expect(view.paths[0]!.preference).toBe(200);
  });

  it('publish four times a workload that answers, to two control nodes, at 100 and at 200', () => {
    const { simulation } = cluster();
    // Two active-standby workloads; three active-active ones with a floating address each, and one without.
    expect(simulation.counters.total(AGENT_COUNTERS.publishes)).toBe(2 * 4 + 3 * 2 * 2 + 2);
    expect(simulation.counters.total(AGENT_COUNTERS.retracts)).toBe(0);
  });

  it('come back to the same state after a control node crashed and returned', () => {
    const { simulation, h1, h2, settle } = cluster();
    const before = [h1.stateDigest(), h2.stateDigest()];
    simulation.crash(simulation.nodeNamed('c1'));
    simulation.runUntil((simulation.now + seconds(100)) as VirtualUs);
    expect(routeOf(h1, instanceOf(DB), prefix('10.0.100.4/32'))!.paths).toHaveLength(2);
    simulation.start(simulation.nodeNamed('c1'));
    simulation.runUntil((simulation.now + seconds(100)) as VirtualUs);
    settle();
    expect(
      h1
        .sessions()
        .map((session) => [formatIpv4(session.remote), session.state])
        .sort(),
    ).toEqual([
      ['192.168.10.21', 'Established'],
      ['192.168.10.22', 'Established'],
    ]);
    expect([h1.stateDigest(), h2.stateDigest()]).toEqual(before);
  });

  it('hold nothing of a workload that moved, once its new host has told (VR-2.8.2)', () => {
    const { fabric, h1, h2, from, settle } = cluster();
    h2.removeInterface(port('pg2', DB, '10.0.100.4'));
    h1.addInterface(port('pg2', DB, '10.0.100.4'));
    settle();
    const [way] = exchangeAll(fabric, from(h1, 'pg1'), packet('10.0.100.3', '10.0.100.4'));
    expect(way!.request).toMatchObject({ kind: 'delivered', to: { interface: 'pg2', host: 'h11' } });
    expect(way!.reply!.kind).toBe('delivered');
    expect(routeOf(h2, instanceOf(DB), prefix('10.0.100.4/32'))!.nextHop).toContain('to 192.168.10.11');
  });
});
