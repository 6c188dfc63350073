/**
 * One of an agent's two channels to control nodes (VR-2.1): the XMPP session of a slot, driven through the node's port.
 *
 * The session decides; here its words become messages, its deadlines one timer, and what it delivers goes to the owner.
 */
import { NEVER, type VirtualUs } from '../base/time.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { NlriTable } from '../route/nlri.ts';
import type { NodePort, StreamId, StreamMessage } from '../sim/node.ts';
import { keepaliveMessage, messageItems, messageKind, openMessage } from '../xmpp/message.ts';
import { type Delivered, GIVE_UP_ATTEMPTS, XMPP_USER_TIMEOUT, XmppClientSession } from '../xmpp/session.ts';
import { type Stanza, XMPP_PORT } from '../xmpp/stanza.ts';
import type { AgentConfig } from './agent-config.ts';
import type { Vrf } from './tables.ts';

export type Slot = 0 | 1;

/** What a channel tells its agent. */
export interface ChannelOwner {
  channelReady(channel: Channel): void;
  channelLost(channel: Channel, because: string): void;
  /** The fourth failed attempt in a row, or a later one (VR-2.1/6). */
  channelTimedOut(channel: Channel): void;
  channelDelivered(channel: Channel, stanza: Delivered): void;
}

/** The timer of a slot's session; the agent gives it its kind. */
export const SESSION_TIMER = 1;

const NO_STREAM: StreamId = -1;

export class Channel {
  readonly slot: Slot;
  readonly server: Ipv4;
  readonly session: XmppClientSession;
  /** How often it became Ready: paths of an earlier number are swept (VR-2.2.p1). */
  sequence = 0;
  /** VRFs subscribed in the present session. */
  readonly subscribed = new Set<Vrf>();
  stream: StreamId = NO_STREAM;
  private readonly owner: ChannelOwner;
  private readonly port: NodePort;
  private readonly localAddress: Ipv4;
  private readonly retriesAreBackground: boolean;
  private timerAt: VirtualUs = NEVER;
  private timerInBackground = false;

  constructor(
    owner: ChannelOwner,
    port: NodePort,
    nlris: NlriTable,
    config: AgentConfig,
    slot: Slot,
    server: Ipv4,
    hopeless: boolean,
  ) {
    this.owner = owner;
    this.port = port;
    this.localAddress = config.address;
    this.slot = slot;
    this.server = server;
    this.retriesAreBackground = hopeless;
    this.session = new XmppClientSession(
      nlris,
      config.name,
      port.random(`xmpp-connect-${slot}`),
      config.xmppHoldTimeSeconds,
    );
  }

  get ready(): boolean {
    return this.session.state === 'Established';
  }

  start(): void {
    this.session.start(this.port.now());
    this.drain();
  }

  /** Closes what is open and stays down. */
  shut(): void {
    this.session.adminDown(this.port.now());
    this.drain();
  }

  /** An operator's clear: the session ends and begins again. */
  clear(): void {
    this.session.stop(this.port.now());
    this.drain();
  }

  send(message: StreamMessage): void {
    if (this.stream !== NO_STREAM) this.port.send(this.stream, message);
  }

  connected(): void {
    this.session.connected(this.port.now());
    this.drain();
  }

  closed(): void {
    this.stream = NO_STREAM;
    const now = this.port.now();
    if (this.session.state === 'Connect') this.session.connectFailed(now);
    else this.session.streamClosed(now);
    this.drain();
  }

  received(message: StreamMessage): void {
    // a control node's message of the kernel's XMPP streams holds a stanza
    this.session.receiveStanza(this.port.now(), message.content as Stanza);
    this.drain();
  }

  receivedOctets(octets: Uint8Array): void {
    for (const { stanza, size, digest } of this.session.receive(this.port.now(), octets)) {
      if (stanza.kind === 'malformed') continue;
      this.port.decoded(this.stream, { kind: messageKind(stanza), items: messageItems(stanza), digest, size });
    }
    this.drain();
  }

  timerFired(): void {
    this.timerAt = NEVER;
    this.session.advance(this.port.now(), this.stream !== NO_STREAM && this.port.hasUnread(this.stream));
    this.drain();
  }

  private drain(): void {
    for (let output = this.session.poll(); output !== null; output = this.session.poll()) {
      switch (output.kind) {
        case 'send':
          this.send(output.stanza.kind === 'open' ? openMessage(output.stanza) : keepaliveMessage());
          break;
        case 'connect':
          this.stream = this.port.connect({
            localAddress: this.localAddress,
            remoteAddress: this.server,
            remotePort: XMPP_PORT,
            connectTimeout: output.timeout,
            userTimeout: XMPP_USER_TIMEOUT,
          });
          break;
        case 'close':
          if (this.stream !== NO_STREAM) this.port.close(this.stream, 'close');
          this.stream = NO_STREAM;
          break;
        case 'state':
          if (output.to === 'Established') this.owner.channelReady(this);
          else if (output.from === 'Established') this.owner.channelLost(this, output.because);
          break;
        case 'timed-out':
          this.owner.channelTimedOut(this);
          break;
        case 'stanza':
          this.owner.channelDelivered(this, output.stanza);
          break;
        case 'dropped':
          this.port.note('xmpp.dropped', output.why);
          break;
        case 'asks':
          break;
      }
    }
    this.setTimer();
  }

  /** Keepalives and hold time are background, and so are attempts that have failed too often to hope for. */
  private setTimer(): void {
    const at = this.session.nextDeadline();
    if (at === null) {
      if (this.timerAt !== NEVER) this.port.cancelTimer(SESSION_TIMER, this.slot, 0);
      this.timerAt = NEVER;
      return;
    }
    const { state, attempts } = this.session;
    const connecting = state === 'Active' || state === 'Connect';
    const background = !connecting || this.retriesAreBackground || attempts >= GIVE_UP_ATTEMPTS;
    if (this.timerAt !== NEVER && this.timerAt <= at && this.timerInBackground === background) return;
    this.timerAt = at;
    this.timerInBackground = background;
    this.port.setTimer(SESSION_TIMER, this.slot, 0, at, background);
  }
}
