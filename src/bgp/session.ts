/**
 * A BGP session with one neighbour: octets or messages and moments in, outputs out (CN-7.1 to CN-7.4).
 *
 * The machine holds up to two streams, the one it opened and the one the peer opened, until the collision rule leaves
 * one. It reads no clock, opens no socket and draws no chance of its own: whoever drives it carries out each output of
 * {@link BgpSession.poll} in order, tells it what became of the streams, and calls {@link BgpSession.advance} when the
 * next deadline has come. The same machine runs in virtual time and over a real TCP socket.
 *
 * A close is complete at once: the wait for the walk over the tables (CN-7.8.7) is the owner's, who may delay `start`.
 */
import { invariant } from '../base/invariant.ts';
import { later, milliseconds, NEVER, seconds, type VirtualUs, virtualUs } from '../base/time.ts';
import { AS_TRANS, isFourOctet } from '../net/asn.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { Family } from '../route/family.ts';
import { type Capability, multiprotocol, offeredFamilies } from './capability.ts';
import type { BgpCodec } from './codec.ts';
import type { BgpEnvelope, DecodedBgp } from './envelope.ts';
import { type UpdateForm, updateForm } from './form.ts';
import { Framer } from './framing.ts';
import { nextState, type SessionEvent, type SessionState } from './fsm.ts';
import { KEEPALIVE, type OpenMessage, type Received, type UpdateMessage } from './message.ts';
import {
  CEASE,
  ERROR,
  formatNotification,
  type Malformed,
  malformed,
  type Notification,
  notification,
  OPEN_ERROR,
} from './notification.ts';
import { updateFault } from './update-validation.ts';

/** Number of a stream, given by whoever drives the session. */
export type StreamNumber = number;

export interface SessionConfig {
  /** Name of the neighbour, for notes. */
  readonly neighbour: string;
  /** AS in our OPEN and in AS_PATH. */
  readonly localAs: number;
  readonly peerAs: number;
  /** Our BGP identifier. */
  readonly identifier: Ipv4;
  /** 0: no hold timer and no keepalives. */
  readonly holdTimeSeconds: number;
  readonly families: readonly Family[];
  /** 4-octet AS numbers enabled (RFC 6793, CN-7.3.2). */
  readonly fourOctetAs: boolean;
  /** Never connects, only accepts. */
  readonly passive: boolean;
  /** Offered behind the ones that follow from the fields above. */
  readonly moreCapabilities: readonly Capability[];
}

/** What both sides agreed to. */
export interface NegotiatedSession {
  readonly stream: StreamNumber;
  /** In the order of the family table (CN-7.3.1). */
  readonly families: readonly Family[];
  readonly fourOctetAs: boolean;
  readonly holdTimeSeconds: number;
  readonly peerIdentifier: Ipv4;
  readonly peerAs: number;
  /** iBGP. */
  readonly internal: boolean;
  /** How UPDATEs of the session are written. */
  readonly form: UpdateForm;
  /** The peer's OPEN. */
  readonly offered: OpenMessage;
}

/** Why a session left Established, or an attempt at it ended. */
export interface SessionDown {
  readonly cause: 'closed' | 'notification-sent' | 'notification-received';
  readonly notification: Notification | null;
  /** One sentence for people. */
  readonly why: string;
}

export type SessionOutput =
  /** Open a TCP connection to the peer, and name it with {@link BgpSession.connecting} before anything else. */
  | { readonly kind: 'connect' }
  | { readonly kind: 'send'; readonly stream: StreamNumber; readonly message: BgpEnvelope }
  /** Close what is open or being opened; the session hears no more of it. */
  | { readonly kind: 'close'; readonly stream: StreamNumber }
  | { readonly kind: 'decoded'; readonly stream: StreamNumber; readonly message: DecodedBgp }
  | { readonly kind: 'state'; readonly from: SessionState; readonly to: SessionState }
  | { readonly kind: 'established'; readonly negotiated: NegotiatedSession }
  | { readonly kind: 'update'; readonly update: UpdateMessage }
  /** The session was Established and is not any more. */
  | { readonly kind: 'down'; readonly down: SessionDown }
  | { readonly kind: 'note'; readonly text: string };

/** Draws of the back-off (CN-7.1/5). */
export interface Draws {
  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number;
}

