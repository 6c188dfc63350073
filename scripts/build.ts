/**
 * Builds dist/: the library as plain tsc output, the command line as a bundle. It builds beside dist/ and swaps at the
 * end: a failed build leaves the old one, and a command that runs meanwhile finds its chunks.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleOptions, packagesOf } from './bundle.ts';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const require = createRequire(import.meta.url);

// `npx vaportrail` in a checkout has npm prepare the package again: nothing is built twice from the same source.
if (process.argv.includes('--if-stale') && isFresh()) process.exit(0);

const readPackage = (folder: string) =>
  // The shape is npm's.
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string; version: string; license: string };

const fresh = `dist.${process.pid}`;
process.on('exit', () => rmSync(fresh, { recursive: true, force: true }));
mkdirSync(fresh, { recursive: true });

const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', fresh], {
  stdio: ['ignore', 2, 2],
});
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

const { metafile } = await build(bundleOptions(fresh, readPackage('.').version));
chmodSync(join(fresh, 'cli.js'), 0o755);
writeFileSync(join(fresh, 'THIRD-PARTY-LICENSES.txt'), licencesOf(packagesOf(Object.keys(metafile.inputs))));

rmSync('dist', { recursive: true, force: true });
renameSync(fresh, 'dist');

/** Whether dist/ is newer than everything it is made of. */
function isFresh(): boolean {
  const made = statSync('dist/cli.js', { throwIfNoEntry: false });
  if (made === undefined) return false;
  const sources = ['src', 'scripts'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const others = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
  return [...sources, ...others].every((file) => statSync(file).mtimeMs <= made.mtimeMs);
}

/** The licence texts of the packages whose code the bundle carries, which those licences ask for. */
function licencesOf(folders: readonly string[]): string {
  return folders
    .map((folder) => {
      const { name, version, license } = readPackage(folder);
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
