/** A scenario as a benchmark: its steps are the phases. */
import type { FileReader } from '../../base/files.ts';
import { failed, type Parsed, parsed } from '../../base/result.ts';
import { World } from '../../world/world.ts';
import { compileScenario } from '../compile.ts';
import { loadScenario } from '../load.ts';
import { lowerScenario } from '../lower/plan.ts';
import { newPlayer, playStep, settle } from '../player.ts';
import { markOf, measureSince } from './measure.ts';
import type { PhaseResult } from './play.ts';

export interface ScenarioBench {
  readonly files: FileReader;
  readonly path: string;
  readonly seed: number | null;
  readonly wire: boolean;
  readonly zeroCost: boolean;
  readonly routeLevelRecord: boolean;
}

export interface StepListener {
  began(title: string): void;
  ended(title: string): void;
}

export function playScenarioBench(bench: ScenarioBench, listener: StepListener): Parsed<readonly PhaseResult[]> {
  listener.began('build');
  const loaded = loadScenario(bench.files, bench.path);
  if (!loaded.ok) return loaded;
  const lowered = lowerScenario(loaded.value, { ...bench, input: null });
  if (!lowered.ok) return lowered;
  const { plan, setting, federated } = lowered.value;
  const { directory } = setting;
  const compiled = compileScenario(loaded.value, setting);
  if (compiled.faults.length > 0) return failed(compiled.faults);
  const world = new World(plan);
  listener.ended('build');
  const player = newPlayer(world, directory, federated, null);
  const results: PhaseResult[] = [];
  for (const step of compiled.steps) {
    const mark = markOf(world);
    const title = `${step.number} ${step.title}`;
    listener.began(title);
    const played = playStep(player, step);
    const busy = step === compiled.steps.at(-1) ? settle(player).busy : null;
    listener.ended(title);
    const failed = (played?.expectations ?? []).flatMap((one) => (one.passed ? [] : [`${one.text}: ${one.found}`]));
    results.push({ ...measureSince(world, mark, title, busy), checks: [], failed });
  }
  return parsed(results);
}
