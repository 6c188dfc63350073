import { describe, expect, it } from 'vitest';
import { forkGraph } from '../../src/base/fork.ts';
import { seconds } from '../../src/base/time.ts';
import { digestOf, neighboursOf, sessionsOf } from '../../src/control/views.ts';
import { securityGroup } from '../../src/route/extended-community.ts';
import { vpnNlri } from './nlris.ts';
import { controlNodeConfig, instance, neighbour, network, peered } from './node-config.ts';
import { Scene } from './scene.ts';

const DB = 'a:p:leonardodb:leonardodb';
const POD = 'b:p:leonardo:leonardo';
const OTHER = 'b:p:other:other';
const SHARED = 'target:64512:10000';
const PREFIX = '10.0.100.3/32';
const VPN = `192.168.1.1:1:${PREFIX}`;

/** Two clusters of one control node and one agent each, federated; A has its database network, B its pods. */
function clusters(
  asnB: number,
  bNetworks = [network(POD, 8)],
  bInstances = [instance(POD, [`target:${asnB}:8000001`, SHARED])],
) {
  const configs = peered(
    controlNodeConfig('A', '192.168.0.1', {
      networks: [network(DB, 5)],
      instances: [instance(DB, ['target:64512:8000001', SHARED])],
    }),
    controlNodeConfig('B', '192.168.0.2', { asn: asnB, networks: bNetworks, instances: bInstances }),
  );
  const scene = new Scene(configs);
  const db = scene.agent('db', '192.168.1.1', 'A');
  const pod = scene.agent('pod', '192.168.2.1', 'B');
  db.subscribe(DB, 1);
  db.publish(DB, PREFIX, { nextHop: '192.168.1.1', label: 17 });
  return { scene, db, pod };
}

describe('two federated clusters (CN-10)', () => {
  it('CN-V71: of different AS show the remote route as of the network that owns the shared target', () => {
    const { scene, pod } = clusters(64513);
    pod.subscribe(POD, 2);
    scene.settle();
    expect(pod.nextHops(POD, PREFIX)).toEqual(['192.168.1.1']);
    expect(pod.item(POD, PREFIX)).toMatchObject({ virtualNetwork: POD, localPreference: 100 });
    expect(scene.vpn('B', VPN)!.paths[0]!).toMatchObject({ asPath: '64512', med: 200, copiedFrom: '' });
    expect(scene.vpn('B', VPN)!.paths[0]!.communities).toContain('originvn:64512:5');
  });

  it('a route crosses only once an agent there subscribes (CN-4.6.1, CN-10.2/3)', () => {
    const { scene, pod } = clusters(64513);
    scene.settle();
    expect(scene.vpn('B', VPN)).toBeNull();
    pod.subscribe(POD, 2);
    scene.settle();
    expect(scene.vpn('B', VPN)).not.toBeNull();
    pod.unsubscribe(POD);
    scene.settle();
    expect(scene.vpn('B', VPN)).toBeNull();
  });

  it('CN-V70: of one AS take the index of the other cluster for their own and show the wrong network', () => {
    const { scene, pod } = clusters(64512, [network(POD, 8), network('b:p:y:y', 5)]);
    pod.subscribe(POD, 2);
    scene.settle();
    expect(pod.item(POD, PREFIX)!.virtualNetwork).toBe('b:p:y:y');
  });

  it('CN-V72, CN-Q9: of one AS leak between unrelated networks that were given the same automatic target', () => {
    const { scene, pod } = clusters(64512, [network(OTHER, 9)], [instance(OTHER, ['target:64512:8000001'])]);
    pod.subscribe(OTHER, 2);
    scene.settle();
    expect(pod.held(OTHER)).toEqual([PREFIX]);
  });

  it('CN-V73: lose each other with the session, and keep what is their own; recovery brings it back', () => {
    const { scene, db, pod } = clusters(64513);
    pod.subscribe(POD, 2);
    pod.publish(POD, '10.0.200.7/32', { nextHop: '192.168.2.1', label: 18 });
    scene.settle();
    const before = [digestOf(scene.node('A')), digestOf(scene.node('B'))];
    expect(db.held(DB)).toEqual([PREFIX, '10.0.200.7/32']);
    const cut = scene.sim.cut('sessions', [scene.sim.nodeNamed('A')], [scene.sim.nodeNamed('B')]);
    scene.runFor(seconds(91));
    expect([db.held(DB), pod.held(POD)]).toEqual([[PREFIX], ['10.0.200.7/32']]);
    expect(neighboursOf(scene.node('A'))[0]).toMatchObject({ downReason: expect.stringContaining('hold time') });
    scene.sim.heal(cut);
    scene.runFor(seconds(60));
    scene.settle();
    expect([digestOf(scene.node('A')), digestOf(scene.node('B'))]).toEqual(before);
  });

  it.each([
    ['CN-V74: a security group id of the other cluster is not told to agents', 8_000_005, []],
    ['CN-V75: one that users configured is', 500, [500]],
  ])('%s (CN-2.9.6)', (_title, id, told) => {
    const { scene, db, pod } = clusters(64513);
    pod.subscribe(POD, 2);
    db.publish(DB, '10.0.100.4/32', { nextHop: '192.168.1.1', label: 19, item: { securityGroups: [id] } });
    scene.settle();
    expect(db.item(DB, '10.0.100.4/32')!.securityGroups).toEqual([id]);
    expect(pod.item(POD, '10.0.100.4/32')!.securityGroups).toEqual(told);
    expect(scene.vpn('B', '192.168.1.1:1:10.0.100.4/32')!.paths[0]!.communities).toContain(`secgroup:64512:${id}`);
    expect(securityGroup(64512, id).lo).toBe(id);
  });

  it('of one AS hold routes of the same prefix as equal cost; of different AS the own one wins (CN-10.3.1, CN-10.3.2)', () => {
    for (const [asn, hops] of [
      [64512, ['192.168.2.1', '192.168.1.1']],
      [64513, ['192.168.2.1']],
    ] as const) {
      const { scene, pod } = clusters(asn);
      pod.subscribe(POD, 2);
      pod.publish(POD, PREFIX, { nextHop: '192.168.2.1', label: 18 });
      scene.settle();
      expect(pod.nextHops(POD, PREFIX)).toEqual(hops);
    }
  });
});

