import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BenchDocument } from '../../src/report/bench.ts';
import { vaportrail } from '../cli/vaportrail.ts';

const bench = vaportrail();
const smoke = ['bench', 'federation-500', '--smoke', '--runs', '1'];

describe('vaportrail bench', () => {
  it('prints its switches, its figures with the budget left out at another size, and whether the counters hold', () => {
    const { code, out } = bench.run(smoke);
    expect(code).toBe(0);
    expect(out).toContain('vrouters 20, workloads 4, networks 8, layout dealt');
    expect(out).toContain('wire false, cost default, pathPreference off');
    expect(out).toContain('holds publishes: 160, the layout says 160');
    expect(out).toMatch(/^holds sampled lookups .*: 4,096, the layout says 4,096$/m);
    expect(out).not.toContain('must');
  });

  it('writes one JSON document that a later run is compared with, and says 1 past the budget', () => {
    const first = bench.run([...smoke, '--json']);
    expect(first.code).toBe(0);
    const document = JSON.parse(first.out) as BenchDocument;
    expect(document.format).toBe('vaportrail-bench 1');
    expect(document.holds).toBe(true);
    expect(document.process.rssMegabytes.median).toBeGreaterThan(20);
    expect(document.phases[0]!.propagation!.count).toBe(80 * 9);

    const tiny = { median: 0.001, min: 0.001, max: 0.001 };
    const file = join(bench.folder, 'baseline.json');
    writeFileSync(file, JSON.stringify({ ...document, process: { ...document.process, wallSeconds: tiny } }));
    const later = bench.run([...smoke, '--compare', file]);
    expect(later.code).toBe(1);
    expect(later.out).toContain('wall, whole process: 0.001 to');
    expect(later.out).not.toContain('cold-start: agent.publishes:'); // virtual figures are what they were
  });

  it('plays the steps of a scenario as phases', () => {
    const { code, out } = bench.run(['bench', 'scenarios/protocol/local-preference.yaml', '--runs', '1']);
    expect(code).toBe(0);
    expect(out).toContain('the steps of a scenario');
    expect(out).toMatch(/^3 a publishes 10\.1\.1\.1\/32 in blue/m);
  });

  it.each([
    [['bench', 'federation-5000'], 'did you mean federation-500?'],
    [['bench', 'federation-500', '--size', 'vrouter=5'], 'has no vrouter; its size is made of'],
    [['bench', 'federation-500', '--size', 'layout=wide'], 'layout is dealt or packed'],
    [['bench', 'federation-500', '--phases', 'chrun'], 'did you mean churn?'],
    [['bench', 'scenarios/leonardo', '--size', '5'], '--size is for presets'],
    [['bench', 'federation-500', '--compare', 'README.md', '--smoke'], 'cannot be read as the JSON of a benchmark'],
  ])('refuses %j with one sentence', (words, sentence) => {
    const { code, err } = bench.run(words);
    expect(code).toBe(2);
    expect(err).toContain(sentence);
  });
});
