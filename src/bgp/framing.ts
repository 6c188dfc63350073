/**
 * Where one message ends in a stream of octets (RFC 4271 §4.1, §6.1): any cut of the stream gives the same messages.
 *
 * Memory is bounded: at most one unfinished message of 4,096 octets is kept.
 */
import { HEADER_OCTETS, MESSAGE_OCTETS_MAX, MESSAGE_TYPE } from './message.ts';
import { ERROR, HEADER_ERROR, type Malformed, malformed } from './notification.ts';

const LEAST_OCTETS: readonly number[] = [0, 29, 23, 21, 19];

/** The fault of a header, or its length in octets (CN-7.4, first row). The 19 octets at `at` must be there. */
export function checkHeader(octets: Uint8Array, at: number): number | Malformed {
  for (let i = 0; i < 16; i++) {
    if (octets[at + i] !== 0xff) {
      return malformed(ERROR.messageHeader, HEADER_ERROR.notSynchronized, 'the marker is not all ones');
    }
  }
  const length = (octets[at + 16]! << 8) | octets[at + 17]!;
  const type = octets[at + 18]!;
  const badLength = (): Malformed =>
    malformed(
      ERROR.messageHeader,
      HEADER_ERROR.badLength,
      `a message of type ${type} has no ${length} octets`,
      octets.slice(at + 16, at + 18),
    );
  if (length < HEADER_OCTETS || length > MESSAGE_OCTETS_MAX) return badLength();
  const least = LEAST_OCTETS[type];
  if (least === undefined || type === 0) {
    return malformed(
      ERROR.messageHeader,
      HEADER_ERROR.badType,
      `message type ${type} is unknown`,
      octets.slice(at + 18, at + 19),
    );
  }
  if (length < least || (type === MESSAGE_TYPE.keepalive && length !== least)) return badLength();
  return length;
}

/** Collects octets and hands out whole messages; after a fault nothing more comes out. */
export class Framer {
  private kept = new Uint8Array(0);
  private chunk: Uint8Array | null = null;
  private at = 0;
  private broken = false;

  /** Hands in octets; {@link next} must be drained before the next push, and the octets are not copied until then. */
  push(octets: Uint8Array): void {
    if (this.kept.length === 0) {
      this.chunk = octets;
    } else {
      const joined = new Uint8Array(this.kept.length + octets.length);
      joined.set(this.kept);
      joined.set(octets, this.kept.length);
      this.chunk = joined;
      this.kept = new Uint8Array(0);
    }
    this.at = 0;
  }

  /** The next whole message with its header (a view), a fault, or null when more octets are needed. */
  next(): Uint8Array | Malformed | null {
    const chunk = this.chunk;
    if (chunk === null) return null;
    const left = chunk.length - this.at;
    if (!this.broken && left >= HEADER_OCTETS) {
      const length = checkHeader(chunk, this.at);
      if (typeof length !== 'number') {
        this.broken = true;
        this.chunk = null;
        return length;
      }
      if (left >= length) {
        const message = chunk.subarray(this.at, this.at + length);
        this.at += length;
        return message;
      }
    }
    if (!this.broken) this.kept = chunk.slice(this.at);
    this.chunk = null;
    return null;
  }
}
