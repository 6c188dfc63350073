/**
 * A gateway: a provider edge of RFC 4364 with VRFs, as the router of another make that a cluster peers with.
 *
 * It asks for the targets its VRFs import (RFC 4684) and keeps nothing else, originates its external prefixes with a
 * label to each VRF, and forwards along all paths of equal cost. It follows the RFCs where a control node follows
 * Contrail; its session machine is the same.
 */

import { TupleIds } from '../base/interner.ts';
import { IdMemo, LastMemo, UNKNOWN } from '../base/memo.ts';
import { later, seconds } from '../base/time.ts';
import type { Announcement, UpdateMessage } from '../bgp/message.ts';
import type { NegotiatedSession } from '../bgp/negotiation.ts';
import { type Ipv4, ipv4 } from '../net/ipv4.ts';
import { FIRST_FREE_LABEL } from '../net/label.ts';
import type { Ipv4Prefix } from '../net/prefix.ts';
import { rdOfAddress } from '../net/route-distinguisher.ts';
import { type AttributesId, NO_ATTRIBUTES } from '../route/attributes.ts';
import { ORIGIN_IGP } from '../route/common-attributes.ts';
import { TUNNEL_TYPES, tunnelEncapsulation } from '../route/extended-community.ts';
import { FAMILIES, FAMILY, type Family } from '../route/family.ts';
import type { NlriId } from '../route/nlri.ts';
import type { Octets8Id } from '../route/octets8-table.ts';
import type { RoutePool } from '../route/pool.ts';
import { AdjRibOut } from './adj-rib-out.ts';
import { LOCAL_PEER } from './best-path.ts';
import { BgpNode } from './bgp-node.ts';
import { exportedSet, exportStage, STAGE } from './export.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { PeerInterest } from './interest.ts';
import { GatewayRib, NONE, type Slot } from './rib.ts';
import { type GatewayRoute, gatewayDigest, routesOf } from './views.ts';
import { type GatewayEncapsulation, GatewayVrf, type VrfLookup } from './vrf.ts';

const SPOKEN: readonly Family[] = [FAMILY['inet-vpn'], FAMILY['route-target']];
const VPN = FAMILY['inet-vpn'];
const RTC = FAMILY['route-target'];

const TIMER_END_OF_RIB = 1;
const TIMER_WORDS: readonly string[] = ['a BGP session', 'the time of its End-of-RIB'];
/** How long the End-of-RIB of VPN routes waits for the peer's interest (RFC 4684 §6). */
const INTEREST_WAIT = seconds(60);

export class Gateway extends BgpNode<GatewayConfig> {
  readonly kind = 'foreign-pe';
  readonly address: Ipv4;
  rib!: GatewayRib; // made by reset
  vrfs: readonly GatewayVrf[] = [];
  /** What was answered last of how a path leaves: routes that came together are told alike. */
  private readonly lastTold = new LastMemo();
  private readonly encapsulations: readonly GatewayEncapsulation[];
  private out!: AdjRibOut; // made by reset
  private interest!: PeerInterest; // made by reset
  /** By attribute set and family: whether paths with it are kept. */
  private readonly takenSets = new IdMemo();
  /** Labels of routes passed on: next hop and label of the peer's path. */
  private transitLabels = new TupleIds();
  private ranBefore = false;

  constructor(pool: RoutePool, config: GatewayConfig) {
    super(pool, config);
    this.address = config.address;
    this.encapsulations = config.encapsulations.map((word) => (word === 'udp' ? 'MPLSoUDP' : 'MPLSoGRE'));
    this.reset();
  }

  protected override families(): readonly Family[] {
    return SPOKEN;
  }

  /** Tables as the process starts: nothing heard, its own routes and interest made. */
  private reset(): void {
    const { config, pool } = this;
    const width = config.peers.length + 1;
    this.rib = new GatewayRib(pool, this, width);
    this.out = new AdjRibOut(width);
    this.interest = new PeerInterest(width);
    this.negotiated = config.peers.map(() => null);
    this.lastTold.forget();
    this.transitLabels = new TupleIds();
    this.vrfs = config.instances.map((instance, i) => new GatewayVrf(instance, FIRST_FREE_LABEL + i, pool, this.rib));
    for (const vrf of this.vrfs) this.originate(vrf);
  }

  // ---- power

  started(): void {
    if (this.ranBefore) this.reset();
    this.ranBefore = true;
    const { nlris } = this.pool;
    for (const { table, config } of this.vrfs) {
      if (!this.port.recordsRows) this.port.rowsChanged(config.external.length);
      else
        for (const { address, length } of config.external) {
          this.port.tableChanged(table, nlris.format(nlris.inet(address, length)), 1);
        }
    }
    this.speaker.started();
  }

