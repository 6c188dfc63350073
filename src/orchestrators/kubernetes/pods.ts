/** Pods of an import: those that manifests declare, and those that controllers make (OR-2.p2), named `name-1`, `name-2`, ... */
import type { SourceSpan } from '../../base/result.ts';
import { nameUuid } from '../../config/uuid.ts';
import type { Ipv4 } from '../../net/ipv4.ts';
import type { Mac } from '../../net/mac.ts';
import type { Remarks } from '../remarks.ts';
import type { KubernetesObjects, PodTemplate } from './objects.ts';

export interface PlacedPod {
  readonly name: string;
  readonly namespace: string;
  readonly uuid: string;
  readonly template: PodTemplate;
  readonly address: Ipv4 | null;
  readonly mac: Mac | null;
  readonly host: string | null;
  readonly at: SourceSpan;
}

export function podsOf(objects: KubernetesObjects, nodes: readonly string[], remarks: Remarks): readonly PlacedPod[] {
  const pods: PlacedPod[] = [];
  const owners = new Set(
    objects.pods.flatMap(({ namespace, owner }) => (owner === null ? [] : [`${namespace} ${owner}`])),
  );
  const controllers = new Set(objects.controllers.map(({ kind, namespace, name }) => `${namespace} ${kind}/${name}`));
  // a Deployment whose ReplicaSet has exported pods has them too
  for (const { kind, namespace, name, owner } of objects.controllers) {
    if (owner !== null && owners.has(`${namespace} ${kind}/${name}`)) owners.add(`${namespace} ${owner}`);
  }
  for (const pod of objects.pods) {
    const { name, namespace, template, address, mac, at } = pod;
    if (skipsHostNetwork(template, `pod ${namespace}/${name}`, at, remarks)) continue;
    const uuid = pod.uid ?? nameUuid('kubernetes', 'pod', namespace, name);
    pods.push({ name, namespace, uuid, template, address, mac, host: template.nodeName, at });
  }
  for (const controller of objects.controllers) {
    const { kind, name, namespace, template, replicas, owner, at } = controller;
    const self = `${namespace} ${kind}/${name}`;
    if (owner !== null && controllers.has(`${namespace} ${owner}`)) continue; // its owner makes the pods
    if (owners.has(self)) continue; // its pods are declared themselves
    if (skipsHostNetwork(template, `${kind} ${namespace}/${name}`, at, remarks)) continue;
    for (let i = 1; i <= replicas; i++) {
      pods.push({
        name: `${name}-${i}`,
        namespace,
        uuid: nameUuid('kubernetes', 'pod', namespace, `${name}-${i}`),
        template,
        address: null,
        mac: null,
        host: kind === 'DaemonSet' ? nodes[i - 1]! : template.nodeName, // a pod for each node
        at,
      });
    }
  }
  const seen = new Map<string, SourceSpan>();
  for (const { name, namespace, at } of pods) {
    const key = `${namespace}/${name}`;
    const before = seen.get(key);
    if (before === undefined) seen.set(key, at);
    else remarks.fault(at, 'duplicate-pod', `pod ${key} is made twice, first by ${before.file}:${before.line}`);
  }
  return pods;
}

/** The daemon ignores pods that use their host's network (OR-1.3.23). */
function skipsHostNetwork(template: PodTemplate, who: string, at: SourceSpan, remarks: Remarks): boolean {
  if (template.hostNetwork)
    remarks.note(at, 'host-network', `${who} uses the network of its host, which the plug-in leaves alone`);
  return template.hostNetwork;
}
