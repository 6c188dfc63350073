/**
 * Manifests to the objects of {@link ./objects.ts}: several documents in a file, lists in documents, JSON (OR-0/5).
 * A key that networking does not ask for is told with its consequence, a kind nobody knows is told whole.
 */
import { suggestion } from '../../base/nearest.ts';
import type { SourceSpan } from '../../base/result.ts';
import { type Ipv4, parseIpv4 } from '../../net/ipv4.ts';
import { type Mac, parseMac } from '../../net/mac.ts';
import { matters, type Remarks } from '../remarks.ts';
import { field, isNothing, peek, plain, type SourceMap, type SourceNode } from '../source-tree.ts';
import { addressOf } from '../values.ts';
import { consequenceOfKind, leftKey } from './not-modelled.ts';
import type {
  Controller,
  KubernetesObjects,
  KubeService,
  Labels,
  Namespace,
  Pod,
  PodTemplate,
  ServicePort,
} from './objects.ts';

/** Controllers that make pods from a template, with the path of the template. */
const CONTROLLERS = ['ReplicationController', 'ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet'];
const KINDS = ['Namespace', 'Pod', 'Service', ...CONTROLLERS];

const APPS = ['apps/v1', 'apps/v1beta2', 'apps/v1beta1'];
/** Where each kind was ever served. */
const VERSIONS: Readonly<Record<string, readonly string[]>> = {
  ReplicaSet: [...APPS.slice(0, 2), 'extensions/v1beta1'],
  Deployment: [...APPS, 'extensions/v1beta1'],
  StatefulSet: APPS,
  DaemonSet: [...APPS.slice(0, 2), 'extensions/v1beta1'],
};
const CORE = ['v1', 'v1beta3'];
/** The annotation in which kube-network-manager keeps what it gave to a pod (OR-1.3.19). */
const POD_STATE = 'opencontrail.org/pod-state';
const REPLICAS_MAX = 100_000;

export interface ReadOptions {
  /** Of objects that name none. */
  readonly namespace: string;
  /** Nodes of the cluster: a DaemonSet makes a pod on each. */
  readonly nodes: readonly string[];
}

export class ManifestReader {
  readonly #remarks: Remarks;
  readonly #options: ReadOptions;
  readonly #namespaces: Namespace[] = [];
  readonly #controllers: Controller[] = [];
  readonly #pods: Pod[] = [];
  readonly #services: KubeService[] = [];
  readonly #seen = new Map<string, SourceSpan>();

  constructor(options: ReadOptions, remarks: Remarks) {
    this.#options = options;
    this.#remarks = remarks;
  }

  document(node: SourceNode): void {
    const remarks = this.#remarks;
    remarks.subject = '';
    const root = remarks.map(node, 'a manifest');
    if (root === null) return;
    const kindNode = field(root, 'kind');
    const kind = remarks.text(kindNode, 'kind');
    const versionNode = field(root, 'apiVersion');
    const version = remarks.text(versionNode, 'apiVersion');
    if (kind === null || kindNode === null) {
      if (isNothing(kindNode)) remarks.fault(root.at, 'no-kind', 'this manifest has no kind');
      return;
    }
    if (version === null && isNothing(versionNode))
      remarks.fault(root.at, 'no-api-version', `this ${kind} has no apiVersion, such as v1`);
    if (kind.endsWith('List') && peek(root, 'items') !== null) {
      const part = field(root, 'metadata');
      if (part !== null) plain(part);
      for (const item of remarks.items(field(root, 'items'), 'items')) this.document(item);
      remarks.subject = '';
      remarks.tellUnread(root, () => null);
      return;
    }
    this.#object(root, kind, kindNode);
  }

