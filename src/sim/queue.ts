/**
 * Pending events: by time, and at equal times in the order in which they were put in.
 *
 * An event is data (a kind, three integers, one payload), so that a world with its pending events can be copied. What
 * is due at the present instant waits in a ring, the future in a binary heap over typed arrays. A cancelled event
 * stays where it is and is skipped when its turn comes; it counts no more.
 */
import { invariant } from '../base/invariant.ts';
import type { VirtualUs } from '../base/time.ts';

/** Integers keyed by (time, order), least first. Orders are unique, so the heap has one possible sequence. */
export class TimedHeap {
  private times: Float64Array;
  private orders: Float64Array;
  private values: Int32Array;
  private used = 0;

  constructor(capacity = 64) {
    this.times = new Float64Array(capacity);
    this.orders = new Float64Array(capacity);
    this.values = new Int32Array(capacity);
  }

  get size(): number {
    return this.used;
  }

  /** Time, order and value of the least entry; only asked while `size` is not 0. */
  topTime(): number {
    return this.times[0]!;
  }

  topOrder(): number {
    return this.orders[0]!;
  }

  topValue(): number {
    return this.values[0]!;
  }

  push(time: number, order: number, value: number): void {
    if (this.used === this.values.length) this.grow();
    const { times, orders, values } = this;
    let at = this.used++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const parentTime = times[parent]!;
      if (parentTime < time || (parentTime === time && orders[parent]! < order)) break;
      times[at] = parentTime;
      orders[at] = orders[parent]!;
      values[at] = values[parent]!;
      at = parent;
    }
    times[at] = time;
    orders[at] = order;
    values[at] = value;
  }

  /** Takes the least entry away. */
  pop(): void {
    const { times, orders, values } = this;
    const last = --this.used;
    const time = times[last]!;
    const order = orders[last]!;
    const value = values[last]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      const right = child + 1;
      if (
        right < last &&
        (times[right]! < times[child]! || (times[right]! === times[child]! && orders[right]! < orders[child]!))
      ) {
        child = right;
      }
      const childTime = times[child]!;
      if (time < childTime || (time === childTime && order < orders[child]!)) break;
      times[at] = childTime;
      orders[at] = orders[child]!;
      values[at] = values[child]!;
      at = child;
    }
    times[at] = time;
    orders[at] = order;
    values[at] = value;
  }

  private grow(): void {
    const capacity = this.values.length * 2;
    const times = new Float64Array(capacity);
    times.set(this.times);
    this.times = times;
    const orders = new Float64Array(capacity);
    orders.set(this.orders);
    this.orders = orders;
    const values = new Int32Array(capacity);
    values.set(this.values);
    this.values = values;
  }
}

/** Names one pushed event until it is taken or cancelled. */
export type EventHandle = number;

const SLOTS_MAX = 0x0100_0000; // a handle is generation * SLOTS_MAX + slot
const CANCELLED = -1;

export class EventQueue {
  /** The event taken last. */
  kind = 0;
  a = 0;
  b = 0;
  c = 0;
  payload: object | null = null;
  background = false;

  private present = 0;
  private ordersGiven = 0;
  private live = 0;
  private liveForeground = 0;

  private readonly heap = new TimedHeap();
  private ring: Int32Array = new Int32Array(64);
  private ringHead = 0;
  private ringTail = 0;

  private orders: Float64Array = new Float64Array(64);
  /** kind, a, b, c, generation, background: six cells a slot. */
  private cells: Int32Array = new Int32Array(64 * 6);
  private readonly payloads: (object | null)[] = [];
  private readonly free: number[] = [];
  private slots = 0;

  /** The present instant: the time of the event taken last, or where `moveTo` went. */
  get now(): VirtualUs {
    return this.present as VirtualUs; // only ever set to a VirtualUs
  }

  /** Events that are neither taken nor cancelled. */
  get size(): number {
    return this.live;
  }

  /** Those of them that are not background. */
  get foreground(): number {
    return this.liveForeground;
  }

  /** The next place in the order of entering, shared with whatever else is ordered among these events. */
  nextOrder(): number {
    return this.ordersGiven++;
  }

  push(
    time: VirtualUs,
    kind: number,
    a: number,
    b: number,
    c: number,
    payload: object | null,
    background: boolean,
  ): EventHandle {
    invariant(time >= this.present, 'no event lies in the past');
    invariant(kind >= 0, 'a kind of event is not negative');
    const slot = this.free.pop() ?? this.newSlot();
    const order = this.ordersGiven++;
    const { cells } = this;
    const at = slot * 6;
    cells[at] = kind;
    cells[at + 1] = a;
    cells[at + 2] = b;
    cells[at + 3] = c;
    cells[at + 5] = background ? 1 : 0;
    this.payloads[slot] = payload;
    this.orders[slot] = order;
    if (time === this.present) this.enterRing(slot);
    else this.heap.push(time, order, slot);
    this.live++;
    if (!background) this.liveForeground++;
    return cells[at + 4]! * SLOTS_MAX + slot;
  }

