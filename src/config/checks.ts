/** What contrail-api refuses, repeated for configurations it never saw (OR-5.7, OR-5.5.6). */
import { suggestion } from '../base/nearest.ts';
import { type Diagnostic, fault, placeOf, type SourceSpan } from '../base/result.ts';
import { formatIpv4 } from '../net/ipv4.ts';
import { formatMac } from '../net/mac.ts';
import { contains, formatPrefix, lastAddress, overlaps } from '../net/prefix.ts';
import { formatRouteTarget, type RouteTarget } from '../net/route-target.ts';
import { workloadKey } from './derived.ts';
import { type TargetRange, targetRange } from './numbers.ts';
import type { ClusterIntent, Subnet, VirtualNetwork } from './objects.ts';

export function checkIntent(intent: ClusterIntent, asn: number, known: ReadonlySet<string>): readonly Diagnostic[] {
  const faults: Diagnostic[] = [];
  for (const [type, objects] of [
    ['network', intent.networks],
    ['policy', intent.policies],
    ['security group', intent.securityGroups],
    ['interface', intent.interfaces],
    ['floating IP', intent.floatingIps],
    ['workload', intent.workloads.map((workload) => ({ name: workloadKey(workload), at: workload.at }))],
  ] as const) {
    uniqueNames(type, objects, faults);
  }
  for (const network of intent.networks) {
    if (known.has(network.name)) {
      faults.push(
        fault(network.at, 'duplicate-name', `network ${network.name} exists in every cluster and cannot be made again`),
      );
    }
    checkNetwork(network, asn, faults);
  }
  checkIds('network', intent.networks, faults);
  checkIds('security group', intent.securityGroups, faults);
  checkReferences(intent, faults);
  checkMacs(intent, faults);
  return faults;
}

function uniqueNames(
  type: string,
  objects: readonly { readonly name: string; readonly at: SourceSpan | null }[],
  faults: Diagnostic[],
): void {
  const first = new Map<string, SourceSpan | null>();
  for (const { name, at } of objects) {
    const before = first.get(name);
    if (before === undefined) first.set(name, at);
    else {
      const where = before === null ? '' : ` at ${placeOf(before)}`;
      faults.push(
        fault(at, 'duplicate-name', `${type} ${name} is made a second time, the first is${where || ' elsewhere'}`),
      );
    }
  }
}

function checkNetwork(network: VirtualNetwork, asn: number, faults: Diagnostic[]): void {
  for (const [index, subnet] of network.subnets.entries()) {
    const text = formatPrefix(subnet.prefix);
    for (const other of network.subnets.slice(0, index)) {
      if (overlaps(other.prefix, subnet.prefix)) {
        faults.push(
          fault(
            subnet.at,
            'overlapping-subnets',
            `subnet ${text} overlaps ${formatPrefix(other.prefix)} of the same network ${network.name}`,
          ),
        );
      }
    }
    checkSubnet(network.name, subnet, faults);
  }
  for (const { target, at } of network.targets) {
    if (isReserved(target, asn, targetRange(asn))) {
      const { start, end } = targetRange(asn);
      faults.push(
        fault(
          at,
          'reserved-route-target',
          `${formatRouteTarget(target)} lies in the range ${start} to ${end - 1} that AS ${asn} keeps for automatic route targets`,
        ),
      );
    }
  }
}

/** A longer prefix has no address beside its network, its gateway and its broadcast. */
export const SUBNET_LENGTH_MAX = 30;

function checkSubnet(network: string, subnet: Subnet, faults: Diagnostic[]): void {
  const text = formatPrefix(subnet.prefix);
  if (subnet.prefix.length > SUBNET_LENGTH_MAX) {
    faults.push(
      fault(subnet.at, 'subnet-too-small', `subnet ${text} of network ${network} has no address for a workload`),
    );
    return;
  }
  const { gateway } = subnet;
  if (gateway !== null && !contains(subnet.prefix, gateway)) {
    faults.push(fault(subnet.at, 'gateway-outside', `gateway ${formatIpv4(gateway)} lies outside its subnet ${text}`));
  }
  for (const pool of subnet.pools) {
    const range = `${formatIpv4(pool.first)} to ${formatIpv4(pool.last)}`;
    if (pool.first > pool.last) {
      faults.push(fault(subnet.at, 'bad-pool', `the allocation pool ${range} ends before it starts`));
    } else if (pool.first < subnet.prefix.address || pool.last > lastAddress(subnet.prefix)) {
      faults.push(fault(subnet.at, 'bad-pool', `the allocation pool ${range} leaves its subnet ${text}`));
    } else if (gateway !== null && gateway >= pool.first && gateway <= pool.last) {
      faults.push(
        fault(subnet.at, 'gateway-in-pool', `gateway ${formatIpv4(gateway)} lies in the allocation pool ${range}`),
      );
    }
  }
}

