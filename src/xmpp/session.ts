/**
 * One XMPP connection without socket and clock (CN-2.1 to CN-2.4): a control node's end of an accepted stream, and an
 * agent's slot that connects again for ever.
 *
 * Give it octets (`receive`) or a stanza that has been decoded elsewhere (`receiveStanza`), and the time (`advance`);
 * then `poll` until null, and ask `nextDeadline` again. Calling `advance` early changes nothing, so an owner need not
 * move its timer at every stanza. The server end asks its owner whether a stream open may enter (CN-2.3) and waits for
 * `admit` or `refuse`. Publishes are held here until their collection comes (CN-2.4.2), and go out as one
 * {@link RouteRequest}.
 */
import { later, milliseconds, seconds, type VirtualUs } from '../base/time.ts';
import type { NlriTable } from '../route/nlri.ts';
import { type DecodedStanza, decodedOf } from './decoded.ts';
import {
  CLIENT_TRANSITIONS,
  nextState,
  SERVER_TRANSITIONS,
  type XmppEvent,
  type XmppState,
  type XmppTransitions,
} from './fsm.ts';
import type { UnicastItem } from './items.ts';
import { scanOctets } from './scan.ts';
import {
  CONTROL_NODE_JID,
  KEEPALIVE,
  type Keepalive,
  type MalformedStanza,
  type Publish,
  readItemNode,
  STREAM_ANSWER_ID,
  type Stanza,
  type StreamOpen,
} from './stanza.ts';
import { XmppFramer } from './stream.ts';

/** CN-2.2/1. */
export const XMPP_HOLD_SECONDS = 90;
/** CN-2.2/3. */
export const OPEN_TIME = seconds(15);
/** CN-2.2/5. */
export const GIVE_UP_ATTEMPTS = 4;
/** TCP user timeout of an XMPP connection (CN-2.2/6). */
export const XMPP_USER_TIMEOUT = seconds(15);

/** A publish together with its collection (CN-2.4.2). */
export interface RouteRequest {
  readonly kind: 'route';
  /** The collection's node. */
  readonly instance: string;
  /** associate; else delete. */
  readonly add: boolean;
  readonly afi: number;
  readonly safi: number;
  readonly primaryInstanceId: number | null;
  /** Only the first item counts, the rest is ignored (CN-2.4.7). */
  readonly items: readonly (UnicastItem | null)[];
  /** 0: End-of-RIB (CN-2.10.3). */
  readonly itemCount: number;
}

/** What a session hands its owner: everything but what it answered itself. */
export type Delivered = Exclude<Stanza, StreamOpen | Keepalive> | RouteRequest;

export type SessionOutput =
  /** Say this on the stream: a stream open or a keepalive. */
  | { readonly kind: 'send'; readonly stanza: StreamOpen | Keepalive }
  /** Agent: connect, for at most so long (CN-2.2/4). */
  | { readonly kind: 'connect'; readonly timeout: VirtualUs }
  /** Close the stream, which is open. */
  | { readonly kind: 'close' }
  /** Control node: may this one enter? Answer with `admit` or `refuse` (CN-2.3). */
  | { readonly kind: 'asks'; readonly open: StreamOpen }
  | { readonly kind: 'state'; readonly from: XmppState; readonly to: XmppState; readonly because: string }
  /** Agent: the fourth failed attempt in a row, or a later one (CN-2.2/5, VR-2.1/6). */
  | { readonly kind: 'timed-out'; readonly attempts: number }
  | { readonly kind: 'stanza'; readonly stanza: Delivered }
  /** A pair that was dropped, or a publish replaced by a second one (CN-2.4.2, CN-Q7): nothing follows from it. */
  | { readonly kind: 'dropped'; readonly why: string };

/** A named random stream. */
export interface Jitter {
  integer(low: number, high: number): number;
}

const BECAUSE: Readonly<Record<XmppEvent, string>> = {
  start: 'start',
  adminDown: 'administratively down',
  stop: 'stopped',
  accepted: 'connection accepted',
  connectTimer: 'connect timer expired',
  connected: 'connected',
  connectFailed: 'connect failed',
  closed: 'connection closed by the peer',
  open: 'stream open received',
  refused: 'stream open refused',
  openTimer: 'no stream open in time',
  holdTimer: 'hold timer expired',
  keepalive: 'keepalive',
  stanza: 'stanza',
  malformed: 'malformed stanza',
};

type TimerName = 'hold' | 'keepalive' | 'open' | 'connect';

