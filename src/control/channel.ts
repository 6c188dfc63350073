/** One agent's connection as its control node sees it (CN-2.6.p1): session, subscriptions, what waits for an instance. */
import { NEVER, type VirtualUs } from '../base/time.ts';
import { NO_PEER, type PeerId } from '../route/path.ts';
import type { StreamId } from '../sim/node.ts';
import type { RouteRequest, XmppServerSession } from '../xmpp/session.ts';
import type { RoutingInstance } from './routing-instance.ts';

export interface Subscription {
  readonly instance: RoutingInstance;
  /** The agent's VRF id; -1 when the subscribe came without one (CN-2.4.4). */
  readonly instanceId: number;
  readonly noRibout: boolean;
}

export interface ParkedSubscription {
  readonly instanceId: number;
  readonly noRibout: boolean;
  /** Routes that came meanwhile, in order of arrival (CN-2.6.6). */
  readonly deferred: RouteRequest[];
}

export class Channel {
  readonly stream: StreamId;
  readonly remote: number;
  readonly remotePort: number;
  readonly session: XmppServerSession;
  /** JID of the agent; empty until its stream open has come. */
  name = '';
  peer: PeerId = NO_PEER;
  readonly subscriptions = new Map<string, Subscription>();
  readonly parked = new Map<string, ParkedSubscription>();
  /** The last stanza received, or message sent that is no marker (CN-2.10.2). */
  trafficAt: VirtualUs = 0 as VirtualUs; // before the first one
  /** The moment the timer of our End-of-RIB was last started at. */
  endOfRibFrom: VirtualUs = NEVER;
  endOfRibSent = false;
  /** When each of the two kernel timers of the session is set for: foreground, background. */
  readonly timersAt: [VirtualUs, VirtualUs] = [NEVER, NEVER];

  constructor(stream: StreamId, remote: number, remotePort: number, session: XmppServerSession) {
    this.stream = stream;
    this.remote = remote;
    this.remotePort = remotePort;
    this.session = session;
  }

  get isReady(): boolean {
    return this.session.state === 'Established';
  }
}
