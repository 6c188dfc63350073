import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/base/time.ts';
import type { ControlNodeConfig, NeighbourConfig } from '../../src/control/control-config.ts';
import { routeOf, rtGroupsOf, whySent } from '../../src/control/views.ts';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import { COMMUNITY, formatCommunity } from '../../src/route/community.ts';
import {
  formatExtendedCommunity,
  originVn,
  TUNNEL_TYPES,
  tunnelEncapsulation,
} from '../../src/route/extended-community.ts';
import type { FamilyName } from '../../src/route/family.ts';
import { inetNlri, targetNlri, vpnNlri } from './nlris.ts';
import { controlNodeConfig, instance, neighbour, network, peered } from './node-config.ts';
import { Scene } from './scene.ts';

const BLUE = 'd:p:blue:blue';
const RT1 = 'target:64512:1';
const PREFIX = '10.1.1.1/32';
const VPN = `192.168.1.1:1:${PREFIX}`;
const FOREIGN = `7.7.7.7:1:${PREFIX}`;
const VPN_ONLY: readonly FamilyName[] = ['inet-vpn'];

interface Outside {
  readonly name: string;
  readonly at: string;
  readonly asn: number;
  readonly config?: Partial<NeighbourConfig>;
}

/** A node in AS 64512 with an agent in blue, and speakers around it. */
function stage(outside: readonly Outside[], node: Partial<ControlNodeConfig> = {}, families = VPN_ONLY) {
  const scene = new Scene([
    controlNodeConfig('X', '192.168.0.1', {
      networks: [network(BLUE, 1)],
      instances: [instance(BLUE, [RT1])],
      neighbours: outside.map(({ name, at, asn, config = {} }) => neighbour(name, at, { asn, families, ...config })),
      ...node,
    }),
  ]);
  const speakers = outside.map(({ name, at, asn }) => scene.speaker(name, at, asn, ['X'], families));
  const agent = scene.agent('a', '192.168.1.1', 'X');
  agent.subscribe(BLUE, 1);
  scene.runFor(seconds(1));
  return { scene, speakers, agent, x: scene.node('X') };
}

const IBGP: Outside = { name: 'I', at: '192.168.0.11', asn: 64512 };
const IBGP2: Outside = { name: 'J', at: '192.168.0.12', asn: 64512 };
const EBGP: Outside = { name: 'E', at: '192.168.0.13', asn: 65001 };
const EBGP2: Outside = { name: 'F', at: '192.168.0.14', asn: 65002 };