/** Whether a cluster of this AS keeps the target for its own automatic ones. */
export function isReserved(target: RouteTarget, asn: number, range: TargetRange = targetRange(asn)): boolean {
  const type = target.hi >>> 24;
  if (asn > 0xffff) {
    if (type !== 2) return false;
    const administrator = (((target.hi & 0xffff) << 16) | (target.lo >>> 16)) >>> 0;
    const number = target.lo & 0xffff;
    return administrator === asn && number >= range.start && number < range.end;
  }
  return type === 0 && (target.hi & 0xffff) === asn && target.lo >= range.start && target.lo < range.end;
}

function checkIds(
  type: string,
  objects: readonly { readonly name: string; readonly id: number; readonly at: SourceSpan | null }[],
  faults: Diagnostic[],
): void {
  const owners = new Map<number, string>();
  for (const { name, id, at } of objects) {
    if (id === 0) continue;
    const owner = owners.get(id);
    if (owner === undefined) owners.set(id, name);
    else if (owner !== name) {
      faults.push(fault(at, 'duplicate-id', `${type} ${name} asks for id ${id}, which ${owner} has`));
    }
  }
}

function checkReferences(intent: ClusterIntent, faults: Diagnostic[]): void {
  const networks = intent.networks.map(({ name }) => name);
  const policies = intent.policies.map(({ name }) => name);
  const groups = intent.securityGroups.map(({ name }) => name);
  const interfaces = intent.interfaces.map(({ name }) => name);
  const refer = (at: SourceSpan | null, who: string, type: string, name: string, known: readonly string[]): void => {
    faults.push(
      fault(
        at,
        `unknown-${type.replace(' ', '-')}`,
        `${who} refers to ${type} ${name}, which does not exist${suggestion(name, known)}`,
      ),
    );
  };
  const there = {
    networks: new Set(networks),
    policies: new Set(policies),
    groups: new Set(groups),
    interfaces: new Set(interfaces),
  };
  for (const network of intent.networks) {
    for (const { policy, at } of network.policies) {
      if (!there.policies.has(policy)) refer(at, `network ${network.name}`, 'policy', policy, policies);
    }
  }
  for (const one of intent.interfaces) {
    if (!there.networks.has(one.network)) refer(one.at, `interface ${one.name}`, 'network', one.network, networks);
    for (const group of one.securityGroups) {
      if (group !== NO_RULE_GROUP && !there.groups.has(group)) {
        refer(one.at, `interface ${one.name}`, 'security group', group, groups);
      }
    }
    if (!one.portSecurity && one.securityGroups.length > 0) {
      faults.push(
        fault(
          one.at,
          'groups-without-port-security',
          `interface ${one.name} has security groups although its port security is off`,
        ),
      );
    }
  }
  for (const one of intent.floatingIps) {
    if (!there.networks.has(one.network)) refer(one.at, `floating IP ${one.name}`, 'network', one.network, networks);
    for (const attached of one.interfaces) {
      if (!there.interfaces.has(attached.interface)) {
        refer(one.at, `floating IP ${one.name}`, 'interface', attached.interface, interfaces);
      }
    }
  }
  for (const one of intent.workloads) {
    for (const name of one.interfaces) {
      if (!there.interfaces.has(name)) refer(one.at, `${workloadKey(one)}`, 'interface', name, interfaces);
    }
  }
}

/** The group of ports with port security and no group: nothing passes (OR-4.2/7, OR-5.4/6). */
export const NO_RULE_GROUP = 'default-domain:default-project:__no_rule__';

/** A duplicate address in one network is refused (OR-4.2/4). */
function checkMacs(intent: ClusterIntent, faults: Diagnostic[]): void {
  const owners = new Map<string, string>();
  for (const one of intent.interfaces) {
    const key = `${one.network} ${one.mac}`;
    const owner = owners.get(key);
    if (owner === undefined) owners.set(key, one.name);
    else if (owner !== one.name) {
      faults.push(
        fault(
          one.at,
          'duplicate-mac',
          `interfaces ${owner} and ${one.name} of network ${one.network} have the same address ${formatMac(one.mac)}`,
        ),
      );
    }
  }
}
