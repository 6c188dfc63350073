/** A control node that is told what to say: a real kernel and real XMPP sessions, but no RIB of its own. */
import { byText } from '../../src/base/order.ts';
import type { NlriId } from '../../src/route/nlri.ts';
import type { RoutePool } from '../../src/route/pool.ts';
import type { NodePort, SimNode, StreamId, StreamMessage } from '../../src/sim/node.ts';
import { encodeItem, itemNextHop, type UnicastItem, unicastItem } from '../../src/xmpp/items.ts';
import {
  configMessage,
  endOfRibMessage,
  keepaliveMessage,
  messageTo,
  openMessage,
  reachMessage,
  unreachMessage,
} from '../../src/xmpp/message.ts';
import { type Delivered, XmppServerSession } from '../../src/xmpp/session.ts';
import type { Stanza } from '../../src/xmpp/stanza.ts';
import { address, prefix } from '../support/values.ts';

export interface Told {
  readonly agent: string;
  readonly text: string;
}

export interface Attached {
  readonly stream: StreamId;
  readonly session: XmppServerSession;
  jid: string;
  readonly instances: Set<string>;
}

export interface Offered {
  readonly instance: string;
  readonly item: UnicastItem;
}

export interface OfferedRoute {
  readonly to: readonly {
    readonly at: string;
    readonly label: number;
    readonly network: string;
    readonly encapsulations?: readonly string[];
  }[];
  readonly localPreference?: number;
  readonly sequence?: number;
  readonly securityGroups?: readonly number[];
}

/** Accepts agents, remembers what they say, and says what the test wants; with `reflect` it also passes routes on. */
export class TestControlNode implements SimNode {
  readonly name: string;
  readonly addresses: readonly number[];
  readonly told: Told[] = [];
  /** Ids of the stanzas that publish, in order. */
  readonly ids: string[] = [];
  reflect = false;
  /** Instances that import the routes of others. */
  readonly imports = new Map<string, string[]>();
  private readonly pool: RoutePool;
  private readonly port: NodePort;
  private attached: Attached[] = [];
  private offered = new Map<string, Offered>();
  private readonly published = new Map<string, { readonly instance: string; readonly item: UnicastItem }>();

  constructor(pool: RoutePool, port: NodePort, name: string, at: string) {
    this.pool = pool;
    this.port = port;
    this.name = name;
    this.addresses = [address(at)];
  }

  offer(instance: string, route: string, offer: OfferedRoute): void {
    const { address: at, length } = prefix(route);
    const item = unicastItem({
      nlri: this.pool.nlris.inet(at, length),
      nextHops: offer.to.map((hop) =>
        itemNextHop({
          address: address(hop.at),
          label: hop.label,
          encapsulations: hop.encapsulations ?? ['gre', 'udp'],
          virtualNetwork: hop.network,
        }),
      ),
      virtualNetwork: offer.to[0]?.network ?? '',
      localPreference: offer.localPreference ?? 100,
      sequence: offer.sequence ?? 0,
      securityGroups: offer.securityGroups ?? [],
    });
    this.offered.set(`${instance} ${item.nlri}`, { instance, item });
    this.tell(instance, item);
  }

  withdraw(instance: string, route: string): void {
    const { address: at, length } = prefix(route);
    const nlri = this.pool.nlris.inet(at, length);
    this.offered.delete(`${instance} ${nlri}`);
    this.untell(instance, nlri);
  }

  /** After a crash it knows nothing of before, but says what the test told it to say. */
  started(): void {
    this.attached = [];
    this.published.clear();
  }

  stopped(): void {
    for (const { session } of [...this.attached]) {
      session.stop(this.port.now());
      this.drain();
    }
  }

  streamAccepted(stream: StreamId): void {
    const session = new XmppServerSession(this.pool.nlris);
    this.attached.push({ stream, session, jid: '', instances: new Set() });
    session.accepted(this.port.now());
    this.drain();
  }

  streamConnected(): void {}

  streamClosed(stream: StreamId): void {
    for (const end of this.attached) if (end.stream === stream) end.session.streamClosed(this.port.now());
    this.drain();
  }

  messageReceived(stream: StreamId, message: StreamMessage): void {
    const end = this.attached.find((candidate) => candidate.stream === stream);
    const stanza = message.content as Stanza; // an agent's message holds one
    if (stanza.kind === 'publish' || stanza.kind === 'collection') this.ids.push(stanza.id);
    end?.session.receiveStanza(this.port.now(), stanza);
    this.drain();
  }

  octetsReceived(stream: StreamId, octets: Uint8Array): void {
    this.attached.find((candidate) => candidate.stream === stream)?.session.receive(this.port.now(), octets);
    this.drain();
  }

  streamDrained(): void {}

  timerFired(): void {
    for (const { session } of this.attached) session.advance(this.port.now());
    this.drain();
  }

