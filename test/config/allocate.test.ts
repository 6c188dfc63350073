import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate } from '../../src/config/allocate.ts';
import type { Interface, Subnet, VirtualNetwork } from '../../src/config/objects.ts';
import { formatIpv4, type Ipv4 } from '../../src/net/ipv4.ts';
import { contains, lastAddress } from '../../src/net/prefix.ts';
import { address } from '../support/values.ts';
import { face, full, network, subnet } from './intent.ts';

const given = (networks: readonly VirtualNetwork[], interfaces: readonly Interface[]): readonly string[] => {
  const { interfaces: addresses } = allocate(networks, interfaces, []);
  return interfaces.map(({ name }) => addresses.get(name)!.map(formatIpv4).join());
};
const codes = (networks: readonly VirtualNetwork[], interfaces: readonly Interface[]): readonly string[] =>
  allocate(networks, interfaces, []).diagnostics.map(({ code }) => code);
const asking = (name: string, wanted: string | null, home: string | null = null, network = 'A'): Interface =>
  face(name, network, { addresses: [{ address: wanted === null ? null : address(wanted), subnet: home, at: null }] });
const one = (...subnets: readonly Subnet[]): VirtualNetwork[] => [network('A', { subnets })];

describe('an address', () => {
  it('comes from the start of a Neutron subnet, behind gateway and service address (OR-6.3/1, OR-6.5/T1)', () => {
    const three = ['a', 'b', 'c'].map((name) => face(name, 'A'));
    expect(given(one(subnet('10.0.100.0/24')), three)).toEqual(['10.0.100.3', '10.0.100.4', '10.0.100.5']);
    const named = subnet('10.0.100.0/24', { dns: address('8.8.8.8') });
    expect(given(one(named), three)).toEqual(['10.0.100.2', '10.0.100.3', '10.0.100.4']);
    const noGateway = subnet('10.0.100.0/24', { gateway: null });
    expect(given(one(noGateway), three)[0]).toBe('10.0.100.1');
  });

  it('comes from the end of a subnet made through the API (OR-6.3/2, OR-1.3.29)', () => {
    const down = subnet('10.150.0.0/16', { order: 'descending' });
    expect(given(one(down), [face('a', 'A'), face('b', 'A')])).toEqual(['10.150.255.252', '10.150.255.251']);
  });

  it('stays inside the allocation pools, in the same direction (OR-6.3/4)', () => {
    const pools = [
      { first: address('10.0.0.10'), last: address('10.0.0.11') },
      { first: address('10.0.0.20'), last: address('10.0.0.21') },
    ];
    const three = ['a', 'b', 'c'].map((name) => face(name, 'A'));
    expect(given(one(subnet('10.0.0.0/24', { pools })), three)).toEqual(['10.0.0.10', '10.0.0.11', '10.0.0.20']);
    expect(given(one(subnet('10.0.0.0/24', { pools, order: 'descending' })), three)).toEqual([
      '10.0.0.21',
      '10.0.0.20',
      '10.0.0.11',
    ]);
  });

  it('that is asked for is never lost to one that is chosen, whoever comes first', () => {
    expect(given(one(subnet('10.0.0.0/24')), [face('a', 'A'), asking('b', '10.0.0.3')])).toEqual([
      '10.0.0.4',
      '10.0.0.3',
    ]);
  });

  it('is refused when taken, reserved or outside (OR-5.7)', () => {
    const nets = one(subnet('10.0.0.0/24'));
    expect(codes(nets, [asking('a', '10.0.0.9'), asking('b', '10.0.0.9')])).toEqual(['address-in-use']);
    for (const reserved of ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.255']) {
      expect(codes(nets, [asking('a', reserved)])).toEqual(['address-in-use']);
    }
    expect(codes(nets, [asking('a', '10.0.1.9')])).toEqual(['address-outside']);
    const { diagnostics } = allocate(nets, [asking('a', '10.0.0.9'), asking('b', '10.0.0.9')], []);
    expect(diagnostics[0]?.message).toBe(
      'interface default-domain:p:b asks for 10.0.0.9, which is taken by interface default-domain:p:a in network default-domain:p:A',
    );
  });

  it('is not given when the subnet is full or the network has none (OR-4.2.2)', () => {
    const small = one(subnet('10.0.0.0/29'));
    const many = Array.from({ length: 5 }, (_, i) => face(`p${i}`, 'A'));
    expect(codes(small, many.slice(0, 4))).toEqual([]);
    expect(codes(small, many)).toEqual(['subnet-full']);
    const at = { file: 's.yaml', line: 3, column: 1 };
    const counted = Array.from({ length: 9 }, (_, i) => ({ ...face(`p${i}`, 'A'), at }));
    const { diagnostics } = allocate(small, counted, []);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'interface default-domain:p:p4 gets no address, because 10.0.0.0/29 has none free any more; nor do 4 more like it',
    ]);
    expect(codes([network('A')], [face('a', 'A')])).toEqual(['no-subnet']);
  });

  it('comes from the second subnet when the first is full, or from the one that is named', () => {
    const [first, second] = [subnet('10.0.0.0/29'), subnet('10.0.1.0/24')];
    const many = Array.from({ length: 5 }, (_, i) => face(`p${i}`, 'A'));
    expect(given(one(first, second), many)[4]).toBe('10.0.1.3');
    expect(given(one(first, second), [asking('a', null, second.uuid)])).toEqual(['10.0.1.3']);
  });
});

