/**
 * The text of one route item in our own form (`items.ts`), letter by letter, in a few sticky patterns with the values as
 * their groups. Whatever departs from that form is left to the general reader, with the same meaning.
 */
import { parseIpv4 } from '../net/ipv4.ts';
import type { NlriTable } from '../route/nlri.ts';
import { prefixNlri } from './item-reader.ts';
import {
  AFI_INET,
  type ItemNextHop,
  itemNextHop,
  NO_NLRI,
  SAFI_UNICAST,
  type UnicastItem,
  unicastItem,
} from './items.ts';
import { wordOf } from './words.ts';

/** Text that means itself in either quote and between tags, and has nothing that XML must escape. */
const PLAIN = '[ !#-%(-;=?-~]*';
const NUMBER = '(\\d{1,10})';
const PREFIX = '([\\d.]{7,15}\\/\\d{1,2})';

/** A sticky pattern; what is no group stands for itself, so literals are escaped and joined. */
function sticky(...parts: readonly (string | RegExp)[]): RegExp {
  const source = parts.map((part) =>
    part instanceof RegExp ? part.source : part.replace(/[/.?+*|(){}[\]\\^$]/g, '\\$&'),
  );
  return new RegExp(source.join(''), 'y');
}

const group = (source: string) => new RegExp(source);
const plain = group(`(${PLAIN})`);
const number = group(NUMBER);
const prefix = group(PREFIX);
const optional = (...parts: readonly (string | RegExp)[]) => group(`(?:${sticky(...parts).source})?`);
/** The inside of a list of elements, as one group. */
const listOf = (name: string, content: string) => group(`((?:<${name}>${content}<\\/${name}>)+)`);

const notCaptured = group(PLAIN);

const NLRI = '<nlri><af>1</af><safi>1</safi><address>';
const AGENT_ENTRY = sticky('<item><entry>', NLRI, prefix, '</address></nlri><next-hops>');
const NODE_ENTRY = sticky('<item id="', notCaptured, '"><entry>', NLRI, prefix, '</address></nlri><next-hops>');
const NEXT_HOP = sticky(
  '<next-hop><af>1</af><address>',
  group('([\\d.]{7,15})'),
  '</address>',
  optional('<mac>', group('([0-9a-f:]{17})'), '</mac>'),
  '<label>',
  number,
  '</label>',
  optional('<vni>', number, '</vni>'),
  optional('<tunnel-encapsulation-list>', listOf('tunnel-encapsulation', PLAIN), '</tunnel-encapsulation-list>'),
  optional('<virtual-network>', plain, '</virtual-network>'),
  optional('<tag-list>', listOf('tag', '\\d{1,10}'), '</tag-list>'),
  optional('<local-sequence-number>', number, '</local-sequence-number>'),
  '</next-hop>',
);
const ENTRY_END = sticky(
  '</next-hops><version>1</version>',
  optional('<virtual-network>', plain, '</virtual-network>'),
  optional('<mobility seqno="', number, '" sticky="', group('(true|false)'), '" />'),
  '<sequence-number>',
  number,
  '</sequence-number>',
  optional('<security-group-list>', listOf('security-group', '\\d{1,10}'), '</security-group-list>'),
  optional('<community-tag-list>', listOf('community-tag', PLAIN), '</community-tag-list>'),
  '<local-preference>',
  number,
  '</local-preference><med>',
  number,
  '</med>',
  // A load-balance element stands here when it is not the default: rare enough for the general reader.
  optional('<sub-protocol>', plain, '</sub-protocol>'),
  '</entry></item>',
);

const NONE: readonly never[] = Object.freeze([]);
const LETTER_A = 0x61;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;

/** What an item says that an agent publishes or a control node tells; null when the text is not exactly that. */
export function scanItem(text: string, nlris: NlriTable): UnicastItem | null {
  const cursor: Cursor = { text, at: 0, nlris };
  const told = text.startsWith(TOLD);
  const entry = next(told ? NODE_ENTRY : AGENT_ENTRY, cursor);
  const item = entry === null ? null : scanEntry(cursor, entry[1]!, told ? '' : 'interface');
  return cursor.at === text.length ? item : null;
}

/** A control node names its items. */
const TOLD = '<item id';

interface Cursor {
  readonly text: string;
  at: number;
  readonly nlris: NlriTable;
}

