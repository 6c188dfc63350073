/**
 * The record of a run while it runs: rows of numbers in blocks of columns. recording-file.ts makes a file of it.
 *
 * A full block never changes and is shared by copies of the world, so that forking a long run costs no more than
 * forking a short one. Texts are numbered at their first appearance.
 */
import { float64Cells, int32Cells } from '../base/cells.ts';
import { shared } from '../base/fork.ts';
import { TextIds } from '../base/interner.ts';
import type { NodeId, StreamId } from './node.ts';

export const BLOCK_ROWS = 4096;

/** Rows of one time and some integers each. */
export class RowTable {
  /** Names of the integer columns. */
  readonly columns: readonly string[];
  private readonly full: RowBlock[] = [];
  private open: RowBlock;
  private used = 0;

  constructor(columns: readonly string[]) {
    this.columns = columns;
    this.open = new RowBlock(columns.length, 16);
  }

  get length(): number {
    return this.full.length * BLOCK_ROWS + this.used;
  }

  /** Starts a row and returns where its integers go: `cells[at]`, `cells[at + 1]`, ... */
  start(time: number): number {
    if (this.used === this.open.times.length) this.extend();
    this.open.times[this.used] = time;
    return this.used++ * this.columns.length;
  }

  get cells(): Int32Array {
    return this.open.cells;
  }

  time(row: number): number {
    return this.blockOf(row).times[row % BLOCK_ROWS]!;
  }

  cell(row: number, column: number): number {
    return this.blockOf(row).cells[(row % BLOCK_ROWS) * this.columns.length + column]!;
  }

  private blockOf(row: number): RowBlock {
    return this.full[Math.floor(row / BLOCK_ROWS)] ?? this.open;
  }

  private extend(): void {
    if (this.used === BLOCK_ROWS) {
      this.full.push(shared(this.open));
      this.open = new RowBlock(this.columns.length, BLOCK_ROWS);
      this.used = 0;
      return;
    }
    const grown = new RowBlock(this.columns.length, Math.min(BLOCK_ROWS, this.used * 4));
    grown.times.set(this.open.times);
    grown.cells.set(this.open.cells);
    this.open = grown;
  }
}

class RowBlock {
  readonly times: Float64Array;
  readonly cells: Int32Array;
  constructor(columns: number, rows: number) {
    this.times = float64Cells(rows);
    this.cells = int32Cells(rows * columns);
  }
}

/** Columns of the three tables; `cause` is the number of a message row, or a negative number as in {@link noteCause}. */
export const MESSAGE_COLUMNS: readonly string[] = ['from', 'to', 'stream', 'kind', 'size', 'items', 'digest', 'cause'];
export const NOTE_COLUMNS: readonly string[] = ['node', 'kind', 'text', 'cause'];
export const CHANGE_COLUMNS: readonly string[] = ['node', 'table', 'key', 'change', 'cause'];

/** Nothing in the record caused it: a timer set at the start, a step. */
export const NO_CAUSE = -1;

/** A note as a cause: -2 and below. */
export function noteCause(note: number): number {
  return -2 - note;
}

export interface MessageRow {
  readonly at: number;
  readonly from: NodeId;
  readonly to: NodeId;
  readonly stream: StreamId;
  readonly kind: string;
  readonly size: number;
  readonly items: number;
  readonly digest: number;
  readonly cause: number;
}

export interface NoteRow {
  readonly at: number;
  /** -1 for the world itself. */
  readonly node: NodeId;
  readonly kind: string;
  readonly text: string;
  readonly cause: number;
}

export interface ChangeRow {
  readonly at: number;
  readonly node: NodeId;
  readonly table: string;
  readonly key: string;
  readonly change: number;
  readonly cause: number;
}

export class Recording {
  /** Whether each change of a row of a table is a row here. */
  readonly routeLevel: boolean;
  readonly texts = new TextIds();
  readonly messages = new RowTable(MESSAGE_COLUMNS);
  readonly notes = new RowTable(NOTE_COLUMNS);
  readonly changes = new RowTable(CHANGE_COLUMNS);

  constructor(routeLevel: boolean) {
    this.routeLevel = routeLevel;
  }

  /** The number of the row. */
  message(
    at: number,
    from: NodeId,
    to: NodeId,
    stream: StreamId,
    kind: string,
    size: number,
    items: number,
    digest: number,
    cause: number,
  ): number {
    const row = this.messages.length;
    const cell = this.messages.start(at);
    const { cells } = this.messages;
    cells[cell] = from;
    cells[cell + 1] = to;
    cells[cell + 2] = stream;
    cells[cell + 3] = this.texts.intern(kind);
    cells[cell + 4] = size;
    cells[cell + 5] = items;
    cells[cell + 6] = digest | 0;
    cells[cell + 7] = cause;
    return row;
  }

  note(at: number, node: NodeId, kind: string, text: string, cause: number): number {
    const row = this.notes.length;
    const cell = this.notes.start(at);
    const { cells } = this.notes;
    cells[cell] = node;
    cells[cell + 1] = this.texts.intern(kind);
    cells[cell + 2] = this.texts.intern(text);
    cells[cell + 3] = cause;
    return row;
  }

  change(at: number, node: NodeId, table: string, key: string, change: number, cause: number): void {
    const cell = this.changes.start(at);
    const { cells } = this.changes;
    cells[cell] = node;
    cells[cell + 1] = this.texts.intern(table);
    cells[cell + 2] = this.texts.intern(key);
    cells[cell + 3] = change;
    cells[cell + 4] = cause;
  }

  messageRow(row: number): MessageRow {
    const cell = (column: number): number => this.messages.cell(row, column);
    return {
      at: this.messages.time(row),
      from: cell(0),
      to: cell(1),
      stream: cell(2),
      kind: this.texts.text(cell(3)),
      size: cell(4),
      items: cell(5),
      digest: cell(6) >>> 0,
      cause: cell(7),
    };
  }

  noteRow(row: number): NoteRow {
    const cell = (column: number): number => this.notes.cell(row, column);
    return {
      at: this.notes.time(row),
      node: cell(0),
      kind: this.texts.text(cell(1)),
      text: this.texts.text(cell(2)),
      cause: cell(3),
    };
  }

  changeRow(row: number): ChangeRow {
    const cell = (column: number): number => this.changes.cell(row, column);
    return {
      at: this.changes.time(row),
      node: cell(0),
      table: this.texts.text(cell(1)),
      key: this.texts.text(cell(2)),
      change: cell(3),
      cause: cell(4),
    };
  }
}
