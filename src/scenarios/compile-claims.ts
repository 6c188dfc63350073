/** Expectations as written to claims: selectors become endpoints, tables become holders, words become values. */
import { suggestion } from '../base/nearest.ts';
import type { SourceSpan } from '../base/result.ts';
import type { VirtualUs } from '../base/time.ts';
import { type Ipv4, ipv4, parseIpv4 } from '../net/ipv4.ts';
import { type Ipv4Prefix, parsePrefix } from '../net/prefix.ts';
import { ELSEWHERE } from '../verify/reachability.ts';
import type { TableHolder } from '../verify/rows.ts';
import { DROP_MEANINGS } from '../vrouter/fate.ts';
import type { Endpoint } from '../world/directory.ts';
import type { PlacedClaim } from './action.ts';
import type { Claim, RowClaim } from './claim.ts';
import { knownNodes, type StepContext } from './compile-context.ts';
import { durationOf } from './lower/protocol.ts';
import { parseNetworkReference } from './lower/setting.ts';
import { formatPortWord, type PortWord, parsePortWord } from './ports.ts';
import { CLAIMS, type PlainExpectation } from './schema/expectations.ts';

type Word = Exclude<keyof PlainExpectation, 'name'>;
type Given<W extends Word> = NonNullable<PlainExpectation[W]>;

interface ClaimContext {
  readonly step: StepContext;
  place(...path: PropertyKey[]): SourceSpan;
}

type CompileClaim<W extends Word> = (
  given: Given<W>,
  context: ClaimContext,
) => { readonly claim: Claim; readonly text: string } | null;

/** All claims of a step, or null when any is wrong. */
export function compileExpectations(
  given: readonly PlainExpectation[],
  step: StepContext,
): readonly PlacedClaim[] | null {
  const claims = given.map((expectation, index): PlacedClaim | null => {
    const word = CLAIMS.find((key) => (expectation as Record<string, unknown>)[key] !== undefined) as Word; // the schema has seen to exactly one
    const context: ClaimContext = { step, place: (...path) => step.place('expect', index, word, ...path) };
    const compile = COMPILERS[word] as CompileClaim<Word>; // the table pairs each word with its own argument
    const compiled = compile(expectation[word] as Given<Word>, context);
    if (compiled === null) return null;
    const timing = expectation[word] as { readonly within?: string; readonly at?: string }; // members that some claims have
    const timed = typeof timing === 'object' && !Array.isArray(timing) && word !== 'converged';
    for (const key of ['within', 'at'] as const) {
      if (!timed || timing[key] === undefined || !step.timed) continue;
      return step.wrong(
        context.place(key),
        'two-moments',
        `the step says when to ask, so ${key} cannot stand here; give the claim a step of its own`,
      );
    }
    if (timed && timing.within !== undefined && timing.at !== undefined)
      return step.wrong(context.place('at'), 'two-moments', 'a claim says either within or at');
    return {
      ...compiled,
      text: expectation.name ?? compiled.text,
      at: step.place('expect', index),
      within: timed && timing.within !== undefined ? durationOf(timing.within, 0 as VirtualUs) : null,
      instant: timed && timing.at !== undefined ? durationOf(timing.at, 0 as VirtualUs) : null,
    };
  });
  return claims.every((claim) => claim !== null) ? claims : null;
}

