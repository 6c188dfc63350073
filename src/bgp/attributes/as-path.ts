/**
 * AS_PATH (RFC 4271 §5.1.2) and AS4_PATH (RFC 6793), which stay apart on receive (CN-6.3.4). In the 2-octet form a
 * number that does not fit is written as AS_TRANS; what AS4_PATH then says is decided where a route is exported.
 */
import type { OctetReader, OctetWriter } from '../../base/bytes.ts';
import { AS_TRANS, isFourOctet } from '../../net/asn.ts';
import type { AsPathSegment } from '../../route/common-attributes.ts';
import { UPDATE_ERROR } from '../notification.ts';
import { type AttributeCodec, OPTIONAL_TRANSITIVE, WELL_KNOWN } from './codec.ts';
import { ATTRIBUTE } from './codes.ts';

const SEGMENT_KINDS: readonly AsPathSegment['kind'][] = ['set', 'sequence', 'confed-sequence', 'confed-set'];
const SEGMENT_ASNS_MAX = 255;

/** The path, or null when a segment is of an unknown kind, empty or cut short. */
function decodePath(from: OctetReader, octets: 2 | 4): readonly AsPathSegment[] | null {
  const path: AsPathSegment[] = [];
  while (from.remaining > 0) {
    if (from.remaining < 2) return null;
    const kind = SEGMENT_KINDS[from.u8() - 1];
    const count = from.u8();
    if (kind === undefined || count === 0 || from.remaining < count * octets) return null;
    const asns: number[] = [];
    for (let i = 0; i < count; i++) asns.push(octets === 4 ? from.u32() : from.u16());
    path.push({ kind, asns });
  }
  return path;
}

function encodePath(to: OctetWriter, path: readonly AsPathSegment[], octets: 2 | 4): void {
  for (const segment of path) {
    for (let at = 0; at < segment.asns.length; at += SEGMENT_ASNS_MAX) {
      const asns = segment.asns.slice(at, at + SEGMENT_ASNS_MAX);
      to.u8(SEGMENT_KINDS.indexOf(segment.kind) + 1);
      to.u8(asns.length);
      for (const as of asns) {
        if (octets === 4) to.u32(as);
        else to.u16(narrowAs(as));
      }
    }
  }
}

export function narrowAs(as: number): number {
  return isFourOctet(as) ? AS_TRANS : as;
}

/** The path as a peer without 4-octet AS numbers sees it in AS_PATH; the same object when nothing changes. */
export function narrowPath(path: readonly AsPathSegment[]): readonly AsPathSegment[] {
  if (!path.some((segment) => segment.asns.some(isFourOctet))) return path;
  return path.map((segment) => ({ kind: segment.kind, asns: segment.asns.map(narrowAs) }));
}

export const AS_PATH: AttributeCodec = {
  code: ATTRIBUTE.AS_PATH,
  name: 'AS_PATH',
  flags: WELL_KNOWN,
  fits: () => true,
  decode: (from, into, context) => {
    into.asPath = decodePath(from, context.fourOctetAs ? 4 : 2);
    return into.asPath === null ? UPDATE_ERROR.malformedAsPath : 0;
  },
  has: (attributes) => attributes.asPath !== null,
  encode: (to, attributes, context) => encodePath(to, attributes.asPath ?? [], context.fourOctetAs ? 4 : 2),
};

export const AS4_PATH: AttributeCodec = {
  code: ATTRIBUTE.AS4_PATH,
  name: 'AS4_PATH',
  flags: OPTIONAL_TRANSITIVE,
  fits: () => true,
  decode: (from, into) => {
    into.as4Path = decodePath(from, 4);
    return into.as4Path === null ? UPDATE_ERROR.malformedAsPath : 0;
  },
  has: (attributes) => attributes.as4Path !== null,
  encode: (to, attributes) => encodePath(to, attributes.as4Path ?? [], 4),
};
