/**
 * A node as a server with one queue: each message costs virtual time, and what it causes leaves when that is paid.
 *
 * Messages are handled one after the other in the order of arrival. The cost is in nanoseconds, because a route costs
 * less than a microsecond; what is below a microsecond is carried while the server stays busy.
 */
import { invariant } from '../base/invariant.ts';
import { type VirtualUs, virtualUs } from '../base/time.ts';

/** What it costs a kind of node to handle a message; nothing at all is allowed. */
export interface CostModel {
  readonly perMessageNs: number;
  readonly perItemNs: number;
}

export const FREE: CostModel = { perMessageNs: 0, perItemNs: 0 };

export class Server {
  cost: CostModel;
  /** Messages that have arrived and are not handled. */
  waiting = 0;
  /** The most that ever waited at once. */
  waitingMax = 0;
  private busyUntil = 0;
  private remainderNs = 0;

  constructor(cost: CostModel) {
    invariant(
      Number.isSafeInteger(cost.perMessageNs) && cost.perMessageNs >= 0 && Number.isSafeInteger(cost.perItemNs),
      'a cost is a whole number of nanoseconds',
    );
    this.cost = cost;
  }

  /** When a message that arrives now will have been handled. */
  admit(now: VirtualUs, messages: number, items: number): VirtualUs {
    if (this.busyUntil < now) {
      this.busyUntil = now;
      this.remainderNs = 0;
    }
    const work = this.remainderNs + messages * this.cost.perMessageNs + items * this.cost.perItemNs;
    const whole = Math.floor(work / 1000);
    this.remainderNs = work - whole * 1000;
    this.busyUntil += whole;
    this.waiting++;
    if (this.waiting > this.waitingMax) this.waitingMax = this.waiting;
    return virtualUs(this.busyUntil);
  }

  /** When what has arrived so far will have been handled; now when nothing waits. */
  idleAt(now: VirtualUs): VirtualUs {
    return this.waiting === 0 || this.busyUntil < now ? now : virtualUs(this.busyUntil);
  }

  /** Counts the peak of {@link waitingMax} from what waits now. */
  forgetPeak(): void {
    this.waitingMax = this.waiting;
  }

  /** Power is gone: so is the queue. */
  reset(): void {
    this.waiting = 0;
    this.busyUntil = 0;
    this.remainderNs = 0;
  }
}
