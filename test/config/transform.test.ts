import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DerivedCluster } from '../../src/config/derived.ts';
import type { ClusterIntent } from '../../src/config/objects.ts';
import { SYSTEM_NETWORKS, type TransformOptions, transform, transformCluster } from '../../src/config/transform.ts';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import { formatRouteTarget } from '../../src/net/route-target.ts';
import { address, routeTarget } from '../support/values.ts';
import { face, full, group, intent, network, policy, rule, subnet, vm } from './intent.ts';

const OPTIONS: TransformOptions = { asn: 64512, vrouters: ['cmp-1', 'cmp-2', 'cmp-3'] };

function derive(change: Partial<ClusterIntent>, options: Partial<TransformOptions> = {}): DerivedCluster {
  const result = transformCluster(intent(change), { ...OPTIONS, ...options });
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.value;
}

function faultsOf(change: Partial<ClusterIntent>, options: Partial<TransformOptions> = {}): readonly string[] {
  const result = transformCluster(intent(change), { ...OPTIONS, ...options });
  return result.ok ? [] : result.faults.map(({ code }) => code);
}

const instance = (cluster: DerivedCluster, name: string) =>
  cluster.instances.find((one) => one.name === `${full(name)}:${name}`)!;
const targets = (cluster: DerivedCluster, name: string): readonly string[] =>
  instance(cluster, name).targets.map(({ target, mark }) => `${formatRouteTarget(target)} ${mark}`);
const addressOf = (cluster: DerivedCluster, name: string): string =>
  cluster.interfaces
    .find((one) => one.name === full(name))!
    .addresses.map(formatIpv4)
    .join();

describe('routing instances and route targets', () => {
  it('take the name of their network twice and the lowest free target, system instances first (OR-5.5.1, OR-5.5.2)', () => {
    const cluster = derive({ networks: [network('A'), network('B')] });
    expect(instance(cluster, 'A').name).toBe('default-domain:p:A:A');
    expect(
      cluster.instances.map((one) => [one.network.split(':')[2], one.targets.map(({ target }) => target.lo).join()]),
    ).toEqual([
      ['ip-fabric', ''],
      ['ip-fabric', '8000000'],
      ['__link_local__', ''],
      ['dci-network', '8000001'],
      ['default-virtual-network', '8000002'],
      ['A', '8000003'],
      ['B', '8000004'],
    ]);
    expect(targets(cluster, 'A')).toEqual(['target:64512:8000003 both']);
    expect(instance(cluster, 'A').targets[0]?.automatic).toBe(true);
  });

  it('count from 8000 where the AS needs four octets (OR-5.5.2)', () => {
    expect(targets(derive({ networks: [network('A')] }, { asn: 4_200_000_000 }), 'A')).toEqual([
      'target:4200000000:8003 both',
    ]);
  });

  it('start elsewhere, or are pinned, when they were set apart by hand', () => {
    const networks = [network('A'), network('B')];
    expect(targets(derive({ networks }, { firstTarget: 9_000_000 }), 'A')).toEqual(['target:64512:9000003 both']);
    const pinned = derive({ networks }, { targetNumbers: new Map([[`${full('B')}:B`, 8_000_003]]) });
    expect([targets(pinned, 'A'), targets(pinned, 'B')]).toEqual([
      ['target:64512:8000004 both'],
      ['target:64512:8000003 both'],
    ]);
  });

  it('get the three lists of their network; a target imported and exported counts as both (OR-5.5.3)', () => {
    const marks = (['both', 'import', 'export', 'import', 'export'] as const).map((mark, i) => ({
      target: routeTarget(`target:64512:${[1, 2, 3, 4, 4][i]}`),
      mark,
      at: null,
    }));
    expect(targets(derive({ networks: [network('A', { targets: marks })] }), 'A').slice(1)).toEqual([
      'target:64512:1 both',
      'target:64512:2 import',
      'target:64512:3 export',
      'target:64512:4 both',
    ]);
  });

  it('keep their numbers whoever comes or goes, and under another AS of the same width (OR-5.5.5)', () => {
    const before = derive({ networks: [network('A'), network('B'), network('C')] });
    const after = derive({ networks: [network('AA'), network('B'), network('C')] }, { keep: before });
    expect(targets(after, 'B')).toEqual(targets(before, 'B'));
    expect(targets(after, 'AA')).toEqual(targets(before, 'A'));
    expect(after.networks.find(({ name }) => name === full('C'))?.id).toBe(
      before.networks.find(({ name }) => name === full('C'))?.id,
    );
    expect(targets(derive({ networks: [network('C')] }, { keep: before, asn: 64513 }), 'C')).toEqual([
      'target:64513:8000005 both',
    ]);
    expect(targets(derive({ networks: [network('C')] }, { keep: before, asn: 70_000 }), 'C')).toEqual([
      'target:70000:8003 both',
    ]);
  });

  it('refuse a configured target inside the range of the own AS, and only there (OR-5.5.6)', () => {
    const withTarget = (text: string) => ({
      networks: [network('A', { targets: [{ target: routeTarget(text), mark: 'both' as const, at: null }] })],
    });
    expect(faultsOf(withTarget('target:64512:8000000'))).toEqual(['reserved-route-target']);
    expect(faultsOf(withTarget('target:64512:16777215'))).toEqual(['reserved-route-target']);
    expect(faultsOf(withTarget('target:64512:16777216'))).toEqual([]);
    expect(faultsOf(withTarget('target:64512:7999999'))).toEqual([]);
    expect(faultsOf(withTarget('target:64513:8000000'))).toEqual([]);
    expect(faultsOf(withTarget('target:70000:8000'), { asn: 70_000 })).toEqual(['reserved-route-target']);
    expect(faultsOf(withTarget('target:70000:7999'), { asn: 70_000 })).toEqual([]);
  });

  it('warn of a configured target that another cluster will give to its own networks (seed story, trap 1)', () => {
    const foreign = {
      target: routeTarget('target:64513:8000004'),
      mark: 'both' as const,
      at: { file: 's.yaml', line: 3, column: 1 },
    };
    const result = transform([
      { intent: intent({ networks: [network('A', { targets: [foreign] })] }), options: OPTIONS },
      { intent: { ...intent({}), cluster: 'other' }, options: { ...OPTIONS, asn: 64513 } },
    ]);
    expect(result.ok && result.remarks.map(({ code, at }) => [code, at?.line])).toEqual([
      ['foreign-automatic-target', 3],
    ]);
  });
});

