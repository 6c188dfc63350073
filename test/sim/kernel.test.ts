import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentDigest } from '../../src/base/digest.ts';
import { forkGraph } from '../../src/base/fork.ts';
import { InvariantError } from '../../src/base/invariant.ts';
import { milliseconds, NEVER, seconds, type VirtualUs, virtualUs } from '../../src/base/time.ts';
import { type ActionHandler, Simulation } from '../../src/sim/kernel.ts';
import { NO_CAUSE, noteCause } from '../../src/sim/record.ts';
import { encodeRecording } from '../../src/sim/recording-file.ts';
import type { SegmentSink } from '../../src/sim/sink.ts';
import { StormError, shortestCycle } from '../../src/sim/storm.ts';
import { addTalker, encodeToy, latency, startAll, type Talker, type ToyOptions, toyMessage } from './toy.ts';

const settled = (): null => null;

/** `count` talkers in a ring, each connected to the next; some speak at planned times. */
function ring(
  count: number,
  options: Partial<ToyOptions> = {},
  more: { seed?: number; wire?: boolean } = {},
): Simulation {
  const simulation = new Simulation({ seed: more.seed ?? 7, wire: more.wire ?? false, routeLevel: true });
  simulation.links.setDefault({ ...latency(3), bitsPerSecond: 1_000_000, jitter: milliseconds(2), lossPpm: 50_000 });
  for (let i = 0; i < count; i++) {
    const talker = addTalker(
      simulation,
      `talker-${i}`,
      { hold: seconds(9), connectTo: [100 + ((i + 1) % count)], ...options },
      { cost: { perMessageNs: 70_300, perItemNs: 1_234 } },
    );
    talker.sayAt(virtualUs(500_000 + i * 1_700), `ping ${i}`);
    talker.sayAt(seconds(3 + i), 'x'.repeat(i * 900));
  }
  return simulation;
}

function talker(simulation: Simulation, node: number): Talker {
  return simulation.simNode(node) as Talker; // these worlds hold talkers only
}

describe('a run', () => {
  it('of the same world and seed is the same to the octet, and another seed is another run', () => {
    const play = (seed: number): Uint8Array => {
      const simulation = ring(5, {}, { seed });
      startAll(simulation);
      simulation.runUntil(seconds(20));
      return encodeRecording(simulation);
    };
    const first = play(7);
    expect(play(7)).toEqual(first);
    expect(play(8)).not.toEqual(first);
  });

  it('is the same whether receivers share what was decoded or decode octets themselves', () => {
    const history = fc.array(fc.record({ at: fc.nat(8_000), node: fc.nat(3), act: fc.nat(3) }), { maxLength: 8 });
    fc.assert(
      fc.property(history, fc.nat(1_000), (acts, seed) => {
        const play = (wire: boolean): { octets: Uint8Array; events: number; seen: string[][] } => {
          const simulation = ring(4, {}, { seed, wire });
          startAll(simulation);
          for (const { at, node, act } of [...acts].sort((x, y) => x.at - y.at)) {
            simulation.runUntil(Math.max(milliseconds(at), simulation.now) as VirtualUs);
            if (act === 0) simulation.crash(node);
            else if (act === 1) simulation.start(node);
            else if (act === 2) simulation.stop(node);
            else {
              const stream = talker(simulation, node).streams[0];
              if (stream !== undefined && simulation.isUp(node))
                simulation.sendRaw(node, stream, toyMessage('raw words').octets);
            }
          }
          simulation.runUntil(seconds(15));
          const seen = [0, 1, 2, 3].map((node) => talker(simulation, node).seen);
          return { octets: encodeRecording(simulation), events: simulation.eventsHandled, seen };
        };
        const shared = play(false);
        const wire = play(true);
        expect(wire.seen).toEqual(shared.seen);
        expect(wire.events).toBe(shared.events);
        expect(wire.octets).toEqual(shared.octets);
      }),
      { numRuns: 25 },
    );
  });

  it('tells a fault of a decoder by another record', () => {
    const play = (wire: boolean, faulty: boolean): Uint8Array => {
      const simulation = ring(3, {}, { wire });
      talker(simulation, 1).faultyDecoder = faulty;
      startAll(simulation);
      simulation.runUntil(seconds(5));
      return encodeRecording(simulation);
    };
    expect(play(true, false)).toEqual(play(false, true));
    expect(play(true, true)).not.toEqual(play(false, true));
  });

  it('gives a receiver the segments of octets that are no message, and a long message in one piece', () => {
    const simulation = ring(2, {}, { wire: true });
    startAll(simulation);
    simulation.runUntil(seconds(2));
    const [sayer, listener] = [talker(simulation, 0), talker(simulation, 1)];
    const stream = sayer.streams[0]!;
    const octets = encodeToy({ text: 'x'.repeat(5_000), keepalive: false });
    const piecesOf = (say: () => void, until: number) => {
      const before = listener.pieces;
      say();
      simulation.runUntil(virtualUs(until));
      return listener.pieces - before;
    };
    expect(piecesOf(() => sayer.port.send(stream, toyMessage('y'.repeat(4_000))), 2_900_000)).toBe(1);
    expect(listener.seen.at(-1)).toMatch(/heard 4000 letters/);
    expect(piecesOf(() => sayer.port.sendOctets(stream, octets), 3_800_000)).toBeGreaterThanOrEqual(4);
    expect(listener.seen.join()).toMatch(/heard 5000 letters/);
  });

  it('hears a message when its cost is paid, and what it causes leaves then', () => {
    const simulation = new Simulation({ seed: 1 });
    const a = addTalker(simulation, 'a', { connectTo: [101] });
    const b = addTalker(simulation, 'b', {}, { cost: { perMessageNs: 1_000_000, perItemNs: 500_000 } });
    startAll(simulation);
    simulation.runUntil(seconds(1));
    a.say('ping 1');
    a.say('ping 2');
    expect(b.port.hasUnread(b.streams[0]!)).toBe(false);
    simulation.runUntil(virtualUs(1_001_000));
    expect(b.port.hasUnread(b.streams[0]!)).toBe(true);
    simulation.runUntil(seconds(2));
    expect(b.seen.slice(-2)).toEqual(['1001500 heard ping 1', '1003000 heard ping 2']);
    expect(a.seen.slice(-2)).toEqual(['1001500 heard pong 1', '1003000 heard pong 2']);
    expect(simulation.server(b.port.id).waitingMax).toBe(2);
  });
});

