/**
 * Stanzas as messages of a stream: exact octets, what they say, and the figures that the record and the cost model want.
 * {@link XmppMessage} has the shape that the kernel asks of a message.
 *
 * A message to many agents is one {@link XmppBody}: text, content and digest are made once, and each receiver's message
 * adds its own first line. The octets of a receiver are put together when somebody looks at them.
 */
import { Digest, digestInto } from '../base/digest.ts';
import { sharedClass } from '../base/fork.ts';
import type { NlriId, NlriTable } from '../route/nlri.ts';
import { AFI_INET, type EncodedItem, encodeItem, itemDigest, SAFI_UNICAST, type UnicastItem } from './items.ts';
import {
  type AgentStanza,
  agentText,
  CONTROL_NODE_JID,
  type ConfigMessage,
  configBody,
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
  publishEnds,
  type Stanza,
  type StreamOpen,
  unreachBody,
} from './stanza.ts';
import { wordOf } from './words.ts';
import { utf8, utf8Size } from './xml.ts';

/** A piece of text, or an item with its own. */
type Part = string | EncodedItem;

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
    if (this.made === null) {
      let text = '';
      for (const part of this.parts) text += typeof part === 'string' ? part : part.text;
      this.made = utf8(text);
    }
    return this.made;
  }
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
  private readonly head: string;
  private readonly body: XmppBody;
  private joined: Uint8Array | null = null;

  constructor(head: string, body: XmppBody) {
    this.content = body.content;
    this.kind = body.kind;
    this.items = body.items;
    this.digest = body.digest;
    this.background = body.content.kind === 'keepalive';
    this.size = utf8Size(head) + body.size;
    this.head = head;
    this.body = body;
  }

  get octets(): Uint8Array {
    if (this.head === '') return this.body.octets;
    if (this.joined === null) {
      const octets = new Uint8Array(this.size);
      const head = utf8(this.head);
      octets.set(head);
      octets.set(this.body.octets, head.length);
      this.joined = octets;
    }
    return this.joined;
  }
}

sharedClass(XmppBody);
sharedClass(XmppMessage);

/** Routes to tell agents of, at most 32 of one instance (CN-2.8.1). */
export function reachMessage(instance: string, items: readonly EncodedItem[]): XmppBody {
  const table = Object.freeze({ afi: AFI_INET, safi: SAFI_UNICAST, instance });
  const content = Object.freeze({ kind: 'reach' as const, table, items: items.map((item) => item.item) });
  const digest = tableDigest(REACH, table, items.length);
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
  return new XmppBody(content, [configBody(content)], digestOfPlain(content));
}

/** The message of a body to one agent: its JID, or its fully qualified name for a config message (CN-2.11.2). */
export function messageTo(to: string, body: XmppBody): XmppMessage {
  const head = body.content.kind === 'config' ? configHead(CONTROL_NODE_JID, to) : messageHead(CONTROL_NODE_JID, to);
  return new XmppMessage(head, body);
}

/** End-of-RIB from an agent, which sends a message and not the publish that is expected (CN-2.10.3). */
export function agentEndOfRib(from: string): XmppMessage {
  return new XmppMessage(messageHead(from, CONTROL_NODE_JID), END_OF_RIB_MESSAGE);
}

export function openMessage(open: StreamOpen): XmppMessage {
  return new XmppMessage('', new XmppBody(Object.freeze(open), [openText(open)], digestOfPlain(open)));
}

const KEEPALIVE_MESSAGE = new XmppMessage('', new XmppBody(KEEPALIVE, [KEEPALIVE_TEXT], digestOfPlain(KEEPALIVE)));

export function keepaliveMessage(): XmppMessage {
  return KEEPALIVE_MESSAGE;
}

/** An agent's iq. `encoded` saves the work for the one item of a publish. */
export function agentMessage(stanza: AgentStanza, from: string, nlris: NlriTable, encoded?: EncodedItem): XmppMessage {
  if (stanza.kind === 'publish') return publishMessage(stanza, from, nlris, encoded);
  const content = Object.freeze(stanza);
  return new XmppMessage('', new XmppBody(content, [agentText(content, from, nlris)], stanzaDigest(content, nlris)));
}

function publishMessage(
  publish: Publish,
  from: string,
  nlris: NlriTable,
  encoded: EncodedItem | undefined,
): XmppMessage {
  const items: EncodedItem[] = [];
  for (const item of publish.items) {
    if (item !== null) items.push(encoded?.item === item ? encoded : encodeItem(item, 'agent', nlris));
  }
  const content = Object.freeze({ ...publish, items: items.map((one) => one.item), itemCount: items.length });
  const digest = publishDigest(content);
  for (const one of items) digest.int(one.digest);
  const [before, after] = publishEnds(content, from);
  return new XmppMessage('', new XmppBody(content, [before, ...items, after], digest.short()));
}

/** The two stanzas of a route, in order: publish, then associate or dissociate (CN-2.4/3 to CN-2.4/5, CN-2.4.3). */
export function routeMessages(
  from: string,
  instance: string,
  encoded: EncodedItem,
  associate: boolean,
  number: number,
  nlris: NlriTable,
): readonly [XmppMessage, XmppMessage] {
  const node = itemNodeOf(instance, encoded.item.nlri, nlris);
  const publish: AgentStanza = { kind: 'publish', id: `pubsub${number}`, node, items: [encoded.item], itemCount: 1 };
  const collection: AgentStanza = { kind: 'collection', id: `collection${number}`, instance, associate, node };
  return [agentMessage(publish, from, nlris, encoded), agentMessage(collection, from, nlris)];
}

/** The name of a stanza in the record. */
export function messageKind(stanza: Stanza): string {
  return `xmpp.${stanza.kind}`;
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
        .int(wordOf(stanza.node).mark)
        .short();
    }
    case 'reach':
      return itemsInto(tableDigest(REACH, stanza.table, stanza.items.length), stanza.items, nlris).short();
    case 'unreach': {
      const digest = tableDigest(UNREACH, stanza.table, stanza.nlris.length);
      for (const nlri of stanza.nlris) digest.int(nlris.address(nlri)).int(nlris.length(nlri));
      return digest.short();
    }
    default:
      return digestOfPlain(stanza);
  }
}

/** Marks of the kinds that are digested field by field. */
const PUBLISH = 1;
const COLLECTION = 2;
const REACH = 3;
const UNREACH = 4;

function publishDigest(publish: Publish): Digest {
  return new Digest().int(PUBLISH).text(publish.id).int(wordOf(publish.node).mark).int(publish.itemCount);
}

function tableDigest(mark: number, table: ItemsTable, count: number): Digest {
  return new Digest().int(mark).int(table.afi).int(table.safi).int(wordOf(table.instance).mark).int(count);
}

function itemsInto(digest: Digest, items: readonly (UnicastItem | null)[], nlris: NlriTable): Digest {
  for (const item of items) digest.int(item === null ? 0 : itemDigest(item, nlris));
  return digest;
}

function digestOfPlain(stanza: Stanza): number {
  const digest = new Digest();
  digestInto(digest, stanza);
  return digest.short();
}
