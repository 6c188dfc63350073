/**
 * What lookups in the tables of vRouters must give, computed from the plan alone, against what they give: in worlds of
 * any layout and in the smoke size of each preset; and that the comparison means something, because it finds what a
 * failure or another configuration has changed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seconds, virtualUs } from '../../src/base/time.ts';
import { parseIpv4 } from '../../src/net/ipv4.ts';
import { answerOf, compareLookups, LookupOracle } from '../../src/scenarios/bench/lookups.ts';
import { PRESETS } from '../../src/scenarios/bench/presets.ts';
import { ZERO_COSTS, ZERO_WAYS } from '../../src/world/defaults.ts';
import { generateWorld, type WorldSize, type WorldSwitches } from '../../src/world/generate.ts';
import { World } from '../../src/world/world.ts';
import { smallSizes } from './small-sizes.ts';

const SWITCHES: WorldSwitches = {
  seed: 1,
  wire: false,
  routeLevelRecord: false,
  costs: ZERO_COSTS,
  ways: ZERO_WAYS,
  pathPreference: false,
  stagger: virtualUs(0),
  holdTimeSeconds: 90,
  xmppHoldTimeSeconds: 90,
};

const SMALL: WorldSize = {
  clusters: 2,
  controlNodes: 2,
  vrouters: 6,
  workloads: 2,
  networks: 3,
  layout: 'dealt',
  gateways: 1,
  federation: true,
};

function settled(size: WorldSize, switches: Partial<WorldSwitches> = {}): World {
  const world = new World(generateWorld(size, { ...SWITCHES, ...switches }));
  world.startAll();
  world.settle(seconds(600));
  return world;
}

describe('lookups in the tables of vRouters', () => {
  it('give what the plan says in the smoke size of each preset of clusters', () => {
    for (const { build, pathPreference } of PRESETS) {
      if (build.kind !== 'clusters') continue;
      const found = compareLookups(settled(build.smoke, { pathPreference }), 2_000);
      expect(found).toEqual({ asked: 2_000, right: 2_000, firstWrong: null });
    }
  });

  it('give what the plan says in worlds of any layout and size', () => {
    const sizes = smallSizes({ leastWorkloads: 0, mostControlNodes: 3 });
    fc.assert(
      fc.property(sizes, fc.nat(1_000), fc.boolean(), (size, seed, pathPreference) => {
        const { asked, right, firstWrong } = compareLookups(settled(size, { seed, pathPreference }), 300);
        expect(firstWrong).toBeNull();
        expect(right).toBe(asked);
      }),
      { numRuns: 40 },
    );
  });

  it('are sampled from every kind of answer, and always the same ones', () => {
    const world = settled(SMALL);
    const oracle = new LookupOracle(world.plan);
    const sample = oracle.sample(500);
    const kinds = new Set(sample.map((lookup) => oracle.answer(lookup).replace(/default-domain\S+|\S+-\d+/g, '...')));
    expect([...kinds].sort()).toEqual([
      'MPLSoGRE to ..., with the label of ... there',
      'MPLSoGRE to ..., with the label of public there',
      'answered by the agent itself',
      'discarded',
      'no route',
      'the interface ...',
    ]);
    expect(new LookupOracle(world.plan).sample(500)).toEqual(sample);
  });
});

describe('the oracle of lookups', () => {
  const world = settled(SMALL);
  const oracle = new LookupOracle(world.plan);
  const lookup = (host: string, tenant: number, address: string) => ({
    host,
    instance: `default-domain:tenant-${tenant}:net-${tenant}:net-${tenant}`,
    address: parseIpv4(address)!,
  });

  it.each([
    ['a workload of the same vRouter', 'vrouter-1', 1, '10.0.0.3', 'the interface default-domain:tenant-1:vm-1-1'],
    [
      'a workload of its tenant in the other cluster',
      'vrouter-1',
      1,
      '10.0.1.3',
      'MPLSoGRE to vrouter-2, with the label of default-domain:tenant-1:pod-1-1 there',
    ],
    ['a workload of another tenant', 'vrouter-1', 2, '10.0.0.3', 'no route'],
    ['the gateway of its subnet', 'vrouter-1', 1, '10.0.0.1', 'answered by the agent itself'],
    ['an address of its subnet that nobody has', 'vrouter-1', 1, '10.0.0.200', 'discarded'],
    [
      'an address outside, where there is a gateway',
      'vrouter-1',
      1,
      '192.0.2.1',
      'MPLSoGRE to gateway-1, with the label of public there',
    ],
    ['an address outside, where there is none', 'vrouter-1', 2, '192.0.2.1', 'no route'],
    ['anything where it has no workload', 'vrouter-1', 3, '10.0.4.3', 'there is no such VRF'],
  ])('says of %s on %s: tenant %i, %s: %s', (_what, host, tenant, address, answer) => {
    expect(oracle.answer(lookup(host, tenant, address))).toBe(answer);
    expect(answerOf(world, lookup(host, tenant, address))).toBe(answer);
  });

  it('is contradicted, with an example, by a world that has lost a vRouter', () => {
    const broken = world.fork();
    broken.sim.crash(broken.nodeId('vrouter-2'));
    broken.settle(seconds(600));
    const { asked, right, firstWrong } = compareLookups(broken, 500);
    expect(right).toBeLessThan(asked);
    expect(firstWrong).toMatch(/ gives (no route|discarded|there is no such VRF|MPLSoGRE to gateway-1), not /);
  });

  it('is contradicted by tables in which a route leads to another workload of the right vRouter', () => {
    const broken = world.fork();
    const { nextHops, labels } = broken.agent('vrouter-2').tables;
    const [first, second] = labels.labels();
    const [one, other] = [labels.lookup(first!), labels.lookup(second!)];
    expect(nextHops.isInterface(one)).toBe(true);
    labels.repoint(first!, other);
    labels.repoint(second!, one);
    expect(compareLookups(broken, 500).firstWrong).toContain('MPLSoGRE to vrouter-2, with the label of');
  });
});