abstract class XmppSession {
  private readonly nlris: NlriTable;
  private readonly transitions: XmppTransitions;
  private framer = new XmppFramer();
  private decoded: DecodedStanza[] = [];
  private outputs: SessionOutput[] = [];
  private current: XmppState = 'Idle';
  private held: Publish | null = null;
  private holdUs: VirtualUs;
  private readonly deadlines: Record<TimerName, VirtualUs | null> = {
    hold: null,
    keepalive: null,
    open: null,
    connect: null,
  };

  constructor(nlris: NlriTable, transitions: XmppTransitions, holdSeconds: number) {
    this.nlris = nlris;
    this.transitions = transitions;
    this.holdUs = seconds(holdSeconds);
  }

  get state(): XmppState {
    return this.current;
  }

  get holdTime(): VirtualUs {
    return this.holdUs;
  }

  /**
   * Octets of the stream, cut anywhere; what they say is handled at once, and the rest copied. Returns what was decoded, in order. What comes
   * behind a stream open that waits for its owner's answer is read when that is given, and told by the next call.
   */
  receive(now: VirtualUs, octets: Uint8Array): readonly DecodedStanza[] {
    this.framer.push(octets);
    this.read(now);
    this.framer.keep();
    const decoded = this.decoded;
    this.decoded = [];
    return decoded;
  }

  /** Handles whole stanzas that have come. One may close the stream, which begins another framer: the rest is nobody's. */
  protected read(now: VirtualUs): void {
    const { framer, nlris } = this;
    while (this.framer === framer && !this.waitsForOwner()) {
      const frame = framer.next((octets) => scanOctets(octets, nlris));
      if (frame === null) return;
      const decoded = decodedOf(frame, nlris);
      this.decoded.push(decoded);
      this.receiveStanza(now, decoded.stanza);
    }
  }

  /** One stanza, in order. */
  receiveStanza(now: VirtualUs, stanza: Stanza | MalformedStanza): void {
    switch (stanza.kind) {
      case 'malformed':
        this.happens(now, 'malformed', stanza.fault);
        return;
      case 'open':
        this.framer.skipOpen();
        this.openReceived(now, stanza);
        return;
      case 'keepalive':
        if (this.happens(now, 'keepalive')) {
          this.restartHold(now);
          this.keepaliveReceived();
        }
        return;
      case 'publish':
        // Held: it neither restarts the hold timer nor leaves before its collection comes (CN-2.2.1).
        if (this.current !== 'Established') return;
        if (this.held !== null) this.outputs.push({ kind: 'dropped', why: 'a publish replaced by the next one' });
        this.held = stanza;
        return;
      case 'collection': {
        if (this.current !== 'Established') return;
        const publish = this.held;
        this.held = null;
        if (publish === null) {
          this.outputs.push({ kind: 'dropped', why: 'a collection without a publish' });
          return;
        }
        if (publish.node !== stanza.node) {
          this.outputs.push({ kind: 'dropped', why: 'a collection of another node than the publish' });
          return;
        }
        this.deliver(now, {
          kind: 'route',
          instance: stanza.instance,
          add: stanza.associate,
          ...readItemNode(publish.node),
          items: publish.items,
          itemCount: publish.itemCount,
        });
        return;
      }
      default:
        this.deliver(now, stanza);
    }
  }

  /** Lets timers fire that are due. `unread`: octets wait in the socket, so the hold timer is set again (CN-2.2.1). */
  advance(now: VirtualUs, unread = false): void {
    for (let timer = this.due(now); timer !== null; timer = this.due(now)) {
      if (timer === 'keepalive') {
        this.send(KEEPALIVE);
        this.set('keepalive', later(now, this.keepaliveUs()));
      } else if (timer === 'hold' && unread) this.restartHold(now);
      else {
        this.set(timer, null);
        this.happens(now, timer === 'hold' ? 'holdTimer' : timer === 'open' ? 'openTimer' : 'connectTimer');
      }
    }
  }

  /** When `advance` must be called at the latest; null when nothing is pending. */
  nextDeadline(): VirtualUs | null {
    let earliest: VirtualUs | null = null;
    for (const timer of TIMERS) {
      const at = this.deadlines[timer];
      if (at !== null && (earliest === null || at < earliest)) earliest = at;
    }
    return earliest;
  }

  /** One timer's deadline, for owners that show them or treat some as background. */
  deadline(timer: TimerName): VirtualUs | null {
    return this.deadlines[timer];
  }

  /** The next output, null when drained. */
  poll(): SessionOutput | null {
    return this.outputs.shift() ?? null;
  }

