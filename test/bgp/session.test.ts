import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NEVER } from '../../src/base/time.ts';
import { updateForm } from '../../src/bgp/form.ts';
import { KEEPALIVE, type OpenMessage } from '../../src/bgp/message.ts';
import { CEASE, notification } from '../../src/bgp/notification.ts';
import { connectTime } from '../../src/bgp/session-timers.ts';
import { ipv4 } from '../../src/net/ipv4.ts';
import { NO_ATTRIBUTES } from '../../src/route/attributes.ts';
import { FAMILY } from '../../src/route/family.ts';
import { Lone, Pair } from './pair.ts';

const open = (change: Partial<OpenMessage> = {}): OpenMessage => ({
  kind: 'open',
  version: 4,
  asn: 64512,
  holdTimeSeconds: 90,
  identifier: ipv4(0x0a000002),
  capabilities: [
    { kind: 'multiprotocol', afi: 1, safi: 128 },
    { kind: 'four-octet-as', asn: 64512 },
  ],
  ...change,
});

/** A session whose own connection (stream 1) is up and whose OPEN is out. */
function openSent(change = {}): Lone {
  const lone = new Lone(change);
  lone.do((s) => s.start(lone.now)).until(45);
  return lone.do((s) => s.connected(lone.now, 1));
}

function established(change = {}): Lone {
  const lone = openSent(change);
  lone.do((s) => s.deliver(lone.now, 1, open())).do((s) => s.deliver(lone.now, 1, KEEPALIVE));
  expect(lone.session.state).toBe('Established');
  return lone;
}

describe('coming up', () => {
  it('connects 50 ms after the start, less a tenth and plus what is drawn (CN-7.1/5, CN-V54)', () => {
    const lone = new Lone();
    lone.do((s) => s.start(lone.now));
    expect(lone.session.nextDeadline()).toBe(45_000);
    expect(lone.until(45).texts()).toEqual(['Active', 'Connect', 'connect 1']);
  });

  it('backs off 1, 2, 4, 8, 16 and then 30 s for ever, between 0.90 and 1.07 of that (CN-7.1/5)', () => {
    const least = [0, 1, 2, 3, 4, 5, 6, 7, 100].map((n) => connectTime(n, { integer: (low) => low }) / 1_000);
    expect(least).toEqual([45, 900, 1_800, 3_600, 7_200, 14_400, 27_000, 27_000, 27_000]);
    const most = [0, 1, 6].map((n) => connectTime(n, { integer: (_low, high) => high }) / 1_000);
    expect(most).toEqual([53, 1_071, 32_130]);
  });

  it('a refused connection leads back to Active and a longer wait', () => {
    const lone = new Lone();
    lone.do((s) => s.start(lone.now)).until(45);
    lone.do((s) => s.closed(lone.now, 1, 'refused'));
    expect(lone.until(945).texts()).toEqual(['Active', 'Connect', 'connect 1', 'Active', 'Connect', 'connect 2']);
  });

  it('an unanswered connection is given up when the connect timer fires (CN-7.2/3)', () => {
    const lone = new Lone();
    lone.do((s) => s.start(lone.now)).until(945);
    expect(lone.texts().slice(3)).toEqual(['close 1', 'Active']);
  });

  it('waits 15 s for the OPEN of a peer that connected, and then speaks first (CN-7.1/4)', () => {
    const lone = new Lone();
    lone.do((s) => s.start(lone.now)).do((s) => s.accepted(lone.now, 9));
    lone.until(14_999);
    expect(lone.texts()).toEqual(['Active']);
    expect(lone.until(15_000).texts()).toEqual(['Active', '9: open', 'OpenSent']);
  });

  it('answers the OPEN of a peer that connected with its own and a KEEPALIVE (CN-7.2/2)', () => {
    const lone = new Lone({ passive: true });
    lone.do((s) => s.start(lone.now));
    expect(lone.session.nextDeadline()).toBe(NEVER);
    lone.do((s) => s.accepted(lone.now, 9)).do((s) => s.deliver(lone.now, 9, open()));
    expect(lone.texts()).toEqual(['Active', '9: open', 'OpenConfirm', '9: keepalive']);
    lone.do((s) => s.deliver(lone.now, 9, KEEPALIVE));
    expect(lone.session.state).toBe('Established');
  });

  it('an idle session closes what the peer opens (CN-7.2/1)', () => {
    const lone = new Lone();
    lone.do((s) => s.accepted(lone.now, 9));
    expect(lone.texts()).toEqual(['close 9']);
  });

  it('gives an OPEN 240 s (CN-7.1/3)', () => {
    const lone = openSent();
    lone.until(45 + 239_999);
    expect(lone.session.state).toBe('OpenSent');
    lone.until(45 + 240_000);
    expect(lone.texts().slice(-3)).toEqual(['1: notification 4/0', 'close 1', 'Idle']);
  });

  it('a second connection of the peer replaces the first (CN-7.2/2)', () => {
    const lone = new Lone();
    lone.do((s) => s.start(lone.now)).do((s) => s.accepted(lone.now, 8));
    lone.nowMs = 10_000;
    lone.do((s) => s.accepted(lone.now, 9)).until(24_999);
    expect(lone.texts()).toEqual(['Active', 'close 8']);
    expect(lone.until(25_000).texts()).toContain('9: open');
  });

  it('in OpenConfirm a further connection is told ConnectionRejected (CN-7.2/5)', () => {
    const lone = openSent();
    lone.do((s) => s.deliver(lone.now, 1, open())).do((s) => s.accepted(lone.now, 9));
    expect(lone.texts().slice(-2)).toEqual(['9: notification 6/5', 'close 9']);
  });
});

