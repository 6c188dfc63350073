import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forkGraph } from '../../src/base/fork.ts';
import { virtualUs } from '../../src/base/time.ts';
import {
  CLIENT_TRANSITIONS,
  nextState,
  SERVER_TRANSITIONS,
  transitionLines,
  XMPP_EVENTS,
  XMPP_STATES,
} from '../../src/xmpp/fsm.ts';
import { agentMessage, keepaliveMessage, openMessage } from '../../src/xmpp/message.ts';
import { type SessionOutput, XmppServerSession } from '../../src/xmpp/session.ts';
import type { Stanza } from '../../src/xmpp/stanza.ts';
import { agentStanzas } from './arbitraries.ts';
import { AGENT_OPEN, at, drain, establishedServer, kinds, nlris, T0 } from './sessions.ts';

describe('the tables of the XMPP machines', () => {
  it('lead only to known states, by known events (CN-2.2.p1)', () => {
    for (const table of [SERVER_TRANSITIONS, CLIENT_TRANSITIONS]) {
      for (const state of XMPP_STATES) {
        for (const event of XMPP_EVENTS) {
          const to = nextState(table, state, event);
          if (to !== null) expect(XMPP_STATES).toContain(to);
        }
      }
    }
  });

  it('can be printed, and lead a control node from Established to Idle, an agent to Active (CN-2.2.2)', () => {
    const server = transitionLines(SERVER_TRANSITIONS);
    const client = transitionLines(CLIENT_TRANSITIONS);
    for (const event of ['holdTimer', 'closed', 'stop', 'malformed']) {
      expect(server).toContain(`Established  ${event.padEnd(14)} Idle`);
      expect(client).toContain(`Established  ${event.padEnd(14)} Active`);
    }
    expect(server.some((line) => line.startsWith('Connect') || line.startsWith('OpenSent'))).toBe(false);
  });
});

describe('a session', () => {
  it('does nothing at an early call', () => {
    fc.assert(
      fc.property(fc.nat(89_999_999), (us) => {
        const [called, left] = [establishedServer(), establishedServer()];
        const early = virtualUs(Math.min(us, left.nextDeadline()! - 1));
        called.advance(early);
        expect(called.poll()).toBeNull();
        expect(called.nextDeadline()).toBe(left.nextDeadline());
      }),
    );
  });

  it('can be copied in the middle of a stanza, and both copies go on alike', () => {
    const session = establishedServer();
    const message = agentMessage(
      { kind: 'subscribe', id: 's', instance: 'x', instanceId: 1, noRibout: false },
      'a1',
      nlris,
    );
    const octets = Uint8Array.of(...openMessage(AGENT_OPEN).octets, ...message.octets);
    session.receive(at(1), octets.subarray(0, octets.length - 9));
    const copy = forkGraph(session);
    for (const one of [session, copy]) one.receive(at(2), octets.subarray(octets.length - 9));
    expect(drain(copy)).toEqual(drain(session));
    copy.stop(at(3));
    expect([session.state, copy.state]).toEqual(['Established', 'Idle']);
  });

  /** A control node that admits everybody and closes at the first unsubscribe, as its owner would drive it. */
  function listen(session: XmppServerSession, pieces: readonly (Uint8Array | Stanza)[]): SessionOutput[] {
    const heard: SessionOutput[] = [];
    session.accepted(T0);
    for (const piece of pieces) {
      if (piece instanceof Uint8Array) session.receive(at(1), piece);
      else session.receiveStanza(at(1), piece);
      for (let output = session.poll(); output !== null; output = session.poll()) {
        heard.push(output);
        if (output.kind === 'asks') session.admit(at(1));
        if (output.kind === 'stanza' && output.stanza.kind === 'unsubscribe') session.stop(at(1));
      }
    }
    return heard;
  }

  const conversations = fc.array(
    fc.oneof(
      agentStanzas(nlris).map((stanza) => agentMessage(stanza, 'a1', nlris)),
      fc.constant(keepaliveMessage()),
    ),
    { maxLength: 6 },
  );

  it('hears the same in octets, however cut, as in shared stanzas, up to the close', () => {
    fc.assert(
      fc.property(conversations, fc.array(fc.nat(), { maxLength: 6 }), (messages, places) => {
        const all = [openMessage(AGENT_OPEN), ...messages];
        const octets = Uint8Array.of(...all.flatMap((message) => [...message.octets]));
        const ends = [...new Set(places.map((place) => place % octets.length))].sort((a, b) => a - b);
        const pieces = [0, ...ends].map((from, i) => octets.subarray(from, ends[i] ?? octets.length));
        const [wire, shared] = [new XmppServerSession(nlris), new XmppServerSession(nlris)];
        expect(listen(wire, pieces)).toEqual(
          listen(
            shared,
            all.map((message) => message.content),
          ),
        );
        expect(wire.nextDeadline()).toBe(shared.nextDeadline());
      }),
    );
  });

  it('tells what it decoded behind a stream open once that is admitted', () => {
    const session = new XmppServerSession(nlris);
    session.accepted(T0);
    const message = agentMessage(
      { kind: 'subscribe', id: 's', instance: 'x', instanceId: 1, noRibout: false },
      'a1',
      nlris,
    );
    expect(session.receive(T0, Uint8Array.of(...openMessage(AGENT_OPEN).octets, ...message.octets))).toHaveLength(1);
    session.admit(T0);
    expect(kinds(drain(session))).toEqual(['state', 'asks', 'send', 'state', 'stanza']);
    expect(session.receive(T0, new Uint8Array(0))).toEqual([
      { stanza: message.content, size: message.size, digest: message.digest },
    ]);
  });

  it('never throws, whatever octets arrive in whatever state', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 4 }), fc.boolean(), (pieces, opened) => {
        const session = opened ? establishedServer() : new XmppServerSession(nlris);
        if (!opened) session.accepted(T0);
        for (const piece of opened ? [openMessage(AGENT_OPEN).octets, ...pieces] : pieces)
          session.receive(at(1), piece);
        expect(['Active', 'Established', 'Idle']).toContain(session.state);
      }),
    );
  });
});
