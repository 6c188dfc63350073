import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/**
 * Prints `N passed, N failed` (and `, N skipped` when there are any) alone on the last line, for readers that do not
 * know vitest. A test file that could not even be loaded counts as one failure. With VAPORTRAIL_TALLY set, the
 * line goes to that file instead, for a script that has more to say before it closes with it.
 */
export default class PlainReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandled: ReadonlyArray<unknown> = []): void {
    let passed = 0;
    let failed = unhandled.length;
    let skipped = 0;
    for (const module of modules) {
      let failedHere = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failedHere += 1;
        else skipped += 1;
      }
      // A hook or an import that threw leaves the file failed without a failed test in it.
      if (failedHere === 0 && !module.ok()) failedHere = 1;
      failed += failedHere;
    }
    const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    const tally = process.env.VAPORTRAIL_TALLY;
    if (tally !== undefined) writeFileSync(tally, `${line}\n`);
    // The default reporter prints its summary in the same turn; this line is to be the last.
    else setImmediate(() => process.stdout.write(`${line}\n`));
  }
}
