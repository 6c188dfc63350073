import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forkGraph } from '../../src/base/fork.ts';
import { routesOf, sessionsOf } from '../../src/control/views.ts';
import { EXPORT_STAGES } from '../../src/gateway/export.ts';
import { parseRouteKey } from '../../src/route/route-key.ts';
import { controlNodeConfig, instance, neighbour, network } from '../control/node-config.ts';
import { ScriptedAgent } from '../control/scripted-agent.ts';
import { address } from '../support/values.ts';
import { gatewayConfig, Stage, say, speakerConfig, vrf, ways } from './stage.ts';

const A = { name: 'ctl-a', address: address('10.0.0.1'), asn: 64512 };
const B = { name: 'ctl-b', address: address('10.0.0.2'), asn: 64513 };
const TARGET = 'target:64512:10001';
const VM = '192.168.1.1:3:10.0.100.3/32';

/** A gateway between two raw speakers of different clusters. */
function between(more = {}, wire = false) {
  const stage = new Stage(wire);
  const gateway = stage.gateway(gatewayConfig({ peers: [A, B], ...more }));
  const a = stage.speaker(speakerConfig('ctl-a', '10.0.0.1', 64512));
  const b = stage.speaker(speakerConfig('ctl-b', '10.0.0.2', 64513));
  stage.run(5);
  return { stage, gateway, a, b };
}

const keysOf = (node: { allRoutes(): readonly { readonly key: string }[] }) =>
  node.allRoutes().map((route) => route.key);