  /** True when the event was still pending. */
  cancel(handle: EventHandle): boolean {
    const slot = handle % SLOTS_MAX;
    const at = slot * 6;
    if (this.cells[at + 4] !== Math.floor(handle / SLOTS_MAX) || this.cells[at] === CANCELLED) return false;
    this.live--;
    if (this.cells[at + 5] === 0) this.liveForeground--;
    this.cells[at] = CANCELLED;
    this.payloads[slot] = null;
    return true;
  }

  /** Whether anything is pending; if so, `nextTime` and `nextPlace` tell where it stands. */
  hasNext(): boolean {
    this.dropCancelled();
    return this.live > 0;
  }

  /** Time of the next event; ask `hasNext` first. */
  nextTime(): number {
    return this.ringFirst() ? this.present : this.heap.topTime();
  }

  nextPlace(): number {
    return this.ringFirst() ? this.orders[this.ring[this.ringHead]!]! : this.heap.topOrder();
  }

  /** Takes the next event into the fields above and moves the present to its time. Ask `hasNext` first. */
  take(): void {
    let slot: number;
    if (this.ringFirst()) {
      slot = this.leaveRing();
    } else {
      this.present = this.heap.topTime();
      slot = this.heap.topValue();
      this.heap.pop();
    }
    const at = slot * 6;
    const { cells } = this;
    this.kind = cells[at]!;
    this.a = cells[at + 1]!;
    this.b = cells[at + 2]!;
    this.c = cells[at + 3]!;
    this.background = cells[at + 5] === 1;
    this.payload = this.payloads[slot]!;
    this.live--;
    if (!this.background) this.liveForeground--;
    this.release(slot);
  }

  /** Moves the present forward to a time before which nothing is pending. */
  moveTo(time: VirtualUs): void {
    if (time === this.present) return;
    invariant(time > this.present && !(this.hasNext() && this.nextTime() < time), 'time does not skip an event');
    this.present = time;
    // What is due exactly then stays in the heap and comes before anything that enters the ring.
  }

  /** Visits pending events in no particular order. */
  forEachPending(
    visit: (kind: number, a: number, b: number, c: number, payload: object | null, background: boolean) => void,
  ): void {
    const { cells } = this;
    for (let slot = 0; slot < this.slots; slot++) {
      const at = slot * 6;
      if (cells[at] === CANCELLED) continue;
      visit(cells[at]!, cells[at + 1]!, cells[at + 2]!, cells[at + 3]!, this.payloads[slot]!, cells[at + 5] === 1);
    }
  }

  /** What lies in the heap for the present instant entered before anything in the ring. */
  private ringFirst(): boolean {
    return this.ringHead !== this.ringTail && !(this.heap.size > 0 && this.heap.topTime() === this.present);
  }

  private dropCancelled(): void {
    const { heap, cells } = this;
    while (heap.size > 0 && cells[heap.topValue() * 6] === CANCELLED) {
      const slot = heap.topValue();
      heap.pop();
      this.release(slot);
    }
    while (this.ringHead !== this.ringTail && cells[this.ring[this.ringHead]! * 6] === CANCELLED) {
      this.release(this.leaveRing());
    }
  }

  private release(slot: number): void {
    this.cells[slot * 6 + 4]! += 1;
    this.cells[slot * 6] = CANCELLED;
    this.payloads[slot] = null;
    this.free.push(slot);
  }

  private enterRing(slot: number): void {
    this.ring[this.ringTail] = slot;
    this.ringTail = (this.ringTail + 1) & (this.ring.length - 1);
    if (this.ringTail === this.ringHead) {
      const { length } = this.ring;
      const grown = new Int32Array(length * 2);
      grown.set(this.ring.subarray(this.ringHead));
      grown.set(this.ring.subarray(0, this.ringHead), length - this.ringHead);
      this.ring = grown;
      this.ringHead = 0;
      this.ringTail = length;
    }
  }

  private leaveRing(): number {
    const slot = this.ring[this.ringHead]!;
    this.ringHead = (this.ringHead + 1) & (this.ring.length - 1);
    return slot;
  }

  private newSlot(): number {
    const slot = this.slots++;
    invariant(slot < SLOTS_MAX, 'no world has sixteen million events pending');
    if (slot === this.orders.length) {
      const orders = new Float64Array(slot * 2);
      orders.set(this.orders);
      this.orders = orders;
      const cells = new Int32Array(slot * 12);
      cells.set(this.cells);
      this.cells = cells;
    }
    this.payloads.push(null);
    return slot;
  }
}
