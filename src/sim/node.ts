/**
 * What a node is to the kernel, and what the kernel is to a node.
 *
 * A node is a state machine that is told of streams, messages and moments, one at a time, and answers through its
 * {@link NodePort}. It takes virtual time for each message (the cost model), and what it sends leaves when that time is
 * over. The kernel knows no protocol: a message is octets, what they say, and how much they carry.
 */
import type { VirtualUs } from '../base/time.ts';

export type NodeId = number;
/** One TCP connection; the two ends know it by the same number. */
export type StreamId = number;

/** One message of a protocol. Both `octets` and `content` are registered as shared and never change. */
export interface StreamMessage {
  /** Exact octets on the wire; asked for only where somebody reads them. */
  readonly octets: Uint8Array;
  /** How many they are, from messages that make them on demand. */
  readonly size?: number;
  /** Writes them to the beginning of `to`: a message that keeps no octets saves its only reader the memory. */
  writeTo?(to: Uint8Array): void;
  /** What the octets say, as the sender's codec would decode them: a frozen value that all receivers may share. */
  readonly content: unknown;
  /** `bgp.update`, `bgp.open`, `xmpp.publish`, ...: the row's name in the record. */
  readonly kind: string;
  /** Routes announced and withdrawn in it: the unit of the cost model and of the counters. */
  readonly items: number;
  /**
   * 32 bits about what it says, made of the values that were meant (addresses, targets, text) and never of interned ids
   * or of the octets. A receiver that decodes the octets makes the same number of what it understood, so that a fault
   * of either codec makes two records differ. `contentDigest` of base/digest.ts serves where nothing faster is at hand.
   */
  readonly digest: number;
  /** A keepalive: being on its way does not keep the world from being quiescent. */
  readonly background: boolean;
}

/** What a decoder understood of one message: the row of the record that is not written by the sender. */
export interface DecodedMessage {
  readonly kind: string;
  readonly items: number;
  readonly digest: number;
  /** Octets it took in the stream. */
  readonly size: number;
}

export type CloseReason = 'closed' | 'reset' | 'refused' | 'timeout';

export interface SimNode {
  readonly name: string;
  /** The addresses other nodes reach it at, the first one its own. */
  readonly addresses: readonly number[];
  /** The node has power: sessions may be opened. Called again after a crash, on a fresh or kept state as the node decides. */
  started(): void;
  /** An orderly stop: close what is open. */
  stopped(): void;
  /** A crash: there is nobody left to say anything to. What steps tell the node from here on waits for its next start. */
  crashed?(): void;
  /** Somebody connects to one of our ports. The stream is open; close it within this call to refuse. */
  streamAccepted(stream: StreamId, remote: number, remotePort: number, localPort: number): void;
  /** Our own `connect` succeeded. */
  streamConnected(stream: StreamId): void;
  streamClosed(stream: StreamId, reason: CloseReason): void;
  /** A message whose octets all have arrived (the receivers of equal messages share `content`). */
  messageReceived(stream: StreamId, message: StreamMessage): void;
  /**
   * `--wire` and raw input: octets as they arrive, cut anywhere; the node's own decoder frames them, and keeps copies,
   * because their memory is used again. Each message that the decoder understands is told to `port.decoded` before
   * anything is done about it.
   */
  octetsReceived(stream: StreamId, octets: Uint8Array): void;
  /** A stream that was blocked when the node asked has room again. */
  streamDrained(stream: StreamId): void;
  timerFired(kind: number, a: number, b: number): void;
  /** What its timers wait for, by kind, to follow `waits for`. */
  readonly waitsFor?: readonly string[];
}

/** A named random stream of one node or link; the same seed gives the same draws whatever else is drawn elsewhere. */
export interface RandomStream {
  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number;
}

export interface ConnectOptions {
  readonly localAddress: number;
  readonly remoteAddress: number;
  readonly remotePort: number;
  /** How long an unanswered attempt lasts. */
  readonly connectTimeout: VirtualUs;
  /** TCP user timeout and keepalive: a peer that cannot be reached for so long closes the stream; NEVER for none. */
  readonly userTimeout: VirtualUs;
}

export interface NodePort {
  readonly id: NodeId;
  now(): VirtualUs;
  random(purpose: string): RandomStream;
  connect(options: ConnectOptions): StreamId;
  send(stream: StreamId, message: StreamMessage): void;
  /** Octets that are no message of ours: what a raw speaker says. They arrive as octets in every mode. */
  sendOctets(stream: StreamId, octets: Uint8Array): void;
  /** Call once for each message understood from `octetsReceived`, in order, before acting on it. */
  decoded(stream: StreamId, message: DecodedMessage): void;
  /** Nothing more is told of a stream that we closed ourselves. */
  close(stream: StreamId, how: 'close' | 'reset'): void;
  /** True while too many octets wait for bandwidth, a busy or a lost peer (a blocked socket); then `streamDrained`. */
  isBlocked(stream: StreamId): boolean;
  /** True while octets have arrived on the stream that the node has not had the time to read. */
  hasUnread(stream: StreamId): boolean;
  /** When the messages that have arrived here so far will all have been handled; now when none waits. */
  idleAt(): VirtualUs;
  /** TCP user timeout of our end, as in {@link ConnectOptions}, for an accepted stream or a change. */
  setUserTimeout(stream: StreamId, timeout: VirtualUs): void;
  /** One timer per (kind, a, b): setting it again moves it. Background timers do not keep the world from being quiescent. */
  setTimer(kind: number, a: number, b: number, at: VirtualUs, background: boolean): void;
  cancelTimer(kind: number, a: number, b: number): void;
  /** A RIB or FIB row changed now: moves "converged at" and, in a route-level record, writes a row. */
  tableChanged(table: string, key: string | (() => string), change: number): void;
  /** Whether each changed row is written down; if not, `rowsChanged` may tell of many at once. */
  readonly recordsRows: boolean;
  /** So many rows changed now, whichever they were. */
  rowsChanged(rows: number): void;
  /** Adds to a named counter of this node, or of one of its sessions (contractual counters: see docs). */
  count(counter: string, by?: number, session?: string): void;
  /** What is being handled: the number of a message in the record, or a negative number for something else. */
  cause(): number;
  /** Writes an event that is neither message nor table change: a session state, a protocol error. */
  note(kind: string, text: string): void;
}