function from(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** The pattern at the cursor, which moves past it. */
function next(pattern: RegExp, cursor: Cursor): RegExpExecArray | null {
  const match = from(pattern, cursor.text, cursor.at);
  if (match !== null) cursor.at = pattern.lastIndex;
  return match;
}

/** What stands after the prefix of an item, up to its end. */
function scanEntry(cursor: Cursor, prefixText: string, absentSubProtocol: string): UnicastItem | null {
  const nlri = prefixNlri(prefixText, cursor.nlris);
  if (nlri === NO_NLRI) return null;
  const nextHops: ItemNextHop[] = [];
  for (let match = next(NEXT_HOP, cursor); match !== null; match = next(NEXT_HOP, cursor)) {
    const hop = nextHopOf(match);
    if (hop === null) return null;
    nextHops.push(hop);
  }
  const end = entryEnd(cursor);
  if (end === null) return null;
  return unicastItem({
    afi: AFI_INET,
    safi: SAFI_UNICAST,
    nlri,
    nextHops,
    virtualNetwork: end.virtualNetwork,
    sequence: end.sequence,
    sticky: end.sticky,
    securityGroups: end.securityGroups,
    communities: end.communities,
    localPreference: end.localPreference,
    med: end.med,
    loadBalance: null,
    subProtocol: end.subProtocol ?? absentSubProtocol,
  });
}

/** What an item says behind its next hops. */
interface EntryEnd extends Omit<UnicastItem, 'afi' | 'safi' | 'nlri' | 'nextHops' | 'loadBalance' | 'subProtocol'> {
  readonly text: string;
  readonly subProtocol: string | undefined;
}

/** The end read last: routes of one network mostly end alike, and to compare texts is faster than to read them. */
let lastEnd: EntryEnd | null = null;

function entryEnd(cursor: Cursor): EntryEnd | null {
  if (lastEnd !== null && cursor.text.slice(cursor.at, cursor.at + lastEnd.text.length) === lastEnd.text) {
    cursor.at += lastEnd.text.length;
    return lastEnd;
  }
  const end = next(ENTRY_END, cursor);
  if (end === null) return null;
  const seqno = value(end[2]);
  const oldSequence = value(end[4]);
  const securityGroups = numbers(end[5]);
  const localPreference = value(end[7]);
  const med = value(end[8]);
  if (seqno > U32 || oldSequence > U32 || localPreference > U32 || med > U32 || securityGroups === null) return null;
  lastEnd = {
    text: ` ${end[0]}`.slice(1), // not a piece of the message, which would be kept alive
    virtualNetwork: own(end[1] ?? ''),
    sequence: seqno === 0 ? oldSequence : seqno,
    sticky: seqno !== 0 && end[3] === 'true',
    securityGroups,
    communities: end[6] === undefined ? NONE : words(end[6]),
    localPreference,
    med,
    subProtocol: end[9] === undefined ? undefined : own(end[9]),
  };
  return lastEnd;
}

function nextHopOf(match: RegExpExecArray): ItemNextHop | null {
  const address = parseIpv4(match[1]!);
  const mac = match[2] === undefined ? 0 : macOf(match[2]);
  const label = value(match[3]);
  const vni = value(match[4]);
  const tags = numbers(match[7]);
  const localSequence = value(match[8]);
  if (address === null || mac < 0 || tags === null) return null;
  if (label > U32 || vni > U32 || localSequence > U32) return null;
  return itemNextHop({
    address,
    mac,
    label,
    vni,
    encapsulations: match[5] === undefined ? NONE : encapsulations(match[5]),
    virtualNetwork: own(match[6] ?? ''),
    tags,
    localSequence,
  });
}

const U32 = 0xffffffff;

function value(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits);
}

/** The numbers inside a list of elements; null when one is beyond 32 bits. */
function numbers(inside: string | undefined): readonly number[] | null {
  if (inside === undefined) return NONE;
  const values: number[] = [];
  for (let at = inside.indexOf('>') + 1; at > 0; at = inside.indexOf('>', inside.indexOf('>', at) + 1) + 1) {
    let one = 0;
    for (let digit = inside.charCodeAt(at) - 48; digit >= 0 && digit <= 9; digit = inside.charCodeAt(++at) - 48) {
      one = one * 10 + digit;
    }
    if (one > U32) return null;
    values.push(one);
  }
  return values;
}

/** Twelve lower-case hex digits, each two parted by a colon, as {@link formatMac} writes them; -1 for everything else. */
function macOf(text: string): number {
  let mac = 0;
  for (let i = 0; i < 17; i++) {
    const code = text.charCodeAt(i);
    if (i % 3 === 2) {
      if (code !== COLON) return -1;
    } else if (code === COLON) return -1;
    else mac = mac * 16 + (code <= NINE ? code - ZERO : code - LETTER_A + 10);
  }
  return mac;
}

/** The words inside a list of elements of one name. */
function words(inside: string): string[] {
  return inside
    .slice(inside.indexOf('>') + 1, inside.lastIndexOf('<'))
    .split(/<\/[a-z-]+><[a-z-]+>/)
    .map(own);
}

function own(word: string): string {
  return wordOf(word).text;
}

/** The lists that agents send are known whole. */
function encapsulations(inside: string): readonly string[] {
  for (const known of KNOWN_ENCAPSULATIONS) if (known.inside === inside) return known.words;
  return words(inside);
}

const KNOWN_ENCAPSULATIONS = [['gre', 'udp'], ['gre'], ['udp'], ['vxlan']].map((list) => ({
  words: Object.freeze(list),
  inside: list.map((word) => `<tunnel-encapsulation>${word}</tunnel-encapsulation>`).join(''),
}));
