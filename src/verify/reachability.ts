/**
 * Who reaches whom, by the walk of packets over the tables (design: reachable means every ECMP member, request and
 * reply). The question is asked for pairs of endpoints; the reasons are those of the walk.
 */
import type { Ipv4 } from '../net/ipv4.ts';
import { DEFAULT_TTL, type Exchange, type Fate, type Packet } from '../vrouter/fate.ts';
import { exchangeAll, type Start as WalkStart } from '../vrouter/forward.ts';
import type { Endpoint, Start } from '../world/directory.ts';
import type { World } from '../world/world.ts';
import { hasPorts, type PortClass, portClasses, SOURCE_PORT } from './ports.ts';

/** Protocol and port; null where any will do. */
export interface PortQuestion {
  readonly protocol: number | null;
  readonly port: number | null;
}

/** What became of the packets of one pair. */
export interface PairAnswer {
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** Ways there are, all members of all groups counted. */
  readonly ways: number;
  /** Ways on which the request arrived at who may answer. */
  readonly requests: number;
  /** Ways on which the request came as far as another host, which knows no way back to the sender (VR-4.7/3). */
  readonly withoutReturn: number;
  /** Ways on which the reply came back too. */
  readonly exchanges: number;
  /** Why ways failed, most frequent first; `reply: ` before what happened to an answer. */
  readonly reasons: readonly string[];
  /** One sentence on the first way that failed. */
  readonly detail: string;
}

/** The packet arrives, but not where it was meant for: at another workload, outside, at an agent itself. */
export const ELSEWHERE = 'Elsewhere';

/** Every packet of the pair that the question leaves open must be asked, or one is enough. */
export type Scope = 'every class' | 'until one passes';

export function askPair(
  world: World,
  from: Endpoint,
  to: Endpoint,
  question: PortQuestion | null,
  scope: Scope,
): PairAnswer {
  const counts = { ways: 0, requests: 0, withoutReturn: 0, exchanges: 0 };
  const reasons = new Map<string, number>();
  let detail = '';
  const blame = (reason: string, sentence: string) => {
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    if (detail === '') detail = sentence;
  };
  for (const { protocol, port } of classesOf(world, question)) {
    for (const start of from.starts) {
      for (const destination of to.addresses) {
        for (const source of sourcesOf(world, from, start)) {
          const begin = walkStart(world, start);
          if (begin === null) {
            counts.ways++;
            blame('No Host', `the host of ${from.name} has no power`);
            continue;
          }
          const packet: Packet = {
            source,
            destination,
            protocol,
            sourcePort: hasPorts(protocol) ? SOURCE_PORT : 0,
            destinationPort: port,
            ttl: DEFAULT_TTL,
          };
          for (const way of exchangeAll(world, begin, packet, { hops: false })) {
            counts.ways++;
            judgeWay(way, to, start, counts, blame);
          }
        }
      }
    }
    if (scope === 'until one passes' && counts.exchanges > 0) break;
  }
  return {
    from,
    to,
    ...counts,
    reasons: [...reasons].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([reason]) => reason),
    detail,
  };
}

function judgeWay(
  way: Exchange,
  to: Endpoint,
  start: Start,
  counts: { requests: number; withoutReturn: number; exchanges: number },
  blame: (reason: string, sentence: string) => void,
): void {
  const { request, reply } = way;
  if (request.kind === 'dropped') {
    const here = start.kind === 'interface' ? start.host : start.gateway;
    if (request.because === 'NoSrcRt' && request.at !== here) counts.withoutReturn++;
    return blame(request.because, `${request.at}: ${request.detail}`);
  }
  if (!isAnswerer(request, to)) return blame(ELSEWHERE, `it arrives at ${arrival(request)} instead`);
  counts.requests++;
  if (reply === null) return blame('reply: none', 'nobody answers');
  if (reply.kind === 'dropped') return blame(`reply: ${reply.because}`, `the reply, ${reply.at}: ${reply.detail}`);
  if (!isBack(reply, start)) return blame(`reply: ${ELSEWHERE}`, `the reply arrives at ${arrival(reply)} instead`);
  counts.exchanges++;
}

type Delivered = Extract<Fate, { kind: 'delivered' }>;

function isAnswerer(fate: Delivered, to: Endpoint): boolean {
  if (fate.to.kind === 'interface') return to.answeredBy.includes(fate.to.workload);
  return fate.to.kind === 'external' && to.kind === 'external';
}

function isBack(fate: Delivered, start: Start): boolean {
  if (start.kind === 'interface') return fate.to.kind === 'interface' && fate.to.interface === start.interface;
  return fate.to.kind === 'external' && fate.to.gateway === start.gateway;
}

function arrival(fate: Delivered): string {
  if (fate.to.kind === 'interface') return fate.to.workload;
  return fate.to.kind === 'agent' ? `the agent of ${fate.to.host}` : `the outside of ${fate.to.gateway}`;
}

function classesOf(world: World, question: PortQuestion | null): readonly PortClass[] {
  if (question !== null && question.protocol !== null && (question.port !== null || !hasPorts(question.protocol))) {
    return [{ protocol: question.protocol, port: question.port ?? 0 }];
  }
  const all = portClasses(world.clusters.values());
  return question === null || question.protocol === null
    ? all
    : all.filter((one) => one.protocol === question.protocol);
}

/** The addresses a packet of the endpoint has as its source: those of the interface it leaves by. */
function sourcesOf(world: World, from: Endpoint, start: Start): readonly Ipv4[] {
  if (start.kind === 'gateway' || from.starts.length === 1) return from.addresses.slice(0, 1);
  const face = world.agents.get(start.host)?.tables.interface(start.interface);
  return face?.config.addresses.slice(0, 1) ?? from.addresses.slice(0, 1);
}

/** Where the walk begins; null when the host has no power. */
export function walkStart(world: World, start: Start): WalkStart | null {
  const node = start.kind === 'interface' ? start.host : start.gateway;
  if (world.sim.underlay.power(world.nodeId(node)) === 'crashed') return null;
  if (start.kind === 'interface')
    return { kind: 'interface', agent: world.agent(start.host), interface: start.interface };
  const gateway = world.gateways.get(start.gateway);
  return gateway === undefined ? null : { kind: 'gateway', gateway, vrf: start.vrf };
}

/** All pairs of two sets, an endpoint with itself left out. */
export function pairsOf(from: readonly Endpoint[], to: readonly Endpoint[]): (readonly [Endpoint, Endpoint])[] {
  return from.flatMap((one) => to.filter((other) => other.name !== one.name).map((other) => [one, other] as const));
}
