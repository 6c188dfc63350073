/**
 * Kubernetes manifests become configuration objects, by the rules of the network plug-in of their time (OR-1). All files
 * of one import are read together, so their order does not matter.
 */
import { invariant } from '../base/invariant.ts';
import { suggestion } from '../base/nearest.ts';
import { failed, type Parsed, parsed } from '../base/result.ts';
import type { ClusterIntent } from '../config/objects.ts';
import { byName } from '../config/order.ts';
import type { Ipv4Prefix } from '../net/prefix.ts';
import { readDocuments, type SourceText } from './document.ts';
import { type Era, type NetworkManagerOptions, networkManager, selects } from './kubernetes/network-manager.ts';
import type { KubernetesObjects } from './kubernetes/objects.ts';
import { podsOf } from './kubernetes/pods.ts';
import { ManifestReader } from './kubernetes/read.ts';
import { firstFaults, Remarks } from './remarks.ts';
import { firstUnaccounted, type SourceNode } from './source-tree.ts';

/** What a scenario says of the plug-in; the rest are the daemon's own defaults (OR-1.1). */
export interface PluginChoice {
  readonly era?: Era;
  readonly domain?: string;
  readonly labels?: { readonly network?: string; readonly access?: string };
  readonly podRange?: Ipv4Prefix;
  readonly serviceRange?: Ipv4Prefix;
  readonly publicRange?: Ipv4Prefix | null;
  readonly publicNetwork?: string;
  readonly clusterServices?: readonly string[];
  readonly namespaceServices?: readonly string[];
}

export interface KubernetesRequest {
  readonly sources: readonly SourceText[];
  readonly plugin: PluginChoice;
  /** Of objects that name none, as `kubectl --namespace`; `default` unless said. */
  readonly namespace?: string;
  /** vRouters of the cluster, for DaemonSets. */
  readonly nodes?: readonly string[];
}

/** Namespaces that every cluster has. */
const BUILT_IN = ['default', 'kube-system'];

export function importKubernetes(cluster: string, request: KubernetesRequest): Parsed<ClusterIntent> {
  const remarks = new Remarks();
  const namespace = request.namespace ?? 'default';
  const nodes = request.nodes ?? [];
  const reader = new ManifestReader({ namespace, nodes }, remarks);
  const trees: SourceNode[] = [];
  const sources = [...request.sources].sort((a, b) => byName(a.file, b.file));
  for (const source of sources) {
    const { documents, faults } = readDocuments(source, 'kubernetes');
    remarks.list.push(...faults);
    for (const document of documents) {
      reader.document(document);
      trees.push(document);
    }
    if (documents.length === 0 && faults.length === 0) {
      remarks.warn({ file: source.file, line: 1, column: 1 }, 'empty-file', `${source.file} holds no manifest`);
    }
  }
  remarks.subject = '';
  const objects = sorted(reader.finish());
  const complete = !remarks.hasFaults;
  checkNamespaces(objects, namespace, remarks);
  if (complete) checkSelectors(objects, remarks); // else the pod that is meant may be the one at fault
  const pods = podsOf(objects, nodes, remarks);
  const intent = networkManager(
    cluster,
    [...pods].sort((a, b) => byName(a.namespace, b.namespace) || byName(a.name, b.name)),
    objects.services,
    optionsOf(request.plugin),
    remarks,
  );
  if (remarks.hasFaults) return failed(firstFaults(remarks.list));
  for (const tree of trees) {
    const lost = firstUnaccounted(tree);
    invariant(lost === null, `${lost?.path} of ${lost?.at.file} was neither read nor told`);
  }
  return parsed(intent, remarks.list);
}

export function optionsOf(choice: PluginChoice): NetworkManagerOptions {
  const era = choice.era ?? 'K1';
  const domain = choice.domain ?? 'default-domain';
  const old = era === 'K1';
  return {
    era,
    domain,
    networkLabel: choice.labels?.network ?? (old ? 'name' : 'opencontrail.org/name'),
    accessLabel: choice.labels?.access ?? (old ? 'uses' : 'opencontrail.org/services'),
    privateRange: choice.podRange ?? TEN_ZERO,
    serviceRange: choice.serviceRange ?? SERVICES,
    publicRange: choice.publicRange ?? null,
    publicNetwork: choice.publicNetwork ?? 'default-domain:default-project:Public',
    clusterServices: choice.clusterServices ?? [],
    namespaceServices: choice.namespaceServices ?? (era === 'K3' ? ['default'] : []),
  };
}

/** 10.0.0.0/16 and 10.254.0.0/16 (OR-1.1/6, OR-1.1/7). */
const TEN_ZERO: Ipv4Prefix = { address: 0x0a000000 as Ipv4Prefix['address'], length: 16 }; // an address as a number
const SERVICES: Ipv4Prefix = { address: 0x0afe0000 as Ipv4Prefix['address'], length: 16 }; // an address as a number

function sorted(objects: KubernetesObjects): KubernetesObjects {
  const order = (a: { readonly namespace: string; readonly name: string }, b: typeof a): number =>
    byName(a.namespace, b.namespace) || byName(a.name, b.name);
  return {
    namespaces: objects.namespaces,
    controllers: [...objects.controllers].sort((a, b) => order(a, b) || byName(a.kind, b.kind)),
    pods: [...objects.pods].sort(order),
    services: [...objects.services].sort(order),
  };
}

/** The API server refuses an object whose namespace does not exist. */
function checkNamespaces(objects: KubernetesObjects, current: string, remarks: Remarks): void {
  const known = [...new Set([...BUILT_IN, current, ...objects.namespaces.map(({ name }) => name)])].sort();
  for (const { namespace, name, at } of [...objects.controllers, ...objects.pods, ...objects.services]) {
    if (known.includes(namespace)) continue;
    remarks.fault(
      at,
      'unknown-namespace',
      `${name} is in namespace ${namespace}, which no manifest declares${suggestion(namespace, known)}`,
    );
  }
}

/** A service that no pod and no pod template can ever match is a mistake of its author. */
function checkSelectors(objects: KubernetesObjects, remarks: Remarks): void {
  for (const { name, namespace, selector, selectorAt } of objects.services) {
    if (selector === null) continue;
    const all = [...objects.pods, ...objects.controllers].filter((one) => one.namespace === namespace);
    if (all.some(({ template }) => selects(selector, template.labels))) continue;
    const wanted = Object.entries(selector).map(([key, value]) => `${key}: ${value}`);
    const labels = all.flatMap(({ template }) =>
      Object.entries(template.labels).map(([key, value]) => `${key}: ${value}`),
    );
    const near = wanted.length === 1 ? suggestion(wanted[0]!, [...new Set(labels)].sort()) : '';
    remarks.fault(
      selectorAt,
      'selects-nothing',
      `service ${namespace}/${name} selects ${wanted.join(', ')}, which no pod of namespace ${namespace} has${near}`,
    );
  }
}
