/** Kubernetes manifests as far as networking is concerned: namespaces, pods and their controllers, services (OR-6.2). */
import type { SourceSpan } from '../../base/result.ts';
import type { Ipv4 } from '../../net/ipv4.ts';
import type { Mac } from '../../net/mac.ts';

export type Labels = Readonly<Record<string, string>>;

export interface PodTemplate {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly hostNetwork: boolean;
  readonly nodeName: string | null;
  /** Numbers of named container ports. */
  readonly ports: ReadonlyMap<string, number>;
}

export interface Controller {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly replicas: number;
  readonly template: PodTemplate;
  /** Owned by another controller of the import: that one makes the pods. */
  readonly owner: string | null;
  readonly at: SourceSpan;
}

export interface Pod {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string | null;
  readonly template: PodTemplate;
  /** `status.podIP`, or the address in the daemon's own annotation (OR-1.3.19). */
  readonly address: Ipv4 | null;
  readonly mac: Mac | null;
  /** `Kind/name` of the controller that made it. */
  readonly owner: string | null;
  readonly at: SourceSpan;
}

export interface ServicePort {
  readonly protocol: number;
  readonly port: number;
  readonly targetPort: number | string;
  readonly at: SourceSpan;
}

export interface KubeService {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  /** null: created without one (OR-1.3.4). */
  readonly selector: Labels | null;
  /** `none`: headless; null: not given. */
  readonly clusterIp: Ipv4 | 'none' | null;
  readonly externalIps: readonly Ipv4[];
  /** What the service was given before it was exported. */
  readonly balancerIp: Ipv4 | null;
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
  readonly ports: readonly ServicePort[];
  readonly at: SourceSpan;
  readonly selectorAt: SourceSpan;
}

export interface Namespace {
  readonly name: string;
  readonly at: SourceSpan | null;
}

export interface KubernetesObjects {
  readonly namespaces: readonly Namespace[];
  readonly controllers: readonly Controller[];
  readonly pods: readonly Pod[];
  readonly services: readonly KubeService[];
}
