/**
 * Contrail's configuration objects, as users and orchestrators create them (OR-5.3), each with the place it was written.
 *
 * Importers only produce these; {@link ../config/transform.ts} alone derives routing instances, targets and access lists.
 * Names are fully qualified: `domain:project:name`.
 */
import type { SourceSpan } from '../base/result.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { Mac } from '../net/mac.ts';
import type { Ipv4Prefix } from '../net/prefix.ts';
import type { RouteTarget } from '../net/route-target.ts';
import type { PortRange } from '../policy/access-list.ts';

export interface ConfigObject {
  readonly name: string;
  /** Given or name-based (OR-6.1.3); stable between runs. */
  readonly uuid: string;
  readonly at: SourceSpan | null;
}

export interface Subnet {
  readonly prefix: Ipv4Prefix;
  /** null: no gateway. */
  readonly gateway: Ipv4 | null;
  readonly dns: Ipv4;
  /** Neutron subnets ascend, networks made through the API descend (OR-6.3). */
  readonly order: 'ascending' | 'descending';
  /** Allocation pools; empty: the whole subnet. */
  readonly pools: readonly { readonly first: Ipv4; readonly last: Ipv4 }[];
  readonly uuid: string;
  /** Its name in the orchestrator, by which templates may refer to it. */
  readonly name?: string;
  readonly at: SourceSpan | null;
}

export interface VirtualNetwork extends ConfigObject {
  /** 0: given by the transformer in order of creation. */
  readonly id: number;
  readonly subnets: readonly Subnet[];
  readonly targets: readonly {
    readonly target: RouteTarget;
    readonly mark: 'both' | 'import' | 'export';
    readonly at: SourceSpan | null;
  }[];
  /** Attached policies with their sequence (OR-5.5.8). */
  readonly policies: readonly {
    readonly policy: string;
    readonly major: number;
    readonly minor: number;
    readonly at: SourceSpan | null;
  }[];
  readonly external: boolean;
  readonly shared: boolean;
}

export type PolicyAddress =
  | { readonly kind: 'any' }
  | { readonly kind: 'local' }
  | { readonly kind: 'network'; readonly name: string }
  | { readonly kind: 'subnet'; readonly prefix: Ipv4Prefix };

export interface PolicyRule {
  readonly id: string;
  readonly source: PolicyAddress;
  readonly destination: PolicyAddress;
  readonly protocol: number | null;
  readonly sourcePorts: readonly PortRange[];
  readonly destinationPorts: readonly PortRange[];
  readonly direction: '>' | '<>';
  readonly action: 'pass' | 'deny';
  readonly at: SourceSpan | null;
}

export interface NetworkPolicy extends ConfigObject {
  readonly rules: readonly PolicyRule[];
}

export type GroupRemote =
  | { readonly kind: 'any' }
  | { readonly kind: 'prefix'; readonly prefix: Ipv4Prefix }
  | { readonly kind: 'group'; readonly name: string };

export interface SecurityGroupRule {
  readonly id: string;
  readonly direction: 'ingress' | 'egress';
  readonly protocol: number | null;
  readonly ports: readonly PortRange[];
  readonly remote: GroupRemote;
  readonly at: SourceSpan | null;
}

export interface SecurityGroup extends ConfigObject {
  /** 0: given by the transformer from 8000001 up (seed story, trap 2). */
  readonly id: number;
  readonly rules: readonly SecurityGroupRule[];
}

export interface FloatingIp extends ConfigObject {
  /** null: allocated from the network. */
  readonly address: Ipv4 | null;
  readonly network: string;
  readonly direction: 'both' | 'ingress' | 'egress';
  readonly portMappings: readonly { readonly protocol: number; readonly port: number; readonly targetPort: number }[];
  /** Interfaces it is attached to; several give ECMP. */
  readonly interfaces: readonly { readonly interface: string; readonly fixedAddress: Ipv4 | null }[];
}

/** A virtual machine interface (a Neutron port, a pod's veth). */
export interface Interface extends ConfigObject {
  readonly network: string;
  readonly mac: Mac;
  /**
   * Fixed addresses; an importer that leaves allocation to us gives null with the subnet's uuid or null. A subnet of
   * another network reserves the address there as well, so that it is unique over all networks that do so (OR-1.2/4).
   */
  readonly addresses: readonly {
    readonly address: Ipv4 | null;
    readonly subnet: string | null;
    readonly at: SourceSpan | null;
  }[];
  readonly mode: 'active-active' | 'active-standby';
  readonly securityGroups: readonly string[];
  readonly portSecurity: boolean;
  readonly policyEnabled: boolean;
  /** The workload it belongs to; null for a port without one. */
  readonly workload: string | null;
}

/** What selectors name: a virtual machine or a pod. */
export interface Workload {
  readonly kind: 'vm' | 'pod';
  readonly name: string;
  /** Project (OpenStack) or namespace (Kubernetes). */
  readonly project: string;
  readonly uuid: string;
  /** The compute node asked for; null: placed round robin in order of name (OR-4.9 placement). */
  readonly host: string | null;
  /** Names of its interfaces, the first the primary one. */
  readonly interfaces: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly at: SourceSpan | null;
}

export interface ServicePort {
  readonly protocol: number;
  readonly port: number;
  readonly targetPort: number | string;
}

/** A service address as selectors name it: `service:` with its virtual address and ports. */
export interface Service {
  readonly name: string;
  readonly project: string;
  readonly clusterIp: Ipv4 | null;
  readonly externalIps: readonly Ipv4[];
  readonly ports: readonly ServicePort[];
  readonly network: string | null;
  /** The floating IPs that carry its addresses, by name; null or absent: none. */
  readonly clusterFloatingIp?: string | null;
  readonly publicFloatingIp?: string | null;
  readonly at: SourceSpan | null;
}

/** Everything one cluster's orchestrators and its scenario asked for. Lists are in order of creation. */
export interface ClusterIntent {
  readonly cluster: string;
  readonly networks: readonly VirtualNetwork[];
  readonly policies: readonly NetworkPolicy[];
  readonly securityGroups: readonly SecurityGroup[];
  readonly interfaces: readonly Interface[];
  readonly floatingIps: readonly FloatingIp[];
  readonly workloads: readonly Workload[];
  readonly services: readonly Service[];
}
