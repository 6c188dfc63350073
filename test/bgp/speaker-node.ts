/** A node that is nothing but its BGP speaker: whatever happens on its streams goes there. */
import type { Received, UpdateMessage } from '../../src/bgp/message.ts';
import type { NegotiatedSession } from '../../src/bgp/negotiation.ts';
import type { SessionDown } from '../../src/bgp/session-output.ts';
import type { BgpListener, BgpSpeaker } from '../../src/bgp/speaker.ts';
import type { CloseReason, SimNode, StreamId, StreamMessage } from '../../src/sim/node.ts';

export abstract class SpeakerNode implements SimNode, BgpListener {
  abstract readonly name: string;
  abstract readonly addresses: readonly number[];
  abstract readonly speaker: BgpSpeaker;
  abstract bgpEstablished(index: number, negotiated: NegotiatedSession): void;
  abstract bgpUpdate(index: number, update: UpdateMessage): void;
  abstract bgpDown(index: number, down: SessionDown): void;

  started(): void {
    this.speaker.started();
  }

  stopped(): void {
    this.speaker.stopped();
  }

  streamAccepted(stream: StreamId, remote: number): void {
    this.speaker.streamAccepted(stream, remote);
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

  timerFired(_kind: number, a: number, b: number): void {
    this.speaker.timerFired(a, b);
  }
}
