/**
 * The routes an agent makes itself: of its interfaces with their floating addresses (VR-2.4), of the subnets of its
 * networks (VR-1.11), and the groups of interfaces that share a prefix (VR-1.10).
 *
 * Interfaces are described as wished for; {@link LocalRoutes.refresh} compares with what is installed and changes only
 * the difference, whatever has changed.
 */
import { shared } from '../base/fork.ts';
import { byNumber } from '../base/order.ts';
import { later, type VirtualUs } from '../base/time.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import { contains } from '../net/prefix.ts';
import type { NlriId } from '../route/nlri.ts';
import type { AgentFloatingIp, AgentNetwork } from './agent-config.ts';
import type { LocalPath } from './inet-table.ts';
import { DISCARD, MEMBERS_MAX, type NextHopId, PACKET_INTERFACE, stableSlots } from './next-hop.ts';
import {
  becomeActiveActive,
  becomeWaiting,
  claimSeen,
  FIXED_PREFERENCE,
  HIGH,
  isDamped,
  isShared,
  newPreference,
  PROBE_INTERVAL,
  type PreferenceState,
  trafficSeen,
} from './path-preference.ts';
import type { InstalledRoute, ServiceRoute, Tables, VmInterface, Vrf } from './tables.ts';

/** What the agent around the tables does for them. */
export interface LocalRoutesOwner {
  /** The paths of a row have changed: choose again and tell whom it concerns. */
  routeChanged(vrf: Vrf, row: number): void;
  /** A label leads elsewhere: routes that resolve to what it led to are chosen again. */
  labelMoved(before: NextHopId): void;
  /** What the agent exports for the prefix may have changed. */
  exportRoute(vrf: Vrf, nlri: NlriId): void;
  now(): VirtualUs;
  /** Ask the workload by ARP at that moment, or give the address up. */
  setPreferenceTimer(purpose: PreferenceTimer, vif: number, address: number, at: VirtualUs, background: boolean): void;
  cancelPreferenceTimer(purpose: PreferenceTimer, vif: number, address: number): void;
}

export type PreferenceTimer = 'probe' | 'give-up';

interface WantedRoute {
  readonly vrf: Vrf;
  readonly nlri: NlriId;
  readonly network: string;
  readonly fixedAddress: Ipv4;
  readonly floating: AgentFloatingIp | null;
}

export class LocalRoutes {
  private readonly tables: Tables;
  private readonly owner: LocalRoutesOwner;
  private readonly ownAddress: Ipv4;
  private readonly preferenceEnabled: boolean;

  constructor(tables: Tables, owner: LocalRoutesOwner, ownAddress: Ipv4, preferenceEnabled: boolean) {
    this.tables = tables;
    this.owner = owner;
    this.ownAddress = ownAddress;
    this.preferenceEnabled = preferenceEnabled;
  }

  /** Puts the routes of a network's subnets in place of those that stand (VR-1.11). */
  installServices(vrf: Vrf): void {
    this.removeServices(vrf);
    if (vrf.network === null) return;
    vrf.service = serviceRoutes(vrf.network);
    for (const { address, length, path } of vrf.service) {
      const row = vrf.table.addLocal(this.tables.pool.nlris.inet(address, length), path);
      this.owner.routeChanged(vrf, row);
    }
  }

  removeServices(vrf: Vrf): void {
    const standing = vrf.service;
    vrf.service = [];
    for (const { address, length, path } of standing) {
      const row = vrf.table.row(this.tables.pool.nlris.inet(address, length));
      vrf.table.removeLocal(row, path);
      this.owner.routeChanged(vrf, row);
    }
  }

