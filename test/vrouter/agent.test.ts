import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forkGraph } from '../../src/base/fork.ts';
import { seconds } from '../../src/base/time.ts';
import { labelViews, nextHopViews, routeOf, vrfView } from '../../src/vrouter/views.ts';
import { itemNextHop, unicastItem } from '../../src/xmpp/items.ts';
import { address, prefix } from '../support/values.ts';
import { DB, network, port } from './agent-config.ts';
import { TestCloud } from './cloud.ts';
import { onePostgres, routeText, saidBy, VRF } from './one-host.ts';

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