  override get waitsFor(): readonly string[] {
    return TIMER_WORDS;
  }

  override timerFired(kind: number, a: number, b: number): void {
    if (kind === TIMER_END_OF_RIB) this.endOfRib(a, VPN);
    else super.timerFired(kind, a, b);
  }

  // ---- sessions

  bgpEstablished(index: number, negotiated: NegotiatedSession): void {
    this.negotiated[index] = negotiated;
    this.rib.peerChanged();
    this.lastTold.forget();
    this.tellAll(index + 1);
    this.flush();
    if (negotiated.families.includes(RTC)) {
      this.endOfRib(index, RTC);
      this.port.setTimer(TIMER_END_OF_RIB, index, 0, later(this.port.now(), INTEREST_WAIT), false);
    } else this.endOfRib(index, VPN);
  }

  bgpUpdate(index: number, update: UpdateMessage): void {
    const peer = index + 1;
    for (const part of update.parts) {
      if (part.kind === 'end-of-rib') {
        if (part.family === RTC) this.interestKnown(index);
      } else if (part.kind === 'withdraw') {
        for (let i = 0; i < part.nlris.length; i++) this.lose(part.nlris[i]!, peer);
      } else if (this.takes(part.family, part.attributes)) this.learn(part, peer);
      else for (let i = 0; i < part.nlris.length; i++) this.lose(part.nlris[i]!, peer);
    }
    this.flush();
  }

  bgpDown(index: number): void {
    const peer = index + 1;
    this.port.cancelTimer(TIMER_END_OF_RIB, index, 0);
    this.negotiated[index] = null;
    this.lastTold.forget();
    this.out.forget(peer);
    for (const slot of [...this.rib.all()]) {
      if (this.rib.offer(slot, peer) !== NONE) this.lose(this.rib.nlri(slot), peer);
    }
    this.flush();
  }

  // ---- routes in

  /** Whether paths with these attributes are kept at all (RFC 4271 §9.1, RFC 4456 §8, RFC 4364 §4.3.4). */
  private takes(family: Family, attributes: AttributesId): boolean {
    const question = attributes * FAMILIES.length + family;
    const known = this.takenSets.get(question);
    if (known !== UNKNOWN) return known === 1;
    return this.takenSets.set(question, this.isTaken(family, attributes) ? 1 : 0) === 1;
  }

  private isTaken(family: Family, attributes: AttributesId): boolean {
    const { config, pool } = this;
    const set = pool.attributes.get(attributes);
    if (set.asPath?.some((segment) => segment.asns.includes(config.asn)) === true) return false;
    if (set.originatorId === config.routerId) return false;
    if (family === RTC) return true;
    if (set.nextHop === 0 || set.nextHop === config.address) return false;
    return config.transit || this.vrfs.some((vrf) => vrf.imports(pool.attributes.routeTargets(attributes)));
  }

  private learn({ family, nlris, labels, attributes }: Announcement, peer: number): void {
    const { rib, pool } = this;
    const changes = rib.put(nlris, labels, peer, attributes);
    if (family === VPN && !this.port.recordsRows) {
      this.learnAll(changes, attributes);
      return;
    }
    const offered = family === VPN ? this.vrfs.map((vrf) => vrf.importsSet(attributes)) : NOT_OFFERED;
    const name = new KeyName(pool);
    for (let i = 0; i < changes.length; i++) {
      const change = changes[i]!;
      this.changed(change >>> 1, family, change & 1, offered, name);
    }
    if (family === RTC) {
      for (let i = 0; i < changes.length; i++) {
        const change = changes[i]!;
        if ((change & 1) === 1) this.interestChanged(peer, pool.nlris.octets8Id(rib.nlri(change >>> 1)), true);
      }
    }
  }

  /** VPN routes of one message, where nobody writes down each row: tables are gone through one after the other. */
  private learnAll(changes: Int32Array, attributes: AttributesId): void {
    const { vrfs } = this;
    let rows = changes.length;
    for (let i = 0; i < vrfs.length; i++) rows += vrfs[i]!.updateAll(changes, vrfs[i]!.importsSet(attributes));
    this.port.rowsChanged(rows);
    for (let i = 0; i < changes.length; i++) this.tellPeers(changes[i]! >>> 1);
  }

  private lose(nlri: NlriId, peer: number): void {
    const slot = this.rib.remove(nlri, peer);
    if (slot === NONE) return;
    const family = this.rib.family(slot);
    this.changed(slot, family, -1, NOT_OFFERED, new KeyName(this.pool));
    if (family === RTC) this.interestChanged(peer, this.pool.nlris.octets8Id(nlri), false);
  }

