import { virtualUs } from '../../src/base/time.ts';
import { bgpCodec } from '../../src/bgp/codec.ts';
import type { BgpEnvelope } from '../../src/bgp/envelope.ts';
import type { UpdateMessage } from '../../src/bgp/message.ts';
import type { NegotiatedSession, SessionConfig } from '../../src/bgp/negotiation.ts';
import { BgpSession } from '../../src/bgp/session.ts';
import type { SessionDown, SessionOutput } from '../../src/bgp/session-output.ts';
import { ipv4 } from '../../src/net/ipv4.ts';
import { FAMILY } from '../../src/route/family.ts';
import { RoutePool } from '../../src/route/pool.ts';

export function sessionConfig(change: Partial<SessionConfig> = {}): SessionConfig {
  return {
    neighbour: 'peer',
    localAs: 64512,
    peerAs: 64512,
    identifier: ipv4(0x0a000001),
    holdTimeSeconds: 90,
    families: [FAMILY['inet-vpn'], FAMILY['route-target']],
    fourOctetAs: true,
    passive: false,
    moreCapabilities: [],
    ...change,
  };
}

/** What a session did, in words that a test can compare. */
export interface Line {
  readonly at: number;
  readonly text: string;
}

const STEADY = { integer: (low: number) => low };

/** One session whose peer is the test: streams have the numbers the test gives, octets are read back. */
export class Lone {
  readonly pool = new RoutePool();
  readonly codec = bgpCodec(this.pool);
  readonly session: BgpSession;
  readonly lines: Line[] = [];
  readonly sent: { readonly stream: number; readonly message: BgpEnvelope }[] = [];
  readonly updates: UpdateMessage[] = [];
  established: NegotiatedSession | null = null;
  down: SessionDown | null = null;
  nowMs = 0;
  private nextStream: number;

  constructor(change: Partial<SessionConfig> = {}, draws = STEADY, firstStream = 1) {
    this.session = new BgpSession(sessionConfig(change), this.codec, draws);
    this.nextStream = firstStream;
  }

  get now() {
    return virtualUs(Math.round(this.nowMs * 1_000));
  }

  do(action: (session: BgpSession) => void): this {
    action(this.session);
    for (let output = this.session.poll(); output !== null; output = this.session.poll()) this.take(output);
    return this;
  }

  /** Lets time pass deadline by deadline. */
  until(ms: number): this {
    for (;;) {
      const due = this.session.nextDeadline() / 1_000;
      if (due > ms) break;
      this.nowMs = due;
      this.do((session) => session.advance(this.now));
    }
    this.nowMs = ms;
    return this;
  }

  texts(): readonly string[] {
    return this.lines.map((line) => line.text);
  }

  private take(output: SessionOutput): void {
    const log = (text: string) => this.lines.push({ at: this.nowMs, text });
    switch (output.kind) {
      case 'connect': {
        const stream = this.nextStream++;
        log(`connect ${stream}`);
        this.session.connecting(stream);
        return;
      }
      case 'send': {
        this.sent.push(output);
        const { content } = output.message;
        const detail = content.kind === 'notification' ? ` ${content.code}/${content.subcode}` : '';
        log(`${output.stream}: ${content.kind}${detail}`);
        return;
      }
      case 'close':
        log(`close ${output.stream}`);
        return;
      case 'state':
        log(output.to);
        return;
      case 'established':
        this.established = output.negotiated;
        return;
      case 'update':
        this.updates.push(output.update);
        return;
      case 'down':
        this.down = output.down;
        log('down');
        return;
      case 'decoded':
      case 'note':
        return;
    }
  }
}

/** Two sessions and the time, the streams and the latency between them. */
export class Pair {
  readonly pool = new RoutePool();
  readonly codec = bgpCodec(this.pool);
  readonly ends: readonly [End, End];
  readonly lines: string[] = [];
  /** Octets instead of shared messages, cut at this many; 0: messages. */
  readonly cut: number;
  nowUs = 0;
  private readonly latencyUs: number;
  private readonly pending: { at: number; order: number; run: () => void }[] = [];
  private order = 0;
  private streams = 0;
  private readonly open = new Set<number>();
  private severed = false;

