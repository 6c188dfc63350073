import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BenchDocument, GrowthDocument } from '../../src/report/bench.ts';
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

  it('draws a picture, and none where how routes spread is not measured', () => {
    const file = join(bench.folder, 'spread.svg');
    const drawn = bench.run([...smoke, '--plot', file]);
    expect(drawn.code).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain('<polyline');
    const { code, err } = bench.run([...smoke, '--plot', file, '--propagation', 'off']);
    expect(code).toBe(2);
    expect(err).toContain('a plot shows how routes spread, which is not measured here');
  });

  it('says what was measured and what was not', () => {
    const { out } = bench.run([...smoke, '--propagation', 'off']);
    expect(out).toMatch(/^measured: the whole process.*; not: .*how routes spread \(--propagation on\)/m);
  });

  it('measures growth: what a delivered route costs at several sizes, and its verdict', () => {
    const { code, out } = bench.run(['bench', 'growth', '--smoke', '--runs', '1', '--json']);
    const document = JSON.parse(out) as GrowthDocument;
    expect(document.sizes.map(({ vrouters, networks }) => [vrouters, networks])).toEqual([
      [50, 20],
      [100, 40],
    ]);
    // two items for each of 20 x 50 routes, 40 publishes and 160 VPN routes a vRouter
    expect(document.sizes.map(({ deliveries, vrouters }) => deliveries / vrouters)).toEqual([2_200, 2_200]);
    expect(document.sizes.every((size) => size.holds)).toBe(true);
    expect(code).toBe(document.growth.wall <= 1.3 ? 0 : 1);
  });

  it('fails where a claim of the scenario does not hold', () => {
    const file = join(bench.folder, 'wrong.yaml');
    writeFileSync(
      file,
      `scenario: x
nodes: { X: {} }
instances: { blue: { routeTargets: ["target:1:1"] } }
agents: { a: { controlNodes: [X] } }
steps: [{ start: all }, { expect: [{ route: { agent: a, instance: blue, prefix: 10.1.1.1/32 } }] }]
`,
    );
    const { code, out } = bench.run(['bench', file, '--runs', '1']);
    expect(code).toBe(1);
    expect(out).toContain('does not hold 2 expect: 10.1.1.1/32 in blue on a: a has no 10.1.1.1/32');
  });

  it.each([
    [['bench', 'growth', '--wire'], 'growth takes --size, --runs, --seed, --smoke and --json, and not --wire'],
    [['bench', 'growth', '--size', '500,250'], 'the size of growth is two numbers of vRouters or more, each larger'],
    [
      ['bench', 'federation-500', '--size', 'clusters=1', '--phases', 'federation-cut'],
      'of this size has no federation-cut',
    ],
    [['bench', 'federation-5000'], 'did you mean federation-500?'],
    [['bench', 'federation-500', '--size', 'vrouter=5'], 'has no vrouter; its size is made of'],
    [['bench', 'federation-500', '--size', 'layout=wide'], 'layout is dealt or packed'],
    [['bench', 'federation-500', '--size', '0'], '0 is no size: vrouters is a number from 1 to 520000'],
    [['bench', 'federation-500', '--size', 'networks=0'], 'networks is a number from 1 to 65536'],
    [['bench', 'federation-500', '--size', 'clusters=300'], 'clusters is a number from 1 to 8'],
    [['bench', 'federation-500', '--size', 'controlNodes=500'], 'controlNodes is a number from 1 to 200'],
    [['bench', 'federation-500', '--size', 'vrouters=200000'], 'a cluster has addresses for 65000 vRouters'],
    [['bench', 'federation-500', '--size', 'networks=65536'], 'do not fit into 10.0.0.0/8'],
    [['bench', 'reflect-100', '--size', 'reflectors=0'], 'reflectors is a number from 1 to 200'],
    [['bench', 'federation-500', '--phases', 'chrun'], 'did you mean churn?'],
    [['bench', 'scenarios/leonardo', '--size', '5'], '--size is for presets'],
    [
      ['bench', 'federation-500', '--profile', 'README.md', '--smoke'],
      'README.md cannot be written: file already exists',
    ],
    [['bench', 'federation-500', '--compare', 'README.md', '--smoke'], 'cannot be read as the JSON of a benchmark'],
  ])('refuses %j with one sentence', (words, sentence) => {
    const { code, err } = bench.run(words);
    expect(code).toBe(2);
    expect(err).toContain(sentence);
  });
});
