/**
 * The BGP neighbours of a control node (CN-1.7, CN-7): what sessions hear becomes paths, and a session that comes or
 * goes registers its peer with the tables or takes its paths away. The sessions themselves are the speaker's.
 */
import { later, seconds, type VirtualUs, virtualUs } from '../base/time.ts';
import type { BgpCodec } from '../bgp/codec.ts';
import type { RibOutKey } from '../bgp/export-policy.ts';
import type { NumberList, UpdateMessage } from '../bgp/message.ts';
import type { NegotiatedSession, SessionConfig } from '../bgp/negotiation.ts';
import { CEASE } from '../bgp/notification.ts';
import { type BgpListener, BgpSpeaker, type NeighbourIndex } from '../bgp/speaker.ts';
import { TUNNEL_TYPES } from '../route/extended-community.ts';
import { FAMILY, type Family } from '../route/family.ts';
import { NewPath, PATH_SOURCE, type PeerId } from '../route/path.ts';
import { ReceivedPaths, sessionLocalAs } from './bgp-routes.ts';
import type { NeighbourConfig } from './control-config.ts';
import { type ControlHost, startingUntil, TIMER, wholeSecondsAfter } from './host.ts';

const HOLD_SECONDS_DEFAULT = 90;
/** VPN tables are told of after the End-of-RIB of route-target, or so long (CN-4.6.6). */
const TARGET_WAIT = seconds(30);
const END_OF_RIB_LIMIT_US = 300_000_000;
const QUIET_PERCENT = 2;

/** One neighbour with what its present session agreed on. */
export class Neighbour {
  config: NeighbourConfig;
  readonly peer: PeerId;
  negotiated: NegotiatedSession | null = null;
  received: ReceivedPaths | null = null;
  /** Families told to the peer, with the moment they were registered: End-of-RIB counts from it. */
  readonly told = new Map<Family, VirtualUs>();

  constructor(config: NeighbourConfig, peer: PeerId) {
    this.config = config;
    this.peer = peer;
  }
}

export class Neighbours implements BgpListener {
  readonly speaker: BgpSpeaker;
  private readonly host: ControlHost;
  private readonly codec: BgpCodec;
  private readonly byIndex = new Map<NeighbourIndex, Neighbour>();
  private readonly indexByName = new Map<string, NeighbourIndex>();
  private readonly indexByPeer = new Map<PeerId, NeighbourIndex>();

  constructor(host: ControlHost, codec: BgpCodec) {
    this.host = host;
    this.codec = codec;
    this.speaker = new BgpSpeaker(host.port, this, codec, TIMER.bgp);
  }

  all(): readonly (readonly [NeighbourIndex, Neighbour])[] {
    return [...this.byIndex];
  }

  indexOf(peer: PeerId): NeighbourIndex {
    return this.indexByPeer.get(peer)!;
  }

  add(config: NeighbourConfig): void {
    const { rib } = this.host;
    const internal = config.asn === sessionLocalAs(this.host.config, config);
    const peer = rib.peers.add(config.name, internal ? 'ibgp' : 'ebgp', config.address, config.port);
    rib.peers.setClusterId(peer, config.clusterId);
    const at = { localAddress: this.host.config.address, address: config.address, port: config.port };
    const neighbour = new Neighbour(config, peer);
    const index = this.speaker.add(this.sessionConfig(config), at, this.isEnabled(config));
    this.byIndex.set(index, neighbour);
    this.indexByName.set(config.name, index);
    this.indexByPeer.set(peer, index);
  }

  /** Adds a neighbour, or changes it: any change of its session clears it (CN-1.7.8). */
  configure(config: NeighbourConfig): void {
    const index = this.indexByName.get(config.name);
    if (index === undefined) {
      this.add(config);
      return;
    }
    const neighbour = this.byIndex.get(index)!;
    const before = neighbour.config;
    if (before.address !== config.address || before.port !== config.port) {
      this.remove(config.name);
      this.add(config);
      return;
    }
    if (before.adminDown !== config.adminDown && !this.isEnabled(config)) this.speaker.disable(index);
    else if (differ(before, config)) this.speaker.clear(index, CEASE.otherConfigChange, 'its configuration changed');
    neighbour.config = config;
    const internal = config.asn === sessionLocalAs(this.host.config, config);
    this.host.rib.peers.add(config.name, internal ? 'ibgp' : 'ebgp', config.address, config.port);
    this.host.rib.peers.setClusterId(neighbour.peer, config.clusterId);
    this.speaker.configure(index, this.sessionConfig(config));
    if (before.adminDown !== config.adminDown && this.isEnabled(config)) this.speaker.enable(index);
  }

