import { describe, expect, it } from 'vitest';
import { ipv4 } from '../../src/net/ipv4.ts';
import { RoutePool } from '../../src/route/pool.ts';
import { describeStanza } from '../../src/xmpp/describe.ts';
import { BAD_MAC, itemNextHop, NO_NLRI, unicastItem } from '../../src/xmpp/items.ts';
import { END_OF_RIB, KEEPALIVE } from '../../src/xmpp/stanza.ts';
import { readStanzaStrictly } from '../../src/xmpp/strict.ts';

const { nlris } = new RoutePool();
const lines = (stanza: Parameters<typeof describeStanza>[0]) => describeStanza(stanza, nlris);

describe('a stanza in words', () => {
  const item = unicastItem({
    nlri: nlris.inet(0x0a006403, 32),
    nextHops: [
      itemNextHop({
        address: ipv4(0xc0a80101),
        mac: 0x0200c0a80101,
        label: 17,
        vni: 5,
        encapsulations: ['gre', 'udp'],
        virtualNetwork: 'd:p:db',
        tags: [7],
        localSequence: 2,
      }),
    ],
    virtualNetwork: 'd:p:db',
    sequence: 3,
    sticky: true,
    securityGroups: [8000002],
    communities: ['no-export'],
    localPreference: 200,
    med: 100,
    loadBalance: { fields: ['l4-protocol'], decision: 'field-hash' },
    subProtocol: 'interface',
  });

  it('names every part of a route', () => {
    expect(
      lines({ kind: 'publish', id: 'pubsub1', node: '1/1/d:p:db:db/10.0.100.3/32/9', items: [item], itemCount: 1 }),
    ).toEqual([
      'publish, held until its collection comes',
      '  node 1/1/d:p:db:db/10.0.100.3/32/9',
      '  primary instance id 9',
      '  10.0.100.3/32',
      '    next hop 192.168.1.1, label 17, mac 02:00:c0:a8:01:01, vni 5, encapsulations gre udp, network d:p:db, tags 7, local sequence 2',
      '    virtual network d:p:db',
      '    sequence 3, sticky',
      '    security groups 8000002',
      '    communities no-export',
      '    local preference 200',
      '    med 100',
      '    load balance by field-hash over l4-protocol',
      '    sub-protocol interface',
    ]);
  });

  it('says what is wrong with a route that is', () => {
    const bad = unicastItem({ nlri: NO_NLRI, nextHops: [itemNextHop({ mac: BAD_MAC })] });
    expect(lines({ kind: 'reach', table: { afi: 1, safi: 1, instance: 'x' }, items: [bad, null] })).toEqual([
      '2 routes of x, family 1/1',
      '  a prefix that does not parse',
      '    next hop missing, label 0, a mac that does not parse',
      '    no local preference',
      '  an item that does not decode',
    ]);
  });

  it('is one line for what has no parts', () => {
    expect(lines(KEEPALIVE)).toEqual(['keepalive']);
    expect(lines(END_OF_RIB)).toEqual(['End-of-RIB']);
    expect(lines({ kind: 'malformed', fault: 'no name' })).toEqual(['malformed, closes the connection: no name']);
    expect(lines({ kind: 'other', name: 'iq', what: 'of type get' })).toEqual(['iq that is ignored: of type get']);
    expect(lines({ kind: 'config-subscribe', object: 'virtual-machine', name: 'uuid' })).toEqual([
      'subscribe to the configuration of virtual-machine uuid',
    ]);
  });

  it('follows a route from its publish through its pair to its end', () => {
    expect(
      lines({ kind: 'collection', id: 'c', instance: 'x', associate: false, node: '1/1/x/10.0.100.3/32' }),
    ).toEqual(['delete in instance x', '  node 1/1/x/10.0.100.3/32']);
    const route = { kind: 'route', instance: 'x', add: true, afi: 1, safi: 1, primaryInstanceId: null } as const;
    expect(lines({ ...route, items: [], itemCount: 0 })).toEqual(['add in instance x', '  no item: End-of-RIB']);
    expect(
      lines({ ...route, items: [item, item], itemCount: 2 }).filter((line) => line.startsWith('  10.')),
    ).toHaveLength(1);
    expect(lines({ kind: 'unreach', table: { afi: 1, safi: 1, instance: 'x' }, nlris: [item.nlri] })).toEqual([
      '1 route gone from x, family 1/1',
      '  10.0.100.3/32',
    ]);
  });

  it('tells the two forms of a stream open apart', () => {
    const open = { kind: 'open', from: 'a1', to: 'cn', id: '', xmlns: 'pop-1' } as const;
    expect(lines(open)).toEqual(['stream open of an agent', '  from a1', '  to cn', '  sub-cluster pop-1']);
    expect(lines({ ...open, id: '++123', xmlns: 'jabber:client' })[0]).toBe(
      'stream open, the answer of a control node',
    );
  });

  it('counts items of a family that is not read, and objects of configuration', () => {
    expect(lines({ kind: 'publish', id: '', node: '25/242/x', items: [], itemCount: 2 })).toContain(
      '  family 25/242: 2 items not read',
    );
    const node = { kind: 'node', type: 'virtual-network', name: 'd:p:db' } as const;
    const link = {
      kind: 'link',
      left: node,
      right: { ...node, type: 'routing-instance' },
      metadata: 'virtual-network-routing-instance',
    } as const;
    expect(lines({ kind: 'config', runs: [{ action: 'update', objects: [node, link] }] })).toEqual([
      'configuration',
      '  update virtual-network d:p:db',
      '  update link virtual-network-routing-instance: virtual-network d:p:db to routing-instance d:p:db',
    ]);
  });

  it('explains subscriptions, with and without what they need (CN-2.4.4)', () => {
    const subscribe = { kind: 'subscribe', id: '', instance: 'x', instanceId: 3, noRibout: true } as const;
    expect(lines(subscribe)).toEqual(['subscribe to instance x', '  instance id 3', '  no-ribout: wants no routes']);
    expect(lines({ ...subscribe, instanceId: -1, noRibout: false })[1]).toBe(
      '  no instance id: the first route closes the channel',
    );
    expect(lines({ kind: 'unsubscribe', id: '', instance: 'x', instanceId: 3 })).toEqual([
      'unsubscribe from instance x',
    ]);
  });

  it('can be had of text from outside, pretty-printed or not', () => {
    const text = `
      <message from="network-control@contrailsystems.com" to="a1/bgp-peer">
        <event xmlns="http://jabber.org/protocol/pubsub">
          <items node="1/1/d:p:db:db">
            <retract id="10.0.100.3/32" />
          </items>
        </event>
      </message>`;
    expect(lines(readStanzaStrictly(text, nlris) as Parameters<typeof describeStanza>[0])[0]).toBe(
      '1 route gone from d:p:db:db, family 1/1',
    );
  });
});
