/**
 * XMPP items to paths (CN-3.2, CN-3.3) and paths to what agents are sent (CN-2.9).
 *
 * An agent is told one item for a route: the next hops of all equal paths, everything else of the best one. Items are
 * interned like attributes, so that an item that stays what it was is a comparison of integers.
 */
import { shared } from '../base/fork.ts';
import { TextIds, TupleIds } from '../base/interner.ts';
import { IdMemo, Memo, UNKNOWN } from '../base/memo.ts';
import { isFourOctet } from '../net/asn.ts';
import { ipv4, NO_ADDRESS } from '../net/ipv4.ts';
import { type RouteDistinguisher, rdOfAddress } from '../net/route-distinguisher.ts';
import { NO_ATTRIBUTES } from '../route/attributes.ts';
import type { CommonAttributes, CommonId } from '../route/common-attributes.ts';
import { formatCommunity, parseCommunity } from '../route/community.ts';
import {
  LOAD_BALANCE_FIELDS,
  loadBalance,
  loadBalanceOf,
  localSequence,
  mobility,
  routerMac,
  securityGroup,
  securityGroup4AsOf,
  securityGroupOf,
  TUNNEL_TYPES,
  type TunnelTypeName,
  tag,
  tagOf,
  tunnelEncapsulation,
  tunnelTypeName,
  tunnelTypeOf,
} from '../route/extended-community.ts';
import type { NlriId } from '../route/nlri.ts';
import { NO_OCTETS8, type Octets8Id, type Octets8Table } from '../route/octets8-table.ts';
import { NewPath, NONE, PATH_FLAG, PATH_SOURCE, type PathIndex, type PeerId, type RouteIndex } from '../route/path.ts';
import type { RoutePool } from '../route/pool.ts';
import { itemNextHop, type LoadBalance, type UnicastItem, unicastItem } from '../xmpp/items.ts';
import type { RouteStore } from './route-table.ts';
import type { RoutingInstance, RoutingInstances } from './routing-instance.ts';

const LOCAL_PREF_DEFAULT = 100;
const UINT32_MAX = 0xffffffff;
/** Security groups below, and tags from here on, mean the same in every AS (CN-3.5.p1). */
const GLOBAL_IDS = 8_000_000;

/** local-pref to MED and back: 100 and 200 change places, the rest is mirrored, 0 stays none (CN-3.3). */
export function mirrored(preference: number): number {
  if (preference === 0) return 0;
  if (preference === 100) return 200;
  return preference === 200 ? 100 : UINT32_MAX - preference;
}

export interface ItemPlace {
  /** AS of the cluster. */
  readonly asn: number;
  readonly rdClusterSeed: number;
  readonly master: boolean;
  /** The agent's VRF id of its subscription (CN-3.2.1). */
  readonly instanceId: number;
  readonly primaryInstanceId: number | null;
}

/** The path of an accepted item of an agent, with its one next hop. */
export function pathOfItem(pool: RoutePool, item: UnicastItem, peer: PeerId, place: ItemPlace): NewPath {
  const hop = item.nextHops[0]!;
  const index = place.master ? place.primaryInstanceId : place.instanceId;
  const rd = index === null ? 0 : pool.octets8.intern(sourceRd(hop.address, index, place.rdClusterSeed));
  const mac = place.master || hop.mac <= 0 ? NO_OCTETS8 : pool.octets8.intern(routerMac(hop.mac));
  const common = pool.attributes.commons.intern(commonOfItem(pool.octets8, item, place));
  const words = hop.encapsulations;
  const noTunnel = !place.master && words.length > 0 && !words.some(isTunnelWord);
  const attributes = pool.attributes.of(common, hop.address, rd, mac);
  const flags = noTunnel ? PATH_FLAG.NoTunnelEncap : 0;
  return new NewPath(peer, PATH_SOURCE.BGP_XMPP, attributes, hop.label, flags, hop.address);
}

/** CN-3.2; written out, because a copy of the defaults would be made for each item. */
function commonOfItem(octets8: Octets8Table, item: UnicastItem, place: ItemPlace): CommonAttributes {
  const { communities } = item;
  return {
    origin: NO_ATTRIBUTES.origin,
    asPath: null,
    as4Path: null,
    med: item.med !== 0 ? item.med : mirrored(item.localPreference),
    localPref: item.localPreference === 0 ? LOCAL_PREF_DEFAULT : item.localPreference,
    atomicAggregate: false,
    aggregator: null,
    communities: communities.length === 0 ? NOTHING : communities.map(parseCommunity).filter((one) => one !== null),
    originatorId: NO_ADDRESS,
    clusterList: NOTHING,
    extendedCommunities: place.master ? NOTHING : extendedCommunitiesOf(octets8, item, place.asn),
    originVnPath: NOTHING,
    subProtocol: item.subProtocol,
  };
}

const NOTHING: readonly never[] = [];

/** CN-3.2/2, with the seed of CN-1.4.6. */
function sourceRd(address: number, index: number, seed: number): RouteDistinguisher {
  return rdOfAddress(seed === 0 ? address : ((seed << 16) | (address & 0xffff)) >>> 0, index);
}

