/**
 * kube-network-manager (Juniper/contrail-kubernetes) of eras K1 to K3: what it makes of pods and services (OR-1.2,
 * OR-1.3). Labels choose networks, services become floating IPs on every selected pod, a network that uses a service is
 * joined to the service's network by a policy.
 *
 * Left out, and in the ledger: era K4, global networks, the minutely consistency check, label changes after creation.
 */
import { suggestion } from '../../base/nearest.ts';
import type { SourceSpan } from '../../base/result.ts';
import { emptyIntent } from '../../config/merge.ts';
import type {
  ClusterIntent,
  FloatingIp,
  Interface,
  NetworkPolicy,
  PolicyRule,
  Service,
  Subnet,
  VirtualNetwork,
  Workload,
} from '../../config/objects.ts';
import { byName } from '../../config/order.ts';
import { macOfUuid, nameUuid } from '../../config/uuid.ts';
import { formatIpv4, type Ipv4, ipv4 } from '../../net/ipv4.ts';
import { contains, formatPrefix, type Ipv4Prefix, lastAddress } from '../../net/prefix.ts';
import { readJson } from '../json.ts';
import type { Remarks } from '../remarks.ts';
import { plain } from '../source-tree.ts';
import type { KubeService, Labels } from './objects.ts';
import type { PlacedPod } from './pods.ts';

export type Era = 'K1' | 'K2' | 'K3';

/** Options of the daemon with their defaults filled in (OR-1.1). */
export interface NetworkManagerOptions {
  readonly era: Era;
  readonly domain: string;
  /** The label that chooses the network, and the one that lists services it may reach. */
  readonly networkLabel: string;
  readonly accessLabel: string;
  readonly privateRange: Ipv4Prefix;
  readonly serviceRange: Ipv4Prefix;
  readonly publicRange: Ipv4Prefix | null;
  /** `domain:project:network`. */
  readonly publicNetwork: string;
  /** `namespace/service` that every pod may reach. */
  readonly clusterServices: readonly string[];
  /** Services of its own namespace that every pod may reach (K3). */
  readonly namespaceServices: readonly string[];
}

/** The registry of pod addresses; its name does not follow the options (OR-1.2/12). */
const ADDRESS_REGISTRY = 'default-domain:default-project:addr-alloc';
const DEFAULT_POD_NETWORK = 'default-network';
const DEFAULT_SERVICE = 'default';
/** Where the daemon attaches a policy (OR-1.3.10). */
const SEQUENCE = { major: 10, minor: 0 } as const;

interface PodNetwork {
  readonly name: string;
  readonly at: SourceSpan;
  readonly policies: Map<string, SourceSpan>;
}

/** One service label value of one namespace: a network, its pool, a policy, and the networks that use it. */
interface ServiceLabel {
  readonly network: string;
  readonly policy: string;
  readonly at: SourceSpan;
  /** Made by a service; else only asked for by pods. */
  exists: boolean;
  readonly users: Map<string, SourceSpan>;
}

export function networkManager(
  cluster: string,
  pods: readonly PlacedPod[],
  services: readonly KubeService[],
  options: NetworkManagerOptions,
  remarks: Remarks,
): ClusterIntent {
  return new NetworkManager(cluster, options, remarks).run(pods, services);
}

class NetworkManager {
  readonly #cluster: string;
  readonly #options: NetworkManagerOptions;
  readonly #remarks: Remarks;
  readonly #networks = new Map<string, PodNetwork>();
  readonly #labels = new Map<string, ServiceLabel>();
  readonly #interfaces: Interface[] = [];
  readonly #workloads: Workload[] = [];
  readonly #floatingIps: FloatingIp[] = [];
  readonly #services: Service[] = [];
  readonly #registry: VirtualNetwork;

  constructor(cluster: string, options: NetworkManagerOptions, remarks: Remarks) {
    this.#cluster = cluster;
    this.#options = options;
    this.#remarks = remarks;
    this.#registry = network(ADDRESS_REGISTRY, [subnet(ADDRESS_REGISTRY, options.privateRange)], null);
  }

  run(pods: readonly PlacedPod[], services: readonly KubeService[]): ClusterIntent {
    for (const service of services) {
      if (service.selector !== null)
        this.#labelOf(service.namespace, serviceLabel(service, this.#options), service.at).exists = true;
    }
    for (const pod of pods) this.#pod(pod);
    const clusterIps = this.#clusterIps(services);
    for (const service of services) this.#service(service, pods, clusterIps);
    const { policies, networks } = this.#finish();
    return {
      ...emptyIntent(this.#cluster),
      networks,
      policies,
      interfaces: this.#interfaces,
      floatingIps: this.#floatingIps,
      workloads: this.#workloads,
      services: this.#services,
    };
  }

  #labelOf(namespace: string, value: string, at: SourceSpan): ServiceLabel {
    const { domain, era } = this.#options;
    const key = `${namespace}/${value}`;
    let label = this.#labels.get(key);
    if (label === undefined) {
      const policy = era === 'K3' ? `__svc_${value}` : value;
      label = {
        network: `${domain}:${namespace}:service-${value}`,
        policy: `${domain}:${namespace}:${policy}`,
        at,
        exists: false,
        users: new Map(),
      };
      this.#labels.set(key, label);
    }
    return label;
  }

