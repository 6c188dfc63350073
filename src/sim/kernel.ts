/**
 * The run loop: one clock, one queue, nodes that are told of one thing at a time.
 *
 * The kernel knows no protocol. It owns time, order, chance, the way between nodes, their power and the record; what
 * nodes say to each other is theirs. All of it is plain data: {@link Simulation.fork}, or `forkGraph` on anything that
 * holds a simulation, makes a copy that goes on alone.
 */
import { forkGraph } from '../base/fork.ts';
import { broken, InvariantError, invariant } from '../base/invariant.ts';
import { formatDuration, type VirtualUs } from '../base/time.ts';
import { Counters } from './counters.ts';
import { Links } from './link.ts';
import type { NodeId, NodePort, RandomStream, SimNode, StreamId, StreamMessage } from './node.ts';
import { Port } from './port.ts';
import { type EventHandle, EventQueue } from './queue.ts';
import { Chance } from './random.ts';
import { NO_CAUSE, noteCause, Recording } from './record.ts';
import { type CostModel, FREE, Server } from './server.ts';
import type { SegmentSink } from './sink.ts';
import { StormError, shortestCycle } from './storm.ts';
import { RawOctets, type Stream, sizeOf } from './stream.ts';
import { TimerTable } from './timers.ts';
import { Transport } from './transport.ts';
import { TRANSPORT_EVENT_NAMES, TRANSPORT_EVENTS, type TransportHost } from './transport-host.ts';
import { type CutId, type CutKind, Underlay } from './underlay.ts';

/** Kinds of events that are the kernel's own. */
const POWER = TRANSPORT_EVENTS;
const ACTION = TRANSPORT_EVENTS + 1;

const POWER_START = 0;
const POWER_STOP = 1;
const POWER_CRASH = 2;
const POWER_WORDS = ['start', 'stop', 'crash'] as const;
export type PowerChange = (typeof POWER_WORDS)[number];

export interface SimulationOptions {
  readonly seed: number;
  /** Receivers decode octets themselves. Times and record are the same either way. */
  readonly wire?: boolean;
  /** Writes a row for each change of a row of a table. */
  readonly routeLevel?: boolean;
  /** Octets that a stream takes before the sender is blocked. */
  readonly socketBuffer?: number;
  /** Events at one instant after which time counts as standing still. */
  readonly stormLimit?: number;
}

/** Linux' default receive buffer (net.core.rmem_default) and as much for sending. */
const SOCKET_BUFFER = 2 * 212_992;
const STORM_LIMIT = 5_000_000;
const STORM_TRACE = 256;

export interface NodeSpec {
  readonly name: string;
  readonly addresses: readonly number[];
  readonly cost?: CostModel;
  /** The cluster it belongs to, for the parameters of its links. */
  readonly group?: number;
}

/** Plays what the world has scheduled; part of the state, and copied with it. */
export interface ActionHandler {
  actionDue(kind: number, id: number): void;
}

/** How a run to quiescence ended. */
export interface Quiescence {
  readonly quiescent: boolean;
  readonly at: VirtualUs;
  /** What kept it busy; null when it is quiescent. */
  readonly busy: string | null;
}

/** Listeners are outside of the state: a copy of a world has none. */
const sinks = new WeakMap<Simulation, SegmentSink>();

export class Simulation implements TransportHost {
  readonly links = new Links();
  readonly underlay = new Underlay();
  readonly counters = new Counters();
  readonly recording: Recording;
  readonly wire: boolean;
  /** The time of the last change of a table: "converged at" once the world is quiescent. */
  lastTableChange: VirtualUs | null = null;
  tableChanges = 0;
  eventsHandled = 0;

  private readonly queue = new EventQueue();
  private readonly timers = new TimerTable();
  private readonly chance: Chance;
  private readonly transport: Transport;
  private readonly nodes: SimNode[] = [];
  private readonly ports: Port[] = [];
  private readonly servers: Server[] = [];
  private readonly epochs: number[] = [];
  private readonly names = new Map<string, NodeId>();
  private readonly stormLimit: number;
  private actions: ActionHandler | null = null;
  private cause = NO_CAUSE;
  /** Moves whenever the answer to "is something not settled" may have changed. */
  private activity = 0;
  private eventsAtInstant = 0;
  private instant = -1;
  private stormTrace: string[] = [];
  /** Saves asking for a sink where there has never been one. */
  private listened = false;

