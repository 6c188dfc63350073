/** What compiling a step or a claim needs. */
import type { SourceSpan } from '../base/result.ts';
import type { Setting } from './lower/setting.ts';

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
  const unknown = names.find((name) => !context.setting.nodes.includes(name));
  if (unknown !== undefined) context.wrong(at, 'unknown-node', context.setting.noSuch('node', unknown));
  return unknown === undefined;
}
