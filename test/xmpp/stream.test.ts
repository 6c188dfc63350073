import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RoutePool } from '../../src/route/pool.ts';
import { agentText, KEEPALIVE_TEXT, openText } from '../../src/xmpp/stanza.ts';
import { type Frame, OPEN_OCTETS_MAX, STANZA_OCTETS_MAX, XmppFramer } from '../../src/xmpp/stream.ts';
import { utf8 } from '../../src/xmpp/xml.ts';
import { agentStanzas } from './arbitraries.ts';

const { nlris } = new RoutePool();
const OPEN = openText({ kind: 'open', from: 'a1', to: 'network-control@contrailsystems.com', id: '', xmlns: '' });

function framesOf(pieces: Iterable<Uint8Array>): Frame[] {
  const framer = new XmppFramer();
  const frames: Frame[] = [];
  for (const piece of pieces) {
    framer.push(piece);
    for (let frame = framer.next(); frame !== null; frame = framer.next()) frames.push(frame);
  }
  return frames;
}

function cut(octets: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % (octets.length + 1)))].sort((a, b) => a - b);
  return [0, ...ends].map((from, i) => octets.subarray(from, ends[i] ?? octets.length));
}

/** A stream as an agent sends it: the open, then stanzas with fillers and keepalives between. */
const streams = fc
  .array(
    fc.oneof(
      agentStanzas(nlris).map((stanza) => agentText(stanza, 'a1', nlris)),
      fc.constantFrom(KEEPALIVE_TEXT, ' ', '\r\n\t', '\n\u0200\n', '</iq-not-an-end>'.replace(/.*/, '\n')),
    ),
    { maxLength: 6 },
  )
  .map((parts) => OPEN + parts.join(''));

describe('a stream', () => {
  it('gives the same stanzas however TCP cuts it (CN-2.1.7)', () => {
    fc.assert(
      fc.property(streams, fc.array(fc.nat(), { maxLength: 8 }), (text, places) => {
        const octets = utf8(text);
        const whole = framesOf([octets]);
        expect(framesOf(cut(octets, places))).toEqual(whole);
        expect(whole.some((frame) => frame.kind === 'fault')).toBe(false);
      }),
    );
  });

  it('gives the same stanzas octet by octet, and with the rest of them still to come', () => {
    fc.assert(
      fc.property(streams, (text) => {
        const octets = utf8(text);
        const singles = Array.from(octets, (octet) => Uint8Array.of(octet));
        expect(framesOf(singles)).toEqual(framesOf([octets]));
      }),
      { numRuns: 20 },
    );
  });

  it('never throws, hangs or says more after a fault, whatever octets come', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), fc.boolean(), (pieces, opened) => {
        const frames = framesOf(opened ? [utf8(OPEN), ...pieces] : pieces);
        const fault = frames.findIndex((frame) => frame.kind === 'fault');
        expect(fault === -1 || fault === frames.length - 1).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('accounts for every octet but those that wait', () => {
    fc.assert(
      fc.property(streams, fc.nat(), (text, place) => {
        const octets = utf8(text);
        const part = octets.subarray(0, place % (octets.length + 1));
        const framer = new XmppFramer();
        framer.push(part);
        let taken = 0;
        let fillers = 0;
        for (let frame = framer.next(); frame !== null; frame = framer.next()) {
          if (frame.kind === 'fault') throw new Error(frame.fault);
          if (frame.kind === 'keepalive' && frame.size === 1) fillers++;
          taken += frame.size;
        }
        expect(taken + framer.waiting).toBeLessThanOrEqual(part.length);
        if (fillers === 0) expect(taken + framer.waiting).toBe(part.length);
      }),
    );
  });

  it('counts U+0200 each time, and a run of white space once (CN-2.1.6)', () => {
    const kinds = (text: string) => framesOf([utf8(OPEN + text)]).map((frame) => frame.kind);
    expect(kinds('\u0200\u0200')).toEqual(['open', 'keepalive', 'keepalive']);
    expect(kinds('\r\n\r\n')).toEqual(['open', 'keepalive']);
    expect(kinds(' \u0200 ')).toEqual(['open', 'keepalive', 'keepalive', 'keepalive']);
    expect(kinds('<iq></iq>\n<iq></iq>')).toEqual(['open', 'stanza', 'keepalive', 'stanza']);
  });

  it('finds the end of a stanza by its text, white space before the bracket allowed', () => {
    const [, first, second] = framesOf([utf8(`${OPEN}<iq><x/></iqs></iq \n><message></iq></message>`)]);
    expect(first).toMatchObject({ text: '<iq><x/></iqs></iq \n>' });
    expect(second).toMatchObject({ text: '<message></iq></message>' });
  });

  it('reads an open without declaration, with a bracket in a value, and nothing before it', () => {
    const bare = "<stream:stream from='a>1' to='cn' xmlns:stream='http://etherx.jabber.org/streams'>";
    expect(framesOf([utf8(`${bare}\u0200`)])).toMatchObject([{ kind: 'open', text: bare }, { kind: 'keepalive' }]);
    expect(framesOf([utf8('<iq></iq>')])).toEqual([{ kind: 'fault', fault: 'no stream open' }]);
  });

  it('does not remember more than its limits (CN-2.1.5)', () => {
    expect(framesOf([utf8(`<stream:stream a='${'x'.repeat(OPEN_OCTETS_MAX)}`)])).toEqual([
      { kind: 'fault', fault: 'a stream open of more than 1024 octets' },
    ]);
    const framer = new XmppFramer();
    framer.push(utf8(`${OPEN}<iq>`));
    const piece = utf8('<x/>'.repeat(16_384));
    let fault: Frame | null = null;
    for (let sent = 0; fault === null || fault.kind !== 'fault'; sent += piece.length) {
      expect(sent).toBeLessThanOrEqual(STANZA_OCTETS_MAX + piece.length);
      framer.push(piece);
      fault = framer.next() ?? fault;
    }
    expect(fault).toEqual({ kind: 'fault', fault: 'a stanza above the limit' });
    expect(framer.waiting).toBe(0);
  });

  it('is at fault when its octets are not UTF-8', () => {
    const octets = Uint8Array.of(...utf8(`${OPEN}<iq a='`), 0xff, ...utf8("'></iq>"));
    expect(framesOf([octets]).at(-1)).toEqual({ kind: 'fault', fault: 'octets that are not UTF-8' });
  });
});
