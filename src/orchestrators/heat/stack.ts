/**
 * What a stack makes: drafts of configuration objects, found again by id or name, finished into an intent.
 */
import { suggestion } from '../../base/nearest.ts';
import type { SourceSpan } from '../../base/result.ts';
import { emptyIntent } from '../../config/merge.ts';
import type {
  ClusterIntent,
  Interface,
  NetworkPolicy,
  SecurityGroup,
  SecurityGroupRule,
  Subnet,
  VirtualNetwork,
  Workload,
} from '../../config/objects.ts';
import { isUuid, nameUuid, sameUuid } from '../../config/uuid.ts';
import { parseIpv4 } from '../../net/ipv4.ts';
import type { Remarks } from '../remarks.ts';

/** A readonly object while it is still being made. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

export interface NetworkDraft extends Draft<VirtualNetwork> {
  /** The default of its ports. */
  portSecurity: boolean;
}

/** A network that stands outside the stack, or one the stack makes. */
export interface KnownNetwork {
  readonly name: string;
  readonly uuid: string;
  readonly subnets: readonly Subnet[];
  readonly portSecurity: boolean;
}

export class Stack {
  readonly name: string;
  readonly domain: string;
  readonly project: string;
  readonly remarks: Remarks;
  readonly existing: ClusterIntent;
  readonly networks: NetworkDraft[] = [];
  readonly groups: Draft<SecurityGroup>[] = [];
  readonly policies: Draft<NetworkPolicy>[] = [];
  readonly interfaces: Draft<Interface>[] = [];
  readonly workloads: Draft<Workload>[] = [];
  readonly #names = new Set<string>();
  /** Ids of resources that are not modelled: a reference to one is told as such. */
  readonly absent = new Map<string, string>();
  /** Ids of resources at fault: what refers to one is no second fault. */
  readonly faulty = new Set<string>();
  /** How often something referred to one of them. */
  spared = 0;

  constructor(
    cluster: { readonly name: string; readonly domain: string; readonly project: string },
    existing: ClusterIntent,
    remarks: Remarks,
  ) {
    this.name = cluster.name;
    this.domain = cluster.domain;
    this.project = cluster.project;
    this.existing = existing;
    this.remarks = remarks;
    this.groups.push(defaultGroup(cluster.domain, cluster.project));
  }

  /** `domain:project:name` in the stack's own project. */
  fullName(name: string): string {
    return `${this.domain}:${this.project}:${name}`;
  }

  uuid(type: string, resource: string): string {
    return nameUuid('heat', this.domain, this.project, this.name, type, resource);
  }

  /** Takes a name in its list; a second object of the name is refused where Contrail would rename it (OR-4.7/3). */
  addNamed<T extends { readonly name: string; readonly at: SourceSpan | null }>(
    list: T[],
    object: T,
    type: string,
  ): void {
    const key = `${type} ${object.name}`;
    if (this.#names.has(key)) {
      this.remarks.fault(
        object.at,
        'duplicate-name',
        `${type} ${shortName(object.name)} of project ${this.project} is made twice, and Contrail would rename one: give them different names`,
      );
      return;
    }
    this.#names.add(key);
    list.push(object);
  }

