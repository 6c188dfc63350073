import fc from 'fast-check';
import { type Ipv4, ipv4 } from '../../src/net/ipv4.ts';
import { maskOf } from '../../src/net/prefix.ts';
import type { NlriTable } from '../../src/route/nlri.ts';
import type { ConfigMessage, ConfigObject } from '../../src/xmpp/config-object.ts';
import {
  type ItemNextHop,
  type ItemSpeaker,
  itemNextHop,
  type UnicastItem,
  unicastItem,
} from '../../src/xmpp/items.ts';
import type { AgentStanza } from '../../src/xmpp/stanza.ts';

/** Names as networks have them, and now and then a name that XML must escape or UTF-8 must stretch. */
export const names = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z][a-z0-9:_-]{0,20}$/) },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: 'binary', minLength: 1, maxLength: 8 })
      .map(xmlOnly)
      .filter((s) => s !== ''),
  },
);

/** What XML 1.0 can hold. */
export function xmlOnly(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
}

export const u32 = fc.oneof(fc.nat(200), fc.nat(0xffffffff));

export const addresses: fc.Arbitrary<Ipv4> = fc.nat(0xffffffff).map(ipv4);

export const prefixes = fc
  .tuple(fc.nat(0xffffffff), fc.nat(32))
  .map(([address, length]) => ({ address: (address & maskOf(length)) >>> 0, length }));

export const nextHops = (speaker: ItemSpeaker): fc.Arbitrary<ItemNextHop> =>
  fc
    .record({
      address: addresses,
      mac: speaker === 'agent' ? fc.nat(2 ** 48 - 1) : fc.constant(0),
      label: u32,
      vni: fc.oneof(fc.constant(0), u32),
      encapsulations: fc.oneof(
        fc.constantFrom<string[]>(['gre', 'udp'], ['gre'], ['vxlan'], ['bogus', 'gre']),
        fc.array(names, { maxLength: 3 }),
      ),
      virtualNetwork: fc.oneof(fc.constant(''), names),
      tags: fc.array(u32, { maxLength: 3 }),
      localSequence: fc.oneof(fc.constant(0), u32),
    })
    .map(itemNextHop);

export const items = (nlris: NlriTable, speaker: ItemSpeaker): fc.Arbitrary<UnicastItem> =>
  fc
    .record({
      prefix: prefixes,
      nextHops: fc.array(nextHops(speaker), { maxLength: 3 }),
      virtualNetwork: fc.oneof(fc.constant(''), names),
      sequence: fc.oneof(fc.constant(0), u32),
      sticky: fc.boolean(),
      securityGroups: fc.array(u32, { maxLength: 3 }),
      communities: fc.array(fc.constantFrom('no-export', '64512:1', 'accept-own', "it's <odd>"), { maxLength: 2 }),
      localPreference: u32,
      med: u32,
      loadBalance: fc.oneof(
        { weight: 3, arbitrary: fc.constant(null) },
        {
          weight: 1,
          arbitrary: fc.record({
            fields: fc.constantFrom<string[]>([], ['l3-source-address', 'l4-protocol']),
            decision: fc.constantFrom('source-bias', 'field-hash'),
          }),
        },
      ),
      subProtocol: fc.constantFrom('interface', 'interface-static', 'service-interface', 'bgpaas'),
    })
    .map(({ prefix, ...fields }) =>
      unicastItem({
        ...fields,
        nlri: nlris.inet(prefix.address, prefix.length),
        sticky: fields.sticky && fields.sequence !== 0, // sticky means nothing without a sequence number (CN-2.5/13)
        loadBalance:
          fields.loadBalance?.decision === 'field-hash' && fields.loadBalance.fields.length === 0
            ? null // the default, which is not sent (CN-2.5/19)
            : fields.loadBalance,
        subProtocol: speaker === 'agent' ? fields.subProtocol : '',
      }),
    );

export const agentStanzas = (nlris: NlriTable): fc.Arbitrary<AgentStanza> =>
  fc.oneof(
    fc.record({
      kind: fc.constant('subscribe' as const),
      id: names,
      instance: names,
      instanceId: fc.integer({ min: -1, max: 65535 }),
      noRibout: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('unsubscribe' as const),
      id: names,
      instance: names,
      instanceId: fc.integer({ min: -1, max: 65535 }),
    }),
    fc
      .record({ id: names, instance: names, list: fc.array(items(nlris, 'agent'), { maxLength: 3 }) })
      .map(({ id, instance, list }) => ({
        kind: 'publish' as const,
        id,
        node: `1/1/${instance}/10.0.0.1/32`,
        items: list,
        itemCount: list.length,
      })),
    fc.record({
      kind: fc.constant('collection' as const),
      id: names,
      instance: names,
      associate: fc.boolean(),
      node: names,
    }),
    fc.record({
      kind: fc.constantFrom('config-subscribe' as const, 'config-unsubscribe' as const),
      object: fc.constantFrom('virtual-router' as const, 'virtual-machine' as const),
      name: names,
    }),
  );

const configNodes = fc.record({ kind: fc.constant('node' as const), type: names, name: names });

export const configObjects: fc.Arbitrary<ConfigObject> = fc.oneof(
  configNodes,
  fc.record({ kind: fc.constant('link' as const), left: configNodes, right: configNodes, metadata: names }),
);

export const configMessages: fc.Arbitrary<ConfigMessage> = fc
  .array(
    fc.record({
      action: fc.constantFrom('update' as const, 'delete' as const),
      objects: fc.array(configObjects, { minLength: 1, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((runs) => ({ kind: 'config' as const, runs }));
