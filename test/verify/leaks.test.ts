/**
 * Leaks of small federations at random, with targets planted between strangers, against an oracle that looks at the
 * derived configuration alone: who exports what, who imports it, and who declared that they belong together.
 *
 * What comes over BGP comes only for targets that a vRouter of the cluster asks for (CN-4.6); from there it goes to every
 * VRF that imports one of them, also to those that nobody has subscribed to.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { DerivedCluster, DerivedInstance } from '../../src/config/derived.ts';
import { formatPrefix } from '../../src/net/prefix.ts';
import { formatRouteTarget } from '../../src/net/route-target.ts';
import { findingsNow } from '../../src/verify/findings-now.ts';
import type { World } from '../../src/world/world.ts';
import {
  CLUSTERS,
  filesOf,
  networkName,
  play,
  SMALLEST_CLUSTER,
  type SmallWorld,
  smallWorld,
  worldOf,
} from '../world/small-worlds.ts';

/** Whose routes stand where they should not, and by which of several targets they may have come. */
interface Expected {
  readonly from: string;
  readonly place: string;
  readonly clusters: readonly string[];
  readonly targets: readonly string[];
  readonly prefixes: readonly string[];
}

const short = (cluster: string, instance: string) => [cluster, ...instance.split(':').slice(1, 3)].join('/');

/** Targets of an instance for one direction, all or the declared ones. */
function targetsOf(instance: DerivedInstance, direction: 'import' | 'export', declaredOnly: boolean): string[] {
  return instance.targets
    .filter(({ mark, automatic }) => (mark === 'both' || mark === direction) && !(declaredOnly && automatic))
    .map(({ target }) => formatRouteTarget(target));
}

const common = (a: readonly string[], b: readonly string[]) => a.filter((one) => b.includes(one));

/** What a VRF imports: its own targets, and those of joined networks that stand for both directions (CN-1.6.4). */
function importsOf(cluster: DerivedCluster, instance: DerivedInstance): string[] {
  const joined = cluster.instances.filter((other) => instance.connections.includes(other.name));
  const both = joined.flatMap((other) => other.targets.filter(({ mark }) => mark === 'both'));
  return [...targetsOf(instance, 'import', false), ...both.map(({ target }) => formatRouteTarget(target))];
}

/** The host routes that are born in a network: its workloads', and floating addresses that somebody holds. */
function hostRoutes(cluster: DerivedCluster, network: string): string[] {
  const fixed = cluster.interfaces.filter((face) => face.network === network).flatMap((face) => face.addresses);
  const floating = cluster.floatingIps.filter((ip) => ip.network === network && ip.interfaces.length > 0);
  const addresses = new Set([...fixed, ...floating.map((ip) => ip.address)]);
  return [...addresses].map((address) => formatPrefix({ address, length: 32 })).sort();
}

/** Networks that a vRouter of the cluster serves: those with a workload, or a floating address of one. */
function isServed(cluster: DerivedCluster, network: string): boolean {
  return hostRoutes(cluster, network).length > 0;
}

/** Targets that vRouters of a cluster ask for. */
function askedIn(cluster: DerivedCluster): string[] {
  const served = cluster.instances.filter((one) => isServed(cluster, one.network));
  return served.flatMap((one) => importsOf(cluster, one));
}

function expectedLeaks(world: World): Expected[] {
  const clusters = [...world.clusters.values()];
  const gateways = world.plan.gateways.flatMap(({ config }) => config.instances);
  const askedByAll = clusters.flatMap(askedIn);
  // What a gateway asks for is believed of an iBGP peer that passes it on too, but not of one in a further AS (CN-4.6.3).
  const askedByGateways = gateways.flatMap((vrf) => vrf.routeTargets.map(formatRouteTarget));
  const passedOn = new Set(clusters.map(({ asn }) => asn)).size === 1 ? askedByGateways : [];
  const leaks: Expected[] = [];
  for (const home of clusters) {
    const asked = [...askedIn(home), ...passedOn];
    for (const instance of home.instances) {
      const imports = importsOf(home, instance);
      const declared = targetsOf(instance, 'import', true);
      const place = short(home.cluster, instance.name);
      for (const cluster of clusters) {
        for (const origin of cluster.instances) {
          const carried = targetsOf(origin, 'export', false);
          if (cluster !== home && common(carried, asked).length === 0) continue;
          const targets = common(carried, imports);
          const prefixes = hostRoutes(cluster, origin.network);
          if (targets.length === 0 || prefixes.length === 0) continue;
          const same = cluster === home && (origin === instance || instance.connections.includes(origin.name));
          if (same || common(targetsOf(origin, 'export', true), declared).length > 0) continue;
          const from = short(cluster.cluster, origin.name);
          leaks.push({ from, place, clusters: [...new Set([cluster.cluster, home.cluster])], targets, prefixes });
        }
      }
      for (const { config } of world.plan.gateways) {
        for (const vrf of config.instances) {
          const own = vrf.routeTargets.map(formatRouteTarget);
          const targets = common(own, imports);
          if (targets.length === 0 || common(own, askedByAll).length === 0 || common(own, declared).length > 0)
            continue;
          const prefixes = vrf.external.map(formatPrefix);
          leaks.push({
            from: `${config.name}/${vrf.name}`,
            place,
            clusters: [config.name, home.cluster],
            targets,
            prefixes,
          });
        }
      }
    }
  }
  return leaks;
}

