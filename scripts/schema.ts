/**
 * The scenario language as JSON Schema, for editors. Writes schema/scenario.json; with --check it writes nothing and
 * exits 1 when the file is not what the source says now.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { scenarioJsonSchema } from '../src/scenarios/schema/scenario.ts';

const FILE = 'schema/scenario.json';

const text = `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
const stale = !existsSync(FILE) || readFileSync(FILE, 'utf8') !== text;
if (!stale) process.exit(0);
if (process.argv.includes('--check')) {
  console.error(`${FILE} is stale: npm run schema writes it anew.`);
  process.exit(1);
}
mkdirSync(dirname(FILE), { recursive: true });
writeFileSync(FILE, text);
