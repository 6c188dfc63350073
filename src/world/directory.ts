/**
 * Names: who and what a selector means (design: `kind:[cluster/][project or namespace/]name`, globs allowed).
 *
 * The directory is made of configuration, never of tables: it says where a packet starts and which address it is aimed
 * at, and nothing about whether it gets there.
 */
import { suggestion } from '../base/nearest.ts';
import { byText } from '../base/order.ts';
import type { DerivedCluster } from '../config/derived.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import { ipv4 } from '../net/ipv4.ts';
import type { Ipv4Prefix } from '../net/prefix.ts';
import { parsePrefix } from '../net/prefix.ts';

export const KINDS = ['vm', 'pod', 'service', 'fip', 'host', 'gateway', 'tenant', 'network', 'external'] as const;

/** Where a packet of an endpoint enters the network. */
export type Start =
  | { readonly kind: 'interface'; readonly host: string; readonly interface: string }
  | { readonly kind: 'gateway'; readonly gateway: string; readonly vrf: string };

/** One thing that can be named: a workload, an address of a service, an external host. */
export interface Endpoint {
  readonly kind: 'vm' | 'pod' | 'service' | 'fip' | 'external';
  /** Full name: `vm:openstack/leonardo/PostgreSQL-1`. */
  readonly name: string;
  readonly cluster: string;
  readonly project: string;
  readonly short: string;
  /** Addresses packets to it are aimed at. */
  readonly addresses: readonly Ipv4[];
  /** Where its own packets start; empty for an address that nobody sends from. */
  readonly starts: readonly Start[];
  /** Networks it stands in, fully qualified. */
  readonly networks: readonly string[];
  /** Full names of the workloads that may answer for it; a workload answers for itself. */
  readonly answeredBy: readonly string[];
}

export interface DirectoryGateway {
  readonly name: string;
  readonly instances: readonly { readonly name: string; readonly external: readonly Ipv4Prefix[] }[];
}

export interface DirectoryInput {
  readonly clusters: readonly DerivedCluster[];
  readonly gateways: readonly DirectoryGateway[];
  /** Tenant to `cluster/project/name` or `cluster/namespace/name`. */
  readonly tenants: Readonly<Record<string, readonly string[]>>;
  /** External name to its prefixes. */
  readonly external: Readonly<Record<string, readonly string[]>>;
}

export class Directory {
  readonly endpoints: readonly Endpoint[];
  private readonly clusters: readonly string[];
  private readonly networks: readonly (Named & { readonly fullName: string })[];
  private readonly tenants: Readonly<Record<string, readonly string[]>>;

  constructor(input: DirectoryInput) {
    this.clusters = input.clusters.map((cluster) => cluster.cluster);
    this.networks = input.clusters.flatMap(({ cluster, networks }) =>
      networks.map((network) => {
        const [, project = '', short = ''] = network.name.split(':');
        return { name: `network:${cluster}/${project}/${short}`, cluster, project, short, fullName: network.name };
      }),
    );
    this.tenants = input.tenants;
    this.endpoints = [...input.clusters.flatMap(endpointsOf), ...externalEndpoints(input)];
  }

  /** The endpoints a selector means, or one sentence on what is wrong with it. */
  select(selector: string): readonly Endpoint[] | string {
    const colon = selector.indexOf(':');
    const kind = selector.slice(0, colon);
    const rest = selector.slice(colon + 1);
    if (colon < 0 || !(KINDS as readonly string[]).includes(kind)) {
      return `${selector} names no kind; a selector is written kind:[cluster/][project/]name with one of ${KINDS.join(', ')}`;
    }
    if (kind === 'host' || kind === 'gateway') {
      return `${selector} is a node: packets are asked for between workloads, services, floating IPs and external hosts`;
    }
    if (kind === 'tenant') return this.ofTenant(rest);
    if (kind === 'network') return this.ofNetwork(selector, rest);
    const candidates = this.endpoints.filter((endpoint) => endpoint.kind === kind);
    return pick(selector, rest, candidates, this.clusters);
  }

  private ofNetwork(selector: string, text: string): readonly Endpoint[] | string {
    const networks = pick(selector, text, this.networks, this.clusters);
    if (typeof networks === 'string') return networks;
    const found = this.endpoints.filter(
      (one) =>
        (one.kind === 'vm' || one.kind === 'pod') &&
        networks.some((network) => network.cluster === one.cluster && one.networks.includes(network.fullName)),
    );
    return found.length > 0 ? found : `${selector} has no workload`;
  }

  private ofTenant(name: string): readonly Endpoint[] | string {
    const names = Object.keys(this.tenants);
    const members = names.filter((tenant) => glob(name, tenant)).flatMap((tenant) => this.tenants[tenant]!);
    if (members.length === 0) return `there is no tenant ${name}${suggestion(name, names) || someOf(names)}`;
    const found = this.endpoints.filter(
      (one) => (one.kind === 'vm' || one.kind === 'pod') && members.some((member) => ofProject(member, one)),
    );
    return found.length > 0 ? found : `tenant:${name} has no workload`;
  }
}

/** Something with a name: `kind:cluster/project/short`. */
interface Named {
  readonly name: string;
  readonly cluster: string;
  readonly project: string;
  readonly short: string;
}

