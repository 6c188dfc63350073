/**
 * A recording as a file: the same scenario and seed give the same octets.
 *
 *   magic, version | blocks | index | place, length and digest of the index, magic backwards
 *
 * A block is one MessagePack value packed for itself: the header, texts, up to 4,096 rows of a table as columns, the
 * counters, or an attachment (configuration objects, source places: whatever the writer adds under a name). The index
 * tells kind, place, length, rows and digest of each. Times in a block are differences. Nothing here says how messages
 * were delivered (decoded once or by each receiver), because that must not matter.
 */
import { Packr, Unpackr } from 'msgpackr';
import { OctetReader, OctetWriter } from '../base/bytes.ts';
import { Digest } from '../base/digest.ts';
import { byText } from '../base/order.ts';
import { failed, fault, type Parsed, parsed } from '../base/result.ts';
import { type VirtualUs, virtualUs } from '../base/time.ts';
import type { CounterRow } from './counters.ts';
import type { Simulation } from './kernel.ts';
import {
  BLOCK_ROWS,
  CHANGE_COLUMNS,
  type ChangeRow,
  MESSAGE_COLUMNS,
  type MessageRow,
  NOTE_COLUMNS,
  type NoteRow,
  type RowTable,
} from './record.ts';

const MAGIC = 'VAPTRAIL';
const MAGIC_END = 'LIARTPAV';
export const RECORDING_VERSION = 1;
const HEAD = MAGIC.length + 4;
const TAIL = 16 + MAGIC_END.length;

/** Plain data under a name: numbers, texts, booleans, null, arrays and records of them. */
export type Attachments = Readonly<Record<string, unknown>>;

export function encodeRecording(simulation: Simulation, attachments: Attachments = {}): Uint8Array {
  const writer = new OctetWriter(1 << 16);
  const index: unknown[] = [];
  writer.octets(ascii(MAGIC));
  writer.u32(RECORDING_VERSION);
  const block = (kind: string, name: string, rows: number, value: unknown): void => {
    const octets = pack(value);
    index.push([kind, name, writer.length, octets.length, rows, digestOf(octets)]);
    writer.octets(octets);
  };

  const { recording } = simulation;
  const nodes: string[] = [];
  for (let node = 0; node < simulation.nodeCount; node++) nodes.push(simulation.nodeName(node));
  block('header', '', 0, {
    seed: simulation.seed,
    end: simulation.now,
    lastTableChange: simulation.lastTableChange,
    routeLevel: recording.routeLevel,
    nodes,
  });
  const texts: string[] = [];
  for (let id = 0; id < recording.texts.size; id++) texts.push(recording.texts.text(id));
  block('texts', '', texts.length, texts);
  for (const [kind, table] of [
    ['messages', recording.messages],
    ['notes', recording.notes],
    ['changes', recording.changes],
  ] as const) {
    for (let from = 0; from < table.length; from += BLOCK_ROWS) {
      const rows = Math.min(BLOCK_ROWS, table.length - from);
      block(kind, '', rows, columnsOf(table, from, rows));
    }
  }
  const counters = simulation.counters.rows();
  block(
    'counters',
    '',
    counters.length,
    counters.map(({ node, session, counter, value }) => [node, session, counter, value]),
  );
  for (const name of Object.keys(attachments).sort(byText)) block('attachment', name, 0, attachments[name]);

  const at = writer.length;
  const octets = pack(index);
  writer.octets(octets);
  writer.u32(Math.floor(at / 0x1_0000_0000));
  writer.u32(at >>> 0);
  writer.u32(octets.length);
  writer.u32(digestOf(octets));
  writer.octets(ascii(MAGIC_END));
  return writer.finish();
}

/** A recording that was read: rows by number, all checked. */
export class RecordingFile {
  readonly seed: number;
  readonly end: VirtualUs;
  readonly lastTableChange: VirtualUs | null;
  readonly routeLevel: boolean;
  /** Names by node id. */
  readonly nodes: readonly string[];
  readonly attachments: Attachments;
  readonly counters: readonly CounterRow[];
  private readonly texts: readonly string[];
  private readonly tables: Readonly<Record<TableName, ReadTable>>;

  constructor(parts: RecordingParts) {
    this.seed = parts.seed;
    this.end = parts.end;
    this.lastTableChange = parts.lastTableChange;
    this.routeLevel = parts.routeLevel;
    this.nodes = parts.nodes;
    this.attachments = parts.attachments;
    this.counters = parts.counters;
    this.texts = parts.texts;
    this.tables = parts.tables;
  }

  get messageCount(): number {
    return this.tables.messages.times.length;
  }

  get noteCount(): number {
    return this.tables.notes.times.length;
  }

  get changeCount(): number {
    return this.tables.changes.times.length;
  }

  nodeName(node: number): string {
    return this.nodes[node] ?? '';
  }

