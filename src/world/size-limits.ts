/** Which sizes a generated world can have: every number has a range, and addresses must suffice for all together. */
import type { WorldSize } from './generate.ts';
import type { ReflectionSize } from './generate-reflection.ts';

type Range = readonly [least: number, most: number];

/** Hosts of one cluster, by the underlay of each: 172.16.1.0 to 172.16.254.255 and so on. */
const HOSTS_MAX = 65_000;
/** Addresses in 10.0.0.0/8, where the subnets of tenants lie. */
const TENANT_ADDRESSES = 2 ** 24;

const WORLD_RANGES = {
  clusters: [1, 8],
  controlNodes: [1, 200], // of a cluster, below its vRouters: 172.16.0.11 to .210
  vrouters: [1, 8 * HOSTS_MAX],
  workloads: [0, 10_000],
  networks: [1, 65_536],
  gateways: [0, 1_000],
} as const;

const REFLECTION_RANGES = { reflectors: [1, 200], edges: [1, 65_000], routes: [1, 65_000] } as const;

/** What is wrong with the size of a world, in a sentence; null: nothing. */
export function worldSizeFault(size: WorldSize): string | null {
  const outside = outsideOf(WORLD_RANGES, size);
  if (outside !== null) return outside;
  if (size.vrouters > size.clusters * HOSTS_MAX) return `a cluster has addresses for ${HOSTS_MAX} vRouters`;
  if (size.networks * size.clusters * 2 ** hostBitsOf(size) > TENANT_ADDRESSES) {
    return 'the subnets of so many networks and workloads do not fit into 10.0.0.0/8';
  }
  return null;
}

/** The same for reflectors and their edges. */
export function reflectionSizeFault(size: ReflectionSize): string | null {
  return outsideOf(REFLECTION_RANGES, size);
}

function outsideOf<Name extends string>(
  ranges: Readonly<Record<Name, Range>>,
  size: Readonly<Record<NoInfer<Name>, number>>,
): string | null {
  const names = Object.keys(ranges) as Name[]; // the keys of a literal
  for (const name of names) {
    const [least, most] = ranges[name];
    if (size[name] < least || size[name] > most) return `${name} is a number from ${least} to ${most}`;
  }
  return null;
}

/** Address bits of a network's subnet: room for its workloads, gateway and DNS, and /24 at least. */
export function hostBitsOf(size: WorldSize): number {
  const perNetwork = Math.ceil((Math.ceil(size.vrouters / size.clusters) * size.workloads) / size.networks);
  let bits = 8;
  while (2 ** bits < perNetwork + size.workloads + 8) bits++;
  return bits;
}
