/**
 * The same scenario and seed give the same recording, octet for octet, also when every receiver decodes its own octets;
 * and that this means something, because a fault planted in any codec makes the two recordings differ.
 */
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { ATTRIBUTES } from '../../src/bgp/attributes/table.ts';
import { INET_VPN } from '../../src/bgp/nlri/inet-vpn.ts';
import { ROUTE_TARGET } from '../../src/bgp/nlri/route-target.ts';
import { EncodedItem } from '../../src/xmpp/items.ts';
import { type PeeringHistory, peeringFiles, peeringHistory, smallPeerings } from './small-peerings.ts';
import {
  filesOf,
  firstDifference,
  happenings,
  historyOf,
  play,
  playWorld,
  recoveredHistory,
  type SmallWorld,
  smallWorld,
} from './small-worlds.ts';

/** What makes it hard for a cloud. */
const strains = fc.record(
  {
    costs: fc.constantFrom('zero', {
      controlNode: { perMessage: '5ms', perRoute: '1ms' },
      agent: { perMessage: '3ms', perRoute: '2ms' },
    }),
    latency: fc.constantFrom({ within: '0ms', between: '0ms' }, { within: '100ms', between: '900ms' }),
    bandwidth: fc.constantFrom('100kbit', '10Mbit'),
    holdTime: fc.constantFrom('3s', '9s'),
    clusterId: fc.constant(7),
    westernAs: fc.constant(200_000),
    sameSubnets: fc.constant(true),
    sameTargets: fc.constant(true),
    encapsulation: fc.constantFrom(['VXLAN', 'MPLSoUDP'], ['MPLSoGRE']),
    logicalRouters: fc.boolean(),
  },
  { requiredKeys: [] },
);
type Strain = typeof strains extends fc.Arbitrary<infer T> ? T : never;

function strained(files: Readonly<Record<string, string>>, strain: Strain): Readonly<Record<string, string>> {
  // what filesOf writes
  const scenario = parse(files['s.yaml']!) as {
    clusters: Record<string, Record<string, unknown> & { networks: Record<string, { subnet: string }> }>;
    federation?: Record<string, unknown>[];
  };
  const { costs, latency, bandwidth, holdTime, clusterId, westernAs, encapsulation, logicalRouters } = strain;
  for (const link of scenario.federation ?? []) if (bandwidth !== undefined) link.bandwidth = bandwidth;
  for (const [name, cluster] of Object.entries(scenario.clusters)) {
    Object.assign(cluster, { ...(holdTime === undefined ? {} : { holdTime, xmppHoldTime: holdTime }) });
    for (const [key, value] of Object.entries({ clusterId, encapsulation, logicalRouters })) {
      if (value !== undefined) cluster[key] = value;
    }
    if (westernAs !== undefined && name === 'west') cluster.asn = westernAs;
    if (strain.sameTargets || westernAs !== undefined) delete cluster.automaticTargets;
    if (strain.sameSubnets) {
      for (const [index, network] of Object.values(cluster.networks).entries()) network.subnet = `10.9.${index}.0/24`;
    }
  }
  const more = { ...(costs === undefined ? {} : { costs }), ...(latency === undefined ? {} : { latency }) };
  return { ...files, 's.yaml': stringify({ ...scenario, ...more }) };
}

describe('a scenario', () => {
  it('gives the same recording every time, and the same one as bytes', () => {
    fc.assert(
      fc.property(smallWorld, happenings, (world, happened) => {
        const steps = historyOf(world, happened);
        const first = playWorld(world, steps).recording;
        expect(firstDifference(playWorld(world, steps).recording, first)).toBe('none');
        expect(firstDifference(playWorld(world, steps, { wire: true }).recording, first)).toBe('none');
      }),
      { numRuns: 25 },
    );
  });

  it('does so under any strain: slow nodes and links, short hold times, reflection, colliding addresses and targets', () => {
    fc.assert(
      fc.property(smallWorld, strains, happenings, (world, strain, happened) => {
        const files = strained(filesOf(world, historyOf(world, happened)), strain);
        const first = play(files).recording;
        expect(firstDifference(play(files, { wire: true }).recording, first)).toBe('none');
      }),
      { numRuns: 25 },
    );
  });

  it('of the protocol altitude does so too, whatever fails', () => {
    fc.assert(
      fc.property(smallPeerings, happenings, (world, happened) => {
        const files = peeringFiles(world, (peeringHistory(world, happened) satisfies PeeringHistory).steps);
        const first = play(files).recording;
        expect(firstDifference(play(files).recording, first)).toBe('none');
        expect(firstDifference(play(files, { wire: true }).recording, first)).toBe('none');
      }),
      { numRuns: 40 },
    );
  });

  it('with another seed is played in another order, and settles the same when all of it runs again', () => {
    let differed = 0;
    fc.assert(
      fc.property(smallWorld, happenings, (world, happened) => {
        const steps = recoveredHistory(world, happened);
        const [one, other] = [playWorld(world, steps), playWorld(world, steps, { seed: world.seed + 1 })];
        expect(other.world.stateHash()).toBe(one.world.stateHash());
        if (firstDifference(withoutSeed(other), withoutSeed(one)) !== 'none') differed++;
      }),
      { numRuns: 30 },
    );
    expect(differed).toBeGreaterThan(15);
  });
});

/** Messages of a run, in the order in which they were handled. */
function withoutSeed({ world }: ReturnType<typeof play>): Uint8Array {
  const { recording } = world.sim;
  const rows = Array.from({ length: recording.messages.length }, (_, row) => recording.messageRow(row));
  return new TextEncoder().encode(JSON.stringify(rows));
}

