/**
 * The agents of a control node (CN-2): their channels, what they subscribe to, and the routes they publish.
 *
 * A channel's session frames and pairs stanzas; the rules of subscription and of acceptance are tables of `xmpp`. Here
 * they are asked with the facts of the moment, and what they answer is done.
 */
import { NEVER, type VirtualUs, virtualUs } from '../base/time.ts';
import type { Octets8Id } from '../route/octets8-table.ts';
import { NONE, type PeerId } from '../route/path.ts';
import type { StreamId } from '../sim/node.ts';
import type { ConfigMessage } from '../xmpp/config-object.ts';
import { checkUnicastItem } from '../xmpp/items.ts';
import {
  endOfRibMessage,
  keepaliveMessage,
  messageItems,
  messageKind,
  messageTo,
  openMessage,
  type XmppBody,
} from '../xmpp/message.ts';
import { type Delivered, type RouteRequest, XMPP_USER_TIMEOUT, XmppServerSession } from '../xmpp/session.ts';
import type { ConfigSubscribe, Stanza, StreamOpen } from '../xmpp/stanza.ts';
import { decideSubscription, type InstanceState, membershipOf, type SubscriptionEvent } from '../xmpp/subscription.ts';
import { pathOfItem } from './agent-routes.ts';
import { Channel, type Subscription } from './channel.ts';
import { CONTROL_COUNTERS } from './counters.ts';
import { type ControlHost, startingUntil, TIMER, wholeSecondsAfter } from './host.ts';
import { MASTER_INSTANCE, type RoutingInstance } from './routing-instance.ts';

const END_OF_RIB_LIMIT_US = 300_000_000;
const QUIET_US = 6_000_000;
const FOREGROUND = 0;
const BACKGROUND = 1;

/** Who answers an agent that asks for its configuration (CN-2.11); part of the state. */
export interface ConfigSource {
  /** The agent announced its vRouter, or a machine on it, or took that back. */
  configAsked(agent: string, stanza: ConfigSubscribe): void;
}

export class Channels {
  configSource: ConfigSource | null = null;
  private readonly host: ControlHost;
  private readonly byStream = new Map<StreamId, Channel>();
  private readonly byName = new Map<string, Channel>();
  private readonly byPeer = new Map<PeerId, Channel>();
  /** Channels subscribed to an instance, and those that wait for one, by its name. */
  private readonly subscribers = new Map<string, Set<Channel>>();
  private readonly waiting = new Map<string, Set<Channel>>();

  constructor(host: ControlHost) {
    this.host = host;
  }

  /** In order of connection. */
  all(): readonly Channel[] {
    return [...this.byStream.values()];
  }

  named(agent: string): Channel | undefined {
    return this.byName.get(agent);
  }

  hasSubscribers(instance: RoutingInstance): boolean {
    return (this.subscribers.get(instance.name)?.size ?? 0) > 0;
  }

  // ---- streams

  owns(stream: StreamId): boolean {
    return this.byStream.has(stream);
  }

  accepted(stream: StreamId, remote: number, remotePort: number): void {
    const { port, config, rib } = this.host;
    const session = new XmppServerSession(rib.pool.nlris, config.xmppHoldTimeSeconds);
    const channel = new Channel(stream, remote, remotePort, session);
    this.byStream.set(stream, channel);
    port.setUserTimeout(stream, XMPP_USER_TIMEOUT);
    session.accepted(port.now());
    this.drain(channel);
  }

  closed(stream: StreamId): void {
    const channel = this.byStream.get(stream);
    if (channel === undefined) return;
    channel.session.streamClosed(this.host.port.now());
    this.drain(channel);
    this.byStream.delete(stream);
  }

  received(stream: StreamId, content: unknown): void {
    const channel = this.byStream.get(stream);
    if (channel === undefined) return;
    // an agent's message on a stream of the XMPP port holds a stanza
    channel.session.receiveStanza(this.host.port.now(), content as Stanza);
    this.drain(channel);
  }

  octetsReceived(stream: StreamId, octets: Uint8Array): void {
    const channel = this.byStream.get(stream);
    if (channel === undefined) return;
    const { port } = this.host;
    for (const { stanza, size, digest } of channel.session.receive(port.now(), octets)) {
      if (stanza.kind === 'malformed') continue;
      port.decoded(stream, { kind: messageKind(stanza), items: messageItems(stanza), digest, size });
    }
    this.drain(channel);
  }

  drained(stream: StreamId): void {
    const channel = this.byStream.get(stream);
    if (channel?.isReady) this.startEndOfRib(channel);
  }

