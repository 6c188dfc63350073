import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimerTable } from '../../src/sim/timers.ts';

type Step =
  | { readonly kind: 'set'; readonly timer: number; readonly delay: number; readonly background: boolean }
  | { readonly kind: 'cancel'; readonly timer: number }
  | { readonly kind: 'fire' }
  | { readonly kind: 'crash'; readonly node: number };

const timer = fc.nat(7);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('set' as const), timer, delay: fc.nat(9), background: fc.boolean() }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), timer }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('fire' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), node: fc.nat(1) }) },
  ),
  { maxLength: 300 },
);

describe('timers', () => {
  it('fire when they were last set for, in the order in which they were last set, however often they are moved', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const table = new TimerTable();
        // The plain model: each timer's due time, order and class.
        const model = new Map<number, { due: number; order: number; background: boolean }>();
        let now = 0;
        let order = 0;
        for (const step of history) {
          if (step.kind === 'set') {
            const due = now + step.delay;
            model.set(step.timer, { due, order, background: step.background });
            table.set(step.timer % 2, step.timer, 5, -1, due, order, step.background, step.timer);
            order++;
          } else if (step.kind === 'cancel') {
            model.delete(step.timer);
            table.cancel(step.timer % 2, step.timer, 5, -1);
          } else if (step.kind === 'crash') {
            for (const id of [...model.keys()]) if (id % 2 === step.node) model.delete(id);
            table.cancelAllOf(step.node);
          } else {
            const first = [...model].sort(([, x], [, y]) => x.due - y.due || x.order - y.order)[0];
            expect(table.hasNext()).toBe(first !== undefined);
            if (first === undefined) continue;
            const [id, { due, order: place }] = first;
            expect([table.nextTime(), table.nextPlace()]).toEqual([due, place]);
            const fired = table.take();
            expect([table.node(fired), table.kind(fired), table.a(fired), table.b(fired)]).toEqual([id % 2, id, 5, -1]);
            expect(table.cause(fired)).toBe(id);
            model.delete(id);
            now = due;
          }
          expect(table.foreground).toBe([...model.values()].filter(({ background }) => !background).length);
          for (let id = 0; id < 8; id++) expect(table.isSet(id % 2, id, 5, -1)).toBe(model.has(id));
        }
      }),
    );
  });
});
