/**
 * What an OPEN offers (RFC 5492): address families (RFC 4760), 4-octet AS numbers (RFC 6793), graceful restart
 * (RFC 4724) and its long-lived form (RFC 9494). Kinds unknown to us are kept octet for octet.
 */
import { OctetReader, OctetWriter } from '../base/bytes.ts';
import { unreachable } from '../base/invariant.ts';
import { FAMILIES, type Family, familyOf } from '../route/family.ts';

export const CAPABILITY = {
  multiprotocol: 1,
  gracefulRestart: 64,
  fourOctetAs: 65,
  longLivedGracefulRestart: 71,
} as const;

export interface RestartFamily {
  readonly afi: number;
  readonly safi: number;
  /** The F bit: forwarding state was kept. */
  readonly forwarding: boolean;
}

export type Capability =
  | { readonly kind: 'multiprotocol'; readonly afi: number; readonly safi: number }
  | { readonly kind: 'four-octet-as'; readonly asn: number }
  | {
      readonly kind: 'graceful-restart';
      /** The R bit. */
      readonly restarting: boolean;
      /** The N bit (RFC 8538): a NOTIFICATION does not end it. */
      readonly notifications: boolean;
      readonly restartTimeSeconds: number;
      readonly families: readonly RestartFamily[];
    }
  | {
      readonly kind: 'long-lived-graceful-restart';
      readonly families: readonly (RestartFamily & { readonly staleTimeSeconds: number })[];
    }
  | { readonly kind: 'unknown'; readonly code: number; readonly value: Uint8Array };

const RESTARTING = 0x8000;
const NOTIFICATIONS = 0x4000;
const FORWARDING = 0x80;

export function multiprotocol(family: Family): Capability {
  const { afi, safi } = FAMILIES[family]!;
  return { kind: 'multiprotocol', afi, safi };
}

/** The families offered and known to us, in the order of {@link FAMILIES}. */
export function offeredFamilies(capabilities: readonly Capability[]): readonly Family[] {
  const offered = new Set<Family>();
  for (const capability of capabilities) {
    if (capability.kind !== 'multiprotocol') continue;
    const family = familyOf(capability.afi, capability.safi);
    if (family !== null) offered.add(family);
  }
  return FAMILIES.map((facts) => facts.family).filter((family) => offered.has(family));
}

export function encodeCapability(to: OctetWriter, capability: Capability): void {
  const value = new OctetWriter(32);
  to.u8(encodeValue(value, capability));
  to.u8(value.length);
  to.octets(value.peek());
}

/** Writes the value and returns the code. */
function encodeValue(to: OctetWriter, capability: Capability): number {
  switch (capability.kind) {
    case 'multiprotocol':
      to.u16(capability.afi);
      to.u8(0);
      to.u8(capability.safi);
      return CAPABILITY.multiprotocol;
    case 'four-octet-as':
      to.u32(capability.asn);
      return CAPABILITY.fourOctetAs;
    case 'graceful-restart':
      to.u16(
        (capability.restarting ? RESTARTING : 0) |
          (capability.notifications ? NOTIFICATIONS : 0) |
          (capability.restartTimeSeconds & 0xfff),
      );
      for (const { afi, safi, forwarding } of capability.families) {
        to.u16(afi);
        to.u8(safi);
        to.u8(forwarding ? FORWARDING : 0);
      }
      return CAPABILITY.gracefulRestart;
    case 'long-lived-graceful-restart':
      for (const { afi, safi, forwarding, staleTimeSeconds } of capability.families) {
        to.u16(afi);
        to.u8(safi);
        to.u8(forwarding ? FORWARDING : 0);
        to.u24(staleTimeSeconds);
      }
      return CAPABILITY.longLivedGracefulRestart;
    case 'unknown':
      to.octets(capability.value);
      return capability.code;
    default:
      return unreachable(capability);
  }
}

/** A value whose length does not fit its code is kept as unknown: the peer then has not offered the thing. */
export function decodeCapability(code: number, value: Uint8Array): Capability {
  const from = new OctetReader(value);
  const length = value.length;
  if (code === CAPABILITY.multiprotocol && length === 4) {
    const afi = from.u16();
    from.skip(1);
    return { kind: 'multiprotocol', afi, safi: from.u8() };
  }
  if (code === CAPABILITY.fourOctetAs && length === 4) return { kind: 'four-octet-as', asn: from.u32() };
  if (code === CAPABILITY.gracefulRestart && length >= 2 && length % 4 === 2) {
    const head = from.u16();
    const families: RestartFamily[] = [];
    while (from.remaining > 0) families.push(restartFamily(from));
    return {
      kind: 'graceful-restart',
      restarting: (head & RESTARTING) !== 0,
      notifications: (head & NOTIFICATIONS) !== 0,
      restartTimeSeconds: head & 0xfff,
      families,
    };
  }
  if (code === CAPABILITY.longLivedGracefulRestart && length % 7 === 0) {
    const families: (RestartFamily & { staleTimeSeconds: number })[] = [];
    while (from.remaining > 0) families.push({ ...restartFamily(from), staleTimeSeconds: from.u24() });
    return { kind: 'long-lived-graceful-restart', families };
  }
  return { kind: 'unknown', code, value: value.slice() };
}

function restartFamily(from: OctetReader): RestartFamily {
  return { afi: from.u16(), safi: from.u8(), forwarding: (from.u8() & FORWARDING) !== 0 };
}