describe('connections', () => {
  const both = policy('P', rule('A <> B', { protocol: 6 }));
  it('need a rule on both sides; attached to one network only, no routes leak (OR-5.5.7, OR-5.5.12)', () => {
    const joined = derive({
      networks: [network('A', { attach: ['P'] }), network('B', { attach: ['P'] })],
      policies: [both],
    });
    expect(instance(joined, 'A').connections).toEqual([instance(joined, 'B').name]);
    expect(instance(joined, 'B').connections).toEqual([instance(joined, 'A').name]);
    const oneSided = derive({ networks: [network('A', { attach: ['P'] }), network('B')], policies: [both] });
    expect(instance(oneSided, 'A').connections).toEqual([]);
  });

  it('of any reach the networks of the same project that answer, and no other project (OR-5.5.13)', () => {
    const any = policy('P', rule('A <> any'));
    const mirror = policy('Q', rule('local <> A'));
    const networks = [
      network('A', { attach: ['P'] }),
      network('B', { attach: ['Q'] }),
      network('C'),
      network('default-domain:q:D', { attach: ['Q'] }),
    ];
    const cluster = derive({ networks, policies: [any, mirror] });
    expect(instance(cluster, 'A').connections).toEqual(['default-domain:p:B:B', 'default-domain:q:D:D']);
    const apart = derive({ networks: [networks[0]!, network('default-domain:q:D')], policies: [any, mirror] });
    expect(instance(apart, 'A').connections).toEqual([]);
  });

  it('are symmetric and only among networks that name each other, whatever the policies (OR-5.5.12)', () => {
    const names = ['A', 'B', 'C', 'D'];
    const policies = fc.array(
      fc.record({ a: fc.constantFrom(...names, 'any'), b: fc.constantFrom(...names, 'local'), deny: fc.boolean() }),
      { maxLength: 4 },
    );
    const attachments = fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }), {
      minLength: 4,
      maxLength: 4,
    });
    fc.assert(
      fc.property(policies, attachments, (written, attached) => {
        const all = written.map(({ a, b, deny }, i) =>
          policy(`P${i}`, rule(`${a} <> ${b}`, { action: deny ? 'deny' : 'pass' })),
        );
        const networks = names.map((name, i) =>
          network(name, { attach: [...new Set(attached[i]!)].filter((p) => p < all.length).map((p) => `P${p}`) }),
        );
        const cluster = derive({ networks, policies: all });
        for (const one of cluster.instances) {
          for (const other of one.connections) {
            expect(other).not.toBe(one.name);
            expect(cluster.instances.find(({ name }) => name === other)?.connections).toContain(one.name);
          }
        }
      }),
    );
  });
});

