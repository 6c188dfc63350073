/**
 * Route target membership (RFC 4684 §4): origin AS and route target, or nothing at all for every target. Prefixes of a
 * target are not taken (CN-4.6.5), and the null target in full means the same as nothing (CN-1.5.1).
 */
import { FAMILY } from '../../route/family.ts';
import { NO_OCTETS8 } from '../../route/octets8-table.ts';
import { decodeEach, type NlriCodec, NO_NLRI } from './codec.ts';

const WHOLE_BITS = 96;

const decode: NlriCodec['decode'] = (view, at, bits, pool) => {
  if (bits === 0) return pool.nlris.routeTarget(0, 0);
  if (bits !== WHOLE_BITS) return NO_NLRI;
  const target = pool.octets8.internHalves(view.getUint32(at + 4), view.getUint32(at + 8));
  return target === NO_OCTETS8 ? pool.nlris.routeTarget(0, 0) : pool.nlris.routeTarget(view.getUint32(at), target);
};

export const ROUTE_TARGET: NlriCodec = {
  family: FAMILY['route-target'],
  nextHopOctets: 4,
  labelled: false,
  decode,
  decodeAll: decodeEach(decode, false),
  octets: (nlri, pool) => (pool.nlris.length(nlri) === 0 ? 1 : 13),
  encode: (to, nlri, _label, pool) => {
    const { nlris, octets8 } = pool;
    const length = nlris.length(nlri);
    to.u8(length);
    if (length === 0) return;
    const target = nlris.octets8Id(nlri);
    to.u32(nlris.originAs(nlri));
    to.u32(octets8.hi(target));
    to.u32(octets8.lo(target));
  },
};
