/** MULTI_EXIT_DISC (RFC 4271 §5.1.4) and LOCAL_PREF (§5.1.5): the two numbers that prefer a path. */
import { type AttributeCodec, exactly, OPTIONAL, WELL_KNOWN } from './codec.ts';
import { ATTRIBUTE } from './codes.ts';

/** Written when it is not zero (CN-6.5.1). */
export const MULTI_EXIT_DISC: AttributeCodec = {
  code: ATTRIBUTE.MULTI_EXIT_DISC,
  name: 'MULTI_EXIT_DISC',
  flags: OPTIONAL,
  fits: exactly(4),
  decode: (from, into) => {
    into.med = from.u32();
    return 0;
  },
  has: (attributes) => attributes.med !== 0,
  encode: (to, attributes) => to.u32(attributes.med),
};

/** Whether it is written depends on the session, not on the set: iBGP only (CN-6.5.1). */
export const LOCAL_PREF: AttributeCodec = {
  code: ATTRIBUTE.LOCAL_PREF,
  name: 'LOCAL_PREF',
  flags: WELL_KNOWN,
  fits: exactly(4),
  decode: (from, into) => {
    into.localPref = from.u32();
    return 0;
  },
  has: () => true,
  encode: (to, attributes) => to.u32(attributes.localPref),
};
