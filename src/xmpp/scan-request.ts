/** What agents ask for and publish (CN-2.4), from octets in our own form. */
import type { NlriTable } from '../route/nlri.ts';
import type { UnicastItem } from './items.ts';
import { itemAt, type KnownItem, memoOf } from './known-items.ts';
import { publishDigest, stanzaDigest } from './message.ts';
import type { OctetCursor } from './octet-cursor.ts';
import { configSubscribeOf } from './reader.ts';
import type { Meaning } from './scan.ts';
import { type AgentStanza, CONTROL_NODE_JID, PUBSUB_NS, RESOURCE_BGP, RESOURCE_CONFIG } from './stanza.ts';
import { utf8 } from './xml.ts';

const FROM = utf8("<iq type='set' from='");
const TO_BGP = utf8(`' to='${CONTROL_NODE_JID}/${RESOURCE_BGP}' id='`);
const TO_CONFIG = utf8(`' to='${CONTROL_NODE_JID}/${RESOURCE_CONFIG}`);
const PUBSUB = utf8(`'><pubsub xmlns='${PUBSUB_NS}'>`);
const END = utf8('</pubsub></iq>');
const PUBLISH = utf8("<publish node='");
const INET = utf8('1/1/');
const ITEM = utf8('<item><entry>');
const PUBLISH_END = utf8('</publish></pubsub></iq>');
const COLLECTION = utf8("<collection node='");
const ASSOCIATE = utf8("<associate node='");
const DISSOCIATE = utf8("<dissociate node='");
const COLLECTION_END = utf8("'/></collection></pubsub></iq>");
const SUBSCRIBE = utf8("<subscribe node='");
const UNSUBSCRIBE = utf8("<unsubscribe node='");
const OPTIONS = utf8('<options>');
const INSTANCE_ID = utf8('<instance-id>');
const INSTANCE_ID_END = utf8('</instance-id>');
const NO_RIBOUT = utf8('<no-ribout>true</no-ribout>');
const OPTIONS_END = utf8('</options>');
const SUBSCRIBE_END = utf8('</subscribe>');
const UNSUBSCRIBE_END = utf8('</unsubscribe>');
const TAG_END = utf8("'>");
const EMPTY_END = utf8("'/>");

/** The iq at the cursor, which moves past it. */
export function scanRequest(cursor: OctetCursor, nlris: NlriTable): Meaning | null {
  if (!cursor.passes(FROM)) return null;
  cursor.plain();
  if (!cursor.passes(TO_BGP)) return cursor.passes(TO_CONFIG) ? said(configAskedAt(cursor), nlris) : null;
  const id = cursor.word().text;
  if (!cursor.passes(PUBSUB)) return null;
  if (cursor.passes(PUBLISH)) return publishAt(cursor, id, nlris);
  if (cursor.passes(COLLECTION)) return said(collectionAt(cursor, id), nlris);
  if (cursor.passes(SUBSCRIBE)) return said(subscribeAt(cursor, id), nlris);
  return cursor.passes(UNSUBSCRIBE) ? said(unsubscribeAt(cursor, id), nlris) : null;
}

function said(stanza: AgentStanza | null, nlris: NlriTable): Meaning | null {
  return stanza === null ? null : { stanza, digest: stanzaDigest(stanza, nlris) };
}

function publishAt(cursor: OctetCursor, id: string, nlris: NlriTable): Meaning | null {
  if (!cursor.isAt(INET)) return null;
  const node = cursor.word().text;
  if (!cursor.passes(TAG_END)) return null;
  const memo = memoOf(nlris);
  const { octets } = cursor;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const read: KnownItem[] = [];
  while (cursor.isAt(ITEM)) {
    const known = itemAt(octets, view, cursor.at, memo, nlris);
    if (known === null) return null;
    read.push(known);
    cursor.at += known.size;
  }
  if (!cursor.passes(PUBLISH_END)) return null;
  const items: UnicastItem[] = [];
  const stanza = { kind: 'publish', id, node, items, itemCount: read.length } as const;
  const digest = publishDigest(stanza);
  for (const known of read) {
    items.push(known.item);
    digest.int(known.digest);
  }
  return { stanza, digest: digest.short() };
}

function collectionAt(cursor: OctetCursor, id: string): AgentStanza | null {
  const instance = cursor.word().text;
  if (!cursor.passes(TAG_END)) return null;
  const associate = cursor.passes(ASSOCIATE);
  if (!associate && !cursor.passes(DISSOCIATE)) return null;
  const node = cursor.word().text;
  return cursor.passes(COLLECTION_END) ? { kind: 'collection', id, instance, associate, node } : null;
}

function subscribeAt(cursor: OctetCursor, id: string): AgentStanza | null {
  const instance = cursor.word().text;
  if (!cursor.passes(TAG_END) || !cursor.passes(OPTIONS)) return null;
  const instanceId = instanceIdAt(cursor);
  const noRibout = cursor.passes(NO_RIBOUT);
  if (instanceId === null || !cursor.passes(OPTIONS_END) || !cursor.passes(SUBSCRIBE_END)) return null;
  return cursor.passes(END) ? { kind: 'subscribe', id, instance, instanceId, noRibout } : null;
}

function unsubscribeAt(cursor: OctetCursor, id: string): AgentStanza | null {
  const instance = cursor.word().text;
  let instanceId: number | null = -1;
  if (!cursor.passes(EMPTY_END)) {
    if (!cursor.passes(TAG_END) || !cursor.passes(OPTIONS)) return null;
    instanceId = instanceIdAt(cursor);
    if (instanceId === null || !cursor.passes(OPTIONS_END) || !cursor.passes(UNSUBSCRIBE_END)) return null;
  }
  return cursor.passes(END) ? { kind: 'unsubscribe', id, instance, instanceId } : null;
}

/** -1 when it is not said; null when it is said in another form than ours. */
function instanceIdAt(cursor: OctetCursor): number | null {
  if (!cursor.passes(INSTANCE_ID)) return -1;
  const instanceId = cursor.number();
  return instanceId < 0 || !cursor.passes(INSTANCE_ID_END) ? null : instanceId;
}

function configAskedAt(cursor: OctetCursor): AgentStanza | null {
  if (!cursor.passes(PUBSUB)) return null;
  const asks = cursor.passes(SUBSCRIBE);
  if (!asks && !cursor.passes(UNSUBSCRIBE)) return null;
  const name = cursor.name();
  if (!cursor.passes(EMPTY_END) || !cursor.passes(END)) return null;
  return configSubscribeOf(asks ? 'subscribe' : 'unsubscribe', name);
}
