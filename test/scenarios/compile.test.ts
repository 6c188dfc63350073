import { describe, expect, it } from 'vitest';
import { compileScenario } from '../../src/scenarios/compile.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { lowerScenario } from '../../src/scenarios/lower/plan.ts';
import { memoryFiles, told } from './files.ts';

const BASE = `scenario: x
clusters:
  east:
    controlNodes: [c1, c2]
    vrouters: [h1, h2]
    networks:
      web: { project: shop, subnet: 10.1.0.0/24 }
      data: { project: shop, subnet: 10.2.0.0/24 }
    securityGroups:
      db: { project: shop, rules: [{ port: tcp/5432 }] }
    workloads:
      front: { project: shop, network: web, count: 2 }
      store: { project: shop, network: data, host: h2, securityGroups: [db] }
  west:
    asn: 64513
    networks:
      web: { project: shop, subnet: 10.9.0.0/24 }
    workloads:
      front: { project: shop, network: web, count: 2 }
tenants: { all: [east/project/shop, west/project/shop], none: [east/project/nobody] }
nodes: { X: {} }
speakers: { s: { asn: 65000, families: [inet-vpn] } }
peerings: [ { between: [X, s] } ]
instances: { blue: { routeTargets: ["target:1:1"] } }
agents: { a: { controlNodes: [X] } }
gateways: { mx: { asn: 65000, peers: [east], instances: { public: { routeTargets: ["target:1:5"], external: [0.0.0.0/0] } } } }
`;

