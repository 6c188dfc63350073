/**
 * Where each event leads a session (CN-7.2): Contrail's machine as data.
 *
 * Contrail departs from RFC 4271 §8: Connect comes after a wait in Active, a passive socket waits up to 15 s for the
 * peer's OPEN, and a loss in OpenSent leads back to Active. An event without an entry leaves the state as it is; a
 * message that a state does not expect is `unexpected`. Timers and effects stand in session.ts.
 */

export const STATES = ['Idle', 'Active', 'Connect', 'OpenSent', 'OpenConfirm', 'Established'] as const;
export type SessionState = (typeof STATES)[number];

export const EVENTS = [
  /** An administrator's start, or the end of the idle hold. */
  'start',
  /** An administrator's stop, or a configuration change. */
  'stop',
  'connectTimer',
  /** The open delay of a passive stream is over. */
  'openTimer',
  'holdTimer',
  /** Our own connection is there. */
  'connected',
  /** A connection of the peer's is taken. */
  'accepted',
  /** The last usable stream is gone. */
  'transportLost',
  /** An OPEN that can be agreed to, on the stream that is kept. */
  'open',
  'keepalive',
  'update',
  /** A message that cannot be read or agreed to; it is answered with a NOTIFICATION. */
  'malformed',
  /** A message out of turn: finite state machine error. */
  'unexpected',
  'notification',
] as const;
export type SessionEvent = (typeof EVENTS)[number];

export const TRANSITIONS = {
  Idle: { start: 'Active' },
  Active: {
    connectTimer: 'Connect',
    openTimer: 'OpenSent',
    open: 'OpenConfirm',
    stop: 'Idle',
    malformed: 'Idle',
    unexpected: 'Idle',
    notification: 'Idle',
  },
  Connect: {
    connectTimer: 'Active',
    connected: 'OpenSent',
    openTimer: 'OpenSent',
    open: 'OpenConfirm',
    transportLost: 'Active',
    stop: 'Idle',
    malformed: 'Idle',
    unexpected: 'Idle',
    notification: 'Idle',
  },
  OpenSent: {
    open: 'OpenConfirm',
    accepted: 'Active',
    transportLost: 'Active',
    holdTimer: 'Idle',
    stop: 'Idle',
    malformed: 'Idle',
    unexpected: 'Idle',
    notification: 'Idle',
  },
  OpenConfirm: {
    keepalive: 'Established',
    transportLost: 'Idle',
    holdTimer: 'Idle',
    stop: 'Idle',
    malformed: 'Idle',
    unexpected: 'Idle',
    notification: 'Idle',
  },
  Established: {
    keepalive: 'Established',
    update: 'Established',
    transportLost: 'Idle',
    holdTimer: 'Idle',
    stop: 'Idle',
    malformed: 'Idle',
    unexpected: 'Idle',
    notification: 'Idle',
  },
} as const satisfies Record<SessionState, Partial<Record<SessionEvent, SessionState>>>;

export function nextState(state: SessionState, event: SessionEvent): SessionState {
  const row: Partial<Record<SessionEvent, SessionState>> = TRANSITIONS[state];
  return row[event] ?? state;
}

/** A line for each transition, `OpenSent: open -> OpenConfirm`, for documents and people. */
export function printTransitions(): string {
  const lines: string[] = [];
  for (const state of STATES) {
    const row: Partial<Record<SessionEvent, SessionState>> = TRANSITIONS[state];
    for (const event of EVENTS) if (row[event] !== undefined) lines.push(`${state}: ${event} -> ${row[event]}`);
  }
  return `${lines.join('\n')}\n`;
}
