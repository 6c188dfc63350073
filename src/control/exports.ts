/**
 * The rib-outs of a node: which group of peers is told of which table, what becomes of a route on its way there, and why
 * a peer is not told (CN-6.1 to CN-6.4, CN-4.5, CN-2.9).
 *
 * BGP peers of a table with the same key share one, the agents of an instance another. What a path leaves with is kept
 * for each kind of sender and what attribute sets have in common, so that a route costs a lookup, however many peers
 * there are.
 */
import { Memo, TupleMemo, UNKNOWN } from '../base/memo.ts';
import {
  EXPORT_STAGES,
  type Exporter,
  type ExportStage,
  exported,
  type RibOutKey,
  ribOutKeyText,
  type Sender,
  STAGE,
  stopsAt,
} from '../bgp/export-policy.ts';
import { EVERYONE, NO_PEERS, type PeerSetId, type PeerSets } from '../bgp/peer-set.ts';
import { type ExportPolicy, type Offer, RibOut } from '../bgp/rib-out.ts';
import { UpdateBatch } from '../bgp/update-packing.ts';
import type { CommonId } from '../route/common-attributes.ts';
import { FAMILIES, FAMILY } from '../route/family.ts';
import type { NlriId } from '../route/nlri.ts';
import { NO_OCTETS8 } from '../route/octets8-table.ts';
import { NONE, type PathIndex, type PeerId, type RouteIndex } from '../route/path.ts';
import type { EncodedItem } from '../xmpp/items.ts';
import { AgentItems } from './agent-routes.ts';
import { CONTROL_COUNTERS, RESENT_ROUTES } from './counters.ts';
import type { Rib } from './rib.ts';
import { MARK, type RouteTable } from './route-table.ts';
import type { RoutingInstance } from './routing-instance.ts';

/** A group of BGP peers. */
export class BgpGroup implements ExportPolicy {
  readonly ribOut: RibOut;
  readonly key: RibOutKey;
  private readonly exports: Exports;
  /** What goes out, or the stage that stops it as a negative number, by what sets have in common and by sender. */
  readonly answers = new TupleMemo();

  constructor(ribOut: RibOut, key: RibOutKey, exports: Exports) {
    this.ribOut = ribOut;
    this.key = key;
    this.exports = exports;
  }

  offerInto(route: RouteIndex, offer: Offer): void {
    this.exports.offerToPeers(this, route, offer);
  }
}

/** The agents subscribed to an instance. */
export class AgentGroup implements ExportPolicy {
  readonly ribOut: RibOut;
  readonly instance: RoutingInstance;
  /** Told of everything so far, in order of subscription. */
  readonly members: PeerId[] = [];
  /** Still to be given the whole table. */
  joining: PeerId[] = [];
  /** The text of each route that is told, with the item it says (CN-2.8.3). */
  readonly texts = new Memo<NlriId, { readonly offer: number; readonly item: EncodedItem }>();

  private readonly exports: Exports;

  constructor(ribOut: RibOut, instance: RoutingInstance, exports: Exports) {
    this.ribOut = ribOut;
    this.instance = instance;
    this.exports = exports;
  }

  offerInto(route: RouteIndex, offer: Offer): void {
    this.exports.offerToAgents(this, route, offer);
  }
}

/** Updates of one group, to be packed and sent. */
export type Outgoing =
  | { readonly kind: 'bgp'; readonly group: BgpGroup; readonly batch: UpdateBatch }
  | {
      readonly kind: 'xmpp';
      readonly group: AgentGroup;
      readonly batch: UpdateBatch;
      readonly receivers: readonly PeerId[];
    };

const KINDS: readonly Sender['kind'][] = ['local', 'xmpp', 'ibgp', 'ebgp'];