describe('quiescence', () => {
  it('comes when only keepalives and hold timers are left, at the time of the last other event', () => {
    const simulation = ring(3);
    startAll(simulation);
    const end = simulation.runToQuiescence(seconds(100), settled);
    expect(end.quiescent).toBe(true);
    expect(end.at).toBeGreaterThan(seconds(5));
    expect(end.at).toBeLessThan(seconds(6));
    expect(simulation.lastTableChange).toBe(end.at);
  });

  it('names what kept the world busy when it does not come in time', () => {
    const simulation = new Simulation({ seed: 1 });
    simulation.links.setDefault(latency(10));
    const a = addTalker(simulation, 'a', { connectTo: [101], chatters: true });
    addTalker(simulation, 'b', { chatters: true });
    startAll(simulation);
    simulation.runUntil(seconds(1));
    a.say('ping 0');
    const end = simulation.runToQuiescence(seconds(2), settled);
    expect(end).toEqual({ quiescent: false, at: seconds(2), busy: 'arrival of toy.text from a to b' });

    const waiting = new Simulation({ seed: 1 });
    addTalker(waiting, 'c').sayAt(seconds(9), 'later');
    expect(waiting.runToQuiescence(seconds(5), settled).busy).toBe('timer 4 of c');
    expect(waiting.runToQuiescence(seconds(20), settled)).toEqual({ quiescent: true, at: seconds(9), busy: null });
  });

  it('waits for what the world says is not settled, and asks only when its answer may have changed', () => {
    const simulation = ring(2);
    startAll(simulation);
    simulation.runUntil(seconds(10));
    simulation.cut('sessions', [0], [1]);
    let asked = 0;
    const dead = (): string | null => {
      asked++;
      const over = simulation.openStreams().length;
      return over > 0 ? `${over} sessions over a dead path` : null;
    };
    expect(simulation.runToQuiescence(seconds(12), dead).busy).toBe('2 sessions over a dead path');
    const end = simulation.runToQuiescence(seconds(60), dead);
    expect(end.quiescent).toBe(true);
    expect(end.at).toBeGreaterThan(seconds(16));
    expect(end.at).toBeLessThanOrEqual(seconds(20));
    expect(asked).toBeLessThan(16);
  });
});

