/**
 * A protocol for tests of the kernel: a message is a length of two octets, a kind, and text.
 *
 * `Talker` connects to its peers and says what it is told to say; it greets whoever connects, answers `ping n` with
 * `pong n`, sends keepalives, and closes a stream on which it has heard nothing for its hold time. It writes down all
 * it sees, with the time.
 */
import { OctetWriter } from '../../src/base/bytes.ts';
import { contentDigest } from '../../src/base/digest.ts';
import { shared } from '../../src/base/fork.ts';
import { later, milliseconds, NEVER, seconds, type VirtualUs } from '../../src/base/time.ts';
import type { Simulation } from '../../src/sim/kernel.ts';
import type { CloseReason, NodePort, SimNode, StreamId, StreamMessage } from '../../src/sim/node.ts';
import type { CostModel } from '../../src/sim/server.ts';

const KEEPALIVE_OCTET = 0;
const TEXT_OCTET = 1;

export interface ToyContent {
  readonly text: string;
  readonly keepalive: boolean;
}

export function encodeToy(content: ToyContent): Uint8Array {
  const writer = new OctetWriter();
  writer.u16(content.text.length + 1);
  writer.u8(content.keepalive ? KEEPALIVE_OCTET : TEXT_OCTET);
  for (let i = 0; i < content.text.length; i++) writer.u8(content.text.charCodeAt(i));
  return writer.finish();
}

export function toyMessage(text: string, keepalive = false): StreamMessage {
  const content: ToyContent = shared({ text, keepalive });
  return shared({
    octets: shared(encodeToy(content)),
    content,
    kind: keepalive ? 'toy.keepalive' : 'toy.text',
    items: keepalive ? 0 : 1,
    digest: contentDigest(content),
    background: keepalive,
  });
}

/** Frames octets cut anywhere. */
export class ToyDecoder {
  private pending: number[] = [];

  /** A fault to be planted: texts are read without their last letter. */
  faulty = false;

  push(octets: Uint8Array): { content: ToyContent; size: number }[] {
    this.pending.push(...octets);
    const found: { content: ToyContent; size: number }[] = [];
    while (this.pending.length >= 2) {
      const length = this.pending[0]! * 256 + this.pending[1]!;
      if (this.pending.length < 2 + length) break;
      const body = this.pending.slice(2, 2 + length);
      this.pending = this.pending.slice(2 + length);
      const text = String.fromCharCode(...body.slice(1));
      found.push({
        content: { text: this.faulty ? text.slice(0, -1) : text, keepalive: body[0] === KEEPALIVE_OCTET },
        size: 2 + length,
      });
    }
    return found;
  }
}

export const TOY_PORT = 7;
const TIMER_KEEPALIVE = 1;
const TIMER_HOLD = 2;
const TIMER_RETRY = 3;
const TIMER_SAY = 4;

export interface ToyOptions {
  readonly connectTo: readonly number[];
  readonly hold: VirtualUs;
  readonly userTimeout: VirtualUs;
  readonly refuses: boolean;
  /** Answers each `ping n` with `ping n+1` at once, for ever. */
  readonly chatters: boolean;
}

export const QUIET: ToyOptions = { connectTo: [], hold: NEVER, userTimeout: NEVER, refuses: false, chatters: false };

export class Talker implements SimNode {
  readonly name: string;
  readonly addresses: readonly number[];
  readonly port: NodePort;
  readonly options: ToyOptions;
  readonly seen: string[] = [];
  readonly decoders = new Map<StreamId, ToyDecoder>();
  /** Open streams to peer addresses. */
  readonly open = new Map<StreamId, number>();
  readonly planned: string[] = [];
  faultyDecoder = false;
  pieces = 0;

  constructor(name: string, address: number, port: NodePort, options: ToyOptions) {
    this.name = name;
    this.addresses = [address];
    this.port = port;
    this.options = options;
  }

  saw(what: string): void {
    this.seen.push(`${this.port.now()} ${what}`);
  }

  get streams(): StreamId[] {
    return [...this.open.keys()];
  }

  /** Says something on every stream, now or at a later moment. */
  say(text: string): void {
    for (const stream of this.open.keys()) this.port.send(stream, toyMessage(text));
  }

  sayAt(at: VirtualUs, text: string, background = false): void {
    this.planned.push(text);
    this.port.setTimer(TIMER_SAY, this.planned.length - 1, 0, at, background);
  }

  started(): void {
    this.saw('started');
    this.open.clear();
    this.decoders.clear();
    for (const address of this.options.connectTo) this.connect(address);
  }

  stopped(): void {
    this.saw('stopped');
    for (const stream of this.open.keys()) this.port.close(stream, 'close');
    this.open.clear();
  }

  connect(address: number): StreamId {
    return this.port.connect({
      localAddress: this.addresses[0]!,
      remoteAddress: address,
      remotePort: TOY_PORT,
      connectTimeout: seconds(5),
      userTimeout: this.options.userTimeout,
    });
  }

