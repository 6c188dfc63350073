/** A change of intent reaches those it concerns, and nobody else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { seconds } from '../../src/base/time.ts';
import type { DerivedCluster } from '../../src/config/derived.ts';
import { CONTROL_COUNTERS } from '../../src/control/counters.ts';
import { AGENT_COUNTERS } from '../../src/vrouter/counters.ts';
import { differencesOf, snapshotOf } from '../../src/world/snapshot.ts';
import { World } from '../../src/world/world.ts';
import { controller, dataService } from '../support/manifests.ts';
import type { Step } from './choices.ts';
import { happenings, play, playWorld, recoveredHistory, smallWorld } from './small-worlds.ts';

const CLOUD = {
  scenario: 'changes',
  clusters: {
    east: {
      controlNodes: ['c1', 'c2'],
      vrouters: ['h1', 'h2', 'h3', 'h4'],
      networks: {
        web: { project: 'p', subnet: '10.1.0.0/24' },
        data: { project: 'p', subnet: '10.2.0.0/24' },
        lone: { project: 'q', subnet: '10.3.0.0/24' },
      },
      securityGroups: { in: { project: 'p', rules: [{ port: 'tcp/80' }] } },
      workloads: {
        w1: { project: 'p', network: 'web', host: 'h1', securityGroups: ['in'] },
        w2: { project: 'p', network: 'web', host: 'h2' },
        d1: { project: 'p', network: 'data', host: 'h3' },
        l1: { project: 'q', network: 'lone', host: 'h4', count: 2 },
      },
    },
  },
};

const start = (steps: readonly Step[] = []): World =>
  play({ 's.yaml': stringify({ ...CLOUD, steps: [{ start: 'all' }, ...steps] }) }).world;

/** Nodes whose tables are others after the steps, in order. */
function concerned(steps: readonly Step[]): string[] {
  const [before, after] = [snapshotOf(start()), snapshotOf(start([{ settle: {} }, ...steps]))];
  return [...new Set(differencesOf(before, after).map(({ row }) => row.split(' ')[0]!))].sort();
}

/** Nodes that have handled a message since, in order. */
function talked(world: World, from: number): string[] {
  const { recording } = world.sim;
  const names = new Set<string>();
  for (let row = from; row < recording.messages.length; row++) {
    const message = recording.messageRow(row);
    if (message.kind.endsWith('keepalive')) continue;
    names.add(world.sim.nodeName(message.to));
  }
  return [...names].sort();
}

/** What a change of configuration makes nodes say. */
function consequences(world: World, change: (derived: DerivedCluster) => DerivedCluster) {
  const messages = world.sim.recording.messages.length;
  const changes = world.sim.tableChanges;
  world.applyCluster(change(world.clusters.get('east')!));
  world.settle(seconds(600));
  return { talked: talked(world, messages), tableChanges: world.sim.tableChanges - changes };
}

describe('a change that concerns one host', () => {
  it('changes the tables of that host and of control nodes, where nobody else has the network', () => {
    expect(concerned([{ delete: { workload: 'vm:q/l1-2' } }])).toEqual(['c1', 'c2', 'h4']);
    expect(concerned([{ delete: { workload: 'vm:p/d1' } }])).toEqual(['c1', 'c2', 'h3']);
  });

  it('changes those of all hosts that serve the network, and of no other', () => {
    expect(concerned([{ delete: { workload: 'vm:p/w1' } }])).toEqual(['c1', 'c2', 'h1', 'h2']);
    expect(concerned([{ move: { workload: 'vm:p/w2', to: 'h3' } }])).toEqual(['c1', 'c2', 'h1', 'h2', 'h3']);
    expect(concerned([{ target: { network: 'p/web', add: 'target:65000:1' } }])).toEqual(['c1', 'c2']);
  });

  it('makes only those speak', () => {
    const world = start();
    const { talked: names } = consequences(world, (derived) => ({
      ...derived,
      workloads: derived.workloads.filter(({ name }) => name !== 'l1-2'),
    }));
    expect(names).toEqual(['c1', 'c2', 'h4']);
  });
});

