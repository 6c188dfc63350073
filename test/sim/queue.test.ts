import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forkGraph } from '../../src/base/fork.ts';
import { InvariantError } from '../../src/base/invariant.ts';
import { type VirtualUs, virtualUs } from '../../src/base/time.ts';
import { type EventHandle, EventQueue, TimedHeap } from '../../src/sim/queue.ts';

/** The queue, said as plainly as possible: a sorted array. */
class SortedQueue {
  private pending: { time: number; order: number; a: number; background: boolean }[] = [];
  private orders = 0;
  now = 0;

  push(time: number, a: number, background: boolean): number {
    const order = this.orders++;
    this.pending.push({ time, order, a, background });
    this.pending.sort((x, y) => x.time - y.time || x.order - y.order);
    return order;
  }

  cancel(order: number): boolean {
    const before = this.pending.length;
    this.pending = this.pending.filter((event) => event.order !== order);
    return this.pending.length < before;
  }

  take(): { time: number; a: number } | null {
    const event = this.pending.shift();
    if (event === undefined) return null;
    this.now = event.time;
    return { time: event.time, a: event.a };
  }

  get size(): number {
    return this.pending.length;
  }

  get foreground(): number {
    return this.pending.filter(({ background }) => !background).length;
  }
}

type Step =
  | { readonly kind: 'push'; readonly delay: number; readonly background: boolean }
  | { readonly kind: 'take' }
  | { readonly kind: 'cancel'; readonly which: number }
  | { readonly kind: 'move'; readonly by: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('push' as const), delay: fc.nat(6), background: fc.boolean() }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('take' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(40) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), by: fc.nat(3) }) },
  ),
  { maxLength: 400 },
);

describe('pending events', () => {
  it('leave by time, and at equal times in the order in which they entered, whatever is cancelled between', () => {
    fc.assert(
      fc.property(steps, fc.nat(400), (history, forkAt) => {
        let queue = new EventQueue();
        const oracle = new SortedQueue();
        const handles: { handle: EventHandle; order: number }[] = [];
        let pushed = 0;
        history.forEach((step, i) => {
          if (i === forkAt) queue = forkGraph(queue);
          if (step.kind === 'push') {
            const time = virtualUs(queue.now + step.delay);
            const handle = queue.push(time, 3, pushed, -pushed, 0, null, step.background);
            handles.push({ handle, order: oracle.push(time, pushed, step.background) });
            pushed++;
          } else if (step.kind === 'cancel') {
            const target = handles[step.which % Math.max(1, handles.length)];
            if (target !== undefined) expect(queue.cancel(target.handle)).toBe(oracle.cancel(target.order));
          } else if (step.kind === 'move') {
            const limit = queue.hasNext() ? queue.nextTime() : queue.now + step.by;
            const to = Math.min(queue.now + step.by, limit);
            queue.moveTo(to as VirtualUs);
            oracle.now = to;
          } else {
            const expected = oracle.take();
            expect(queue.hasNext()).toBe(expected !== null);
            if (expected === null) return;
            queue.take();
            expect({ time: queue.now, a: queue.a }).toEqual(expected);
            expect(queue.b).toBe(-expected.a + 0);
          }
          expect(queue.size).toBe(oracle.size);
          expect(queue.foreground).toBe(oracle.foreground);
        });
      }),
    );
  });

  it('come back with what they were given', () => {
    const queue = new EventQueue();
    const payload = { said: 'hello' };
    queue.push(virtualUs(5), 2, 10, 11, 12, payload, true);
    expect(queue.hasNext()).toBe(true);
    queue.take();
    expect([queue.now, queue.kind, queue.a, queue.b, queue.c, queue.background]).toEqual([5, 2, 10, 11, 12, true]);
    expect(queue.payload).toBe(payload);
  });

  it('are never put into the past, nor stepped over', () => {
    const queue = new EventQueue();
    queue.push(virtualUs(5), 0, 0, 0, 0, null, false);
    expect(() => queue.moveTo(virtualUs(6))).toThrow(InvariantError);
    queue.moveTo(virtualUs(5));
    expect(() => queue.push(virtualUs(4), 0, 0, 0, 0, null, false)).toThrow(InvariantError);
  });

  it('a handle of an event that is over cancels nothing, even when its place is in use again', () => {
    const queue = new EventQueue();
    const first = queue.push(virtualUs(1), 0, 1, 0, 0, null, false);
    queue.take();
    queue.push(virtualUs(2), 0, 2, 0, 0, null, false);
    expect(queue.cancel(first)).toBe(false);
    expect(queue.size).toBe(1);
  });

  it('stay in order while the ring of the present instant grows around its seam', () => {
    const queue = new EventQueue();
    let next = 0;
    let taken = 0;
    for (let round = 0; round < 300; round++) {
      for (let i = 0; i < 3; i++) queue.push(queue.now, 0, next++, 0, 0, null, false);
      queue.hasNext();
      queue.take();
      expect(queue.a).toBe(taken++);
    }
    while (queue.hasNext()) {
      queue.take();
      expect(queue.a).toBe(taken++);
    }
    expect(taken).toBe(next);
  });
});

describe('the heap', () => {
  it('gives back any keys sorted by time and then by order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 300 }), (times) => {
        const heap = new TimedHeap(1);
        times.forEach((time, order) => {
          heap.push(time, order, order);
        });
        const expected = times.map((time, order) => [time, order]).sort((x, y) => x[0]! - y[0]! || x[1]! - y[1]!);
        const found: number[][] = [];
        while (heap.size > 0) {
          found.push([heap.topTime(), heap.topValue()]);
          heap.pop();
        }
        expect(found).toEqual(expected);
      }),
    );
  });
});
