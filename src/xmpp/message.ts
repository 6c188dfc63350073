/**
 * Stanzas as messages of a stream: exact octets, what they say, and the figures that the record and the cost model want.
 * {@link XmppMessage} has the shape that the kernel asks of a message.
 *
 * A message to many agents is one {@link XmppBody}: text, content and digest are made once, and each receiver's message
 * adds its own first line. The octets of a receiver are put together when somebody looks at them.
 */
import { Digest, digestInto } from '../base/digest.ts';
import { shared, sharedClass } from '../base/fork.ts';
import { Memo } from '../base/memo.ts';
import type { NlriId, NlriTable } from '../route/nlri.ts';
import { type ConfigMessage, configBody, configBodySize, configInto } from './config-object.ts';
import { AFI_INET, type EncodedItem, encodeItem, itemDigest, SAFI_UNICAST, type UnicastItem } from './items.ts';
import {
  type AgentStanza,
  agentTextSize,
  CONTROL_NODE_JID,
  configHead,
  END_OF_RIB,
  END_OF_RIB_BODY,
  ITEMS_TAIL,
  type ItemsTable,
  itemNodeOf,
  itemsHead,
  KEEPALIVE,
  KEEPALIVE_TEXT,
  messageHead,
  openText,
  type Publish,
  plainAgentText,
  publishEnds,
  type Stanza,
  type StreamOpen,
  unreachBody,
} from './stanza.ts';
import { passingWord, wordOf } from './words.ts';
import { utf8, utf8Size, writeUtf8 } from './xml.ts';

/** Names of stanzas in the record. */
const KINDS: Readonly<Record<Stanza['kind'], string>> = {
  open: 'xmpp.open',
  keepalive: 'xmpp.keepalive',
  subscribe: 'xmpp.subscribe',
  unsubscribe: 'xmpp.unsubscribe',
  publish: 'xmpp.publish',
  collection: 'xmpp.collection',
  'config-subscribe': 'xmpp.config-subscribe',
  'config-unsubscribe': 'xmpp.config-unsubscribe',
  reach: 'xmpp.reach',
  unreach: 'xmpp.unreach',
  config: 'xmpp.config',
  'end-of-rib': 'xmpp.end-of-rib',
  other: 'xmpp.other',
};

/** A piece of text, or something whose text is made when somebody looks at it. */
type Part = string | { readonly text: string; readonly size: number };

class ConfigText {
  readonly size: number;
  private readonly content: ConfigMessage;

  constructor(content: ConfigMessage) {
    this.content = content;
    this.size = configBodySize(content);
  }

  get text(): string {
    return configBody(this.content);
  }
}

/** The part of a message that all its receivers have in common. Its octets are made when somebody looks at them. */
export class XmppBody {
  readonly content: Stanza;
  readonly kind: string;
  readonly items: number;
  readonly digest: number;
  /** Octets of it. */
  readonly size: number;
  private readonly parts: readonly Part[];
  private made: Uint8Array | null = null;

  constructor(content: Stanza, parts: readonly Part[], digest: number) {
    this.content = content;
    this.kind = messageKind(content);
    this.items = messageItems(content);
    this.digest = digest;
    this.parts = parts;
    let size = 0;
    for (const part of parts) size += typeof part === 'string' ? utf8Size(part) : part.size;
    this.size = size;
  }

  get octets(): Uint8Array {
    this.made ??= utf8(this.text);
    return this.made;
  }

  /** Writes the octets; what many agents read is made once and kept. */
  writeTo(to: Uint8Array): void {
    const { kind } = this.content;
    if (this.made !== null || kind === 'reach' || kind === 'unreach') to.set(this.octets);
    else writeUtf8(this.text, to);
  }

  private get text(): string {
    let text = '';
    for (const part of this.parts) text += typeof part === 'string' ? part : part.text;
    return text;
  }
}

/** The first line of a message, its receiver's own. */
interface Head {
  readonly text: string;
  readonly size: number;
}

