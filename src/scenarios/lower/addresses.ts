/**
 * Names and addresses of members that a scenario only counts or names: control nodes from .11, vRouters from .101 of the
 * cluster's underlay; a large cluster gets a wider underlay.
 */
import { type Diagnostic, fault, type SourceSpan } from '../../base/result.ts';
import { formatIpv4, type Ipv4, ipv4, parseIpv4 } from '../../net/ipv4.ts';
import { contains, formatPrefix, type Ipv4Prefix, parsePrefix, prefixOf } from '../../net/prefix.ts';

export interface Member {
  readonly name: string;
  readonly address: Ipv4;
}

export type Members = number | readonly string[] | Readonly<Record<string, string>>;

const FIRST_CONTROL_NODE = 11;
const FIRST_VROUTER = 101;

/** 172.16.10.0/24 for the first cluster, 172.16.20.0/24 for the second, ...; 10.x.0.0/16 where 150 hosts are not enough. */
export function underlayOf(index: number, vrouters: number, stated: string | undefined): Ipv4Prefix {
  const prefix = stated === undefined ? null : parsePrefix(stated);
  if (prefix !== null && typeof prefix === 'object') return prefix;
  if (vrouters <= 150 && index < 24) return prefixOf(ipv4(0xac100000 + (index + 1) * 10 * 256), 24);
  return prefixOf(ipv4(0x0a000000 + (100 + index) * 65_536), 16);
}

export function countOf(members: Members | undefined, unsaid: number): number {
  if (members === undefined) return unsaid;
  return typeof members === 'number' ? members : Array.isArray(members) ? members.length : Object.keys(members).length;
}

export function membersOf(
  kind: 'control' | 'vrouter',
  cluster: string,
  members: Members | undefined,
  unsaid: number,
  underlay: Ipv4Prefix,
  at: SourceSpan,
): { readonly members: readonly Member[]; readonly faults: readonly Diagnostic[] } {
  const first = kind === 'control' ? FIRST_CONTROL_NODE : FIRST_VROUTER;
  const stated = members ?? unsaid;
  const faults: Diagnostic[] = [];
  const give = (name: string, index: number): Member => {
    const address = ipv4(underlay.address + first + index);
    if (!contains(underlay, address)) {
      faults.push(
        fault(at, 'underlay-full', `the underlay ${formatPrefix(underlay)} of ${cluster} has no room for ${name}`),
      );
    }
    return { name, address };
  };
  if (typeof stated === 'number') {
    const stem = kind === 'control' ? `ctl-${cluster}` : `vr-${cluster}`;
    return { members: Array.from({ length: stated }, (_, i) => give(`${stem}-${i + 1}`, i)), faults };
  }
  if (Array.isArray(stated)) return { members: (stated as readonly string[]).map(give), faults }; // a list here is of names
  const entries = Object.entries(stated as Readonly<Record<string, string>>); // the remaining form is the map
  return {
    members: entries.map(([name, text]) => ({ name, address: parseIpv4(text) ?? ipv4(0) })),
    faults,
  };
}

/** Two nodes with one address: the second one is at fault. */
export function duplicateAddresses(nodes: readonly (Member & { readonly at: SourceSpan })[]): Diagnostic[] {
  const owners = new Map<number, string>();
  const names = new Set<string>();
  const faults: Diagnostic[] = [];
  for (const node of nodes) {
    const owner = owners.get(node.address);
    if (owner !== undefined) {
      faults.push(
        fault(node.at, 'duplicate-address', `${node.name} has the address ${formatIpv4(node.address)} of ${owner}`),
      );
    } else owners.set(node.address, node.name);
    if (names.has(node.name))
      faults.push(fault(node.at, 'duplicate-name', `there is already a node called ${node.name}`));
    names.add(node.name);
  }
  return faults;
}
