/** An agent that says exactly what a test tells it to and remembers what it was told. */
import { NEVER } from '../../src/base/time.ts';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import type { RoutePool } from '../../src/route/pool.ts';
import type { NodePort, SimNode, StreamId, StreamMessage } from '../../src/sim/node.ts';
import { encodeItem, itemNextHop, type UnicastItem, unicastItem } from '../../src/xmpp/items.ts';
import { agentMessage, keepaliveMessage, openMessage, routeMessages } from '../../src/xmpp/message.ts';
import { XmppClientSession } from '../../src/xmpp/session.ts';
import { type AgentStanza, type Stanza, XMPP_PORT } from '../../src/xmpp/stanza.ts';
import { address } from '../support/values.ts';
import { inetNlri } from './nlris.ts';

export interface ItemFields {
  readonly nextHop: string;
  readonly label?: number;
  readonly encapsulations?: readonly string[];
  readonly item?: Partial<UnicastItem>;
}

export const SESSION_TIMER = 0;

/** An agent that subscribes, publishes and retracts what it is told to. */
export class ScriptedAgent implements SimNode {
  readonly name: string;
  readonly addresses: readonly number[];
  /** Routes it holds: instance and prefix to the last item. */
  readonly routes = new Map<string, UnicastItem>();
  readonly messages: Stanza[] = [];
  endOfRibs = 0;
  closes = 0;
  private readonly pool: RoutePool;
  private readonly server: number;
  private port!: NodePort;
  private session!: XmppClientSession;
  private stream: StreamId = -1;
  private number = 0;

  constructor(pool: RoutePool, name: string, at: string, server: number) {
    this.pool = pool;
    this.name = name;
    this.addresses = [address(at)];
    this.server = server;
  }

  attach(port: NodePort): void {
    this.port = port;
    this.session = new XmppClientSession(this.pool.nlris, this.name, port.random('connect'));
  }

  get isUp(): boolean {
    return this.session.state === 'Established';
  }

  held(instanceName: string): readonly string[] {
    const prefix = `${instanceName} `;
    return [...this.routes.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length))
      .sort();
  }

  item(instanceName: string, prefix: string): UnicastItem | undefined {
    return this.routes.get(`${instanceName} ${prefix}`);
  }

  nextHops(instanceName: string, prefix: string): readonly string[] {
    return (this.item(instanceName, prefix)?.nextHops ?? []).map((hop) => formatIpv4(hop.address));
  }

  subscribe(instanceName: string, instanceId: number, noRibout = false): void {
    this.say({ kind: 'subscribe', id: `subscribe${this.number++}`, instance: instanceName, instanceId, noRibout });
  }

  unsubscribe(instanceName: string): void {
    this.say({ kind: 'unsubscribe', id: `unsubscribe${this.number++}`, instance: instanceName, instanceId: -1 });
  }

  /** Drops what it holds of an instance, as an agent does that takes its subscription back. */
  forget(instanceName: string): void {
    for (const prefix of this.held(instanceName)) this.routes.delete(`${instanceName} ${prefix}`);
  }

  publish(instanceName: string, prefix: string, fields: ItemFields): void {
    this.route(instanceName, prefix, fields, true);
  }

  retract(instanceName: string, prefix: string, nextHop: string): void {
    this.route(instanceName, prefix, { nextHop }, false);
  }

  say(stanza: AgentStanza): void {
    this.port.send(this.stream, agentMessage(stanza, this.name, this.pool.nlris));
  }

  shut(): void {
    this.session.adminDown(this.port.now());
    this.drain();
  }

  private route(instanceName: string, prefix: string, fields: ItemFields, associate: boolean): void {
    const { nextHop, label = 17, encapsulations = ['gre', 'udp'], item = {} } = fields;
    const nlri = inetNlri(this.pool, prefix);
    const hop = itemNextHop({ address: address(nextHop), label, encapsulations });
    const made = unicastItem({ nlri, nextHops: [hop], subProtocol: 'interface', localPreference: 100, ...item });
    const encoded = encodeItem(made, 'agent', this.pool.nlris);
    for (const message of routeMessages(this.name, instanceName, encoded, associate, this.number++, this.pool.nlris)) {
      this.port.send(this.stream, message);
    }
  }

  started(): void {
    this.session.start(this.port.now());
    this.drain();
  }

  stopped(): void {
    this.shut();
  }

  streamAccepted(stream: StreamId): void {
    this.port.close(stream, 'reset');
  }

  streamConnected(): void {
    this.session.connected(this.port.now());
    this.drain();
  }

  streamClosed(): void {
    this.stream = -1;
    if (this.session.state === 'Connect') this.session.connectFailed(this.port.now());
    else this.session.streamClosed(this.port.now());
    this.drain();
  }

  messageReceived(_stream: StreamId, message: StreamMessage): void {
    this.session.receiveStanza(this.port.now(), message.content as Stanza); // the control node sends stanzas
    this.drain();
  }

  octetsReceived(_stream: StreamId, octets: Uint8Array): void {
    this.session.receive(this.port.now(), octets);
    this.drain();
  }

  streamDrained(): void {}

  timerFired(): void {
    this.session.advance(this.port.now());
    this.drain();
  }

  private drain(): void {
    for (let output = this.session.poll(); output !== null; output = this.session.poll()) {
      switch (output.kind) {
        case 'send':
          this.port.send(this.stream, output.stanza.kind === 'open' ? openMessage(output.stanza) : keepaliveMessage());
          break;
        case 'connect':
          this.stream = this.port.connect({
            localAddress: this.addresses[0]!,
            remoteAddress: this.server,
            remotePort: XMPP_PORT,
            connectTimeout: output.timeout,
            userTimeout: NEVER,
          });
          break;
        case 'close':
          this.port.close(this.stream, 'close');
          break;
        case 'state':
          if (output.from === 'Established') {
            this.closes++;
            this.routes.clear();
          }
          break;
        case 'stanza':
          if (output.stanza.kind !== 'route') this.told(output.stanza);
          break;
      }
    }
    const at = this.session.nextDeadline();
    if (at !== null) this.port.setTimer(SESSION_TIMER, 0, 0, at, this.session.state === 'Established');
  }

  private told(stanza: Stanza): void {
    this.messages.push(stanza);
    if (stanza.kind === 'end-of-rib') this.endOfRibs++;
    else if (stanza.kind === 'reach') {
      for (const item of stanza.items) {
        if (item !== null) this.routes.set(`${stanza.table.instance} ${this.pool.nlris.format(item.nlri)}`, item);
      }
    } else if (stanza.kind === 'unreach') {
      for (const nlri of stanza.nlris) this.routes.delete(`${stanza.table.instance} ${this.pool.nlris.format(nlri)}`);
    }
  }
}
