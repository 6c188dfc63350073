import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forkGraph } from '../../src/base/fork.ts';
import { milliseconds, seconds, type VirtualUs, virtualUs } from '../../src/base/time.ts';
import { RoutePool } from '../../src/route/pool.ts';
import {
  CLIENT_TRANSITIONS,
  nextState,
  SERVER_TRANSITIONS,
  transitionLines,
  XMPP_EVENTS,
  XMPP_STATES,
} from '../../src/xmpp/fsm.ts';
import { encodeItem, itemNextHop, unicastItem } from '../../src/xmpp/items.ts';
import { agentMessage, keepaliveMessage, openMessage, routeMessages } from '../../src/xmpp/message.ts';
import { type SessionOutput, XmppClientSession, XmppServerSession } from '../../src/xmpp/session.ts';
import { KEEPALIVE, type Stanza, type StreamOpen } from '../../src/xmpp/stanza.ts';
import { utf8 } from '../../src/xmpp/xml.ts';
import { agentStanzas } from './arbitraries.ts';

const pool = new RoutePool();
const { nlris } = pool;
const T0 = virtualUs(0);
const at = (s: number) => seconds(s);
/** No stretch: the connect times are nine tenths of their names. */
const STILL = { integer: (low: number) => low };

const AGENT_OPEN: StreamOpen = {
  kind: 'open',
  from: 'a1',
  to: 'network-control@contrailsystems.com',
  id: '',
  xmlns: '',
};
const ANSWER: StreamOpen = { kind: 'open', from: AGENT_OPEN.to, to: 'a1', id: '++123', xmlns: 'jabber:client' };

function drain(session: { poll(): SessionOutput | null }): SessionOutput[] {
  const outputs: SessionOutput[] = [];
  for (let output = session.poll(); output !== null; output = session.poll()) outputs.push(output);
  return outputs;
}

const kinds = (outputs: readonly SessionOutput[]) => outputs.map((output) => output.kind);

function establishedServer(now: VirtualUs = T0, holdSeconds = 90) {
  const session = new XmppServerSession(nlris, holdSeconds);
  session.accepted(now);
  session.receiveStanza(now, AGENT_OPEN);
  session.admit(now);
  drain(session);
  return session;
}

function establishedClient(now: VirtualUs = T0, holdSeconds = 90) {
  const session = new XmppClientSession(nlris, 'a1', STILL, holdSeconds);
  session.start(now);
  const opened = milliseconds(45);
  session.advance(opened);
  session.connected(opened);
  session.receiveStanza(opened, ANSWER);
  drain(session);
  return session;
}

/** Lets every timer fire until `end`; the moment and the outputs of each. */
function play(session: XmppServerSession | XmppClientSession, end: VirtualUs) {
  const happened: (readonly [number, SessionOutput])[] = [];
  for (let next = session.nextDeadline(); next !== null && next <= end; next = session.nextDeadline()) {
    session.advance(next);
    for (const output of drain(session)) happened.push([next, output]);
  }
  return happened;
}

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