describe('what two sides agree on', () => {
  it('the shorter hold time, the families of both, 4-octet AS numbers when both have them (CN-7.1/1, CN-7.3.1, CN-7.3.2)', () => {
    const pair = new Pair(
      { families: [FAMILY.inet, FAMILY['inet-vpn'], FAMILY['route-target']], holdTimeSeconds: 90 },
      { families: [FAMILY['inet-vpn']], holdTimeSeconds: 30, fourOctetAs: false },
    );
    pair.start().untilMs(1_000);
    for (const end of pair.ends) {
      expect(end.established).toHaveLength(1);
      expect(end.established[0]).toMatchObject({
        holdTimeSeconds: 30,
        families: [FAMILY['inet-vpn']],
        fourOctetAs: false,
        internal: true,
        form: updateForm(false, true),
      });
    }
  });

  it('offers every family, 4-octet AS numbers and End-of-RIB (CN-7.3/1, CN-7.3/2, CN-7.3/3, CN-7.6.1)', () => {
    const lone = openSent({ localAs: 70_000, peerAs: 64512 });
    const said = lone.sent[0]!.message.content as OpenMessage; // the first message of a session is its OPEN
    expect(said).toEqual({
      kind: 'open',
      version: 4,
      asn: 23456,
      holdTimeSeconds: 90,
      identifier: 0x0a000001,
      capabilities: [
        { kind: 'multiprotocol', afi: 1, safi: 128 },
        { kind: 'multiprotocol', afi: 1, safi: 132 },
        { kind: 'four-octet-as', asn: 70_000 },
        { kind: 'graceful-restart', restarting: false, notifications: false, restartTimeSeconds: 0, families: [] },
      ],
    });
  });

  it.each([
    ['an identifier of zero', open({ identifier: ipv4(0) }), '2/3'],
    ['our own identifier', open({ identifier: ipv4(0x0a000001) }), '2/3'],
    ['another AS (CN-V56)', open({ asn: 64999 }), '2/2'],
    [
      'another AS behind AS_TRANS (CN-7.3/4)',
      open({ asn: 23456, capabilities: [{ kind: 'four-octet-as', asn: 70_000 }, ...open().capabilities.slice(0, 1)] }),
      '2/2',
    ],
    ['no family in common (CN-V57)', open({ capabilities: [{ kind: 'multiprotocol', afi: 25, safi: 70 }] }), '2/7'],
  ])('refuses %s with NOTIFICATION', (_what, offered, expected) => {
    const lone = openSent();
    lone.do((s) => s.deliver(lone.now, 1, offered));
    expect(lone.texts().slice(-3)).toEqual([`1: notification ${expected}`, 'close 1', 'Idle']);
  });

  it('AS_TRANS passes for any peer when 4-octet AS numbers are off (CN-7.3.4)', () => {
    const lone = openSent({ fourOctetAs: false });
    lone.do((s) => s.deliver(lone.now, 1, open({ asn: 23456 })));
    expect(lone.session.state).toBe('OpenConfirm');
  });
});

