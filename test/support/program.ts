import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';

/**
 * Tests that ask a program of Debian for a second opinion. Where it is not installed they are skipped and say so in
 * their title; in CI, which installs it, its absence is a failure of every one of them.
 */
export function describeWith(program: string, title: string, tests: () => void): void {
  const absent = spawnSync(program, ['--version'], { stdio: 'ignore' }).error !== undefined;
  const skipped = absent && !process.env.CI;
  describe.skipIf(skipped)(skipped ? `${title} (skipped: ${program} is not installed)` : title, tests);
}
