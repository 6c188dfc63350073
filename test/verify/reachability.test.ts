/** What reachable, unreachable, one-way, isolated and members mean, by scenarios small enough to know the answer. */
import { describe, expect, it } from 'vitest';
import { outcome } from '../scenarios/outcome.ts';
import { controller, dataService } from '../support/manifests.ts';

const CLOUD = `scenario: x
clusters:
  east:
    vrouters: [h1, h2, h3]
    pathPreference: false
    networks:
      net: { project: p, subnet: 10.1.0.0/24 }
      far: { project: p, subnet: 10.2.0.0/24 }
      fan: { project: p, subnet: 10.3.0.0/24, exportTargets: ["target:65000:1"] }
      ear: { project: p, subnet: 10.4.0.0/24, importTargets: ["target:65000:1"] }
    securityGroups:
      web: { project: p, rules: [{ port: tcp/80 }] }
      ping: { project: p, rules: [{ port: icmp }] }
      none: { project: p, rules: [] }
    workloads:
      open: { project: p, network: net, host: h1, count: 2 }
      web: { project: p, network: net, host: h2, securityGroups: [web] }
      ping: { project: p, network: net, host: h2, securityGroups: [ping] }
      shut: { project: p, network: net, host: h2, securityGroups: [none] }
      far: { project: p, network: far, host: h3 }
      fan: { project: p, network: fan, host: h2 }
      ear: { project: p, network: ear, host: h1 }
    import:
      - manifests: m
        plugin: { name: kube-network-manager, podRange: 10.150.0.0/16, serviceRange: 10.254.0.0/16 }
    pins: { "pod:default/data-1": { host: h1 }, "pod:default/data-2": { host: h2 }, "pod:default/front-1": { host: h3 } }
`;

const MANIFESTS = {
  'm/data.json': JSON.stringify(controller('data', 2, { name: 'data' })),
  'm/front.json': JSON.stringify(controller('front', 1, { name: 'front', uses: 'data' })),
  'm/service.json': JSON.stringify(dataService()),
};

const after =
  (...steps: string[]) =>
  (...claims: string[]) =>
    outcome(
      `${CLOUD}steps:\n  - start: all\n${steps.map((step) => `  - ${step}\n`).join('')}${claims.length === 0 ? '' : `  - expect:\n${claims.map((claim) => `      - ${claim}\n`).join('')}`}`,
      MANIFESTS,
    );
const claims = after();
/** 1 for a claim that holds, 0 for one that does not. */
const holds = (...all: string[]) => claims(...all).map((line) => (line.startsWith('+') ? 1 : 0));

