/**
 * A VRF of a gateway (RFC 4364 §3): which VPN routes its import targets take in, by prefix, and where a packet goes. Paths
 * of equal cost, from whatever route distinguishers, are used together.
 */
import { Int32Column } from '../base/columns.ts';
import { IdMemo, UNKNOWN } from '../base/memo.ts';
import { type Ipv4, ipv4 } from '../net/ipv4.ts';
import { type Ipv4Prefix, prefixOf } from '../net/prefix.ts';
import { PrefixTable } from '../net/prefix-table.ts';
import type { AttributesId } from '../route/attributes.ts';
import { TUNNEL_TYPES, tunnelTypeOf } from '../route/extended-community.ts';
import type { NlriId } from '../route/nlri.ts';
import type { Octets8Id } from '../route/octets8-table.ts';
import type { RoutePool } from '../route/pool.ts';
import { Candidates, LOCAL_PEER, type PeerRank, select } from './best-path.ts';
import type { GatewayInstanceConfig } from './gateway-config.ts';
import { type GatewayRib, NONE, type Slot } from './rib.ts';

export type GatewayEncapsulation = 'MPLSoGRE' | 'MPLSoUDP';

export type VrfNextHop =
  | { readonly kind: 'tunnel'; readonly to: Ipv4; readonly encapsulation: GatewayEncapsulation; readonly label: number }
  /** The prefix lies behind the gateway. */
  | { readonly kind: 'external' };

export type VrfLookup =
  | {
      readonly kind: 'route';
      readonly vrf: string;
      readonly prefix: Ipv4Prefix;
      readonly nextHops: readonly VrfNextHop[];
    }
  | { readonly kind: 'none'; readonly vrf: string };

export class GatewayVrf {
  readonly config: GatewayInstanceConfig;
  readonly table: string;
  /** The label that packets for this VRF arrive under. */
  readonly label: number;
  private readonly pool: RoutePool;
  private readonly rib: GatewayRib;
  private readonly targets: readonly Octets8Id[];
  /** Index into `heads` by prefix. */
  private readonly prefixes = new PrefixTable();
  /** The first VPN route of a prefix, the next one by slot; {@link NONE} ends it. */
  private readonly heads = new Int32Column();
  private readonly nexts = new Int32Column();
  /** 1 for the slots that stand here. */
  private readonly members = new Int32Column();
  /** The NLRI under which a slot is in the chain of a prefix, {@link NONE} when it is in none. */
  private readonly linked = new Int32Column();
  /** Members changed since the prefixes were asked for. */
  private isStale = false;
  /** By list of targets: whether one of ours is in it. */
  private readonly listAnswers = new IdMemo();
  private live = 0;

  constructor(config: GatewayInstanceConfig, label: number, pool: RoutePool, rib: GatewayRib) {
    this.config = config;
    this.table = `${config.name}.inet.0`;
    this.label = label;
    this.pool = pool;
    this.rib = rib;
    this.targets = config.routeTargets.map((target) => pool.octets8.intern(target));
  }

  /** VPN routes that were taken in. */
  get size(): number {
    return this.live;
  }

  get importTargets(): readonly Octets8Id[] {
    return this.targets;
  }

  imports(targets: readonly Octets8Id[]): boolean {
    return targets.some((target) => this.targets.includes(target));
  }

  /**
   * A VPN route changed: it is here exactly when one of its paths has a target of ours. True when it was or is here.
   * `offered`: the new path has one.
   */
  update(slot: Slot, offered: boolean): boolean {
    if (slot >= this.members.length) this.members.extend(this.rib.capacity, 0);
    const was = this.members.get(slot) === 1;
    const is = offered || this.wants(slot);
    if (is !== was) {
      this.isStale = true;
      this.members.set(slot, is ? 1 : 0);
      this.live += is ? 1 : -1;
    }
    return was || is;
  }

  /** {@link update} for all routes of a message, as {@link GatewayRib.put} returns them; how many rows here it touched. */
  updateAll(changes: Int32Array, offered: boolean): number {
    if (this.rib.capacity > this.members.length) this.members.extend(this.rib.capacity, 0);
    let rows = 0;
    for (let i = 0; i < changes.length; i++) {
      const slot = changes[i]! >>> 1;
      if (offered && this.members.get(slot) === 1) rows++;
      else if (this.update(slot, offered)) rows++;
    }
    return rows;
  }

  lookup(address: number, ranks: PeerRank, encapsulations: readonly GatewayEncapsulation[]): VrfLookup {
    const vrf = this.config.name;
    this.refresh();
    for (let length = this.prefixes.matchLength(address); length >= 0; length--) {
      const entry = this.prefixes.get(address, length);
      if (entry < 0) continue;
      const nextHops = this.nextHops(this.heads.get(entry), ranks, encapsulations);
      if (nextHops.length > 0) return { kind: 'route', vrf, prefix: prefixOf(address, length), nextHops };
    }
    return { kind: 'none', vrf };
  }

