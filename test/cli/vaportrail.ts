/** The command line as people start it: bundled as it ships, run as a process of its own. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';
import { bundleOptions } from '../../scripts/bundle.ts';

export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Asked {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Bench {
  /** The bundled entry. */
  readonly entry: string;
  /** An empty folder, gone after the tests of the file. */
  readonly folder: string;
  run(words: readonly string[], asked?: Asked): Said;
}

/** Bundles once for the tests of a file. */
export function vaportrail(): Bench {
  const at = mkdtempSync(join(tmpdir(), 'vaportrail-'));
  const entry = join(at, 'dist', 'cli.js');
  const folder = mkdtempSync(join(at, 'files-'));
  beforeAll(async () => {
    await build(bundleOptions(join(at, 'dist'), '0.0.0-test'));
  });
  afterAll(() => rmSync(at, { recursive: true, force: true }));
  return {
    entry,
    folder,
    run(words, asked = {}) {
      const { FORCE_COLOR: _, NO_COLOR: __, ...env } = process.env;
      const done: SpawnSyncReturns<string> = spawnSync(process.execPath, [entry, ...words], {
        encoding: 'utf8',
        input: asked.input ?? '',
        cwd: asked.cwd ?? process.cwd(),
        env: { ...env, ...asked.env },
        maxBuffer: 64 * 1024 * 1024,
      });
      return { code: done.status, out: done.stdout, err: done.stderr };
    },
  };
}
