/**
 * Access control lists as agents hold them: what the schema transformer makes of network policies and security groups
 * (OR-5.5.17, OR-5.5.21, OR-5.5.35), matched entry by entry with the reason kept (VR-4.6, VR-4.8).
 */
import type { SourceSpan } from '../base/result.ts';
import type { Ipv4Prefix } from '../net/prefix.ts';

/** One side of an entry. `any` network matches every network, also `unresolved`. */
export type AclAddress =
  | { readonly kind: 'any' }
  | { readonly kind: 'network'; readonly name: string }
  | { readonly kind: 'group'; readonly id: number }
  | { readonly kind: 'subnets'; readonly prefixes: readonly Ipv4Prefix[] };

export interface PortRange {
  readonly low: number;
  readonly high: number;
}

export interface AclEntry {
  /** Name or uuid of the rule it came from, shown to the user. */
  readonly rule: string;
  readonly source: AclAddress;
  readonly destination: AclAddress;
  /** IP protocol number, or null for any. */
  readonly protocol: number | null;
  /** Empty: any port. */
  readonly sourcePorts: readonly PortRange[];
  readonly destinationPorts: readonly PortRange[];
  /** `>`: only source to destination opens; `<>`: both ways (network policies; security groups always `>`). */
  readonly direction: '>' | '<>';
  readonly action: 'pass' | 'deny';
  /** Where the rule was written. */
  readonly at: SourceSpan | null;
}

export interface AccessList {
  readonly name: string;
  readonly entries: readonly AclEntry[];
}
