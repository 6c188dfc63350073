/** A second opinion on our octets: tshark reads captures of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { virtualUs } from '../../src/base/time.ts';
import { BgpCodec } from '../../src/bgp/codec.ts';
import { updateForm } from '../../src/bgp/form.ts';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import { PcapngWriter } from '../../src/report/pcapng.ts';
import { tunnelEncapsulation } from '../../src/route/extended-community.ts';
import { FAMILY } from '../../src/route/family.ts';
import { RoutePool } from '../../src/route/pool.ts';
import * as arbitrary from '../bgp/arbitrary.ts';
import { gatewayConfig, Stage, say, speakerConfig } from '../gateway/stage.ts';
import { hasTshark, tsharkFields } from '../support/tshark.ts';
import { address } from '../support/values.ts';

class Capture {
  readonly pieces: Uint8Array[] = [];
  readonly writer = new PcapngWriter(formatIpv4, (octets) => this.pieces.push(octets));

  get octets(): Uint8Array {
    return Buffer.concat(this.pieces);
  }
}

/** Nothing malformed, every checksum good, nothing lost in between. */
function expectClean(capture: Uint8Array, packets: number): void {
  expect(tsharkFields(capture, 'frame', ['frame.number'])).toHaveLength(packets);
  const bad =
    '_ws.malformed || _ws.short || (tcp.flags.ack == 1 && tcp.ack_raw < 1000001) || tcp.analysis.lost_segment || ip.checksum.status != "Good" || tcp.checksum.status != "Good"';
  expect(tsharkFields(capture, bad, ['frame.number', '_ws.col.Info'])).toEqual([]);
}

