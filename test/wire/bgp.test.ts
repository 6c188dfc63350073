/**
 * Octets read by hand from the RFCs: each line is a field as its section draws it. The codec must read them as what they
 * mean and, where Contrail writes the same message, write them like that.
 */
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { BgpCodec } from '../../src/bgp/codec.ts';
import { updateForm } from '../../src/bgp/form.ts';
import type { UpdateMessage, UpdatePart } from '../../src/bgp/message.ts';
import { CEASE, ERROR, notification } from '../../src/bgp/notification.ts';
import { ipv4, parseIpv4 } from '../../src/net/ipv4.ts';
import { parseRouteTarget } from '../../src/net/route-target.ts';
import { NO_ATTRIBUTES, type PathAttributes } from '../../src/route/attributes.ts';
import { ORIGIN_IGP } from '../../src/route/common-attributes.ts';
import { originVn, securityGroup, tunnelEncapsulation } from '../../src/route/extended-community.ts';
import { FAMILY } from '../../src/route/family.ts';
import { RoutePool } from '../../src/route/pool.ts';

const MARKER = 'ff'.repeat(16);

/**
 * Fields of a message with comments taken off. `<2 ... >` stands for a length of two octets and what it counts, `<1 ... >`
 * for a length of one.
 */
function fields(body: string): Uint8Array {
  let text = body.replace(/#.*$/gm, '');
  for (let found = INNERMOST.exec(text); found !== null; found = INNERMOST.exec(text)) {
    const digits = found[2]!.replace(/\s/g, '');
    const length = (digits.length / 2).toString(16).padStart(2 * Number(found[1]), '0');
    text = text.slice(0, found.index) + length + digits + text.slice(found.index + found[0].length);
  }
  return fromHex(text)!;
}

const INNERMOST = /<([12])([^<>]*)>/;

function message(type: number, body: string): Uint8Array {
  const octets = fields(body);
  const length = 19 + octets.length;
  return fromHex(MARKER + length.toString(16).padStart(4, '0') + type.toString(16).padStart(2, '0') + toHex(octets))!;
}

const OPEN = 1;
const UPDATE = 2;
const NOTIFICATION = 3;

function world() {
  const pool = new RoutePool();
  return { pool, codec: new BgpCodec(pool) };
}

function readUpdate(body: string, fourOctetAs = true) {
  const { pool, codec } = world();
  const decoded = codec.decode(message(UPDATE, body), fourOctetAs);
  expect(decoded.kind).toBe('update');
  const update = decoded as UpdateMessage; // asserted one line above
  const told = update.parts.map((part: UpdatePart) =>
    part.kind === 'end-of-rib'
      ? 'end-of-rib'
      : `${part.kind} ${[...part.nlris].map((id, i) => pool.nlris.format(id) + (part.kind === 'announce' ? `=${part.labels[i]}` : '')).join(' ')}`,
  );
  const announced = update.parts.find((part) => part.kind === 'announce');
  const set = announced === undefined ? null : pool.attributes.get(announced.attributes);
  return { pool, codec, update, told, set };
}

describe('KEEPALIVE and NOTIFICATION (RFC 4271 section 4.4 and 4.5)', () => {
  it('a KEEPALIVE is the header alone', () => {
    const { codec } = world();
    const octets = message(4, '');
    expect(toHex(octets)).toBe(`${MARKER}001304`);
    expect(codec.decode(octets, true)).toEqual({ kind: 'keepalive' });
    expect(toHex(codec.encode({ kind: 'keepalive' }).octets)).toBe(toHex(octets));
  });

  it('a Cease says why in its subcode, and with data in so many octets', () => {
    const { codec } = world();
    expect(toHex(codec.encode(notification(ERROR.cease, CEASE.administrativeShutdown)).octets)).toBe(
      `${MARKER}0015030602`,
    );
    const missing = message(NOTIFICATION, '03 03 05 # UPDATE error, missing well-known attribute, LOCAL_PREF');
    expect(codec.decode(missing, true)).toEqual(notification(3, 3, Uint8Array.of(5)));
  });
});

describe('OPEN (RFC 4271 section 4.2, RFC 5492, RFC 4760 section 8, RFC 6793 section 3, RFC 4724 section 3)', () => {
  const body = `
    04              # version
    fc00            # AS 64512
    005a            # hold time 90 s
    0a000001        # identifier 10.0.0.1
    18              # 24 octets of optional parameters
    02 16           # one parameter: capabilities, 22 octets
    01 04 0001 00 80     # multiprotocol: AFI 1, reserved, SAFI 128
    01 04 0001 00 84     # AFI 1, SAFI 132
    41 04 0000fc00       # 4-octet AS 64512
    40 02 0000           # graceful restart: no flags, time 0, no families (CN-7.6.1)
    `;

  it('is read and written like that', () => {
    const { codec } = world();
    const octets = message(OPEN, body);
    const open = codec.decode(octets, true);
    expect(open).toEqual({
      kind: 'open',
      version: 4,
      asn: 64512,
      holdTimeSeconds: 90,
      identifier: parseIpv4('10.0.0.1'),
      capabilities: [
        { kind: 'multiprotocol', afi: 1, safi: 128 },
        { kind: 'multiprotocol', afi: 1, safi: 132 },
        { kind: 'four-octet-as', asn: 64512 },
        { kind: 'graceful-restart', restarting: false, notifications: false, restartTimeSeconds: 0, families: [] },
      ],
    });
    if (open.kind === 'open') expect(toHex(codec.encode(open).octets)).toBe(toHex(octets));
  });

  it('reads a capability to a parameter, as other speakers write it, and keeps what it does not know', () => {
    const { codec } = world();
    const good = message(
      OPEN,
      `04 fde8 00b4 c0000201 <1
         02 06 01 04 0001 00 01
         02 02 02 00                              # route refresh
         02 0c 40 0a c078 0001 80 80 0001 84 00   # graceful restart: R and N bit, 120 s, two families
         02 09 47 07 0001 80 80 000e10            # long-lived: 3600 s
       >`,
    );
    expect(codec.decode(good, true)).toMatchObject({
      kind: 'open',
      capabilities: [
        { kind: 'multiprotocol', afi: 1, safi: 1 },
        { kind: 'unknown', code: 2, value: new Uint8Array(0) },
        {
          kind: 'graceful-restart',
          restarting: true,
          notifications: true,
          restartTimeSeconds: 120,
          families: [
            { afi: 1, safi: 128, forwarding: true },
            { afi: 1, safi: 132, forwarding: false },
          ],
        },
        {
          kind: 'long-lived-graceful-restart',
          families: [{ afi: 1, safi: 128, forwarding: true, staleTimeSeconds: 3600 }],
        },
      ],
    });
  });

  it.each([
    ['version 3', '03 fc00 005a 0a000001 00', 2, 1, '04'],
    ['a hold time of 2 s (CN-V80)', '04 fc00 0002 0a000001 00', 2, 6, ''],
    ['a hold time of 1 s', '04 fc00 0001 0a000001 00', 2, 6, ''],
    ['the authentication parameter', '04 fc00 005a 0a000001 03 01 01 00', 2, 4, ''],
    ['parameters longer than the message', '04 fc00 005a 0a000001 05 02 00', 2, 0, ''],
  ])('with %s is refused (CN-7.3.4)', (_what, octets, code, subcode, data) => {
    const decoded = world().codec.decode(message(OPEN, octets), true);
    expect(decoded).toMatchObject({ kind: 'malformed', notification: notification(code, subcode, fromHex(data)!) });
  });
});

describe('UPDATE with the classic fields (RFC 4271 section 4.3)', () => {
  it('withdraws and announces IPv4 prefixes of any length', () => {
    const { told, set } = readUpdate(`
      0004            # withdrawn routes: 4 octets
      18 c00002       # 192.0.2.0/24
      0014            # attributes: 20 octets
      40 01 01 00             # ORIGIN IGP
      40 02 06 0201 0000fde8  # AS_PATH: a sequence of one, 65000
      40 03 04 0a000009       # NEXT_HOP 10.0.0.9
      00              # 0.0.0.0/0
      08 0a           # 10.0.0.0/8
      1f c6336400     # 198.51.100.0/31
      20 cb007107     # 203.0.113.7/32
      `);
    expect(told).toEqual([
      'withdraw 192.0.2.0/24',
      'announce 0.0.0.0/0=0 10.0.0.0/8=0 198.51.100.0/31=0 203.0.113.7/32=0',
    ]);
    expect(set).toEqual({
      ...NO_ATTRIBUTES,
      origin: ORIGIN_IGP,
      asPath: [{ kind: 'sequence', asns: [65000] }],
      nextHop: parseIpv4('10.0.0.9'),
    });
  });

  it('without anything is no End-of-RIB for Contrail but nothing at all (CN-7.4.2)', () => {
    expect(readUpdate('0000 0000').told).toEqual([]);
  });

  it('reads 2-octet AS numbers where 4-octet ones were not agreed on (RFC 6793)', () => {
    const { set } = readUpdate(
      `0000 <2
       40 01 01 02
       40 02 06 0202 5ba0 fde8                # AS_TRANS, 65000
       40 03 04 0a000009
       c0 11 0a 0202 00011170 0000fde8        # AS4_PATH: 70000, 65000
       c0 07 06 fde8 0a000001                 # AGGREGATOR
       > 08 0a`,
      false,
    );
    expect(set).toMatchObject({
      asPath: [{ kind: 'sequence', asns: [23456, 65000] }],
      as4Path: [{ kind: 'sequence', asns: [70_000, 65_000] }],
      aggregator: { as: 65_000, address: parseIpv4('10.0.0.1') },
    });
  });
});

describe('UPDATE of VPN-IPv4 (RFC 4364 section 4.3.4, RFC 4760 section 3, RFC 8277 section 2.2)', () => {
  /** What an iBGP control node sends for the route of CN-14.2. */
  const toMate = `
    0000            # no withdrawn routes
    0065            # attributes: 101 octets
    40 01 01 02             # ORIGIN INCOMPLETE (CN-3.2/11)
    80 04 04 000000c8       # MULTI_EXIT_DISC 200
    40 05 04 00000064       # LOCAL_PREF 100
    40 02 00                # AS_PATH, empty
    c0 10 28                # EXTENDED_COMMUNITIES, five
       0002 fc00 00002710      # target:64512:10000
       0002 fc00 007a1201      # target:64512:8000001
       030c 00000000 0002      # encapsulation gre
       030c 00000000 000d      # encapsulation udp
       8071 fc00 00000005      # originvn:64512:5
    90 0e 0021              # MP_REACH_NLRI, 33 octets
       0001 80              # AFI 1, SAFI 128
       0c 0000000000000000 c0a80101   # next hop: 12 octets, RD zero, 192.168.1.1
       00                   # reserved
       78                   # 120 bits: 24 label, 64 RD, 32 prefix
       000111               # label 17, bottom of stack
       0001 c0a80101 0003   # RD 192.168.1.1:3
       0a006403             # 10.0.100.3
    `;

  const attributes = (pool: RoutePool): PathAttributes => ({
    ...NO_ATTRIBUTES,
    asPath: [],
    nextHop: parseIpv4('192.168.1.1')!,
    med: 200,
    localPref: 100,
    extendedCommunities: [
      parseRouteTarget('target:64512:8000001')!,
      parseRouteTarget('target:64512:10000')!,
      tunnelEncapsulation(2),
      tunnelEncapsulation(13),
      originVn(64512, 5),
    ].map((value) => pool.octets8.intern(value)),
  });

  it('says next hop, label, targets and preference of an agent route to an iBGP control node (CN-14.2.p1, CN-6.5.1)', () => {
    const { told, set, pool } = readUpdate(toMate);
    expect(told).toEqual(['announce 192.168.1.1:3:10.0.100.3/32=17']);
    expect(set).toEqual(pool.attributes.get(pool.attributes.intern(attributes(pool))));
  });

  it('is written exactly like that, and to an eBGP control node with AS_PATH 64512 and no LOCAL_PREF (CN-14.2.p2)', () => {
    const { pool, codec } = world();
    const nlri = pool.nlris.inetVpn(pool.octets8.internHalves(0x0001c0a8, 0x01010003), parseIpv4('10.0.100.3')!, 32);
    const set = pool.attributes.intern({ ...attributes(pool), sourceRd: 1, subProtocol: 'interface' });
    const mate = codec.announce(
      updateForm(true, true),
      FAMILY['inet-vpn'],
      set,
      Int32Array.of(nlri),
      Int32Array.of(17),
    );
    expect(toHex(mate.octets)).toBe(toHex(message(UPDATE, toMate)));

    const crossed = pool.attributes.intern({
      ...pool.attributes.get(set),
      asPath: [{ kind: 'sequence', asns: [64512] }],
    });
    const abroad = codec.announce(
      updateForm(true, false),
      FAMILY['inet-vpn'],
      crossed,
      Int32Array.of(nlri),
      Int32Array.of(17),
    );
    const expected = toMate
      .replace('0065', '0064')
      .replace(/40 05 04 00000064.*\n/, '')
      .replace('40 02 00 ', '40 02 06 0201 0000fc00');
    expect(toHex(abroad.octets)).toBe(toHex(message(UPDATE, expected)));
  });

  it('tells of a label as a VNI where the path says VXLAN (CN-3.4.p4)', () => {
    const { told } = readUpdate(`
      0000 <2
      40 01 01 02
      40 02 00
      c0 10 08 030c 00000000 0008
      80 0e <1 0001 80 0c 0000000000000000 c0a80101 00
         78 000111 0001 c0a80101 0003 0a006403 > >`);
    expect(told).toEqual(['announce 192.168.1.1:3:10.0.100.3/32=273']);
  });

  it('withdraws with a label that nobody reads (RFC 8277 section 2.4) and no other attribute (CN-6.5.4)', () => {
    const body = `
      0000 0016
      90 0f 0012 0001 80
         70 800000 0001 c0a80101 0003 0a0064   # 10.0.100.0/24`;
    const { told, codec, pool, update } = readUpdate(body);
    expect(told).toEqual(['withdraw 192.168.1.1:3:10.0.100.0/24']);
    const part = update.parts[0]!;
    if (part.kind !== 'withdraw') throw new Error('the part above is a withdrawal');
    const again = codec.withdraw(updateForm(true, true), FAMILY['inet-vpn'], part.nlris);
    expect(toHex(again.octets)).toBe(toHex(message(UPDATE, body)));
    expect(pool.nlris.size).toBe(1);
  });

  it('passes over an NLRI that is malformed inside and reads its neighbours (CN-7.4/9)', () => {
    const { told } = readUpdate(`
      0000 <2
      90 0f <2 0001 80
         78 800000 0001 c0a80101 0003 0a006403
         50 800000 0001 c0a80101 00      # 80 bits: no whole RD
         78 800000 0001 c0a80101 0003 0a006404 > >`);
    expect(told).toEqual(['withdraw 192.168.1.1:3:10.0.100.3/32 192.168.1.1:3:10.0.100.4/32']);
  });
});

describe('route target membership (RFC 4684 section 4, CN-4.6.5)', () => {
  it('is origin AS and target in 96 bits, or nothing at all for every target', () => {
    const body = `
      0000 <2
      40 01 01 00
      40 05 04 00000064
      40 02 00
      90 0e <2 0001 84
         04 0a000001 00                    # next hop: the control node
         60 0000fc00 0002 fc00 007a1201    # 64512:target:64512:8000001
         00                                # the default
      > >`;
    const { told, codec, update } = readUpdate(body);
    expect(told).toEqual(['announce 64512:target:64512:8000001=0 0:0=0']);
    const part = update.parts[0]!;
    if (part.kind !== 'announce') throw new Error('the part above is an announcement');
    const again = codec.announce(
      updateForm(true, true),
      FAMILY['route-target'],
      part.attributes,
      part.nlris,
      part.labels,
    );
    expect(toHex(again.octets)).toBe(toHex(message(UPDATE, body)));
  });

  it('passes over a prefix of a target (CN-4.6.5)', () => {
    expect(readUpdate('0000 <2 90 0f <2 0001 84 20 0000fc00 40 0000fc00 0002fc00 > >').told).toEqual([]);
  });
});

describe('End-of-RIB (RFC 4724 section 2, CN-7.4.2)', () => {
  it.each([
    [FAMILY.inet, '0001 01'],
    [FAMILY['inet-vpn'], '0001 80'],
    [FAMILY['route-target'], '0001 84'],
  ])('of family %i is MP_UNREACH_NLRI without a prefix', (family, octets) => {
    const body = `0000 0007 90 0f 0003 ${octets}`;
    const { update, codec } = readUpdate(body);
    expect(update.parts).toEqual([{ kind: 'end-of-rib', family }]);
    expect(toHex(codec.endOfRib(updateForm(true, true), family).octets)).toBe(toHex(message(UPDATE, body)));
  });
});

describe('IPv4 unicast', () => {
  it('is written in MP_REACH_NLRI with NEXT_HOP beside it, and withdrawn in MP_UNREACH_NLRI (CN-6.5.1, CN-6.5.2)', () => {
    const { pool, codec } = world();
    const set = pool.attributes.intern({ ...NO_ATTRIBUTES, origin: ORIGIN_IGP, asPath: [], nextHop: ipv4(0x0a000009) });
    const nlris = Int32Array.of(pool.nlris.inet(0x0a000000, 8), pool.nlris.inet(0xc0000200, 24));
    const said = codec.announce(updateForm(true, true), FAMILY.inet, set, nlris, new Int32Array(2));
    const body = `
      0000 0028
      40 01 01 00
      40 03 04 0a000009
      40 05 04 00000064
      40 02 00
      90 0e 000f 0001 01 04 0a000009 00 08 0a 18 c00002`;
    expect(toHex(said.octets)).toBe(toHex(message(UPDATE, body)));
    expect(readUpdate(body).told).toEqual(['announce 10.0.0.0/8=0 192.0.2.0/24=0']);
  });
});

describe('extended communities of Contrail (CN-3.5)', () => {
  it('have the octets of the table', () => {
    const { pool, codec } = world();
    const values = [securityGroup(64512, 8000002), securityGroup(70000, 5), originVn(70000, 9)];
    const set = pool.attributes.intern({
      ...NO_ATTRIBUTES,
      asPath: [],
      nextHop: ipv4(1),
      extendedCommunities: values.map((value) => pool.octets8.intern(value)),
    });
    const nlri = pool.nlris.inetVpn(0, 0, 0);
    const { octets } = codec.announce(
      updateForm(true, false),
      FAMILY['inet-vpn'],
      set,
      Int32Array.of(nlri),
      Int32Array.of(16),
    );
    expect(toHex(octets)).toContain(['c01018', '80045ba000000005', '8004fc00007a1202', '8271000111700009'].join(''));
  });
});

describe('a bad UPDATE and its NOTIFICATION, which ends the session (CN-7.4.1)', () => {
  const ORIGIN = '40 01 01 00';
  const AS_PATH = '40 02 06 0201 0000fde8';
  const NEXT_HOP = '40 03 04 0a000009';
  const bad = (attributes: string, nlri = '08 0a') => {
    return world().codec.decode(message(UPDATE, `0000 <2 ${attributes} > ${nlri}`), true);
  };

  it.each([
    ['a duplicate attribute (CN-V58)', [ORIGIN, ORIGIN, AS_PATH, NEXT_HOP], 1, ''],
    ['a duplicate MP_UNREACH_NLRI', ['80 0f 03 0001 80', '80 0f 03 0001 80'], 1, ''],
    ['an unknown well-known attribute', [ORIGIN, AS_PATH, NEXT_HOP, '40 63 01 07'], 2, '40630107'],
    ['no NEXT_HOP beside classic NLRI', [ORIGIN, AS_PATH], 3, '03'],
    ['an optional ORIGIN', ['c0 01 01 00', AS_PATH, NEXT_HOP], 4, 'c0010100'],
    ['a transitive MULTI_EXIT_DISC', [ORIGIN, AS_PATH, NEXT_HOP, 'c0 04 04 00000001'], 4, 'c0040400000001'],
    ['an ORIGIN of two octets', ['40 01 02 0000', AS_PATH, NEXT_HOP], 5, '4001020000'],
    ['communities of six octets', [ORIGIN, AS_PATH, NEXT_HOP, 'c0 08 06 000000000000'], 5, 'c00806000000000000'],
    ['an attribute beyond the message', [ORIGIN, AS_PATH, '40 03 08 0a000009'], 5, '4003080a000009'],
    ['ORIGIN 3', ['40 01 01 03', AS_PATH, NEXT_HOP], 6, '40010103'],
    ['NEXT_HOP 0.0.0.0', [ORIGIN, AS_PATH, '40 03 04 00000000'], 8, '40030400000000'],
    ['a segment of a kind that is not', [ORIGIN, '40 02 06 0901 0000fde8', NEXT_HOP], 11, ''],
    ['a segment without a number', [ORIGIN, '40 02 02 0200', NEXT_HOP], 11, ''],
    ['a segment longer than the path', [ORIGIN, '40 02 06 0202 0000fde8', NEXT_HOP], 11, ''],
    ['a next hop of three octets', [ORIGIN, AS_PATH, '80 0e 08 0001 80 03 000000 00'], 9, ''],
  ])('%s', (_what, attributes, subcode, data) => {
    const decoded = bad(attributes.join(' '));
    expect(decoded).toMatchObject({ kind: 'malformed', notification: notification(3, subcode, fromHex(data)!) });
  });

  it('an NLRI that is longer than its field', () => {
    expect(bad(`${ORIGIN} ${AS_PATH} ${NEXT_HOP}`, '20 0a')).toMatchObject({
      kind: 'malformed',
      notification: { code: 3, subcode: 10 },
    });
  });

  it('lengths beyond the message', () => {
    const decode = (body: string) => world().codec.decode(message(UPDATE, body), true);
    expect(decode('0005 0000')).toMatchObject({ kind: 'malformed', notification: { code: 3, subcode: 1 } });
    expect(decode('0000 0005 40')).toMatchObject({ kind: 'malformed', notification: { code: 3, subcode: 1 } });
  });

  it('an unknown optional attribute is none: it is taken and dropped (CN-7.4.8)', () => {
    const decoded = bad(`${ORIGIN} ${AS_PATH} ${NEXT_HOP} c0 63 02 abcd`);
    expect(decoded.kind).toBe('update');
  });

  it('a family that is not known here is passed over (CN-7.4/8)', () => {
    const decoded = bad(`${ORIGIN} ${AS_PATH} 90 0e <2 0019 46 00 00 07 >`, '');
    expect(decoded).toEqual({ kind: 'update', parts: [], present: (1 << 1) | (1 << 2) | (1 << 14) });
  });
});