  /** A pod's network, interface and address, and the policies its labels ask for (OR-1.2/3 to OR-1.2/5, OR-1.3.9). */
  #pod(pod: PlacedPod): void {
    const { domain, networkLabel, clusterServices, namespaceServices, era } = this.#options;
    const { namespace, template, at } = pod;
    const name = `${domain}:${namespace}:${template.labels[networkLabel] ?? DEFAULT_POD_NETWORK}`;
    let home = this.#networks.get(name);
    if (home === undefined) {
      home = { name, at, policies: new Map() };
      this.#networks.set(name, home);
    }
    const uses: { readonly namespace: string; readonly value: string; readonly asked: boolean }[] = [];
    for (const one of clusterServices) {
      const slash = one.indexOf('/');
      uses.push({ namespace: slash < 0 ? 'default' : one.slice(0, slash), value: one.slice(slash + 1), asked: false });
    }
    if (era === 'K3') for (const value of namespaceServices) uses.push({ namespace, value, asked: false });
    for (const value of this.#accessList(pod)) uses.push({ namespace, value, asked: true });
    for (const use of uses) {
      if (use.asked) this.#checkUse(use.namespace, use.value, pod);
      const label = this.#labelOf(use.namespace, use.value, at);
      label.users.set(name, label.users.get(name) ?? at);
      home.policies.set(label.policy, home.policies.get(label.policy) ?? at);
    }

    const uuid = nameUuid('kubernetes', 'interface', pod.uuid);
    this.#interfaces.push({
      name: interfaceName(this.#options, pod),
      uuid,
      at,
      network: name,
      mac: pod.mac ?? macOfUuid(uuid),
      addresses: [{ address: pod.address, subnet: this.#registry.subnets[0]!.uuid, at }], // made with one subnet
      mode: 'active-active',
      securityGroups: [],
      portSecurity: false,
      policyEnabled: true,
      workload: `pod:${namespace}/${pod.name}`,
    });
    this.#workloads.push({
      kind: 'pod',
      name: pod.name,
      project: namespace,
      uuid: pod.uuid,
      host: pod.host,
      interfaces: [interfaceName(this.#options, pod)],
      labels: template.labels,
      at,
    });
  }

  /** The access label, and from K3 on the annotation: one value or a JSON list (OR-1.3.8). */
  #accessList(pod: PlacedPod): readonly string[] {
    const { accessLabel, era } = this.#options;
    const values: string[] = [];
    const label = pod.template.labels[accessLabel];
    if (label !== undefined) values.push(...accessValues(label));
    const annotation = pod.template.annotations[accessLabel];
    if (annotation === undefined) return values;
    if (era === 'K3') values.push(...accessValues(annotation));
    else {
      const key = `annotation ${accessLabel} of pod ${pod.namespace}/${pod.name}`;
      this.#remarks.warn(pod.at, 'not-modelled', `not modelled: ${key}: the daemon of era ${era} reads the label only`);
    }
    return values;
  }

  #checkUse(namespace: string, value: string, pod: PlacedPod): void {
    if (this.#labels.get(`${namespace}/${value}`)?.exists === true) return;
    const known = [...this.#labels.entries()]
      .filter(([key, label]) => label.exists && key.startsWith(`${namespace}/`))
      .map(([key]) => key.slice(namespace.length + 1));
    this.#remarks.fault(
      pod.at,
      'unknown-service',
      `pod ${namespace}/${pod.name} uses ${value}, but no service of namespace ${namespace} is labelled ${this.#options.networkLabel}: ${value}${suggestion(value, known)}`,
    );
  }

