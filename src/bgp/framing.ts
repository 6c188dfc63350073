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
  if (length < HEADER_OCTETS || length > MESSAGE_OCTETS_MAX) return badLength(octets, at);
  const least = LEAST_OCTETS[type];
  if (least === undefined || type === 0) {
    return malformed(
      ERROR.messageHeader,
      HEADER_ERROR.badType,
      `message type ${type} is unknown`,
      octets.slice(at + 18, at + 19),
    );
  }
  if (length < least || (type === MESSAGE_TYPE.keepalive && length !== least)) return badLength(octets, at);
  return length;
}

function badLength(octets: Uint8Array, at: number): Malformed {
  const length = (octets[at + 16]! << 8) | octets[at + 17]!;
  const why = `a message of type ${octets[at + 18]} has no ${length} octets`;
  return malformed(ERROR.messageHeader, HEADER_ERROR.badLength, why, octets.slice(at + 16, at + 18));
}

/** Collects octets and hands out whole messages; after a fault nothing more comes out. */
export class Framer {
  /** The beginning of a message whose end has not come; room is made when there is need. */
  private kept = new Uint8Array(0);
  private keptLength = 0;
  /** Octets of the message in `kept`; 0 while its header is not whole. */
  private wanted = 0;
  private chunk: Uint8Array | null = null;
  private at = 0;
  private broken = false;

  /** Hands in octets; {@link next} must be drained before the next push. */
  push(octets: Uint8Array): void {
    this.chunk = octets;
    this.at = 0;
  }

  /**
   * The next whole message with its header, a fault, or null when more octets are needed. A message is a view that holds
   * until the next call.
   */
  next(): Uint8Array | Malformed | null {
    const { chunk } = this;
    if (chunk === null || this.broken) return null;
    if (this.keptLength > 0) return this.complete(chunk);
    const { at } = this;
    const left = chunk.length - at;
    if (left >= HEADER_OCTETS) {
      const length = checkHeader(chunk, at);
      if (typeof length !== 'number') return this.breakOff(length);
      if (left >= length) {
        this.at = at + length;
        return chunk.subarray(at, at + length);
      }
      this.wanted = length;
    }
    this.keep(chunk, left);
    this.chunk = null;
    return null;
  }

  /** Adds to the message that was begun what the chunk has of it. */
  private complete(chunk: Uint8Array): Uint8Array | Malformed | null {
    for (;;) {
      const target = this.wanted > 0 ? this.wanted : HEADER_OCTETS;
      this.keep(chunk, Math.min(target - this.keptLength, chunk.length - this.at));
      if (this.keptLength < target) {
        this.chunk = null;
        return null;
      }
      if (this.wanted === 0) {
        const length = checkHeader(this.kept, 0);
        if (typeof length !== 'number') return this.breakOff(length);
        this.wanted = length;
      }
      if (this.keptLength === this.wanted) {
        const message = this.kept.subarray(0, this.wanted);
        this.keptLength = 0;
        this.wanted = 0;
        return message;
      }
    }
  }

  private keep(chunk: Uint8Array, count: number): void {
    if (count === 0) return;
    if (this.kept.length === 0) this.kept = new Uint8Array(MESSAGE_OCTETS_MAX);
    this.kept.set(count === chunk.length ? chunk : chunk.subarray(this.at, this.at + count), this.keptLength);
    this.keptLength += count;
    this.at += count;
  }

  private breakOff(fault: Malformed): Malformed {
    this.broken = true;
    this.chunk = null;
    return fault;
  }
}
