/**
 * The state machines of an XMPP connection as tables (CN-2.2): where each event leads. Timers and what is sent stand in
 * `session.ts`. An event without an entry is not consumed in that state.
 *
 * Without TLS, so OpenConfirm is never entered.
 */

export const XMPP_STATES = ['Idle', 'Active', 'Connect', 'OpenSent', 'Established'] as const;
export type XmppState = (typeof XMPP_STATES)[number];

export const XMPP_EVENTS = [
  'start',
  'adminDown',
  'stop',
  'accepted',
  'connectTimer',
  'connected',
  'connectFailed',
  'closed',
  'open',
  'refused',
  'openTimer',
  'holdTimer',
  'keepalive',
  'stanza',
  'malformed',
] as const;
export type XmppEvent = (typeof XMPP_EVENTS)[number];

export type XmppTransitions = Readonly<Partial<Record<XmppState, Readonly<Partial<Record<XmppEvent, XmppState>>>>>>;

/** One accepted connection of a control node. Idle is its end: the connection object is deleted (CN-2.2.2). */
export const SERVER_TRANSITIONS = {
  Idle: { accepted: 'Active' },
  Active: {
    open: 'Established',
    refused: 'Idle', // a duplicate or a foreign sub-cluster (CN-2.3)
    openTimer: 'Idle',
    closed: 'Idle',
    stop: 'Idle',
    malformed: 'Idle',
  },
  Established: {
    keepalive: 'Established',
    stanza: 'Established',
    holdTimer: 'Idle',
    closed: 'Idle',
    stop: 'Idle',
    malformed: 'Idle',
  },
} as const satisfies XmppTransitions;

/** One slot of an agent; it connects again for ever. */
export const CLIENT_TRANSITIONS = {
  Idle: { start: 'Active' },
  Active: { connectTimer: 'Connect', stop: 'Active', adminDown: 'Idle' },
  Connect: {
    connected: 'OpenSent',
    connectFailed: 'Active',
    connectTimer: 'Active',
    closed: 'Active',
    stop: 'Active',
    adminDown: 'Idle',
  },
  OpenSent: {
    open: 'Established',
    closed: 'Active',
    holdTimer: 'Active',
    stop: 'Active',
    malformed: 'Active',
    adminDown: 'Idle',
  },
  Established: {
    keepalive: 'Established',
    stanza: 'Established',
    holdTimer: 'Active',
    closed: 'Active',
    stop: 'Active',
    malformed: 'Active',
    adminDown: 'Idle',
  },
} as const satisfies XmppTransitions;

/** Where `event` leads from `state`; null when it is not consumed there. */
export function nextState(transitions: XmppTransitions, state: XmppState, event: XmppEvent): XmppState | null {
  return transitions[state]?.[event] ?? null;
}

/** The table for people: a row for each state, `event -> state` in the order of the table. */
export function transitionLines(transitions: XmppTransitions): string[] {
  const lines: string[] = [];
  for (const state of XMPP_STATES) {
    for (const event of XMPP_EVENTS) {
      const to = nextState(transitions, state, event);
      if (to !== null) lines.push(`${state.padEnd(12)} ${event.padEnd(14)} ${to}`);
    }
  }
  return lines;
}
