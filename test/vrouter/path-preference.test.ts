import { describe, expect, it } from 'vitest';
import { later, seconds, virtualUs } from '../../src/base/time.ts';
import { becomeWaiting, claimSeen, isShared, newPreference, trafficSeen } from '../../src/vrouter/path-preference.ts';

describe('the preference of an address (VR-1.9)', () => {
  it('is 100 with sequence 0, and 200 with sequence 1 once traffic is seen', () => {
    const state = newPreference(false);
    expect([state.preference, state.sequence, state.waiting]).toEqual([100, 0, true]);
    expect(trafficSeen(state, seconds(2))).toBe(true);
    expect([state.preference, state.sequence, state.waiting]).toEqual([200, 1, false]);
    expect(trafficSeen(state, seconds(3))).toBe(false);
  });

  it('is 200 with sequence 0 from the start for an active-active address, which nobody else can claim', () => {
    const state = newPreference(true);
    expect([state.preference, state.sequence]).toEqual([200, 0]);
    expect(isShared(state, true)).toBe(true);
    expect(claimSeen(state, 7, true, seconds(1))).toBeNull();
  });

  it('is given up to a higher sequence, or to the same one elsewhere, and not to its own reflection', () => {
    const seen = () => {
      const state = newPreference(false);
      trafficSeen(state, seconds(2));
      return state;
    };
    expect(claimSeen(seen(), 1, false, seconds(3))).toBeNull();
    expect(claimSeen(seen(), 0, true, seconds(3))).toBeNull();
    expect(claimSeen(seen(), 1, true, seconds(3))).toBe(seconds(3));
    expect(claimSeen(seen(), 2, true, seconds(3))).toBe(seconds(3));
  });

  it('comes back above what it lost to', () => {
    const state = newPreference(false);
    trafficSeen(state, seconds(2));
    claimSeen(state, 4, true, seconds(3));
    becomeWaiting(state);
    expect([state.preference, state.waiting]).toEqual([100, true]);
    trafficSeen(state, seconds(10));
    expect([state.preference, state.sequence]).toEqual([200, 5]);
  });

  it('waits 8, 16, then 32 s before it gives up for the next time when it flaps (VR-1.9.p4)', () => {
    const state = newPreference(false);
    let now = seconds(1);
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      trafficSeen(state, now);
      const at = claimSeen(state, state.sequence + 1, true, now)!;
      waits.push(at - now);
      becomeWaiting(state);
      now = virtualUs(now + 1_000_000);
    }
    expect(waits.map((wait) => wait / 1_000_000)).toEqual([0, 0, 0, 0, 0, 8, 16, 32, 32, 32, 32, 32]);
    trafficSeen(state, later(now, seconds(5)));
    expect(claimSeen(state, state.sequence + 1, true, later(now, seconds(5)))).toBe(later(now, seconds(5)));
  });
});
