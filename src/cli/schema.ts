/** `vaportrail schema`: the language as JSON Schema, from the source that also checks scenarios. */
import { scenarioJsonSchema } from '../scenarios/schema/scenario.ts';
import { EXIT } from './outcome.ts';
import { printLine } from './terminal.ts';

export function schema(): number {
  printLine(JSON.stringify(scenarioJsonSchema(), null, 2));
  return EXIT.held;
}
