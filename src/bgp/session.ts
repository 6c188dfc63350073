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
import { later, NEVER, seconds, type VirtualUs } from '../base/time.ts';
import type { BgpCodec } from './codec.ts';
import type { BgpEnvelope } from './envelope.ts';
import { Framer } from './framing.ts';
import { nextState, type SessionEvent, type SessionState } from './fsm.ts';
import { KEEPALIVE, type OpenMessage, type Received, type UpdateMessage } from './message.ts';
import { agreeOn, type NegotiatedSession, openFault, ourOpen, type SessionConfig } from './negotiation.ts';
import { CEASE, ERROR, formatNotification, type Malformed, type Notification, notification } from './notification.ts';
import {
  FREE_SOCKET,
  Outbox,
  type SessionDown,
  type SessionOutput,
  type SocketState,
  type StreamNumber,
} from './session-output.ts';
import { type DeadlineKind, type Draws, OPEN_DELAY, OPEN_SENT_HOLD, SessionTimers } from './session-timers.ts';
import { carriedOnly, updateFault } from './update-validation.ts';

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
  private readonly timers = new SessionTimers();
  private agreed: NegotiatedSession | null = null;
  private lastDown: SessionDown | null = null;
  /** What is to be done. */
  private readonly outputs = new Outbox();
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

  // ---- administration

  /** Starts an idle session: at once the first time and after a stop, else after the idle hold (CN-7.1/6). */
  start(now: VirtualUs): void {
    if (this.current !== 'Idle' || this.timers.idleAt !== NEVER) return;
    if (!this.timers.startIdle(now)) this.enter(now, 'start');
  }

  /** Stops with Cease and stays Idle until {@link start}, which then is not held back (CN-7.1/6). */
  stop(now: VirtualUs, subcode: number, why: string): void {
    this.cease(now, subcode, why);
    this.timers.forgetIdle();
  }

  /** Ends the session with Cease; it comes back by itself after the idle hold, as after a configuration change. */
  clear(now: VirtualUs, subcode: number, why: string): void {
    this.cease(now, subcode, why);
    if (this.timers.idleAt === NEVER) this.start(now);
  }

  /** The configuration of the next session; clear or stop the present one beside it. */
  configure(config: SessionConfig): void {
    this.config = config;
  }

  /** As new: the node was without power, its streams and timers are gone and nobody is told. */
  restart(): void {
    this.current = 'Idle';
    this.timers.forgetIdle();
    this.timers.attempts = 0;
    this.outputs.clear();
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
      default:
        this.takePassive(now, stream);
        if (this.current === 'Active') this.timers.connectAt = NEVER;
        else if (this.current === 'OpenSent' && this.active === null) this.enter(now, 'accepted');
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
      else if (this.passive === null || this.timers.openAt !== NEVER) this.enter(now, 'transportLost');
    } else if (stream === this.passive) {
      this.passive = null;
      this.timers.openAt = NEVER;
      if (this.current === 'Active') this.startConnectTimer(now);
      else if (this.current === 'OpenSent' && this.active === null) this.enter(now, 'transportLost');
    }
  }

  /** Room in the socket again: keepalives go on (CN-7.1/2). */
  drained(now: VirtualUs): void {
    if (this.chosen !== null && this.timers.keepaliveAt === NEVER) this.timers.startKeepalive(now);
  }

  // ---- input

  /** Octets as they arrive on a stream, cut anywhere. False when no message is whole yet: nothing was done. */
  receive(now: VirtualUs, stream: StreamNumber, octets: Uint8Array): boolean {
    if (!this.holds(stream)) return false;
    let framer = this.framers.get(stream);
    if (framer === undefined) {
      framer = new Framer();
      this.framers.set(stream, framer);
    }
    framer.push(octets);
    let frame = framer.next();
    if (frame === null) return false;
    for (; frame !== null && this.holds(stream); frame = framer.next()) {
      const message = frame instanceof Uint8Array ? this.codec.decode(frame, this.agreed?.fourOctetAs ?? false) : frame;
      if (message.kind !== 'malformed' && frame instanceof Uint8Array) {
        this.outputs.push({ kind: 'decoded', stream, message: this.codec.decodedOf(message, frame.length) });
      }
      this.deliver(now, stream, message);
    }
    return true;
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
        if (this.current === 'Established') this.timers.startHold(now);
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
    if (this.timers.idleAt <= now) {
      this.timers.idleAt = NEVER;
      this.enter(now, 'start');
    }
    if (this.timers.connectAt <= now) {
      this.timers.connectAt = NEVER;
      if (this.current === 'Connect') this.dropActive();
      this.enter(now, 'connectTimer');
    }
    if (this.timers.openAt <= now) this.openDelayOver(now);
    if (this.timers.holdAt <= now) {
      if (socket.unread) this.timers.startHold(now);
      else this.holdExpired(now);
    }
    if (this.timers.keepaliveAt <= now) {
      if (socket.blocked) this.timers.keepaliveAt = NEVER;
      else {
        this.sendOn(this.chosen!, this.codec.encode(KEEPALIVE));
        this.timers.startKeepalive(now);
      }
    }
  }

  /**
   * When `advance` is due next, {@link NEVER} if at no time. Background deadlines are those that go on for ever in a
   * world at rest: keepalives, the hold time of an established session, and attempts at the longest back-off.
   */
  nextDeadline(which: DeadlineKind = 'all'): VirtualUs {
    return this.timers.next(which, this.current === 'Established');
  }

  /** The next thing to do, in order; null when there is nothing left. */
  poll(): SessionOutput | null {
    return this.outputs.next();
  }

  // ---- the machine

  private enter(now: VirtualUs, event: SessionEvent): void {
    const from = this.current;
    const to = nextState(from, event);
    if (from === 'Active' || from === 'Connect') this.timers.connectAt = NEVER;
    if (to === from) return;
    this.current = to;
    this.outputs.push({ kind: 'state', from, to });
    switch (to) {
      case 'Idle':
        break;
      case 'Active':
        this.timers.holdAt = NEVER;
        if (this.passive === null) this.startConnectTimer(now);
        break;
      case 'Connect':
        this.timers.attempts++;
        this.startConnectTimer(now);
        this.awaitsStream = true;
        this.outputs.push({ kind: 'connect' });
        break;
      case 'OpenSent':
        this.timers.hold = OPEN_SENT_HOLD;
        this.timers.startHold(now);
        break;
      case 'OpenConfirm':
        this.timers.openAt = NEVER;
        this.sendOn(this.chosen!, this.codec.encode(KEEPALIVE));
        this.timers.startKeepalive(now);
        this.timers.startHold(now);
        break;
      case 'Established':
        invariant(this.agreed !== null, 'an established session has agreed on something');
        this.timers.attempts = 0;
        this.timers.startHold(now);
        this.outputs.push({ kind: 'established', negotiated: this.agreed });
        break;
    }
  }

  private takePassive(now: VirtualUs, stream: StreamNumber): void {
    if (this.passive !== null) this.drop(this.passive);
    this.passive = stream;
    this.timers.openAt = later(now, OPEN_DELAY);
  }

  /** CN-7.1/4: the peer that connected has said nothing, so we speak first. */
  private openDelayOver(now: VirtualUs): void {
    this.timers.openAt = NEVER;
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
    const fault = openFault(this.config, open);
    if (fault !== null) {
      this.fail(now, stream, fault);
      return;
    }
    if (this.current !== 'OpenSent') {
      // Active or Connect: the peer spoke on the stream it opened.
      if (stream !== this.passive) return;
      this.timers.openAt = NEVER;
      if (this.active !== null) this.dropActive();
      this.sendOpen(stream);
    } else if (this.active !== null && this.passive !== null && !this.resolveCollision(stream, open)) {
      return;
    }
    this.active = null;
    this.passive = null;
    this.chosen = stream;
    this.agreed = agreeOn(this.config, open, stream);
    this.timers.hold = seconds(this.agreed.holdTimeSeconds);
    this.enter(now, 'open');
  }

  /** CN-7.2.1: the connection that the higher identifier opened stays. True when the OPEN came on that one. */
  private resolveCollision(stream: StreamNumber, open: OpenMessage): boolean {
    const active = this.active!;
    const passive = this.passive!;
    if (open.identifier > this.config.identifier) {
      this.refuse(active, CEASE.connectionCollision);
      this.active = null;
      if (this.timers.openAt !== NEVER) {
        this.timers.openAt = NEVER;
        this.sendOpen(passive);
      }
      return stream === passive;
    }
    this.refuse(passive, CEASE.connectionCollision);
    this.passive = null;
    this.timers.openAt = NEVER;
    return stream === active;
  }

  private takeUpdate(now: VirtualUs, update: UpdateMessage): void {
    const agreed = this.agreed!;
    const fault = updateFault(update, agreed.internal, this.codec.pool);
    if (fault !== null) {
      this.fail(now, agreed.stream, fault);
      return;
    }
    this.timers.startHold(now);
    // A family that was not agreed on is passed over, and the session stays (CN-7.4/8).
    this.outputs.push({ kind: 'update', update: carriedOnly(update, agreed.families) });
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
    if (this.active !== null) this.timers.openAt = NEVER;
    else if (this.passive === null) this.end(now, 'notification', down);
    else if (this.timers.openAt !== NEVER) this.enter(now, 'transportLost');
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
    this.timers.holdBack();
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
    this.timers.stopAll();
  }

  // ---- timers and messages

  private startConnectTimer(now: VirtualUs): void {
    const attempting = this.current === 'Connect';
    if (!attempting && this.config.passive) return;
    this.timers.startConnect(now, this.draws);
  }

  private sendOpen(stream: StreamNumber): void {
    this.sendOn(stream, this.codec.encode(ourOpen(this.config, this.restarting)));
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