  /** Brings the routes of an interface in line with its configuration and the networks there are. */
  refresh(entry: VmInterface): void {
    const { config } = entry;
    const vrf = this.tables.vrfOfNetwork(config.network);
    entry.vrf = vrf;
    if (vrf === null) {
      this.withdraw(entry);
      return;
    }
    const nextHop = this.tables.nextHops.interface(entry.vif, config.policyEnabled);
    const before = entry.nextHop;
    entry.nextHop = nextHop;
    entry.memberNextHop = this.tables.nextHops.interface(entry.vif, false);
    if (entry.label < 0) entry.label = this.tables.labels.allocate(nextHop);
    else this.repoint(entry.label, before, nextHop);

    const wanted = this.wanted(entry, vrf);
    const keep = entry.routes.filter((route) => wanted.some((other) => sameRoute(other, route)));
    for (const route of entry.routes) if (!keep.includes(route)) this.uninstall(route);
    this.forgetPreferences(entry);
    entry.routes = keep;
    const groups = this.groupIds(entry);
    for (const route of wanted) {
      const installed = keep.find((other) => sameRoute(route, other));
      if (installed === undefined) this.install(entry, route, groups);
      else this.update(entry, installed, groups);
    }
  }

  /** Takes all routes of an interface away, and its label (VR-2.4.p2). */
  withdraw(entry: VmInterface): void {
    const standing = entry.routes;
    entry.routes = [];
    for (const route of standing) this.uninstall(route);
    if (entry.label >= 0) this.tables.labels.release(entry.label);
    entry.label = -1;
    entry.vrf = null;
    this.forgetPreferences(entry, true);
  }

  /** The workload answered by ARP: its address rises to 200 (VR-1.9/3). */
  answered(entry: VmInterface, address: number): void {
    const state = entry.preferences?.get(address);
    if (state !== undefined && trafficSeen(state, this.owner.now())) this.preferenceChanged(entry, address);
  }

  /** Somebody else has kept the address long enough: it goes back to 100 and waits (VR-1.9/2). */
  giveUp(entry: VmInterface, address: number): void {
    const state = entry.preferences?.get(address);
    if (state === undefined || !becomeWaiting(state)) return;
    this.preferenceChanged(entry, address);
    this.probe(entry, address, state);
  }

  /** Another source's path of a prefix that this agent serves as well has changed (VR-1.9/3). */
  claimed(vrf: Vrf, row: number): void {
    if (!this.preferenceEnabled) return;
    for (const path of vrf.table.localPathsAt(row)) {
      if (path.source !== 'vm-port') continue;
      const entry = this.tables.interfaceOfVif(path.vif);
      const route = entry?.routes.find((other) => other.path === path);
      if (entry === null || entry === undefined || route === undefined || route.floating !== null) continue;
      const state = entry.preferences?.get(route.fixedAddress);
      if (state === undefined || state.phase !== 'traffic-seen') continue;
      let sequence = 0;
      let elsewhere = false;
      for (const slot of [0, 1]) {
        const offer = vrf.table.offerAt(row, slot);
        if (offer === null || offer.sequence < sequence) continue;
        sequence = offer.sequence;
        elsewhere = !offer.nextHops.some((hop) => hop.address === this.ownAddress && hop.label === path.label);
      }
      const now = this.owner.now();
      const at = claimSeen(state, sequence, elsewhere, now);
      if (at === null) continue;
      if (at === now) this.giveUp(entry, route.fixedAddress);
      else this.owner.setPreferenceTimer('give-up', entry.vif, route.fixedAddress, at, true);
    }
  }

  private wanted(entry: VmInterface, vrf: Vrf): WantedRoute[] {
    const { config } = entry;
    const nlris = this.tables.pool.nlris;
    const wanted: WantedRoute[] = [];
    for (const address of config.addresses) {
      // Outside the subnets of the network there is no inet route (VR-1.4.p2).
      if (!inSubnets(vrf.network!, address)) continue;
      wanted.push({
        vrf,
        nlri: nlris.inet(address, 32),
        network: config.network,
        fixedAddress: address,
        floating: null,
      });
    }
    for (const floating of config.floatingIps) {
      const home = this.tables.vrfOfNetwork(floating.network);
      if (home === null) continue;
      const fixedAddress =
        floating.fixedAddress === 0 ? (config.addresses[0] ?? floating.fixedAddress) : floating.fixedAddress;
      const nlri = nlris.inet(floating.address, 32);
      wanted.push({ vrf: home, nlri, network: floating.network, fixedAddress, floating });
    }
    return wanted;
  }

