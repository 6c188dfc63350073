import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccessList, AclAddress, AclEntry } from '../../src/policy/access-list.ts';
import {
  BY_ENTRY,
  BY_MIRROR,
  evaluate,
  evaluateUnion,
  formatEntry,
  GATEWAY_SERVICE,
  gatewayVerdict,
  NO_LIST,
  NO_MATCH,
  type PolicyKey,
  VERDICT_REASONS,
} from '../../src/policy/evaluate.ts';
import { address, prefix } from '../support/values.ts';

const network = (name: string): AclAddress => ({ kind: 'network', name });
const ANY: AclAddress = { kind: 'any' };
const entry = (change: Partial<AclEntry>): AclEntry => ({
  rule: 'r',
  source: ANY,
  destination: ANY,
  protocol: null,
  sourcePorts: [],
  destinationPorts: [],
  direction: '>',
  action: 'pass',
  at: null,
  ...change,
});
const list = (...entries: AclEntry[]): AccessList => ({ name: 'acl', entries });
const packet = (change: Partial<PolicyKey>): PolicyKey => ({
  sourceNetworks: [],
  destinationNetworks: [],
  sourceGroups: [],
  destinationGroups: [],
  source: address('10.0.0.1'),
  destination: address('10.0.0.2'),
  protocol: 6,
  sourcePort: 40_000,
  destinationPort: 5432,
  ...change,
});
const subnet = (text: string): AclAddress => ({ kind: 'subnets', prefixes: [prefix(text)] });

// VR-4.6.p3: pass tcp A <> B, any -> 5432, as the transformer writes the list of A
const worked = list(
  entry({
    source: network('A'),
    destination: network('B'),
    protocol: 6,
    destinationPorts: [{ low: 5432, high: 5432 }],
    direction: '<>',
  }),
  entry({ source: network('A'), destination: network('A') }),
  entry({ source: network('A'), destination: network('B'), direction: '<>', action: 'deny' }),
  entry({}),
);
const fromTo = (a: string, b: string, change: Partial<PolicyKey> = {}): PolicyKey =>
  packet({ sourceNetworks: [a], destinationNetworks: [b], ...change });

describe('an access list', () => {
  it('lets A open connections to the port of B and refuses the rest of the pair (VR-4.6/B1 to VR-4.6/B5)', () => {
    expect(evaluate(worked, fromTo('A', 'B'))).toMatchObject({ action: 'pass', because: BY_ENTRY });
    expect(evaluate(worked, fromTo('B', 'A', { sourcePort: 5432, destinationPort: 40_000 }))).toMatchObject({
      action: 'pass',
      because: BY_MIRROR,
      entry: worked.entries[0],
    });
    expect(evaluate(worked, fromTo('A', 'B', { destinationPort: 22 }))).toMatchObject({
      action: 'deny',
      because: BY_ENTRY,
      entry: worked.entries[2],
    });
    // the mirror opens no connection the other way (VR-4.6.6)
    expect(evaluate(worked, fromTo('B', 'A'))).toMatchObject({ action: 'deny', because: BY_MIRROR });
    expect(evaluate(worked, fromTo('A', 'B', { protocol: 1 })).action).toBe('deny');
    expect(evaluate(worked, fromTo('A', 'C', { protocol: 17 }))).toMatchObject({
      action: 'pass',
      entry: worked.entries[3],
    });
  });

  it('that is absent passes everything, and one without entries denies everything (VR-4.4/C1, VR-4.4/C4)', () => {
    expect(evaluate(null, packet({}))).toMatchObject({ action: 'pass', because: NO_LIST });
    expect(evaluate(list(), packet({}))).toMatchObject({ action: 'deny', because: NO_MATCH });
  });

  it('matches a network name only through the route: without a route only any matches (VR-4.4/D1)', () => {
    const named = list(entry({ source: network('A') }));
    expect(evaluate(named, packet({})).action).toBe('deny');
    expect(evaluate(named, packet({ sourceNetworks: ['unresolved'] })).action).toBe('deny');
    expect(evaluate(list(entry({})), packet({})).action).toBe('pass');
    expect(evaluate(named, packet({ sourceNetworks: ['C', 'A'] })).action).toBe('pass');
  });

  it('compares ports for TCP and UDP only, so ICMP passes a rule with ports of protocol any (VR-4.4/D3)', () => {
    const port = list(entry({ destinationPorts: [{ low: 80, high: 81 }] }));
    expect(evaluate(port, packet({ destinationPort: 80 })).action).toBe('pass');
    expect(evaluate(port, packet({ destinationPort: 82 })).action).toBe('deny');
    expect(evaluate(port, packet({ protocol: 17, destinationPort: 79 })).action).toBe('deny');
    expect(evaluate(port, packet({ protocol: 1, destinationPort: 0 })).action).toBe('pass');
  });

  it('reads as a person would write it', () => {
    expect(formatEntry(worked.entries[0]!)).toBe('pass tcp A <> B:5432');
    expect(formatEntry(entry({ source: { kind: 'group', id: 8000002 }, protocol: 47, action: 'deny' }))).toBe(
      'deny 47 group 8000002 > any',
    );
    expect(formatEntry(entry({ source: subnet('10.0.0.0/8'), sourcePorts: [{ low: 1, high: 2 }] }))).toBe(
      'pass any 10.0.0.0/8:1-2 > any',
    );
    expect(VERDICT_REASONS[NO_MATCH]).toBe('no entry matches');
  });
});

