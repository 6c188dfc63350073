import { describe, expect, it } from 'vitest';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import type { KubernetesRequest } from '../../src/orchestrators/kubernetes.ts';
import { formatEntry } from '../../src/policy/evaluate.ts';
import { derived, faults, intentOf, kube, PLUGIN, pod, rc, STORY, service, tail } from './kubernetes-helpers.ts';
import { said } from './said.ts';

describe('manifests under kube-network-manager', () => {
  it('give a network to each label of pods and of services, a registry of addresses, a public network (OR-1.2, OR-6.5/T11)', () => {
    const { networks } = derived(kube(STORY, { plugin: PLUGIN }));
    expect(
      networks
        .filter(({ system }) => !system)
        .map(({ name, subnets }) => [tail(name), formatIpv4(subnets[0]!.prefix.address)]),
    ).toEqual([
      ['default-project:Public', '100.64.0.0'],
      ['default-project:addr-alloc', '10.0.0.0'],
      ['default:service-store', '10.254.0.0'],
      ['default:service-web', '10.254.0.0'],
      ['default:store', '10.0.0.0'],
      ['default:web', '10.0.0.0'],
    ]);
  });

  it('give every pod an address of one registry, downwards, unique over all networks (OR-1.3.1, OR-1.3.29)', () => {
    const { interfaces } = derived(kube(STORY, { plugin: PLUGIN }));
    expect(
      interfaces.map(({ name, network, addresses }) => [tail(name), tail(network), addresses.map(formatIpv4).join()]),
    ).toEqual([
      ['default:master-1', 'default:store', '10.0.255.252'],
      ['default:slave-1', 'default:store', '10.0.255.251'],
      ['default:slave-2', 'default:store', '10.0.255.250'],
      ['default:web-1', 'default:web', '10.0.255.249'],
      ['default:web-2', 'default:web', '10.0.255.248'],
      ['default:web-3', 'default:web', '10.0.255.247'],
    ]);
    expect(
      interfaces.every(({ mode, securityGroups }) => mode === 'active-active' && securityGroups.length === 0),
    ).toBe(true);
  });

  it('put the address of a service on every pod it selects, and a public one for a load balancer (OR-1.3.5, OR-1.2/9)', () => {
    const { floatingIps, services } = derived(kube(STORY, { plugin: PLUGIN }));
    expect(
      floatingIps.map(({ name, address, interfaces, direction }) => [
        tail(name),
        formatIpv4(address),
        interfaces.length,
        direction,
      ]),
    ).toEqual([
      ['default-project:Public:Public:default_web', '100.64.255.252', 3, 'both'],
      ['default:service-store:service-store:master', '10.254.1.1', 1, 'both'],
      ['default:service-store:service-store:slave', '10.254.0.2', 2, 'both'],
      ['default:service-web:service-web:web', '10.254.0.3', 3, 'both'],
    ]);
    expect(
      services.map(({ name, clusterIp, externalIps }) => [
        name,
        formatIpv4(clusterIp!),
        externalIps.map(formatIpv4).join(),
      ]),
    ).toEqual([
      ['master', '10.254.1.1', ''],
      ['slave', '10.254.0.2', ''],
      ['web', '10.254.0.3', '100.64.255.252'],
    ]);
  });

  it('join a network to the service it uses by one policy, everything both ways, and to nothing else (OR-1.3.10, OR-1.3.11, OR-1.3.13)', () => {
    const { instances, networks } = derived(kube(STORY, { plugin: PLUGIN }));
    const connections = Object.fromEntries(
      instances.map(({ network, connections: all }) => [
        tail(network),
        all.map((name) => tail(name.slice(0, name.lastIndexOf(':')))),
      ]),
    );
    expect(connections).toMatchObject({
      'default:web': ['default:service-store'],
      'default:service-store': ['default:web'],
      'default:store': [],
      'default:service-web': [],
    });
    const list = networks.find(({ name }) => tail(name) === 'default:web')!.accessList!;
    expect(list.entries.map((entry) => formatEntry(entry).replaceAll('default-domain:default:', ''))).toEqual([
      'pass any web <> service-store',
      'pass any web > web',
      'pass any any > any',
    ]);
    expect(networks.find(({ name }) => tail(name) === 'default:web')!.at?.line).toBe(3);
  });

  it('name policies after the service label, and from K3 on with a prefix (OR-1/1, OR-1/3)', () => {
    const names = (era: 'K1' | 'K3') =>
      intentOf(kube(STORY, { plugin: { ...PLUGIN, era, labels: { network: 'name', access: 'uses' } } })).policies.map(
        ({ name }) => tail(name),
      );
    expect(names('K1')).toEqual(['default:store', 'default:web']);
    expect(names('K3')).toEqual(['default:__svc_default', 'default:__svc_store', 'default:__svc_web']);
  });

  it('read other labels when the plug-in is told to, or is of a later era (OR-1.1/8, OR-1.1/9)', () => {
    const later = [
      rc('web', '"opencontrail.org/name": web, "opencontrail.org/services": store'),
      rc('store', '"opencontrail.org/name": store'),
      service('store', '"opencontrail.org/name": store', 'ports: [{ port: 8080 }]'),
    ];
    const names = (plugin: KubernetesRequest['plugin']) =>
      intentOf(kube(later, { plugin })).networks.map(({ name }) => tail(name));
    expect(names({ era: 'K2' })).toEqual([
      'default-project:Public',
      'default-project:addr-alloc',
      'default:service-store',
      'default:store',
      'default:web',
    ]);
    expect(names({ labels: { network: 'app' } })).toContain('default:store');
    expect(names({ era: 'K1' })).toEqual([
      'default-project:Public',
      'default-project:addr-alloc',
      'default:default-network',
      'default:service-default',
    ]);
  });

  it('take a list of services from a label, and from the annotation only in K3 (OR-1.3.8)', () => {
    const services = [
      service('s', 'name: s', 'clusterIP: 10.254.0.9'),
      service('t', 'name: t', 'clusterIP: 10.254.0.10'),
      rc('s', 'name: s'),
      rc('t', 'name: t'),
    ];
    const user = `apiVersion: v1\nkind: Pod\nmetadata: { name: u, labels: { name: u }, annotations: { uses: '["s", "t"]' } }\nspec: {}\n`;
    const used = (era: 'K1' | 'K3') => {
      const result = kube([...services, user], {
        plugin: { era, labels: { network: 'name', access: 'uses' }, namespaceServices: [] },
      });
      return {
        policies: intentOf(result).networks.find(({ name }) => tail(name) === 'default:u')!.policies.length,
        remarks: said(result).join(),
      };
    };
    expect(used('K3').policies).toBe(2);
    expect(used('K1').policies).toBe(0);
    expect(used('K1').remarks).toContain('annotation uses of pod default/u: the daemon of era K1 reads the label only');
  });

  it('let every pod use the services of the cluster, whatever its namespace (OR-1.3.9)', () => {
    const dns = service('dns', 'name: dns', 'clusterIP: 10.254.0.10').replace(
      'name: dns, labels',
      'namespace: kube-system, name: dns, labels',
    );
    const pods = rc('dns', 'name: dns').replace('name: dns }', 'name: dns, namespace: kube-system }');
    const { networks } = intentOf(
      kube([dns, pods, rc('a', 'name: a')], { plugin: { clusterServices: ['kube-system/dns'] } }),
    );
    expect(networks.find(({ name }) => tail(name) === 'default:a')?.policies.map(({ policy }) => tail(policy))).toEqual(
      ['kube-system:dns'],
    );
  });

  it('give a service without pods a network and a policy but no address; headless ones no address either (OR-1.3.6, OR-1.3.24)', () => {
    const none = kube([rc('s', 'name: s', 0), service('s', 'name: s', 'clusterIP: 10.254.0.9')]);
    expect(intentOf(none).networks.map(({ name }) => tail(name))).toContain('default:service-s');
    expect(intentOf(none).floatingIps).toEqual([]);
    expect(derived(none).services[0]?.clusterIp).toBeNull();
    expect(said(none).join()).toContain('selects no pod yet, so it has a network and a policy but no address');
    expect(intentOf(kube([rc('s', 'name: s'), service('s', 'name: s', 'clusterIP: None')])).floatingIps).toEqual([]);
  });

  it('make nothing of a service without a selector (OR-1.3.4)', () => {
    const result = kube(
      'apiVersion: v1\nkind: Service\nmetadata: { name: s, labels: { name: s } }\nspec: { ports: [{ port: 1 }] }\n',
    );
    expect(intentOf(result).networks.map(({ name }) => tail(name))).toEqual([
      'default-project:Public',
      'default-project:addr-alloc',
    ]);
    expect(said(result).join()).toContain('has no selector, so the plug-in makes nothing of it');
  });

  it('take the first external address alone, before the type, and none without a public range (OR-1.3.16, OR-1.3.27)', () => {
    const two = [
      rc('s', 'name: s'),
      service('s', 'name: s', 'type: LoadBalancer, externalIPs: [100.64.0.9, 100.64.0.10]'),
    ];
    const result = kube(two, { plugin: PLUGIN });
    expect(derived(result).services[0]?.externalIps.map(formatIpv4)).toEqual(['100.64.0.9']);
    expect(said(result).join()).toContain('takes 100.64.0.9 alone of its external addresses');
    const bare = kube(two);
    expect(derived(bare).services[0]?.externalIps).toEqual([]);
    expect(said(bare).join()).toContain('gets no public address, because the plug-in has no public range');
    expect(intentOf(kube([], { plugin: { era: 'K3' } })).networks.map(({ name }) => tail(name))).toEqual([
      'default-project:addr-alloc',
    ]);
  });

  it('warn that a port which differs from its target does not work in this design (OR-1.3.7)', () => {
    expect(
      said(kube([rc('s', 'name: s'), service('s', 'name: s', 'ports: [{ port: 80, targetPort: web }]')])).join(),
    ).toContain(
      'm.yaml:14:39 port-not-mapped service default/s maps port 80 to 8080, but this plug-in maps no ports: clients must use 8080',
    );
    expect(
      faults([rc('s', 'name: s'), service('s', 'name: s', 'ports: [{ port: 80, targetPort: wbe }]')])[0],
    ).toContain('the pods of service s have no port named wbe, did you mean web?');
  });
});

