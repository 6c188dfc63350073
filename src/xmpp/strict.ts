/**
 * Stanzas from outside (a raw step of a scenario, the `decode` verb) and the judge of our own reader: saxes makes the
 * tree, strictly. Document types, processing instructions and comments are refused, depth, attributes and size are
 * bounded, and there is no fetching of anything.
 */
import { SaxesParser } from 'saxes';
import type { NlriTable } from '../route/nlri.ts';
import { openOfElement, stanzaOfElement } from './reader.ts';
import { type MalformedStanza, malformed, type Stanza } from './stanza.ts';
import { STANZA_OCTETS_MAX } from './stream.ts';
import { isXmlFault, XML_ATTRIBUTES_MAX, XML_DEPTH_MAX, type XmlElement, type XmlFault } from './xml.ts';

interface GrowingElement {
  readonly name: string;
  readonly attributes: (readonly [string, string])[];
  readonly children: XmlElement[];
  text: string;
}

/** Exactly one element, or why there is none. Never throws. */
export function readXmlStrictly(text: string): XmlElement | XmlFault {
  if (text.length > STANZA_OCTETS_MAX) return { fault: 'a stanza above the limit', at: STANZA_OCTETS_MAX };
  const parser = new SaxesParser({ xmlns: false, fragment: false });
  const open: GrowingElement[] = [];
  let root: XmlElement | null = null;
  let fault: XmlFault | null = null;
  const fail = (sentence: string) => {
    fault ??= { fault: sentence, at: parser.position };
  };
  parser.on('error', (error) => fail(error.message));
  parser.on('doctype', () => fail('a document type'));
  parser.on('processinginstruction', () => fail('a processing instruction'));
  parser.on('comment', () => fail('a comment'));
  parser.on('opentag', (tag) => {
    if (fault !== null) return;
    const attributes = Object.entries(tag.attributes);
    if (open.length === XML_DEPTH_MAX) fail('nested too deeply');
    if (attributes.length > XML_ATTRIBUTES_MAX) fail('too many attributes');
    open.push({ name: tag.name, attributes, children: [], text: '' });
  });
  const content = (piece: string) => {
    const current = open[open.length - 1];
    if (fault === null && current !== undefined) current.text += piece;
  };
  parser.on('text', content);
  parser.on('cdata', content);
  parser.on('closetag', () => {
    const done = open.pop();
    if (fault !== null || done === undefined) return;
    const parent = open[open.length - 1];
    if (parent === undefined) root = done;
    else parent.children.push(done);
  });
  // In pieces, so that a document that is bad from its beginning costs no more than a piece.
  for (let from = 0; from < text.length && fault === null; from += PIECE) parser.write(text.slice(from, from + PIECE));
  if (fault === null) parser.close();
  return fault ?? root ?? { fault: 'no element', at: text.length };
}

const PIECE = 16_384;

/** One stanza or stream open from outside. */
export function readStanzaStrictly(text: string, nlris: NlriTable): Stanza | MalformedStanza {
  const trimmed = text.trim();
  const isOpen = trimmed.startsWith('<?xml') || trimmed.startsWith('<stream:stream');
  const closed = isOpen && trimmed.endsWith('>') && !trimmed.endsWith('/>');
  const element = readXmlStrictly(closed ? `${trimmed.slice(0, -1)}/>` : trimmed);
  if (isXmlFault(element)) return malformed(element.fault);
  return element.name === 'stream:stream' ? openOfElement(element) : stanzaOfElement(element, nlris);
}
