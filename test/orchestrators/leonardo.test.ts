import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DerivedCluster } from '../../src/config/derived.ts';
import { emptyIntent } from '../../src/config/merge.ts';
import { transformCluster } from '../../src/config/transform.ts';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import { type ImportRequest, importCluster } from '../../src/orchestrators/import.ts';
import { prefix } from '../support/values.ts';

const FOLDER = 'scenarios/leonardo/';
const source = (file: string) => ({ file, text: readFileSync(FOLDER + file, 'utf8') });
const read = (cluster: string, requests: readonly ImportRequest[], vrouters: readonly string[]): DerivedCluster => {
  const intent = importCluster(emptyIntent(cluster), requests);
  if (!intent.ok) throw new Error(JSON.stringify(intent.faults));
  const derived = transformCluster(intent.value, { asn: 64512, vrouters });
  if (!derived.ok) throw new Error(JSON.stringify(derived.faults));
  return derived.value;
};
const template = (
  change: (text: string) => string = (text) => text,
  parameters: Record<string, unknown> = {},
): DerivedCluster => {
  const { file, text } = source('leonardodb.hot.yaml');
  const request: ImportRequest = {
    kind: 'heat',
    template: { file, text: change(text) },
    environment: source('leonardodb.env.yaml'),
    parameters,
    project: 'leonardo',
  };
  return read('openstack', [request], ['cmp-1', 'cmp-2', 'cmp-3']);
};
const addresses = (cluster: DerivedCluster): readonly string[] =>
  cluster.interfaces.map(({ workload, addresses: all }) => `${workload} ${all.map(formatIpv4).join()}`);
const MANIFESTS: ImportRequest = {
  kind: 'manifests',
  sources: readdirSync(`${FOLDER}manifests`).map((name) => source(`manifests/${name}`)),
  plugin: {
    era: 'K1',
    podRange: prefix('10.150.0.0/16'),
    serviceRange: prefix('10.254.0.0/16'),
    publicRange: prefix('203.0.113.0/24'),
  },
};

describe('the database tier of the story', () => {
  it('has its three servers at the addresses of the listing, given by the allocator (OR-6.3/1)', () => {
    expect(addresses(template())).toEqual([
      'vm:leonardo/PostgreSQL-1 10.0.100.3',
      'vm:leonardo/PostgreSQL-2 10.0.100.4',
      'vm:leonardo/PostgreSQL-3 10.0.100.5',
    ]);
    expect(source('leonardodb.hot.yaml').text).not.toMatch(/10\.0\.100\.[3-9]/);
  });

  it('moves with another prefix, and a fourth server moves those behind it', () => {
    expect(addresses(template(undefined, { database_net_cidr: '10.7.0.0/16' }))[0]).toBe(
      'vm:leonardo/PostgreSQL-1 10.7.0.3',
    );
    const fourth = template((text) => {
      const start = text.indexOf('  postgresql_1_port:');
      const end = text.indexOf('  postgresql_2_port:');
      const extra = text
        .slice(start, end)
        .replaceAll('postgresql_1', 'postgresql_0')
        .replaceAll('PostgreSQL-1', 'PostgreSQL-0');
      return text.slice(0, start) + extra + text.slice(start);
    });
    expect(addresses(fourth)).toEqual([
      'vm:leonardo/PostgreSQL-0 10.0.100.3',
      'vm:leonardo/PostgreSQL-1 10.0.100.4',
      'vm:leonardo/PostgreSQL-2 10.0.100.5',
      'vm:leonardo/PostgreSQL-3 10.0.100.6',
    ]);
  });

  it('stands one server on each host and is open on one port, which a parameter can close', () => {
    expect(template().workloads.map(({ name, host }) => [name, host])).toEqual([
      ['PostgreSQL-1', 'cmp-1'],
      ['PostgreSQL-2', 'cmp-2'],
      ['PostgreSQL-3', 'cmp-3'],
    ]);
    const ports = (cluster: DerivedCluster) =>
      cluster.securityGroups
        .find(({ name }) => name === 'default-domain:leonardo:database')!
        .ingress.entries.map(({ destinationPorts }) => destinationPorts);
    expect(ports(template())).toEqual([[], [{ low: 5432, high: 5432 }]]);
    expect(ports(template(undefined, { open_to_clients: false }))).toEqual([[]]);
  });
});

