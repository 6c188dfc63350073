/** What agents are configured with, as tests write it: networks, ports, rules and groups; and packets. */
import type { SourceSpan } from '../../src/base/result.ts';
import { virtualUs } from '../../src/base/time.ts';
import type { Ipv4 } from '../../src/net/ipv4.ts';
import type { Mac } from '../../src/net/mac.ts';
import type { AccessList, AclAddress, AclEntry } from '../../src/policy/access-list.ts';
import type {
  AgentConfig,
  AgentFloatingIp,
  AgentInterface,
  AgentNetwork,
  AgentSecurityGroup,
} from '../../src/vrouter/agent-config.ts';
import type { Packet } from '../../src/vrouter/fate.ts';
import { address, prefix } from '../support/values.ts';

export const DB = 'default-domain:leonardo:leonardodb';
export const WEB = 'default-domain:leonardo:web';
export const PUBLIC = 'default-domain:admin:public';

/** An agent with all that a test leaves unsaid. */
export function agentConfig(
  name: string,
  at: string,
  controlNodes: readonly Ipv4[],
  more: Partial<AgentConfig> = {},
): AgentConfig {
  return {
    name,
    address: address(at),
    controlNodes,
    encapsulationPriorities: ['MPLSoUDP', 'MPLSoGRE', 'VXLAN'],
    xmppHoldTimeSeconds: 90,
    pathPreference: true,
    bare: false,
    startDelay: virtualUs(0),
    quirks: {},
    ...more,
  };
}

export function network(name: string, subnet: string, accessList: AccessList | null = null): AgentNetwork {
  const at = prefix(subnet);
  return {
    name,
    instance: instanceOf(name),
    id: 1,
    subnets: [{ prefix: at, gateway: (at.address + 1) as Ipv4, dns: (at.address + 2) as Ipv4 }], // inside the subnet
    accessList,
  };
}

export function instanceOf(name: string): string {
  return `${name}:${name.split(':').at(-1)}`;
}

export function port(name: string, inNetwork: string, at: string, more: Partial<AgentInterface> = {}): AgentInterface {
  return {
    name,
    workload: `vm:${name}`,
    mac: (0x02_00_00_00_00_00 + address(at)) as Mac, // 48 bits
    network: inNetwork,
    addresses: [address(at)],
    mode: 'active-standby',
    securityGroups: [],
    floatingIps: [],
    policyEnabled: true,
    ...more,
  };
}

export function floatingIp(
  name: string,
  at: string,
  inNetwork: string,
  fixed: string,
  more: Partial<AgentFloatingIp> = {},
): AgentFloatingIp {
  return {
    name,
    address: address(at),
    network: inNetwork,
    fixedAddress: address(fixed),
    direction: 'both',
    portMappings: [],
    ...more,
  };
}

export function rule(
  action: 'pass' | 'deny',
  source: AclAddress,
  destination: AclAddress,
  more: Partial<AclEntry> = {},
): AclEntry {
  return {
    rule: 'rule',
    source,
    destination,
    protocol: null,
    sourcePorts: [],
    destinationPorts: [],
    direction: '>',
    action,
    at: null,
    ...more,
  };
}

export const ANY: AclAddress = { kind: 'any' };

export function inNetwork(name: string): AclAddress {
  return { kind: 'network', name };
}

export function at(file: string, line: number): SourceSpan {
  return { file, line, column: 1 };
}

/** The list of VR-4.6's worked example: `pass tcp A <> B, destination port` on both networks, seen from `own`. */
export function policyList(
  own: string,
  a: string,
  b: string,
  destinationPort: number,
  tail: 'pass' | 'deny' = 'pass',
): AccessList {
  const [from, to] = [inNetwork(a), inNetwork(b)];
  return {
    name: own,
    entries: [
      rule('pass', from, to, {
        rule: 'pass-sql',
        protocol: 6,
        destinationPorts: [{ low: destinationPort, high: destinationPort }],
        direction: '<>',
        at: at('policy.yaml', 7),
      }),
      rule('pass', inNetwork(own), inNetwork(own)),
      ...(tail === 'pass'
        ? [rule('deny', from, to, { rule: 'pass-sql', direction: '<>', at: at('policy.yaml', 7) })]
        : []),
      rule(tail, ANY, ANY),
    ],
  };
}

export function group(
  name: string,
  id: number,
  ingress: readonly AclEntry[],
  egress: readonly AclEntry[],
): AgentSecurityGroup {
  return {
    name,
    id,
    ingress: { name: `${name} ingress`, entries: ingress },
    egress: { name: `${name} egress`, entries: egress },
  };
}

export function packet(from: string, to: string, more: Partial<Packet> = {}): Packet {
  return {
    source: address(from),
    destination: address(to),
    protocol: 6,
    sourcePort: 40000,
    destinationPort: 5432,
    ttl: 64,
    ...more,
  };
}
