/**
 * What the transformer makes of one cluster's intent: the objects control nodes and agents see (OR-5.5), all numbers
 * given, all addresses allocated, every workload placed. Each object keeps the place that caused it.
 */
import type { SourceSpan } from '../base/result.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { Mac } from '../net/mac.ts';
import type { RouteTarget } from '../net/route-target.ts';
import type { AccessList } from '../policy/access-list.ts';
import type { FloatingIp, ServicePort, Subnet, Workload } from './objects.ts';

export interface DerivedTarget {
  readonly target: RouteTarget;
  readonly mark: 'both' | 'import' | 'export';
  /** Given by the transformer, not written by a person (OR-5.5.2). */
  readonly automatic: boolean;
  readonly at: SourceSpan | null;
}

/** A routing instance; its name is `domain:project:network:network` (OR-5.5.1). */
export interface DerivedInstance {
  readonly name: string;
  readonly network: string;
  readonly targets: readonly DerivedTarget[];
  /** Instances joined by policy, sorted (OR-5.5.7). */
  readonly connections: readonly string[];
}

export interface DerivedNetwork {
  readonly name: string;
  readonly uuid: string;
  readonly id: number;
  /** Present in every cluster (OR-5.4): has no workloads of ours. */
  readonly system: boolean;
  readonly instance: string;
  readonly subnets: readonly Subnet[];
  /** null: no policy attached, everything passes (OR-5.5.18). */
  readonly accessList: AccessList | null;
  readonly external: boolean;
  readonly at: SourceSpan | null;
}

export interface DerivedSecurityGroup {
  readonly name: string;
  readonly id: number;
  /** Traffic towards the workload: the `local` side is the destination (OR-5.5.35, VR-4.8.1). */
  readonly ingress: AccessList;
  readonly egress: AccessList;
  readonly at: SourceSpan | null;
}

export interface DerivedInterface {
  readonly name: string;
  readonly uuid: string;
  readonly network: string;
  readonly mac: Mac;
  readonly addresses: readonly Ipv4[];
  readonly mode: 'active-active' | 'active-standby';
  readonly securityGroups: readonly string[];
  readonly portSecurity: boolean;
  readonly policyEnabled: boolean;
  /** Key of its workload, as in {@link DerivedWorkload.key}; null: no workload. */
  readonly workload: string | null;
  readonly at: SourceSpan | null;
}

export interface DerivedFloatingIp {
  readonly name: string;
  readonly uuid: string;
  readonly address: Ipv4;
  readonly network: string;
  readonly direction: FloatingIp['direction'];
  readonly portMappings: FloatingIp['portMappings'];
  /** Interfaces it is attached to, with the fixed address it stands for on each; several give ECMP. */
  readonly interfaces: readonly { readonly interface: string; readonly fixedAddress: Ipv4 }[];
  readonly at: SourceSpan | null;
}

/** A workload with its host given. */
export interface DerivedWorkload extends Omit<Workload, 'host'> {
  /** `kind:project/name`, unique in a cluster. */
  readonly key: string;
  readonly host: string;
  /** `asked`: the input names the host; `round-robin`: we placed it. */
  readonly placement: 'asked' | 'round-robin';
}

/** A service with its addresses resolved. */
export interface DerivedService {
  readonly name: string;
  readonly project: string;
  readonly network: string | null;
  /** null: it has no address (no selector, headless, or no pod yet: OR-1.3.24). */
  readonly clusterIp: Ipv4 | null;
  /** Public addresses that floating IPs really carry (OR-1.3.27). */
  readonly externalIps: readonly Ipv4[];
  readonly ports: readonly ServicePort[];
  readonly at: SourceSpan | null;
}

export interface DerivedCluster {
  readonly cluster: string;
  readonly asn: number;
  /** System networks first, then in the order the intent lists them. */
  readonly networks: readonly DerivedNetwork[];
  readonly instances: readonly DerivedInstance[];
  readonly securityGroups: readonly DerivedSecurityGroup[];
  readonly interfaces: readonly DerivedInterface[];
  readonly floatingIps: readonly DerivedFloatingIp[];
  readonly workloads: readonly DerivedWorkload[];
  readonly services: readonly DerivedService[];
}

export function workloadKey(workload: {
  readonly kind: 'vm' | 'pod';
  readonly project: string;
  readonly name: string;
}): string {
  return `${workload.kind}:${workload.project}/${workload.name}`;
}

/** The routing instance of a network (OR-5.5.1); the link-local and underlay networks have names of their own. */
export function instanceNameOf(network: string): string {
  return `${network}:${network.slice(network.lastIndexOf(':') + 1)}`;
}
