/**
 * A world that is told to hold nothing holds nothing, whatever it held before; one that lost power or paths and has them
 * back is the one it was; and where no two paths tie it does not matter who came first (design: metamorphic tests).
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seconds, virtualUs } from '../../src/base/time.ts';
import type { DerivedCluster } from '../../src/config/derived.ts';
import { routeOf } from '../../src/control/views.ts';
import { parseRouteKey } from '../../src/route/route-key.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { lowerScenario } from '../../src/scenarios/lower/plan.ts';
import { differencesOf, snapshotOf } from '../../src/world/snapshot.ts';
import type { World } from '../../src/world/world.ts';
import { memoryFiles } from '../scenarios/files.ts';
import type { Step } from './choices.ts';
import { peeringFiles, peeringHistory, smallPeerings } from './small-peerings.ts';
import {
  failures,
  filesOf,
  happenings,
  historyOf,
  type Played,
  play,
  playWorld,
  recoveredHistory,
  type SmallWorld,
  smallWorld,
} from './small-worlds.ts';

/** What differs between a checkpoint and the present of a scenario that asks for it. */
function undone({ rehearsal }: Played): string[] {
  return rehearsal.result.steps.flatMap((step) =>
    // what is said or done to a session that is not there comes to nothing, and says so
    step.expectations
      .filter((one) => !one.passed && !['clear', 'raw'].includes(one.claim))
      .map((one) => `${one.text}: ${one.found}`),
  );
}

const CHECKPOINT: readonly Step[] = [{ settle: {} }, { checkpoint: 'before' }];
const SAME: readonly Step[] = [{ expect: [{ sameState: 'before' }] }];

/** The clusters of a scenario as the transformer derives them. */
function derivedOf(files: Readonly<Record<string, string>>): readonly DerivedCluster[] {
  const reader = memoryFiles(files);
  const loaded = loadScenario(reader, 's.yaml');
  if (!loaded.ok) throw new Error('a small world is wrong');
  const options = { files: reader, seed: null, wire: false, input: null, zeroCost: false, routeLevelRecord: true };
  const lowered = lowerScenario(loaded.value, options);
  if (!lowered.ok) throw new Error('a small world is wrong');
  return lowered.value.plan.clusters;
}

/** The same configuration with some of its workloads alone: those whose bit is set. */
function withSome(cluster: DerivedCluster, bits: number): DerivedCluster {
  const workloads = cluster.workloads.filter((_, index) => (bits >> (index % 16)) & 1);
  const faces = new Set(workloads.flatMap((workload) => workload.interfaces));
  return {
    ...cluster,
    workloads,
    interfaces: cluster.interfaces.filter((face) => faces.has(face.name)),
    floatingIps: cluster.floatingIps.map((ip) => ({
      ...ip,
      interfaces: ip.interfaces.filter((attachment) => faces.has(attachment.interface)),
    })),
  };
}

const withoutWorkloads = (world: SmallWorld): SmallWorld => ({
  ...world,
  clusters: world.clusters.map((one) => ({
    ...one,
    pods: false,
    networks: one.networks.map(() => ({ workloads: [] })),
  })),
});

describe('a cloud whose workloads have all gone', () => {
  it('is in the state from before the first of them, whoever came and went in between', () => {
    const changes = fc.array(
      fc.record({ bits: fc.nat(0xffff), cluster: fc.nat(1), ms: fc.constantFrom(0, 3, 40, 2_500, 90_000) }),
      {
        minLength: 1,
        maxLength: 5,
      },
    );
    fc.assert(
      fc.property(smallWorld, changes, (drawn, changed) => {
        const { world } = playWorld(withoutWorkloads(drawn), [{ start: 'all' }]);
        const before = { rows: snapshotOf(world), hash: world.stateHash(), clusters: [...world.clusters.values()] };
        const full = derivedOf(filesOf(drawn, [{ start: 'all' }]));
        for (const { bits, cluster, ms } of changed) {
          world.applyCluster(withSome(full[cluster % full.length]!, bits));
          world.runFor(virtualUs(ms * 1_000));
        }
        for (const cluster of before.clusters) world.applyCluster(cluster);
        expect(world.settle(seconds(600)).busy).toBeNull();
        expect(differencesOf(before.rows, snapshotOf(world))).toEqual([]);
        expect(world.stateHash()).toBe(before.hash);
      }),
      { numRuns: 60 },
    );
  });
});

