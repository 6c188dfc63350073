/**
 * Small worlds of the protocol altitude at random: control nodes, bare agents and a raw speaker, and what is said and
 * done there. Each agent publishes prefixes of its own, so no two paths tie.
 */
import fc from 'fast-check';
import { stringify } from 'yaml';
import { pick, powerOff, powerOn, type Step, takeOut } from './choices.ts';
import type { Happening } from './small-worlds.ts';

export interface SmallPeerings {
  readonly nodes: number;
  /** The last node stands in an AS of its own. */
  readonly twoAs: boolean;
  readonly agents: readonly { readonly node: number; readonly second: boolean }[];
  readonly seed: number;
}

export const smallPeerings: fc.Arbitrary<SmallPeerings> = fc.record({
  nodes: fc.integer({ min: 1, max: 3 }),
  twoAs: fc.boolean(),
  agents: fc.array(fc.record({ node: fc.nat(2), second: fc.boolean() }), { minLength: 1, maxLength: 3 }),
  seed: fc.nat(1_000_000),
});

const NODES = ['X', 'Y', 'Z'];
const AGENTS = ['a', 'b', 'c'];
const INSTANCES = ['blue', 'red', 'green'];

const nodesOf = (world: SmallPeerings) => NODES.slice(0, world.nodes);
const agentsOf = (world: SmallPeerings) => AGENTS.slice(0, world.agents.length);

export function peeringFiles(world: SmallPeerings, steps: readonly Step[]): Readonly<Record<string, string>> {
  const nodes = nodesOf(world);
  const asn = (index: number) => (world.twoAs && index > 0 && index === nodes.length - 1 ? 64513 : 64512);
  const scenario = {
    scenario: 'small peerings',
    seed: world.seed,
    nodes: Object.fromEntries(
      nodes.map((name, index) => [name, { asn: asn(index), routerId: `192.168.0.${index + 1}` }]),
    ),
    speakers: { s: { asn: 65000, families: ['inet-vpn'] } },
    peerings: [
      ...nodes.flatMap((one, index) => nodes.slice(index + 1).map((other) => ({ between: [one, other] }))),
      { between: ['X', 's'], families: ['inet-vpn'] },
    ],
    instances: {
      blue: { network: 1, routeTargets: ['target:1:1'] },
      red: { network: 2, routeTargets: ['target:1:2'] },
      green: { network: 3, routeTargets: ['target:1:3'], importTargets: ['target:1:1'] },
    },
    agents: Object.fromEntries(
      world.agents.map(({ node, second }, index) => {
        const own = node % nodes.length;
        const controlNodes =
          second && nodes.length > 1 ? [nodes[own]!, nodes[(own + 1) % nodes.length]!] : [nodes[own]!];
        return [AGENTS[index]!, { controlNodes }];
      }),
    ),
    steps,
  };
  return { 's.yaml': stringify(scenario) };
}

/** What one has said and what stands, while a history is made up. */
class Present {
  readonly world: SmallPeerings;
  readonly down = new Set<string>();
  readonly cuts: (readonly [string, string])[] = [];
  readonly deleted = new Set<string>();
  readonly targets = new Set<string>();

  constructor(world: SmallPeerings) {
    this.world = world;
  }

  nodes(): string[] {
    return [...nodesOf(this.world), ...agentsOf(this.world), 's'];
  }
}

type Choice = (present: Present, which: number, where: number) => Step | null;

const agentAnd = (present: Present, which: number, where: number) => {
  const agents = agentsOf(present.world);
  const index = which % agents.length;
  return { agent: agents[index]!, instance: INSTANCES[where % INSTANCES.length]!, index };
};

const routeOf = (present: Present, which: number, where: number) => {
  const { agent, instance, index } = agentAnd(present, which, where);
  return { agent, instance, prefix: `10.${index + 1}.${where % 2}.0/24` };
};