const NO_HEAD: Head = shared({ text: '', size: 0 });

function headOf(text: string): Head {
  return { text, size: utf8Size(text) };
}

/** First lines by receiver, made once: a memo of a pure function, dropped when it holds so many. */
const HEADS_MAX = 65_536;
const routeHeads = new Memo<string, Head>(HEADS_MAX);
const configHeads = new Memo<string, Head>(HEADS_MAX);

function headTo(to: string, isConfig: boolean): Head {
  const heads = isConfig ? configHeads : routeHeads;
  const known = heads.get(to);
  if (known !== undefined) return known;
  return heads.set(to, headOf(isConfig ? configHead(CONTROL_NODE_JID, to) : messageHead(CONTROL_NODE_JID, to)));
}

/** One message on one stream. Immutable, so that copies of a world may share it. */
export class XmppMessage {
  readonly content: Stanza;
  readonly kind: string;
  readonly items: number;
  readonly digest: number;
  readonly background: boolean;
  /** Octets on the wire; known without making them. */
  readonly size: number;
  private readonly head: Head;
  private readonly body: XmppBody;
  private joined: Uint8Array | null = null;

  constructor(head: Head, body: XmppBody) {
    this.content = body.content;
    this.kind = body.kind;
    this.items = body.items;
    this.digest = body.digest;
    this.background = body.content.kind === 'keepalive';
    this.size = head.size + body.size;
    this.head = head;
    this.body = body;
  }

  get octets(): Uint8Array {
    if (this.head === NO_HEAD) return this.body.octets;
    if (this.joined === null) {
      this.joined = new Uint8Array(this.size);
      this.writeTo(this.joined);
    }
    return this.joined;
  }

  /** Writes the octets without keeping them for this receiver. */
  writeTo(to: Uint8Array): void {
    const { head, body } = this;
    if (head === NO_HEAD) {
      body.writeTo(to);
      return;
    }
    writeUtf8(head.text, to);
    body.writeTo(to.subarray(head.size));
  }
}

/** An agent's iq: all of a message, since nobody else is told the same. Immutable too. */
export class AgentMessage {
  readonly content: AgentStanza;
  readonly kind: string;
  readonly items: number;
  readonly digest: number;
  readonly background: boolean;
  /** Octets on the wire; known without making them. */
  readonly size: number;
  private readonly from: string;
  private readonly encoded: readonly EncodedItem[];
  private made: Uint8Array | null = null;

  constructor(content: AgentStanza, from: string, encoded: readonly EncodedItem[], digest: number) {
    this.content = content;
    this.kind = messageKind(content);
    this.items = encoded.length;
    this.digest = digest;
    this.background = false;
    let size = agentTextSize(content, from);
    for (const item of encoded) size += item.size;
    this.size = size;
    this.from = from;
    this.encoded = encoded;
  }

  get octets(): Uint8Array {
    this.made ??= utf8(this.text());
    return this.made;
  }

  /** Writes the octets without keeping them. */
  writeTo(to: Uint8Array): void {
    writeUtf8(this.text(), to);
  }

  private text(): string {
    if (this.content.kind !== 'publish') return plainAgentText(this.content, this.from);
    let [text, after] = publishEnds(this.content, this.from);
    for (const item of this.encoded) text += item.text;
    return text + after;
  }
}

sharedClass(XmppBody);
sharedClass(XmppMessage);
sharedClass(AgentMessage);

/** Routes to tell agents of, at most 32 of one instance (CN-2.8.1). */
export function reachMessage(instance: string, items: readonly EncodedItem[]): XmppBody {
  const table = Object.freeze({ afi: AFI_INET, safi: SAFI_UNICAST, instance });
  const content = Object.freeze({ kind: 'reach' as const, table, items: items.map((item) => item.item) });
  const digest = reachDigest(table, items.length);
  for (const item of items) digest.int(item.digest);
  return new XmppBody(content, [itemsHead(table), ...items, ITEMS_TAIL], digest.short());
}