const COMPILERS: { readonly [W in Word]: CompileClaim<W> } = {
  reachable: (given, context) => pairs('reachable', given, null, context),
  unreachable: (given, context) => {
    const reason = given.reason ?? null;
    return knownReason(reason, context, 'reason') ? pairs('unreachable', given, reason, context) : null;
  },
  isolated: (given, context) => {
    const [a, b] = [select([given[0]], context, context.place(0)), select([given[1]], context, context.place(1))];
    return a === null || b === null
      ? null
      : { claim: { kind: 'isolated', a, b }, text: `${given[0]} and ${given[1]} are isolated` };
  },
  converged: (given) => ({
    claim: { kind: 'converged', within: durationOf(given.within, 0 as VirtualUs) },
    text: `converged within ${given.within}`,
  }),
  route: (given, context) => {
    const holders = holdersOf(given, context);
    if (holders === null) return null;
    const row: RowClaim = {
      absent: given.absent ?? false,
      nextHops: given.nextHops?.map(addressOf) ?? null,
      paths: given.paths ?? null,
      label: given.label ?? null,
      localPref: given.localPref ?? null,
      med: given.med ?? null,
      asPath: given.asPath ?? null,
      origin: given.origin ?? null,
      originatorId: given.originatorId === undefined ? null : addressOf(given.originatorId),
      clusterList: given.clusterList?.map(addressOf) ?? null,
      routeTargets: given.routeTargets ?? null,
      communities: given.communities ?? null,
      securityGroups: given.securityGroups ?? null,
      virtualNetwork: given.virtualNetwork ?? null,
      sequence: given.sequence ?? null,
      encapsulations: given.encapsulations ?? null,
      flags: given.flags ?? null,
      decidedBy: given.decidedBy ?? null,
    };
    const where = placeOfRows(given, holders);
    const asked = Object.entries(given)
      .filter(([key]) => !['agent', 'node', 'instance', 'table', 'prefix', 'within', 'at', 'absent'].includes(key))
      .map(([key, value]) => `${key} ${Array.isArray(value) ? value.join(' ') : String(value)}`);
    const text = row.absent
      ? `no ${given.prefix} ${where}`
      : `${given.prefix} ${where}${asked.length > 0 ? `: ${asked.join(', ')}` : ''}`;
    return { claim: { kind: 'route', holders, key: given.prefix, row }, text };
  },
  routes: (given, context) => {
    const holders = holdersOf(given, context);
    return holders === null
      ? null
      : {
          claim: { kind: 'routes', holders, count: given.count },
          text: `${given.count} route${given.count === 1 ? '' : 's'} ${placeOfRows(given, holders)}`,
        };
  },
  finding: (given, context) => {
    if (Object.keys(given).length === 0)
      return context.step.wrong(
        context.place(),
        'empty-claim',
        'say what is to be found: kind, leak, target, networks, clusters or instance',
      );
    const { setting } = context.step;
    const [networks, clusters] = [setting.networkNames(), [...setting.clusters.keys()]];
    const known = [
      ...(given.networks ?? []).map((text, i) => among(text, networks, 'network', context, 'networks', i)),
      ...(given.clusters ?? []).map((text, i) => among(text, clusters, 'cluster', context, 'clusters', i)),
      ...(given.instance === undefined ? [] : [among(given.instance, networks, 'instance', context, 'instance')]),
    ];
    if (known.includes(false)) return null;
    const claim: Claim = {
      kind: 'finding',
      finding: given.kind ?? (given.leak === undefined ? null : 'leak'),
      prefix: given.leak ?? null,
      target: given.target ?? null,
      networks: given.networks ?? [],
      clusters: given.clusters ?? [],
      instance: given.instance ?? null,
    };
    const words = Object.entries(given).map(
      ([key, value]) => `${key} ${Array.isArray(value) ? value.join(' and ') : String(value)}`,
    );
    return { claim, text: `found: ${words.join(', ')}` };
  },
  noFindings: (given) => {
    const finding = given === true ? null : given.kind;
    return {
      claim: { kind: 'noFindings', finding },
      text: finding === null ? 'no findings' : `no ${finding} is found`,
    };
  },
  session: (given, context) => {
    if (!knownNodes(given.between, context.step, context.place('between'))) return null;
    return {
      claim: { kind: 'session', between: given.between, state: given.state },
      text: `the session of ${given.between.join(' and ')} is ${given.state}`,
    };
  },
  noted: (given, context) => {
    if (!knownNodes([given.node], context.step, context.place('node'))) return null;
    const times = given.times ?? null;
    const often = times === null ? '' : times === 1 ? ' once' : ` ${times} times`;
    return {
      claim: { kind: 'noted', node: given.node, text: given.text, times },
      text: `${given.node} noted${often}: ${given.text}`,
    };
  },
  address: (given, context) => {
    const of = select([given.of], context, context.place('of'));
    if (of === null) return null;
    const is = (Array.isArray(given.is) ? given.is : [given.is]).map(addressOf);
    return {
      claim: { kind: 'address', of, is },
      text: `${given.of} has ${Array.isArray(given.is) ? given.is.join(', ') : given.is}`,
    };
  },
  members: (given, context) => {
    const [from, to] = [one(given.from, context, 'from'), one(given.to, context, 'to')];
    if (from === null || to === null) return null;
    const port = portOf(given.port);
    return {
      claim: { kind: 'members', from, to, port, count: given.count },
      text: `${given.from} finds ${given.count} ${given.count === 1 ? 'member' : 'members'} behind ${given.to}`,
    };
  },
  path: (given, context) => {
    const [from, to] = [one(given.from, context, 'from'), one(given.to, context, 'to')];
    const right = knownNodes(given.hosts, context.step, context.place('hosts'));
    if (!knownReason(given.dropped ?? null, context, 'dropped') || !right || from === null || to === null) return null;
    return {
      claim: { kind: 'path', from, to, port: portOf(given.port), hosts: given.hosts, dropped: given.dropped ?? null },
      text: `${given.from} to ${given.to} crosses ${given.hosts.join(', ')}${given.dropped === undefined ? '' : ` and is dropped: ${given.dropped}`}`,
    };
  },
  sameState: (given, context) => {
    if (!context.step.checkpoints.has(given)) {
      return context.step.wrong(
        context.place(),
        'unknown-checkpoint',
        `there is no checkpoint ${given} before this step${suggestion(given, [...context.step.checkpoints])}`,
      );
    }
    return { claim: { kind: 'sameState', checkpoint: given }, text: `the state is that of checkpoint ${given}` };
  },
  covered: (given, context) => {
    if (!knownNodes([given.agent], context.step, context.place('agent'))) return null;
    const instance = knownInstance(given.instance, context);
    if (instance === null) return null;
    if (context.step.setting.kinds.get(given.agent) !== 'agent')
      return context.step.wrong(context.place('agent'), 'wrong-kind', `${given.agent} is no agent`);
    const claim: Claim = {
      kind: 'covered',
      agent: given.agent,
      instance,
      address: addressOf(given.address),
      by: parsePrefix(given.by) as Ipv4Prefix,
    }; // the schema has read it
    return { claim, text: `${given.address} is matched by ${given.by} in ${given.instance} on ${given.agent}` };
  },
};

