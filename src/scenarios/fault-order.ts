/** Faults as a reader of the file wants them: from top to bottom, and each told once. */
import { type Diagnostic, placeOf } from '../base/result.ts';

/** What an alias or a repetition brings in twice is told once; files come as they are met, what has no place at the end. */
export function inOrder(faults: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  const first = faults.filter(({ at, code, message }) => {
    const text = `${placeOf(at)} ${code} ${message}`;
    return !seen.has(text) && seen.add(text);
  });
  const files = [...new Set(first.flatMap(({ at }) => at?.file ?? []))];
  const rank = new Map(files.map((file, index) => [file, index]));
  const key = ({ at }: Diagnostic) => (at === null ? [files.length, 0, 0] : [rank.get(at.file)!, at.line, at.column]); // every file has a rank
  return first.toSorted((a, b) => {
    const [fileA, lineA, columnA] = key(a) as [number, number, number]; // three of them
    const [fileB, lineB, columnB] = key(b) as [number, number, number];
    return fileA - fileB || lineA - lineB || columnA - columnB;
  });
}
