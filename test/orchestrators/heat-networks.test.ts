import { describe, expect, it } from 'vitest';
import { emptyIntent } from '../../src/config/merge.ts';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import { formatMac } from '../../src/net/mac.ts';
import { formatPrefix } from '../../src/net/prefix.ts';
import { network, subnet } from '../config/intent.ts';
import { addresses, heat, intentOf, NET, port, template } from './heat-helpers.ts';
import { said } from './said.ts';

describe('networks and ports of a stack', () => {
  it('get .3, .4 and .5 on a fresh subnet; name servers free .2 (OR-6.5/T1, OR-4.1/21)', () => {
    const three = NET + ['a', 'b', 'c'].map((name) => port(name)).join('');
    expect(addresses(intentOf(heat(template(three))))).toEqual({ a: '10.0.100.3', b: '10.0.100.4', c: '10.0.100.5' });
    const named = three.replace('cidr:', 'dns_nameservers: [8.8.8.8], cidr:');
    expect(addresses(intentOf(heat(template(named))))).toEqual({ a: '10.0.100.2', b: '10.0.100.3', c: '10.0.100.4' });
  });

  it('follow the subnet they are given: gateway, pools, no gateway (OR-4.1/14, OR-4.1/15)', () => {
    const shaped = `net:
  type: OS::Neutron::Net
subnet:
  type: OS::Neutron::Subnet
  properties:
    network_id: { get_resource: net }
    cidr: 10.1.0.0/24
    gateway_ip: 10.1.0.254
    allocation_pools: [{ start: 10.1.0.10, end: 10.1.0.20 }]
open:
  type: OS::Neutron::Net
bare:
  type: OS::Neutron::Subnet
  properties: { network: { get_resource: open }, cidr: 10.2.0.0/24, gateway_ip: '' }
`;
    const { networks } = intentOf(heat(template(shaped)));
    const [net, open] = networks.map(({ subnets }) => subnets[0]!);
    expect([formatPrefix(net!.prefix), formatIpv4(net!.gateway!), formatIpv4(net!.dns), net!.pools.length]).toEqual([
      '10.1.0.0/24', '10.1.0.254', '10.1.0.2', 1,
    ]); // biome-ignore format: one row
    expect(open?.gateway).toBeNull();
    expect(networks.map(({ name }) => name)).toEqual([
      'default-domain:leonardo:stack-net',
      'default-domain:leonardo:stack-open',
    ]);
  });

  it('may be fixed by address, and refer to subnets by id, name or prefix of another project (OR-4.2/6)', () => {
    const one = port(
      'a',
      ', mac_address: "02:00:00:00:00:09", fixed_ips: [{ ip_address: 10.0.100.77, subnet_id: { get_resource: subnet } }]',
    );
    const intent = intentOf(heat(template(NET + one)));
    expect(addresses(intent)).toEqual({ a: '10.0.100.77' });
    expect(formatMac(intent.interfaces[0]!.mac)).toBe('02:00:00:00:00:09');
  });

  it('that exist already are found by uuid or name, with their subnets (fixture: existing network)', () => {
    const existing = {
      ...emptyIntent('openstack'),
      networks: [
        network('default-domain:leonardo:private', {
          uuid: '11111111-2222-3333-4444-555555555555',
          subnets: [{ ...subnet('10.9.0.0/24'), name: 'sub', uuid: 'aaaaaaaa-2222-3333-4444-555555555555' }],
        }),
        network('default-domain:admin:common', { shared: true }),
        network('default-domain:admin:hidden'),
      ],
    };
    const text = (net: string, sub: string) =>
      template(
        `a:\n  type: OS::Neutron::Port\n  properties: { network_id: ${net}, fixed_ips: [{ subnet: ${sub} }] }\n`,
      );
    for (const [net, sub] of [
      ['11111111222233334444555555555555', 'aaaaaaaa222233334444555555555555'],
      ['private', 'sub'],
    ] as const) {
      const { interfaces } = intentOf(heat(text(net, sub), {}, existing));
      expect(interfaces[0]).toMatchObject({
        network: 'default-domain:leonardo:private',
        addresses: [{ subnet: 'aaaaaaaa-2222-3333-4444-555555555555' }],
      });
    }
    const plainPort = (net: string) => template(`a:\n  type: OS::Neutron::Port\n  properties: { network: ${net} }\n`);
    expect(intentOf(heat(plainPort('common'), {}, existing)).interfaces[0]?.network).toBe(
      'default-domain:admin:common',
    );
    expect(said(heat(plainPort('hidden'), {}, existing))[0]).toContain('there is no network hidden');
    expect(said(heat(plainPort('privte'), {}, existing))).toEqual([
      'stack.yaml:5:28 unknown-network there is no network privte, did you mean private?',
    ]);
    expect(said(heat(text('private', 'sab'), {}, existing))[0]).toContain(
      'there is no subnet of network private sab, did you mean sub?',
    );
  });

  it('on the external network are marked so, and a network says whether it is shared (OR-4.1/4, OR-4.1/5)', () => {
    const net = `net:\n  type: OS::Neutron::Net\n  properties: { shared: true, value_specs: { 'router:external': true } }\n`;
    expect(intentOf(heat(template(net))).networks[0]).toMatchObject({ shared: true, external: true });
  });
});