/** What people want of the network: it stays wanted whatever fails. */
const WISHES: readonly Choice[] = [
  (present, which, where) => {
    const { agent, instance } = agentAnd(present, which, where);
    return { subscribe: { agent, instance, id: 1 + INSTANCES.indexOf(instance) } };
  },
  (present, which, where) => {
    const { agent, instance } = agentAnd(present, which, where);
    return which % 3 === 0 ? { unsubscribe: { agent, instance } } : null;
  },
  (present, which, where) => ({ publish: { ...routeOf(present, which, where), label: 100 + (where % 5) } }),
  (present, which, where) => ({ publish: { ...routeOf(present, which, where), localPref: 200 } }),
  (present, which, where) => ({ retract: routeOf(present, which, where) }),
  (_present, which, where) => ({
    announce: {
      speaker: 's',
      prefix: `192.168.9.9:1:10.9.${which % 2}.0/24`,
      routeTargets: [`target:1:${1 + (where % 3)}`],
    },
  }),
  (_present, which) => ({ withdraw: { speaker: 's', prefix: `192.168.9.9:1:10.9.${which % 2}.0/24` } }),
  (present, which, where) => {
    const network = INSTANCES[which % INSTANCES.length]!;
    if (present.deleted.has(network)) return null;
    const target = `target:1:${1 + (where % 3) + 3}`;
    const key = `${network} ${target}`;
    if (present.targets.delete(key)) return { target: { network, remove: target } };
    present.targets.add(key);
    return { target: { network, add: target } };
  },
];

/** What befalls the network. */
const FAILURES: readonly Choice[] = [
  (present, which) => powerOff(present, 'crash', which),
  (present, which) => powerOff(present, 'stop', which),
  powerOn,
  (present, which, where) => {
    const [a, b] = [pick(present.nodes(), which), pick(present.nodes(), where)];
    if (a === null || b === null || a === b || present.cuts.some((cut) => cut.includes(a) && cut.includes(b)))
      return null;
    present.cuts.push([a, b]);
    return { cut: { sessions: [a, b] } };
  },
  (present, which) => {
    const cut = takeOut(present.cuts, which);
    return cut === null ? null : { heal: { sessions: cut } };
  },
];

/** What an operator does to it; it may come to nothing. */
const NUISANCES: readonly Choice[] = [
  (present, which, where) => {
    const [a, b] = [pick(present.nodes(), which), pick(present.nodes(), where)];
    return a === null || b === null || a === b ? null : { clear: { session: [a, b] } };
  },
  (_present, which) => ({ endOfRib: which % 2 === 0 ? { speaker: 's' } : { agent: 'a' } }),
  (present, which) => {
    const node = pick(present.nodes(), which)!;
    if (node === 's') return { raw: { from: 's', hex: 'ffffffffffffffffffffffffffffffff001304' } };
    return AGENTS.includes(node) ? { raw: { from: node, xml: ' ' } } : null;
  },
];

export interface PeeringHistory {
  /** All of it, and at its end everything runs and every cut is healed. */
  readonly steps: readonly Step[];
  /** The wishes alone, in their order. */
  readonly wishes: readonly Step[];
  /** Takes back whatever may have been wished for. */
  readonly farewell: readonly Step[];
}

export function peeringHistory(world: SmallPeerings, happened: readonly Happening[]): PeeringHistory {
  const present = new Present(world);
  const start: Step = { start: 'all' };
  const [steps, wishes]: [Step[], Step[]] = [[start], [start]];
  const choices = [...WISHES, ...WISHES, ...FAILURES, ...FAILURES, ...NUISANCES];
  for (const { what, which, where, afterMs } of happened) {
    const choice = choices[what % choices.length]!;
    const step = choice(present, which, where);
    if (step === null) continue;
    steps.push(afterMs === 0 ? step : { ...step, after: `${afterMs}ms` });
    if (WISHES.includes(choice)) wishes.push(step);
  }
  for (const cut of present.cuts) steps.push({ heal: { sessions: cut } });
  for (const node of present.down) steps.push({ start: { node } });
  return { steps: [...steps, { settle: {} }], wishes, farewell: farewellOf(present) };
}

function farewellOf(present: Present): readonly Step[] {
  const agents = agentsOf(present.world);
  return [
    ...agents.flatMap((agent, index) =>
      INSTANCES.flatMap((instance): Step[] => [
        { retract: { agent, instance, prefix: `10.${index + 1}.0.0/24`, count: 2 } },
        { unsubscribe: { agent, instance } },
      ]),
    ),
    { withdraw: { speaker: 's', prefix: '192.168.9.9:1:10.9.0.0/24', count: 2 } },
    ...[...present.targets].map((key): Step => {
      const [network, target] = key.split(' ');
      return { target: { network, remove: target } };
    }),
  ];
}
