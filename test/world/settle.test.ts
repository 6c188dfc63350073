/** When a world is at rest, and what it is told to wait for while it is not (design: quiescent). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { milliseconds, seconds, type VirtualUs, virtualUs } from '../../src/base/time.ts';
import { sessionStates } from '../../src/world/settle.ts';
import { differencesOf, snapshotOf } from '../../src/world/snapshot.ts';
import type { World } from '../../src/world/world.ts';
import { peeringFiles, peeringHistory, smallPeerings } from './small-peerings.ts';
import { happenings, historyOf, play, playWorld, smallWorld } from './small-worlds.ts';

/** Two control nodes of one cluster, one of another, three vRouters; converged. */
function cloud(): World {
  const scenario = {
    scenario: 'settling',
    clusters: {
      east: {
        controlNodes: ['c1', 'c2'],
        vrouters: ['v1', 'v2'],
        networks: { net: { subnet: '10.1.0.0/24' } },
        workloads: { w: { network: 'net', count: 2 } },
      },
      west: { asn: 64513, controlNodes: ['c3'], vrouters: ['v3'] },
    },
    federation: [{ between: ['east', 'west'], latency: '4ms' }],
    steps: [{ start: 'all' }],
  };
  return play({ 's.yaml': stringify(scenario) }).world;
}

const LIMIT = seconds(600);
const busyAfter = (world: World, limit: VirtualUs) => world.settle(limit).busy;

describe('a converged world', () => {
  it('is at rest at once, and stays so however long it runs', () => {
    const world = cloud();
    for (const wait of [0, 1, 1_000_000, 100_000_000, 3_600_000_000]) {
      world.runFor(virtualUs(wait));
      const { now } = world;
      expect(world.settle(LIMIT)).toEqual({ quiescent: true, at: now, busy: null });
    }
  });

  it('has sessions between those who are configured to have them, and no others', () => {
    const world = cloud();
    expect(sessionStates(world, ['c1', 'c2'])).toEqual(['Established', 'Established']);
    expect(sessionStates(world, ['c1', 'c3'])).toEqual(['Established', 'Established']);
    expect(sessionStates(world, ['v1', 'c1'])).toEqual(['Established', 'Established']);
    expect(sessionStates(world, ['v1', 'v2'])).toEqual([]);
    expect(sessionStates(world, ['v1', 'c3'])).toEqual([]);
  });
});

