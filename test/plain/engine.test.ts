/**
 * Sharing changes no answer: an engine that interns nothing in common, keeps no answers and shares no tables gives the
 * same recording, octet for octet, of any world and history, and ends with the same routes; and that this means something, because a fault planted in
 * what is shared makes the two recordings differ.
 */
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { IdMemo, LastMemo, Memo, ObjectMemo, SparseMemo } from '../../src/base/memo.ts';
import { NO_PEERS, PeerSets } from '../../src/bgp/peer-set.ts';
import { RibOut } from '../../src/bgp/rib-out.ts';
import { AttributeTable } from '../../src/route/attributes.ts';
import { CommonAttributesTable } from '../../src/route/common-attributes.ts';
import { InetTable } from '../../src/vrouter/inet-table.ts';
import { NextHopTable } from '../../src/vrouter/next-hop.ts';
import { OfferTable } from '../../src/vrouter/offer-table.ts';
import { vrfViews } from '../../src/vrouter/views.ts';
import { peeringFiles, peeringHistory, smallPeerings } from '../world/small-peerings.ts';
import {
  filesOf,
  firstDifference,
  happenings,
  historyOf,
  type Played,
  play,
  type SmallWorld,
  smallWorld,
} from '../world/small-worlds.ts';
import { plainEngine } from './engine.ts';

type Files = Readonly<Record<string, string>>;

const plain = await plainEngine();

interface Outcome {
  readonly recording: Uint8Array;
  readonly state: string;
  /** Every row of every agent as an operator sees it, but for the numbers of next hops, which are told by nobody. */
  readonly rows: string;
}

function outcomeOf({ recording, world }: Played): Outcome {
  const rows = [...world.agents.values()].flatMap((agent) => vrfViews(agent));
  const withoutIds = JSON.stringify(rows, (key, value: unknown) => (key === 'nextHopId' ? undefined : value));
  return { recording, state: world.stateHash(), rows: withoutIds };
}

function difference(one: Outcome, other: Outcome): string {
  const found = firstDifference(one.recording, other.recording);
  if (found !== 'none') return found;
  if (one.state !== other.state) return 'the state at the end';
  return one.rows === other.rows ? 'none' : 'what routes of agents lead to at the end';
}

/** Between the two engines. */
function differenceOf(files: Files): string {
  return difference(outcomeOf(plain(files)), outcomeOf(play(files)));
}

describe('an engine without sharing', () => {
  it('gives the same recording of any cloud, whatever happens to it', () => {
    fc.assert(
      fc.property(smallWorld, happenings, (world, happened) => {
        expect(differenceOf(filesOf(world, historyOf(world, happened)))).toBe('none');
      }),
      { numRuns: 12 },
    );
  });

  it('gives the same recording of any control nodes, agents and speakers, whatever is said and done', () => {
    fc.assert(
      fc.property(smallPeerings, happenings, (world, happened) => {
        expect(differenceOf(peeringFiles(world, peeringHistory(world, happened).steps))).toBe('none');
      }),
      { numRuns: 25 },
    );
  });

  it('stands on other classes, and no two of its nodes have ids in common', () => {
    const partsOf = ({ world }: Played): readonly object[] => {
      const { rib } = world.controlNode('ctl-east-1');
      const { store, groups, peerSets, pool } = rib;
      const { offers, fabric } = world.agent('vr-east-1').tables;
      return [store, store.paths, rib.vpnTable, groups, peerSets, pool, pool.attributes.commons, offers, fabric.table];
    };
    const sourceOf = (part: object) => String(part.constructor);
    const [one, other] = [play(CLOUDS), plain(CLOUDS)];
    const others = partsOf(other);
    const same = partsOf(one).filter((part, index) => sourceOf(part) === sourceOf(others[index]!));
    expect(same.map((part) => part.constructor.name)).toEqual(['RoutePool']); // it only holds the tables
    const pools = [...other.world.controlNodes.values()].map(({ rib }) => rib.pool);
    expect(new Set(pools).size).toBe(pools.length);
    expect(pools.every((pool) => pool !== other.world.pool)).toBe(true);
  });
});

