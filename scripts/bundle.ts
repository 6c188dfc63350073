/**
 * How the command line is bundled: one entry, and chunks that load with the verb that needs them, so that `--help`
 * pays for neither zod nor yaml nor ip-num.
 */
import type { BuildOptions } from 'esbuild';

export const ENTRY = 'src/cli/main.ts';

export function bundleOptions(outdir: string, version: string) {
  return {
    entryPoints: { cli: ENTRY },
    outdir,
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
  } as const satisfies BuildOptions;
}

/** Folders of the packages, such as `node_modules/@bomb.sh/tab`, that these input files belong to. */
export function packagesOf(inputs: Iterable<string>): readonly string[] {
  const folders = new Set<string>();
  for (const input of inputs) {
    const found = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input);
    if (found) folders.add(found[0]);
  }
  return [...folders].sort();
}
