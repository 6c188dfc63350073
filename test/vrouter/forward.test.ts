import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/base/time.ts';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import type { AgentNetwork } from '../../src/vrouter/agent-config.ts';
import type { ForeignPe } from '../../src/vrouter/fabric.ts';
import type { Fate, Hop } from '../../src/vrouter/fate.ts';
import { exchange, exchangeAll, type Start, walk, walkAll } from '../../src/vrouter/forward.ts';
import {
  ANY,
  address,
  floatingIp,
  group,
  instanceOf,
  network,
  packet,
  policyList,
  port,
  prefix,
  rule,
  TestCloud,
} from './support.ts';

const DB = 'default-domain:leonardo:leonardodb';
const WEB = 'default-domain:leonardo:web';
const PUBLIC = 'default-domain:admin:public';

/** Two control nodes that pass routes on, and two hosts. */
function twoHosts(joined: readonly (readonly [string, string])[] = []) {
  const cloud = new TestCloud();
  for (const last of [21, 22]) {
    const control = cloud.control(`c${last}`, `192.168.10.${last}`);
    control.reflect = true;
    for (const [a, b] of joined) {
      control.imports.set(instanceOf(a), [...(control.imports.get(instanceOf(a)) ?? []), instanceOf(b)]);
      control.imports.set(instanceOf(b), [...(control.imports.get(instanceOf(b)) ?? []), instanceOf(a)]);
    }
  }
  const h1 = cloud.agent('h1', '192.168.10.11');
  const h2 = cloud.agent('h2', '192.168.10.12');
  const serve = (...networks: AgentNetwork[]) => {
    for (const agent of [h1, h2]) for (const each of networks) agent.addNetwork(each);
  };
  const from = (host: 'h1' | 'h2', name: string): Start => ({
    kind: 'interface',
    agent: host === 'h1' ? h1 : h2,
    interface: name,
  });
  const start = () => {
    cloud.startAll();
    cloud.settle();
  };
  return { cloud, h1, h2, serve, from, start };
}

function outcome(fate: Fate | null): string {
  if (fate === null) return 'no request arrived';
  if (fate.kind === 'dropped') return `${fate.because} at ${fate.at}`;
  const { to } = fate;
  if (to.kind === 'interface') return `to ${to.interface} on ${to.host}`;
  return to.kind === 'agent' ? `to the agent of ${to.host}` : `out of ${to.gateway}`;
}

function hopText(hop: Hop): string {
  switch (hop.kind) {
    case 'interface':
      return `${hop.host} ${hop.direction} ${hop.interface}`;
    case 'lookup':
      return `${hop.host} ${hop.side} ${formatIpv4(hop.address)} ${hop.prefix === null ? 'none' : `/${hop.prefix.length}`} ${hop.nextHop}`;
    case 'verdict':
      return `${hop.host} ${hop.check} ${hop.flow} ${hop.verdict} ${hop.rule}`;
    case 'flow':
      return `${hop.host} known ${hop.found} ${hop.action}`;
    case 'nat':
      return `${hop.host} ${hop.translation} ${formatIpv4(hop.from)} to ${formatIpv4(hop.to)}`;
    case 'ecmp':
      return `${hop.host} member ${hop.member} of ${hop.members} ${hop.because}`;
    case 'tunnel':
      return `${hop.host} ${hop.encapsulation} to ${formatIpv4(hop.to)} label ${hop.label}`;
    case 'label':
      return `${hop.host} label ${hop.label} ${hop.nextHop ?? 'unknown'}`;
    case 'gateway':
      return `${hop.host} ${hop.text}`;
  }
}

