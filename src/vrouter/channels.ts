/** The two slots of an agent (VR-2.1): which control nodes hold them, who delivers configuration, who comes next. */
import type { Ipv4 } from '../net/ipv4.ts';
import { NO_ADDRESS } from '../net/ipv4.ts';
import type { NlriTable } from '../route/nlri.ts';
import type { NodePort, StreamId } from '../sim/node.ts';
import type { AgentConfig } from './agent-config.ts';
import { Channel, type ChannelOwner, type Slot } from './channel.ts';

/** A control node's channel as a person and the world's quiescence see it. */
export interface AgentSession {
  readonly slot: Slot;
  readonly remote: Ipv4;
  readonly state: string;
  readonly attempts: number;
  readonly configMaster: boolean;
  /** How often it became ready. */
  readonly sequence: number;
  readonly stream: StreamId | null;
}

export class Channels {
  configMaster: Slot | -1 = -1;
  private readonly slots: [Channel | null, Channel | null] = [null, null];
  /** Configured servers, the lost ones behind (VR-2.1/5). */
  private servers: Ipv4[] = [];
  /** Time-outs since a channel was last ready: when every server had one, retries are background. */
  private timeouts = 0;

  /** Shuffles the configured servers and opens channels to the first two (VR-2.1/1). */
  open(owner: ChannelOwner, port: NodePort, nlris: NlriTable, config: AgentConfig): void {
    const servers = [...config.controlNodes];
    const random = port.random('control-nodes');
    for (let i = servers.length - 1; i > 0; i--) {
      const j = random.integer(0, i);
      [servers[i], servers[j]] = [servers[j]!, servers[i]!];
    }
    this.servers = servers;
    for (const slot of [0, 1] as const) {
      const server = servers[slot];
      if (server !== undefined) this.start(new Channel(owner, port, nlris, config, slot, server, false));
    }
  }

  /** A server timed out: the slot turns to the next one, if there are more than two (VR-2.1/5). True when it does. */
  replace(lost: Channel, owner: ChannelOwner, port: NodePort, nlris: NlriTable, config: AgentConfig): boolean {
    this.timeouts++;
    if (this.servers.length <= 2 || this.slots[lost.slot] !== lost) return false;
    const kept = this.other(lost)?.server;
    this.servers = [...this.servers.filter((server) => server !== lost.server), lost.server];
    const next = this.servers.find((server) => server !== kept && server !== lost.server);
    if (next === undefined) return false;
    lost.shut();
    const hopeless = this.timeouts >= this.servers.length;
    this.start(new Channel(owner, port, nlris, config, lost.slot, next, hopeless));
    return true;
  }

  becameReady(): void {
    this.timeouts = 0;
  }

  at(slot: number): Channel | null {
    return (slot === 0 ? this.slots[0] : slot === 1 ? this.slots[1] : null) ?? null;
  }

  other(channel: Channel): Channel | null {
    return this.at(1 - channel.slot);
  }

  all(): Channel[] {
    return this.slots.filter((channel) => channel !== null);
  }

  ready(): Channel[] {
    return this.all().filter((channel) => channel.ready);
  }

  ofStream(stream: StreamId): Channel | null {
    const [first, second] = this.slots;
    if (first?.stream === stream) return first;
    return second?.stream === stream ? second : null;
  }

  /** The control nodes of the two slots; 0.0.0.0 for an empty one. */
  get servingAddresses(): readonly [Ipv4, Ipv4] {
    return [this.slots[0]?.server ?? NO_ADDRESS, this.slots[1]?.server ?? NO_ADDRESS];
  }

  /** The slot whose control node has the lower address: its path wins a tie (VR-2.6.p5). */
  get lowerSlot(): Slot {
    const [first, second] = this.slots;
    return first !== null && second !== null && second.server < first.server ? 1 : 0;
  }

  sessions(): AgentSession[] {
    return this.all().map((channel) => ({
      slot: channel.slot,
      remote: channel.server,
      state: channel.session.state,
      attempts: channel.session.attempts,
      configMaster: this.configMaster === channel.slot,
      sequence: channel.sequence,
      stream: channel.stream < 0 ? null : channel.stream,
    }));
  }

  private start(channel: Channel): void {
    this.slots[channel.slot] = channel;
    channel.start();
  }
}