describe('ids', () => {
  it('of networks count from 1 with the system networks first, those of groups from 8000001 with the empty group first (OR-4.3/1, OR-5.4)', () => {
    const cluster = derive({
      networks: [network('A', { id: 40 }), network('B')],
      securityGroups: [group('g'), group('h', { id: 7 })],
    });
    expect(cluster.networks.map(({ id }) => id)).toEqual([1, 2, 3, 4, 40, 5]);
    expect(cluster.networks.filter(({ system }) => system).map(({ name }) => name)).toEqual(SYSTEM_NETWORKS);
    expect(cluster.securityGroups.map(({ name, id }) => [name.split(':')[2], id])).toEqual([
      ['__no_rule__', 8_000_001],
      ['g', 8_000_002],
      ['h', 7],
    ]);
  });
});

describe('workloads', () => {
  const networks = [network('A', { subnets: [subnet('10.0.0.0/24')] })];
  it('are placed round robin in order of name, numbers counted as numbers (OR-4.9.p6)', () => {
    const names = ['db-10', 'db-2', 'web-1'];
    const cluster = derive({
      networks,
      interfaces: names.map((name) => face(name, 'A')),
      workloads: names.map((name) => vm(name)),
    });
    expect(Object.fromEntries(cluster.workloads.map(({ name, host }) => [name, host]))).toEqual({
      'db-2': 'cmp-1',
      'db-10': 'cmp-2',
      'web-1': 'cmp-3',
    });
  });

  it('stay where they are when others come, and go where they are told to', () => {
    const before = derive({ networks, interfaces: [face('b', 'A')], workloads: [vm('b')] });
    const more = { networks, interfaces: [face('a', 'A'), face('b', 'A')] };
    const after = derive({ ...more, workloads: [vm('a'), vm('b')] }, { keep: before });
    expect(after.workloads.find(({ name }) => name === 'b')).toMatchObject({ host: 'cmp-1', placement: 'round-robin' });
    expect(addressOf(after, 'b')).toBe(addressOf(before, 'b'));
    const moved = derive({ ...more, workloads: [vm('a'), vm('b', { host: 'cmp-3' })] }, { keep: after });
    expect(moved.workloads.find(({ name }) => name === 'b')).toMatchObject({ host: 'cmp-3', placement: 'asked' });
    expect(addressOf(moved, 'b')).toBe(addressOf(before, 'b'));
  });

  it('cannot go to a host that is no vRouter, nor anywhere in a cluster without vRouters', () => {
    expect(faultsOf({ workloads: [vm('a', { interfaces: [], host: 'cmp-9' })] })).toEqual(['unknown-host']);
    expect(faultsOf({ workloads: [vm('a', { interfaces: [] })] }, { vrouters: [] })).toEqual(['no-host']);
  });

  it('own their interfaces', () => {
    const cluster = derive({ networks, interfaces: [face('a', 'A'), face('lone', 'A')], workloads: [vm('a')] });
    expect(cluster.interfaces.map(({ workload }) => workload)).toEqual(['vm:p/a', null]);
  });
});