function isTunnelWord(word: string): word is TunnelTypeName {
  return Object.hasOwn(TUNNEL_TYPES, word);
}

/** All but the router MAC, which is the host's and not what routes have in common. */
function extendedCommunitiesOf(octets8: Octets8Table, item: UnicastItem, asn: number): Octets8Id[] {
  const { encapsulations, tags, localSequence: local } = item.nextHops[0]!;
  const { securityGroups } = item;
  const ids: Octets8Id[] = [];
  for (let i = 0; i < encapsulations.length; i++) {
    const word = encapsulations[i]!;
    if (isTunnelWord(word)) ids.push(octets8.intern(tunnelEncapsulation(TUNNEL_TYPES[word])));
  }
  for (let i = 0; i < tags.length; i++) ids.push(octets8.intern(tag(asn, tags[i]!)));
  if (local !== 0) ids.push(octets8.intern(localSequence(local)));
  for (let i = 0; i < securityGroups.length; i++) ids.push(octets8.intern(securityGroup(asn, securityGroups[i]!)));
  if (item.sequence !== 0) ids.push(octets8.intern(mobility(item.sticky, item.sequence)));
  if (item.loadBalance !== null) {
    const sourceBias = item.loadBalance.decision === 'source-bias';
    const { fields } = item.loadBalance;
    ids.push(
      octets8.intern(loadBalance(fields.length === 0 && !sourceBias ? LOAD_BALANCE_FIELDS : fields, sourceBias)),
    );
  }
  return ids;
}

/** Security groups as agents are sent them (CN-2.9.6). */
export function securityGroupsFor(octets8: Octets8Table, set: CommonAttributes, asn: number): readonly number[] {
  const groups: number[] = [];
  for (const id of set.extendedCommunities) {
    const value = octets8.value(id);
    const wide = securityGroup4AsOf(value);
    if (wide !== null && wide !== asn) return [];
    const group = securityGroupOf(value);
    if (group === null) continue;
    if (isFourOctet(asn) || group.as === asn || (group.id >= 1 && group.id < GLOBAL_IDS)) groups.push(group.id);
  }
  return groups;
}

/** Tunnel words as agents are sent them: sorted as text, unique, `gre` when there is none (CN-2.5/7, CN-3.5.p2). */
export function encapsulationsFor(octets8: Octets8Table, set: CommonAttributes): readonly string[] {
  const words: string[] = [];
  for (const id of set.extendedCommunities) {
    const type = tunnelTypeOf(octets8.value(id));
    const name = type === null ? null : tunnelTypeName(type);
    if (name === null) continue;
    const word = name === 'mpls-o-gre' ? 'gre' : name;
    if (!words.includes(word)) words.push(word);
  }
  if (words.length === 0) return ['gre'];
  return words.length === 1 ? words : words.sort();
}

/** CN-2.9.7. */
function tagsFor(octets8: Octets8Table, set: CommonAttributes, asn: number): readonly number[] {
  const tags = new Set<number>();
  for (const id of set.extendedCommunities) {
    const found = tagOf(octets8.value(id));
    if (found !== null && (found.as === asn || found.tag >= GLOBAL_IDS)) tags.add(found.tag);
  }
  return [...tags].sort((a, b) => a - b);
}

interface Tunnels {
  readonly encapsulations: readonly string[];
  readonly tags: readonly number[];
}

export class AgentItems {
  private readonly pool: RoutePool;
  private readonly store: RouteStore;
  private readonly instances: RoutingInstances;
  private readonly asn: number;
  private readonly networkTexts = new TextIds();
  /** Tunnel words and tags of an attribute set, as a text, by what it has in common with others. */
  private readonly tunnelTexts = new TextIds();
  private readonly tunnelsOf = new IdMemo();
  private readonly tunnelLists = new Memo<number, Tunnels>();
  /** Whether an extended community is a tunnel type or a tag; lists of those as chains; the text of each list. */
  private readonly tells = new IdMemo();
  private readonly said = new TupleIds();
  private readonly textOfSaid = new Memo<number, number>();
  private readonly hops = new TupleIds();
  /** Lists of next hops as chains: the list before, and the next hop behind it. */
  private readonly lists = new TupleIds();
  private readonly offers = new TupleIds();

  constructor(pool: RoutePool, store: RouteStore, instances: RoutingInstances, asn: number) {
    this.pool = pool;
    this.store = store;
    this.instances = instances;
    this.asn = asn;
  }

  /** The item agents of an instance are told for a route whose best path is usable. */
  offerOf(instance: RoutingInstance, route: RouteIndex): number {
    const { store } = this;
    const best = store.best(route);
    let list: number = NONE;
    for (let path = best; path !== NONE; path = store.paths.next(path)) {
      if (path !== best && !store.isEqualCost(best, path)) break;
      const hop = this.hopOf(instance, path);
      if (!this.holds(list, hop)) list = this.lists.intern(list, hop);
    }
    return this.offers.intern(store.paths.attributes(best), list);
  }