function knownReason(reason: string | null, context: ClaimContext, key: string): boolean {
  const known = [...Object.keys(DROP_MEANINGS), ELSEWHERE];
  if (reason === null || known.includes(reason)) return true;
  const others = suggestion(reason, known) || `; they are ${known.join(', ')}`;
  context.step.wrong(context.place(key), 'unknown-reason', `${reason} is no drop reason${others}`);
  return false;
}

function among(
  text: string,
  known: readonly string[],
  kind: string,
  context: ClaimContext,
  ...path: PropertyKey[]
): boolean {
  if (known.includes(text)) return true;
  context.step.wrong(
    context.place(...path),
    `unknown-${kind}`,
    `there is no ${kind} ${text}${suggestion(text, known)}`,
  );
  return false;
}

function pairs(
  kind: 'reachable' | 'unreachable',
  given: { from: string | string[]; to: string | string[]; port?: string | undefined; oneWay?: boolean | undefined },
  reason: string | null,
  context: ClaimContext,
): { readonly claim: Claim; readonly text: string } | null {
  const from = select([given.from].flat(), context, context.place('from'));
  const to = select([given.to].flat(), context, context.place('to'));
  if (from === null || to === null) return null;
  const port = portOf(given.port);
  const senders = from.filter((endpoint) => endpoint.starts.length > 0);
  if (senders.length === 0)
    return context.step.wrong(
      context.place('from'),
      'no-sender',
      `${[given.from].flat().join(', ')} sends no packets of its own`,
    );
  const oneWay = given.oneWay ?? false;
  const verb = kind === 'reachable' ? (oneWay ? 'sends to' : 'reaches') : 'does not reach';
  const text = `${[given.from].flat().join(', ')} ${verb} ${[given.to].flat().join(', ')}${port === null ? '' : ` ${formatPortWord(port)}`}${reason === null ? '' : `: ${reason}`}`;
  return { claim: { kind, from: senders, to, port, oneWay, reason }, text };
}

function select(selectors: readonly string[], context: ClaimContext, at: SourceSpan): readonly Endpoint[] | null {
  const found: Endpoint[] = [];
  let right = true;
  for (const selector of selectors) {
    const result = context.step.setting.directory.select(selector);
    if (typeof result === 'string') {
      context.step.wrong(at, 'no-match', result);
      right = false;
    } else found.push(...result.filter((endpoint) => !found.includes(endpoint)));
  }
  return right ? found : null;
}

