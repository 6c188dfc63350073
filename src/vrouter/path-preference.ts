/**
 * Which of several hosts serves an address (VR-1.9): a workload's address starts at preference 100, and rises to 200
 * with a higher sequence once traffic of it is seen. One state for each fixed address of an interface; the floating
 * addresses that stand for it follow (VR-1.9.p7).
 */
import { shared } from '../base/fork.ts';
import { later, seconds, type VirtualUs } from '../base/time.ts';

export const LOW = 100;
export const HIGH = 200;

/** The agent asks a waiting workload by ARP at once and every 2 s (VR-1.9.p3). */
export const PROBE_INTERVAL = seconds(2);

/** VR-1.9.p4. */
const FLAP_INTERVAL = seconds(4);
const FLAPS_MAX = 5;
const BACK_OFF_MAX_US = 32_000_000;

export interface PreferenceState {
  phase: 'waiting' | 'traffic-seen' | 'active-active' | 'fixed';
  preference: number;
  sequence: number;
  waiting: boolean;
  highestSeen: number;
  flaps: number;
  /** The last move to 200; null before the first. */
  stableSince: VirtualUs | null;
  backOffUs: number;
}

/** With path preference off: 100 for everyone, and no probing. Nothing moves it. */
export const FIXED_PREFERENCE: PreferenceState = shared(
  Object.freeze({
    phase: 'fixed',
    preference: LOW,
    sequence: 0,
    waiting: false,
    highestSeen: 0,
    flaps: 0,
    stableSince: null,
    backOffUs: FLAP_INTERVAL,
  }),
);

export function newPreference(ecmp: boolean): PreferenceState {
  const state: PreferenceState = {
    phase: 'waiting',
    preference: LOW,
    sequence: 0,
    waiting: true,
    highestSeen: 0,
    flaps: 0,
    stableSince: null,
    backOffUs: FLAP_INTERVAL,
  };
  if (ecmp) becomeActiveActive(state);
  return state;
}

/** VR-1.9/4. */
export function becomeActiveActive(state: PreferenceState): void {
  state.phase = 'active-active';
  state.preference = HIGH;
  state.sequence = 0;
  state.waiting = false;
}

/** VR-1.9/2. False when it waits already. */
export function becomeWaiting(state: PreferenceState): boolean {
  if (state.phase === 'waiting') return false;
  state.phase = 'waiting';
  state.preference = LOW;
  state.waiting = true;
  return true;
}

/** VR-1.9/3: a frame of the workload has been seen. False when nothing waited for it. */
export function trafficSeen(state: PreferenceState, now: VirtualUs): boolean {
  if (state.phase !== 'waiting') return false;
  state.phase = 'traffic-seen';
  state.preference = HIGH;
  state.sequence = state.highestSeen + 1;
  state.highestSeen = state.sequence;
  state.waiting = false;
  if (state.stableSince !== null && now - state.stableSince <= FLAP_INTERVAL) state.flaps++;
  else {
    state.flaps = 0;
    state.backOffUs = FLAP_INTERVAL;
  }
  state.stableSince = now;
  return true;
}

/**
 * Somebody else claims the address: the highest sequence among the other paths of the route, and whether that path leads
 * elsewhere. Gives the moment to give the address up, or null to keep it. Active-active addresses are shared and stay.
 */
export function claimSeen(
  state: PreferenceState,
  sequence: number,
  elsewhere: boolean,
  now: VirtualUs,
): VirtualUs | null {
  if (sequence > state.highestSeen) state.highestSeen = sequence;
  if (state.phase !== 'traffic-seen') return null;
  if (sequence < state.sequence || (sequence === state.sequence && !elsewhere)) return null;
  if (sequence === state.sequence || state.flaps < FLAPS_MAX) return now;
  state.backOffUs = Math.min(state.backOffUs * 2, BACK_OFF_MAX_US);
  return later(now, state.backOffUs as VirtualUs); // a bounded whole number of microseconds
}

/** A path of equal rights with others of its prefix (VR-1.9.p5). */
export function isShared(state: PreferenceState, ecmp: boolean): boolean {
  return ecmp || (state.preference === HIGH && state.sequence === 0);
}

/** It has flapped so often that its next moves are damped. */
export function isDamped(state: PreferenceState): boolean {
  return state.flaps >= FLAPS_MAX;
}
