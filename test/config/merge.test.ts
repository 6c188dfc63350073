import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withAddress, withHost, withoutTarget, withTarget } from '../../src/config/amend.ts';
import { mergeIntents } from '../../src/config/merge.ts';
import { byName } from '../../src/config/order.ts';
import { isUuid, macOfUuid, nameUuid, sameUuid } from '../../src/config/uuid.ts';
import { formatMac } from '../../src/net/mac.ts';
import { address, routeTarget } from '../support/values.ts';
import { face, full, group, intent, network, policy, rule, subnet, vm } from './intent.ts';

describe('several sources of one cluster', () => {
  const sources = [
    intent({ networks: [network('A', { attach: ['P'] }), network('shared', { subnets: [subnet('10.0.0.0/24')] })] }),
    intent({
      networks: [network('shared', { subnets: [subnet('10.0.0.0/24')], external: true, id: 3 })],
      policies: [policy('P', rule('A > B'))],
    }),
    intent({
      policies: [policy('P', rule('A > C'))],
      securityGroups: [group('g'), group('g')],
      interfaces: [face('i10', 'A'), face('i9', 'A')],
    }),
    intent({ workloads: [vm('v2'), vm('v1')] }),
  ];

  it('make one object of what they made alike, and keep apart what only shares a name', () => {
    const merged = mergeIntents('cluster', sources);
    expect(merged.networks.map(({ name }) => name)).toEqual([full('A'), full('shared')]);
    expect(merged.networks[1]).toMatchObject({
      external: true,
      id: 3,
      subnets: [{ uuid: subnet('10.0.0.0/24').uuid }],
    });
    expect(merged.policies.map(({ rules }) => rules.map(({ id }) => id))).toEqual([['A > B', 'A > C']]);
    expect(merged.securityGroups).toHaveLength(1);
    expect(merged.interfaces.map(({ name }) => name)).toEqual([full('i9'), full('i10')]);
    const clash = mergeIntents('cluster', [
      intent({ networks: [network('A')] }),
      intent({ networks: [network('A', { uuid: 'other' })] }),
    ]);
    expect(clash.networks).toHaveLength(2);
  });

  it('give the same intent in any order (OR-6.1.4)', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(sources, { minLength: sources.length }), (shuffled) => {
        expect(mergeIntents('cluster', shuffled)).toEqual(mergeIntents('cluster', sources));
      }),
    );
  });
});

describe('changes to an intent', () => {
  const target = routeTarget('target:64512:10000');
  const base = intent({
    networks: [network('A')],
    interfaces: [face('v', 'A'), face('w', 'A', { addresses: [] })],
    workloads: [vm('v'), vm('w')],
  });

  it('put a configured target on a network and take it off again', () => {
    const changed = withTarget(base, full('A'), target, 'both', null)!;
    expect(changed.networks[0]?.targets).toEqual([{ target, mark: 'both', at: null }]);
    expect(withoutTarget(changed, full('A'), routeTarget('target:64512:10000'))).toEqual(base);
    expect(withTarget(base, full('Z'), target, 'both', null)).toBeNull();
    expect(withoutTarget(base, full('Z'), target)).toBeNull();
  });

  it('pin a workload to a host and to an address', () => {
    expect(withHost(base, 'vm:p/v', 'cmp-2')?.workloads.map(({ host }) => host)).toEqual(['cmp-2', null]);
    expect(withAddress(base, 'vm:p/w', address('10.0.0.9'), null)?.interfaces[1]?.addresses).toEqual([
      { address: address('10.0.0.9'), subnet: null, at: null },
    ]);
    expect(withHost(base, 'vm:p/x', 'cmp-2')).toBeNull();
    expect(withAddress(base, 'vm:p/x', address('10.0.0.9'), null)).toBeNull();
  });
});

describe('names', () => {
  it('sort with their numbers as numbers', () => {
    expect(['db-10', 'db-9', 'db', 'db-09', 'a10b2', 'a10b1', 'B'].sort(byName)).toEqual([
      'B',
      'a10b1',
      'a10b2',
      'db',
      'db-09',
      'db-9',
      'db-10',
    ]);
  });

  it('sort in a total order', () => {
    const name = fc.stringMatching(/^[ab0-3-]{0,6}$/);
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(byName(a, b)) + Math.sign(byName(b, a))).toBe(0);
        if (a !== b) expect(byName(a, b)).not.toBe(0);
        if (byName(a, b) < 0 && byName(b, c) < 0) expect(byName(a, c)).toBeLessThan(0);
      }),
    );
  });

  it('become uuids that depend on every part and stay the same between runs (OR-6.1.3)', () => {
    expect(nameUuid('heat', 'network', 'a')).toBe(nameUuid('heat', 'network', 'a'));
    expect(nameUuid('heat', 'network', 'a')).not.toBe(nameUuid('heat', 'networka', ''));
    expect(nameUuid('heat', 'network', 'a')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect([isUuid('d02632b79ee8486f8222b0cc1229143c'), isUuid('private')]).toEqual([true, false]);
    expect(sameUuid('D02632B7-9EE8-486F-8222-B0CC1229143C', 'd02632b79ee8486f8222b0cc1229143c')).toBe(true);
  });

  it('become addresses of interfaces: 02 and the first five octets of the uuid (OR-4.2/4)', () => {
    expect(formatMac(macOfUuid('d02632b7-9ee8-486f-8222-b0cc1229143c'))).toBe('02:d0:26:32:b7:9e');
  });
});
