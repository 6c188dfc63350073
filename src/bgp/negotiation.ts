/**
 * What a session offers in its OPEN, when the peer's OPEN is refused, and what both then agree on (CN-7.3).
 */
import { AS_TRANS, isFourOctet } from '../net/asn.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { Family } from '../route/family.ts';
import { type Capability, multiprotocol, offeredFamilies } from './capability.ts';
import { type UpdateForm, updateForm } from './form.ts';
import type { OpenMessage } from './message.ts';
import { ERROR, type Malformed, malformed, OPEN_ERROR } from './notification.ts';
import type { StreamNumber } from './session-output.ts';

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

/** `restarting`: the R bit of graceful restart, set while the node starts (CN-7.6.1). */
export function ourOpen(config: SessionConfig, restarting: boolean): OpenMessage {
  const { localAs, fourOctetAs, families, holdTimeSeconds, identifier, moreCapabilities } = config;
  const capabilities: Capability[] = families.map(multiprotocol);
  if (fourOctetAs) capabilities.push({ kind: 'four-octet-as', asn: localAs });
  // Restart time 0 and no families only say that End-of-RIB is understood (CN-7.6.1).
  capabilities.push({
    kind: 'graceful-restart',
    restarting,
    notifications: false,
    restartTimeSeconds: 0,
    families: [],
  });
  capabilities.push(...moreCapabilities);
  const asn = isFourOctet(localAs) ? AS_TRANS : localAs;
  return { kind: 'open', version: 4, asn, holdTimeSeconds, identifier, capabilities };
}

/** CN-7.3/4 and CN-7.3.4; version, hold time and parameters are checked where the OPEN is decoded. */
export function openFault(config: SessionConfig, open: OpenMessage): Malformed | null {
  const { identifier, peerAs, fourOctetAs, families } = config;
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
  if (!offeredFamilies(open.capabilities).some((family) => families.includes(family))) {
    return refuse(OPEN_ERROR.unsupportedCapability, 'no address family in common');
  }
  return null;
}

export function agreeOn(config: SessionConfig, open: OpenMessage, stream: StreamNumber): NegotiatedSession {
  const fourOctetAs = config.fourOctetAs && open.capabilities.some((offer) => offer.kind === 'four-octet-as');
  const internal = config.localAs === config.peerAs;
  return {
    stream,
    families: offeredFamilies(open.capabilities).filter((family) => config.families.includes(family)),
    fourOctetAs,
    holdTimeSeconds: Math.min(config.holdTimeSeconds, open.holdTimeSeconds),
    peerIdentifier: open.identifier,
    peerAs: config.peerAs,
    internal,
    form: updateForm(fourOctetAs, internal),
    offered: open,
  };
}