describe('the control node’s end', () => {
  it('asks whether a stream open may enter, and answers it with an id (CN-2.1.4, CN-2.3)', () => {
    const session = new XmppServerSession(nlris);
    session.accepted(T0);
    expect(drain(session)).toEqual([{ kind: 'state', from: 'Idle', to: 'Active', because: 'connection accepted' }]);
    session.receive(at(1), openMessage(AGENT_OPEN).octets);
    expect(drain(session)).toEqual([{ kind: 'asks', open: AGENT_OPEN }]);
    session.admit(at(1));
    expect(drain(session)).toEqual([
      { kind: 'send', stanza: ANSWER },
      { kind: 'state', from: 'Active', to: 'Established', because: 'stream open received' },
    ]);
  });

  it('drops a duplicate as if TCP had closed (CN-2.3.p1)', () => {
    const session = new XmppServerSession(nlris);
    session.accepted(T0);
    session.receiveStanza(T0, AGENT_OPEN);
    drain(session);
    session.refuse(T0, 'another connection has the name');
    expect(drain(session)).toEqual([
      { kind: 'state', from: 'Active', to: 'Idle', because: 'another connection has the name' },
      { kind: 'close' },
    ]);
    expect(session.nextDeadline()).toBeNull();
  });

  it('closes an accepted socket that opens no stream within 15 s (CN-2.2/3)', () => {
    const session = new XmppServerSession(nlris);
    session.accepted(T0);
    drain(session);
    expect(play(session, at(100))).toEqual([
      [at(15), { kind: 'state', from: 'Active', to: 'Idle', because: 'no stream open in time' }],
      [at(15), { kind: 'close' }],
    ]);
  });

  it('sends a keepalive every third of the hold time and goes Idle when nothing comes for all of it (CN-2.2/1, CN-2.2/2)', () => {
    const session = establishedServer();
    const happened = play(session, at(1000));
    expect(happened.filter(([, output]) => output.kind === 'send').map(([when]) => when)).toEqual([at(30), at(60)]);
    expect(happened.slice(-2)).toEqual([
      [at(90), { kind: 'state', from: 'Established', to: 'Idle', because: 'hold timer expired' }],
      [at(90), { kind: 'close' }],
    ]);
  });

  it('keeps its keepalives steady however much it hears and says', () => {
    const session = establishedServer();
    session.receiveStanza(at(29), KEEPALIVE);
    expect(play(session, at(60)).map(([when]) => when)).toEqual([at(30), at(60)]);
  });

  it('is kept up by any stanza or keepalive, but not by a publish that waits or a pair that is dropped (CN-2.2.1)', () => {
    const publish = { kind: 'publish', id: 'p', node: '1/1/x/10.0.0.1/32', items: [], itemCount: 0 } as const;
    const collection = { kind: 'collection', id: 'c', instance: 'x', associate: true, node: publish.node } as const;
    const subscribe = { kind: 'subscribe', id: 's', instance: 'x', instanceId: 1, noRibout: false } as const;
    const holdAfter = (...stanzas: Parameters<XmppServerSession['receiveStanza']>[1][]) => {
      const session = establishedServer();
      for (const stanza of stanzas) session.receiveStanza(at(50), stanza);
      return session.deadline('hold');
    };
    expect(holdAfter(KEEPALIVE)).toBe(at(140));
    expect(holdAfter(subscribe)).toBe(at(140));
    expect(holdAfter(publish)).toBe(at(90));
    expect(holdAfter(collection)).toBe(at(90));
    expect(holdAfter(publish, { ...collection, node: 'other' })).toBe(at(90));
    expect(holdAfter(publish, collection)).toBe(at(140));
  });

  it('sets the hold timer again when it fires with octets still to be read (CN-2.2.1)', () => {
    const session = establishedServer();
    session.advance(at(90), true);
    expect(session.state).toBe('Established');
    expect(session.deadline('hold')).toBe(at(180));
  });

  it('takes another hold time without a flap: keepalives at once, hold from the next stanza (CN-2.2.4)', () => {
    const session = establishedServer();
    session.setHoldTime(at(10), 30);
    expect(session.deadline('keepalive')).toBe(at(20));
    expect(session.deadline('hold')).toBe(at(90));
    session.receiveStanza(at(12), KEEPALIVE);
    expect(session.deadline('hold')).toBe(at(42));
    expect(session.state).toBe('Established');
  });

  it('closes the connection of a malformed stanza (CN-2.4.5)', () => {
    const session = establishedServer();
    session.receive(at(1), openMessage(AGENT_OPEN).octets);
    session.receive(at(1), utf8('<iq><unclosed></iq><iq></iq>'));
    const outputs = drain(session);
    expect(kinds(outputs)).toEqual(['state', 'close']);
    expect(outputs[0]).toMatchObject({ to: 'Idle', because: 'an end tag of another element' });
  });

  it('hears nothing before the stream is open', () => {
    const session = new XmppServerSession(nlris);
    session.accepted(T0);
    session.receiveStanza(T0, { kind: 'subscribe', id: '', instance: 'x', instanceId: 1, noRibout: false });
    session.receiveStanza(T0, KEEPALIVE);
    expect(kinds(drain(session))).toEqual(['state']);
    expect(session.deadline('hold')).toBeNull();
  });
});