describe('what contrail-api refuses (OR-5.7)', () => {
  const at = { file: 't.yaml', line: 2, column: 3 };
  it('names the second of two objects with one name', () => {
    const result = transformCluster(
      intent({ networks: [network('A', { at }), { ...network('A'), uuid: 'x', at }] }),
      OPTIONS,
    );
    expect(!result.ok && result.faults[0]).toMatchObject({
      code: 'duplicate-name',
      at,
      message: expect.stringContaining('t.yaml:2:3'),
    });
    expect(faultsOf({ networks: [network('default-domain:default-project:ip-fabric')] })).toContain('duplicate-name');
    expect(faultsOf({ workloads: [vm('a', { interfaces: [] }), vm('a', { interfaces: [] })] })).toEqual([
      'duplicate-name',
    ]);
  });

  it('knows subnets that overlap in one network, and lets them overlap between networks (OR-4.1/22)', () => {
    expect(
      faultsOf({ networks: [network('A', { subnets: [subnet('10.0.0.0/24'), subnet('10.0.0.128/25')] })] }),
    ).toEqual(['overlapping-subnets']);
    expect(
      faultsOf({
        networks: [
          network('A', { subnets: [subnet('10.0.0.0/24')] }),
          network('B', { subnets: [subnet('10.0.0.0/24')] }),
        ],
      }),
    ).toEqual([]);
  });

  it('knows gateways and pools that do not fit their subnet', () => {
    const one = (change: Parameters<typeof subnet>[1], text = '10.0.0.0/24') =>
      faultsOf({ networks: [network('A', { subnets: [subnet(text, change)] })] });
    const pool = (first: string, last: string) => ({ pools: [{ first: address(first), last: address(last) }] });
    expect(one({ gateway: address('10.1.0.1') })).toEqual(['gateway-outside']);
    expect(one(pool('10.0.0.9', '10.0.0.5'))).toEqual(['bad-pool']);
    expect(one(pool('10.0.0.9', '10.0.1.5'))).toEqual(['bad-pool']);
    expect(one(pool('10.0.0.1', '10.0.0.5'))).toEqual(['gateway-in-pool']);
    expect(one({}, '10.0.0.0/31')).toEqual(['subnet-too-small']);
    expect(one({ gateway: null })).toEqual([]);
  });

  it('knows references to nothing, and suggests the nearest name', () => {
    const result = transformCluster(
      intent({
        networks: [network('database')],
        interfaces: [face('a', 'databse', { addresses: [], securityGroups: [full('g')] })],
      }),
      OPTIONS,
    );
    expect(!result.ok && result.faults.map(({ message }) => message)).toEqual([
      'interface default-domain:p:a refers to network default-domain:p:databse, which does not exist, did you mean default-domain:p:database?',
      'interface default-domain:p:a refers to security group default-domain:p:g, which does not exist',
    ]);
    expect(faultsOf({ networks: [network('A', { attach: ['P'] })] })).toEqual(['unknown-policy']);
    expect(faultsOf({ workloads: [vm('a')] })).toEqual(['unknown-interface']);
    const floating = { ...floatingIp('f', 'Z'), interfaces: [{ interface: full('i'), fixedAddress: null }] };
    expect(faultsOf({ floatingIps: [floating] })).toEqual(
      expect.arrayContaining(['unknown-network', 'unknown-interface']),
    );
  });

  it('knows groups on a port without port security, equal addresses of interfaces, and equal ids', () => {
    const networks = [network('A')];
    expect(
      faultsOf({
        networks,
        securityGroups: [group('g')],
        interfaces: [face('a', 'A', { portSecurity: false, securityGroups: [full('g')] })],
      }),
    ).toEqual(['groups-without-port-security']);
    const mac = face('a', 'A').mac;
    expect(faultsOf({ networks, interfaces: [face('a', 'A', { mac }), face('b', 'A', { mac })] })).toEqual([
      'duplicate-mac',
    ]);
    expect(faultsOf({ networks: [network('A', { id: 9 }), network('B', { id: 9 })] })).toEqual(['duplicate-id']);
  });
});

const floatingIp = (name: string, home: string) => ({
  name: full(name),
  uuid: name,
  at: null,
  address: null,
  network: full(home),
  direction: 'both' as const,
  portMappings: [],
  interfaces: [] as { interface: string; fixedAddress: null }[],
});

describe('floating addresses', () => {
  const networks = [
    network('A', { subnets: [subnet('10.0.0.0/24')] }),
    network('public', { subnets: [subnet('203.0.113.0/24', { order: 'descending' })] }),
  ];
  it('stand for the fixed address of each interface they are attached to; several give ECMP (OR-4.5/4)', () => {
    const interfaces = [face('a', 'A'), face('b', 'A')];
    const one = {
      ...floatingIp('f', 'public'),
      interfaces: interfaces.map(({ name }) => ({ interface: name, fixedAddress: null })),
    };
    const [derived] = derive({ networks, interfaces, floatingIps: [one] }).floatingIps;
    expect(formatIpv4(derived!.address)).toBe('203.0.113.252');
    expect(derived!.interfaces.map(({ fixedAddress }) => formatIpv4(fixedAddress))).toEqual(['10.0.0.3', '10.0.0.4']);
  });

  it('must lie in their network and say which of several addresses they stand for (OR-4.5/4, OR-5.7)', () => {
    expect(
      faultsOf({ networks, floatingIps: [{ ...floatingIp('f', 'public'), address: address('198.51.100.1') }] }),
    ).toEqual(['address-outside']);
    const two = face('a', 'A', { addresses: [null, null].map(() => ({ address: null, subnet: null, at: null })) });
    const one = { ...floatingIp('f', 'public'), interfaces: [{ interface: two.name, fixedAddress: null }] };
    expect(faultsOf({ networks, interfaces: [two], floatingIps: [one] })).toEqual(['ambiguous-fixed-address']);
  });
});