  network(reference: string, at: SourceSpan): KnownNetwork | null {
    const own = this.#find(this.networks, reference);
    if (own !== null) return own;
    const visible = this.existing.networks.filter(
      ({ name, shared, external }) => projectOf(name) === `${this.domain}:${this.project}` || shared || external,
    );
    const found = this.#find(visible, reference) ?? this.#find(this.existing.networks, reference, 'exact');
    if (found !== null) return { ...found, portSecurity: true };
    this.#missing(
      'network',
      reference,
      at,
      [...this.networks, ...visible].map(({ name }) => shortName(name)),
    );
    return null;
  }

  /** A subnet of the network, by uuid, name or prefix. */
  subnet(network: KnownNetwork, reference: string, at: SourceSpan): Subnet | null {
    const found = network.subnets.find(({ uuid, name }) => sameUuid(uuid, reference) || name === reference);
    if (found === undefined) {
      const names = network.subnets.flatMap(({ name }) => name ?? []);
      this.#missing(`subnet of network ${shortName(network.name)}`, reference, at, names);
    }
    return found ?? null;
  }

  /** The network that has the subnet. */
  networkOfSubnet(reference: string): { readonly network: KnownNetwork; readonly subnet: Subnet } | null {
    for (const network of [
      ...this.networks,
      ...this.existing.networks.map((one) => ({ ...one, portSecurity: true })),
    ]) {
      const subnet = network.subnets.find(({ uuid, name }) => sameUuid(uuid, reference) || name === reference);
      if (subnet !== undefined) return { network, subnet };
    }
    return null;
  }

  group(reference: string, at: SourceSpan): string | null {
    const mine = this.existing.securityGroups.filter(
      ({ name }) => projectOf(name) === `${this.domain}:${this.project}`,
    );
    const found =
      this.#find(this.groups, reference) ??
      this.#find(mine, reference) ??
      this.#find(this.existing.securityGroups, reference, 'exact');
    if (found !== null) return found.name;
    this.#missing(
      'security group',
      reference,
      at,
      [...this.groups, ...mine].map(({ name }) => shortName(name)),
    );
    return null;
  }

  interface(reference: string, at: SourceSpan): Draft<Interface> | null {
    const found = this.#find(this.interfaces, reference);
    if (found === null)
      this.#missing(
        'port',
        reference,
        at,
        this.interfaces.map(({ name }) => shortName(name)),
      );
    return found;
  }

  policy(reference: string, at: SourceSpan): string | null {
    const found = this.#find(this.policies, reference) ?? this.#find(this.existing.policies, reference);
    if (found !== null) return found.name;
    this.#missing(
      'network policy',
      reference,
      at,
      [...this.policies, ...this.existing.policies].map(({ name }) => shortName(name)),
    );
    return null;
  }

  finish(cluster: string): ClusterIntent {
    return {
      ...emptyIntent(cluster),
      networks: this.networks.map(({ portSecurity: _, ...network }) => network),
      securityGroups: this.groups,
      policies: this.policies,
      interfaces: this.interfaces,
      workloads: this.workloads,
    };
  }

  #find<T extends { readonly name: string; readonly uuid: string }>(
    list: readonly T[],
    reference: string,
    how: 'exact' | 'short' = 'short',
  ): T | null {
    return (
      list.find(({ uuid }) => uuid === reference) ??
      list.find(({ name }) => name === reference || (how === 'short' && shortName(name) === reference)) ??
      (isUuid(reference) ? list.find(({ uuid }) => sameUuid(uuid, reference)) : undefined) ??
      null
    );
  }

  #missing(type: string, reference: string, at: SourceSpan, names: readonly string[]): void {
    if (this.faulty.has(reference)) {
      this.spared++;
      return;
    }
    const absent = this.absent.get(reference);
    const message =
      absent === undefined
        ? `there is no ${type} ${reference}${suggestion(reference, names)}`
        : `this needs ${absent}, which is not modelled, as a ${type}`;
    this.remarks.fault(at, `unknown-${type.split(' ')[0]}`, message);
  }
}

/** What every project has: members of the group reach each other, and everything may leave (OR-4.3/2, VR-4.8.6). */
export function defaultGroup(domain: string, project: string): Draft<SecurityGroup> {
  const name = `${domain}:${project}:default`;
  return {
    name,
    uuid: nameUuid('openstack', 'security-group', name),
    id: 0,
    rules: [
      {
        id: `${name}:ingress`,
        direction: 'ingress',
        protocol: null,
        ports: [],
        remote: { kind: 'group', name },
        at: null,
      },
      egressRule(`${name}:egress`, null),
    ],
    at: null,
  };
}

/** Everything may leave: what a group has until a rule for egress is written (OR-4.3/1). */
export function egressRule(id: string, at: SourceSpan | null): SecurityGroupRule {
  const everywhere = { address: parseIpv4('0.0.0.0')!, length: 0 };
  return { id, direction: 'egress', protocol: null, ports: [], remote: { kind: 'prefix', prefix: everywhere }, at };
}

export function shortName(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}

export function projectOf(name: string): string {
  return name.slice(0, name.lastIndexOf(':'));
}
