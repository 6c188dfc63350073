/** Faults as a reader of the file wants them: from top to bottom, and each told once. */
import { type Diagnostic, placeOf } from '../base/result.ts';

/** What an alias or a repetition brings in twice is told once; faults of different files stay as they are. */
export function inOrder(faults: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  const first = faults.filter(({ at, code, message }) => {
    const text = `${placeOf(at)} ${code} ${message}`;
    return !seen.has(text) && seen.add(text);
  });
  return first.toSorted((a, b) =>
    a.at === null || b.at === null || a.at.file !== b.at.file ? 0 : a.at.line - b.at.line || a.at.column - b.at.column,
  );
}
