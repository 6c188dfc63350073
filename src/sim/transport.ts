/**
 * TCP as far as a control plane notices it: connecting, order, blocking, silence, resets.
 *
 * A stream delivers what is sent on it once and in order. On a broken path segments are lost without a word and are
 * sent again with Linux' doubling waits (from 200 ms and the round trip up to 120 s), so after a heal they arrive at
 * the next such moment. A crashed host forgets its ends; when it is back, the next segment to one of them is answered
 * with a reset. A user timeout closes the end that has heard nothing for so long. Acknowledgements take no bandwidth;
 * congestion windows are not modelled. docs/fidelity/sim.yaml lists what that leaves out.
 */
import { shared } from '../base/fork.ts';
import { invariant } from '../base/invariant.ts';
import { later, NEVER, seconds, type VirtualUs, virtualUs } from '../base/time.ts';
import { type Links, SEGMENT_OCTETS } from './link.ts';
import type { CloseReason, ConnectOptions, NodeId, SimNode, StreamId } from './node.ts';
import type { EventHandle, EventQueue } from './queue.ts';
import {
  END_CLOSED,
  END_CONNECTING,
  END_OPEN,
  Ending,
  isBackground,
  octetsOf,
  octetsToRead,
  otherSide,
  type Payload,
  RawOctets,
  type Side,
  type Stream,
} from './stream.ts';
import { StreamTable, sideOf } from './stream-table.ts';
import {
  ANSWER,
  CONNECT_TIMEOUT,
  DRAINED,
  JOB,
  PROBE,
  RESEND,
  RESET,
  SEGMENT,
  SYN,
  type TransportHost,
  type TransportOptions,
  USER_TIMEOUT,
} from './transport-host.ts';
import type { Underlay } from './underlay.ts';

const SYN_WAIT = seconds(1); // Linux: a connection request is repeated after 1, 2, 4, ... s
const FIN = shared(new Ending(false));
const RST = shared(new Ending(true));

export class Transport {
  private readonly queue: EventQueue;
  private readonly underlay: Underlay;
  private readonly host: TransportHost;
  private readonly options: TransportOptions;
  readonly streams: StreamTable;
  /** The cause that the octets being delivered were sent with. */
  handledCause = -1;
  /** The stream that a node is being told of. */
  private accepting: StreamId = -1;

  constructor(queue: EventQueue, links: Links, underlay: Underlay, host: TransportHost, options: TransportOptions) {
    this.queue = queue;
    this.streams = new StreamTable(links);
    this.underlay = underlay;
    this.host = host;
    this.options = options;
  }

  connect(node: NodeId, options: ConnectOptions): StreamId {
    const { now } = this.queue;
    const remote = this.underlay.nodeAt(options.remoteAddress);
    const stream = this.streams.add(node, remote, options, now);
    if (this.underlay.power(node) !== 'up') {
      // Said to a node while it is down: its next start begins anew.
      stream.states[0] = END_CLOSED;
      this.streams.forget(stream);
      return stream.id;
    }
    if (options.connectTimeout !== NEVER) {
      this.pushBackground(later(now, options.connectTimeout), CONNECT_TIMEOUT, stream.id, 0);
    }
    // Asking a host that cannot answer keeps nobody busy.
    const hopeless = remote < 0 || !this.works(stream);
    if (remote >= 0) this.push(this.after(stream, 0), SYN, stream.id, 0, hopeless);
    return stream.id;
  }

  send(node: NodeId, id: StreamId, payload: Payload): void {
    const stream = this.streams.known(id);
    const side = sideOf(stream, node);
    invariant(stream.states[side] === END_OPEN, 'a node sends on its open streams only');
    this.put(stream, side, payload);
  }

  /** Closing what is closed already changes nothing. */
  close(node: NodeId, id: StreamId, how: 'close' | 'reset'): void {
    const stream = this.streams.get(id);
    if (stream === null) return;
    const side = sideOf(stream, node);
    const state = stream.states[side];
    if (state === END_CLOSED) return;
    stream.states[side] = END_CLOSED;
    this.host.unsettle();
    // Closed while it is being accepted, it was refused: the answer says so.
    if (state === END_OPEN && id !== this.accepting) this.put(stream, side, how === 'reset' ? RST : FIN);
    this.streams.forget(stream);
  }

