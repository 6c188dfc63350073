/**
 * BGP messages told to people: every field with its place, its value and the section that defines it.
 *
 * The walk is its own, so that a message is shown as far as it can be read; the verdict is the decoder's, which says
 * whether the message is taken and which NOTIFICATION it deserves otherwise.
 */
import { OctetReader, OutOfOctets, toHex } from '../../base/bytes.ts';
import { formatIpv4, ipv4 } from '../../net/ipv4.ts';
import { RoutePool } from '../../route/pool.ts';
import { CAPABILITY, decodeCapability } from '../capability.ts';
import { BgpCodec } from '../codec.ts';
import { Framer } from '../framing.ts';
import { HEADER_OCTETS, MESSAGE_TYPE, type Received } from '../message.ts';
import { formatNotification, type Malformed, type Notification } from '../notification.ts';
import { updateFault } from '../update-validation.ts';
import { attributesOf } from './attributes.ts';
import { type Described, field } from './field.ts';
import { familyText, nlrisOf } from './nlri.ts';

export interface DescribedMessage {
  /** `OPEN`, `UPDATE`, ..., or `octets` where no header could be read. */
  readonly type: string;
  readonly at: number;
  readonly octets: number;
  readonly fields: readonly Described[];
  readonly verdict: Verdict;
}

export interface Verdict {
  readonly accepted: boolean;
  /** The NOTIFICATION that answers it; null when it is taken. */
  readonly notification: string | null;
  /** One sentence; empty when there is nothing to add. */
  readonly why: string;
}

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [MESSAGE_TYPE.open]: 'OPEN',
  [MESSAGE_TYPE.update]: 'UPDATE',
  [MESSAGE_TYPE.notification]: 'NOTIFICATION',
  [MESSAGE_TYPE.keepalive]: 'KEEPALIVE',
};

/** Every message of a run of octets; the first header that cannot be read is the last that is told. */
export function describeBgp(octets: Uint8Array): readonly DescribedMessage[] {
  const messages: DescribedMessage[] = [];
  const pool = new RoutePool();
  const codec = new BgpCodec(pool);
  const framer = new Framer();
  framer.push(octets);
  let at = 0;
  for (let frame = framer.next(); frame !== null; frame = framer.next()) {
    if (!(frame instanceof Uint8Array)) {
      messages.push(rest(octets, at, refused(frame)));
      return messages;
    }
    messages.push(describeMessage(frame, at, codec));
    at += frame.length;
  }
  if (at < octets.length || octets.length === 0) {
    const left = octets.length - at;
    messages.push(
      rest(octets, at, {
        accepted: false,
        notification: null,
        why:
          left < HEADER_OCTETS
            ? `a message begins with ${HEADER_OCTETS} octets of header, and ${left === 0 ? 'nothing is' : `only ${left} are`} here`
            : `the header promises ${(octets[at + 16]! << 8) | octets[at + 17]!} octets, and only ${left} are here`,
      }),
    );
  }
  return messages;
}

function rest(octets: Uint8Array, at: number, verdict: Verdict): DescribedMessage {
  const left = octets.subarray(at);
  const shown = left.length > 64 ? `${toHex(left.subarray(0, 64))}...` : toHex(left);
  const fields = left.length === 0 ? [] : [field('octets', shown, '', at, left.length)];
  return { type: 'octets', at, octets: left.length, fields, verdict };
}

function refused(malformed: Malformed): Verdict {
  return { accepted: false, notification: formatNotification(malformed.notification), why: malformed.why };
}

function describeMessage(frame: Uint8Array, at: number, codec: BgpCodec): DescribedMessage {
  const type = frame[18]!;
  const wide = type === MESSAGE_TYPE.update ? widthOf(frame, codec) : true;
  const walk = new Walk(frame, at, codec.pool);
  walk.header();
  if (type === MESSAGE_TYPE.open) walk.open();
  else if (type === MESSAGE_TYPE.update) walk.update(wide);
  else if (type === MESSAGE_TYPE.notification) walk.notification();
  return {
    type: TYPE_NAMES[type] ?? `type ${type}`,
    at,
    octets: frame.length,
    fields: walk.fields,
    verdict: verdictOn(codec.decode(frame, wide), codec),
  };
}

