/**
 * XMPP octets with their origin: the worked exchange of the reference (CN-14.1) and the message form of CN-2.8, typed
 * again as facts. Line breaks and indentation there are for the reader; between tags they are left out here.
 */
import { describe, expect, it } from 'vitest';
import { ipv4 } from '../../src/net/ipv4.ts';
import { RoutePool } from '../../src/route/pool.ts';
import { encodeItem, itemNextHop, unicastItem } from '../../src/xmpp/items.ts';
import {
  agentMessage,
  messageTo,
  openMessage,
  reachMessage,
  routeMessages,
  unreachMessage,
} from '../../src/xmpp/message.ts';
import { readOpen } from '../../src/xmpp/reader.ts';
import { scanKnown, scanStanza } from '../../src/xmpp/scan.ts';
import { textOfUtf8 } from '../../src/xmpp/xml.ts';

const { nlris } = new RoutePool();
const INSTANCE = 'd:p:db:db';
const FROM = 'a1';

const OPEN =
  "<?xml version='1.0'?><stream:stream from='a1' to='network-control@contrailsystems.com' version='1.0' xml:lang='en' xmlns='jabber:client'" +
  " xmlns:stream='http://etherx.jabber.org/streams' >";

const SUBSCRIBE =
  "<iq type='set' from='a1' to='network-control@contrailsystems.com/bgp-peer' id='subscribe0'>" +
  "<pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='d:p:db:db'><options><instance-id>3</instance-id></options></subscribe></pubsub></iq>";

const PUBLISH =
  "<iq type='set' from='a1' to='network-control@contrailsystems.com/bgp-peer' id='pubsub1'>" +
  "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='1/1/d:p:db:db/10.0.100.3/32'><item><entry>" +
  '<nlri><af>1</af><safi>1</safi><address>10.0.100.3/32</address></nlri>' +
  '<next-hops><next-hop><af>1</af><address>192.168.1.1</address><label>17</label>' +
  '<tunnel-encapsulation-list><tunnel-encapsulation>gre</tunnel-encapsulation><tunnel-encapsulation>udp</tunnel-encapsulation></tunnel-encapsulation-list>' +
  '</next-hop></next-hops><version>1</version><virtual-network>d:p:db</virtual-network><sequence-number>0</sequence-number>' +
  '<security-group-list><security-group>8000002</security-group></security-group-list>' +
  '<local-preference>100</local-preference><med>0</med><sub-protocol>interface</sub-protocol>' +
  '</entry></item></publish></pubsub></iq>';

const COLLECTION =
  "<iq type='set' from='a1' to='network-control@contrailsystems.com/bgp-peer' id='collection1'>" +
  "<pubsub xmlns='http://jabber.org/protocol/pubsub'><collection node='d:p:db:db'><associate node='1/1/d:p:db:db/10.0.100.3/32'/></collection></pubsub></iq>";

/** The form of CN-2.8 with the elements of CN-2.5 that a control node sends. */
const REACH =
  '<message from="network-control@contrailsystems.com" to="a1/bgp-peer"><event xmlns="http://jabber.org/protocol/pubsub">' +
  '<items node="1/1/d:p:db:db"><item id="10.0.100.3/32"><entry>' +
  '<nlri><af>1</af><safi>1</safi><address>10.0.100.3/32</address></nlri>' +
  '<next-hops><next-hop><af>1</af><address>192.168.1.1</address><label>17</label>' +
  '<tunnel-encapsulation-list><tunnel-encapsulation>gre</tunnel-encapsulation><tunnel-encapsulation>udp</tunnel-encapsulation></tunnel-encapsulation-list>' +
  '<virtual-network>d:p:db</virtual-network></next-hop></next-hops><version>1</version><virtual-network>d:p:db</virtual-network>' +
  '<mobility seqno="0" sticky="false" /><sequence-number>0</sequence-number>' +
  '<security-group-list><security-group>8000002</security-group></security-group-list>' +
  '<local-preference>100</local-preference><med>200</med></entry></item></items></event></message>';

const RETRACT =
  '<message from="network-control@contrailsystems.com" to="a1/bgp-peer"><event xmlns="http://jabber.org/protocol/pubsub">' +
  '<items node="1/1/d:p:db:db"><retract id="10.0.100.3/32" /></items></event></message>';

const nlri = nlris.inet(0x0a006403, 32);
const hop = { address: ipv4(0xc0a80101), label: 17, encapsulations: ['gre', 'udp'] };
const published = unicastItem({
  nlri,
  nextHops: [itemNextHop(hop)],
  virtualNetwork: 'd:p:db',
  securityGroups: [8000002],
  localPreference: 100,
  subProtocol: 'interface',
});
const told = unicastItem({
  ...published,
  nextHops: [itemNextHop({ ...hop, virtualNetwork: 'd:p:db' })],
  med: 200,
  subProtocol: '',
});

describe('the worked exchange of agent a1 (CN-14.1)', () => {
  const subscribe = {
    kind: 'subscribe',
    id: 'subscribe0',
    instance: INSTANCE,
    instanceId: 3,
    noRibout: false,
  } as const;
  const encoded = encodeItem(published, 'agent', nlris);
  const text = (message: { readonly octets: Uint8Array }) => textOfUtf8(message.octets);

  it('opens with the stream', () => {
    const open = {
      kind: 'open',
      from: FROM,
      to: 'network-control@contrailsystems.com',
      id: '',
      xmlns: 'jabber:client',
    } as const;
    expect(text(openMessage(open))).toBe(OPEN);
    expect(readOpen(OPEN)).toEqual(open);
  });

  it('subscribes the instance', () => {
    expect(text(agentMessage(subscribe, FROM, nlris))).toBe(SUBSCRIBE);
    expect(scanStanza(SUBSCRIBE, nlris)).toEqual(subscribe);
  });

  it('publishes the route and adds it to the collection', () => {
    expect(routeMessages(FROM, INSTANCE, encoded, true, 1, nlris).map(text)).toEqual([PUBLISH, COLLECTION]);
    expect(scanKnown(PUBLISH, nlris)).toMatchObject({
      kind: 'publish',
      node: '1/1/d:p:db:db/10.0.100.3/32',
      items: [published],
    });
    expect(scanKnown(COLLECTION, nlris)).toMatchObject({
      instance: INSTANCE,
      associate: true,
      node: '1/1/d:p:db:db/10.0.100.3/32',
    });
  });

  it('withdraws it with the whole item and a dissociate (CN-2.4.3)', () => {
    const [publish, collection] = routeMessages(FROM, INSTANCE, encoded, false, 1, nlris).map(text);
    expect(publish).toBe(PUBLISH);
    expect(collection).toBe(COLLECTION.replace('associate', 'dissociate'));
  });
});

describe('what the control node tells of it (CN-2.8)', () => {
  it('is a message of one item, and the item has its name', () => {
    const message = messageTo(FROM, reachMessage(INSTANCE, [encodeItem(told, 'control-node', nlris)]));
    expect(textOfUtf8(message.octets)).toBe(REACH);
    expect(message.size).toBe(REACH.length);
    expect(scanKnown(REACH, nlris)).toEqual(message.content);
  });

  it('is a message of one retract when it is gone', () => {
    const message = messageTo(FROM, unreachMessage(INSTANCE, [nlri], nlris));
    expect(textOfUtf8(message.octets)).toBe(RETRACT);
    expect(scanKnown(RETRACT, nlris)).toEqual(message.content);
  });
});