describe('collision (CN-7.2.1, CN-7.2/4)', () => {
  it('keeps the connection that the higher router id opened, and tells the other one so (CN-V55)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 19 }),
        fc.nat(1),
        (latencyMs, draw, higher) => {
          const ids = [ipv4(0x0a000001), ipv4(0x0a000002)];
          if (higher === 0) ids.reverse();
          // Both connect at the same moment, before either hears of the other.
          const pair = new Pair(
            { identifier: ids[0]! },
            { identifier: ids[1]! },
            { latencyUs: latencyMs * 1_000, draws: [draw, draw] },
          );
          pair.start().untilMs(20_000);
          expect(pair.states()).toEqual(['Established', 'Established']);
          const streams = pair.ends.map((end) => end.established[0]!.stream);
          // Stream 1 is opened by end a, stream 2 by end b.
          expect(streams).toEqual([higher + 1, higher + 1]);
          expect(pair.ends.flatMap((end) => end.notifications())).toContain('6/7');
          expect(pair.ends.flatMap((end) => end.downs)).toEqual([]);
        },
      ),
    );
  });

  it('an OPEN on the losing connection makes us speak on the winning one', () => {
    const lone = openSent();
    lone.do((s) => s.accepted(lone.now, 9)).do((s) => s.deliver(lone.now, 1, open()));
    expect(lone.texts().slice(-3)).toEqual(['1: notification 6/7', 'close 1', '9: open']);
    lone.do((s) => s.deliver(lone.now, 9, open()));
    expect(lone.session.state).toBe('OpenConfirm');
  });

  it('a NOTIFICATION on the losing connection leaves the other one alone', () => {
    const lone = openSent();
    lone
      .do((s) => s.accepted(lone.now, 9))
      .do((s) => s.deliver(lone.now, 9, notification(6, CEASE.connectionCollision)));
    expect(lone.session.state).toBe('OpenSent');
    lone.do((s) => s.deliver(lone.now, 1, open()));
    expect(lone.session.state).toBe('OpenConfirm');
  });

  it('comes up in the end whatever the draws and the latency', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(19), fc.nat(19), fc.constantFrom(0, 1, 7, 4096), (latencyMs, a, b, cut) => {
        const pair = new Pair({}, {}, { latencyUs: latencyMs * 1_000, draws: [a, b], cut });
        pair.start().untilMs(120_000);
        expect(pair.states()).toEqual(['Established', 'Established']);
      }),
    );
  });
});

