/** What a session asks of whoever drives it, in order, and what it needs to know of the sockets. */
import type { BgpEnvelope, DecodedBgp } from './envelope.ts';
import type { SessionState } from './fsm.ts';
import type { UpdateMessage } from './message.ts';
import type { NegotiatedSession } from './negotiation.ts';
import type { Notification } from './notification.ts';

/** Number of a stream, given by whoever drives the session. */
export type StreamNumber = number;

/** Why a session left Established, or an attempt at it ended. */
export interface SessionDown {
  readonly cause: 'closed' | 'notification-sent' | 'notification-received';
  readonly notification: Notification | null;
  /** One sentence for people. */
  readonly why: string;
}

export type SessionOutput =
  /** Open a TCP connection to the peer, and name it with `connecting` before anything else. */
  | { readonly kind: 'connect' }
  | { readonly kind: 'send'; readonly stream: StreamNumber; readonly message: BgpEnvelope }
  /** Close what is open or being opened; the session hears no more of it. */
  | { readonly kind: 'close'; readonly stream: StreamNumber }
  | { readonly kind: 'decoded'; readonly stream: StreamNumber; readonly message: DecodedBgp }
  | { readonly kind: 'state'; readonly from: SessionState; readonly to: SessionState }
  | { readonly kind: 'established'; readonly negotiated: NegotiatedSession }
  | { readonly kind: 'update'; readonly update: UpdateMessage }
  /** The session was Established and is not any more. */
  | { readonly kind: 'down'; readonly down: SessionDown }
  | { readonly kind: 'note'; readonly text: string };

/** What a timer needs to know of the socket. */
export interface SocketState {
  /** Octets wait to be sent: no keepalive goes out (CN-7.1/2). */
  readonly blocked: boolean;
  /** Octets wait to be read: the hold timer starts again (CN-7.2.3). */
  readonly unread: boolean;
}

/** A socket that takes everything and holds nothing unread. */
export const FREE_SOCKET: SocketState = { blocked: false, unread: false };

/** What a session has yet to hand out, in order. */
export class Outbox {
  private outputs: SessionOutput[] = [];
  /** How many of the outputs have been handed out. */
  private handedOut = 0;

  push(output: SessionOutput): void {
    this.outputs.push(output);
  }

  /** The next output; null when there is nothing left. */
  next(): SessionOutput | null {
    if (this.handedOut < this.outputs.length) return this.outputs[this.handedOut++]!;
    if (this.handedOut > 0) this.clear();
    return null;
  }

  clear(): void {
    this.outputs = [];
    this.handedOut = 0;
  }
}
