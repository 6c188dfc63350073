/** ORIGIN (RFC 4271 §5.1.1). */
import { ORIGIN_INCOMPLETE } from '../../route/common-attributes.ts';
import { UPDATE_ERROR } from '../notification.ts';
import { type AttributeCodec, exactly, WELL_KNOWN } from './codec.ts';
import { ATTRIBUTE } from './codes.ts';

export const ORIGIN: AttributeCodec = {
  code: ATTRIBUTE.ORIGIN,
  name: 'ORIGIN',
  flags: WELL_KNOWN,
  fits: exactly(1),
  decode: (from, into) => {
    into.origin = from.u8();
    return into.origin > ORIGIN_INCOMPLETE ? UPDATE_ERROR.invalidOrigin : 0;
  },
  has: () => true,
  encode: (to, attributes) => to.u8(attributes.origin),
};
