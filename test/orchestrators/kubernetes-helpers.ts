/** Reading manifests in tests, and what came of them in short words. */
import type { Parsed } from '../../src/base/result.ts';
import type { DerivedCluster } from '../../src/config/derived.ts';
import { mergeIntents } from '../../src/config/merge.ts';
import type { ClusterIntent } from '../../src/config/objects.ts';
import { transformCluster } from '../../src/config/transform.ts';
import { importKubernetes, type KubernetesRequest } from '../../src/orchestrators/kubernetes.ts';
import { prefix } from '../support/values.ts';
import { said } from './said.ts';

export const rc = (name: string, labels: string, replicas = 1, more = ''): string => `apiVersion: v1
kind: ReplicationController
metadata: { name: ${name} }
spec:
  replicas: ${replicas}
  selector: { app: ${name} }
  template:
    metadata: { labels: { app: ${name}, ${labels} } }
    spec: { containers: [{ name: c, ports: [{ name: web, containerPort: 8080 }] }]${more} }
`;

export const service = (name: string, labels: string, spec: string): string => `apiVersion: v1
kind: Service
metadata: { name: ${name}, labels: { ${labels} } }
spec: { selector: { app: ${name} }, ${spec} }
`;

export const pod = (name: string, more = '', metadata = ''): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, labels: { app: ${name}, name: ${name} }${metadata} }\n${more || 'spec: {}\n'}`;

export function kube(text: string | readonly string[], change: Partial<KubernetesRequest> = {}): Parsed<ClusterIntent> {
  return importKubernetes('kubernetes', {
    sources: [{ file: 'm.yaml', text: typeof text === 'string' ? text : text.join('---\n') }],
    plugin: {},
    ...change,
  });
}

export function intentOf(result: Parsed<ClusterIntent>): ClusterIntent {
  if (!result.ok) throw new Error(said(result).join('\n'));
  return mergeIntents('kubernetes', [result.value]);
}

/** What the transformer makes of it on two hosts. */
export function derived(result: Parsed<ClusterIntent>): DerivedCluster {
  const cluster = transformCluster(intentOf(result), { asn: 64513, vrouters: ['n-1', 'n-2'] });
  if (!cluster.ok) throw new Error(said(cluster).join('\n'));
  return cluster.value;
}

/** What is said of manifests that are wrong. */
export function faults(...manifests: Parameters<typeof kube>): readonly string[] {
  const result = kube(...manifests);
  if (result.ok) throw new Error(`nothing is wrong with ${manifests[0]}`);
  return said(result);
}

export const tail = (name: string): string => name.replace('default-domain:', '');

/** The guestbook in shape: three web pods that use redis, one master and two slaves behind services of one label. */
export const STORY = [
  rc('web', 'name: web, uses: store', 3),
  service('web', 'name: web', 'type: LoadBalancer, ports: [{ port: 8080, targetPort: web }]'),
  rc('master', 'name: store'),
  rc('slave', 'name: store', 2),
  service('master', 'name: store', 'clusterIP: 10.254.1.1, ports: [{ port: 8080 }]'),
  service('slave', 'name: store', 'ports: [{ port: 8080 }]'),
];

export const PLUGIN = { publicRange: prefix('100.64.0.0/16') };