describe.skipIf(!hasTshark)('tshark', () => {
  it('reads what a gateway and two clusters say to each other, message for message', () => {
    const stage = new Stage();
    const capture = new Capture();
    stage.sim.setSink(capture.writer);
    const peers = [
      { name: 'ctl-a', address: address('10.0.0.1'), asn: 64512 },
      { name: 'ctl-b', address: address('10.0.0.2'), asn: 64513 },
    ];
    stage.gateway(gatewayConfig({ peers, transit: true }));
    const a = stage.speaker(speakerConfig('ctl-a', '10.0.0.1', 64512));
    const b = stage.speaker(speakerConfig('ctl-b', '10.0.0.2', 64513));
    stage.run(5);
    for (const node of [a, b]) node.announce(say([`${node.config.asn}:target:64512:10001`]));
    a.announce(
      say(['192.168.1.1:3:10.0.100.3/32', '192.168.1.1:3:10.0.0.0/8'], {
        routeTargets: ['target:64512:10001'],
        extendedCommunities: [
          'encapsulation:gre',
          'encapsulation:udp',
          'secgroup:64512:8000002',
          'originvn:64512:5',
          'mobility:non-sticky:7',
        ],
        communities: ['64512:100'],
        nextHop: address('192.168.1.1'),
        label: 17,
        med: 200,
      }),
    );
    stage.run(1);
    a.withdraw('inet-vpn', ['192.168.1.1:3:10.0.0.0/8']);
    a.endOfRib('inet-vpn');
    stage.run(100);
    stage.sim.stop(stage.sim.nodeNamed('ctl-a'));
    stage.run(1);

    expectClean(capture.octets, capture.writer.packetCount);
    const count = (type: number) =>
      tsharkFields(capture.octets, `bgp.type == ${type}`, ['bgp.type'])
        .flatMap(([types]) => types!.split(','))
        .filter((t) => t === `${type}`).length;
    const rows = new Map<string, number>();
    for (let row = 0; row < stage.sim.recording.messages.length; row++) {
      const { kind } = stage.sim.recording.messageRow(row);
      rows.set(kind, (rows.get(kind) ?? 0) + 1);
    }
    const said = ['bgp.open', 'bgp.update', 'bgp.keepalive'].map((kind) => rows.get(kind) ?? 0);
    expect([1, 2, 4].map(count)).toEqual(said);
    for (const number of said) expect(number).toBeGreaterThan(0);
    // The losers of a collision are told so on connections that nobody listens to any more, which leaves no row.
    expect(count(3)).toBeGreaterThan(rows.get('bgp.notification') ?? 0);

    const filter = 'ip.src == 10.0.0.1 && bgp.update.path_attribute.multi_exit_disc == 200';
    const fields = [
      'bgp.mp_reach_nlri_ipv4_prefix',
      'bgp.update.path_attribute.as_path_segment.as4',
      'bgp.update.path_attribute.mp_reach_nlri.next_hop.ipv4',
      'frame.comment',
    ];
    const [found] = tsharkFields(capture.octets, filter, fields);
    expect(found).toEqual(['10.0.100.3,10.0.0.0', '64512', '192.168.1.1', '10.0.0.1 to 172.16.0.1']);
  });

  it('finds nothing malformed in random UPDATEs of every family, nor in full messages', () => {
    const pool = new RoutePool();
    const codec = new BgpCodec(pool);
    const capture = new Capture();
    const ends = [
      { address: address('10.0.0.1'), port: 179 },
      { address: address('10.0.0.2'), port: 50_000 },
    ] as const;
    capture.writer.opened(virtualUs(0), 1, ends[1], ends[0]);
    let sent = 0;
    const send = (octets: Uint8Array): void => {
      capture.writer.octets(virtualUs(1_000 + sent), 1, ends[0], ends[1], octets, sent);
      sent += octets.length;
    };
    // Left out is what tshark 4.0 takes for a fault: random octets as communities, VNIs, which it reads as labels without
    // an end (CN-3.4.p4), and 0.0.0.0/0 at the end of an MP attribute.
    const set = arbitrary.attributes(pool).map((one) => ({
      ...one,
      extendedCommunities: one.extendedCommunities.map((_, i) => pool.octets8.intern(tunnelEncapsulation(9 + (i % 8)))),
      originVnPath: [],
      as4Path: null,
    }));
    const update = fc.tuple(fc.boolean(), set, arbitrary.routes(pool));
    let messages = 0;
    for (const [internal, attributes, { family, nlris, labels }] of fc.sample(update, {
      numRuns: 150,
      seed: 20161109,
    })) {
      if (family === FAMILY.inet && nlris.some((nlri) => pool.nlris.length(nlri) === 0)) continue;
      const form = updateForm(true, internal);
      send(codec.announce(form, family, pool.attributes.intern(attributes), nlris, labels).octets);
      send(codec.withdraw(form, family, nlris).octets);
      send(codec.endOfRib(form, family).octets);
      messages += 3;
    }
    const nlris = Int32Array.from({ length: Math.floor(codec.withdrawRoom() / 16) }, (_, i) =>
      pool.nlris.inetVpn(1, i, 32),
    );
    send(codec.withdraw(updateForm(true, true), FAMILY['inet-vpn'], nlris).octets);
    for (const open of fc.sample(arbitrary.open, { numRuns: 20, seed: 1 })) {
      const known = open.capabilities.filter(({ kind }) => kind === 'multiprotocol' || kind === 'four-octet-as');
      send(codec.encode({ ...open, capabilities: known }).octets);
    }
    capture.writer.ended(virtualUs(2_000_000), 1, ends[0], ends[1], sent, false);
    expectClean(capture.octets, capture.writer.packetCount);
    const types = tsharkFields(capture.octets, 'bgp', ['bgp.type']).flatMap(([list]) => list!.split(','));
    expect(types.filter((type) => type === '2')).toHaveLength(messages + 1);
    expect(types.filter((type) => type === '1')).toHaveLength(20);
  });

  it('notices a fault that is planted: a length that is wrong, a checksum that is', () => {
    const capture = new Capture();
    const pool = new RoutePool();
    const octets = new BgpCodec(pool)
      .withdraw(updateForm(true, true), FAMILY.inet, Int32Array.of(pool.nlris.inet(0, 8)))
      .octets.slice();
    octets[26] = 9; // MP_UNREACH_NLRI says more octets than there are
    const ends = [
      { address: address('10.0.0.1'), port: 179 },
      { address: address('10.0.0.2'), port: 50_000 },
    ] as const;
    capture.writer.octets(virtualUs(0), 1, ends[0], ends[1], octets, 0);
    expect(tsharkFields(capture.octets, '_ws.malformed', ['frame.number'])).toEqual([['1']]);
    const bent = capture.octets.slice();
    bent[bent.length - 60]! ^= 1;
    expect(tsharkFields(bent, 'tcp.checksum.status == "Bad"', ['frame.number'])).toEqual([['1']]);
  });
});
