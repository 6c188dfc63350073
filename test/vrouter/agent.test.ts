import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forkGraph } from '../../src/base/fork.ts';
import { seconds } from '../../src/base/time.ts';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import type { Agent } from '../../src/vrouter/agent.ts';
import { labelViews, nextHopViews, routeOf, vrfView } from '../../src/vrouter/views.ts';
import { itemNextHop, unicastItem } from '../../src/xmpp/items.ts';
import { address, instanceOf, network, port, prefix, TestCloud, type TestControlNode } from './support.ts';

const DB = 'default-domain:leonardo:leonardodb';
const VRF = instanceOf(DB);

function saidBy(control: TestControlNode, agent = 'h1'): string[] {
  return control.told.filter((line) => line.agent === agent).map((line) => line.text);
}

function routeText(agent: Agent, route: string, instance = VRF): string {
  const view = routeOf(agent, instance, prefix(route));
  return view === null ? 'absent' : `${view.flags} ${view.nextHop} (${view.peer}: ${view.because})`;
}

function onePostgres() {
  const cloud = new TestCloud();
  const c1 = cloud.control('c1', '192.168.10.21');
  const c2 = cloud.control('c2', '192.168.10.22');
  c1.reflect = true;
  c2.reflect = true;
  const h1 = cloud.agent('h1', '192.168.10.11');
  h1.addNetwork(network(DB, '10.0.100.0/24'));
  h1.addInterface(port('pg1', DB, '10.0.100.3'));
  cloud.startAll();
  return { cloud, c1, c2, h1 };
}

