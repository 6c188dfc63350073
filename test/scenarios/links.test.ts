import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/base/time.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { lowerScenario } from '../../src/scenarios/lower/plan.ts';
import { rehearse } from '../../src/scenarios/rehearse.ts';
import { AGENT_COUNTERS } from '../../src/vrouter/counters.ts';
import { World } from '../../src/world/world.ts';
import { memoryFiles, told } from './files.ts';

const CLOUDS = `scenario: two clouds
clusters:
  east:
    controlNodes: [ce]
    vrouters: [he-1, he-2, he-3, he-4]
    networks: { web: { subnet: 10.1.0.0/24, routeTargets: ["target:1:1"] } }
    workloads: { front: { network: web, count: 4 } }
  west:
    asn: 64513
    controlNodes: [cw]
    vrouters: [hw-1, hw-2]
    networks: { web: { subnet: 10.2.0.0/24, routeTargets: ["target:1:1"] } }
    workloads: { front: { network: web, count: 2 } }
gateways: { mx: { asn: 65000, peers: [east] } }
federation: [{ between: [east, west], latency: 4ms, loss: 0.5% }]
`;
const STEPS = 'steps: [{ start: all }]\n';

interface Choice {
  readonly seed?: number;
  readonly zeroCost?: boolean;
  readonly wire?: boolean;
}

/** The world of a scenario that says this as well, or what is wrong with it. */
function built(more: string, { seed, zeroCost = false }: Choice = {}): World | string[] {
  const files = memoryFiles({ 's.yaml': `${CLOUDS}${more}\n${STEPS}` });
  const loaded = loadScenario(files, 's.yaml');
  if (!loaded.ok) return told(loaded.faults);
  const options = { files, seed: seed ?? null, wire: false, input: null, zeroCost, routeLevelRecord: false };
  const lowered = lowerScenario(loaded.value, options);
  return lowered.ok ? new World(lowered.value.plan) : told(lowered.faults);
}

function world(more: string, choice: Choice = {}): World {
  const result = built(more, choice);
  if (Array.isArray(result)) throw new Error(result.join('\n'));
  return result;
}

/** `latency bandwidth jitter loss` in microseconds, bits a second and parts of a million. */
function link(more: string, a: string, b: string, choice: Choice = {}): string {
  const { sim } = world(more, choice);
  const { latency, bitsPerSecond, jitter, lossPpm } = sim.links.parameters(sim.nodeNamed(a), sim.nodeNamed(b));
  return [latency, bitsPerSecond, jitter, lossPpm].join(' ');
}

/** When everything is quiet after the start. */
function converged(more: string, { seed, zeroCost = false, wire = false }: Choice = {}) {
  const played = rehearse({
    files: memoryFiles({ 's.yaml': `${CLOUDS}${more}\n${STEPS}` }),
    path: 's.yaml',
    seed: seed ?? null,
    wire,
    input: null,
    zeroCost,
    routeLevelRecord: false,
    until: null,
    onProgress: null,
    packetSink: null,
    conclusions: false,
  });
  if (!played.ok) throw new Error(told(played.faults).join('\n'));
  const { convergedAt, stateHash, counters } = played.value.result.convergence;
  return { convergedAt, stateHash, publishes: counters[AGENT_COUNTERS.publishes] };
}

describe('what lies between two nodes', () => {
  it('is 0.1 ms within a cluster and 1 ms between where a scenario says nothing', () => {
    expect(link('', 'he-1', 'ce')).toBe('100 0 0 0');
    expect(link('', 'mx', 'ce')).toBe('1000 0 0 0');
  });

  it('is what the scenario says of all links, within clusters and between', () => {
    const said = `latency: { within: 200us }
bandwidth: { within: 10Gbit, between: 1.5Mbit }
jitter: { within: 50us, between: 2ms }
loss: { within: 0.001%, between: 12.5% }`;
    expect(link(said, 'he-1', 'ce')).toBe('200 10000000000 50 10');
    expect(link(said, 'mx', 'ce')).toBe('1000 1500000 2000 125000');
  });

  it('is what a federation says of it, and for the rest what is between clusters', () => {
    expect(link('jitter: { between: 2ms }', 'ce', 'cw')).toBe('4000 0 2000 5000');
  });

  it('is what an entry of its own says, over everything else, and only as far as that goes', () => {
    const node = 'links: [{ between: [he-1, ce], latency: 20ms }]';
    expect([link(node, 'he-1', 'ce'), link(node, 'ce', 'he-1'), link(node, 'he-2', 'ce')]).toEqual([
      '20000 0 0 0',
      '20000 0 0 0',
      '100 0 0 0',
    ]);
    expect(link('links: [{ between: [cw, ce], jitter: 1ms }]', 'ce', 'cw')).toBe('4000 0 1000 5000');
    expect(link('links: [{ between: [west, west], loss: 1% }]', 'hw-1', 'cw')).toBe('100 0 0 10000');
    expect(link('links: [{ between: [mx, west], latency: 30ms }]', 'hw-1', 'mx')).toBe('30000 0 0 0');
    expect(link('links: [{ between: [hw-1, east], latency: 30ms }]', 'he-4', 'hw-1')).toBe('30000 0 0 5000');
  });

  it('is nothing at all with --cost zero', () => {
    const said = 'latency: { within: 5ms }\nlinks: [{ between: [he-1, ce], jitter: 3ms }]';
    expect(link(said, 'he-1', 'ce', { zeroCost: true })).toBe('0 0 0 0');
    expect(link(said, 'cw', 'ce', { zeroCost: true })).toBe('0 0 0 0');
  });

  it.each([
    ['loss: { between: 100% }', 'a loss is a share of the segments below 100 %'],
    ['loss: { between: 0.1 }', 'a loss is a share of the segments below 100 %'],
    ['jitter: 2ms', 'a map is expected here'],
    ['links: [{ between: [he-9, ce], jitter: 1ms }]', 'there is no node, gateway or cluster called he-9, did you mean'],
    ['links: [{ between: [ce, ce], jitter: 1ms }]', 'ce has no link to itself'],
    ['links: [{ between: [he-1, ce] }]', 'a link says something: latency, bandwidth, jitter or loss'],
  ])('refuses %j with a sentence', (more, sentence) => {
    expect(String(built(more))).toContain(sentence);
  });
});