  message(row: number): MessageRow {
    const { times, columns } = this.tables.messages;
    return {
      at: times[row]!,
      from: columns.from![row]!,
      to: columns.to![row]!,
      stream: columns.stream![row]!,
      kind: this.text(columns.kind![row]!),
      size: columns.size![row]!,
      items: columns.items![row]!,
      digest: columns.digest![row]! >>> 0,
      cause: columns.cause![row]!,
    };
  }

  note(row: number): NoteRow {
    const { times, columns } = this.tables.notes;
    return {
      at: times[row]!,
      node: columns.node![row]!,
      kind: this.text(columns.kind![row]!),
      text: this.text(columns.text![row]!),
      cause: columns.cause![row]!,
    };
  }

  change(row: number): ChangeRow {
    const { times, columns } = this.tables.changes;
    return {
      at: times[row]!,
      node: columns.node![row]!,
      table: this.text(columns.table![row]!),
      key: this.text(columns.key![row]!),
      change: columns.change![row]!,
      cause: columns.cause![row]!,
    };
  }

  private text(id: number): string {
    return this.texts[id] ?? '';
  }
}

type TableName = 'messages' | 'notes' | 'changes';

const COLUMNS: Readonly<Record<TableName, readonly string[]>> = {
  messages: MESSAGE_COLUMNS,
  notes: NOTE_COLUMNS,
  changes: CHANGE_COLUMNS,
};

interface ReadTable {
  readonly times: readonly number[];
  readonly columns: Readonly<Record<string, readonly number[]>>;
}

interface RecordingParts {
  readonly seed: number;
  readonly end: VirtualUs;
  readonly lastTableChange: VirtualUs | null;
  readonly routeLevel: boolean;
  readonly nodes: readonly string[];
  readonly attachments: Attachments;
  readonly counters: readonly CounterRow[];
  readonly texts: readonly string[];
  readonly tables: Readonly<Record<TableName, ReadTable>>;
}

/** Says what is wrong with the file; thrown and caught within this module. */
class Unreadable extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Reads and checks all of a recording. `file` is how a fault names it. */
export function readRecording(octets: Uint8Array, file = 'recording'): Parsed<RecordingFile> {
  try {
    return parsed(read(octets));
  } catch (error) {
    const at = { file, line: 1, column: 1 };
    if (error instanceof Unreadable) return failed([fault(at, error.code, error.message)]);
    throw error;
  }
}

function read(octets: Uint8Array): RecordingFile {
  const head = ascii(MAGIC);
  if (!startsWith(octets, 0, head.subarray(0, Math.min(head.length, octets.length))) || octets.length === 0) {
    throw new Unreadable('not-a-recording', 'this is not a recording: its first octets are not VAPTRAIL');
  }
  if (octets.length < HEAD) throw truncated();
  const version = new OctetReader(octets, MAGIC.length).u32();
  if (version !== RECORDING_VERSION) {
    const message = `this recording has version ${version}, and only version ${RECORDING_VERSION} is read here: record it again`;
    throw new Unreadable('other-recording-version', message);
  }
  const tail = octets.length - TAIL;
  if (tail < HEAD || !startsWith(octets, octets.length - MAGIC_END.length, ascii(MAGIC_END))) throw truncated();
  const trailer = new OctetReader(octets, tail);
  const indexAt = trailer.u32() * 0x1_0000_0000 + trailer.u32();
  const indexLength = trailer.u32();
  const indexDigest = trailer.u32();
  if (indexAt < HEAD || indexAt + indexLength !== tail) throw corrupt('its index is not where it should be');
  const index = unpack(octets.subarray(indexAt, tail), indexDigest, 'the index');

  const file = new Assembly();
  let expected = HEAD;
  for (const entry of listOf(index, 'the index')) {
    const [kind, name, at, length, rows, digest] = listOf(entry, 'the index');
    if (typeof kind !== 'string' || typeof name !== 'string') throw corrupt('a block has no kind');
    const what = `block ${kind}${name === '' ? '' : ` ${name}`}`;
    if (at !== expected || !isCount(length) || at + length > indexAt)
      throw corrupt(`${what} is not where it should be`);
    expected = at + length;
    if (!isCount(rows) || !isCount(digest)) throw corrupt(`${what} has no rows or digest`);
    file.add(kind, name, unpack(octets.subarray(at, expected), digest, what), rows, what);
  }
  if (expected !== indexAt) throw corrupt('octets lie between its blocks');
  return file.complete();
}

/** What has been read so far. */
class Assembly {
  private header: Readonly<Record<string, unknown>> | null = null;
  private readonly texts: string[] = [];
  private readonly counters: CounterRow[] = [];
  private readonly attachments = new Map<string, unknown>();
  private readonly tables: Record<TableName, { times: number[]; columns: Record<string, number[]> }> = {
    messages: emptyTable('messages'),
    notes: emptyTable('notes'),
    changes: emptyTable('changes'),
  };