describe('a pair reaches', () => {
  it('on a port when the request and the reply pass on it', () => {
    expect(
      holds(
        'reachable: { from: "vm:p/open-1", to: "vm:p/web", port: tcp/80 }',
        'reachable: { from: "vm:p/open-1", to: "vm:p/web", port: tcp/81 }',
        'reachable: { from: "vm:p/web", to: "vm:p/open-1", port: tcp/81 }',
        'reachable: { from: "vm:p/open-1", to: "vm:p/ping", port: icmp }',
        'reachable: { from: "vm:p/open-1", to: "vm:p/ping", port: tcp/80 }',
      ),
    ).toEqual([1, 0, 1, 1, 0]);
  });

  it('without a port when any protocol does, and on a protocol when any of its ports does', () => {
    expect(
      holds(
        'reachable: { from: "vm:p/open-1", to: "vm:p/web" }',
        'reachable: { from: "vm:p/open-1", to: "vm:p/ping" }',
        'reachable: { from: "vm:p/open-1", to: "vm:p/web", port: tcp }',
        'reachable: { from: "vm:p/open-1", to: "vm:p/web", port: udp }',
        'reachable: { from: "vm:p/open-1", to: "vm:p/shut" }',
      ),
    ).toEqual([1, 1, 1, 0, 0]);
  });

  it('only as all pairs of both selectors do, each with another', () => {
    expect(
      claims(
        'reachable: { from: "vm:p/open-*", to: ["vm:p/open-*", "vm:p/web"], port: tcp/22 }',
        'reachable: { from: "vm:p/open-1", to: "vm:p/open-1" }',
      ),
    ).toEqual([
      expect.stringMatching(/^- .*: 2 of 4 pairs do not: vm:east\/p\/open-1 to vm:east\/p\/web: SG \(h2: /),
      '- vm:p/open-1 reaches vm:p/open-1: there is no pair of two different endpoints',
    ]);
  });
});

describe('a pair does not reach', () => {
  it('only when it does on no port, and for the reason asked', () => {
    expect(
      claims(
        'unreachable: { from: "vm:p/open-1", to: "vm:p/web" }',
        'unreachable: { from: "vm:p/open-1", to: "vm:p/shut", reason: SG }',
        'unreachable: { from: "vm:p/open-1", to: "vm:p/far", reason: NoDstRt }',
        'unreachable: { from: "vm:p/open-1", to: ["vm:p/far", "vm:p/shut"], reason: NoDstRt }',
      ),
    ).toEqual([
      '- vm:p/open-1 does not reach vm:p/web: 1 of 1 pairs do: vm:east/p/open-1 reaches vm:east/p/web',
      '+ vm:p/open-1 does not reach vm:p/shut: SG',
      '+ vm:p/open-1 does not reach vm:p/far: NoDstRt',
      expect.stringMatching(/: for another reason: vm:east\/p\/open-1 to vm:east\/p\/shut: SG \(/),
    ]);
  });
});

describe('one way', () => {
  it('asks for the request alone: it needs a way there and, at the other end, knowledge of the sender', () => {
    // ear knows fan's routes, fan knows none of ear's: the request dies at fan's host for want of a way back
    expect(
      claims(
        'reachable: { from: "vm:p/ear", to: "vm:p/fan", oneWay: true }',
        'unreachable: { from: "vm:p/ear", to: "vm:p/fan", reason: NoSrcRt }',
        'unreachable: { from: "vm:p/fan", to: "vm:p/ear", reason: NoDstRt }',
        'isolated: ["vm:p/ear", "vm:p/fan"]',
        'reachable: { from: "vm:p/open-1", to: "vm:p/web", port: tcp/80, oneWay: true }',
      ).map((line) => line[0]),
    ).toEqual(['-', '+', '+', '+', '+']);
  });
});

describe('an address of several members', () => {
  it('is reached when each of them answers, whichever way a flow is sent', () => {
    expect(
      claims(
        'reachable: { from: "pod:default/front-1", to: "service:default/data", port: tcp/5432 }',
        'members: { from: "pod:default/front-1", to: "service:default/data", count: 2 }',
        'members: { from: "pod:default/front-1", to: "service:default/data", count: 3 }',
      ),
    ).toEqual([
      '+ pod:default/front-1 reaches service:default/data tcp/5432',
      '+ pod:default/front-1 finds 2 members behind service:default/data',
      '- pod:default/front-1 finds 3 members behind service:default/data: 2 members',
    ]);
  });

  it('is neither reached nor unreached while one of them is dead and nobody has noticed', () => {
    expect(
      after(
        'settle: {}',
        'crash: { node: h2 }',
        '{ after: 1s, expect: [ { reachable: { from: "pod:default/front-1", to: "service:default/data" } }, { unreachable: { from: "pod:default/front-1", to: "service:default/data" } }, { members: { from: "pod:default/front-1", to: "service:default/data", count: 1 } } ] }',
      )(
        'reachable: { from: "pod:default/front-1", to: "service:default/data" }',
        'members: { from: "pod:default/front-1", to: "service:default/data", count: 1 }',
      ),
    ).toEqual([
      expect.stringMatching(/^- pod:default\/front-1 reaches service:default\/data: 1 of 1 pairs do not: /),
      expect.stringMatching(/^- pod:default\/front-1 does not reach service:default\/data: 1 of 1 pairs do: /),
      expect.stringMatching(
        /^- pod:default\/front-1 finds 1 members? behind service:default\/data: 1 members?, 1 of 2 ways fail: /,
      ),
      '+ pod:default/front-1 reaches service:default/data',
      expect.stringMatching(/^\+ pod:default\/front-1 finds 1 members? behind service:default\/data$/),
    ]);
  });
});

describe('isolated', () => {
  it('means that no packet of the one arrives at the other, either way, on any port', () => {
    expect(
      claims(
        'isolated: ["vm:p/open-1", "vm:p/far"]',
        'isolated: ["vm:p/shut", "vm:p/open-1"]',
        'isolated: ["vm:p/open-1", "vm:p/open-1"]',
      ),
    ).toEqual([
      '+ vm:p/open-1 and vm:p/far are isolated',
      expect.stringMatching(
        /^- vm:p\/shut and vm:p\/open-1 are isolated: a packet of vm:east\/p\/shut arrives at vm:east\/p\/open-1$/,
      ),
      '- vm:p/open-1 and vm:p/open-1 are isolated: there is no pair of two different endpoints',
    ]);
  });
});