  /** Cluster addresses: given, or the lowest free ones of the service range in order of name (OR-6.2/5). */
  #clusterIps(services: readonly KubeService[]): ReadonlyMap<KubeService, Ipv4> {
    const { serviceRange } = this.#options;
    const remarks = this.#remarks;
    const owners = new Map<number, KubeService>();
    const addresses = new Map<KubeService, Ipv4>();
    const last = lastAddress(serviceRange);
    for (const service of services) {
      if (typeof service.clusterIp !== 'number') continue;
      const shown = `service ${service.namespace}/${service.name} asks for ${formatIpv4(service.clusterIp)}`;
      const owner = owners.get(service.clusterIp);
      if (!contains(serviceRange, service.clusterIp)) {
        remarks.fault(
          service.at,
          'address-outside',
          `${shown}, which lies outside the service range ${formatPrefix(serviceRange)}`,
        );
      } else if (owner !== undefined) {
        remarks.fault(service.at, 'address-in-use', `${shown}, which service ${owner.namespace}/${owner.name} has`);
      } else {
        owners.set(service.clusterIp, service);
        addresses.set(service, service.clusterIp);
      }
    }
    // the first address belongs to the API server, the last ones to the service networks themselves
    let next = serviceRange.address + 2;
    const sorted = [...services].sort((a, b) => byName(a.namespace, b.namespace) || byName(a.name, b.name));
    for (const service of sorted) {
      if (service.clusterIp !== null || service.selector === null || service.type === 'ExternalName') continue;
      while (owners.has(next)) next++;
      if (next > last - 3) {
        remarks.fault(
          service.at,
          'subnet-full',
          `service ${service.namespace}/${service.name} gets no address, because ${formatPrefix(serviceRange)} has none free any more`,
        );
        break;
      }
      owners.set(next, service);
      addresses.set(service, ipv4(next));
    }
    return addresses;
  }

  #service(service: KubeService, pods: readonly PlacedPod[], clusterIps: ReadonlyMap<KubeService, Ipv4>): void {
    const remarks = this.#remarks;
    const { name, namespace, selector, at } = service;
    const shown = `service ${namespace}/${name}`;
    if (selector === null) {
      remarks.warn(at, 'service-without-selector', `${shown} has no selector, so the plug-in makes nothing of it`);
      this.#services.push(this.#serviceObject(service, null, null, null));
      return;
    }
    const label = this.#labelOf(namespace, serviceLabel(service, this.#options), at);
    const members = pods.filter((pod) => pod.namespace === namespace && selects(selector, pod.template.labels));
    this.#warnOfPorts(service, members);
    if (members.length === 0) {
      remarks.note(at, 'no-members', `${shown} selects no pod yet, so it has a network and a policy but no address`);
      this.#services.push(this.#serviceObject(service, label.network, null, null));
      return;
    }
    const interfaces = members
      .map((pod) => ({ interface: interfaceName(this.#options, pod), fixedAddress: null }))
      .sort((a, b) => byName(a.interface, b.interface));
    const clusterIp = clusterIps.get(service) ?? null;
    let clusterFloating: string | null = null;
    if (clusterIp !== null) {
      clusterFloating = `${label.network}:${lastPart(label.network)}:${name}`;
      this.#floatingIps.push(floatingIp(clusterFloating, clusterIp, label.network, interfaces, at));
    }
    const publicFloating = this.#publicAddress(service, interfaces);
    this.#services.push(this.#serviceObject(service, label.network, clusterFloating, publicFloating));
  }

  /** externalIPs[0], else for a load balancer an address of the public network (OR-1.2/9, OR-1.3.16, OR-1.3.27). */
  #publicAddress(service: KubeService, interfaces: FloatingIp['interfaces']): string | null {
    const { publicNetwork, publicRange } = this.#options;
    const remarks = this.#remarks;
    const { name, namespace, externalIps, type, at } = service;
    const shown = `service ${namespace}/${name}`;
    const [asked, ...more] = externalIps;
    if (asked === undefined && type !== 'LoadBalancer') return null;
    if (more.length > 0) {
      remarks.warn(
        at,
        'not-modelled',
        `not modelled: ${shown}: the daemon takes ${formatIpv4(asked!)} alone of its external addresses`,
      ); // more follow the first
    }
    if (publicRange === null) {
      const why = 'the plug-in has no public range';
      remarks.warn(at, 'no-public-range', `${shown} gets no public address, because ${why}`);
      return null;
    }
    const address = asked ?? service.balancerIp;
    if (address !== null && !contains(publicRange, address)) {
      remarks.fault(
        at,
        'address-outside',
        `${shown} asks for ${formatIpv4(address)}, which lies outside the public range ${formatPrefix(publicRange)}`,
      );
      return null;
    }
    const floating = `${publicNetwork}:${lastPart(publicNetwork)}:${namespace}_${name}`;
    this.#floatingIps.push(floatingIp(floating, address, publicNetwork, interfaces, at));
    return floating;
  }

  /** The address is translated one to one: a port that differs from its targetPort does not work (OR-1.3.7). */
  #warnOfPorts(service: KubeService, members: readonly PlacedPod[]): void {
    for (const { port, targetPort, at } of service.ports) {
      const target = typeof targetPort === 'number' ? targetPort : members[0]?.template.ports.get(targetPort);
      if (target === undefined) {
        if (members.length === 0) continue;
        const names = [...members[0]!.template.ports.keys()]; // there are members
        this.#remarks.fault(
          at,
          'unknown-port',
          `the pods of service ${service.name} have no port named ${targetPort}${suggestion(String(targetPort), names)}`,
        );
      } else if (target !== port) {
        this.#remarks.warn(
          at,
          'port-not-mapped',
          `service ${service.namespace}/${service.name} maps port ${port} to ${target}, but this plug-in maps no ports: clients must use ${target}`,
        );
      }
    }
  }

  #serviceObject(
    service: KubeService,
    network: string | null,
    cluster: string | null,
    external: string | null,
  ): Service {
    return {
      name: service.name,
      project: service.namespace,
      clusterIp: typeof service.clusterIp === 'number' ? service.clusterIp : null,
      externalIps: service.externalIps,
      ports: service.ports.map(({ protocol, port, targetPort }) => ({ protocol, port, targetPort })),
      network,
      clusterFloatingIp: cluster,
      publicFloatingIp: external,
      at: service.at,
    };
  }

  /** Networks and policies, once all labels are known (OR-1.3.10, OR-1.3.11). */
  #finish(): { readonly policies: NetworkPolicy[]; readonly networks: VirtualNetwork[] } {
    const { privateRange, serviceRange, publicRange, publicNetwork, era } = this.#options;
    const policies: NetworkPolicy[] = [];
    const networks: VirtualNetwork[] = [];
    if (publicRange !== null || era !== 'K3') {
      networks.push(network(publicNetwork, publicRange === null ? [] : [subnet(publicNetwork, publicRange)], null));
    }
    networks.push(this.#registry);
    for (const { name, at, policies: attached } of this.#networks.values()) {
      const references = [...attached].map(([policy, since]) => ({ policy, ...SEQUENCE, at: since }));
      references.sort((a, b) => byName(a.policy, b.policy));
      networks.push({ ...network(name, [subnet(name, privateRange)], at), policies: references });
    }
    for (const label of this.#labels.values()) {
      const users = [...label.users].sort((a, b) => byName(a[0], b[0]));
      policies.push({
        name: label.policy,
        uuid: nameUuid('kubernetes', 'policy', label.policy),
        at: label.at,
        rules: label.exists ? users.map(([user, at]) => useRule(label, user, at)) : [],
      });
      if (!label.exists) continue;
      const attached = [{ policy: label.policy, ...SEQUENCE, at: label.at }];
      networks.push({ ...network(label.network, [subnet(label.network, serviceRange)], label.at), policies: attached });
    }
    return { policies, networks };
  }
}

