import parse from '@xmpp/xml/lib/parse.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RoutePool } from '../../src/route/pool.ts';
import { packConfig } from '../../src/xmpp/config-object.ts';
import { encodeItem } from '../../src/xmpp/items.ts';
import {
  agentEndOfRib,
  agentMessage,
  configMessage,
  endOfRibMessage,
  messageTo,
  openMessage,
  reachMessage,
  stanzaDigest,
  unreachMessage,
  type XmppBody,
} from '../../src/xmpp/message.ts';
import { readOpen, readStanza } from '../../src/xmpp/reader.ts';
import { scanKnown, scanStanza } from '../../src/xmpp/scan.ts';
import { agentText, END_OF_RIB, itemNodeOf, openText, readItemNode } from '../../src/xmpp/stanza.ts';
import { readStanzaStrictly } from '../../src/xmpp/strict.ts';
import { textOfUtf8, utf8 } from '../../src/xmpp/xml.ts';
import { agentStanzas, configMessages, configObjects, items, names, prefixes } from './arbitraries.ts';

const { nlris } = new RoutePool();
const table = { afi: 1, safi: 1, instance: 'd:p:db:db' };
const toldText = (body: XmppBody) => textOfUtf8(messageTo('a1', body).octets)!;
const nlriLists = (max: number) =>
  fc.array(
    prefixes.map(({ address, length }) => nlris.inet(address, length)),
    { minLength: 1, maxLength: max },
  );

describe('what an agent says', () => {
  it('means the same to the scanner, to the reader and to a strict parser that is not ours (CN-2.4)', () => {
    fc.assert(
      fc.property(agentStanzas(nlris), names, (stanza, from) => {
        const text = agentText(stanza, from, nlris);
        expect(readStanza(text, nlris)).toEqual(stanza);
        expect(scanStanza(text, nlris)).toEqual(stanza);
        expect(readStanzaStrictly(text, nlris)).toEqual(stanza);
        expect(stanzaDigest(stanza, nlris)).toBe(agentMessage({ ...stanza }, from, nlris).digest);
      }),
    );
  });

  it('is well-formed to a second parser, written by others, with the same attributes', () => {
    fc.assert(
      fc.property(agentStanzas(nlris), fc.stringMatching(/^[a-z0-9.-]{1,20}$/), (stanza, from) => {
        const element = parse(agentText(stanza, from, nlris));
        expect(element.name).toBe('iq');
        expect(element.attrs).toMatchObject({ type: 'set', from });
        expect(element.getChild('pubsub')?.attrs).toEqual({ xmlns: 'http://jabber.org/protocol/pubsub' });
      }),
    );
  });

  it('goes to the resource of its receiver (CN-2.1.3)', () => {
    const interest = {
      kind: 'config-subscribe',
      object: 'virtual-router',
      name: 'default-global-system-config:a1',
    } as const;
    expect(agentText(interest, 'a1', nlris)).toBe(
      "<iq type='set' from='a1' to='network-control@contrailsystems.com/config'>" +
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='virtual-router:default-global-system-config:a1'/></pubsub></iq>",
    );
    const subscribe = { kind: 'subscribe', id: 's', instance: 'x', instanceId: 1, noRibout: false } as const;
    expect(agentText(subscribe, 'a1', nlris)).toContain("to='network-control@contrailsystems.com/bgp-peer'");
  });

  it('is scanned, not parsed, when it is a publish or a collection in our own form', () => {
    fc.assert(
      fc.property(items(nlris, 'agent'), (item) => {
        const plain = { ...item, loadBalance: null, communities: [], virtualNetwork: 'd:p:db', nextHops: [] };
        const publish = {
          kind: 'publish',
          id: 'pubsub1',
          node: '1/1/x/10.0.0.1/32',
          items: [plain],
          itemCount: 1,
        } as const;
        expect(scanKnown(agentText(publish, 'a1', nlris), nlris)).toEqual(publish);
      }),
    );
    const collection = {
      kind: 'collection',
      id: 'c1',
      instance: 'x',
      associate: true,
      node: '1/1/x/10.0.0.1/32',
    } as const;
    expect(scanKnown(agentText(collection, 'a1', nlris), nlris)).toEqual(collection);
  });
});

