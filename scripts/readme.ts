/** The README with the output of the command it names put in: what a newcomer reads is what the program prints. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const OUTPUT = /(<!-- output: node dist\/cli\.js ([^>]*?) -->\n```text\n)[\s\S]*?(```)/g;

/** Runs the command line from source, so that the text never waits for a build. */
export function readmePage(): string {
  return readFileSync('README.md', 'utf8').replace(OUTPUT, (_, before: string, words: string, after: string) => {
    const args = ['--import', 'tsx', 'src/cli/main.ts', ...words.split(' ')];
    const { stdout, status } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    });
    if (status !== 0) throw new Error(`${words} ended with ${status}`);
    return `${before}${stdout}${after}`;
  });
}
