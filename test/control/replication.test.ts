import { describe, expect, it } from 'vitest';
import type { RoutingInstanceConfig } from '../../src/control/control-config.ts';
import { instancesOf, whyImported } from '../../src/control/views.ts';
import { originVn } from '../../src/route/extended-community.ts';
import { inetNlri, vpnNlri } from './nlris.ts';
import { controlNodeConfig, instance, neighbour, network, target } from './node-config.ts';
import { Scene } from './scene.ts';

const BLUE = 'd:p:blue:blue';
const RED = 'd:p:red:red';
const GREEN = 'd:p:green:green';
const RT1 = 'target:64512:1';
const RT2 = 'target:64512:2';
const PREFIX = '10.1.1.1/32';
const VPN = `7.7.7.7:1:${PREFIX}`;

/** A node with instances and, where a test wants one, an iBGP speaker. */
function node(instances: readonly RoutingInstanceConfig[]) {
  const scene = new Scene([
    controlNodeConfig('X', '192.168.0.1', {
      networks: [network(BLUE, 5), network(RED, 6), network(GREEN, 7)],
      instances,
      neighbours: [neighbour('S', '192.168.0.9', { families: ['inet-vpn'] })],
    }),
  ]);
  const speaker = () => scene.speaker('S', '192.168.0.9', 64512, ['X'], ['inet-vpn']);
  return { scene, x: scene.node('X'), speaker };
}

const names = (scene: Scene, instanceName: string) =>
  scene.inet('X', instanceName, PREFIX)?.paths.map(({ virtualNetwork }) => virtualNetwork);

