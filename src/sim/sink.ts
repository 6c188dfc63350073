/**
 * Who listens to the wire: a capture, for one.
 *
 * A sink belongs to no world: a copy of a world has none. Segments that are sent again are told once, when they are
 * first sent.
 */
import type { VirtualUs } from '../base/time.ts';
import type { StreamId } from './node.ts';

export interface Endpoint {
  readonly address: number;
  readonly port: number;
}

export interface SegmentSink {
  /** A connection was accepted; `from` had connected. */
  opened(at: VirtualUs, stream: StreamId, from: Endpoint, to: Endpoint): void;
  /** Octets leave `from`; `offset` counts the octets that left before them in this direction. */
  octets(at: VirtualUs, stream: StreamId, from: Endpoint, to: Endpoint, octets: Uint8Array, offset: number): void;
  /** `from` closes its end, in order or with a reset. */
  ended(at: VirtualUs, stream: StreamId, from: Endpoint, to: Endpoint, offset: number, reset: boolean): void;
}
