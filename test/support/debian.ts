import { spawnSync } from 'node:child_process';

/**
 * Whether a program of Debian is here. Tests that need it are skipped, by name, where it is missing; in CI, which
 * installs it, they are not skipped, and so fail.
 */
export function hasProgram(name: string): boolean {
  const found = spawnSync(name, ['--version'], { stdio: 'ignore' });
  return found.error === undefined || process.env.CI === 'true';
}