  isBlocked(node: NodeId, id: StreamId): boolean {
    const stream = this.streams.get(id);
    if (stream === null) return false;
    const flow = stream.flows[sideOf(stream, node)];
    if (flow.blocked) flow.blockedSeen = true;
    return flow.blocked;
  }

  hasUnread(node: NodeId, id: StreamId): boolean {
    const stream = this.streams.get(id);
    return stream !== null && stream.flows[otherSide(sideOf(stream, node))].unread > 0;
  }

  setUserTimeout(node: NodeId, id: StreamId, timeout: VirtualUs): void {
    const stream = this.streams.get(id);
    if (stream === null) return;
    const side = sideOf(stream, node);
    stream.userTimeouts[side] = timeout;
    if (stream.brokenAt !== NEVER) this.awaitUserTimeout(stream, side);
  }

  /** Paths, power or links have changed: streams fall silent, or what was lost is sent again. */
  pathsChanged(): void {
    for (const stream of this.streams.all()) {
      if (stream.nodes[1] < 0) continue;
      const works = this.works(stream);
      if (!works && stream.brokenAt === NEVER) {
        stream.brokenAt = this.queue.now;
        this.awaitUserTimeout(stream, 0);
        this.awaitUserTimeout(stream, 1);
      } else if (works && stream.brokenAt !== NEVER) {
        const { brokenAt } = stream;
        stream.brokenAt = NEVER;
        this.recover(stream, 0, brokenAt);
        this.recover(stream, 1, brokenAt);
      }
    }
  }

  /** A crash: the ends of the node are gone, with all that waited in them. Nobody is told. */
  forgetEnds(node: NodeId): void {
    for (const stream of this.streams.all(node)) {
      const side = sideOf(stream, node);
      stream.states[side] = END_CLOSED;
      stream.flows[side].lost = [];
      stream.flows[otherSide(side)].unread = 0;
      this.streams.forget(stream);
    }
  }

  /** A process ends: the system closes what it left open. */
  closeEnds(node: NodeId): void {
    for (const stream of this.streams.all(node)) this.close(node, stream.id, 'close');
  }

  /** Plays an event of one of the kinds above. */
  handle(kind: number, id: StreamId, b: number, cause: number, payload: object | null): void {
    const stream = this.streams.get(id);
    if (stream === null) return;
    const side: Side = (b & 1) === 0 ? 0 : 1;
    this.host.handling(cause);
    this.handledCause = cause;
    switch (kind) {
      case SYN:
        this.requestArrived(stream);
        break;
      case ANSWER:
        this.answerArrived(stream, b === 1);
        break;
      case CONNECT_TIMEOUT:
        if (stream.states[0] === END_CONNECTING) this.end(stream, 0, 'timeout');
        break;
      case SEGMENT:
        this.segmentArrived(stream, side, payload as Payload, cause); // SEGMENT and JOB carry payloads
        break;
      case JOB:
        this.jobDone(stream, side, b >> 1, payload as Payload);
        break;
      case RESET:
        this.resetArrived(stream, side);
        break;
      case RESEND:
        this.resend(stream, side);
        break;
      case PROBE:
        this.probe(stream, side);
        break;
      case USER_TIMEOUT:
        this.userTimeoutPassed(stream, side);
        break;
      case DRAINED:
        this.roomAgain(stream, side);
        break;
      default:
        invariant(false, `the transport has no event of kind ${kind}`);
    }
  }

  // Connecting

