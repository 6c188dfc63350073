/**
 * The four messages of BGP-4 as Contrail speaks it (RFC 4271 §4, CN-6.5): values whose octets are derived.
 *
 * An UPDATE is a batch of parts: lists of interned ids, one attribute set to an announcement. It is what the
 * octets say and nothing else, so that a message decoded by its receiver equals the one its sender built.
 */
import type { Ipv4 } from '../net/ipv4.ts';
import type { AttributesId } from '../route/attributes.ts';
import type { Family } from '../route/family.ts';
import type { Capability } from './capability.ts';
import type { Malformed, Notification } from './notification.ts';

export const MESSAGE_TYPE = { open: 1, update: 2, notification: 3, keepalive: 4 } as const;

export const HEADER_OCTETS = 19;
/** CN-6.5.4. */
export const MESSAGE_OCTETS_MAX = 4096;

export interface OpenMessage {
  readonly kind: 'open';
  readonly version: number;
  /** The 2-octet field: AS_TRANS when the speaker's AS does not fit. */
  readonly asn: number;
  readonly holdTimeSeconds: number;
  readonly identifier: Ipv4;
  readonly capabilities: readonly Capability[];
}

/** Senders list what they have picked, readers cut what they have read out of a larger array. */
export type NumberList = Int32Array | readonly number[];

export interface Announcement {
  readonly kind: 'announce';
  readonly family: Family;
  readonly attributes: AttributesId;
  /** NlriIds of the family. */
  readonly nlris: NumberList;
  /** Beside each NLRI its label, a VNI where the attributes say VXLAN (CN-3.4); 0 in families without labels. */
  readonly labels: NumberList;
}

export interface Withdrawal {
  readonly kind: 'withdraw';
  readonly family: Family;
  readonly nlris: NumberList;
}

export interface EndOfRib {
  readonly kind: 'end-of-rib';
  readonly family: Family;
}

export type UpdatePart = Announcement | Withdrawal | EndOfRib;

export interface UpdateMessage {
  readonly kind: 'update';
  /** In the order they take effect: withdrawals, then announcements. */
  readonly parts: readonly UpdatePart[];
  /** Attribute codes 1 to 31 that were present, a bit each; what a well-formed UPDATE must hold depends on the session. */
  readonly present: number;
}

export interface KeepaliveMessage {
  readonly kind: 'keepalive';
}

export type BgpMessage = OpenMessage | UpdateMessage | Notification | KeepaliveMessage;

/** What a receiver is given: a message, or why there is none. */
export type Received = BgpMessage | Malformed;

export const KEEPALIVE: KeepaliveMessage = Object.freeze({ kind: 'keepalive' });

/** Routes announced and withdrawn. */
export function routesIn(message: BgpMessage): number {
  if (message.kind !== 'update') return 0;
  let count = 0;
  const { parts } = message;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (part.kind !== 'end-of-rib') count += part.nlris.length;
  }
  return count;
}
