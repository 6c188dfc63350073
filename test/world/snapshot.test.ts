/** What all tables hold at a moment, as versions that share what has not changed. */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { seconds } from '../../src/base/time.ts';
import { differencesOf, differencesText, snapshotOf } from '../../src/world/snapshot.ts';
import type { World } from '../../src/world/world.ts';
import { play } from './small-worlds.ts';

function cloud(more: object = {}): World {
  const scenario = {
    scenario: 'snapshots',
    clusters: {
      east: {
        controlNodes: ['c1', 'c2'],
        vrouters: ['v1', 'v2'],
        networks: { net: { subnet: '10.1.0.0/24' } },
        workloads: { w: { network: 'net', count: 4 } },
        ...more,
      },
    },
    steps: [{ start: 'all' }],
  };
  return play({ 's.yaml': stringify(scenario) }).world;
}

/** Without the workload of that name. */
function without(world: World, name: string): void {
  const derived = world.clusters.get('east')!;
  world.applyCluster({ ...derived, workloads: derived.workloads.filter((each) => each.name !== name) });
  world.settle(seconds(600));
}

describe('a snapshot', () => {
  it('of a world that has not changed is the one before, whatever time has passed', () => {
    const world = cloud();
    const first = snapshotOf(world);
    expect(first.size).toBeGreaterThan(20);
    world.runFor(seconds(3_600));
    expect(snapshotOf(world, first)).toBe(first);
    // one that is made anew says the same
    expect(snapshotOf(world).equals(first)).toBe(true);
  });

  it('shares the rows that stay with the one it follows, and leaves that one as it was', () => {
    const world = cloud();
    const first = snapshotOf(world);
    const rows = new Map(first);
    without(world, 'w-1');
    const second = snapshotOf(world, first);
    expect(second).not.toBe(first);
    expect(new Map(first)).toEqual(rows);
    expect(second.equals(snapshotOf(world))).toBe(true);
    // back again: the same content, and nothing to tell
    world.applyCluster(cloud().clusters.get('east')!);
    world.settle(seconds(600));
    expect(differencesOf(first, snapshotOf(world, second))).toEqual([]);
  });

  it('names a row by node, table and key, and says what stands in it', () => {
    const rows = snapshotOf(cloud({ pathPreference: false }));
    expect(rows.get('c1 session c2')).toBe('Established');
    expect(rows.get('v1 default-domain:default:net:net 10.1.0.4/32')).toMatch(/^tunnel MPLSoGRE to 172\.16\.10\.102/);
    expect(rows.get('c1 default-domain:default:net:net.inet.0 10.1.0.3/32')).toMatch(/^v1 172\.16\.10\.101 100 /);
    expect([...rows.keys()].some((row) => row.startsWith('c2 bgp.l3vpn.0 172.16.10.101:'))).toBe(true);
  });

  it('does not depend on the numbers that labels happen to have', () => {
    const [one, other] = [cloud(), cloud()];
    // v1 gives out its labels in another order the second time
    without(other, 'w-1');
    other.applyCluster(one.clusters.get('east')!);
    other.settle(seconds(600));
    expect(differencesOf(snapshotOf(one), snapshotOf(other))).toEqual([]);
    expect(other.stateHash()).toBe(one.stateHash());
  });

  it('holds nothing of a node without power', () => {
    const world = cloud();
    world.sim.crash(world.nodeId('v2'));
    const rows = [...snapshotOf(world).keys()];
    expect(rows.some((row) => row.startsWith('v2 '))).toBe(false);
    expect(rows.some((row) => row.startsWith('v1 '))).toBe(true);
  });
});

describe('what differs between two snapshots', () => {
  it('is told row by row, in order, with what stood there and what does now', () => {
    const world = cloud();
    const before = snapshotOf(world);
    without(world, 'w-2');
    const differences = differencesOf(before, snapshotOf(world, before));
    const rows = differences.map(({ row }) => row);
    expect(rows).toEqual([...rows].sort());
    expect(rows.every((row) => row.includes('10.1.0.4/32'))).toBe(true);
    // both control nodes in two tables, both hosts
    expect(new Set(rows.map((row) => row.split(' ')[0]))).toEqual(new Set(['c1', 'c2', 'v1', 'v2']));
    expect(differences.every(({ before: was, after }) => was !== null && after === null)).toBe(true);
    const back = differencesOf(snapshotOf(world), before);
    expect(back).toEqual(differences.map(({ row, before: was, after }) => ({ row, before: after, after: was })));
  });

  it('is put in a sentence: what is gone, new or another, and how many more rows', () => {
    expect(differencesText([{ row: 'c1 t 10.1.0.3/32', before: 'x', after: null }])).toBe('c1 t 10.1.0.3/32 is gone');
    expect(
      differencesText([
        { row: 'a', before: null, after: 'x' },
        { row: 'b', before: 'x', after: 'y' },
        { row: 'c', before: 'x', after: null },
        { row: 'd', before: 'x', after: null },
        { row: 'e', before: 'x', after: null },
      ]),
    ).toBe('a is new: x; b is y, was x; c is gone; and 2 more rows');
    expect(differencesText([])).toBe('');
  });
});
