/** Small intents for tests: networks, policies, interfaces by their short names in project `p`. */
import { emptyIntent } from '../../src/config/merge.ts';
import type {
  ClusterIntent,
  Interface,
  NetworkPolicy,
  PolicyAddress,
  PolicyRule,
  SecurityGroup,
  Subnet,
  VirtualNetwork,
  Workload,
} from '../../src/config/objects.ts';
import { macOfUuid, nameUuid } from '../../src/config/uuid.ts';
import { ipv4 } from '../../src/net/ipv4.ts';
import { lastAddress } from '../../src/net/prefix.ts';
import { prefix } from '../support/values.ts';

export const full = (name: string): string => (name.includes(':') ? name : `default-domain:p:${name}`);

export function subnet(text: string, change: Partial<Subnet> = {}): Subnet {
  const value = prefix(text);
  const up = (change.order ?? 'ascending') === 'ascending';
  const last = lastAddress(value);
  return {
    prefix: value,
    gateway: ipv4(up ? value.address + 1 : last - 1),
    dns: ipv4(up ? value.address + 2 : last - 2),
    order: 'ascending',
    pools: [],
    uuid: nameUuid('test', 'subnet', text, JSON.stringify(change)),
    at: null,
    ...change,
  };
}

export function network(
  name: string,
  change: Partial<VirtualNetwork> & { readonly attach?: readonly string[] } = {},
): VirtualNetwork {
  const { attach, ...rest } = change;
  return {
    name: full(name),
    uuid: nameUuid('test', 'network', full(name)),
    at: null,
    id: 0,
    subnets: [],
    targets: [],
    policies: (attach ?? []).map((policy, i) => ({ policy: full(policy), major: i, minor: 0, at: null })),
    external: false,
    shared: false,
    ...rest,
  };
}

export function end(text: string): PolicyAddress {
  if (text === 'any' || text === 'local') return { kind: text };
  return text.includes('/') ? { kind: 'subnet', prefix: prefix(text) } : { kind: 'network', name: full(text) };
}

/** `a > b` or `a <> b`, any protocol and port unless said. */
export function rule(text: string, change: Partial<PolicyRule> = {}): PolicyRule {
  const match = /^(\S+) (<?>) (\S+)$/.exec(text);
  if (match === null) throw new Error(text);
  return {
    id: text,
    source: end(match[1]!),
    destination: end(match[3]!),
    protocol: null,
    sourcePorts: [],
    destinationPorts: [],
    direction: match[2] === '>' ? '>' : '<>',
    action: 'pass',
    at: null,
    ...change,
  };
}

export function policy(name: string, ...rules: readonly PolicyRule[]): NetworkPolicy {
  return { name: full(name), uuid: nameUuid('test', 'policy', full(name)), at: null, rules };
}

export function face(name: string, home: string, change: Partial<Interface> = {}): Interface {
  const uuid = nameUuid('test', 'interface', full(name));
  return {
    name: full(name),
    uuid,
    at: null,
    network: full(home),
    mac: macOfUuid(uuid),
    addresses: [{ address: null, subnet: null, at: null }],
    mode: 'active-standby',
    securityGroups: [],
    portSecurity: true,
    policyEnabled: true,
    workload: null,
    ...change,
  };
}

export function vm(name: string, change: Partial<Workload> = {}): Workload {
  return {
    kind: 'vm',
    name,
    project: 'p',
    uuid: nameUuid('test', 'vm', name),
    host: null,
    interfaces: [full(name)],
    labels: {},
    at: null,
    ...change,
  };
}

export function group(name: string, change: Partial<SecurityGroup> = {}): SecurityGroup {
  return { name: full(name), uuid: nameUuid('test', 'group', full(name)), at: null, id: 0, rules: [], ...change };
}

export function intent(change: Partial<ClusterIntent>): ClusterIntent {
  return { ...emptyIntent('cluster'), ...change };
}
