/**
 * A message as it travels: its exact octets, what they say, and how much they carry. The kernel's stream messages have
 * the same shape; a BGP speaker over a real socket sends the octets alone.
 */
import { sharedClass } from '../base/fork.ts';
import type { BgpMessage } from './message.ts';

export interface BgpEnvelope {
  readonly octets: Uint8Array;
  readonly content: BgpMessage;
  /** `bgp.open`, `bgp.update`, `bgp.notification`, `bgp.keepalive`. */
  readonly kind: string;
  /** Routes announced and withdrawn. */
  readonly items: number;
  /** 32 bits about what the message says, made of values and never of interned ids or octets. */
  readonly digest: number;
  /** True of a keepalive. */
  readonly background: boolean;
}

/** What a receiver understood of octets that arrived. */
export interface DecodedBgp {
  readonly kind: string;
  readonly items: number;
  readonly digest: number;
  readonly size: number;
}

class SealedEnvelope implements BgpEnvelope {
  readonly octets: Uint8Array;
  readonly content: BgpMessage;
  readonly kind: string;
  readonly items: number;
  readonly digest: number;
  readonly background: boolean;

  constructor({ octets, content, kind, items, digest, background }: BgpEnvelope) {
    this.octets = octets;
    this.content = content;
    this.kind = kind;
    this.items = items;
    this.digest = digest;
    this.background = background;
    Object.freeze(this);
  }
}
sharedClass(SealedEnvelope);

/** Envelope and content belong to all copies of a world from here on. */
export function sealed(envelope: BgpEnvelope): BgpEnvelope {
  return new SealedEnvelope(envelope);
}
