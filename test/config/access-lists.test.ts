import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVERY_NETWORK, evaluatePolicies, groupLists, IMPLICIT_ALLOW } from '../../src/config/access-lists.ts';
import type { NetworkPolicy, PolicyRule, SecurityGroupRule } from '../../src/config/objects.ts';
import type { AccessList } from '../../src/policy/access-list.ts';
import { evaluate, formatEntry, type PolicyKey } from '../../src/policy/evaluate.ts';
import { prefix } from '../support/values.ts';
import { full, group, policy, rule } from './intent.ts';

const on = (name: string, ...policies: readonly NetworkPolicy[]) =>
  evaluatePolicies({ name: full(name), policies, provider: false }, true);
const lines = (list: AccessList | null): readonly string[] =>
  (list?.entries ?? []).map((entry) => formatEntry(entry).replaceAll('default-domain:p:', ''));

describe('the access list of a network', () => {
  it('is absent without a policy, so that everything with a route passes (OR-5.5.18, VR-4.6.1)', () => {
    expect(on('A')).toEqual({ accessList: null, connections: new Set() });
  });

  it('holds the rules, the network itself, the denied pairs and any-any, in this order (OR-5.5.17, OR-5.5.21)', () => {
    const postgres = policy('db', rule('A <> B', { protocol: 6, destinationPorts: [{ low: 5432, high: 5432 }] }));
    expect(lines(on('A', postgres).accessList)).toEqual([
      'pass tcp A <> B:5432',
      'pass any A > A',
      'deny any A <> B',
      'pass any any > any',
    ]);
    expect(on('A', postgres).accessList?.entries.map((entry) => entry.rule)).toEqual([
      'A <> B',
      IMPLICIT_ALLOW,
      'A <> B',
      IMPLICIT_ALLOW,
    ]);
  });

  it('ends in any-any deny and denies no pair when logical routers are off (OR-5.5.21)', () => {
    const postgres = policy('db', rule('A <> B', { protocol: 6, destinationPorts: [{ low: 5432, high: 5432 }] }));
    const subject = { name: full('A'), policies: [postgres], provider: false };
    expect(lines(evaluatePolicies(subject, false).accessList)).toEqual([
      'pass tcp A <> B:5432',
      'pass any A > A',
      'deny any any > any',
    ]);
  });

  it('has no deny copy of a rule that passes everything: the copy is covered by the rule itself (OR-5.5.40)', () => {
    expect(lines(on('A', policy('p', rule('A <> B'))).accessList)).toEqual([
      'pass any A <> B',
      'pass any A > A',
      'pass any any > any',
    ]);
  });

  it('takes policies in the sequence given and rules in their order, and skips rules of other networks (OR-5.5.9)', () => {
    const first = policy('first', rule('C <> D'), rule('A > B', { action: 'deny' }));
    const second = policy('second', rule('local <> C', { protocol: 17 }));
    expect(lines(on('A', first, second).accessList).slice(0, 2)).toEqual(['deny any A > B', 'pass udp A <> C']);
  });

  it('keeps rules between prefixes on every network that has the policy (OR-5.5.9, VR-4.6.5)', () => {
    const cidr = policy('p', rule('10.0.0.0/8 > 192.168.0.0/16', { protocol: 6 }));
    expect(lines(on('A', cidr).accessList)).toEqual([
      'pass tcp 10.0.0.0/8 > 192.168.0.0/16',
      'pass any A > A',
      'deny any 10.0.0.0/8 > 192.168.0.0/16',
      'pass any any > any',
    ]);
  });

  it('has an entry for each combination of source and destination ports (OR-5.5.10)', () => {
    const ports = [{ low: 1, high: 2 }, { low: 5, high: 5 }]; // biome-ignore format: two ranges
    const many = policy('p', rule('A > B', { protocol: 6, sourcePorts: ports, destinationPorts: ports }));
    expect(lines(on('A', many).accessList).slice(0, 4)).toEqual([
      'pass tcp A:1-2 > B:1-2',
      'pass tcp A:1-2 > B:5',
      'pass tcp A:5 > B:1-2',
      'pass tcp A:5 > B:5',
    ]);
  });

  it('drops what an earlier entry covers, without looking at direction or action (OR-5.5.40, VR-4.6.4)', () => {
    const both = policy('p', rule('A > B'), rule('A <> B'), rule('A > B', { protocol: 6, action: 'deny' }));
    expect(lines(on('A', both).accessList)[0]).toBe('pass any A > B');
    expect(lines(on('A', both).accessList)).toHaveLength(3);
    const nets = policy('p', rule('10.0.0.0/8 > 10.9.0.0/16'), rule('10.1.0.0/16 > 10.9.1.0/24', { action: 'deny' }));
    expect(lines(on('A', nets).accessList)[1]).toBe('pass any A > A');
    const mixed = policy('p', rule('10.0.0.0/8 > A'), rule('B > A'));
    expect(lines(on('A', mixed).accessList).slice(0, 2)).toEqual(['pass any 10.0.0.0/8 > A', 'pass any B > A']);
  });

  it('closes the underlay network towards others even without a policy (OR-5.5.20)', () => {
    const fabric = evaluatePolicies({ name: full('ip-fabric'), policies: [], provider: true }, true);
    expect(lines(fabric.accessList)).toEqual([
      'pass any ip-fabric > ip-fabric',
      'deny any ip-fabric <> any',
      'pass any any > any',
    ]);
  });
});