describe('pods', () => {
  it('of controllers are name-1, name-2, ... and stand on hosts round robin (OR-2.p2)', () => {
    const deployment = rc('d', 'name: d', 2)
      .replace('apiVersion: v1', 'apiVersion: apps/v1')
      .replace('ReplicationController', 'Deployment')
      .replace('selector: { app: d }', 'selector: { matchLabels: { app: d } }');
    const { workloads } = derived(kube([deployment, pod('p', 'spec: { nodeName: n-2 }\n')]));
    expect(workloads.map(({ key, host, placement }) => [key, host, placement])).toEqual([
      ['pod:default/d-1', 'n-1', 'round-robin'],
      ['pod:default/d-2', 'n-2', 'round-robin'],
      ['pod:default/p', 'n-2', 'asked'],
    ]);
  });

  it('of a DaemonSet stand one on each host', () => {
    const set = rc('d', 'name: d')
      .replace('apiVersion: v1', 'apiVersion: apps/v1')
      .replace('ReplicationController', 'DaemonSet')
      .replace('  selector: { app: d }\n', '');
    expect(intentOf(kube(set, { nodes: ['n-1', 'n-2'] })).workloads.map(({ name, host }) => [name, host])).toEqual([
      ['d-1', 'n-1'],
      ['d-2', 'n-2'],
    ]);
  });

  it('that were exported keep their address, and stand for their controller (OR-6.2/3, OR-1.3.19)', () => {
    const owned = pod(
      'web-x7',
      'spec: {}\nstatus: { podIP: 10.0.0.9, phase: Running }\n',
      ', ownerReferences: [{ kind: ReplicationController, name: web }]',
    );
    const stated = pod(
      'one',
      'spec: {}\n',
      `, annotations: { opencontrail.org/pod-state: '{"uuid":"u","macAddress":"02:00:00:00:00:07","ipAddress":"10.0.0.7","gateway":"10.0.255.254"}' }`,
    );
    const { interfaces } = derived(kube([rc('web', 'name: web', 3), owned, stated]));
    expect(
      interfaces.map(({ name, addresses, mac }) => [
        tail(name),
        addresses.map(formatIpv4).join(),
        mac === 0x020000000007,
      ]),
    ).toEqual([
      ['default:one', '10.0.0.7', true],
      ['default:web-x7', '10.0.0.9', false],
    ]);
  });

  it('of the host network, static pods and pods that have ended get nothing (OR-1.3.23, OR-6.2/6)', () => {
    const result = kube([
      pod('a', 'spec: { hostNetwork: true }\n'),
      pod('b', 'spec: {}\n', ', annotations: { kubernetes.io/config.mirror: x }'),
      pod('c', 'spec: {}\nstatus: { phase: Succeeded }\n'),
    ]);
    expect(intentOf(result).workloads).toEqual([]);
    expect(said(result).map((line) => line.split(' ')[1])).toEqual(['mirror-pod', 'finished-pod', 'host-network']);
  });
});
