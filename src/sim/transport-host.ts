/** What stands between the transport and the kernel: the events it leaves in the queue, and what it asks. */
import type { NodeId, RandomStream, SimNode, StreamId, StreamMessage } from './node.ts';
import type { Server } from './server.ts';
import type { SegmentSink } from './sink.ts';

/** Kinds of events that are the transport's; a is the stream, b the side, c the cause. */
export const SYN = 0;
export const ANSWER = 1;
export const CONNECT_TIMEOUT = 2;
export const SEGMENT = 3;
export const JOB = 4;
export const RESET = 5;
export const RESEND = 6;
export const PROBE = 7;
export const USER_TIMEOUT = 8;
export const DRAINED = 9;
export const TRANSPORT_EVENTS = 10;

export const TRANSPORT_EVENT_NAMES: readonly string[] = [
  'connection request',
  'answer to a connection request',
  'connect timeout',
  'arrival',
  'handling',
  'reset',
  'retransmission',
  'keepalive probe',
  'user timeout',
  'room in a blocked stream',
];

/** What the transport asks of the kernel. */
export interface TransportHost {
  simNode(node: NodeId): SimNode;
  server(node: NodeId): Server;
  /** Counts the starts and crashes of a node, so that jobs of an earlier life are known. */
  epoch(node: NodeId): number;
  /** Random draws of the way from one node to another. */
  pathChance(from: NodeId, to: NodeId): RandomStream;
  /** A message is handed to its receiver: writes its row and makes it the cause of what follows. */
  messageHandled(from: NodeId, to: NodeId, stream: StreamId, message: StreamMessage, cause: number): void;
  /** The number of what is being handled, for what is sent meanwhile. */
  currentCause(): number;
  handling(cause: number): void;
  /** A stream opened or closed: whether the world is settled has to be asked again. */
  unsettle(): void;
  sink(): SegmentSink | null;
}

export interface TransportOptions {
  /** Receivers get octets instead of decoded messages. */
  readonly wire: boolean;
  /** Octets that both sockets' buffers hold before the sender is blocked. */
  readonly socketBuffer: number;
}