function one(selector: string, context: ClaimContext, key: string): Endpoint | null {
  const found = select([selector], context, context.place(key));
  if (found === null) return null;
  if (found.length === 1) return found[0]!;
  return context.step.wrong(
    context.place(key),
    'no-match',
    `${selector} means ${found.length} things; one is wanted here`,
  );
}

function portOf(text: string | undefined): PortWord | null {
  return text === undefined ? null : parsePortWord(text);
}

function addressOf(text: string): Ipv4 {
  return parseIpv4(text) ?? ipv4(0);
}

/** `cluster/project/network` stands for the network's instance; anything else is the instance's own name. */
function knownInstance(text: string, context: ClaimContext): string | null {
  const { setting } = context.step;
  if (text.includes('/')) {
    const reference = parseNetworkReference(text, setting);
    if (typeof reference === 'string')
      return context.step.wrong(context.place('instance'), 'unknown-network', reference);
    return `${reference.name}:${reference.name.slice(reference.name.lastIndexOf(':') + 1)}`;
  }
  const known = setting.instanceNames();
  if (known.includes(text)) return text;
  return context.step.wrong(
    context.place('instance'),
    'unknown-instance',
    `there is no instance called ${text}${suggestion(text, known)}`,
  );
}

function holdersOf(
  given: {
    agent?: string | string[] | undefined;
    node?: string | string[] | undefined;
    instance?: string | undefined;
    table?: string | undefined;
  },
  context: ClaimContext,
): readonly TableHolder[] | null {
  const { step } = context;
  if ((given.agent === undefined) === (given.node === undefined)) {
    return step.wrong(context.place(), 'no-holder', 'say whose table is asked: agent or node');
  }
  const names = [given.agent ?? given.node ?? []].flat();
  const word = given.agent === undefined ? 'node' : 'agent';
  if (!knownNodes(names, step, context.place(word))) return null;
  const other = names.find((name) => (step.setting.kinds.get(name) === 'agent') !== (word === 'agent'));
  if (other !== undefined) {
    const sentence =
      word === 'agent' ? `${other} is no agent; say node: ${other}` : `${other} is an agent; say agent: ${other}`;
    return step.wrong(context.place(word), 'wrong-kind', sentence);
  }
  if (given.agent !== undefined) {
    if (given.instance === undefined)
      return step.wrong(context.place(), 'no-table', "an agent's route stands in an instance: say which");
    const table = knownInstance(given.instance, context);
    if (table === null) return null;
    return names.map((node) => ({ kind: 'agent', node, table }));
  }
  const holders = names.map((node) => holderOf(node, given, context));
  return holders.every((holder) => holder !== null) ? holders : null;
}

/** `in blue on a, b`; a speaker has one table, which needs no name. */
function placeOfRows(
  given: { instance?: string | undefined; table?: string | undefined },
  holders: readonly TableHolder[],
): string {
  const table = given.instance ?? given.table;
  return `${table === undefined ? '' : `in ${table} `}on ${holders.map((holder) => holder.node).join(', ')}`;
}

/** Tables of a control node that belong to no instance. */
const COMMON_TABLES = ['bgp.l3vpn.0', 'bgp.rtarget.0', 'inet.0'];

function holderOf(
  node: string,
  given: { instance?: string | undefined; table?: string | undefined },
  context: ClaimContext,
): TableHolder | null {
  const { step } = context;
  const kind = step.setting.kinds.get(node);
  if (kind === 'speaker') return { kind, node, table: '' };
  if (kind === 'gateway') {
    const vrfs = step.setting.gatewayInstances(node);
    if (given.instance === undefined || vrfs.includes(given.instance))
      return { kind, node, table: given.instance ?? '' };
    const sentence = `${node} has no instance ${given.instance}${suggestion(given.instance, vrfs)}`;
    return step.wrong(context.place('instance'), 'unknown-instance', sentence);
  }
  if (given.table !== undefined) {
    const known = [...COMMON_TABLES, ...step.setting.instanceNames().map((name) => `${name}.inet.0`)];
    if (known.includes(given.table)) return { kind: 'control-node', node, table: given.table };
    return step.wrong(
      context.place('table'),
      'unknown-table',
      `there is no table ${given.table}${suggestion(given.table, known)}`,
    );
  }
  if (given.instance === undefined)
    return step.wrong(context.place(), 'no-table', "a control node's route stands in a table: say table or instance");
  const instance = knownInstance(given.instance, context);
  return instance === null ? null : { kind: 'control-node', node, table: `${instance}.inet.0` };
}
