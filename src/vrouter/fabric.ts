/** What lies between hosts, as the walk of a packet sees it: who has an address, and whether packets get there. */
import type { Ipv4 } from '../net/ipv4.ts';
import type { Ipv4Prefix } from '../net/prefix.ts';
import type { Agent } from './agent.ts';
import type { Encapsulation } from './agent-config.ts';
import type { Packet } from './fate.ts';

/** One way out of a foreign PE's VRF. */
export type PeNextHop =
  | { readonly kind: 'tunnel'; readonly to: Ipv4; readonly encapsulation: Encapsulation; readonly label: number }
  /** The prefix lies behind the PE: an external network. */
  | { readonly kind: 'external' };

export type PeLookup =
  | {
      readonly kind: 'route';
      readonly vrf: string;
      readonly prefix: Ipv4Prefix;
      readonly nextHops: readonly PeNextHop[];
    }
  | { readonly kind: 'none'; readonly vrf: string };

/** What a foreign PE does with a packet that arrives under one of its labels. */
export type PeReceipt = PeLookup | { readonly kind: 'no-label' };

/** A provider edge that is no vRouter: a gateway, a raw speaker. It forwards by its own tables, without flows. */
export interface ForeignPe {
  readonly kind: 'foreign-pe';
  readonly name: string;
  readonly address: Ipv4;
  receiveLabelled(label: number, packet: Packet): PeReceipt;
  lookup(vrf: string, address: Ipv4): PeLookup;
}

export type Endpoint = Agent | ForeignPe;

export interface Fabric {
  /** Who has this underlay address and is powered on. */
  endpointAt(address: Ipv4): Endpoint | null;
  /** Both hosts have power and the underlay between them carries packets from the first to the second. */
  underlayReachable(from: Ipv4, to: Ipv4): boolean;
}

export function isForeignPe(endpoint: Endpoint): endpoint is ForeignPe {
  return endpoint.kind === 'foreign-pe';
}
