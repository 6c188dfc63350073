/**
 * A Contrail control node on a port of the simulation: BGP to its neighbours, XMPP to its agents, between them the
 * routes (CN-11.1.3).
 *
 * What arrives changes paths; everything that follows is done before the node looks at the next message. Updates leave
 * at the end of the moment, so that what changed together is packed together (CN-11.1.4, CN-6.5).
 */
import { invariant } from '../base/invariant.ts';
import { NEVER, type VirtualUs, virtualUs } from '../base/time.ts';
import { bgpCodec } from '../bgp/codec.ts';
import type { Received } from '../bgp/message.ts';
import type { FAMILY, FamilyName } from '../route/family.ts';
import type { NlriId } from '../route/nlri.ts';
import type { Octets8Id } from '../route/octets8-table.ts';
import { NONE, type RouteIndex } from '../route/path.ts';
import type { RoutePool } from '../route/pool.ts';
import type { CloseReason, NodePort, SimNode, StreamId, StreamMessage } from '../sim/node.ts';
import { XMPP_PORT } from '../xmpp/stanza.ts';
import { Channels } from './channels.ts';
import type { ControlNodeChange, ControlNodeConfig, NeighbourConfig } from './control-config.ts';
import { CONTROL_COUNTERS } from './counters.ts';
import { Exports } from './exports.ts';
import { type ControlHost, TIMER, TIMER_WORDS } from './host.ts';
import { Neighbours } from './neighbours.ts';
import { Rib, type RibListener } from './rib.ts';
import type { RouteTable } from './route-table.ts';
import type { RoutingInstance } from './routing-instance.ts';
import { UpdateSender } from './sender.ts';

export class ControlNode implements SimNode, ControlHost, RibListener {
  readonly name: string;
  readonly addresses: readonly number[];
  config: ControlNodeConfig;
  rib: Rib;
  exports: Exports;
  bgp!: Neighbours; // made when the port is attached
  xmpp!: Channels; // made when the port is attached
  startedAt: VirtualUs = virtualUs(0);
  interestAddedAt: VirtualUs = virtualUs(0);
  private readonly pool: RoutePool;
  private attached: NodePort | null = null;
  private sender!: UpdateSender; // made when the port is attached
  private running = false;
  private ranBefore = false;
  private flushAt: VirtualUs = NEVER;
  private counted = { replications: 0, runs: 0 };

  constructor(pool: RoutePool, config: ControlNodeConfig) {
    this.pool = pool;
    this.name = config.name;
    this.addresses = [config.address];
    this.config = config;
    this.rib = new Rib(pool, config);
    this.exports = new Exports(this.rib);
  }

  get port(): NodePort {
    invariant(this.attached !== null, 'a node runs on a port');
    return this.attached;
  }

  get waitsFor(): readonly string[] {
    return TIMER_WORDS;
  }

  attach(port: NodePort): void {
    this.attached = port;
    this.build();
  }

  /** The process as it starts: configuration read, no session, no route but its own. */
  private build(): void {
    this.rib = new Rib(this.pool, this.config);
    this.exports = new Exports(this.rib);
    const codec = bgpCodec(this.pool);
    this.bgp = new Neighbours(this, codec);
    this.xmpp = new Channels(this);
    this.sender = new UpdateSender(this.rib, this.exports, codec, this.bgp, this.xmpp);
    this.counted = { replications: 0, runs: 0 };
    this.flushAt = NEVER;
    for (const network of this.config.networks) this.rib.setNetwork(network);
    for (const instance of this.config.instances) this.rib.configure(instance, this);
    for (const neighbour of this.config.neighbours) this.bgp.add(neighbour);
  }

  // ---- power

  started(): void {
    if (this.ranBefore) {
      const { configSource } = this.xmpp;
      this.build();
      this.xmpp.configSource = configSource;
    }
    this.ranBefore = true;
    this.running = true;
    this.startedAt = this.port.now();
    this.interestAddedAt = this.startedAt;
    this.rib.interest.addOwn(this.startedAt);
    this.changed();
    this.bgp.speaker.started();
  }

  stopped(): void {
    this.xmpp.closeAll('the control node stops');
    this.bgp.speaker.stopped();
    this.running = false;
  }

  crashed(): void {
    this.running = false;
  }

  // ---- streams

  streamAccepted(stream: StreamId, remote: number, remotePort: number, localPort: number): void {
    if (localPort === XMPP_PORT) this.xmpp.accepted(stream, remote, remotePort);
    else if (localPort === this.config.port) this.bgp.speaker.streamAccepted(stream, remote);
    else this.port.close(stream, 'reset');
  }

  streamConnected(stream: StreamId): void {
    this.bgp.speaker.streamConnected(stream);
  }

  streamClosed(stream: StreamId, reason: CloseReason): void {
    if (this.xmpp.owns(stream)) this.xmpp.closed(stream);
    else this.bgp.speaker.streamClosed(stream, reason);
  }

  messageReceived(stream: StreamId, message: StreamMessage): void {
    if (this.xmpp.owns(stream)) this.xmpp.received(stream, message.content);
    else {
      // what a peer sends on a stream of the BGP port is a BGP message
      this.bgp.speaker.messageReceived(stream, message.content as Received);
    }
  }

  octetsReceived(stream: StreamId, octets: Uint8Array): void {
    if (this.xmpp.owns(stream)) this.xmpp.octetsReceived(stream, octets);
    else this.bgp.speaker.octetsReceived(stream, octets);
  }