describe('a world that is at rest', () => {
  /** That nothing changes in a quarter of an hour: no table, and the world is still at rest. */
  const staysAsItIs = (world: World) => {
    expect(busyAfter(world, LIMIT)).toBeNull();
    const rows = snapshotOf(world);
    const { tableChanges } = world.sim;
    world.runFor(seconds(900));
    expect(world.sim.tableChanges).toBe(tableChanges);
    // sessions with whoever is gone are tried again and again
    const differences = differencesOf(rows, snapshotOf(world)).filter(({ row }) => !row.includes(' session '));
    expect(differences).toEqual([]);
  };

  it('changes no table ever after, whatever has failed and is still gone', () => {
    fc.assert(
      fc.property(smallWorld, happenings, (world, happened) => {
        staysAsItIs(playWorld(world, historyOf(world, happened)).world);
      }),
      { numRuns: 40 },
    );
  });

  it('of the protocol altitude does not either', () => {
    fc.assert(
      fc.property(smallPeerings, happenings, fc.nat(9), (world, happened, kept) => {
        const { steps } = peeringHistory(world, happened);
        const begun = steps.slice(0, kept + 1).filter((step) => !('heal' in step));
        staysAsItIs(play(peeringFiles(world, begun)).world);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a peer that has fallen silent', () => {
  it('is waited for until the hold timer has expired, and the one who waits is named', () => {
    const world = cloud();
    const crashed = world.now;
    world.sim.crash(world.nodeId('c3'));
    expect(busyAfter(world, seconds(50))).toMatch(/^the session of (c1|c2|v3) with c3 waits for its hold timer$/);
    expect(sessionStates(world, ['c1', 'c3'])).toContain('Established');
    // the last keepalive was at most 30 s old, and the timer is set by up to a second
    world.runUntil(virtualUs(crashed + seconds(91)));
    expect(sessionStates(world, ['c1', 'c3'])).not.toContain('Established');
    expect(busyAfter(world, LIMIT)).toBeNull();
  });

  it('is not waited for when it was stopped, since it said so', () => {
    const world = cloud();
    world.sim.stop(world.nodeId('c3'));
    expect(busyAfter(world, seconds(1))).toMatch(/^(c1|c2|v3) waits for (a BGP|an XMPP) session$/);
    expect(sessionStates(world, ['c1', 'c3'])).not.toContain('Established');
    expect(busyAfter(world, LIMIT)).toBeNull();
  });

  it('keeps nobody busy once it is known to be gone, although they try again for ever', () => {
    const world = cloud();
    world.sim.crash(world.nodeId('c3'));
    world.settle(LIMIT);
    const { now } = world;
    world.runFor(seconds(300));
    expect(world.settle(LIMIT)).toEqual({ quiescent: true, at: virtualUs(now + seconds(300)), busy: null });
  });
});

describe('a control node that lost power for a moment', () => {
  it('is found by its agent to know nothing of their session before the world is at rest', () => {
    const world = play({
      's.yaml': stringify({
        scenario: 'one agent',
        clusters: { east: { controlNodes: ['c1'], vrouters: ['v1'] } },
        steps: [{ start: 'all' }],
      }),
    }).world;
    const before = world.stateHash();
    world.sim.crash(world.nodeId('c1'));
    world.sim.start(world.nodeId('c1'));
    expect(busyAfter(world, seconds(1))).toBe('the session of v1 with c1 waits to find its other end gone');
    expect(busyAfter(world, LIMIT)).toBeNull();
    expect(sessionStates(world, ['v1', 'c1'])).toEqual(['Established', 'Established']);
    expect(world.stateHash()).toBe(before);
  });
});

describe('a cut', () => {
  it('of sessions is waited for like a silent peer, and once healed until the sessions are back', () => {
    const world = cloud();
    const before = world.stateHash();
    world.cut('sessions', 'east', 'west');
    expect(busyAfter(world, seconds(30))).toMatch(/ waits for its hold timer$/);
    expect(busyAfter(world, LIMIT)).toBeNull();
    expect(world.stateHash()).not.toBe(before);
    expect(world.heal('sessions', 'west', 'east')).toBe(true);
    expect(busyAfter(world, milliseconds(1))).toMatch(/^c\d waits for a BGP session$|^the session of c\d with c\d is /);
    expect(busyAfter(world, LIMIT)).toBeNull();
    expect(world.stateHash()).toBe(before);
  });

  it('that is healed before any hold timer has expired leaves nothing to wait for but what was lost on the way', () => {
    const world = cloud();
    const before = world.stateHash();
    world.cut('underlay', 'c1', 'c3');
    world.runFor(seconds(40));
    world.heal('underlay', 'c1', 'c3');
    expect(busyAfter(world, LIMIT)).toBeNull();
    expect(sessionStates(world, ['c1', 'c3'])).toEqual(['Established', 'Established']);
    expect(world.stateHash()).toBe(before);
  });

  it('is healed once, and only as it was cut', () => {
    const world = cloud();
    world.cut('sessions', 'c1', 'c3');
    expect(world.heal('underlay', 'c1', 'c3')).toBe(false);
    expect(world.heal('sessions', 'c3', 'c1')).toBe(true);
    expect(world.heal('sessions', 'c1', 'c3')).toBe(false);
  });

  it('leaves two nodes apart as long as one of several cuts between them stands', () => {
    const world = cloud();
    world.cut('sessions', 'east', 'west');
    world.cut('sessions', 'c1', 'c3');
    world.settle(LIMIT);
    world.heal('sessions', 'east', 'west');
    expect(busyAfter(world, LIMIT)).toBeNull();
    expect(sessionStates(world, ['c1', 'c3'])).not.toContain('Established');
    expect(sessionStates(world, ['c2', 'c3'])).toEqual(['Established', 'Established']);
  });
});

describe('a start', () => {
  it('is over when the last of the waits for End-of-RIB and route targets is', () => {
    const scenario = {
      scenario: 'cold',
      clusters: { east: { controlNodes: 2, vrouters: 1 } },
      steps: [{ start: 'all' }, { settle: { limit: '1s' } }],
    };
    const { rehearsal } = play({ 's.yaml': stringify(scenario) });
    const [settling] = rehearsal.result.steps.at(-1)!.expectations;
    expect(settling!.found).toMatch(
      /^not settled after 1 s: \S+ waits for the time of its End-of-RIB to \S+ \S+ ?\S*$/,
    );
    expect(rehearsal.world.sim.lastTableChange).not.toBeNull();
  });
});

describe('an operator’s clear', () => {
  it('takes a session down and lets it come back to the same state', () => {
    const world = cloud();
    const before = world.stateHash();
    for (const [a, b] of [
      ['c1', 'c3'],
      ['v1', 'c2'],
      ['c2', 'v2'],
    ] as const) {
      world.clearSession(a, b);
      expect(sessionStates(world, [a, b])).not.toEqual(['Established', 'Established']);
      expect(busyAfter(world, LIMIT)).toBeNull();
      expect(world.stateHash()).toBe(before);
    }
  });
});