  private install(entry: VmInterface, route: WantedRoute, groups: readonly number[]): void {
    const state = this.preferenceOf(entry, route.fixedAddress);
    const path = localPath('vm-port', entry.vif, entry.nextHop, entry.label, route.network, false);
    path.securityGroups = groups;
    copyPreference(path, state, entry.config.mode === 'active-active');
    const row = route.vrf.table.addLocal(route.nlri, path);
    const { vrf, nlri, fixedAddress, floating } = route;
    entry.routes = [...entry.routes, { vrf, nlri, path, fixedAddress, floating }];
    this.changed(route.vrf, route.nlri, row);
    this.claimed(route.vrf, row);
  }

  private update(entry: VmInterface, route: InstalledRoute, groups: readonly number[]): void {
    const { path } = route;
    const state = this.preferenceOf(entry, route.fixedAddress);
    const ecmp = entry.config.mode === 'active-active';
    if (ecmp && state.phase !== 'fixed' && state.phase !== 'active-active') becomeActiveActive(state);
    else if (!ecmp && state.phase === 'active-active' && becomeWaiting(state))
      this.probe(entry, route.fixedAddress, state);
    path.nextHop = entry.nextHop;
    path.label = entry.label;
    path.securityGroups = groups;
    copyPreference(path, state, ecmp);
    const row = route.vrf.table.row(route.nlri);
    route.vrf.table.reorderLocal(row);
    this.changed(route.vrf, route.nlri, row);
  }

  private uninstall(route: InstalledRoute): void {
    const row = route.vrf.table.row(route.nlri);
    route.vrf.table.removeLocal(row, route.path);
    this.changed(route.vrf, route.nlri, row);
  }

  private preferenceChanged(entry: VmInterface, address: number): void {
    const state = entry.preferences?.get(address) ?? FIXED_PREFERENCE;
    for (const route of entry.routes) {
      if (route.fixedAddress !== address) continue;
      copyPreference(route.path, state, entry.config.mode === 'active-active');
      const row = route.vrf.table.row(route.nlri);
      route.vrf.table.reorderLocal(row);
      this.changed(route.vrf, route.nlri, row);
    }
  }

  private changed(vrf: Vrf, nlri: NlriId, row: number): void {
    this.regroup(vrf, nlri, row);
    this.owner.routeChanged(vrf, row);
    this.owner.exportRoute(vrf, nlri);
  }

  /** Two or more interfaces that share the prefix become one group with a label of its own; one left needs none. */
  private regroup(vrf: Vrf, nlri: NlriId, row: number): void {
    const paths = vrf.table.localPathsAt(row);
    if (paths.length < 2 && paths[0]?.source !== 'ecmp') return;
    const group = paths.find((path) => path.source === 'ecmp');
    const shares = paths.filter((path) => path.source === 'vm-port' && path.ecmp).sort((a, b) => a.vif - b.vif);
    if (shares.length < 2) {
      if (group === undefined) return;
      this.tables.labels.release(group.label);
      vrf.table.removeLocal(row, group);
      return;
    }
    const { nextHops, labels } = this.tables;
    const members = shares.slice(0, MEMBERS_MAX).map((path) => {
      return { nextHop: this.tables.interfaceOfVif(path.vif)!.memberNextHop, label: -1 };
    });
    const slots = group === undefined ? [] : nextHops.members(group.nextHop);
    const nextHop = nextHops.composite(stableSlots(slots, members), true);
    const before = group?.nextHop ?? nextHop;
    const target = group ?? localPath('ecmp', -1, nextHop, labels.allocate(nextHop), shares[0]!.network, false);
    target.nextHop = nextHop;
    target.securityGroups = [...new Set(shares.flatMap((path) => path.securityGroups))].sort(byNumber);
    target.preference = HIGH;
    target.ecmp = true;
    if (group === undefined) vrf.table.addLocal(nlri, target);
    else this.repoint(group.label, before, nextHop);
  }

