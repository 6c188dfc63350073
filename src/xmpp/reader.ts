/** What a stanza means, from the element of any parser (CN-2.4, CN-2.8, CN-2.11). Nothing here throws. */
import { shared } from '../base/fork.ts';
import type { NlriTable } from '../route/nlri.ts';
import type { ConfigLink, ConfigMessage, ConfigNode, ConfigObject, ConfigRun } from './config-object.ts';
import { itemOfElement, prefixNlri } from './item-reader.ts';
import { AFI_INET, NO_NLRI, SAFI_UNICAST } from './items.ts';
import {
  type ConfigSubscribe,
  END_OF_RIB,
  END_OF_RIB_NODE,
  type ItemsTable,
  type MalformedStanza,
  malformed,
  type OtherStanza,
  type Publish,
  RESOURCE_BGP,
  RESOURCE_CONFIG,
  type Reach,
  readItemNode,
  type Stanza,
  type StreamOpen,
} from './stanza.ts';
import { attribute, child, descendant, isXmlFault, readXml, type XmlElement } from './xml.ts';
/** Reads the text of a stream open, both forms: the element that is never closed (CN-2.1.4). */
export function readOpen(text: string): StreamOpen | MalformedStanza {
  const close = text.lastIndexOf('>');
  const element = readXml(`${text.slice(0, close)}/>`);
  if (isXmlFault(element)) return malformed(`stream open: ${element.fault}`);
  return openOfElement(element);
}

export function openOfElement(element: XmlElement): StreamOpen | MalformedStanza {
  if (element.name !== 'stream:stream') return malformed(`stream open: the element is ${element.name}`);
  return Object.freeze({
    kind: 'open',
    from: attribute(element, 'from') ?? '',
    to: attribute(element, 'to') ?? '',
    id: attribute(element, 'id') ?? '',
    xmlns: attribute(element, 'xmlns') ?? '',
  });
}

/** Reads any one stanza by the general reader. `scan.ts` is the fast way for those that we write ourselves. */
export function readStanza(text: string, nlris: NlriTable): Stanza | MalformedStanza {
  const element = readXml(text);
  if (isXmlFault(element)) return malformed(element.fault);
  return stanzaOfElement(element, nlris);
}

/** The meaning of a stanza's element, whoever parsed it. */
export function stanzaOfElement(element: XmlElement, nlris: NlriTable): Stanza | MalformedStanza {
  if (element.name === 'iq') return iqOf(element, nlris);
  if (element.name === 'message') return messageOf(element, nlris);
  return malformed(`a stanza is iq or message, not ${element.name}`);
}

function other(name: 'iq' | 'message', what: string): OtherStanza {
  return shared(Object.freeze({ kind: 'other', name, what }));
}

/** Where it goes inside the receiver, by substring (CN-2.1.3). */
function resourceOf(to: string): 'bgp-peer' | 'config' | 'other' {
  if (to.includes(RESOURCE_BGP)) return 'bgp-peer';
  return to.includes(RESOURCE_CONFIG) ? 'config' : 'other';
}

function iqOf(element: XmlElement, nlris: NlriTable): Stanza | MalformedStanza {
  const type = attribute(element, 'type') ?? '';
  if (type !== 'set') return other('iq', `of type ${type === '' ? 'none' : type}`);
  const config = child(element, 'config');
  if (config !== null) return configOf(config);
  const pubsub = descendant(element, 'pubsub');
  const action = pubsub?.children[0];
  if (pubsub === null || action === undefined) return other('iq', 'without an action');
  const id = attribute(element, 'id') ?? '';
  const node = attribute(action, 'node') ?? '';
  const resource = resourceOf(attribute(element, 'to') ?? '');
  if (resource === 'config' && (action.name === 'subscribe' || action.name === 'unsubscribe')) {
    return configSubscribeOf(action.name, node);
  }
  if (resource !== 'bgp-peer') return other('iq', `to nobody: ${action.name}`);
  switch (action.name) {
    case 'subscribe':
      return shared(Object.freeze({ kind: 'subscribe', id, instance: node, ...optionsOf(pubsub) }));
    case 'unsubscribe':
      return shared(
        Object.freeze({ kind: 'unsubscribe', id, instance: node, instanceId: optionsOf(pubsub).instanceId }),
      );
    case 'publish':
      return publishOf(action, id, node, nlris);
    case 'collection': {
      const associate = descendant(action, 'associate');
      const target = associate ?? descendant(action, 'dissociate');
      return shared(
        Object.freeze({
          kind: 'collection',
          id,
          instance: node,
          associate: associate !== null,
          node: (target === null ? null : attribute(target, 'node')) ?? '',
        }),
      );
    }
    default:
      return other('iq', `unknown action ${action.name}`);
  }
}

