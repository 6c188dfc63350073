/** Exit codes, and how faults of the author's and of ours are told. */
import { type Diagnostic, placeOf } from '../base/result.ts';
import type { Painter } from '../report/paint.ts';

export const EXIT = { held: 0, failed: 1, badInput: 2, ourFault: 3 } as const;

/** So many faults are told; the rest are counted. */
const FAULTS_SHOWN = 20;

export function faultsText(faults: readonly Diagnostic[], paint: Painter): string {
  const lines = faults.slice(0, FAULTS_SHOWN).map((fault) => {
    const place = placeOf(fault.at);
    return `${place === '' ? '' : `${paint.strong(place)} `}${paint.faint(fault.code)} ${fault.message}`;
  });
  if (faults.length > FAULTS_SHOWN) lines.push(`and ${faults.length - FAULTS_SHOWN} more`);
  return lines.join('\n');
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

export function badArgument(code: string, message: string): BadInput {
  return new BadInput([{ severity: 'error', code, at: null, message }]);
}