  private repoint(label: number, before: NextHopId, nextHop: NextHopId): void {
    if (before === nextHop) return;
    this.tables.labels.repoint(label, nextHop);
    this.owner.labelMoved(before);
  }

  private preferenceOf(entry: VmInterface, address: number): PreferenceState {
    if (!this.preferenceEnabled) return FIXED_PREFERENCE;
    entry.preferences ??= new Map();
    let state = entry.preferences.get(address);
    if (state === undefined) {
      state = newPreference(entry.config.mode === 'active-active');
      entry.preferences.set(address, state);
      if (state.waiting) this.probe(entry, address, state);
    }
    return state;
  }

  /** The request that goes out at once finds no one at home, the next one is answered (VR-1.9.p3). */
  private probe(entry: VmInterface, address: number, state: PreferenceState): void {
    const at = later(this.owner.now(), PROBE_INTERVAL);
    this.owner.setPreferenceTimer('probe', entry.vif, address, at, isDamped(state));
  }

  private forgetPreferences(entry: VmInterface, all = false): void {
    if (entry.preferences === null) return;
    for (const address of [...entry.preferences.keys()].sort(byNumber)) {
      const used = entry.config.addresses.some((other) => other === address);
      if (used && !all) continue;
      entry.preferences.delete(address);
      this.owner.cancelPreferenceTimer('probe', entry.vif, address);
      this.owner.cancelPreferenceTimer('give-up', entry.vif, address);
    }
  }

  private groupIds(entry: VmInterface): readonly number[] {
    const ids: number[] = [];
    for (const name of entry.config.securityGroups) {
      const group = this.tables.securityGroup(name);
      if (group !== null) ids.push(group.id);
    }
    return ids.sort(byNumber);
  }
}

/** A network never changes, so what it brings to its VRFs is worked out once. */
const servicesOf = new WeakMap<AgentNetwork, readonly ServiceRoute[]>();

function serviceRoutes(network: AgentNetwork): readonly ServiceRoute[] {
  const known = servicesOf.get(network);
  if (known !== undefined) return known;
  const routes: ServiceRoute[] = [];
  const add = (address: number, length: number, subnetDiscard: boolean) => {
    if (address === 0 || routes.some((other) => other.address === address && other.length === length)) return;
    const path = localPath('local', -1, subnetDiscard ? DISCARD : PACKET_INTERFACE, -1, network.name, subnetDiscard);
    routes.push({ address, length, path: shared(Object.freeze(path)) });
  };
  for (const subnet of network.subnets) {
    add(subnet.prefix.address, subnet.prefix.length, true);
    add(subnet.gateway, 32, false);
    add(subnet.dns, 32, false);
  }
  servicesOf.set(network, shared(routes));
  return routes;
}

function inSubnets(network: AgentNetwork, address: number): boolean {
  return network.subnets.some((subnet) => contains(subnet.prefix, address));
}

function sameRoute(wanted: WantedRoute, installed: InstalledRoute): boolean {
  return (
    wanted.vrf === installed.vrf &&
    wanted.nlri === installed.nlri &&
    wanted.fixedAddress === installed.fixedAddress &&
    wanted.network === installed.path.network &&
    (wanted.floating === null) === (installed.floating === null)
  );
}

function copyPreference(path: LocalPath, state: PreferenceState, ecmp: boolean): void {
  path.preference = state.preference;
  path.sequence = state.sequence;
  path.waiting = state.waiting;
  path.ecmp = isShared(state, ecmp);
}

function localPath(
  source: LocalPath['source'],
  vif: number,
  nextHop: number,
  label: number,
  network: string,
  subnetDiscard: boolean,
): LocalPath {
  return {
    source,
    vif,
    nextHop,
    label,
    network,
    securityGroups: [],
    preference: 100,
    sequence: 0,
    waiting: false,
    ecmp: false,
    subnetDiscard,
  };
}