describe('a change that concerns nobody', () => {
  it('makes nobody speak: the same configuration, or a copy of it', () => {
    const world = start();
    for (const change of [
      (derived: DerivedCluster) => derived,
      (derived: DerivedCluster) => structuredClone(derived),
    ]) {
      expect(consequences(world, change)).toEqual({ talked: [], tableChanges: 0 });
    }
  });

  it('such as another rule of a group, which is no matter of routes, is told where the group is, and changes no table', () => {
    const world = start();
    const open = (derived: DerivedCluster): DerivedCluster => ({
      ...derived,
      securityGroups: derived.securityGroups.map((group) => ({
        ...group,
        ingress: { ...group.ingress, entries: [] },
      })),
    });
    expect(consequences(world, open)).toEqual({ talked: ['h1'], tableChanges: 0 });
  });

  it('such as a network without workloads is known to control nodes alone', () => {
    const world = start();
    const more = play({
      's.yaml': stringify({
        ...CLOUD,
        clusters: {
          east: {
            ...CLOUD.clusters.east,
            networks: { ...CLOUD.clusters.east.networks, new: { project: 'q', subnet: '10.4.0.0/24' } },
          },
        },
        steps: [{ start: 'all' }],
      }),
    }).world.clusters.get('east')!;
    // rules stand on other lines of that file, which would be news
    expect(consequences(world, ({ securityGroups }) => ({ ...more, securityGroups })).talked).toEqual([]);
    expect(world.controlNode('c1').config.instances.some(({ name }) => name.endsWith(':new'))).toBe(true);
    expect(world.agent('h1').tables.vrf('default-domain:q:new:new')).toBeNull();
  });
});

describe('a target that is added between two networks', () => {
  it('brings each the routes of the other, and takes them away again with it', () => {
    const target = (network: string, verb: string): Step => ({ target: { network, [verb]: 'target:65000:1' } });
    const joined = [target('p/web', 'add'), target('p/data', 'add'), { settle: {} }];
    expect(concerned(joined)).toEqual(['c1', 'c2', 'h1', 'h2', 'h3']);
    expect(concerned([...joined, target('p/web', 'remove'), target('p/data', 'remove')])).toEqual([]);
  });
});

describe('a workload that moves', () => {
  it('is published where it is now, and one of its new host is preferred from then on', () => {
    const world = start([{ settle: {} }, { move: { workload: 'vm:p/w2', to: 'h3' } }, { settle: {} }]);
    const rows = snapshotOf(world);
    expect(rows.get('h1 default-domain:p:web:web 10.1.0.4/32')).toMatch(/^tunnel \S+ to 172\.16\.10\.103/);
    expect(rows.has('h2 default-domain:p:web:web 10.1.0.3/32')).toBe(false);
    const retracts = world.sim.counters.rows().filter((row) => row.counter === AGENT_COUNTERS.retracts);
    expect(retracts.map(({ node }) => world.sim.nodeName(node))).toEqual(['h2']);
    expect(world.sim.counters.rows().some((row) => row.counter === CONTROL_COUNTERS.replications)).toBe(true);
  });
});

describe('a pod that joins a service', () => {
  it.each([1, 2])('is a member for every client, on %i hosts', (vrouters) => {
    const scenario = {
      scenario: 'members',
      clusters: {
        k8s: { controlNodes: 1, vrouters, import: [{ manifests: 'm', plugin: { name: 'kube-network-manager' } }] },
      },
      steps: [
        { start: 'all' },
        ...[1, 3, 2, 4].flatMap((replicas): Step[] => [
          { scale: { controller: 'pod:default/data', replicas } },
          {
            expect: ['front-1', 'front-2'].map((client) => ({
              members: { from: `pod:default/${client}`, to: 'service:default/data', count: replicas },
            })),
          },
        ]),
      ],
    };
    const { rehearsal } = play({
      's.yaml': stringify(scenario),
      'm/data.json': JSON.stringify(controller('data', 2, { name: 'data' })),
      'm/front.json': JSON.stringify(controller('front', 2, { name: 'front', uses: 'data' })),
      'm/service.json': JSON.stringify(dataService()),
    });
    const wrong = rehearsal.result.steps.flatMap((step) => step.expectations.filter((one) => !one.passed));
    expect(wrong.map((one) => `${one.text}: ${one.found}`)).toEqual([]);
    expect(rehearsal.result.verdict.passed).toBe(8);
  });
});

describe('a world that has been through failures and changes', () => {
  it('holds what one holds that starts with the configuration there is now', () => {
    fc.assert(
      fc.property(smallWorld, happenings, (drawn, happened) => {
        const { world } = playWorld(drawn, recoveredHistory(drawn, happened));
        const fresh = new World({ ...world.plan, clusters: [...world.clusters.values()] });
        fresh.startAll();
        expect(fresh.settle(seconds(600)).busy).toBeNull();
        const differences = differencesOf(snapshotOf(fresh), snapshotOf(world))
          // VRFs have the numbers they were given, and a workload that moved the sequence it has come to
          .filter(({ row }) => !row.includes(' bgp.l3vpn.0 '))
          .filter(({ before, after }) => withoutSequence(before) !== withoutSequence(after));
        expect(differences).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

function withoutSequence(row: string | null): string | null {
  return row?.replace(/ mobility:\S+/g, '') ?? null;
}
