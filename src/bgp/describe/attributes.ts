/** Path attributes told to people: flags, name, value, the section that defines each. */
import { OctetReader, toHex } from '../../base/bytes.ts';
import { formatIpv4, ipv4 } from '../../net/ipv4.ts';
import { formatRouteDistinguisher } from '../../net/route-distinguisher.ts';
import { NO_ATTRIBUTES } from '../../route/attributes.ts';
import type { AsPathSegment } from '../../route/common-attributes.ts';
import { formatCommunity } from '../../route/community.ts';
import { formatExtendedCommunity } from '../../route/extended-community.ts';
import type { RoutePool } from '../../route/pool.ts';
import { type AttributeContext, type Draft, FLAG } from '../attributes/codec.ts';
import { ATTRIBUTE } from '../attributes/codes.ts';
import { attributeCodec } from '../attributes/table.ts';
import { type Described, field } from './field.ts';
import { familyText, nlrisOf } from './nlri.ts';

const CLASS_FLAGS = FLAG.optional | FLAG.transitive;

const REFERENCES: Readonly<Record<number, string>> = {
  [ATTRIBUTE.ORIGIN]: 'RFC 4271 §5.1.1',
  [ATTRIBUTE.AS_PATH]: 'RFC 4271 §5.1.2',
  [ATTRIBUTE.NEXT_HOP]: 'RFC 4271 §5.1.3',
  [ATTRIBUTE.MULTI_EXIT_DISC]: 'RFC 4271 §5.1.4',
  [ATTRIBUTE.LOCAL_PREF]: 'RFC 4271 §5.1.5',
  [ATTRIBUTE.ATOMIC_AGGREGATE]: 'RFC 4271 §5.1.6',
  [ATTRIBUTE.AGGREGATOR]: 'RFC 4271 §5.1.7',
  [ATTRIBUTE.COMMUNITIES]: 'RFC 1997',
  [ATTRIBUTE.ORIGINATOR_ID]: 'RFC 4456 §8',
  [ATTRIBUTE.CLUSTER_LIST]: 'RFC 4456 §8',
  [ATTRIBUTE.MP_REACH_NLRI]: 'RFC 4760 §3',
  [ATTRIBUTE.MP_UNREACH_NLRI]: 'RFC 4760 §4',
  [ATTRIBUTE.EXTENDED_COMMUNITIES]: 'RFC 4360',
  [ATTRIBUTE.AS4_PATH]: 'RFC 6793 §3',
  [ATTRIBUTE.AS4_AGGREGATOR]: 'RFC 6793 §3',
  [ATTRIBUTE.ORIGIN_VN_PATH]: 'Contrail',
};

/** Attributes that travel on unread. */
const UNREAD: Readonly<Record<number, readonly [name: string, reference: string]>> = {
  22: ['PMSI_TUNNEL', 'RFC 6514 §5'],
  23: ['TUNNEL_ENCAPSULATION', 'RFC 9012 §2'],
  25: ['IPV6_EXTENDED_COMMUNITIES', 'RFC 5701'],
  26: ['AIGP', 'RFC 7311'],
  29: ['BGP_LS', 'RFC 9552'],
  32: ['LARGE_COMMUNITIES', 'RFC 8092'],
  35: ['ONLY_TO_CUSTOMER', 'RFC 9234'],
  40: ['PREFIX_SID', 'RFC 8669'],
  128: ['ATTR_SET', 'RFC 6368'],
};

const MULTIPROTOCOL: Readonly<Record<number, string>> = {
  [ATTRIBUTE.MP_REACH_NLRI]: 'MP_REACH_NLRI',
  [ATTRIBUTE.MP_UNREACH_NLRI]: 'MP_UNREACH_NLRI',
};