describe('an agent that boots with one workload (VR-9.1)', () => {
  it('subscribes its VRF on both control nodes and publishes at 100, then at 200 once the workload answers (VR-1.9.p8)', () => {
    const { cloud, c1, c2 } = onePostgres();
    cloud.run(seconds(1));
    const first = `publish ${VRF} 10.0.100.3/32 label 16 pref 100 seq 0`;
    for (const control of [c1, c2]) {
      expect(saidBy(control)).toContain(`subscribe ${VRF} 2`);
      expect(saidBy(control).filter((text) => text.startsWith('publish'))).toEqual([first]);
    }
    cloud.run(seconds(2));
    for (const control of [c1, c2]) {
      expect(saidBy(control).filter((text) => text.startsWith('publish'))).toEqual([
        first,
        `publish ${VRF} 10.0.100.3/32 label 16 pref 200 seq 1`,
      ]);
    }
  });

  it('takes configuration from one control node only, the first that is ready (VR-2.1/B1)', () => {
    const { cloud, c1, c2 } = onePostgres();
    cloud.settle();
    const masters = [c1, c2].filter((control) => saidBy(control).some((text) => text.startsWith('config-subscribe')));
    expect(masters).toHaveLength(1);
    expect(saidBy(masters[0]!).slice(0, 2)).toEqual([
      'config-subscribe virtual-router default-global-system-config:h1',
      'config-subscribe virtual-machine vm:pg1',
    ]);
  });

  it('holds the subnet, gateway, DNS and workload routes, its own as reflected by the lower control node (VR-1.11/1)', () => {
    const { cloud, h1 } = onePostgres();
    cloud.settle();
    expect(routeText(h1, '10.0.100.0/24')).toBe('F discard (Local: the only path)');
    expect(routeText(h1, '10.0.100.1/32')).toBe('P agent (pkt0) (Local: the only path)');
    expect(routeText(h1, '10.0.100.2/32')).toBe('P agent (pkt0) (Local: the only path)');
    expect(routeText(h1, '10.0.100.3/32')).toBe('P interface pg1 (192.168.10.21: lower control node address)');
    const paths = routeOf(h1, VRF, prefix('10.0.100.3/32'))!.paths;
    expect(paths.map((path) => path.peer)).toEqual(['192.168.10.21', '192.168.10.22', 'LocalVmPort']);
  });

  it('shows a workload that has yet to answer with T, as rt does (VR-8.2.p2)', () => {
    const { cloud, h1 } = onePostgres();
    cloud.run(seconds(1));
    expect(routeOf(h1, VRF, prefix('10.0.100.3/32'))!.flags).toBe('PT');
    cloud.run(seconds(2));
    expect(routeOf(h1, VRF, prefix('10.0.100.3/32'))!.flags).toBe('P');
  });

  it('sends the marker after each walk, and walks both channels ten seconds after it became config master (VR-2.7/1, VR-2.7.1)', () => {
    const { cloud, c1, c2 } = onePostgres();
    cloud.run(seconds(9));
    const markers = () =>
      [c1, c2].map((control) => saidBy(control).filter((text) => text === 'end-of-rib').length).sort();
    expect(markers()).toEqual([0, 1]);
    cloud.run(seconds(3));
    expect(markers()).toEqual([1, 2]);
  });

  it('publishes two stanzas a change under one number of the whole agent, and nothing while nothing changes (VR-2.4.p2)', () => {
    const { cloud, h1, c1, c2 } = onePostgres();
    cloud.settle();
    const numbers = [c1, c2].map((control) => control.ids.map((id) => id.replace(/\D+/, '')));
    for (const each of numbers) expect(each.filter((_, i) => i % 2 === 0)).toEqual(each.filter((_, i) => i % 2 === 1));
    expect(numbers.flat().sort()).toEqual(['0', '0', '1', '1', '2', '2', '3', '3']);
    expect(c1.ids.map((id) => id.replace(/\d+/, ''))).toEqual(['pubsub', 'collection', 'pubsub', 'collection']);
    const before = saidBy(c1).length;
    h1.updateInterface(port('pg1', DB, '10.0.100.3'));
    h1.addNetwork(network(DB, '10.0.100.0/24'));
    cloud.settle();
    expect(saidBy(c1)).toHaveLength(before);
  });

  it('forgets everything when the last workload and its network go: routes, label, VRF (VR-10.6)', () => {
    const { cloud, h1, c1 } = onePostgres();
    cloud.settle();
    h1.removeInterface(port('pg1', DB, '10.0.100.3'));
    h1.removeNetwork(network(DB, '10.0.100.0/24'));
    cloud.settle();
    expect(saidBy(c1).slice(-2)).toEqual([`retract ${VRF} 10.0.100.3/32`, `unsubscribe ${VRF}`]);
    expect(h1.tables.vrf(VRF)).toBeNull();
    expect(labelViews(h1)).toEqual([]);
    expect(nextHopViews(h1).map((view) => view.type)).toEqual(['Drop', 'Receive']);
  });

  it('publishes nothing for an address outside the subnets of its network (VR-1.4.p2)', () => {
    const { cloud, h1, c1 } = onePostgres();
    h1.addInterface(port('stray', DB, '10.9.9.9'));
    cloud.settle();
    expect(saidBy(c1).some((text) => text.includes('10.9.9.9'))).toBe(false);
  });

  it('tells a changed list of security groups of the workload', () => {
    const { cloud, h1, c1 } = onePostgres();
    cloud.settle();
    h1.setSecurityGroups([
      { name: 'db', id: 8000001, ingress: { name: 'i', entries: [] }, egress: { name: 'e', entries: [] } },
    ]);
    h1.updateInterface(port('pg1', DB, '10.0.100.3', { securityGroups: ['db'] }));
    cloud.settle();
    expect(saidBy(c1).filter((text) => text.startsWith('publish'))).toHaveLength(3);
    expect(routeOf(h1, VRF, prefix('10.0.100.3/32'))!.securityGroups).toEqual([8000001]);
  });

  it('publishes at 100 and no more with path preference off (VR-10/B3)', () => {
    const cloud = new TestCloud();
    const c1 = cloud.control('c1', '192.168.10.21');
    const h1 = cloud.agent('h1', '192.168.10.11', { pathPreference: false });
    h1.addNetwork(network(DB, '10.0.100.0/24'));
    h1.addInterface(port('pg1', DB, '10.0.100.3'));
    cloud.startAll();
    cloud.settle();
    expect(saidBy(c1).filter((text) => text.startsWith('publish'))).toEqual([
      `publish ${VRF} 10.0.100.3/32 label 16 pref 100 seq 0`,
    ]);
  });
});

