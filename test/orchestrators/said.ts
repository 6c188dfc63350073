/** What an importer said of its input, in the order of the input. */
import { type Diagnostic, type Parsed, placeOf } from '../../src/base/result.ts';

/** Every fault or remark: place, code and sentence. */
export function said(result: Parsed<unknown>): readonly string[] {
  return linesOf(result.ok ? result.remarks : result.faults);
}

export function linesOf(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ at, code, message }) => `${placeOf(at)} ${code} ${message}`);
}
