import { describe, expect, it } from 'vitest';
import { encodeItem, itemNextHop, unicastItem } from '../../src/xmpp/items.ts';
import { openMessage, routeMessages } from '../../src/xmpp/message.ts';
import { XmppServerSession } from '../../src/xmpp/session.ts';
import { KEEPALIVE } from '../../src/xmpp/stanza.ts';
import { utf8 } from '../../src/xmpp/xml.ts';
import { AGENT_OPEN, ANSWER, at, drain, establishedServer, kinds, nlris, play, T0 } from './sessions.ts';

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