export class Exports {
  readonly items: AgentItems;
  private readonly rib: Rib;
  private readonly peerSets: PeerSets;
  private readonly exporter: Exporter;
  private readonly bgpGroups: BgpGroup[] = [];
  /** By number of the table. */
  private readonly groupsOfTable: (BgpGroup | AgentGroup)[][] = [];
  private readonly agentGroups = new Map<RoutingInstance, AgentGroup>();
  /** Groups with something to tell, in the order it came up. */
  private readonly dirty = new Set<BgpGroup | AgentGroup>();
  /** BGP peers that negotiated route-target: the filter of CN-4.5.1 is theirs. */
  private filtered: PeerSetId = 0;
  private readonly batch = new UpdateBatch();
  /** Times a receiver was told of a route anew since it was last asked: agents, and BGP peers by family. */
  private resentItems = 0;
  private readonly resentRoutes = FAMILIES.map(() => 0);

  constructor(rib: Rib) {
    this.rib = rib;
    this.peerSets = rib.peerSets;
    this.items = new AgentItems(rib.pool, rib.store, rib.instances, rib.config.asn);
    const { routerId, clusterId, fourOctetAs } = rib.config;
    this.exporter = { routerId, clusterId, fourOctetAs };
  }

  get hasWork(): boolean {
    return this.dirty.size > 0;
  }

  /** Whether something waits to be told to the peer from the table (CN-7.5.p1). */
  isPending(peer: PeerId, table: RouteTable): boolean {
    return this.bgpGroups.some(
      ({ ribOut }) => ribOut.table === table.id && ribOut.hasPending && this.peerSets.has(ribOut.members, peer),
    );
  }

  // ---- registration

  /** The peer joins the group of its key and is told of the table; routes already told are passed over (CN-6.5.6). */
  registerBgp(peer: PeerId, table: RouteTable, key: RibOutKey): void {
    const text = ribOutKeyText(key);
    let group = this.bgpGroups.find(({ ribOut }) => ribOut.table === table.id && ribOut.key === text);
    if (group === undefined) {
      group = new BgpGroup(new RibOut(table.id, text, this.rib.store, this.peerSets), key, this);
      this.bgpGroups.push(group);
      this.enter(group, table);
    }
    group.ribOut.members = this.peerSets.with(group.ribOut.members, peer);
    this.lookAgain(table);
  }

  /** Rib-outs look at every route of the table, behind those that are marked already. */
  private lookAgain(table: RouteTable): void {
    const { store } = this.rib;
    if (store.hasMarked) {
      store.markTable(table, MARK.export);
      return;
    }
    for (let slot = 0; slot < table.slots; slot++) {
      const route = table.routeAt(slot);
      if (route !== NONE) this.routeChanged(table, route);
    }
  }

  setFiltered(peer: PeerId, filtered: boolean): void {
    this.filtered = filtered ? this.peerSets.with(this.filtered, peer) : this.peerSets.without(this.filtered, peer);
  }

  unregisterBgp(peer: PeerId): void {
    this.setFiltered(peer, false);
    for (const group of [...this.bgpGroups]) {
      const { ribOut } = group;
      if (!this.peerSets.has(ribOut.members, peer)) continue;
      ribOut.forget(peer);
      if (ribOut.members !== NO_PEERS) continue;
      this.bgpGroups.splice(this.bgpGroups.indexOf(group), 1);
      this.leave(group);
    }
  }

  registerAgent(peer: PeerId, instance: RoutingInstance): void {
    let group = this.agentGroups.get(instance);
    if (group === undefined) {
      const ribOut = new RibOut(instance.table.id, 'XMPP', this.rib.store, this.peerSets);
      group = new AgentGroup(ribOut, instance, this);
      this.agentGroups.set(instance, group);
      this.enter(group, instance.table);
      this.rib.store.markTable(instance.table, MARK.export);
    }
    group.joining.push(peer);
    this.dirty.add(group);
  }

  unregisterAgent(peer: PeerId, instance: RoutingInstance): void {
    const group = this.agentGroups.get(instance);
    if (group === undefined) return;
    group.joining = group.joining.filter((joining) => joining !== peer);
    const at = group.members.indexOf(peer);
    if (at >= 0) group.members.splice(at, 1);
    if (group.members.length > 0 || group.joining.length > 0) return;
    this.agentGroups.delete(instance);
    this.leave(group);
  }