describe('the scanner', () => {
  // A text that departs from our own form must mean what the reader says, or be malformed to both.
  const mutated = (texts: fc.Arbitrary<string>) =>
    fc
      .tuple(
        texts,
        fc.nat(),
        fc.constantFrom('', ' ', '\n', '<', '>', '&amp;', '&', '"', "'", '0', '9', 'x', '<x/>', '/', ']]>', 'é'),
        fc.nat(3),
      )
      .map(([text, at, inserted, removed]) => {
        const characters = [...text]; // whole characters: half of one never comes out of UTF-8
        const index = at % (characters.length + 1);
        return [...characters.slice(0, index), inserted, ...characters.slice(index + removed)].join('');
      });

  it('never understands a text otherwise than the reader does', () => {
    const published = items(nlris, 'agent').map((item) =>
      agentText(
        { kind: 'publish', id: 'pubsub1', node: '1/1/x/10.0.0.1/32', items: [item], itemCount: 1 },
        'a1',
        nlris,
      ),
    );
    const told = fc.oneof(
      items(nlris, 'control-node').map((item) =>
        toldText(reachMessage('d:p:db:db', [encodeItem(item, 'control-node', nlris)])),
      ),
      nlriLists(3).map((ids) => toldText(unreachMessage('d:p:db:db', ids, nlris))),
      agentStanzas(nlris).map((stanza) => agentText(stanza, 'a1', nlris)),
    );
    fc.assert(
      fc.property(mutated(fc.oneof(published, told)), (text) => {
        const scanned = scanKnown(text, nlris);
        if (scanned !== null) expect(scanned).toEqual(readStanza(text, nlris));
      }),
      { numRuns: 1000 },
    );
  });

  it('and the strict parser agree on every text, malformed ones included', () => {
    const stanzas = agentStanzas(nlris).map((stanza) => agentText(stanza, 'a1', nlris));
    fc.assert(
      fc.property(mutated(stanzas), (text) => {
        const [ours, theirs] = [scanStanza(text.trim(), nlris), readStanzaStrictly(text, nlris)];
        if (ours.kind === 'malformed' || theirs.kind === 'malformed') expect(ours.kind).toBe(theirs.kind);
        else expect(ours).toEqual(theirs);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what a control node says', () => {
  it('tells at most 32 routes in a message, each as it was (CN-2.8)', () => {
    fc.assert(
      fc.property(fc.array(items(nlris, 'control-node'), { minLength: 1, maxLength: 32 }), names, (list, instance) => {
        const body = reachMessage(
          instance,
          list.map((item) => encodeItem(item, 'control-node', nlris)),
        );
        const message = messageTo('a1', body);
        const read = scanStanza(textOfUtf8(message.octets)!, nlris);
        expect(read).toEqual({ kind: 'reach', table: { afi: 1, safi: 1, instance }, items: list });
        expect(read).toEqual(body.content);
        expect(stanzaDigest(read as typeof body.content, nlris)).toBe(message.digest);
        expect(readStanzaStrictly(textOfUtf8(message.octets)!, nlris)).toEqual(read);
        expect(message).toMatchObject({ kind: 'xmpp.reach', items: list.length, size: message.octets.length });
      }),
    );
  });

  it('takes back at most 256 routes in a message (CN-2.8.1)', () => {
    fc.assert(
      fc.property(nlriLists(256), (ids) => {
        const message = messageTo('a1', unreachMessage('d:p:db:db', ids, nlris));
        const read = scanStanza(textOfUtf8(message.octets)!, nlris);
        expect(read).toEqual({ kind: 'unreach', table, nlris: ids });
        expect(readStanza(textOfUtf8(message.octets)!, nlris)).toEqual(read);
        expect(message.items).toBe(ids.length);
      }),
    );
  });

  it('differs between two agents in its first line alone, and is told of in one value (CN-2.8.3)', () => {
    const body = unreachMessage('d:p:db:db', [nlris.inet(0x0a000001, 32)], nlris);
    const [toOne, toOther] = [messageTo('a1', body), messageTo('compute-2', body)];
    const line = (agent: string) => `<message from="network-control@contrailsystems.com" to="${agent}/bgp-peer">`;
    expect(textOfUtf8(toOne.octets)!.slice(line('a1').length)).toBe(
      textOfUtf8(toOther.octets)!.slice(line('compute-2').length),
    );
    expect(textOfUtf8(toOther.octets)!.startsWith(line('compute-2'))).toBe(true);
    expect(toOne.content).toBe(toOther.content);
    expect(toOne.octets.length).toBe(toOne.size);
    expect(toOther.size - toOne.size).toBe('compute-2'.length - 'a1'.length);
  });

  it('ends the first telling with a marker (CN-2.10.1)', () => {
    const text = textOfUtf8(messageTo('a1', endOfRibMessage()).octets)!;
    expect(text).toBe(
      '<message from="network-control@contrailsystems.com" to="a1/bgp-peer">' +
        '<event xmlns="http://jabber.org/protocol/pubsub"><items node="0/0/EndOfRib"></items></event></message>',
    );
    expect(scanStanza(text, nlris)).toEqual(END_OF_RIB);
  });

  it('is told of the end in the same form by a real agent, in a message that the routing receiver ignores (CN-2.10.3)', () => {
    const message = agentEndOfRib('a1');
    expect(textOfUtf8(message.octets)).toContain(
      '<message from="a1" to="network-control@contrailsystems.com/bgp-peer">',
    );
    expect(scanStanza(textOfUtf8(message.octets)!, nlris)).toBe(message.content);
    expect(message).toMatchObject({ kind: 'xmpp.end-of-rib', items: 0, size: message.octets.length });
  });

  it('sends configuration to the fully qualified vRouter, readable by others (CN-2.11.2)', () => {
    fc.assert(
      fc.property(configMessages, (content) => {
        const text = textOfUtf8(messageTo('default-global-system-config:a1', configMessage(content)).octets)!;
        expect(
          text.startsWith(
            '<iq type="set" from="network-control@contrailsystems.com" to="default-global-system-config:a1/config"><config>',
          ),
        ).toBe(true);
        const scanned = scanStanza(text, nlris);
        expect(scanned).toMatchObject(content); // its objects have their figures with them
        expect(readStanza(text, nlris)).toEqual(content);
        expect(readStanzaStrictly(text, nlris)).toEqual(content);
        expect(stanzaDigest(scanned as typeof content, nlris)).toBe(configMessage(content).digest);
      }),
    );
  });

  it('packs sixteen objects of configuration into a message, a link counting as two (CN-2.11.2, CN-11/2)', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            action: fc.constantFrom('update' as const, 'delete' as const),
            objects: fc.array(configObjects, { maxLength: 40 }),
          }),
          { maxLength: 3 },
        ),
        (runs) => {
          const messages = packConfig(runs);
          const weight = (objects: readonly { kind: string }[]) =>
            objects.reduce((sum, o) => sum + (o.kind === 'link' ? 2 : 1), 0);
          const flat = (list: typeof runs | (typeof messages)[number]['runs']) =>
            list.flatMap((run) => run.objects.map((o) => [run.action, o]));
          expect(messages.flatMap((message) => flat(message.runs))).toEqual(flat(runs));
          messages.forEach((message, i) => {
            const sum = message.runs.reduce((total, run) => total + weight(run.objects), 0);
            expect(sum).toBeLessThanOrEqual(17); // a link may be the sixteenth and seventeenth
            if (i < messages.length - 1) expect(sum).toBeGreaterThanOrEqual(16);
          });
        },
      ),
    );
  });
});