describe('staying up', () => {
  it('sends a KEEPALIVE every third of the hold time, however many UPDATEs go out (CN-V76, CN-7.1/2)', () => {
    const pair = new Pair({}, {});
    pair.start().untilMs(1_000);
    const start = pair.ends[0].sent.length;
    for (let second = 5; second <= 300; second += 5) {
      pair.untilMs(second * 1_000).send(0, pair.codec.endOfRib(updateForm(true, true), FAMILY['inet-vpn']));
    }
    const keepalives = pair.ends[0].sent.slice(start).filter(({ kind }) => kind === 'keepalive');
    expect(keepalives.map(({ at }) => Math.round(at - keepalives[0]!.at))).toEqual(
      [...Array(9).keys()].map((i) => i * 30_000),
    );
  });

  it('stays up for three days', () => {
    const pair = new Pair({}, {}).start().untilMs(3 * 86_400_000);
    expect(pair.states()).toEqual(['Established', 'Established']);
    expect(pair.ends.map((end) => end.states.at(-1)!.at < 1_000)).toEqual([true, true]);
  });

  it('a silent peer is given up when the hold time is over, with NOTIFICATION 4 (CN-V53)', () => {
    const pair = new Pair({}, {}).start().untilMs(100_000).sever();
    const lastHeard = Math.floor((100_000 - pair.ends[1].sent[0]!.at) / 30_000);
    expect(lastHeard).toBeGreaterThan(0);
    pair.untilMs(400_000);
    for (const end of pair.ends) {
      expect(end.downs).toHaveLength(1);
      expect(end.downs[0]).toMatchObject({ cause: 'notification-sent', notification: { code: 4, subcode: 0 } });
    }
    const lastKeepalive = pair.ends[1].sent.filter(({ kind, at }) => kind === 'keepalive' && at < 100_000).at(-1)!;
    const idle = pair.ends[0].states.find(({ state, at }) => state === 'Idle' && at > 100_000)!;
    expect(idle.at).toBeCloseTo(lastKeepalive.at + 1 + 90_000, 3);
  });

  it('starts the hold time again while octets wait to be read (CN-7.2.3)', () => {
    const lone = established();
    lone.nowMs = 45 + 90_000;
    lone.do((s) => s.advance(lone.now, { blocked: true, unread: true }));
    expect(lone.session.state).toBe('Established');
    lone.nowMs += 90_000;
    lone.do((s) => s.advance(lone.now, { blocked: true, unread: false }));
    expect(lone.session.state).toBe('Idle');
  });

  it('sends no KEEPALIVE into a blocked socket, and goes on when it drains (CN-7.1/2)', () => {
    const lone = established();
    const before = lone.sent.length;
    lone.nowMs = 45 + 30_000;
    lone.do((s) => s.advance(lone.now, { blocked: true, unread: false }));
    expect(lone.sent.length).toBe(before);
    lone.nowMs += 10_000;
    lone.do((s) => s.drained(lone.now));
    lone.nowMs += 30_000;
    lone.do((s) => s.deliver(lone.now, 1, KEEPALIVE)).do((s) => s.advance(lone.now));
    expect(lone.sent.length).toBe(before + 1);
  });

  it('a hold time of 0 means no KEEPALIVEs and no end (CN-7.1/1)', () => {
    const lone = openSent();
    lone.do((s) => s.deliver(lone.now, 1, open({ holdTimeSeconds: 0 }))).do((s) => s.deliver(lone.now, 1, KEEPALIVE));
    expect(lone.session.nextDeadline()).toBe(NEVER);
  });

  it('an established session closes a further connection of its peer (CN-7.2/6)', () => {
    const lone = established();
    lone.do((s) => s.accepted(lone.now, 9));
    expect(lone.texts().at(-1)).toBe('close 9');
    expect(lone.session.state).toBe('Established');
  });
});

describe('going down', () => {
  it('holds a lost session idle for 5 s, and connects about 50 ms later (CN-V54, CN-7.1/6)', () => {
    const lone = established();
    lone.nowMs = 10_000;
    lone.do((s) => s.closed(lone.now, 1, 'closed by the peer'));
    expect(lone.down).toEqual({ cause: 'closed', notification: null, why: 'closed by the peer' });
    lone.lines.length = 0;
    lone.until(20_000);
    expect(lone.lines.slice(0, 3)).toEqual([
      { at: 15_000, text: 'Active' },
      { at: 15_045, text: 'Connect' },
      { at: 15_045, text: 'connect 2' },
    ]);
  });

  it('an administrative stop is told with Cease and lasts until the start, which is not held back (CN-7.10)', () => {
    const lone = established();
    lone.do((s) => s.stop(lone.now, CEASE.administrativeShutdown, 'maintenance'));
    expect(lone.texts().slice(-4)).toEqual(['1: notification 6/2', 'close 1', 'Idle', 'down']);
    expect(lone.until(1_000_000).session.state).toBe('Idle');
    lone.do((s) => s.start(lone.now));
    expect(lone.session.state).toBe('Active');
  });

  it('a cleared session comes back by itself (CN-1.7.8)', () => {
    const pair = new Pair({}, {}).start().untilMs(1_000);
    pair.do(0, (session) => session.clear(pair.now, CEASE.otherConfigChange, 'the hold time was changed'));
    expect(pair.untilMs(1_500).states()).toEqual(['Idle', 'Idle']);
    expect(pair.ends[1].downs[0]).toMatchObject({
      cause: 'notification-received',
      notification: { code: 6, subcode: 6 },
    });
    expect(pair.untilMs(20_000).states()).toEqual(['Established', 'Established']);
  });

  it.each([
    [
      'an UPDATE before the OPEN',
      () => openSent(),
      (lone: Lone) => lone.codec.endOfRib(updateForm(true, true), 1).content,
    ],
    ['a KEEPALIVE before the OPEN', () => openSent(), () => KEEPALIVE],
    ['a second OPEN', () => established(), () => open()],
  ])('%s is a finite state machine error (CN-7.2.2)', (_what, make, message) => {
    const lone = make();
    lone.do((s) => s.deliver(lone.now, 1, message(lone)));
    expect(lone.texts()).toContain('1: notification 5/0');
    expect(lone.session.state).toBe('Idle');
  });
});