/** The attributes as far as their lengths hold; `base` is the offset of the message in the input. */
export function attributesOf(
  from: OctetReader,
  fourOctetAs: boolean,
  base: number,
  pool: RoutePool,
): readonly Described[] {
  const parts: Described[] = [];
  while (from.remaining > 0) {
    const at = from.offset;
    if (from.remaining < 3) return [...parts, cutShort(from, base, 'an attribute begins with three octets')];
    const flags = from.u8();
    const code = from.u8();
    const long = (flags & FLAG.extendedLength) !== 0;
    if (long && from.remaining < 2) return [...parts, cutShort(from, base, 'its length has two octets')];
    const length = long ? from.u16() : from.u8();
    if (length > from.remaining) {
      return [...parts, cutShort(from, base, `${nameOf(code)} claims ${length} octets, ${from.remaining} are here`)];
    }
    const start = from.offset;
    const value = from.take(length);
    const inner = new OctetReader(from.octets, start, start + length);
    const read = told(code, value, inner, { fourOctetAs, octets8: pool.octets8 }, base, pool);
    const name = `${nameOf(code)}${flagsText(code, flags)}`;
    parts.push(field(name, read.value, referenceOf(code), base + at, from.offset - at, read.parts));
  }
  return parts;
}

function cutShort(from: OctetReader, base: number, why: string): Described {
  const at = from.offset;
  const octets = from.remaining;
  from.skip(octets);
  return field('cut short', why, '', base + at, octets);
}

function nameOf(code: number): string {
  return attributeCodec(code)?.name ?? MULTIPROTOCOL[code] ?? UNREAD[code]?.[0] ?? `attribute ${code}`;
}

function referenceOf(code: number): string {
  return REFERENCES[code] ?? UNREAD[code]?.[1] ?? '';
}

/** Flags are told where they are not what the attribute's definition says, or where nobody here knows it. */
function flagsText(code: number, flags: number): string {
  const words = [
    (flags & FLAG.optional) !== 0 ? 'optional' : 'well-known',
    (flags & FLAG.transitive) !== 0 ? 'transitive' : 'non-transitive',
    ...((flags & FLAG.partial) !== 0 ? ['partial'] : []),
  ].join(' ');
  const expected = attributeCodec(code)?.flags ?? (code in MULTIPROTOCOL ? FLAG.optional : null);
  if (expected === null || (flags & FLAG.partial) !== 0) return ` (${words})`;
  return (flags & CLASS_FLAGS) === expected ? '' : ` (${words}, wrong flags)`;
}

interface Told {
  readonly value: string;
  readonly parts: readonly Described[];
}

const ORIGINS = ['IGP', 'EGP', 'INCOMPLETE'];

function told(
  code: number,
  value: Uint8Array,
  from: OctetReader,
  context: AttributeContext,
  base: number,
  pool: RoutePool,
): Told {
  const raw = toHex(value);
  if (code === ATTRIBUTE.MP_REACH_NLRI) return reach(from, base, pool) ?? { value: `${raw}: too short`, parts: [] };
  if (code === ATTRIBUTE.MP_UNREACH_NLRI) return unreach(from, base, pool) ?? { value: `${raw}: too short`, parts: [] };
  const codec = attributeCodec(code);
  if (codec === undefined) return { value: raw, parts: [] };
  if (!codec.fits(value.length, context)) return { value: `${raw}: ${value.length} octets do not fit`, parts: [] };
  const draft: Draft = { ...NO_ATTRIBUTES };
  if (codec.decode(from, draft, context) !== 0) return { value: `${raw}: not a valid value`, parts: [] };
  const inside = LISTS[code];
  if (inside === undefined) return { value: textOf(code, draft, context), parts: [] };
  const parts = inside
    .texts(draft, pool)
    .map((text, i) => field('', text, '', base + from.end - value.length + i * inside.octets, inside.octets));
  return { value: String(parts.length), parts };
}

