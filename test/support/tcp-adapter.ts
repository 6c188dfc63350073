import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { NEVER, type VirtualUs, virtualUs } from '../../src/base/time.ts';
import type { BgpEnvelope } from '../../src/bgp/envelope.ts';
import type { BgpPort } from '../../src/bgp/speaker.ts';
import { formatIpv4, parseIpv4 } from '../../src/net/ipv4.ts';

/** What the adapter drives: the speaker of a node, or of a test. */
export interface Driven {
  streamAccepted(stream: number, remoteAddress: number): void;
  streamConnected(stream: number): void;
  streamClosed(stream: number, reason: string): void;
  octetsReceived(stream: number, octets: Uint8Array): void;
  streamDrained(stream: number): void;
  timerFired(index: number, which: number): void;
}

/**
 * The port of a BGP speaker over real sockets and in real time: the machine that plays in virtual time, octet for octet
 * as it is, peers with a real router.
 */
export class TcpAdapter implements BgpPort {
  readonly notes: string[] = [];
  readonly counters = new Map<string, number>();
  private driven: Driven | null = null;
  private server: Server | null = null;
  private readonly sockets = new Map<number, Socket>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly startedAt = process.hrtime.bigint();
  private streams = 0;

  /** Takes connections at an address; resolves with the port. */
  async listen(driven: Driven, address: string): Promise<number> {
    this.driven = driven;
    const server = createServer((socket) => {
      const stream = this.adopt(socket);
      driven.streamAccepted(stream, parseIpv4(socket.remoteAddress ?? '') ?? 0);
    });
    this.server = server;
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, address, resolve));
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('a TCP server has an address');
    return bound.port;
  }

  async shutdown(): Promise<void> {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    for (const socket of this.sockets.values()) socket.destroy();
    this.sockets.clear();
    const { server } = this;
    if (server !== null) await new Promise((resolve) => server.close(resolve));
  }

  now(): VirtualUs {
    return virtualUs(Number((process.hrtime.bigint() - this.startedAt) / 1_000n));
  }

  random(_purpose: string): { integer(low: number, high: number): number } {
    return { integer: (low, high) => low + Math.floor(Math.random() * (high - low + 1)) };
  }

  connect(options: {
    readonly localAddress: number;
    readonly remoteAddress: number;
    readonly remotePort: number;
  }): number {
    const socket = createConnection({
      host: formatIpv4(options.remoteAddress),
      port: options.remotePort,
      localAddress: formatIpv4(options.localAddress),
    });
    const stream = this.adopt(socket);
    socket.once('connect', () => this.driven?.streamConnected(stream));
    return stream;
  }

  send(stream: number, message: BgpEnvelope): void {
    this.sockets.get(stream)?.write(message.octets);
  }

  decoded(): void {}

  close(stream: number, how: 'close' | 'reset'): void {
    const socket = this.sockets.get(stream);
    this.sockets.delete(stream);
    if (how === 'close') socket?.end();
    else socket?.resetAndDestroy();
  }

  isBlocked(stream: number): boolean {
    return this.sockets.get(stream)?.writableNeedDrain ?? false;
  }

  hasUnread(): boolean {
    return false;
  }

  setTimer(kind: number, a: number, b: number, at: VirtualUs): void {
    this.cancelTimer(kind, a, b);
    if (at === NEVER) return;
    const key = `${kind} ${a} ${b}`;
    // Real timers have milliseconds and may fire a little early.
    const delayMs = Math.max(0, Math.ceil((at - this.now()) / 1_000) + 1);
    const fire = (): void => {
      this.timers.delete(key);
      this.driven?.timerFired(a, b);
    };
    this.timers.set(key, setTimeout(fire, delayMs));
  }

  cancelTimer(kind: number, a: number, b: number): void {
    const key = `${kind} ${a} ${b}`;
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
  }

  count(counter: string, by = 1): void {
    this.counters.set(counter, (this.counters.get(counter) ?? 0) + by);
  }

  note(kind: string, text: string): void {
    this.notes.push(`${kind}: ${text}`);
  }

  private adopt(socket: Socket): number {
    const stream = ++this.streams;
    this.sockets.set(stream, socket);
    const isOurs = (): boolean => this.sockets.get(stream) === socket;
    let why = 'closed';
    socket.on('data', (octets) => {
      if (isOurs()) this.driven?.octetsReceived(stream, octets);
    });
    socket.on('drain', () => {
      if (isOurs()) this.driven?.streamDrained(stream);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      why = error.code === 'ECONNREFUSED' ? 'refused' : 'reset';
    });
    socket.on('close', () => {
      if (!isOurs()) return;
      this.sockets.delete(stream);
      this.driven?.streamClosed(stream, why);
    });
    return stream;
  }
}
