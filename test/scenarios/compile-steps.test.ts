import { describe, expect, it } from 'vitest';
import { ofSteps } from './base-scenario.ts';

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