describe('what an agent learns (VR-2.6)', () => {
  it('tunnels to a remote workload by the first encapsulation of its own list that the route offers', () => {
    const { cloud, c1, c2, h1 } = onePostgres();
    for (const control of [c1, c2]) {
      control.offer(VRF, '10.0.100.4/32', {
        to: [{ at: '192.168.10.12', label: 17, network: DB }],
        localPreference: 200,
      });
    }
    cloud.settle();
    expect(routeText(h1, '10.0.100.4/32')).toBe(
      'LF tunnel MPLSoUDP to 192.168.10.12, label 17 (192.168.10.21: lower control node address)',
    );
  });

  it('prefers the path with the higher preference over the lower control node (VR-1.8.p2)', () => {
    const { cloud, c1, c2, h1 } = onePostgres();
    c1.offer(VRF, '10.0.100.4/32', { to: [{ at: '192.168.10.12', label: 17, network: DB }], localPreference: 100 });
    c2.offer(VRF, '10.0.100.4/32', { to: [{ at: '192.168.10.13', label: 18, network: DB }], localPreference: 200 });
    cloud.settle();
    expect(routeText(h1, '10.0.100.4/32')).toContain('192.168.10.13, label 18 (192.168.10.22: higher preference)');
  });

  it('forwards on a control node path where the agent has a path of its own for the same prefix (VR-0.3, VR-1.8.p3)', () => {
    const { cloud, c1, h1 } = onePostgres();
    c1.offer(VRF, '10.0.100.0/24', { to: [{ at: '192.168.10.99', label: 40, network: DB }] });
    cloud.settle();
    expect(routeText(h1, '10.0.100.0/24')).toContain('192.168.10.99, label 40');
    c1.withdraw(VRF, '10.0.100.0/24');
    cloud.settle();
    expect(routeText(h1, '10.0.100.0/24')).toBe('F discard (Local: the only path)');
  });

  it('ignores an item without a label, one that offers VXLAN, and its own with an unknown label (VR-2.6/3)', () => {
    const { cloud, c1, h1 } = onePostgres();
    c1.offer(VRF, '10.0.100.4/32', { to: [{ at: '192.168.10.12', label: 0, network: DB }] });
    c1.offer(VRF, '10.0.100.5/32', { to: [{ at: '192.168.10.12', label: 9, network: DB, encapsulations: ['vxlan'] }] });
    c1.offer(VRF, '10.0.100.6/32', { to: [{ at: '192.168.10.11', label: 4000, network: DB }] });
    cloud.settle();
    for (const host of [4, 5, 6]) expect(routeText(h1, `10.0.100.${host}/32`)).toBe('absent');
  });

  it('takes several next hops of one address and label for one path with several networks (VR-2.6/5)', () => {
    const { cloud, c1, h1 } = onePostgres();
    c1.offer(VRF, '10.0.100.4/32', {
      to: [
        { at: '192.168.10.12', label: 17, network: 'a:b:c' },
        { at: '192.168.10.12', label: 17, network: 'a:b:d' },
      ],
    });
    cloud.settle();
    const view = routeOf(h1, VRF, prefix('10.0.100.4/32'))!;
    expect(view.nextHop).toBe('tunnel MPLSoUDP to 192.168.10.12, label 17');
    expect(view.networks).toEqual(['a:b:c', 'a:b:d']);
  });

  it('keeps the slots of a group while members come and go (VR-1.10.p3)', () => {
    const { cloud, c1, h1 } = onePostgres();
    const to = (...hosts: number[]) => ({
      to: hosts.map((host) => ({ at: `192.168.10.${host}`, label: 100 + host, network: DB })),
    });
    const members = () => {
      cloud.settle();
      const view = routeOf(h1, VRF, prefix('10.0.100.9/32'))!;
      const { nextHops } = h1.tables;
      return nextHops.members(view.nextHopId).map((member) => {
        return member === null ? '-' : `${formatIpv4(nextHops.tunnelDestination(member.nextHop))}:${member.label}`;
      });
    };
    c1.offer(VRF, '10.0.100.9/32', to(31, 32, 33));
    expect(members()).toEqual(['192.168.10.31:131', '192.168.10.32:132', '192.168.10.33:133']);
    c1.offer(VRF, '10.0.100.9/32', to(31, 33));
    expect(members()).toEqual(['192.168.10.31:131', '-', '192.168.10.33:133']);
    c1.offer(VRF, '10.0.100.9/32', to(34, 33, 31));
    expect(members()).toEqual(['192.168.10.31:131', '192.168.10.34:134', '192.168.10.33:133']);
  });

  it('groups workloads of one host that share an address, under a label of their own (VR-1.10.p1, VR-2.6/B3)', () => {
    const { cloud, h1, c1 } = onePostgres();
    h1.addInterface(port('a', DB, '10.0.100.50', { mode: 'active-active' }));
    cloud.settle();
    h1.addInterface(port('b', DB, '10.0.100.50', { mode: 'active-active' }));
    cloud.settle();
    const publishes = saidBy(c1).filter((text) => text.includes('10.0.100.50/32'));
    expect(publishes).toEqual([
      `publish ${VRF} 10.0.100.50/32 label 17 pref 200 seq 0`,
      `publish ${VRF} 10.0.100.50/32 label 19 pref 200 seq 0`,
    ]);
    expect(routeText(h1, '10.0.100.50/32')).toContain('ECMP of 2, local');
    h1.removeInterface(port('b', DB, '10.0.100.50'));
    cloud.settle();
    expect(saidBy(c1).at(-1)).toBe(`publish ${VRF} 10.0.100.50/32 label 17 pref 200 seq 0`);
    expect(labelViews(h1).map((view) => view.label)).toEqual([16, 17]);
  });

  it('gives its own address up to a host that claims it with a higher sequence (VR-1.9/3)', () => {
    const { cloud, c1, c2, h1 } = onePostgres();
    cloud.settle();
    for (const control of [c1, c2]) {
      control.reflect = false;
      control.offer(VRF, '10.0.100.3/32', {
        to: [{ at: '192.168.10.12', label: 70, network: DB }],
        localPreference: 200,
        sequence: 2,
      });
    }
    cloud.run(seconds(1));
    expect(saidBy(c1).at(-1)).toBe(`publish ${VRF} 10.0.100.3/32 label 16 pref 100 seq 1`);
    cloud.run(seconds(2));
    expect(saidBy(c1).at(-1)).toBe(`publish ${VRF} 10.0.100.3/32 label 16 pref 200 seq 3`);
    expect(routeText(h1, '10.0.100.3/32')).toContain('tunnel MPLSoUDP to 192.168.10.12');
  });
});

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

