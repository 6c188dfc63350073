/**
 * What an agent says on its channels: subscriptions, routes in pairs of stanzas, interest in configuration, and which
 * item each route was last told with, so that nothing is told twice (VR-2.2 to VR-2.4).
 */
import { TupleIds } from '../base/interner.ts';
import type { NlriId } from '../route/nlri.ts';
import type { RoutePool } from '../route/pool.ts';
import type { NodePort } from '../sim/node.ts';
import { type EncodedItem, encodeItem } from '../xmpp/items.ts';
import { agentEndOfRib, agentMessage, routeMessages } from '../xmpp/message.ts';
import type { AgentStanza } from '../xmpp/stanza.ts';
import type { AgentConfig } from './agent-config.ts';
import type { Channel } from './channel.ts';
import { AGENT_COUNTERS } from './counters.ts';
import { itemOfPath } from './export.ts';
import type { Vrf } from './tables.ts';

export class Publisher {
  private readonly pool: RoutePool;
  private readonly config: AgentConfig;
  private readonly told = new ToldItems();
  /** One number for the two stanzas of a change, over both channels (VR-2.4.p2). */
  private routeNumber = 0;
  private subscribeNumber = 0;

  constructor(pool: RoutePool, config: AgentConfig) {
    this.pool = pool;
    this.config = config;
  }

  subscribe(channel: Channel, instance: string, instanceId: number, noRibout: boolean): void {
    const id = `subscribe${this.subscribeNumber++}`;
    this.say(channel, { kind: 'subscribe', id, instance, instanceId, noRibout });
  }

  unsubscribe(channel: Channel, instance: string, instanceId: number): void {
    this.say(channel, { kind: 'unsubscribe', id: `unsubscribe${this.subscribeNumber++}`, instance, instanceId });
  }

  /** Interest in this vRouter's configuration, and in a workload's (VR-2.1/B1). */
  askForConfiguration(channel: Channel): void {
    const name = `default-global-system-config:${this.config.name}`;
    this.say(channel, { kind: 'config-subscribe', object: 'virtual-router', name });
  }

  machine(channel: Channel, kind: 'config-subscribe' | 'config-unsubscribe', name: string): void {
    this.say(channel, { kind, object: 'virtual-machine', name });
  }

  endOfRib(channel: Channel): void {
    channel.send(agentEndOfRib(this.config.name));
  }

  route(channel: Channel, port: NodePort, instance: string, encoded: EncodedItem, associate: boolean): void {
    const number = this.routeNumber++;
    const { nlris } = this.pool;
    const [publish, collection] = routeMessages(this.config.name, instance, encoded, associate, number, nlris);
    channel.send(publish);
    channel.send(collection);
    port.count(associate ? AGENT_COUNTERS.publishes : AGENT_COUNTERS.retracts);
  }

  /** Takes down what the prefix is exported with now. What changed, and whether it is there; null: nothing did. */
  update(vrf: Vrf, nlri: NlriId): { readonly encoded: EncodedItem; readonly associate: boolean } | null {
    const before = this.told.get(vrf, nlri);
    const path = exportablePath(vrf, nlri);
    if (path === null) {
      if (before === null) return null;
      this.told.set(vrf, nlri, null);
      return { encoded: before, associate: false };
    }
    const encoded = encodeItem(itemOfPath(path, nlri, this.config.address), 'agent', this.pool.nlris);
    if (before !== null && before.text === encoded.text) return null;
    this.told.set(vrf, nlri, encoded);
    return { encoded, associate: true };
  }

  /** All that is exported of a VRF, in the order of the prefixes. */
  exported(vrf: Vrf): EncodedItem[] {
    return this.told.of(vrf).sort((a, b) => this.pool.nlris.compare(a.item.nlri, b.item.nlri));
  }

  forget(vrf: Vrf): void {
    this.told.forget(vrf);
  }

  private say(channel: Channel, stanza: AgentStanza): void {
    channel.send(agentMessage(stanza, this.config.name, this.pool.nlris));
  }
}

/** The first path of a workload or a group of them, active or not (VR-1.8.p4). */
function exportablePath(vrf: Vrf, nlri: NlriId) {
  const row = vrf.table.row(nlri);
  if (row < 0) return null;
  return vrf.table.localPathsAt(row).find((path) => path.source !== 'local') ?? null;
}

/** The item that stands for a prefix of a VRF: most VRFs of a host have one or two, so one list is kept for all. */
class ToldItems {
  private readonly places = new TupleIds(8);
  private readonly items: (EncodedItem | null)[] = [];

  get(vrf: Vrf, nlri: NlriId): EncodedItem | null {
    const place = this.places.find(vrf.id, nlri);
    return place < 0 ? null : this.items[place]!;
  }

  set(vrf: Vrf, nlri: NlriId, item: EncodedItem | null): void {
    this.items[this.places.intern(vrf.id, nlri)] = item;
  }

  of(vrf: Vrf): EncodedItem[] {
    return this.items.filter((item, place): item is EncodedItem => item !== null && this.places.a(place) === vrf.id);
  }

  forget(vrf: Vrf): void {
    for (let place = 0; place < this.items.length; place++) {
      if (this.places.a(place) === vrf.id) this.items[place] = null;
    }
  }
}