  /** Its prefixes in order, each with its ways out. */
  routes(ranks: PeerRank, encapsulations: readonly GatewayEncapsulation[]): readonly (VrfLookup & { kind: 'route' })[] {
    this.refresh();
    return this.prefixes.entries().map(({ address, length, value }) => ({
      kind: 'route',
      vrf: this.config.name,
      prefix: { address: ipv4(address), length },
      nextHops: this.nextHops(this.heads.get(value), ranks, encapsulations),
    }));
  }

  private wants(slot: Slot): boolean {
    const { rib } = this;
    for (let peer = 0; peer < rib.width; peer++) {
      const attributes = rib.offer(slot, peer);
      if (attributes !== NONE && this.importsSet(attributes)) return true;
    }
    return false;
  }

  /** {@link imports} for the targets of a set, asked once for each list of targets. */
  importsSet(attributes: AttributesId): boolean {
    const table = this.rib.attributes;
    const list = table.targetList(attributes);
    let answer = this.listAnswers.get(list);
    if (answer === UNKNOWN) {
      answer = this.listAnswers.set(list, this.imports(table.commons.targetsOf(list)) ? 1 : 0);
    }
    return answer === 1;
  }

  /** Brings the prefixes up to date: between two questions they may have changed often. */
  private refresh(): void {
    if (!this.isStale) return;
    this.isStale = false;
    const { members, linked, rib } = this;
    linked.extend(members.length, NONE);
    this.nexts.extend(members.length, NONE);
    for (let slot = 0; slot < members.length; slot++) {
      const wanted = members.get(slot) === 1 ? rib.nlri(slot) : NONE;
      const present = linked.get(slot);
      if (present === wanted) continue;
      if (present !== NONE) this.unlink(slot, present);
      if (wanted !== NONE) this.link(slot, wanted);
      linked.set(slot, wanted);
    }
  }

  private link(slot: Slot, nlri: NlriId): void {
    const { nlris } = this.pool;
    let entry = this.prefixes.get(nlris.address(nlri), nlris.length(nlri));
    if (entry < 0) {
      entry = this.heads.push(NONE);
      this.prefixes.set(nlris.address(nlri), nlris.length(nlri), entry);
    }
    this.nexts.set(slot, this.heads.get(entry));
    this.heads.set(entry, slot);
  }

  private unlink(slot: Slot, nlri: NlriId): void {
    const { nlris } = this.pool;
    const entry = this.prefixes.get(nlris.address(nlri), nlris.length(nlri));
    const next = this.nexts.get(slot);
    if (this.heads.get(entry) === slot) this.heads.set(entry, next);
    else {
      let before = this.heads.get(entry);
      while (this.nexts.get(before) !== slot) before = this.nexts.get(before);
      this.nexts.set(before, next);
    }
    if (this.heads.get(entry) === NONE) this.prefixes.delete(nlris.address(nlri), nlris.length(nlri));
  }

  /** The paths of equal cost among all offers for the prefix, each way once, lowest next hop first. */
  private nextHops(
    head: Slot,
    ranks: PeerRank,
    encapsulations: readonly GatewayEncapsulation[],
  ): readonly VrfNextHop[] {
    const { rib } = this;
    const candidates = new Candidates();
    const labels: number[] = [];
    for (let slot = head; slot !== NONE; slot = this.nexts.get(slot)) {
      for (let peer = 0; peer < rib.width; peer++) {
        const attributes = rib.offer(slot, peer);
        if (attributes === NONE || !this.importsSet(attributes)) continue;
        if (peer !== LOCAL_PEER && this.encapsulation(attributes, encapsulations) === null) continue;
        candidates.add(attributes, peer);
        labels.push(rib.label(slot, peer));
      }
    }
    const { best, equal } = select(rib.attributes, ranks, candidates);
    if (best >= 0 && candidates.peers[best] === LOCAL_PEER) return [{ kind: 'external' }];
    const ways = new Map<string, VrfNextHop & { kind: 'tunnel' }>();
    for (const index of equal) {
      const attributes = candidates.attributes[index]!;
      const to = rib.attributes.nextHop(attributes);
      const encapsulation = this.encapsulation(attributes, encapsulations)!;
      ways.set(`${to} ${labels[index]}`, { kind: 'tunnel', to, encapsulation, label: labels[index]! });
    }
    return [...ways.values()].sort((a, b) => a.to - b.to || a.label - b.label);
  }

  /** The first of ours that the path offers; a path that offers none is reached by GRE (RFC 4023). */
  private encapsulation(attributes: number, ours: readonly GatewayEncapsulation[]): GatewayEncapsulation | null {
    const { octets8 } = this.pool;
    const offered = this.rib.attributes
      .commonOf(attributes)
      .extendedCommunities.map((value) => tunnelTypeOf(octets8.value(value)))
      .filter((type) => type !== null);
    if (offered.length === 0) return ours.includes('MPLSoGRE') ? 'MPLSoGRE' : (ours[0] ?? null);
    const offers = (one: GatewayEncapsulation): boolean =>
      one === 'MPLSoUDP'
        ? offered.includes(TUNNEL_TYPES.udp)
        : offered.includes(TUNNEL_TYPES.gre) || offered.includes(TUNNEL_TYPES['mpls-o-gre']);
    return ours.find(offers) ?? null;
  }
}