describe('a stream open', () => {
  it('has two forms, and an agent without sub-cluster says an empty namespace (CN-2.1.4)', () => {
    const open = { kind: 'open', from: 'a1', to: 'network-control@contrailsystems.com', id: '', xmlns: '' } as const;
    const text = textOfUtf8(openMessage(open).octets)!;
    expect(text).toBe(
      "<?xml version='1.0'?><stream:stream from='a1' to='network-control@contrailsystems.com' version='1.0' xml:lang='en' xmlns=''" +
        " xmlns:stream='http://etherx.jabber.org/streams' >",
    );
    expect(readOpen(text)).toEqual(open);
    const answer = { ...open, from: open.to, to: open.from, id: '++123', xmlns: 'jabber:client' };
    expect(openText(answer)).toContain(" to='a1' id='++123' version='1.0'");
    expect(readOpen(openText(answer))).toEqual(answer);
    expect(readStanzaStrictly(openText(answer), nlris)).toEqual(answer);
  });

  it('stays below 1024 octets for any host name that DNS allows (CN-2.1.5)', () => {
    const open = {
      kind: 'open',
      from: 'h'.repeat(253),
      to: 'network-control@contrailsystems.com',
      id: '++123',
      xmlns: 'jabber:client',
    } as const;
    expect(utf8(openText(open)).length).toBeLessThan(1024);
  });
});

