/** A node that is nothing but a BGP speaker to its peers: sessions on a port, and the rank of a peer's paths. */
import { invariant } from '../base/invariant.ts';
import { type BgpCodec, bgpCodec } from '../bgp/codec.ts';
import type { Received, UpdateMessage } from '../bgp/message.ts';
import type { NegotiatedSession } from '../bgp/negotiation.ts';
import { BGP_PORT, type BgpListener, BgpSpeaker } from '../bgp/speaker.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { Family } from '../route/family.ts';
import type { RoutePool } from '../route/pool.ts';
import type { CloseReason, NodePort, SimNode, StreamId, StreamMessage } from '../sim/node.ts';
import { LOCAL_PEER, type PeerRank } from './best-path.ts';
import type { PeerConfig } from './gateway-config.ts';
import { type GatewaySession, sessionsOf } from './views.ts';

export const TIMER_BGP = 0;

interface BgpNodeConfig {
  readonly name: string;
  readonly address: Ipv4;
  readonly routerId: Ipv4;
  readonly asn: number;
  readonly holdTimeSeconds: number;
  readonly peers: readonly PeerConfig[];
}

export abstract class BgpNode<Config extends BgpNodeConfig> implements SimNode, BgpListener, PeerRank {
  readonly name: string;
  readonly addresses: readonly number[];
  readonly config: Config;
  readonly pool: RoutePool;
  protected readonly codec: BgpCodec;
  /** What was agreed with each peer; null while its session is down. */
  protected negotiated: (NegotiatedSession | null)[] = [];
  private bgp: BgpSpeaker | null = null;
  private attached: NodePort | null = null;

  constructor(pool: RoutePool, config: Config) {
    this.pool = pool;
    this.config = config;
    this.name = config.name;
    this.addresses = [config.address];
    this.codec = bgpCodec(pool);
  }

  /** Families offered to every peer. */
  protected abstract families(): readonly Family[];
  abstract started(): void;
  abstract bgpEstablished(index: number, negotiated: NegotiatedSession): void;
  abstract bgpUpdate(index: number, update: UpdateMessage): void;
  abstract bgpDown(index: number): void;

  attach(port: NodePort): void {
    this.attached = port;
    this.bgp = new BgpSpeaker(port, this, this.codec, TIMER_BGP);
    const { asn, routerId, holdTimeSeconds, address } = this.config;
    for (const peer of this.config.peers) {
      const session = {
        neighbour: peer.name,
        localAs: asn,
        peerAs: peer.asn,
        identifier: routerId,
        holdTimeSeconds,
        families: this.families(),
        fourOctetAs: true,
        passive: false,
        moreCapabilities: [],
      };
      this.bgp.add(session, { localAddress: address, address: peer.address, port: BGP_PORT });
    }
  }

  get speaker(): BgpSpeaker {
    invariant(this.bgp !== null, `${this.name} runs on a port`);
    return this.bgp;
  }

  protected get port(): NodePort {
    invariant(this.attached !== null, `${this.name} runs on a port`);
    return this.attached;
  }

  stopped(): void {
    this.speaker.stopped();
  }

  // ---- streams

  streamAccepted(stream: StreamId, remote: number, _remotePort: number, localPort: number): void {
    if (localPort === BGP_PORT) this.speaker.streamAccepted(stream, remote);
    else this.port.close(stream, 'reset');
  }

  streamConnected(stream: StreamId): void {
    this.speaker.streamConnected(stream);
  }

  streamClosed(stream: StreamId, reason: CloseReason): void {
    this.speaker.streamClosed(stream, reason);
  }

  messageReceived(stream: StreamId, message: StreamMessage): void {
    this.speaker.messageReceived(stream, message.content as Received); // what BGP speakers send
  }

  octetsReceived(stream: StreamId, octets: Uint8Array): void {
    this.speaker.octetsReceived(stream, octets);
  }

  streamDrained(stream: StreamId): void {
    this.speaker.streamDrained(stream);
  }

  get waitsFor(): readonly string[] {
    return BGP_TIMER;
  }

  timerFired(_kind: number, a: number, b: number): void {
    this.speaker.timerFired(a, b);
  }

  // ---- the rank of a peer's paths

  isInternal(peer: number): boolean {
    return peer !== LOCAL_PEER && this.config.peers[peer - 1]!.asn === this.config.asn;
  }

  peerIdentifier(peer: number): number {
    return peer === LOCAL_PEER ? this.config.routerId : (this.negotiated[peer - 1]?.peerIdentifier ?? 0);
  }

  peerAddress(peer: number): number {
    return peer === LOCAL_PEER ? this.config.address : this.config.peers[peer - 1]!.address;
  }

  sessions(): readonly GatewaySession[] {
    return sessionsOf(this.speaker, this.config.peers);
  }
}

const BGP_TIMER: readonly string[] = ['a BGP session'];