  streamDrained(stream: StreamId): void {
    if (this.xmpp.owns(stream)) this.xmpp.drained(stream);
    else this.bgp.speaker.streamDrained(stream);
  }

  timerFired(kind: number, a: number, b: number): void {
    switch (kind) {
      case TIMER.flush:
        this.flushAt = NEVER;
        this.flush();
        return;
      case TIMER.bgp:
        this.bgp.speaker.timerFired(a, b);
        return;
      case TIMER.bgpEndOfRib:
        this.bgp.endOfRibDue(a, b as (typeof FAMILY)[FamilyName]); // set with a family
        return;
      case TIMER.targetWait:
        this.bgp.targetsKnown(a);
        return;
      case TIMER.xmpp:
        this.xmpp.timerFired(a, b);
        return;
      case TIMER.xmppEndOfRib:
        this.xmpp.endOfRibDue(a);
        return;
    }
  }

  // ---- changes

  changed(): void {
    this.rib.settle(this.port.now(), this);
    const hasWork = this.exports.hasWork || this.rib.instances.deleted().length > 0;
    if (!hasWork || this.flushAt !== NEVER) return;
    this.flushAt = this.port.idleAt();
    this.port.setTimer(TIMER.flush, 0, 0, this.flushAt, false);
  }

  private flush(): void {
    this.sender.flush();
    this.reap();
    const { replications } = this.rib.replicator;
    const runs = this.rib.store.decisionRuns;
    this.countSince(CONTROL_COUNTERS.replications, replications - this.counted.replications);
    this.countSince(CONTROL_COUNTERS.decisions, runs - this.counted.runs);
    this.exports.countResent((counter, by) => this.port.count(counter, by));
    this.counted = { replications, runs };
  }

  private countSince(counter: string, by: number): void {
    if (by > 0) this.port.count(counter, by);
  }

  /** Deleted instances go when nobody is subscribed and no route is left; what waits for their name comes up (CN-1.9). */
  private reap(): void {
    for (const instance of this.rib.instances.deleted()) {
      if (this.xmpp.hasSubscribers(instance) || instance.table.size > 0) continue;
      this.rib.instances.destroy(instance);
      if (instance.next !== null) this.configureInstance(instance.next);
    }
  }

  routeChanged(table: RouteTable, route: RouteIndex): void {
    this.exports.routeChanged(table, route);
  }

  rowChanged(table: RouteTable, nlri: NlriId): void {
    const { attached } = this;
    if (attached === null) return;
    const isInterest = table === this.rib.interest.table;
    if (!isInterest && !attached.recordsRows) {
      attached.rowsChanged(1);
      return;
    }
    const route = table.find(nlri);
    const isThere = route !== NONE && this.rib.store.best(route) !== NONE;
    if (isThere && isInterest) this.interestAddedAt = attached.now();
    attached.tableChanged(table.name, () => this.pool.nlris.format(nlri), isThere ? 1 : 0);
  }

  importsChanged(instance: RoutingInstance, added: readonly Octets8Id[], removed: readonly Octets8Id[]): void {
    this.xmpp.importsChanged(instance, added, removed);
  }

  // ---- configuration

  /** A change of configuration while the node runs, or for its next start while it does not. */
  apply(change: ControlNodeChange): void {
    this.config = changedConfig(this.config, change);
    if (!this.running) return;
    switch (change.kind) {
      case 'network':
        this.rib.setNetwork(change.network);
        break;
      case 'instance':
        this.configureInstance(change.instance);
        break;
      case 'instance-deleted': {
        const instance = this.rib.instances.find(change.name);
        if (instance !== undefined && !instance.deleted) this.rib.delete(instance, this);
        else if (instance !== undefined) instance.next = null;
        break;
      }
      case 'neighbour':
        this.bgp.configure(change.neighbour);
        break;
      case 'neighbour-deleted':
        this.bgp.remove(change.name);
        break;
    }
    this.changed();
  }

  /** An operator's clear of the session with a neighbour or an agent; false when there is none of that name. */
  clearSession(name: string): boolean {
    return this.running && (this.bgp.clear(name) || this.xmpp.clear(name));
  }

  private configureInstance(config: ControlNodeConfig['instances'][number]): void {
    const isNew = this.rib.instances.find(config.name) === undefined;
    if (this.rib.configure(config, this) !== null && isNew) this.xmpp.instanceCreated(config.name);
    this.changed();
  }
}

function changedConfig(config: ControlNodeConfig, change: ControlNodeChange): ControlNodeConfig {
  switch (change.kind) {
    case 'network':
      return { ...config, networks: replaced(config.networks, change.network) };
    case 'instance':
      return { ...config, instances: replaced(config.instances, change.instance) };
    case 'instance-deleted':
      return { ...config, instances: config.instances.filter(({ name }) => name !== change.name) };
    case 'neighbour':
      return { ...config, neighbours: replaced<NeighbourConfig>(config.neighbours, change.neighbour) };
    case 'neighbour-deleted':
      return { ...config, neighbours: config.neighbours.filter(({ name }) => name !== change.name) };
  }
}

/** In its old place, or at the end. */
function replaced<T extends { readonly name: string }>(list: readonly T[], value: T): readonly T[] {
  return list.some(({ name }) => name === value.name)
    ? list.map((old) => (old.name === value.name ? value : old))
    : [...list, value];
}