describe('what BGP peers are told (CN-6.3)', () => {
  it('of an agent route: to iBGP unchanged, to eBGP with our AS, the MED, and the same next hop (CN-V44, CN-6.3.1)', () => {
    const { scene, speakers, agent } = stage([IBGP, EBGP]);
    agent.publish(BLUE, PREFIX, { nextHop: '192.168.1.1', label: 101 });
    scene.runFor(seconds(1));
    const [internal, external] = speakers.map((speaker) => speaker.routes.get(VPN)!);
    expect(internal).toMatchObject({
      label: 101,
      attributes: { localPref: 100, med: 200, asPath: [], originatorId: 0 },
    });
    expect(external).toMatchObject({
      label: 101,
      attributes: { med: 200, asPath: [{ kind: 'sequence', asns: [64512] }], clusterList: [] },
    });
    for (const heard of [internal!, external!]) {
      expect(formatIpv4(heard.attributes.nextHop)).toBe('192.168.1.1');
      expect(heard.attributes.sourceRd).toBe(0);
    }
  });

  it('CN-V36: an iBGP path is not sent to other iBGP peers without a cluster id', () => {
    const { scene, speakers, x } = stage([IBGP, IBGP2, EBGP]);
    speakers[0]!.announce('inet-vpn', vpnNlri(scene.pool, FOREIGN), { targets: [RT1] });
    scene.runFor(seconds(1));
    expect(speakers.map((speaker) => speaker.routes.has(FOREIGN))).toEqual([false, false, true]);
    expect(whySent(x, 'J', 'bgp.l3vpn.0', vpnNlri(scene.pool, FOREIGN))).toBe('iBGP split horizon');
    expect(whySent(x, 'E', 'bgp.l3vpn.0', vpnNlri(scene.pool, FOREIGN))).toBe('sent');
  });

  it('CN-V37, CN-Q3: with a cluster id it is reflected to every other one, originator and cluster list set', () => {
    const third: Outside = { name: 'K', at: '192.168.0.15', asn: 64512 };
    const { scene, speakers, x } = stage([IBGP, IBGP2, third], { clusterId: 9 });
    speakers[0]!.announce('inet-vpn', vpnNlri(scene.pool, FOREIGN), { targets: [RT1] });
    scene.runFor(seconds(1));
    expect(speakers[0]!.routes.has(FOREIGN)).toBe(false);
    expect(whySent(x, 'I', 'bgp.l3vpn.0', vpnNlri(scene.pool, FOREIGN))).toBe('the peer is a sender of the route');
    for (const speaker of speakers.slice(1)) {
      const { attributes } = speaker.routes.get(FOREIGN)!;
      expect([formatIpv4(attributes.originatorId), attributes.clusterList]).toEqual(['192.168.0.11', [9]]);
    }
  });

  it('a second sender of a reflected route has it taken back (CN-6.3/4)', () => {
    const { scene, speakers } = stage([IBGP, IBGP2], { clusterId: 9 });
    speakers[0]!.announce('inet-vpn', vpnNlri(scene.pool, FOREIGN), { targets: [RT1] });
    scene.runFor(seconds(1));
    expect(speakers[1]!.routes.has(FOREIGN)).toBe(true);
    speakers[1]!.announce('inet-vpn', vpnNlri(scene.pool, FOREIGN), { targets: [RT1] });
    scene.runFor(seconds(1));
    expect(speakers[1]!.routes.has(FOREIGN)).toBe(false);
  });

  it('CN-V83, CN-Q18: with a cluster id an own agent route has the agent as originator and the cluster id', () => {
    const { scene, speakers, agent } = stage([IBGP], { clusterId: 9 });
    agent.publish(BLUE, PREFIX, { nextHop: '192.168.1.1' });
    scene.runFor(seconds(1));
    const { attributes } = speakers[0]!.routes.get(VPN)!;
    expect([formatIpv4(attributes.originatorId), attributes.clusterList]).toEqual(['192.168.1.1', [9]]);
  });

  it.each([
    ['CN-V38: community no-advertise goes to agents and to no BGP peer', COMMUNITY.noAdvertise, [false, false]],
    ['CN-V39: community no-export goes to agents and iBGP, not to eBGP', COMMUNITY.noExport, [true, false]],
    ['no-export-subconfed is treated as no-export', COMMUNITY.noExportSubconfed, [true, false]],
  ])('%s', (_title, community, sent) => {
    const { scene, speakers, agent } = stage([IBGP, EBGP]);
    const word = formatCommunity(community);
    agent.publish(BLUE, PREFIX, { nextHop: '192.168.1.1', item: { communities: [word] } });
    scene.runFor(seconds(1));
    expect(speakers.map((speaker) => speaker.routes.has(VPN))).toEqual(sent);
    expect(agent.held(BLUE)).toEqual([PREFIX]);
  });

  it('CN-V43: a path learnt by eBGP loses its MED on the way to another AS, and its first AS is ours', () => {
    const { scene, speakers } = stage([EBGP, EBGP2]);
    speakers[0]!.announce('inet-vpn', vpnNlri(scene.pool, FOREIGN), { targets: [RT1], med: 50 });
    scene.runFor(seconds(1));
    expect(speakers[0]!.routes.size).toBe(0);
    expect(speakers[1]!.routes.get(FOREIGN)!.attributes).toMatchObject({
      med: 0,
      asPath: [{ kind: 'sequence', asns: [64512, 65001] }],
    });
  });

  it('a path through the AS of a peer is not sent to it, unless its AS is overridden (CN-6.3/4, CN-6.3/9)', () => {
    const path = { asPath: [{ kind: 'sequence', asns: [65001, 65002] }] } as const;
    const plain = stage([EBGP, EBGP2]);
    plain.speakers[0]!.announce('inet-vpn', vpnNlri(plain.scene.pool, FOREIGN), { targets: [RT1], ...path });
    plain.scene.runFor(seconds(1));
    expect(plain.speakers[1]!.routes.size).toBe(0);
    expect(whySent(plain.x, 'F', 'bgp.l3vpn.0', vpnNlri(plain.scene.pool, FOREIGN))).toBe(
      "the peer's AS is in AS_PATH",
    );
    const override = stage([EBGP, { ...EBGP2, config: { asOverride: true } }]);
    override.speakers[0]!.announce('inet-vpn', vpnNlri(override.scene.pool, FOREIGN), { targets: [RT1], ...path });
    override.scene.runFor(seconds(1));
    expect(override.speakers[1]!.routes.get(FOREIGN)!.attributes.asPath).toEqual([
      { kind: 'sequence', asns: [64512, 65001, 64512] },
    ]);
  });

  it('tunnel encapsulations configured for a neighbour replace those of the path, and fill those it lacks (CN-6.3/12, CN-7.4.4)', () => {
    const { scene, speakers, agent } = stage([{ ...IBGP, config: { defaultTunnelEncapsulations: ['udp'] } }]);
    agent.publish(BLUE, PREFIX, { nextHop: '192.168.1.1', encapsulations: ['gre', 'vxlan'] });
    const other = vpnNlri(scene.pool, '7.7.7.7:1:10.9.9.9/32');
    speakers[0]!.announce('inet-vpn', other, { targets: [RT1] });
    scene.runFor(seconds(1));
    const { extendedCommunities } = speakers[0]!.routes.get(VPN)!.attributes;
    const udp = scene.pool.octets8.intern(tunnelEncapsulation(TUNNEL_TYPES.udp));
    const tunnels = extendedCommunities.filter((id) => scene.pool.octets8.hi(id) === 0x030c0000);
    expect(tunnels).toEqual([udp]);
    expect(routeOf(scene.node('X'), 'bgp.l3vpn.0', other)!.paths[0]!.communities).toContain('encapsulation:udp');
  });

  it('routes of equal attributes share messages of at most 4096 octets (CN-6.5.4)', () => {
    const { scene, speakers, agent } = stage([IBGP]);
    for (let host = 0; host < 600; host++)
      agent.publish(BLUE, `10.1.${host >> 8}.${host & 255}/32`, { nextHop: '192.168.1.1' });
    scene.runFor(seconds(1));
    expect(speakers[0]!.routes.size).toBe(600);
    const announced = speakers[0]!.messages.flatMap(({ parts }) => parts.filter((part) => part.kind === 'announce'));
    expect(announced.map((part) => part.nlris.length)).toEqual([249, 249, 102]);
  });

  it('a route of other attributes replaces the earlier one without a withdrawal', () => {
    const { scene, speakers, agent } = stage([IBGP]);
    agent.publish(BLUE, PREFIX, { nextHop: '192.168.1.1' });
    scene.runFor(seconds(1));
    agent.publish(BLUE, PREFIX, { nextHop: '192.168.1.1', item: { localPreference: 200 } });
    scene.runFor(seconds(1));
    expect(speakers[0]!.routes.get(VPN)!.attributes).toMatchObject({ localPref: 200, med: 100 });
    expect(speakers[0]!.messages.some(({ parts }) => parts.some((part) => part.kind === 'withdraw'))).toBe(false);
  });
});

