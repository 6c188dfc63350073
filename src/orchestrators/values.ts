/** Addresses, prefixes, protocols and ports as people write them in templates and manifests. */
import { type Ipv4, parseIpv4 } from '../net/ipv4.ts';
import { type Mac, parseMac } from '../net/mac.ts';
import { formatPrefix, type Ipv4Prefix, maskOf, parsePrefix } from '../net/prefix.ts';
import type { Remarks } from './remarks.ts';
import type { SourceNode } from './source-tree.ts';

export function addressOf(node: SourceNode | null, what: string, remarks: Remarks): Ipv4 | null {
  const text = remarks.text(node, what);
  if (text === null || node === null) return null;
  const address = parseIpv4(text);
  if (address === null) {
    const sixth = text.includes(':') ? ', and IPv6 is not simulated' : '';
    remarks.fault(
      node.at,
      'bad-address',
      `${what} must be an IPv4 address such as 10.0.0.5, not ${text || 'empty'}${sixth}`,
    );
  }
  return address;
}

export function prefixOf(node: SourceNode | null, what: string, remarks: Remarks): Ipv4Prefix | null {
  const text = remarks.text(node, what);
  if (text === null || node === null) return null;
  const prefix = parsePrefix(text);
  if (typeof prefix !== 'string') return prefix;
  if (prefix === 'host-bits') {
    const slash = text.indexOf('/');
    const length = Number(text.slice(slash + 1));
    const meant = (parseIpv4(text.slice(0, slash))! & maskOf(length)) >>> 0; // host bits: the address parsed
    remarks.fault(
      node.at,
      'bad-prefix',
      `${what} has host bits: ${text} is the prefix ${formatPrefix({ address: meant, length })}`,
    );
  } else {
    const sixth = text.includes(':') ? ', and IPv6 is not simulated' : '';
    remarks.fault(
      node.at,
      'bad-prefix',
      `${what} must be a prefix such as 10.0.0.0/24, not ${text || 'empty'}${sixth}`,
    );
  }
  return null;
}

/** A remote in a rule: host bits are cut off and a lone address is itself, as Neutron takes them. */
export function remotePrefixOf(node: SourceNode | null, what: string, remarks: Remarks): Ipv4Prefix | null {
  const text = remarks.text(node, what);
  if (text === null || node === null) return null;
  const slash = text.indexOf('/');
  const address = parseIpv4(slash < 0 ? text : text.slice(0, slash));
  const length = slash < 0 ? 32 : /^\d{1,2}$/.test(text.slice(slash + 1)) ? Number(text.slice(slash + 1)) : 99;
  if (address === null || length > 32) {
    remarks.fault(node.at, 'bad-prefix', `${what} must be a prefix such as 10.0.0.0/24, not ${text || 'empty'}`);
    return null;
  }
  return { address: ((address & maskOf(length)) >>> 0) as Ipv4, length }; // masked, still 32 bits
}

export function macOf(node: SourceNode | null, what: string, remarks: Remarks): Mac | null {
  const text = remarks.text(node, what);
  if (text === null || node === null) return null;
  const mac = parseMac(text);
  if (mac === null)
    remarks.fault(node.at, 'bad-mac', `${what} must be an address such as 02:00:0a:00:00:05, not ${text}`);
  return mac;
}

/** Neutron's names of IP protocols, with their numbers. */
export const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['icmp', 1],
  ['igmp', 2],
  ['ipip', 4],
  ['tcp', 6],
  ['egp', 8],
  ['udp', 17],
  ['dccp', 33],
  ['ipv6-encap', 41],
  ['rsvp', 46],
  ['gre', 47],
  ['esp', 50],
  ['ah', 51],
  ['ipv6-icmp', 58],
  ['icmpv6', 58],
  ['ospf', 89],
  ['pim', 103],
  ['pgm', 113],
  ['vrrp', 112],
  ['sctp', 132],
  ['udplite', 136],
]);

/** A name or 0 to 255; empty or `any`: every protocol (null). Undefined: at fault, and told. */
export function protocolOf(node: SourceNode | null, what: string, remarks: Remarks): number | null | undefined {
  const text = remarks.text(node, what);
  if (text === null || node === null || text === '' || text.toLowerCase() === 'any') return null;
  const named = PROTOCOLS.get(text.toLowerCase());
  if (named !== undefined) return named;
  if (/^\d{1,3}$/.test(text) && Number(text) <= 255) return Number(text);
  remarks.fault(node.at, 'bad-protocol', `${what} is a name such as tcp, udp, icmp or a number up to 255, not ${text}`);
  return undefined;
}
