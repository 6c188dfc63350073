/** The state of one TCP connection: two ends and a flow of octets each way. */
import { NEVER, type VirtualUs } from '../base/time.ts';
import type { Link } from './link.ts';
import type { NodeId, StreamId, StreamMessage } from './node.ts';

export const END_CLOSED = 0;
export const END_CONNECTING = 1;
export const END_OPEN = 2;
export type EndState = typeof END_CLOSED | typeof END_CONNECTING | typeof END_OPEN;

/** 0 is the end that connected, 1 the end that accepted. */
export type Side = 0 | 1;

export function otherSide(side: Side): Side {
  return side === 0 ? 1 : 0;
}

/** Octets that belong to no message. */
export class RawOctets {
  readonly octets: Uint8Array;
  constructor(octets: Uint8Array) {
    this.octets = octets;
  }
}

/** The end of a flow: in order (FIN) or at once (RST). */
export class Ending {
  readonly reset: boolean;
  constructor(reset: boolean) {
    this.reset = reset;
  }
}

export type Payload = StreamMessage | RawOctets | Ending;

export function octetsOf(payload: Payload): number {
  if (payload instanceof Ending) return 0;
  return payload instanceof RawOctets ? payload.octets.length : sizeOf(payload);
}

export function sizeOf(message: StreamMessage): number {
  return message.size ?? message.octets.length;
}

/** Where messages that keep no octets are written for the one who reads them. */
let desk = new Uint8Array(65_536);

/** The octets of a message for its receiver; they hold until the next call. */
export function octetsToRead(message: StreamMessage): Uint8Array {
  if (message.writeTo === undefined) return message.octets;
  const size = sizeOf(message);
  if (size > desk.length) desk = new Uint8Array(2 * size);
  message.writeTo(desk);
  return desk.subarray(0, size);
}

/** An ending and raw octets keep the world busy; a message as it says. */
export function isBackground(payload: Payload): boolean {
  return !(payload instanceof Ending) && !(payload instanceof RawOctets) && payload.background;
}

/** A segment that was not acknowledged: it is sent again. */
export interface LostSegment {
  readonly payload: Payload;
  readonly cause: number;
}

/** What one end says to the other. */
export class Flow {
  readonly link: Link;
  /** Octets given to the stream, and octets that the other end has handled: the rest is outstanding. */
  sent = 0;
  handled = 0;
  /** Octets that have arrived and wait for the receiver's time. */
  unread = 0;
  /** Messages and items handled by the receiver. */
  messages = 0;
  items = 0;
  /** Nothing sent later arrives before this. */
  lastArrival = 0;
  /** Segments that found the path broken, in order, and since when they are unanswered. */
  lost: LostSegment[] = [];
  lostSince = 0;
  /** Raw octets have been handled: the receiver's decoder is wherever they left it, so all that follows is octets. */
  raw = false;
  /** More is outstanding than the buffers hold; whether the sender noticed; whether word of room is on its way. */
  blocked = false;
  blockedSeen = false;
  drainSent = false;

  constructor(link: Link) {
    this.link = link;
  }

  get outstanding(): number {
    return this.sent - this.handled;
  }
}

export class Stream {
  readonly id: StreamId;
  readonly nodes: readonly [NodeId, NodeId];
  readonly addresses: readonly [number, number];
  readonly ports: readonly [number, number];
  readonly states: [EndState, EndState] = [END_CONNECTING, END_CLOSED];
  readonly userTimeouts: [VirtualUs, VirtualUs];
  readonly flows: readonly [Flow, Flow];
  /** When the connection attempt began, and how long it may last. */
  readonly startedAt: VirtualUs;
  readonly connectTimeout: VirtualUs;
  /** Since when the path is broken; NEVER while it works. */
  brokenAt: VirtualUs = NEVER;
  /** Jobs in the receivers' queues that name this stream. */
  jobs = 0;

  constructor(
    id: StreamId,
    nodes: readonly [NodeId, NodeId],
    addresses: readonly [number, number],
    ports: readonly [number, number],
    flows: readonly [Flow, Flow],
    startedAt: VirtualUs,
    connectTimeout: VirtualUs,
    userTimeout: VirtualUs,
  ) {
    this.id = id;
    this.nodes = nodes;
    this.addresses = addresses;
    this.ports = ports;
    this.flows = flows;
    this.startedAt = startedAt;
    this.connectTimeout = connectTimeout;
    this.userTimeouts = [userTimeout, NEVER];
  }

  isClosed(): boolean {
    return this.states[0] === END_CLOSED && this.states[1] === END_CLOSED;
  }
}
