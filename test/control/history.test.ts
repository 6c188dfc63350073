import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/base/time.ts';
import { digestOf, routesOf } from '../../src/control/views.ts';
import { vpnNlri } from './nlris.ts';
import { controlNodeConfig, instance, neighbour, network, target } from './node-config.ts';
import { expectedTables, type ModelInstance, type ModelPath, VPN } from './oracle.ts';
import { Scene } from './scene.ts';
import type { ScriptedAgent } from './scripted-agent.ts';

const NAMES = ['d:p:blue:blue', 'd:p:red:red', 'd:p:green:green'] as const;
const TARGETS = ['target:64512:1', 'target:64512:2', 'target:64512:3'] as const;
const PREFIXES = ['10.1.1.1/32', '10.1.1.2/32', '10.1.0.0/16'] as const;
const AGENTS = ['192.168.1.1', '192.168.1.2'] as const;
const SPEAKERS = [
  { name: 'I', at: '192.168.0.11', asn: 64512 },
  { name: 'E', at: '192.168.0.12', asn: 65001 },
] as const;

type Step =
  | {
      readonly kind: 'publish';
      readonly agent: number;
      readonly instance: number;
      readonly prefix: number;
      readonly localPref: number;
      readonly bogus: boolean;
    }
  | { readonly kind: 'retract'; readonly agent: number; readonly instance: number; readonly prefix: number }
  | {
      readonly kind: 'announce';
      readonly speaker: number;
      readonly rd: number;
      readonly prefix: number;
      readonly targets: readonly number[];
      readonly looped: boolean;
      readonly origin: number;
    }
  | { readonly kind: 'withdraw'; readonly speaker: number; readonly rd: number; readonly prefix: number }
  | {
      readonly kind: 'configure';
      readonly instance: number;
      readonly imports: readonly number[];
      readonly exports: readonly number[];
    }
  | { readonly kind: 'resubscribe'; readonly agent: number; readonly instance: number }
  | { readonly kind: 'reconnect'; readonly agent: number };

const one = (count: number) => fc.integer({ min: 0, max: count - 1 });
const some = fc.subarray([0, 1, 2]);
const route = { instance: one(3), prefix: one(3) };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      agent: one(2),
      ...route,
      localPref: fc.constantFrom(100, 200),
      bogus: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('retract' as const), agent: one(2), ...route }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('announce' as const),
      speaker: one(2),
      rd: one(2),
      prefix: one(3),
      targets: some,
      looped: fc.boolean(),
      origin: fc.constantFrom(0, 2),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('withdraw' as const), speaker: one(2), rd: one(2), prefix: one(3) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('configure' as const), instance: one(3), imports: some, exports: some }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resubscribe' as const), agent: one(2), instance: one(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reconnect' as const), agent: one(2) }) },
);

/** A node with two agents and two speakers, and a model that is told the same. */
class History {
  readonly scene: Scene;
  private readonly agents: readonly ScriptedAgent[];
  private readonly primaries = new Map<string, ModelPath>();
  private readonly instances = new Map<string, ModelInstance>();

  constructor() {
    this.scene = new Scene([
      controlNodeConfig('X', '192.168.0.1', {
        networks: NAMES.map((name, i) => network(name, i + 1)),
        instances: NAMES.map((name, i) => instance(name, [TARGETS[i]!])),
        neighbours: SPEAKERS.map(({ name, at, asn }) => neighbour(name, at, { asn, families: ['inet-vpn'] })),
      }),
    ]);
    for (const { name, at, asn } of SPEAKERS) this.scene.speaker(name, at, asn, ['X'], ['inet-vpn']);
    this.agents = AGENTS.map((at, i) => this.scene.agent(`a${i}`, at, 'X'));
    NAMES.forEach((name, i) => {
      const own = new Set([TARGETS[i]!]);
      this.instances.set(name, { imports: own, exports: own, watched: true });
    });
    for (const agent of this.agents.keys()) this.subscribeAll(agent);
    this.wait();
  }