describe('a stanza that is not as expected', () => {
  const iq = (inside: string, attributes = "type='set' to='network-control@contrailsystems.com/bgp-peer'") =>
    scanStanza(`<iq ${attributes}>${inside}</iq>`, nlris);
  const pubsub = (inside: string) => iq(`<pubsub xmlns='http://jabber.org/protocol/pubsub'>${inside}</pubsub>`);

  it('gives instance id -1 when the option is missing and 0 when it is no number (CN-2.4.4)', () => {
    expect(pubsub("<subscribe node='x'/>")).toMatchObject({ instanceId: -1, noRibout: false });
    expect(pubsub("<subscribe node='x'/><options><instance-id>seven</instance-id></options>")).toMatchObject({
      instanceId: 0,
    });
    expect(
      pubsub("<subscribe node='x'/><options><instance-id>7</instance-id><no-ribout>true</no-ribout></options>"),
    ).toMatchObject({
      instanceId: 7,
      noRibout: true,
    });
  });

  it('finds the options inside the subscribe as well as beside it', () => {
    expect(pubsub("<subscribe node='x'><options><instance-id>4</instance-id></options></subscribe>")).toMatchObject({
      instance: 'x',
      instanceId: 4,
    });
  });

  it('ignores what is nobody’s business: other types, actions and receivers (CN-2.4.1)', () => {
    expect(iq('', "type='result'")).toEqual({ kind: 'other', name: 'iq', what: 'of type result' });
    expect(pubsub('<affiliations/>')).toMatchObject({ kind: 'other', what: 'unknown action affiliations' });
    expect(
      iq("<pubsub><subscribe node='x'/></pubsub>", "type='set' to='network-dns@contrailsystems.com/dns-peer'"),
    ).toMatchObject({ kind: 'other' });
    expect(scanStanza('<message from="a1" to="cn"><body>hello</body></message>', nlris)).toMatchObject({
      kind: 'other',
      name: 'message',
    });
  });

  it('leaves items of other families undecoded but counted (CN-2.4.6)', () => {
    expect(
      pubsub("<publish node='25/242/0-aa:bb:cc:dd:ee:ff,10.0.0.1/32'><item><entry/></item></publish>"),
    ).toMatchObject({
      kind: 'publish',
      items: [],
      itemCount: 1,
    });
  });

  it.each([
    '<iq',
    '<iq></message>',
    '<presence/>',
    '<iq><!-- hidden --></iq>',
    '<!DOCTYPE x []><iq></iq>',
    '<iq><?php ?></iq>',
    '<iq a="&undefined;"></iq>',
    '<iq a="1" a="2"></iq>',
  ])('is malformed and closes the connection when it is %j (CN-2.4.5, CN-Q11)', (text) => {
    expect(scanStanza(text, nlris).kind).toBe('malformed');
    expect(readStanzaStrictly(text, nlris).kind).toBe('malformed');
  });

  it('never throws, whatever it is made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(scanStanza(text, nlris)).toHaveProperty('kind');
        expect(scanStanza(`<iq>${text}</iq>`, nlris)).toHaveProperty('kind');
        expect(readStanzaStrictly(text, nlris)).toHaveProperty('kind');
      }),
      { numRuns: 500 },
    );
  });

  it('cannot make the reader recurse or remember without bound', () => {
    const deep = `${'<a>'.repeat(200_000)}`;
    expect(readStanza(`<iq>${deep}`, nlris)).toMatchObject({ kind: 'malformed', fault: 'nested too deeply' });
    expect(readStanzaStrictly(`<iq>${deep}`, nlris).kind).toBe('malformed');
    const wide = `<iq ${Array.from({ length: 40 }, (_, i) => `a${i}='1'`).join(' ')}></iq>`;
    expect(readStanza(wide, nlris)).toMatchObject({ fault: 'too many attributes' });
    expect(readStanzaStrictly(wide, nlris)).toMatchObject({ fault: 'too many attributes' });
  });
});

describe('a node id', () => {
  it('of an inet route is family, instance and prefix (CN-2.4/B1)', () => {
    expect(itemNodeOf('d:p:db:db', nlris.inet(0x0a006403, 32), nlris)).toBe('1/1/d:p:db:db/10.0.100.3/32');
  });

  it('is looked at in its first two fields and the sixth (CN-2.4.6)', () => {
    expect(readItemNode('1/1/d:p:db:db/10.0.100.3/32')).toEqual({ afi: 1, safi: 1, primaryInstanceId: null });
    expect(readItemNode('1/1/x/10.0.100.3/32/9')).toEqual({ afi: 1, safi: 1, primaryInstanceId: 9 });
    expect(readItemNode('nonsense')).toEqual({ afi: -1, safi: -1, primaryInstanceId: null });
  });
});