/** What a timer needs to know of the socket. */
export interface SocketState {
  /** Octets wait to be sent: no keepalive goes out (CN-7.1/2). */
  readonly blocked: boolean;
  /** Octets wait to be read: the hold timer starts again (CN-7.2.3). */
  readonly unread: boolean;
}

const FREE_SOCKET: SocketState = { blocked: false, unread: false };

const OPEN_SENT_HOLD = seconds(240);
const OPEN_DELAY = seconds(15);
const IDLE_HOLD = seconds(5);
const ATTEMPTS_MAX = 6;
const CONNECT_SECONDS_MAX = 30;
const JITTER_PERCENT = 10;

/** The back-off before attempt `attempts` + 1, and the limit of that attempt (CN-7.1/5): whole milliseconds. */
export function connectTime(attempts: number, draws: Draws): VirtualUs {
  const doubled = attempts === 0 ? 0 : 2 ** (Math.min(attempts, ATTEMPTS_MAX) - 1);
  const base = doubled === 0 ? 50 : Math.min(doubled, CONNECT_SECONDS_MAX) * 1_000;
  const least = Math.floor((base * (100 - JITTER_PERCENT)) / 100);
  return milliseconds(least + Math.floor((least * draws.integer(0, 2 * JITTER_PERCENT - 1)) / 100));
}

export class BgpSession {
  private config: SessionConfig;
  private readonly codec: BgpCodec;
  private readonly draws: Draws;
  private current: SessionState = 'Idle';
  /** Our own connection, while it is not the session's. */
  private active: StreamNumber | null = null;
  private activeIsUp = false;
  /** The peer's connection, while it is not the session's. */
  private passive: StreamNumber | null = null;
  /** The connection of OpenConfirm and Established. */
  private chosen: StreamNumber | null = null;
  private readonly framers = new Map<StreamNumber, Framer>();
  private attempts = 0;
  private idleHold = virtualUs(0);
  private idleAt = NEVER;
  private connectAt = NEVER;
  private openAt = NEVER;
  private holdAt = NEVER;
  private keepaliveAt = NEVER;
  private hold = virtualUs(0);
  private agreed: NegotiatedSession | null = null;
  private lastDown: SessionDown | null = null;
  private outputs: SessionOutput[] = [];
  private awaitsStream = false;
  /** The R bit of our graceful restart capability (CN-7.6.1): set while the node starts. */
  restarting = false;

  constructor(config: SessionConfig, codec: BgpCodec, draws: Draws) {
    this.config = config;
    this.codec = codec;
    this.draws = draws;
  }

  get state(): SessionState {
    return this.current;
  }

  /** What was agreed with the peer; null outside OpenConfirm and Established. */
  get negotiated(): NegotiatedSession | null {
    return this.agreed;
  }

  /** Why the session or the last attempt ended; null before the first end. */
  get downReason(): SessionDown | null {
    return this.lastDown;
  }

  get connectAttempts(): number {
    return this.attempts;
  }

  // ---- administration

  /** Starts an idle session: at once the first time and after a stop, else after the idle hold (CN-7.1/6). */
  start(now: VirtualUs): void {
    if (this.current !== 'Idle' || this.idleAt !== NEVER) return;
    if (this.idleHold > 0) this.idleAt = later(now, this.idleHold);
    else this.enter(now, 'start');
  }

  /** Stops with Cease and stays Idle until {@link start}, which then is not held back (CN-7.1/6). */
  stop(now: VirtualUs, subcode: number, why: string): void {
    this.cease(now, subcode, why);
    this.idleAt = NEVER;
    this.idleHold = virtualUs(0);
  }

  /** Ends the session with Cease; it comes back by itself after the idle hold, as after a configuration change. */
  clear(now: VirtualUs, subcode: number, why: string): void {
    this.cease(now, subcode, why);
    if (this.idleAt === NEVER) this.start(now);
  }

  /** The configuration of the next session; clear or stop the present one beside it. */
  configure(config: SessionConfig): void {
    this.config = config;
  }

  /** As new: the node was without power, its streams and timers are gone and nobody is told. */
  restart(): void {
    this.current = 'Idle';
    this.idleHold = virtualUs(0);
    this.idleAt = NEVER;
    this.attempts = 0;
    this.outputs = [];
    this.awaitsStream = false;
    this.framers.clear();
    this.clearConnections();
  }

  // ---- streams

  /** Answers the output `connect`. */
  connecting(stream: StreamNumber): void {
    invariant(this.awaitsStream, 'a stream is named when the session asked for one');
    this.awaitsStream = false;
    if (this.current !== 'Connect') {
      this.outputs.push({ kind: 'close', stream });
      return;
    }
    this.active = stream;
    this.activeIsUp = false;
  }