  /** The item of an offer, for one prefix. */
  item(offer: number, nlri: NlriId): UnicastItem {
    const { octets8, attributes } = this.pool;
    const { commons } = attributes;
    const common = attributes.common(this.offers.a(offer));
    const set = commons.get(common);
    const hops: number[] = [];
    for (let list = this.offers.b(offer); list !== NONE; list = this.lists.a(list)) hops.unshift(this.lists.b(list));
    const nextHops = hops.map((hop) =>
      itemNextHop({
        address: ipv4(this.hops.a(hop)),
        label: this.hops.b(hop),
        virtualNetwork: this.networkTexts.text(this.hops.c(hop)),
        ...this.tunnels(this.hops.d(hop)),
      }),
    );
    return unicastItem({
      nlri,
      nextHops,
      virtualNetwork: nextHops[0]!.virtualNetwork,
      sequence: commons.mobilitySequence(common),
      sticky: commons.sticky(common),
      securityGroups: securityGroupsFor(octets8, set, this.asn),
      communities: set.communities.map(formatCommunity),
      localPreference: set.localPref,
      med: set.med,
      loadBalance: loadBalanceFor(octets8, set),
    });
  }

  /** Words and tags of a text, one list for all items that say the same. */
  private tunnels(text: number): Tunnels {
    const known = this.tunnelLists.get(text);
    if (known !== undefined) return known;
    const [words, tags] = this.tunnelTexts.text(text).split('|');
    const tunnels = shared({
      encapsulations: shared(words === '' ? [] : words!.split(',')),
      tags: shared(tags === '' ? [] : tags!.split(',').map(Number)),
    });
    return this.tunnelLists.set(text, tunnels);
  }

  private holds(list: number, hop: number): boolean {
    for (let at = list; at !== NONE; at = this.lists.a(at)) if (this.lists.b(at) === hop) return true;
    return false;
  }

  private hopOf(instance: RoutingInstance, path: PathIndex): number {
    const { paths } = this.store;
    const label = paths.label(path);
    const network = this.networkTexts.intern(this.networkOf(instance, path));
    return this.hops.intern(
      paths.pathId(path),
      label,
      network,
      this.tunnelsText(this.pool.attributes.common(paths.attributes(path)), label),
    );
  }

  /** With label 0 there is no tunnel list at all (CN-2.5/7). */
  private tunnelsText(id: CommonId, label: number): number {
    if (label !== 0) {
      const known = this.tunnelsOf.get(id);
      if (known !== UNKNOWN) return known;
    }
    const set = this.pool.attributes.commons.get(id);
    const said = this.saysTunnels(set);
    if (label === 0) return this.newTunnelsText(set, 0);
    const text = this.textOfSaid.get(said) ?? this.textOfSaid.set(said, this.newTunnelsText(set, label));
    return this.tunnelsOf.set(id, text);
  }

  /** One number for all sets with the same tunnel and tag communities. */
  private saysTunnels(set: CommonAttributes): number {
    let said: number = NONE;
    for (const id of set.extendedCommunities) {
      let tells = this.tells.get(id);
      if (tells === UNKNOWN) {
        const value = this.pool.octets8.value(id);
        tells = this.tells.set(id, tunnelTypeOf(value) !== null || tagOf(value) !== null ? 1 : 0);
      }
      if (tells === 1) said = this.said.intern(said, id);
    }
    return said;
  }

  private newTunnelsText(set: CommonAttributes, label: number): number {
    const tags = tagsFor(this.pool.octets8, set, this.asn).join(',');
    if (label === 0) return this.tunnelTexts.intern(`|${tags}`);
    return this.tunnelTexts.intern(`${encapsulationsFor(this.pool.octets8, set).join(',')}|${tags}`);
  }

  /** CN-2.9.5. */
  networkOf(instance: RoutingInstance, path: PathIndex): string {
    const { paths } = this.store;
    const { attributes } = this.pool;
    let index = attributes.commons.firstOriginVn(attributes.common(paths.attributes(path)));
    if (index < 0 && !paths.isSecondary(path) && ORIGINATED.has(paths.source(path))) index = instance.networkIndex;
    if (index > 0) return this.instances.networkName(index) ?? 'unresolved';
    return index === 0 ? instance.network : 'unresolved';
  }
}

const ORIGINATED: ReadonlySet<number> = new Set([PATH_SOURCE.BGP_XMPP, PATH_SOURCE.Aggregate, PATH_SOURCE.Local]);

/** Sent when it is not the default (CN-2.5/19). */
function loadBalanceFor(octets8: Octets8Table, set: CommonAttributes): LoadBalance | null {
  for (const id of set.extendedCommunities) {
    const balance = loadBalanceOf(octets8.value(id));
    if (balance === null) continue;
    if (balance.fields.length === LOAD_BALANCE_FIELDS.length && !balance.sourceBias) return null;
    return { fields: balance.fields, decision: balance.sourceBias ? 'source-bias' : 'field-hash' };
  }
  return null;
}
