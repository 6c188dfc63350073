import { describe, expect, it } from 'vitest';
import { ofClaims, ofSteps } from './base-scenario.ts';

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