describe('AS numbers of four octets (CN-6.3.4)', () => {
  const wide: Outside = { name: 'W', at: '192.168.0.17', asn: 65001 };

  it('become AS_TRANS for a peer that reads two, AS4_PATH beside it when they are enabled here', () => {
    for (const fourOctetAs of [true, false]) {
      const { scene, speakers, agent } = stage([wide], { asn: 70000, fourOctetAs });
      agent.publish(BLUE, PREFIX, { nextHop: '192.168.1.1' });
      scene.runFor(seconds(1));
      expect(speakers[0]!.routes.get(VPN)!.attributes).toMatchObject({
        asPath: [{ kind: 'sequence', asns: [23456] }],
        as4Path: fourOctetAs ? [{ kind: 'sequence', asns: [70000] }] : null,
      });
    }
  });

  it('of the own AS behind AS_TRANS are found in AS4_PATH (CN-5.3/1)', () => {
    const { scene, speakers } = stage([wide], { asn: 70000, fourOctetAs: true });
    const sequence = (...asns: number[]) => [{ kind: 'sequence', asns }] as const;
    speakers[0]!.announce('inet-vpn', vpnNlri(scene.pool, FOREIGN), {
      targets: [RT1],
      asPath: sequence(65001, 23456),
      as4Path: sequence(65001, 70000),
    });
    scene.runFor(seconds(1));
    expect(scene.vpn('X', FOREIGN)!.paths[0]!.flags).toEqual(['AsPathLooped']);
  });
});

