import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import type { BenchDocument } from '../../src/report/bench.ts';
import { benchSvg } from '../../src/report/bench-svg.ts';
import { DEFAULT_SPEC, type PhaseResult, playBench } from '../../src/scenarios/bench/play.ts';
import { presetNamed } from '../../src/scenarios/bench/presets.ts';
import type { WorldSize } from '../../src/world/generate.ts';

function phasesOf(routeLevelRecord: boolean): readonly PhaseResult[] {
  const size = presetNamed('seed-100')!.build.smoke as WorldSize; // it is made of clusters
  const played = playBench(
    {
      ...DEFAULT_SPEC,
      build: { kind: 'clusters', size },
      phases: ['cold-start', 'control-node-lost', 'target-change'],
      routeLevelRecord,
    },
    { began: () => {}, ended: () => {} },
  );
  if (typeof played === 'string') throw new Error(played);
  return played.phases;
}

const NONE = { median: 0, min: 0, max: 0 };
const documentOf = (phases: readonly PhaseResult[], story = ''): BenchDocument => ({
  format: 'vaportrail-bench 1',
  name: 'seed-100',
  story,
  switches: { vrouters: 10 },
  method: {
    node: 'v20',
    cores: 2,
    platform: 'linux',
    loadBefore: 0,
    foreignCpu: 0,
    runs: 1,
    warmUp: '',
    measured: '',
    notMeasured: [],
  },
  process: { wallSeconds: NONE, cpuSeconds: NONE, rssMegabytes: NONE },
  times: [],
  phases,
  eventsPerSecond: 1,
  nanosecondsPerDelivery: 1,
  holds: true,
});

/** Texts and counts of elements of a well-formed picture. */
function read(svg: string): { readonly texts: string[]; readonly elements: ReadonlyMap<string, number> } {
  const texts: string[] = [];
  const elements = new Map<string, number>();
  const parser = new SaxesParser();
  parser.on('text', (text) => {
    if (text.trim() !== '') texts.push(text.trim());
  });
  parser.on('opentag', ({ name }) => elements.set(name, (elements.get(name) ?? 0) + 1));
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(svg).close();
  return { texts, elements };
}

describe('the picture of a benchmark', () => {
  const phases = phasesOf(true);

  it('has a panel for each phase in which forwarding entries changed, and none for the others', () => {
    const { texts, elements } = read(benchSvg(documentOf(phases)));
    expect(elements.get('polyline')).toBe(2);
    expect(texts).toContain('cold-start');
    expect(texts).toContain('target-change');
    expect(texts).not.toContain('control-node-lost');
  });

  it('has a bar for each slice of time with changes, the highest as high as the plot', () => {
    const [cold] = phases;
    const { elements } = read(benchSvg(documentOf([cold!])));
    const bars = cold!.installed!.filter((count) => count > 0).length;
    expect(elements.get('rect')).toBe(1 + bars);
    expect(benchSvg(documentOf([cold!]))).toContain('height="84"');
  });

  it('says so where nothing changed, or nobody recorded it', () => {
    expect(read(benchSvg(documentOf(phasesOf(false)))).texts).toContain('no forwarding entry changed');
  });

  it('is the same for the same benchmark, and well formed whatever a scenario is called', () => {
    expect(benchSvg(documentOf(phasesOf(true)))).toBe(benchSvg(documentOf(phases)));
    expect(read(benchSvg(documentOf(phases, 'a < b & "c"'))).texts).toContain('a < b & "c"');
  });
});
