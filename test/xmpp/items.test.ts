import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4 } from '../../src/net/ipv4.ts';
import { RoutePool } from '../../src/route/pool.ts';
import { itemOfElement, prefixNlri } from '../../src/xmpp/item-reader.ts';
import {
  BAD_MAC,
  checkUnicastItem,
  encodeItem,
  ITEM_REASONS,
  type ItemContext,
  itemDigest,
  itemNextHop,
  NO_NLRI,
  unicastItem,
} from '../../src/xmpp/items.ts';
import { isXmlFault, readXml, utf8 } from '../../src/xmpp/xml.ts';
import { items } from './arbitraries.ts';

const { nlris } = new RoutePool();

function parse(text: string, speaker: 'agent' | 'control-node' = 'agent') {
  const element = readXml(text);
  if (isXmlFault(element)) throw new Error(`${element.fault} at ${element.at}`);
  return itemOfElement(element, speaker, nlris);
}

const entry = (inside: string) => parse(`<item><entry>${inside}</entry></item>`);
const prefix = (address: string, length: number) =>
  nlris.inet(
    address.split('.').reduce((a, o) => a * 256 + Number(o), 0),
    length,
  );
const compute = ipv4(0xc0a80101);

describe('a route item', () => {
  it.each(['agent', 'control-node'] as const)(
    'means the same after it was written and read, from a %s (CN-2.5)',
    (speaker) => {
      fc.assert(
        fc.property(items(nlris, speaker), (item) => {
          const { text, size, digest } = encodeItem(item, speaker, nlris);
          const read = parse(text, speaker);
          expect(read).toEqual(item);
          expect(itemDigest(read!, nlris)).toBe(digest);
          expect(size).toBe(utf8(text).length);
        }),
      );
    },
  );

  it('is, to its sender, what its reader will make of it', () => {
    const odd = unicastItem({
      nlri: prefix('10.0.100.3', 32),
      sticky: true,
      loadBalance: { fields: [], decision: 'field-hash' },
    });
    for (const speaker of ['agent', 'control-node'] as const) {
      const { item, text } = encodeItem(odd, speaker, nlris);
      expect(item).toMatchObject({ sticky: false, loadBalance: null });
      expect(parse(text, speaker)).toEqual(item);
    }
  });

  it('names itself only when a control node says it (CN-2.8.2)', () => {
    const item = unicastItem({
      nlri: prefix('10.0.100.3', 32),
      nextHops: [itemNextHop({ address: compute, label: 17 })],
    });
    expect(encodeItem(item, 'control-node', nlris).text).toMatch(/^<item id="10\.0\.100\.3\/32"><entry>/);
    expect(encodeItem(item, 'agent', nlris).text).toMatch(/^<item><entry>/);
  });

  it('carries no encapsulation list with label 0, and an order of its next hops that is kept (CN-2.5/2, CN-2.5/7)', () => {
    const item = unicastItem({
      nlri: prefix('10.0.100.3', 32),
      nextHops: [
        itemNextHop({ address: ipv4(2), label: 0 }),
        itemNextHop({ address: ipv4(1), label: 20, encapsulations: ['gre'] }),
      ],
    });
    const read = parse(encodeItem(item, 'control-node', nlris).text, 'control-node');
    expect(read?.nextHops.map((hop) => [hop.address, hop.encapsulations])).toEqual([
      [2, []],
      [1, ['gre']],
    ]);
  });

  it('reads elements in any order and passes over those that it does not know', () => {
    const item = entry(
      '<med>5</med><peers><peer>x</peer></peers><nlri><address>10.1.1.1/32</address><flags>0</flags><safi>1</safi><af>1</af></nlri>' +
        '<is-new-tags-list>true</is-new-tags-list><next-hops><next-hop><label>3</label><address>192.168.1.1</address></next-hop></next-hops>',
    );
    expect(item).toMatchObject({ afi: 1, safi: 1, nlri: prefix('10.1.1.1', 32), med: 5 });
    expect(item?.nextHops).toEqual([itemNextHop({ address: compute, label: 3 })]);
  });

  it('takes the old sequence number when mobility says 0, and then it is not sticky (CN-2.5/13, CN-2.5/14)', () => {
    expect(entry('<mobility seqno="0" sticky="true"/><sequence-number>7</sequence-number>')).toMatchObject({
      sequence: 7,
      sticky: false,
    });
    expect(entry('<mobility seqno="9" sticky="true"/><sequence-number>7</sequence-number>')).toMatchObject({
      sequence: 9,
      sticky: true,
    });
  });

  it('is of sub-protocol interface when an agent does not say (CN-2.5/20)', () => {
    expect(entry('')?.subProtocol).toBe('interface');
    expect(entry('<sub-protocol>bgpaas</sub-protocol>')?.subProtocol).toBe('bgpaas');
  });

  it('keeps a load balance that is not the default, and none that is (CN-2.5/19)', () => {
    const fields =
      '<load-balance-fields><load-balance-field-list>l4-protocol</load-balance-field-list></load-balance-fields>';
    expect(entry(`<load-balance>${fields}</load-balance>`)?.loadBalance).toEqual({
      fields: ['l4-protocol'],
      decision: 'field-hash',
    });
    expect(
      entry('<load-balance><load-balance-decision>field-hash</load-balance-decision></load-balance>')?.loadBalance,
    ).toBeNull();
    expect(
      entry('<load-balance><load-balance-decision>source-bias</load-balance-decision></load-balance>')?.loadBalance,
    ).toEqual({
      fields: [],
      decision: 'source-bias',
    });
  });

  it('does not decode when a number is none (CN-2.7/1), and reads empty numbers as 0', () => {
    expect(entry('<med>five</med>')).toBeNull();
    expect(entry('<med>99999999999</med>')).toBeNull();
    expect(entry('<med></med>')?.med).toBe(0);
    expect(entry('<local-preference>-1</local-preference>')?.localPreference).toBe(0xffffffff);
  });
});

