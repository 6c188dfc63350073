import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import { exchange, exchangeAll, walk, walkAll } from '../../src/vrouter/forward.ts';
import { address } from '../support/values.ts';
import { DB, floatingIp, instanceOf, network, PUBLIC, packet, port, WEB } from './agent-config.ts';
import { outcome, twoHosts } from './two-hosts.ts';

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
