import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ipv4 } from '../../src/net/ipv4.ts';
import { contains, prefixOf } from '../../src/net/prefix.ts';
import { RoutePool } from '../../src/route/pool.ts';
import { InetTable, type LocalPath, SOURCE } from '../../src/vrouter/inet-table.ts';
import { LabelTable } from '../../src/vrouter/labels.ts';
import { NextHopTable } from '../../src/vrouter/next-hop.ts';
import { Forwarding, type Offer } from '../../src/vrouter/offer.ts';
import { OfferTable } from '../../src/vrouter/offer-table.ts';

function setup() {
  const pool = new RoutePool();
  const offers = new OfferTable();
  const nextHops = new NextHopTable(offers.tunnels);
  const forwarding = new Forwarding(1 as Ipv4, [], false, nextHops, offers, new LabelTable()); // the agent's own address is 0.0.0.1
  const table = new InetTable(pool.nlris, offers);
  const learn = (nlri: number, slot: number, offer: Offer) => table.setOffer(nlri, slot, offers.number(offer));
  return { pool, nextHops, forwarding, offers, table, learn };
}

function offer(host: number, localPreference = 100, sequence = 0): Offer {
  const hop = { address: host as Ipv4, label: 16, encapsulations: ['gre', 'udp'], virtualNetwork: 'a:b:c' }; // hosts are small numbers here
  return { nextHops: [hop], localPreference, sequence, securityGroups: [] };
}

function own(vif: number, preference = 100, sequence = 0): LocalPath {
  return {
    source: 'vm-port',
    vif,
    nextHop: 100 + vif,
    label: 16 + vif,
    network: 'a:b:c',
    securityGroups: [],
    preference,
    sequence,
    waiting: false,
    ecmp: false,
    subnetDiscard: false,
  };
}

/** Prefixes that nest and collide often: few addresses, all lengths. */
const crowded = fc
  .tuple(
    fc.constantFrom(0, 0x0a000000, 0x0a006400, 0x0a006403, 0x0a800001, 0xc0a80a0b, 0xffffffff),
    fc.integer({ min: 0, max: 32 }),
  )
  .map(([address, length]) => prefixOf(address, length));

