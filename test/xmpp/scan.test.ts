import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RoutePool } from '../../src/route/pool.ts';
import { encodeItem, type UnicastItem } from '../../src/xmpp/items.ts';
import {
  type AgentMessage,
  agentMessage,
  configMessage,
  messageTo,
  reachMessage,
  stanzaDigest,
  unreachMessage,
  type XmppMessage,
} from '../../src/xmpp/message.ts';
import { readStanza } from '../../src/xmpp/reader.ts';
import { scanOctets, scanStanza } from '../../src/xmpp/scan.ts';
import { KEEPALIVE_TEXT, openText } from '../../src/xmpp/stanza.ts';
import { XmppFramer } from '../../src/xmpp/stream.ts';
import { readStanzaStrictly } from '../../src/xmpp/strict.ts';
import { textOfUtf8, utf8 } from '../../src/xmpp/xml.ts';
import { agentStanzas, configMessages, items } from './arbitraries.ts';

const { nlris } = new RoutePool();
const OPEN = utf8(openText({ kind: 'open', from: 'cn', to: 'a1', id: '++123', xmlns: 'jabber:client' }));

const told = (to: string, list: readonly UnicastItem[]) =>
  messageTo(
    to,
    reachMessage(
      'd:p:db:db',
      list.map((item) => encodeItem(item, 'control-node', nlris)),
    ),
  );
const routes = fc.array(items(nlris, 'control-node'), { minLength: 1, maxLength: 4 });
/** One of each kind that we write. */
const messages: fc.Arbitrary<XmppMessage | AgentMessage> = fc.oneof(
  routes.map((list) => told('a1', list)),
  routes.map((list) => {
    const gone = list.map((item) => item.nlri);
    return messageTo('a1', unreachMessage('d:p:db:db', gone, nlris));
  }),
  configMessages.map((content) => messageTo('default-global-system-config:a1', configMessage(content))),
  agentStanzas(nlris).map((stanza) => agentMessage({ ...stanza }, 'a1', nlris)),
);
/** The scanner leaves load balancing, and what XML must escape or UTF-8 must stretch, to others: they are rare. */
const isOurs = (message: XmppMessage | AgentMessage) => {
  const text = textOfUtf8(message.octets)!;
  return /^[ -%'-~]*$/.test(text) && !text.includes('<load-balance>');
};
const joined = (...parts: readonly Uint8Array[]) => Uint8Array.of(...parts.flatMap((part) => [...part]));

/** What a receiver hears of a stream, and how many octets each took; by scanning, or by searching for ends and reading. */
function heard(pieces: readonly Uint8Array[], scanning: boolean): unknown[] {
  const framer = new XmppFramer();
  const found: unknown[] = [];
  const meant = (stanza: ReturnType<typeof readStanza>, size: number, digest?: number) => {
    if (stanza.kind === 'malformed') found.push([stanza.kind, size]);
    else found.push([withoutFigures(stanza), digest ?? stanzaDigest(stanza, nlris), size]);
  };
  for (const piece of pieces) {
    const lent = piece.slice();
    framer.push(lent);
    for (;;) {
      const frame = scanning ? framer.next((octets) => scanOctets(octets, nlris)) : framer.next();
      if (frame === null) break;
      if (frame.kind === 'scanned') meant(frame.scanned.stanza, frame.size, frame.scanned.digest);
      else if (frame.kind === 'stanza')
        meant(scanning ? scanStanza(frame.text, nlris) : readStanza(frame.text, nlris), frame.size);
      else found.push(frame);
    }
    framer.keep();
    lent.fill(0x58); // the memory is used again
  }
  return found;
}

/** Objects of configuration may have their figures with them. */
function withoutFigures(value: object): unknown {
  return JSON.parse(JSON.stringify(value, (key, field: unknown) => (key === 'figures' ? undefined : field)));
}

describe('a stanza in our own form', () => {
  it("is read from octets at once, whatever follows, and its digest is the sender's", () => {
    fc.assert(
      fc.property(messages.filter(isOurs), fc.uint8Array({ maxLength: 40 }), (message, behind) => {
        const scanned = scanOctets(joined(message.octets, behind), nlris);
        expect(scanned).toMatchObject({ stanza: message.content, digest: message.digest, size: message.size });
      }),
    );
  });

  it('is what a strict parser of others reads', () => {
    fc.assert(
      fc.property(messages, ({ octets }) => {
        const scanned = scanOctets(octets, nlris);
        if (scanned === null) return;
        expect(withoutFigures(scanned.stanza)).toEqual(withoutFigures(readStanzaStrictly(textOfUtf8(octets)!, nlris)));
      }),
    );
  });

  it('is no other when one octet differs from those of one that is known', () => {
    const octet = fc.oneof(fc.nat(255), fc.constantFrom(0x22, 0x27, 0x30, 0x3c, 0x3e, 0x39, 0x2f));
    fc.assert(
      fc.property(messages, fc.nat(), octet, ({ octets }, place, differing) => {
        scanOctets(octets, nlris); // from here on it is known
        const other = octets.slice();
        other[place % other.length] = differing;
        expect(heard([OPEN, other], true)).toEqual(heard([OPEN, other], false));
      }),
      { numRuns: 2000 },
    );
  });

  it('is no other when octets are missing, or more than there should be', () => {
    fc.assert(
      fc.property(messages, fc.nat(), fc.nat(12), fc.uint8Array({ maxLength: 3 }), ({ octets }, at, gone, more) => {
        const place = at % octets.length;
        const other = joined(octets.subarray(0, place), more, octets.subarray(place + gone));
        expect(heard([OPEN, other], true)).toEqual(heard([OPEN, other], false));
      }),
      { numRuns: 1000 },
    );
  });

  it('is the same however the stream is cut, with others and keepalives around it', () => {
    const streams = fc.array(
      fc.oneof(
        messages.map(({ octets }) => octets),
        fc.constant(utf8(KEEPALIVE_TEXT)),
      ),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(streams, fc.array(fc.nat(), { maxLength: 6 }), (parts, places) => {
        const octets = joined(OPEN, ...parts);
        const ends = [...new Set(places.map((place) => place % octets.length))].sort((a, b) => a - b);
        const pieces = [0, ...ends].map((from, i) => octets.subarray(from, ends[i] ?? octets.length));
        const whole = heard([octets], false);
        expect(heard([octets], true)).toEqual(whole);
        expect(heard(pieces, true)).toEqual(whole);
      }),
    );
  });

  it('is left to others when it is not whole', () => {
    fc.assert(
      fc.property(messages.filter(isOurs), ({ octets }) => {
        for (let end = 0; end < octets.length; end++) expect(scanOctets(octets.subarray(0, end), nlris)).toBeNull();
      }),
      { numRuns: 10 },
    );
  });
});

describe('routes that a control node tells', () => {
  it('are the same to every agent that is told of them, in whatever company', () => {
    fc.assert(
      fc.property(routes, routes, (list, others) => {
        for (const to of ['a1', 'a2', 'compute-3']) {
          for (const company of [list, [...list, ...others], [...others, ...list], [...list].reverse()]) {
            const message = told(to, company);
            if (!isOurs(message)) continue;
            expect(scanOctets(message.octets, nlris)).toMatchObject({
              stanza: message.content,
              digest: message.digest,
            });
          }
        }
      }),
    );
  });
});
