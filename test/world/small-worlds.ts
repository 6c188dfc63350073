/**
 * Small worlds at random, as people would write them down: a scenario in YAML of one or two clusters, with networks,
 * groups, policies, shared targets, services and a gateway, and a history of things that happen to it.
 */
import fc from 'fast-check';
import { stringify } from 'yaml';

import { type Rehearsal, rehearse } from '../../src/index.ts';
import { encodeRecording } from '../../src/sim/recording-file.ts';
import type { World } from '../../src/world/world.ts';
import { memoryFiles, told } from '../scenarios/files.ts';
import { controller, dataService } from '../support/manifests.ts';
import { pick, powerOff, powerOn, type Step, takeOut } from './choices.ts';

export interface SmallNetwork {
  /** Workloads in it, each with a group or none. */
  readonly workloads: readonly { readonly count: number; readonly group: 'open' | 'web' | 'members' | null }[];
}

export interface SmallCluster {
  readonly controlNodes: number;
  readonly vrouters: number;
  readonly networks: readonly SmallNetwork[];
  /** A policy joins the first two networks; on all ports, or on one. */
  readonly policy: 'none' | 'any' | 'tcp/80';
  /** Pods and services come from manifests beside what is stated. */
  readonly pods: boolean;
  readonly pathPreference: boolean;
}

export interface SmallWorld {
  readonly clusters: readonly SmallCluster[];
  /** Both clusters have one AS; automatic targets are set apart by hand. */
  readonly oneAs: boolean;
  /** The first networks of the two clusters share a target. */
  readonly shared: boolean;
  /** A gateway behind the first network of the first cluster. */
  readonly gateway: boolean;
  readonly seed: number;
}

/** The least of a cluster: one workload on one vRouter. */
export const SMALLEST_CLUSTER: SmallCluster = {
  controlNodes: 1,
  vrouters: 1,
  networks: [{ workloads: [{ count: 1, group: null }] }],
  policy: 'none',
  pods: false,
  pathPreference: false,
};

/** A world of these clusters and nothing else. */
export function worldOf(...clusters: readonly SmallCluster[]): SmallWorld {
  return { clusters, oneAs: false, shared: false, gateway: false, seed: 1 };
}

export const CLUSTERS = ['east', 'west'] as const;
export const SHARED = 'target:64512:10000';
export const OUTSIDE = 'target:64512:10001';

export const controlNode = (cluster: number, index = 0): string => `ctl-${CLUSTERS[cluster]}-${index + 1}`;
export const vrouter = (cluster: number, index = 0): string => `vr-${CLUSTERS[cluster]}-${index + 1}`;
export const networkName = (index: number): string => `net-${index + 1}`;
/** Of the `which`th workload of a network; its members are called `stem-1`, `stem-2`, ... */
export const workloadStem = (network: number, which: number): string => `w${network + 1}${'abcdef'[which]}`;

const network: fc.Arbitrary<SmallNetwork> = fc.record({
  workloads: fc.array(
    fc.record({
      count: fc.integer({ min: 1, max: 2 }),
      group: fc.constantFrom(null, 'open', 'web', 'members'),
    }),
    { maxLength: 2 },
  ),
});

const cluster: fc.Arbitrary<SmallCluster> = fc.record({
  controlNodes: fc.integer({ min: 1, max: 2 }),
  vrouters: fc.integer({ min: 1, max: 3 }),
  networks: fc.array(network, { minLength: 1, maxLength: 3 }),
  policy: fc.constantFrom('none', 'any', 'tcp/80'),
  pods: fc.boolean(),
  pathPreference: fc.boolean(),
});

export const smallWorld: fc.Arbitrary<SmallWorld> = fc.record({
  clusters: fc.array(cluster, { minLength: 1, maxLength: 2 }),
  oneAs: fc.boolean(),
  shared: fc.boolean(),
  gateway: fc.boolean(),
  seed: fc.nat(1_000_000),
});