describe('between two workloads of a network (VR-9.2)', () => {
  function pair() {
    const world = twoHosts();
    world.serve(network(DB, '10.0.100.0/24'));
    world.h1.addInterface(port('pg1', DB, '10.0.100.3'));
    world.h1.addInterface(port('pg3', DB, '10.0.100.5'));
    world.h2.addInterface(port('pg2', DB, '10.0.100.4'));
    world.start();
    return world;
  }

  it('goes by tunnel with the label of the remote interface, hop by hop', () => {
    const { cloud, from } = pair();
    const fate = walk(cloud, from('h1', 'pg1'), packet('10.0.100.3', '10.0.100.4'));
    expect(outcome(fate)).toBe('to pg2 on h2');
    expect(fate.hops.map(hopText)).toEqual([
      'h1 from workload pg1',
      'h1 source 10.0.100.3 /32 interface pg1',
      'h1 destination 10.0.100.4 /32 tunnel MPLSoUDP to 192.168.10.12, label 16',
      'h1 network policy forward pass no access list',
      'h1 security group egress forward pass no access list',
      'h1 network policy reverse pass no access list',
      'h1 MPLSoUDP to 192.168.10.12 label 16',
      'h2 label 16 interface pg2',
      'h2 source 10.0.100.3 /32 tunnel MPLSoUDP to 192.168.10.11, label 16',
      'h2 destination 10.0.100.4 /32 interface pg2',
      'h2 network policy forward pass no access list',
      'h2 security group ingress forward pass no access list',
      'h2 network policy reverse pass no access list',
      'h2 to workload pg2',
    ]);
  });

  it('arrives with the TTL it was sent with (VR-9.2/5), and its answer meets the flows it made (VR-4.5)', () => {
    const { cloud, from } = pair();
    const { request, reply } = exchange(cloud, from('h1', 'pg1'), packet('10.0.100.3', '10.0.100.4'));
    expect(request.kind === 'delivered' && request.packet.ttl).toBe(64);
    expect(outcome(reply)).toBe('to pg1 on h1');
    const flows = reply!.hops.map(hopText).filter((text) => text.includes('known'));
    expect(flows).toEqual(['h2 known reverse forward', 'h1 known reverse forward']);
  });

  it('stays on the host when both are there (VR-2.8.3)', () => {
    const { cloud, from } = pair();
    const fate = walk(cloud, from('h1', 'pg1'), packet('10.0.100.3', '10.0.100.5'));
    expect(outcome(fate)).toBe('to pg3 on h1');
    expect(fate.hops.some((hop) => hop.kind === 'tunnel')).toBe(false);
  });

  it('is no route for an address that nobody has, though the subnet contains it (VR-1.11.2)', () => {
    const { cloud, from } = pair();
    expect(outcome(walk(cloud, from('h1', 'pg1'), packet('10.0.100.3', '10.0.100.77')))).toBe('NoDstRt at h1');
  });

  it('is answered by the agent when it pings the gateway (VR-9.1/5)', () => {
    const { cloud, from } = pair();
    const ping = packet('10.0.100.3', '10.0.100.1', { protocol: 1, sourcePort: 7, destinationPort: 0 });
    const { request, reply } = exchange(cloud, from('h1', 'pg1'), ping);
    expect(outcome(request)).toBe('to the agent of h1');
    expect(outcome(reply)).toBe('to pg1 on h1');
  });

  it('dies at the far end under a label that is gone: Invalid Label (VR-9.5/3)', () => {
    const { cloud, from, h2 } = pair();
    cloud.simulation.crash(cloud.node('c21'));
    cloud.run(seconds(40));
    h2.removeInterface(port('pg2', DB, '10.0.100.4'));
    cloud.run(seconds(5));
    expect(outcome(walk(cloud, from('h1', 'pg1'), packet('10.0.100.3', '10.0.100.4')))).toBe('Invalid Label at h2');
    cloud.simulation.start(cloud.node('c21'));
    cloud.run(seconds(60));
    expect(outcome(walk(cloud, from('h1', 'pg1'), packet('10.0.100.3', '10.0.100.4')))).toBe('NoDstRt at h1');
  });

  it('is lost in the underlay when that is cut, whatever the tables say', () => {
    const { cloud, from } = pair();
    cloud.unreachable.add(address('192.168.10.12'));
    expect(outcome(walk(cloud, from('h1', 'pg1'), packet('10.0.100.3', '10.0.100.4')))).toBe('Underlay at h1');
  });

  it('is dropped as Invalid Source when it came from elsewhere than its source lives (VR-4.10/1, VR-9.6/4)', () => {
    const { cloud, from, h1 } = pair();
    for (const control of cloud.controls.values()) {
      control.reflect = false;
      control.offer(instanceOf(DB), '10.0.100.3/32', {
        to: [{ at: '192.168.10.12', label: 300, network: DB }],
        localPreference: 200,
        sequence: 1,
      });
    }
    cloud.run(seconds(0.1));
    expect(outcome(walk(cloud, from('h1', 'pg1'), packet('10.0.100.3', '10.0.100.5')))).toBe('Invalid Source at h1');
    expect(h1.tables.interface('pg1')!.config.policyEnabled).toBe(true);
  });

  it('is not delivered by a source the far end does not know (VR-4.7/3, VR-9.6/3)', () => {
    const { cloud, from } = pair();
    for (const control of cloud.controls.values()) control.reflect = false;
    const forged = packet('10.0.100.99', '10.0.100.4');
    expect(outcome(walk(cloud, from('h1', 'pg1'), forged))).toBe('NoSrcRt at h1');
  });

  it('has no flow and no rules where both interfaces have policy disabled (VR-1.5.1, VR-4.1.p5, VR-4.8.9)', () => {
    const world = twoHosts();
    world.serve(network(DB, '10.0.100.0/24'));
    world.h1.addInterface(port('a', DB, '10.0.100.3', { policyEnabled: false, securityGroups: ['none'] }));
    world.h2.addInterface(port('b', DB, '10.0.100.4', { policyEnabled: false }));
    for (const agent of [world.h1, world.h2]) agent.setSecurityGroups([group('none', 8000001, [], [])]);
    world.start();
    const fate = walk(world.cloud, world.from('h1', 'a'), packet('10.0.100.3', '10.0.100.4'));
    expect(outcome(fate)).toBe('to b on h2');
    expect(fate.hops.some((hop) => hop.kind === 'verdict')).toBe(false);
    expect(outcome(walk(world.cloud, world.from('h1', 'a'), packet('10.0.100.3', '10.0.100.9')))).toBe(
      'Discards at h1',
    );
  });
});

