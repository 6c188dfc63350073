/** What steps tell a node without power waits for its next start, and nobody hears of it before. */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Step } from './choices.ts';
import { type Played, play } from './small-worlds.ts';

/** The claims that do not hold, of a scenario of these parts. */
function undone(parts: object, steps: readonly Step[]): string[] {
  return failures(play({ 's.yaml': stringify({ scenario: 'power', ...parts, steps }) }));
}

function failures({ rehearsal }: Played): string[] {
  return rehearsal.result.steps.flatMap((step) =>
    step.expectations.filter((one) => !one.passed).map((one) => `${one.text}: ${one.found}`),
  );
}

const PROTOCOL = {
  nodes: { X: { routerId: '192.168.0.1' }, Y: { routerId: '192.168.0.2' } },
  speakers: { s: { asn: 65000, families: ['inet-vpn'] } },
  peerings: [{ between: ['X', 'Y'] }, { between: ['X', 's'], families: ['inet-vpn'] }],
  instances: { blue: { network: 1, routeTargets: ['target:1:1'] } },
  agents: { a: { controlNodes: ['X'] }, b: { controlNodes: ['Y'] } },
};
const SUBSCRIBED: readonly Step[] = [{ start: 'all' }, { subscribe: { agent: ['a', 'b'], instance: 'blue' } }];
const at = (agent: string, prefix: string, more: object = {}) => ({
  route: { agent, instance: 'blue', prefix, ...more },
});

const CLOUD = {
  clusters: {
    east: {
      vrouters: 2,
      networks: { net: { subnet: '10.1.0.0/24' } },
      workloads: {
        w: { network: 'net', count: 2, host: 'vr-east-1', securityGroups: ['web'] },
        v: { network: 'net', host: 'vr-east-2' },
      },
      securityGroups: { web: { rules: [{ port: 'tcp/80' }] } },
    },
  },
};

describe('a bare agent without power', () => {
  it.each(['crash', 'stop'])('says what it was told to publish after a %s once it runs again', (verb) => {
    const steps = [
      ...SUBSCRIBED,
      { settle: {} },
      { [verb]: { node: 'a' } },
      { publish: { agent: 'a', instance: 'blue', prefix: '10.1.1.1/32' } },
      { expect: [at('b', '10.1.1.1/32', { absent: true })] },
      { start: { node: 'a' } },
      { expect: [at('b', '10.1.1.1/32')] },
    ];
    expect(undone(PROTOCOL, steps)).toEqual([]);
  });

  it.each(['crash', 'stop'])('forgets what it was told to retract after a %s', (verb) => {
    const steps = [
      ...SUBSCRIBED,
      { publish: { agent: 'a', instance: 'blue', prefix: '10.1.1.1/32' } },
      { expect: [at('b', '10.1.1.1/32')] },
      { [verb]: { node: 'a' } },
      { retract: { agent: 'a', instance: 'blue', prefix: '10.1.1.1/32' } },
      { unsubscribe: { agent: 'a', instance: 'blue' } },
      { start: { node: 'a' } },
      { expect: [at('b', '10.1.1.1/32', { absent: true }), { routes: { node: 'X', instance: 'blue', count: 0 } }] },
    ];
    expect(undone(PROTOCOL, steps)).toEqual([]);
  });

  it('has no session with the control node that still waits for it', () => {
    const steps = [
      ...SUBSCRIBED,
      { settle: {} },
      { crash: { node: 'a' } },
      { after: '10ms', expect: [{ session: { between: ['X', 'a'], state: 'Established' } }] },
      { clear: { session: ['X', 'a'] } },
      { expect: [{ session: { between: ['X', 'a'], state: 'none' } }] },
    ];
    expect(undone(PROTOCOL, steps)).toEqual([]);
  });
});

describe('a bare agent that is connected', () => {
  it('says what it was told to publish before it subscribed', () => {
    const steps = [
      { start: 'all' },
      { subscribe: { agent: 'b', instance: 'blue' } },
      { settle: {} },
      { publish: { agent: 'a', instance: 'blue', prefix: '10.1.1.1/32' } },
      { expect: [at('b', '10.1.1.1/32', { absent: true })] },
      { subscribe: { agent: 'a', instance: 'blue' } },
      { expect: [at('b', '10.1.1.1/32')] },
    ];
    expect(undone(PROTOCOL, steps)).toEqual([]);
  });
});

