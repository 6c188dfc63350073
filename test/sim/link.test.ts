import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../src/base/invariant.ts';
import { milliseconds, seconds, virtualUs } from '../../src/base/time.ts';
import { IDEAL_LINK, Link, Links } from '../../src/sim/link.ts';
import { Chance } from '../../src/sim/random.ts';
import { Server } from '../../src/sim/server.ts';

describe('a link', () => {
  it('takes its latency and the time to send the octets, one after the other', () => {
    const link = new Link({ ...IDEAL_LINK, latency: milliseconds(4), bitsPerSecond: 8_000_000 });
    expect(link.transmit(virtualUs(0), 1_000, null)).toBe(5_000);
    expect(link.transmit(virtualUs(0), 1_000, null)).toBe(6_000);
    expect(link.transmit(virtualUs(500_000), 1_000, null)).toBe(505_000);
  });

  it('loses nothing below a microsecond while it is busy', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(3_000), { minLength: 1 }),
        fc.integer({ min: 1, max: 10_000_000_000 }),
        (sizes, bits) => {
          const link = new Link({ ...IDEAL_LINK, bitsPerSecond: bits });
          let last = 0;
          let total = 0;
          for (const size of sizes) {
            last = link.transmit(virtualUs(0), size, null);
            total += size;
          }
          expect(last).toBe(Number((BigInt(total) * 8_000_000n) / BigInt(bits)));
        },
      ),
    );
  });

  it('without a bandwidth takes its latency alone', () => {
    const link = new Link({ ...IDEAL_LINK, latency: milliseconds(4) });
    expect(link.transmit(virtualUs(7), 1_000_000, null)).toBe(4_007);
  });

  it('with loss is late by what TCP waits before it sends again', () => {
    const link = new Link({ ...IDEAL_LINK, latency: milliseconds(10), lossPpm: 200_000 });
    const chance = new Chance(3).stream('a to b', 'path');
    const late = new Set(Array.from({ length: 500 }, () => link.transmit(virtualUs(0), 100, chance) - 10_000));
    // 220 ms, and after that twice as long.
    expect([...late].sort((x, y) => x - y).slice(0, 3)).toEqual([0, 220_000, 660_000]);
  });

  it('with jitter is late by up to as much', () => {
    const link = new Link({ ...IDEAL_LINK, latency: milliseconds(10), jitter: milliseconds(1) });
    const chance = new Chance(3).stream('a to b', 'path');
    const late = Array.from({ length: 200 }, () => link.transmit(virtualUs(0), 100, chance));
    expect(Math.min(...late)).toBeGreaterThanOrEqual(10_000);
    expect(Math.max(...late)).toBeLessThanOrEqual(11_000);
    expect(new Set(late).size).toBeGreaterThan(100);
  });

  it('sends unanswered octets again at doubling distances of at most two minutes', () => {
    const link = new Link({ ...IDEAL_LINK, latency: milliseconds(50) });
    const again: number[] = [];
    let at = 0;
    for (let i = 0; i < 12; i++) {
      at = link.nextRetransmission(virtualUs(0), virtualUs(at + 1));
      again.push(at);
    }
    const waits = again.map((time, i) => time - (again[i - 1] ?? 0));
    expect(waits.slice(0, 4)).toEqual([300_000, 600_000, 1_200_000, 2_400_000]);
    expect(waits.slice(-2)).toEqual([seconds(120), seconds(120)]);
  });
});

describe('the links of a world', () => {
  it('take the parameters of the pair, else of the two groups, else of everything', () => {
    const links = new Links();
    [0, 0, 1, 1].forEach((group, node) => {
      links.addNode(node, group);
    });
    const early = links.link(0, 2);
    links.setDefault({ ...IDEAL_LINK, latency: virtualUs(1) });
    links.setBetweenGroups(0, 1, { ...IDEAL_LINK, latency: virtualUs(2) });
    links.setBetweenNodes(3, 0, { ...IDEAL_LINK, latency: virtualUs(3) });
    const latencyOf = (a: number, b: number): number => links.link(a, b).parameters.latency;
    expect([latencyOf(0, 1), latencyOf(0, 2), latencyOf(2, 1), latencyOf(0, 3), latencyOf(3, 0)]).toEqual([
      1, 2, 2, 3, 3,
    ]);
    expect(links.link(0, 2)).toBe(early);
  });

  it('refuse parameters that mean nothing', () => {
    const links = new Links();
    expect(() => links.setDefault({ ...IDEAL_LINK, bitsPerSecond: 0.5 })).toThrow(InvariantError);
    expect(() => links.setDefault({ ...IDEAL_LINK, lossPpm: 1_000_001 })).toThrow(InvariantError);
  });
});

describe('a server', () => {
  it('handles one message after the other and carries what is below a microsecond', () => {
    const server = new Server({ perMessageNs: 1_500, perItemNs: 300 });
    expect(server.admit(virtualUs(0), 1, 1)).toBe(1); // 1.8 us
    expect(server.admit(virtualUs(0), 1, 1)).toBe(3); // 3.6 us
    expect(server.admit(virtualUs(0), 1, 0)).toBe(5); // 5.1 us
    expect(server.waitingMax).toBe(3);
    expect(server.admit(virtualUs(100), 1, 1)).toBe(101);
  });
});
