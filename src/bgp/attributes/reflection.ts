/** ORIGINATOR_ID and CLUSTER_LIST (RFC 4456), by which reflected routes do not loop. */
import { ipv4 } from '../../net/ipv4.ts';
import { type AttributeCodec, exactly, multipleOf, OPTIONAL } from './codec.ts';
import { ATTRIBUTE } from './codes.ts';

export const ORIGINATOR_ID: AttributeCodec = {
  code: ATTRIBUTE.ORIGINATOR_ID,
  name: 'ORIGINATOR_ID',
  flags: OPTIONAL,
  fits: exactly(4),
  decode: (from, into) => {
    into.originatorId = ipv4(from.u32());
    return 0;
  },
  has: (attributes) => attributes.originatorId !== 0,
  encode: (to, attributes) => to.u32(attributes.originatorId),
};

export const CLUSTER_LIST: AttributeCodec = {
  code: ATTRIBUTE.CLUSTER_LIST,
  name: 'CLUSTER_LIST',
  flags: OPTIONAL,
  fits: multipleOf(4),
  decode: (from, into) => {
    const clusters: number[] = [];
    while (from.remaining > 0) clusters.push(from.u32());
    into.clusterList = clusters;
    return 0;
  },
  has: (attributes) => attributes.clusterList.length > 0,
  encode: (to, attributes) => {
    for (const cluster of attributes.clusterList) to.u32(cluster);
  },
};