describe('between networks (VR-9.3)', () => {
  function joined(tail: 'pass' | 'deny' = 'pass', both = true) {
    const world = twoHosts(both ? [[DB, WEB]] : []);
    const lists = (own: string) => policyList(own, WEB, DB, 5432, tail);
    world.serve(network(DB, '10.0.100.0/24', lists(DB)), network(WEB, '10.0.200.0/24', lists(WEB)));
    world.h1.addInterface(port('pg1', DB, '10.0.100.3'));
    world.h2.addInterface(port('w1', WEB, '10.0.200.3'));
    world.h1.addInterface(port('w2', WEB, '10.0.200.4'));
    world.start();
    return world;
  }
  const toDb = (more = {}) => packet('10.0.200.3', '10.0.100.3', more);

  it('web opens the database port, routed with one TTL less, and is answered (VR-3.10/2, VR-9.3/1)', () => {
    const { cloud, from } = joined();
    const { request, reply } = exchange(cloud, from('h2', 'w1'), toDb());
    expect(outcome(request)).toBe('to pg1 on h1');
    expect(request.kind === 'delivered' && request.packet.ttl).toBe(63);
    expect(outcome(reply)).toBe('to w1 on h2');
  });

  it('names the rule and its place when a port or protocol is not allowed (VR-4.4/B3, VR-9.3/2, VR-9.3/3)', () => {
    const { cloud, from } = joined();
    const ssh = walk(cloud, from('h2', 'w1'), toDb({ destinationPort: 22 }));
    expect(outcome(ssh)).toBe('Policy at h2');
    const denied = ssh.hops.find((hop) => hop.kind === 'verdict' && hop.flow === 'forward' && hop.verdict === 'deny');
    expect(denied).toMatchObject({ list: WEB, at: { file: 'policy.yaml', line: 7 } });
    expect(outcome(walk(cloud, from('h2', 'w1'), toDb({ protocol: 1, destinationPort: 0 })))).toBe('Policy at h2');
  });

  it('does not let the database open connections to web on that port (VR-9.3/4, VR-4.6/B3)', () => {
    const { cloud, from } = joined();
    const back = packet('10.0.100.3', '10.0.200.3');
    expect(outcome(walk(cloud, from('h1', 'pg1'), back))).toBe('Policy at h1');
  });

  it('judges both networks in one flow when both are on one host, the second as OutPolicy (VR-0.11)', () => {
    const world = twoHosts([[DB, WEB]]);
    const closed = { name: DB, entries: [rule('pass', { kind: 'network', name: DB }, { kind: 'network', name: DB })] };
    world.serve(network(DB, '10.0.100.0/24', closed), network(WEB, '10.0.200.0/24'));
    world.h1.addInterface(port('pg1', DB, '10.0.100.3'));
    world.h1.addInterface(port('w2', WEB, '10.0.200.4'));
    world.start();
    expect(outcome(walk(world.cloud, world.from('h1', 'w2'), packet('10.0.200.4', '10.0.100.3')))).toBe(
      'OutPolicy at h1',
    );
  });

  it('has no route where the instances are not connected, and the reason is NoDstRt, not Policy (VR-0.1, VR-9.3/5)', () => {
    const { cloud, from } = joined('pass', false);
    expect(outcome(walk(cloud, from('h2', 'w1'), toDb()))).toBe('NoDstRt at h2');
  });

  it('passes a network that no rule names, and not under a strict tail (VR-4.6/B5, VR-10/B1)', () => {
    for (const [tail, expected] of [
      ['pass', 'to pg1 on h1'],
      ['deny', 'Policy at h2'],
    ] as const) {
      const { cloud, from } = joined(tail);
      for (const control of cloud.controls.values()) {
        control.reflect = false;
        control.offer(instanceOf(WEB), '10.0.100.3/32', {
          to: [{ at: '192.168.10.11', label: 16, network: 'unresolved' }],
          localPreference: 300,
        });
        control.offer(instanceOf(DB), '10.0.200.3/32', {
          to: [{ at: '192.168.10.12', label: 16, network: 'unresolved' }],
          localPreference: 300,
        });
      }
      cloud.run(seconds(0.1));
      expect(outcome(walk(cloud, from('h2', 'w1'), toDb({ destinationPort: 22 })))).toBe(expected);
    }
  });

  it('changes the verdict of a running session with the list, without a new first packet (VR-4.3.7)', () => {
    const { cloud, from, h2 } = joined();
    expect(outcome(walk(cloud, from('h2', 'w1'), toDb()))).toBe('to pg1 on h1');
    h2.addNetwork(network(WEB, '10.0.200.0/24', policyList(WEB, WEB, DB, 3306)));
    expect(outcome(walk(cloud, from('h2', 'w1'), toDb()))).toBe('Policy at h2');
  });
});