/** Routes that are gone, at most 256 of one instance. */
export function unreachMessage(instance: string, ids: readonly NlriId[], nlris: NlriTable): XmppBody {
  const table = Object.freeze({ afi: AFI_INET, safi: SAFI_UNICAST, instance });
  const content = Object.freeze({ kind: 'unreach' as const, table, nlris: ids });
  return new XmppBody(content, [unreachBody(table, ids, nlris)], stanzaDigest(content, nlris));
}

const END_OF_RIB_MESSAGE = new XmppBody(END_OF_RIB, [END_OF_RIB_BODY], digestOfPlain(END_OF_RIB));

/** The marker as a message (CN-2.10.1); agents send it in the same form (CN-2.10.3). */
export function endOfRibMessage(): XmppBody {
  return END_OF_RIB_MESSAGE;
}

export function configMessage(content: ConfigMessage): XmppBody {
  return new XmppBody(content, [new ConfigText(content)], configDigest(content));
}

/** The message of a body to one agent: its JID, or its fully qualified name for a config message (CN-2.11.2). */
export function messageTo(to: string, body: XmppBody): XmppMessage {
  return new XmppMessage(headTo(to, body.content.kind === 'config'), body);
}

/** End-of-RIB from an agent, which sends a message and not the publish that is expected (CN-2.10.3). */
export function agentEndOfRib(from: string): XmppMessage {
  return new XmppMessage(headOf(messageHead(from, CONTROL_NODE_JID)), END_OF_RIB_MESSAGE);
}

export function openMessage(open: StreamOpen): XmppMessage {
  return new XmppMessage(NO_HEAD, new XmppBody(Object.freeze(open), [openText(open)], digestOfPlain(open)));
}

const KEEPALIVE_MESSAGE = new XmppMessage(NO_HEAD, new XmppBody(KEEPALIVE, [KEEPALIVE_TEXT], digestOfPlain(KEEPALIVE)));

export function keepaliveMessage(): XmppMessage {
  return KEEPALIVE_MESSAGE;
}

/** An agent's iq. `encoded` saves the work for the one item of a publish. */
export function agentMessage(stanza: AgentStanza, from: string, nlris: NlriTable, encoded?: EncodedItem): AgentMessage {
  if (stanza.kind === 'publish') return publishMessage(stanza, from, nlris, encoded);
  return new AgentMessage(Object.freeze(stanza), from, NO_ITEMS, stanzaDigest(stanza, nlris));
}

const NO_ITEMS: readonly EncodedItem[] = shared([]);

function publishMessage(
  publish: Publish,
  from: string,
  nlris: NlriTable,
  encoded: EncodedItem | undefined,
): AgentMessage {
  const items: EncodedItem[] = [];
  for (const item of publish.items) {
    if (item !== null) items.push(encoded?.item === item ? encoded : encodeItem(item, 'agent', nlris));
  }
  return encodedPublish({ ...publish, items: items.map((one) => one.item), itemCount: items.length }, from, items);
}

/** A publish whose items are those that are given encoded. */
function encodedPublish(publish: Publish, from: string, items: readonly EncodedItem[]): AgentMessage {
  const digest = publishDigest(publish);
  for (const one of items) digest.int(one.digest);
  return new AgentMessage(Object.freeze(publish), from, items, digest.short());
}

/** The two stanzas of a route, in order: publish, then associate or dissociate (CN-2.4/3 to CN-2.4/5, CN-2.4.3). */
export function routeMessages(
  from: string,
  instance: string,
  encoded: EncodedItem,
  associate: boolean,
  number: number,
  nlris: NlriTable,
): readonly [AgentMessage, AgentMessage] {
  const node = passingWord(itemNodeOf(instance, encoded.item.nlri, nlris)).text;
  const publish: Publish = { kind: 'publish', id: `pubsub${number}`, node, items: [encoded.item], itemCount: 1 };
  const collection: AgentStanza = { kind: 'collection', id: `collection${number}`, instance, associate, node };
  return [encodedPublish(publish, from, [encoded]), agentMessage(collection, from, nlris)];
}