  timerFired(stream: StreamId, which: number): void {
    const channel = this.byStream.get(stream);
    if (channel === undefined) return;
    channel.timersAt[which === FOREGROUND ? 0 : 1] = NEVER;
    channel.session.advance(this.host.port.now(), this.host.port.hasUnread(stream));
    this.drain(channel);
  }

  /** Closes every channel: the process ends, or an operator clears them. */
  closeAll(because: string): void {
    for (const channel of this.all()) this.close(channel, because);
  }

  clear(agent: string): boolean {
    const channel = this.byName.get(agent);
    if (channel !== undefined) this.close(channel, 'cleared by the operator');
    return channel !== undefined;
  }

  // ---- sending

  send(peer: PeerId, body: XmppBody): void {
    const channel = this.byPeer.get(peer);
    if (channel === undefined) return;
    const { port } = this.host;
    port.send(channel.stream, messageTo(channel.name, body));
    channel.trafficAt = port.now();
    port.count(CONTROL_COUNTERS.messages, 1, channel.name);
    port.count(
      body.content.kind === 'unreach' ? CONTROL_COUNTERS.retracts : CONTROL_COUNTERS.routes,
      body.items,
      channel.name,
    );
  }

  /** A message of configuration to an agent; false when it has no channel (CN-2.11.2). */
  sendConfig(agent: string, to: string, body: XmppBody & { readonly content: ConfigMessage }): boolean {
    const channel = this.byName.get(agent);
    if (channel === undefined) return false;
    this.host.port.send(channel.stream, messageTo(to, body));
    channel.trafficAt = this.host.port.now();
    return true;
  }

  // ---- the session's words

  private drain(channel: Channel): void {
    const { port } = this.host;
    const { session, stream } = channel;
    for (let output = session.poll(); output !== null; output = session.poll()) {
      switch (output.kind) {
        case 'send':
          port.send(stream, output.stanza.kind === 'open' ? openMessage(output.stanza) : keepaliveMessage());
          break;
        case 'asks':
          this.judge(channel, output.open);
          break;
        case 'state':
          port.note('xmpp.state', `${nameOf(channel)}: ${output.from} to ${output.to}, ${output.because}`);
          if (output.to === 'Established') this.ready(channel);
          else if (output.from === 'Established') this.lost(channel);
          break;
        case 'close':
          this.byStream.delete(stream);
          port.close(stream, 'close');
          break;
        case 'stanza':
          channel.trafficAt = port.now();
          this.heard(channel, output.stanza);
          break;
        case 'dropped':
          port.note('xmpp.dropped', `${nameOf(channel)}: ${output.why}`);
          port.count(CONTROL_COUNTERS.dropped, 1, channel.name);
          break;
      }
    }
    this.arm(channel);
  }

  /** Duplicates (CN-2.3, without graceful restart the old connection stays) and readiness (CN-2.12.3). */
  private judge(channel: Channel, open: StreamOpen): void {
    const { config, port } = this.host;
    const now = port.now();
    const old = this.byName.get(open.from);
    if (old !== undefined) {
      const why = old.remote === channel.remote ? 'the agent is connected already' : 'another host bears this name';
      channel.session.refuse(now, why);
      return;
    }
    channel.name = open.from;
    channel.session.admit(now);
    if (config.routerId === 0 || config.asn === 0) channel.session.stop(now, 'no self configuration');
    else if (config.adminDown) channel.session.stop(now, 'the control node is administratively down');
  }

  private ready(channel: Channel): void {
    const { peers } = this.host.rib;
    channel.peer = peers.add(channel.name, 'xmpp', channel.remote, channel.remotePort);
    peers.setRouterId(channel.peer, channel.remote);
    peers.setReady(channel.peer, true);
    this.byName.set(channel.name, channel);
    this.byPeer.set(channel.peer, channel);
    this.startEndOfRib(channel);
  }

  /** CN-2.12.2: everything the agent put here goes at once, since graceful restart is off. */
  private lost(channel: Channel): void {
    const { rib, exports, port } = this.host;
    for (const name of channel.parked.keys()) this.waiting.get(name)?.delete(channel);
    channel.parked.clear();
    rib.peers.setReady(channel.peer, false);
    for (const [name, { instance, noRibout }] of channel.subscriptions) {
      this.subscribers.get(name)?.delete(channel);
      if (!noRibout) exports.unregisterAgent(channel.peer, instance);
    }
    channel.subscriptions.clear();
    rib.interest.forget(channel.peer);
    rib.removePathsOf(channel.peer);
    this.byName.delete(channel.name);
    this.byPeer.delete(channel.peer);
    port.cancelTimer(TIMER.xmppEndOfRib, channel.stream, 0);
    this.host.changed();
  }