describe('the state of an agent', () => {
  it('returns to its digest when a workload came and went', () => {
    const { cloud, h1 } = onePostgres();
    cloud.settle();
    const before = h1.stateDigest();
    h1.addInterface(port('pg5', DB, '10.0.100.5'));
    cloud.settle();
    expect(h1.stateDigest()).not.toBe(before);
    h1.removeInterface(port('pg5', DB, '10.0.100.5'));
    cloud.settle();
    expect(h1.stateDigest()).toBe(before);
  });

  it('depends on what control nodes last said, not on the order they said it in', () => {
    const hosts = [12, 13, 14];
    const offerOf = (at: readonly number[]) => ({
      to: at.map((host) => ({ at: `192.168.10.${host}`, label: 16 + host, network: DB })),
    });
    const message = fc.record({ from: fc.nat(1), route: fc.integer({ min: 40, max: 43 }), to: fc.subarray(hosts) });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 14 }), fc.infiniteStream(fc.nat()), (said, chance) => {
        const digestAfter = (messages: typeof said) => {
          const { cloud, c1, c2, h1 } = onePostgres();
          cloud.settle();
          for (const { from, route, to } of messages) {
            const control = from === 0 ? c1 : c2;
            if (to.length === 0) control.withdraw(VRF, `10.0.100.${route}/32`);
            else control.offer(VRF, `10.0.100.${route}/32`, offerOf(to));
            cloud.settle();
          }
          return h1.stateDigest();
        };
        // The last word on each route, in another order.
        const last = new Map(said.map((each) => [`${each.from} ${each.route}`, each]));
        const keyed = [...last.values()].map((each) => [chance.next().value, each] as const);
        const shuffled = keyed.sort((x, y) => x[0] - y[0]).map(([, each]) => each);
        expect(digestAfter(shuffled)).toBe(digestAfter(said));
      }),
      { numRuns: 40 },
    );
  });

  it('can be forked with its world: the copy goes on alone', () => {
    const { cloud, h1 } = onePostgres();
    cloud.settle();
    const before = h1.stateDigest();
    const copy = forkGraph(cloud);
    const copied = copy.agents.get('h1')!;
    expect(copied.stateDigest()).toBe(before);
    copied.removeInterface(port('pg1', DB, '10.0.100.3'));
    copy.settle();
    expect(copied.stateDigest()).not.toBe(before);
    expect(h1.stateDigest()).toBe(before);
  });

  it('is the same whether receivers share decoded messages or decode octets', () => {
    const digests = [false, true].map((wire) => {
      const cloud = new TestCloud(7, wire);
      const c1 = cloud.control('c1', '192.168.10.21');
      c1.reflect = true;
      const h1 = cloud.agent('h1', '192.168.10.11');
      h1.addNetwork(network(DB, '10.0.100.0/24'));
      h1.addInterface(port('pg1', DB, '10.0.100.3'));
      cloud.startAll();
      cloud.settle();
      return `${h1.stateDigest()} ${vrfView(h1, h1.tables.vrf(VRF)!).routes.length}`;
    });
    expect(digests[1]).toBe(digests[0]);
  });
});

