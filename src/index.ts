/**
 * The library's door: play a scenario from a program or a test, and read what came of it.
 *
 *   import { disk, rehearse } from 'vaportrail';
 *   const played = rehearse({ path: 'scenarios/leonardo' });
 *   if (played.ok) console.log(played.value.result.verdict.sentence);
 */
import fs from 'node:fs';
import { diskReader } from './base/disk-reader.ts';
import type { FileReader } from './base/files.ts';
import type { Parsed } from './base/result.ts';
import { type LoadedScenario, loadScenario as loadFrom } from './scenarios/load.ts';
import { type Rehearsal, type RehearseOptions, rehearse as rehearseWith } from './scenarios/rehearse.ts';

/** The disk, for scenarios that lie there. */
export const disk: FileReader = diskReader(fs);

/** Everything but the path may be left out: the disk is read, nothing is overridden, nobody watches. */
export type Rehearse = Pick<RehearseOptions, 'path'> & Partial<RehearseOptions>;

/** Plays a scenario. What is wrong with it comes back as faults with their places; nothing is thrown for it. */
export function rehearse(options: Rehearse): Parsed<Rehearsal> {
  return rehearseWith({
    files: disk,
    seed: null,
    wire: false,
    input: null,
    zeroCost: false,
    routeLevelRecord: false,
    until: null,
    onProgress: null,
    packetSink: null,
    ...options,
  });
}

/** Reads and checks a scenario without playing it. */
export function loadScenario(path: string, files: FileReader = disk): Parsed<LoadedScenario> {
  return loadFrom(files, path);
}

export type { FileFault, FileReader } from './base/files.ts';
export type { Diagnostic, Parsed, Severity, SourceSpan } from './base/result.ts';
export { placeOf } from './base/result.ts';
export { formatDuration, parseDuration, type VirtualUs } from './base/time.ts';
export type { LoadedScenario } from './scenarios/load.ts';
export type { ProgressEvent, Rehearsal, RehearseOptions } from './scenarios/rehearse.ts';
export type {
  Convergence,
  ExpectationResult,
  ReachabilityMatrix,
  RunResult,
  StepResult,
  Topology,
  Verdict,
} from './scenarios/result.ts';
export { type Scenario, scenarioJsonSchema } from './scenarios/schema/scenario.ts';
export { encodeRecording } from './sim/recording-file.ts';
export type { SegmentSink } from './sim/sink.ts';
export type { Finding } from './verify/finding.ts';
export type { MatrixCell } from './verify/matrix.ts';
export { type Trace, traceExchange } from './verify/trace.ts';
export type { Directory, Endpoint } from './world/directory.ts';
export type { World } from './world/world.ts';
