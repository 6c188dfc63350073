/**
 * The sessions of one node and what carries them: streams, timers, counters.
 *
 * A control node, a gateway and a raw speaker hand their port's events in and are told through {@link BgpListener} what
 * became of each neighbour. The port is the kernel's, or one over real sockets; this module sees only the shape it needs.
 */
import { broken, invariant } from '../base/invariant.ts';
import { NEVER, seconds, type VirtualUs } from '../base/time.ts';
import { FAMILIES } from '../route/family.ts';
import type { BgpCodec } from './codec.ts';
import type { BgpEnvelope, DecodedBgp } from './envelope.ts';
import type { Received, UpdateMessage } from './message.ts';
import type { NegotiatedSession, SessionConfig } from './negotiation.ts';
import { CEASE, ERROR, notification } from './notification.ts';
import { BgpSession } from './session.ts';
import type { SessionDown, SessionOutput, SocketState, StreamNumber } from './session-output.ts';
import type { Draws } from './session-timers.ts';

export const BGP_PORT = 179;

/** What the speaker needs of its node's port; the kernel's has more. */
export interface BgpPort {
  now(): VirtualUs;
  random(purpose: string): Draws;
  connect(options: {
    readonly localAddress: number;
    readonly remoteAddress: number;
    readonly remotePort: number;
    readonly connectTimeout: VirtualUs;
    readonly userTimeout: VirtualUs;
  }): StreamNumber;
  send(stream: StreamNumber, message: BgpEnvelope): void;
  decoded(stream: StreamNumber, message: DecodedBgp): void;
  close(stream: StreamNumber, how: 'close' | 'reset'): void;
  isBlocked(stream: StreamNumber): boolean;
  hasUnread(stream: StreamNumber): boolean;
  setTimer(kind: number, a: number, b: number, at: VirtualUs, background: boolean): void;
  cancelTimer(kind: number, a: number, b: number): void;
  count(counter: string, by?: number, session?: string): void;
  note(kind: string, text: string): void;
}

export interface NeighbourAddress {
  readonly localAddress: number;
  readonly address: number;
  readonly port: number;
}

/** Number of a neighbour within its speaker, in the order they were added. */
export type NeighbourIndex = number;

/** What a node is told of its sessions. */
export interface BgpListener {
  bgpEstablished(neighbour: NeighbourIndex, negotiated: NegotiatedSession): void;
  bgpUpdate(neighbour: NeighbourIndex, update: UpdateMessage): void;
  bgpDown(neighbour: NeighbourIndex, down: SessionDown): void;
}

interface Neighbour {
  readonly name: string;
  readonly at: NeighbourAddress;
  readonly session: BgpSession;
  /** Not down for administrative reasons. */
  enabled: boolean;
  /** When each of the two kernel timers is set for. */
  foregroundAt: VirtualUs;
  backgroundAt: VirtualUs;
}

/** Linux gives up on a connection after 127 s; the session does earlier (CN-7.1/5). */
const CONNECT_TIMEOUT = seconds(127);

const FOREGROUND = 0;
const BACKGROUND = 1;
/** In the place of a neighbour's number: the timer that closes a stream. */
const PARTING = -1;

export class BgpSpeaker {
  private readonly port: BgpPort;
  private readonly listener: BgpListener;
  private readonly codec: BgpCodec;
  private readonly timerKind: number;
  private readonly neighbours: (Neighbour | null)[] = [];
  private readonly byStream = new Map<StreamNumber, NeighbourIndex>();
  /** The stream whose acceptance is being handled: closed at once it would look refused, and what was said be lost. */
  private accepting: StreamNumber | null = null;
  private saidOnAccepting = false;
  /** Streams with a last word on them, which are closed in the next turn. */
  private readonly parting = new Set<StreamNumber>();
  private running = false;
  private draining = false;
  /** Sessions that the listener acted on while another was drained. */
  private readonly late: NeighbourIndex[] = [];