  /** The stream was closed by the other end, or lost. */
  streamClosed(now: VirtualUs): void {
    this.happens(now, 'closed');
  }

  /** Close it: an operator's clear, or a rule of the owner (CN-2.6, CN-2.7/5, CN-2.12.3). */
  stop(now: VirtualUs, because = BECAUSE.stop): void {
    this.happens(now, 'stop', because);
  }

  /** Another hold time: keepalives follow at once, the hold timer from the next stanza on (CN-2.2.4). */
  setHoldTime(now: VirtualUs, holdSeconds: number): void {
    this.holdUs = seconds(holdSeconds);
    if (this.current === 'Established') this.set('keepalive', later(now, this.keepaliveUs()));
  }

  /** A question has been asked that decides what the next octets mean. */
  protected abstract waitsForOwner(): boolean;
  protected abstract openReceived(now: VirtualUs, open: StreamOpen): void;
  protected abstract keepaliveReceived(): void;
  /** Timers and words of a new state; `from` is another one. */
  protected abstract entered(now: VirtualUs, from: XmppState, event: XmppEvent): void;

  /** Moves as the table says; false when the event is not consumed in this state. */
  protected happens(now: VirtualUs, event: XmppEvent, because = BECAUSE[event]): boolean {
    const from = this.current;
    const to = nextState(this.transitions, from, event);
    if (to === null) return false;
    if (to !== from || event === 'stop') {
      this.current = to;
      if (to !== from) this.outputs.push({ kind: 'state', from, to, because });
      this.entered(now, from, event);
    }
    return true;
  }

  protected send(stanza: StreamOpen | Keepalive): void {
    this.outputs.push({ kind: 'send', stanza });
  }

  protected output(output: SessionOutput): void {
    this.outputs.push(output);
  }

  protected set(timer: TimerName, at: VirtualUs | null): void {
    this.deadlines[timer] = at;
  }

  protected restartHold(now: VirtualUs): void {
    this.set('hold', this.holdUs === 0 ? null : later(now, this.holdUs));
  }

  protected startKeepalives(now: VirtualUs): void {
    this.set('keepalive', this.holdUs === 0 ? null : later(now, this.keepaliveUs()));
  }

  /** Forgets the stream: what was held, half read, or not yet handed over, and every timer. */
  protected forgetStream(): void {
    this.held = null;
    this.outputs = this.outputs.filter((output) => !OF_THE_STREAM.has(output.kind));
    this.framer = new XmppFramer();
    for (const timer of TIMERS) this.set(timer, null);
  }

  private deliver(now: VirtualUs, stanza: Delivered): void {
    if (!this.happens(now, 'stanza')) return;
    this.restartHold(now);
    this.outputs.push({ kind: 'stanza', stanza });
  }

  private due(now: VirtualUs): TimerName | null {
    let first: TimerName | null = null;
    let earliest = Number.POSITIVE_INFINITY;
    for (const timer of TIMERS) {
      const at = this.deadlines[timer];
      if (at !== null && at <= now && at < earliest) {
        first = timer;
        earliest = at;
      }
    }
    return first;
  }

  private keepaliveUs(): VirtualUs {
    return Math.floor(this.holdUs / 3) as VirtualUs; // a third of a whole number of microseconds, cut to a whole one
  }
}

/** What is not handed over any more once the stream is gone, however many stanzas came with one cut of it. */
const OF_THE_STREAM: ReadonlySet<SessionOutput['kind']> = new Set<SessionOutput['kind']>(['stanza', 'dropped', 'asks']);

const TIMERS: readonly TimerName[] = ['hold', 'keepalive', 'open', 'connect'];

/** Events after which there is no stream left to close: the other end did it, or it never came up. */
const STREAM_GONE: ReadonlySet<XmppEvent> = new Set<XmppEvent>(['closed', 'connectFailed']);

/** The control node's end of one accepted stream. When it is Idle again it is done with: make another for the next. */
export class XmppServerSession extends XmppSession {
  private asked: StreamOpen | null = null;

  constructor(nlris: NlriTable, holdSeconds = XMPP_HOLD_SECONDS) {
    super(nlris, SERVER_TRANSITIONS, holdSeconds);
  }

  /** The stream was accepted: a stream open must come within 15 s (CN-2.2/3). */
  accepted(now: VirtualUs): void {
    this.happens(now, 'accepted');
  }

