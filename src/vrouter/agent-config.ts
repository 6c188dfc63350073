/** What configuration tells a vRouter agent: itself, the networks it has interfaces in, the interfaces, security groups. */
import type { VirtualUs } from '../base/time.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { Mac } from '../net/mac.ts';
import type { Ipv4Prefix } from '../net/prefix.ts';
import type { AccessList } from '../policy/access-list.ts';

export type Encapsulation = 'MPLSoGRE' | 'MPLSoUDP' | 'VXLAN';

export interface AgentConfig {
  /** Host name; the agent's JID (CN-2.1.2). */
  readonly name: string;
  /** Router id and tunnel source. */
  readonly address: Ipv4;
  /** Configured servers; two of them are used (VR-2.1). */
  readonly controlNodes: readonly Ipv4[];
  /** Empty: the compiled default (VR-2.5). */
  readonly encapsulationPriorities: readonly Encapsulation[];
  readonly xmppHoldTimeSeconds: number;
  /** Path preference 100 then 200 (VR-1.9); off: preference 100 only. */
  readonly pathPreference: boolean;
  /** A bare agent does only what steps tell it: it subscribes, publishes and retracts exact items. */
  readonly bare: boolean;
  /** How long after its first start it connects (start-up stagger); NEVER: it is not started with the others, but by name. */
  readonly startDelay: VirtualUs;
  readonly quirks: Readonly<Record<string, boolean>>;
}

export interface AgentSubnet {
  readonly prefix: Ipv4Prefix;
  readonly gateway: Ipv4;
  /** DNS / service address; often the second address (OR-6.3). */
  readonly dns: Ipv4;
}

export interface AgentNetwork {
  /** `domain:project:network`. */
  readonly name: string;
  /** Its instance, `domain:project:network:network`. */
  readonly instance: string;
  readonly id: number;
  readonly subnets: readonly AgentSubnet[];
  /** null: no policy attached, everything passes (VR-0.2, OR-5.5.18). */
  readonly accessList: AccessList | null;
}

export interface AgentSecurityGroup {
  readonly name: string;
  readonly id: number;
  /** Traffic towards the workload (VR-0.12). */
  readonly ingress: AccessList;
  /** Traffic from the workload. */
  readonly egress: AccessList;
}

export interface AgentFloatingIp {
  readonly name: string;
  readonly address: Ipv4;
  /** The network the floating address lives in. */
  readonly network: string;
  /** The fixed address it stands for. */
  readonly fixedAddress: Ipv4;
  readonly direction: 'both' | 'ingress' | 'egress';
  /** Empty: one-to-one, all ports (OR-1.3.7). */
  readonly portMappings: readonly { readonly protocol: number; readonly port: number; readonly targetPort: number }[];
}

export interface AgentInterface {
  /** Stable name: `domain:project:port`, shown to the user. */
  readonly name: string;
  /** The workload it belongs to, as selectors name it: `vm:openstack/leonardo/PostgreSQL-1`. */
  readonly workload: string;
  readonly mac: Mac;
  readonly network: string;
  readonly addresses: readonly Ipv4[];
  /** active-active sets the ecmp flag of its paths (VR-1.9). */
  readonly mode: 'active-active' | 'active-standby';
  /** Names of attached groups; empty: everything allowed (VR-0.13). */
  readonly securityGroups: readonly string[];
  readonly floatingIps: readonly AgentFloatingIp[];
  readonly policyEnabled: boolean;
}