  add(kind: string, name: string, value: unknown, rows: number, what: string): void {
    if (kind === 'header') this.header = recordOf(value, what);
    else if (kind === 'texts') {
      for (const text of listOf(value, what)) {
        if (typeof text !== 'string') throw corrupt(`${what} holds something that is no text`);
        this.texts.push(text);
      }
    } else if (kind === 'messages' || kind === 'notes' || kind === 'changes') this.addRows(kind, value, rows, what);
    else if (kind === 'counters') for (const row of listOf(value, what)) this.counters.push(counterOf(row, what));
    else if (kind === 'attachment') this.attachments.set(name, value);
    else throw corrupt(`${what} is of no known kind`);
  }

  complete(): RecordingFile {
    const { header } = this;
    if (header === null) throw corrupt('it has no header');
    const { seed, end, lastTableChange, routeLevel } = header;
    const nodes = listOf(header.nodes, 'the header');
    if (!Number.isSafeInteger(seed) || !isCount(end) || typeof routeLevel !== 'boolean') {
      throw corrupt('its header has no seed, end or level');
    }
    if (lastTableChange !== null && !isCount(lastTableChange)) throw corrupt('its last change has no time');
    return new RecordingFile({
      seed: seed as number, // checked above, which the compiler cannot see
      end: virtualUs(end),
      lastTableChange: lastTableChange === null ? null : virtualUs(lastTableChange),
      routeLevel,
      nodes: nodes.map((node) => String(node)),
      attachments: Object.fromEntries(this.attachments),
      counters: this.counters,
      texts: this.texts,
      tables: this.tables,
    });
  }

  private addRows(kind: TableName, value: unknown, rows: number, what: string): void {
    const columns = recordOf(value, what);
    const table = this.tables[kind];
    const numbers = (name: string): number[] => {
      const column = listOf(columns[name], what);
      if (column.length !== rows) throw corrupt(`${what} has a column ${name} of another length`);
      for (const cell of column) {
        if (!Number.isSafeInteger(cell))
          throw corrupt(`${what} has something in column ${name} that is no whole number`);
      }
      return column as number[]; // each was looked at
    };
    let time = 0;
    for (const difference of numbers('at')) {
      time += difference;
      table.times.push(time);
    }
    for (const name of COLUMNS[kind]) for (const cell of numbers(name)) table.columns[name]!.push(cell);
  }
}

function emptyTable(kind: TableName): { times: number[]; columns: Record<string, number[]> } {
  return { times: [], columns: Object.fromEntries(COLUMNS[kind].map((name) => [name, []])) };
}

function columnsOf(table: RowTable, from: number, rows: number): Record<string, number[]> {
  const at: number[] = [];
  let before = 0;
  for (let row = from; row < from + rows; row++) {
    const time = table.time(row);
    at.push(time - before);
    before = time;
  }
  const columns: Record<string, number[]> = { at };
  table.columns.forEach((name, column) => {
    const cells: number[] = [];
    for (let row = from; row < from + rows; row++) cells.push(table.cell(row, column));
    columns[name] = cells;
  });
  return columns;
}

function pack(value: unknown): Uint8Array {
  return Uint8Array.from(new Packr({ useRecords: false, variableMapSize: true }).pack(value));
}

function unpack(octets: Uint8Array, digest: number, what: string): unknown {
  if (digestOf(octets) !== digest) throw corrupt(`${what} does not have the content it was written with`);
  try {
    return new Unpackr({ useRecords: false, mapsAsObjects: true }).unpack(octets);
  } catch {
    throw corrupt(`${what} is not MessagePack`);
  }
}

function digestOf(octets: Uint8Array): number {
  return new Digest().octets(octets).short();
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function startsWith(octets: Uint8Array, at: number, prefix: Uint8Array): boolean {
  return prefix.every((octet, i) => octets[at + i] === octet);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0; // a safe integer is a number
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw corrupt(`${what} is no list`);
  return value as readonly unknown[]; // an array of whatever
}

function recordOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw corrupt(`${what} is no record`);
  return value as Readonly<Record<string, unknown>>; // an object that is no array
}

function counterOf(value: unknown, what: string): CounterRow {
  const [node, session, counter, count] = listOf(value, what);
  if (!isCount(node) || typeof session !== 'string' || typeof counter !== 'string' || typeof count !== 'number') {
    throw corrupt(`${what} has a row that is no counter`);
  }
  return { node, session, counter, value: count };
}

function truncated(): Unreadable {
  return new Unreadable(
    'truncated-recording',
    'this recording ends too early: its index is missing, so copy or record it again',
  );
}

function corrupt(what: string): Unreadable {
  return new Unreadable('corrupt-recording', `this recording is damaged: ${what}`);
}