describe('a storm', () => {
  it('ends the run and names its circle', () => {
    const simulation = new Simulation({ seed: 1, stormLimit: 10_000 });
    const a = addTalker(simulation, 'a', { connectTo: [101], chatters: true });
    addTalker(simulation, 'b', { chatters: true });
    startAll(simulation);
    simulation.runUntil(seconds(1));
    a.say('ping 0');
    let storm: unknown = null;
    try {
      simulation.runUntil(seconds(2));
    } catch (error) {
      storm = error;
    }
    expect(storm).toBeInstanceOf(StormError);
    expect((storm as StormError).message).toContain('at 1 s and time stands still');
    expect([...(storm as StormError).cycle].sort()).toEqual([
      'arrival of toy.text from a to b',
      'arrival of toy.text from b to a',
    ]);
  });

  it('is not a crowd: many events at one instant that end are played', () => {
    const simulation = new Simulation({ seed: 1, stormLimit: 10_000 });
    const a = addTalker(simulation, 'a', { connectTo: [101] });
    const b = addTalker(simulation, 'b');
    startAll(simulation);
    simulation.runUntil(seconds(1));
    for (let i = 0; i < 9_000; i++) a.say('one of many');
    simulation.runUntil(seconds(2));
    expect(b.seen).toHaveLength(9_002);
  });

  it('has the shortest circle that its trace repeats', () => {
    expect(shortestCycle(['a', 'b', 'a', 'b', 'a'])).toEqual(['b', 'a']);
    expect(shortestCycle(['a', 'a', 'a'])).toEqual(['a']);
    expect(shortestCycle(['a', 'b', 'c'])).toEqual(['a', 'b', 'c']);
  });
});

describe('a copy of a world', () => {
  it('goes on alone: a failure in it leaves the original as if it had never been made', () => {
    const play = (fork: boolean): { octets: Uint8Array; seen: string[][]; copy: Simulation | null } => {
      const simulation = ring(4);
      startAll(simulation);
      simulation.runUntil(milliseconds(503)); // messages, jobs and timers are pending
      let copy: Simulation | null = null;
      if (fork) {
        copy = simulation.fork();
        copy.crash(1);
        copy.cut('underlay', [2], [3]);
        copy.runUntil(seconds(30));
      }
      simulation.runUntil(seconds(20));
      return {
        octets: encodeRecording(simulation),
        seen: [0, 1, 2, 3].map((node) => talker(simulation, node).seen),
        copy,
      };
    };
    const forked = play(true);
    const plain = play(false);
    expect(forked.seen).toEqual(plain.seen);
    expect(forked.octets).toEqual(plain.octets);
    expect(talker(forked.copy!, 0).seen.join()).toContain('hold timer');
  });

  it('that is left in peace does exactly what the original does', () => {
    const simulation = ring(4);
    startAll(simulation);
    simulation.runUntil(milliseconds(503));
    const copy = simulation.fork();
    simulation.runUntil(seconds(20));
    copy.runUntil(seconds(20));
    expect(encodeRecording(copy)).toEqual(encodeRecording(simulation));
    expect(talker(copy, 2).seen).toEqual(talker(simulation, 2).seen);
    expect(copy.simNode(2)).not.toBe(simulation.simNode(2));
  });

  it('takes what holds the simulation with it', () => {
    class World implements ActionHandler {
      readonly simulation = new Simulation({ seed: 1 });
      readonly played: string[] = [];
      actionDue(kind: number, id: number): void {
        this.played.push(`${this.simulation.now} ${kind} ${id}`);
      }
    }
    const world = new World();
    world.simulation.setActionHandler(world);
    world.simulation.schedule(seconds(2), 1, 20);
    world.simulation.schedule(seconds(1), 1, 10);
    const given = world.simulation.schedule(seconds(1), 1, 11);
    expect(world.simulation.unschedule(given)).toBe(true);
    world.simulation.runUntil(seconds(1));
    const copy = forkGraph(world);
    copy.simulation.runUntil(seconds(3));
    expect(copy.played).toEqual(['1000000 1 10', '2000000 1 20']);
    expect(world.played).toEqual(['1000000 1 10']);
  });
});

