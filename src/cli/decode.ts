/** `vaportrail decode`: octets or text from an argument, a file or standard input, told field by field. */
import { TextDecoder, TextEncoder } from 'node:util';
import { fromHex } from '../base/bytes.ts';
import { faultSentence } from '../base/files.ts';
import { describeBgp } from '../bgp/describe/message.ts';
import { bgpText, type ToldStanza, xmppText } from '../report/decode-text.ts';
import type { NlriTable } from '../route/nlri.ts';
import { RoutePool } from '../route/pool.ts';
import { describeStanza } from '../xmpp/describe.ts';
import { KEEPALIVE, type MalformedStanza, malformed, type Stanza } from '../xmpp/stanza.ts';
import { XmppFramer } from '../xmpp/stream.ts';
import { readStanzaStrictly } from '../xmpp/strict.ts';
import { readDescriptor, readOctets } from './disk.ts';
import { type BadInput, badArgument, EXIT } from './outcome.ts';
import { painterFor, printLine } from './terminal.ts';

/** More octets than this are refused. */
export const DECODE_OCTETS_MAX = 1_048_576;

/** 0: every message is taken as it is; 1: at least one is not; 2: there is nothing to decode. */
export function decode(input: string, options: { readonly json?: boolean }): number {
  const octets = octetsOf(input);
  if (octets.length === 0)
    throw badArgument('nothing-to-decode', `${input === '-' ? 'standard input' : input} is empty`);
  const paint = painterFor(process.stdout);
  if (isXml(octets)) {
    const stanzas = stanzasOf(octets);
    printLine(
      options.json === true ? JSON.stringify({ protocol: 'xmpp', stanzas }, null, 2) : xmppText(stanzas, paint),
    );
    return stanzas.every((stanza) => stanza.accepted) ? EXIT.held : EXIT.failed;
  }
  const messages = describeBgp(octets);
  printLine(options.json === true ? JSON.stringify({ protocol: 'bgp', messages }, null, 2) : bgpText(messages, paint));
  return messages.every((message) => message.verdict.accepted) ? EXIT.held : EXIT.failed;
}

/** XML begins with a tag, or with the keepalive of XMPP. */
function isXml(octets: Uint8Array): boolean {
  const first = octets.findIndex((octet) => octet !== 0x20 && octet !== 0x09 && octet !== 0x0a && octet !== 0x0d);
  return octets[first] === 0x3c || (octets[first] === 0xc8 && octets[first + 1] === 0x80);
}

const STREAM_OPEN = '<stream:stream>';

/** Stanzas one after the other, with or without the stream open before them. */
function stanzasOf(octets: Uint8Array): readonly ToldStanza[] {
  const { nlris } = new RoutePool();
  const framer = new XmppFramer();
  const text = new TextDecoder().decode(octets.subarray(0, 200)).trimStart();
  const opens = text.startsWith('<?xml') || text.startsWith('<stream:stream');
  if (!opens) {
    framer.push(new TextEncoder().encode(STREAM_OPEN));
    framer.next();
  }
  framer.push(octets);
  const told: ToldStanza[] = [];
  for (let frame = framer.next(); frame !== null; frame = framer.next()) {
    // A line end between stanzas of a file is no keepalive.
    if (frame.kind === 'keepalive' && frame.size === 1) continue;
    if (frame.kind === 'keepalive') told.push(tell(KEEPALIVE, nlris));
    else if (frame.kind === 'fault') told.push(tell(malformed(frame.fault), nlris));
    else told.push(tell(readStanzaStrictly(frame.text, nlris), nlris));
  }
  if (framer.waiting > 0) told.push(tell(malformed(`the last ${framer.waiting} octets are no whole stanza`), nlris));
  return told;
}

function tell(stanza: Stanza | MalformedStanza, nlris: NlriTable): ToldStanza {
  const [what = '', ...parts] = describeStanza(stanza, nlris);
  return { kind: stanza.kind, what, parts, accepted: stanza.kind !== 'malformed' };
}

function octetsOf(input: string): Uint8Array {
  if (input.trimStart().startsWith('<')) return new TextEncoder().encode(input);
  if (input === '-') {
    const octets = readDescriptor(0, DECODE_OCTETS_MAX);
    if (octets === null) throw tooLarge('standard input');
    return unhexed(octets);
  }
  const octets = readOctets(input, DECODE_OCTETS_MAX);
  if (octets instanceof Uint8Array) return unhexed(octets);
  const digits = octets.fault === 'missing' ? fromHex(input) : null;
  if (digits !== null) return digits;
  if (octets.fault === 'too-large') throw tooLarge(input);
  if (octets.fault !== 'missing' || /[\\/.]/.test(input)) {
    throw badArgument('unreadable-file', faultSentence(input, octets.fault, DECODE_OCTETS_MAX));
  }
  const shown = input.length > 40 ? `${input.slice(0, 40)}...` : input;
  throw badArgument('not-hex', `${shown} is neither a file nor hex digits in pairs`);
}

function tooLarge(what: string): BadInput {
  return badArgument('too-large', `${what} is larger than the limit of 1 MB`);
}

/** Text that is hex stands for the octets it writes. */
function unhexed(octets: Uint8Array): Uint8Array {
  if (isXml(octets) || !octets.every((octet) => octet < 0x80)) return octets;
  return fromHex(new TextDecoder().decode(octets)) ?? octets;
}
