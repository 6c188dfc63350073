/**
 * What agents and control nodes say to each other (CN-2.1, CN-2.4, CN-2.8, CN-2.10, CN-2.11), as typed values, and how
 * each is written. `reader.ts` reads them, and `scan.ts` those in our own form.
 *
 * A value leaves out `from` and `to`: the stream says who speaks, and equal messages to different agents are one value.
 * Instances travel as names, prefixes as interned NLRIs. Nothing here keeps state; pairing a publish with its
 * collection is the session's business.
 */
import { shared } from '../base/fork.ts';
import type { NlriId, NlriTable } from '../route/nlri.ts';
import type { ConfigMessage } from './config-object.ts';
import { AFI_INET, encodeItem, itemId, SAFI_UNICAST, type UnicastItem } from './items.ts';
import { passingWord, wordOf } from './words.ts';
import { escapedSize, escapeXml, utf8Size } from './xml.ts';

/** CN-2.1/1. */
export const CONTROL_NODE_JID = 'network-control@contrailsystems.com';
/** Receivers inside a control node and an agent (CN-2.1.3). */
export const RESOURCE_BGP = 'bgp-peer';
export const RESOURCE_CONFIG = 'config';
export const XMPP_PORT = 5269;
export const PUBSUB_NS = 'http://jabber.org/protocol/pubsub';
const STREAMS_NS = 'http://etherx.jabber.org/streams';
export const END_OF_RIB_NODE = '0/0/EndOfRib';
/** The control node's answer carries this id in every release read. */
export const STREAM_ANSWER_ID = '++123';

export interface StreamOpen {
  readonly kind: 'open';
  readonly from: string;
  readonly to: string;
  /** Only the control node's answer has one; else empty. */
  readonly id: string;
  /** `jabber:client` in the answer; the sub-cluster name of an agent, empty when it has none (CN-2.1.4). */
  readonly xmlns: string;
}

/** U+0200, or a run of white space between stanzas (CN-2.1.6). */
export interface Keepalive {
  readonly kind: 'keepalive';
}

export interface Subscribe {
  readonly kind: 'subscribe';
  readonly id: string;
  readonly instance: string;
  /** The agent's VRF id; -1 when missing, 0 when no number (CN-2.4.4). */
  readonly instanceId: number;
  readonly noRibout: boolean;
}

export interface Unsubscribe {
  readonly kind: 'unsubscribe';
  readonly id: string;
  readonly instance: string;
  /** Ignored by the control node; -1 when missing. */
  readonly instanceId: number;
}

/** Step one of a route (CN-2.4/3): held by the receiver until its collection comes. */
export interface Publish {
  readonly kind: 'publish';
  readonly id: string;
  /** `1/1/instance/prefix/len[/primary instance id]`. Only afi, safi and the last field are looked at (CN-2.4.6). */
  readonly node: string;
  /** inet items, decoded; null: does not decode (CN-2.7/1). Empty: End-of-RIB (CN-2.10.3), or another family. */
  readonly items: readonly (UnicastItem | null)[];
  /** Items in the stanza, of whatever family. */
  readonly itemCount: number;
}

/** Step two (CN-2.4/4, CN-2.4/5). */
export interface Collection {
  readonly kind: 'collection';
  readonly id: string;
  readonly instance: string;
  /** add; else delete. */
  readonly associate: boolean;
  readonly node: string;
}

/** Interest in configuration (CN-2.4/6, CN-2.4/7). */
export interface ConfigSubscribe {
  readonly kind: 'config-subscribe' | 'config-unsubscribe';
  readonly object: 'virtual-router' | 'virtual-machine' | 'other';
  /** Fully qualified name of the vRouter, uuid of the machine, or the whole node text of something else. */
  readonly name: string;
}

/** A table as messages name it: `1/1/instance`. */
export interface ItemsTable {
  readonly afi: number;
  readonly safi: number;
  readonly instance: string;
}

/** Routes that an agent is told of, at most 32 (CN-2.8.1). An item that does not decode is null. */
export interface Reach {
  readonly kind: 'reach';
  readonly table: ItemsTable;
  readonly items: readonly (UnicastItem | null)[];
}

