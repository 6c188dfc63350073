/** The configuration of agents takes the time of its messages: asked for, answered, and in effect when the answer is there. */
import { describe, expect, it } from 'vitest';
import { seconds, type VirtualUs } from '../../src/base/time.ts';
import { rehearse } from '../../src/scenarios/rehearse.ts';
import { MESSAGE_COLUMNS } from '../../src/sim/record.ts';
import { AGENT_COUNTERS } from '../../src/vrouter/counters.ts';
import type { World } from '../../src/world/world.ts';
import { memoryFiles, told } from '../scenarios/files.ts';

const CLOUD = `scenario: one cloud
costs: zero
latency: { within: 10ms }
clusters:
  east:
    controlNodes: [c1, c2]
    vrouters: [h1, h2]
    pathPreference: false
    networks: { web: { project: p, subnet: 10.1.0.0/24, policies: [all] }, data: { project: p, subnet: 10.2.0.0/24 } }
    policies: { all: { project: p, rules: [{ from: web, to: web }] } }
    workloads:
      front: { project: p, network: web, host: h1, count: 3 }
      back: { project: p, network: data, host: h2 }
`;

function played(...steps: string[]): World {
  const text = `${CLOUD}steps:\n${['start: all', 'settle: {}', ...steps].map((step) => `  - ${step}\n`).join('')}`;
  const result = rehearse({
    files: memoryFiles({ 's.yaml': text }),
    path: 's.yaml',
    seed: null,
    wire: false,
    input: null,
    zeroCost: false,
    routeLevelRecord: false,
    until: null,
    onProgress: null,
    packetSink: null,
    conclusions: false,
  });
  if (!result.ok) throw new Error(told(result.faults).join('\n'));
  return result.value.world;
}

/** Messages of a kind between two nodes from a moment on: how long after it they were handled. */
function heard(world: World, since: VirtualUs, kind: string, to: string): number[] {
  const { messages, texts } = world.sim.recording;
  const [kindAt, toAt] = [MESSAGE_COLUMNS.indexOf('kind'), MESSAGE_COLUMNS.indexOf('to')];
  const found: number[] = [];
  for (let row = 0; row < messages.length; row++) {
    if (messages.time(row) < since || !texts.text(messages.cell(row, kindAt)).includes(kind)) continue;
    if (messages.cell(row, toAt) === world.nodeId(to)) found.push(messages.time(row) - since);
  }
  return found;
}

/** A cluster with a workload less, or with it back. */
function without(world: World, name: string) {
  const cluster = world.clusters.get('east')!;
  const gone = cluster.workloads.filter((workload) => workload.name === name);
  return { ...cluster, workloads: cluster.workloads.filter((workload) => !gone.includes(workload)) };
}

describe('the configuration of an agent', () => {
  it('is asked for once for each machine, and answered in messages of sixteen objects (CN-2.11.1, CN-2.11.3)', () => {
    const world = played();
    const asked = ['c1', 'c2'].flatMap((control) => heard(world, 0 as VirtualUs, 'config-subscribe', control));
    expect(asked).toHaveLength(2 + 4); // two vRouters, four machines
  });

  it('of a workload that starts takes a question and an answer before its route is told', () => {
    const world = played();
    const whole = world.clusters.get('east')!;
    world.applyCluster(without(world, 'back'));
    world.settle(seconds(60));
    const since = world.now;
    const before = world.sim.counters.totals().get(AGENT_COUNTERS.publishes)!;
    world.applyCluster(whole);
    world.runFor(19_999 as VirtualUs); // a microsecond less than 10 ms there and 10 ms back
    expect(world.agent('h2').tables.vrf('default-domain:p:data:data')).toBeNull();
    expect(world.sim.counters.totals().get(AGENT_COUNTERS.publishes)).toBe(before);
    world.settle(seconds(60));
    expect(heard(world, since, 'config', 'h2')[0]).toBe(20_000);
    expect(world.sim.counters.totals().get(AGENT_COUNTERS.publishes)).toBe(before + 2);
    expect(world.agent('h2').tables.vrf('default-domain:p:data:data')!.table.size).toBeGreaterThan(0);
  });

  it('of a workload that goes away is no matter of messages: its host withdraws the route at once', () => {
    const world = played();
    world.applyCluster(without(world, 'back'));
    expect(world.agent('h2').tables.interfaces()).toEqual([]);
  });

  it('changes on a host in the time of its channel', () => {
    const world = played();
    const cluster = world.clusters.get('east')!;
    const next = {
      ...cluster,
      networks: cluster.networks.map((network) => ({ ...network, accessList: null })),
    };
    const list = () => world.agent('h1').tables.vrf('default-domain:p:web:web')!.network!.accessList;
    expect(list()).not.toBeNull();
    world.applyCluster(next);
    world.runFor(9_999 as VirtualUs);
    expect(list()).not.toBeNull();
    world.runFor(1 as VirtualUs);
    expect(list()).toBeNull();
  });

  it('that nobody delivers waits until a control node is back, and is then that of now (VR-2.8/2)', () => {
    const world = played();
    const whole = world.clusters.get('east')!;
    world.applyCluster(without(world, 'back'));
    world.settle(seconds(60));
    for (const control of ['c1', 'c2']) world.sim.crash(world.nodeId(control));
    world.runFor(seconds(60));
    world.applyCluster(whole);
    world.runFor(seconds(60));
    expect(world.agent('h2').tables.interfaces()).toEqual([]);
    world.sim.start(world.nodeId('c2'));
    world.settle(seconds(600));
    expect(
      world
        .agent('h2')
        .tables.interfaces()
        .map(({ config }) => config.workload),
    ).toEqual(['vm:east/p/back']);
  });

  it('is delivered again to an agent that has restarted, and leads to the same tables', () => {
    const world = played();
    const before = world.stateHash();
    for (const host of ['h1', 'h2']) {
      world.sim.crash(world.nodeId(host));
      world.runFor(seconds(120));
      world.sim.start(world.nodeId(host));
      world.settle(seconds(600));
    }
    expect(world.stateHash()).toBe(before);
  });
});
