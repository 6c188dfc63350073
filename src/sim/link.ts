/**
 * What lies between two nodes in one direction: latency, bandwidth, and on request jitter and loss. Order is kept.
 *
 * Serialisation takes octets * 8 / bandwidth; what is below a microsecond is carried to the next octets while the
 * link stays busy, so that a thousand small messages take as long as their sum. TCP hides loss: a lost segment comes
 * late, by the time after which it is sent again, and holds back what follows it.
 */
import { invariant } from '../base/invariant.ts';
import { milliseconds, type VirtualUs, virtualUs } from '../base/time.ts';
import type { NodeId, RandomStream } from './node.ts';

export interface LinkParameters {
  readonly latency: VirtualUs;
  /** 0 for no limit. */
  readonly bitsPerSecond: number;
  /** Each message is late by a random time from 0 up to this. */
  readonly jitter: VirtualUs;
  /** Segments lost out of a million. */
  readonly lossPpm: number;
}

export const IDEAL_LINK: LinkParameters = {
  latency: virtualUs(0),
  bitsPerSecond: 0,
  jitter: virtualUs(0),
  lossPpm: 0,
};

/** Reads `0.1%` as segments lost out of a million; null when the text is no share below 100 %. */
export function parseLoss(text: string): number | null {
  const match = /^(\d{1,2}(?:\.\d{1,4})?)\s*%$/.exec(text);
  return match === null ? null : Math.round(Number(match[1]) * 10_000);
}

/** Payload of a TCP segment on an Ethernet of 1500 octets, with timestamps. */
export const SEGMENT_OCTETS = 1448;

/** Linux' least time before a segment is sent again (TCP_RTO_MIN), to which the round trip is added. */
const RETRANSMIT_MIN = milliseconds(200);
/** Linux' longest (TCP_RTO_MAX). */
const RETRANSMIT_MAX = milliseconds(120_000);

/** One direction between two nodes. */
export class Link {
  parameters: LinkParameters;
  private freeAt = 0;
  /** Bit-microseconds of the octets sent last that are below a whole microsecond. */
  private remainder = 0;

  constructor(parameters: LinkParameters) {
    this.parameters = parameters;
  }

  /** Whether chance has a part in what is sent over it. */
  get isRandom(): boolean {
    return this.parameters.jitter > 0 || this.parameters.lossPpm > 0;
  }

  /** When `octets` given to the link now have all arrived. */
  transmit(now: VirtualUs, octets: number, chance: RandomStream | null): VirtualUs {
    const { latency, bitsPerSecond, jitter, lossPpm } = this.parameters;
    let sentAt: number = now;
    if (bitsPerSecond > 0) {
      if (this.freeAt < now) {
        this.freeAt = now;
        this.remainder = 0;
      }
      const work = octets * 8_000_000 + this.remainder;
      const whole = Math.floor(work / bitsPerSecond);
      this.remainder = work - whole * bitsPerSecond;
      this.freeAt += whole;
      sentAt = this.freeAt;
    }
    let arrival = sentAt + latency;
    if (chance !== null && jitter > 0) arrival += chance.integer(0, jitter);
    if (chance !== null && lossPpm > 0) arrival += this.lossDelay(octets, chance);
    return virtualUs(arrival);
  }

  /** How long an unanswered segment waits before it is sent for the second time; each further wait is twice as long. */
  get firstRetransmission(): VirtualUs {
    return virtualUs(RETRANSMIT_MIN + 2 * this.parameters.latency);
  }

  /** The first moment from `now` on at which octets unanswered since `since` are sent again. */
  nextRetransmission(since: VirtualUs, now: VirtualUs): VirtualUs {
    let wait: number = this.firstRetransmission;
    let at = since + wait;
    while (at < now) {
      wait = Math.min(wait * 2, RETRANSMIT_MAX);
      at += wait;
    }
    return virtualUs(at);
  }

  private lossDelay(octets: number, chance: RandomStream): number {
    let delay = 0;
    for (let left = octets; left > 0; left -= SEGMENT_OCTETS) {
      let wait: number = this.firstRetransmission;
      while (wait < RETRANSMIT_MAX && chance.integer(1, 1_000_000) <= this.parameters.lossPpm) {
        delay += wait;
        wait *= 2;
      }
    }
    return delay;
  }
}

const PAIR = 0x0010_0000; // nodes and groups are numbered below this

/** The links of a world, with the parameters of the pair, else of the two groups, else of everything. */
export class Links {
  private fallback: LinkParameters = IDEAL_LINK;
  private readonly betweenGroups = new Map<number, LinkParameters>();
  private readonly betweenNodes = new Map<number, LinkParameters>();
  private readonly groups: number[] = [];
  private readonly links = new Map<number, Link>();

  /** Nodes are told in the order of their ids; a group is a cluster, or any other set with a number. */
  addNode(node: NodeId, group: number): void {
    invariant(node === this.groups.length && node < PAIR && group >= 0 && group < PAIR, 'nodes come in their order');
    this.groups.push(group);
  }

  setDefault(parameters: LinkParameters): void {
    this.fallback = checked(parameters);
    this.refresh();
  }

  /** Both directions between two groups; inside one group when they are the same. */
  setBetweenGroups(a: number, b: number, parameters: LinkParameters): void {
    this.betweenGroups.set(a * PAIR + b, checked(parameters));
    this.betweenGroups.set(b * PAIR + a, parameters);
    this.refresh();
  }

  /** Both directions between two nodes. */
  setBetweenNodes(a: NodeId, b: NodeId, parameters: LinkParameters): void {
    this.betweenNodes.set(a * PAIR + b, checked(parameters));
    this.betweenNodes.set(b * PAIR + a, parameters);
    this.refresh();
  }

  /** Between two groups, where nothing is said of the two nodes. */
  groupParameters(a: number, b: number): LinkParameters {
    return this.betweenGroups.get(a * PAIR + b) ?? this.fallback;
  }

  parameters(from: NodeId, to: NodeId): LinkParameters {
    return this.betweenNodes.get(from * PAIR + to) ?? this.groupParameters(this.groups[from]!, this.groups[to]!);
  }

  /** The same link for every stream from one node to another: they share its bandwidth. */
  link(from: NodeId, to: NodeId): Link {
    const key = from * PAIR + to;
    let link = this.links.get(key);
    if (link === undefined) {
      link = new Link(this.parameters(from, to));
      this.links.set(key, link);
    }
    return link;
  }

  private refresh(): void {
    for (const [key, link] of this.links) link.parameters = this.parameters(Math.floor(key / PAIR), key % PAIR);
  }
}

function checked(parameters: LinkParameters): LinkParameters {
  const { bitsPerSecond, lossPpm } = parameters;
  invariant(Number.isSafeInteger(bitsPerSecond) && bitsPerSecond >= 0, 'bandwidth is a whole number of bits a second');
  invariant(Number.isSafeInteger(lossPpm) && lossPpm >= 0 && lossPpm <= 1_000_000, 'loss is out of a million');
  return parameters;
}
