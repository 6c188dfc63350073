/** The packaged entry on the story that ships, and its help: what a person waits for. */
import type { ProcessBenchmark } from './process.ts';

export const benchmarks: readonly ProcessBenchmark[] = [
  {
    title: 'node dist/cli.js run scenarios/leonardo',
    args: ['dist/cli.js', 'run', 'scenarios/leonardo'],
    budget: { wallSeconds: 0.4, rssMegabytes: 150 },
  },
  { title: 'node dist/cli.js --help', args: ['dist/cli.js', '--help'], budget: { wallSeconds: 0.15 } },
];