  connected(now: VirtualUs, stream: StreamNumber): void {
    if (stream !== this.active || this.current !== 'Connect') return;
    this.activeIsUp = true;
    this.sendOpen(stream);
    this.enter(now, 'connected');
  }

  /** The peer opened a stream to us; who may connect at all is the owner's to check (CN-7.2.4). */
  accepted(now: VirtualUs, stream: StreamNumber): void {
    switch (this.current) {
      case 'Idle':
      case 'Established':
        this.outputs.push({ kind: 'close', stream });
        return;
      case 'OpenConfirm':
        this.refuse(stream, CEASE.connectionRejected);
        return;
      case 'Active':
        this.takePassive(now, stream);
        this.connectAt = NEVER;
        return;
      case 'Connect':
        this.takePassive(now, stream);
        return;
      case 'OpenSent':
        this.takePassive(now, stream);
        if (this.active === null) this.enter(now, 'accepted');
        return;
    }
  }

  /** A stream is gone: refused, timed out, reset or closed by the peer. */
  closed(now: VirtualUs, stream: StreamNumber, why: string): void {
    this.framers.delete(stream);
    if (stream === this.chosen) {
      this.chosen = null;
      this.end(now, 'transportLost', { cause: 'closed', notification: null, why });
    } else if (stream === this.active) {
      this.active = null;
      this.activeIsUp = false;
      if (this.current === 'Connect') this.enter(now, 'transportLost');
      else if (this.passive === null || this.openAt !== NEVER) this.enter(now, 'transportLost');
    } else if (stream === this.passive) {
      this.passive = null;
      this.openAt = NEVER;
      if (this.current === 'Active') this.startConnectTimer(now);
      else if (this.current === 'OpenSent' && this.active === null) this.enter(now, 'transportLost');
    }
  }

  /** Room in the socket again: keepalives go on (CN-7.1/2). */
  drained(now: VirtualUs): void {
    if (this.chosen !== null && this.keepaliveAt === NEVER) this.startKeepaliveTimer(now);
  }

  // ---- input

  /** Octets as they arrive on a stream, cut anywhere. */
  receive(now: VirtualUs, stream: StreamNumber, octets: Uint8Array): void {
    if (!this.holds(stream)) return;
    let framer = this.framers.get(stream);
    if (framer === undefined) {
      framer = new Framer();
      this.framers.set(stream, framer);
    }
    framer.push(octets);
    for (let frame = framer.next(); frame !== null; frame = framer.next()) {
      if (!this.holds(stream)) return;
      const message = frame instanceof Uint8Array ? this.codec.decode(frame, this.agreed?.fourOctetAs ?? false) : frame;
      if (message.kind !== 'malformed' && frame instanceof Uint8Array) {
        this.outputs.push({ kind: 'decoded', stream, message: this.codec.decodedOf(message, frame.length) });
      }
      this.deliver(now, stream, message);
    }
  }

  /** A message, decoded by whoever drives the session or shared by its sender. */
  deliver(now: VirtualUs, stream: StreamNumber, message: Received): void {
    if (!this.holds(stream)) return;
    switch (message.kind) {
      case 'update':
        if (this.current === 'Established') this.takeUpdate(now, message);
        else this.outOfTurn(now, 'an UPDATE');
        return;
      case 'keepalive':
        if (this.current === 'Established') this.startHoldTimer(now);
        else if (this.current === 'OpenConfirm') this.enter(now, 'keepalive');
        else this.outOfTurn(now, 'a KEEPALIVE');
        return;
      case 'open':
        this.takeOpen(now, stream, message);
        return;
      case 'notification':
        this.takeNotification(now, stream, message);
        return;
      case 'malformed':
        this.fail(now, stream, message);
        return;
    }
  }

  /** Hands an UPDATE to the peer. */
  send(message: BgpEnvelope): void {
    invariant(this.current === 'Established' && this.chosen !== null, 'routes are sent on an established session');
    this.outputs.push({ kind: 'send', stream: this.chosen, message });
  }

  // ---- time