  constructor(options: SimulationOptions) {
    this.chance = new Chance(options.seed);
    this.wire = options.wire ?? false;
    this.recording = new Recording(options.routeLevel ?? false);
    this.stormLimit = options.stormLimit ?? STORM_LIMIT;
    this.transport = new Transport(this.queue, this.links, this.underlay, this, {
      wire: this.wire,
      socketBuffer: options.socketBuffer ?? SOCKET_BUFFER,
    });
  }

  get now(): VirtualUs {
    return this.queue.now;
  }

  get seed(): number {
    return this.chance.seed;
  }

  // Nodes

  /** A node without power; `build` makes its state machine around the port it is given. */
  addNode(spec: NodeSpec, build: (port: NodePort) => SimNode): NodeId {
    const id = this.nodes.length;
    invariant(!this.names.has(spec.name), `the name ${spec.name} is taken`);
    this.names.set(spec.name, id);
    this.underlay.addNode(id, spec.addresses);
    this.links.addNode(id, spec.group ?? 0);
    this.servers.push(new Server(spec.cost ?? FREE));
    this.epochs.push(0);
    const port = new Port(this, this.transport, this.timers, this.queue, id, spec.name);
    this.ports.push(port);
    const node = build(port);
    invariant(node.name === spec.name, 'a node bears the name it was added with');
    this.nodes.push(node);
    return id;
  }

  get nodeCount(): number {
    return this.nodes.length;
  }

  simNode(node: NodeId): SimNode {
    return this.nodes[node] ?? broken(`there is no node ${node}`);
  }

  nodeName(node: NodeId): string {
    return node < 0 ? 'nobody' : this.simNode(node).name;
  }

  /** The node of that name, or -1. */
  nodeNamed(name: string): NodeId {
    return this.names.get(name) ?? -1;
  }

  isUp(node: NodeId): boolean {
    return this.underlay.power(node) === 'up';
  }

  server(node: NodeId): Server {
    return this.servers[node]!;
  }

  epoch(node: NodeId): number {
    return this.epochs[node]!;
  }

  // Power

  /** Starts a node now, for the first time or again. */
  start(node: NodeId): void {
    const before = this.underlay.power(node);
    if (before === 'up') return;
    this.underlay.setPower(node, 'up');
    if (before === 'crashed') this.transport.pathsChanged();
    this.unsettle();
    this.simNode(node).started();
  }

  /** An orderly end of the process: it closes its sessions; the host answers on and refuses connections. */
  stop(node: NodeId): void {
    if (!this.isUp(node)) return;
    this.simNode(node).stopped();
    this.transport.closeEnds(node);
    this.lifeEnds(node);
    this.underlay.setPower(node, 'stopped');
    this.unsettle();
  }

  /** The host goes silent; nobody is told. */
  crash(node: NodeId): void {
    if (this.underlay.power(node) === 'crashed') return;
    this.transport.forgetEnds(node);
    this.lifeEnds(node);
    this.underlay.setPower(node, 'crashed');
    this.simNode(node).crashed?.();
    this.transport.pathsChanged();
    this.unsettle();
  }

  powerAt(at: VirtualUs, node: NodeId, change: PowerChange): EventHandle {
    return this.queue.push(at, POWER, node, POWER_WORDS.indexOf(change), NO_CAUSE, null, false);
  }

  private lifeEnds(node: NodeId): void {
    this.timers.cancelAllOf(node);
    this.servers[node]!.reset();
    this.epochs[node]! += 1;
  }

  // Paths

  /** Silences what lies between two sets of nodes; nobody is told. */
  cut(kind: CutKind, a: readonly NodeId[], b: readonly NodeId[]): CutId {
    const id = this.underlay.cut(kind, a, b);
    this.transport.pathsChanged();
    this.unsettle();
    return id;
  }

  heal(id: CutId): void {
    if (!this.underlay.heal(id)) return;
    this.transport.pathsChanged();
    this.unsettle();
  }

  /** A stream while one of its ends is known. */
  stream(id: StreamId): Stream | null {
    return this.transport.streams.get(id);
  }

  /** Streams open at both ends. */
  openStreams(): Stream[] {
    return this.transport.streams.openAtBothEnds();
  }

  /** Says raw octets on an open stream as its end at `from` would, from a step. */
  sendRaw(from: NodeId, stream: StreamId, octets: Uint8Array): void {
    this.transport.send(from, stream, new RawOctets(octets));
  }

