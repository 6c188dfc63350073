import { describe, expect, it } from 'vitest';
import { claim, faults, STEPS, step } from './loading.ts';

describe('a value of the wrong form is told what would be right', () => {
  const cases: readonly (readonly [what: string, text: string, ...sentences: string[]])[] = [
    [
      'a duration without a unit',
      step('settle: { limit: 300 }'),
      's.yaml:3:22 bad-value: a duration is a number with a unit, such as 4ms, 90s or 2m',
    ],
    [
      'a duration beyond a year',
      step('settle: { limit: 8761h }'),
      's.yaml:3:22 bad-value: a duration is a year at most, 8760h',
    ],
    ...(
      [
        ['without its word', '64512:1', 'a route target is written target:ASN:number, such as target:64512:100'],
        ['in halves', 'target:1.10:1', 'a route target is written target:ASN:number, such as target:64512:100'],
        ['of no AS', 'target:4294967296:1', 'the AS of a route target is a number from 1 to 4294967295'],
        ['of a 4-octet AS', 'target:70000:65536', 'the number of target:70000: goes up to 65535'],
        ['of an address', 'target:10.0.0.1:65536', 'the number of target:10.0.0.1: goes up to 65535'],
        ['of an AS', 'target:1:4294967296', 'the number of target:1: goes up to 4294967295'],
      ] as const
    ).map(
      ([what, target, sentence]) =>
        [
          `a route target ${what}`,
          step(`target: { network: a/b/c, add: "${target}" }`),
          `s.yaml:3:36 bad-value: ${sentence}`,
        ] as const,
    ),
    [
      'a negative duration',
      step('{ start: all, after: -4s }'),
      's.yaml:3:26 bad-value: a duration is a number with a unit, such as 4ms, 90s or 2m',
    ],
    [
      'a hold time that no OPEN can carry',
      `scenario: x\nnodes: { X: { holdTime: 1500ms }, Y: { holdTime: 20h } }\n${STEPS}`,
      's.yaml:2:25 bad-value: a hold time is a whole number of seconds up to 65535s, such as 90s or 3m',
      's.yaml:2:50 bad-value: a hold time is a whole number of seconds up to 65535s, such as 90s or 3m',
    ],
    [
      'a prefix with host bits',
      step('publish: { agent: a, instance: i, prefix: 10.0.0.1/24 }'),
      's.yaml:3:47 bad-value: 10.0.0.1/24 has host bits; the prefix is 10.0.0.0/24',
    ],
    [
      'a prefix longer than an address',
      step('publish: { agent: a, instance: i, prefix: 10.0.0.0/33 }'),
      's.yaml:3:47 bad-value: a prefix is an address and a length up to 32, such as 10.0.100.0/24',
    ],
    [
      'a prefix without a length',
      step('publish: { agent: a, instance: i, prefix: 10.0.0.0 }'),
      's.yaml:3:47 bad-value: a prefix is an address and a length up to 32, such as 10.0.100.0/24',
    ],
    [
      'a route with an impossible distinguisher',
      step('announce: { speaker: s, prefix: "1.1.1.1:70000:10.0.0.1/32" }'),
      's.yaml:3:37 bad-value: a route is written as its table shows it: 10.1.1.1/32, 192.168.1.1:1:10.1.1.1/32, 64512:target:64512:8000000, or 0:0',
    ],
    [
      'an interest in no target',
      step('announce: { speaker: s, prefix: "64512:target:abc:1" }'),
      's.yaml:3:37 bad-value: a route is written as its table shows it: 10.1.1.1/32, 192.168.1.1:1:10.1.1.1/32, 64512:target:64512:8000000, or 0:0',
    ],
    [
      'an address with an octet too large',
      `scenario: x\nnodes: { X: { address: 10.0.0.300 } }\n${STEPS}`,
      's.yaml:2:24 bad-value: an address is a dotted quad, such as 192.168.0.1',
    ],
    [
      'an address with a leading zero',
      `scenario: x\nnodes: { X: { address: 10.0.0.01 } }\n${STEPS}`,
      's.yaml:2:24 bad-value: an address is a dotted quad, such as 192.168.0.1',
    ],
    [
      'AS 0',
      `scenario: x\nnodes: { X: { asn: 0 } }\n${STEPS}`,
      's.yaml:2:20 bad-value: the least that can stand here is 1',
    ],
    [
      'an AS that is no number',
      `scenario: x\nnodes: { X: { asn: abc } }\n${STEPS}`,
      's.yaml:2:20 bad-value: an AS number is a whole number from 1 to 4294967295, or two halves in quotes such as "1.10"',
    ],
    [
      'a route target without a number',
      `scenario: x\ninstances: { b: { routeTargets: ["target:64512"] } }\n${STEPS}`,
      's.yaml:2:34 bad-value: a route target is written target:ASN:number, such as target:64512:100',
    ],
    [
      'a route target outside its list',
      `scenario: x\ninstances: { b: { routeTargets: "target:64512:1" } }\n${STEPS}`,
      's.yaml:2:33 bad-value: a list is expected here',
    ],
    [
      'a selector of no kind',
      claim('reachable: { from: "vm:a", to: "vn:b" }'),
      's.yaml:4:40 bad-value: a selector is written kind:[cluster/][project/]name, such as vm:openstack/leonardo/PostgreSQL-1; kinds are vm, pod, service, fip, host, gateway, tenant, network, external',
    ],
    [
      'a port without a protocol',
      claim('reachable: { from: "vm:a", to: "vm:b", port: 5432 }'),
      's.yaml:4:54 bad-value: a port is written protocol/number up to 65535, such as tcp/5432, or icmp',
    ],
    [
      'a port that TCP does not have',
      claim('reachable: { from: "vm:a", to: "vm:b", port: tcp/70000 }'),
      's.yaml:4:54 bad-value: a port is written protocol/number up to 65535, such as tcp/5432, or icmp',
    ],
    [
      'a bandwidth as a number',
      `scenario: x\nfederation: [ { between: [a, b], bandwidth: 3 } ]\n${STEPS}`,
      's.yaml:2:45 bad-value: a bandwidth is written 100Mbit or 10Gbit',
    ],
    [
      'octets that YAML reads as a number',
      step('raw: { from: s, hex: 12 }'),
      's.yaml:3:26 bad-value: text is expected here, in quotes',
    ],
    [
      'no control node',
      `scenario: x\nclusters: { a: { controlNodes: 0 } }\n${STEPS}`,
      's.yaml:2:32 bad-value: the least that can stand here is 1',
    ],
    [
      'control nodes as a word',
      `scenario: x\nclusters: { a: { controlNodes: two } }\n${STEPS}`,
      's.yaml:2:32 bad-value: give a count, a list of names, or a map from names to addresses',
    ],
    [
      'three clusters in one federation',
      `scenario: x\nfederation: [ { between: [a, b, c] } ]\n${STEPS}`,
      's.yaml:2:26 bad-value: a list of exactly 2 is expected here',
    ],
    [
      'a subnet that is a map with host bits',
      `scenario: x\nclusters: { a: { networks: { n: { subnet: { cidr: 10.0.0.1/24 } } } } }\n${STEPS}`,
      's.yaml:2:51 bad-value: 10.0.0.1/24 has host bits; the prefix is 10.0.0.0/24',
    ],
    [
      'a subnet that is a map with a misspelt key',
      `scenario: x\nclusters: { a: { networks: { n: { subnet: { cdir: 10.0.0.0/24 } } } } }\n${STEPS}`,
      's.yaml:2:45 unknown-key: cdir is not a word here, did you mean cidr?',
    ],
    [
      'a prefix with host bits where a name may stand too',
      `scenario: x\nclusters: { a: { securityGroups: { g: { rules: [ { remote: 10.0.0.1/24 } ] } } } }\n${STEPS}`,
      's.yaml:2:60 bad-value: 10.0.0.1/24 has host bits; the prefix is 10.0.0.0/24',
    ],
    [
      'a network without a subnet',
      `scenario: x\nclusters: { a: { networks: { n: {} } } }\n${STEPS}`,
      's.yaml:2:33 missing-key: subnet is missing: one subnet or several: a prefix, or a map',
    ],
  ];
  it.each(cases)('%s', (_, text, ...sentences) => {
    expect(faults(text)).toEqual(sentences);
  });
});