  private close(channel: Channel, because: string): void {
    channel.session.stop(this.host.port.now(), because);
    this.drain(channel);
  }

  private heard(channel: Channel, stanza: Delivered): void {
    switch (stanza.kind) {
      case 'subscribe':
        this.subscription(channel, 'subscribe', stanza.instance, stanza.instanceId, stanza.noRibout);
        return;
      case 'unsubscribe':
        this.subscription(channel, 'unsubscribe', stanza.instance, NONE, false);
        return;
      case 'route':
        this.route(channel, stanza);
        return;
      case 'config-subscribe':
      case 'config-unsubscribe':
        this.configSource?.configAsked(channel.name, stanza);
        return;
      default: // the rest is nobody's business, an agent's End-of-RIB message included (CN-2.10.3)
        return;
    }
  }

  // ---- subscriptions

  private stateOf(instance: RoutingInstance | undefined): InstanceState {
    if (instance === undefined) return 'unknown';
    return instance.deleted ? 'deleted' : 'present';
  }

  private subscription(
    channel: Channel,
    event: SubscriptionEvent,
    name: string,
    instanceId: number,
    noRibout: boolean,
  ): void {
    const instance = this.host.rib.instances.find(name);
    const decided = decideSubscription(event, {
      instance: this.stateOf(instance),
      parked: channel.parked.has(name),
      subscribed: channel.subscriptions.has(name),
      restarting: false,
      stale: false,
    });
    switch (decided.result) {
      case 'park':
        channel.parked.set(name, { instanceId, noRibout, deferred: [] });
        addTo(this.waiting, name, channel);
        break;
      case 'unpark':
        channel.parked.delete(name);
        this.waiting.get(name)?.delete(channel);
        break;
      case 'subscribe':
      case 'resubscribe':
        this.subscribe(channel, instance!, instanceId, noRibout);
        break;
      case 'unsubscribe':
        this.unsubscribe(channel, name);
        break;
      case 'close':
        this.host.port.note('xmpp.subscription', `${channel.name}: ${decided.says}, ${name}`);
        channel.session.stop(this.host.port.now(), decided.says);
        break;
      case 'nothing':
        break;
    }
    this.host.changed();
  }

  private subscribe(channel: Channel, instance: RoutingInstance, instanceId: number, noRibout: boolean): void {
    const { rib, exports, port } = this.host;
    channel.subscriptions.set(instance.name, { instance, instanceId, noRibout });
    addTo(this.subscribers, instance.name, channel);
    rib.interest.want(channel.peer, instance.importTargets, port.now());
    if (!noRibout) exports.registerAgent(channel.peer, instance);
    this.startEndOfRib(channel);
  }

  /** No retracts are sent for it (CN-2.6.5). */
  private unsubscribe(channel: Channel, name: string): void {
    const { rib, exports } = this.host;
    const { instance, noRibout } = channel.subscriptions.get(name)!;
    channel.subscriptions.delete(name);
    this.subscribers.get(name)?.delete(channel);
    rib.interest.unwant(channel.peer, instance.importTargets);
    if (!noRibout) exports.unregisterAgent(channel.peer, instance);
    rib.removePathsIn(instance.table, channel.peer);
  }

  /** The instance is there: what waited for it is done, then the routes that came meanwhile (CN-2.6/13, CN-2.6.6). */
  instanceCreated(name: string): void {
    const waiting = [...(this.waiting.get(name) ?? [])];
    this.waiting.delete(name);
    for (const channel of waiting) {
      const parked = channel.parked.get(name)!;
      channel.parked.delete(name);
      this.subscription(channel, 'subscribe', name, parked.instanceId, parked.noRibout);
      for (const request of parked.deferred) {
        if (channel.isReady) this.route(channel, request);
      }
      this.drain(channel);
    }
  }

  /** Interest follows the import list, per channel (CN-4.6/2). */
  importsChanged(instance: RoutingInstance, added: readonly Octets8Id[], removed: readonly Octets8Id[]): void {
    const { interest } = this.host.rib;
    for (const channel of this.subscribers.get(instance.name) ?? []) {
      interest.want(channel.peer, added, this.host.port.now());
      interest.unwant(channel.peer, removed);
    }
  }

  // ---- routes