describe('security groups (VR-4.8)', () => {
  const open = rule('pass', ANY, ANY);
  const sql = rule('pass', ANY, ANY, { protocol: 6, destinationPorts: [{ low: 5432, high: 5432 }] });
  const own = rule('pass', { kind: 'group', id: 8000002 }, ANY);

  function grouped(sender: readonly string[], receiver: readonly string[], sameHost = false) {
    const world = twoHosts();
    world.serve(network(DB, '10.0.100.0/24'));
    for (const agent of [world.h1, world.h2]) {
      agent.setSecurityGroups([
        group('sql', 8000001, [sql], [open]),
        group('default', 8000002, [own], [open]),
        group('closed', 8000003, [], []),
      ]);
    }
    world.h1.addInterface(port('a', DB, '10.0.100.3', { securityGroups: sender }));
    (sameHost ? world.h1 : world.h2).addInterface(port('b', DB, '10.0.100.4', { securityGroups: receiver }));
    world.start();
    return (more = {}) => exchange(world.cloud, world.from('h1', 'a'), packet('10.0.100.3', '10.0.100.4', more));
  }

  it('are stateful: the answer passes a group that admits nothing of its kind', () => {
    const { request, reply } = grouped(['sql'], ['sql'])();
    expect(outcome(request)).toBe('to b on h2');
    expect(outcome(reply)).toBe('to a on h1');
  });

  it('deny at the destination host what no rule admits, and say SG', () => {
    expect(outcome(grouped(['sql'], ['sql'])({ destinationPort: 22 }).request)).toBe('SG at h2');
  });

  it('say OutSG when both are on one host (VR-4.7/5)', () => {
    expect(outcome(grouped(['sql'], ['sql'], true)({ destinationPort: 22 }).request)).toBe('OutSG at h1');
  });

  it('match a remote group by the ids that the route to the source carries (VR-4.4.p3)', () => {
    expect(outcome(grouped(['default'], ['default'])({ destinationPort: 22 }).request)).toBe('to b on h2');
    expect(outcome(grouped([], ['default'])({ destinationPort: 22 }).request)).toBe('SG at h2');
  });

  it('allow everything when there is none, and nothing when it has no rules (VR-0.13)', () => {
    expect(outcome(grouped([], [])({ destinationPort: 22 }).request)).toBe('to b on h2');
    expect(outcome(grouped(['closed'], [])().request)).toBe('SG at h1');
    expect(outcome(grouped([], ['closed'])().request)).toBe('SG at h2');
  });

  it('are a union: one group that admits is enough (VR-4.8.3)', () => {
    expect(outcome(grouped([], ['closed', 'sql'])().request)).toBe('to b on h2');
  });

  it('pass ICMP to the gateway whatever they say (VR-0.14)', () => {
    const world = twoHosts();
    world.serve(network(DB, '10.0.100.0/24'));
    world.h1.setSecurityGroups([group('closed', 8000003, [], [])]);
    world.h1.addInterface(port('a', DB, '10.0.100.3', { securityGroups: ['closed'] }));
    world.start();
    const ping = packet('10.0.100.3', '10.0.100.1', { protocol: 1, destinationPort: 0 });
    expect(outcome(walk(world.cloud, world.from('h1', 'a'), ping))).toBe('to the agent of h1');
  });

  it('drop the answer as well when they refused the request (VR-4.4.1)', () => {
    const world = twoHosts();
    world.serve(network(DB, '10.0.100.0/24'));
    for (const agent of [world.h1, world.h2]) agent.setSecurityGroups([group('out', 8000004, [], [open])]);
    world.h1.addInterface(port('a', DB, '10.0.100.3', { securityGroups: ['out'] }));
    world.h2.addInterface(port('b', DB, '10.0.100.4', { securityGroups: ['out'] }));
    world.start();
    expect(outcome(walk(world.cloud, world.from('h1', 'a'), packet('10.0.100.3', '10.0.100.4')))).toBe('SG at h2');
    expect(outcome(walk(world.cloud, world.from('h2', 'b'), packet('10.0.100.4', '10.0.100.3')))).toBe('SG at h1');
  });
});