  /** Does what is due at `now`; early calls change nothing. */
  advance(now: VirtualUs, socket: SocketState = FREE_SOCKET): void {
    if (this.idleAt <= now) {
      this.idleAt = NEVER;
      this.enter(now, 'start');
    }
    if (this.connectAt <= now) {
      this.connectAt = NEVER;
      if (this.current === 'Connect') this.dropActive();
      this.enter(now, 'connectTimer');
    }
    if (this.openAt <= now) this.openDelayOver(now);
    if (this.holdAt <= now) {
      if (socket.unread) this.startHoldTimer(now);
      else this.holdExpired(now);
    }
    if (this.keepaliveAt <= now) {
      if (socket.blocked) this.keepaliveAt = NEVER;
      else {
        this.sendKeepalive();
        this.startKeepaliveTimer(now);
      }
    }
  }

  /**
   * When `advance` is due next, {@link NEVER} if at no time. Background deadlines are those that go on for ever in a
   * world at rest: keepalives, the hold time of an established session, and attempts at the longest back-off.
   */
  nextDeadline(which: 'all' | 'foreground' | 'background' = 'all'): VirtualUs {
    let next = NEVER;
    if (which !== 'background') {
      next = earlier(this.idleAt, this.openAt);
      if (this.current !== 'Established') next = earlier(next, this.holdAt);
      if (this.attempts < ATTEMPTS_MAX) next = earlier(next, this.connectAt);
    }
    if (which !== 'foreground') {
      next = earlier(next, this.keepaliveAt);
      if (this.current === 'Established') next = earlier(next, this.holdAt);
      if (this.attempts >= ATTEMPTS_MAX) next = earlier(next, this.connectAt);
    }
    return next;
  }

  /** The next thing to do, in order; null when there is nothing left. */
  poll(): SessionOutput | null {
    return this.outputs.shift() ?? null;
  }

  // ---- the machine

  private enter(now: VirtualUs, event: SessionEvent): void {
    const from = this.current;
    const to = nextState(from, event);
    if (from === 'Active' || from === 'Connect') this.connectAt = NEVER;
    if (to === from) return;
    this.current = to;
    this.outputs.push({ kind: 'state', from, to });
    switch (to) {
      case 'Idle':
        break;
      case 'Active':
        this.holdAt = NEVER;
        if (this.passive === null) this.startConnectTimer(now);
        break;
      case 'Connect':
        this.attempts++;
        this.startConnectTimer(now);
        this.awaitsStream = true;
        this.outputs.push({ kind: 'connect' });
        break;
      case 'OpenSent':
        this.hold = OPEN_SENT_HOLD;
        this.startHoldTimer(now);
        break;
      case 'OpenConfirm':
        this.openAt = NEVER;
        this.sendKeepalive();
        this.startKeepaliveTimer(now);
        this.startHoldTimer(now);
        break;
      case 'Established': {
        invariant(this.agreed !== null, 'an established session has agreed on something');
        this.attempts = 0;
        this.startHoldTimer(now);
        this.outputs.push({ kind: 'established', negotiated: this.agreed });
        break;
      }
    }
  }

  private takePassive(now: VirtualUs, stream: StreamNumber): void {
    if (this.passive !== null) this.drop(this.passive);
    this.passive = stream;
    this.openAt = later(now, OPEN_DELAY);
  }

  /** CN-7.1/4: the peer that connected has said nothing, so we speak first. */
  private openDelayOver(now: VirtualUs): void {
    this.openAt = NEVER;
    if (this.passive === null) return;
    this.sendOpen(this.passive);
    if (this.current === 'Connect') this.dropActive();
    this.enter(now, 'openTimer');
  }

  private takeOpen(now: VirtualUs, stream: StreamNumber, open: OpenMessage): void {
    if (this.current === 'OpenConfirm' || this.current === 'Established') {
      this.outOfTurn(now, 'an OPEN');
      return;
    }
    const fault = this.openFault(open);
    if (fault !== null) {
      this.fail(now, stream, fault);
      return;
    }
    if (this.current !== 'OpenSent') {
      // Active or Connect: the peer spoke on the stream it opened.
      if (stream !== this.passive) return;
      this.openAt = NEVER;
      if (this.active !== null) this.dropActive();
      this.sendOpen(stream);
    } else if (this.active !== null && this.passive !== null && !this.resolveCollision(stream, open)) {
      return;
    }
    this.active = null;
    this.passive = null;
    this.chosen = stream;
    this.agree(stream, open);
    this.enter(now, 'open');
  }