describe('a gateway', () => {
  it('asks its peers for the targets that its VRFs import, and for no other (RFC 4684)', () => {
    const { a, b } = between({ instances: [vrf('public', 1, [TARGET]), vrf('lab', 2, ['target:1:1', 'target:1:2'])] });
    const asked = ['65000:target:1:1', '65000:target:1:2', `65000:${TARGET}`];
    expect(keysOf(a)).toEqual(asked);
    expect(keysOf(b)).toEqual(asked);
  });

  it('originates its external prefix with a label, its targets and itself as the next hop, for whoever asked', () => {
    const { stage, a, b, gateway } = between();
    expect(keysOf(a)).not.toContain('172.16.0.1:1:0.0.0.0/0');
    a.announce(say([`64512:${TARGET}`]));
    stage.run(1);
    const told = a.allRoutes().find((route) => route.key === '172.16.0.1:1:0.0.0.0/0')!;
    const set = stage.pool.attributes.get(told.paths[0]!.attributes);
    expect(set.asPath).toEqual([{ kind: 'sequence', asns: [65000] }]);
    expect(set.nextHop).toBe(address('172.16.0.1'));
    expect(set.origin).toBe(0);
    expect(set.extendedCommunities.map((id) => stage.pool.octets8.hi(id) >>> 16)).toEqual([0x0002, 0x030c, 0x030c]);
    expect(told.paths[0]!.label).toBe(gateway.vrfs[0]!.label);
    expect(keysOf(b)).not.toContain('172.16.0.1:1:0.0.0.0/0');
    a.withdraw('route-target', [`64512:${TARGET}`]);
    stage.run(1);
    expect(keysOf(a)).not.toContain('172.16.0.1:1:0.0.0.0/0');
  });

  it('says nothing again that a peer has been told already', () => {
    const { stage, a, gateway } = between();
    a.announce(say([`64512:${TARGET}`]));
    stage.run(1);
    const told = () => stage.sim.counters.value(stage.sim.nodeNamed(gateway.name), 'bgp.updates.sent', 'ctl-a');
    const before = told();
    // Another interest that covers the same route.
    a.announce(say(['0:0']));
    stage.run(1);
    expect(told()).toBe(before);
  });

  it('the default interest is for everything (CN-V33)', () => {
    const { stage, a } = between();
    a.announce(say(['0:0']));
    stage.run(1);
    expect(keysOf(a)).toContain('172.16.0.1:1:0.0.0.0/0');
  });

  it('tells a peer without route-target everything at once (CN-V32)', () => {
    const stage = new Stage();
    stage.gateway(gatewayConfig({ peers: [A] }));
    const a = stage.speaker(speakerConfig('ctl-a', '10.0.0.1', 64512, { families: ['inet-vpn'] }));
    stage.run(5);
    expect(keysOf(a)).toEqual(['172.16.0.1:1:0.0.0.0/0']);
  });

  it('keeps of what it hears what a VRF imports, and forgets the rest (RFC 4364 section 4.3.4)', () => {
    const { stage, gateway, a } = between();
    a.announce(say([VM, '192.168.1.1:3:10.0.100.4/32'], { routeTargets: [TARGET], label: 17 }));
    a.announce(say(['192.168.1.1:4:10.9.0.1/32'], { routeTargets: ['target:64512:8000005'] }));
    stage.run(1);
    expect(keysOf(gateway).filter((key) => key.includes('/'))).toEqual([
      '172.16.0.1:1:0.0.0.0/0',
      '192.168.1.1:3:10.0.100.3/32',
      '192.168.1.1:3:10.0.100.4/32',
    ]);
    // The same route with another target is let go.
    a.announce(say([VM], { routeTargets: ['target:64512:8000005'] }));
    stage.run(1);
    expect(ways(gateway.lookup('public', address('10.0.100.3')))).toBe('outside');
    expect(ways(gateway.lookup('public', address('10.0.100.4')))).toBe('10.0.0.1 label 17 by MPLSoGRE');
  });

  it.each([
    ['its own AS in AS_PATH', { asPath: [64512, 65000] }],
    ['itself as the originator', { originatorId: address('172.16.0.1') }],
    ['itself as the next hop', { nextHop: address('172.16.0.1') }],
  ])('takes no path with %s', (_what, more) => {
    const { stage, gateway, a } = between();
    a.announce(say([VM], { routeTargets: [TARGET], ...more }));
    stage.run(1);
    expect(keysOf(gateway)).not.toContain(VM);
  });

  it('forgets the routes of a peer whose session is lost', () => {
    const { stage, gateway, a } = between();
    a.announce(say([VM], { routeTargets: [TARGET] }));
    stage.run(1);
    expect(gateway.routeCount()).toBe(2);
    stage.sim.crash(stage.sim.nodeNamed('ctl-a'));
    stage.run(95);
    expect(gateway.routeCount()).toBe(1);
    expect(gateway.sessions().map(({ established }) => established)).toEqual([false, true]);
    stage.sim.start(stage.sim.nodeNamed('ctl-a'));
    stage.run(60);
    // A raw speaker says again what it had announced.
    expect(gateway.routeCount()).toBe(2);
  });
});