  // Steps of the world

  setActionHandler(handler: ActionHandler): void {
    this.actions = handler;
  }

  schedule(at: VirtualUs, kind: number, id: number, background = false): EventHandle {
    return this.queue.push(at, ACTION, kind, id, NO_CAUSE, null, background);
  }

  /** True when it was still pending. */
  unschedule(handle: EventHandle): boolean {
    return this.queue.cancel(handle);
  }

  /** Writes a note of the world itself, which becomes the cause of what is done until the next event. */
  noteStep(kind: string, text: string): void {
    this.cause = noteCause(this.recording.note(this.now, -1, kind, text, NO_CAUSE));
  }

  // Running

  /** Plays everything due until `until`, and ends there. */
  runUntil(until: VirtualUs): void {
    this.guarded(() => {
      while (this.nextTime() <= until) this.step();
    });
    this.queue.moveTo(until);
    this.cause = NO_CAUSE;
  }

  /**
   * Plays until nothing is pending but background, or until the moment `deadline`.
   *
   * When nothing else is pending, `extraPending` is asked what is not settled all the same (a session over a dead path,
   * whose hold timer has yet to fire); it is asked again after anything happened that may change its answer: a stream
   * that opened or closed, a note, a change of a table, of power, of a path, or a step.
   */
  runToQuiescence(deadline: VirtualUs, extraPending: () => string | null): Quiescence {
    let busy: string | null = null;
    let askedAt = -1;
    let quiescent = false;
    this.guarded(() => {
      for (;;) {
        if (this.queue.foreground + this.timers.foreground === 0) {
          if (askedAt !== this.activity) {
            askedAt = this.activity;
            busy = extraPending();
          }
          quiescent = busy === null;
          if (quiescent) return;
        }
        if (this.nextTime() > deadline) return;
        this.step();
      }
    });
    this.cause = NO_CAUSE;
    if (quiescent) return { quiescent: true, at: this.now, busy: null };
    const reason = this.pendingReason() ?? busy;
    this.queue.moveTo(deadline);
    return { quiescent: false, at: this.now, busy: reason };
  }

  /** A copy that shares nothing that changes. */
  fork(): Simulation {
    return forkGraph(this);
  }

  // What the transport and the ports ask

  setSink(sink: SegmentSink | null): void {
    this.listened = sink !== null;
    if (sink === null) sinks.delete(this);
    else sinks.set(this, sink);
  }

  sink(): SegmentSink | null {
    return this.listened ? (sinks.get(this) ?? null) : null;
  }

  random(owner: string, purpose: string): RandomStream {
    return this.chance.stream(owner, purpose);
  }

  pathChance(from: NodeId, to: NodeId): RandomStream {
    return this.chance.stream(`${this.nodeName(from)} to ${this.nodeName(to)}`, 'path');
  }

  messageHandled(from: NodeId, to: NodeId, stream: StreamId, message: StreamMessage, cause: number): void {
    this.messageUnderstood(from, to, stream, message.kind, sizeOf(message), message.items, message.digest, cause);
  }

  messageUnderstood(
    from: NodeId,
    to: NodeId,
    stream: StreamId,
    kind: string,
    size: number,
    items: number,
    digest: number,
    cause: number,
  ): void {
    this.cause = this.recording.message(this.now, from, to, stream, kind, size, items, digest, cause);
  }

  currentCause(): number {
    return this.cause;
  }

  handling(cause: number): void {
    this.cause = cause;
  }

  unsettle(): void {
    this.activity++;
  }

  rowsChanged(rows: number): void {
    if (rows === 0) return;
    this.lastTableChange = this.now;
    this.tableChanges += rows;
    this.activity++;
  }

  tableChanged(node: NodeId, table: string, key: string | (() => string), change: number): void {
    this.rowsChanged(1);
    if (!this.recording.routeLevel) return;
    this.recording.change(this.now, node, table, typeof key === 'string' ? key : key(), change, this.cause);
  }

  note(node: NodeId, kind: string, text: string): void {
    this.activity++;
    this.recording.note(this.now, node, kind, text, this.cause);
  }

  // The loop

  private nextTime(): number {
    const queueTime = this.queue.hasNext() ? this.queue.nextTime() : Number.POSITIVE_INFINITY;
    const timerTime = this.timers.hasNext() ? this.timers.nextTime() : Number.POSITIVE_INFINITY;
    return Math.min(queueTime, timerTime);
  }

