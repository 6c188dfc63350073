/**
 * Timers of nodes: one per (node, kind, a, b).
 *
 * A hold timer is moved with every message and hardly ever fires, so moving a timer to a later time only writes the
 * new time down: its entry in the heap stays, and goes in again when it comes up early. Among events of one instant a
 * timer has the place of the moment at which it was last set.
 */
import { Float64Column, Int32Column } from '../base/columns.ts';
import { TupleIds } from '../base/interner.ts';
import { NEVER } from '../base/time.ts';
import { TimedHeap } from './queue.ts';

export class TimerTable {
  private readonly ids = new TupleIds();
  private readonly heap = new TimedHeap();
  /** When it fires; NEVER while it is not set. */
  private readonly dueTimes = new Float64Column();
  private readonly dueOrders = new Float64Column();
  /** The one entry of the heap that speaks for the timer; order -1 for none. */
  private readonly entryTimes = new Float64Column();
  private readonly entryOrders = new Float64Column();
  private readonly backgrounds = new Int32Column();
  private readonly causes = new Int32Column();
  /** Timers of one node, as a chain: the first per node, the next per timer; -1 ends it. */
  private readonly firstOfNode = new Int32Column();
  private readonly nextOfNode = new Int32Column();
  private liveForeground = 0;

  /** Timers set that are not background. */
  get foreground(): number {
    return this.liveForeground;
  }

  set(
    node: number,
    kind: number,
    a: number,
    b: number,
    at: number,
    order: number,
    background: boolean,
    cause: number,
  ): void {
    const timer = this.timer(node, kind, a, b);
    if (this.dueTimes.get(timer) !== NEVER && this.backgrounds.get(timer) === 0) this.liveForeground--;
    if (!background) this.liveForeground++;
    this.dueTimes.set(timer, at);
    this.dueOrders.set(timer, order);
    this.backgrounds.set(timer, background ? 1 : 0);
    this.causes.set(timer, cause);
    if (this.entryOrders.get(timer) < 0 || this.entryTimes.get(timer) > at) this.enter(timer);
  }

  cancel(node: number, kind: number, a: number, b: number): void {
    const timer = this.ids.find(node, kind, a, b);
    if (timer >= 0) this.unset(timer);
  }

  isSet(node: number, kind: number, a: number, b: number): boolean {
    const timer = this.ids.find(node, kind, a, b);
    return timer >= 0 && this.dueTimes.get(timer) !== NEVER;
  }

  cancelAllOf(node: number): void {
    if (node >= this.firstOfNode.length) return;
    for (let timer = this.firstOfNode.get(node); timer >= 0; timer = this.nextOfNode.get(timer)) this.unset(timer);
  }

  /** Brings the first timer that is really due next to the top of the heap; false when none is set. */
  hasNext(): boolean {
    const { heap } = this;
    while (heap.size > 0) {
      const timer = heap.topValue();
      const order = heap.topOrder();
      if (order === this.entryOrders.get(timer)) {
        if (order === this.dueOrders.get(timer) && this.dueTimes.get(timer) !== NEVER) return true;
        heap.pop();
        this.entryOrders.set(timer, -1);
        if (this.dueTimes.get(timer) !== NEVER) this.enter(timer);
      } else heap.pop();
    }
    return false;
  }

  /** Time, place in the order of entering, and the timer itself; ask `hasNext` first. */
  nextTime(): number {
    return this.heap.topTime();
  }

  nextPlace(): number {
    return this.heap.topOrder();
  }

  /** The timer at the top, which is no longer set. */
  take(): number {
    const timer = this.heap.topValue();
    this.heap.pop();
    this.entryOrders.set(timer, -1);
    this.unset(timer);
    return timer;
  }

  node(timer: number): number {
    return this.ids.a(timer);
  }

  kind(timer: number): number {
    return this.ids.b(timer);
  }

  a(timer: number): number {
    return this.ids.c(timer);
  }

  b(timer: number): number {
    return this.ids.d(timer);
  }

  cause(timer: number): number {
    return this.causes.get(timer);
  }

  /** Some timer that keeps the world busy: the earliest; -1 for none. */
  earliestForeground(): number {
    let earliest = -1;
    for (let timer = 0; timer < this.ids.size; timer++) {
      const due = this.dueTimes.get(timer);
      if (due === NEVER || this.backgrounds.get(timer) === 1) continue;
      if (earliest < 0 || due < this.dueTimes.get(earliest)) earliest = timer;
    }
    return earliest;
  }

  dueTime(timer: number): number {
    return this.dueTimes.get(timer);
  }

  private unset(timer: number): void {
    if (this.dueTimes.get(timer) === NEVER) return;
    if (this.backgrounds.get(timer) === 0) this.liveForeground--;
    this.dueTimes.set(timer, NEVER);
  }

  private enter(timer: number): void {
    const time = this.dueTimes.get(timer);
    const order = this.dueOrders.get(timer);
    this.entryTimes.set(timer, time);
    this.entryOrders.set(timer, order);
    this.heap.push(time, order, timer);
  }

  private timer(node: number, kind: number, a: number, b: number): number {
    const timer = this.ids.intern(node, kind, a, b);
    if (timer === this.dueTimes.length) {
      this.dueTimes.push(NEVER);
      this.dueOrders.push(-1);
      this.entryTimes.push(0);
      this.entryOrders.push(-1);
      this.backgrounds.push(0);
      this.causes.push(-1);
      this.firstOfNode.extend(node + 1, -1);
      this.nextOfNode.push(this.firstOfNode.get(node));
      this.firstOfNode.set(node, timer);
    }
    return timer;
  }
}
