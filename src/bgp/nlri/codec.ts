/**
 * What an address family's codec is. On the wire an NLRI is a length in bits and so many bits (RFC 4271 §4.3); the
 * families differ in what the bits say.
 */
import type { OctetWriter } from '../../base/bytes.ts';
import type { Family } from '../../route/family.ts';
import type { NlriId } from '../../route/nlri.ts';
import type { RoutePool } from '../../route/pool.ts';

/** Malformed inside: the NLRI is passed over and the rest is read (CN-7.4/9). */
export const NO_NLRI = -1;

export interface NlriCodec {
  readonly family: Family;
  /** Octets of the next hop field of MP_REACH_NLRI (CN-6.5.3): zeros, then the address. */
  readonly nextHopOctets: number;
  /** Three label octets stand in front. */
  readonly labelled: boolean;
  /**
   * The NLRI whose `bits` bits begin at `at`, or {@link NO_NLRI}. All its octets are there. `before` is the NLRI in front
   * of it in the message, {@link NO_NLRI} for none: a hint where to look first.
   */
  readonly decode: (view: DataView, at: number, bits: number, pool: RoutePool, before: NlriId) => NlriId;
  /**
   * Every NLRI between two offsets, into two columns; returns how many, or -1 when the last one is longer than its field.
   * Labels are the three octets as they stand there.
   */
  readonly decodeAll: (
    view: DataView,
    start: number,
    end: number,
    pool: RoutePool,
    nlris: Int32Array,
    labels: Int32Array,
  ) => number;
  /** Octets of the NLRI with its length octet. */
  readonly octets: (nlri: NlriId, pool: RoutePool) => number;
  /** `label` is the three octets as they stand in front (RFC 8277), where there are any. */
  readonly encode: (to: OctetWriter, nlri: NlriId, label: number, pool: RoutePool) => void;
}

/** {@link NlriCodec.decodeAll} for a family, from how it reads one. */
export function decodeEach(decode: NlriCodec['decode'], labelled: boolean): NlriCodec['decodeAll'] {
  return (view, start, end, pool, nlris, labels) => {
    let count = 0;
    let before = NO_NLRI;
    for (let at = start; at < end; ) {
      const bits = view.getUint8(at);
      const next = at + 1 + ((bits + 7) >>> 3);
      if (next > end) return -1;
      const nlri = decode(view, at + 1, bits, pool, before);
      if (nlri !== NO_NLRI) {
        nlris[count] = nlri;
        labels[count++] = labelled ? (view.getUint16(at + 1) << 8) | view.getUint8(at + 3) : 0;
        before = nlri;
      }
      at = next;
    }
    return count;
  };
}

/** The prefix of `length` bits at `at`, host bits cut off. */
export function readPrefix(view: DataView, at: number, length: number): number {
  if (length === 32) return view.getUint32(at);
  let address = 0;
  for (let bits = 0; bits < length; bits += 8) address |= view.getUint8(at + (bits >>> 3)) << (24 - bits);
  return length === 0 ? 0 : (address & (0xffffffff << (32 - length))) >>> 0;
}

export function writePrefix(to: OctetWriter, address: number, length: number): void {
  if (length === 32) to.u32(address);
  else for (let bits = 0; bits < length; bits += 8) to.u8((address >>> (24 - bits)) & 0xff);
}

export function prefixOctets(length: number): number {
  return (length + 7) >>> 3;
}