/** Two pods behind a service and a client of it, as the network manager of 2016 reads them. */
const MANIFESTS: readonly object[] = [
  controller('data', 2, { name: 'data' }),
  dataService({ type: 'LoadBalancer' }),
  controller('front', 1, { name: 'front', uses: 'data' }),
];

/** The files of a scenario: the world, and what happens in it. */
export function filesOf(world: SmallWorld, steps: readonly Step[]): Readonly<Record<string, string>> {
  const joined = world.clusters.length === 2;
  const targets = [
    ...(joined && world.shared ? [{ networks: ['east/p/net-1', 'west/p/net-1'], target: SHARED }] : []),
    ...(world.gateway ? [{ networks: ['east/p/net-1'], target: OUTSIDE }] : []),
  ];
  const scenario = {
    scenario: 'a small world',
    seed: world.seed,
    clusters: Object.fromEntries(world.clusters.map((one, index) => [CLUSTERS[index]!, stated(world, one, index)])),
    ...(joined ? { federation: [{ between: [...CLUSTERS], latency: '4ms' }] } : {}),
    ...(world.gateway
      ? {
          gateways: {
            edge: {
              asn: 65000,
              peers: CLUSTERS.slice(0, world.clusters.length),
              instances: { public: { routeTargets: [OUTSIDE], external: ['0.0.0.0/0'] } },
            },
          },
        }
      : {}),
    ...(targets.length > 0 ? { routeTargets: targets } : {}),
    steps,
  };
  return { 's.yaml': stringify(scenario), ...manifestFiles };
}

const manifestFiles: Readonly<Record<string, string>> = Object.fromEntries(
  MANIFESTS.map((manifest, index) => [`manifests/${index}.json`, JSON.stringify(manifest)]),
);

function stated(world: SmallWorld, { networks, ...one }: SmallCluster, index: number): object {
  const joins = one.policy !== 'none' && networks.length > 1;
  const rule = { from: 'net-1', to: 'net-2', ...(one.policy === 'tcp/80' ? { port: one.policy } : {}) };
  return {
    asn: world.oneAs ? 64512 : 64512 + index,
    ...(world.oneAs && index > 0 ? { automaticTargets: { start: 8100000 } } : {}),
    controlNodes: one.controlNodes,
    vrouters: one.vrouters,
    pathPreference: one.pathPreference,
    networks: Object.fromEntries(
      networks.map((_, which) => [
        networkName(which),
        {
          project: 'p',
          subnet: `10.${index + 1}.${which}.0/24`,
          ...(joins && which < 2 ? { policies: ['join'] } : {}),
        },
      ]),
    ),
    workloads: Object.fromEntries(
      networks.flatMap(({ workloads }, which) =>
        workloads.map(({ count, group }, number) => [
          workloadStem(which, number),
          {
            project: 'p',
            network: networkName(which),
            count,
            ...(group === null ? {} : { securityGroups: [group] }),
          },
        ]),
      ),
    ),
    securityGroups: {
      open: { project: 'p', rules: [{ remote: '0.0.0.0/0' }] },
      web: { project: 'p', rules: [{ port: 'tcp/80' }] },
      members: { project: 'p', rules: [{ remote: 'members' }] },
    },
    ...(joins ? { policies: { join: { project: 'p', rules: [rule] } } } : {}),
    ...(one.pods
      ? {
          import: [
            {
              manifests: 'manifests/',
              plugin: {
                name: 'kube-network-manager',
                podRange: `10.${index + 1}.128.0/17`,
                serviceRange: `10.${index + 101}.0.0/16`,
                publicRange: `203.0.${113 + index}.0/24`,
              },
            },
          ],
        }
      : {}),
  };
}

// What happens

/** Numbers that become steps once it is known what there is. */
export interface Happening {
  readonly what: number;
  readonly which: number;
  readonly where: number;
  readonly afterMs: number;
}

