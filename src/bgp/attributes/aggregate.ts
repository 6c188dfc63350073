/** ATOMIC_AGGREGATE (RFC 4271 §5.1.6), AGGREGATOR (§5.1.7) and AS4_AGGREGATOR (RFC 6793). */
import { isFourOctet } from '../../net/asn.ts';
import { ipv4 } from '../../net/ipv4.ts';
import { narrowAs } from './as-path.ts';
import { type AttributeCodec, exactly, OPTIONAL_TRANSITIVE, WELL_KNOWN } from './codec.ts';
import { ATTRIBUTE } from './codes.ts';

export const ATOMIC_AGGREGATE: AttributeCodec = {
  code: ATTRIBUTE.ATOMIC_AGGREGATE,
  name: 'ATOMIC_AGGREGATE',
  flags: WELL_KNOWN,
  fits: exactly(0),
  decode: (_from, into) => {
    into.atomicAggregate = true;
    return 0;
  },
  has: (attributes) => attributes.atomicAggregate,
  encode: () => {},
};

export const AGGREGATOR: AttributeCodec = {
  code: ATTRIBUTE.AGGREGATOR,
  name: 'AGGREGATOR',
  flags: OPTIONAL_TRANSITIVE,
  fits: (length, context) => length === (context.fourOctetAs ? 8 : 6),
  decode: (from, into, context) => {
    const as = context.fourOctetAs ? from.u32() : from.u16();
    // AS4_AGGREGATOR, wherever it stood, says more.
    into.aggregator ??= { as, address: ipv4(from.u32()) };
    return 0;
  },
  has: (attributes) => attributes.aggregator !== null,
  encode: (to, attributes, context) => {
    const { as, address } = attributes.aggregator!;
    if (context.fourOctetAs) to.u32(as);
    else to.u16(narrowAs(as));
    to.u32(address);
  },
};

export const AS4_AGGREGATOR: AttributeCodec = {
  code: ATTRIBUTE.AS4_AGGREGATOR,
  name: 'AS4_AGGREGATOR',
  flags: OPTIONAL_TRANSITIVE,
  fits: exactly(8),
  decode: (from, into, context) => {
    const as = from.u32();
    const address = ipv4(from.u32());
    if (!context.fourOctetAs) into.aggregator = { as, address };
    return 0;
  },
  has: (attributes, context) =>
    !context.fourOctetAs && attributes.aggregator !== null && isFourOctet(attributes.aggregator.as),
  encode: (to, attributes) => {
    to.u32(attributes.aggregator!.as);
    to.u32(attributes.aggregator!.address);
  },
};
