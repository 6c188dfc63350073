/** Everything that must hold before a change lands and that is not a test. Runs all of it and reports all of it. */
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

const STEPS: readonly (readonly [name: string, command: string])[] = [
  ['format and lint', 'biome check --error-on-warnings .'],
  ['types', 'tsc --noEmit -p tsconfig.json'],
  ['unused files, exports and packages', 'knip'],
  ['layers and tidiness', 'vitest run test/tidy.test.ts --reporter=dot'],
  ['fidelity ledger', 'tsx scripts/fidelity.ts --check'],
  ['schema and page of the scenario language', 'tsx scripts/docs.ts --check'],
];

const failed: string[] = [];
for (const [name, command] of STEPS) {
  const started = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', ...command.split(' ')], { encoding: 'utf8' });
  const seconds = (Number(process.hrtime.bigint() - started) / 1e9).toFixed(1);
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
  if (status !== 0) {
    failed.push(name);
    console.log(`${stdout}${stderr}`.trimEnd());
  }
}
if (failed.length > 0) {
  console.log(`\nnot in order: ${failed.join('; ')}`);
  process.exit(1);
}
