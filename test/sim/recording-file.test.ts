import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { OctetWriter } from '../../src/base/bytes.ts';
import { Digest } from '../../src/base/digest.ts';
import { milliseconds, seconds } from '../../src/base/time.ts';
import { Simulation } from '../../src/sim/kernel.ts';
import { encodeRecording, RECORDING_VERSION, type RecordingFile, readRecording } from '../../src/sim/recording-file.ts';
import { addTalker, latency, startAll } from './toy.ts';

function played(texts: number): Simulation {
  const simulation = new Simulation({ seed: 20161109, routeLevel: true });
  simulation.links.setDefault(latency(2));
  const a = addTalker(simulation, 'a', { connectTo: [101] });
  addTalker(simulation, 'b');
  startAll(simulation);
  simulation.runUntil(milliseconds(10));
  for (let i = 0; i < texts; i++) a.say(`ping ${i % 50}`);
  simulation.runUntil(seconds(1));
  return simulation;
}

function read(octets: Uint8Array): RecordingFile {
  const result = readRecording(octets);
  if (!result.ok) throw new Error(result.faults[0]!.message);
  return result.value;
}

function faultOf(octets: Uint8Array): string {
  const result = readRecording(octets, 'run.rec');
  if (result.ok) return 'readable';
  const [fault] = result.faults;
  return `${fault!.at!.file} ${fault!.code}: ${fault!.message}`;
}

/** A file with these blocks, put together as the writer does. */
function file(blocks: readonly (readonly [string, unknown, number])[]): Uint8Array {
  const packr = new Packr({ useRecords: false });
  const writer = new OctetWriter();
  writer.octets(new TextEncoder().encode('VAPTRAIL'));
  writer.u32(RECORDING_VERSION);
  const index = blocks.map(([kind, value, rows]) => {
    const octets = Uint8Array.from(packr.pack(value));
    const at = writer.length;
    writer.octets(octets);
    return [kind, '', at, octets.length, rows, new Digest().octets(octets).short()];
  });
  const at = writer.length;
  const octets = Uint8Array.from(packr.pack(index));
  writer.octets(octets);
  for (const word of [0, at, octets.length, new Digest().octets(octets).short()]) writer.u32(word);
  writer.octets(new TextEncoder().encode('LIARTPAV'));
  return writer.finish();
}

describe('a recording', () => {
  it('reads back row by row, over several blocks, with its attachments and counters', () => {
    const simulation = played(3_000);
    const attachments = {
      zebra: [1, 2, { b: null, a: 'text' }],
      objects: { network: { file: 'leonardo.yaml', line: 14 } },
    };
    const file = read(encodeRecording(simulation, attachments));
    const { recording } = simulation;
    expect(recording.messages.length).toBeGreaterThan(4_096);
    expect([file.messageCount, file.noteCount, file.changeCount]).toEqual([
      recording.messages.length,
      recording.notes.length,
      recording.changes.length,
    ]);
    for (const row of [0, 1, 4_095, 4_096, recording.messages.length - 1]) {
      expect(file.message(row)).toEqual(recording.messageRow(row));
      expect(file.change(row)).toEqual(recording.changeRow(row));
    }
    for (let row = 0; row < file.noteCount; row++) expect(file.note(row)).toEqual(recording.noteRow(row));
    expect(file.attachments).toEqual(attachments);
    expect(file.counters).toEqual(simulation.counters.rows());
    expect([file.seed, file.end, file.nodes, file.routeLevel]).toEqual([20161109, seconds(1), ['a', 'b'], true]);
    expect(file.lastTableChange).toBe(simulation.lastTableChange);
    expect([file.nodeName(1), file.nodeName(-1)]).toEqual(['b', '']);
  });

  it('does not depend on the order in which attachments were given', () => {
    const simulation = played(3);
    expect(encodeRecording(simulation, { a: 1, b: 2 })).toEqual(encodeRecording(simulation, { b: 2, a: 1 }));
  });

  it('of nothing can be read', () => {
    const file = read(encodeRecording(new Simulation({ seed: 0 })));
    expect([file.messageCount, file.lastTableChange, file.nodes]).toEqual([0, null, []]);
  });
});

describe('what is no recording', () => {
  const octets = encodeRecording(played(40), { note: 'x' });

  it('is told apart from one by its first octets', () => {
    const not = 'run.rec not-a-recording: this is not a recording: its first octets are not VAPTRAIL';
    expect(faultOf(new Uint8Array())).toBe(not);
    expect(faultOf(Uint8Array.from([1, 2, 3]))).toBe(not);
    expect(faultOf(new TextEncoder().encode('{"recording": true}'))).toBe(not);
  });

  it('of another version is refused with both versions named', () => {
    const other = octets.slice();
    other[11] = 9;
    expect(faultOf(other)).toBe(
      'run.rec other-recording-version: this recording has version 9, and only version 1 is read here: record it again',
    );
  });

  it('that was cut short anywhere is said to end too early', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: octets.length - 1 }), (length) => {
        expect(faultOf(octets.subarray(0, length))).toContain('truncated-recording: this recording ends too early');
      }),
    );
  });

  it('that was changed anywhere after its version is said to be damaged, and nothing of it is believed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 12, max: octets.length - 9 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = octets.slice();
        damaged[at]! ^= change;
        expect(faultOf(damaged)).toContain('corrupt-recording: this recording is damaged');
      }),
    );
  });

  it('is refused with the name of the block that is well packed and yet no such block', () => {
    const header = { seed: 1, end: 0, lastTableChange: null, routeLevel: false, nodes: ['a'] };
    const rows = { at: [0], node: [0], kind: [0], text: [0], cause: [-1] };
    expect(
      faultOf(
        file([
          ['header', header, 0],
          ['texts', ['x'], 1],
          ['notes', rows, 1],
        ]),
      ),
    ).toBe('readable');
    const damaged: readonly (readonly [string, unknown, number, string])[] = [
      ['notes', rows, 2, 'block notes has a column at of another length'],
      ['notes', { ...rows, text: ['x'] }, 1, 'block notes has something in column text that is no whole number'],
      ['notes', [], 1, 'block notes is no record'],
      ['notes', { ...rows, cause: 7 }, 1, 'block notes is no list'],
      ['texts', [7], 1, 'block texts holds something that is no text'],
      ['counters', [[0, '', 'x']], 1, 'block counters has a row that is no counter'],
      ['surprise', 1, 0, 'block surprise is of no known kind'],
      ['header', { ...header, end: -1 }, 0, 'its header has no seed, end or level'],
      ['header', { ...header, lastTableChange: 'never' }, 0, 'its last change has no time'],
    ];
    for (const [kind, value, count, what] of damaged) {
      expect(
        faultOf(
          file([
            ['header', header, 0],
            [kind, value, count],
          ]),
        ),
      ).toContain(`is damaged: ${what}`);
    }
    expect(faultOf(file([]))).toContain('is damaged: it has no header');
  });

  it('is refused when it is well packed and yet no table', () => {
    // The digest of an index and of blocks made by somebody else may well be right.
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (junk) => {
        const writer = new OctetWriter();
        writer.octets(octets.subarray(0, 12));
        writer.octets(junk);
        writer.octets(octets.subarray(octets.length - 24));
        expect(readRecording(writer.finish()).ok).toBe(false);
      }),
    );
  });
});
