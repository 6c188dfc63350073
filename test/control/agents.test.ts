import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/base/time.ts';
import { MASTER_INSTANCE } from '../../src/control/routing-instance.ts';
import { agentsOf, instancesOf, routeOf } from '../../src/control/views.ts';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import { itemNextHop, unicastItem } from '../../src/xmpp/items.ts';
import { inetNlri } from './nlris.ts';
import { controlNodeConfig, instance, network } from './node-config.ts';
import { Scene } from './scene.ts';

const BLUE = 'd:p:blue:blue';
const RED = 'd:p:red:red';
const PREFIX = '10.1.1.1/32';

function oneNode(more = {}) {
  const scene = new Scene([
    controlNodeConfig('X', '192.168.0.1', {
      networks: [network(BLUE, 1), network(RED, 2)],
      instances: [instance(BLUE, ['target:64512:8000001']), instance(RED, ['target:64512:8000002'])],
      ...more,
    }),
  ]);
  const a = scene.agent('a', '192.168.1.2', 'X');
  const b = scene.agent('b', '192.168.1.1', 'X');
  return { scene, a, b };
}

function subscribed() {
  const stage = oneNode();
  stage.a.subscribe(BLUE, 3);
  stage.b.subscribe(BLUE, 1);
  stage.scene.settle();
  return stage;
}

/** `blue` of a config, for a node that does not know it yet. */
const blueLater = { kind: 'instance', instance: instance(BLUE, ['target:64512:8000001']) } as const;