/** Two clusters with all there is, and route reflection with communities at the other altitude: every codec is used. */
const CLOUDS: SmallWorld = {
  clusters: [0, 1].map(() => ({
    controlNodes: 2,
    vrouters: 2,
    networks: [{ workloads: [{ count: 2, group: 'web' }] }],
    policy: 'none' as const,
    pods: true,
    pathPreference: true,
  })),
  oneAs: false,
  shared: true,
  gateway: true,
  seed: 1,
};
const REFLECTION = {
  's.yaml': `scenario: a reflector between two nodes
nodes:
  R: { routerId: 192.168.0.1, clusterId: 1 }
  X: { routerId: 192.168.0.2 }
  Y: { routerId: 192.168.0.3 }
speakers: { s: { asn: 65000, families: [inet-vpn] } }
peerings:
  - { between: [R, X], type: router }
  - { between: [R, Y], type: router }
  - { between: [X, s], families: [inet-vpn] }
instances: { blue: { network: 1, routeTargets: ["target:1:1"] } }
agents: { a: { controlNodes: [X] }, b: { controlNodes: [Y] } }
steps:
  - start: all
  - subscribe: { agent: [a, b], instance: blue }
  - publish: { agent: a, instance: blue, prefix: 10.1.1.1/32, communities: ["64512:7"], med: 50, sequence: 2 }
  - announce: { speaker: s, prefix: "192.168.9.9:1:10.9.0.0/24", routeTargets: ["target:1:1"] }
`,
};
const WORLDS = [filesOf(CLOUDS, [{ start: 'all' }]), REFLECTION];

/** Makes one fault; tells how often it was met. */
interface Fault {
  readonly name: string;
  readonly plant: () => () => number;
}

/** What becomes of the last octet: a path gets worse, since one that got better at every hop would never come to rest. */
const WORSE: Readonly<Record<string, (octet: number) => number>> = {
  ORIGIN: (octet) => octet | 2,
  MULTI_EXIT_DISC: (octet) => octet | 1,
  LOCAL_PREF: (octet) => octet & 0xf3,
};

/** The last octet of what a codec writes is another one. */
const attributeFaults = ATTRIBUTES.map((codec): Fault => {
  const wrong = WORSE[codec.name] ?? ((octet: number) => octet ^ 1);
  return {
    name: codec.name,
    plant: () => {
      const { encode } = codec;
      const spy = vi.spyOn(codec, 'encode').mockImplementation((to, attributes, context) => {
        encode(to, attributes, context);
        to.patchU8(to.length - 1, wrong(to.peek()[to.length - 1]!));
      });
      return () => spy.mock.calls.length;
    },
  };
});

const nlriFaults = [INET_VPN, ROUTE_TARGET].map((codec): Fault => {
  return {
    name: codec === INET_VPN ? 'the VPN-IPv4 prefix' : 'the route target prefix',
    plant: () => {
      const { encode } = codec;
      const spy = vi.spyOn(codec, 'encode').mockImplementation((to, nlri, label, pool) => {
        encode(to, nlri, label, pool);
        to.patchU8(to.length - 1, to.peek()[to.length - 1]! ^ 2);
      });
      return () => spy.mock.calls.length;
    },
  };
});

/** The last digit of an element's text, or a letter of it, is another one. */
const itemFaults = [
  'address',
  'label',
  'local-preference',
  'med',
  'security-group',
  'sequence-number',
  'community-tag',
  'tunnel-encapsulation',
  'virtual-network',
].map((element): Fault => {
  return {
    name: `the item's ${element}`,
    plant: () => {
      let met = 0;
      const text = Object.getOwnPropertyDescriptor(EncodedItem.prototype, 'text')!.get!;
      vi.spyOn(EncodedItem.prototype, 'text', 'get').mockImplementation(function (this: EncodedItem) {
        return (text.call(this) as string).replace(new RegExp(`([^>/])(?=(/\\d+)?</${element}>)`), (last) => {
          met++;
          return last === '9' ? '8' : last === 'p' ? 'q' : String.fromCharCode(last.charCodeAt(0) + 1);
        });
      });
      return () => met;
    },
  };
});

/** Nobody of ours says these: they are for what others send. */
const UNUSED = ['ATOMIC_AGGREGATE', 'AGGREGATOR', 'AS4_AGGREGATOR', 'NEXT_HOP', 'AS4_PATH', 'ORIGIN_VN_PATH'];

describe('a fault planted in the codec', () => {
  const sound = WORLDS.map((files) => play(files).recording);

  afterEach(() => {
    vi.restoreAllMocks();
  });

  const faults = [...attributeFaults, ...nlriFaults, ...itemFaults];
  it.each(faults.map((fault) => [fault.name, fault] as const))(
    'of %s shows between octets and messages',
    (name, fault) => {
      if (UNUSED.includes(name)) {
        const met = fault.plant();
        for (const files of WORLDS) play(files);
        expect(met()).toBe(0);
        return;
      }
      const met = fault.plant();
      const shared = WORLDS.map((files) => play(files).recording);
      const wire = WORLDS.map((files) => play(files, { wire: true }).recording);
      expect(met()).toBeGreaterThan(0);
      // what is meant is recorded, not what is written
      expect(shared.map((recording, index) => firstDifference(recording, sound[index]!))).toEqual(['none', 'none']);
      expect(wire.some((recording, index) => firstDifference(recording, sound[index]!) !== 'none')).toBe(true);
    },
  );
});
