/** What compiling a step or a claim needs. */
import { suggestion } from '../base/nearest.ts';
import type { SourceSpan } from '../base/result.ts';
import type { Action } from './action.ts';
import type { Setting } from './lower/setting.ts';
import type { PlainStep } from './schema/steps.ts';

/** What compiling one step needs: the setting as it is by then, and a way to say what is wrong where. */
export interface StepContext {
  readonly setting: Setting;
  readonly checkpoints: Set<string>;
  /** What is cut by now: `sessions east west`, names in order. */
  readonly cuts: Set<string>;
  /** Ids of VRFs by bare agent and instance. */
  readonly vrfIds: Map<string, Map<string, number>>;
  /** The step says after or at. */
  readonly timed: boolean;
  place(...path: PropertyKey[]): SourceSpan;
  wrong(at: SourceSpan, code: string, message: string): null;
}

export function knownNodes(names: readonly string[], context: StepContext, at: SourceSpan): boolean {
  const unknown = names.filter((name) => !context.setting.nodes.includes(name));
  for (const name of unknown) context.wrong(at, 'unknown-node', context.setting.noSuch('node', name));
  return unknown.length === 0;
}

export type Verb = Exclude<keyof PlainStep, 'after' | 'at' | 'name'>;
export type Given<V extends Verb> = NonNullable<PlainStep[V]>;

/** From a verb's argument to what is done and how it is told; null when something is wrong with it. */
export type Compile<V extends Verb> = (
  given: Given<V>,
  context: StepContext,
) => { readonly action: Action; readonly words: string } | null;

/** What is said raw may name an instance that nobody has. */
export function knownInstance(name: string, raw: boolean, context: StepContext, verb: Verb, key = 'instance'): boolean {
  const known = context.setting.instanceNames();
  if (raw || known.includes(name)) return true;
  context.wrong(
    context.place(verb, key),
    'unknown-instance',
    `there is no instance called ${name}${suggestion(name, known)}`,
  );
  return false;
}