/** Whether AS numbers have four octets is agreed in the OPENs; here it is what reads without a fault, four before two. */
function widthOf(frame: Uint8Array, codec: BgpCodec): boolean {
  return codec.decode(frame, true).kind !== 'malformed' || codec.decode(frame, false).kind === 'malformed';
}

function verdictOn(received: Received, codec: BgpCodec): Verdict {
  if (received.kind === 'malformed') return refused(received);
  if (received.kind !== 'update') return { accepted: true, notification: null, why: '' };
  const external = updateFault(received, false, codec.pool);
  const internal = updateFault(received, true, codec.pool);
  if (external !== null && internal !== null) return refused(internal);
  if (internal !== null) {
    return {
      accepted: true,
      notification: null,
      why: `only from an external peer: on iBGP it deserves ${formatNotification(internal.notification)} (${internal.why})`,
    };
  }
  if (external !== null) {
    return {
      accepted: true,
      notification: null,
      why: `only from an internal peer: on eBGP it deserves ${formatNotification(external.notification)} (${external.why})`,
    };
  }
  return { accepted: true, notification: null, why: '' };
}

/** Reads as far as the octets carry; where they end too early, the field says so and the walk is over. */
class Walk {
  readonly fields: Described[] = [];
  private readonly from: OctetReader;
  /** Offset of the message in the input. */
  private readonly base: number;
  private readonly pool: RoutePool;

  constructor(frame: Uint8Array, base: number, pool: RoutePool) {
    this.from = new OctetReader(frame);
    this.base = base;
    this.pool = pool;
  }

  header(): void {
    this.from.skip(16);
    const length = this.from.u16();
    const type = this.from.u8();
    this.fields.push(
      field('marker', 'all ones', 'RFC 4271 §4.1', this.base, 16),
      field('length', String(length), '', this.base + 16, 2),
      field('type', `${type} ${TYPE_NAMES[type] ?? 'unknown'}`, '', this.base + 18, 1),
    );
  }

  open(): void {
    this.bounded(() => {
      this.number('version', 1, 'RFC 4271 §4.2');
      this.number('AS', 2, '', (as) =>
        as === 23456 ? `${as} AS_TRANS, the AS is in the 4-octet capability (RFC 6793)` : `${as}`,
      );
      this.number('hold time', 2, '', (seconds) => (seconds === 0 ? '0: no keepalives' : `${seconds} s`));
      this.number('BGP identifier', 4, '', (value) => formatIpv4(ipv4(value)));
      const length = this.number('optional parameters', 1, '', (octets) => `${octets} octets`);
      const end = this.from.offset + length;
      while (this.from.offset < Math.min(end, this.from.end)) this.parameter();
    });
  }

  private parameter(): void {
    const at = this.from.offset;
    const kind = this.from.u8();
    const value = this.from.sub(this.from.u8());
    if (kind !== 2) {
      this.fields.push(this.told(at, `parameter ${kind}`, toHex(value.take(value.remaining)), 'RFC 4271 §4.2'));
      return;
    }
    const parts: Described[] = [];
    while (value.remaining >= 2) {
      const start = value.offset;
      const code = value.u8();
      const length = value.u8();
      if (length > value.remaining) {
        parts.push(
          field(`capability ${code}`, `claims ${length} octets, ${value.remaining} are here`, '', this.base + start, 2),
        );
        break;
      }
      const octets = value.take(length);
      parts.push(field(...capabilityText(code, octets), this.base + start, 2 + length));
    }
    this.fields.push(this.told(at, 'capabilities', `${parts.length}`, 'RFC 5492 §4', parts));
  }

  update(fourOctetAs: boolean): void {
    this.bounded(() => {
      const withdrawnAt = this.from.offset;
      const withdrawn = this.from.sub(this.from.u16());
      this.fields.push(
        this.told(
          withdrawnAt,
          'withdrawn routes',
          `${withdrawn.remaining} octets`,
          'RFC 4271 §4.3',
          nlrisOf(withdrawn, 1, 1, this.base, this.pool),
        ),
      );
      const attributesAt = this.from.offset;
      const attributes = this.from.sub(this.from.u16());
      this.fields.push(
        this.told(
          attributesAt,
          'path attributes',
          `${attributes.remaining} octets`,
          'RFC 4271 §4.3',
          attributesOf(attributes, fourOctetAs, this.base, this.pool),
        ),
      );
      const nlriAt = this.from.offset;
      const nlri = this.from.sub(this.from.remaining);
      if (nlri.remaining > 0) {
        const octets = `${nlri.remaining} octets`;
        this.fields.push(this.told(nlriAt, 'NLRI', octets, 'RFC 4271 §4.3', nlrisOf(nlri, 1, 1, this.base, this.pool)));
      } else if (withdrawn.end === withdrawn.offset && this.from.end === HEADER_OCTETS + 4) {
        this.fields.push(field('End-of-RIB', 'IPv4 unicast', 'RFC 4724 §2', this.base + HEADER_OCTETS, 4));
      }
    });
  }

