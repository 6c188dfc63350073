/**
 * VPN-IPv4 (RFC 4364 §4.3.4): label, route distinguisher, prefix. One label of three octets (RFC 8277 §2.2); the length
 * in bits counts all three parts.
 */
import { FAMILY } from '../../route/family.ts';
import { decodeEach, type NlriCodec, NO_NLRI, prefixOctets, readPrefix, writePrefix } from './codec.ts';

const LABEL_AND_RD_BITS = 24 + 64;

const decode: NlriCodec['decode'] = (view, at, bits, pool, before) => {
  const { nlris, octets8 } = pool;
  const length = bits - LABEL_AND_RD_BITS;
  if (length < 0 || length > 32) return NO_NLRI;
  const hi = view.getUint32(at + 3);
  const lo = view.getUint32(at + 7);
  const address = readPrefix(view, at + 11, length);
  if (before === NO_NLRI) return nlris.inetVpn(octets8.internHalves(hi, lo), address, length);
  const last = nlris.octets8Id(before);
  const rd = octets8.hi(last) === hi && octets8.lo(last) === lo ? last : octets8.internHalves(hi, lo);
  return nlris.inetVpnBehind(before, rd, address, length);
};

export const INET_VPN: NlriCodec = {
  family: FAMILY['inet-vpn'],
  nextHopOctets: 12,
  labelled: true,
  decode,
  decodeAll: decodeEach(decode, true),
  octets: (nlri, pool) => 12 + prefixOctets(pool.nlris.length(nlri)),
  encode: (to, nlri, label, pool) => {
    const { nlris, octets8 } = pool;
    const length = nlris.length(nlri);
    const rd = nlris.octets8Id(nlri);
    to.u8(LABEL_AND_RD_BITS + length);
    to.u24(label);
    to.u32(octets8.hi(rd));
    to.u32(octets8.lo(rd));
    writePrefix(to, nlris.address(nlri), length);
  },
};