describe('replication by route target (CN-4)', () => {
  it('CN-V23: a route of blue is in red at once when red imports a target of blue, without any BGP session', () => {
    const { scene } = node([instance(BLUE, [target(RT1, 'export')]), instance(RED, [target(RT1, 'import')])]);
    const a = scene.agent('a', '192.168.1.1', 'X');
    const b = scene.agent('b', '192.168.1.2', 'X');
    a.subscribe(BLUE, 1);
    b.subscribe(RED, 1);
    scene.settle();
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.1' });
    scene.settle();
    expect(b.nextHops(RED, PREFIX)).toEqual(['192.168.1.1']);
    expect(scene.inet('X', RED, PREFIX)!.paths).toMatchObject([
      { secondary: true, copiedFrom: `${BLUE}.inet.0`, peer: 'a', virtualNetwork: BLUE },
    ]);
    a.retract(BLUE, PREFIX, '192.168.1.1');
    scene.settle();
    expect(b.held(RED)).toEqual([]);
  });

  it('a copy is never copied again: red exports its own target, green imports that, and has nothing (CN-4.2b)', () => {
    const { scene } = node([
      instance(BLUE, [target(RT1, 'export')]),
      instance(RED, [target(RT1, 'import'), target(RT2, 'export')]),
      instance(GREEN, [target(RT2, 'import')]),
    ]);
    const a = scene.agent('a', '192.168.1.1', 'X');
    a.subscribe(BLUE, 1);
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.1' });
    scene.settle();
    expect(scene.inet('X', RED, PREFIX)!.paths).toHaveLength(1);
    expect(scene.inet('X', GREEN, PREFIX)).toBeNull();
    const why = whyImported(scene.node('X'), `${RED}.inet.0`, inetNlri(scene.pool, PREFIX), `${GREEN}.inet.0`);
    expect(why).toMatchObject([{ peer: 'a', verdict: 'it is a copy itself' }]);
  });

  it('CN-V24: a VPN route with a target of blue is in blue and in red, which is connected to blue, as of network blue', () => {
    const { scene, speaker } = node([instance(BLUE, [RT1]), instance(RED, [RT2], { connections: [BLUE] })]);
    speaker().announce('inet-vpn', vpnNlri(scene.pool, VPN), { targets: [RT1] });
    scene.settle();
    expect(names(scene, BLUE)).toEqual([BLUE]);
    expect(names(scene, RED)).toEqual([BLUE]);
    expect(scene.inet('X', RED, PREFIX)!.paths[0]).toMatchObject({ copiedFrom: 'bgp.l3vpn.0', sourceRd: '7.7.7.7:1' });
    expect(scene.inet('X', RED, PREFIX)!.paths[0]!.communities).toContain('originvn:64512:5');
    expect(scene.vpn('X', VPN)!.paths[0]!.communities).toEqual([RT1]);
  });

  it('CN-V25: an origin network of the own AS is kept in every instance', () => {
    const { scene, speaker } = node([instance(BLUE, [RT1]), instance(RED, [target(RT1, 'import')])]);
    speaker().announce('inet-vpn', vpnNlri(scene.pool, VPN), { targets: [RT1], extended: [originVn(64512, 1001)] });
    scene.settle();
    for (const name of [BLUE, RED]) {
      expect(scene.inet('X', name, PREFIX)!.paths[0]!.communities).toContain('originvn:64512:1001');
      expect(names(scene, name)).toEqual(['unresolved']);
    }
  });

  it('CN-V26: an origin network of a foreign AS is found out from the targets again', () => {
    const { scene, speaker } = node([instance(BLUE, [RT1]), instance(RED, [target(RT1, 'import')])]);
    speaker().announce('inet-vpn', vpnNlri(scene.pool, VPN), { targets: [RT1], extended: [originVn(64999, 6)] });
    scene.settle();
    for (const name of [BLUE, RED]) {
      expect(names(scene, name)).toEqual([BLUE]);
      expect(scene.inet('X', name, PREFIX)!.paths[0]!.communities).not.toContain('originvn:64999:6');
    }
  });

  it('CN-V27: a target of two networks leaves each with its own, and one that only imports it with none', () => {
    const { scene, speaker } = node([
      instance(BLUE, [RT1]),
      instance(RED, [RT1]),
      instance(GREEN, [target(RT1, 'import')]),
    ]);
    speaker().announce('inet-vpn', vpnNlri(scene.pool, VPN), { targets: [RT1] });
    scene.settle();
    expect([BLUE, RED, GREEN].map((name) => names(scene, name))).toEqual([[BLUE], [RED], ['unresolved']]);
  });

  it('CN-V28: a target that an instance only exports tells nothing about the origin network', () => {
    const { scene, speaker } = node([instance(BLUE, [target(RT1, 'export')]), instance(RED, [target(RT1, 'import')])]);
    speaker().announce('inet-vpn', vpnNlri(scene.pool, VPN), { targets: [RT1] });
    scene.settle();
    expect(scene.inet('X', BLUE, PREFIX)).toBeNull();
    expect(names(scene, RED)).toEqual(['unresolved']);
  });

  it('CN-V29: an export target added to an instance with routes is on the VPN copies, and importers gain the routes', () => {
    const { scene, x } = node([instance(BLUE, [RT1]), instance(RED, [target(RT2, 'import')])]);
    const a = scene.agent('a', '192.168.1.1', 'X');
    a.subscribe(BLUE, 1);
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.1' });
    scene.settle();
    expect(scene.inet('X', RED, PREFIX)).toBeNull();
    expect(whyImported(x, `${BLUE}.inet.0`, inetNlri(scene.pool, PREFIX), `${RED}.inet.0`)).toMatchObject([
      { verdict: 'target mismatch', exported: [RT1] },
    ]);
    x.apply({ kind: 'instance', instance: instance(BLUE, [RT1, target(RT2, 'export')]) });
    scene.settle();
    expect(scene.vpn('X', `192.168.1.1:1:${PREFIX}`)!.paths[0]!.routeTargets).toEqual([RT1, RT2]);
    expect(names(scene, RED)).toEqual([BLUE]);
    x.apply({ kind: 'instance', instance: instance(BLUE, [RT1]) });
    scene.settle();
    expect(scene.inet('X', RED, PREFIX)).toBeNull();
    expect(scene.vpn('X', `192.168.1.1:1:${PREFIX}`)!.paths[0]!.routeTargets).toEqual([RT1]);
  });

  it('CN-V30: an import target removed takes the copies and, unless another instance imports it, the interest away', () => {
    const { scene, x } = node([
      instance(BLUE, [target(RT1, 'export')]),
      instance(RED, [target(RT1, 'import')]),
      instance(GREEN, [target(RT1, 'import')]),
    ]);
    const a = scene.agent('a', '192.168.1.1', 'X');
    for (const [id, name] of [BLUE, RED, GREEN].entries()) a.subscribe(name, id + 1);
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.1' });
    scene.settle();
    const interest = () => scene.prefixes('X', 'bgp.rtarget.0').includes(`64512:${RT1}`);
    expect(a.held(RED)).toEqual([PREFIX]);
    x.apply({ kind: 'instance', instance: instance(RED, []) });
    scene.settle();
    expect([a.held(RED), a.held(GREEN), interest()]).toEqual([[], [PREFIX], true]);
    x.apply({ kind: 'instance', instance: instance(GREEN, []) });
    scene.settle();
    expect([a.held(GREEN), interest()]).toEqual([[], false]);
  });

  it('routes of an instance that never had an export target are copied nowhere (CN-4.2.7)', () => {
    const { scene, x } = node([instance(BLUE, [target(RT1, 'import')]), instance(RED, [RT1])]);
    const a = scene.agent('a', '192.168.1.1', 'X');
    a.subscribe(BLUE, 1);
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.1' });
    scene.settle();
    expect(scene.prefixes('X', 'bgp.l3vpn.0')).toEqual([]);
    expect(whyImported(x, `${BLUE}.inet.0`, inetNlri(scene.pool, PREFIX), `${RED}.inet.0`)).toMatchObject([
      { verdict: 'its instance never had an export target' },
    ]);
  });

  it('only paths of equal cost with the best are copied (CN-4.2c)', () => {
    const { scene, x } = node([instance(BLUE, [RT1]), instance(RED, [target(RT1, 'import')])]);
    const agents = ['192.168.1.1', '192.168.1.2', '192.168.1.3'].map((at, i) => scene.agent(`a${i}`, at, 'X'));
    agents.forEach((agent, i) => {
      agent.subscribe(BLUE, 1);
      agent.publish(BLUE, PREFIX, { nextHop: `192.168.1.${i + 1}`, item: { localPreference: i < 2 ? 200 : 100 } });
    });
    scene.settle();
    expect(scene.inet('X', BLUE, PREFIX)!.paths).toHaveLength(3);
    expect(scene.inet('X', RED, PREFIX)!.paths.map(({ peer }) => peer)).toEqual(['a0', 'a1']);
    expect(
      whyImported(x, `${BLUE}.inet.0`, inetNlri(scene.pool, PREFIX), `${RED}.inet.0`).map((w) => w.verdict),
    ).toEqual(['imported', 'imported', 'it is not of equal cost with the best path']);
  });

  it('a VPN route without extended communities is copied nowhere (CN-4.2e)', () => {
    const { scene, x, speaker } = node([instance(BLUE, [RT1])]);
    speaker().announce('inet-vpn', vpnNlri(scene.pool, VPN));
    scene.settle();
    expect(scene.vpn('X', VPN)!.paths).toHaveLength(1);
    expect(whyImported(x, 'bgp.l3vpn.0', vpnNlri(scene.pool, VPN), `${BLUE}.inet.0`)).toMatchObject([
      { verdict: 'it carries no extended community' },
    ]);
  });

  it('a network that gets another index is told as such (CN-1.9.2, CN-4.2g)', () => {
    const { scene, x } = node([instance(BLUE, [RT1]), instance(RED, [target(RT1, 'import')])]);
    const a = scene.agent('a', '192.168.1.1', 'X');
    a.subscribe(BLUE, 1);
    a.publish(BLUE, PREFIX, { nextHop: '192.168.1.1' });
    scene.settle();
    x.apply({ kind: 'network', network: network(BLUE, 55) });
    scene.settle();
    expect(scene.inet('X', RED, PREFIX)!.paths[0]!.communities).toContain('originvn:64512:55');
    expect(names(scene, RED)).toEqual([BLUE]);
  });
});