describe('a rule joins networks', () => {
  it('whenever it does not deny, whatever its ports, protocol or direction (OR-5.5.11, VR-4.6.7)', () => {
    expect(on('A', policy('p', rule('A > B', { protocol: 1 }))).connections).toEqual(new Set([full('B')]));
    expect(on('B', policy('p', rule('A > B', { protocol: 1 }))).connections).toEqual(new Set([full('A')]));
    expect(on('A', policy('p', rule('A > B', { action: 'deny' }))).connections).toEqual(new Set());
  });

  it('not to itself and not by prefixes; any stands for the project (OR-5.5.13)', () => {
    expect(on('A', policy('p', rule('A > A'), rule('A > 10.0.0.0/8'))).connections).toEqual(new Set());
    expect(on('A', policy('p', rule('A > any'))).connections).toEqual(new Set([EVERY_NETWORK]));
    expect(on('A', policy('p', rule('any > B'))).connections).toEqual(new Set([full('B')]));
  });

  it('only if its entry is not dropped (OR-5.5.40)', () => {
    const covered = policy('p', rule('A > B', { action: 'deny' }), rule('A <> B'));
    expect(on('A', covered).connections).toEqual(new Set());
  });
});

describe('thinning', () => {
  it('never changes a verdict of rules with one direction: what it drops could not have decided (OR-5.5.40)', () => {
    const ends = fc.constantFrom('A', 'B', 'C', 'any');
    const ranges = fc.constantFrom([], [{ low: 1, high: 4 }], [{ low: 2, high: 3 }]);
    const rules = fc.array(
      fc
        .record({ a: ends, b: ends, protocol: fc.constantFrom(null, 6, 17), ports: ranges, deny: fc.boolean() })
        .map(
          ({ a, b, protocol, ports, deny }): PolicyRule =>
            rule(`${a} > ${b}`, { protocol, destinationPorts: ports, action: deny ? 'deny' : 'pass' }),
        ),
      { maxLength: 6 },
    );
    const keys = fc.record({
      a: ends,
      b: ends,
      protocol: fc.constantFrom(6, 17),
      port: fc.integer({ min: 0, max: 5 }),
    });
    fc.assert(
      fc.property(rules, keys, (written, { a, b, protocol, port }) => {
        const key: PolicyKey = {
          sourceNetworks: [full(a)],
          destinationNetworks: [full(b)],
          sourceGroups: [],
          destinationGroups: [],
          source: 1,
          destination: 2,
          protocol,
          sourcePort: 9,
          destinationPort: port,
        };
        const thinned = on('A', policy('p', ...written)).accessList;
        // the same list, unthinned: every rule that matters to A, then the closing entries
        const relevant = written.filter(({ source, destination }) =>
          [source, destination].some((one) => one.kind === 'any' || (one.kind === 'network' && one.name === full('A'))),
        );
        const first = evaluate(
          {
            name: 'oracle',
            entries: [
              ...relevant,
              rule('A > A'),
              ...relevant.map((one) => ({ ...one, protocol: null, destinationPorts: [], action: 'deny' as const })),
              rule('any > any'),
            ].map(({ id, source, destination, ...rest }) => ({
              ...rest,
              rule: id,
              source: source.kind === 'network' ? source : { kind: 'any' as const },
              destination: destination.kind === 'network' ? destination : { kind: 'any' as const },
            })),
          },
          key,
        );
        expect(evaluate(thinned, key).action).toBe(first.action);
      }),
    );
  });
});

describe('a security group', () => {
  const rules: SecurityGroupRule[] = [
    { id: 'in', direction: 'ingress', protocol: 6, ports: [{ low: 5432, high: 5432 }], remote: { kind: 'prefix', prefix: prefix('10.150.0.0/16') }, at: null },
    { id: 'out', direction: 'egress', protocol: null, ports: [], remote: { kind: 'any' }, at: null },
    { id: 'self', direction: 'ingress', protocol: null, ports: [], remote: { kind: 'group', name: full('db') }, at: null },
    { id: 'lost', direction: 'ingress', protocol: null, ports: [], remote: { kind: 'group', name: full('gone') }, at: null },
  ]; // biome-ignore format: one rule a line

  it('becomes one list for each way, remote groups as their numbers, the local side left open (OR-5.5.35, VR-4.8.1)', () => {
    const skipped: string[] = [];
    const { ingress, egress } = groupLists(
      group('db', { rules }),
      (name) => (name === full('db') ? 8_000_002 : null),
      ({ id }) => skipped.push(id),
    );
    expect(lines(ingress)).toEqual(['pass tcp 10.150.0.0/16 > any:5432', 'pass any group 8000002 > any']);
    expect(lines(egress)).toEqual(['pass any any > any']);
    expect(skipped).toEqual(['lost']);
  });
});