describe('an agent route', () => {
  it('becomes the path of the worked example (CN-14.1.p1, CN-3.2, CN-3.3)', () => {
    const { scene, a } = subscribed();
    a.publish(BLUE, '10.0.100.3/32', { nextHop: '192.168.1.1', label: 17, item: { securityGroups: [8000002] } });
    scene.settle();
    const path = scene.inet('X', BLUE, '10.0.100.3/32')!.paths[0]!;
    expect(path).toMatchObject({
      peer: 'a',
      source: 'BGP_XMPP',
      secondary: false,
      label: 17,
      sourceRd: '192.168.1.1:3',
      localPref: 100,
      med: 200,
      origin: 'INCOMPLETE',
      asPath: '',
      communities: ['encapsulation:gre', 'encapsulation:udp', 'secgroup:64512:8000002'],
      virtualNetwork: BLUE,
      decidedBy: 'only path',
    });
    expect(formatIpv4(path.nextHop)).toBe('192.168.1.1');
    expect(scene.vpn('X', '192.168.1.1:3:10.0.100.3/32')!.paths[0]).toMatchObject({
      secondary: true,
      copiedFrom: `${BLUE}.inet.0`,
      routeTargets: ['target:64512:8000001'],
    });
    expect(scene.vpn('X', '192.168.1.1:3:10.0.100.3/32')!.paths[0]!.communities).toContain('originvn:64512:1');
  });

  it('CN-V2: of two agents is of equal cost, the lower next hop first, and goes back to its own agent (CN-2.9.1, CN-5.2.p1)', () => {
    const { scene, a, b } = subscribed();
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.2' });
    b.publish(BLUE, PREFIX, { nextHop: '192.168.1.1' });
    scene.settle();
    const { paths } = scene.inet('X', BLUE, PREFIX)!;
    expect(paths.map(({ peer, ecmp, decidedBy }) => ({ peer, ecmp, decidedBy }))).toEqual([
      { peer: 'b', ecmp: true, decidedBy: 'lower next hop' },
      { peer: 'a', ecmp: true, decidedBy: 'lower next hop' },
    ]);
    expect(a.nextHops(BLUE, PREFIX)).toEqual(['192.168.1.1', '192.168.1.2']);
    expect(b.nextHops(BLUE, PREFIX)).toEqual(['192.168.1.1', '192.168.1.2']);
  });

  it('CN-V9: with unknown encapsulations only is kept infeasible, not copied, not sent (CN-2.7.1)', () => {
    const { scene, a, b } = subscribed();
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.2', encapsulations: ['bogus'] });
    scene.settle();
    expect(scene.inet('X', BLUE, PREFIX)!.paths[0]).toMatchObject({ feasible: false, flags: ['NoTunnelEncap'] });
    expect(scene.prefixes('X', 'bgp.l3vpn.0')).toEqual([]);
    expect(b.held(BLUE)).toEqual([]);
  });

  it('CN-V10: with one known encapsulation among unknown ones is feasible and has that one', () => {
    const { scene, a, b } = subscribed();
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.2', encapsulations: ['bogus', 'gre'] });
    scene.settle();
    expect(b.item(BLUE, PREFIX)!.nextHops[0]!.encapsulations).toEqual(['gre']);
  });

  it('CN-V11: with two next hops is passed over and the channel stays (CN-2.7/6)', () => {
    const { scene, a, b } = subscribed();
    const hops = ['192.168.1.2', '192.168.1.3'].map((at) =>
      itemNextHop({ address: scene.node('X').config.address, label: 5, virtualNetwork: at }),
    );
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.2', item: { nextHops: hops } });
    scene.settle();
    expect(a.isUp).toBe(true);
    expect(b.held(BLUE)).toEqual([]);
  });

  it.each([
    ['CN-V12: label 0 in an instance', 0],
    ['CN-V13: label 16777216', 16_777_216],
  ])('%s is passed over and the channel stays (CN-2.7/8)', (_title, label) => {
    const { scene, a, b } = subscribed();
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.2', label });
    a.publish(BLUE, '10.1.1.2/32', { nextHop: '192.168.1.2', label: 16_777_215 });
    scene.settle();
    expect(a.isUp).toBe(true);
    expect(b.held(BLUE)).toEqual(['10.1.1.2/32']);
  });

  it('repeated without a difference notifies nobody (CN-3.2.4)', () => {
    const { scene, a, b } = subscribed();
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.2' });
    scene.settle();
    const heard = b.messages.length;
    const changes = scene.sim.tableChanges;
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.2' });
    scene.settle();
    expect(b.messages).toHaveLength(heard);
    expect(scene.sim.tableChanges).toBe(changes);
  });

  it('is sent with the attributes of the best path and the known security groups (CN-2.9.3, CN-2.9.6)', () => {
    const { scene, a, b } = subscribed();
    a.publish(BLUE, PREFIX, {
      nextHop: '192.168.1.2',
      item: { localPreference: 200, securityGroups: [8000004, 5], sequence: 7, communities: ['no-export', '64512:1'] },
    });
    scene.settle();
    expect(b.item(BLUE, PREFIX)).toMatchObject({
      localPreference: 200,
      med: 100,
      sequence: 7,
      securityGroups: [5, 8000004],
      communities: ['64512:1', 'no-export'],
      virtualNetwork: BLUE,
    });
  });

  it('of the master instance needs no label and carries no extended community (CN-2.7.2)', () => {
    const { scene, a, b } = oneNode();
    a.subscribe(MASTER_INSTANCE, 0);
    b.subscribe(MASTER_INSTANCE, 0);
    scene.settle();
    a.publish(MASTER_INSTANCE, PREFIX, { nextHop: '192.168.1.2', label: 0, item: { securityGroups: [5] } });
    a.publish(MASTER_INSTANCE, '10.1.1.2/32', { nextHop: '192.168.1.2', label: 20 });
    scene.settle();
    expect(scene.prefixes('X', 'inet.0')).toEqual([PREFIX]);
    expect(routeOf(scene.node('X'), 'inet.0', inetNlri(scene.pool, PREFIX))!.paths[0]).toMatchObject({
      communities: [],
      sourceRd: '',
    });
    expect(b.item(MASTER_INSTANCE, PREFIX)!.nextHops[0]).toMatchObject({ label: 0, encapsulations: [] });
  });
});

