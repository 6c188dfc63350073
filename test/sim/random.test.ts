import { describe, expect, it } from 'vitest';
import { forkGraph } from '../../src/base/fork.ts';
import { InvariantError } from '../../src/base/invariant.ts';
import { Chance } from '../../src/sim/random.ts';

function draws(chance: Chance, owner: string, purpose: string, count = 8): number[] {
  const stream = chance.stream(owner, purpose);
  return Array.from({ length: count }, () => stream.integer(0, 999_999));
}

describe('named random streams', () => {
  it('give the same draws whatever is drawn elsewhere', () => {
    const alone = draws(new Chance(42), 'agent-1', 'shuffle');
    const crowded = new Chance(42);
    draws(crowded, 'agent-0', 'shuffle', 3);
    draws(crowded, 'agent-1', 'connect', 50);
    expect(draws(crowded, 'agent-1', 'shuffle')).toEqual(alone);
  });

  it('differ by seed, owner and purpose, and do not run the two names together', () => {
    const all = [
      draws(new Chance(42), 'agent-1', 'shuffle'),
      draws(new Chance(43), 'agent-1', 'shuffle'),
      draws(new Chance(42 + 2 ** 32), 'agent-1', 'shuffle'),
      draws(new Chance(42), 'agent-2', 'shuffle'),
      draws(new Chance(42), 'agent-1', 'connect'),
      draws(new Chance(42), 'agent-1s', 'huffle'),
    ];
    expect(new Set(all.map((row) => row.join())).size).toBe(all.length);
  });

  it('go on where they were left, also in a copy', () => {
    const chance = new Chance(1);
    draws(chance, 'a', 'x', 5);
    const copy = forkGraph(chance);
    expect(draws(copy, 'a', 'x')).toEqual(draws(chance, 'a', 'x'));
  });

  it('are the same on every machine', () => {
    expect(draws(new Chance(20161109), 'ctl-os-1', 'idle-hold', 4)).toMatchInlineSnapshot(`
      [
        461086,
        117424,
        766026,
        456100,
      ]
    `);
  });

  it('stay within both bounds and reach them', () => {
    const stream = new Chance(5).stream('a', 'die');
    const rolls = Array.from({ length: 600 }, () => stream.integer(1, 6));
    expect([...new Set(rolls)].sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(stream.integer(-3, -3)).toBe(-3);
    expect(() => stream.integer(2, 1)).toThrow(InvariantError);
  });
});
