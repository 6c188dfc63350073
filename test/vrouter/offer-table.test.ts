import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ipv4 } from '../../src/net/ipv4.ts';
import { RoutePool } from '../../src/route/pool.ts';
import { InetTable } from '../../src/vrouter/inet-table.ts';
import type { Offer } from '../../src/vrouter/offer.ts';
import { OfferTable } from '../../src/vrouter/offer-table.ts';

function offer(host: number, ...labels: readonly number[]): Offer {
  const nextHops = labels.map((label) => ({
    address: host as Ipv4, // hosts are small numbers here
    label,
    encapsulations: ['gre', 'udp'],
    virtualNetwork: 'a:b:c',
  }));
  return { nextHops, localPreference: 0, sequence: 0xffff_ffff, securityGroups: [] };
}

describe('the numbers of offers', () => {
  it('stand for what each row of each agent was told last, and none is left when nobody holds any', () => {
    const told = fc.record({
      agent: fc.nat({ max: 2 }),
      route: fc.nat({ max: 3 }),
      slot: fc.constantFrom(0, 1),
      said: fc.option(fc.nat({ max: 5 })),
    });
    fc.assert(
      fc.property(fc.array(told, { maxLength: 60 }), (steps) => {
        const { nlris } = new RoutePool();
        const offers = new OfferTable();
        const said = Array.from({ length: 6 }, (_, i) => offer(i, 16 + i));
        const agents = Array.from({ length: 3 }, () => new InetTable(nlris, offers));
        const expected = new Map<string, Offer>();
        for (const step of steps) {
          const table = agents[step.agent]!;
          const nlri = nlris.inet(step.route, 32);
          const key = `${step.agent} ${step.route} ${step.slot}`;
          if (step.said === null) {
            if (table.row(nlri) >= 0) table.clearOffer(table.row(nlri), step.slot);
            expected.delete(key);
          } else {
            const message = [said[step.said]!];
            const hints = offers.hintsFor(message);
            hints[0] = step.route; // whatever it was, it is only a hint
            table.setOffer(nlri, step.slot, offers.number(message[0]!, hints[0]));
            expected.set(key, message[0]!);
          }
          for (const [held, what] of expected) {
            const [agent, route, slot] = held.split(' ').map(Number);
            expect(agents[agent!]!.offerAt(agents[agent!]!.row(nlris.inet(route!, 32)), slot!)).toBe(what);
          }
          expect(offers.size).toBe(new Set(expected.values()).size);
        }
        for (const table of agents) table.dispose();
        expect(offers.size).toBe(0);
      }),
    );
  });

  it('tell forwarding of one next hop what it asks, and of several that they are several', () => {
    const offers = new OfferTable();
    const one = offers.number(offer(7, 16, 16));
    const two = offers.number(offer(7, 16, 17));
    expect([offers.isSingle(one), offers.address(one), offers.label(one)]).toEqual([true, 7, 16]);
    expect([offers.preference(one), offers.sequence(one)]).toEqual([100, 0xffff_ffff]);
    expect(offers.isSingle(two)).toBe(false);
    expect(offers.tunnel(one, 1)).toBe(offers.tunnels.id(7, 1));
    expect(offers.tunnel(one, 0)).toBe(offers.tunnels.id(7, 0));
  });

  it('are given back when no agent accepts the offer', () => {
    const offers = new OfferTable();
    offers.drop(offers.number(offer(7, 0)));
    expect(offers.size).toBe(0);
  });
});
