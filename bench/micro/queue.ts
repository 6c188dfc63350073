/**
 * Event queue, timers, a message from node to node, the record of it, and a copy of a whole simulation.
 * `npx tsx bench/micro/queue.ts`
 */
import { pathToFileURL } from 'node:url';
import Benchmark from 'benchmark';
import { shared } from '../../src/base/fork.ts';
import { milliseconds, NEVER, seconds, type VirtualUs, virtualUs } from '../../src/base/time.ts';
import { Simulation } from '../../src/sim/kernel.ts';
import { IDEAL_LINK } from '../../src/sim/link.ts';
import type { NodePort, SimNode, StreamId, StreamMessage } from '../../src/sim/node.ts';
import { EventQueue } from '../../src/sim/queue.ts';
import { TimerTable } from '../../src/sim/timers.ts';

const PENDING = 100_000;

/** A small sequence that is the same in every run. */
class Steps {
  private state = 12_345;
  next(below: number): number {
    this.state = (Math.imul(this.state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return this.state % below;
  }
}

function fullQueue(): EventQueue {
  const queue = new EventQueue();
  const steps = new Steps();
  for (let i = 0; i < PENDING; i++) queue.push(virtualUs(1 + steps.next(1_000_000)), 3, i, 0, 0, null, true);
  return queue;
}

function fullTimers(): TimerTable {
  const timers = new TimerTable();
  for (let i = 0; i < PENDING; i++) timers.set(i % 1_000, 1, i, 0, 90_000_000 + i, i, true, -1);
  return timers;
}

const ECHO: StreamMessage = shared({
  octets: shared(new Uint8Array(100)),
  content: null,
  kind: 'echo',
  items: 1,
  digest: 1,
  background: false,
});

/** Connects to the hub, or is the hub; sends every message back as often as it is told. */
class Echo implements SimNode {
  readonly name: string;
  readonly addresses: readonly number[];
  readonly streams: StreamId[] = [];
  left = 0;
  private readonly port: NodePort;
  private readonly hub: number;

  constructor(name: string, address: number, port: NodePort, hub: number) {
    this.name = name;
    this.addresses = [address];
    this.port = port;
    this.hub = hub;
  }

  started(): void {
    if (this.hub === this.addresses[0]) return;
    this.port.connect({
      localAddress: this.addresses[0]!,
      remoteAddress: this.hub,
      remotePort: 7,
      connectTimeout: seconds(5),
      userTimeout: NEVER,
    });
  }

  say(): void {
    for (const stream of this.streams) this.port.send(stream, ECHO);
  }

  streamAccepted(stream: StreamId): void {
    this.streamConnected(stream);
  }

  streamConnected(stream: StreamId): void {
    this.streams.push(stream);
    this.port.setTimer(1, stream, 0, (this.port.now() + 90_000_000) as VirtualUs, true);
  }

  messageReceived(stream: StreamId, message: StreamMessage): void {
    this.port.setTimer(1, stream, 0, (this.port.now() + 90_000_000) as VirtualUs, true);
    if (this.left <= 0) return;
    this.left--;
    this.port.send(stream, message);
  }

  stopped(): void {}
  octetsReceived(): void {}
  streamDrained(): void {}
  streamClosed(): void {}
  timerFired(): void {}
}

function star(nodes: number): Simulation {
  const simulation = new Simulation({ seed: 1 });
  simulation.links.setDefault({ ...IDEAL_LINK, latency: milliseconds(1) });
  for (let i = 0; i < nodes; i++) {
    simulation.addNode(
      { name: `node-${i}`, addresses: [100 + i], cost: { perMessageNs: 10_000, perItemNs: 1_000 } },
      (port) => new Echo(`node-${i}`, 100 + i, port, 100),
    );
  }
  for (let i = 0; i < nodes; i++) simulation.start(i);
  simulation.runUntil(seconds(1));
  return simulation;
}

function echo(simulation: Simulation, node: number): Echo {
  return simulation.simNode(node) as Echo; // these worlds hold nothing else
}

/** The hub speaks to all, and each answer is sent back until `messages` have passed. */
function play(simulation: Simulation, messages: number): void {
  const hub = echo(simulation, 0);
  hub.left = messages;
  for (let i = 1; i < simulation.nodeCount; i++) echo(simulation, i).left = Number.MAX_SAFE_INTEGER;
  hub.say();
  simulation.runToQuiescence(NEVER, () => null);
}

const MESSAGES = 20_000;

/** Name, work, and how many things one run does. */
function work(): readonly (readonly [string, () => unknown, number])[] {
  const queue = fullQueue();
  const steps = new Steps();
  const empty = new EventQueue();
  const timers = fullTimers();
  let order = PENDING;
  let timer = 0;
  const large = star(201);
  play(large, 200_000);
  const fifty = star(51);
  return [
    [
      'heap: push and take at 100,000 pending',
      () => {
        queue.hasNext();
        queue.take();
        queue.push((queue.now + 1 + steps.next(1_000_000)) as VirtualUs, 3, 0, 0, 0, null, true);
      },
      1,
    ],
    [
      'ring: push and take at the same instant',
      () => {
        empty.push(empty.now, 3, 0, 0, 0, null, true);
        empty.hasNext();
        empty.take();
      },
      1,
    ],
    [
      'timer: move a hold timer, 100,000 set',
      () => {
        timer = (timer + 7_919) % PENDING;
        timers.set(timer % 1_000, 1, timer, 0, 90_000_000 + order, order++, true, -1);
      },
      1,
    ],
    [
      `message: sent, handled, answered, recorded (${MESSAGES} among 51 nodes)`,
      () => play(fifty, MESSAGES / 2),
      MESSAGES,
    ],
    ['fork: 201 nodes, 200 sessions, 400,000 messages recorded', () => large.fork(), 1],
  ];
}

export function runQueueBenchmarks(print: (line: string) => void): void {
  for (const [name, run, count] of work()) {
    const bench = new Benchmark(name, run, { maxTime: 0.6 }).run();
    const ns = ((bench.stats?.mean ?? Number.NaN) * 1e9) / count;
    const spread = (bench.stats?.rme ?? Number.NaN).toFixed(1);
    print(`${name.padEnd(74)} ${ns.toFixed(ns < 100 ? 1 : 0).padStart(10)} ns ±${spread}%`);
  }
  print(`node ${process.version}`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  runQueueBenchmarks((line) => process.stdout.write(`${line}\n`));
}
