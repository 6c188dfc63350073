/** MPLS labels (RFC 3032): 20 bits; 0 to 15 are reserved. Contrail accepts 24 bits where a VNI may stand (CN-2.7/8). */

export const FIRST_FREE_LABEL = 16;
export const MPLS_LABEL_MAX = 0xfffff;
export const CONTRAIL_LABEL_MAX = 0xffffff;

/** The three octets of a label in an NLRI: the label shifted by four, bottom of stack set (RFC 8277 §2.2). */
export function labelOctets(label: number): number {
  return ((label << 4) | 1) & 0xffffff;
}

export function labelOfOctets(octets: number): number {
  return octets >>> 4;
}