/** The name of a stanza in the record. */
export function messageKind(stanza: Stanza): string {
  return KINDS[stanza.kind];
}

/** Routes in it: what the cost model and the counters count. A collection counts nothing, its publish has counted. */
export function messageItems(stanza: Stanza): number {
  if (stanza.kind === 'publish') return stanza.itemCount;
  if (stanza.kind === 'reach') return stanza.items.length;
  return stanza.kind === 'unreach' ? stanza.nlris.length : 0;
}

/** 32 bits about what a stanza says: values, never interned ids. Sender and receiver make the same number. */
export function stanzaDigest(stanza: Stanza, nlris: NlriTable): number {
  switch (stanza.kind) {
    case 'publish':
      return itemsInto(publishDigest(stanza), stanza.items, nlris).short();
    case 'collection': {
      const digest = new Digest().int(COLLECTION).text(stanza.id).int(wordOf(stanza.instance).mark);
      return digest
        .int(stanza.associate ? 1 : 0)
        .int(passingWord(stanza.node).mark)
        .short();
    }
    case 'reach':
      return itemsInto(reachDigest(stanza.table, stanza.items.length), stanza.items, nlris).short();
    case 'unreach': {
      const digest = tableDigest(UNREACH, stanza.table, stanza.nlris.length);
      for (const nlri of stanza.nlris) digest.int(nlris.address(nlri)).int(nlris.length(nlri));
      return digest.short();
    }
    case 'config':
      return configDigest(stanza);
    case 'subscribe':
    case 'unsubscribe':
      return new Digest()
        .int(stanza.kind === 'subscribe' ? SUBSCRIBE : UNSUBSCRIBE)
        .text(stanza.id)
        .int(wordOf(stanza.instance).mark)
        .int(stanza.instanceId)
        .int(stanza.kind === 'subscribe' && stanza.noRibout ? 1 : 0)
        .short();
    case 'config-subscribe':
    case 'config-unsubscribe':
      return new Digest()
        .int(stanza.kind === 'config-subscribe' ? CONFIG_SUBSCRIBE : CONFIG_UNSUBSCRIBE)
        .int(wordOf(stanza.object).mark)
        .text(stanza.name)
        .short();
    default:
      return digestOfPlain(stanza);
  }
}

/** Marks of the kinds that are digested field by field. */
const PUBLISH = 1;
const COLLECTION = 2;
const REACH = 3;
const UNREACH = 4;
const CONFIG = 5;
const SUBSCRIBE = 8;
const UNSUBSCRIBE = 9;
const CONFIG_SUBSCRIBE = 10;
const CONFIG_UNSUBSCRIBE = 11;

/** The digest of a publish, to which that of each item is still to be added. */
export function publishDigest(publish: Publish): Digest {
  return new Digest().int(PUBLISH).text(publish.id).int(passingWord(publish.node).mark).int(publish.itemCount);
}

/** The digest of routes told, to which that of each item is still to be added. */
export function reachDigest(table: ItemsTable, count: number): Digest {
  return tableDigest(REACH, table, count);
}

function tableDigest(mark: number, table: ItemsTable, count: number): Digest {
  return new Digest().int(mark).int(table.afi).int(table.safi).int(wordOf(table.instance).mark).int(count);
}

function itemsInto(digest: Digest, items: readonly (UnicastItem | null)[], nlris: NlriTable): Digest {
  for (const item of items) digest.int(item === null ? 0 : itemDigest(item, nlris));
  return digest;
}

function configDigest(message: ConfigMessage): number {
  return configInto(new Digest().int(CONFIG), message).short();
}

function digestOfPlain(stanza: Stanza): number {
  const digest = new Digest();
  digestInto(digest, stanza);
  return digest.short();
}