describe('a registry of addresses', () => {
  const range = (): Subnet => subnet('10.150.0.0/16', { order: 'descending' });
  const registry = network('addr-alloc', { subnets: [range()] });
  const home = registry.subnets[0]!.uuid;
  const pods = (name: string): VirtualNetwork => network(name, { subnets: [{ ...range(), uuid: `own-${name}` }] });

  it('gives every pod an address of its own although all pod networks have the same subnet (OR-1.3.1)', () => {
    const networks = [registry, pods('red'), pods('blue')];
    const interfaces = [
      asking('a', null, home, 'red'),
      asking('b', null, home, 'blue'),
      asking('c', null, home, 'red'),
    ];
    expect(given(networks, interfaces)).toEqual(['10.150.255.252', '10.150.255.251', '10.150.255.250']);
  });

  it('knows the addresses that were asked for in any of them', () => {
    const networks = [registry, pods('red'), pods('blue')];
    const interfaces = [asking('a', null, home, 'red'), asking('b', '10.150.255.252', home, 'blue')];
    expect(given(networks, interfaces)).toEqual(['10.150.255.251', '10.150.255.252']);
    const twice = [asking('a', '10.150.0.9', home, 'red'), asking('b', '10.150.0.9', home, 'blue')];
    expect(codes(networks, twice)).toEqual(['address-in-use']);
  });
});

describe('whatever is asked', () => {
  it('no two interfaces of a network share an address, none is reserved, all lie in their subnet, and runs repeat', () => {
    const wishes = fc.array(fc.option(fc.integer({ min: 0, max: 31 }), { nil: null }), { maxLength: 20 });
    fc.assert(
      fc.property(wishes, fc.constantFrom<'ascending' | 'descending'>('ascending', 'descending'), (wanted, order) => {
        const own = subnet('10.0.0.0/27', { order });
        const interfaces = wanted.map((host, i) => asking(`p${i}`, host === null ? null : `10.0.0.${host}`));
        const networks = [network('A', { subnets: [own] })];
        const { interfaces: result } = allocate(networks, interfaces, []);
        const all: Ipv4[] = [...result.values()].flat();
        expect(new Set(all).size).toBe(all.length);
        for (const address of all) {
          expect(contains(own.prefix, address)).toBe(true);
          expect([own.prefix.address, lastAddress(own.prefix), own.gateway, own.dns]).not.toContain(address);
        }
        expect(allocate(networks, interfaces, []).interfaces).toEqual(result);
      }),
    );
  });

  it('an address once given is kept while its interface asks for none', () => {
    const networks = one(subnet('10.0.0.0/24'));
    const before = allocate(networks, [face('b', 'A')], []);
    const after = allocate(networks, [face('a', 'A'), face('b', 'A')], [], before);
    expect([full('a'), full('b')].map((name) => after.interfaces.get(name)!.map(formatIpv4).join())).toEqual([
      '10.0.0.4',
      '10.0.0.3',
    ]);
  });
});