  /** `timerKind`: the kind of the node's timers that belongs to the speaker. */
  constructor(port: BgpPort, listener: BgpListener, codec: BgpCodec, timerKind: number) {
    this.port = port;
    this.listener = listener;
    this.codec = codec;
    this.timerKind = timerKind;
  }

  // ---- neighbours

  /** A neighbour of a running speaker starts at once. Its name is unique and names its session in counters. */
  add(config: SessionConfig, at: NeighbourAddress, enabled = true): NeighbourIndex {
    const draws = this.port.random(`bgp ${config.neighbour}`);
    const session = new BgpSession(config, this.codec, draws);
    const neighbour: Neighbour = {
      name: config.neighbour,
      at,
      session,
      enabled,
      foregroundAt: NEVER,
      backgroundAt: NEVER,
    };
    const index = this.neighbours.push(neighbour) - 1;
    if (this.running && enabled) this.act(index, (now) => session.start(now));
    return index;
  }

  /** Ends the session with Cease/PeerDeconfigured (CN-7.10) and forgets the neighbour; its number is not given again. */
  remove(index: NeighbourIndex): void {
    invariant(!this.draining, 'a neighbour is removed between the events of its sessions');
    this.act(index, (now, { session }) => session.stop(now, CEASE.peerDeconfigured, 'the neighbour was deleted'));
    this.neighbours[index] = null;
  }

  /** Another configuration for the next session; `clear` or `disable` ends the present one. */
  configure(index: NeighbourIndex, config: SessionConfig): void {
    this.neighbour(index).session.configure(config);
  }

  /** Administrative shutdown (CN-7.10). */
  disable(index: NeighbourIndex): void {
    this.neighbour(index).enabled = false;
    this.act(index, (now, { session }) => session.stop(now, CEASE.administrativeShutdown, 'administrative shutdown'));
  }

  enable(index: NeighbourIndex): void {
    this.neighbour(index).enabled = true;
    if (this.running) this.act(index, (now, { session }) => session.start(now));
  }

  /** Ends the session with Cease; it comes back after the idle hold. */
  clear(index: NeighbourIndex, subcode: number, why: string): void {
    this.act(index, (now, { session }) => session.clear(now, subcode, why));
  }

  session(index: NeighbourIndex): BgpSession {
    return this.neighbour(index).session;
  }

  name(index: NeighbourIndex): string {
    return this.neighbour(index).name;
  }

  /** Numbers of the neighbours there are, in order. */
  indexes(): readonly NeighbourIndex[] {
    return [...this.neighbours.keys()].filter((index) => this.neighbours[index] !== null);
  }

  // ---- the node's life

  /** The node starts, for the first time or after a crash: every session begins anew. */
  started(): void {
    this.running = true;
    this.byStream.clear();
    this.parting.clear();
    for (const index of this.indexes()) {
      const { enabled, session } = this.neighbour(index);
      session.restart();
      this.arm(index);
      if (enabled) this.act(index, (now) => session.start(now));
    }
  }

  /** An orderly stop: every session ends with Cease. */
  stopped(subcode: number = CEASE.peerDeconfigured): void {
    this.running = false;
    for (const index of this.indexes()) {
      this.act(index, (now, { session }) => session.stop(now, subcode, 'the speaker stops'));
    }
  }

  // ---- events of the port

  /** Whether a stream belongs to one of the sessions. */
  owns(stream: StreamNumber): boolean {
    return this.byStream.has(stream);
  }

  /** Somebody connected to the BGP port; refused with the NOTIFICATION of CN-7.2.4 where no session may come of it. */
  streamAccepted(stream: StreamNumber, remoteAddress: number): void {
    const index = this.neighbours.findIndex((neighbour) => neighbour?.at.address === remoteAddress);
    this.accepting = stream;
    this.saidOnAccepting = false;
    if (!this.running || index < 0) this.refuse(stream, CEASE.peerDeconfigured);
    else if (!this.neighbour(index).enabled) this.refuse(stream, CEASE.administrativeShutdown);
    else {
      this.byStream.set(stream, index);
      this.act(index, (now, { session }) => session.accepted(now, stream));
    }
    this.accepting = null;
  }

