import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chooseEncapsulation,
  ENCAPSULATION_BIT,
  ENCAPSULATIONS,
  encapsulationSet,
  OFFERED,
} from '../../src/vrouter/encapsulation.ts';
import { LabelTable } from '../../src/vrouter/labels.ts';
import { DISCARD, type Member, NextHopTable, stableSlots, Tunnels } from '../../src/vrouter/next-hop.ts';
import { Forwarding, type OfferedNextHop } from '../../src/vrouter/offer.ts';
import { type OfferId, OfferTable } from '../../src/vrouter/offer-table.ts';
import { address } from '../support/values.ts';

const lists = fc.shuffledSubarray([...ENCAPSULATIONS]);

describe('the encapsulation towards a next hop (VR-2.5)', () => {
  const { MPLSoGRE, MPLSoUDP, VXLAN } = ENCAPSULATION_BIT;
  it.each([
    [['MPLSoUDP', 'MPLSoGRE', 'VXLAN'], MPLSoGRE | MPLSoUDP, 'MPLSoUDP'],
    [['VXLAN', 'MPLSoUDP', 'MPLSoGRE'], MPLSoGRE | MPLSoUDP, 'MPLSoUDP'],
    [['MPLSoUDP'], VXLAN, 'VXLAN'],
    [[], MPLSoGRE | MPLSoUDP, 'MPLSoGRE'],
    [['VXLAN', 'MPLSoUDP', 'MPLSoGRE'], MPLSoGRE, 'MPLSoGRE'],
    [['VXLAN'], 0, 'MPLSoGRE'],
  ] as const)('with the list %j and the set %i is %s', (list, set, expected) => {
    expect(chooseEncapsulation(list, set).encapsulation).toBe(expected);
  });

  it('is one that the route offers, whenever it offers one we know (VR-2.5.1, VR-2.5.2)', () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 7 }), (list, set) => {
        expect(set & ENCAPSULATION_BIT[chooseEncapsulation(list, set).encapsulation]).not.toBe(0);
      }),
    );
  });

  it('is an MPLS type between any two agents, whatever their lists (VR-9.8.1)', () => {
    fc.assert(
      fc.property(lists, (list) => {
        expect(['MPLSoGRE', 'MPLSoUDP']).toContain(chooseEncapsulation(list, OFFERED).encapsulation);
      }),
    );
  });

  it('knows the names of the wire in both spellings, and takes no notice of others (VR-2.5.p2)', () => {
    expect(encapsulationSet(['gre', 'udp'])).toBe(encapsulationSet(['MPLSoGRE', 'MPLSoUDP']));
    expect(encapsulationSet(['nvgre', 'mpls-o-gre'])).toBe(0);
  });
});

describe('the slots of a group (VR-1.10.p3, VR-4.11.6)', () => {
  const members = fc
    .uniqueArray(fc.integer({ min: 4, max: 30 }), { maxLength: 12 })
    .map((ids) => ids.map((nextHop): Member => ({ nextHop, label: 16 + nextHop })));

  it('hold exactly the members there are, and each that stays in its old slot', () => {
    fc.assert(
      fc.property(fc.array(members, { minLength: 1, maxLength: 6 }), (steps) => {
        let slots: readonly (Member | null)[] = [];
        for (const wanted of steps) {
          const next = stableSlots(slots, wanted);
          const held = next.filter((member) => member !== null).map((member) => member.nextHop);
          expect(held.sort((a, b) => a - b)).toEqual(wanted.map((member) => member.nextHop).sort((a, b) => a - b));
          for (const [at, old] of slots.entries()) {
            if (old !== null && wanted.some((member) => member.nextHop === old.nextHop)) expect(next[at]).toEqual(old);
          }
          slots = next;
        }
      }),
    );
  });
});

describe('next hops and labels', () => {
  it('are one id for one meaning, and id 0 is discard', () => {
    const table = new NextHopTable(new Tunnels());
    expect(table.get(DISCARD)).toEqual({ kind: 'discard' });
    expect(table.tunnel(address('192.168.0.2'), 1)).toBe(table.tunnel(address('192.168.0.2'), 1));
    expect(table.tunnel(address('192.168.0.2'), 1)).not.toBe(table.tunnel(address('192.168.0.2'), 0));
    expect(table.get(table.tunnel(address('192.168.0.2'), 1))).toEqual({
      kind: 'tunnel',
      to: address('192.168.0.2'),
      encapsulation: 'MPLSoUDP',
    });
    const group = [{ nextHop: 4, label: 16 }, null];
    expect(table.composite(group, false)).toBe(table.composite([...group], false));
  });

  it('labels begin at 16, and the lowest that came back is given again (VR-1.7/1, VR-1.7.p2)', () => {
    const labels = new LabelTable();
    expect([5, 6, 7].map((nextHop) => labels.allocate(nextHop))).toEqual([16, 17, 18]);
    labels.release(17);
    expect(labels.lookup(17)).toBe(-1);
    expect(labels.allocate(8)).toBe(17);
    expect(labels.allocate(9)).toBe(19);
    expect(labels.labels()).toEqual([16, 17, 18, 19]);
  });

  it('an own route comes back as the interface of its label, or is ignored without one, also in a group (VR-0.4, VR-1.10.p2)', () => {
    const offers = new OfferTable();
    const nextHops = new NextHopTable(offers.tunnels);
    const labels = new LabelTable();
    const forwarding = new Forwarding(address('192.168.0.1'), ['MPLSoUDP'], false, nextHops, offers, labels);
    const face = nextHops.interface(3, true);
    const hop = (at: string, label: number): OfferedNextHop => ({
      address: address(at),
      label,
      encapsulations: ['gre', 'udp'],
      virtualNetwork: '',
    });
    const offer = (...hops: OfferedNextHop[]): OfferId =>
      offers.number({ nextHops: hops, localPreference: 100, sequence: 0, securityGroups: [] });
    expect(forwarding.accepts(offer(hop('192.168.0.1', 16)))).toBe(false);
    labels.allocate(face);
    expect(forwarding.accepts(offer(hop('192.168.0.1', 16)))).toBe(true);
    forwarding.resolve(offer(hop('192.168.0.1', 16)), -1);
    expect([forwarding.nextHop, forwarding.label]).toEqual([face, -1]);
    forwarding.resolve(offer(hop('192.168.0.1', 16), hop('192.168.0.2', 40)), -1);
    expect(nextHops.members(forwarding.nextHop)).toEqual([
      { nextHop: face, label: -1 },
      { nextHop: nextHops.tunnel(address('192.168.0.2'), 1), label: 40 },
    ]);
  });

  it('a group has at most 128 members (VR-4.11.9)', () => {
    const offers = new OfferTable();
    const nextHops = new NextHopTable(offers.tunnels);
    const forwarding = new Forwarding(address('192.168.0.1'), [], false, nextHops, offers, new LabelTable());
    const hops = Array.from(
      { length: 200 },
      (_, i): OfferedNextHop => ({
        address: address(`192.168.1.${i + 1}`),
        label: 16,
        encapsulations: ['gre'],
        virtualNetwork: '',
      }),
    );
    forwarding.resolve(offers.number({ nextHops: hops, localPreference: 100, sequence: 0, securityGroups: [] }), -1);
    expect(nextHops.members(forwarding.nextHop)).toHaveLength(128);
  });
});
