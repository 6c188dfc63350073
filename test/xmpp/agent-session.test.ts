import { describe, expect, it } from 'vitest';
import { milliseconds, virtualUs } from '../../src/base/time.ts';
import { keepaliveMessage, openMessage } from '../../src/xmpp/message.ts';
import { XmppClientSession } from '../../src/xmpp/session.ts';
import { KEEPALIVE } from '../../src/xmpp/stanza.ts';
import { utf8 } from '../../src/xmpp/xml.ts';
import { AGENT_OPEN, ANSWER, at, drain, establishedClient, kinds, nlris, play, STILL, T0 } from './sessions.ts';

describe('an agent’s slot', () => {
  it('connects after 50 ms, opens the stream, and says a keepalive when it is answered (CN-2.2.p1)', () => {
    const session = new XmppClientSession(nlris, 'a1', STILL);
    session.start(T0);
    expect(session.nextDeadline()).toBe(milliseconds(45)); // nine tenths and no stretch
    session.advance(milliseconds(45));
    expect(drain(session)).toMatchObject([
      { to: 'Active' },
      { to: 'Connect' },
      { kind: 'connect', timeout: milliseconds(900) },
    ]);
    session.connected(milliseconds(46));
    expect(drain(session)).toEqual([
      { kind: 'state', from: 'Connect', to: 'OpenSent', because: 'connected' },
      { kind: 'send', stanza: AGENT_OPEN },
    ]);
    session.receiveStanza(milliseconds(47), ANSWER);
    expect(drain(session)).toEqual([
      { kind: 'state', from: 'OpenSent', to: 'Established', because: 'stream open received' },
      { kind: 'send', stanza: KEEPALIVE },
    ]);
  });

  it('tries again after 50 ms, 1, 2, 4, 8, 16, 30 and 30 s, each cut by a tenth and stretched by up to 19 percent (CN-2.2/4)', () => {
    const waits = (stretch: number) => {
      const session = new XmppClientSession(nlris, 'a1', { integer: () => stretch });
      let now = T0;
      const list: number[] = [];
      session.start(now);
      for (let i = 0; i < 9; i++) {
        const next = session.nextDeadline()!;
        list.push((next - now) / 1000);
        now = next;
        session.advance(now);
        session.connectFailed(now);
      }
      return list;
    };
    expect(waits(0)).toEqual([45, 900, 1800, 3600, 7200, 14400, 27000, 27000, 27000]);
    expect(waits(19)).toEqual([53, 1071, 2142, 4284, 8568, 17136, 32130, 32130, 32130]);
  });

  it('gives an attempt as much time as the next wait, then closes it (CN-2.2/4, VR-2.1/6)', () => {
    const session = new XmppClientSession(nlris, 'a1', STILL);
    session.start(T0);
    const connects = play(session, at(50)).filter(([, output]) => output.kind === 'connect');
    expect(connects.map(([, output]) => output)).toEqual(
      [900, 1800, 3600, 7200, 14400].map((ms) => ({ kind: 'connect', timeout: milliseconds(ms) })),
    );
    expect(connects.map(([when]) => when / 1000)).toEqual([45, 45 + 1800, 1845 + 3600, 5445 + 7200, 12645 + 14400]);
  });

  it('tells of a time-out with the fourth failed attempt and each later one, and keeps trying (CN-2.2/5)', () => {
    const session = new XmppClientSession(nlris, 'a1', STILL);
    session.start(T0);
    let now = T0;
    const told: number[] = [];
    for (let attempt = 1; attempt <= 6; attempt++) {
      now = session.nextDeadline()!;
      session.advance(now);
      session.connectFailed(now);
      if (kinds(drain(session)).includes('timed-out')) told.push(attempt);
    }
    expect(told).toEqual([4, 5, 6]);
    expect(session.nextDeadline()).not.toBeNull();
  });

  it('forgets its failed attempts at the third keepalive of one Established period, not before (CN-2.2/4)', () => {
    const session = establishedClient();
    session.receiveStanza(at(30), KEEPALIVE);
    session.receiveStanza(at(60), KEEPALIVE);
    session.receiveStanza(at(61), { kind: 'end-of-rib' });
    expect(session.attempts).toBe(1);
    session.streamClosed(at(62));
    expect(session.deadline('connect')).toBe(virtualUs(at(62) + 900_000));
    const steady = establishedClient();
    for (const s of [30, 60, 90]) steady.receiveStanza(at(s), KEEPALIVE);
    expect(steady.attempts).toBe(0);
    steady.streamClosed(at(91));
    expect(steady.deadline('connect')).toBe(virtualUs(at(91) + 45_000));
  });

  it('waits for the answer to its open as long as the hold time (CN-2.2/1)', () => {
    const session = new XmppClientSession(nlris, 'a1', STILL);
    session.start(T0);
    session.advance(milliseconds(45));
    session.connected(milliseconds(45));
    drain(session);
    const [[when, output] = [], closed] = play(session, at(91));
    expect(when).toBe(at(90) + 45_000);
    expect(output).toMatchObject({ from: 'OpenSent', to: 'Active', because: 'hold timer expired' });
    expect(closed?.[1]).toEqual({ kind: 'close' });
  });

  it('goes back to Active and tries again when its hold timer expires (CN-2.2.2)', () => {
    const session = establishedClient(T0, 9);
    const happened = play(session, at(20));
    expect(happened.filter(([, output]) => output.kind === 'send').map(([when]) => when - 45_000)).toEqual([
      at(3),
      at(6),
    ]);
    expect(happened.find(([, output]) => output.kind === 'state')?.[1]).toMatchObject({
      to: 'Active',
      because: 'hold timer expired',
    });
    expect(happened.some(([, output]) => output.kind === 'connect')).toBe(true);
  });

  it('does not close a stream that the other end has closed', () => {
    const session = establishedClient();
    session.streamClosed(at(1));
    expect(kinds(drain(session))).toEqual(['state']);
    session.stop(at(1));
    expect(kinds(drain(session))).toEqual([]);
  });

  it('reads a new stream from its beginning after half a stanza of the old one', () => {
    const session = establishedClient();
    session.receive(at(1), openMessage(ANSWER).octets);
    session.receive(at(1), utf8('<message from="half'));
    session.streamClosed(at(2));
    session.advance(session.nextDeadline()!);
    session.connected(at(3));
    session.receive(at(3), openMessage(ANSWER).octets);
    session.receive(at(3), keepaliveMessage().octets);
    expect(session.state).toBe('Established');
  });

  it('stays down when the operator says so', () => {
    const session = establishedClient();
    session.adminDown(at(1));
    expect(drain(session)).toMatchObject([{ to: 'Idle', because: 'administratively down' }, { kind: 'close' }]);
    expect(session.nextDeadline()).toBeNull();
  });
});
