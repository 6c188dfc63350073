import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/base/time.ts';
import type { ForeignPe } from '../../src/vrouter/fabric.ts';
import { exchange, type Start, walk } from '../../src/vrouter/forward.ts';
import { address, prefix } from '../support/values.ts';
import { DB, group, instanceOf, network, PUBLIC, packet, policyList, port, rule, WEB } from './agent-config.ts';
import { hopText, outcome, twoHosts } from './two-hosts.ts';

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