  private originate(vrf: GatewayVrf): void {
    const { config, pool, rib, vrfs } = this;
    const communities = [
      ...vrf.config.routeTargets,
      ...config.encapsulations.map((word) => tunnelEncapsulation(TUNNEL_TYPES[word])),
    ].map((value) => pool.octets8.intern(value));
    const own = { ...NO_ATTRIBUTES, origin: ORIGIN_IGP, asPath: [], nextHop: config.address };
    const attributes = pool.attributes.intern({ ...own, extendedCommunities: communities });
    const rd = pool.octets8.intern(rdOfAddress(config.address, vrf.config.index));
    const prefixes = vrf.config.external;
    const nlris = vpnRoutes(pool, rd, prefixes);
    const changes = rib.put(nlris, new Int32Array(nlris.length).fill(vrf.label), LOCAL_PEER, attributes);
    for (let i = 0; i < vrfs.length; i++) vrfs[i]!.updateAll(changes, vrfs[i]!.importsSet(attributes));
    const interest = pool.attributes.intern(own);
    const targets = Int32Array.from(vrf.importTargets, (target) => pool.nlris.routeTarget(config.asn, target));
    this.rib.put(targets, new Int32Array(targets.length), LOCAL_PEER, interest);
  }

  /** A route changed: VRFs take it in or let it go, peers are told. `offered`: by VRF, whether the new path is for it. */
  private changed(slot: Slot, family: Family, change: number, offered: readonly boolean[], name: KeyName): void {
    const { rib, port, vrfs } = this;
    name.nlri = rib.nlri(slot);
    if (family === VPN) {
      port.tableChanged('bgp.l3vpn.0', name.ofRoute, change);
      for (let i = 0; i < vrfs.length; i++) {
        if (vrfs[i]!.update(slot, offered[i] === true)) port.tableChanged(vrfs[i]!.table, name.ofPrefix, change);
      }
    } else port.tableChanged('bgp.rtarget.0', name.ofRoute, change);
    this.tellPeers(slot);
    if (rib.count(slot) === 0) rib.release(slot);
  }

  private tellPeers(slot: Slot): void {
    if (!this.isTellable(slot)) return;
    for (let peer = 1; peer < this.rib.width; peer++) this.tell(slot, peer);
  }

  /** Without transit nobody is told of what peers said, nor has been. */
  private isTellable(slot: Slot): boolean {
    return this.config.transit || this.rib.best(slot) === LOCAL_PEER || this.out.isToldToAny(slot);
  }

  private interestChanged(peer: number, target: number, wanted: boolean): void {
    const differs = wanted ? this.interest.add(peer, target) : this.interest.remove(peer, target);
    if (!differs) return;
    this.lastTold.forget();
    this.tellAll(peer, VPN);
  }

  /** The peer said what it wants, or had its time to. */
  private interestKnown(index: number): void {
    this.flush();
    this.port.cancelTimer(TIMER_END_OF_RIB, index, 0);
    this.endOfRib(index, VPN);
  }

  // ---- routes out

  /** All routes, or those of a family. */
  private tellAll(peer: number, family: Family | null = null): void {
    const { rib } = this;
    for (let slot = 0; slot < rib.slotCount; slot++) {
      if (rib.isInUse(slot) && (family === null || rib.family(slot) === family)) this.tell(slot, peer);
    }
  }

  private tell(slot: Slot, peer: number): void {
    const session = this.negotiated[peer - 1];
    if (session === null || session === undefined || !this.isTellable(slot)) return;
    const { rib, pool } = this;
    const family = rib.family(slot);
    const best = rib.best(slot);
    const heard = best === NONE ? NONE : rib.offer(slot, best);
    const attributes = heard === NONE ? NONE : this.leavesWith(family, peer, session, best, heard);
    let label = 0;
    if (attributes !== NONE) {
      label = rib.label(slot, best);
      if (best !== LOCAL_PEER && family === VPN) {
        label = this.transitLabel(pool.attributes.nextHop(heard), label);
      }
    }
    this.out.set(slot, peer, session.form, family, rib.nlri(slot), attributes, label);
  }

  /** The attributes that a path is told with, {@link NONE} when it is not. */
  private leavesWith(
    family: Family,
    peer: number,
    session: NegotiatedSession,
    best: number,
    heard: AttributesId,
  ): AttributesId | typeof NONE {
    const { pool, config } = this;
    const known = this.lastTold.get(family, peer, best, heard);
    if (known !== UNKNOWN) return known;
    let leaves: number = NONE;
    if (this.stageOfPath(family, peer, best, heard) === STAGE.sent) {
      const isLocal = best === LOCAL_PEER;
      const purpose = `gateway ${config.asn} ${config.address} ${isLocal} ${session.internal}`;
      leaves = pool.attributes.derive(purpose, heard, (set) =>
        exportedSet(set, isLocal, session.internal, config.asn, config.address),
      );
    }
    return this.lastTold.set(leaves, family, peer, best, heard);
  }