describe('routes of the inet family', () => {
  it('go from peer to peer through inet.0, of their extended communities the first origin network alone (CN-6.3.2)', () => {
    const { scene, speakers } = stage([EBGP, EBGP2], {}, ['inet']);
    speakers[0]!.announce('inet', inetNlri(scene.pool, '10.7.0.0/16'), {
      targets: [RT1],
      extended: [originVn(65001, 4), originVn(65001, 9)],
    });
    scene.runFor(seconds(1));
    expect(scene.prefixes('X', 'inet.0')).toEqual(['10.7.0.0/16']);
    const { extendedCommunities, asPath } = speakers[1]!.routes.get('10.7.0.0/16')!.attributes;
    expect(asPath).toEqual([{ kind: 'sequence', asns: [64512, 65001] }]);
    expect(extendedCommunities.map((id) => formatExtendedCommunity(scene.pool.octets8.value(id)))).toEqual([
      'originvn:65001:4',
    ]);
    speakers[0]!.withdraw('inet', inetNlri(scene.pool, '10.7.0.0/16'));
    scene.runFor(seconds(1));
    expect(speakers[1]!.routes.size).toBe(0);
  });
});

describe('what is made of a received path (CN-5.3)', () => {
  const own = { asPath: [{ kind: 'sequence', asns: [65001, 64512] }] } as const;

  it('CN-V6: with our AS in AS_PATH it is kept, infeasible and not used', () => {
    const { scene, speakers, agent } = stage([EBGP, EBGP2]);
    speakers[0]!.announce('inet-vpn', vpnNlri(scene.pool, FOREIGN), { targets: [RT1], ...own });
    scene.runFor(seconds(1));
    expect(scene.vpn('X', FOREIGN)!.paths).toMatchObject([{ feasible: false, flags: ['AsPathLooped'] }]);
    expect([agent.held(BLUE), speakers[1]!.routes.size]).toEqual([[], 0]);
  });

  it('CN-V7: with a loop count of 1 and our AS once it is feasible', () => {
    const { scene, speakers, agent } = stage([{ ...EBGP, config: { loopCount: 1 } }]);
    speakers[0]!.announce('inet-vpn', vpnNlri(scene.pool, FOREIGN), { targets: [RT1], ...own });
    scene.runFor(seconds(1));
    expect(agent.held(BLUE)).toEqual([PREFIX]);
  });

  it('CN-V8: whose leftmost AS is not the peer is infeasible', () => {
    const { scene, speakers } = stage([EBGP]);
    speakers[0]!.announce('inet-vpn', vpnNlri(scene.pool, FOREIGN), {
      targets: [RT1],
      asPath: [{ kind: 'set', asns: [65009, 65001] }],
    });
    scene.runFor(seconds(1));
    expect(scene.vpn('X', FOREIGN)!.paths).toMatchObject([{ flags: ['NoNeighborAs'] }]);
  });

  it('from iBGP with our id as originator, or our cluster id in the list, is infeasible (CN-5.3/5, CN-5.3/10)', () => {
    const { scene, speakers, x } = stage([IBGP], { clusterId: 9 });
    speakers[0]!.announce('inet-vpn', vpnNlri(scene.pool, FOREIGN), {
      targets: [RT1],
      originatorId: x.config.address,
      clusterList: [4, 9],
    });
    scene.runFor(seconds(1));
    expect(scene.vpn('X', FOREIGN)!.paths).toMatchObject([{ flags: ['OriginatorIdLooped', 'ClusterListLooped'] }]);
  });

  it('by a gateway, with ORIGIN IGP, beats an agent route of equal preference, which then leaves the VPN table (CN-5.1.1, CN-Q8)', () => {
    const { scene, speakers, agent } = stage([IBGP]);
    agent.publish(BLUE, PREFIX, { nextHop: '192.168.1.1' });
    scene.runFor(seconds(1));
    expect(scene.vpn('X', VPN)).not.toBeNull();
    speakers[0]!.announce('inet-vpn', vpnNlri(scene.pool, FOREIGN), { targets: [RT1] });
    scene.runFor(seconds(1));
    expect(scene.inet('X', BLUE, PREFIX)!.paths.map(({ peer, decidedBy }) => [peer, decidedBy])).toEqual([
      ['I', 'lower ORIGIN'],
      ['a', 'lower ORIGIN'],
    ]);
    expect(scene.vpn('X', VPN)).toBeNull();
    expect(agent.nextHops(BLUE, PREFIX)).toEqual(['192.168.0.11']);
  });

  it('CN-V3: a path from an agent beats the same one by iBGP, and agents are told one next hop', () => {
    const { scene, speakers, agent } = stage([IBGP]);
    agent.publish(BLUE, PREFIX, { nextHop: '192.168.1.1', label: 101 });
    scene.runFor(seconds(1));
    const heard = speakers[0]!.routes.get(VPN)!;
    speakers[0]!.announce('inet-vpn', vpnNlri(scene.pool, VPN), { ...heard.attributes, extended: [], label: 101 });
    scene.runFor(seconds(1));
    expect(scene.vpn('X', VPN)!.paths.map(({ peer, ecmp, decidedBy }) => [peer, ecmp, decidedBy])).toEqual([
      ['a', true, 'XMPP over BGP'],
      ['I', true, 'XMPP over BGP'],
    ]);
    expect(scene.inet('X', BLUE, PREFIX)!.paths).toHaveLength(2);
    expect(agent.nextHops(BLUE, PREFIX)).toEqual(['192.168.1.1']);
  });
});

