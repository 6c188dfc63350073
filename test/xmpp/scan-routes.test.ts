import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RoutePool } from '../../src/route/pool.ts';
import { encodeItem, type UnicastItem } from '../../src/xmpp/items.ts';
import { messageTo, reachMessage, stanzaDigest, unreachMessage } from '../../src/xmpp/message.ts';
import { scanStanza } from '../../src/xmpp/scan.ts';
import { scanRoutes } from '../../src/xmpp/scan-routes.ts';
import { openText, type Stanza } from '../../src/xmpp/stanza.ts';
import { XmppFramer } from '../../src/xmpp/stream.ts';
import { readStanzaStrictly } from '../../src/xmpp/strict.ts';
import { textOfUtf8, utf8 } from '../../src/xmpp/xml.ts';
import { items } from './arbitraries.ts';

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
/** The scanner leaves load balancing, and what XML must escape or UTF-8 must stretch, to others: they are rare. */
const isOurs = (item: UnicastItem) =>
  item.loadBalance === null && /^[ -%'-~]*$/.test(encodeItem(item, 'control-node', nlris).text);
const joined = (...parts: readonly Uint8Array[]) => Uint8Array.of(...parts.flatMap((part) => [...part]));

/** What a receiver hears of a stream, and how many octets each took; with the scanner, or by searching for ends alone. */
function heard(pieces: readonly Uint8Array[], scanning: boolean): unknown[] {
  const framer = new XmppFramer();
  const found: unknown[] = [];
  for (const piece of pieces) {
    const lent = piece.slice();
    framer.push(lent);
    for (;;) {
      const frame = scanning ? framer.next((octets) => scanRoutes(octets, nlris)) : framer.next();
      if (frame === null) break;
      if (frame.kind === 'stanza') found.push([meant(scanStanza(frame.text, nlris)), frame.size]);
      else if (frame.kind === 'scanned') found.push([meant(frame.scanned.stanza, frame.scanned.digest), frame.size]);
      else found.push(frame);
    }
    framer.keep();
    lent.fill(0x58); // the memory is used again
  }
  return found;
}

function meant(stanza: Stanza | ReturnType<typeof scanStanza>, digest?: number): unknown {
  return stanza.kind === 'malformed' ? stanza.kind : { stanza, digest: digest ?? stanzaDigest(stanza, nlris) };
}

describe('routes that a control node tells', () => {
  it('are read from octets at once, whoever else was told the same, and whatever follows', () => {
    fc.assert(
      fc.property(routes, fc.uint8Array({ maxLength: 40 }), (list, behind) => {
        const plain = list.filter(isOurs);
        fc.pre(plain.length > 0);
        for (const to of ['a1', 'a2', 'compute-3']) {
          const message = told(to, plain);
          expect(scanRoutes(joined(message.octets, behind), nlris)).toEqual({
            stanza: message.content,
            digest: message.digest,
            size: message.size,
          });
        }
      }),
    );
  });

  it('are what a strict parser of others reads', () => {
    fc.assert(
      fc.property(routes, (list) => {
        const { octets } = told('a1', list.filter(isOurs));
        const scanned = scanRoutes(octets, nlris);
        if (scanned !== null) expect(scanned.stanza).toEqual(readStanzaStrictly(textOfUtf8(octets)!, nlris));
      }),
    );
  });

  it('are no others when one octet differs from those of a message that is known', () => {
    const differing = fc.tuple(routes, fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0x22, 0x30, 0x3c, 0x3e, 0x39)));
    fc.assert(
      fc.property(differing, ([list, place, octet]) => {
        const { octets } = told('a1', list);
        scanRoutes(octets, nlris); // from here on it is known
        const other = octets.slice();
        other[place % other.length] = octet;
        expect(heard([OPEN, other], true)).toEqual(heard([OPEN, other], false));
      }),
      { numRuns: 1000 },
    );
  });

  it('are the same however the stream is cut, and with other stanzas between', () => {
    const messages = fc.array(
      fc.oneof(
        routes.map((list) => told('a1', list).octets),
        routes.map((list) => {
          const gone = list.map((item) => item.nlri);
          return messageTo('a1', unreachMessage('d:p:db:db', gone, nlris)).octets;
        }),
        fc.constant(utf8('\u0200')),
      ),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(messages, fc.array(fc.nat(), { maxLength: 6 }), (parts, places) => {
        const octets = joined(OPEN, ...parts);
        const ends = [...new Set(places.map((place) => place % octets.length))].sort((a, b) => a - b);
        const pieces = [0, ...ends].map((from, i) => octets.subarray(from, ends[i] ?? octets.length));
        const whole = heard([octets], false);
        expect(heard([octets], true)).toEqual(whole);
        expect(heard(pieces, true)).toEqual(whole);
      }),
    );
  });

  it('are left to others when the message is not whole', () => {
    const { octets } = told('a1', fc.sample(routes, { numRuns: 1, seed: 1 })[0]!.filter(isOurs));
    for (let end = 0; end < octets.length; end++) expect(scanRoutes(octets.subarray(0, end), nlris)).toBeNull();
  });
});