  /** Why a route is not told to a peer, as a code of {@link EXPORT_STAGES}; `sent` when it is. */
  stageOf(slot: Slot, peer: number): number {
    const { rib } = this;
    const best = rib.best(slot);
    return best === NONE ? STAGE.noPath : this.stageOfPath(rib.family(slot), peer, best, rib.offer(slot, best));
  }

  private stageOfPath(family: Family, peer: number, best: number, heard: AttributesId): number {
    const { pool, config } = this;
    const session = this.negotiated[peer - 1];
    if (session === null || session === undefined || !session.families.includes(family)) return STAGE.noSession;
    const filters = family === VPN && session.families.includes(RTC);
    return exportStage({
      set: pool.attributes.get(heard),
      isLocal: best === LOCAL_PEER,
      senderIsInternal: this.isInternal(best),
      isSender: best === peer,
      peerIsInternal: session.internal,
      peerAs: session.peerAs,
      transit: config.transit,
      isWanted: !filters || this.interest.wantsAny(peer, pool.attributes.routeTargets(heard)),
    });
  }

  private transitLabel(nextHop: Ipv4, label: number): number {
    return FIRST_FREE_LABEL + this.vrfs.length + this.transitLabels.intern(nextHop, label);
  }

  private flush(): void {
    for (const { peers, message } of this.out.takeUpdates(this.codec)) {
      for (const peer of peers) this.speaker.send(peer - 1, message);
    }
  }

  private endOfRib(index: number, family: Family): void {
    const session = this.negotiated[index];
    if (session?.families.includes(family) === true)
      this.speaker.send(index, this.codec.endOfRib(session.form, family));
  }

  // ---- forwarding

  vrf(name: string): GatewayVrf | undefined {
    return this.vrfs.find((one) => one.config.name === name);
  }

  lookup(vrf: string, address: Ipv4): VrfLookup {
    return this.vrf(vrf)?.lookup(address, this, this.encapsulations) ?? { kind: 'none', vrf };
  }

  /** A packet under one of our labels: a VRF is looked up, a route passed on goes to where it came from. */
  receiveLabelled(label: number, packet: { readonly destination: Ipv4 }): VrfLookup | { readonly kind: 'no-label' } {
    const vrf = this.vrfs.find((one) => one.label === label);
    if (vrf !== undefined) return vrf.lookup(packet.destination, this, this.encapsulations);
    const passed = label - FIRST_FREE_LABEL - this.vrfs.length;
    if (passed < 0 || passed >= this.transitLabels.size) return { kind: 'no-label' };
    const to = ipv4(this.transitLabels.a(passed));
    const encapsulation = this.encapsulations[0] ?? 'MPLSoGRE';
    const prefix = { address: packet.destination, length: 32 };
    const nextHops = [{ kind: 'tunnel' as const, to, encapsulation, label: this.transitLabels.b(passed) }];
    return { kind: 'route', vrf: 'mpls.0', prefix, nextHops };
  }

  /** The prefixes of a VRF, each with its ways out. */
  routes(vrf: string): readonly (VrfLookup & { kind: 'route' })[] {
    return this.vrf(vrf)?.routes(this, this.encapsulations) ?? [];
  }

  // ---- what people and checks see

  /** VPN routes held. */
  routeCount(): number {
    return this.rib.countOf(VPN);
  }

  /** Every route with its offers and the reason of the choice. */
  allRoutes(): readonly GatewayRoute[] {
    return routesOf(this.rib, this.pool, this.config.peers);
  }

  stateDigest(): string {
    return gatewayDigest(this.rib, this.pool, this.codec, this.sessions());
  }
}

const NOT_OFFERED: readonly boolean[] = [];

/** A VPN route for each prefix, under one route distinguisher. */
function vpnRoutes(pool: RoutePool, rd: Octets8Id, prefixes: readonly Ipv4Prefix[]): Int32Array {
  const nlris = new Int32Array(prefixes.length);
  for (let i = 0; i < nlris.length; i++) nlris[i] = pool.nlris.inetVpn(rd, prefixes[i]!.address, prefixes[i]!.length);
  return nlris;
}

/** The name of a row that changed, made when a record asks for it; one to a message. */
class KeyName {
  nlri: NlriId = 0;
  private readonly pool: RoutePool;

  constructor(pool: RoutePool) {
    this.pool = pool;
  }

  readonly ofRoute = (): string => this.pool.nlris.format(this.nlri);
  readonly ofPrefix = (): string => this.pool.nlris.format(this.pool.nlris.withoutRd(this.nlri));
}