describe('floating addresses (VR-5.1, VR-5.2)', () => {
  function floating(more: Parameters<typeof floatingIp>[4] = {}) {
    const world = twoHosts();
    world.serve(network(DB, '10.0.100.0/24'), network(PUBLIC, '203.0.113.0/24'));
    world.h1.addInterface(
      port('pg1', DB, '10.0.100.3', { floatingIps: [floatingIp('fip', '203.0.113.10', PUBLIC, '10.0.100.3', more)] }),
    );
    world.h2.addInterface(port('client', PUBLIC, '203.0.113.50'));
    world.h2.addInterface(port('pg2', DB, '10.0.100.4'));
    world.start();
    return world;
  }

  it('is published in its own network with the label and the preference of the interface (VR-1.9.p7, VR-2.4/8, VR-5.2.5)', () => {
    const { cloud, h2 } = floating();
    const told = cloud.controls.get('c21')!.told.map((line) => line.text);
    expect(told).toContain(`publish ${instanceOf(PUBLIC)} 203.0.113.10/32 label 16 pref 200 seq 1`);
    const vrf = h2.tables.vrf(instanceOf(PUBLIC))!;
    expect(vrf.table.longestMatch(address('203.0.113.10'))).toBeGreaterThanOrEqual(0);
  });

  it('is translated to the fixed address at the host, and the answer back to the floating one (VR-5.2.1)', () => {
    const { cloud, from } = floating();
    const { request, reply } = exchange(cloud, from('h2', 'client'), packet('203.0.113.50', '203.0.113.10'));
    expect(outcome(request)).toBe('to pg1 on h1');
    expect(request.kind === 'delivered' && formatIpv4(request.packet.destination)).toBe('10.0.100.3');
    expect(outcome(reply)).toBe('to client on h2');
    expect(reply!.kind === 'delivered' && formatIpv4(reply!.packet.source)).toBe('203.0.113.10');
  });

  it('stands for the workload that opens a connection to where only its network has a route (VR-5.1.2, VR-9.7/5)', () => {
    const { cloud, from } = floating();
    const { request, reply } = exchange(cloud, from('h1', 'pg1'), packet('10.0.100.3', '203.0.113.50'));
    expect(outcome(request)).toBe('to client on h2');
    expect(request.kind === 'delivered' && formatIpv4(request.packet.source)).toBe('203.0.113.10');
    expect(outcome(reply)).toBe('to pg1 on h1');
    expect(reply!.kind === 'delivered' && formatIpv4(reply!.packet.destination)).toBe('10.0.100.3');
  });

  it('does not stand for it inside its own network (VR-9.7/1)', () => {
    const { cloud, from } = floating();
    const fate = walk(cloud, from('h1', 'pg1'), packet('10.0.100.3', '10.0.100.4'));
    expect(fate.kind === 'delivered' && formatIpv4(fate.packet.source)).toBe('10.0.100.3');
    expect(fate.hops.some((hop) => hop.kind === 'nat')).toBe(false);
  });

  it('serves one direction only where it is so limited', () => {
    const ingress = floating({ direction: 'ingress' });
    expect(outcome(walk(ingress.cloud, ingress.from('h1', 'pg1'), packet('10.0.100.3', '203.0.113.50')))).toBe(
      'NoDstRt at h1',
    );
    const egress = floating({ direction: 'egress' });
    const fate = walk(egress.cloud, egress.from('h2', 'client'), packet('203.0.113.50', '203.0.113.10'));
    expect(fate.kind === 'dropped' && fate.because).toBe('NoSrcRt');
  });

  it('maps a port, and has no flow for one it does not map (VR-9.7/10)', () => {
    const { cloud, from } = floating({ portMappings: [{ protocol: 6, port: 80, targetPort: 8080 }] });
    const mapped = walk(cloud, from('h2', 'client'), packet('203.0.113.50', '203.0.113.10', { destinationPort: 80 }));
    expect(mapped.kind === 'delivered' && mapped.packet.destinationPort).toBe(8080);
    const other = packet('203.0.113.50', '203.0.113.10', { destinationPort: 81 });
    expect(outcome(walk(cloud, from('h2', 'client'), other))).toBe('NoFipPortMap at h1');
  });

  it('to floating on one host, source and destination are translated in one flow (VR-9.7/9)', () => {
    const world = twoHosts();
    world.serve(network(DB, '10.0.100.0/24'), network(WEB, '10.0.200.0/24'), network(PUBLIC, '203.0.113.0/24'));
    world.h1.addInterface(
      port('a', DB, '10.0.100.3', { floatingIps: [floatingIp('fa', '203.0.113.10', PUBLIC, '10.0.100.3')] }),
    );
    world.h1.addInterface(
      port('b', WEB, '10.0.200.3', { floatingIps: [floatingIp('fb', '203.0.113.11', PUBLIC, '10.0.200.3')] }),
    );
    world.start();
    const { request, reply } = exchange(world.cloud, world.from('h1', 'a'), packet('10.0.100.3', '203.0.113.11'));
    expect(outcome(request)).toBe('to b on h1');
    expect(request.kind === 'delivered' && [request.packet.source, request.packet.destination].map(formatIpv4)).toEqual(
      ['203.0.113.10', '10.0.200.3'],
    );
    expect(outcome(reply)).toBe('to a on h1');
    expect(reply!.kind === 'delivered' && [reply!.packet.source, reply!.packet.destination].map(formatIpv4)).toEqual([
      '203.0.113.11',
      '10.0.100.3',
    ]);
  });

  it('of the lower address stands for the workload when two have equal routes (VR-9.7/7)', () => {
    const world = twoHosts();
    world.serve(network(DB, '10.0.100.0/24'), network(PUBLIC, '203.0.113.0/24'));
    const floatingIps = ['203.0.113.12', '203.0.113.11'].map((at) => floatingIp(at, at, PUBLIC, '10.0.100.3'));
    world.h1.addInterface(port('a', DB, '10.0.100.3', { floatingIps }));
    world.h2.addInterface(port('client', PUBLIC, '203.0.113.50'));
    world.start();
    const fate = walk(world.cloud, world.from('h1', 'a'), packet('10.0.100.3', '203.0.113.50'));
    expect(fate.kind === 'delivered' && formatIpv4(fate.packet.source)).toBe('203.0.113.11');
  });
});

