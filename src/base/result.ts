/**
 * Faults of the scenario's author: values with a place, collected and never thrown.
 *
 * A message states one fact in one plain sentence and says what would be right.
 */

/** A place in a text file; line and column count from 1. */
export interface SourceSpan {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** error: cannot be simulated; warning: simulated with the stated assumption; note: no effect on networking. */
export type Severity = 'error' | 'warning' | 'note';

export interface Diagnostic {
  readonly severity: Severity;
  /** Stable word for tools, such as `bad-route-target`. */
  readonly code: string;
  readonly at: SourceSpan | null;
  readonly message: string;
}

/** The outcome of reading something a person wrote; notes and warnings may stand beside a value. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T; readonly remarks: readonly Diagnostic[] }
  | { readonly ok: false; readonly faults: readonly Diagnostic[] };

export function parsed<T>(value: T, remarks: readonly Diagnostic[] = []): Parsed<T> {
  return { ok: true, value, remarks };
}

export function failed<T>(faults: readonly Diagnostic[]): Parsed<T> {
  return { ok: false, faults };
}

export function fault(at: SourceSpan | null, code: string, message: string): Diagnostic {
  return { severity: 'error', code, at, message };
}

/** `file:line:column`, or the empty string when the place is not known. */
export function placeOf(at: SourceSpan | null): string {
  return at === null ? '' : `${at.file}:${at.line}:${at.column}`;
}