describe('the prefix of an item', () => {
  it('loses its host bits, as the original masks them', () => {
    expect(prefixNlri('10.1.2.3/24', nlris)).toBe(prefix('10.1.2.0', 24));
  });

  it.each(['10.1.1.1', '10.1.1/32', '10.1.1.1/33', '10.1.1.1/', '10.1.1.256/32', 'x/32', '10.1.1.1/-1', ''])(
    'does not parse when it is %j (CN-2.7/3)',
    (text) => {
      expect(prefixNlri(text, nlris)).toBe(NO_NLRI);
    },
  );
});

describe('the checks of a route (CN-2.7)', () => {
  const hop = itemNextHop({ address: compute, label: 17, encapsulations: ['gre'] });
  const good = unicastItem({ nlri: prefix('10.0.100.3', 32), nextHops: [hop] });
  const context: ItemContext = { add: true, afi: 1, safi: 1, membership: 'subscribed', master: false };
  const judge = (item: typeof good | null, other: Partial<ItemContext> = {}) =>
    checkUnicastItem(item, { ...context, ...other });

  it('accept a route of a subscribed instance with one next hop and a label', () => {
    expect(judge(good)).toMatchObject({ verdict: 'accept', name: 'accepted' });
    expect(judge(good, { membership: 'pending' }).verdict).toBe('accept');
  });

  it.each([
    ['two next hops (CN-V11)', { ...good, nextHops: [hop, hop] }, 'several-next-hops'],
    ['label 0 in a VRF (CN-V12)', { ...good, nextHops: [{ ...hop, label: 0 }] }, 'zero-label'],
    ['label 16777216 (CN-V13)', { ...good, nextHops: [{ ...hop, label: 16777216 }] }, 'bad-label'],
    ['no next hop at all (CN-2.7/4)', { ...good, nextHops: [] }, 'no-next-hop'],
    ['a next hop that does not parse (CN-2.7/7)', { ...good, nextHops: [itemNextHop({ label: 5 })] }, 'bad-next-hop'],
    ['a bad mac (CN-2.7/10)', { ...good, nextHops: [{ ...hop, mac: BAD_MAC }] }, 'bad-mac'],
    ['a bad prefix (CN-2.7/3)', { ...good, nlri: NO_NLRI }, 'bad-prefix'],
    ['another family (CN-2.7/2)', { ...good, safi: 4 }, 'other-family'],
    ['nothing that decodes (CN-2.7/1)', null, 'undecodable'],
  ])('skip an item with %s and leave the channel up', (_what, item, reason) => {
    expect(judge(item)).toMatchObject({ verdict: 'skip', name: reason });
  });

  it('accept label 16777215, where a VNI may stand (CN-2.7/8)', () => {
    expect(judge({ ...good, nextHops: [{ ...hop, label: 16777215 }] }).verdict).toBe('accept');
  });

  it('want no label in the master instance (CN-2.7/8)', () => {
    expect(judge(good, { master: true })).toMatchObject({ verdict: 'skip', name: 'label-in-master' });
    expect(judge({ ...good, nextHops: [{ ...hop, label: 0 }] }, { master: true }).verdict).toBe('accept');
  });

  it.each([
    ['without-subscribe', 'route-without-subscribe'],
    ['after-unsubscribe', 'route-after-unsubscribe'],
    ['unknown-instance', 'unknown-instance'],
    ['deleted-instance', 'unknown-instance'],
    ['no-instance-id', 'no-instance-id'],
  ] as const)('close the channel of a route %s (CN-V14, CN-2.7/5, CN-Q26)', (membership, reason) => {
    expect(judge(good, { membership })).toMatchObject({ verdict: 'close', name: reason });
  });

  it('allow a delete in an instance that is being deleted, and look at nothing but the prefix of a delete (CN-2.4.3)', () => {
    expect(judge(good, { add: false, membership: 'deleted-instance' }).verdict).toBe('accept');
    expect(judge({ ...good, nextHops: [hop, hop, hop] }, { add: false }).verdict).toBe('accept');
    expect(judge({ ...good, nextHops: [] }, { add: false }).verdict).toBe('accept');
  });

  it('come in the order of the table: a bad prefix without subscription skips, two next hops without one close (CN-2.7.p1)', () => {
    expect(judge({ ...good, nlri: NO_NLRI }, { membership: 'without-subscribe' }).verdict).toBe('skip');
    expect(judge({ ...good, nextHops: [] }, { membership: 'without-subscribe' }).verdict).toBe('skip');
    expect(judge({ ...good, nextHops: [hop, hop] }, { membership: 'without-subscribe' }).verdict).toBe('close');
  });

  it('have a name and a sentence each', () => {
    expect(new Set(ITEM_REASONS.map((reason) => reason.name)).size).toBe(ITEM_REASONS.length);
  });
});
