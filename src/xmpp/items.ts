/**
 * The route item of XMPP for inet routes (CN-2.5): a typed value, its text, and the checks of CN-2.7.
 *
 * An agent publishes one item of one next hop; a control node sends items with one next hop for each equal path, best
 * first. The text of a route is built once and serves all agents that are told of it (CN-2.8.3): the caller keeps the
 * {@link EncodedItem}. Items of other families are not decoded; their stanzas are.
 */
import { Digest } from '../base/digest.ts';
import { sharedClass } from '../base/fork.ts';
import { formatIpv4, type Ipv4 } from '../net/ipv4.ts';
import { CONTRAIL_LABEL_MAX } from '../net/label.ts';
import type { NlriId, NlriTable } from '../route/nlri.ts';
import { itemSize, itemText } from './item-text.ts';
import { wordOf } from './words.ts';

/** Address family and XMPP SAFI of inet unicast, as node names and items write them (CN-1.3). */
export const AFI_INET = 1;
export const SAFI_UNICAST = 1;

/** At most so many items in a message of reachable routes, and retracts in one of unreachable routes (CN-2.8.1). */
export const REACH_ITEMS_MAX = 32;
export const RETRACTS_MAX = 256;

/** The prefix of the item does not parse (CN-2.7/3). */
export const NO_NLRI: NlriId = -1;
/** The MAC of the next hop does not parse (CN-2.7/10). */
export const BAD_MAC = -1;

export interface ItemNextHop {
  /** 0 when it is missing, zero or does not parse: the same to CN-2.7/7. */
  readonly address: Ipv4;
  /** 0 when there is none, {@link BAD_MAC} when it does not parse. */
  readonly mac: number;
  /** Unsigned 32 bits as written; CN-2.7/8 judges it. */
  readonly label: number;
  readonly vni: number;
  /** Words of the wire (`gre`, `udp`, `vxlan`, `native`, ...), in order, unknown ones included (CN-2.7.1). */
  readonly encapsulations: readonly string[];
  /** Origin network of this next hop, `unresolved`, or empty when the element is missing. */
  readonly virtualNetwork: string;
  readonly tags: readonly number[];
  readonly localSequence: number;
}

export interface LoadBalance {
  /** Empty: all five (CN-2.5/19). */
  readonly fields: readonly string[];
  /** `field-hash` or `source-bias`. */
  readonly decision: string;
}

/** One unicast item. Frozen and shared when it comes from a decoder or {@link unicastItem}. */
export interface UnicastItem {
  readonly afi: number;
  readonly safi: number;
  /** The inet NLRI, or {@link NO_NLRI}. */
  readonly nlri: NlriId;
  readonly nextHops: readonly ItemNextHop[];
  readonly virtualNetwork: string;
  /** The mobility sequence number; the old element `sequence-number` counts when that is 0 (CN-2.5/14). */
  readonly sequence: number;
  readonly sticky: boolean;
  readonly securityGroups: readonly number[];
  /** Standard communities as text. */
  readonly communities: readonly string[];
  /** 0: not set (CN-2.5/17). */
  readonly localPreference: number;
  /** 0: derive it from the local preference (CN-2.5/18, CN-3.3). */
  readonly med: number;
  /** null: the default. */
  readonly loadBalance: LoadBalance | null;
  /** `interface` unless said in an agent's item; empty in a control node's, which does not send it (CN-2.5/20). */
  readonly subProtocol: string;
}

const NOTHING: readonly never[] = Object.freeze([]);

/** A list as an item keeps it: one that has grown has room for more, and an empty one need not be its own. */
function fitted<T>(list: readonly T[] | undefined): readonly T[] {
  return list === undefined || list.length === 0 ? NOTHING : list.slice();
}

export function itemNextHop(fields: Partial<ItemNextHop>): ItemNextHop {
  return new NextHopOfItem(fields);
}

class NextHopOfItem implements ItemNextHop {
  readonly address: Ipv4;
  readonly mac: number;
  readonly label: number;
  readonly vni: number;
  readonly encapsulations: readonly string[];
  readonly virtualNetwork: string;
  readonly tags: readonly number[];
  readonly localSequence: number;

  constructor(fields: Partial<ItemNextHop>) {
    this.address = fields.address ?? (0 as Ipv4);
    this.mac = fields.mac ?? 0;
    this.label = fields.label ?? 0;
    this.vni = fields.vni ?? 0;
    this.encapsulations = fields.encapsulations ?? NOTHING;
    this.virtualNetwork = fields.virtualNetwork ?? '';
    this.tags = fields.tags ?? NOTHING;
    this.localSequence = fields.localSequence ?? 0;
    Object.freeze(this);
  }
}
sharedClass(NextHopOfItem);

/** A frozen item that all receivers and all copies of a world may share. */
export function unicastItem(fields: Partial<UnicastItem>): UnicastItem {
  return new RouteItem(fields);
}