/** Holds what was found against the oracle: all leaks of it, no others, each with what is concerned and a target it came by. */
function compare(world: World): readonly Expected[] {
  const federated = world.clusters.size === 2 ? [CLUSTERS] : [];
  const found = findingsNow(world, federated).filter((one) => one.kind === 'leak');
  const expected = expectedLeaks(world);
  const key = (from: string, place: string) => `${from} in ${place}`;
  expect(found.map(({ networks: [from, place] }) => key(from!, place!)).sort()).toEqual(
    expected.map(({ from, place }) => key(from, place)).sort(),
  );
  for (const leak of found) {
    const [from, place] = leak.networks;
    const wanted = expected.find((one) => one.from === from && one.place === place)!;
    expect({ ...leak, target: null, sentence: '', link: '', causes: [] }).toEqual({
      kind: 'leak',
      sentence: '',
      prefixes: wanted.prefixes,
      target: null,
      networks: [from, place],
      clusters: wanted.clusters,
      instances: [place],
      link: '',
      causes: [],
    });
    expect(wanted.targets).toContain(leak.target);
    for (const word of [from!, place!, leak.target!, wanted.prefixes[0]!]) expect(leak.sentence).toContain(word);
  }
  return expected;
}

type Scenario = {
  clusters: Record<string, { automaticTargets?: object; networks: Record<string, Record<string, unknown>> }>;
}; // what filesOf writes

function edited(files: Readonly<Record<string, string>>, edit: (scenario: Scenario) => void) {
  const scenario = parse(files['s.yaml']!) as Scenario;
  edit(scenario);
  return { ...files, 's.yaml': stringify(scenario) };
}

const START = [{ start: 'all' }, { settle: {} }];
const two = smallWorld.filter(({ clusters }) => clusters.length === 2);
const networksOf = (world: SmallWorld, cluster: number) => world.clusters[cluster]!.networks.length;

/** A target that somebody types on a network, of those that the other cluster has handed out. */
const typed = fc.record({
  cluster: fc.nat(1),
  network: fc.nat(2),
  stranger: fc.nat(15),
  key: fc.constantFrom('importTargets', 'exportTargets', 'routeTargets'),
});

describe('routes that stand where nobody declared them to', () => {
  it('are named, all of them and no others, when targets of strangers were typed by hand', () => {
    let planted = 0;
    fc.assert(
      fc.property(two, fc.array(typed, { minLength: 1, maxLength: 3 }), (drawn, types) => {
        const world = { ...drawn, oneAs: false };
        const files = filesOf(world, START);
        const before = play(files).world;
        const automatic = CLUSTERS.map((name) =>
          before.clusters
            .get(name)!
            .instances.flatMap(({ targets }) =>
              targets.filter((one) => one.automatic).map((one) => formatRouteTarget(one.target)),
            ),
        );
        const mixed = edited(files, ({ clusters }) => {
          for (const { cluster, network, stranger, key } of types) {
            const foreign = automatic[1 - cluster]!;
            const own = clusters[CLUSTERS[cluster]!]!.networks[networkName(network % networksOf(world, cluster))]!;
            own[key] = [
              ...new Set([...((own[key] as string[] | undefined) ?? []), foreign[stranger % foreign.length]!]),
            ];
          }
        });
        planted += compare(play(mixed).world).length - compare(before).length;
      }),
      { numRuns: 40 },
    );
    expect(planted).toBeGreaterThan(10);
  });

  it('are named when two clusters of one AS hand out the same automatic targets', () => {
    let collided = 0;
    fc.assert(
      fc.property(two, (drawn) => {
        const files = filesOf({ ...drawn, oneAs: true }, START);
        const apart = compare(play(files).world).length;
        const colliding = edited(files, ({ clusters }) => delete clusters.west!.automaticTargets);
        collided += compare(play(colliding).world).length - apart;
      }),
      { numRuns: 30 },
    );
    expect(collided).toBeGreaterThan(20);
  });

  it('are none where whatever is shared was declared at both ends, and policies join the rest', () => {
    const declared = fc.record({ a: fc.nat(2), b: fc.nat(2), number: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(two, fc.array(declared, { maxLength: 3 }), (drawn, shares) => {
        // a policy passes targets on to its other end, which has declared nothing
        const clusters = drawn.clusters.map((one) => ({ ...one, policy: 'none' as const }));
        const world = { ...drawn, clusters };
        const files = edited(filesOf(world, START), (scenario) => {
          for (const { a, b, number } of shares) {
            for (const [cluster, network] of [a, b].entries()) {
              const own =
                scenario.clusters[CLUSTERS[cluster]!]!.networks[networkName(network % networksOf(world, cluster))]!;
              own.routeTargets = [
                ...new Set([...((own.routeTargets as string[] | undefined) ?? []), `target:65000:${number}`]),
              ];
            }
          }
        });
        expect(compare(play(files).world)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('are not found any more when the target is taken away again, and found again when it is back', () => {
    const world = worldOf(SMALLEST_CLUSTER, SMALLEST_CLUSTER);
    const net = play(filesOf(world, START))
      .world.clusters.get('east')!
      .instances.find((one) => one.name.endsWith('net-1'))!;
    const target = formatRouteTarget(net.targets.find((one) => one.automatic)!.target);
    const change = (verb: 'add' | 'remove') => ({ target: { network: 'west/p/net-1', [verb]: target } });
    const finding = { finding: { leak: '10.1.0.3/32', target, instance: 'west/p/net-1', networks: ['east/p/net-1'] } };
    const { rehearsal } = play(
      filesOf(world, [
        { start: 'all' },
        { expect: [{ noFindings: true }] },
        change('add'),
        { expect: [finding] },
        change('remove'),
        { expect: [{ noFindings: true }] },
        change('add'),
        { expect: [finding] },
      ]),
    );
    expect(rehearsal.result.verdict.failed).toBe(0);
    expect(rehearsal.result.verdict.passed).toBe(4);
  });
});
