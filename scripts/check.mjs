// Everything that must hold before a change lands and that is not a test. Runs all of it and reports all of it.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

const steps = [
  ['format and lint', 'biome check --error-on-warnings .'],
  ['types', 'tsc --noEmit -p tsconfig.json'],
  ['unused files, exports and packages', 'knip'],
  ['layers and tidiness', 'vitest run test/tidy.test.ts --reporter=dot'],
];

const failed = [];
for (const [name, command] of steps) {
  const started = process.hrtime.bigint();
  const result = spawnSync('npx', ['--no-install', ...command.split(' ')], { encoding: 'utf8' });
  const seconds = (Number(process.hrtime.bigint() - started) / 1e9).toFixed(1);
  const good = result.status === 0;
  console.log(`${good ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
  if (!good) {
    failed.push(name);
    console.log(`${result.stdout}${result.stderr}`.trimEnd());
  }
}
if (failed.length > 0) {
  console.log(`\nnot in order: ${failed.join('; ')}`);
  process.exit(1);
}