  private requestArrived(stream: Stream): void {
    if (stream.states[0] !== END_CONNECTING) return;
    const [from, to] = stream.nodes;
    if (!this.works(stream)) {
      this.repeatRequest(stream);
      return;
    }
    const answered = this.after(stream, 1);
    if (stream.states[1] === END_OPEN) {
      this.push(answered, ANSWER, stream.id, 1, false);
      return;
    }
    if (this.underlay.power(to) !== 'up' || from === to) {
      this.pushBackground(answered, ANSWER, stream.id, 0);
      return;
    }
    stream.states[1] = END_OPEN;
    // The answer precedes whatever the node says in the call.
    const answer = this.push(answered, ANSWER, stream.id, 1, false);
    this.host.unsettle();
    const sink = this.host.sink();
    sink?.opened(this.queue.now, stream.id, endpoint(stream, 0), endpoint(stream, 1));
    this.accepting = stream.id;
    this.host.simNode(to).streamAccepted(stream.id, stream.addresses[0], stream.ports[0], stream.ports[1]);
    this.accepting = -1;
    if (stream.states[1] === END_OPEN) return;
    this.queue.cancel(answer);
    this.push(answered, ANSWER, stream.id, 0, false);
    sink?.ended(this.queue.now, stream.id, endpoint(stream, 1), endpoint(stream, 0), stream.flows[1].sent, true);
  }

  private answerArrived(stream: Stream, accepted: boolean): void {
    if (!this.works(stream)) {
      if (stream.states[0] === END_CONNECTING) this.repeatRequest(stream);
      return;
    }
    if (stream.states[0] !== END_CONNECTING) {
      if (stream.states[0] === END_CLOSED && accepted) this.answerWithReset(stream, 1);
      return;
    }
    if (!accepted) {
      this.end(stream, 0, 'refused');
      return;
    }
    stream.states[0] = END_OPEN;
    this.host.unsettle();
    if (stream.flows[1].lost.length > 0) this.recover(stream, 1, this.queue.now);
    this.host.simNode(stream.nodes[0]).streamConnected(stream.id);
  }

  /** The request, or the answer to it, was lost: the next one follows after 1, 2, 4, ... s. */
  private repeatRequest(stream: Stream): void {
    const arrival = this.after(stream, 0) - this.queue.now;
    let wait: number = SYN_WAIT;
    let at = stream.startedAt + wait;
    while (at + arrival <= this.queue.now) {
      wait *= 2;
      at += wait;
    }
    if (at < stream.startedAt + stream.connectTimeout) {
      this.pushBackground(virtualUs(Math.max(at, this.queue.now) + arrival), SYN, stream.id, 0);
    }
  }

  // Sending and receiving

  private put(stream: Stream, side: Side, payload: Payload): void {
    const flow = stream.flows[side];
    const octets = octetsOf(payload);
    const sink = this.host.sink();
    if (sink !== null) {
      const from = endpoint(stream, side);
      const to = endpoint(stream, otherSide(side));
      if (payload instanceof Ending) sink.ended(this.queue.now, stream.id, from, to, flow.sent, payload.reset);
      else sink.octets(this.queue.now, stream.id, from, to, payload.octets, flow.sent);
    }
    flow.sent += octets;
    if (flow.outstanding > this.options.socketBuffer) flow.blocked = true;
    const cause = this.host.currentCause();
    // What was lost earlier goes first; a reset that finds the path broken is lost for good.
    if (flow.lost.length > 0) {
      if (!(payload instanceof Ending && payload.reset)) flow.lost.push({ payload, cause });
      return;
    }
    this.transmit(stream, side, payload, cause);
  }

  private transmit(stream: Stream, side: Side, payload: Payload, cause: number): void {
    const flow = stream.flows[side];
    const { link } = flow;
    const chance = link.isRandom ? this.host.pathChance(stream.nodes[side], stream.nodes[otherSide(side)]) : null;
    const arrival = link.transmit(this.queue.now, octetsOf(payload), chance);
    flow.lastArrival = Math.max(flow.lastArrival, arrival);
    this.queue.push(virtualUs(flow.lastArrival), SEGMENT, stream.id, side, cause, payload, isBackground(payload));
  }