/** Lists that are told one item a line, in the order of the octets. */
const LISTS: Readonly<Record<number, { octets: number; texts: (read: Draft, pool: RoutePool) => readonly string[] }>> =
  {
    [ATTRIBUTE.COMMUNITIES]: { octets: 4, texts: (read) => read.communities.map(formatCommunity) },
    [ATTRIBUTE.EXTENDED_COMMUNITIES]: {
      octets: 8,
      texts: (read, pool) => octets8Texts(read.extendedCommunities, pool),
    },
    [ATTRIBUTE.ORIGIN_VN_PATH]: { octets: 8, texts: (read, pool) => octets8Texts(read.originVnPath, pool) },
  };

function octets8Texts(ids: readonly number[], pool: RoutePool): readonly string[] {
  return ids.map((id) => formatExtendedCommunity(pool.octets8.value(id)));
}

function textOf(code: number, read: Draft, context: AttributeContext): string {
  const width = `AS numbers of ${context.fourOctetAs ? 4 : 2} octets`;
  switch (code) {
    case ATTRIBUTE.ORIGIN:
      return ORIGINS[read.origin]!;
    case ATTRIBUTE.AS_PATH:
      return `${pathText(read.asPath!)} (${width})`;
    case ATTRIBUTE.AS4_PATH:
      return pathText(read.as4Path!);
    case ATTRIBUTE.NEXT_HOP:
      return formatIpv4(read.nextHop);
    case ATTRIBUTE.MULTI_EXIT_DISC:
      return String(read.med);
    case ATTRIBUTE.LOCAL_PREF:
      return String(read.localPref);
    case ATTRIBUTE.AGGREGATOR:
    case ATTRIBUTE.AS4_AGGREGATOR:
      return read.aggregator === null ? '' : `AS ${read.aggregator.as}, ${formatIpv4(read.aggregator.address)}`;
    case ATTRIBUTE.ORIGINATOR_ID:
      return formatIpv4(read.originatorId);
    case ATTRIBUTE.CLUSTER_LIST:
      return read.clusterList.map((cluster) => formatIpv4(ipv4(cluster))).join(' ');
    default:
      return '';
  }
}

const BRACKETS: Readonly<Record<AsPathSegment['kind'], readonly [string, string]>> = {
  sequence: ['', ''],
  set: ['{', '}'],
  'confed-sequence': ['(', ')'],
  'confed-set': ['[', ']'],
};

/** `64512 64513 {65000 65001}`, with the brackets that routers print. */
export function pathText(path: readonly AsPathSegment[]): string {
  if (path.length === 0) return 'empty';
  return path.map(({ kind, asns }) => `${BRACKETS[kind][0]}${asns.join(' ')}${BRACKETS[kind][1]}`).join(' ');
}

function reach(from: OctetReader, base: number, pool: RoutePool): Told | null {
  if (from.remaining < 5) return null;
  const afi = from.u16();
  const safi = from.u8();
  const hopOctets = from.u8();
  if (hopOctets + 1 > from.remaining) return null;
  const hop = from.take(hopOctets);
  from.skip(1);
  const nlris = nlrisOf(from, afi, safi, base, pool);
  return { value: `${familyText(afi, safi)}, next hop ${nextHopText(hop)}`, parts: nlris };
}

function unreach(from: OctetReader, base: number, pool: RoutePool): Told | null {
  if (from.remaining < 3) return null;
  const afi = from.u16();
  const safi = from.u8();
  if (from.remaining === 0) return { value: `${familyText(afi, safi)}: End-of-RIB (RFC 4724 §2)`, parts: [] };
  return { value: familyText(afi, safi), parts: nlrisOf(from, afi, safi, base, pool) };
}

/** An address, with the route distinguisher that VPN families put before it. */
function nextHopText(octets: Uint8Array): string {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  if (octets.length === 4) return formatIpv4(ipv4(view.getUint32(0)));
  if (octets.length !== 12) return toHex(octets);
  const rd = formatRouteDistinguisher({ hi: view.getUint32(0), lo: view.getUint32(4) });
  return `${rd}:${formatIpv4(ipv4(view.getUint32(8)))}`;
}