/** The options stand beside the subscribe or inside it; the last of each counts. */
function optionsOf(pubsub: XmlElement): { instanceId: number; noRibout: boolean } {
  let instanceId = -1;
  let noRibout = false;
  for (const option of descendant(pubsub, 'options')?.children ?? []) {
    if (option.name === 'instance-id') {
      const digits = /^[ \t\r\n]*([-+]?\d{1,10})/.exec(option.text);
      instanceId = digits === null ? 0 : Number(digits[1]) | 0;
    } else if (option.name === 'no-ribout') noRibout = /^[1tTyY]/.test(option.text);
  }
  return { instanceId, noRibout };
}

function publishOf(action: XmlElement, id: string, node: string, nlris: NlriTable): Publish {
  const { afi, safi } = readItemNode(node);
  const elements = action.children.filter((candidate) => candidate.name === 'item');
  const inet = afi === AFI_INET && safi === SAFI_UNICAST;
  const items = inet ? elements.map((item) => itemOfElement(item, 'agent', nlris)) : [];
  return shared(Object.freeze({ kind: 'publish', id, node, items, itemCount: elements.length }));
}

/** Interest in configuration, of the node that it names (CN-2.4/6, CN-2.4/7). */
export function configSubscribeOf(verb: 'subscribe' | 'unsubscribe', node: string): ConfigSubscribe {
  const colon = node.indexOf(':');
  const word = node.slice(0, colon);
  const known = word === 'virtual-router' || word === 'virtual-machine';
  return shared(
    Object.freeze({
      kind: `config-${verb}`,
      object: known ? word : 'other',
      name: known ? node.slice(colon + 1) : node,
    }),
  );
}

function configOf(config: XmlElement): ConfigMessage | OtherStanza {
  const runs: ConfigRun[] = [];
  for (const run of config.children) {
    if (run.name !== 'update' && run.name !== 'delete') return other('iq', 'config with an unknown run');
    const objects: ConfigObject[] = [];
    for (const element of run.children) {
      const object = element.name === 'node' ? configNodeOf(element) : configLinkOf(element);
      if (object === null) return other('iq', 'config with an unknown object');
      objects.push(object);
    }
    runs.push({ action: run.name, objects });
  }
  return shared(Object.freeze({ kind: 'config', runs }));
}

function configNodeOf(element: XmlElement): ConfigNode {
  return { kind: 'node', type: attribute(element, 'type') ?? '', name: child(element, 'name')?.text ?? '' };
}

function configLinkOf(element: XmlElement): ConfigLink | null {
  const nodes = element.children.filter((part) => part.name === 'node');
  const metadata = child(element, 'metadata');
  if (element.name !== 'link' || nodes.length !== 2 || metadata === null) return null;
  return {
    kind: 'link',
    left: configNodeOf(nodes[0]!),
    right: configNodeOf(nodes[1]!),
    metadata: attribute(metadata, 'type') ?? '',
  };
}

function messageOf(element: XmlElement, nlris: NlriTable): Stanza {
  const event = child(element, 'event');
  const items = event === null ? null : child(event, 'items');
  if (items === null) return other('message', 'without items');
  const node = attribute(items, 'node') ?? '';
  if (node === END_OF_RIB_NODE) return END_OF_RIB;
  const table = itemsTableOf(node);
  if (table === null) return other('message', `items of ${node === '' ? 'no table' : node}`);
  const inet = table.afi === AFI_INET && table.safi === SAFI_UNICAST;
  const reach = items.children.filter((part) => part.name === 'item');
  const retracts = items.children.filter((part) => part.name === 'retract');
  if (!inet) return other('message', `items of ${node}`);
  if (reach.length > 0 && retracts.length > 0) return other('message', 'items and retracts mixed');
  if (retracts.length > 0) {
    const ids = retracts.map((part) => prefixNlri(attribute(part, 'id') ?? '', nlris));
    return shared(Object.freeze({ kind: 'unreach', table, nlris: ids.filter((id) => id !== NO_NLRI) }));
  }
  return reachOf(table, reach, nlris);
}

function reachOf(table: ItemsTable, elements: readonly XmlElement[], nlris: NlriTable): Reach {
  return shared(
    Object.freeze({ kind: 'reach', table, items: elements.map((item) => itemOfElement(item, 'control-node', nlris)) }),
  );
}

/** `AFI/SAFI/instance`; an instance name may hold a slash. */
export function itemsTableOf(node: string): ItemsTable | null {
  const match = /^(\d{1,5})\/(\d{1,5})\/(.+)$/s.exec(node);
  if (match === null) return null;
  return Object.freeze({ afi: Number(match[1]), safi: Number(match[2]), instance: match[3]! });
}
