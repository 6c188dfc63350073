/**
 * The fast reader of the stanzas that we write ourselves, from octets (`bench/micro/xmpp.ts` compares it with parsers).
 *
 * It follows the writers of `stanza.ts`, `items.ts` and `config-object.ts` letter by letter, so that it needs no search
 * for the end of a stanza and makes no text of names and items that are known. Whatever departs from that form, in
 * order, white space, quotes or elements, is read by the general reader instead, with the same meaning; the tests
 * compare the two.
 */
import type { NlriTable } from '../route/nlri.ts';
import { OctetCursor } from './octet-cursor.ts';
import { readStanza } from './reader.ts';
import { scanConfig } from './scan-config.ts';
import { scanRequest } from './scan-request.ts';
import { scanRoutes } from './scan-routes.ts';
import type { MalformedStanza, Stanza } from './stanza.ts';
import { utf8 } from './xml.ts';

/** What a stanza at the beginning of octets says. */
export interface Meaning {
  readonly stanza: Stanza;
  /** What `stanzaDigest` says of it. */
  readonly digest: number;
}

/** The same, and how many octets it takes. */
export interface Scanned extends Meaning {
  readonly size: number;
}

const LETTER_M = 0x6d;
const APOSTROPHE = 0x27;
/** Where `<iq type=` ends: agents go on with an apostrophe, control nodes with a quote. */
const IQ_QUOTE = 9;

/** The stanza that begins here; null when it is in another form than our writers', or not whole. */
export function scanOctets(octets: Uint8Array, nlris: NlriTable): Scanned | null {
  const cursor = new OctetCursor(octets);
  let meaning: Meaning | null;
  if (octets[1] === LETTER_M) meaning = scanRoutes(cursor, nlris);
  else meaning = octets[IQ_QUOTE] === APOSTROPHE ? scanRequest(cursor, nlris) : scanConfig(cursor, nlris);
  return meaning === null ? null : { stanza: meaning.stanza, digest: meaning.digest, size: cursor.at };
}

/** Reads the text of one stanza: known forms at once, all others by the general reader. Never throws. */
export function scanStanza(text: string, nlris: NlriTable): Stanza | MalformedStanza {
  return scanKnown(text, nlris) ?? readStanza(text, nlris);
}

/** The fast way alone: null when the text is not in the form of our writers. */
export function scanKnown(text: string, nlris: NlriTable): Stanza | null {
  const octets = utf8(text);
  const scanned = scanOctets(octets, nlris);
  return scanned === null || scanned.size < octets.length ? null : scanned.stanza;
}
