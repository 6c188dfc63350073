import fc from 'fast-check';
import type { WorldSize } from '../../src/world/generate.ts';

/** Sizes of generated worlds that take milliseconds, in every layout. */
export function smallSizes({
  leastWorkloads,
  mostControlNodes,
}: {
  readonly leastWorkloads: number;
  readonly mostControlNodes: number;
}): fc.Arbitrary<WorldSize> {
  return fc.record({
    clusters: fc.integer({ min: 1, max: 3 }),
    controlNodes: fc.integer({ min: 1, max: mostControlNodes }),
    vrouters: fc.integer({ min: 1, max: 9 }),
    workloads: fc.integer({ min: leastWorkloads, max: 4 }),
    networks: fc.integer({ min: 1, max: 6 }),
    layout: fc.constantFrom('dealt', 'packed'),
    gateways: fc.integer({ min: 0, max: 2 }),
    federation: fc.boolean(),
  });
}