  private segmentArrived(stream: Stream, side: Side, payload: Payload, cause: number): void {
    const flow = stream.flows[side];
    const to = otherSide(side);
    if (flow.lost.length > 0 || !this.works(stream) || stream.states[to] === END_CONNECTING) {
      if (payload instanceof Ending && payload.reset) return;
      if (flow.lost.length === 0) flow.lostSince = Math.max(0, this.queue.now - flow.link.parameters.latency);
      flow.lost.push({ payload, cause });
      return;
    }
    if (stream.states[to] !== END_OPEN) {
      if (!(payload instanceof Ending)) this.answerWithReset(stream, side);
      return;
    }
    flow.unread += octetsOf(payload);
    const receiver = stream.nodes[to];
    const server = this.host.server(receiver);
    const done =
      payload instanceof Ending
        ? server.admit(this.queue.now, 0, 0)
        : server.admit(this.queue.now, 1, payload instanceof RawOctets ? 0 : payload.items);
    stream.jobs++;
    const epoch = this.host.epoch(receiver);
    if (done === this.queue.now && server.waiting === 1) this.jobDone(stream, side, epoch, payload);
    else this.queue.push(done, JOB, stream.id, side | (epoch << 1), cause, payload, isBackground(payload));
  }

  private jobDone(stream: Stream, side: Side, epoch: number, payload: Payload): void {
    const to = otherSide(side);
    const receiver = stream.nodes[to];
    stream.jobs--;
    if (epoch === this.host.epoch(receiver)) {
      this.host.server(receiver).waiting--;
      const flow = stream.flows[side];
      const octets = octetsOf(payload);
      const offset = flow.handled;
      flow.unread -= octets;
      flow.handled += octets;
      if (stream.states[to] === END_OPEN) {
        this.deliver(stream, side, offset, payload);
        this.tellRoom(stream, side);
      }
    }
    this.streams.forget(stream);
  }

  private deliver(stream: Stream, side: Side, offset: number, payload: Payload): void {
    const to = otherSide(side);
    if (payload instanceof Ending) {
      this.end(stream, to, payload.reset ? 'reset' : 'closed');
      return;
    }
    const flow = stream.flows[side];
    const receiver = stream.nodes[to];
    const node = this.host.simNode(receiver);
    if (payload instanceof RawOctets) {
      flow.raw = true;
      this.deliverRaw(node, stream, to, offset, payload.octets);
      return;
    }
    flow.messages++;
    flow.items += payload.items;
    if (this.options.wire || flow.raw) {
      // Read when its last octet has come, and then at once.
      node.octetsReceived(stream.id, octetsToRead(payload));
      return;
    }
    this.host.messageHandled(stream.nodes[side], receiver, stream.id, payload, this.handledCause);
    node.messageReceived(stream.id, payload);
  }

  /** As segments would have cut it; all of it at the moment at which its last octet is read. */
  private deliverRaw(node: SimNode, stream: Stream, to: Side, offset: number, octets: Uint8Array): void {
    let at = 0;
    while (at < octets.length && stream.states[to] === END_OPEN) {
      const room = SEGMENT_OCTETS - ((offset + at) % SEGMENT_OCTETS);
      const next = Math.min(octets.length, at + room);
      node.octetsReceived(stream.id, at === 0 && next === octets.length ? octets : octets.subarray(at, next));
      at = next;
    }
  }

  // Blocking

  private tellRoom(stream: Stream, side: Side): void {
    const flow = stream.flows[side];
    if (!flow.blocked || flow.drainSent || flow.outstanding * 3 > this.options.socketBuffer * 2) return;
    flow.drainSent = true;
    this.push(this.after(stream, otherSide(side)), DRAINED, stream.id, side, false);
  }

  private roomAgain(stream: Stream, side: Side): void {
    const flow = stream.flows[side];
    flow.drainSent = false;
    if (!this.works(stream) || stream.states[side] !== END_OPEN) return;
    if (flow.outstanding * 3 > this.options.socketBuffer * 2) return;
    flow.blocked = false;
    if (!flow.blockedSeen) return;
    flow.blockedSeen = false;
    this.host.simNode(stream.nodes[side]).streamDrained(stream.id);
  }

