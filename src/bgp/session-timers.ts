/** The timers of a session with one neighbour (CN-7.1): when each is due, {@link NEVER} while it is off. */
import { later, milliseconds, NEVER, seconds, type VirtualUs, virtualUs } from '../base/time.ts';

/** Draws of the back-off (CN-7.1/5). */
export interface Draws {
  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number;
}

export const OPEN_SENT_HOLD = seconds(240);
export const OPEN_DELAY = seconds(15);
const IDLE_HOLD = seconds(5);
const NO_HOLD = virtualUs(0);

const ATTEMPTS_MAX = 6;
const CONNECT_SECONDS_MAX = 30;
const JITTER_PERCENT = 10;

/** The back-off before attempt `attempts` + 1, and the limit of that attempt (CN-7.1/5): whole milliseconds. */
export function connectTime(attempts: number, draws: Draws): VirtualUs {
  const doubled = attempts === 0 ? 0 : 2 ** (Math.min(attempts, ATTEMPTS_MAX) - 1);
  const base = doubled === 0 ? 50 : Math.min(doubled, CONNECT_SECONDS_MAX) * 1_000;
  const least = Math.floor((base * (100 - JITTER_PERCENT)) / 100);
  return milliseconds(least + Math.floor((least * draws.integer(0, 2 * JITTER_PERCENT - 1)) / 100));
}

export type DeadlineKind = 'all' | 'foreground' | 'background';

export class SessionTimers {
  idleAt = NEVER;
  /** How long an idle session waits before it starts (CN-7.1/6). */
  private idleHold = NO_HOLD;
  connectAt = NEVER;
  openAt = NEVER;
  holdAt = NEVER;
  keepaliveAt = NEVER;
  /** The hold time in force; 0: none. */
  hold = NO_HOLD;
  /** Connections tried since the session was last up. */
  attempts = 0;

  /** Holds the next start back, as after an end. */
  holdBack(): void {
    this.idleHold = IDLE_HOLD;
  }

  /** The next start is not held back, and none is due. */
  forgetIdle(): void {
    this.idleAt = NEVER;
    this.idleHold = NO_HOLD;
  }

  /** Starts the idle hold; false when there is none to wait for. */
  startIdle(now: VirtualUs): boolean {
    if (this.idleHold === NO_HOLD) return false;
    this.idleAt = later(now, this.idleHold);
    return true;
  }

  startConnect(now: VirtualUs, draws: Draws): void {
    this.connectAt = later(now, connectTime(this.attempts, draws));
  }

  startHold(now: VirtualUs): void {
    this.holdAt = this.hold > 0 ? later(now, this.hold) : NEVER;
  }

  startKeepalive(now: VirtualUs): void {
    const period = virtualUs(Math.floor(this.hold / 3));
    this.keepaliveAt = period > 0 ? later(now, period) : NEVER;
  }

  /** Everything but the idle hold. */
  stopAll(): void {
    this.connectAt = NEVER;
    this.openAt = NEVER;
    this.holdAt = NEVER;
    this.keepaliveAt = NEVER;
  }

  /**
   * The next deadline of a kind. Background ones go on for ever in a world at rest: keepalives, the hold time of an
   * established session, and attempts at the longest back-off.
   */
  next(which: DeadlineKind, established: boolean): VirtualUs {
    const tired = this.attempts >= ATTEMPTS_MAX;
    let next = NEVER;
    if (which !== 'background') {
      next = earlier(this.idleAt, this.openAt);
      if (!established) next = earlier(next, this.holdAt);
      if (!tired) next = earlier(next, this.connectAt);
    }
    if (which !== 'foreground') {
      next = earlier(next, this.keepaliveAt);
      if (established) next = earlier(next, this.holdAt);
      if (tired) next = earlier(next, this.connectAt);
    }
    return next;
  }
}

function earlier(a: VirtualUs, b: VirtualUs): VirtualUs {
  return a < b ? a : b;
}