  streamAccepted(stream: StreamId, remote: number): void {
    this.saw(`accepted ${remote}`);
    if (this.options.refuses) {
      this.port.close(stream, 'close');
      return;
    }
    this.port.setUserTimeout(stream, this.options.userTimeout);
    this.opened(stream, remote);
    this.port.send(stream, toyMessage(`hello from ${this.name}`));
  }

  streamConnected(stream: StreamId): void {
    this.saw('connected');
    this.opened(stream, 0);
  }

  streamClosed(stream: StreamId, reason: CloseReason): void {
    this.saw(`closed ${reason}`);
    this.port.note('toy.closed', reason);
    this.forget(stream);
    this.port.setTimer(TIMER_RETRY, 0, 0, later(this.port.now(), seconds(10)), true);
  }

  streamDrained(stream: StreamId): void {
    this.saw(`drained ${stream}`);
  }

  messageReceived(stream: StreamId, message: StreamMessage): void {
    this.heard(stream, message.content as ToyContent); // all messages of these tests are toys
  }

  octetsReceived(stream: StreamId, octets: Uint8Array): void {
    this.pieces++;
    let decoder = this.decoders.get(stream);
    if (decoder === undefined) {
      decoder = new ToyDecoder();
      this.decoders.set(stream, decoder);
    }
    decoder.faulty = this.faultyDecoder;
    for (const { content, size } of decoder.push(octets)) {
      this.port.decoded(stream, {
        kind: content.keepalive ? 'toy.keepalive' : 'toy.text',
        items: content.keepalive ? 0 : 1,
        digest: contentDigest(content),
        size,
      });
      this.heard(stream, content);
    }
  }

  timerFired(kind: number, a: number): void {
    if (kind === TIMER_KEEPALIVE) {
      if (!this.open.has(a)) return;
      this.port.send(a, toyMessage('', true));
      this.restartKeepalive(a);
    } else if (kind === TIMER_HOLD) {
      this.saw(`hold timer of ${a}`);
      this.port.note('toy.hold', `stream ${a}`);
      this.port.close(a, 'reset');
      this.forget(a);
      this.port.setTimer(TIMER_RETRY, 0, 0, later(this.port.now(), seconds(10)), true);
    } else if (kind === TIMER_RETRY) {
      if (this.open.size === 0) for (const address of this.options.connectTo) this.connect(address);
    } else if (kind === TIMER_SAY) this.say(this.planned[a]!);
  }

  private opened(stream: StreamId, remote: number): void {
    this.open.set(stream, remote);
    this.port.note('toy.open', `stream ${stream}`);
    if (this.options.hold === NEVER) return;
    this.restartKeepalive(stream);
    this.port.setTimer(TIMER_HOLD, stream, 0, later(this.port.now(), this.options.hold), true);
  }

  private heard(stream: StreamId, content: ToyContent): void {
    if (this.options.hold !== NEVER) {
      this.port.setTimer(TIMER_HOLD, stream, 0, later(this.port.now(), this.options.hold), true);
    }
    if (content.keepalive) return;
    this.saw(`heard ${content.text.length > 40 ? `${content.text.length} letters` : content.text}`);
    this.port.count('toy.texts', 1, `stream ${stream}`);
    this.port.tableChanged('toy.texts', () => content.text, content.text.length);
    const ping = /^ping (\d+)$/.exec(content.text);
    if (ping === null || !this.open.has(stream)) return;
    if (this.options.chatters) this.port.send(stream, toyMessage(`ping ${Number(ping[1]) + 1}`));
    else this.port.send(stream, toyMessage(`pong ${ping[1]}`));
  }

  private restartKeepalive(stream: StreamId): void {
    const period = Math.floor(this.options.hold / 3) as VirtualUs;
    this.port.setTimer(TIMER_KEEPALIVE, stream, 0, later(this.port.now(), period), true);
  }

  private forget(stream: StreamId): void {
    this.open.delete(stream);
    this.decoders.delete(stream);
    this.port.cancelTimer(TIMER_KEEPALIVE, stream, 0);
    this.port.cancelTimer(TIMER_HOLD, stream, 0);
  }
}

/** Adds a talker; its address is its number plus 100. */
export function addTalker(
  simulation: Simulation,
  name: string,
  options: Partial<ToyOptions> = {},
  more: { readonly cost?: CostModel; readonly group?: number } = {},
): Talker {
  const address = simulation.nodeCount + 100;
  const id = simulation.addNode({ name, addresses: [address], ...more }, (port) => {
    return new Talker(name, address, port, { ...QUIET, ...options });
  });
  return simulation.simNode(id) as Talker; // just added
}

export function startAll(simulation: Simulation): void {
  for (let node = 0; node < simulation.nodeCount; node++) simulation.start(node);
}

/** A link without limits but for its latency. */
export function latency(ms: number): Parameters<Simulation['links']['setDefault']>[0] {
  return { latency: milliseconds(ms), bitsPerSecond: 0, jitter: milliseconds(0), lossPpm: 0 };
}