describe('an instance (CN-1.4, CN-1.6)', () => {
  it('imports its own targets, the unmarked ones of instances it is connected to, and the two that all have', () => {
    const { x } = node([
      instance(BLUE, [RT1, target('target:64512:3', 'export'), target('target:64512:4', 'import')]),
      instance(RED, [RT2], { connections: [BLUE, GREEN] }),
    ]);
    const red = () => instancesOf(x).find(({ name }) => name === RED)!;
    expect(red()).toMatchObject({
      index: 2,
      rd: '192.168.0.1:2',
      importTargets: [RT1, RT2, 'target:64512:7999999', 'target:192.168.0.1:2'],
      exportTargets: [RT2],
    });
    x.apply({ kind: 'instance', instance: instance(GREEN, ['target:64512:9']) });
    expect(red().importTargets).toContain('target:64512:9');
    x.apply({ kind: 'instance', instance: instance(BLUE, ['target:64512:8']) });
    expect(red().importTargets).toEqual([
      RT2,
      'target:64512:8',
      'target:64512:9',
      'target:64512:7999999',
      'target:192.168.0.1:2',
    ]);
    x.apply({ kind: 'instance-deleted', name: GREEN });
    expect(red().importTargets).not.toContain('target:64512:9');
  });

  it('of a cluster with a 4-octet AS has the ES target of that width (CN-1.6.4)', () => {
    const scene = new Scene([controlNodeConfig('X', '192.168.0.1', { asn: 70000, instances: [instance(BLUE, [])] })]);
    expect(instancesOf(scene.node('X'))[0]!.importTargets).toContain('target:70000:7999');
  });

  it('gets the lowest index that is free (CN-1.4.1)', () => {
    const { scene, x } = node([instance(BLUE, [RT1]), instance(RED, [RT2])]);
    x.apply({ kind: 'instance-deleted', name: BLUE });
    scene.settle();
    x.apply({ kind: 'instance', instance: instance(GREEN, []) });
    expect(instancesOf(x).map(({ name, index }) => [name, index])).toEqual([
      [GREEN, 1],
      [RED, 2],
    ]);
  });
});
