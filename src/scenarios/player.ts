/**
 * Plays compiled steps on a world, in virtual time, and says what came of each.
 *
 * A step's moment is when it was done. An expectation without a time is asked once the world has settled; with `within`
 * it must hold that long after the previous step's moment and again when the world has settled; a step with `after` or
 * `at` asks at that instant.
 */
import { invariant } from '../base/invariant.ts';
import { formatDuration, later, type VirtualUs, virtualUs } from '../base/time.ts';
import type { Quiescence } from '../sim/kernel.ts';
import type { Directory } from '../world/directory.ts';
import { snapshotOf } from '../world/snapshot.ts';
import type { World } from '../world/world.ts';
import type { Action, CompiledStep, PlacedClaim } from './action.ts';
import { SETTLE_LIMIT } from './compile.ts';
import { type Checkpoint, type JudgeContext, judge } from './judge.ts';
import { perform } from './perform.ts';
import type { ExpectationResult, StepResult } from './result.ts';

export interface PlayerState {
  readonly world: World;
  readonly federated: readonly (readonly [string, string])[];
  directory: Directory;
  /** What stood in all tables then, by name of the checkpoint. */
  readonly checkpoints: Map<string, Checkpoint>;
  /** The previous step's moment. */
  previous: VirtualUs;
  /** The moment of the last step that did something to the world. */
  acted: VirtualUs;
  /** The clock never goes beyond; null for no end. */
  readonly until: VirtualUs | null;
  /** Table changes there had been when the previous step other than an expectation was done. */
  changesBefore: number;
}

export function newPlayer(
  world: World,
  directory: Directory,
  federated: PlayerState['federated'],
  until: VirtualUs | null,
): PlayerState {
  return {
    world,
    federated,
    directory,
    checkpoints: new Map(),
    previous: world.now,
    acted: world.now,
    until,
    changesBefore: 0,
  };
}

/** Lets everything come to rest, at most so long and not beyond the end. */
export function settle(state: PlayerState, limit = SETTLE_LIMIT): Quiescence {
  const { world, until } = state;
  return world.settle(until === null ? limit : virtualUs(Math.min(limit, Math.max(0, until - world.now))));
}

/** Plays one step; null when its moment is beyond the end. */
export function playStep(state: PlayerState, step: CompiledStep): StepResult | null {
  const { world } = state;
  const instant = step.instant ?? (step.after === null ? null : later(state.previous, step.after));
  if (instant !== null && instant > world.now) {
    if (state.until !== null && instant > state.until) return null;
    world.runUntil(instant);
  }
  const startedAt = world.now;
  const late = instant !== null && instant < world.now ? [missed(step.title, step, instant, world.now)] : [];
  const done = step.action.verb === 'expect' ? expectAll(state, step, instant !== null) : act(state, step, step.action);
  state.previous = world.now;
  const changed = world.sim.tableChanges > state.changesBefore;
  if (step.action.verb !== 'expect') state.changesBefore = world.sim.tableChanges;
  return {
    number: step.number,
    title: step.title,
    at: step.at,
    startedAt,
    endedAt: world.now,
    convergedAt: changed && world.now > startedAt ? world.sim.lastTableChange : null,
    expectations: [...late, ...done],
  };
}

/** Does what the step says; what could not be done is a claim that does not hold. */
function act(state: PlayerState, step: CompiledStep, action: Exclude<Action, { verb: 'expect' }>): ExpectationResult[] {
  const { world } = state;
  world.sim.noteStep('step', step.title);
  state.directory = step.directory;
  if (action.verb === 'settle' || action.verb === 'checkpoint') {
    const limit = action.verb === 'settle' ? action.limit : SETTLE_LIMIT;
    const quiescence = settle(state, limit);
    if (action.verb === 'checkpoint') {
      const rows = snapshotOf(world, lastOf(state.checkpoints)?.rows);
      state.checkpoints.set(action.name, { hash: world.stateHash(), rows });
    }
    return quiescence.quiescent || world.now === state.until
      ? []
      : [failing(step, busySentence(quiescence, limit), world.now)];
  }
  state.acted = world.now;
  const undone = perform(world, action);
  return undone === null ? [] : [failing(step, undone, world.now)];
}

function failing(step: CompiledStep, found: string, decidedAt: VirtualUs): ExpectationResult {
  return { claim: step.action.verb, text: step.title, at: step.at, passed: false, found, decidedAt };
}

/** The clock does not run backwards: what was to happen at a moment that is over has happened too late. */
function missed(text: string, placed: Pick<CompiledStep, 'at'>, instant: VirtualUs, now: VirtualUs): ExpectationResult {
  const found = `${formatDuration(instant)} is over, it is ${formatDuration(now)} already`;
  return {
    claim: 'at',
    text: `${text} at ${formatDuration(instant)}`,
    at: placed.at,
    passed: false,
    found,
    decidedAt: now,
  };
}

function expectAll(state: PlayerState, step: CompiledStep, atInstant: boolean): ExpectationResult[] {
  invariant(step.action.verb === 'expect', 'only an expectation is expected');
  const { claims } = step.action;
  const results = new Map<PlacedClaim, ExpectationResult>();
  if (atInstant) {
    for (const claim of claims) results.set(claim, judged(state, claim));
    return claims.map((claim) => results.get(claim)!);
  }
  // asked at instants first, in order of time, then once everything is quiet
  const timed = claims
    .flatMap((claim) => {
      const moment = claim.instant ?? (claim.within === null ? null : later(state.previous, claim.within));
      return moment === null ? [] : [{ claim, moment }];
    })
    .sort((a, b) => a.moment - b.moment);
  for (const { claim, moment } of timed) {
    if (moment < state.world.now) {
      results.set(claim, missed(claim.text, claim, moment, state.world.now));
      continue;
    }
    if (moment > state.world.now) state.world.runUntil(virtualUs(Math.min(moment, state.until ?? moment)));
    results.set(claim, judged(state, claim));
  }
  const quiescence = claims.some((claim) => claim.instant === null) ? settle(state) : null;
  for (const claim of claims) {
    const early = results.get(claim);
    if (claim.instant !== null || (early !== undefined && !early.passed)) continue;
    const late = judged(state, claim);
    results.set(claim, quiescence === null ? late : unlessBusy(late, quiescence));
  }
  return claims.map((claim) => results.get(claim)!);
}

function judged(state: PlayerState, placed: PlacedClaim): ExpectationResult {
  const context: JudgeContext = {
    world: state.world,
    federated: state.federated,
    checkpoints: state.checkpoints,
    acted: state.acted,
  };
  const { passed, found } = judge(placed.claim, context);
  return { claim: placed.claim.kind, text: placed.text, at: placed.at, passed, found, decidedAt: state.world.now };
}

function unlessBusy(result: ExpectationResult, quiescence: Quiescence): ExpectationResult {
  if (quiescence.quiescent) return result;
  const busy = busySentence(quiescence, SETTLE_LIMIT);
  return { ...result, passed: false, found: result.found === '' ? busy : `${result.found}; ${busy}` };
}

function busySentence(quiescence: Quiescence, limit: VirtualUs): string {
  return `not settled after ${formatDuration(limit)}: ${quiescence.busy ?? 'events are still pending'}`;
}

function lastOf(checkpoints: ReadonlyMap<string, Checkpoint>): Checkpoint | undefined {
  return [...checkpoints.values()].at(-1);
}