describe('security groups of one interface', () => {
  const fromGroup = list(entry({ source: { kind: 'group', id: 8_000_002 } }));
  const fromRange = list(entry({ source: subnet('10.150.0.0/16'), protocol: 6 }));

  it('are a union: the first group that admits the packet decides (VR-4.8.3)', () => {
    const inRange = packet({ source: address('10.150.255.252') });
    expect(evaluateUnion([fromGroup, fromRange], inRange)).toMatchObject({ action: 'pass', list: fromRange });
    expect(evaluateUnion([fromGroup, fromRange], packet({ sourceGroups: [8_000_002] })).list).toBe(fromGroup);
    expect(evaluateUnion([fromGroup, fromRange], packet({}))).toMatchObject({ action: 'deny', because: NO_MATCH });
  });

  it('that are none allow everything, and one without rules allows nothing (VR-0.13, VR-4.8.4)', () => {
    expect(evaluateUnion([], packet({})).action).toBe('pass');
    expect(evaluateUnion([list()], packet({})).action).toBe('deny');
  });
});

describe('the gateway and the DNS address of a subnet', () => {
  const gateway = address('10.0.0.2');
  it('always answer ICMP and DNS (VR-4.4/C2, VR-0.14)', () => {
    expect(gatewayVerdict([gateway], packet({ protocol: 1 }))).toMatchObject({ because: GATEWAY_SERVICE });
    expect(gatewayVerdict([gateway], packet({ protocol: 17, destinationPort: 53 }))?.action).toBe('pass');
    expect(gatewayVerdict([gateway], packet({ protocol: 17, sourcePort: 53 }))?.action).toBe('pass');
  });
  it('get no other favour', () => {
    expect(gatewayVerdict([gateway], packet({ protocol: 6, destinationPort: 53 }))).toBeNull();
    expect(gatewayVerdict([gateway], packet({ protocol: 17, destinationPort: 54 }))).toBeNull();
    expect(gatewayVerdict([address('10.0.0.9')], packet({ protocol: 1 }))).toBeNull();
  });
});

describe('direction <>', () => {
  const names = fc.constantFrom('A', 'B', 'C');
  const address: fc.Arbitrary<AclAddress> = fc.oneof(
    fc.constant(ANY),
    names.map(network),
    fc.integer({ min: 1, max: 3 }).map((id): AclAddress => ({ kind: 'group', id })),
  );
  const ports = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })).map(([low, more]) => ({
      low,
      high: low + more,
    })),
    { maxLength: 1 },
  );
  const entries = fc.record({
    rule: fc.constant('r'),
    source: address,
    destination: address,
    protocol: fc.constantFrom(null, 1, 6, 17),
    sourcePorts: ports,
    destinationPorts: ports,
    direction: fc.constantFrom('>', '<>') as fc.Arbitrary<'>' | '<>'>, // constantFrom widens to string
    action: fc.constantFrom('pass', 'deny') as fc.Arbitrary<'pass' | 'deny'>, // constantFrom widens to string
    at: fc.constant(null),
  });
  const keys = fc.record({
    sourceNetworks: fc.array(names, { maxLength: 2 }),
    destinationNetworks: fc.array(names, { maxLength: 2 }),
    sourceGroups: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
    destinationGroups: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
    source: fc.constant(1),
    destination: fc.constant(2),
    protocol: fc.constantFrom(1, 6, 17),
    sourcePort: fc.integer({ min: 0, max: 8 }),
    destinationPort: fc.integer({ min: 0, max: 8 }),
  });

  it('is an entry and its mirror right behind it, whatever the list (VR-4.6.6)', () => {
    fc.assert(
      fc.property(fc.array(entries, { maxLength: 5 }), keys, (written, key) => {
        const expanded = written.flatMap((one): AclEntry[] =>
          one.direction === '>'
            ? [one]
            : [
                { ...one, direction: '>' },
                {
                  ...one,
                  direction: '>',
                  source: one.destination,
                  destination: one.source,
                  sourcePorts: one.destinationPorts,
                  destinationPorts: one.sourcePorts,
                },
              ],
        );
        expect(evaluate(list(...written), key).action).toBe(evaluate(list(...expanded), key).action);
      }),
    );
  });
});