describe('UPDATEs on a session', () => {
  const route = (lone: Lone) => Int32Array.of(lone.pool.nlris.inetVpn(1, 0x0a006403, 32));

  it('without LOCAL_PREF from an internal peer end it with 3/3 and the code 05 (CN-V59)', () => {
    const lone = established();
    const attributes = lone.pool.attributes.intern({ ...NO_ATTRIBUTES, asPath: [], nextHop: ipv4(1) });
    const external = lone.codec.announce(updateForm(true, false), 1, attributes, route(lone), Int32Array.of(17));
    lone.do((s) => s.deliver(lone.now, 1, external.content));
    const last = lone.sent.at(-1)!.message.content;
    expect(last).toEqual(notification(3, 3, Uint8Array.of(5)));
  });

  it('with an empty AS_PATH from an external peer end it with 3/11 (CN-7.4/6)', () => {
    const lone = new Lone({ peerAs: 64513 });
    lone.do((s) => s.start(lone.now)).until(45);
    const offered = open({ asn: 64513, capabilities: [{ kind: 'multiprotocol', afi: 1, safi: 128 }] });
    lone
      .do((s) => s.connected(lone.now, 1))
      .do((s) => s.deliver(lone.now, 1, offered))
      .do((s) => s.deliver(lone.now, 1, KEEPALIVE));
    const attributes = lone.pool.attributes.intern({ ...NO_ATTRIBUTES, asPath: [], nextHop: ipv4(1) });
    const said = lone.codec.announce(updateForm(false, false), 1, attributes, route(lone), Int32Array.of(17));
    lone.do((s) => s.deliver(lone.now, 1, said.content));
    expect(lone.texts()).toContain('1: notification 3/11');
  });

  it('of a family that was not agreed on are passed over, and the session stays (CN-7.4/8)', () => {
    const lone = established();
    lone.do((s) => s.deliver(lone.now, 1, lone.codec.endOfRib(updateForm(true, true), FAMILY['route-target']).content));
    expect(lone.session.state).toBe('Established');
    expect(lone.updates).toEqual([{ kind: 'update', parts: [], present: 0 }]);
  });

  it('arrive the same as shared messages and as octets in any cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (cut) => {
        const shared = new Pair({}, {});
        const wire = new Pair({}, {}, { cut });
        for (const pair of [shared, wire]) {
          pair.start().untilMs(1_000);
          const { pool, codec } = pair;
          const attributes = pool.attributes.intern({
            ...NO_ATTRIBUTES,
            asPath: [],
            nextHop: ipv4(0xc0a80101),
            med: 200,
          });
          const nlris = Int32Array.from([1, 2, 3], (host) => pool.nlris.inetVpn(0, host, 32));
          pair.send(0, codec.announce(updateForm(true, true), 1, attributes, nlris, Int32Array.of(16, 17, 18)));
          pair.send(0, codec.withdraw(updateForm(true, true), 1, nlris.slice(1)));
          pair.send(0, codec.endOfRib(updateForm(true, true), 1)).untilMs(2_000);
        }
        expect(wire.ends[1].updates).toEqual(shared.ends[1].updates);
        expect(wire.ends[1].updates).toHaveLength(3);
        expect(wire.ends.map((end) => end.states)).toEqual(shared.ends.map((end) => end.states));
      }),
      { numRuns: 30 },
    );
  });
});