  streamConnected(stream: StreamNumber): void {
    this.withStream(stream, (now, session) => session.connected(now, stream));
  }

  streamClosed(stream: StreamNumber, reason: string): void {
    this.parting.delete(stream);
    const index = this.byStream.get(stream);
    if (index === undefined) return;
    this.byStream.delete(stream);
    this.act(index, (now, { session }) => session.closed(now, stream, `the connection was ${reason}`));
  }

  messageReceived(stream: StreamNumber, message: Received): void {
    const index = this.byStream.get(stream);
    if (index === undefined) return;
    this.neighbour(index).session.deliver(this.port.now(), stream, message);
    this.drain(index);
  }

  octetsReceived(stream: StreamNumber, octets: Uint8Array): void {
    const index = this.byStream.get(stream);
    if (index === undefined) return;
    const isWhole = this.neighbour(index).session.receive(this.port.now(), stream, octets);
    if (isWhole) this.drain(index);
  }

  streamDrained(stream: StreamNumber): void {
    this.withStream(stream, (now, session) => session.drained(now));
  }

  /** A timer of the kind that is the speaker's. */
  timerFired(index: number, which: number): void {
    if (index === PARTING) {
      if (this.parting.delete(which)) this.port.close(which, 'close');
      return;
    }
    const neighbour = this.neighbours[index];
    if (neighbour === undefined || neighbour === null) return;
    if (which === FOREGROUND) neighbour.foregroundAt = NEVER;
    else neighbour.backgroundAt = NEVER;
    const stream = neighbour.session.negotiated?.stream;
    const socket: SocketState =
      stream === undefined
        ? { blocked: false, unread: false }
        : { blocked: this.port.isBlocked(stream), unread: this.port.hasUnread(stream) };
    this.act(index, (now, { session }) => session.advance(now, socket));
  }

  // ---- sending

  /**
   * Tells a neighbour; the same envelope may go to many. Nothing is sent when the session has just ended, of which the
   * listener will be told in its turn.
   */
  send(index: NeighbourIndex, message: BgpEnvelope): void {
    const { session, name } = this.neighbour(index);
    const stream = session.negotiated?.stream;
    if (stream !== undefined && session.state === 'Established') this.sendOn(stream, message, name);
  }

  isBlocked(index: NeighbourIndex): boolean {
    const stream = this.neighbour(index).session.negotiated?.stream;
    return stream !== undefined && this.port.isBlocked(stream);
  }

  // ---- inside

  private neighbour(index: NeighbourIndex): Neighbour {
    return this.neighbours[index] ?? broken(`there is no neighbour ${index}`);
  }

  private withStream(stream: StreamNumber, change: (now: VirtualUs, session: BgpSession) => void): void {
    const index = this.byStream.get(stream);
    if (index !== undefined) this.act(index, (now, { session }) => change(now, session));
  }

  private act(index: NeighbourIndex, change: (now: VirtualUs, neighbour: Neighbour) => void): void {
    change(this.port.now(), this.neighbour(index));
    this.drain(index);
  }

  /** Carries out what the session asks for; what the listener does to sessions meanwhile waits its turn. */
  private drain(index: NeighbourIndex): void {
    if (this.draining) {
      this.late.push(index);
      return;
    }
    this.draining = true;
    for (let next: NeighbourIndex | undefined = index; next !== undefined; next = this.late.shift()) {
      const neighbour = this.neighbours[next] ?? null;
      if (neighbour === null) continue;
      for (let output = neighbour.session.poll(); output !== null; output = neighbour.session.poll()) {
        this.carryOut(next, neighbour, output);
      }
      this.arm(next);
    }
    this.draining = false;
  }