describe('a control node that changes or fails', () => {
  it('comes back after a crash to the same state, whatever it knew before', () => {
    const { scene, db, pod } = clusters(64513);
    pod.subscribe(POD, 2);
    scene.settle();
    const before = [digestOf(scene.node('A')), digestOf(scene.node('B'))];
    const b = scene.sim.nodeNamed('B');
    scene.sim.crash(b);
    scene.runFor(seconds(120));
    expect(scene.prefixes('A', 'bgp.l3vpn.0')).toEqual([VPN]);
    expect(neighboursOf(scene.node('A'))[0]!.state).not.toBe('Established');
    scene.sim.start(b);
    scene.runFor(seconds(60));
    pod.subscribe(POD, 2);
    scene.settle();
    expect(db.isUp && pod.isUp).toBe(true);
    expect([digestOf(scene.node('A')), digestOf(scene.node('B'))]).toEqual(before);
  });

  it('can be copied with its world: a failure in the copy leaves the original as it was', () => {
    const { scene, pod } = clusters(64513);
    pod.subscribe(POD, 2);
    scene.settle();
    const before = digestOf(scene.node('B'));
    const copy = forkGraph(scene);
    expect(digestOf(copy.node('B'))).toBe(before);
    copy.agents.get('db')!.shut();
    copy.settle();
    expect(copy.agents.get('pod')!.held(POD)).toEqual([]);
    expect(digestOf(copy.node('B'))).not.toBe(before);
    expect([digestOf(scene.node('B')), pod.held(POD)]).toEqual([before, [PREFIX]]);
  });

  it('a changed neighbour is cleared with Cease/OtherConfigChange and comes back after the idle hold (CN-1.7.8)', () => {
    const scene = new Scene([
      controlNodeConfig('X', '192.168.0.1', { neighbours: [neighbour('S', '192.168.0.9', { asn: 65001 })] }),
    ]);
    const speaker = scene.speaker('S', '192.168.0.9', 65001, ['X']);
    const x = scene.node('X');
    x.apply({ kind: 'neighbour', neighbour: neighbour('S', '192.168.0.9', { asn: 65001, loopCount: 1 }) });
    scene.runFor(seconds(0.1));
    expect(speaker.downs.map(({ notification }) => [notification?.code, notification?.subcode])).toEqual([[6, 6]]);
    scene.runFor(seconds(10));
    expect(speaker.isUp).toBe(true);
    x.apply({
      kind: 'neighbour',
      neighbour: neighbour('S', '192.168.0.9', { asn: 65001, loopCount: 1, adminDown: true }),
    });
    scene.runFor(seconds(60));
    expect([speaker.isUp, sessionsOf(x)[0]]).toMatchObject([false, { adminDown: true, wanted: false }]);
    x.apply({ kind: 'neighbour', neighbour: neighbour('S', '192.168.0.9', { asn: 65001, loopCount: 1 }) });
    scene.runFor(seconds(60));
    expect(speaker.isUp).toBe(true);
  });

  it('a deleted neighbour is told so, loses its routes, and is refused from then on (CN-7.10.p1)', () => {
    const scene = new Scene([
      controlNodeConfig('X', '192.168.0.1', {
        neighbours: [neighbour('S', '192.168.0.9', { asn: 65001, families: ['inet-vpn'] })],
      }),
    ]);
    const speaker = scene.speaker('S', '192.168.0.9', 65001, ['X'], ['inet-vpn']);
    speaker.announce('inet-vpn', vpnNlri(scene.pool, VPN), { targets: [SHARED] });
    scene.runFor(seconds(1));
    expect(scene.prefixes('X', 'bgp.l3vpn.0')).toEqual([VPN]);
    scene.node('X').apply({ kind: 'neighbour-deleted', name: 'S' });
    scene.runFor(seconds(60));
    expect(speaker.downs[0]!.notification).toMatchObject({ code: 6, subcode: 3 });
    expect([speaker.isUp, scene.prefixes('X', 'bgp.l3vpn.0'), neighboursOf(scene.node('X'))]).toEqual([false, [], []]);
  });
});
