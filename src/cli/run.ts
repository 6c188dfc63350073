/** `vaportrail run`: plays a scenario; progress while it plays, the report and the verdict at its end. */
import { resolve } from 'node:path';
import { formatIpv4, ipv4 } from '../net/ipv4.ts';
import { PcapngWriter } from '../report/pcapng.ts';
import { interruptedDocument, runDocument } from '../report/run-json.ts';
import { conclusionText, interruptedText, stepText, topologyText } from '../report/run-text.ts';
import { type ProgressEvent, type Rehearsal, rehearsing } from '../scenarios/rehearse.ts';
import type { StepResult } from '../scenarios/result.ts';
import { encodeRecording } from '../sim/recording-file.ts';
import type { World } from '../world/world.ts';
import { exitCodeOf, Interrupts } from './interrupt.ts';
import { BadInput, badArgument, EXIT } from './outcome.ts';
import { PartFile } from './part-file.ts';
import { type PlayingOptions, rehearsalOf } from './playing.ts';
import { painterFor, passing, printError, printLine, widthFor } from './terminal.ts';

export interface RunOptions extends PlayingOptions {
  readonly json?: boolean;
  readonly record?: string;
  readonly pcap?: string;
}

/** 0: everything expected holds; 1: something does not; 130 or 143: interrupted. */
export async function run(path: string, options: RunOptions): Promise<number> {
  const interrupts = new Interrupts();
  const outputs = new Outputs(options);
  try {
    const code = await playTold(path, options, outputs, interrupts);
    if (code === EXIT.held || code === EXIT.failed) outputs.keep();
    else outputs.drop();
    return code;
  } catch (error) {
    outputs.drop();
    throw error;
  }
}

/** A step of a larger world takes so long that a signal had better end the program at once than wait for the step. */
const NODES_WATCHED_MAX = 500;

async function playTold(path: string, options: RunOptions, outputs: Outputs, interrupts: Interrupts): Promise<number> {
  const json = options.json === true;
  const stream = json ? process.stderr : process.stdout;
  const [paint, width] = [painterFor(stream), widthFor(stream)];
  const say = json ? printError : printLine;
  const tells = !json || process.stderr.isTTY === true;
  const playing = rehearsing(
    rehearsalOf(path, options, {
      conclusions: true,
      routeLevelRecord: options.record !== undefined,
      packetSink: outputs.capture,
    }),
  );
  let built: (ProgressEvent & { kind: 'built' }) | null = null;
  const done: StepResult[] = [];
  for (;;) {
    const next = playing.next();
    if (next.done === true) {
      if (!next.value.ok) throw new BadInput(next.value.faults);
      return conclude(next.value.value, options, outputs);
    }
    const event = next.value;
    if (event.kind === 'built') {
      built = event;
      outputs.watch(event.world);
      if (outputs.none && event.topology.nodes + event.topology.agents > NODES_WATCHED_MAX) interrupts.release();
      if (tells) say(`${topologyText(event, paint)}\n`);
    } else if (event.kind === 'step-started') {
      if (tells) passing(stream, `            ${event.title} ...`);
    } else {
      done.push(event.step);
      if (tells) passing(stream, '');
      if (tells) say(stepText(event.step, paint, width));
    }
    const signal = await interrupts.look();
    if (signal === null) continue;
    if (json && built !== null) printLine(JSON.stringify(interruptedDocument(built, done, signal), null, 2));
    else printLine(`\n${paint.bad(interruptedText(signal, done, built?.steps ?? 0))}`);
    return exitCodeOf(signal);
  }
}

function conclude(rehearsal: Rehearsal, options: RunOptions, outputs: Outputs): number {
  const { result } = rehearsal;
  outputs.record?.write(recordingOf(rehearsal));
  if (options.json === true) printLine(JSON.stringify(runDocument(result), null, 2));
  else printLine(`\n${conclusionText(result, painterFor(process.stdout), widthFor(process.stdout))}`);
  return result.verdict.failed === 0 ? EXIT.held : EXIT.failed;
}

function recordingOf({ world, result }: Rehearsal): Uint8Array {
  return encodeRecording(world.sim, {
    scenario: { title: result.scenario, file: result.file },
    clusters: [...world.clusters.values()],
  });
}

/** The files of a run: opened before it, so that a place that cannot be written is known at once, kept at its end. */
class Outputs {
  readonly record: PartFile | null;
  readonly capture: PcapngWriter | null;
  private readonly files: readonly PartFile[];
  private world: World | null = null;

  constructor({ record, pcap }: RunOptions) {
    const open = (path: string | undefined) => (path === undefined ? null : new PartFile(path));
    this.record = open(record);
    const packets = open(pcap);
    this.capture =
      packets === null
        ? null
        : new PcapngWriter(
            (address) => this.nameOf(address),
            (octets) => packets.write(octets),
          );
    this.files = [this.record, packets].filter((file) => file !== null);
    if (this.record !== null && packets !== null && resolve(this.record.path) === resolve(packets.path)) {
      this.drop();
      throw badArgument('cannot-write', `${record} is named for the recording and for the capture`);
    }
  }

  get none(): boolean {
    return this.files.length === 0;
  }

  /** The nodes whose addresses are named in the capture. */
  watch(world: World): void {
    this.world = world;
  }

  keep(): void {
    for (const file of this.files) file.finish(); // a disk that is full keeps none of them
    for (const file of this.files) file.keep();
  }

  drop(): void {
    for (const file of this.files) file.drop();
  }

  private nameOf(address: number): string {
    const node = this.world?.sim.underlay.nodeAt(address) ?? -1;
    return this.world === null || node < 0 ? formatIpv4(ipv4(address)) : this.world.sim.nodeName(node);
  }
}