describe('forwarding of a gateway', () => {
  it('uses all paths of equal cost, whatever their route distinguishers, each way once', () => {
    const { stage, gateway, a } = between();
    a.announce(
      say(['192.168.1.1:3:10.5.0.1/32'], { routeTargets: [TARGET], nextHop: address('192.168.1.1'), label: 20 }),
    );
    a.announce(
      say(['192.168.1.2:7:10.5.0.1/32'], { routeTargets: [TARGET], nextHop: address('192.168.1.2'), label: 21 }),
    );
    stage.run(1);
    expect(ways(gateway.lookup('public', address('10.5.0.1')))).toBe(
      '192.168.1.1 label 20 by MPLSoGRE, 192.168.1.2 label 21 by MPLSoGRE',
    );
    a.announce(say(['192.168.1.2:7:10.5.0.1/32'], { routeTargets: [TARGET], label: 21, asPath: [64512, 64999] }));
    stage.run(1);
    expect(ways(gateway.lookup('public', address('10.5.0.1')))).toBe('192.168.1.1 label 20 by MPLSoGRE');
  });

  it('the same route from two control nodes of a cluster is one way', () => {
    const stage = new Stage();
    const mate = { name: 'ctl-a2', address: address('10.0.0.3'), asn: 64512 };
    const gateway = stage.gateway(gatewayConfig({ peers: [A, mate] }));
    const speakers = [speakerConfig('ctl-a', '10.0.0.1', 64512), speakerConfig('ctl-a2', '10.0.0.3', 64512)].map(
      (config) => stage.speaker(config),
    );
    stage.run(5);
    for (const one of speakers)
      one.announce(say([VM], { routeTargets: [TARGET], nextHop: address('192.168.1.1'), label: 20 }));
    stage.run(1);
    expect(ways(gateway.lookup('public', address('10.0.100.3')))).toBe('192.168.1.1 label 20 by MPLSoGRE');
    const route = gateway.allRoutes().find(({ key }) => key === VM)!;
    expect(route.paths.map(({ peer, best }) => `${peer} ${best}`)).toEqual(['ctl-a true', 'ctl-a2 false']);
    expect(route.decidedBy).toBe('lower BGP identifier');
  });

  it('prefers the longest prefix, and what lies behind itself over what it hears', () => {
    const { stage, gateway, a } = between();
    a.announce(say(['192.168.1.1:3:0.0.0.0/0', '192.168.1.1:3:10.0.0.0/8'], { routeTargets: [TARGET], label: 30 }));
    stage.run(1);
    expect(ways(gateway.lookup('public', address('8.8.8.8')))).toBe('outside');
    expect(ways(gateway.lookup('public', address('10.1.1.1')))).toBe('10.0.0.1 label 30 by MPLSoGRE');
    expect(ways(gateway.lookup('nowhere', address('10.1.1.1')))).toBe('none');
  });

  it('chooses the first encapsulation of its own that the path offers, and GRE when it offers none (RFC 4023)', () => {
    const { stage, gateway, a } = between({ encapsulations: ['udp', 'gre'] });
    const offer = (host: string, encapsulations: readonly string[]) =>
      a.announce(say([`192.168.1.1:3:${host}/32`], { routeTargets: [TARGET], extendedCommunities: encapsulations }));
    offer('10.0.100.1', ['encapsulation:gre', 'encapsulation:udp']);
    offer('10.0.100.2', ['encapsulation:gre']);
    offer('10.0.100.3', []);
    offer('10.0.100.4', ['encapsulation:vxlan']);
    stage.run(1);
    const by = (host: string) => ways(gateway.lookup('public', address(host))).replace('10.0.0.1 label 16 by ', '');
    expect(['10.0.100.1', '10.0.100.2', '10.0.100.3'].map(by)).toEqual(['MPLSoUDP', 'MPLSoGRE', 'MPLSoGRE']);
    // Nothing in common: the route is there, but the default is where packets go.
    expect(by('10.0.100.4')).toBe('outside');
  });

  it('looks a packet up in the VRF of its label', () => {
    const { gateway } = between({
      instances: [vrf('public', 1, [TARGET], ['0.0.0.0/0']), vrf('lab', 2, ['target:1:1'])],
    });
    const [first, second] = gateway.vrfs;
    const packet = { destination: address('8.8.8.8') };
    expect(gateway.receiveLabelled(first!.label, packet)).toMatchObject({ vrf: 'public', prefix: { length: 0 } });
    expect(gateway.receiveLabelled(second!.label, packet)).toEqual({ kind: 'none', vrf: 'lab' });
    expect(gateway.receiveLabelled(500, packet)).toEqual({ kind: 'no-label' });
  });

  it('a route with the targets of two VRFs stands in both', () => {
    const { stage, gateway, a } = between({ instances: [vrf('x', 1, ['target:1:1']), vrf('y', 2, ['target:1:2'])] });
    a.announce(say([VM], { routeTargets: ['target:1:1', 'target:1:2'], label: 40 }));
    stage.run(1);
    const both = () => ['x', 'y'].map((name) => ways(gateway.lookup(name, address('10.0.100.3'))));
    expect(both()).toEqual(['10.0.0.1 label 40 by MPLSoGRE', '10.0.0.1 label 40 by MPLSoGRE']);
    a.announce(say([VM], { routeTargets: ['target:1:2'], label: 40 }));
    stage.run(1);
    expect(both()).toEqual(['none', '10.0.0.1 label 40 by MPLSoGRE']);
  });
});

