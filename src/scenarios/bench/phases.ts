/**
 * What is played on a world, phase by phase. Each phase begins settled and ends settled; what a phase took away is given
 * back before the next one, outside of any measure.
 */
import { invariant } from '../../base/invariant.ts';
import { later, seconds, type VirtualUs } from '../../base/time.ts';
import type { DerivedCluster } from '../../config/derived.ts';
import { compareOctets8 } from '../../net/octets8.ts';
import { clusterName, controlNodeName, networkName, sharedTarget, vrouterName } from '../../world/generate.ts';
import { edgeName } from '../../world/generate-reflection.ts';
import type { World } from '../../world/world.ts';

export const PHASES = [
  { name: 'cold-start', title: 'cold start', about: 'everything is switched on' },
  { name: 'workload-added', title: 'one workload added', about: 'a workload of the first tenant starts on a vRouter' },
  { name: 'vrouter-lost', title: 'one vRouter lost', about: 'its host falls silent; hold timers find out' },
  { name: 'control-node-lost', title: 'one control node lost', about: 'its host falls silent; hold timers find out' },
  { name: 'federation-cut', title: 'federation cut', about: 'the sessions between two clusters fall silent' },
  { name: 'federation-healed', title: 'federation healed', about: 'and can be had again' },
  {
    name: 'target-change',
    title: 'target change',
    about: 'a shared network loses its configured target in one cluster',
  },
  { name: 'churn', title: 'churn 1 %/s', about: 'each second one workload in a hundred is replaced, for a minute' },
  { name: 'edge-lost', title: 'one edge lost', about: 'a provider edge falls silent; hold timers find out' },
] as const;

export type PhaseName = (typeof PHASES)[number]['name'];

export interface PhaseOptions {
  readonly churnSeconds: number;
  readonly settleLimit: VirtualUs;
}

/** What a phase needs to know of the world that is none of the world's business. */
export interface Stage {
  readonly world: World;
  readonly options: PhaseOptions;
}

interface Phase {
  /** Why it cannot be played on this world, or null. */
  readonly lacks: (stage: Stage) => string | null;
  /** Does it; the caller lets the world settle. */
  readonly play: (stage: Stage) => void;
  /** Gives back what it took; the caller lets the world settle again. */
  readonly restore: ((stage: Stage) => void) | null;
}

const PLAYED: { readonly [name in PhaseName]: Phase } = {
  'cold-start': { lacks: () => null, play: ({ world }) => world.startAll(), restore: null },
  'workload-added': {
    lacks: needsClusters,
    play: ({ world }) => world.applyCluster(withOneMore(firstCluster(world))),
    restore: ({ world }) => world.applyCluster(withOneLess(firstCluster(world))),
  },
  'vrouter-lost': {
    lacks: needsClusters,
    play: ({ world }) => world.sim.crash(world.nodeId(vrouterName(0))),
    restore: ({ world }) => world.sim.start(world.nodeId(vrouterName(0))),
  },
  'control-node-lost': {
    lacks: needsClusters,
    play: ({ world }) => world.sim.crash(world.nodeId(controlNodeName(0, 0))),
    restore: ({ world }) => world.sim.start(world.nodeId(controlNodeName(0, 0))),
  },
  'federation-cut': {
    lacks: needsFederation,
    play: ({ world }) => world.cut('sessions', clusterName(0), clusterName(1)),
    restore: null,
  },
  'federation-healed': {
    lacks: needsFederation,
    play: ({ world }) => {
      world.heal('sessions', clusterName(0), clusterName(1));
    },
    restore: null,
  },
  'target-change': {
    lacks: needsFederation,
    play: ({ world }) => world.applyCluster(withoutSharedTarget(firstCluster(world))),
    restore: ({ world }) => world.applyCluster(withSharedTarget(firstCluster(world))),
  },
  churn: {
    lacks: needsClusters,
    play: ({ world, options }) => churn(world, options.churnSeconds),
    restore: null,
  },
  'edge-lost': {
    lacks: ({ world }) => (world.gateways.has(edgeName(0)) ? null : 'the world has no provider edges'),
    play: ({ world }) => world.sim.crash(world.nodeId(edgeName(0))),
    restore: ({ world }) => world.sim.start(world.nodeId(edgeName(0))),
  },
};

export function phaseNamed(name: PhaseName): Phase {
  return PLAYED[name];
}

function needsClusters({ world }: Stage): string | null {
  return world.clusters.has(clusterName(0)) ? null : 'the world has no clusters';
}

function needsFederation(stage: Stage): string | null {
  if (!stage.world.clusters.has(clusterName(1))) return 'the world has no second cluster';
  const shared = firstCluster(stage.world).instances[0]?.targets.length ?? 0;
  return shared > 1 ? null : 'the clusters are not federated';
}

function firstCluster(world: World): DerivedCluster {
  const cluster = world.clusters.get(clusterName(0));
  invariant(cluster !== undefined, 'a phase is played on a world that has what it needs');
  return cluster;
}

// One workload more

const EXTRA = 'one-more';

function withOneMore(cluster: DerivedCluster): DerivedCluster {
  const [workload, face] = [cluster.workloads[0]!, cluster.interfaces[0]!];
  const last = cluster.interfaces.findLast((other) => other.network === face.network)!;
  const key = `${workload.kind}:${workload.project}/${EXTRA}`;
  const name = `${face.name}-${EXTRA}`;
  const address = (last.addresses[0]! + 1) as (typeof face.addresses)[number]; // subnets have room for one vRouter's workloads more
  const mac = (last.mac + 1) as typeof face.mac;
  return {
    ...cluster,
    interfaces: [...cluster.interfaces, { ...face, name, mac, addresses: [address], workload: key }],
    workloads: [...cluster.workloads, { ...workload, key, name: EXTRA, interfaces: [name] }],
  };
}

function withOneLess(cluster: DerivedCluster): DerivedCluster {
  return {
    ...cluster,
    interfaces: cluster.interfaces.slice(0, -1),
    workloads: cluster.workloads.slice(0, -1),
  };
}

// A target that joins

function withoutSharedTarget(cluster: DerivedCluster): DerivedCluster {
  const instances = cluster.instances.map((instance) =>
    instance.network === networkName(0)
      ? { ...instance, targets: instance.targets.filter(({ target }) => compareOctets8(target, sharedTarget(0)) !== 0) }
      : instance,
  );
  return { ...cluster, instances };
}

function withSharedTarget(cluster: DerivedCluster): DerivedCluster {
  const shared = { target: sharedTarget(0), mark: 'both', automatic: false, at: null } as const;
  const instances = cluster.instances.map((instance) =>
    instance.network === networkName(0) ? { ...instance, targets: [...instance.targets, shared] } : instance,
  );
  return { ...cluster, instances };
}

// Churn

/** One in so many workloads is away in each second; the next second it is back and others are away. */
const CHURN_SHARE = 100;

function churn(world: World, rounds: number): void {
  const whole = [...world.clusters.values()];
  for (let round = 0; round <= rounds; round++) {
    for (const cluster of whole) world.applyCluster(round === rounds ? cluster : withSomeAway(cluster, round));
    world.runUntil(later(world.now, seconds(1)));
  }
}

function withSomeAway(cluster: DerivedCluster, round: number): DerivedCluster {
  const every = Math.min(CHURN_SHARE, Math.max(1, cluster.workloads.length));
  const isAway = (index: number): boolean => (index + round) % every === 0;
  return {
    ...cluster,
    interfaces: cluster.interfaces.filter((_, index) => !isAway(index)),
    workloads: cluster.workloads.filter((_, index) => !isAway(index)),
  };
}
