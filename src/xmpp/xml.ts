/**
 * XML as much as Contrail's dialect needs (CN-2.1 to CN-2.11): escaping for the writers, and a small reader that makes a
 * tree of one stanza.
 *
 * What XMPP forbids (RFC 6120 §11.1) is a fault here too: comments, processing instructions, document types, entities
 * other than the five of XML. The stanzas that we write ourselves do not come this way: `scan.ts` knows their form.
 * Text from outside goes through `strict.ts`, which makes the same tree by another parser.
 */

/** One element. Attributes in order of appearance; text is that of the element itself, not of its children. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/** Why a text is no stanza. */
export interface XmlFault {
  readonly fault: string;
  /** Index of the character where reading stopped. */
  readonly at: number;
}

/** Deepest nesting of a stanza; the deepest that Contrail sends has nine levels. */
export const XML_DEPTH_MAX = 32;
/** Most attributes of one element. */
export const XML_ATTRIBUTES_MAX = 16;

export function isXmlFault(result: XmlElement | XmlFault): result is XmlFault {
  return 'fault' in result;
}

export function attribute(element: XmlElement, name: string): string | null {
  for (const [key, value] of element.attributes) if (key === name) return value;
  return null;
}

/** The first child of that name. */
export function child(element: XmlElement, name: string): XmlElement | null {
  for (const candidate of element.children) if (candidate.name === name) return candidate;
  return null;
}

/** The first element of that name below `element`, in document order, as Contrail searches for `options` and `item`. */
export function descendant(element: XmlElement, name: string): XmlElement | null {
  for (const candidate of element.children) {
    if (candidate.name === name) return candidate;
    const deeper = descendant(candidate, name);
    if (deeper !== null) return deeper;
  }
  return null;
}

const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const NEEDS_ESCAPE = /[&<>"'\r\n\t]/;
// Almost every text is made of these: one test instead of two passes.
const PLAIN = /^[ !#-%(-;=?-~]*$/;

/** For element content and for attribute values in either quote. Characters that XML cannot hold become U+FFFD. */
export function escapeXml(text: string): string {
  if (PLAIN.test(text)) return text;
  const clean = text.replace(NOT_XML, '\ufffd');
  if (!NEEDS_ESCAPE.test(clean)) return clean;
  let result = '';
  for (const character of clean) result += ESCAPES[character] ?? character;
  return result;
}

/** Octets of {@link escapeXml} of it. */
export function escapedSize(text: string): number {
  return PLAIN.test(text) ? text.length : utf8Size(escapeXml(text));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
};

const NOT_ASCII = /[\u0080-\uffff]/;

/** Octets of `text` in UTF-8. */
export function utf8Size(text: string): number {
  let size = text.length;
  if (!NOT_ASCII.test(text)) return size;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) size += 1;
    else if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < text.length && isLowSurrogate(text.charCodeAt(i + 1))) {
      size += 2; // four octets for two units
      i++;
    } else size += 2;
  }
  return size;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function utf8(text: string): Uint8Array {
  return ENCODER.encode(text);
}

/** Writes the octets of `text` into `to`, which has room for them. */
export function writeUtf8(text: string, to: Uint8Array): void {
  ENCODER.encodeInto(text, to);
}

/** null when the octets are not UTF-8. */
export function textOfUtf8(octets: Uint8Array): string | null {
  try {
    return DECODER.decode(octets);
  } catch {
    return null;
  }
}

/** Reads exactly one element, with white space around it and, before it, at most an XML declaration. Never throws. */
export function readXml(text: string): XmlElement | XmlFault {
  const reader = new XmlReader(text);
  return reader.document() ?? { fault: reader.fault, at: reader.at };
}

interface OpenElement {
  readonly name: string;
  readonly attributes: (readonly [string, string])[];
  readonly children: XmlElement[];
  text: string;
}

const NAME = /[A-Za-z_:\u0080-\uffff][-.\w:\u0080-\uffff]*/y;
const SPACE = /[ \t\r\n]*/y;
const DECLARATION = /<\?xml[ \t\r\n][^?<>]*\?>/y;

class XmlReader {
  private readonly text: string;
  at = 0;
  fault = '';

  constructor(text: string) {
    this.text = text;
  }

  document(): XmlElement | null {
    const bad = this.text.search(NOT_XML);
    if (bad >= 0) return this.fail('a character that XML cannot hold', bad);
    this.match(SPACE);
    this.match(DECLARATION);
    this.match(SPACE);
    const root = this.element();
    if (root === null) return null;
    this.match(SPACE);
    return this.at === this.text.length ? root : this.fail('something after the element');
  }