  /** Cease/PeerDeconfigured, its paths deleted, and forgotten (CN-7.10.p1). */
  remove(name: string): void {
    const index = this.indexByName.get(name);
    if (index === undefined) return;
    this.speaker.remove(index);
    const { peer } = this.byIndex.get(index)!;
    this.byIndex.delete(index);
    this.indexByName.delete(name);
    this.indexByPeer.delete(peer);
  }

  /** Cease/AdministrativeReset; the session comes back after the idle hold. */
  clear(name: string): boolean {
    const index = this.indexByName.get(name);
    if (index !== undefined) this.speaker.clear(index, CEASE.administrativeReset, 'cleared by the operator');
    return index !== undefined;
  }

  isEnabled(config: NeighbourConfig): boolean {
    return !config.adminDown && !this.host.config.adminDown;
  }

  // ---- what sessions tell

  bgpEstablished(index: NeighbourIndex, negotiated: NegotiatedSession): void {
    const { rib, exports, config, port } = this.host;
    const neighbour = this.byIndex.get(index)!;
    neighbour.negotiated = negotiated;
    neighbour.received = new ReceivedPaths(rib.pool, config, neighbour.config, negotiated.fourOctetAs);
    rib.peers.setRouterId(neighbour.peer, negotiated.peerIdentifier);
    rib.peers.setReady(neighbour.peer, true);
    const { families } = negotiated;
    const filters = families.includes(FAMILY['route-target']);
    exports.setFiltered(neighbour.peer, filters);
    for (const family of families) {
      // The VPN table waits for the peer's interest; its routes are taken at once (CN-4.6.6, CN-7.3.3).
      if (family === FAMILY['inet-vpn'] && filters) {
        port.setTimer(TIMER.targetWait, index, 0, later(port.now(), TARGET_WAIT), false);
      } else this.tell(index, neighbour, family);
    }
    this.host.changed();
  }

  bgpUpdate(index: NeighbourIndex, update: UpdateMessage): void {
    const neighbour = this.byIndex.get(index)!;
    for (const part of update.parts) {
      if (part.kind === 'announce') this.take(neighbour, part.family, part.attributes, part.nlris, part.labels);
      else if (part.kind === 'withdraw') this.withdraw(neighbour, part.family, part.nlris);
      else if (part.family === FAMILY['route-target']) this.targetsKnown(index);
    }
    this.host.changed();
  }

  /** Every path of the peer goes with its session; graceful restart is not kept (CN-7.8/1). */
  bgpDown(index: NeighbourIndex): void {
    const { rib, exports, port } = this.host;
    const neighbour = this.byIndex.get(index)!;
    rib.peers.setReady(neighbour.peer, false);
    exports.unregisterBgp(neighbour.peer);
    rib.removePathsOf(neighbour.peer);
    port.cancelTimer(TIMER.targetWait, index, 0);
    for (const family of neighbour.told.keys()) port.cancelTimer(TIMER.bgpEndOfRib, index, family);
    neighbour.told.clear();
    neighbour.negotiated = null;
    neighbour.received = null;
    this.host.changed();
  }

  private take(neighbour: Neighbour, family: Family, attributes: number, nlris: NumberList, labels: NumberList): void {
    const { rib, port } = this.host;
    const table = rib.tableOf(family);
    const received = neighbour.received!;
    const kept = received.attributesOf(attributes);
    const path = new NewPath(
      neighbour.peer,
      PATH_SOURCE.BGP_XMPP,
      kept,
      0,
      received.flagsOf(attributes),
      rib.pool.attributes.nextHop(kept),
    );
    const now = port.now();
    for (let i = 0; i < nlris.length; i++) {
      path.label = labels[i]!;
      rib.store.putPath(table, nlris[i]!, path, now);
    }
  }