describe('between two clusters', () => {
  const interested = (transit: boolean) => {
    const set = between({ transit });
    for (const node of [set.a, set.b]) node.announce(say([`${node.config.asn}:${TARGET}`]));
    set.a.announce(say([VM], { routeTargets: [TARGET], nextHop: address('192.168.1.1'), label: 20, med: 50 }));
    set.stage.run(1);
    return set;
  };

  it('a gateway passes no VPN route on', () => {
    const { b, gateway, stage } = interested(false);
    expect(keysOf(b)).not.toContain(VM);
    const slot = gateway.rib.find(parseRouteKey(VM, stage.pool)!);
    expect([1, 2].map((peer) => EXPORT_STAGES[gateway.stageOf(slot, peer)])).toEqual([
      'the peer is the sender of the route',
      'no transit',
    ]);
  });

  it('with transit it passes them on with itself as the next hop and a label of its own (RFC 4364 section 10 b)', () => {
    const { a, b, gateway, stage } = interested(true);
    expect(keysOf(a)).not.toContain(VM);
    const path = b.allRoutes().find(({ key }) => key === VM)!.paths[0]!;
    const set = stage.pool.attributes.get(path.attributes);
    expect(set).toMatchObject({
      nextHop: address('172.16.0.1'),
      med: 0,
      asPath: [{ kind: 'sequence', asns: [65000, 64512] }],
    });
    expect(ways(gateway.receiveLabelled(path.label, { destination: address('10.0.100.3') }))).toBe(
      '192.168.1.1 label 20 by MPLSoGRE',
    );
    // What one cluster asks for, the gateway asks of the other.
    expect(keysOf(a)).toContain(`64513:${TARGET}`);
  });

  it('with transit a route goes where it is asked for, and no longer when the interest goes', () => {
    const { b, stage } = interested(true);
    b.withdraw('route-target', [`64513:${TARGET}`]);
    stage.run(1);
    expect(keysOf(b)).not.toContain(VM);
  });

  it.each([
    ['no-export', 'community no-export'],
    ['no-advertise', 'community no-advertise'],
  ])('the community %s is heeded', (community) => {
    const { a, b, stage } = interested(true);
    a.announce(say([VM], { routeTargets: [TARGET], communities: [community] }));
    stage.run(1);
    expect(keysOf(b)).not.toContain(VM);
  });
});

describe('a gateway and a control node of a cluster (CN-10.5)', () => {
  it('exchange the default route and the routes of a network by a common target (CN-10.5.4)', () => {
    const stage = new Stage();
    const gateway = stage.gateway(gatewayConfig({ peers: [A] }));
    const node = stage.controlNode(
      controlNodeConfig('ctl-a', '10.0.0.1', {
        networks: [network('d:p:public:public', 1)],
        instances: [instance('d:p:public:public', [TARGET])],
        neighbours: [neighbour('mx-1', '172.16.0.1', { asn: 65000, type: 'router' })],
      }),
    );
    stage.run(100);
    expect([...gateway.sessions(), ...sessionsOf(node)].map(({ state }) => state)).toEqual([
      'Established',
      'Established',
    ]);
    // Nobody in the cluster has subscribed to the network, so nothing was asked for (CN-4.6.1).
    expect(routesOf(node, 'bgp.l3vpn.0')).toEqual([]);

    const agent = stage.place(new ScriptedAgent(stage.pool, 'cmp-1', '192.168.1.1', address('10.0.0.1')));
    stage.run(5);
    agent.subscribe('d:p:public:public', 3);
    agent.publish('d:p:public:public', '10.0.100.3/32', { nextHop: '192.168.1.1', label: 17 });
    stage.run(5);
    expect(agent.nextHops('d:p:public:public', '0.0.0.0/0')).toEqual(['172.16.0.1']);
    expect(agent.item('d:p:public:public', '0.0.0.0/0')!.nextHops[0]).toMatchObject({ label: gateway.vrfs[0]!.label });
    expect(ways(gateway.lookup('public', address('10.0.100.3')))).toBe('192.168.1.1 label 17 by MPLSoGRE');
    const heard = gateway.allRoutes().find(({ key }) => key === VM)!.paths[0]!;
    expect(stage.pool.attributes.get(heard.attributes)).toMatchObject({
      med: 200,
      asPath: [{ kind: 'sequence', asns: [64512] }],
    });
  });
});