describe('a service address shared by several workloads', () => {
  const VIP = '10.254.98.15';
  const SERVICE = 'default-domain:default:service-leonardo';
  const NGINX = 'default-domain:default:nginx';
  const LEONARDO = 'default-domain:default:leonardo';

  function service(pods: number) {
    const world = twoHosts([[NGINX, SERVICE]]);
    world.serve(network(SERVICE, '10.254.0.0/16'), network(NGINX, '10.150.0.0/16'), network(LEONARDO, '10.150.0.0/16'));
    world.h1.addInterface(port('nginx', NGINX, '10.150.1.1', { mode: 'active-active' }));
    for (let i = 1; i <= pods; i++) {
      const at = `10.150.2.${i}`;
      const floatingIps = [floatingIp(`vip-${i}`, VIP, SERVICE, at)];
      (i % 2 === 0 ? world.h1 : world.h2).addInterface(
        port(`leo-${i}`, LEONARDO, at, { mode: 'active-active', floatingIps }),
      );
    }
    world.start();
    return world;
  }

  it('reaches every one of them, and every answer finds back to its sender (VR-4.11.4)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), (pods) => {
        const { cloud, from } = service(pods);
        const ways = exchangeAll(cloud, from('h1', 'nginx'), packet('10.150.1.1', VIP, { destinationPort: 8000 }));
        const reached = ways.map((way) => outcome(way.request));
        const wanted = Array.from({ length: pods }, (_, i) => `to leo-${i + 1} on ${(i + 1) % 2 === 0 ? 'h1' : 'h2'}`);
        expect([...new Set(reached)].sort()).toEqual(wanted.sort());
        for (const way of ways) expect(outcome(way.reply)).toBe('to nginx on h1');
      }),
      { numRuns: 9 },
    );
  });

  it('gives a single flow one member, the same each time, and different flows different ones (VR-4.11.2)', () => {
    const { cloud, from } = service(6);
    const way = (sourcePort: number) =>
      outcome(walk(cloud, from('h1', 'nginx'), packet('10.150.1.1', VIP, { sourcePort, destinationPort: 8000 })));
    expect(way(40000)).toBe(way(40000));
    const members = new Set(Array.from({ length: 200 }, (_, i) => way(40000 + i)));
    expect(members.size).toBe(6);
  });

  it('does not make the pods themselves reachable', () => {
    const { cloud, from } = service(2);
    expect(outcome(walk(cloud, from('h1', 'nginx'), packet('10.150.1.1', '10.150.2.1')))).toBe('NoDstRt at h1');
  });

  it('walks every member once where all there is is one group', () => {
    const { cloud, from } = service(8);
    const fates = walkAll(cloud, from('h2', 'leo-1'), packet('10.150.2.1', '10.150.1.1', { destinationPort: 80 }));
    expect(fates.map(outcome)).toEqual(['to nginx on h1']);
  });
});

