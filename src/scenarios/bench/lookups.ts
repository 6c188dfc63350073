/**
 * What lookups in agents' tables must give once a generated world has come up, from its plan alone: who is where, with
 * which address, in which network, and which targets instances import and export. No table of a node is asked for that.
 *
 * A sample of lookups is compared with what the agents answer. A way through a tunnel counts as right when it leads to
 * the right host, by the encapsulation an agent without a list of its own takes (VR-2.5), with a label that leads there
 * to the right interface; the sender has no other way to say which workload is meant (VR-1.7).
 */
import { invariant } from '../../base/invariant.ts';
import type { DerivedCluster, DerivedInterface, DerivedNetwork } from '../../config/derived.ts';
import { formatIpv4, type Ipv4, ipv4 } from '../../net/ipv4.ts';
import { contains } from '../../net/prefix.ts';
import { formatRouteTarget } from '../../net/route-target.ts';
import { NamedStream } from '../../sim/random.ts';
import type { Agent } from '../../vrouter/agent.ts';
import { isForeignPe } from '../../vrouter/fabric.ts';
import { DEFAULT_TTL } from '../../vrouter/fate.ts';
import type { NextHopId } from '../../vrouter/next-hop.ts';
import type { WorldPlan } from '../../world/plan.ts';
import type { World } from '../../world/world.ts';

/** An address looked up in a VRF of an agent. */
export interface Lookup {
  readonly host: string;
  readonly instance: string;
  readonly address: Ipv4;
}

/** How a sample fared. */
export interface LookupsFound {
  readonly asked: number;
  readonly right: number;
  /** The first that was wrong, as a sentence; null when none was. */
  readonly firstWrong: string | null;
}

const NO_VRF = 'there is no such VRF';
const NO_ROUTE = 'no route';
const DISCARDED = 'discarded';
const ANSWERED_HERE = 'answered by the agent itself';
const here = (name: string): string => `the interface ${name}`;
const through = (host: string, what: string): string => `MPLSoGRE to ${host}, with the label of ${what} there`;

/** A workload's interface with its place. */
interface Placed {
  readonly face: DerivedInterface;
  readonly cluster: number;
  readonly host: string;
  readonly home: Home;
}

/** A network as the VRFs of one cluster know it. */
interface Home {
  readonly network: DerivedNetwork;
  readonly imports: ReadonlySet<string>;
  readonly exports: readonly string[];
}

/** Answers from the plan. */
export class LookupOracle {
  private readonly plan: WorldPlan;
  private readonly placed: Placed[] = [];
  private readonly byAddress = new Map<Ipv4, Placed>();
  private readonly byNetwork = new Map<string, Placed[]>();
  /** By cluster: its networks by the names of their instances. */
  private readonly homes: ReadonlyMap<string, Home>[] = [];
  private readonly clusterOf = new Map<string, number>();
  /** By cluster: those it hears of, itself among them, and the gateways that it peers with. */
  private readonly heard: readonly ReadonlySet<number>[];
  private readonly gatewaysOf: readonly ReadonlySet<string>[];

  constructor(plan: WorldPlan) {
    this.plan = plan;
    const clusterNamed = new Map(plan.clusters.map(({ cluster }, index) => [cluster, index]));
    for (const { config, cluster } of plan.agents) this.clusterOf.set(config.name, clusterNamed.get(cluster ?? '')!);
    for (const [index, cluster] of plan.clusters.entries()) {
      const homes = homesOf(cluster);
      this.homes.push(new Map(homes.map((home) => [home.network.instance, home])));
      const homeOf = new Map(homes.map((home) => [home.network.name, home]));
      const faces = new Map(cluster.interfaces.map((face) => [face.name, face]));
      for (const { host, interfaces } of cluster.workloads) {
        for (const name of interfaces) {
          const face = faces.get(name)!;
          this.place({ face, cluster: index, host, home: homeOf.get(face.network)! });
        }
      }
    }
    const clusterOfNode = new Map(plan.controlNodes.map(({ config, cluster }) => [config.name, cluster]));
    const neighboursOf = plan.clusters.map(({ cluster }) =>
      plan.controlNodes.filter((node) => node.cluster === cluster).flatMap(({ config }) => config.neighbours),
    );
    this.heard = neighboursOf.map((neighbours, own) => {
      const names = new Set(neighbours.map(({ name }) => clusterOfNode.get(name)));
      return new Set(plan.clusters.flatMap(({ cluster }, index) => (index === own || names.has(cluster) ? index : [])));
    });
    this.gatewaysOf = neighboursOf.map((neighbours) => new Set(neighbours.map(({ name }) => name)));
  }

  /** So many lookups in the VRFs that agents have: of near and far, of own and foreign, of nobody. Always the same ones. */
  sample(count: number): readonly Lookup[] {
    const chance = new NamedStream(this.plan.seed, 'benchmark', 'lookups');
    const one = <T>(list: readonly T[]): T => list[chance.integer(0, list.length - 1)]!;
    return Array.from({ length: this.placed.length === 0 ? 0 : count }, (_, number) => {
      const asker = one(this.placed);
      const { network } = asker.home;
      const subnet = network.subnets[0]!.prefix;
      const addresses: readonly (() => Ipv4)[] = [
        () => asker.face.addresses[0]!,
        () => one(this.byNetwork.get(network.name)!).face.addresses[0]!,
        () => one(this.byNetwork.get(network.name)!).face.addresses[0]!,
        () => one(this.placed).face.addresses[0]!,
        () => ipv4(subnet.address + chance.integer(0, 2 ** (32 - subnet.length) - 1)),
        () => ipv4(chance.integer(0x0b000000, 0xdfffffff)), // outside of every generated network
      ];
      return { host: asker.host, instance: network.instance, address: addresses[number % addresses.length]!() };
    });
  }

