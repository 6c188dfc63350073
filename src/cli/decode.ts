/** `vaportrail decode`: octets or text from an argument, a file or standard input, told field by field. */
import { TextDecoder } from 'node:util';
import { fromHex } from '../base/bytes.ts';
import { faultSentence } from '../base/files.ts';
import { describeBgp } from '../bgp/describe/message.ts';
import { bgpText } from '../report/decode-text.ts';
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
  const messages = describeBgp(octets);
  if (options.json === true) printLine(JSON.stringify({ protocol: 'bgp', messages }, null, 2));
  else printLine(bgpText(messages, painterFor(process.stdout)));
  return messages.every((message) => message.verdict.accepted) ? EXIT.held : EXIT.failed;
}

function octetsOf(input: string): Uint8Array {
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
  if (!octets.every((octet) => octet < 0x80)) return octets;
  return fromHex(new TextDecoder().decode(octets)) ?? octets;
}
