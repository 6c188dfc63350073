/** Reading templates in tests, and what came of them in short words. */
import type { Parsed } from '../../src/base/result.ts';
import type { ClusterIntent } from '../../src/config/objects.ts';
import { transformCluster } from '../../src/config/transform.ts';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import { type HeatRequest, importHeat } from '../../src/orchestrators/heat.ts';
import { said } from './said.ts';

export function heat(text: string, change: Partial<HeatRequest> = {}, existing?: ClusterIntent): Parsed<ClusterIntent> {
  return importHeat('openstack', { template: { file: 'stack.yaml', text }, project: 'leonardo', ...change }, existing);
}

export function intentOf(result: Parsed<ClusterIntent>): ClusterIntent {
  if (!result.ok) throw new Error(said(result).join('\n'));
  return result.value;
}

export const short = (name: string): string => name.slice(name.lastIndexOf(':') + 1);

/** Addresses by short name of the interface, after allocation. */
export function addresses(intent: ClusterIntent): Readonly<Record<string, string>> {
  const result = transformCluster(intent, { asn: 64512, vrouters: ['cmp-1', 'cmp-2', 'cmp-3'] });
  if (!result.ok) throw new Error(said(result).join('\n'));
  return Object.fromEntries(
    result.value.interfaces.map((one) => [short(one.name), one.addresses.map(formatIpv4).join()]),
  );
}

/** A template around resources: `parameters` and `conditions` may be put before them. */
export function template(resources: string, before = '', version = '2016-10-14'): string {
  return `heat_template_version: ${version}\n${before}resources:\n${resources.replace(/^/gm, '  ')}\n`;
}

/** A network with a subnet, as most stories start. */
export const NET = `net:
  type: OS::Neutron::Net
  properties: { name: private }
subnet:
  type: OS::Neutron::Subnet
  properties: { network: { get_resource: net }, cidr: 10.0.100.0/24 }
`;

/** What is said of a template that is wrong. */
export function faulty(text: string, change: Partial<HeatRequest> = {}): readonly string[] {
  const result = heat(text, change);
  if (result.ok) throw new Error(`nothing is wrong with ${text}`);
  return said(result);
}

/** A port on the network of `NET`. */
export const port = (name: string, properties = ''): string => `${name}:
  type: OS::Neutron::Port
  properties: { name: ${name}, network: { get_resource: net }${properties} }
`;

export const server = (name: string, properties: string): string => `${name}:
  type: OS::Nova::Server
  properties: { name: ${name}, ${properties} }
`;