  /** A group without members is no group any more. */
  private leave(group: BgpGroup | AgentGroup): void {
    const { ribOut } = group;
    ribOut.dispose();
    this.dirty.delete(group);
    this.groupsOfTable[ribOut.table] = this.groupsOfTable[ribOut.table]!.filter((other) => other !== group);
  }

  private enter(group: BgpGroup | AgentGroup, table: RouteTable): void {
    const { groupsOfTable } = this;
    while (groupsOfTable.length <= table.id) groupsOfTable.push([]);
    groupsOfTable[table.id]!.push(group);
  }

  // ---- changes

  routeChanged(table: RouteTable, route: RouteIndex): void {
    const groups = this.groupsOfTable[table.id];
    if (groups === undefined) return;
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i]!;
      if (!group.ribOut.hasPending) this.dirty.add(group);
      group.ribOut.enqueue(route);
    }
  }

  /** Hands out what is to be told, group by group; the batch is valid until the next one. */
  drain(send: (outgoing: Outgoing) => void): void {
    for (const group of this.dirty) {
      const { batch } = this;
      batch.clear();
      if (group instanceof BgpGroup) {
        group.ribOut.drain(group, batch);
        this.resentRoutes[group.key.family]! += group.ribOut.takeResent();
        if (batch.length > 0) send({ kind: 'bgp', group, batch });
        continue;
      }
      group.ribOut.drain(group, batch, group.members.length);
      this.resentItems += group.ribOut.takeResent();
      if (batch.length > 0 && group.members.length > 0) send({ kind: 'xmpp', group, batch, receivers: group.members });
      if (group.joining.length > 0) this.welcome(group, send);
    }
    this.dirty.clear();
  }

  /** Late joiners get the whole table, all of a moment in one walk (CN-6.5.6). */
  private welcome(group: AgentGroup, send: (outgoing: Outgoing) => void): void {
    const receivers = group.joining;
    group.joining = [];
    group.members.push(...receivers);
    this.batch.clear();
    group.ribOut.walk(this.batch);
    if (this.batch.length > 0) send({ kind: 'xmpp', group, batch: this.batch, receivers });
  }

  /** Counts what receivers were told anew since the last call. */
  countResent(count: (counter: string, by: number) => void): void {
    if (this.resentItems > 0) count(CONTROL_COUNTERS.resentItems, this.resentItems);
    this.resentItems = 0;
    for (let family = 0; family < this.resentRoutes.length; family++) {
      const by = this.resentRoutes[family]!;
      if (by > 0) count(RESENT_ROUTES[family]!, by);
      this.resentRoutes[family] = 0;
    }
  }

  // ---- what is told

  offerToAgents(group: AgentGroup, route: RouteIndex, offer: Offer): void {
    if (this.rib.store.usable(route) === NONE) return;
    offer.offer = this.items.offerOf(group.instance, route);
    offer.label = 0;
    offer.peers = EVERYONE;
  }

  offerToPeers(group: BgpGroup, route: RouteIndex, offer: Offer): void {
    const best = this.rib.store.usable(route);
    if (best === NONE) return;
    const answer = this.leavesWith(group, best);
    if (answer < 0) return;
    offer.offer = answer;
    offer.label = this.rib.store.paths.label(best);
    offer.peers = this.withoutSenders(group, best, this.interested(group, best));
  }

  /** Outgoing attributes of a path, or the stage that stops it as a negative number. */
  private leavesWith(group: BgpGroup, path: PathIndex): number {
    const { paths } = this.rib.store;
    const { peers, pool } = this.rib;
    const peer = paths.peer(path);
    const kind = peers.isLocal(peer) ? 0 : peers.isXmpp(peer) ? 1 : peers.isIbgp(peer) ? 2 : 3;
    const routerId = peers.routerId(peer);
    const clusterId = peers.clusterId(peer);
    const { attributes } = pool;
    const id = paths.attributes(path);
    const common = attributes.common(id);
    const counted = this.exporter.clusterId === 0 ? 0 : routerId;
    let answer = group.answers.get(common, kind, counted, clusterId);
    if (answer === UNKNOWN) {
      const sender: Sender = { kind: KINDS[kind]!, routerId, clusterId };
      answer = group.answers.set(this.leavingWith(group, common, sender), common, kind, counted, clusterId);
    }
    if (answer < 0) return answer;
    // of extended communities, only the origin network leaves with routes of an inet table (CN-6.3.2)
    return group.key.family === FAMILY.inet
      ? attributes.of(answer, attributes.nextHop(id), NO_OCTETS8, NO_OCTETS8)
      : attributes.moved(id, answer, NO_OCTETS8);
  }

  /** What goes out to the group, or the stage that stops it as a negative number. */
  private leavingWith({ key }: BgpGroup, common: CommonId, sender: Sender): number {
    const { attributes, octets8 } = this.rib.pool;
    const set = attributes.commons.get(common);
    const stage = stopsAt(key, this.exporter, sender, set);
    if (stage !== STAGE.sent) return -stage;
    return attributes.commons.intern(exported(key, this.exporter, sender, set, octets8));
  }

  /** The members of a VPN group that want one of the path's targets; of other tables all (CN-4.5.1). */
  private interested(group: BgpGroup, best: PathIndex): PeerSetId {
    const { members } = group.ribOut;
    if (group.key.family !== FAMILY['inet-vpn']) return members;
    const { attributes } = this.rib.pool;
    const id = this.rib.store.paths.attributes(best);
    if (!attributes.hasExtendedCommunities(id)) return members;
    const asked = this.rib.groups.interested(attributes.targetList(id));
    return this.peerSets.minus(members, this.peerSets.minus(this.filtered, asked));
  }

  /** CN-6.3/4: a reflector does not send a route back to who sent it, nor an AS override to an eBGP sender. */
  private withoutSenders(group: BgpGroup, best: PathIndex, peers: PeerSetId): PeerSetId {
    const { paths } = this.rib.store;
    const { key } = group;
    if (!key.internal) {
      const sender = paths.peer(best);
      return key.asOverride && this.rib.peers.isEbgp(sender) ? this.peerSets.without(peers, sender) : peers;
    }
    if (this.exporter.clusterId === 0 || key.family === FAMILY['route-target']) return peers;
    let others = peers;
    for (let path = best; path !== NONE && paths.isFeasible(path); path = paths.next(path)) {
      others = this.peerSets.without(others, paths.peer(path));
    }
    return others;
  }

  // ---- why not

  /** The first stage that keeps a BGP peer from being told of a route, by the same questions. */
  stageFor(peer: PeerId, table: RouteTable, route: RouteIndex): ExportStage {
    return EXPORT_STAGES[this.stageCode(peer, table, route)]!;
  }

  private stageCode(peer: PeerId, table: RouteTable, route: RouteIndex): number {
    const group = this.bgpGroups.find(
      ({ ribOut }) => ribOut.table === table.id && this.peerSets.has(ribOut.members, peer),
    );
    if (group === undefined) return STAGE.notRegistered;
    if (route === NONE || this.rib.store.best(route) === NONE) return STAGE.noPath;
    const best = this.rib.store.usable(route);
    if (best === NONE) return STAGE.infeasible;
    const answer = this.leavesWith(group, best);
    const interested = this.interested(group, best);
    // the filter stands before the two loop checks (CN-6.3/3)
    const isLoop = -answer === STAGE.clusterLoop || -answer === STAGE.asLoop;
    if (answer < 0 && !isLoop) return -answer;
    if (!this.peerSets.has(interested, peer)) return STAGE.targetFilter;
    if (answer < 0) return -answer;
    return this.peerSets.has(this.withoutSenders(group, best, interested), peer) ? STAGE.sent : STAGE.isSender;
  }

  /** The groups of BGP peers, for people: key, table and members. */
  groups(): readonly BgpGroup[] {
    return this.bgpGroups;
  }
}