class RouteItem implements UnicastItem {
  readonly afi: number;
  readonly safi: number;
  readonly nlri: NlriId;
  readonly nextHops: readonly ItemNextHop[];
  readonly virtualNetwork: string;
  readonly sequence: number;
  readonly sticky: boolean;
  readonly securityGroups: readonly number[];
  readonly communities: readonly string[];
  readonly localPreference: number;
  readonly med: number;
  readonly loadBalance: LoadBalance | null;
  readonly subProtocol: string;

  constructor(fields: Partial<UnicastItem>) {
    this.afi = fields.afi ?? AFI_INET;
    this.safi = fields.safi ?? SAFI_UNICAST;
    this.nlri = fields.nlri ?? NO_NLRI;
    this.nextHops = fields.nextHops ?? NOTHING;
    this.virtualNetwork = fields.virtualNetwork ?? '';
    this.sequence = fields.sequence ?? 0;
    this.sticky = fields.sticky ?? false;
    this.securityGroups = fitted(fields.securityGroups);
    this.communities = fitted(fields.communities);
    this.localPreference = fields.localPreference ?? 0;
    this.med = fields.med ?? 0;
    this.loadBalance = fields.loadBalance ?? null;
    this.subProtocol = fields.subProtocol ?? '';
    Object.freeze(this);
  }
}
sharedClass(RouteItem);

/** Whose words: an agent's publish, or a control node's message, which names the item and sends no sub-protocol. */
export type ItemSpeaker = 'agent' | 'control-node';

/**
 * An item as messages carry it: what it says, how long it is, and its text, which is made when somebody looks at it.
 * Kept by the owner of the route and used for all who are told of it (CN-2.8.3).
 */
export class EncodedItem {
  readonly item: UnicastItem;
  /** Octets of the text. */
  readonly size: number;
  /** 32 bits about the item's values, see {@link itemDigest}. */
  readonly digest: number;
  /** `10.0.100.3/32` (CN-2.8.2). */
  readonly id: string;
  private readonly speaker: ItemSpeaker;

  constructor(given: UnicastItem, speaker: ItemSpeaker, nlris: NlriTable) {
    const item = asRead(given, speaker);
    this.item = item;
    this.speaker = speaker;
    this.id = itemId(item.nlri, nlris);
    this.size = itemSize(item, speaker, this.id);
    this.digest = itemDigest(item, nlris);
  }

  get text(): string {
    return itemText(this.item, this.speaker, this.id);
  }
}

sharedClass(EncodedItem);

/** The item as its reader will have it: what the wire cannot say takes the value that is read instead. */
function asRead(item: UnicastItem, speaker: ItemSpeaker): UnicastItem {
  const { sticky, sequence, loadBalance, subProtocol } = item;
  const stickyOfNothing = sticky && sequence === 0;
  const defaultBalance = loadBalance?.decision === 'field-hash' && loadBalance.fields.length === 0;
  const unsaid = speaker === 'agent' && subProtocol === '';
  if (!stickyOfNothing && !defaultBalance && !unsaid) return item;
  return unicastItem({
    ...item,
    sticky: sticky && !stickyOfNothing,
    loadBalance: defaultBalance ? null : loadBalance,
    subProtocol: unsaid ? 'interface' : subProtocol,
  });
}

export function encodeItem(item: UnicastItem, speaker: ItemSpeaker, nlris: NlriTable): EncodedItem {
  return new EncodedItem(item, speaker, nlris);
}

/** `10.0.100.3/32`, the name of a unicast item (CN-2.8.2). */
export function itemId(nlri: NlriId, nlris: NlriTable): string {
  return `${formatIpv4(nlris.address(nlri))}/${nlris.length(nlri)}`;
}

/** 32 bits about what an item says: values, never interned ids. */
export function itemDigest(item: UnicastItem, nlris: NlriTable): number {
  const digest = new Digest().int(item.afi).int(item.safi);
  if (item.nlri === NO_NLRI) digest.int(NO_NLRI);
  else digest.int(nlris.address(item.nlri)).int(nlris.length(item.nlri));
  digest.int(item.nextHops.length);
  for (const hop of item.nextHops) {
    digest.int(hop.address).whole(hop.mac).int(hop.label).int(hop.vni);
    wordsInto(digest, hop.encapsulations);
    digest.int(wordOf(hop.virtualNetwork).mark).int(hop.tags.length);
    for (const tag of hop.tags) digest.int(tag);
    digest.int(hop.localSequence);
  }
  digest
    .int(wordOf(item.virtualNetwork).mark)
    .int(item.sequence)
    .int(item.sticky ? 1 : 0);
  digest.int(item.securityGroups.length);
  for (const group of item.securityGroups) digest.int(group);
  wordsInto(digest, item.communities);
  digest
    .int(item.localPreference)
    .int(item.med)
    .int(item.loadBalance === null ? 0 : 1);
  if (item.loadBalance !== null) {
    wordsInto(digest, item.loadBalance.fields);
    digest.int(wordOf(item.loadBalance.decision).mark);
  }
  return digest.int(wordOf(item.subProtocol).mark).short();
}