  private carryOut(index: NeighbourIndex, neighbour: Neighbour, output: SessionOutput): void {
    const { port } = this;
    switch (output.kind) {
      case 'connect': {
        const { localAddress, address, port: remotePort } = neighbour.at;
        const options = {
          localAddress,
          remoteAddress: address,
          remotePort,
          connectTimeout: CONNECT_TIMEOUT,
          userTimeout: NEVER,
        };
        const stream = port.connect(options);
        this.byStream.set(stream, index);
        neighbour.session.connecting(stream);
        return;
      }
      case 'send':
        this.sendOn(output.stream, output.message, neighbour.name);
        return;
      case 'close':
        this.byStream.delete(output.stream);
        this.close(output.stream);
        return;
      case 'decoded':
        port.decoded(output.stream, output.message);
        return;
      case 'state':
        port.note('bgp.state', `${neighbour.name}: ${output.from} to ${output.to}`);
        return;
      case 'note':
        port.note('bgp.session', `${neighbour.name}: ${output.text}`);
        return;
      case 'established':
        this.listener.bgpEstablished(index, output.negotiated);
        return;
      case 'update':
        this.countRoutes(output.update, RECEIVED, neighbour.name);
        this.listener.bgpUpdate(index, output.update);
        return;
      case 'down':
        port.note('bgp.session', `${neighbour.name}: down, ${output.down.why}`);
        this.listener.bgpDown(index, output.down);
        return;
    }
  }

  private sendOn(stream: StreamNumber, message: BgpEnvelope, session: string): void {
    if (message.content.kind === 'update') this.countRoutes(message.content, SENT, session);
    if (stream === this.accepting) this.saidOnAccepting = true;
    this.port.send(stream, message);
  }

  private countRoutes(update: UpdateMessage, names: CounterNames, session: string): void {
    const { port } = this;
    const { parts } = update;
    port.count(names.updates, 1, session);
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      const isEnd = part.kind === 'end-of-rib';
      port.count(isEnd ? names.endOfRib : names[part.kind][part.family]!, isEnd ? 1 : part.nlris.length, session);
    }
  }

  private refuse(stream: StreamNumber, subcode: number): void {
    this.sendOn(stream, this.codec.encode(notification(ERROR.cease, subcode)), '');
    this.close(stream);
  }

  private close(stream: StreamNumber): void {
    if (stream !== this.accepting || !this.saidOnAccepting) {
      this.port.close(stream, 'close');
      return;
    }
    this.parting.add(stream);
    this.port.setTimer(this.timerKind, PARTING, stream, this.port.now(), false);
  }

  private arm(index: NeighbourIndex): void {
    const neighbour = this.neighbours[index];
    if (neighbour === undefined || neighbour === null) return;
    const foregroundAt = neighbour.session.nextDeadline('foreground');
    const backgroundAt = neighbour.session.nextDeadline('background');
    if (foregroundAt !== neighbour.foregroundAt) {
      neighbour.foregroundAt = foregroundAt;
      this.setTimer(index, FOREGROUND, foregroundAt);
    }
    if (backgroundAt !== neighbour.backgroundAt) {
      neighbour.backgroundAt = backgroundAt;
      this.setTimer(index, BACKGROUND, backgroundAt);
    }
  }

  private setTimer(index: NeighbourIndex, which: number, at: VirtualUs): void {
    if (at === NEVER) this.port.cancelTimer(this.timerKind, index, which);
    else this.port.setTimer(this.timerKind, index, which, at, which === BACKGROUND);
  }
}

/** Contractual counters, one row to a session; routes also by family. */
interface CounterNames {
  readonly updates: string;
  readonly endOfRib: string;
  /** By number of the family. */
  readonly announce: readonly string[];
  readonly withdraw: readonly string[];
}

const byFamily = (stem: string): readonly string[] => FAMILIES.map(({ name }) => stem + name);

const SENT: CounterNames = {
  updates: 'bgp.updates.sent',
  endOfRib: 'bgp.end-of-rib.sent',
  announce: byFamily('bgp.announced.sent.'),
  withdraw: byFamily('bgp.withdrawn.sent.'),
};
const RECEIVED: CounterNames = {
  updates: 'bgp.updates.received',
  endOfRib: 'bgp.end-of-rib.received',
  announce: byFamily('bgp.announced.received.'),
  withdraw: byFamily('bgp.withdrawn.received.'),
};
