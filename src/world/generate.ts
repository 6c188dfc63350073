/**
 * Worlds from a few numbers: clusters of equal size with tenants dealt or packed over their vRouters, for questions of
 * capacity. Each tenant has a network in every cluster; a configured target joins them where clusters are federated.
 *
 * Policy is on: each network has a security group that its workloads are in as OpenStack's default group (members reach each
 * other, everything may leave).
 */
import { invariant } from '../base/invariant.ts';
import { type VirtualUs, virtualUs } from '../base/time.ts';
import type {
  DerivedCluster,
  DerivedInstance,
  DerivedInterface,
  DerivedNetwork,
  DerivedSecurityGroup,
  DerivedWorkload,
} from '../config/derived.ts';
import { FIRST_GROUP_ID, targetRange } from '../config/numbers.ts';
import type { ControlNodeConfig, NeighbourConfig, RouterType } from '../control/control-config.ts';
import type { GatewayConfig } from '../gateway/gateway-config.ts';
import { type Ipv4, ipv4 } from '../net/ipv4.ts';
import type { Mac } from '../net/mac.ts';
import { prefixOf } from '../net/prefix.ts';
import { type RouteTarget, routeTargetOf } from '../net/route-target.ts';
import type { AccessList } from '../policy/access-list.ts';
import type { AgentConfig } from '../vrouter/agent-config.ts';
import { DEFAULT_FAMILIES, PLAIN_CONTROL_NODE, PLAIN_NEIGHBOUR } from './defaults.ts';
import type { PlacedNode, WorldPlan } from './plan.ts';
import { hostBitsOf, worldSizeFault } from './size-limits.ts';

/**
 * `dealt`: neighbouring workloads belong to different tenants, so a tenant is spread as widely as it can be and each
 * vRouter hears of as many as it has workloads. `packed`: a tenant fills one vRouter before it begins another.
 */
export type Layout = 'dealt' | 'packed';

export interface WorldSize {
  readonly clusters: number;
  /** In each cluster. */
  readonly controlNodes: number;
  /** In all clusters together, dealt to them evenly. */
  readonly vrouters: number;
  /** On each vRouter. */
  readonly workloads: number;
  /** Tenants; each has a network in every cluster. */
  readonly networks: number;
  readonly layout: Layout;
  /** Each peers with every control node and imports the targets of the first network. */
  readonly gateways: number;
  /** Clusters are joined: sessions in full mesh, one configured target for each tenant. */
  readonly federation: boolean;
}

export interface WorldSwitches {
  readonly seed: number;
  readonly wire: boolean;
  readonly routeLevelRecord: boolean;
  readonly costs: WorldPlan['costs'];
  readonly ways: WorldPlan['ways'];
  readonly pathPreference: boolean;
  /** The vRouters start one after the other within so long. */
  readonly stagger: VirtualUs;
  readonly holdTimeSeconds: number;
  readonly xmppHoldTimeSeconds: number;
}

const FIRST_CLUSTER_ASN = 64512;
const GATEWAY_ASN = 65000;
const FIRST_SHARED_TARGET = 10_000;
const ANY = { kind: 'any' } as const;
const NO_LABELS = {};

/** Names that the parts of a generated world bear, so that phases can speak of them. */
export const clusterName = (cluster: number): string => `cluster-${cluster + 1}`;
export const controlNodeName = (cluster: number, index: number): string => `control-${cluster + 1}-${index + 1}`;
export const vrouterName = (index: number): string => `vrouter-${index + 1}`;
export const networkName = (tenant: number): string => `default-domain:tenant-${tenant + 1}:net-${tenant + 1}`;

/** The cluster of a vRouter: they take turns. */
export function clusterOfVrouter(size: WorldSize, vrouter: number): number {
  return vrouter % size.clusters;
}

/** The tenant of the `which`th workload of a vRouter. Every cluster is given the same deal. */
export function tenantOf(size: WorldSize, vrouter: number, which: number): number {
  const place = Math.floor(vrouter / size.clusters) * size.workloads + which;
  if (size.layout === 'dealt') return place % size.networks;
  const hosts = Math.ceil(size.vrouters / size.clusters);
  return Math.floor((place * size.networks) / (hosts * size.workloads));
}

export function generateWorld(size: WorldSize, switches: WorldSwitches): WorldPlan {
  const fault = worldSizeFault(size);
  invariant(fault === null, fault ?? '');
  const clusters = Array.from({ length: size.clusters }, (_, cluster) => clusterOf(size, cluster));
  const controlNodes = Array.from({ length: size.clusters }, (_, cluster) =>
    Array.from({ length: size.controlNodes }, (_, index) => controlNodeOf(size, switches, cluster, index)),
  ).flat();
  return {
    seed: switches.seed,
    wire: switches.wire,
    routeLevelRecord: switches.routeLevelRecord,
    costs: switches.costs,
    ways: switches.ways,
    links: [],
    clusters,
    controlNodes,
    agents: Array.from({ length: size.vrouters }, (_, vrouter) => agentOf(size, switches, vrouter)),
    gateways: Array.from({ length: size.gateways }, (_, index) => gatewayOf(size, switches, index)),
    speakers: [],
  };
}

