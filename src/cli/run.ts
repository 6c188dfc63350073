/** `vaportrail run`: plays a scenario; progress while it plays, the report and the verdict at its end. */

import { runDocument } from '../report/run-json.ts';
import { conclusionText, stepText, topologyText } from '../report/run-text.ts';
import type { ProgressEvent, Rehearsal } from '../scenarios/rehearse.ts';
import { encodeRecording } from '../sim/recording-file.ts';
import { writeWhole } from './disk.ts';
import { badArgument, EXIT } from './outcome.ts';
import { type PlayingOptions, play } from './playing.ts';
import { painterFor, printError, printLine, widthFor } from './terminal.ts';

interface RunOptions extends PlayingOptions {
  readonly json?: boolean;
  readonly record?: string;
  readonly pcap?: string;
}

/** 0: everything expected holds; 1: something does not. */
export function run(path: string, options: RunOptions): number {
  const json = options.json === true;
  const paint = painterFor(json ? process.stderr : process.stdout);
  const width = widthFor(json ? process.stderr : process.stdout);
  const say = json ? printError : printLine;
  const onProgress = (event: ProgressEvent): void => {
    if (event.kind === 'built') say(`${topologyText(event, paint)}\n`);
    else if (event.kind === 'step-done') say(stepText(event.step, paint, width));
  };
  const rehearsal = play(path, options, {
    conclusions: true,
    routeLevelRecord: options.record !== undefined,
    ...(json && process.stderr.isTTY !== true ? {} : { onProgress }),
  });
  const { result } = rehearsal;
  if (options.record !== undefined) writeOutput(options.record, recordingOf(rehearsal));
  if (json) printLine(JSON.stringify(runDocument(result), null, 2));
  else printLine(`\n${conclusionText(result, paint, width)}`);
  return result.verdict.failed === 0 ? EXIT.held : EXIT.failed;
}

function recordingOf({ world, result }: Rehearsal): Uint8Array {
  return encodeRecording(world.sim, {
    scenario: { title: result.scenario, file: result.file },
    clusters: [...world.clusters.values()],
  });
}

function writeOutput(path: string, content: Uint8Array): void {
  try {
    writeWhole(path, content);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^[A-Z]+: /, '') : String(error);
    throw badArgument('cannot-write', `${path} cannot be written: ${why}`);
  }
}
