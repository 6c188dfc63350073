/** Whether a claim holds now, and precisely what was found: one entry a claim. */
import { unreachable } from '../base/invariant.ts';
import { formatDuration, type VirtualUs } from '../base/time.ts';
import { formatIpv4 } from '../net/ipv4.ts';
import { formatPrefix } from '../net/prefix.ts';
import { findingsNow } from '../verify/findings-now.ts';
import { askPair, type PairAnswer, pairsOf, passes } from '../verify/reachability.ts';
import type { Row, RowPath } from '../verify/row.ts';
import { countRows, coveringPrefix, rowOf } from '../verify/rows.ts';
import { traceExchange } from '../verify/trace.ts';
import { type Endpoint, glob } from '../world/directory.ts';
import { sessionStates } from '../world/settle.ts';
import { differencesOf, differencesText, type Snapshot, snapshotOf } from '../world/snapshot.ts';
import type { World } from '../world/world.ts';
import type { Claim, PairsClaim, RowClaim } from './claim.ts';

/** The state of a world at a checkpoint: its hash, and the rows behind it, to tell what differs. */
export interface Checkpoint {
  readonly hash: string;
  readonly rows: Snapshot;
}

export interface JudgeContext {
  readonly world: World;
  readonly federated: readonly (readonly [string, string])[];
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  /** The moment of the last step that did something to the world. */
  readonly acted: VirtualUs;
}

export interface Judgement {
  readonly passed: boolean;
  readonly found: string;
}

export function judge(claim: Claim, context: JudgeContext): Judgement {
  switch (claim.kind) {
    case 'reachable':
      return judgeReachable(claim, context.world);
    case 'unreachable':
      return judgeUnreachable(claim, context.world);
    case 'isolated':
      return judgeIsolated(claim.a, claim.b, context.world);
    case 'converged': {
      const changed = context.world.sim.lastTableChange;
      const took = changed === null ? 0 : Math.max(0, changed - context.acted);
      return { passed: took <= claim.within, found: `took ${formatDuration(took as VirtualUs)}` };
    }
    case 'route':
      return all(
        claim.holders.map((holder) =>
          context.world.sim.isUp(context.world.nodeId(holder.node))
            ? judgeRow(claim.key, claim.row, rowOf(context.world, holder, claim.key), holder.node)
            : { passed: claim.row.absent, found: `${holder.node} has no power` },
        ),
      );
    case 'routes':
      return all(
        claim.holders.map((holder) => {
          const count = countRows(context.world, holder);
          return { passed: count === claim.count, found: `${holder.node} has ${count}` };
        }),
      );
    case 'finding':
      return judgeFinding(claim, context);
    case 'noFindings': {
      const found = findingsNow(context.world, context.federated).filter(
        (one) => claim.finding === null || one.kind === claim.finding,
      );
      return { passed: found.length === 0, found: found.map((one) => one.sentence).join('; ') };
    }
    case 'session':
      return judgeSession(claim.between, claim.state, context.world);
    case 'noted': {
      const times = notesOf(context.world, claim.node, claim.text);
      return {
        passed: claim.times === null ? times > 0 : times === claim.times,
        found: times === 0 ? 'never' : times === 1 ? 'once' : `${times} times`,
      };
    }
    case 'address': {
      const addresses = claim.of.flatMap((endpoint) => endpoint.addresses);
      const passed = addresses.length === claim.is.length && addresses.every((address) => claim.is.includes(address));
      return {
        passed,
        found: passed ? '' : addresses.length === 0 ? 'it has none' : `it has ${addresses.map(formatIpv4).join(', ')}`,
      };
    }
    case 'members': {
      const answer = askPair(context.world, claim.from, claim.to, claim.port);
      const count = answer.answerers.length;
      const failed = answer.ways - answer.exchanges;
      return {
        passed: count === claim.count && failed === 0,
        found: `${count} ${count === 1 ? 'member' : 'members'}${failed === 0 ? '' : `, ${failed} of ${answer.ways} ways fail: ${answer.detail}`}`,
      };
    }
    case 'path': {
      const trace = traceExchange(context.world, claim.from, claim.to, claim.port);
      if (trace === null) return { passed: false, found: `${claim.from.name} cannot send` };
      const { request } = trace.exchange;
      const hosts = request.hops.map((hop) => hop.host).filter((host, i, list) => i === 0 || host !== list[i - 1]);
      const fate = request.kind === 'delivered' ? null : request.because;
      const passed = fate === claim.dropped && hosts.join(' ') === claim.hosts.join(' ');
      const lost = request.kind === 'dropped' ? `, where it is dropped: ${request.because}` : '';
      return { passed, found: passed ? '' : `it crosses ${hosts.join(', ')}${lost}` };
    }
    case 'sameState': {
      const now = context.world.stateHash();
      const before = context.checkpoints.get(claim.checkpoint);
      if (before === undefined) return { passed: false, found: 'the checkpoint was not reached' };
      if (now === before.hash) return { passed: true, found: now };
      const differences = differencesOf(before.rows, snapshotOf(context.world, before.rows));
      return { passed: false, found: `state ${now} is not ${before.hash}: ${differencesText(differences)}` };
    }
    case 'covered': {
      const prefix = coveringPrefix(context.world, claim.agent, claim.instance, claim.address);
      const text = prefix === null ? null : formatPrefix(prefix);
      return {
        passed: text === formatPrefix(claim.by),
        found: text === null ? 'nothing matches it' : `it is matched by ${text}`,
      };
    }
    default:
      return unreachable(claim, 'a claim nobody judges');
  }
}