// Nodes

function controlNodeAddress(cluster: number, index: number): Ipv4 {
  return ipv4(0xac100000 + cluster * 65_536 + 11 + index); // 172.16.0.11, ...; 172.17.0.11, ...
}

function vrouterAddress(size: WorldSize, vrouter: number): Ipv4 {
  return ipv4(0xac100000 + (vrouter % size.clusters) * 65_536 + 256 + Math.floor(vrouter / size.clusters));
}

function gatewayAddress(index: number): Ipv4 {
  return ipv4(0xac1f0001 + index); // 172.31.0.1, ...
}

function controlNodeOf(
  size: WorldSize,
  switches: WorldSwitches,
  cluster: number,
  index: number,
): PlacedNode<ControlNodeConfig> {
  const neighbours: NeighbourConfig[] = [];
  const add = (name: string, address: Ipv4, asn: number, type: RouterType) =>
    neighbours.push({ ...PLAIN_NEIGHBOUR, families: DEFAULT_FAMILIES, name, address, asn, type });
  for (let other = 0; other < size.clusters; other++) {
    if (other !== cluster && !size.federation) continue;
    for (let peer = 0; peer < size.controlNodes; peer++) {
      if (other === cluster && peer === index) continue;
      const type = other === cluster ? 'control-node' : 'external-control-node';
      add(controlNodeName(other, peer), controlNodeAddress(other, peer), FIRST_CLUSTER_ASN + other, type);
    }
  }
  for (let gateway = 0; gateway < size.gateways; gateway++) {
    add(`gateway-${gateway + 1}`, gatewayAddress(gateway), GATEWAY_ASN, 'router');
  }
  const address = controlNodeAddress(cluster, index);
  return {
    cluster: clusterName(cluster),
    config: {
      ...PLAIN_CONTROL_NODE,
      name: controlNodeName(cluster, index),
      address,
      routerId: address,
      asn: FIRST_CLUSTER_ASN + cluster,
      holdTimeSeconds: switches.holdTimeSeconds,
      xmppHoldTimeSeconds: switches.xmppHoldTimeSeconds,
      neighbours,
    },
  };
}

function agentOf(size: WorldSize, switches: WorldSwitches, vrouter: number): PlacedNode<AgentConfig> {
  const cluster = clusterOfVrouter(size, vrouter);
  return {
    cluster: clusterName(cluster),
    config: {
      name: vrouterName(vrouter),
      address: vrouterAddress(size, vrouter),
      controlNodes: Array.from({ length: size.controlNodes }, (_, index) => controlNodeAddress(cluster, index)),
      encapsulationPriorities: [],
      xmppHoldTimeSeconds: switches.xmppHoldTimeSeconds,
      pathPreference: switches.pathPreference,
      bare: false,
      startDelay: virtualUs(Math.floor((switches.stagger * vrouter) / size.vrouters)),
      quirks: {},
    },
  };
}

function gatewayOf(size: WorldSize, switches: WorldSwitches, index: number): PlacedNode<GatewayConfig> {
  const address = gatewayAddress(index);
  const peers = Array.from({ length: size.clusters }, (_, cluster) =>
    Array.from({ length: size.controlNodes }, (_, node) => ({
      name: controlNodeName(cluster, node),
      address: controlNodeAddress(cluster, node),
      asn: FIRST_CLUSTER_ASN + cluster,
    })),
  ).flat();
  return {
    cluster: null,
    config: {
      name: `gateway-${index + 1}`,
      address,
      routerId: address,
      asn: GATEWAY_ASN,
      holdTimeSeconds: switches.holdTimeSeconds,
      transit: false,
      encapsulations: ['gre', 'udp'],
      peers,
      instances: [{ name: 'public', index: 1, routeTargets: [sharedTarget(0)], external: [prefixOf(ipv4(0), 0)] }],
    },
  };
}

// Contents

/** The target that joins the networks of a tenant, and the network of the first one with the gateways. */
export function sharedTarget(tenant: number): RouteTarget {
  return routeTargetOf(FIRST_CLUSTER_ASN, FIRST_SHARED_TARGET + tenant);
}