export const happenings: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.record({
    what: fc.nat(63),
    which: fc.nat(63),
    where: fc.nat(63),
    afterMs: fc.constantFrom(0, 0, 30, 7_000, 95_000),
  }),
  { maxLength: 9 },
);

/** Power that goes and comes, cuts and heals, and time that passes: nothing that anybody wants of the network. */
export const failures: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.record({
    what: fc.nat(5),
    which: fc.nat(63),
    where: fc.nat(63),
    afterMs: fc.constantFrom(0, 30, 7_000, 95_000),
  }),
  { minLength: 1, maxLength: 9 },
);

/** What there is while a history is made up. */
class Present {
  readonly world: SmallWorld;
  readonly down = new Set<string>();
  readonly cuts: (readonly [kind: 'sessions' | 'underlay', between: readonly [string, string]])[] = [];
  /** Members by cluster and stem. */
  readonly members = new Map<string, Set<number>>();
  readonly targets = new Set<string>();

  constructor(world: SmallWorld) {
    this.world = world;
    world.clusters.forEach((one, index) => {
      one.networks.forEach(({ workloads }, which) => {
        workloads.forEach(({ count }, number) => {
          const key = `${CLUSTERS[index]}/p/${workloadStem(which, number)}`;
          this.members.set(key, new Set(Array.from({ length: count }, (_, i) => i + 1)));
        });
      });
    });
  }

  nodes(): string[] {
    return [...this.world.clusters.flatMap((_, index) => this.nodesOf(index)), ...(this.world.gateway ? ['edge'] : [])];
  }

  nodesOf(cluster: number): string[] {
    const { controlNodes, vrouters } = this.world.clusters[cluster]!;
    return [
      ...Array.from({ length: controlNodes }, (_, i) => controlNode(cluster, i)),
      ...Array.from({ length: vrouters }, (_, i) => vrouter(cluster, i)),
    ];
  }
}

/** One step of each kind that can be taken now, or null; {@link failures} come first. */
const STEPS: readonly ((present: Present, which: number, where: number) => Step | null)[] = [
  (present, which) => powerOff(present, 'crash', which),
  (present, which) => powerOff(present, 'stop', which),
  powerOn,
  (present, which, where) => {
    const [a, b] = [pick(present.nodes(), which), pick(present.nodes(), where)];
    if (a === null || b === null || a === b) return null;
    const kind = which % 2 === 0 ? 'sessions' : 'underlay';
    if (present.cuts.some(([own, ends]) => own === kind && ends.includes(a) && ends.includes(b))) return null;
    present.cuts.push([kind, [a, b]]);
    return { cut: { [kind]: [a, b] } };
  },
  (present) => {
    if (present.world.clusters.length < 2 || present.cuts.some(([, ends]) => ends.includes('east'))) return null;
    present.cuts.push(['sessions', ['east', 'west']]);
    return { cut: { sessions: ['east', 'west'] } };
  },
  (present, which) => {
    const cut = takeOut(present.cuts, which);
    return cut === null ? null : { heal: { [cut[0]]: cut[1] } };
  },
  (present, which, where) => {
    const workload = pick(workloadsOf(present), which);
    if (workload === null) return null;
    const cluster = workload.startsWith('vm:east') ? 0 : 1;
    return { move: { workload, to: vrouter(cluster, where % present.world.clusters[cluster]!.vrouters) } };
  },
  (present, which) => {
    const workload = pick(workloadsOf(present), which);
    if (workload === null) return null;
    const dash = workload.lastIndexOf('-');
    present.members.get(workload.slice('vm:'.length, dash))!.delete(Number(workload.slice(dash + 1)));
    return { delete: { workload } };
  },
  (present, which, where) => {
    const stem = pick(
      [...present.members.keys()].filter((key) => present.members.get(key)!.size > 0),
      which,
    );
    if (stem === null) return null;
    const replicas = where % 4;
    present.members.set(stem, new Set(Array.from({ length: replicas }, (_, i) => i + 1)));
    return { scale: { controller: `vm:${stem}`, replicas } };
  },
  (present, which, where) => {
    const pod = present.world.clusters.findIndex((one) => one.pods);
    if (pod < 0) return null;
    const controllers = ['data', 'front'].map((name) => `pod:${CLUSTERS[pod]}/default/${name}`);
    return { scale: { controller: pick(controllers, which), replicas: 1 + (where % 3) } };
  },
  (present, which, where) => {
    const cluster = which % present.world.clusters.length;
    const name = networkName(where % present.world.clusters[cluster]!.networks.length);
    const network = `${CLUSTERS[cluster]}/p/${name}`;
    const target = `target:65100:${1 + (where % 2)}`;
    const key = `${network} ${target}`;
    if (present.targets.delete(key)) return { target: { network, remove: target } };
    present.targets.add(key);
    return { target: { network, add: target } };
  },
  (present, which, where) => {
    const cluster = CLUSTERS[which % present.world.clusters.length];
    const port = where % 3 === 0 ? 'tcp/22' : 'tcp/80';
    const name = `${cluster}/p/web`;
    return { securityGroup: where % 2 === 0 ? { name, add: { port } } : { name, remove: { port } } };
  },
  () => ({ settle: {} }),
];

