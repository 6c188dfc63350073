/** What a run says where there is much to say. */
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/base/result.ts';
import { PLAIN } from '../../src/report/paint.ts';
import { matrixText, remarksText } from '../../src/report/run-text.ts';
import type { ReachabilityMatrix, RunResult } from '../../src/scenarios/result.ts';
import type { MatrixCell } from '../../src/verify/matrix.ts';

const yes: MatrixCell = { verdict: 'yes', pairs: 1, reached: 1, reasons: [] };
const no: MatrixCell = { verdict: 'no', pairs: 1, reached: 0, reasons: ['NoDstRt'] };

/** Only what the table needs of a result. */
const resultWith = (matrix: ReachabilityMatrix | null, workloads = 2): RunResult =>
  ({ matrix, topology: { clusters: [{ workloads }] } }) as unknown as RunResult;

describe('the table of who reaches whom', () => {
  const names = ['red', 'green', 'blue', 'white'].map((name) => `pod:kubernetes/guestbook/a-controller-${name}-*`);
  const services = ['service:kubernetes/guestbook/a-service-without-end'];
  const matrix: ReachabilityMatrix = {
    rows: names,
    columns: [...names, ...services],
    cells: names.map((_, row) => [...names, ...services].map((_, column) => (column === row ? yes : no))),
  };

  it('numbers its columns where their names do not stand side by side, so that every line fits a page', () => {
    const text = matrixText(resultWith(matrix), PLAIN);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(text.split('\n').slice(2)).toEqual([
      '  from \\ to                                       | 1  | 2  | 3  | 4  | 5',
      '  ------------------------------------------------+----+----+----+----+---',
      '  1 pod:kubernetes/guestbook/a-controller-red-*   | y  | -a | -a | -a | -a',
      '  2 pod:kubernetes/guestbook/a-controller-green-* | -a | y  | -a | -a | -a',
      '  3 pod:kubernetes/guestbook/a-controller-blue-*  | -a | -a | y  | -a | -a',
      '  4 pod:kubernetes/guestbook/a-controller-white-* | -a | -a | -a | y  | -a',
      '  5 service:kubernetes/guestbook/a-service-without-end',
      '  a  NoDstRt, no route to the destination',
    ]);
  });

  it('says why there is none where there are too many groups, and nothing where there is nobody', () => {
    expect(matrixText(resultWith(null), PLAIN)).toContain('there are too many groups of workloads for a table');
    expect(matrixText(resultWith(null, 0), PLAIN)).toBe('');
  });
});

describe('what an input says and a run does not model', () => {
  const notes = (count: number): Diagnostic[] =>
    Array.from({ length: count }, (_, i) => ({
      severity: 'note',
      code: 'not-modelled',
      at: { file: 'm.yaml', line: i + 1, column: 1 },
      message: `not modelled: Pod p${i}: spec.${i === 7 ? 'hostname' : 'image'}: no effect on networking`,
    }));

  it('is told one by one, and counted where many objects say the same', () => {
    expect(remarksText(notes(3), PLAIN).split('\n')).toHaveLength(4);
    expect(remarksText(notes(5000), PLAIN).split('\n')).toEqual([
      'Read and without effect on networking  (5000)',
      '  m.yaml:1:1 Pod p0: spec.image  and 4,998 more like it (--json has them all)',
      '  m.yaml:8:1 Pod p7: spec.hostname',
    ]);
  });
});
