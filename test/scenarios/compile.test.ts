import { describe, expect, it } from 'vitest';
import { BASE, changed, faults, ofSteps } from './base-scenario.ts';

it('nothing is wrong with the scenario that these tests change', () => {
  expect(ofSteps('settle: {}')).toEqual([]);
});

describe('parts of a scenario that do not fit together', () => {
  it('an underlay address has one owner, and a name too, wherever they are stated', () => {
    expect(changed('vrouters: [h1, h2]', 'vrouters: { h1: 172.16.10.11, h2: 172.16.10.13 }')).toEqual([
      'f/s.yaml:5:21 duplicate-address: h1 has the address 172.16.10.11 of c1',
    ]);
    expect(changed('nodes: { X: {} }', 'nodes: { X: { address: 172.16.20.11 } }')).toEqual([
      'f/s.yaml:21:13 duplicate-address: X has the address 172.16.20.11 of ctl-west-1',
    ]);
    expect(changed('agents: { a:', 'agents: { c2: { controlNodes: [X] }, a:')).toEqual([
      'f/s.yaml:25:15 duplicate-name: there is already a node called c2',
    ]);
    expect(changed('nodes: { X: {} }', 'nodes: { X: {}, west: {} }')).toEqual([
      'f/s.yaml:14:3 duplicate-name: west is the name of a cluster and of a node',
    ]);
    expect(changed('    asn: 64513', '    asn: 64513\n    underlay: 172.16.10.0/24')).toContain(
      'f/s.yaml:14:3 duplicate-address: ctl-west-1 has the address 172.16.10.11 of c1'.replace('14:3', '15:5'),
    );
  });

  it('subnets of one network do not overlap, and an address is given once and from its subnet', () => {
    expect(changed('10.2.0.0/24', '[10.2.0.0/24, 10.2.0.128/25]')).toEqual([
      'f/s.yaml:8:38 overlapping-subnets: subnet 10.2.0.128/25 overlaps 10.2.0.0/24 of the same network default-domain:shop:data',
    ]);
    expect(changed('host: h2,', 'host: h2, address: 10.7.0.1,')).toEqual([
      'f/s.yaml:13:65 address-outside: interface default-domain:shop:store-port asks for 10.7.0.1, but network default-domain:shop:data has 10.2.0.0/24',
    ]);
    const twice = BASE.replace('network: web, count: 2', 'network: web, address: 10.1.0.9').replace(
      'network: data, host: h2',
      'network: web, address: 10.1.0.9',
    );
    expect(faults(`${twice}steps: [{ start: all }]\n`)).toEqual([
      'f/s.yaml:13:54 address-in-use: interface default-domain:shop:store-port asks for 10.1.0.9, which is taken by interface default-domain:shop:front-port (f/s.yaml:12:54) in network default-domain:shop:web',
    ]);
    expect(changed('network: web, count: 2', 'network: web, count: 2, address: 10.1.0.9')).toEqual([
      'f/s.yaml:12:64 one-address-for-many: one address cannot serve 2 workloads; leave out address or count',
    ]);
  });

  it('hosts, networks and groups that workloads name are there', () => {
    expect(changed('host: h2,', 'host: h7,')).toEqual([
      'f/s.yaml:13:14 unknown-host: vm:shop/store asks for host h7, which is no vRouter of this cluster, did you mean h1?',
    ]);
    expect(changed('network: data,', 'network: dat,')).toEqual([
      'f/s.yaml:13:14 unknown-network: interface default-domain:shop:store-port refers to network default-domain:shop:dat, which does not exist, did you mean default-domain:shop:data?',
    ]);
    expect(changed('[db]', '[bd]')).toEqual([
      'f/s.yaml:13:14 unknown-security-group: interface default-domain:shop:store-port refers to security group default-domain:shop:bd, which does not exist, did you mean default-domain:shop:db?',
    ]);
  });

  it('clusters, nodes, networks and tenants that others name are there, all told together', () => {
    const text = BASE.replace('peers: [east]', 'peers: [eats]')
      .replace('between: [X, s]', 'between: [Y, s]')
      .replace('controlNodes: [X]', 'controlNodes: [Z]')
      .replace('east/project/shop', 'eest/project/shop')
      .replace('west/project/shop', 'west/shop');
    const federation =
      'federation: [ { between: [east, wst] }, { between: [east, east] }, { between: [east, west], peers: [[c1, c2]] } ]\nrouteTargets: [ { networks: [east/shop/wab], target: "target:1:1" } ]\n';
    expect(faults(`${text}${federation}steps: [{ start: all }]\n`)).toEqual([
      'f/s.yaml:20:18 unknown-cluster: there is no cluster called eest, did you mean east?',
      'f/s.yaml:20:37 bad-tenant: a member of a tenant is written cluster/project/name or cluster/namespace/name, and west/shop is not',
      'f/s.yaml:23:25 unknown-node: there is no control node, speaker or gateway called Y, did you mean X?',
      'f/s.yaml:25:31 unknown-node: there is no control node called Z, did you mean X?',
      'f/s.yaml:26:39 unknown-peer: there is no cluster or control node called eats, did you mean east?',
      'f/s.yaml:27:33 unknown-cluster: there is no cluster called wst, did you mean west?',
      'f/s.yaml:27:52 self-federation: east cannot be federated with itself',
      'f/s.yaml:27:101 unknown-node: c1 and c2 are not a control node of east and one of west',
      'f/s.yaml:28:30 unknown-network: there is no network east/shop/wab, did you mean east/shop/web?',
    ]);
  });

  it('pins mean a workload of their cluster, connections an instance, policies a network, tables an endpoint', () => {
    expect(changed('  west:\n', '    pins: { "vm:shop/sore": { host: h1 } }\n  west:\n')).toEqual([
      'f/s.yaml:14:13 no-match: cluster east has no vm:shop/sore, did you mean vm:shop/store?',
    ]);
    expect(changed('instances: { blue: {', 'instances: { blue: { connections: [bleu], nodes: [Y],')).toEqual([
      'f/s.yaml:24:36 unknown-instance: there is no instance called bleu, did you mean blue?',
      'f/s.yaml:24:51 unknown-node: there is no control node called Y, did you mean X?',
    ]);
    expect(
      changed(
        '    workloads:\n      front: { project: shop, network: web, count: 2 }\n      store',
        '    policies: { p: { project: shop, rules: [ { from: wob, to: data } ] } }\n    workloads:\n      front: { project: shop, network: web, count: 2 }\n      store',
      ),
    ).toEqual([
      'f/s.yaml:11:54 unknown-network: there is no network default-domain:shop:wob, did you mean default-domain:shop:web?',
    ]);
    expect(
      faults(
        `${BASE}matrix: { rows: { A: "vm:nope" }, columns: { B: { to: "vm:stoor" } } }\nsteps: [{ start: all }]\n`,
      ),
    ).toEqual([
      expect.stringMatching(/^f\/s\.yaml:27:22 no-match: vm:nope matches nothing; there are /),
      'f/s.yaml:27:55 no-match: vm:stoor matches nothing, did you mean vm:store?',
    ]);
  });

  it('an external prefix is announced by some gateway, an underlay has room for its nodes, and somebody is there', () => {
    expect(faults(`${BASE}external: { office: [198.51.100.0/24] }\nsteps: [{ start: all }]\n`)).toEqual([
      'f/s.yaml:27:21 no-gateway: no gateway announces 198.51.100.0/24, so nobody is external:office',
    ]);
    expect(
      faults('scenario: x\nclusters: { a: { underlay: 10.0.0.0/28, vrouters: 20 } }\nsteps: [{ start: all }]\n'),
    ).toEqual(['f/s.yaml:2:51 underlay-full: the underlay 10.0.0.0/28 of a has no room for vr-a-1']);
    expect(faults('scenario: x\nsteps: [{ start: all }]\n')).toEqual([
      'f/s.yaml:1:1 nobody-there: a scenario has clusters or nodes',
    ]);
  });

  it('two nodes peer once, whichever altitude says so, and one end of a peering may be passive', () => {
    expect(
      changed(
        'peerings: [ { between: [X, s] } ]',
        'peerings: [ { between: [X, s] }, { between: [s, X] }, { between: [c1, c2] }, { between: [c1, mx] }, { between: [c1, s], passive: X } ]',
      ),
    ).toEqual([
      'f/s.yaml:23:45 duplicate-peering: s and X peer already',
      'f/s.yaml:23:66 duplicate-peering: c1 and c2 peer already',
      'f/s.yaml:23:89 duplicate-peering: c1 and mx peer already',
      'f/s.yaml:23:130 no-end: X is no end of this peering; it may be c1 or s',
    ]);
  });

  it('quirks are those that can be turned off', () => {
    expect(
      faults(
        'scenario: x\nquirks: { Q1: false, Q99: true }\nnodes: { X: { quirks: { q1: true } } }\nsteps: [{ start: all }]\n',
      ),
    ).toEqual([
      'f/s.yaml:2:22 unknown-key: Q99 is not a word here; it may be Q1',
      'f/s.yaml:3:25 unknown-key: q1 is not a word here, did you mean Q1?',
    ]);
  });
});
