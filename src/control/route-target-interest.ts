/**
 * Who asked for which targets (CN-4.5, CN-4.6): routes of bgp.rtarget.0 turned into interested peers, and this node's
 * own interest put there, one path for each agent and target.
 */
import { IntMap } from '../base/interner.ts';
import type { VirtualUs } from '../base/time.ts';
import { NO_PEERS, type PeerSetId, type PeerSets } from '../bgp/peer-set.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import { NULL_ROUTE_TARGET, routeTargetOfAddress } from '../net/route-target.ts';
import { type AttributesId, NO_ATTRIBUTES } from '../route/attributes.ts';
import { ORIGIN_IGP } from '../route/common-attributes.ts';
import type { NlriId } from '../route/nlri.ts';
import type { Octets8Id } from '../route/octets8-table.ts';
import { NewPath, NO_PEER, NONE, PATH_SOURCE, type PeerId, type RouteIndex } from '../route/path.ts';
import type { RoutePool } from '../route/pool.ts';
import type { PeerTable } from './peers.ts';
import type { RouteStore, RouteTable } from './route-table.ts';
import type { RtGroups } from './rt-groups.ts';

/** What changed for the routes that carry a target. */
export type InterestChange =
  | { readonly kind: 'none' }
  | { readonly kind: 'target'; readonly target: Octets8Id }
  | { readonly kind: 'everything' };

const NO_CHANGE: InterestChange = { kind: 'none' };

export class RouteTargetInterest {
  readonly table: RouteTable;
  private readonly pool: RoutePool;
  private readonly store: RouteStore;
  private readonly peers: PeerTable;
  private readonly peerSets: PeerSets;
  private readonly groups: RtGroups;
  /** AS of our own route-target routes (CN-1.2/2). */
  private readonly localAs: number;
  private readonly ownAttributes: AttributesId;
  private readonly routerId: number;
  /** Interested peers of each route-target route, by target and then by route: several AS may ask for one target. */
  private readonly askers = new Map<Octets8Id, Map<NlriId, PeerSetId>>();
  /** How many instances make an agent ask for a target, by target. */
  private readonly wants = new Map<PeerId, IntMap>();

  constructor(
    pool: RoutePool,
    store: RouteStore,
    table: RouteTable,
    peers: PeerTable,
    peerSets: PeerSets,
    groups: RtGroups,
    localAs: number,
    routerId: Ipv4,
  ) {
    this.pool = pool;
    this.store = store;
    this.table = table;
    this.peers = peers;
    this.peerSets = peerSets;
    this.groups = groups;
    this.localAs = localAs;
    this.routerId = routerId;
    this.ownAttributes = pool.attributes.intern({ ...NO_ATTRIBUTES, origin: ORIGIN_IGP, nextHop: routerId });
  }

  /** The node's own target, always there (CN-4.6/5). */
  addOwn(now: VirtualUs): void {
    const target = this.pool.octets8.intern(routeTargetOfAddress(this.routerId, 0));
    const path = new NewPath(NO_PEER, PATH_SOURCE.Local, this.ownAttributes, 0, 0, 0);
    this.store.putPath(this.table, this.pool.nlris.routeTarget(this.localAs, target), path, now);
  }

  /** The agent has one more instance that imports these (CN-4.6/1). */
  want(peer: PeerId, targets: readonly Octets8Id[], now: VirtualUs): void {
    let counts = this.wants.get(peer);
    if (counts === undefined) this.wants.set(peer, (counts = new IntMap()));
    const path = new NewPath(peer, PATH_SOURCE.BGP_XMPP, this.ownAttributes, 0, 0, this.routerId);
    for (const target of targets) {
      const count = Math.max(0, counts.get(target));
      counts.set(target, count + 1);
      if (count === 0) this.store.addPath(this.table, this.pool.nlris.routeTarget(this.localAs, target), path, now);
    }
  }

  unwant(peer: PeerId, targets: readonly Octets8Id[]): void {
    const counts = this.wants.get(peer);
    if (counts === undefined) return;
    for (const target of targets) {
      const count = counts.get(target);
      if (count > 1) counts.set(target, count - 1);
      else if (count === 1) {
        counts.delete(target);
        this.store.deletePath(this.table, this.pool.nlris.routeTarget(this.localAs, target), peer);
      }
    }
    if (counts.size === 0) this.wants.delete(peer);
  }

  /** The peer is gone with all it wanted; its paths are deleted with the rest of its paths. */
  forget(peer: PeerId): void {
    this.wants.delete(peer);
  }

  /** A route of the table changed: who is interested now (CN-4.6.3), and for which target that is news. */
  routeChanged(route: RouteIndex): InterestChange {
    const nlri = this.store.nlri(route);
    const target = this.pool.nlris.octets8Id(nlri);
    const peers = this.interestedPeers(route);
    const known = this.askers.get(target);
    if ((known?.get(nlri) ?? NO_PEERS) === peers) return NO_CHANGE;
    const byRoute = known ?? new Map<NlriId, PeerSetId>();
    if (peers === NO_PEERS) byRoute.delete(nlri);
    else byRoute.set(nlri, peers);
    if (byRoute.size === 0) this.askers.delete(target);
    else this.askers.set(target, byRoute);
    let all = NO_PEERS;
    for (const set of byRoute.values()) all = this.peerSets.union(all, set);
    if (target === this.pool.octets8.intern(NULL_ROUTE_TARGET)) {
      return this.groups.setInterestedInEverything(all) ? { kind: 'everything' } : NO_CHANGE;
    }
    return this.groups.setInterested(target, all) ? { kind: 'target', target } : NO_CHANGE;
  }

  /** Feasible iBGP paths all count; of eBGP ones those from the neighbour AS of the best eBGP path (CN-4.6.3). */
  private interestedPeers(route: RouteIndex): PeerSetId {
    const { paths } = this.store;
    let set = NO_PEERS;
    let neighbour = NONE;
    for (let path = this.store.best(route); path !== NONE; path = paths.next(path)) {
      const peer = paths.peer(path);
      if (!paths.isFeasible(path)) continue;
      if (this.peers.isIbgp(peer)) set = this.peerSets.with(set, peer);
      else if (this.peers.isEbgp(peer)) {
        const as = this.pool.attributes.commons.neighbourAs(this.pool.attributes.common(paths.attributes(path)));
        if (neighbour === NONE) neighbour = as;
        if (as === neighbour) set = this.peerSets.with(set, peer);
      }
    }
    return set;
  }
}