  /** What the lookup must give, in the words of {@link answerOf}. */
  answer({ host, instance, address }: Lookup): string {
    const cluster = this.clusterOf.get(host)!;
    const home = this.homes[cluster]!.get(instance);
    if (home === undefined || !this.byNetwork.get(home.network.name)?.some((one) => one.host === host)) return NO_VRF;
    const owner = this.byAddress.get(address);
    if (owner !== undefined && this.reaches(owner, cluster, home)) {
      const { name } = owner.face;
      return owner.host === host ? here(name) : through(owner.host, name);
    }
    for (const subnet of home.network.subnets) {
      if (subnet.gateway === address || subnet.dns === address) return ANSWERED_HERE;
      if (contains(subnet.prefix, address)) return DISCARDED;
    }
    const ways = this.plan.gateways.flatMap(({ config: { name, instances } }) =>
      instances
        .filter(
          ({ routeTargets }) =>
            this.gatewaysOf[cluster]!.has(name) && importsAny(home, routeTargets.map(formatRouteTarget)),
        )
        .filter(({ external }) => external.some((prefix) => contains(prefix, address)))
        .map((outside) => through(name, outside.name)),
    );
    return ways.length === 0 ? NO_ROUTE : oneOf(ways);
  }

  private place(placed: Placed): void {
    const { face } = placed;
    this.placed.push(placed);
    for (const address of face.addresses) {
      invariant(!this.byAddress.has(address), 'addresses of generated workloads are unique');
      this.byAddress.set(address, placed);
    }
    const others = this.byNetwork.get(face.network);
    if (others === undefined) this.byNetwork.set(face.network, [placed]);
    else others.push(placed);
  }

  /** Whether the route of a workload gets into the instance: its cluster is heard of, and a target is in common. */
  private reaches(owner: Placed, cluster: number, home: Home): boolean {
    return this.heard[cluster]!.has(owner.cluster) && importsAny(home, owner.home.exports);
  }
}

function importsAny({ imports }: Home, exported: readonly string[]): boolean {
  return exported.some((target) => imports.has(target));
}

function homesOf({ networks, instances }: DerivedCluster): readonly Home[] {
  const byName = new Map(instances.map((instance) => [instance.name, instance]));
  return networks.map((network) => {
    const { targets } = byName.get(network.instance)!;
    const imports = targets.filter(({ mark }) => mark !== 'export').map(({ target }) => formatRouteTarget(target));
    const exports = targets.filter(({ mark }) => mark !== 'import').map(({ target }) => formatRouteTarget(target));
    return { network, imports: new Set(imports), exports };
  });
}

function oneOf(ways: readonly string[]): string {
  return ways.length === 1 ? ways[0]! : `one of: ${[...ways].sort().join('; ')}`;
}

/** What an agent's tables give for a lookup, in words. */
export function answerOf(world: World, { host, instance, address }: Lookup): string {
  const agent = world.agent(host);
  const table = agent.tables.vrf(instance)?.table;
  if (table === undefined) return NO_VRF;
  const row = table.longestMatch(address);
  return row < 0 ? NO_ROUTE : wayOf(world, agent, table.nextHopAt(row), table.labelAt(row), address);
}

function wayOf(world: World, agent: Agent, id: NextHopId, label: number, address: Ipv4): string {
  const nextHop = agent.tables.nextHops.get(id);
  switch (nextHop.kind) {
    case 'discard':
      return DISCARDED;
    case 'packet':
      return ANSWERED_HERE;
    case 'interface':
      return here(agent.tables.interfaceOfVif(nextHop.vif)?.config.name ?? 'of nobody');
    case 'tunnel':
      return `${nextHop.encapsulation} to ${world.nameAt(nextHop.to)}, with ${labelAt(world, nextHop.to, label, address)}`;
    case 'composite': {
      const members = nextHop.members.filter((member) => member !== null);
      return oneOf(members.map((member) => wayOf(world, agent, member.nextHop, member.label, address)));
    }
    default:
      return nextHop.kind;
  }
}

/** Whose label it is at the other end. */
function labelAt(world: World, to: Ipv4, label: number, address: Ipv4): string {
  const other = world.endpointAt(to);
  if (other === null) return `the label ${label} of nobody`;
  if (isForeignPe(other)) {
    const packet = { source: address, destination: address, protocol: 0, sourcePort: 0, destinationPort: 0 };
    const receipt = other.receiveLabelled(label, { ...packet, ttl: DEFAULT_TTL });
    return receipt.kind === 'no-label' ? `the unknown label ${label}` : `the label of ${receipt.vrf} there`;
  }
  const { nextHops, labels } = other.tables;
  const nextHop = labels.lookup(label);
  if (nextHop < 0 || !nextHops.isInterface(nextHop)) return `the label ${label}, which leads to no interface there`;
  const name = other.tables.interfaceOfVif(nextHops.vif(nextHop))?.config.name ?? 'nobody';
  return `the label of ${name} there`;
}

/** Compares a sample of a settled world that is as its plan says. */
export function compareLookups(world: World, count: number): LookupsFound {
  const oracle = new LookupOracle(world.plan);
  const lookups = oracle.sample(count);
  let right = 0;
  let firstWrong: string | null = null;
  for (const lookup of lookups) {
    const [found, wanted] = [answerOf(world, lookup), oracle.answer(lookup)];
    if (found === wanted) right++;
    else
      firstWrong ??= `${formatIpv4(lookup.address)} in ${lookup.instance} on ${lookup.host} gives ${found}, not ${wanted}`;
  }
  return { asked: lookups.length, right, firstWrong };
}