function workloadsOf(present: Present): string[] {
  return [...present.members].flatMap(([stem, numbers]) => [...numbers].map((number) => `vm:${stem}-${number}`));
}

/** A history that can be played: what cannot be done is left out. */
export function historyOf(world: SmallWorld, happened: readonly Happening[]): readonly Step[] {
  return tell(world, happened).steps;
}

/** The same, and at its end everything runs and every cut is healed. */
export function recoveredHistory(world: SmallWorld, happened: readonly Happening[]): readonly Step[] {
  const { steps, present } = tell(world, happened);
  return [
    ...steps,
    ...present.cuts.map(([kind, between]) => ({ heal: { [kind]: between } })),
    ...[...present.down].map((node) => ({ start: { node } })),
    { settle: {} },
  ];
}

function tell(
  world: SmallWorld,
  happened: readonly Happening[],
): { readonly steps: Step[]; readonly present: Present } {
  const present = new Present(world);
  const steps: Step[] = [{ start: 'all' }];
  for (const { what, which, where, afterMs } of happened) {
    const step = STEPS[what % STEPS.length]!(present, which, where);
    if (step !== null) steps.push(afterMs === 0 || 'settle' in step ? step : { ...step, after: `${afterMs}ms` });
  }
  return { steps, present };
}

// Playing

export interface Played {
  readonly rehearsal: Rehearsal;
  readonly world: World;
  /** The whole run as a file. */
  readonly recording: Uint8Array;
}

export interface PlayOptions {
  readonly wire?: boolean;
  readonly seed?: number;
  readonly conclusions?: boolean;
}

/** Plays a scenario of files that exist only here. */
export function play(files: Readonly<Record<string, string>>, options: PlayOptions = {}): Played {
  const played = rehearse({
    files: memoryFiles(files),
    path: 's.yaml',
    seed: options.seed ?? null,
    wire: options.wire ?? false,
    routeLevelRecord: true,
    conclusions: options.conclusions ?? false,
  });
  if (!played.ok) throw new Error(`a small world is wrong: ${told(played.faults).join('; ')}\n${files['s.yaml']}`);
  const { world } = played.value;
  return { rehearsal: played.value, world, recording: encodeRecording(world.sim) };
}

export function playWorld(world: SmallWorld, steps: readonly Step[], options: PlayOptions = {}): Played {
  return play(filesOf(world, steps), options);
}

/** Where two recordings part, for people: the first octet that differs. */
export function firstDifference(a: Uint8Array, b: Uint8Array): string {
  if (a.length === b.length && a.every((octet, at) => octet === b[at])) return 'none';
  const at = a.findIndex((octet, index) => octet !== b[index]);
  return `octet ${at} of ${a.length} and ${b.length}`;
}
