import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FileReader } from '../../src/base/files.ts';
import { rehearse } from '../../src/index.ts';

const README = readFileSync('README.md', 'utf8');
const EXAMPLES = [...README.matchAll(/<!-- example: (\S+) -->\n```yaml\n([\s\S]*?)```/g)].map(([, name, text]) => ({
  name: name!,
  text: text!,
}));

/** One file that is there. */
function only(name: string, text: string): FileReader {
  return {
    read: (path) => (path === name ? { text } : { fault: 'missing' }),
    kind: (path) => (path === name ? 'file' : 'missing'),
    list: () => [],
  };
}

describe('the README', () => {
  it('shows at least one scenario of each altitude', () => {
    expect(EXAMPLES.map(({ name }) => name)).toEqual(['rollout.yaml', 'protocol.yaml']);
  });

  it.each(EXAMPLES)('shows with $name a scenario that holds', ({ name, text }) => {
    const played = rehearse({
      files: only(name, text),
      path: name,
    });
    expect(played.ok ? played.value.result.verdict.failed : played.faults).toBe(0);
  });

  it('prints what the program prints', () => {
    const [, shown] = /<!-- output: [^>]* -->\n```text\n([\s\S]*?)```/.exec(README)!;
    expect(shown).toContain('Leonardo across OpenStack and Kubernetes: all ');
    expect(shown).not.toContain('FAIL');
  });
});
