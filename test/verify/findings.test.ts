/** Leaks, conflicts and collisions: what is named unasked, and that nothing else is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { DerivedCluster, DerivedInstance, DerivedNetwork, DerivedTarget } from '../../src/config/derived.ts';
import { formatRouteTarget } from '../../src/net/route-target.ts';
import { findingsOf, type HeldPath } from '../../src/verify/findings.ts';
import { findingsNow } from '../../src/verify/findings-now.ts';
import { routeTarget } from '../support/values.ts';
import { CLUSTERS, filesOf, networkName, play, type SmallWorld, smallWorld } from '../world/small-worlds.ts';

// A cluster of networks, as far as findings look at it

interface Net {
  readonly automatic: string;
  readonly both?: readonly string[];
  readonly imports?: readonly string[];
  readonly connections?: readonly string[];
}

const full = (name: string) => `default-domain:p:${name}`;
const instanceOf = (name: string) => `${full(name)}:${name}`;

function cluster(
  name: string,
  asn: number,
  nets: Readonly<Record<string, Net>>,
  groups: Readonly<Record<string, number>> = {},
): DerivedCluster {
  const target = (text: string, mark: DerivedTarget['mark'], automatic: boolean, line: number): DerivedTarget => ({
    target: routeTarget(text),
    mark,
    automatic,
    at: automatic ? null : { file: 's.yaml', line, column: 1 },
  });
  return {
    cluster: name,
    asn,
    networks: Object.keys(nets).map(
      (net, index): DerivedNetwork => ({
        name: full(net),
        uuid: net,
        id: index + 5,
        system: false,
        instance: instanceOf(net),
        subnets: [],
        accessList: null,
        external: false,
        at: null,
      }),
    ),
    instances: Object.entries(nets).map(
      ([net, { automatic, both = [], imports = [], connections = [] }], index): DerivedInstance => ({
        name: instanceOf(net),
        network: full(net),
        targets: [
          target(automatic, 'both', true, 0),
          ...both.map((text) => target(text, 'both', false, index + 1)),
          ...imports.map((text) => target(text, 'import', false, index + 1)),
        ],
        connections: connections.map(instanceOf),
      }),
    ),
    securityGroups: Object.entries(groups).map(([group, id]) => {
      const list = { name: group, entries: [], at: null };
      return { name: full(group), id, ingress: list, egress: list, at: null };
    }),
    interfaces: [],
    floatingIps: [],
    workloads: [],
    services: [],
  };
}

function held(
  at: readonly [string, string],
  from: readonly [string, string],
  prefix: string,
  targets: readonly string[],
  more: Partial<HeldPath> = {},
): HeldPath {
  const origin = { kind: 'network', cluster: from[0], instance: instanceOf(from[1]) } as const;
  return {
    cluster: at[0],
    instance: instanceOf(at[1]),
    prefix,
    origin,
    targets,
    best: true,
    decidedBy: 'only path',
    ...more,
  };
}

const EAST = cluster('east', 64512, {
  web: { automatic: 'target:64512:8000001', both: ['target:64512:10'], connections: ['data'] },
  data: { automatic: 'target:64512:8000002', connections: ['web'] },
});
const WEST = cluster('west', 64513, {
  pods: { automatic: 'target:64513:8000001', both: ['target:64512:10'] },
  other: { automatic: 'target:64513:8000002', imports: ['target:64512:8000002'] },
});
const sentences = (...paths: HeldPath[]) =>
  findingsOf([EAST, WEST], [['east', 'west']], paths).map((one) => `${one.kind}: ${one.sentence}`);

describe('a leak', () => {
  it('is no route of the network itself, of one joined by policy, or of one with a declared target in common', () => {
    expect(
      sentences(
        held(['east', 'web'], ['east', 'web'], '10.1.0.3/32', ['target:64512:8000001']),
        held(['east', 'data'], ['east', 'web'], '10.1.0.3/32', ['target:64512:8000001']),
        held(['west', 'pods'], ['east', 'web'], '10.1.0.3/32', ['target:64512:8000001', 'target:64512:10']),
      ),
    ).toEqual([]);
  });

  it('is named with its target, its networks and the line that let it in: a target typed that another cluster gave itself', () => {
    const [leak] = findingsOf(
      [EAST, WEST],
      [],
      [
        held(['west', 'other'], ['east', 'data'], '10.2.0.4/32', ['target:64512:8000002']),
        held(['west', 'other'], ['east', 'data'], '10.2.0.3/32', ['target:64512:8000002']),
      ],
    );
    expect(leak).toEqual({
      kind: 'leak',
      sentence:
        '10.2.0.3/32, 10.2.0.4/32 of east/p/data stand in west/p/other, which nobody declared; it came by the target target:64512:8000002',
      prefixes: ['10.2.0.3/32', '10.2.0.4/32'],
      target: 'target:64512:8000002',
      networks: ['east/p/data', 'west/p/other'],
      clusters: ['east', 'west'],
      instances: ['west/p/other'],
      link: 'the target target:64512:8000002',
      causes: [{ file: 's.yaml', line: 2, column: 1 }],
    });
  });

  it('may come by a policy, from a network that shares a target with the other end of it', () => {
    expect(
      sentences(held(['east', 'data'], ['west', 'pods'], '10.9.0.3/32', ['target:64513:8000001', 'target:64512:10'])),
    ).toEqual([
      'leak: 10.9.0.3/32 of west/p/pods stands in east/p/data, which nobody declared; it came by the target target:64512:10 of east/p/web, to which a policy connects it',
    ]);
  });

  it('may come by the target that every instance of an AS imports, told with the line that exports it (CN-1.6/4)', () => {
    const loud = cluster('east', 64512, {
      web: { automatic: 'target:64512:8000001' },
      data: { automatic: 'target:64512:8000002', both: ['target:64512:7999999'] },
    });
    const path = held(['east', 'web'], ['east', 'data'], '10.2.0.3/32', ['target:64512:7999999']);
    expect(findingsOf([loud], [], [path])).toEqual([
      expect.objectContaining({
        target: 'target:64512:7999999',
        link: 'the target target:64512:7999999, which every instance of AS 64512 imports',
        causes: [{ file: 's.yaml', line: 2, column: 1 }],
      }),
    ]);
  });

  it('may come by automatic targets that two clusters both handed out', () => {
    const twin = cluster('west', 64512, { pods: { automatic: 'target:64512:8000001' } });
    expect(
      findingsOf(
        [EAST, twin],
        [],
        [held(['west', 'pods'], ['east', 'web'], '10.1.0.3/32', ['target:64512:8000001', 'target:64512:10'])],
      ).map((one) => one.link),
    ).toEqual(['the automatic target target:64512:8000001, which both networks were given']);
  });

  it('may come from a gateway whose targets the network does not declare', () => {
    const origin = { kind: 'gateway', gateway: 'mx', instance: 'public', targets: ['target:64512:10'] } as const;
    const route = (at: readonly [string, string]) => held(at, ['', ''], '0.0.0.0/0', ['target:64512:10'], { origin });
    expect(sentences(route(['east', 'web']))).toEqual([]);
    expect(sentences(route(['east', 'data']))).toEqual([
      'leak: 0.0.0.0/0 of mx/public stands in east/p/data, which nobody declared; it came by the target target:64512:10 of east/p/web, to which a policy connects it',
    ]);
  });
});

describe('a conflict', () => {
  it('is one host address of two networks in one instance, told with the winner and why', () => {
    const two = [
      held(['west', 'pods'], ['west', 'pods'], '10.1.0.3/32', [], { best: true, decidedBy: 'shorter AS_PATH' }),
      held(['west', 'pods'], ['east', 'web'], '10.1.0.3/32', ['target:64512:10'], {
        best: false,
        decidedBy: 'shorter AS_PATH',
      }),
    ];
    expect(sentences(...two)).toEqual([
      'conflict: 10.1.0.3/32 has 2 origins in west/p/pods: east/p/web and west/p/pods; west/p/pods wins by shorter AS_PATH',
    ]);
  });

  it('is no address that several members of one network share, and no default route', () => {
    const many = (prefix: string, ...from: (readonly [string, string])[]) =>
      from.map((one) => held(['west', 'pods'], one, prefix, ['target:64512:10']));
    expect(
      sentences(
        ...many('10.254.1.1/32', ['east', 'web'], ['east', 'web']),
        ...many('0.0.0.0/0', ['east', 'web'], ['west', 'pods']),
      ),
    ).toEqual([]);
  });
});

describe('a collision', () => {
  const one = (name: string) =>
    cluster(
      name,
      64512,
      { [`of-${name}`]: { automatic: 'target:64512:8000001' } },
      { default: 8000001, [name]: name === 'east' ? 8000002 : 8000003 },
    );

  it('is a number that two federated clusters of one AS both gave: a target, a network id, a security group id', () => {
    expect(findingsOf([one('east'), one('west')], [['east', 'west']], []).map((finding) => finding.sentence)).toEqual([
      '1 automatic route target is handed out by both clusters of AS 64512: target:64512:8000001 is east/p/of-east and west/p/of-west',
      '1 network id means different networks in the two clusters of AS 64512: 5 is east/p/of-east and west/p/of-west, so policies match under a wrong name',
      '1 security group id means different groups in the two clusters of AS 64512: 8000001 is east/p/default and west/p/default, so rules admit members of a stranger',
    ]);
  });

  it('is none between clusters of different ASes, or that are not federated', () => {
    expect(findingsOf([EAST, WEST], [['east', 'west']], [])).toEqual([]);
    expect(findingsOf([one('east'), one('west')], [], [])).toEqual([]);
  });
});

describe('small worlds at random', () => {
  /** Nothing is declared that spreads beyond its two ends: no policy beside a shared target. */
  const clean = (world: SmallWorld): SmallWorld => ({
    ...world,
    clusters: world.clusters.map((one) => (world.shared || world.gateway ? { ...one, policy: 'none' as const } : one)),
  });
  const START = [{ start: 'all' }, { settle: {} }];
  const leaksOf = (files: Readonly<Record<string, string>>) => {
    const { world, rehearsal } = play(files);
    const federated = world.clusters.size === 2 ? ([CLUSTERS] as const) : [];
    return { world, rehearsal, leaks: findingsNow(world, federated).filter((one) => one.kind === 'leak') };
  };

  it('have no leaks when every target is declared at both ends', () => {
    fc.assert(
      fc.property(smallWorld, (drawn) => {
        expect(leaksOf(filesOf(clean(drawn), START)).leaks).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('name the target, the networks and the prefixes when one network imports what another cluster gave itself', () => {
    const joined = smallWorld
      .filter(({ clusters }) => clusters.length === 2)
      .map((world) => clean({ ...world, oneAs: false }));
    fc.assert(
      fc.property(joined, fc.nat(5), fc.nat(5), (drawn, from, to) => {
        const inhabited = drawn.clusters.map((one) =>
          one.networks.flatMap(({ workloads }, index) => (workloads.length > 0 ? [index] : [])),
        );
        const [origin, thief] = [inhabited[0]![from % inhabited[0]!.length], inhabited[1]![to % inhabited[1]!.length]];
        fc.pre(origin !== undefined && thief !== undefined);
        fc.pre(!(drawn.shared && origin === 0 && thief === 0)); // they share a declared target anyway
        const files = filesOf(drawn, START);
        const before = leaksOf(files);
        const instance = before.world.clusters
          .get('east')!
          .instances.find((one) => one.network === full(networkName(origin!)))!;
        const planted = formatRouteTarget(instance.targets.find((one) => one.automatic)!.target);
        const scenario = parse(files['s.yaml']!) as { clusters: { west: { networks: Record<string, object> } } }; // what filesOf writes
        const name = networkName(thief!);
        scenario.clusters.west.networks[name] = { ...scenario.clusters.west.networks[name], importTargets: [planted] };
        const after = leaksOf({ ...files, 's.yaml': stringify(scenario) });
        const expected = after.world.clusters
          .get('east')!
          .interfaces.filter((face) => face.network === full(networkName(origin!)))
          .flatMap((face) =>
            face.addresses.map(
              (address) => `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}/32`,
            ),
          );
        const own = after.leaks.filter((one) => one.instances.includes(`west/p/${name}`));
        expect(own.map(({ target, networks, clusters }) => ({ target, networks, clusters }))).toEqual([
          {
            target: planted,
            networks: [`east/p/${networkName(origin!)}`, `west/p/${name}`],
            clusters: ['east', 'west'],
          },
        ]);
        expect(own[0]!.prefixes).toEqual([...expected].sort());
        expect(own[0]!.causes).toHaveLength(1);
        expect(before.leaks).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });
});