  /** CN-7.2.1: the connection that the higher identifier opened stays. True when the OPEN came on that one. */
  private resolveCollision(stream: StreamNumber, open: OpenMessage): boolean {
    const active = this.active!;
    const passive = this.passive!;
    if (open.identifier > this.config.identifier) {
      this.refuse(active, CEASE.connectionCollision);
      this.active = null;
      if (this.openAt !== NEVER) {
        this.openAt = NEVER;
        this.sendOpen(passive);
      }
      return stream === passive;
    }
    this.refuse(passive, CEASE.connectionCollision);
    this.passive = null;
    this.openAt = NEVER;
    return stream === active;
  }

  /** CN-7.3/4 and CN-7.3.4; version, hold time and parameters are checked where the OPEN is decoded. */
  private openFault(open: OpenMessage): Malformed | null {
    const { identifier, peerAs, fourOctetAs, families } = this.config;
    const refuse = (subcode: number, why: string): Malformed => malformed(ERROR.open, subcode, why);
    if (open.identifier === 0 || open.identifier === identifier) {
      return refuse(OPEN_ERROR.badIdentifier, 'the BGP identifier is zero or our own');
    }
    if (open.asn !== peerAs && open.asn !== AS_TRANS) {
      return refuse(OPEN_ERROR.badPeerAs, `the peer says AS ${open.asn}, AS ${peerAs} is configured`);
    }
    if (fourOctetAs) {
      for (const capability of open.capabilities) {
        if (capability.kind === 'four-octet-as' && capability.asn !== peerAs) {
          return refuse(OPEN_ERROR.badPeerAs, `the peer says AS ${capability.asn}, AS ${peerAs} is configured`);
        }
      }
    }
    const offered = offeredFamilies(open.capabilities);
    if (!offered.some((family) => families.includes(family))) {
      return refuse(OPEN_ERROR.unsupportedCapability, 'no address family in common');
    }
    return null;
  }

  private agree(stream: StreamNumber, open: OpenMessage): void {
    const { config } = this;
    const fourOctetAs = config.fourOctetAs && open.capabilities.some((offer) => offer.kind === 'four-octet-as');
    const holdTimeSeconds = Math.min(config.holdTimeSeconds, open.holdTimeSeconds);
    const internal = config.localAs === config.peerAs;
    this.hold = seconds(holdTimeSeconds);
    this.agreed = {
      stream,
      families: offeredFamilies(open.capabilities).filter((family) => config.families.includes(family)),
      fourOctetAs,
      holdTimeSeconds,
      peerIdentifier: open.identifier,
      peerAs: config.peerAs,
      internal,
      form: updateForm(fourOctetAs, internal),
      offered: open,
    };
  }

  private takeUpdate(now: VirtualUs, update: UpdateMessage): void {
    const agreed = this.agreed!;
    const fault = updateFault(update, agreed.internal, this.codec.pool);
    if (fault !== null) {
      this.fail(now, agreed.stream, fault);
      return;
    }
    this.startHoldTimer(now);
    // A family that was not agreed on is passed over, and the session stays (CN-7.4/8).
    const parts = update.parts.every((part) => agreed.families.includes(part.family))
      ? update
      : { ...update, parts: update.parts.filter((part) => agreed.families.includes(part.family)) };
    this.outputs.push({ kind: 'update', update: parts });
  }

  private takeNotification(now: VirtualUs, stream: StreamNumber, received: Notification): void {
    const down: SessionDown = {
      cause: 'notification-received',
      notification: received,
      why: `the peer sent NOTIFICATION ${formatNotification(received)}`,
    };
    if (this.current !== 'OpenSent') {
      this.end(now, 'notification', down);
      return;
    }
    // In OpenSent the other connection of a collision may go on.
    this.note(down.why);
    this.drop(stream);
    if (stream === this.active) this.active = null;
    else this.passive = null;
    if (this.active !== null) this.openAt = NEVER;
    else if (this.passive === null) this.end(now, 'notification', down);
    else if (this.openAt !== NEVER) this.enter(now, 'transportLost');
  }

  /** The peer's fault on a stream: NOTIFICATION, and Idle. */
  private fail(now: VirtualUs, stream: StreamNumber, fault: Malformed): void {
    this.notify(stream, fault.notification);
    this.end(now, 'malformed', { cause: 'notification-sent', notification: fault.notification, why: fault.why });
  }

  private outOfTurn(now: VirtualUs, what: string): void {
    this.endWith(now, 'unexpected', notification(ERROR.finiteStateMachine), `${what} came in state ${this.current}`);
  }