  play(step: Step): void {
    switch (step.kind) {
      case 'publish': {
        const { agent, localPref, bogus } = step;
        const [name, prefix] = [NAMES[step.instance]!, PREFIXES[step.prefix]!];
        const nextHop = AGENTS[agent]!;
        const encapsulations = bogus ? ['bogus'] : ['udp'];
        this.agents[agent]!.publish(name, prefix, { nextHop, encapsulations, item: { localPreference: localPref } });
        const rd = `${nextHop}:${step.instance + 1}`;
        const common = { peer: `a${agent}`, rd, localPref, asPathLength: 0, origin: 2, targets: [] };
        this.put({ ...common, table: name, key: prefix, feasible: !bogus });
        break;
      }
      case 'retract': {
        const [name, prefix] = [NAMES[step.instance]!, PREFIXES[step.prefix]!];
        this.agents[step.agent]!.retract(name, prefix, AGENTS[step.agent]!);
        this.primaries.delete(`${name}|${prefix}|a${step.agent}`);
        break;
      }
      case 'announce': {
        const { name, asn } = SPEAKERS[step.speaker]!;
        const external = asn !== 64512;
        const targets = step.targets.map((i) => TARGETS[i]!);
        const asns = [...(external ? [asn] : []), ...(step.looped ? [64512] : [])];
        this.speaker(name).announce(
          'inet-vpn',
          vpnNlri(this.scene.pool, `${this.rd(step.rd)}:${PREFIXES[step.prefix]!}`),
          {
            targets,
            origin: step.origin,
            asPath: asns.length === 0 ? [] : [{ kind: 'sequence', asns }],
          },
        );
        const key = `${this.rd(step.rd)} ${PREFIXES[step.prefix]!}`;
        const common = {
          peer: name,
          rd: this.rd(step.rd),
          localPref: 100,
          asPathLength: asns.length,
          origin: step.origin,
        };
        this.put({ ...common, table: VPN, key, feasible: !step.looped, targets });
        break;
      }
      case 'withdraw': {
        const { name } = SPEAKERS[step.speaker]!;
        const [rd, prefix] = [this.rd(step.rd), PREFIXES[step.prefix]!];
        this.speaker(name).withdraw('inet-vpn', vpnNlri(this.scene.pool, `${rd}:${prefix}`));
        this.primaries.delete(`${VPN}|${rd} ${prefix}|${name}`);
        break;
      }
      case 'configure': {
        const name = NAMES[step.instance]!;
        const [imports, exports] = [step.imports, step.exports].map((list) => list.map((i) => TARGETS[i]!));
        this.configure(name, imports!, exports!);
        break;
      }
      case 'resubscribe': {
        const name = NAMES[step.instance]!;
        this.agents[step.agent]!.unsubscribe(name);
        this.agents[step.agent]!.forget(name);
        this.agents[step.agent]!.subscribe(name, step.instance + 1);
        for (const prefix of PREFIXES) this.primaries.delete(`${name}|${prefix}|a${step.agent}`);
        break;
      }
      case 'reconnect':
        this.agents[step.agent]!.shut();
        for (const [key, path] of this.primaries) if (path.peer === `a${step.agent}`) this.primaries.delete(key);
        this.wait();
        this.agents[step.agent]!.started();
        while (!this.agents[step.agent]!.isUp) this.scene.runFor(seconds(1));
        this.subscribeAll(step.agent);
        break;
    }
    this.wait();
  }

  configure(name: string, imports: readonly string[], exports: readonly string[]): void {
    const marked = TARGETS.filter((text) => imports.includes(text) || exports.includes(text)).map((text) => {
      if (!imports.includes(text)) return target(text, 'export');
      return target(text, exports.includes(text) ? 'both' : 'import');
    });
    this.scene.node('X').apply({ kind: 'instance', instance: instance(name, marked) });
    const watched = this.instances.get(name)!.watched || exports.length > 0;
    this.instances.set(name, { imports: new Set(imports), exports: new Set(exports), watched });
  }