  /** Plays the next event; only called when there is one. */
  private step(): void {
    const { queue, timers } = this;
    const byTimer = timers.hasNext() && (!queue.hasNext() || this.timerPrecedes());
    if (byTimer) {
      queue.moveTo(timers.nextTime() as VirtualUs); // timers are set to VirtualUs only
    } else queue.take();
    this.countEvent();
    if (byTimer) {
      const timer = timers.take();
      if (this.stormTrace.length > 0)
        this.traceStorm(`timer ${timers.kind(timer)} of ${this.nodeName(timers.node(timer))}`);
      this.cause = timers.cause(timer);
      // A node that is down hears no timer, not even one that was set while it was down.
      if (!this.isUp(timers.node(timer))) return;
      this.simNode(timers.node(timer)).timerFired(timers.kind(timer), timers.a(timer), timers.b(timer));
      return;
    }
    const { kind, a, b, c, payload } = queue;
    if (this.stormTrace.length > 0) this.traceStorm(this.describe(kind, a, b, payload));
    if (kind < TRANSPORT_EVENTS) this.transport.handle(kind, a, b, c, payload);
    else if (kind === POWER) this.changePower(a, b);
    else {
      this.cause = NO_CAUSE;
      this.activity++;
      invariant(this.actions !== null, 'somebody plays what the world has scheduled');
      this.actions.actionDue(a, b);
    }
  }

  private timerPrecedes(): boolean {
    const byTime = this.timers.nextTime() - this.queue.nextTime();
    return byTime < 0 || (byTime === 0 && this.timers.nextPlace() < this.queue.nextPlace());
  }

  private changePower(node: NodeId, change: number): void {
    this.cause = NO_CAUSE;
    if (change === POWER_START) this.start(node);
    else if (change === POWER_STOP) this.stop(node);
    else if (change === POWER_CRASH) this.crash(node);
  }

  private countEvent(): void {
    this.eventsHandled++;
    if (this.now !== this.instant) {
      this.instant = this.now;
      this.eventsAtInstant = 0;
      if (this.stormTrace.length > 0) this.stormTrace = [];
    }
    this.eventsAtInstant++;
    if (this.eventsAtInstant === this.stormLimit) this.stormTrace.push('');
  }

  /** Past the limit: listens for a while, then names what repeats. The trace begins with an empty line. */
  private traceStorm(event: string): void {
    this.stormTrace.push(event);
    if (this.stormTrace.length <= STORM_TRACE) return;
    const trace = this.stormTrace.slice(1);
    this.stormTrace = [];
    throw new StormError(formatDuration(this.now), this.eventsAtInstant, shortestCycle(trace));
  }

  private describe(kind: number, a: number, b: number, payload: object | null): string {
    if (kind === POWER) return `${POWER_WORDS[b]} of ${this.nodeName(a)}`;
    if (kind === ACTION) return `step ${a}/${b}`;
    const stream = this.transport.streams.get(a);
    const word = TRANSPORT_EVENT_NAMES[kind]!;
    if (stream === null) return word;
    const side = b & 1;
    const way = `from ${this.nodeName(stream.nodes[side]!)} to ${this.nodeName(stream.nodes[1 - side]!)}`;
    const message = payload !== null && 'kind' in payload ? `${word} of ${String(payload.kind)}` : word;
    return `${message} ${way}`;
  }

  /** The first thing that keeps the world busy; null when only background is pending. */
  private pendingReason(): string | null {
    const found: string[] = [];
    this.queue.forEachPending((kind, a, b, _c, payload, background) => {
      if (!background && found.length === 0) found.push(this.describe(kind, a, b, payload));
    });
    if (found.length > 0) return found[0]!;
    const timer = this.timers.earliestForeground();
    if (timer < 0) return null;
    const [node, kind] = [this.timers.node(timer), this.timers.kind(timer)];
    const words = this.simNode(node).waitsFor?.[kind];
    return words === undefined
      ? `timer ${kind} of ${this.nodeName(node)}`
      : `${this.nodeName(node)} waits for ${words}`;
  }

  /** A fault of ours carries what replays it. */
  private guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (error instanceof InvariantError && !error.message.includes('(seed ')) {
        error.message += ` (seed ${this.seed}, at ${this.now} us, event ${this.eventsHandled})`;
      }
      throw error;
    }
  }
}
