/**
 * Steps as written to steps that can be played: names become nodes and endpoints, changes of intent become derived
 * configuration, series become prefixes. Everything that can be wrong is found here, before anything is played.
 */
import { byText } from '../base/order.ts';
import { type Diagnostic, fault } from '../base/result.ts';
import { seconds, type VirtualUs } from '../base/time.ts';
import type { Directory } from '../world/directory.ts';
import type { CompiledStep } from './action.ts';
import { CHANGE_VERBS } from './compile-changes.ts';
import { compileExpectations } from './compile-claims.ts';
import { type Compile, type Given, knownNodes, type StepContext, type Verb } from './compile-context.ts';
import { PROTOCOL_VERBS } from './compile-protocol.ts';
import { inOrder } from './fault-order.ts';
import { type LoadedScenario, placeOfPart } from './load.ts';
import { durationOf } from './lower/protocol.ts';
import type { Setting } from './lower/setting.ts';
import type { Scenario } from './schema/scenario.ts';
import { type PlainStep, VERBS } from './schema/steps.ts';

export const SETTLE_LIMIT = seconds(600);

export interface CompiledScenario {
  readonly steps: readonly CompiledStep[];
  readonly faults: readonly Diagnostic[];
}

export function compileScenario(loaded: LoadedScenario, setting: Setting): CompiledScenario {
  const faults: Diagnostic[] = [];
  const steps: CompiledStep[] = [];
  const atFirst = setting.directory;
  const checkpoints = new Set<string>();
  const cuts = new Set<string>();
  const vrfIds = new Map<string, Map<string, number>>();
  for (const { step, path } of unrolled(loaded.scenario)) {
    const context: StepContext = {
      setting,
      checkpoints,
      cuts,
      vrfIds,
      timed: step.after !== undefined || step.at !== undefined,
      place: (...rest) => placeOfPart(loaded, [...path, ...rest]),
      wrong: (at, code, message) => {
        faults.push(fault(at, code, message));
        return null;
      },
    };
    const verb = VERBS.find((word) => (step as Record<string, unknown>)[word] !== undefined) as Verb; // the schema has seen to exactly one
    const compile = COMPILERS[verb] as Compile<Verb>; // the table pairs each verb with its own argument
    const compiled = compile(step[verb] as Given<Verb>, context);
    if (compiled === null) continue;
    steps.push({
      number: steps.length + 1,
      title: step.name ?? compiled.words,
      at: context.place(),
      after: step.after === undefined ? null : durationOf(step.after, 0 as VirtualUs),
      instant: step.at === undefined ? null : durationOf(step.at, 0 as VirtualUs),
      action: compiled.action,
      directory: setting.directory,
    });
  }
  faults.push(...matrixFaults(loaded, [atFirst, setting.directory]));
  return { steps, faults: inOrder(faults) };
}

/** A selector of the table means somebody before the first step or after the last one. */
function matrixFaults(loaded: LoadedScenario, directories: readonly Directory[]): Diagnostic[] {
  const { matrix } = loaded.scenario;
  const selectors = [
    ...Object.entries(matrix?.rows ?? {}).map(([title, row]) => [row, ['matrix', 'rows', title]] as const),
    ...Object.entries(matrix?.columns ?? {}).map(
      ([title, column]) => [column.to, ['matrix', 'columns', title, 'to']] as const,
    ),
  ];
  return selectors.flatMap(([stated, path]) =>
    [stated].flat().flatMap((selector) => {
      const answers = directories.map((directory) => directory.select(selector));
      const wrong = answers.find((answer) => typeof answer === 'string');
      return wrong === undefined || answers.some((answer) => typeof answer !== 'string')
        ? []
        : [fault(placeOfPart(loaded, path), 'no-match', String(wrong))];
    }),
  );
}

function unrolled(scenario: Scenario): { readonly step: PlainStep; readonly path: readonly PropertyKey[] }[] {
  return scenario.steps.flatMap((entry, index) => {
    if (!('repeat' in entry)) return [{ step: entry as PlainStep, path: ['steps', index] }]; // the other member of the union
    const { times, steps } = entry.repeat;
    const round = steps.map((step, inner) => ({
      step: step as PlainStep,
      path: ['steps', index, 'repeat', 'steps', inner],
    }));
    return Array.from({ length: times }, () => round).flat();
  });
}
const COMPILERS: { readonly [V in Verb]: Compile<V> } = {
  start: (given, context) => {
    const { nodes, asleep } = context.setting;
    if (given === 'all')
      return power(
        'start',
        nodes.filter((node) => !asleep.includes(node)),
        'start all',
      );
    return onNodes('start', given.node, context);
  },
  stop: (given, context) => onNodes('stop', given.node, context),
  crash: (given, context) => onNodes('crash', given.node, context),
  cut: (given, context) => cutting('cut', given, context),
  heal: (given, context) => cutting('heal', given, context),
  clear: (given, context) => {
    if (!knownNodes(given.session, context, context.place('clear', 'session'))) return null;
    return {
      action: { verb: 'clear', between: given.session },
      words: `clear the session of ${given.session.join(' and ')}`,
    };
  },
  settle: (given) => {
    const limit = durationOf(given.limit, SETTLE_LIMIT);
    return { action: { verb: 'settle', limit }, words: 'settle' };
  },
  expect: (given, context) => {
    const claims = compileExpectations(given, context);
    return claims === null ? null : { action: { verb: 'expect', claims }, words: 'expect' };
  },
  checkpoint: (given, context) => {
    context.checkpoints.add(given);
    return { action: { verb: 'checkpoint', name: given }, words: `checkpoint ${given}` };
  },
  ...PROTOCOL_VERBS,
  ...CHANGE_VERBS,
};

function power(change: 'start' | 'stop' | 'crash', nodes: readonly string[], words: string) {
  return { action: { verb: 'power', change, nodes } as const, words };
}

function onNodes(change: 'start' | 'stop' | 'crash', given: string | string[], context: StepContext) {
  const names = Array.isArray(given) ? given : [given];
  if (!knownNodes(names, context, context.place(change, 'node'))) return null;
  return power(change, names, `${change} ${names.join(', ')}`);
}

function cutting(
  verb: 'cut' | 'heal',
  given: { sessions?: [string, string] | undefined; underlay?: [string, string] | undefined },
  context: StepContext,
) {
  const kind = given.sessions === undefined ? 'underlay' : 'sessions';
  const between = given[kind]!; // the schema has seen to exactly one
  for (const [side, word] of between.entries()) {
    if (context.setting.nodes.includes(word) || context.setting.clusters.has(word)) continue;
    return context.wrong(
      context.place(verb, kind, side),
      'unknown-node',
      context.setting.noSuch('node or cluster', word),
    );
  }
  if (between[0] === between[1])
    return context.wrong(
      context.place(verb, kind),
      'no-link',
      `there is nothing to ${verb} between ${between[0]} and itself`,
    );
  const words = `the ${kind} between ${between.join(' and ')}`;
  const key = `${kind} ${[...between].sort(byText).join(' ')}`;
  if (verb === 'cut') context.cuts.add(key);
  else if (!context.cuts.delete(key))
    return context.wrong(context.place(verb, kind), 'nothing-cut', `there is no cut of ${words} to heal`);
  return { action: { verb, cut: kind, between } as const, words: `${verb} ${words}` };
}
