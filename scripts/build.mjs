// Builds dist/: the library as plain tsc output, and the command line as one esbuild bundle split into chunks, so that
// a verb pays for zod, yaml or ip-num only when it uses them. It builds beside dist/ and swaps at the end: a failed
// build leaves the old one, and a command that runs meanwhile finds its chunks.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const require = createRequire(import.meta.url);

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`vaportrail needs Node 20.19 or newer, and this is ${process.versions.node}`);
  process.exit(1);
}

const fresh = `dist.${process.pid}`;
process.on('exit', () => rmSync(fresh, { recursive: true, force: true }));
mkdirSync(fresh, { recursive: true });

const hasModules =
  existsSync('src') &&
  readdirSync('src', { recursive: true }).some((name) => /^(?!cli[\\/]).*\.ts$/.test(String(name)));
if (hasModules) {
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', fresh];
  const result = spawnSync(process.execPath, args, { stdio: ['ignore', 2, 2] });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

if (existsSync('src/cli/main.ts')) {
  const esbuild = await import('esbuild');
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const { metafile } = await esbuild.build({
    entryPoints: { cli: 'src/cli/main.ts' },
    outdir: fresh,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // Its prebuilt binary is optional and found at run time, or not.
    external: ['msgpackr-extract'],
    define: { 'process.env.VAPORTRAIL_VERSION': JSON.stringify(version) },
    // Some of the bundled packages are CommonJS and ask for node's own modules by require.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  writeFileSync(join(fresh, 'THIRD-PARTY-LICENSES.txt'), licencesOf(metafile.inputs));
  const entry = join(fresh, 'cli.js');
  chmodSync(entry, 0o755);
  if (!readFileSync(entry, 'utf8').startsWith('#!')) {
    console.error('src/cli/main.ts must start with #!/usr/bin/env node');
    process.exit(1);
  }
}

rmSync('dist', { recursive: true, force: true });
renameSync(fresh, 'dist');

/** The licence texts of the packages whose code the bundle carries, which those licences ask for. */
function licencesOf(inputs) {
  const folders = new Set();
  for (const input of Object.keys(inputs)) {
    const found = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input);
    if (found) folders.add(found[0]);
  }
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file ? readFileSync(join(folder, file), 'utf8').trim() : '';
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