/** Two clouds with all there is, and what makes shared things change. */
const CLOUD: SmallWorld = {
  clusters: [0, 1].map(() => ({
    controlNodes: 2,
    vrouters: 2,
    networks: [{ workloads: [{ count: 2, group: 'web' }] }, { workloads: [{ count: 2, group: null }] }],
    policy: 'none' as const,
    pods: true,
    pathPreference: true,
  })),
  oneAs: false,
  shared: true,
  gateway: true,
  seed: 1,
};
const CLOUDS = filesOf(CLOUD, [
  { start: 'all' },
  { settle: {} },
  { target: { network: 'east/p/net-2', add: 'target:65100:1' } },
  { target: { network: 'west/p/net-2', add: 'target:65100:1' } },
  { move: { workload: 'vm:east/p/w1a-1', to: 'vr-east-2' } },
  { scale: { controller: 'vm:west/p/w2a', replicas: 3 } },
  { settle: {} },
  { target: { network: 'east/p/net-2', remove: 'target:65100:1' } },
  { delete: { workload: 'vm:west/p/w1a-2' } },
  { settle: {} },
  { crash: { node: 'ctl-east-1' } },
  { settle: {} },
  { start: { node: 'ctl-east-1' } },
  { cut: { sessions: ['east', 'west'] } },
  { settle: {} },
  { heal: { sessions: ['east', 'west'] } },
  { settle: {} },
]);
const PEERINGS = {
  's.yaml': `scenario: two control nodes
nodes:
  X: { routerId: 192.168.0.1 }
  Y: { routerId: 192.168.0.2 }
peerings: [{ between: [X, Y] }]
instances:
  blue: { network: 1, routeTargets: ["target:1:1"] }
agents: { a: { controlNodes: [X] }, b: { controlNodes: [X, Y] }, c: { controlNodes: [Y] } }
steps:
  - start: all
  - subscribe: { agent: [a, b, c], instance: blue }
  - publish: { agent: a, instance: blue, prefix: 10.1.1.1/32, label: 101, med: 50 }
  - publish: { agent: b, instance: blue, prefix: 10.1.1.1/32, label: 102, med: 50 }
  - publish: { agent: c, instance: blue, prefix: 10.1.1.0/24, label: 103, localPref: 200 }
  - settle: {}
  - publish: { agent: c, instance: blue, prefix: 10.1.1.0/24, label: 103, localPref: 300 }
  - publish: { agent: c, instance: blue, prefix: 10.1.1.0/24, label: 103, localPref: 300, med: 7 }
  - retract: { agent: a, instance: blue, prefix: 10.1.1.1/32 }
  - settle: {}
  - publish: { agent: a, instance: blue, prefix: 10.1.1.1/32, label: 101, med: 50 }
  - settle: {}
  - publish: { agent: b, instance: blue, prefix: 10.1.1.1/32, label: 104, med: 50 }
  - settle: {}
`,
};
const WORLDS: readonly Files[] = [CLOUDS, PEERINGS];

/** Puts a fault into something that is shared. */
interface Fault {
  readonly name: string;
  readonly plant: () => void;
}

type Method<T, K extends keyof T> = T[K] extends (...args: infer A) => infer R ? (...args: A) => R : never;

/** Calls of the method go to `replace`, which is given the method itself. */
function replaced<T extends object, K extends keyof T & string>(
  type: { readonly prototype: T },
  method: K,
  replace: (original: Method<T, K>) => Method<T, K>,
): void {
  const methods = type.prototype as Record<string, unknown>;
  const original = methods[method] as (...args: unknown[]) => unknown; // K is the name of a method
  vi.spyOn(methods as Record<string, (...args: unknown[]) => unknown>, method).mockImplementation(function (
    this: unknown,
    ...args: unknown[]
  ): unknown {
    return (replace(original.bind(this) as Method<T, K>) as (...args: unknown[]) => unknown)(...args);
  });
}