describe('a subscription (CN-2.6)', () => {
  it('CN-V14: is needed: a route of an instance never subscribed closes the channel', () => {
    const { scene, a } = oneNode();
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.2' });
    scene.runFor(seconds(0.01));
    expect(a.closes).toBe(1);
    expect(scene.prefixes('X', `${BLUE}.inet.0`)).toEqual([]);
  });

  it('CN-V15: made twice closes the channel', () => {
    const { scene, a } = oneNode();
    a.subscribe(BLUE, 1);
    a.subscribe(BLUE, 1);
    scene.runFor(seconds(0.01));
    expect(a.closes).toBe(1);
    expect(agentsOf(scene.node('X')).map(({ name }) => name)).toEqual(['b']);
  });

  it('CN-V16: waits for its instance, and so do its routes (CN-2.6.6)', () => {
    const { scene, a, b } = oneNode({ instances: [] });
    a.subscribe(BLUE, 1);
    b.subscribe(BLUE, 1);
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.2' });
    scene.settle();
    expect(agentsOf(scene.node('X'))[0]!.parked).toEqual([BLUE]);
    scene.node('X').apply(blueLater);
    scene.settle();
    expect(b.held(BLUE)).toEqual([PREFIX]);
    expect(scene.vpn('X', `192.168.1.2:1:${PREFIX}`)).not.toBeNull();
  });

  it('CN-V17: taken back before the instance comes takes its routes with it', () => {
    const { scene, a, b } = oneNode({ instances: [] });
    a.subscribe(BLUE, 1);
    b.subscribe(BLUE, 1);
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.2' });
    a.unsubscribe(BLUE);
    scene.settle();
    scene.node('X').apply(blueLater);
    scene.settle();
    expect(a.isUp).toBe(true);
    expect(b.held(BLUE)).toEqual([]);
  });

  it('CN-V18: that never was, taken back, closes the channel', () => {
    const { scene, a } = oneNode();
    a.unsubscribe('d:p:green:green');
    scene.runFor(seconds(0.01));
    expect(a.closes).toBe(1);
  });

  it('CN-V19: without rib-out sends routes and gets none (CN-2.6.2)', () => {
    const { scene, a, b } = oneNode();
    a.subscribe(BLUE, 1, true);
    b.subscribe(BLUE, 1);
    scene.settle();
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.2' });
    scene.settle();
    expect(b.held(BLUE)).toEqual([PREFIX]);
    expect(a.held(BLUE)).toEqual([]);
  });

  it('taken back removes its routes without a retract to the agent itself (CN-2.6.5)', () => {
    const { scene, a, b } = subscribed();
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.2' });
    scene.settle();
    a.unsubscribe(BLUE);
    scene.settle();
    expect(b.held(BLUE)).toEqual([]);
    expect(a.held(BLUE)).toEqual([PREFIX]);
    expect(scene.prefixes('X', 'bgp.l3vpn.0')).toEqual([]);
  });

  it('without instance id lets the first route close the channel (CN-2.4.4, CN-Q26)', () => {
    const { scene, a } = oneNode();
    a.subscribe(BLUE, -1);
    scene.settle();
    expect(a.isUp).toBe(true);
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.2' });
    scene.runFor(seconds(0.01));
    expect(a.closes).toBe(1);
  });

  it('brings a late subscriber the whole table, and the others nothing anew (CN-6.5.6)', () => {
    const { scene, a, b } = oneNode();
    a.subscribe(BLUE, 1);
    scene.settle();
    for (let host = 1; host <= 40; host++) a.publish(BLUE, `10.1.1.${host}/32`, { nextHop: '192.168.1.2' });
    scene.settle();
    const before = a.messages.length;
    b.subscribe(BLUE, 1);
    scene.settle();
    expect(b.held(BLUE)).toHaveLength(40);
    expect(a.messages).toHaveLength(before);
  });
});