  constructor(
    a: Partial<SessionConfig>,
    b: Partial<SessionConfig>,
    options: { latencyUs?: number; cut?: number; draws?: readonly [number, number] } = {},
  ) {
    this.latencyUs = options.latencyUs ?? 1_000;
    this.cut = options.cut ?? 0;
    const draw = (percent: number) => ({ integer: () => percent });
    const [drawA, drawB] = options.draws ?? [3, 14];
    const first = new BgpSession(sessionConfig({ identifier: ipv4(0x0a000001), ...a }), this.codec, draw(drawA));
    const second = new BgpSession(sessionConfig({ identifier: ipv4(0x0a000002), ...b }), this.codec, draw(drawB));
    this.ends = [new End('a', first), new End('b', second)];
  }

  get now() {
    return virtualUs(this.nowUs);
  }

  start(): this {
    for (const side of [0, 1] as const) this.do(side, (session) => session.start(this.now));
    return this;
  }

  /** Nothing arrives any more, and nobody is told. */
  sever(): this {
    this.severed = true;
    return this;
  }

  do(side: 0 | 1, action: (session: BgpSession) => void): this {
    const { session } = this.ends[side];
    action(session);
    for (let output = session.poll(); output !== null; output = session.poll()) this.take(side, output);
    return this;
  }

  send(side: 0 | 1, message: BgpEnvelope): this {
    return this.do(side, (session) => session.send(message));
  }

  untilMs(ms: number): this {
    const end = ms * 1_000;
    for (;;) {
      const event = this.pending.sort((x, y) => x.at - y.at || x.order - y.order)[0];
      const deadlines = this.ends.map(({ session }) => session.nextDeadline());
      const next = Math.min(event?.at ?? Infinity, ...deadlines);
      if (next > end) break;
      this.nowUs = next;
      if (event !== undefined && event.at === next) {
        this.pending.shift();
        event.run();
      } else for (const side of [0, 1] as const) this.do(side, (session) => session.advance(this.now));
    }
    this.nowUs = end;
    return this;
  }

  states(): readonly string[] {
    return this.ends.map(({ session }) => session.state);
  }

  private later(run: () => void): void {
    if (this.severed) return;
    this.pending.push({ at: this.nowUs + this.latencyUs, order: this.order++, run });
  }

  private take(side: 0 | 1, output: SessionOutput): void {
    const end = this.ends[side];
    const other = side === 0 ? 1 : 0;
    const deliver = (stream: number, message: BgpEnvelope): void =>
      this.later(() => {
        if (this.cut === 0) this.do(other, (session) => session.deliver(this.now, stream, message.content));
        else {
          for (let at = 0; at < message.octets.length; at += this.cut) {
            const piece = message.octets.slice(at, at + this.cut);
            this.do(other, (session) => session.receive(this.now, stream, piece));
          }
        }
      });
    switch (output.kind) {
      case 'connect': {
        const stream = ++this.streams;
        this.open.add(stream);
        end.session.connecting(stream);
        this.later(() => {
          this.do(other, (session) => session.accepted(this.now, stream));
          this.later(() => this.do(side, (session) => session.connected(this.now, stream)));
        });
        return;
      }
      case 'send':
        end.sent.push({ at: this.nowUs / 1_000, kind: output.message.content.kind, message: output.message });
        deliver(output.stream, output.message);
        return;
      case 'close':
        this.later(() => {
          if (this.open.delete(output.stream))
            this.do(other, (session) => session.closed(this.now, output.stream, 'closed'));
        });
        return;
      case 'state':
        end.states.push({ at: this.nowUs / 1_000, state: output.to });
        return;
      case 'established':
        end.established.push(output.negotiated);
        return;
      case 'update':
        end.updates.push(output.update);
        return;
      case 'down':
        end.downs.push(output.down);
        return;
      case 'decoded':
      case 'note':
        return;
    }
  }
}

export class End {
  readonly name: string;
  readonly session: BgpSession;
  readonly sent: { readonly at: number; readonly kind: string; readonly message: BgpEnvelope }[] = [];
  readonly states: { readonly at: number; readonly state: string }[] = [];
  readonly established: NegotiatedSession[] = [];
  readonly updates: UpdateMessage[] = [];
  readonly downs: SessionDown[] = [];

  constructor(name: string, session: BgpSession) {
    this.name = name;
    this.session = session;
  }

  notifications(): readonly string[] {
    return this.sent.flatMap(({ message: { content } }) =>
      content.kind === 'notification' ? [`${content.code}/${content.subcode}`] : [],
    );
  }
}
