/** NEXT_HOP (RFC 4271 §5.1.3); in the families of MP_REACH_NLRI the next hop stands there. */
import { ipv4 } from '../../net/ipv4.ts';
import { UPDATE_ERROR } from '../notification.ts';
import { type AttributeCodec, exactly, WELL_KNOWN } from './codec.ts';
import { ATTRIBUTE } from './codes.ts';

export const NEXT_HOP: AttributeCodec = {
  code: ATTRIBUTE.NEXT_HOP,
  name: 'NEXT_HOP',
  flags: WELL_KNOWN,
  fits: exactly(4),
  decode: (from, into) => {
    into.nextHop = ipv4(from.u32());
    return into.nextHop === 0 ? UPDATE_ERROR.invalidNextHop : 0;
  },
  has: (attributes) => attributes.nextHop !== 0,
  encode: (to, attributes) => to.u32(attributes.nextHop),
};