  notification(): void {
    this.bounded(() => {
      const at = this.from.offset;
      const code = this.from.u8();
      const subcode = this.from.u8();
      const data = this.from.take(this.from.remaining);
      const notification: Notification = { kind: 'notification', code, subcode, data };
      this.fields.push(
        this.told(at, 'error', `${code}/${subcode} ${formatNotification(notification)}`, 'RFC 4271 §4.5'),
      );
      if (data.length > 0) this.fields.push(field('data', toHex(data), '', this.base + at + 2, data.length));
    });
  }

  private number(name: string, octets: 1 | 2 | 4, reference: string, text: (value: number) => string = String): number {
    const at = this.from.offset;
    const value = octets === 1 ? this.from.u8() : octets === 2 ? this.from.u16() : this.from.u32();
    this.fields.push(this.told(at, name, text(value), reference));
    return value;
  }

  /** A field from `at` in the message up to where the reader stands. */
  private told(
    at: number,
    name: string,
    value: string,
    reference: string,
    parts: readonly Described[] = [],
  ): Described {
    return field(name, value, reference, this.base + at, this.from.offset - at, parts);
  }

  private bounded(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof OutOfOctets)) throw error;
      const at = this.from.offset;
      this.fields.push(field('cut short', 'the rest does not fit its length', '', this.base + at, this.from.end - at));
    }
  }
}

function capabilityText(code: number, value: Uint8Array): readonly [name: string, value: string, reference: string] {
  const capability = decodeCapability(code, value);
  switch (capability.kind) {
    case 'multiprotocol':
      return ['multiprotocol', familyText(capability.afi, capability.safi), 'RFC 4760 §8'];
    case 'four-octet-as':
      return ['4-octet AS number', String(capability.asn), 'RFC 6793 §3'];
    case 'graceful-restart': {
      const flags = `${capability.restarting ? 'restarting, ' : ''}${capability.notifications ? 'N bit, ' : ''}`;
      const families = capability.families.map(
        ({ afi, safi, forwarding }) => `${familyText(afi, safi)}${forwarding ? ' (forwarding kept)' : ''}`,
      );
      return [
        'graceful restart',
        `${flags}${capability.restartTimeSeconds} s; ${families.join(', ') || 'no family'}`,
        'RFC 4724 §3',
      ];
    }
    case 'long-lived-graceful-restart': {
      const families = capability.families.map(
        ({ afi, safi, staleTimeSeconds }) => `${familyText(afi, safi)} ${staleTimeSeconds} s`,
      );
      return ['long-lived graceful restart', families.join(', ') || 'no family', 'RFC 9494 §3'];
    }
    case 'unknown': {
      const known = CAPABILITIES[code];
      const octets = value.length === 0 ? '' : toHex(value);
      return [known?.[0] ?? `capability ${code}`, octets, known?.[1] ?? ''];
    }
  }
}

/** Capabilities that are kept as they are. */
const CAPABILITIES: Readonly<Record<number, readonly [name: string, reference: string]>> = {
  [CAPABILITY.multiprotocol]: ['multiprotocol of a wrong length', 'RFC 4760 §8'],
  2: ['route refresh', 'RFC 2918'],
  5: ['extended next hop encoding', 'RFC 8950'],
  6: ['extended message', 'RFC 8654'],
  9: ['BGP role', 'RFC 9234'],
  [CAPABILITY.gracefulRestart]: ['graceful restart of a wrong length', 'RFC 4724 §3'],
  [CAPABILITY.fourOctetAs]: ['4-octet AS number of a wrong length', 'RFC 6793 §3'],
  69: ['ADD-PATH', 'RFC 7911'],
  70: ['enhanced route refresh', 'RFC 7313'],
  73: ['FQDN', ''],
  128: ['route refresh (before the RFC)', 'RFC 2918'],
};
