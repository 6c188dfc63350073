/**
 * What an agent says on its channels: subscriptions, routes in pairs of stanzas, interest in configuration, and which
 * item each route was last told with, so that nothing is told twice (VR-2.2 to VR-2.4).
 */
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
  private readonly told = new Map<Vrf, Map<NlriId, EncodedItem>>();
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
    const told = this.told.get(vrf) ?? new Map<NlriId, EncodedItem>();
    this.told.set(vrf, told);
    const before = told.get(nlri);
    const path = exportablePath(vrf, nlri);
    if (path === null) {
      if (before === undefined) return null;
      told.delete(nlri);
      return { encoded: before, associate: false };
    }
    const encoded = encodeItem(itemOfPath(path, nlri, this.config.address), 'agent', this.pool.nlris);
    if (before !== undefined && before.text === encoded.text) return null;
    told.set(nlri, encoded);
    return { encoded, associate: true };
  }

  /** All that is exported of a VRF, in the order of the prefixes. */
  exported(vrf: Vrf): EncodedItem[] {
    const items = [...(this.told.get(vrf)?.values() ?? [])];
    return items.sort((a, b) => this.pool.nlris.compare(a.item.nlri, b.item.nlri));
  }

  forget(vrf: Vrf): void {
    this.told.delete(vrf);
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