describe('a world with a gateway', () => {
  it('has the same record with shared messages and with octets', () => {
    const records = [false, true].map((wire) => {
      const { stage, gateway, a, b } = between({ transit: true }, wire);
      for (const node of [a, b]) node.announce(say([`${node.config.asn}:${TARGET}`]));
      a.announce(
        say([VM, '192.168.1.1:3:10.7.0.0/16'], { routeTargets: [TARGET], extendedCommunities: ['encapsulation:gre'] }),
      );
      stage.run(1);
      a.withdraw('inet-vpn', [VM]);
      stage.run(100);
      return { state: gateway.stateDigest(), messages: stage.sim.recording.messages.length, rows: messageRows(stage) };
    });
    expect(records[1]).toEqual(records[0]);
    expect(records[0]!.rows.length).toBeGreaterThan(20);
  });

  it('is copied while it runs: what happens to the copy leaves the original alone', () => {
    const { stage, gateway, a } = between();
    a.announce(say([VM], { routeTargets: [TARGET] }));
    stage.run(1);
    const before = gateway.stateDigest();
    const copy = forkGraph({ stage, gateway, a });
    copy.a.withdraw('inet-vpn', [VM]);
    copy.stage.run(1);
    expect(copy.gateway.routeCount()).toBe(1);
    expect(gateway.stateDigest()).toBe(before);
    expect(gateway.routeCount()).toBe(2);
  });

  it('comes back to the same state when everything is withdrawn again', () => {
    const route = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(2)).map(([rd, host, target]) => ({
      key: `192.168.1.${rd}:1:10.0.100.${host}/32`,
      target: ['target:1:1', 'target:1:2', 'target:9:9'][target]!,
    }));
    fc.assert(
      fc.property(fc.array(route, { maxLength: 12 }), fc.boolean(), (routes, transit) => {
        const { stage, gateway, a, b } = between({
          transit,
          instances: [vrf('x', 1, ['target:1:1'], ['0.0.0.0/0']), vrf('y', 2, ['target:1:2', 'target:1:1'])],
        });
        for (const node of [a, b]) node.announce(say(['0:0']));
        stage.run(1);
        const before = [gateway, a, b].map((node) => node.stateDigest());
        for (const { key, target } of routes) a.announce(say([key], { routeTargets: [target] }));
        stage.run(1);
        const last = new Map(routes.map(({ key, target }) => [key, target]));
        for (const [name, targets] of [
          ['x', ['target:1:1']],
          ['y', ['target:1:1', 'target:1:2']],
        ] as const) {
          const hosts = new Set(
            [...last].filter(([, target]) => targets.some((t) => t === target)).map(([key]) => key.split(':').at(-1)!),
          );
          const found = gateway
            .routes(name)
            .map(({ prefix }) => prefix.length)
            .filter((length) => length === 32);
          expect(found.length).toBe(hosts.size);
        }
        for (const { key } of routes) a.withdraw('inet-vpn', [key]);
        stage.run(1);
        expect([gateway, a, b].map((node) => node.stateDigest())).toEqual(before);
        expect(gateway.vrfs.map((one) => one.size)).toEqual([1, 1]);
      }),
      { numRuns: 25 },
    );
  });
});

function messageRows(stage: Stage): readonly string[] {
  const rows: string[] = [];
  for (let row = 0; row < stage.sim.recording.messages.length; row++) {
    const { at: time, kind, size, items, digest, from, to } = stage.sim.recording.messageRow(row);
    rows.push([time, from, to, kind, size, items, digest].join(' '));
  }
  return rows;
}