  /** Everything taken back, by whoever said it, and every instance as it was. */
  undo(): void {
    for (const [agent] of AGENTS.entries()) {
      for (const [i] of NAMES.entries()) {
        for (const [prefix] of PREFIXES.entries()) this.play({ kind: 'retract', agent, instance: i, prefix });
      }
    }
    for (const [speaker] of SPEAKERS.entries()) {
      for (const rd of [0, 1])
        for (const [prefix] of PREFIXES.entries()) this.play({ kind: 'withdraw', speaker, rd, prefix });
    }
    NAMES.forEach((name, i) => {
      this.configure(name, [TARGETS[i]!], [TARGETS[i]!]);
    });
    this.wait();
  }

  expected(): ReadonlyMap<string, readonly string[]> {
    return expectedTables([...this.primaries.values()], this.instances);
  }

  found(): ReadonlyMap<string, readonly string[]> {
    const x = this.scene.node('X');
    const short = (table: string) => (table === 'bgp.l3vpn.0' ? VPN : table.replace('.inet.0', ''));
    const found = new Map<string, readonly string[]>();
    for (const table of [...NAMES.map((name) => `${name}.inet.0`), 'bgp.l3vpn.0']) {
      for (const { prefix, paths } of routesOf(x, table)) {
        const key = table === 'bgp.l3vpn.0' ? prefix.replace(/:([^:]*)$/, ' $1') : prefix;
        const told = paths.map(
          ({ peer, copiedFrom }) => `${peer} ${copiedFrom === '' ? 'primary' : `from ${short(copiedFrom)}`}`,
        );
        found.set(`${short(table)}|${key}`, told.sort());
      }
    }
    return found;
  }

  /** What agents hold is what the tables say is usable: every route with a feasible best path, and no other. */
  heldAsStored(): void {
    const x = this.scene.node('X');
    for (const name of NAMES) {
      const usable = routesOf(x, `${name}.inet.0`).filter(({ paths }) => paths[0]!.feasible);
      const expected = usable.map(({ prefix, paths }) => ({
        prefix,
        hops: [
          ...new Set(
            paths
              .filter(({ ecmp }) => ecmp)
              .map(({ nextHop, label, virtualNetwork }) => `${nextHop} ${label} ${virtualNetwork}`),
          ),
        ],
      }));
      for (const agent of this.agents) {
        const held = expected.map(({ prefix }) => ({
          prefix,
          hops: (agent.item(name, prefix)?.nextHops ?? []).map(
            ({ address, label, virtualNetwork }) => `${address} ${label} ${virtualNetwork}`,
          ),
        }));
        expect(held).toEqual(expected);
        expect(agent.held(name)).toHaveLength(expected.length);
      }
    }
  }

  private put(path: ModelPath): void {
    this.primaries.set(`${path.table}|${path.key}|${path.peer}`, path);
  }

  private rd(index: number): string {
    return `7.7.7.7:${index + 1}`;
  }

  private speaker(name: string) {
    return this.scene.speakers.get(name)!;
  }

  private subscribeAll(agent: number): void {
    NAMES.forEach((name, i) => {
      this.agents[agent]!.subscribe(name, i + 1);
    });
  }

  private wait(): void {
    this.scene.runFor(seconds(0.01));
  }
}

describe('after every event of a random history', () => {
  it('a path is in an instance exactly when it is among the best of its source, feasible, and they share a target', () => {
    fc.assert(
      fc.property(fc.array(steps, { minLength: 1, maxLength: 40 }), (history) => {
        const world = new History();
        for (const step of history) {
          world.play(step);
          expect(new Map([...world.found()].sort())).toEqual(new Map([...world.expected()].sort()));
        }
        world.heldAsStored();
      }),
    );
  });

  it('everything taken back leaves the node as it was before', () => {
    fc.assert(
      fc.property(fc.array(steps, { minLength: 1, maxLength: 30 }), (history) => {
        const world = new History();
        const before = digestOf(world.scene.node('X'));
        const size = () => world.scene.node('X').rib.store.paths.size;
        const pathsBefore = size();
        for (const step of history) world.play(step);
        world.undo();
        expect(digestOf(world.scene.node('X'))).toBe(before);
        expect(size()).toBe(pathsBefore);
        world.heldAsStored();
      }),
      { numRuns: 30 },
    );
  });
});