/** Pass everything, both ways, between a pod network and the service's (OR-1.3.11). */
function useRule(label: ServiceLabel, user: string, at: SourceSpan): PolicyRule {
  return {
    id: `${label.policy} ${user}`,
    source: { kind: 'network', name: user },
    destination: { kind: 'network', name: label.network },
    protocol: null,
    sourcePorts: [],
    destinationPorts: [],
    direction: '<>',
    action: 'pass',
    at,
  };
}

function serviceLabel(service: KubeService, options: NetworkManagerOptions): string {
  return service.labels[options.networkLabel] ?? DEFAULT_SERVICE;
}

/** Plain equality on all keys (OR-1.3.4). */
export function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

function accessValues(text: string): readonly string[] {
  if (!text.trim().startsWith('[')) return [text];
  const { documents, faults } = readJson({ file: '', text }, 2);
  const value = faults.length === 0 && documents.length === 1 ? plain(documents[0]!) : null; // one document
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : [text];
}

function interfaceName(options: NetworkManagerOptions, pod: PlacedPod): string {
  return `${options.domain}:${pod.namespace}:${pod.name}`;
}

/** Made through the API without allocate-from-start: gateway and service address at the end, filled downwards (OR-1.3.29). */
function subnet(owner: string, prefix: Ipv4Prefix): Subnet {
  const last = lastAddress(prefix);
  return {
    prefix,
    gateway: ipv4(last - 1),
    dns: ipv4(last - 2),
    order: 'descending',
    pools: [],
    uuid: nameUuid('kubernetes', 'subnet', owner, formatPrefix(prefix)),
    at: null,
  };
}

function network(name: string, subnets: readonly Subnet[], at: SourceSpan | null): VirtualNetwork {
  return {
    name,
    uuid: nameUuid('kubernetes', 'network', name),
    at,
    id: 0,
    subnets,
    targets: [],
    policies: [],
    external: false,
    shared: false,
  };
}

/** No direction limit: the pods behind it can open connections with it as well (OR-1.3.13). */
function floatingIp(
  name: string,
  address: Ipv4 | null,
  home: string,
  interfaces: FloatingIp['interfaces'],
  at: SourceSpan,
): FloatingIp {
  return {
    name,
    uuid: nameUuid('kubernetes', 'floating-ip', name),
    address,
    network: home,
    direction: 'both',
    portMappings: [],
    interfaces,
    at,
  };
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}
