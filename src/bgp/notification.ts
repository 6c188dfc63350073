/**
 * NOTIFICATION (RFC 4271 §4.5 and §6, RFC 4486): the codes, and the fault of a peer as a value that names what it deserves.
 */
import type { OctetReader, OctetWriter } from '../base/bytes.ts';

export const ERROR = {
  messageHeader: 1,
  open: 2,
  update: 3,
  holdTimerExpired: 4,
  finiteStateMachine: 5,
  cease: 6,
} as const;

export const HEADER_ERROR = { notSynchronized: 1, badLength: 2, badType: 3 } as const;

export const OPEN_ERROR = {
  unsupportedVersion: 1,
  badPeerAs: 2,
  badIdentifier: 3,
  unsupportedParameter: 4,
  unacceptableHoldTime: 6,
  unsupportedCapability: 7,
} as const;

export const UPDATE_ERROR = {
  malformedAttributeList: 1,
  unrecognizedWellKnown: 2,
  missingWellKnown: 3,
  attributeFlags: 4,
  attributeLength: 5,
  invalidOrigin: 6,
  invalidNextHop: 8,
  optionalAttribute: 9,
  invalidNetworkField: 10,
  malformedAsPath: 11,
} as const;

export const CEASE = {
  unspecific: 0,
  maximumPrefixes: 1,
  administrativeShutdown: 2,
  peerDeconfigured: 3,
  administrativeReset: 4,
  connectionRejected: 5,
  otherConfigChange: 6,
  connectionCollision: 7,
  hardReset: 9,
} as const;

export interface Notification {
  readonly kind: 'notification';
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
}

/** What a peer sent cannot be taken, and the NOTIFICATION that answers it. */
export interface Malformed {
  readonly kind: 'malformed';
  readonly notification: Notification;
  /** One sentence for people. */
  readonly why: string;
}

const NO_DATA = new Uint8Array(0);

export function notification(code: number, subcode = 0, data: Uint8Array = NO_DATA): Notification {
  return { kind: 'notification', code, subcode, data };
}

export function malformed(code: number, subcode: number, why: string, data: Uint8Array = NO_DATA): Malformed {
  return { kind: 'malformed', notification: notification(code, subcode, data), why };
}

export function encodeNotification(to: OctetWriter, message: Notification): void {
  to.u8(message.code);
  to.u8(message.subcode);
  to.octets(message.data);
}

export function decodeNotification(from: OctetReader): Notification {
  return notification(from.u8(), from.u8(), from.take(from.remaining).slice());
}

const CODE_NAMES = [
  '',
  'Message Header Error',
  'OPEN Message Error',
  'UPDATE Message Error',
  'Hold Timer Expired',
  'Finite State Machine Error',
  'Cease',
];
const SUBCODE_NAMES: readonly (readonly string[])[] = [
  [],
  ['', 'Connection Not Synchronized', 'Bad Message Length', 'Bad Message Type'],
  [
    '',
    'Unsupported Version Number',
    'Bad Peer AS',
    'Bad BGP Identifier',
    'Unsupported Optional Parameter',
    '',
    'Unacceptable Hold Time',
    'Unsupported Capability',
  ],
  [
    '',
    'Malformed Attribute List',
    'Unrecognized Well-known Attribute',
    'Missing Well-known Attribute',
    'Attribute Flags Error',
    'Attribute Length Error',
    'Invalid ORIGIN Attribute',
    '',
    'Invalid NEXT_HOP Attribute',
    'Optional Attribute Error',
    'Invalid Network Field',
    'Malformed AS_PATH',
  ],
  [],
  [],
  [
    '',
    'Maximum Number of Prefixes Reached',
    'Administrative Shutdown',
    'Peer De-configured',
    'Administrative Reset',
    'Connection Rejected',
    'Other Configuration Change',
    'Connection Collision Resolution',
    'Out of Resources',
    'Hard Reset',
  ],
];

/** `Cease/Administrative Shutdown`, `Hold Timer Expired`; numbers where a code has no name. */
export function formatNotification(message: Notification): string {
  const code = CODE_NAMES[message.code] || `code ${message.code}`;
  if (message.subcode === 0) return code;
  return `${code}/${SUBCODE_NAMES[message.code]?.[message.subcode] || `subcode ${message.subcode}`}`;
}