describe('preference across the cluster border (CN-3.3)', () => {
  function federated(item: { localPreference: number; med?: number }, type: NeighbourConfig['type'] = 'control-node') {
    const shared = { networks: [network(BLUE, 1)], instances: [instance(BLUE, [RT1])] };
    const configs = peered(
      controlNodeConfig('X', '192.168.0.1', shared),
      controlNodeConfig('Y', '192.168.0.2', { ...shared, asn: 64513 }),
      { type },
    );
    const scene = new Scene(configs);
    const agent = scene.agent('a', '192.168.1.1', 'X');
    scene.agent('b', '192.168.2.1', 'Y').subscribe(BLUE, 1);
    agent.subscribe(BLUE, 1);
    agent.publish(BLUE, PREFIX, { nextHop: '192.168.1.1', item });
    scene.settle();
    const { localPref, med, asPath } = scene.vpn('Y', VPN)!.paths[0]!;
    return { localPref, med, asPath };
  }

  it('CN-V40: local preference 100 is MED 200 on the wire and 100 again at a control node', () => {
    expect(federated({ localPreference: 100 })).toEqual({ localPref: 100, med: 200, asPath: '64512' });
  });

  it('CN-V41: local preference 400 is MED 4294966895 and 400 again', () => {
    expect(federated({ localPreference: 400 })).toMatchObject({ localPref: 400, med: 4294966895 });
  });

  it('CN-V42: local preference 0 with MED 500 is 100 here, and 4294966795 at a control node there', () => {
    expect(federated({ localPreference: 0, med: 500 })).toMatchObject({ localPref: 4294966795, med: 500 });
  });

  it('a neighbour of type router always has 100 (CN-10.3.1)', () => {
    expect(federated({ localPreference: 400 }, 'router')).toMatchObject({ localPref: 100, med: 4294966895 });
  });
});

