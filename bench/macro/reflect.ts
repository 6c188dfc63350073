/** Work A: two reflectors and a hundred provider edges with a hundred routes each; see ../worlds/reflect.ts. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { ProcessBenchmark } from './process.ts';

const root = join(import.meta.dirname, '..', '..');
const built = join('out', 'bench', 'reflect.mjs');

mkdirSync(join(root, 'out', 'bench'), { recursive: true });
buildSync({
  entryPoints: [join(root, 'bench', 'worlds', 'reflect.ts')],
  outfile: join(root, built),
  bundle: true,
  platform: 'node',
  format: 'esm',
  logLevel: 'warning',
});

export const benchmarks: readonly ProcessBenchmark[] = [
  {
    title: '2 reflectors, 100 provider edges x 100 VPN-IPv4 routes, every receiver decodes its octets',
    args: [built],
    budget: { cpuSeconds: 0.8, rssMegabytes: 400 },
  },
  { title: 'the same with shared messages', args: [built, '--shared'], budget: { rssMegabytes: 400 } },
];
