/** The kernel as one node sees it. */
import { invariant } from '../base/invariant.ts';
import { NEVER, type VirtualUs } from '../base/time.ts';
import type { Simulation } from './kernel.ts';
import type {
  ConnectOptions,
  DecodedMessage,
  NodeId,
  NodePort,
  RandomStream,
  StreamId,
  StreamMessage,
} from './node.ts';
import type { EventQueue } from './queue.ts';
import { RawOctets } from './stream.ts';
import type { TimerTable } from './timers.ts';
import type { Transport } from './transport.ts';

export class Port implements NodePort {
  readonly id: NodeId;
  private readonly name: string;
  private readonly simulation: Simulation;
  private readonly transport: Transport;
  private readonly timers: TimerTable;
  private readonly queue: EventQueue;

  constructor(
    simulation: Simulation,
    transport: Transport,
    timers: TimerTable,
    queue: EventQueue,
    id: NodeId,
    name: string,
  ) {
    this.simulation = simulation;
    this.transport = transport;
    this.timers = timers;
    this.queue = queue;
    this.id = id;
    this.name = name;
  }

  now(): VirtualUs {
    return this.queue.now;
  }

  random(purpose: string): RandomStream {
    return this.simulation.random(this.name, purpose);
  }

  connect(options: ConnectOptions): StreamId {
    return this.transport.connect(this.id, options);
  }

  send(stream: StreamId, message: StreamMessage): void {
    this.transport.send(this.id, stream, message);
  }

  sendOctets(stream: StreamId, octets: Uint8Array): void {
    this.transport.send(this.id, stream, new RawOctets(octets));
  }

  decoded(stream: StreamId, message: DecodedMessage): void {
    const { kind, size, items, digest } = message;
    const from = this.transport.streams.peerOf(this.id, stream);
    this.simulation.messageUnderstood(from, this.id, stream, kind, size, items, digest, this.transport.handledCause);
  }

  close(stream: StreamId, how: 'close' | 'reset'): void {
    this.transport.close(this.id, stream, how);
  }

  isBlocked(stream: StreamId): boolean {
    return this.transport.isBlocked(this.id, stream);
  }

  hasUnread(stream: StreamId): boolean {
    return this.transport.hasUnread(this.id, stream);
  }

  idleAt(): VirtualUs {
    return this.simulation.server(this.id).idleAt(this.queue.now);
  }

  setUserTimeout(stream: StreamId, timeout: VirtualUs): void {
    this.transport.setUserTimeout(this.id, stream, timeout);
  }

  setTimer(kind: number, a: number, b: number, at: VirtualUs, background: boolean): void {
    invariant(at >= this.queue.now, 'a timer is not set into the past');
    if (at === NEVER) this.timers.cancel(this.id, kind, a, b);
    else {
      const cause = this.simulation.currentCause();
      this.timers.set(this.id, kind, a, b, at, this.queue.nextOrder(), background, cause);
    }
  }

  cancelTimer(kind: number, a: number, b: number): void {
    this.timers.cancel(this.id, kind, a, b);
  }

  tableChanged(table: string, key: string | (() => string), change: number): void {
    this.simulation.tableChanged(this.id, table, key, change);
  }

  get recordsRows(): boolean {
    return this.simulation.recording.routeLevel;
  }

  rowsChanged(rows: number): void {
    this.simulation.rowsChanged(rows);
  }

  count(counter: string, by = 1, session = ''): void {
    this.simulation.counters.add(this.id, counter, by, session);
  }

  cause(): number {
    return this.simulation.currentCause();
  }

  note(kind: string, text: string): void {
    this.simulation.note(this.id, kind, text);
  }
}
