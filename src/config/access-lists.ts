/**
 * Network policies become access lists and connections between networks, security groups become two lists each
 * (OR-5.5.8 to OR-5.5.22, OR-5.5.35, OR-5.5.40; VR-4.6).
 */
import { contains } from '../net/prefix.ts';
import type { AccessList, AclAddress, AclEntry, PortRange } from '../policy/access-list.ts';
import type { NetworkPolicy, PolicyAddress, PolicyRule, SecurityGroup, SecurityGroupRule } from './objects.ts';

export const IMPLICIT_ALLOW = 'implicit allow';
export const IMPLICIT_DENY = 'implicit deny';

/** Stands in a connection set for `any`: all networks of the project, and those that name this one (OR-5.5.13). */
export const EVERY_NETWORK = '*';

/** What the transformer knows of a network when it evaluates its policies. */
export interface PolicySubject {
  readonly name: string;
  /** In their sequence (OR-5.5.8). */
  readonly policies: readonly NetworkPolicy[];
  /** The underlay network: closed towards others even without policies (OR-5.5.20). */
  readonly provider: boolean;
}

export interface PolicyOutcome {
  /** null: no policy, everything passes (OR-5.5.18). */
  readonly accessList: AccessList | null;
  /** Networks a pass rule names beside this one, and {@link EVERY_NETWORK}. */
  readonly connections: ReadonlySet<string>;
}

const ANY: AclAddress = { kind: 'any' };

export function evaluatePolicies(subject: PolicySubject, logicalRoutersEnabled: boolean): PolicyOutcome {
  const connections = new Set<string>();
  if (subject.policies.length === 0 && !subject.provider) return { accessList: null, connections };

  const entries: AclEntry[] = [];
  for (const policy of subject.policies) {
    for (const rule of policy.rules) {
      const added: AclEntry[] = [];
      for (const entry of entriesOf(subject.name, rule)) appendThinned(added, entry);
      for (const entry of added) {
        if (appendThinned(entries, entry) && entry.action !== 'deny') connect(subject.name, entry, connections);
      }
    }
  }

  const closing: AclEntry[] = [];
  const self: AclAddress = { kind: 'network', name: subject.name };
  appendThinned(closing, implicit(self, self, '>', 'pass'));
  if (logicalRoutersEnabled) {
    for (const { rule, source, destination, direction, at } of entries) {
      appendThinned(closing, { ...implicit(source, destination, direction, 'deny'), rule, at });
    }
    if (subject.provider) appendThinned(closing, implicit(self, ANY, '<>', 'deny'));
    appendThinned(closing, implicit(ANY, ANY, '>', 'pass'));
  } else {
    appendThinned(closing, implicit(ANY, ANY, '>', 'deny'));
  }
  for (const entry of closing) appendThinned(entries, entry);
  return { accessList: { name: subject.name, entries }, connections };
}

/** Both lists of a group; a rule whose remote group is unknown is skipped, and given to `skipped` (OR-5.5.35). */
export function groupLists(
  group: SecurityGroup,
  idOf: (name: string) => number | null,
  skipped: (rule: SecurityGroupRule) => void,
): { readonly ingress: AccessList; readonly egress: AccessList } {
  const ingress: AclEntry[] = [];
  const egress: AclEntry[] = [];
  for (const rule of group.rules) {
    const remote = remoteAddress(rule, idOf);
    if (remote === null) {
      skipped(rule);
      continue;
    }
    const towards = rule.direction === 'ingress';
    (towards ? ingress : egress).push({
      rule: rule.id,
      source: towards ? remote : ANY,
      destination: towards ? ANY : remote,
      protocol: rule.protocol,
      sourcePorts: [],
      destinationPorts: rule.ports,
      direction: '>',
      action: 'pass',
      at: rule.at,
    });
  }
  return {
    ingress: { name: `${group.name}:ingress-access-control-list`, entries: ingress },
    egress: { name: `${group.name}:egress-access-control-list`, entries: egress },
  };
}

