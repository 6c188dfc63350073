/** Exit codes, and how faults of the author's and of ours are told. */
import { type Diagnostic, placeOf, type SourceSpan } from '../base/result.ts';
import type { Painter } from '../report/paint.ts';

export const EXIT = { held: 0, failed: 1, badInput: 2, ourFault: 3 } as const;

/** So many faults are told; the rest are counted. */
const FAULTS_SHOWN = 20;

/** The text of a file, or null where it cannot be read any more. */
export type Quote = (file: string) => string | null;

/** One sentence each, with its place; where `quote` gives the text, the line itself with a caret below the place. */
export function faultsText(faults: readonly Diagnostic[], paint: Painter, quote: Quote | null): string {
  const lines = faults.slice(0, FAULTS_SHOWN).map((fault) => {
    const place = placeOf(fault.at);
    const sentence = `${place === '' ? '' : `${paint.strong(place)} `}${paint.faint(fault.code)} ${fault.message}`;
    const line = quote === null || fault.at === null ? null : quoted(fault.at, quote);
    return line === null ? sentence : `${sentence}\n${paint.faint(line.number)}${line.text}\n${paint.bad(line.caret)}`;
  });
  if (faults.length > FAULTS_SHOWN) lines.push(`and ${faults.length - FAULTS_SHOWN} more`);
  return lines.join('\n');
}

/** Lines are cut to this many characters, so that a file without line ends floods nobody. */
const QUOTE_MAX = 120;

function quoted(
  at: SourceSpan,
  quote: Quote,
): { readonly number: string; readonly text: string; readonly caret: string } | null {
  const line = quote(at.file)?.split('\n')[at.line - 1]?.trimEnd();
  if (line === undefined || line.trim() === '' || at.column > QUOTE_MAX) return null;
  const number = `${String(at.line).padStart(5)} | `;
  const word = /^["']?[^\s,\]}]*/.exec(line.slice(at.column - 1))?.[0] ?? '';
  const length = Math.max(1, Math.min(word.length, QUOTE_MAX - at.column + 1));
  return {
    number,
    text: line.length > QUOTE_MAX ? `${line.slice(0, QUOTE_MAX)}...` : line,
    caret: `${' '.repeat(5)} | ${' '.repeat(at.column - 1)}${'^'.repeat(length)}`,
  };
}

/** The same for programs (docs/json.md). */
export function faultsDocument(faults: readonly Diagnostic[]): object {
  return { faults: faults.map((fault) => ({ ...fault, at: placeOf(fault.at) })) };
}

/** The input is wrong: told as it is, exit code 2. */
export class BadInput extends Error {
  override name = 'BadInput';
  readonly faults: readonly Diagnostic[];
  constructor(faults: readonly Diagnostic[]) {
    super(faults.map((fault) => fault.message).join('; '));
    this.faults = faults;
  }
}

/** A place that is not there, a disk that is full: what was asked for is at fault, not the program. */
export function cannotWrite(path: string, error: unknown): BadInput {
  if (error instanceof BadInput) return error;
  const why = error instanceof Error ? error.message.replace(/^[A-Z]+: /, '').replace(/, .*$/, '') : String(error);
  return badArgument('cannot-write', `${path} cannot be written: ${why}`);
}

export function badArgument(code: string, message: string): BadInput {
  return new BadInput([{ severity: 'error', code, at: null, message }]);
}