describe('a gateway that is no vRouter', () => {
  function withGateway() {
    const world = twoHosts();
    world.serve(network(PUBLIC, '203.0.113.0/24'));
    world.h1.addInterface(port('w', PUBLIC, '203.0.113.10'));
    const gateway: ForeignPe = {
      kind: 'foreign-pe',
      name: 'mx-1',
      address: address('192.168.10.1'),
      receiveLabelled: (label, received) =>
        label === 500 ? gateway.lookup('public', received.destination) : { kind: 'no-label' },
      lookup: (vrf, at) =>
        at === address('203.0.113.10')
          ? {
              kind: 'route',
              vrf,
              prefix: prefix('203.0.113.10/32'),
              nextHops: [{ kind: 'tunnel', to: address('192.168.10.11'), encapsulation: 'MPLSoGRE', label: 16 }],
            }
          : { kind: 'route', vrf, prefix: prefix('0.0.0.0/0'), nextHops: [{ kind: 'external' }] },
    };
    world.cloud.others.push(gateway);
    for (const control of world.cloud.controls.values()) {
      control.offer(instanceOf(PUBLIC), '0.0.0.0/0', {
        to: [{ at: '192.168.10.1', label: 500, network: 'unresolved', encapsulations: ['gre'] }],
      });
    }
    world.start();
    return { ...world, gateway };
  }

  it('takes packets out by GRE, for it offers nothing else (VR-2.5.p5), and brings the answer back', () => {
    const { cloud, from } = withGateway();
    const { request, reply } = exchange(cloud, from('h1', 'w'), packet('203.0.113.10', '8.8.8.8'));
    expect(outcome(request)).toBe('out of mx-1');
    expect(request.hops.map(hopText)).toContain('h1 MPLSoGRE to 192.168.10.1 label 500');
    expect(outcome(reply)).toBe('to w on h1');
  });

  it('brings packets in from outside', () => {
    const { cloud, gateway } = withGateway();
    const start: Start = { kind: 'gateway', gateway, vrf: 'public' };
    const { request, reply } = exchange(cloud, start, packet('8.8.8.8', '203.0.113.10'));
    expect(outcome(request)).toBe('to w on h1');
    expect(outcome(reply)).toBe('out of mx-1');
  });
});