/** Routes that are gone, at most 256. */
export interface Unreach {
  readonly kind: 'unreach';
  readonly table: ItemsTable;
  readonly nlris: readonly NlriId[];
}

/** The marker as a message, either direction (CN-2.10.1, CN-2.10.3). */
export interface EndOfRib {
  readonly kind: 'end-of-rib';
}

/** Well-formed, and nobody's business: the receiver ignores it (CN-2.4.1, CN-2.10.3). */
export interface OtherStanza {
  readonly kind: 'other';
  readonly name: 'iq' | 'message';
  /** What it is, for people. */
  readonly what: string;
}

export type AgentStanza = Subscribe | Unsubscribe | Publish | Collection | ConfigSubscribe;
export type ControlNodeStanza = Reach | Unreach | ConfigMessage;
export type Stanza = StreamOpen | Keepalive | AgentStanza | ControlNodeStanza | EndOfRib | OtherStanza;

/** Not a stanza: it closes the connection (CN-2.4.5). */
export interface MalformedStanza {
  readonly kind: 'malformed';
  readonly fault: string;
}

export function malformed(fault: string): MalformedStanza {
  return Object.freeze({ kind: 'malformed', fault });
}

export const KEEPALIVE: Keepalive = shared(Object.freeze({ kind: 'keepalive' }));
export const KEEPALIVE_TEXT = '\u0200';
export const END_OF_RIB: EndOfRib = shared(Object.freeze({ kind: 'end-of-rib' }));

/** What the node id of a publish says (CN-2.4.6); the quirk of CN-2.4.7 is that reading it spoils it for a second item. */
export interface ItemNode {
  /** -1 when the field is no number. */
  readonly afi: number;
  readonly safi: number;
  /** The sixth field, of an inet node alone; null when there is none. */
  readonly primaryInstanceId: number | null;
}

export function readItemNode(node: string): ItemNode {
  const fields = node.split('/');
  const number = (text: string | undefined) => (text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : -1);
  const sixth = fields[5];
  return {
    afi: number(fields[0]),
    safi: number(fields[1]),
    primaryInstanceId: sixth === undefined ? null : Math.max(0, number(sixth)),
  };
}

/** `1/1/instance/10.0.100.3/32` (CN-2.4/B1). */
export function itemNodeOf(instance: string, nlri: NlriId, nlris: NlriTable): string {
  return `${AFI_INET}/${SAFI_UNICAST}/${instance}/${itemId(nlri, nlris)}`;
}

/** Both forms: an agent's open, and the answer, which has an id (CN-2.1.4). */
export function openText(open: StreamOpen): string {
  const id = open.id === '' ? '' : ` id='${escapeXml(open.id)}'`;
  return (
    `<?xml version='1.0'?><stream:stream from='${escapeXml(open.from)}' to='${escapeXml(open.to)}'${id} version='1.0'` +
    ` xml:lang='en' xmlns='${escapeXml(open.xmlns)}' xmlns:stream='${STREAMS_NS}' >`
  );
}

/** An agent's iq; `from` is its JID. */
export function agentText(stanza: AgentStanza, from: string, nlris: NlriTable): string {
  if (stanza.kind === 'publish') {
    const [before, after] = publishEnds(stanza, from);
    let items = '';
    for (const item of stanza.items) if (item !== null) items += encodeItem(item, 'agent', nlris).text;
    return before + items + after;
  }
  return plainAgentText(stanza, from);
}

/** The same of what carries no items. */
export function plainAgentText(stanza: Exclude<AgentStanza, Publish>, from: string): string {
  return iqHead(stanza, from) + iqBody(stanza) + IQ_TAIL;
}

/** What stands before and after the items of a publish. */
export function publishEnds(stanza: Publish, from: string): readonly [string, string] {
  return [`${iqHead(stanza, from)}<publish node='${passingWord(stanza.node).escaped}'>`, `</publish>${IQ_TAIL}`];
}

const IQ_TAIL = '</pubsub></iq>';