function wordsInto(digest: Digest, words: readonly string[]): void {
  digest.int(words.length);
  for (const word of words) digest.int(wordOf(word).mark);
}

/** What a channel's subscription means for a route of the instance (CN-2.7/5, CN-2.4.4). See `subscription.ts`. */
export type Membership =
  | 'subscribed'
  | 'pending'
  | 'after-unsubscribe'
  | 'without-subscribe'
  | 'unknown-instance'
  | 'deleted-instance'
  | 'no-instance-id';

export interface ItemContext {
  /** associate or dissociate. */
  readonly add: boolean;
  /** The family that the node id named (CN-2.4.6). */
  readonly afi: number;
  readonly safi: number;
  readonly membership: Membership;
  /** Routes of the master instance carry no label, those of a VRF need one (CN-2.7/8). */
  readonly master: boolean;
}

/** Why an item was accepted or not: the rows of CN-2.7. The number goes into columns, the sentence to people. */
export const ITEM_REASONS = [
  { name: 'accepted', verdict: 'accept', row: '', says: 'the route is accepted' },
  { name: 'undecodable', verdict: 'skip', row: '1', says: 'the item does not decode into a route entry' },
  { name: 'other-family', verdict: 'skip', row: '2', says: 'af and safi of the item do not fit its node' },
  { name: 'bad-prefix', verdict: 'skip', row: '3', says: 'the prefix does not parse' },
  { name: 'no-next-hop', verdict: 'skip', row: '4', says: 'the item has no next hop' },
  {
    name: 'route-after-unsubscribe',
    verdict: 'close',
    row: '5',
    says: 'a route after the unsubscribe of its instance',
  },
  { name: 'route-without-subscribe', verdict: 'close', row: '5', says: 'a route of an instance never subscribed' },
  {
    name: 'unknown-instance',
    verdict: 'close',
    row: '5',
    says: 'the instance is unknown or deleted and nothing waits',
  },
  { name: 'no-instance-id', verdict: 'close', row: '5', says: 'the subscription came without an instance id' },
  { name: 'several-next-hops', verdict: 'skip', row: '6', says: 'an item must have exactly one next hop' },
  { name: 'bad-next-hop', verdict: 'skip', row: '7', says: 'the next hop is missing, zero or does not parse' },
  { name: 'bad-label', verdict: 'skip', row: '8', says: 'the label is above 16777215' },
  { name: 'zero-label', verdict: 'skip', row: '8', says: 'a route of a VRF needs a label' },
  { name: 'label-in-master', verdict: 'skip', row: '8', says: 'a route of the master instance has no label' },
  { name: 'bad-mac', verdict: 'skip', row: '10', says: 'the MAC of the next hop does not parse' },
] as const;

export type ItemReason = (typeof ITEM_REASONS)[number]['name'];
export type ItemVerdict = (typeof ITEM_REASONS)[number];

const VERDICTS = new Map<string, ItemVerdict>(ITEM_REASONS.map((verdict) => [verdict.name, verdict]));

function verdict(name: ItemReason): ItemVerdict {
  return VERDICTS.get(name)!;
}

const MEMBERSHIP_CLOSES: Readonly<Record<Membership, ItemReason | null>> = {
  subscribed: null,
  pending: null,
  'after-unsubscribe': 'route-after-unsubscribe',
  'without-subscribe': 'route-without-subscribe',
  'unknown-instance': 'unknown-instance',
  'deleted-instance': 'unknown-instance',
  'no-instance-id': 'no-instance-id',
};

/** The checks of CN-2.7 in their order, for one inet item. `skip` leaves the session up, `close` ends the channel. */
export function checkUnicastItem(item: UnicastItem | null, context: ItemContext): ItemVerdict {
  if (item === null) return verdict('undecodable');
  if (item.afi !== context.afi || item.safi !== context.safi) return verdict('other-family');
  if (item.nlri === NO_NLRI) return verdict('bad-prefix');
  if (context.add && item.nextHops.length === 0) return verdict('no-next-hop');
  const closes = MEMBERSHIP_CLOSES[context.membership];
  // A delete for an instance that is being deleted is allowed.
  if (closes !== null && (context.add || context.membership !== 'deleted-instance')) return verdict(closes);
  if (!context.add) return verdict('accepted');
  if (item.nextHops.length !== 1) return verdict('several-next-hops');
  const hop = item.nextHops[0]!;
  if (hop.address === 0) return verdict('bad-next-hop');
  if (hop.label > CONTRAIL_LABEL_MAX) return verdict('bad-label');
  if (!context.master && hop.label === 0) return verdict('zero-label');
  if (context.master && hop.label !== 0) return verdict('label-in-master');
  if (hop.mac === BAD_MAC) return verdict('bad-mac');
  return verdict('accepted');
}