  finish(): KubernetesObjects {
    return { namespaces: this.#namespaces, controllers: this.#controllers, pods: this.#pods, services: this.#services };
  }

  #object(root: SourceMap, kind: string, kindNode: SourceNode): void {
    const remarks = this.#remarks;
    const metadata = field(root, 'metadata');
    const nameNode = field(metadata, 'name');
    const name = remarks.text(nameNode, `the name of this ${kind}`);
    if (KINDS.includes(kind)) this.#checkVersion(kind, peek(root, 'apiVersion'));
    remarks.subject = name === null ? kind : `${kind} ${name}`;
    if (!KINDS.includes(kind)) {
      const consequence = consequenceOfKind(kind);
      if (consequence === null) {
        const near = suggestion(kind, KINDS);
        if (near !== '') {
          remarks.fault(kindNode.at, 'unknown-kind', `there is no kind ${kind}${near}`);
          return;
        }
      }
      const unknown = matters(`the importer does not know the kind ${kind}, so nothing is made of it`);
      const path = remarks.subject;
      remarks.subject = '';
      root.mark.state = 'unread';
      remarks.notModelled({ ...root, path }, root.at, consequence ?? unknown);
      return;
    }
    if (metadata !== null) remarks.map(metadata, `metadata of this ${kind}`);
    if (name === null || name === '') {
      if (isNothing(nameNode)) remarks.fault((metadata ?? root).at, 'no-name', `this ${kind} has no name`);
      return;
    }
    if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name) || name.length > 253) {
      remarks.fault(nameNode!.at, 'bad-name', `the name ${name} must be lower case letters, digits and dashes`); // a name was read from it
    }
    const namespaceNode = field(metadata, 'namespace');
    const namespace = remarks.text(namespaceNode, 'namespace') ?? this.#options.namespace;
    const key = kind === 'Namespace' ? `Namespace ${name}` : `${kind} ${namespace}/${name}`;
    const before = this.#seen.get(key);
    if (before !== undefined) {
      remarks.fault(
        nameNode!.at,
        'duplicate-object',
        `${key} is declared twice, first at ${before.file}:${before.line}`,
      ); // a name was read from it
      return;
    }
    this.#seen.set(key, nameNode!.at); // a name was read from it
    const labels = this.#labels(field(metadata, 'labels'), 'labels');
    const annotations = this.#labels(field(metadata, 'annotations'), 'annotations');
    const at = nameNode!.at; // a name was read from it
    const spec = field(root, 'spec');
    if (spec !== null) remarks.map(spec, `spec of ${remarks.subject}`);
    if (kind === 'Namespace') this.#namespaces.push({ name, at });
    else if (kind === 'Service') this.#service(root, spec, { name, namespace, labels, at });
    else if (kind === 'Pod') this.#pod(root, metadata, spec, { name, namespace, labels, annotations, at });
    else this.#controller(kind, metadata, spec, { name, namespace, at });
    remarks.tellUnread(root, (path, one) => leftKey(kind, path, one));
  }

  #checkVersion(kind: string, node: SourceNode | null): void {
    const versions = VERSIONS[kind] ?? CORE;
    if (node?.kind !== 'scalar' || node.value === null || versions.includes(node.text)) return;
    const sentence = `there is no ${kind} in apiVersion ${node.text}; it is ${versions[0]}`;
    this.#remarks.fault(node.at, 'unknown-api-version', sentence);
  }

  #service(
    root: SourceMap,
    spec: SourceNode | null,
    { name, namespace, labels, at }: { name: string; namespace: string; labels: Labels; at: SourceSpan },
  ): void {
    const remarks = this.#remarks;
    const type =
      remarks.oneOf(field(spec, 'type'), 'type', ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']) ??
      'ClusterIP';
    const clusterNode = field(spec, 'clusterIP') ?? field(spec, 'portalIP');
    const clusterText = remarks.text(clusterNode, 'clusterIP') ?? '';
    const clusterIp =
      clusterText === '' ? null : clusterText === 'None' ? 'none' : addressOf(clusterNode, 'clusterIP', remarks);
    const several = field(spec, 'clusterIPs');
    if (several !== null) plain(several);
    const externals = remarks.items(field(spec, 'externalIPs') ?? field(spec, 'deprecatedPublicIPs'), 'externalIPs');
    const externalIps = externals.flatMap((item) => addressOf(item, 'an external address', remarks) ?? []);
    const selectorNode = field(spec, 'selector');
    const selector = isNothing(selectorNode) ? null : this.#labels(selectorNode, 'selector');
    const status = field(root, 'status');
    const [ingress] = remarks.items(field(field(status, 'loadBalancer'), 'ingress'), 'ingress');
    const ports = remarks.items(field(spec, 'ports'), 'ports').flatMap((item) => this.#servicePort(item) ?? []);
    this.#services.push({
      name,
      namespace,
      labels,
      selector: selector === null || Object.keys(selector).length === 0 ? null : selector,
      clusterIp,
      externalIps,
      balancerIp: ingress === undefined ? null : addressOf(field(ingress, 'ip'), 'ip', remarks),
      type,
      ports,
      at,
      selectorAt: selectorNode?.at ?? at,
    });
  }

  #servicePort(item: SourceNode): ServicePort | null {
    const remarks = this.#remarks;
    remarks.map(item, 'a port');
    const portNode = field(item, 'port');
    const port = remarks.whole(portNode, 'port', 1, 65_535);
    const named = field(item, 'name');
    if (named !== null) plain(named);
    const targetNode = field(item, 'targetPort');
    const target = remarks.text(targetNode, 'targetPort');
    const word = remarks.oneOf(field(item, 'protocol'), 'protocol', ['TCP', 'UDP', 'SCTP']) ?? 'TCP';
    if (port === null) {
      if (isNothing(portNode)) remarks.fault(item.at, 'no-port', 'a port of this service has no number');
      return null;
    }
    const targetPort =
      target === null || target === '' || target === '0' ? port : /^\d+$/.test(target) ? Number(target) : target;
    return { protocol: word === 'TCP' ? 6 : word === 'UDP' ? 17 : 132, port, targetPort, at: item.at };
  }

  #pod(
    root: SourceMap,
    metadata: SourceNode | null,
    spec: SourceNode | null,
    {
      name,
      namespace,
      labels,
      annotations,
      at,
    }: { name: string; namespace: string; labels: Labels; annotations: Labels; at: SourceSpan },
  ): void {
    const remarks = this.#remarks;
    const status = field(root, 'status');
    if (status !== null) remarks.map(status, 'status');
    const phase = remarks.text(field(status, 'phase'), 'phase');
    let address = addressOf(field(status, 'podIP'), 'podIP', remarks);
    const hostIp = field(status, 'hostIP');
    if (hostIp !== null) plain(hostIp);
    let mac: Mac | null = null;
    const state = annotations[POD_STATE];
    if (state !== undefined) {
      const held = podState(state);
      address ??= held.address;
      mac = held.mac;
    }
    const template = this.#podTemplate(spec, labels, annotations);
    const uid = remarks.text(field(metadata, 'uid'), 'uid');
    const owner = this.#owner(metadata);
    if (phase === 'Succeeded' || phase === 'Failed') {
      remarks.note(at, 'finished-pod', `pod ${namespace}/${name} has ended (${phase}), so it has no network`);
      return;
    }
    if (annotations['kubernetes.io/config.mirror'] !== undefined) {
      remarks.note(at, 'mirror-pod', `pod ${namespace}/${name} is a static pod, which the plug-in ignores`);
      return;
    }
    this.#pods.push({ name, namespace, uid, template, address, mac, owner, at });
  }

  #controller(
    kind: string,
    metadata: SourceNode | null,
    spec: SourceNode | null,
    { name, namespace, at }: { name: string; namespace: string; at: SourceSpan },
  ): void {
    const remarks = this.#remarks;
    const template = field(spec, 'template');
    if (isNothing(template)) {
      remarks.fault(at, 'no-template', `${kind} ${name} has no template for its pods`);
      return;
    }
    remarks.map(template, 'template');
    const inner = field(template, 'metadata');
    if (inner !== null) remarks.map(inner, 'metadata of the template');
    const labels = this.#labels(field(inner, 'labels'), 'labels of the template');
    const annotations = this.#labels(field(inner, 'annotations'), 'annotations of the template');
    const podSpec = field(template, 'spec');
    if (podSpec !== null) remarks.map(podSpec, 'spec of the template');
    const replicas = remarks.whole(field(spec, 'replicas'), `replicas of ${name}`, 0, REPLICAS_MAX) ?? 1;
    this.#checkSelector(kind, name, field(spec, 'selector'), labels);
    this.#controllers.push({
      kind,
      name,
      namespace,
      replicas: kind === 'DaemonSet' ? this.#options.nodes.length : replicas,
      template: this.#podTemplate(podSpec, labels, annotations),
      owner: this.#owner(metadata),
      at,
    });
  }

  /** A controller whose selector does not match its own template is refused by the API server. */
  #checkSelector(kind: string, name: string, node: SourceNode | null, labels: Labels): void {
    const remarks = this.#remarks;
    if (isNothing(node)) return;
    const matchLabels = peek(node, 'matchLabels');
    const expressions = field(node, 'matchExpressions');
    if (expressions !== null) plain(expressions);
    const plainForm = kind === 'ReplicationController';
    if (!plainForm) {
      remarks.map(node, `selector of ${name}`);
      if (matchLabels === null) return;
      matchLabels.mark.state = 'read';
    }
    const wanted = this.#labels(plainForm ? node : matchLabels, `selector of ${name}`);
    for (const [key, value] of Object.entries(wanted)) {
      if (labels[key] === value) continue;
      const has = labels[key] === undefined ? `have no label ${key}` : `are labelled ${key}: ${labels[key]}`;
      remarks.fault(node.at, 'selector-mismatch', `${kind} ${name} selects ${key}: ${value}, but its own pods ${has}`);
    }
  }

  #podTemplate(spec: SourceNode | null, labels: Labels, annotations: Labels): PodTemplate {
    const remarks = this.#remarks;
    const ports = new Map<string, number>();
    for (const container of remarks.items(field(spec, 'containers'), 'containers')) {
      remarks.map(container, 'a container');
      const name = field(container, 'name');
      if (name !== null) plain(name);
      for (const port of remarks.items(field(container, 'ports'), 'ports')) {
        remarks.map(port, 'a port');
        const label = remarks.text(field(port, 'name'), 'the name of a port');
        const number = remarks.whole(field(port, 'containerPort'), 'containerPort', 1, 65_535);
        const protocol = field(port, 'protocol');
        if (protocol !== null) plain(protocol);
        if (label !== null && number !== null) ports.set(label, number);
      }
    }
    return {
      labels,
      annotations,
      hostNetwork: remarks.flag(field(spec, 'hostNetwork'), 'hostNetwork') ?? false,
      nodeName: remarks.text(field(spec, 'nodeName'), 'nodeName') || null,
      ports,
    };
  }

  /** Labels and annotations are texts; YAML makes `yes` or `1` something else, which the API server refuses. */
  #labels(node: SourceNode | null, what: string): Labels {
    const remarks = this.#remarks;
    const labels: Record<string, string> = {};
    for (const { key, value } of remarks.entries(node, what)) {
      if (value.kind === 'scalar' && typeof value.value === 'string') labels[key] = value.value;
      else if (value.kind === 'scalar' && value.value === null) labels[key] = '';
      else {
        plain(value);
        const shown = value.kind === 'scalar' ? `, write "${value.text}" in quotes` : '';
        remarks.fault(value.at, 'not-a-text', `${key} in ${what} must be a text${shown}`);
      }
    }
    return labels;
  }

  #owner(metadata: SourceNode | null): string | null {
    const remarks = this.#remarks;
    let owner: string | null = null;
    for (const item of remarks.items(field(metadata, 'ownerReferences'), 'ownerReferences')) {
      plain(item);
      const kind = remarks.text(field(item, 'kind'), 'kind');
      const name = remarks.text(field(item, 'name'), 'name');
      if (kind !== null && name !== null) owner ??= `${kind}/${name}`;
    }
    return owner;
  }
}

/** `{uuid, macAddress, ipAddress, gateway}` as the daemon writes it; anything else is ignored. */
function podState(text: string): { readonly address: Ipv4 | null; readonly mac: Mac | null } {
  const address = /"ipAddress"\s*:\s*"([^"]*)"/.exec(text)?.[1];
  const mac = /"macAddress"\s*:\s*"([^"]*)"/.exec(text)?.[1];
  return { address: address === undefined ? null : parseIpv4(address), mac: mac === undefined ? null : parseMac(mac) };
}