/** Octets of {@link agentText}, of a publish without its items. */
export function agentTextSize(stanza: AgentStanza, from: string): number {
  let size = 'id' in stanza ? BGP_HEAD_SIZE + " id=''".length + escapedSize(stanza.id) : CONFIG_HEAD_SIZE;
  size += wordOf(from).size + IQ_TAIL.length;
  switch (stanza.kind) {
    case 'publish':
      return size + "<publish node=''></publish>".length + passingWord(stanza.node).size;
    case 'collection':
      return (
        size +
        (stanza.associate ? COLLECTION_SIZE : COLLECTION_SIZE + 'dis'.length - 'as'.length) +
        wordOf(stanza.instance).size +
        passingWord(stanza.node).size
      );
    default:
      return size + utf8Size(iqBody(stanza));
  }
}

const COLLECTION_SIZE = "<collection node=''><associate node=''/></collection>".length;

function iqHead(stanza: AgentStanza, from: string): string {
  const resource = stanza.kind.startsWith('config-') ? RESOURCE_CONFIG : RESOURCE_BGP;
  const id = 'id' in stanza ? ` id='${escapeXml(stanza.id)}'` : '';
  const to = `${CONTROL_NODE_JID}/${resource}`;
  return `<iq type='set' from='${wordOf(from).escaped}' to='${to}'${id}><pubsub xmlns='${PUBSUB_NS}'>`;
}

const BGP_HEAD_SIZE = `<iq type='set' from='' to='${CONTROL_NODE_JID}/${RESOURCE_BGP}'><pubsub xmlns='${PUBSUB_NS}'>`
  .length;
const CONFIG_HEAD_SIZE = BGP_HEAD_SIZE - RESOURCE_BGP.length + RESOURCE_CONFIG.length;

function iqBody(stanza: Exclude<AgentStanza, Publish>): string {
  switch (stanza.kind) {
    case 'subscribe':
      return (
        `<subscribe node='${wordOf(stanza.instance).escaped}'><options>` +
        (stanza.instanceId === -1 ? '' : `<instance-id>${stanza.instanceId}</instance-id>`) +
        (stanza.noRibout ? '<no-ribout>true</no-ribout>' : '') +
        '</options></subscribe>'
      );
    case 'unsubscribe':
      return (
        `<unsubscribe node='${wordOf(stanza.instance).escaped}'` +
        (stanza.instanceId === -1
          ? '/>'
          : `><options><instance-id>${stanza.instanceId}</instance-id></options></unsubscribe>`)
      );
    case 'collection':
      return (
        `<collection node='${wordOf(stanza.instance).escaped}'>` +
        `<${stanza.associate ? 'associate' : 'dissociate'} node='${passingWord(stanza.node).escaped}'/></collection>`
      );
    case 'config-subscribe':
    case 'config-unsubscribe': {
      const prefix = stanza.object === 'other' ? '' : `${stanza.object}:`;
      const verb = stanza.kind === 'config-subscribe' ? 'subscribe' : 'unsubscribe';
      return `<${verb} node='${prefix}${escapeXml(stanza.name)}'/>`;
    }
  }
}

/** The first line of a message, the only part that differs between its receivers (CN-2.8). */
export function messageHead(from: string, to: string): string {
  return `<message from="${wordOf(from).escaped}" to="${wordOf(to).escaped}/${RESOURCE_BGP}">`;
}

/** The rest of a message with retracts; one with items is made of {@link itemsHead}, their texts and {@link ITEMS_TAIL}. */
export function unreachBody(table: ItemsTable, ids: readonly NlriId[], nlris: NlriTable): string {
  let text = itemsHead(table);
  for (const nlri of ids) text += `<retract id="${itemId(nlri, nlris)}" />`;
  return text + ITEMS_TAIL;
}

export function itemsHead(table: ItemsTable): string {
  return `<event xmlns="${PUBSUB_NS}"><items node="${table.afi}/${table.safi}/${wordOf(table.instance).escaped}">`;
}

export const ITEMS_TAIL = '</items></event></message>';

/** CN-2.10.1. */
export const END_OF_RIB_BODY = `<event xmlns="${PUBSUB_NS}"><items node="${END_OF_RIB_NODE}"></items></event></message>`;

/** The head of a config message; `to` is the fully qualified name of the vRouter (CN-2.11.2). */
export function configHead(from: string, to: string): string {
  return `<iq type="set" from="${escapeXml(from)}" to="${escapeXml(to)}/${RESOURCE_CONFIG}">`;
}