  private holdExpired(now: VirtualUs): void {
    const silent = this.current === 'OpenSent' ? 'no OPEN came' : 'nothing was heard for the hold time';
    this.endWith(now, 'holdTimer', notification(ERROR.holdTimerExpired), silent);
  }

  private cease(now: VirtualUs, subcode: number, why: string): void {
    if (this.current === 'Idle') return;
    this.endWith(now, 'stop', notification(ERROR.cease, subcode), why);
  }

  /** Tells the peer on the session's stream, before there is one on the passive, else the active one. */
  private endWith(now: VirtualUs, event: SessionEvent, message: Notification, why: string): void {
    const stream = this.chosen ?? this.passive ?? (this.activeIsUp ? this.active : null);
    if (stream !== null) this.notify(stream, message);
    this.end(now, event, { cause: 'notification-sent', notification: message, why });
  }

  /** Back to Idle: every stream closed, every timer off, and the idle hold before the next attempt. */
  private end(now: VirtualUs, event: SessionEvent, down: SessionDown): void {
    const wasUp = this.current === 'Established';
    for (const stream of [this.chosen, this.active, this.passive]) if (stream !== null) this.drop(stream);
    this.clearConnections();
    this.idleHold = IDLE_HOLD;
    this.lastDown = down;
    this.enter(now, event);
    if (wasUp) this.outputs.push({ kind: 'down', down });
    else this.note(down.why);
    this.start(now);
  }

  private clearConnections(): void {
    this.chosen = null;
    this.active = null;
    this.activeIsUp = false;
    this.passive = null;
    this.agreed = null;
    this.connectAt = NEVER;
    this.openAt = NEVER;
    this.holdAt = NEVER;
    this.keepaliveAt = NEVER;
  }

  // ---- timers and messages

  private startConnectTimer(now: VirtualUs): void {
    const attempting = this.current === 'Connect';
    if (!attempting && this.config.passive) return;
    this.connectAt = later(now, connectTime(this.attempts, this.draws));
  }

  private startHoldTimer(now: VirtualUs): void {
    this.holdAt = this.hold > 0 ? later(now, this.hold) : NEVER;
  }

  private startKeepaliveTimer(now: VirtualUs): void {
    const period = virtualUs(Math.floor(this.hold / 3));
    this.keepaliveAt = period > 0 ? later(now, period) : NEVER;
  }

  private sendOpen(stream: StreamNumber): void {
    const { localAs, fourOctetAs, families, holdTimeSeconds, identifier, moreCapabilities } = this.config;
    const capabilities: Capability[] = families.map(multiprotocol);
    if (fourOctetAs) capabilities.push({ kind: 'four-octet-as', asn: localAs });
    // Restart time 0 and no families only say that End-of-RIB is understood (CN-7.6.1).
    capabilities.push({
      kind: 'graceful-restart',
      restarting: this.restarting,
      notifications: false,
      restartTimeSeconds: 0,
      families: [],
    });
    capabilities.push(...moreCapabilities);
    const asn = isFourOctet(localAs) ? AS_TRANS : localAs;
    this.sendOn(
      stream,
      this.codec.encode({ kind: 'open', version: 4, asn, holdTimeSeconds, identifier, capabilities }),
    );
  }

  private sendKeepalive(): void {
    this.sendOn(this.chosen!, this.codec.encode(KEEPALIVE));
  }

  private notify(stream: StreamNumber, message: Notification): void {
    this.sendOn(stream, this.codec.encode(message));
  }

  private refuse(stream: StreamNumber, subcode: number): void {
    this.notify(stream, notification(ERROR.cease, subcode));
    this.drop(stream);
  }

  private sendOn(stream: StreamNumber, message: BgpEnvelope): void {
    this.outputs.push({ kind: 'send', stream, message });
  }

  private drop(stream: StreamNumber): void {
    this.framers.delete(stream);
    this.outputs.push({ kind: 'close', stream });
  }

  private dropActive(): void {
    if (this.active !== null) this.drop(this.active);
    this.active = null;
    this.activeIsUp = false;
  }

  private holds(stream: StreamNumber): boolean {
    return stream === this.chosen || stream === this.active || stream === this.passive;
  }

  private note(text: string): void {
    this.outputs.push({ kind: 'note', text });
  }
}

function earlier(a: VirtualUs, b: VirtualUs): VirtualUs {
  return a < b ? a : b;
}
