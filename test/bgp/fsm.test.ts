import { describe, expect, it } from 'vitest';
import { EVENTS, nextState, printTransitions, STATES, TRANSITIONS } from '../../src/bgp/fsm.ts';

describe('the session states (CN-7.2)', () => {
  it('reach Established and come back to Idle from everywhere', () => {
    const reached = new Set<string>(['Idle']);
    for (let size = 0; size !== reached.size; ) {
      size = reached.size;
      for (const state of STATES) {
        if (reached.has(state)) for (const event of EVENTS) reached.add(nextState(state, event));
      }
    }
    expect([...reached].sort()).toEqual([...STATES].sort());
    for (const state of STATES) if (state !== 'Idle') expect(nextState(state, 'stop')).toBe('Idle');
  });

  it('leave Idle only when started, and are Established only by a KEEPALIVE in OpenConfirm', () => {
    expect(Object.keys(TRANSITIONS.Idle)).toEqual(['start']);
    for (const state of STATES) {
      for (const event of EVENTS) {
        const from = `${state} ${event}`;
        if (state !== 'Established' && nextState(state, event) === 'Established')
          expect(from).toBe('OpenConfirm keepalive');
      }
    }
  });

  it('are printed as a table', () => {
    expect(printTransitions()).toMatchInlineSnapshot(`
      "Idle: start -> Active
      Active: stop -> Idle
      Active: connectTimer -> Connect
      Active: openTimer -> OpenSent
      Active: open -> OpenConfirm
      Active: malformed -> Idle
      Active: unexpected -> Idle
      Active: notification -> Idle
      Connect: stop -> Idle
      Connect: connectTimer -> Active
      Connect: openTimer -> OpenSent
      Connect: connected -> OpenSent
      Connect: transportLost -> Active
      Connect: open -> OpenConfirm
      Connect: malformed -> Idle
      Connect: unexpected -> Idle
      Connect: notification -> Idle
      OpenSent: stop -> Idle
      OpenSent: holdTimer -> Idle
      OpenSent: accepted -> Active
      OpenSent: transportLost -> Active
      OpenSent: open -> OpenConfirm
      OpenSent: malformed -> Idle
      OpenSent: unexpected -> Idle
      OpenSent: notification -> Idle
      OpenConfirm: stop -> Idle
      OpenConfirm: holdTimer -> Idle
      OpenConfirm: transportLost -> Idle
      OpenConfirm: keepalive -> Established
      OpenConfirm: malformed -> Idle
      OpenConfirm: unexpected -> Idle
      OpenConfirm: notification -> Idle
      Established: stop -> Idle
      Established: holdTimer -> Idle
      Established: transportLost -> Idle
      Established: keepalive -> Established
      Established: update -> Established
      Established: malformed -> Idle
      Established: unexpected -> Idle
      Established: notification -> Idle
      "
    `);
  });
});
