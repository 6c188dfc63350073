/**
 * What is written from the source and read by editors and people: schema/scenario.json, docs/language.md and the
 * output in README.md. With
 * --check it writes nothing and exits 1 when a file is not what the source says now.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { scenarioJsonSchema } from '../src/scenarios/schema/scenario.ts';
import { languagePage } from './language.ts';
import { readmePage } from './readme.ts';

const schema = scenarioJsonSchema();
const GENERATED: Readonly<Record<string, string>> = {
  'schema/scenario.json': `${JSON.stringify(schema, null, 2)}\n`,
  'docs/language.md': languagePage(schema),
  'README.md': readmePage(),
};

const check = process.argv.includes('--check');
for (const [file, text] of Object.entries(GENERATED)) {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (check) {
    console.error(`${file} is stale: npm run docs writes it anew.`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