/** What a selector means, or one sentence on what is wrong with it. */
function pick<T extends Named>(
  selector: string,
  text: string,
  candidates: readonly T[],
  clusters: readonly string[],
): readonly T[] | string {
  const parts = text.split('/');
  const name = parts[parts.length - 1]!;
  let found: T[];
  let qualified = false;
  if (parts.length >= 3) {
    qualified = true;
    found = candidates.filter(
      (one) => glob(parts[0]!, one.cluster) && glob(parts.slice(1, -1).join('/'), one.project) && glob(name, one.short),
    );
  } else if (parts.length === 2) {
    found = candidates.filter((one) => glob(parts[0]!, one.project) && glob(name, one.short));
    if (found.length === 0 && clusters.includes(parts[0]!)) {
      qualified = true;
      found = candidates.filter((one) => one.cluster === parts[0] && glob(name, one.short));
    }
  } else found = candidates.filter((one) => glob(name, one.short));
  if (found.length === 0) return nothingFor(selector, parts.length, candidates);
  const places = [...new Set(found.map((one) => one.cluster))].sort(byText);
  if (!qualified && places.length > 1) {
    return `${selector} matches in ${places.join(' and ')}; name the cluster, as in ${found[0]!.name}`;
  }
  return found;
}

/** The nearest name, written as fully as the selector is. */
function nothingFor(selector: string, parts: number, candidates: readonly Named[]): string {
  const kind = selector.slice(0, selector.indexOf(':'));
  if (candidates.length === 0) return `${selector} matches nothing: there is no ${kind} at all`;
  const forms = candidates.map((one) =>
    parts === 1 ? `${kind}:${one.short}` : parts === 2 ? `${kind}:${one.project}/${one.short}` : one.name,
  );
  return `${selector} matches nothing${suggestion(selector, forms) || someOf(candidates.map((one) => one.name))}`;
}

/** `*` stands for any run of characters. */
export function glob(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text;
  const pieces = pattern.split('*');
  let at = pieces[0]!.length;
  if (!text.startsWith(pieces[0]!)) return false;
  const last = pieces[pieces.length - 1]!;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

function ofProject(member: string, endpoint: Endpoint): boolean {
  const [cluster = '', , project = ''] = member.split('/');
  return glob(cluster, endpoint.cluster) && glob(project, endpoint.project);
}

function someOf(names: readonly string[]): string {
  if (names.length === 0) return '';
  if (names.length === 1) return `; there is ${names[0]}`;
  return names.length <= 6
    ? `; there are ${names.join(', ')}`
    : `; there are ${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
}

function endpointsOf(cluster: DerivedCluster): Endpoint[] {
  const interfaces = new Map(cluster.interfaces.map((face) => [face.name, face]));
  const workloadOf = new Map<string, string>();
  const workloads = cluster.workloads.map((workload): Endpoint => {
    const name = `${workload.kind}:${cluster.cluster}/${workload.project}/${workload.name}`;
    const faces = workload.interfaces.flatMap((face) => interfaces.get(face) ?? []);
    for (const face of faces) workloadOf.set(face.name, name);
    return {
      kind: workload.kind,
      name,
      cluster: cluster.cluster,
      project: workload.project,
      short: workload.name,
      addresses: faces.flatMap((face) => face.addresses),
      starts: faces.map((face) => ({ kind: 'interface', host: workload.host, interface: face.name }) as const),
      networks: faces.map((face) => face.network),
      answeredBy: [name],
    };
  });
  const floating = cluster.floatingIps.map((ip): Endpoint => {
    const parts = ip.network.split(':');
    const short = ip.name.slice(ip.name.lastIndexOf(':') + 1);
    return {
      kind: 'fip',
      name: `fip:${cluster.cluster}/${parts[1] ?? ''}/${short}`,
      cluster: cluster.cluster,
      project: parts[1] ?? '',
      short,
      addresses: [ip.address],
      starts: [],
      networks: [ip.network],
      answeredBy: ip.interfaces.flatMap((attachment) => workloadOf.get(attachment.interface) ?? []),
    };
  });
  const services = cluster.services
    .filter((service) => service.clusterIp !== null)
    .map((service): Endpoint => {
      const ip = cluster.floatingIps.find(
        (one) => one.address === service.clusterIp && one.network === service.network,
      );
      return {
        kind: 'service',
        name: `service:${cluster.cluster}/${service.project}/${service.name}`,
        cluster: cluster.cluster,
        project: service.project,
        short: service.name,
        addresses: [service.clusterIp!],
        starts: [],
        networks: service.network === null ? [] : [service.network],
        answeredBy: (ip?.interfaces ?? []).flatMap((attachment) => workloadOf.get(attachment.interface) ?? []),
      };
    });
  return [...workloads, ...services, ...floating];
}

/** A host of the internet: an address of the documentation range that no prefix of ours covers. */
const OUTSIDE_HOST = ipv4(0xc6336409); // 198.51.100.9

function externalEndpoints(input: DirectoryInput): Endpoint[] {
  const names = { internet: ['0.0.0.0/0'], ...input.external };
  return Object.entries(names).flatMap(([short, prefixes]) => {
    const parsedPrefixes = prefixes.map(parsePrefix).filter((prefix) => typeof prefix === 'object');
    const starts = input.gateways.flatMap((gateway) =>
      gateway.instances
        .filter((instance) =>
          instance.external.some((own) =>
            parsedPrefixes.some((p) => p.address === own.address && p.length === own.length),
          ),
        )
        .map((instance) => ({ kind: 'gateway', gateway: gateway.name, vrf: instance.name }) as const),
    );
    if (starts.length === 0) return [];
    const first = parsedPrefixes[0]!;
    return [
      {
        kind: 'external',
        name: `external:${short}`,
        cluster: '',
        project: '',
        short,
        addresses: [first.length === 0 ? OUTSIDE_HOST : ipv4(first.address + (first.length === 32 ? 0 : 1))],
        starts,
        networks: [],
        answeredBy: [`external:${short}`],
      } as const,
    ];
  });
}