  private route(channel: Channel, request: RouteRequest): void {
    const { port, rib } = this.host;
    const { instance: name, add, afi, safi } = request;
    if (request.itemCount === 0) return; // End-of-RIB, which ends nothing without graceful restart
    const instance = rib.instances.find(name);
    const parked = channel.parked.get(name);
    const subscribed = channel.subscriptions.get(name);
    const membership = membershipOf({
      instance: this.stateOf(instance),
      parked: parked !== undefined,
      pending: 'none',
      subscribed: subscribed !== undefined,
      instanceId: (parked ?? subscribed)?.instanceId ?? 0,
    });
    const item = request.items[0];
    // other families than inet are not kept; unknown pairs are ignored (CN-2.4.6)
    if (item === undefined) return;
    const verdict = checkUnicastItem(item, { add, afi, safi, membership, master: name === MASTER_INSTANCE });
    if (verdict.verdict !== 'accept') {
      port.note('xmpp.item', `${channel.name}: ${verdict.says}, ${name}`);
      port.count(CONTROL_COUNTERS.refused, 1, channel.name);
      if (verdict.verdict === 'close') channel.session.stop(port.now(), verdict.says);
      return;
    }
    if (parked !== undefined) {
      parked.deferred.push(request);
      return;
    }
    port.count(add ? CONTROL_COUNTERS.publishes : CONTROL_COUNTERS.withdrawals, 1, channel.name);
    if (instance === undefined || item === null) return;
    if (!add) rib.store.deletePath(instance.table, item.nlri, channel.peer);
    else if (subscribed !== undefined) this.publish(channel, subscribed, request);
    this.host.changed();
  }

  private publish(channel: Channel, subscription: Subscription, request: RouteRequest): void {
    const { rib, config, port } = this.host;
    const { instance, instanceId } = subscription;
    const item = request.items[0]!;
    const { asn, rdClusterSeed } = config;
    const master = instance === rib.instances.master;
    const place = { asn, rdClusterSeed, master, instanceId, primaryInstanceId: request.primaryInstanceId };
    const path = pathOfItem(rib.pool, item, channel.peer, place);
    rib.store.putPath(instance.table, item.nlri, path, port.now());
  }

  // ---- End-of-RIB

  /** CN-2.10.2: (re)started when the channel is ready, its socket has room, its tables are registered. */
  private startEndOfRib(channel: Channel): void {
    if (channel.endOfRibSent) return;
    const { port } = this.host;
    channel.endOfRibFrom = port.now();
    port.setTimer(TIMER.xmppEndOfRib, channel.stream, 0, virtualUs(wholeSecondsAfter(port.now(), 0)), false);
  }

  endOfRibDue(stream: StreamId): void {
    const channel = this.byStream.get(stream);
    if (channel === undefined || !channel.isReady || channel.endOfRibSent) return;
    const { port } = this.host;
    const now = port.now();
    const limit = channel.endOfRibFrom + END_OF_RIB_LIMIT_US;
    const quietAt = Math.max(startingUntil(this.host), channel.trafficAt + QUIET_US);
    if (now >= limit || now >= quietAt) {
      channel.endOfRibSent = true;
      port.send(stream, messageTo(channel.name, endOfRibMessage()));
      port.count(CONTROL_COUNTERS.endOfRib, 1, channel.name);
      return;
    }
    const next = wholeSecondsAfter(channel.endOfRibFrom, Math.min(limit, quietAt));
    port.setTimer(TIMER.xmppEndOfRib, stream, 0, virtualUs(next), false);
  }

  // ---- timers

  /** Hold time and keepalives of a ready channel are background; a timer that is due too early is left as it is. */
  private arm(channel: Channel): void {
    const { session } = channel;
    const at = session.nextDeadline() ?? NEVER;
    const which = channel.isReady ? BACKGROUND : FOREGROUND;
    this.setTimer(channel, 1 - which, NEVER);
    this.setTimer(channel, which, at);
  }

  private setTimer(channel: Channel, which: number, at: VirtualUs): void {
    const slot = which === FOREGROUND ? 0 : 1;
    const before = channel.timersAt[slot];
    if (at === before || (at !== NEVER && before !== NEVER && before < at)) return;
    channel.timersAt[slot] = at;
    const { port } = this.host;
    if (at === NEVER) port.cancelTimer(TIMER.xmpp, channel.stream, which);
    else port.setTimer(TIMER.xmpp, channel.stream, which, at, which === BACKGROUND);
  }
}

function nameOf(channel: Channel): string {
  return channel.name === '' ? 'an agent' : channel.name;
}

function addTo(map: Map<string, Set<Channel>>, name: string, channel: Channel): void {
  const set = map.get(name);
  if (set === undefined) map.set(name, new Set([channel]));
  else set.add(channel);
}
