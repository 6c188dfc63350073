/** The named benchmarks: what is built, what is played on it, and what must hold. bench/README.md tells their stories. */
import type { WorldSize } from '../../world/generate.ts';
import type { ReflectionSize } from '../../world/generate-reflection.ts';
import type { PhaseName } from './phases.ts';

/** What a whole process may take: the goal, and what must hold. */
export interface Budget {
  readonly goal: number;
  readonly must: number;
}

export interface Preset {
  readonly name: string;
  readonly story: string;
  readonly build:
    | { readonly kind: 'clusters'; readonly size: WorldSize; readonly smoke: WorldSize }
    | { readonly kind: 'reflection'; readonly size: ReflectionSize; readonly smoke: ReflectionSize };
  readonly phases: readonly PhaseName[];
  readonly wire: boolean;
  readonly cost: 'default' | 'zero';
  readonly pathPreference: boolean;
  readonly budget: {
    readonly wallSeconds?: Budget;
    readonly cpuSeconds?: Budget;
    readonly rssMegabytes?: Budget;
    /** Of the work after the first phase. */
    readonly lastPhaseSeconds?: Budget;
  };
}

const FEDERATION: WorldSize = {
  clusters: 2,
  controlNodes: 2,
  vrouters: 500,
  workloads: 20,
  networks: 200,
  layout: 'dealt',
  gateways: 0,
  federation: true,
};
const FEDERATION_SMOKE: WorldSize = { ...FEDERATION, vrouters: 20, workloads: 4, networks: 8 };
const REFLECTION: ReflectionSize = { reflectors: 2, edges: 100, routes: 100, holdTimeSeconds: 90 };
const REFLECTION_SMOKE: ReflectionSize = { ...REFLECTION, edges: 5, routes: 4 };

export const PRESETS: readonly Preset[] = [
  {
    name: 'federation-500',
    story: '2 clusters x 2 control nodes, 500 vRouters x 20 workloads, 200 tenants over both clusters',
    build: { kind: 'clusters', size: FEDERATION, smoke: FEDERATION_SMOKE },
    phases: ['cold-start'],
    wire: false,
    cost: 'default',
    pathPreference: false,
    budget: { wallSeconds: { goal: 0.8, must: 2 }, rssMegabytes: { goal: 250, must: 400 } },
  },
  {
    name: 'federation-1000',
    story: '2 clusters x 2 control nodes, 1,000 vRouters x 20 workloads, 200 tenants over both clusters',
    build: { kind: 'clusters', size: { ...FEDERATION, vrouters: 1_000 }, smoke: FEDERATION_SMOKE },
    phases: ['cold-start'],
    wire: false,
    cost: 'default',
    pathPreference: false,
    budget: { wallSeconds: { goal: 2, must: 5 }, rssMegabytes: { goal: 400, must: 800 } },
  },
  {
    name: 'seed-100',
    story:
      'the seed federation grown to 100 vRouters: virtual machines here, pods there, 2,000 workloads in 50 networks',
    build: {
      kind: 'clusters',
      size: { ...FEDERATION, vrouters: 100, networks: 50 },
      smoke: { ...FEDERATION_SMOKE, vrouters: 10, workloads: 4, networks: 5 },
    },
    phases: ['cold-start'],
    wire: false,
    cost: 'default',
    pathPreference: true,
    budget: { wallSeconds: { goal: 0.6, must: 1 }, rssMegabytes: { goal: 150, must: 200 } },
  },
  {
    name: 'stretch-10k',
    story: '4 control nodes in one cluster, 10,000 vRouters x 20 workloads, 2,000 networks of 100 workloads each',
    build: {
      kind: 'clusters',
      size: {
        clusters: 1,
        controlNodes: 4,
        vrouters: 10_000,
        workloads: 20,
        networks: 2_000,
        layout: 'dealt',
        gateways: 0,
        federation: false,
      },
      smoke: {
        clusters: 1,
        controlNodes: 4,
        vrouters: 60,
        workloads: 4,
        networks: 8,
        layout: 'dealt',
        gateways: 0,
        federation: false,
      },
    },
    phases: ['cold-start'],
    wire: false,
    cost: 'default',
    pathPreference: false,
    budget: { wallSeconds: { goal: 30, must: 90 }, rssMegabytes: { goal: 4_000, must: 12_000 } },
  },
  {
    name: 'reflect-100',
    story: '2 route reflectors, 100 provider edges x 100 VPN-IPv4 routes, every message as octets',
    build: { kind: 'reflection', size: REFLECTION, smoke: REFLECTION_SMOKE },
    phases: ['cold-start'],
    wire: true,
    cost: 'zero',
    pathPreference: false,
    budget: { cpuSeconds: { goal: 0.4, must: 0.8 }, rssMegabytes: { goal: 250, must: 400 } },
  },
  {
    name: 'silent-loss',
    story: 'one of the 100 provider edges falls silent, hold time 9 s, and its routes are withdrawn from all others',
    build: {
      kind: 'reflection',
      size: { ...REFLECTION, holdTimeSeconds: 9 },
      smoke: { ...REFLECTION_SMOKE, holdTimeSeconds: 9 },
    },
    phases: ['cold-start', 'edge-lost'],
    wire: false,
    cost: 'zero',
    pathPreference: false,
    budget: { lastPhaseSeconds: { goal: 0.05, must: 0.05 } },
  },
];

/** Routes of a tenant, in both clusters together, at every size of {@link GROWTH}. */
const GROWTH_ROUTES = 50;

/** Not a preset but several sizes of one. */
export const GROWTH = {
  name: 'growth',
  story: 'what a delivered route costs as the federation grows, with as many routes for each vRouter at every size',
  vrouters: [250, 500, 1_000, 2_000],
  /** Below so many a vRouter has not as many tenants as workloads, and hears of fewer routes. */
  vroutersMin: GROWTH_ROUTES,
  smoke: [50, 100],
  switches: {
    clusters: FEDERATION.clusters,
    controlNodes: FEDERATION.controlNodes,
    workloads: FEDERATION.workloads,
    routesOfTenant: GROWTH_ROUTES,
    layout: FEDERATION.layout,
    wire: false,
    cost: 'default',
    pathPreference: 'off',
    record: 'messages',
  },
  sizeFor: (vrouters: number): WorldSize => ({
    ...FEDERATION,
    vrouters,
    networks: Math.max(1, Math.round((vrouters * FEDERATION.workloads) / GROWTH_ROUTES)),
  }),
} as const;

export function presetNamed(name: string): Preset | null {
  return PRESETS.find((preset) => preset.name === name) ?? null;
}