  private element(): XmlElement | null {
    const open: OpenElement[] = [];
    for (;;) {
      if (open.length === XML_DEPTH_MAX) return this.fail('nested too deeply');
      const tag = this.startTag();
      if (tag === null) return null;
      let done: XmlElement | null = null;
      if (this.text.startsWith('/>', this.at)) {
        this.at += 2;
        done = tag;
      } else if (this.text.charCodeAt(this.at) === GREATER) {
        this.at++;
        open.push(tag);
      } else return this.fail('a tag without an end');
      // Content until the next start tag, or until the root is closed.
      for (;;) {
        if (done !== null) {
          const parent = open[open.length - 1];
          if (parent === undefined) return done;
          parent.children.push(done);
          done = null;
        }
        const current = open[open.length - 1]!;
        const less = this.text.indexOf('<', this.at);
        if (less < 0) return this.fail('an element that is not closed', this.text.length);
        if (less > this.at) {
          const content = this.unescape(less, false);
          if (content === null) return null;
          current.text += content;
        }
        const next = this.text.charCodeAt(less + 1);
        if (next === SLASH) {
          if (!this.endTag(current.name)) return null;
          open.pop();
          done = current;
        } else if (next === EXCLAMATION) {
          if (!this.cdata(current)) return null;
        } else if (next === QUESTION) {
          return this.fail('a processing instruction');
        } else break;
      }
    }
  }

  private startTag(): OpenElement | null {
    if (this.text.charCodeAt(this.at) !== LESS) return this.fail('no start tag');
    this.at++;
    const name = this.name();
    if (name === null) return null;
    const attributes: (readonly [string, string])[] = [];
    for (;;) {
      const before = this.at;
      this.match(SPACE);
      const code = this.text.charCodeAt(this.at);
      if (code === GREATER || code === SLASH) return { name, attributes, children: [], text: '' };
      if (this.at === before) return this.fail('no space before an attribute');
      const key = this.name();
      if (key === null) return null;
      this.match(SPACE);
      if (this.text.charCodeAt(this.at) !== EQUALS) return this.fail('an attribute without a value');
      this.at++;
      this.match(SPACE);
      const quote = this.text[this.at];
      if (quote !== '"' && quote !== "'") return this.fail('an attribute value without quotes');
      this.at++;
      const end = this.text.indexOf(quote, this.at);
      if (end < 0) return this.fail('an attribute value that does not end', this.text.length);
      const less = this.text.indexOf('<', this.at);
      if (less >= 0 && less < end) return this.fail('< in an attribute value', less);
      const value = this.unescape(end, true);
      if (value === null) return null;
      this.at++;
      for (const [known] of attributes) if (known === key) return this.fail('an attribute twice');
      if (attributes.length === XML_ATTRIBUTES_MAX) return this.fail('too many attributes');
      attributes.push([key, value]);
    }
  }

  private endTag(name: string): boolean {
    this.at += 2;
    if (!this.text.startsWith(name, this.at)) return this.fail('an end tag of another element') !== null;
    this.at += name.length;
    this.match(SPACE);
    if (this.text.charCodeAt(this.at) !== GREATER) return this.fail('an end tag of another element') !== null;
    this.at++;
    return true;
  }

  private cdata(into: OpenElement): boolean {
    if (!this.text.startsWith('<![CDATA[', this.at)) return this.fail('a comment or a document type') !== null;
    const end = this.text.indexOf(']]>', this.at);
    if (end < 0) return this.fail('a CDATA section that does not end') !== null;
    into.text += lineEnds(this.text.slice(this.at + 9, end));
    this.at = end + 3;
    return true;
  }

  /** The text up to `end` with references resolved; moves there. */
  private unescape(end: number, inAttribute: boolean): string | null {
    const slice = lineEnds(this.text.slice(this.at, end));
    const raw = inAttribute ? slice.replace(/[\n\t]/g, ' ') : slice;
    const start = this.at;
    this.at = end;
    if (!inAttribute && raw.includes(']]>')) return this.fail(']]> in text', start);
    if (!raw.includes('&')) return raw;
    let result = '';
    let from = 0;
    for (let ampersand = raw.indexOf('&'); ampersand >= 0; ampersand = raw.indexOf('&', from)) {
      const semicolon = raw.indexOf(';', ampersand);
      const character = semicolon < 0 ? null : referenced(raw.slice(ampersand + 1, semicolon));
      if (character === null) return this.fail('an unknown reference', start + ampersand);
      result += raw.slice(from, ampersand) + character;
      from = semicolon + 1;
    }
    return result + raw.slice(from);
  }

  private name(): string | null {
    NAME.lastIndex = this.at;
    const found = NAME.exec(this.text);
    if (found === null) return this.fail('no name');
    this.at += found[0].length;
    return found[0];
  }

  private match(pattern: RegExp): void {
    pattern.lastIndex = this.at;
    if (pattern.test(this.text)) this.at = pattern.lastIndex;
  }

  private fail(fault: string, at = this.at): null {
    this.fault = fault;
    this.at = at;
    return null;
  }
}

const LESS = 0x3c;
const GREATER = 0x3e;
const SLASH = 0x2f;
const EQUALS = 0x3d;
const EXCLAMATION = 0x21;
const QUESTION = 0x3f;

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function referenced(name: string): string | null {
  const code = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name);
  if (code === null) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name]! : null;
  const value = code[1] !== undefined ? Number.parseInt(code[1], 16) : Number(code[2]);
  if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000) || value === 0xfffe || value === 0xffff) return null;
  if (value < 0x20 && value !== 9 && value !== 10 && value !== 13) return null;
  return String.fromCodePoint(value);
}

function lineEnds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}