function clusterOf(size: WorldSize, cluster: number): DerivedCluster {
  const name = clusterName(cluster);
  const asn = FIRST_CLUSTER_ASN + cluster;
  const tenants = Array.from({ length: size.networks }, (_, tenant) => tenantNames(tenant));
  const interfaces: DerivedInterface[] = [];
  const workloads: DerivedWorkload[] = [];
  const kind = cluster % 2 === 0 ? 'vm' : 'pod';
  const hostBits = hostBitsOf(size);
  const given = new Int32Array(size.networks);
  for (let vrouter = cluster; vrouter < size.vrouters; vrouter += size.clusters) {
    const host = vrouterName(vrouter);
    for (let which = 0; which < size.workloads; which++) {
      const tenant = tenantOf(size, vrouter, which);
      const place = given[tenant]!++;
      const made = workloadOf(size, cluster, tenants[tenant]!, host, place, hostBits, kind);
      interfaces.push(made.face);
      workloads.push(made.workload);
    }
  }
  return {
    cluster: name,
    asn,
    networks: tenants.map((tenant) => networkOf(size, cluster, tenant, hostBits)),
    instances: tenants.map((tenant) => instanceOf(size, asn, tenant)),
    securityGroups: tenants.map(securityGroupOf),
    interfaces,
    floatingIps: [],
    workloads,
    services: [],
  };
}

/** A tenant and what its parts are called, said once for all that speak of them. */
interface Tenant {
  readonly tenant: number;
  readonly project: string;
  readonly network: string;
  readonly instance: string;
  readonly group: string;
  /** The groups of its workloads. */
  readonly groups: readonly string[];
}

function tenantNames(tenant: number): Tenant {
  const project = `tenant-${tenant + 1}`;
  const network = networkName(tenant);
  const group = `default-domain:${project}:default`;
  return { tenant, project, network, instance: `${network}:net-${tenant + 1}`, group, groups: [group] };
}

function subnetAddress(size: WorldSize, cluster: number, tenant: number, hostBits: number): number {
  return 0x0a000000 + (tenant * size.clusters + cluster) * 2 ** hostBits;
}

function networkOf(size: WorldSize, cluster: number, names: Tenant, hostBits: number): DerivedNetwork {
  const { tenant, network: name, instance } = names;
  const base = subnetAddress(size, cluster, tenant, hostBits);
  return {
    name,
    uuid: '',
    id: tenant + 1,
    system: false,
    instance,
    subnets: [
      {
        prefix: prefixOf(ipv4(base), 32 - hostBits),
        gateway: ipv4(base + 1),
        dns: ipv4(base + 2),
        order: 'ascending',
        pools: [],
        uuid: '',
        at: null,
      },
    ],
    accessList: null,
    external: false,
    at: null,
  };
}

function instanceOf(size: WorldSize, asn: number, { tenant, network, instance }: Tenant): DerivedInstance {
  const own = routeTargetOf(asn, targetRange(asn).start + 1 + tenant);
  const targets = [{ target: own, mark: 'both' as const, automatic: true, at: null }];
  const isShared = (size.federation && size.clusters > 1) || (size.gateways > 0 && tenant === 0);
  return {
    name: instance,
    network,
    targets: isShared
      ? [...targets, { target: sharedTarget(tenant), mark: 'both' as const, automatic: false, at: null }]
      : targets,
    connections: [],
  };
}

function securityGroupOf({ tenant, group: name }: Tenant): DerivedSecurityGroup {
  const id = FIRST_GROUP_ID + tenant;
  const list = (from: 'group' | 'any'): AccessList => ({
    name,
    entries: [
      {
        rule: from === 'group' ? 'members' : 'everything',
        source: from === 'group' ? { kind: 'group', id } : ANY,
        destination: ANY,
        protocol: null,
        sourcePorts: [],
        destinationPorts: [],
        direction: '>',
        action: 'pass',
        at: null,
      },
    ],
  });
  return { name, id, ingress: list('group'), egress: list('any'), at: null };
}

function workloadOf(
  size: WorldSize,
  cluster: number,
  { tenant, project, network, groups }: Tenant,
  host: string,
  place: number,
  hostBits: number,
  kind: 'vm' | 'pod',
): { readonly face: DerivedInterface; readonly workload: DerivedWorkload } {
  const name = `${kind}-${tenant + 1}-${place + 1}`;
  const key = `${kind}:${project}/${name}`;
  const face: DerivedInterface = {
    name: `default-domain:${project}:${name}`,
    uuid: '',
    network,
    mac: (0x02_00_00_00_00_00 + cluster * 2 ** 32 + tenant * 2 ** 16 + place) as Mac, // 48 bits: 8 clusters, 65,536 tenants
    addresses: [ipv4(subnetAddress(size, cluster, tenant, hostBits) + 3 + place)],
    mode: 'active-standby',
    securityGroups: groups,
    portSecurity: true,
    policyEnabled: true,
    workload: key,
    at: null,
  };
  const workload: DerivedWorkload = {
    key,
    kind,
    name,
    project,
    uuid: '',
    host,
    placement: 'asked',
    interfaces: [face.name],
    labels: NO_LABELS,
    at: null,
  };
  return { face, workload };
}