describe('a raw speaker without power', () => {
  const announced = { speaker: 's', prefix: '192.168.9.9:1:10.9.0.0/24', routeTargets: ['target:1:1'] };

  it.each(['crash', 'stop'])('announces after its return what it was told after a %s', (verb) => {
    const steps = [
      ...SUBSCRIBED,
      { settle: {} },
      { [verb]: { node: 's' } },
      { announce: announced },
      { endOfRib: { speaker: 's' } },
      { expect: [at('b', '10.9.0.0/24', { absent: true })] },
      { start: { node: 's' } },
      { expect: [at('b', '10.9.0.0/24')] },
    ];
    expect(undone(PROTOCOL, steps)).toEqual([]);
  });

  it('withdraws by silence what it was told to withdraw after a crash', () => {
    const steps = [
      ...SUBSCRIBED,
      { announce: announced },
      { expect: [at('b', '10.9.0.0/24')] },
      { crash: { node: 's' } },
      { withdraw: { speaker: 's', prefix: announced.prefix } },
      { after: '1s', expect: [at('b', '10.9.0.0/24')] },
      { start: { node: 's' } },
      { expect: [at('b', '10.9.0.0/24', { absent: true })] },
    ];
    expect(undone(PROTOCOL, steps)).toEqual([]);
  });
});

describe('a control node without power', () => {
  it.each(['crash', 'stop'])('is configured at its next start with what came after a %s', (verb) => {
    const steps = [
      ...SUBSCRIBED,
      { publish: { agent: 'a', instance: 'blue', prefix: '10.1.1.1/32' } },
      { expect: [at('b', '10.1.1.1/32')] },
      { [verb]: { node: 'X' } },
      { target: { network: 'blue', remove: 'target:1:1' } },
      { target: { network: 'blue', add: 'target:1:2' } },
      { start: { node: 'X' } },
      { expect: [at('b', '10.1.1.1/32', { routeTargets: null, absent: false })].map(withoutTargets) },
      {
        expect: [
          {
            route: {
              node: 'Y',
              table: 'bgp.l3vpn.0',
              prefix: '192.168.1.1:1:10.1.1.1/32',
              routeTargets: ['target:1:2'],
            },
          },
        ],
      },
    ];
    expect(undone(PROTOCOL, steps)).toEqual([]);
  });
});

/** An agent's row does not know its targets. */
function withoutTargets(claim: ReturnType<typeof at>): object {
  const { agent, instance, prefix } = claim.route;
  return { route: { agent, instance, prefix } };
}

describe('a vRouter without power', () => {
  const two = 'vm:east/default/w-2';
  const one = 'vm:east/default/w-1';
  const other = 'vm:east/default/v';

  it.each(['crash', 'stop'])(
    'serves after its return what was configured after a %s, and not what was deleted',
    (verb) => {
      const steps = [
        { start: 'all' },
        { expect: [{ reachable: { from: other, to: [one, two], port: 'tcp/80' } }] },
        { [verb]: { node: 'vr-east-1' } },
        { delete: { workload: two } },
        { securityGroup: { name: 'east/default/web', remove: { port: 'tcp/80' }, add: { port: 'tcp/22' } } },
        { expect: [{ unreachable: { from: other, to: one } }] },
        { start: { node: 'vr-east-1' } },
        {
          expect: [
            { reachable: { from: other, to: one, port: 'tcp/22' } },
            { unreachable: { from: other, to: one, port: 'tcp/80' } },
            { route: { agent: 'vr-east-2', instance: 'east/default/net', prefix: '10.1.0.5/32', absent: true } },
          ],
        },
      ];
      expect(undone(CLOUD, steps)).toEqual([]);
    },
  );

  it('changes no table when its configuration changes', () => {
    const played = play({ 's.yaml': stringify({ scenario: 'power', ...CLOUD, steps: [{ start: 'all' }] }) });
    const { world } = played;
    world.sim.crash(world.nodeId('vr-east-1'));
    const changes = world.sim.tableChanges;
    const derived = world.clusters.get('east')!;
    world.applyCluster({ ...derived, workloads: derived.workloads.filter((each) => each.name !== 'w-2') });
    expect(world.sim.tableChanges).toBe(changes);
  });
});