describe('a deleted instance (CN-1.9.3)', () => {
  it('keeps its routes to itself until the agents unsubscribe, then goes, and comes back as configured meanwhile', () => {
    const { scene, a, b } = subscribed();
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.2' });
    scene.settle();
    const x = scene.node('X');
    x.apply({ kind: 'instance-deleted', name: BLUE });
    scene.settle();
    expect(scene.prefixes('X', 'bgp.l3vpn.0')).toEqual([]);
    expect(b.held(BLUE)).toEqual([PREFIX]);
    x.apply({ kind: 'instance', instance: instance(BLUE, ['target:64512:9']) });
    a.unsubscribe(BLUE);
    scene.settle();
    expect(instancesOf(x).find(({ name }) => name === BLUE)).toMatchObject({ deleted: true, index: 1 });
    b.unsubscribe(BLUE);
    scene.settle();
    expect(instancesOf(x).find(({ name }) => name === BLUE)).toMatchObject({
      deleted: false,
      exportTargets: ['target:64512:9'],
    });
    b.subscribe(BLUE, 2);
    scene.settle();
    expect(b.isUp && b.held(BLUE)).toEqual([]);
  });

  it('lets a subscription to it wait for the next one (CN-2.6/4, CN-1.9.4)', () => {
    const { scene, a, b } = subscribed();
    const x = scene.node('X');
    x.apply({ kind: 'instance-deleted', name: BLUE });
    const c = scene.agent('c', '192.168.1.3', 'X');
    c.subscribe(BLUE, 7);
    scene.settle();
    expect(agentsOf(x).find(({ name }) => name === 'c')!.parked).toEqual([BLUE]);
    x.apply(blueLater);
    a.unsubscribe(BLUE);
    b.unsubscribe(BLUE);
    scene.settle();
    expect(agentsOf(x).find(({ name }) => name === 'c')).toMatchObject({ parked: [], subscriptions: [BLUE] });
  });
});

describe('updates to agents', () => {
  it('CN-V20, CN-Q7: a collection of another node than the publish drops both and the channel stays', () => {
    const { scene, a, b } = subscribed();
    const item = unicastItem({
      nlri: inetNlri(scene.pool, PREFIX),
      nextHops: [itemNextHop({ address: scene.node('X').config.address, label: 4 })],
    });
    a.say({ kind: 'publish', id: 'p', node: `1/1/${BLUE}/${PREFIX}`, items: [item], itemCount: 1 });
    a.say({ kind: 'collection', id: 'c', instance: BLUE, associate: true, node: `1/1/${BLUE}/10.9.9.9/32` });
    scene.settle();
    expect(a.isUp).toBe(true);
    expect(b.held(BLUE)).toEqual([]);
  });

  const reach = (messages: readonly { readonly kind: string }[]) => messages.filter(({ kind }) => kind === 'reach');

  it.each([
    ['CN-V21: 100 routes changed at once are 4 messages, attributes equal', 100, 4, false],
    ['CN-V21: 100 routes changed at once are 4 messages, attributes different', 100, 4, true],
    ['CN-V87: 33 changes of 33 attribute sets are 2 messages', 33, 2, true],
  ])('%s (CN-6.5.9)', (_title, count, messages, different) => {
    const { scene, a, b } = subscribed();
    for (let host = 1; host <= count; host++) {
      a.publish(BLUE, `10.1.1.${host}/32`, { nextHop: '192.168.1.2', item: { med: different ? host : 7 } });
    }
    scene.settle();
    expect(b.held(BLUE)).toHaveLength(count);
    expect(reach(b.messages)).toHaveLength(messages);
    expect(Math.max(...reach(b.messages).map((message) => (message as unknown as { items: [] }).items.length))).toBe(
      32,
    );
  });

  it('CN-V22: 300 routes deleted at once are messages of at most 256 retracts', () => {
    const { scene, a, b } = subscribed();
    for (let host = 0; host < 300; host++)
      a.publish(BLUE, `10.1.${host >> 8}.${host & 255}/32`, { nextHop: '192.168.1.2' });
    scene.settle();
    a.shut();
    scene.settle();
    const unreach = b.messages.filter((message) => message.kind === 'unreach');
    expect(unreach.map(({ nlris }) => nlris.length)).toEqual([256, 44]);
    expect(b.held(BLUE)).toEqual([]);
  });

  it('a route that is gone and back within a moment is not told at all (CN-6.5.7)', () => {
    const { scene, a, b } = subscribed();
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.2' });
    scene.settle();
    const heard = b.messages.length;
    a.retract(BLUE, PREFIX, '192.168.1.2');
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.2' });
    scene.settle();
    expect(b.messages).toHaveLength(heard);
  });

  it('End-of-RIB comes once, when the starting period is over and all is quiet (CN-2.10.2, CN-Q23)', () => {
    const { scene, a } = oneNode({ endOfRibTimeoutSeconds: 100 });
    a.subscribe(BLUE, 1);
    scene.runFor(seconds(17));
    expect(a.endOfRibs).toBe(0);
    scene.runFor(seconds(2));
    expect(a.endOfRibs).toBe(1);
    const late = scene.agent('late', '192.168.1.9', 'X');
    late.subscribe(BLUE, 1);
    scene.runFor(seconds(5));
    expect(late.endOfRibs).toBe(0);
    scene.runFor(seconds(2));
    expect(late.endOfRibs).toBe(1);
    scene.settle();
    expect([a.endOfRibs, late.endOfRibs]).toEqual([1, 1]);
  });
});