describe('control nodes whose agents and speakers have taken everything back', () => {
  it('are in the state from before the first word', () => {
    fc.assert(
      fc.property(smallPeerings, happenings, (world, happened) => {
        const { steps, farewell } = peeringHistory(world, happened);
        const played = play(peeringFiles(world, [steps[0]!, ...CHECKPOINT, ...steps.slice(1), ...farewell, ...SAME]));
        expect(undone(played)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('whatever has failed and is back', () => {
  it('has left no trace: control nodes, vRouters and gateways that crashed or stopped, sessions and underlays that were cut', () => {
    fc.assert(
      fc.property(smallWorld, failures, (world, happened) => {
        const [start, ...more] = recoveredHistory(world, happened);
        expect(undone(playWorld(world, [start!, ...CHECKPOINT, ...more, ...SAME]))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('has left no trace between control nodes, agents and a speaker either, even if they were told of changes meanwhile', () => {
    fc.assert(
      fc.property(smallPeerings, happenings, (world, happened) => {
        const { steps, wishes } = peeringHistory(world, happened);
        sameState(play(peeringFiles(world, steps)).world, play(peeringFiles(world, wishes)).world);
      }),
      { numRuns: 60 },
    );
  });

  it('of control nodes and gateways changes nothing in what comes of the changes of intent in between', () => {
    fc.assert(
      fc.property(smallWorld, happenings, (world, happened) => {
        // a vRouter that starts anew numbers its VRFs anew, which shows in its route distinguishers
        const told = recoveredHistory(world, happened).filter((step) => !concernsVrouterPower(step));
        const wishes = told.filter((step) => !isFailure(step));
        sameState(playWorld(world, told).world, playWorld(world, wishes).world);
      }),
      { numRuns: 40 },
    );
  });
});

function sameState(one: World, other: World): void {
  expect(differencesOf(snapshotOf(other), snapshotOf(one))).toEqual([]);
  expect(one.stateHash()).toBe(other.stateHash());
}

function isFailure(step: Step): boolean {
  return ['crash', 'stop', 'cut', 'heal'].some((verb) => verb in step) || ('start' in step && step.start !== 'all');
}

function concernsVrouterPower(step: Step): boolean {
  return ['crash', 'stop', 'start'].some((verb) => {
    const said = step[verb];
    return typeof said === 'object' && /^vr-/.test(String((said as { node: string }).node)); // as small worlds write it
  });
}

describe('the order of arrival', () => {
  it('of nodes does not matter: whoever has power first, all settle alike', () => {
    const starts = fc.tuple(
      fc.infiniteStream(fc.nat(1_000)),
      fc.infiniteStream(fc.constantFrom(0, 1, 20, 700, 40_000)),
    );
    fc.assert(
      fc.property(smallWorld, starts, (drawn, [order, pauses]) => {
        const together = playWorld(drawn, historyOf(drawn, [])).world;
        const nodes = together.nodeNames().map((name) => ({ name, place: order.next().value as number }));
        const steps = nodes
          .sort((a, b) => a.place - b.place)
          .map(({ name }): Step => ({ start: { node: name }, after: `${pauses.next().value}ms` }));
        sameState(playWorld(drawn, steps).world, together);
      }),
      { numRuns: 30 },
    );
  });

  it('of subscriptions, routes and targets does not matter where no two paths tie', () => {
    const wishes: readonly Step[] = [
      ...['a', 'b', 'c'].flatMap((agent, index) =>
        ['blue', 'red', 'green'].flatMap((instance, id): Step[] => [
          { subscribe: { agent, instance, id: id + 1 } },
          {
            publish: { agent, instance, prefix: `10.${index + 1}.${id}.0/24`, label: 100 + id, localPref: 100 + index },
          },
        ]),
      ),
      // of all who have this one, one is preferred
      ...['a', 'b', 'c'].map((agent, index): Step => {
        const instance = ['blue', 'red', 'green'][index]!;
        return { publish: { agent, instance, prefix: '10.9.9.0/24', label: 200, localPref: 100 + index } };
      }),
      { announce: { speaker: 's', prefix: '192.168.9.9:1:10.8.0.0/24', routeTargets: ['target:1:1', 'target:1:3'] } },
      { target: { network: 'blue', add: 'target:1:2' } },
      { target: { network: 'red', add: 'target:1:7', direction: 'import' } },
    ];
    const three = smallPeerings.map((world) => ({
      ...world,
      agents: [0, 1, 2].map((node) => ({ node, second: node === 1 })),
    }));
    const some = fc.shuffledSubarray([...wishes], { minLength: 8 });
    const pauses = fc.infiniteStream(fc.constantFrom('0ms', '1ms', '40ms', '20s'));
    fc.assert(
      fc.property(three, some, pauses, (world, said, pause) => {
        const inOrder = wishes.filter((wish) => said.includes(wish));
        const shuffled = said.map((wish) => ({ ...wish, after: pause.next().value as string }));
        const [one, other] = [inOrder, shuffled].map(
          (steps) => play(peeringFiles(world, [{ start: 'all' }, ...steps])).world,
        );
        sameState(other!, one!);
      }),
      { numRuns: 40 },
    );
  });

  it('matters where two paths tie in everything: the older one stays in front', () => {
    const world = { nodes: 1, twoAs: false, agents: [{ node: 0, second: false }], seed: 1 };
    const publish = (instance: string): Step => ({
      publish: { agent: 'a', instance, prefix: '10.9.9.0/24', label: 200 },
    });
    const first = (instances: readonly string[]) => {
      const steps = [
        { start: 'all' },
        { target: { network: 'blue', add: 'target:1:2' } },
        ...['blue', 'red'].map((instance, id): Step => ({ subscribe: { agent: 'a', instance, id: id + 1 } })),
        ...instances.flatMap((instance) => [{ settle: {} }, publish(instance)]),
      ];
      const { world: settled } = play(peeringFiles(world, steps));
      const nlri = parseRouteKey('10.9.9.0/24', settled.pool)!;
      return routeOf(settled.controlNode('X'), 'blue.inet.0', nlri)!.paths.map((path) => path.sourceRd);
    };
    expect(first(['blue', 'red'])).toEqual(['192.168.1.1:1', '192.168.1.1:2']);
    expect(first(['red', 'blue'])).toEqual(['192.168.1.1:2', '192.168.1.1:1']);
  });
});