interface Surroundings {
  readonly files?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** What is wrong with a scenario once it is loaded, before anything is played. */
function faults(text: string, { files = {}, input }: Surroundings = {}): string[] {
  const reader = memoryFiles({ 'f/s.yaml': text, ...files });
  const loaded = loadScenario(reader, 'f/s.yaml');
  if (!loaded.ok) return told(loaded.faults);
  const options = {
    files: reader,
    seed: null,
    wire: false,
    input: input ?? null,
    zeroCost: true,
    routeLevelRecord: false,
  };
  const lowered = lowerScenario(loaded.value, options);
  if (!lowered.ok) return told(lowered.faults);
  return told(compileScenario(loaded.value, lowered.value.setting).faults);
}

/** Of steps behind `start: all`; the place is left out, but for the column. */
const ofSteps = (...steps: string[]) =>
  faults(`${BASE}steps:\n  - start: all\n${steps.map((step) => `  - ${step}\n`).join('')}`).map((line) =>
    line.replace(/^f\/s\.yaml:(\d+):/, (_, at) => `${Number(at) - 28}:`),
  );
const ofClaims = (...claims: string[]) =>
  faults(`${BASE}steps:\n  - start: all\n  - expect:\n${claims.map((claim) => `      - ${claim}\n`).join('')}`).map(
    (line) => line.replace(/^f\/s\.yaml:(\d+):/, (_, at) => `${Number(at) - 29}:`),
  );
const changed = (from: string, to: string) => {
  expect(BASE).toContain(from);
  return faults(`${BASE.replace(from, to)}steps:\n  - start: all\n`);
};

it('nothing is wrong with the scenario that these tests change', () => {
  expect(ofSteps('settle: {}')).toEqual([]);
});

describe('a step that names what is not there', () => {
  const cases: readonly (readonly [what: string, steps: readonly string[], ...sentences: string[]])[] = [
    [
      'nodes',
      ['crash: { node: h3 }', 'stop: { node: [c1, c9, c7] }', 'start: { node: foo }', 'clear: { session: [c1, c3] }'],
      '1:20 unknown-node: there is no node called h3, did you mean h1?',
      '2:19 unknown-node: there is no node called c9, did you mean c1?',
      '2:19 unknown-node: there is no node called c7, did you mean c1?',
      '3:20 unknown-node: there is no node called foo',
      '4:23 unknown-node: there is no node called c3, did you mean c1?',
    ],
    [
      'a cluster, or a cut that is none',
      [
        'cut: { sessions: [easd, west] }',
        'heal: { sessions: [east, west] }',
        'cut: { sessions: [east, east] }',
        'cut: { underlay: [h1, c1] }',
        'heal: { underlay: [c1, h1] }',
        'heal: { underlay: [c1, h1] }',
      ],
      '1:23 unknown-node: there is no node or cluster called easd, did you mean east?',
      '2:23 nothing-cut: there is no cut of the sessions between east and west to heal',
      '3:22 no-link: there is nothing to cut between east and itself',
      '6:23 nothing-cut: there is no cut of the underlay between c1 and h1 to heal',
    ],
    [
      'an agent or an instance',
      [
        'subscribe: { agent: b, instance: blue }',
        'publish: { agent: h1, instance: blue, prefix: 10.0.0.0/24 }',
        'subscribe: { agent: a, instance: bleu }',
        'unsubscribe: { agent: a, instance: bleu, raw: true }',
      ],
      '1:25 unknown-agent: there is no bare agent called b, did you mean a?',
      '2:23 unknown-agent: there is no bare agent called h1',
      '3:38 unknown-instance: there is no instance called bleu, did you mean blue?',
    ],
    [
      'a speaker, or a family it does not offer, or addresses there are not',
      [
        'announce: { speaker: t, prefix: "1.1.1.1:1:10.0.0.0/24" }',
        'withdraw: { speaker: X, prefix: "1.1.1.1:1:10.0.0.0/24" }',
        'announce: { speaker: s, prefix: "64512:target:1:1" }',
        'announce: { speaker: s, prefix: "1.1.1.1:1:255.255.255.0/24", count: 2 }',
        'endOfRib: { speaker: t }',
      ],
      '1:26 unknown-speaker: there is no raw speaker called t, did you mean s?',
      '2:26 unknown-speaker: there is no raw speaker called X, did you mean s?',
      '3:37 not-offered: s does not offer the family route-target',
      '4:74 series-too-long: 2 prefixes from 255.255.255.0/24 go beyond the last address there is',
      '5:26 unknown-speaker: there is no raw speaker called t, did you mean s?',
    ],
    [
      'octets',
      ['raw: { from: s, to: Y, hex: "ff" }', 'raw: { from: s, hex: "fff" }', 'raw: { from: s, hex: "zz" }'],
      '1:25 unknown-node: there is no node called Y, did you mean X?',
      '2:26 bad-hex: hex is an even number of digits 0-9 and a-f',
      '3:26 bad-hex: hex is an even number of digits 0-9 and a-f',
    ],
    [
      'a target, or what it is to be a target of',
      [
        'target: { network: east/shop/wbe, add: "target:1:1" }',
        'target: { network: shop/web, add: "target:1:1" }',
        'target: { network: blu, add: "target:1:1" }',
        'target: { network: blue, remove: "target:1:9" }',
        'target: { network: east/shop/web, remove: "target:1:9" }',
        'target: { network: south/shop/web, add: "target:1:9" }',
        'target: { network: east/shop/web, add: "target:64512:8000001" }',
      ],
      '1:24 unknown-network: there is no network east/shop/wbe, did you mean east/shop/web?',
      '2:24 unknown-network: shop/web is a network of east and west; name the cluster',
      '3:24 unknown-network: there is no network or instance called blu, did you mean blue?',
      '4:38 unknown-target: blue has no target target:1:9',
      '5:47 unknown-target: east/shop/web has no target target:1:9',
      '6:24 unknown-network: there is no cluster called south',
      '7:13 reserved-route-target: target:64512:8000001 lies in the range 8000000 to 16777215 that AS 64512 keeps for automatic route targets',
    ],
    [
      'an instance that can come or go',
      [
        'instance: { name: red, deleted: true }',
        'instance: { name: blue, created: true }',
        'instance: { name: blue, deleted: true }',
        'instance: { name: blue, deleted: true }',
        'instance: { name: "default-domain:shop:web:web", deleted: true }',
      ],
      '1:23 unknown-instance: the scenario states no instance red',
      '2:23 no-change: instance blue is there already',
      '4:23 no-change: instance blue is not there by now',
      '5:23 unknown-instance: the scenario states no instance default-domain:shop:web:web',
    ],
    [
      'a workload, or where it is to go',
      [
        'move: { workload: "vm:shop/store", to: h9 }',
        'move: { workload: "vm:shop/stroe", to: h1 }',
        'move: { workload: "vm:shop/front-*", to: h1 }',
        'move: { workload: "vm:east/shop/front-*", to: h1 }',
        'delete: { workload: "vm:east/shop/store" }',
        'delete: { workload: "vm:shop/store" }',
      ],
      '1:44 unknown-host: cluster east has no vRouter h9, did you mean h1?',
      '2:23 no-match: vm:shop/stroe matches nothing, did you mean vm:shop/store?',
      '3:23 no-match: vm:shop/front-* matches in east and west; name the cluster, as in vm:east/shop/front-1',
      '4:23 no-match: vm:east/shop/front-* means 2 things; one virtual machine or pod is wanted here',
      '6:25 no-match: vm:shop/store matches nothing; there are vm:east/shop/front-1, vm:east/shop/front-2, vm:west/shop/front-1, vm:west/shop/front-2',
    ],
    [
      'a controller',
      [
        'scale: { controller: "vm:shop/front", replicas: 3 }',
        'scale: { controller: "vm:east/shop/store", replicas: 3 }',
        'scale: { controller: "tenant:all", replicas: 3 }',
      ],
      '1:26 unknown-controller: vm:shop/front-* matches in east and west; name the cluster, as in vm:east/shop/front-1',
      '2:26 unknown-controller: vm:east/shop/store has no member: nothing is called store-1, store-2 and so on',
      '3:26 unknown-controller: tenant:all is no controller of workloads; one is written vm:... or pod:...',
    ],
    [
      'a security group, or whom it is to admit',
      [
        'securityGroup: { name: db, remove: {} }',
        'securityGroup: { name: east/shop/dbx, remove: {} }',
        'securityGroup: { name: easd/shop/db, remove: {} }',
        'securityGroup: { name: east/shop/db, add: { remote: bd } }',
        'securityGroup: { name: east/shop/db, add: { remote: no } }',
      ],
      '1:28 unknown-security-group: a security group is written cluster/project/name',
      '2:28 unknown-security-group: there is no security group east/shop/dbx, did you mean east/shop/db?',
      '3:28 unknown-security-group: there is no security group easd/shop/db, did you mean east/shop/db?',
      '4:57 bad-remote: bd is neither a prefix nor a group of shop, did you mean db?',
      '5:57 bad-remote: no is neither a prefix nor a group of shop',
    ],
    [
      'a cluster, network or host for a new workload, or a name that is free',
      [
        'create: { name: z, network: web }',
        'create: { cluster: eest, name: z, network: web }',
        'create: { cluster: east, name: z, network: web }',
        'create: { cluster: east, name: store, network: web, project: shop }',
        'create: { cluster: east, name: y, network: web, project: shop, count: 3, address: 10.1.0.9 }',
        'create: { cluster: east, name: y, network: web, project: shop, host: h9 }',
      ],
      '1:13 which-cluster: say in which cluster: east or west',
      '2:24 unknown-cluster: there is no cluster called eest, did you mean east?',
      '3:13 unknown-network: interface default-domain:default:z-port refers to network default-domain:default:web, which does not exist, did you mean default-domain:shop:web?',
      '4:36 duplicate-name: vm:shop/store is there already',
      '5:87 one-address-for-many: one address cannot serve 3 workloads; leave out address or count',
      '6:13 unknown-host: vm:shop/y asks for host h9, which is no vRouter of this cluster, did you mean h1?',
    ],
    [
      'a node in a repetition, told once',
      ['repeat: { times: 3, steps: [ { crash: { node: h3 } } ] }'],
      '1:51 unknown-node: there is no node called h3, did you mean h1?',
    ],
  ];
  it.each(cases)('%s', (_, steps, ...sentences) => {
    expect(ofSteps(...steps)).toEqual(sentences);
  });

  it('a network too small for what it is scaled to is told at the step', () => {
    const told = ofSteps('scale: { controller: "vm:east/shop/front", replicas: 255 }');
    expect(told).toEqual([
      '1:26 subnet-full: interface default-domain:shop:front-253-port gets no address, because 10.1.0.0/24 has none free any more; nor do 2 more like it',
    ]);
  });
});

describe('a claim about what is not there', () => {
  const cases: readonly (readonly [what: string, claims: readonly string[], ...sentences: string[]])[] = [
    [
      'endpoints',
      [
        'reachable: { from: "vm:front-1", to: "vm:east/shop/store" }',
        'reachable: { from: "vm:east/shop/frint-1", to: "vm:shop/stor" }',
        'reachable: { from: "pod:x", to: "vm:store" }',
        'reachable: { from: "tenant:al", to: "tenant:none" }',
        'reachable: { from: "network:shop/web", to: "network:east/shop/wab" }',
        'reachable: { from: "host:h1", to: "vm:store" }',
        'reachable: { from: "external:office", to: "vm:store" }',
        'members: { from: "vm:east/shop/front-*", to: "vm:store", count: 2 }',
        'address: { of: "vm:west/shop/front-7", is: 10.0.0.1 }',
        'isolated: ["tenant:all", "vm:east/shop/nobody"]',
      ],
      '1:28 no-match: vm:front-1 matches in east and west; name the cluster, as in vm:east/shop/front-1',
      '2:28 no-match: vm:east/shop/frint-1 matches nothing, did you mean vm:east/shop/front-1?',
      '2:56 no-match: vm:shop/stor matches nothing, did you mean vm:shop/store?',
      '3:28 no-match: pod:x matches nothing: there is no pod at all',
      '4:28 no-match: there is no tenant al, did you mean all?',
      '4:45 no-match: tenant:none has no workload',
      '5:28 no-match: network:shop/web matches in east and west; name the cluster, as in network:east/shop/web',
      '5:52 no-match: network:east/shop/wab matches nothing, did you mean network:east/shop/web?',
      '6:28 no-match: host:h1 is a node: packets are asked for between workloads, services, floating IPs and external hosts',
      '7:28 no-match: external:office matches nothing; there is external:internet',
      '8:26 no-match: vm:east/shop/front-* means 2 things; one is wanted here',
      '9:24 no-match: vm:west/shop/front-7 matches nothing, did you mean vm:west/shop/front-1?',
      '10:34 no-match: vm:east/shop/nobody matches nothing, did you mean vm:east/shop/store?',
    ],
    [
      'drop reasons and hosts',
      [
        'unreachable: { from: "vm:store", to: "vm:east/shop/front-1", reason: NoDstRT }',
        'path: { from: "vm:store", to: "vm:east/shop/front-1", hosts: [h7] }',
        'path: { from: "vm:store", to: "vm:east/shop/front-1", hosts: [h1], dropped: NoSrcRT }',
      ],
      '1:78 unknown-reason: NoDstRT is no drop reason, did you mean NoDstRt?',
      '2:70 unknown-node: there is no node called h7, did you mean h1?',
      '3:85 unknown-reason: NoSrcRT is no drop reason, did you mean NoSrcRt?',
    ],
    [
      'tables',
      [
        'route: { prefix: 10.0.0.0/24 }',
        'route: { node: c1, agent: h1, instance: blue, prefix: 10.0.0.0/24 }',
        'route: { node: c1, prefix: 10.0.0.0/24 }',
        'route: { agent: h1, prefix: 10.0.0.0/24 }',
        'route: { agent: c1, instance: east/shop/web, prefix: 10.0.0.0/24 }',
        'route: { node: h1, instance: east/shop/web, prefix: 10.0.0.0/24 }',
        'route: { node: c1, table: bgp.l3vpn, prefix: 10.0.0.0/24 }',
        'route: { node: X, instance: bleu, prefix: 10.0.0.0/24 }',
        'route: { node: mx, instance: publik, prefix: 10.0.0.0/24 }',
        'routes: { node: c1, instance: east/shop/wob, count: 3 }',
        'covered: { agent: c1, instance: blue, address: 1.1.1.1, by: 1.1.1.0/24 }',
        'noted: { node: zz, text: "*" }',
      ],
      '1:16 no-holder: say whose table is asked: agent or node',
      '2:16 no-holder: say whose table is asked: agent or node',
      "3:16 no-table: a control node's route stands in a table: say table or instance",
      "4:16 no-table: an agent's route stands in an instance: say which",
      '5:25 wrong-kind: c1 is no agent; say node: c1',
      '6:24 wrong-kind: h1 is an agent; say agent: h1',
      '7:35 unknown-table: there is no table bgp.l3vpn, did you mean bgp.l3vpn.0?',
      '8:37 unknown-instance: there is no instance called bleu, did you mean blue?',
      '9:38 unknown-instance: mx has no instance publik, did you mean public?',
      '10:39 unknown-network: there is no network east/shop/wob, did you mean east/shop/web?',
      '11:27 wrong-kind: c1 is no agent',
      '12:24 unknown-node: there is no node called zz',
    ],
    [
      'findings, sessions, checkpoints',
      [
        'finding: {}',
        'finding: { networks: [east/shop/web, east/shop/wbe] }',
        'finding: { clusters: [eest] }',
        'finding: { leak: "*", instance: mx/publik }',
        'session: { between: [c1, c7], state: Established }',
        'sameState: never',
      ],
      '1:18 empty-claim: say what is to be found: kind, leak, target, networks, clusters or instance',
      '2:46 unknown-network: there is no network east/shop/wbe, did you mean east/shop/web?',
      '3:31 unknown-cluster: there is no cluster eest, did you mean east?',
      '4:41 unknown-instance: there is no instance mx/publik, did you mean mx/public?',
      '5:29 unknown-node: there is no node called c7, did you mean c1?',
      '6:20 unknown-checkpoint: there is no checkpoint never before this step',
    ],
    [
      'two moments at once',
      ['reachable: { from: "vm:store", to: "vm:east/shop/front-1", within: 4s, at: 5s }'],
      '1:84 two-moments: a claim says either within or at',
    ],
  ];
  it.each(cases)('%s', (_, claims, ...sentences) => {
    expect(ofClaims(...claims)).toEqual(sentences);
  });

  it('asks at the moment of its step or at its own, not at both', () => {
    expect(
      ofSteps('{ after: 4s, expect: [ { reachable: { from: "vm:store", to: "vm:east/shop/front-1", within: 4s } } ] }'),
    ).toEqual([
      '1:97 two-moments: the step says when to ask, so within cannot stand here; give the claim a step of its own',
    ]);
  });
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

describe('files that a scenario imports', () => {
  const importing = (lines: readonly string[], surroundings: Surroundings = {}) =>
    faults(
      `scenario: x\nclusters:\n  a:\n    import:\n${lines.map((line) => `      - ${line}\n`).join('')}steps: [{ start: all }]\n`,
      surroundings,
    );

  it('lie in its folder or below', () => {
    expect(
      importing(['{ heat: ../x.yaml, project: p }', '{ heat: /etc/passwd, project: p }', '{ manifests: m/../../x }']),
    ).toEqual([
      "f/s.yaml:5:17 outside-folder: ../x.yaml lies outside the scenario's folder; files are named relative to it",
      "f/s.yaml:6:17 outside-folder: /etc/passwd lies outside the scenario's folder; files are named relative to it",
      "f/s.yaml:7:22 outside-folder: m/../../x lies outside the scenario's folder; files are named relative to it",
    ]);
  });

  it('are there, and manifests among them', () => {
    expect(
      importing(
        ['{ heat: no.yaml, project: p }', '{ manifests: m }', '{ manifests: empty }', '{ manifests: [m/x.yaml] }'],
        { files: { 'f/empty/readme.md': '' } },
      ),
    ).toEqual([
      'f/s.yaml:5:17 unreadable-file: there is no file f/no.yaml',
      'f/s.yaml:6:22 missing-file: there is no file or folder f/m',
      'f/s.yaml:7:22 no-manifests: the folder f/empty holds no .yaml, .yml or .json file',
      'f/s.yaml:8:23 missing-file: there is no file or folder f/m/x.yaml',
    ]);
  });

  it('come from the input folder only when one is given, and never from beside it', () => {
    expect(importing(['{ heat: $INPUT/a.yaml, project: p }'])).toEqual([
      'f/s.yaml:5:17 no-input-folder: $INPUT/a.yaml needs the folder of the input files: give it with --input FOLDER',
    ]);
    expect(
      importing(
        ['{ heat: $INPUT/../a.yaml, project: p }', '{ heat: $INPUT/a.yaml, project: p }', '{ manifests: $INPUT }'],
        { files: { 'in/x.md': '' }, input: 'in' },
      ),
    ).toEqual([
      'f/s.yaml:5:17 outside-folder: $INPUT/../a.yaml lies outside the input folder',
      'f/s.yaml:6:17 unreadable-file: there is no file in/a.yaml',
      'f/s.yaml:7:22 no-manifests: the folder in holds no .yaml, .yml or .json file',
    ]);
  });

  it('tell their own faults in their own lines', () => {
    const result = importing(['{ heat: t.yaml, project: p }', '{ manifests: m.yaml }'], {
      files: { 'f/t.yaml': 'heat_template_version: [\n', 'f/m.yaml': 'kind: Pod\n  x: [' },
    });
    expect(result.length).toBeGreaterThanOrEqual(2);
    for (const line of result) expect(line).toMatch(/^f\/[tm]\.yaml:\d+:\d+ /);
    expect(new Set(result.map((line) => line[2]))).toEqual(new Set(['t', 'm']));
  });
});