const FAULTS: readonly Fault[] = [
  {
    name: 'tables outlive what they rest on',
    plant: () => replaced(Memo, 'forget', () => () => {}),
  },
  {
    name: 'numbers by id outlive what they rest on',
    plant: () => replaced(IdMemo, 'forget', () => () => {}),
  },
  {
    name: 'what a path leaves an instance with outlives its targets',
    plant: () => replaced(SparseMemo, 'forget', () => () => {}),
  },
  {
    name: 'the last answer outlives what it rests on',
    plant: () => replaced(LastMemo, 'forget', () => () => {}),
  },
  {
    name: 'a memo keeps the first answer when it is given another',
    plant: () => {
      const answers = new Map<object, Map<unknown, unknown>>();
      vi.spyOn(Memo.prototype, 'set').mockImplementation(function (this: Memo<unknown, unknown>, key, answer) {
        const own = answers.get(this) ?? new Map<unknown, unknown>();
        answers.set(this, own);
        if (!own.has(key)) own.set(key, answer);
        return own.get(key);
      });
    },
  },
  {
    name: 'an answer about one object is taken for that about another',
    plant: () => {
      let last: unknown;
      replaced(ObjectMemo, 'get', () => () => last);
      replaced(ObjectMemo, 'set', () => (_key, answer) => (last = answer));
    },
  },
  ...(['localPref', 'med', 'extendedCommunities'] as const).map(
    (name): Fault => ({
      name: `attribute sets that differ in ${name} alone have one id`,
      plant: () => {
        const ids = new Map<string, number>();
        replaced(
          CommonAttributesTable,
          'intern',
          (intern) => (set) => firstOf(ids, { ...set, [name]: null }, () => intern(set)),
        );
      },
    }),
  ),
  {
    name: 'attribute sets that differ in their next hop alone have one id',
    plant: () => {
      const ids = new Map<string, number>();
      replaced(
        AttributeTable,
        'of',
        (of) => (common, nextHop, rd, mac) => firstOf(ids, [common, rd, mac], () => of(common, nextHop, rd, mac)),
      );
    },
  },
  {
    name: 'offers of one preference have one number',
    plant: () => {
      const ids = new Map<string, number>();
      replaced(OfferTable, 'drop', () => () => {});
      replaced(
        OfferTable,
        'number',
        (number) => (offer) => firstOf(ids, [offer.localPreference, offer.nextHops[0]?.label], () => number(offer)),
      );
    },
  },
  {
    name: 'a set of peers and another are the first of them',
    plant: () => replaced(PeerSets, 'union', () => (set, other) => (set === NO_PEERS ? other : set)),
  },
  {
    name: 'a set of peers and one more is what it was with another one more',
    plant: () => {
      const sets = new Map<string, number>();
      replaced(PeerSets, 'with', (plus) => (set, peer) => firstOf(sets, set, () => plus(set, peer)));
    },
  },
  {
    name: 'what a peer was told outlives the peer',
    plant: () => replaced(RibOut, 'forget', () => () => {}),
  },
  {
    name: 'what an agent hears of its active path is taken for what it heard before',
    plant: () =>
      replaced(
        InetTable,
        'choose',
        (choose) =>
          (row, lower, forwarding, heard = -1) =>
            choose(row, lower, forwarding, heard < 0 ? -1 : 1 - heard),
      ),
  },
  {
    name: 'groups of next hops that differ in their labels are one',
    plant: () => {
      const ids = new Map<string, number>();
      replaced(
        NextHopTable,
        'composite',
        (composite) => (members, local) =>
          firstOf(ids, [members.map((member) => member?.nextHop), local], () => composite(members, local)),
      );
    },
  },
];

function firstOf(ids: Map<string, number>, key: unknown, make: () => number): number {
  const text = JSON.stringify(key);
  const known = ids.get(text) ?? make();
  ids.set(text, known);
  return known;
}

describe('a fault planted in what is shared', () => {
  const sound = WORLDS.map((files) => outcomeOf(plain(files)));
  const found = () => WORLDS.map((files, index) => attempt(() => difference(outcomeOf(play(files)), sound[index]!)));

  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('is none at first', () => {
    expect(found()).toEqual(['none', 'none']);
  });

  it.each(FAULTS.map((fault) => [fault.name, fault] as const))('shows where %s', (_, fault) => {
    fault.plant();
    expect(found().filter((one) => one !== 'none')).not.toEqual([]);
  });
});

/** A fault may also break a promise that the engine holds itself to. */
function attempt(compare: () => string): string {
  try {
    return compare();
  } catch (fault) {
    return String(fault);
  }
}
