import { loadScenario } from '../../src/scenarios/load.ts';
import { memoryFiles, told } from './files.ts';

/** What the loader says of a scenario; empty when nothing is wrong. */
export function faults(text: string, others: Readonly<Record<string, string>> = {}): string[] {
  const result = loadScenario(memoryFiles({ 's.yaml': text, ...others }), 's.yaml');
  return result.ok ? [] : told(result.faults);
}

export const STEPS = 'steps:\n  - start: all\n';
export const step = (line: string) => `scenario: x\nsteps:\n  - ${line}\n`;
export const claim = (line: string) => `scenario: x\nsteps:\n  - expect:\n      - ${line}\n`;