/** The entries one rule gives on one network: none when it does not matter there (OR-5.5.9, OR-5.5.10). */
function entriesOf(self: string, rule: PolicyRule): AclEntry[] {
  const source = aclAddress(self, rule.source);
  const destination = aclAddress(self, rule.destination);
  const onlySubnets = source.kind === 'subnets' && destination.kind === 'subnets';
  if (!isMe(self, source) && !isMe(self, destination) && !onlySubnets) return [];
  const entries: AclEntry[] = [];
  for (const sourcePorts of oneByOne(rule.sourcePorts)) {
    for (const destinationPorts of oneByOne(rule.destinationPorts)) {
      entries.push({
        rule: rule.id,
        source,
        destination,
        protocol: rule.protocol,
        sourcePorts,
        destinationPorts,
        direction: rule.direction,
        action: rule.action,
        at: rule.at,
      });
    }
  }
  return entries;
}

function connect(self: string, entry: AclEntry, connections: Set<string>): void {
  for (const [mine, other] of [
    [entry.destination, entry.source],
    [entry.source, entry.destination],
  ] as const) {
    if (!isMe(self, mine)) continue;
    if (other.kind === 'any') connections.add(EVERY_NETWORK);
    else if (other.kind === 'network' && other.name !== self) connections.add(other.name);
  }
}

/** Adds the entry unless an earlier one covers it; direction and action are not compared (OR-5.5.40, VR-4.6.4). */
function appendThinned(entries: AclEntry[], entry: AclEntry): boolean {
  for (const earlier of entries) {
    if (
      portsWithin(entry.sourcePorts, earlier.sourcePorts) &&
      portsWithin(entry.destinationPorts, earlier.destinationPorts) &&
      (earlier.protocol === null || earlier.protocol === entry.protocol) &&
      addressWithin(entry.source, earlier.source) &&
      addressWithin(entry.destination, earlier.destination)
    ) {
      return false;
    }
  }
  entries.push(entry);
  return true;
}

/** Entries of a policy hold one range or none at a time. */
function portsWithin(inner: readonly PortRange[], outer: readonly PortRange[]): boolean {
  const bound = outer[0];
  if (bound === undefined) return true;
  const range = inner[0];
  return range !== undefined && range.low >= bound.low && range.high <= bound.high;
}

function addressWithin(inner: AclAddress, outer: AclAddress): boolean {
  if (outer.kind === 'subnets') {
    return (
      inner.kind === 'subnets' &&
      inner.prefixes.some((small) =>
        outer.prefixes.some((large) => large.length <= small.length && contains(large, small.address)),
      )
    );
  }
  if (inner.kind === 'subnets') return false;
  return outer.kind === 'any' || (outer.kind === 'network' && inner.kind === 'network' && outer.name === inner.name);
}

function implicit(
  source: AclAddress,
  destination: AclAddress,
  direction: '>' | '<>',
  action: 'pass' | 'deny',
): AclEntry {
  return {
    rule: action === 'pass' ? IMPLICIT_ALLOW : IMPLICIT_DENY,
    source,
    destination,
    protocol: null,
    sourcePorts: [],
    destinationPorts: [],
    direction,
    action,
    at: null,
  };
}

function isMe(self: string, address: AclAddress): boolean {
  return address.kind === 'any' || (address.kind === 'network' && address.name === self);
}

function aclAddress(self: string, address: PolicyAddress): AclAddress {
  switch (address.kind) {
    case 'any':
      return ANY;
    case 'local':
      return { kind: 'network', name: self };
    case 'network':
      return { kind: 'network', name: address.name };
    case 'subnet':
      return { kind: 'subnets', prefixes: [address.prefix] };
  }
}

function remoteAddress(rule: SecurityGroupRule, idOf: (name: string) => number | null): AclAddress | null {
  if (rule.remote.kind === 'any') return ANY;
  if (rule.remote.kind === 'prefix') return { kind: 'subnets', prefixes: [rule.remote.prefix] };
  const id = idOf(rule.remote.name);
  return id === null ? null : { kind: 'group', id };
}

function oneByOne(ranges: readonly PortRange[]): readonly (readonly PortRange[])[] {
  return ranges.length === 0 ? [[]] : ranges.map((range) => [range]);
}
