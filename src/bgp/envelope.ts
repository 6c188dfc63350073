/**
 * A message as it travels: its exact octets, what they say, and how much they carry. The kernel's stream messages have
 * the same shape; a BGP speaker over a real socket sends the octets alone.
 */
import { sharedClass } from '../base/fork.ts';
import type { UpdateForm } from './form.ts';
import { type BgpMessage, routesIn, type UpdateMessage, type UpdatePart } from './message.ts';
import type { UpdateEncoder } from './update-encoder.ts';

export interface BgpEnvelope {
  readonly octets: Uint8Array;
  /** How many they are, known without making them. */
  readonly size: number;
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
  readonly size: number;
  readonly content: BgpMessage;
  readonly kind: string;
  readonly items: number;
  readonly digest: number;
  readonly background: boolean;

  constructor({ octets, content, kind, items, digest, background }: Omit<BgpEnvelope, 'size'>) {
    this.octets = octets;
    this.size = octets.length;
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
export function sealed(envelope: Omit<BgpEnvelope, 'size'>): BgpEnvelope {
  return new SealedEnvelope(envelope);
}

/** An UPDATE, whose octets are made when somebody looks at them: receivers of the same process take what it says. */
export class UpdateEnvelope implements BgpEnvelope {
  readonly kind = 'bgp.update';
  readonly background = false;
  readonly size: number;
  readonly content: UpdateMessage;
  readonly items: number;
  readonly digest: number;
  private readonly encoder: UpdateEncoder;
  private readonly form: UpdateForm;
  private readonly meant: UpdatePart;
  private made: Uint8Array | null = null;

  constructor(encoder: UpdateEncoder, form: UpdateForm, meant: UpdatePart, content: UpdateMessage, digest: number) {
    this.encoder = encoder;
    this.form = form;
    this.meant = meant;
    this.content = content;
    this.digest = digest;
    this.items = routesIn(content);
    this.size = encoder.size(form, meant);
  }

  get octets(): Uint8Array {
    this.made ??= this.encoder.encode(this.form, this.meant);
    return this.made;
  }
}
sharedClass(UpdateEnvelope);
