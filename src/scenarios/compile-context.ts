/** What compiling a step or a claim needs. */
import type { SourceSpan } from '../base/result.ts';
import type { Setting } from './lower/setting.ts';

/** What compiling one step needs: the setting as it is by then, and a way to say what is wrong where. */
export interface StepContext {
  readonly setting: Setting;
  readonly checkpoints: Set<string>;
  place(...path: PropertyKey[]): SourceSpan;
  wrong(at: SourceSpan, code: string, message: string): null;
}

export function knownNodes(names: readonly string[], context: StepContext, at: SourceSpan): boolean {
  const unknown = names.find((name) => !context.setting.nodes.includes(name));
  if (unknown !== undefined) context.wrong(at, 'unknown-node', context.setting.noSuch('node', unknown));
  return unknown === undefined;
}
