import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { build, type Metafile } from 'esbuild';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleOptions, ENTRY, packagesOf } from '../scripts/bundle.ts';
import { importsOf } from './support/tidy.ts';

// The shape is npm's.
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  version: string;
  files: readonly string[];
  bin: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

/** Who may import what. A package that is slow in a loop, or dear to load, stays where people's text is read. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  '@bomb.sh/tab': ['cli'],
  'cli-table3': ['cli', 'report'],
  commander: ['cli'],
  immutable: ['control', 'vrouter', 'world', 'verify', 'scenarios', 'report', 'cli'],
  'ip-num': ['config', 'orchestrators', 'scenarios', 'cli'],
  msgpackr: ['sim', 'world', 'scenarios', 'report', 'cli'],
  'pure-rand': ['sim'],
  saxes: ['xmpp', 'cli'],
  yaml: ['config', 'orchestrators', 'scenarios', 'cli'],
  zod: ['config', 'orchestrators', 'scenarios', 'cli'],
};

describe('the packages', () => {
  it('are pinned exactly, so that two installs are the same', () => {
    for (const version of Object.values({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });

  it('are each explained', () => {
    const explained = readFileSync('docs/dependencies.md', 'utf8');
    const all = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(all.filter((name) => !explained.includes(`**${name}**`))).toEqual([]);
  });

  it('stay in their role: none below the folders that read people’s text, but chance, recordings and strict XML', () => {
    const strays: string[] = [];
    const paths = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
    for (const path of paths.map((path) => path.replaceAll('\\', '/'))) {
      const source = ts.createSourceFile(
        path,
        readFileSync(posix.join('src', path), 'utf8'),
        ts.ScriptTarget.ES2022,
        true,
      );
      for (const { specifier, atRunTime } of importsOf(source)) {
        const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
        if (!atRunTime || specifier.startsWith('.') || specifier.startsWith('node:')) continue;
        if (!ROLES[name]?.includes(path.split('/')[0] ?? '')) strays.push(`src/${path} imports ${name}`);
      }
    }
    expect(strays).toEqual([]);
  });
});

describe('the bundled command line', () => {
  let outputs: Metafile['outputs'];
  let texts: string;

  beforeAll(async () => {
    const bundled = await build({ ...bundleOptions('dist', manifest.version), write: false });
    outputs = bundled.metafile.outputs;
    texts = bundled.outputFiles.map((file) => file.text).join('\n');
  });

  /** Input files that are loaded before the first argument is read. */
  function loadedAtStart(): ReadonlySet<string> {
    const inputs = new Set<string>();
    const seen = new Set<string>();
    const visit = (path: string): void => {
      const output = outputs[path];
      if (output === undefined || seen.has(path)) return;
      seen.add(path);
      for (const input of Object.keys(output.inputs)) inputs.add(input);
      for (const { path: next, kind } of output.imports) if (kind === 'import-statement') visit(next);
    };
    visit('dist/cli.js');
    return inputs;
  }

  it('loads nothing but the reader of arguments for --help', () => {
    const inputs = loadedAtStart();
    expect(inputs).toContain(ENTRY);
    const packages = packagesOf(inputs).map((folder) => folder.replace(/^.*node_modules\//, ''));
    expect(packages).toEqual(['commander']);
    expect([...inputs].filter((input) => /^src\/(?!cli\/|report\/|base\/)/.test(input))).toEqual([]);
  });

  it('knows its version', () => {
    expect(texts).toContain(`"${manifest.version}"`);
    expect(texts).not.toContain('VAPORTRAIL_VERSION');
  });
});

describe('what is published', () => {
  it('holds the build, the stories and the pages, and neither source nor tests', () => {
    const command = ['pack', '--dry-run', '--json', '--ignore-scripts'];
    // The shape is npm's.
    const [pack] = JSON.parse(execFileSync('npm', command, { encoding: 'utf8' })) as [{ files: { path: string }[] }];
    const tops = new Set(pack.files.map(({ path }) => path.split('/')[0]));
    const allowed = [...manifest.files, 'package.json', 'README.md', 'LICENSE'];
    expect([...tops].filter((top) => top === undefined || !allowed.includes(top))).toEqual([]);
    expect(pack.files.map(({ path }) => path)).toContain('LICENSE');
  });
});