  /** The stream open may enter: answers it, and the channel is ready. */
  admit(now: VirtualUs): void {
    if (this.asked === null) return;
    const { from, to } = this.asked;
    this.asked = null;
    // It names itself by the name it was called (CN-2.1.2), whatever that was.
    this.send({
      kind: 'open',
      from: to === '' ? CONTROL_NODE_JID : to,
      to: from,
      id: STREAM_ANSWER_ID,
      xmlns: 'jabber:client',
    });
    this.happens(now, 'open');
    this.read(now);
  }

  /** The stream open may not enter: treated as a close of the stream (CN-2.3). */
  refuse(now: VirtualUs, because: string): void {
    if (this.asked !== null) this.happens(now, 'refused', because);
  }

  protected override waitsForOwner(): boolean {
    return this.asked !== null;
  }

  protected override openReceived(_now: VirtualUs, open: StreamOpen): void {
    // A second open while the first is judged, or in Established, is not consumed.
    if (this.state !== 'Active' || this.asked !== null) return;
    this.asked = open;
    this.output({ kind: 'asks', open });
  }

  protected override keepaliveReceived(): void {}

  protected override entered(now: VirtualUs, from: XmppState, event: XmppEvent): void {
    if (this.state === 'Active') this.set('open', later(now, OPEN_TIME));
    else if (this.state === 'Established') {
      this.set('open', null);
      this.startKeepalives(now);
      this.restartHold(now);
    } else {
      this.asked = null;
      this.forgetStream();
      if (from !== 'Idle' && !STREAM_GONE.has(event)) this.output({ kind: 'close' });
    }
  }
}

/** One slot of an agent: connects, opens the stream, keeps it, and begins again. */
export class XmppClientSession extends XmppSession {
  private readonly jid: string;
  private readonly subCluster: string;
  private readonly jitter: Jitter;
  private tries = 0;
  private keepalives = 0;

  constructor(nlris: NlriTable, jid: string, jitter: Jitter, holdSeconds = XMPP_HOLD_SECONDS, subCluster = '') {
    super(nlris, CLIENT_TRANSITIONS, holdSeconds);
    this.jid = jid;
    this.jitter = jitter;
    this.subCluster = subCluster;
  }

  /** Attempts since the count was cleared (CN-2.2/4). */
  get attempts(): number {
    return this.tries;
  }

  start(now: VirtualUs): void {
    this.happens(now, 'start');
  }

  /** The attempt succeeded: the stream open goes out. */
  connected(now: VirtualUs): void {
    this.happens(now, 'connected');
  }

  /** The attempt was refused, or timed out below. */
  connectFailed(now: VirtualUs): void {
    this.happens(now, 'connectFailed');
  }

  adminDown(now: VirtualUs): void {
    this.happens(now, 'adminDown');
  }

  protected override waitsForOwner(): boolean {
    return false;
  }

  protected override openReceived(now: VirtualUs, _open: StreamOpen): void {
    this.happens(now, 'open');
  }

  protected override keepaliveReceived(): void {
    this.keepalives++;
    if (this.keepalives === 3) this.tries = 0;
  }

  protected override entered(now: VirtualUs, from: XmppState, event: XmppEvent): void {
    switch (this.state) {
      case 'Active':
      case 'Idle':
        this.forgetStream();
        if (from !== 'Idle' && from !== 'Active' && !STREAM_GONE.has(event)) this.output({ kind: 'close' });
        this.keepalives = 0;
        if (this.state === 'Idle') return;
        if (this.tries >= GIVE_UP_ATTEMPTS) this.output({ kind: 'timed-out', attempts: this.tries });
        this.set('connect', later(now, this.connectTime()));
        return;
      case 'Connect': {
        this.tries++;
        const timeout = this.connectTime();
        this.set('connect', later(now, timeout));
        this.output({ kind: 'connect', timeout });
        return;
      }
      case 'OpenSent':
        this.set('connect', null);
        this.send({ kind: 'open', from: this.jid, to: CONTROL_NODE_JID, id: '', xmlns: this.subCluster });
        this.restartHold(now);
        return;
      case 'Established':
        this.send(KEEPALIVE);
        this.startKeepalives(now);
        this.restartHold(now);
    }
  }

  /** 50 ms, then 1, 2, 4, 8, 16, 30 s, cut by a tenth and stretched by 0 to 19 percent, in whole ms (CN-2.2/4). */
  private connectTime(): VirtualUs {
    const steps = Math.min(this.tries, 6);
    const base = steps === 0 ? 50 : Math.min(2 ** (steps - 1), 30) * 1000;
    const cut = Math.floor((base * 9) / 10);
    return milliseconds(cut + Math.floor((cut * this.jitter.integer(0, 19)) / 100));
  }
}
