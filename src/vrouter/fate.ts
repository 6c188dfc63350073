/**
 * What becomes of a packet: delivered where, or dropped by whom and why, with every hop on the way.
 *
 * Reasons are the names an operator reads: flow drop reasons of `flow -l` (VR-4.12) and counters of `dropstats`
 * (VR-4.13).
 */
import type { SourceSpan } from '../base/result.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { Ipv4Prefix } from '../net/prefix.ts';
import type { Encapsulation } from './agent-config.ts';

export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17 } as const;

/** A packet as its sender made it. Ports are 0 where the protocol has none (VR-4.2/4). */
export interface Packet {
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly ttl: number;
}

export const DEFAULT_TTL = 64;

export function withTtl(packet: Packet, ttl: number): Packet {
  if (packet.ttl === ttl) return packet;
  const { source, destination, protocol, sourcePort, destinationPort } = packet;
  return { source, destination, protocol, sourcePort, destinationPort, ttl };
}

/** Reasons of a short or dropped flow with their codes (VR-4.12). All of them count *Flow Action Drop*. */
export const FLOW_DROP_REASONS = {
  Unknown: 0x00, IntfErr: 0x01, Ipv4Dis: 0x02, VrfErr: 0x03, NoSrcRt: 0x04, NoDstRt: 0x05, Audit: 0x06, VrfChange: 0x07,
  NoRevFlow: 0x08, RevFlowChng: 0x09, NatChng: 0x0a, FlowLim: 0x0b, LinkSrcNatErr: 0x0c, VrouterInstallFail: 0x0d,
  InvalidL2Flow: 0x0e, TSNFlow: 0x0f, NoMirrorentry: 0x10, SameFlowRflowKey: 0x11, NoFipPortMap: 0x12, NoSrcRtRpfNh: 0x13,
  FatFlowNatConflict: 0x14, Policy: 0x15, OutPolicy: 0x16, SG: 0x17, OutSG: 0x18, RevSG: 0x19, RevOutSG: 0x1a,
  FwPolicy: 0x1b, OutFwPolicy: 0x1c, RevFwPolicy: 0x1d, RevOutFwPolicy: 0x1e, FWAASPolicy: 0x1f, OutFWAASPolicy: 0x20,
  RevFWAASPolicy: 0x21, RevOutFWAASPolicy: 0x22,
} as const; // biome-ignore format: one table, read as a table
export type FlowDropReason = keyof typeof FLOW_DROP_REASONS;

/** Counters of `dropstats` in print order (VR-4.13). */
export const DROP_COUNTERS = [
  'Invalid IF', 'Invalid ARP', 'Trap No IF', 'IF TX Discard', 'IF Drop', 'IF RX Discard', 'Flow Unusable',
  'Flow No Memory', 'Flow Table Full', 'Flow NAT no rflow', 'Flow Action Drop', 'Flow Action Invalid',
  'Flow Invalid Protocol', 'Flow Queue Limit Exceeded', 'New Flow Drops', 'Flow Unusable (Eviction)',
  'Original Packet Trapped', 'Discards', 'TTL Exceeded', 'Mcast Clone Fail', 'Invalid NH', 'Invalid Label',
  'Invalid Protocol', 'Etree Leaf to Leaf', 'Bmac/ISID Mismatch', 'Rewrite Fail', 'Invalid Mcast Source', 'Packet Loop',
  'Push Fails', 'Pull Fails', 'Duplicate', 'Head Alloc Fails', 'PCOW fails', 'Invalid Packets', 'Misc', 'Nowhere to go',
  'Checksum errors', 'No Fmd', 'Invalid VNID', 'Fragment errors', 'Invalid Source', 'Jumbo Mcast Pkt with DF Bit',
  'No L2 Route', 'Memory Failures', 'Fragment Queueing Failures', 'No Encrypt Path Failures',
  'Invalid HBS received packet', 'No Fragment Entries', 'ICMP errors', 'Clone Failures', 'Invalid underlay ECMP',
  'VLAN fwd intf failed TX (DPDK)', 'VLAN fwd intf failed enq (DPDK)',
] as const; // biome-ignore format: one table, read as a table
export type DropCounter = (typeof DROP_COUNTERS)[number];

/** Losses that no counter of a vRouter sees: the underlay, or a gateway that is no vRouter. */
export const OUTSIDE_REASONS = ['Underlay', 'No Host', 'Gateway'] as const;
export type OutsideReason = (typeof OUTSIDE_REASONS)[number];

export type DropReason = FlowDropReason | DropCounter | OutsideReason;

