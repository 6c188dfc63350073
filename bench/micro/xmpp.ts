/**
 * XMPP codec: a publish of 840 octets and a message of 32 routes, written and read; our scanner beside our general
 * reader and beside saxes. `npx tsx bench/micro/xmpp.ts`
 */
import { pathToFileURL } from 'node:url';
import Benchmark from 'benchmark';
import { SaxesParser } from 'saxes';
import { ipv4 } from '../../src/net/ipv4.ts';
import { RoutePool } from '../../src/route/pool.ts';
import { encodeItem, itemNextHop, unicastItem } from '../../src/xmpp/items.ts';
import { messageTo, reachMessage, routeMessages, stanzaDigest } from '../../src/xmpp/message.ts';
import { readStanza } from '../../src/xmpp/reader.ts';
import { scanStanza } from '../../src/xmpp/scan.ts';
import { openText } from '../../src/xmpp/stanza.ts';
import { XmppFramer } from '../../src/xmpp/stream.ts';
import { readStanzaStrictly } from '../../src/xmpp/strict.ts';
import { textOfUtf8, utf8 } from '../../src/xmpp/xml.ts';

const { nlris } = new RoutePool();
const INSTANCE = 'default-domain:leonardo:leonardodb:leonardodb';

function itemOf(host: number, speaker: 'agent' | 'control-node') {
  return unicastItem({
    nlri: nlris.inet(0x0a006400 + host, 32),
    nextHops: [
      itemNextHop({
        address: ipv4(0xc0a80101),
        mac: speaker === 'agent' ? 0x0200c0a80101 : 0,
        label: 17 + host,
        encapsulations: ['gre', 'udp'],
        virtualNetwork: 'default-domain:leonardo:leonardodb',
      }),
    ],
    virtualNetwork: 'default-domain:leonardo:leonardodb',
    securityGroups: [8000002],
    localPreference: 100,
    subProtocol: speaker === 'agent' ? 'interface' : '',
  });
}

const published = itemOf(3, 'agent');
const [publish] = routeMessages('compute-1', INSTANCE, encodeItem(published, 'agent', nlris), true, 7, nlris);
const publishText = textOfUtf8(publish.octets)!;
const told = Array.from({ length: 32 }, (_, host) => itemOf(host, 'control-node'));
const encoded = told.map((item) => encodeItem(item, 'control-node', nlris));
const body = reachMessage(INSTANCE, encoded);
const reachText = textOfUtf8(messageTo('compute-1', body).octets)!;
const reach = scanStanza(reachText, nlris);

const open = utf8(openText({ kind: 'open', from: 'a', to: 'b', id: '', xmlns: '' }));
const framer = new XmppFramer();
framer.push(open);
framer.next();

let kept = readerOfMany();
let elements = 0;

/** A saxes parser that stays open: its cheapest use, which does nothing but count elements. */
function readerOfMany(): SaxesParser {
  const parser = new SaxesParser({ xmlns: false, fragment: true });
  parser.on('opentag', () => {
    elements++;
  });
  return parser;
}

/** Name, work, octets of one run, routes in one run. */
const WORK: readonly (readonly [string, () => unknown, number, number])[] = [
  [
    'publish: write item and stanza',
    () => routeMessages('compute-1', INSTANCE, encodeItem(published, 'agent', nlris), true, 7, nlris)[0].octets,
    publish.size,
    1,
  ],
  ['publish: scanner', () => scanStanza(publishText, nlris), publish.size, 1],
  ['publish: general reader', () => readStanza(publishText, nlris), publish.size, 1],
  ['publish: saxes, counting elements', () => kept.write(publishText), publish.size, 1],
  ['publish: saxes, a new one each, to a stanza', () => readStanzaStrictly(publishText, nlris), publish.size, 1],
  [
    'publish: frame from octets',
    () => {
      framer.push(publish.octets);
      return framer.next();
    },
    publish.size,
    1,
  ],
  ['32 routes: write items', () => told.map((item) => encodeItem(item, 'control-node', nlris)), body.octets.length, 32],
  ['32 routes: write message of written items', () => reachMessage(INSTANCE, encoded), body.octets.length, 32],
  ['32 routes: message to one more agent', () => messageTo('compute-1', body), body.octets.length, 32],
  ['32 routes: its octets too', () => messageTo('compute-1', body).octets, body.octets.length, 32],
  ['32 routes: scanner', () => scanStanza(reachText, nlris), body.octets.length, 32],
  [
    '32 routes: digest of what was read',
    () => (reach.kind === 'reach' ? stanzaDigest(reach, nlris) : 0),
    body.octets.length,
    32,
  ],
  ['32 routes: general reader', () => readStanza(reachText, nlris), body.octets.length, 32],
  ['32 routes: saxes, a new one each, to a stanza', () => readStanzaStrictly(reachText, nlris), body.octets.length, 32],
];

export function runXmppBenchmarks(): void {
  const print = (line: string) => process.stdout.write(`${line}\n`);
  for (const [name, work, octets, routes] of WORK) {
    kept = readerOfMany();
    const bench = new Benchmark(name, work, { maxTime: 0.6 }).run();
    const ns = (bench.stats?.mean ?? Number.NaN) * 1e9;
    const spread = (bench.stats?.rme ?? Number.NaN).toFixed(1);
    print(
      `${name.padEnd(46)} ${ns.toFixed(0).padStart(8)} ns ±${spread}% ${(ns / routes).toFixed(0).padStart(7)} ns/route  ${octets} octets`,
    );
  }
  print(`node ${process.version}; saxes counted ${elements > 0 ? 'its elements' : 'nothing'}`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) runXmppBenchmarks();