function all(judgements: readonly Judgement[]): Judgement {
  const wrong = judgements.filter((one) => !one.passed);
  return { passed: wrong.length === 0, found: wrong.map((one) => one.found).join('; ') };
}

function judgeReachable(claim: PairsClaim, world: World): Judgement {
  const pairs = pairsOf(claim.from, claim.to);
  if (pairs.length === 0) return NO_PAIR;
  const goal = claim.oneWay ? 'request' : 'exchange';
  const answers = pairs.map(([from, to]) => askPair(world, from, to, claim.port, goal));
  const failed = answers.filter((answer) => !passes(answer, goal));
  if (failed.length === 0) return { passed: true, found: counted(pairs.length, answers) };
  return { passed: false, found: `${failed.length} of ${pairs.length} pairs do not: ${describe(failed[0]!)}` };
}

const NO_PAIR: Judgement = { passed: false, found: 'there is no pair of two different endpoints' };

function judgeUnreachable(claim: PairsClaim, world: World): Judgement {
  const pairs = pairsOf(claim.from, claim.to);
  if (pairs.length === 0) return NO_PAIR;
  const goal = claim.oneWay ? 'request' : 'exchange';
  const answers = pairs.map(([from, to]) => askPair(world, from, to, claim.port, goal));
  const reached = answers.filter((answer) => (claim.oneWay ? answer.requests : answer.exchanges) > 0);
  if (reached.length > 0) {
    const first = reached[0]!;
    return {
      passed: false,
      found: `${reached.length} of ${pairs.length} pairs do: ${first.from.name} reaches ${first.to.name}`,
    };
  }
  if (claim.reason !== null) {
    const other = answers.find((answer) =>
      answer.reasons.some((reason) => reason !== claim.reason && reason !== `reply: ${claim.reason}`),
    );
    if (other !== undefined) return { passed: false, found: `for another reason: ${describe(other)}` };
  }
  const reasons = [...new Set(answers.flatMap((answer) => answer.reasons))];
  return { passed: true, found: `${pairs.length} pair${pairs.length === 1 ? '' : 's'}: ${reasons.join(', ')}` };
}

function judgeIsolated(a: readonly Endpoint[], b: readonly Endpoint[], world: World): Judgement {
  const pairs = [...pairsOf(a, b), ...pairsOf(b, a)].filter(([from]) => from.starts.length > 0);
  if (pairs.length === 0) return NO_PAIR;
  for (const [from, to] of pairs) {
    const answer = askPair(world, from, to, null, 'request');
    if (answer.requests > 0) return { passed: false, found: `a packet of ${from.name} arrives at ${to.name}` };
  }
  return { passed: true, found: `${pairs.length} pairs` };
}

function describe(answer: PairAnswer): string {
  return `${answer.from.name} to ${answer.to.name}: ${answer.reasons[0] ?? 'no way'}${answer.detail === '' ? '' : ` (${answer.detail})`}`;
}

function counted(pairs: number, answers: readonly PairAnswer[]): string {
  const ways = answers.reduce((sum, answer) => sum + answer.ways, 0);
  return ways === pairs
    ? `${pairs} pair${pairs === 1 ? '' : 's'}`
    : `${pairs} pair${pairs === 1 ? '' : 's'}, ${ways} ways`;
}