describe('a channel', () => {
  it('CN-V46: that is closed takes its routes away everywhere, graceful restart being off', () => {
    const { scene, a, b } = subscribed();
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.2' });
    scene.settle();
    const x = scene.node('X');
    a.shut();
    scene.runFor(seconds(0.01));
    expect(b.held(BLUE)).toEqual([]);
    expect(scene.prefixes('X', `${BLUE}.inet.0`)).toEqual([]);
    expect(scene.prefixes('X', 'bgp.l3vpn.0')).toEqual([]);
    expect(agentsOf(x).map(({ name }) => name)).toEqual(['b']);
  });

  it('is closed at once without self configuration, or administratively down (CN-2.12.3, CN-1.2.1)', () => {
    for (const more of [{ routerId: 0 as never }, { adminDown: true }]) {
      const { scene, a } = oneNode(more);
      scene.runFor(seconds(1));
      expect(a.isUp).toBe(false);
      expect(a.closes).toBeGreaterThan(0);
    }
  });

  it('of an agent that is connected already is refused, from its host or from another (CN-2.3)', () => {
    const { scene } = oneNode();
    const twin = scene.sim.addNode({ name: 'twin', addresses: [scene.node('X').config.address + 100] }, (port) => {
      const again = Object.assign(Object.create(Object.getPrototypeOf(scene.agents.get('a')!)), scene.agents.get('a')!);
      Object.assign(again, { addresses: [scene.node('X').config.address + 100] });
      again.attach(port);
      Object.defineProperty(again, 'name', { value: 'twin' });
      return again;
    });
    scene.sim.start(twin);
    scene.runFor(seconds(3));
    expect(agentsOf(scene.node('X')).filter(({ name }) => name === 'a')).toHaveLength(1);
    expect(scene.agents.get('a')!.isUp).toBe(true);
  });

  it('cleared by the operator comes back with nothing of before', () => {
    const { scene, a, b } = subscribed();
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.2' });
    scene.settle();
    expect(scene.node('X').clearSession('a')).toBe(true);
    scene.runFor(seconds(5));
    expect([a.isUp, a.closes, b.held(BLUE)]).toEqual([true, 1, []]);
  });
});