/** One sentence on each reason that a walk can meet. */
export const DROP_MEANINGS: Readonly<Partial<Record<DropReason, string>>> = {
  IntfErr: 'the interface is not active',
  VrfErr: 'the interface has no VRF',
  NoSrcRt: 'no route to the source',
  NoDstRt: 'no route to the destination',
  NoFipPortMap: 'the floating address maps no such port',
  SameFlowRflowKey: 'the flow and its reverse have the same key',
  Policy: 'the network policy denies it',
  OutPolicy: 'the network policy of the destination network denies it',
  SG: 'the security groups deny it',
  OutSG: 'the security groups of the destination deny it',
  Unknown: 'the flow was refused when it was set up',
  Discards: 'the route leads to the discard next hop',
  'TTL Exceeded': 'the packet was forwarded too often',
  'Invalid NH': 'the next hop is not usable',
  'Invalid Label': 'the label is not in the label table of the host',
  'Invalid Source': 'it came from elsewhere than the route to its source points',
  'Packet Loop': 'the tunnel leads back to where the packet came from',
  Underlay: 'the underlay does not carry it to the remote host',
  'No Host': 'nobody has the tunnel destination',
  Gateway: 'the gateway drops it',
};

export function isFlowDropReason(reason: DropReason): reason is FlowDropReason {
  return Object.hasOwn(FLOW_DROP_REASONS, reason);
}

/** The `dropstats` counter a reason moves; null outside a vRouter. */
export function dropCounterOf(reason: DropReason): DropCounter | null {
  if (isFlowDropReason(reason)) return 'Flow Action Drop';
  return (OUTSIDE_REASONS as readonly string[]).includes(reason) ? null : (reason as DropCounter); // the two other unions are excluded above
}

export type VerdictCheck =
  | 'network policy'
  | 'out policy'
  | 'security group egress'
  | 'security group ingress'
  | 'reverse path';

/** What a packet met, in order. `host` is the name of the node it happened on. */
export type Hop =
  | {
      readonly kind: 'interface';
      readonly host: string;
      readonly direction: 'from workload' | 'to workload';
      readonly interface: string;
      readonly workload: string;
      readonly vif: number;
    }
  | {
      readonly kind: 'lookup';
      readonly host: string;
      readonly vrf: string;
      readonly side: 'source' | 'destination';
      readonly address: Ipv4;
      /** null: no route. */
      readonly prefix: Ipv4Prefix | null;
      /** Whose path is active: a control node's address, `LocalVmPort`, `Local`, `Ecmp` (VR-1.8). */
      readonly peer: string;
      /** Why that path is active. */
      readonly because: string;
      readonly nextHop: string;
      /** Origin network of the route; `unresolved` and `__UNKNOWN__` as in VR-4.4/D1. */
      readonly network: string;
      readonly securityGroups: readonly number[];
    }
  | {
      readonly kind: 'verdict';
      readonly host: string;
      readonly check: VerdictCheck;
      readonly flow: 'forward' | 'reverse';
      /** Name of the access list, or why there is none. */
      readonly list: string;
      readonly verdict: 'pass' | 'deny';
      readonly rule: string;
      readonly at: SourceSpan | null;
    }
  | {
      readonly kind: 'flow';
      readonly host: string;
      /** A packet of a flow set up before takes its verdict, and nothing is evaluated again (VR-4.4.1). */
      readonly found: 'forward' | 'reverse';
      readonly action: 'forward' | 'drop';
    }
  | {
      readonly kind: 'nat';
      readonly host: string;
      readonly translation: 'SNAT' | 'DNAT';
      readonly floatingIp: string;
      readonly from: Ipv4;
      readonly to: Ipv4;
      readonly fromPort: number;
      readonly toPort: number;
    }
  | {
      readonly kind: 'ecmp';
      readonly host: string;
      readonly members: number;
      readonly member: number;
      readonly because: 'flow hash' | 'enumerated' | 'member of the other direction';
      readonly nextHop: string;
    }
  | {
      readonly kind: 'tunnel';
      readonly host: string;
      readonly from: Ipv4;
      readonly to: Ipv4;
      readonly encapsulation: Encapsulation;
      readonly because: string;
      readonly label: number;
      readonly ttl: number;
    }
  | {
      readonly kind: 'label';
      readonly host: string;
      readonly label: number;
      /** null: the label is not in the table. */
      readonly nextHop: string | null;
    }
  | { readonly kind: 'gateway'; readonly host: string; readonly text: string };

export type Delivery =
  | { readonly kind: 'interface'; readonly host: string; readonly interface: string; readonly workload: string }
  /** The agent itself answers: gateway and DNS address of a subnet (VR-1.11). */
  | { readonly kind: 'agent'; readonly host: string; readonly vrf: string }
  | { readonly kind: 'external'; readonly gateway: string; readonly vrf: string; readonly prefix: Ipv4Prefix };

export type Fate =
  | {
      readonly kind: 'delivered';
      readonly to: Delivery;
      /** As it arrives, after translation. */
      readonly packet: Packet;
      readonly hops: readonly Hop[];
    }
  | {
      readonly kind: 'dropped';
      /** Name of the node that lost it. */
      readonly at: string;
      readonly because: DropReason;
      /** One sentence with the names in it. */
      readonly detail: string;
      readonly packet: Packet;
      readonly hops: readonly Hop[];
    };

/** A request and what its answer met; null when the request did not arrive. */
export interface Exchange {
  readonly request: Fate;
  readonly reply: Fate | null;
}
