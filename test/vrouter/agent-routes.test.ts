import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/base/time.ts';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import { labelViews, routeOf } from '../../src/vrouter/views.ts';
import { prefix } from '../support/values.ts';
import { DB, port } from './agent-config.ts';
import { onePostgres, routeText, saidBy, VRF } from './one-host.ts';

describe('what an agent learns (VR-2.6)', () => {
  it('tunnels to a remote workload by the first encapsulation of its own list that the route offers', () => {
    const { cloud, c1, c2, h1 } = onePostgres();
    for (const control of [c1, c2]) {
      control.offer(VRF, '10.0.100.4/32', {
        to: [{ at: '192.168.10.12', label: 17, network: DB }],
        localPreference: 200,
      });
    }
    cloud.settle();
    expect(routeText(h1, '10.0.100.4/32')).toBe(
      'LF tunnel MPLSoUDP to 192.168.10.12, label 17 (192.168.10.21: lower control node address)',
    );
  });

  it('prefers the path with the higher preference over the lower control node (VR-1.8.p2)', () => {
    const { cloud, c1, c2, h1 } = onePostgres();
    c1.offer(VRF, '10.0.100.4/32', { to: [{ at: '192.168.10.12', label: 17, network: DB }], localPreference: 100 });
    c2.offer(VRF, '10.0.100.4/32', { to: [{ at: '192.168.10.13', label: 18, network: DB }], localPreference: 200 });
    cloud.settle();
    expect(routeText(h1, '10.0.100.4/32')).toContain('192.168.10.13, label 18 (192.168.10.22: higher preference)');
  });

  it('forwards on a control node path where the agent has a path of its own for the same prefix (VR-0.3, VR-1.8.p3)', () => {
    const { cloud, c1, h1 } = onePostgres();
    c1.offer(VRF, '10.0.100.0/24', { to: [{ at: '192.168.10.99', label: 40, network: DB }] });
    cloud.settle();
    expect(routeText(h1, '10.0.100.0/24')).toContain('192.168.10.99, label 40');
    c1.withdraw(VRF, '10.0.100.0/24');
    cloud.settle();
    expect(routeText(h1, '10.0.100.0/24')).toBe('F discard (Local: the only path)');
  });

  it('ignores an item without a label, one that offers VXLAN, and its own with an unknown label (VR-2.6/3)', () => {
    const { cloud, c1, h1 } = onePostgres();
    c1.offer(VRF, '10.0.100.4/32', { to: [{ at: '192.168.10.12', label: 0, network: DB }] });
    c1.offer(VRF, '10.0.100.5/32', { to: [{ at: '192.168.10.12', label: 9, network: DB, encapsulations: ['vxlan'] }] });
    c1.offer(VRF, '10.0.100.6/32', { to: [{ at: '192.168.10.11', label: 4000, network: DB }] });
    cloud.settle();
    for (const host of [4, 5, 6]) expect(routeText(h1, `10.0.100.${host}/32`)).toBe('absent');
  });

  it('takes several next hops of one address and label for one path with several networks (VR-2.6/5)', () => {
    const { cloud, c1, h1 } = onePostgres();
    c1.offer(VRF, '10.0.100.4/32', {
      to: [
        { at: '192.168.10.12', label: 17, network: 'a:b:c' },
        { at: '192.168.10.12', label: 17, network: 'a:b:d' },
      ],
    });
    cloud.settle();
    const view = routeOf(h1, VRF, prefix('10.0.100.4/32'))!;
    expect(view.nextHop).toBe('tunnel MPLSoUDP to 192.168.10.12, label 17');
    expect(view.networks).toEqual(['a:b:c', 'a:b:d']);
  });

  it('keeps the slots of a group while members come and go (VR-1.10.p3)', () => {
    const { cloud, c1, h1 } = onePostgres();
    const to = (...hosts: number[]) => ({
      to: hosts.map((host) => ({ at: `192.168.10.${host}`, label: 100 + host, network: DB })),
    });
    const members = () => {
      cloud.settle();
      const view = routeOf(h1, VRF, prefix('10.0.100.9/32'))!;
      const { nextHops } = h1.tables;
      return nextHops.members(view.nextHopId).map((member) => {
        return member === null ? '-' : `${formatIpv4(nextHops.tunnelDestination(member.nextHop))}:${member.label}`;
      });
    };
    c1.offer(VRF, '10.0.100.9/32', to(31, 32, 33));
    expect(members()).toEqual(['192.168.10.31:131', '192.168.10.32:132', '192.168.10.33:133']);
    c1.offer(VRF, '10.0.100.9/32', to(31, 33));
    expect(members()).toEqual(['192.168.10.31:131', '-', '192.168.10.33:133']);
    c1.offer(VRF, '10.0.100.9/32', to(34, 33, 31));
    expect(members()).toEqual(['192.168.10.31:131', '192.168.10.34:134', '192.168.10.33:133']);
  });

  it('groups workloads of one host that share an address, under a label of their own (VR-1.10.p1, VR-2.6/B3)', () => {
    const { cloud, h1, c1 } = onePostgres();
    h1.addInterface(port('a', DB, '10.0.100.50', { mode: 'active-active' }));
    cloud.settle();
    h1.addInterface(port('b', DB, '10.0.100.50', { mode: 'active-active' }));
    cloud.settle();
    const publishes = saidBy(c1).filter((text) => text.includes('10.0.100.50/32'));
    expect(publishes).toEqual([
      `publish ${VRF} 10.0.100.50/32 label 17 pref 200 seq 0`,
      `publish ${VRF} 10.0.100.50/32 label 19 pref 200 seq 0`,
    ]);
    expect(routeText(h1, '10.0.100.50/32')).toContain('ECMP of 2, local');
    h1.removeInterface(port('b', DB, '10.0.100.50'));
    cloud.settle();
    expect(saidBy(c1).at(-1)).toBe(`publish ${VRF} 10.0.100.50/32 label 17 pref 200 seq 0`);
    expect(labelViews(h1).map((view) => view.label)).toEqual([16, 17]);
  });

  it('gives its own address up to a host that claims it with a higher sequence (VR-1.9/3)', () => {
    const { cloud, c1, c2, h1 } = onePostgres();
    cloud.settle();
    for (const control of [c1, c2]) {
      control.reflect = false;
      control.offer(VRF, '10.0.100.3/32', {
        to: [{ at: '192.168.10.12', label: 70, network: DB }],
        localPreference: 200,
        sequence: 2,
      });
    }
    cloud.run(seconds(1));
    expect(saidBy(c1).at(-1)).toBe(`publish ${VRF} 10.0.100.3/32 label 16 pref 100 seq 1`);
    cloud.run(seconds(2));
    expect(saidBy(c1).at(-1)).toBe(`publish ${VRF} 10.0.100.3/32 label 16 pref 200 seq 3`);
    expect(routeText(h1, '10.0.100.3/32')).toContain('tunnel MPLSoUDP to 192.168.10.12');
  });
});