describe('a publish and its collection (CN-2.4.2)', () => {
  const item = unicastItem({
    nlri: nlris.inet(0x0a006403, 32),
    nextHops: [itemNextHop({ address: 1 as never, label: 17 })],
    subProtocol: 'interface',
  });
  const [publish, collection] = routeMessages('a1', 'd:p:db:db', encodeItem(item, 'agent', nlris), true, 1, nlris);
  const delivered = (session: XmppServerSession) =>
    drain(session).flatMap((output) => (output.kind === 'stanza' ? [output.stanza] : []));

  it('are one request: instance of the collection, add or delete, items of the publish', () => {
    const session = establishedServer();
    session.receive(at(1), openMessage(AGENT_OPEN).octets);
    session.receive(at(1), publish.octets);
    expect(drain(session)).toEqual([]);
    session.receive(at(2), collection.octets);
    expect(delivered(session)).toEqual([
      {
        kind: 'route',
        instance: 'd:p:db:db',
        add: true,
        afi: 1,
        safi: 1,
        primaryInstanceId: null,
        items: [item],
        itemCount: 1,
      },
    ]);
  });

  it('are the same in shared form as in octets', () => {
    const [wire, shared] = [establishedServer(), establishedServer()];
    wire.receive(at(1), openMessage(AGENT_OPEN).octets);
    for (const message of [publish, collection]) {
      const [decoded] = wire.receive(at(1), message.octets);
      shared.receiveStanza(at(1), message.content);
      expect(decoded).toEqual({ stanza: message.content, size: message.size, digest: message.digest });
    }
    expect(drain(wire)).toEqual(drain(shared));
    expect(wire.nextDeadline()).toBe(shared.nextDeadline());
  });

  it('let other stanzas pass in between', () => {
    const session = establishedServer();
    session.receiveStanza(at(1), publish.content);
    session.receiveStanza(at(1), { kind: 'unsubscribe', id: '', instance: 'y', instanceId: -1 });
    session.receiveStanza(at(1), collection.content);
    expect(delivered(session).map((stanza) => stanza.kind)).toEqual(['unsubscribe', 'route']);
  });

  it('are both dropped when their nodes differ, and the channel stays up (CN-V20, CN-Q7)', () => {
    const session = establishedServer();
    session.receiveStanza(at(1), publish.content);
    session.receiveStanza(at(1), {
      kind: 'collection',
      id: '',
      instance: 'x',
      associate: true,
      node: '1/1/x/10.9.9.9/32',
    });
    session.receiveStanza(at(1), collection.content);
    expect(drain(session)).toEqual([
      { kind: 'dropped', why: 'a collection of another node than the publish' },
      { kind: 'dropped', why: 'a collection without a publish' },
    ]);
    expect(session.state).toBe('Established');
  });

  it('pair the last of two publishes', () => {
    const session = establishedServer();
    session.receiveStanza(at(1), { kind: 'publish', id: '', node: 'first', items: [], itemCount: 0 });
    session.receiveStanza(at(1), publish.content);
    session.receiveStanza(at(1), collection.content);
    expect(kinds(drain(session))).toEqual(['dropped', 'stanza']);
  });

  it('without an item are an End-of-RIB (CN-2.10.3)', () => {
    const session = establishedServer();
    session.receiveStanza(at(1), { kind: 'publish', id: '', node: '1/1/x/y', items: [], itemCount: 0 });
    session.receiveStanza(at(1), { kind: 'collection', id: '', instance: 'x', associate: true, node: '1/1/x/y' });
    expect(delivered(session)).toMatchObject([{ kind: 'route', itemCount: 0, items: [] }]);
  });
});

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