describe('jitter and loss', () => {
  const LOSSY = 'jitter: { within: 300us, between: 5ms }\nloss: { within: 2%, between: 10% }';

  it('delay, and change nothing of what is reached', () => {
    const [lossy, ideal] = [converged(LOSSY), converged('')];
    expect(lossy.convergedAt).toBeGreaterThan(ideal.convergedAt);
    expect([lossy.stateHash, lossy.publishes]).toEqual([ideal.stateHash, ideal.publishes]);
  });

  it('fall the same for one seed, whoever decodes the octets, and differently for another', () => {
    const first = converged(LOSSY, { seed: 5 });
    expect(converged(LOSSY, { seed: 5 })).toEqual(first);
    expect(converged(LOSSY, { seed: 5, wire: true })).toEqual(first);
    expect(converged(LOSSY, { seed: 6 }).convergedAt).not.toBe(first.convergedAt);
  });

  it('of one link are drawn from a stream of its own, so they move nothing on another', () => {
    const readyAt = (more: string) => {
      const own = world(more);
      own.startAll();
      own.settle(seconds(600));
      return own.agent('hw-2').sessions();
    };
    const jitter = 'jitter: { within: 300us }';
    expect(readyAt(`${jitter}\nlinks: [{ between: [he-1, ce], jitter: 9ms }]`)).toEqual(readyAt(jitter));
  });
});

describe('start-up stagger', () => {
  const delays = (more: string, choice: Choice = {}) =>
    ['he-1', 'he-2', 'he-3', 'he-4', 'hw-1', 'hw-2'].map((name) => world(more, choice).agent(name).config.startDelay);

  it('lets the vRouters of each cluster connect evenly one after the other, in the order of the file', () => {
    expect(delays('stagger: 4s')).toEqual([0, 1_000_000, 2_000_000, 3_000_000, 0, 2_000_000]);
  });

  it('may be said of one cluster, and is nothing with --cost zero', () => {
    const east = CLOUDS.replace('controlNodes: [ce]', 'controlNodes: [ce]\n    stagger: 8s');
    const files = memoryFiles({ 's.yaml': `${east}stagger: 1s\n${STEPS}` });
    const loaded = loadScenario(files, 's.yaml');
    if (!loaded.ok) throw new Error(told(loaded.faults).join('\n'));
    const options = { files, seed: null, wire: false, input: null, zeroCost: false, routeLevelRecord: false };
    const lowered = lowerScenario(loaded.value, options);
    if (!lowered.ok) throw new Error(told(lowered.faults).join('\n'));
    const waits = lowered.value.plan.agents.map(({ config }) => config.startDelay);
    expect(waits).toEqual([0, 2_000_000, 4_000_000, 6_000_000, 0, 500_000]);
    expect(delays('stagger: 4s', { zeroCost: true })).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('concerns the first start alone: a vRouter that comes back does not wait for its turn', () => {
    const own = world('stagger: 40s');
    own.startAll();
    own.settle(seconds(600));
    expect(own.sim.lastTableChange).toBeGreaterThan(30_000_000);
    own.sim.crash(own.nodeId('he-4'));
    own.settle(seconds(600));
    const back = own.now;
    own.sim.start(own.nodeId('he-4'));
    own.settle(seconds(600));
    expect(own.sim.lastTableChange! - back).toBeLessThan(30_000_000);
  });
});