  private drain(): void {
    for (const end of [...this.attached]) {
      for (let output = end.session.poll(); output !== null; output = end.session.poll()) {
        if (output.kind === 'asks') {
          end.jid = output.open.from;
          end.session.admit(this.port.now());
        } else if (output.kind === 'send') {
          this.port.send(end.stream, output.stanza.kind === 'open' ? openMessage(output.stanza) : keepaliveMessage());
        } else if (output.kind === 'stanza') this.heard(end, output.stanza);
        else if (output.kind === 'close') this.port.close(end.stream, 'close');
      }
      if (end.session.state === 'Idle') {
        this.gone(end);
        continue;
      }
      const at = end.session.nextDeadline();
      if (at !== null) this.port.setTimer(1, end.stream, 0, at, true);
    }
  }

  private heard(end: Attached, said: Delivered): void {
    const told = (text: string) => this.told.push({ agent: end.jid, text });
    switch (said.kind) {
      case 'subscribe':
        told(`subscribe ${said.instance} ${said.instanceId}${said.noRibout ? ' no-ribout' : ''}`);
        end.instances.add(said.instance);
        for (const route of this.offered.values())
          if (route.instance === said.instance) this.send(end, route.instance, route.item);
        if (this.reflect) for (const nlri of this.prefixesOf(said.instance)) this.sendMerged(end, said.instance, nlri);
        return;
      case 'unsubscribe':
        told(`unsubscribe ${said.instance}`);
        end.instances.delete(said.instance);
        this.forget(end, said.instance);
        return;
      case 'config-subscribe':
      case 'config-unsubscribe':
        told(`${said.kind} ${said.object} ${said.name}`);
        if (said.object === 'virtual-router') {
          this.port.send(end.stream, messageTo(said.name, configMessage({ kind: 'config', runs: [] })));
        }
        return;
      case 'end-of-rib':
        told('end-of-rib');
        return;
      case 'route': {
        const item = said.items[0];
        if (item === null || item === undefined) return;
        const hop = item.nextHops[0]!;
        const what = `${said.instance} ${this.pool.nlris.format(item.nlri)}`;
        told(
          said.add
            ? `publish ${what} label ${hop.label} pref ${item.localPreference} seq ${item.sequence}`
            : `retract ${what}`,
        );
        const key = `${said.instance} ${item.nlri} ${end.jid}`;
        if (said.add) this.published.set(key, { instance: said.instance, item });
        else this.published.delete(key);
        if (this.reflect) this.spread(said.instance, item.nlri);
        return;
      }
      default:
        told(said.kind);
    }
  }

  private gone(end: Attached): void {
    this.attached = this.attached.filter((other) => other !== end);
    this.port.cancelTimer(1, end.stream, 0);
    for (const instance of end.instances) this.forget(end, instance);
  }

  endOfRib(): void {
    for (const end of this.attached) this.port.send(end.stream, messageTo(end.jid, endOfRibMessage()));
  }

  private forget(end: Attached, instance: string): void {
    for (const key of [...this.published.keys()].sort(byText)) {
      const route = this.published.get(key)!;
      if (route.instance !== instance || !key.endsWith(` ${end.jid}`)) continue;
      this.published.delete(key);
      if (this.reflect) this.spread(instance, route.item.nlri);
    }
  }

  private spread(origin: string, nlri: NlriId): void {
    const targets = [origin, ...[...this.imports].filter(([, from]) => from.includes(origin)).map(([name]) => name)];
    for (const end of this.attached) {
      for (const instance of targets) if (end.instances.has(instance)) this.sendMerged(end, instance, nlri);
    }
  }

  private prefixesOf(instance: string): NlriId[] {
    const sources = [instance, ...(this.imports.get(instance) ?? [])];
    const found = [...this.published.values()].filter((route) => sources.includes(route.instance));
    return [...new Set(found.map((route) => route.item.nlri))];
  }

  /** All equally good paths of the prefix as one item, as a control node's ECMP. */
  private sendMerged(end: Attached, instance: string, nlri: NlriId): void {
    const sources = [instance, ...(this.imports.get(instance) ?? [])];
    const routes = [...this.published.entries()]
      .filter(([, route]) => route.item.nlri === nlri && sources.includes(route.instance))
      .sort(([a], [b]) => byText(a, b))
      .map(([, route]) => route.item);
    if (routes.length === 0) {
      this.port.send(end.stream, messageTo(end.jid, unreachMessage(instance, [nlri], this.pool.nlris)));
      return;
    }
    const best = Math.max(...routes.map((item) => item.localPreference * 1000 + item.sequence));
    const equal = routes.filter((item) => item.localPreference * 1000 + item.sequence === best);
    this.send(
      end,
      instance,
      unicastItem({ ...equal[0]!, subProtocol: '', nextHops: equal.flatMap((item) => item.nextHops) }),
    );
  }

  private tell(instance: string, item: UnicastItem): void {
    for (const end of this.attached) if (end.instances.has(instance)) this.send(end, instance, item);
  }

  private untell(instance: string, nlri: NlriId): void {
    for (const end of this.attached) {
      if (end.instances.has(instance))
        this.port.send(end.stream, messageTo(end.jid, unreachMessage(instance, [nlri], this.pool.nlris)));
    }
  }

  private send(end: Attached, instance: string, item: UnicastItem): void {
    const encoded = encodeItem(item, 'control-node', this.pool.nlris);
    this.port.send(end.stream, messageTo(end.jid, reachMessage(instance, [encoded])));
  }
}