  private withdraw(neighbour: Neighbour, family: Family, nlris: NumberList): void {
    const { store } = this.host.rib;
    const table = this.host.rib.tableOf(family);
    for (let i = 0; i < nlris.length; i++) store.deletePath(table, nlris[i]!, neighbour.peer);
  }

  // ---- registration and End-of-RIB

  private tell(index: NeighbourIndex, neighbour: Neighbour, family: Family): void {
    const { exports, rib, port } = this.host;
    const now = port.now();
    neighbour.told.set(family, now);
    exports.registerBgp(neighbour.peer, rib.tableOf(family), this.ribOutKey(neighbour, family));
    port.setTimer(TIMER.bgpEndOfRib, index, family, later(now, seconds(1)), false);
  }

  /** The peer said what it wants, or had its time to: VPN routes are told from here on (CN-4.6.6). */
  targetsKnown(index: NeighbourIndex): void {
    const neighbour = this.byIndex.get(index);
    const family = FAMILY['inet-vpn'];
    if (!neighbour?.negotiated?.families.includes(family) || neighbour.told.has(family)) return;
    this.host.port.cancelTimer(TIMER.targetWait, index, 0);
    this.tell(index, neighbour, family);
    this.host.changed();
  }

  /** CN-7.5.p1; the moments in between at which nothing could be sent are passed over. */
  endOfRibDue(index: NeighbourIndex, family: Family): void {
    const neighbour = this.byIndex.get(index);
    const registeredAt = neighbour?.told.get(family);
    if (neighbour === undefined || neighbour.negotiated === null || registeredAt === undefined) return;
    const { port, exports, rib } = this.host;
    const now = port.now();
    const limit = registeredAt + END_OF_RIB_LIMIT_US;
    const readyAt = Math.min(limit, this.quietAt(family));
    const waits = now < limit && exports.isPending(neighbour.peer, rib.tableOf(family));
    if (now >= readyAt && !waits) {
      this.speaker.send(index, this.codec.endOfRib(neighbour.negotiated.form, family));
      return;
    }
    const next = wholeSecondsAfter(registeredAt, Math.max(readyAt, now + 1));
    port.setTimer(TIMER.bgpEndOfRib, index, family, virtualUs(next), false);
  }

  /** When the starting period lets the End-of-RIB of a family go. */
  private quietAt(family: Family): number {
    const until = startingUntil(this.host);
    if (this.host.port.now() >= until || family !== FAMILY['route-target']) return until;
    const quiet = this.host.config.endOfRibTimeoutSeconds * 10_000 * QUIET_PERCENT;
    return Math.min(until, this.host.interestAddedAt + quiet);
  }

  // ---- configuration

  private ribOutKey(neighbour: Neighbour, family: Family): RibOutKey {
    const { config } = neighbour;
    const negotiated = neighbour.negotiated!;
    return {
      family,
      internal: negotiated.internal,
      peerAs: config.asn,
      localAs: sessionLocalAs(this.host.config, config),
      asOverride: config.asOverride,
      fourOctetAs: negotiated.fourOctetAs,
      clusterId: config.clusterId,
      defaultTunnels: config.defaultTunnelEncapsulations.map((name) => TUNNEL_TYPES[name]),
    };
  }

  private sessionConfig(config: NeighbourConfig): SessionConfig {
    const node = this.host.config;
    return {
      neighbour: config.name,
      localAs: sessionLocalAs(node, config),
      peerAs: config.asn,
      identifier: node.routerId,
      holdTimeSeconds: config.holdTimeSeconds || node.holdTimeSeconds || HOLD_SECONDS_DEFAULT,
      families: config.families.map((name) => FAMILY[name]),
      fourOctetAs: node.fourOctetAs,
      passive: config.passive,
      moreCapabilities: [],
    };
  }
}

/** Whether a change clears the session (CN-1.7.8); admin down has its own way. */
function differ(a: NeighbourConfig, b: NeighbourConfig): boolean {
  const session = ({ adminDown: _, ...fields }: NeighbourConfig): string => JSON.stringify(fields);
  return session(a) !== session(b);
}