describe('the table of a VRF', () => {
  it('finds the longest prefix that contains an address, as a search through all of them does, whatever came and went (VR-1.5/1)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(crowded, fc.boolean()), { maxLength: 60 }),
        fc.array(fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0x0a006403, 0x0a006404, 0x0a800001, 0xc0a80a0b))),
        (changes, asked) => {
          const { pool, table, learn, forwarding } = setup();
          const standing = new Map<number, ReturnType<typeof prefixOf>>();
          for (const [each, added] of changes) {
            const nlri = pool.nlris.inet(each.address, each.length);
            if (added) {
              table.choose(learn(nlri, 0, offer(2)), 0, forwarding);
              standing.set(nlri, each);
            } else if (table.row(nlri) >= 0) {
              const row = table.row(nlri);
              table.clearOffer(row, 0);
              table.choose(row, 0, forwarding);
              standing.delete(nlri);
            }
          }
          expect(table.size).toBe(standing.size);
          for (const address of asked) {
            const inside = [...standing.values()].filter((each) => contains(each, address));
            const longest = inside.sort((a, b) => b.length - a.length)[0];
            const row = table.longestMatch(address);
            const found = row < 0 ? undefined : pool.nlris.format(table.nlriAt(row));
            expect(found).toBe(longest && pool.nlris.format(pool.nlris.inet(longest.address, longest.length)));
          }
        },
      ),
    );
  });

  it('makes no NLRI by asking', () => {
    const { pool, table, learn, forwarding } = setup();
    table.choose(learn(pool.nlris.inet(0x0a000000, 8), 0, offer(2)), 0, forwarding);
    const before = pool.nlris.size;
    for (let i = 0; i < 100; i++) table.longestMatch(0x0a000000 + i);
    expect(pool.nlris.size).toBe(before);
  });

  it('holds the active path of VR-1.8 after any history, the same as chosen afresh', () => {
    const change = fc.record({
      who: fc.constantFrom<'c0' | 'c1' | 'v3' | 'v4'>('c0', 'c1', 'v3', 'v4'),
      gone: fc.boolean(),
      preference: fc.constantFrom(100, 200),
      sequence: fc.nat(2),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), fc.constantFrom(0, 1), (history, lowerSlot) => {
        const { pool, table, learn, forwarding } = setup();
        const nlri = pool.nlris.inet(0x0a006403, 32);
        const received: (Offer | null)[] = [null, null];
        const local = new Map<number, LocalPath>();
        for (const { who, gone, preference, sequence } of history) {
          if (who === 'c0' || who === 'c1') {
            const slot = who === 'c0' ? 0 : 1;
            if (gone && table.row(nlri) < 0) continue;
            received[slot] = gone ? null : offer(10 + slot, preference, sequence);
            const row = gone ? table.row(nlri) : learn(nlri, slot, received[slot]!);
            if (gone) table.clearOffer(row, slot);
            table.choose(row, lowerSlot, forwarding);
          } else {
            const vif = who === 'v3' ? 3 : 4;
            const before = local.get(vif);
            if (before !== undefined) {
              table.removeLocal(table.row(nlri), before);
              local.delete(vif);
              table.choose(table.row(nlri), lowerSlot, forwarding);
            }
            if (gone) continue;
            const path = own(vif, preference, sequence);
            local.set(vif, path);
            table.choose(table.addLocal(nlri, path), lowerSlot, forwarding);
          }
          const row = table.row(nlri);
          const [a, b] = received;
          const ports = [...local.values()].sort(
            (x, y) => y.preference - x.preference || y.sequence - x.sequence || x.vif - y.vif,
          );
          if (a && b) {
            const better = b.localPreference - a.localPreference || b.sequence - a.sequence;
            const slot = better === 0 ? lowerSlot : better < 0 ? 0 : 1;
            expect(table.sourceAt(row)).toBe(slot === 0 ? SOURCE.slot0 : SOURCE.slot1);
          } else if (a) expect(table.sourceAt(row)).toBe(SOURCE.slot0);
          else if (b) expect(table.sourceAt(row)).toBe(SOURCE.slot1);
          else if (ports[0]) {
            expect(table.sourceAt(row)).toBe(SOURCE.vmPort);
            expect(table.nextHopAt(row)).toBe(ports[0].nextHop);
          } else expect(row).toBe(-1);
        }
      }),
    );
  });

  it('says why its active path is the active one', () => {
    const { pool, table, learn, forwarding } = setup();
    const nlri = pool.nlris.inet(0x0a006403, 32);
    const because = () => table.becauseAt(table.row(nlri));
    table.choose(table.addLocal(nlri, own(3)), 0, forwarding);
    expect(because()).toBe('the only path');
    table.choose(table.addLocal(nlri, own(4)), 0, forwarding);
    expect(because()).toBe('lower interface number');
    table.choose(learn(nlri, 1, offer(9)), 0, forwarding);
    expect(because()).toBe('a control node comes before local sources');
    table.choose(learn(nlri, 0, offer(9)), 0, forwarding);
    expect(because()).toBe('lower control node address');
    table.choose(learn(nlri, 1, offer(9, 100, 2)), 0, forwarding);
    expect(because()).toBe('higher sequence');
    table.choose(learn(nlri, 0, offer(9, 200)), 0, forwarding);
    expect(because()).toBe('higher preference');
  });

  it('counts an item without a preference as one of 100 (VR-2.6/4)', () => {
    const { pool, table, learn, forwarding } = setup();
    const nlri = pool.nlris.inet(0x0a006403, 32);
    table.choose(learn(nlri, 0, offer(9, 0)), 0, forwarding);
    table.choose(learn(nlri, 1, offer(9, 50)), 0, forwarding);
    expect(table.sourceAt(table.row(nlri))).toBe(SOURCE.slot0);
  });
});
