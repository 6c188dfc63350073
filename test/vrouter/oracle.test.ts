/** The walk of packets against what a person would say who knows every intention, in random small clouds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exchange, type Start } from '../../src/vrouter/forward.ts';
import { ANY, group, instanceOf, network, packet, port, rule } from './agent-config.ts';
import { TestCloud } from './cloud.ts';

const NETWORKS = ['d:p:red', 'd:p:green'] as const;
const GROUPS = ['open', 'sql', 'members', 'closed'] as const;
type GroupName = (typeof GROUPS)[number];
const ID: Readonly<Record<GroupName, number>> = { open: 8000001, sql: 8000002, members: 8000003, closed: 8000004 };

const everything = rule('pass', ANY, ANY);
const securityGroups = [
  group('open', ID.open, [everything], [everything]),
  group(
    'sql',
    ID.sql,
    [rule('pass', ANY, ANY, { protocol: 6, destinationPorts: [{ low: 5432, high: 5432 }] })],
    [everything],
  ),
  group('members', ID.members, [rule('pass', { kind: 'group', id: ID.members }, ANY)], [everything]),
  group('closed', ID.closed, [], []),
];

interface Workload {
  readonly host: number;
  readonly network: number;
  readonly groups: readonly GroupName[];
  readonly alive: boolean;
}

const workload: fc.Arbitrary<Workload> = fc.record({
  host: fc.nat(1),
  network: fc.nat(1),
  groups: fc.subarray([...GROUPS], { maxLength: 2 }),
  alive: fc.boolean(),
});

/** By intention alone: is there a route, and does some group of each side admit it? */
function expected(from: Workload, to: Workload, joined: boolean, destinationPort: number): string {
  if (!to.alive) return 'NoDstRt';
  if (from.network !== to.network && !joined) return 'NoDstRt';
  if (from.groups.length > 0 && from.groups.every((name) => name === 'closed')) return 'SG';
  const admits = to.groups.some((name) => {
    if (name === 'open') return true;
    if (name === 'sql') return destinationPort === 5432;
    return name === 'members' && from.groups.includes('members');
  });
  if (to.groups.length === 0 || admits) return 'delivered';
  return from.host === to.host ? 'OutSG' : 'SG';
}

describe('the walk of a packet', () => {
  it('ends where whoever knows the intention says, request and reply, for every pair and port', () => {
    fc.assert(
      fc.property(fc.array(workload, { minLength: 2, maxLength: 7 }), fc.boolean(), (workloads, joined) => {
        const cloud = new TestCloud();
        const control = cloud.control('c1', '192.168.10.21');
        control.reflect = true;
        const [red, green] = NETWORKS.map(instanceOf) as [string, string]; // there are two
        if (joined) {
          control.imports.set(red, [green]);
          control.imports.set(green, [red]);
        }
        const agents = [11, 12].map((last) => {
          const agent = cloud.agent(`h${last}`, `192.168.10.${last}`);
          agent.setSecurityGroups(securityGroups);
          NETWORKS.forEach((name, i) => {
            agent.addNetwork(network(name, `10.0.${100 + i}.0/24`));
          });
          return agent;
        });
        const at = (i: number) => `10.0.${100 + workloads[i]!.network}.${10 + i}`;
        const face = (i: number) => {
          return port(`w${i}`, NETWORKS[workloads[i]!.network]!, at(i), { securityGroups: workloads[i]!.groups });
        };
        workloads.forEach((each, i) => {
          agents[each.host]!.addInterface(face(i));
        });
        cloud.startAll();
        cloud.settle();
        workloads.forEach((each, i) => {
          if (!each.alive) agents[each.host]!.removeInterface(face(i));
        });
        cloud.settle();
        workloads.forEach((from, i) => {
          if (!from.alive) return;
          const start: Start = { kind: 'interface', agent: agents[from.host]!, interface: `w${i}` };
          workloads.forEach((to, j) => {
            if (i === j) return;
            for (const destinationPort of [5432, 22]) {
              const { request, reply } = exchange(cloud, start, packet(at(i), at(j), { destinationPort }));
              const said = request.kind === 'dropped' ? request.because : request.kind;
              expect(said).toBe(expected(from, to, joined, destinationPort));
              // Groups are stateful: whatever was let in is answered.
              if (request.kind === 'delivered') expect(reply?.kind).toBe('delivered');
            }
          });
        });
      }),
      { numRuns: 60 },
    );
  });
});
