/** What came of a scenario that exists only in a test. */
import { rehearse } from '../../src/index.ts';
import { memoryFiles, told } from './files.ts';

/** `+ what holds` and `- what does not: what was found`, in order; or the faults of the input. */
export function outcome(text: string, others: Readonly<Record<string, string>> = {}): string[] {
  const played = rehearse({
    files: memoryFiles({ 's.yaml': text, ...others }),
    path: 's.yaml',
    conclusions: false,
  });
  if (!played.ok) return told(played.faults);
  return played.value.result.steps.flatMap((step) =>
    step.expectations.map((one) => (one.passed ? `+ ${one.text}` : `- ${one.text}: ${one.found}`)),
  );
}
