/**
 * Who reaches whom, by the walk of packets over the tables (design: reachable means every ECMP member, request and
 * reply). The question is asked for pairs of endpoints; the reasons are those of the walk.
 */
import { byText } from '../base/order.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import { DEFAULT_TTL, type DropReason, type Exchange, type Fate, type Packet } from '../vrouter/fate.ts';
import { exchangeAll, type Start as WalkStart } from '../vrouter/forward.ts';
import type { Endpoint, Start } from '../world/directory.ts';
import type { World } from '../world/world.ts';
import { hasPorts, mapsPorts, type PortClass, portClasses, SOURCE_PORT } from './ports.ts';

/** Protocol and port; null where any will do. */
export interface PortQuestion {
  readonly protocol: number | null;
  readonly port: number | null;
}

/** What became of the packets of one pair, of the class of protocol and port that got furthest. */
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
  /** Workloads at which requests arrived, and external names, in order. */
  readonly answerers: readonly string[];
  /** Why ways of any class failed, most frequent first; `reply: ` before what happened to an answer. */
  readonly reasons: readonly string[];
  /** One sentence on the first way that failed. */
  readonly detail: string;
}

/** The packet arrives, but not where it was meant for: at another workload, outside, at an agent itself. */
export const ELSEWHERE = 'Elsewhere';

/** What counts as getting far: the reply, or the request alone. */
export type Goal = 'exchange' | 'request';

/**
 * Asks one packet of every class the question leaves open, until one passes on every way: any protocol or port will do
 * where none is said, but it must serve all members.
 */
export function askPair(
  world: World,
  from: Endpoint,
  to: Endpoint,
  question: PortQuestion | null,
  goal: Goal = 'exchange',
): PairAnswer {
  const reasons = new Map<string, number>();
  let furthest: Tally | null = null;
  for (const one of classesOf(world, question)) {
    const tally = askClass(world, from, to, one, reasons);
    if (furthest === null || compareTallies(tally, furthest, goal) > 0) furthest = tally;
    if (passes(furthest, goal) || (tally.requests === 0 && isRouting(world, reasons.keys()))) break;
  }
  const { answerers, ...counts } = furthest ?? newTally();
  return {
    from,
    to,
    ...counts,
    answerers: [...answerers].sort(byText),
    reasons: [...reasons].sort((a, b) => b[1] - a[1] || byText(a[0], b[0])).map(([reason]) => reason),
  };
}

/** What routes, labels and power decide, whatever the protocol and the port: the other classes get no further. */
const ROUTING: ReadonlySet<string> = new Set<DropReason>([
  'IntfErr',
  'VrfErr',
  'NoSrcRt',
  'NoDstRt',
  'Discards',
  'TTL Exceeded',
  'Invalid NH',
  'Invalid Label',
  'Packet Loop',
  'Underlay',
  'No Host',
  'Gateway',
]);

function isRouting(world: World, reasons: Iterable<string>): boolean {
  for (const reason of reasons) {
    if (!ROUTING.has(reason) && (reason !== ELSEWHERE || mapsPorts(world.clusters.values()))) return false;
  }
  return true;
}

/** Every way was good. */
export function passes(answer: Pick<PairAnswer, 'ways' | 'requests' | 'exchanges'>, goal: Goal): boolean {
  const good = goal === 'exchange' ? answer.exchanges : answer.requests;
  return good > 0 && good === answer.ways;
}

/** What one class of packets met. */
interface Tally {
  ways: number;
  requests: number;
  withoutReturn: number;
  exchanges: number;
  readonly answerers: Set<string>;
  detail: string;
}

function newTally(): Tally {
  return { ways: 0, requests: 0, withoutReturn: 0, exchanges: 0, answerers: new Set(), detail: '' };
}

function compareTallies(a: Tally, b: Tally, goal: Goal): number {
  return (
    Number(passes(a, goal)) - Number(passes(b, goal)) ||
    (goal === 'exchange' ? a.exchanges - b.exchanges : 0) ||
    a.requests - b.requests ||
    a.withoutReturn - b.withoutReturn
  );
}

function askClass(
  world: World,
  from: Endpoint,
  to: Endpoint,
  { protocol, port }: PortClass,
  reasons: Map<string, number>,
): Tally {
  const tally = newTally();
  const blame = (reason: string, sentence: string) => {
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    if (tally.detail === '') tally.detail = sentence;
  };
  for (const start of from.starts) {
    const begin = walkStart(world, start);
    for (const destination of to.addresses) {
      for (const source of sourcesOf(world, from, start)) {
        if (begin === null) {
          tally.ways++;
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
          tally.ways++;
          judgeWay(way, to, start, tally, blame);
        }
      }
    }
  }
  return tally;
}

function judgeWay(
  way: Exchange,
  to: Endpoint,
  start: Start,
  tally: Tally,
  blame: (reason: string, sentence: string) => void,
): void {
  const { request, reply } = way;
  if (request.kind === 'dropped') {
    const here = start.kind === 'interface' ? start.host : start.gateway;
    if (request.because === 'NoSrcRt' && request.at !== here) tally.withoutReturn++;
    return blame(request.because, `${request.at}: ${request.detail}`);
  }
  if (!isAnswerer(request, to)) return blame(ELSEWHERE, `it arrives at ${arrival(request)} instead`);
  tally.requests++;
  tally.answerers.add(arrival(request));
  if (reply === null) return blame('reply: none', 'nobody answers');
  if (reply.kind === 'dropped') return blame(`reply: ${reply.because}`, `the reply, ${reply.at}: ${reply.detail}`);
  if (!isBack(reply, start)) return blame(`reply: ${ELSEWHERE}`, `the reply arrives at ${arrival(reply)} instead`);
  tally.exchanges++;
}

type Delivered = Extract<Fate, { kind: 'delivered' }>;

/** Whether who got the packet is who was meant. */
export function isAnswerer(fate: Delivered, to: Endpoint): boolean {
  if (fate.to.kind === 'interface') return to.answeredBy.includes(fate.to.workload);
  return fate.to.kind === 'external' && to.kind === 'external';
}

/** Whether the reply came back to where the request started. */
export function isBack(fate: Delivered, start: Start): boolean {
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