  // Broken paths and lost peers

  private awaitUserTimeout(stream: Stream, side: Side): void {
    if (stream.states[side] !== END_OPEN || stream.userTimeouts[side] === NEVER) return;
    const at = Math.max(stream.brokenAt + stream.userTimeouts[side], this.queue.now);
    this.pushBackground(virtualUs(at), USER_TIMEOUT, stream.id, side);
  }

  private userTimeoutPassed(stream: Stream, side: Side): void {
    if (stream.states[side] !== END_OPEN || stream.brokenAt === NEVER) return;
    if (this.queue.now - stream.brokenAt < stream.userTimeouts[side]) return;
    this.end(stream, side, 'timeout');
  }

  /** The path of a stream works again: what this side has unanswered is sent again, or its keepalive finds a dead end. */
  private recover(stream: Stream, side: Side, brokenAt: VirtualUs): void {
    const flow = stream.flows[side];
    if (flow.lost.length > 0) {
      const at = flow.link.nextRetransmission(virtualUs(flow.lostSince), this.queue.now);
      const background = flow.lost.every(({ payload }) => isBackground(payload));
      this.push(at, RESEND, stream.id, side, background);
    } else if (stream.states[side] === END_OPEN && stream.states[otherSide(side)] === END_CLOSED) {
      const timeout = stream.userTimeouts[side];
      if (timeout === NEVER) return;
      const period = Math.max(1, Math.floor(timeout / 3));
      const probes = Math.floor((this.queue.now - brokenAt) / period) + 1;
      this.pushBackground(virtualUs(brokenAt + probes * period), PROBE, stream.id, side);
    }
    this.tellRoom(stream, side);
  }

  private resend(stream: Stream, side: Side): void {
    const flow = stream.flows[side];
    if (!this.works(stream) || stream.states[otherSide(side)] === END_CONNECTING) return;
    const { lost } = flow;
    flow.lost = [];
    for (const { payload, cause } of lost) this.transmit(stream, side, payload, cause);
  }

  private probe(stream: Stream, side: Side): void {
    if (!this.works(stream) || stream.states[otherSide(side)] !== END_CLOSED) return;
    const there = this.after(stream, side) - this.queue.now;
    this.pushBackground(virtualUs(this.after(stream, otherSide(side)) + there), RESET, stream.id, side);
  }

  /** Something from `side` came to an end that is not there. */
  private answerWithReset(stream: Stream, side: Side): void {
    if (stream.states[side] === END_OPEN) this.push(this.after(stream, otherSide(side)), RESET, stream.id, side, false);
  }

  private resetArrived(stream: Stream, side: Side): void {
    if (stream.states[side] === END_OPEN && this.works(stream)) this.end(stream, side, 'reset');
  }

  /** One end learns that the stream is over. */
  private end(stream: Stream, side: Side, reason: CloseReason): void {
    stream.states[side] = END_CLOSED;
    this.host.unsettle();
    this.host.simNode(stream.nodes[side]).streamClosed(stream.id, reason);
    this.streams.forget(stream);
  }

  // Small words

  private works(stream: Stream): boolean {
    return this.underlay.sessionsReachable(stream.nodes[0], stream.nodes[1]);
  }

  /** When something without octets, sent now from `side`, arrives. */
  private after(stream: Stream, side: Side): VirtualUs {
    return later(this.queue.now, stream.flows[side].link.parameters.latency);
  }

  private push(at: VirtualUs, kind: number, id: StreamId, b: number, background: boolean): EventHandle {
    return this.queue.push(at, kind, id, b, this.host.currentCause(), null, background);
  }

  private pushBackground(at: VirtualUs, kind: number, id: StreamId, b: number): void {
    this.push(at, kind, id, b, true);
  }
}

function endpoint(stream: Stream, side: Side): { readonly address: number; readonly port: number } {
  return { address: stream.addresses[side], port: stream.ports[side] };
}