describe('a bare agent', () => {
  it('does exactly what it is told, and says it again to a channel that comes back', () => {
    const cloud = new TestCloud();
    const c1 = cloud.control('c1', '192.168.10.21');
    c1.reflect = true;
    const a = cloud.agent('a', '192.168.1.1', { bare: true, pathPreference: false });
    cloud.startAll();
    cloud.settle();
    expect(c1.told).toEqual([]);
    const item = unicastItem({
      nlri: cloud.pool.nlris.inet(address('10.1.1.1'), 32),
      nextHops: [itemNextHop({ address: address('192.168.1.1'), label: 101, encapsulations: ['gre'] })],
      localPreference: 200,
    });
    a.subscribe('blue', 1, false, false);
    a.publish('blue', item, false);
    cloud.settle();
    const said = ['subscribe blue 1', 'publish blue 10.1.1.1/32 label 101 pref 200 seq 0'];
    expect(saidBy(c1, 'a')).toEqual(said);
    expect(routeText(a, '10.1.1.1/32', 'blue')).toContain('tunnel MPLSoGRE to 192.168.1.1, label 101');
    c1.told.length = 0;
    a.clearSession(address('192.168.10.21'));
    cloud.settle();
    expect(saidBy(c1, 'a')).toEqual(said);
    a.retract('blue', item, false);
    a.retract('blue', item, false);
    cloud.settle();
    expect(saidBy(c1, 'a').slice(2)).toEqual(['retract blue 10.1.1.1/32']);
    expect(routeText(a, '10.1.1.1/32', 'blue')).toBe('absent');
    a.unsubscribe('blue', false);
    cloud.settle();
    expect(saidBy(c1, 'a').at(-1)).toBe('unsubscribe blue');
  });

  it('publishes where it has not subscribed only when told to do so raw', () => {
    const cloud = new TestCloud();
    const c1 = cloud.control('c1', '192.168.10.21');
    const a = cloud.agent('a', '192.168.1.1', { bare: true });
    cloud.startAll();
    cloud.settle();
    const item = unicastItem({
      nlri: cloud.pool.nlris.inet(address('10.1.1.1'), 32),
      nextHops: [itemNextHop({ address: address('192.168.1.1'), label: 101 })],
    });
    a.publish('blue', item, false);
    cloud.settle();
    expect(saidBy(c1, 'a')).toEqual([]);
    a.publish('blue', item, true);
    cloud.settle();
    expect(saidBy(c1, 'a')).toEqual(['publish blue 10.1.1.1/32 label 101 pref 0 seq 0']);
  });
});