describe('route target constraint (CN-4.5, CN-4.6)', () => {
  const RTC: readonly FamilyName[] = ['route-target', 'inet-vpn'];

  function constrained(outside: readonly Outside[]) {
    const scene = stage(outside, {}, RTC);
    scene.agent.publish(BLUE, PREFIX, { nextHop: '192.168.1.1' });
    for (const speaker of scene.speakers) speaker.endOfRib('route-target');
    scene.scene.runFor(seconds(1));
    return scene;
  }

  it('CN-V31: a VPN route goes to a peer when it asks for a target of it, and is withdrawn when it does no longer', () => {
    const { scene, speakers, x } = constrained([IBGP]);
    const [speaker] = speakers;
    expect(speaker!.routes.has(VPN)).toBe(false);
    expect(whySent(x, 'I', 'bgp.l3vpn.0', vpnNlri(scene.pool, VPN))).toBe('route target filter');
    speaker!.announce('route-target', targetNlri(scene.pool, 64512, RT1));
    scene.runFor(seconds(1));
    expect(speaker!.routes.has(VPN)).toBe(true);
    expect(rtGroupsOf(x).find(({ target }) => target === RT1)).toMatchObject({
      imports: [`${BLUE}.inet.0`],
      interestedPeers: ['I'],
      dependentRoutes: 1,
    });
    speaker!.withdraw('route-target', targetNlri(scene.pool, 64512, RT1));
    scene.runFor(seconds(1));
    expect(speaker!.routes.has(VPN)).toBe(false);
  });

  it('CN-V32: a peer without the family gets every VPN route', () => {
    const { scene, speakers, agent } = stage([IBGP]);
    agent.publish(BLUE, PREFIX, { nextHop: '192.168.1.1' });
    scene.runFor(seconds(1));
    expect(speakers[0]!.routes.has(VPN)).toBe(true);
  });

  it('CN-V33: a peer that sends the default route gets every VPN route', () => {
    const { scene, speakers } = constrained([IBGP, IBGP2]);
    speakers[0]!.announce('route-target', scene.pool.nlris.routeTarget(0, 0));
    scene.runFor(seconds(1));
    expect(speakers.map((speaker) => speaker.routes.has(VPN))).toEqual([true, false]);
    speakers[0]!.withdraw('route-target', scene.pool.nlris.routeTarget(0, 0));
    scene.runFor(seconds(1));
    expect(speakers[0]!.routes.has(VPN)).toBe(false);
  });

  it('CN-V34: of several eBGP peers those of the AS of the best path count', () => {
    const twin: Outside = { name: 'G', at: '192.168.0.16', asn: 65001 };
    const { scene, speakers } = constrained([EBGP, twin, EBGP2]);
    for (const speaker of speakers) speaker.announce('route-target', targetNlri(scene.pool, 65000, RT1));
    scene.runFor(seconds(1));
    expect(speakers.map((speaker) => speaker.routes.has(VPN))).toEqual([true, true, false]);
  });

  it('CN-V35: an eBGP and an iBGP peer that ask for the same are both told', () => {
    const { scene, speakers } = constrained([EBGP, IBGP]);
    for (const speaker of speakers) speaker.announce('route-target', targetNlri(scene.pool, 65000, RT1));
    scene.runFor(seconds(1));
    expect(speakers.map((speaker) => speaker.routes.has(VPN))).toEqual([true, true]);
  });

  it('asks for the import targets of instances with an agent, for its own, and for nothing else (CN-14.4.p1, CN-4.6.1)', () => {
    const { scene, speakers, agent } = stage(
      [IBGP],
      { asn: 64512, instances: [instance(BLUE, [RT1]), instance('d:p:red:red', ['target:64512:2'])] },
      RTC,
    );
    scene.runFor(seconds(1));
    const asked = () => [...speakers[0]!.routes.keys()].sort();
    expect(asked()).toEqual([
      '64512:target:192.168.0.1:0',
      '64512:target:192.168.0.1:1',
      '64512:target:64512:1',
      '64512:target:64512:7999999',
    ]);
    agent.unsubscribe(BLUE);
    scene.runFor(seconds(1));
    expect(asked()).toEqual(['64512:target:192.168.0.1:0']);
  });

  it('writes the local AS into what it asks for (CN-1.2/2)', () => {
    const { scene } = stage([], { localAsn: 64497, asn: 64496 });
    expect(scene.prefixes('X', 'bgp.rtarget.0')).toContain('64497:target:64496:7999999');
  });

  it('tells VPN routes after the End-of-RIB of route-target, or after 30 s (CN-4.6.6)', () => {
    const { scene, speakers, agent } = stage([IBGP, IBGP2], {}, RTC);
    agent.publish(BLUE, PREFIX, { nextHop: '192.168.1.1' });
    for (const speaker of speakers) speaker.announce('route-target', scene.pool.nlris.routeTarget(0, 0));
    scene.runFor(seconds(1));
    expect(speakers.map((speaker) => speaker.routes.has(VPN))).toEqual([false, false]);
    speakers[0]!.endOfRib('route-target');
    scene.runFor(seconds(1));
    expect(speakers.map((speaker) => speaker.routes.has(VPN))).toEqual([true, false]);
    scene.runFor(seconds(30));
    expect(speakers.map((speaker) => speaker.routes.has(VPN))).toEqual([true, true]);
  });

  it('sends End-of-RIB of route-target when interest has been quiet for 6 s, of others after the starting period (CN-7.5.p1)', () => {
    const { scene, speakers } = stage([IBGP], {}, RTC);
    speakers[0]!.endOfRib('route-target');
    const markers = () =>
      speakers[0]!.messages.flatMap(({ parts }) =>
        parts.filter((part) => part.kind === 'end-of-rib').map((p) => p.family),
      );
    scene.runFor(seconds(4));
    expect(markers()).toEqual([]);
    scene.runFor(seconds(4));
    expect(markers()).toEqual([2]);
    scene.runFor(seconds(60));
    expect(markers()).toEqual([2, 1]);
  });
});
