/**
 * What an access list says of a packet, and which entry says so (VR-4.4, VR-4.6, VR-4.8).
 *
 * Pure functions: the agent's flow setup decides with them, and `why` asks them again. Networks and groups of a packet
 * are those of the *routes* to its two addresses (VR-4.4/D1, VR-4.4/D2), so the verdict depends on what was delivered.
 */
import { contains, formatPrefix } from '../net/prefix.ts';
import type { AccessList, AclAddress, AclEntry, PortRange } from './access-list.ts';

export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;
const DNS_PORT = 53;

/** What a packet is matched by. */
export interface PolicyKey {
  /** Networks of the route to the source; none when there is no route, and then only `any` matches (VR-4.4/D1). */
  readonly sourceNetworks: readonly string[];
  readonly destinationNetworks: readonly string[];
  /** Security groups of the same routes. */
  readonly sourceGroups: readonly number[];
  readonly destinationGroups: readonly number[];
  readonly source: number;
  readonly destination: number;
  readonly protocol: number;
  /** Compared for TCP and UDP only (VR-4.4/D3). */
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** Why a verdict is what it is; small integers for the flow table, named by {@link VERDICT_REASONS}. */
export const NO_LIST = 0;
export const BY_ENTRY = 1;
export const BY_MIRROR = 2;
export const NO_MATCH = 3;
export const GATEWAY_SERVICE = 4;
export const VERDICT_REASONS: readonly string[] = [
  'no access list',
  'entry',
  'mirror of an entry',
  'no entry matches',
  'ICMP or DNS of the gateway',
];

export interface Verdict {
  readonly action: 'pass' | 'deny';
  readonly because: number;
  /** The list and the entry that decided; null where none did. */
  readonly list: AccessList | null;
  readonly entry: AclEntry | null;
}

const PASS_WITHOUT_LIST: Verdict = { action: 'pass', because: NO_LIST, list: null, entry: null };
const PASS_TO_GATEWAY: Verdict = { action: 'pass', because: GATEWAY_SERVICE, list: null, entry: null };

/** One list: the first entry that matches decides, its mirror right after it (VR-4.6.6); none: deny (VR-4.4/C4). */
export function evaluate(list: AccessList | null, key: PolicyKey): Verdict {
  if (list === null) return PASS_WITHOUT_LIST;
  for (const entry of list.entries) {
    if (matches(entry, key)) return { action: entry.action, because: BY_ENTRY, list, entry };
    if (entry.direction === '<>' && matchesMirror(entry, key)) {
      return { action: entry.action, because: BY_MIRROR, list, entry };
    }
  }
  return { action: 'deny', because: NO_MATCH, list, entry: null };
}

/**
 * Several lists as a union, as the groups of one interface are (VR-4.8.3): the first match decides. No list at all
 * passes (VR-0.13, VR-4.8.4); lists without a match deny.
 */
export function evaluateUnion(lists: readonly AccessList[], key: PolicyKey): Verdict {
  if (lists.length === 0) return PASS_WITHOUT_LIST;
  let verdict: Verdict = PASS_WITHOUT_LIST;
  for (const list of lists) {
    verdict = evaluate(list, key);
    if (verdict.because !== NO_MATCH) return verdict;
  }
  return lists.length === 1 ? verdict : { action: 'deny', because: NO_MATCH, list: null, entry: null };
}

/**
 * The verdict that comes before every list: ICMP, and UDP from or to port 53, between a workload and the gateway or DNS
 * address of a subnet of its network pass (VR-4.4/C2, VR-0.14). Null: the lists decide.
 */
export function gatewayVerdict(gatewayAndDns: readonly number[], key: PolicyKey): Verdict | null {
  const served =
    key.protocol === ICMP ||
    (key.protocol === UDP && (key.sourcePort === DNS_PORT || key.destinationPort === DNS_PORT));
  if (!served) return null;
  return gatewayAndDns.includes(key.source) || gatewayAndDns.includes(key.destination) ? PASS_TO_GATEWAY : null;
}

/** `pass tcp app <> db:5432`, as a person reads an entry. */
export function formatEntry(entry: AclEntry): string {
  const protocol = entry.protocol === null ? 'any' : (PROTOCOL_NAMES.get(entry.protocol) ?? `${entry.protocol}`);
  const ends = `${end(entry.source, entry.sourcePorts)} ${entry.direction} ${end(entry.destination, entry.destinationPorts)}`;
  return `${entry.action} ${protocol} ${ends}`;
}

export const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map([
  [ICMP, 'icmp'],
  [TCP, 'tcp'],
  [UDP, 'udp'],
]);

function matches(entry: AclEntry, key: PolicyKey): boolean {
  return (
    (entry.protocol === null || entry.protocol === key.protocol) &&
    addressMatches(entry.source, key.sourceNetworks, key.sourceGroups, key.source) &&
    addressMatches(entry.destination, key.destinationNetworks, key.destinationGroups, key.destination) &&
    (!hasPorts(key.protocol) ||
      (portMatches(entry.sourcePorts, key.sourcePort) && portMatches(entry.destinationPorts, key.destinationPort)))
  );
}

/** The same entry with addresses and ports exchanged. */
function matchesMirror(entry: AclEntry, key: PolicyKey): boolean {
  return (
    (entry.protocol === null || entry.protocol === key.protocol) &&
    addressMatches(entry.destination, key.sourceNetworks, key.sourceGroups, key.source) &&
    addressMatches(entry.source, key.destinationNetworks, key.destinationGroups, key.destination) &&
    (!hasPorts(key.protocol) ||
      (portMatches(entry.destinationPorts, key.sourcePort) && portMatches(entry.sourcePorts, key.destinationPort)))
  );
}

function hasPorts(protocol: number): boolean {
  return protocol === TCP || protocol === UDP;
}

function portMatches(ranges: readonly PortRange[], port: number): boolean {
  if (ranges.length === 0) return true;
  for (const range of ranges) if (port >= range.low && port <= range.high) return true;
  return false;
}

function addressMatches(
  address: AclAddress,
  networks: readonly string[],
  groups: readonly number[],
  value: number,
): boolean {
  switch (address.kind) {
    case 'any':
      return true;
    case 'network':
      return networks.includes(address.name);
    case 'group':
      return groups.includes(address.id);
    case 'subnets':
      for (const prefix of address.prefixes) if (contains(prefix, value)) return true;
      return false;
  }
}

function end(address: AclAddress, ports: readonly PortRange[]): string {
  const range = ports.map(({ low, high }) => (low === high ? `${low}` : `${low}-${high}`)).join(',');
  return range === '' ? addressText(address) : `${addressText(address)}:${range}`;
}

function addressText(address: AclAddress): string {
  switch (address.kind) {
    case 'any':
      return 'any';
    case 'network':
      return address.name;
    case 'group':
      return `group ${address.id}`;
    case 'subnets':
      return address.prefixes.map(formatPrefix).join(',');
  }
}
