/** Options that every verb shares that plays a scenario, and the way from them to a rehearsal. */
import { nearestWord } from '../base/nearest.ts';
import { parseDuration, type VirtualUs } from '../base/time.ts';
import { type Rehearsal, type RehearseOptions, rehearse } from '../scenarios/rehearse.ts';
import type { SegmentSink } from '../sim/sink.ts';
import { DISK } from './disk.ts';
import { BadInput, badArgument } from './outcome.ts';

export interface PlayingOptions {
  readonly seed?: number;
  readonly wire?: boolean;
  readonly input?: string;
  readonly cost?: string;
  readonly at?: string;
}

export interface Playing {
  readonly conclusions: boolean;
  readonly routeLevelRecord?: boolean;
  readonly packetSink?: SegmentSink | null;
}

/** The scenario, played; what is wrong with it is thrown as bad input. */
export function play(path: string, options: PlayingOptions, playing: Playing): Rehearsal {
  const rehearsal = rehearse(rehearsalOf(path, options, playing));
  if (!rehearsal.ok) throw new BadInput(rehearsal.faults);
  return rehearsal.value;
}

/** What a rehearsal is asked for; an option that makes no sense is thrown as bad input. */
export function rehearsalOf(path: string, options: PlayingOptions, playing: Playing): RehearseOptions {
  if (options.cost !== undefined && options.cost !== 'zero') {
    const near = nearestWord(options.cost, ['zero']);
    throw badArgument(
      'unknown-cost',
      `there is no cost model ${options.cost}${near === null ? '; it may be zero' : '; did you mean zero?'}`,
    );
  }
  if (options.input !== undefined && DISK.kind(options.input) !== 'folder') {
    throw badArgument('missing-folder', `there is no folder ${options.input}`);
  }
  return {
    files: DISK,
    path,
    seed: options.seed ?? null,
    wire: options.wire ?? false,
    input: options.input ?? null,
    zeroCost: options.cost === 'zero',
    routeLevelRecord: playing.routeLevelRecord ?? false,
    until: instantOf(options.at),
    onProgress: null,
    packetSink: playing.packetSink ?? null,
    conclusions: playing.conclusions,
  };
}

function instantOf(text: string | undefined): VirtualUs | null {
  if (text === undefined) return null;
  const instant = parseDuration(text);
  if (instant === null)
    throw badArgument('bad-instant', `${text} is no instant; it is a number with a unit, such as 12.5s`);
  return instant;
}