function judgeFinding(claim: Extract<Claim, { kind: 'finding' }>, context: JudgeContext): Judgement {
  const findings = findingsNow(context.world, context.federated);
  const match = findings.find(
    (one) =>
      (claim.finding === null || one.kind === claim.finding) &&
      (claim.prefix === null || claim.prefix === '*' || one.prefixes.includes(claim.prefix)) &&
      (claim.target === null || one.target === claim.target) &&
      (claim.instance === null || one.instances.includes(claim.instance)) &&
      claim.networks.every((network) => one.networks.includes(network)) &&
      claim.clusters.every((cluster) => one.clusters.includes(cluster)),
  );
  if (match !== undefined) return { passed: true, found: match.sentence };
  if (findings.length === 0) return { passed: false, found: 'nothing was found' };
  return { passed: false, found: `only this was found: ${findings.map((one) => one.sentence).join('; ')}` };
}

function judgeSession(between: readonly [string, string], state: string, world: World): Judgement {
  const found = sessionStates(world, between);
  if (found.length === 0) return { passed: state === NO_SESSION, found: 'they have no session' };
  return { passed: found.every((one) => one === state), found: `it is ${[...new Set(found)].join(' and ')}` };
}

/** A control node forgets a channel that is closed, and an agent may not be there at all. */
const NO_SESSION = 'none';

function notesOf(world: World, node: string, text: string): number {
  const { recording } = world.sim;
  const own = world.nodeId(node);
  let times = 0;
  for (let row = 0; row < recording.notes.length; row++) {
    const note = recording.noteRow(row);
    if (note.node === own && glob(text, note.text)) times++;
  }
  return times;
}

type Asked = { readonly [K in keyof RowClaim]?: (row: Row, path: RowPath) => unknown };

/** What each member of a claim is compared with. */
const ASKED: Asked = {
  nextHops: (row) => [...new Set(row.paths.slice(0, row.equals).map((path) => formatIpv4(path.nextHop)))],
  paths: (row) => row.paths.length,
  label: (_, path) => path.label,
  localPref: (_, path) => path.localPref,
  med: (_, path) => path.med,
  asPath: (_, path) => path.asPath,
  origin: (_, path) => path.origin,
  originatorId: (_, path) => (path.originatorId === null ? null : formatIpv4(path.originatorId)),
  clusterList: (_, path) => path.clusterList?.map(formatIpv4) ?? null,
  routeTargets: (_, path) => path.routeTargets,
  communities: (_, path) => path.communities,
  securityGroups: (_, path) => path.securityGroups,
  virtualNetwork: (_, path) => path.virtualNetwork,
  sequence: (_, path) => path.sequence,
  encapsulations: (_, path) => path.encapsulations,
  flags: (_, path) => path.flags,
  decidedBy: (row) => row.decidedBy,
};

const ADDRESSES: readonly (keyof RowClaim)[] = ['nextHops', 'originatorId', 'clusterList'];

/** Lists whose order says nothing. */
const UNORDERED: readonly (keyof RowClaim)[] = [
  'nextHops',
  'routeTargets',
  'communities',
  'securityGroups',
  'encapsulations',
  'flags',
];

function judgeRow(key: string, claim: RowClaim, row: Row | null, node: string): Judgement {
  if (row === null || row.paths.length === 0)
    return { passed: claim.absent, found: claim.absent ? '' : `${node} has no ${key}` };
  if (claim.absent) return { passed: false, found: `${node} has it, next hop ${formatIpv4(row.paths[0]!.nextHop)}` };
  const differences: string[] = [];
  for (const [name, read] of Object.entries(ASKED) as [keyof RowClaim, (row: Row, path: RowPath) => unknown][]) {
    const stated = claim[name];
    if (stated === null) continue;
    const wanted = ADDRESSES.includes(name) ? [stated].flat().map((address) => formatIpv4(address as number)) : stated; // addresses are compared as text
    const found = read(row, row.paths[0]!);
    if (textOf(wanted, name) !== textOf(found, name)) differences.push(`${name} ${textOf(found, name) || 'none'}`);
  }
  return {
    passed: differences.length === 0,
    found: differences.length === 0 ? '' : `${node} has ${differences.join(', ')}`,
  };
}

function textOf(value: unknown, name: keyof RowClaim): string {
  if (!Array.isArray(value)) return value === null ? '' : String(value);
  const words = value.map(String);
  return (UNORDERED.includes(name) ? words.sort() : words).join(' ');
}
