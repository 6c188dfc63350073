/** IPv4 unicast: the prefix alone (RFC 4271 §4.3). */
import { FAMILY } from '../../route/family.ts';
import { decodeEach, type NlriCodec, NO_NLRI, prefixOctets, readPrefix, writePrefix } from './codec.ts';

const decode: NlriCodec['decode'] = (view, at, bits, pool) =>
  bits > 32 ? NO_NLRI : pool.nlris.inet(readPrefix(view, at, bits), bits);

export const INET: NlriCodec = {
  family: FAMILY.inet,
  nextHopOctets: 4,
  labelled: false,
  decode,
  decodeAll: decodeEach(decode, false),
  octets: (nlri, pool) => 1 + prefixOctets(pool.nlris.length(nlri)),
  encode: (to, nlri, _label, pool) => {
    const length = pool.nlris.length(nlri);
    to.u8(length);
    writePrefix(to, pool.nlris.address(nlri), length);
  },
};
