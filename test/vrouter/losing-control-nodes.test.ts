import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/base/time.ts';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import { routeOf } from '../../src/vrouter/views.ts';
import { address, prefix } from '../support/values.ts';
import { DB, network, port } from './agent-config.ts';
import { TestCloud } from './cloud.ts';
import { onePostgres, routeText, saidBy, VRF } from './one-host.ts';

describe('losing control nodes (VR-2.8, VR-9.5)', () => {
  function twoHosts() {
    const world = onePostgres();
    const { cloud, c1, c2 } = world;
    for (const control of [c1, c2]) {
      control.offer(VRF, '10.0.100.4/32', {
        to: [{ at: '192.168.10.12', label: 17, network: DB }],
        localPreference: 200,
      });
    }
    cloud.settle();
    return world;
  }

  it('keeps every path of a dead control node, and moves the config master to the other (VR-9.5/1)', () => {
    const { cloud, c2, h1 } = twoHosts();
    const master = h1.sessions().find((session) => session.configMaster)!;
    const dead = master.remote === address('192.168.10.21') ? 'c1' : 'c2';
    cloud.simulation.crash(cloud.node(dead));
    cloud.run(seconds(40));
    expect(
      h1
        .sessions()
        .map((session) => session.state)
        .sort(),
    ).not.toEqual(['Established', 'Established']);
    expect(
      h1
        .sessions()
        .filter((session) => session.configMaster)
        .map((session) => session.remote),
    ).not.toEqual([master.remote]);
    expect(routeOf(h1, VRF, prefix('10.0.100.4/32'))!.paths).toHaveLength(2);
    expect(c2.told.length).toBeGreaterThan(0);
  });

  it('forwards on with both dead, headless (VR-2.8/2), and waits with new configuration until one delivers it', () => {
    const { cloud, c1, h1 } = twoHosts();
    for (const name of ['c1', 'c2']) cloud.simulation.crash(cloud.node(name));
    cloud.run(seconds(40));
    expect(routeText(h1, '10.0.100.4/32')).toContain('tunnel MPLSoUDP to 192.168.10.12, label 17');
    h1.addInterface(port('pg5', DB, '10.0.100.5'));
    cloud.run(seconds(1));
    expect(h1.pendingConfiguration).toBe(1);
    expect(routeText(h1, '10.0.100.5/32')).toBe('absent');
    c1.told.length = 0;
    cloud.simulation.start(cloud.node('c1'));
    cloud.run(seconds(60));
    expect(h1.pendingConfiguration).toBe(0);
    expect(saidBy(c1).filter((text) => text.startsWith('publish')).length).toBeGreaterThan(0);
    expect(routeText(h1, '10.0.100.5/32')).not.toBe('absent');
  });

  it('sweeps the paths of a control node at the moment it is back (VR-2.8/3)', () => {
    const { cloud, c1, h1 } = twoHosts();
    cloud.simulation.crash(cloud.node('c1'));
    cloud.run(seconds(40));
    // While it was dead the route went away: the other withdraws, the path of the dead one stays (VR-2.8.1).
    cloud.controls.get('c2')!.withdraw(VRF, '10.0.100.4/32');
    cloud.run(seconds(1));
    expect(routeText(h1, '10.0.100.4/32')).toContain('192.168.10.21: the only path');
    cloud.simulation.start(cloud.node('c1'));
    c1.withdraw(VRF, '10.0.100.4/32');
    cloud.run(seconds(60));
    expect(routeText(h1, '10.0.100.4/32')).toBe('absent');
    expect(h1.sessions().map((session) => session.state)).toEqual(['Established', 'Established']);
  });

  it('does nothing about an End-of-RIB marker, having swept when the channel came up (VR-2.8.p1)', () => {
    const { cloud, c1, h1 } = twoHosts();
    const before = h1.stateDigest();
    c1.endOfRib();
    cloud.settle();
    expect(h1.stateDigest()).toBe(before);
  });

  it('publishes again to a control node that comes back, at once while the other is config master (VR-2.2.5)', () => {
    const { cloud, h1 } = twoHosts();
    const other = h1.sessions().find((session) => !session.configMaster)!;
    const name = other.remote === address('192.168.10.21') ? 'c1' : 'c2';
    const control = cloud.controls.get(name)!;
    cloud.simulation.stop(cloud.node(name));
    cloud.run(seconds(1));
    control.told.length = 0;
    cloud.simulation.start(cloud.node(name));
    for (let i = 0; i < 100 && saidBy(control).length === 0; i++) cloud.run(seconds(1));
    cloud.run(seconds(1));
    expect(saidBy(control)).toContain(`publish ${VRF} 10.0.100.3/32 label 16 pref 200 seq 1`);
    expect(saidBy(control)).toContain('end-of-rib');
  });

  it('turns to a third server after the fourth failed attempt, and flushes what the lost one said (VR-2.1/5)', () => {
    const cloud = new TestCloud(3);
    for (const last of [21, 22, 23]) {
      cloud.control(`c${last}`, `192.168.10.${last}`).offer(VRF, '10.0.100.4/32', {
        to: [{ at: '192.168.10.12', label: last, network: DB }],
      });
    }
    const h1 = cloud.agent('h1', '192.168.10.11');
    h1.addNetwork(network(DB, '10.0.100.0/24'));
    cloud.startAll();
    cloud.settle();
    const [lost, kept] = h1.sessions().map((session) => session.remote);
    const unused = [21, 22, 23].map((last) => address(`192.168.10.${last}`)).find((at) => at !== lost && at !== kept)!;
    cloud.simulation.crash(cloud.node(`c${lost! & 0xff}`));
    cloud.run(seconds(20));
    expect(h1.sessions().map((session) => session.remote)).toContain(lost);
    cloud.run(seconds(60));
    expect(
      h1
        .sessions()
        .map((session) => session.remote)
        .sort(),
    ).toEqual([kept!, unused].sort());
    expect(h1.sessions().every((session) => session.state === 'Established')).toBe(true);
    const peers = routeOf(h1, VRF, prefix('10.0.100.4/32'))!.paths.map((path) => path.peer);
    expect(peers).not.toContain(formatIpv4(lost!));
  });

  it('chooses its two control nodes by the seed alone (VR-2.1/1)', () => {
    const pick = (seed: number) => {
      const cloud = new TestCloud(seed);
      for (let last = 21; last < 29; last++) cloud.control(`c${last}`, `192.168.10.${last}`);
      const h1 = cloud.agent('h1', '192.168.10.11');
      cloud.startAll();
      cloud.settle();
      return h1.sessions().map((session) => session.remote);
    };
    expect(pick(5)).toEqual(pick(5));
    expect(new Set([1, 2, 3, 4, 5, 6].map((seed) => pick(seed).join())).size).toBeGreaterThan(1);
  });

  it('starts empty after a restart, and is the same as before when it has heard everything again (VR-2.8/6)', () => {
    const { cloud, h1 } = twoHosts();
    const before = h1.stateDigest();
    cloud.simulation.crash(cloud.node('h1'));
    cloud.run(seconds(100));
    cloud.simulation.start(cloud.node('h1'));
    expect(h1.tables.vrfs().map((vrf) => vrf.id)).toEqual([0]);
    cloud.settle();
    expect(h1.stateDigest()).toBe(before);
  });
});
