/** What configuration tells a gateway (an RFC 4364 PE with VRFs) and a raw speaker. */
import type { Ipv4 } from '../net/ipv4.ts';
import type { Ipv4Prefix } from '../net/prefix.ts';
import type { RouteTarget } from '../net/route-target.ts';
import type { FamilyName } from '../route/family.ts';

export interface PeerConfig {
  readonly name: string;
  readonly address: Ipv4;
  readonly asn: number;
}

export interface GatewayInstanceConfig {
  readonly name: string;
  /** Number in the route distinguisher `gateway address:index`. */
  readonly index: number;
  /** Imported and exported. */
  readonly routeTargets: readonly RouteTarget[];
  /** Prefixes behind the gateway that it originates in this VRF. */
  readonly external: readonly Ipv4Prefix[];
}

export interface GatewayConfig {
  readonly name: string;
  /** Its own address, tunnel end and BGP next hop. */
  readonly address: Ipv4;
  readonly routerId: Ipv4;
  readonly asn: number;
  readonly holdTimeSeconds: number;
  /** Passes VPN routes of one peer on to the others; off by default. */
  readonly transit: boolean;
  /** Tunnel encapsulations it accepts and announces. */
  readonly encapsulations: readonly ('gre' | 'udp')[];
  readonly peers: readonly PeerConfig[];
  readonly instances: readonly GatewayInstanceConfig[];
}

export interface SpeakerConfig {
  readonly name: string;
  readonly address: Ipv4;
  readonly routerId: Ipv4;
  readonly asn: number;
  readonly holdTimeSeconds: number;
  readonly families: readonly FamilyName[];
  readonly peers: readonly PeerConfig[];
}