describe('the pods of the story', () => {
  const cluster = read('kubernetes', [MANIFESTS], ['node-1', 'node-2', 'node-3']);

  it('have addresses from the end of the pod range downwards (OR-1.3.29)', () => {
    expect(addresses(cluster)).toEqual([
      'pod:default/leonardo-1 10.150.255.252',
      'pod:default/leonardo-2 10.150.255.251',
      'pod:default/leonardo-3 10.150.255.250',
      'pod:default/memcached-1 10.150.255.249',
      'pod:default/nginx-1 10.150.255.248',
      'pod:default/nginx-2 10.150.255.247',
      'pod:default/nginx-3 10.150.255.246',
      'pod:other/batch-1 10.150.255.245',
      'pod:other/console 10.150.255.244',
    ]);
  });

  it('are reached by the addresses of their services, nginx from outside as well', () => {
    expect(
      cluster.services.map(({ name, clusterIp, externalIps }) => [
        name,
        formatIpv4(clusterIp!),
        externalIps.map(formatIpv4).join(),
      ]),
    ).toEqual([
      ['leonardo', '10.254.98.15', ''],
      ['memcached', '10.254.77.11', ''],
      ['nginx', '10.254.225.19', '203.0.113.188'],
    ]);
  });

  it('are joined only as they use services: nginx with leonardo, leonardo with memcached', () => {
    const joined = cluster.instances.flatMap(({ network, connections }) =>
      connections.map((other) => `${network.split(':')[2]} - ${other.split(':')[2]}`),
    );
    expect(joined).toEqual([
      'leonardo - service-memcached',
      'nginx - service-leonardo',
      'service-leonardo - nginx',
      'service-memcached - leonardo',
    ]);
  });
});

describe('imports of one cluster', () => {
  const stack = (name: string, resources: string): ImportRequest => ({
    kind: 'heat',
    template: { file: `${name}.yaml`, text: `heat_template_version: 2016-10-14\nresources:\n${resources}` },
    project: 'p',
  });
  const nets = stack(
    'nets',
    '  n: { type: OS::Neutron::Net, properties: { name: shared } }\n  s: { type: OS::Neutron::Subnet, properties: { network: { get_resource: n }, cidr: 10.0.0.0/24 } }\n',
  );
  const ports = stack(
    'ports',
    '  a: { type: OS::Neutron::Port, properties: { network: shared, security_groups: [open] } }\n',
  );
  const groups = stack('groups', '  g: { type: OS::Neutron::SecurityGroup, properties: { name: open } }\n');

  it('may refer to each other, whichever comes first (OR-6.1.4)', () => {
    const orders = [
      [nets, ports, groups],
      [ports, groups, nets],
      [groups, ports, nets],
    ];
    const [first, ...others] = orders.map((order) => importCluster(emptyIntent('c'), order));
    expect(first?.ok).toBe(true);
    for (const other of others) expect(other).toEqual(first);
    const lost = importCluster(emptyIntent('c'), [ports, groups]);
    expect(!lost.ok && lost.faults.map(({ code }) => code)).toEqual(['unknown-network']);
  });

  it('read manifests of one plug-in together, though they stand in two imports', () => {
    if (MANIFESTS.kind !== 'manifests') throw new Error('manifests');
    const [left, right] = [MANIFESTS.sources.slice(0, 2), MANIFESTS.sources.slice(2)];
    const split = read(
      'kubernetes',
      [
        { ...MANIFESTS, sources: right },
        { ...MANIFESTS, sources: left },
      ],
      ['node-1', 'node-2', 'node-3'],
    );
    expect(split).toEqual(read('kubernetes', [MANIFESTS], ['node-1', 'node-2', 'node-3']));
  });
});
