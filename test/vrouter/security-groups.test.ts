import { describe, expect, it } from 'vitest';
import { exchange, walk } from '../../src/vrouter/forward.ts';
import { ANY, DB, group, network, packet, port, rule } from './agent-config.ts';
import { outcome, twoHosts } from './two-hosts.ts';

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