describe('the record of a run', () => {
  it('says of each message when, who, what and how much, and which message caused it', () => {
    const simulation = new Simulation({ seed: 1, routeLevel: true });
    simulation.links.setDefault(latency(5));
    const a = addTalker(simulation, 'a', { connectTo: [101] });
    addTalker(simulation, 'b');
    startAll(simulation);
    simulation.runUntil(seconds(1));
    simulation.noteStep('step', 'say ping 1');
    a.say('ping 1');
    simulation.runUntil(seconds(2));
    const { recording } = simulation;
    expect(recording.messages.length).toBe(3);
    expect(recording.messageRow(1)).toEqual({
      at: 1_005_000,
      from: 0,
      to: 1,
      stream: 0,
      kind: 'toy.text',
      size: 9,
      items: 1,
      digest: contentDigest({ text: 'ping 1', keepalive: false }),
      cause: noteCause(2),
    });
    expect(recording.messageRow(2).cause).toBe(1);
    expect(recording.noteRow(2)).toEqual({
      at: seconds(1),
      node: -1,
      kind: 'step',
      text: 'say ping 1',
      cause: NO_CAUSE,
    });
    expect(recording.changeRow(1)).toEqual({
      at: 1_005_000,
      node: 1,
      table: 'toy.texts',
      key: 'ping 1',
      change: 6,
      cause: 1,
    });
    expect(recording.changeRow(2).key).toBe('pong 1');
    expect(simulation.tableChanges).toBe(3);
    expect(simulation.counters.value(1, 'toy.texts', 'stream 0')).toBe(1);
    expect(simulation.counters.total('toy.texts')).toBe(3);
  });

  it('without the level of routes asks nobody for the key of a row', () => {
    const simulation = new Simulation({ seed: 1 });
    const a = addTalker(simulation, 'a');
    startAll(simulation);
    a.port.tableChanged('toy', () => expect.unreachable('a key was asked for'), 1);
    expect(simulation.recording.changes.length).toBe(0);
    expect(simulation.lastTableChange).toBe(0);
  });
});

describe('a listener on the wire', () => {
  it('hears openings, octets with their place in the stream, and endings; a copy of the world has none', () => {
    const simulation = new Simulation({ seed: 1 });
    simulation.links.setDefault(latency(5));
    const a = addTalker(simulation, 'a', { connectTo: [101] });
    addTalker(simulation, 'b');
    const heard: string[] = [];
    const sink: SegmentSink = {
      opened: (at, stream, from, to) =>
        heard.push(`${at} ${stream} ${from.address}:${from.port} opens ${to.address}:${to.port}`),
      octets: (at, _stream, from, _to, octets, offset) =>
        heard.push(`${at} ${from.address} says ${octets.length} at ${offset}`),
      ended: (at, _stream, from, _to, offset, reset) => heard.push(`${at} ${from.address} ends at ${offset} ${reset}`),
    };
    simulation.setSink(sink);
    startAll(simulation);
    simulation.runUntil(seconds(1));
    simulation.fork().runUntil(seconds(9));
    a.say('one');
    a.say('three');
    a.port.close(a.streams[0]!, 'close');
    simulation.runUntil(seconds(2));
    expect(heard).toEqual([
      '5000 0 100:49152 opens 101:7',
      '5000 101 says 15 at 0',
      '1000000 100 says 6 at 0',
      '1000000 100 says 8 at 6',
      '1000000 100 ends at 14 false',
    ]);
  });
});

describe('a node that is down', () => {
  it('hears no timer and opens no connection, whatever it is told meanwhile', () => {
    const simulation = new Simulation({ seed: 1 });
    const a = addTalker(simulation, 'a', { connectTo: [101] });
    const b = addTalker(simulation, 'b');
    startAll(simulation);
    simulation.runUntil(seconds(1));
    for (const powerOff of ['stop', 'crash'] as const) {
      simulation[powerOff](0);
      a.sayAt(seconds(simulation.now / 1_000_000 + 1), 'from the grave');
      a.connect(101);
      expect(simulation.runToQuiescence(seconds(60), settled).quiescent).toBe(true);
    }
    expect(b.seen).toEqual(['0 started', '0 accepted 100', '1000000 closed closed']);
    simulation.start(0);
    simulation.runUntil(seconds(9));
    expect(b.seen.at(-1)).toBe('3000000 accepted 100');
  });
});

describe('our own faults', () => {
  it('stop the run and carry the seed and the virtual time', () => {
    const simulation = new Simulation({ seed: 99 });
    const a = addTalker(simulation, 'a');
    startAll(simulation);
    a.sayAt(seconds(1), 'to nobody');
    a.open.set(0, 0);
    expect(() => simulation.runUntil(seconds(2))).toThrow(
      /no end of stream 0 is left \(seed 99, at 1000000 us, event 1\)/,
    );
    expect(() => a.port.setTimer(1, 0, 0, virtualUs(5), true)).toThrow(InvariantError);
  });

  it('a timer set for NEVER is not set', () => {
    const simulation = new Simulation({ seed: 1 });
    const a = addTalker(simulation, 'a');
    a.sayAt(seconds(1), 'soon');
    a.port.setTimer(4, 0, 0, NEVER, false);
    expect(simulation.runToQuiescence(seconds(5), settled)).toEqual({ quiescent: true, at: 0, busy: null });
  });
});
