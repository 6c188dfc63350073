import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { milliseconds, NEVER, seconds, virtualUs } from '../../src/base/time.ts';
import { Simulation } from '../../src/sim/kernel.ts';
import { addTalker, latency, startAll, type Talker, type ToyOptions, toyMessage } from './toy.ts';

interface Pair {
  readonly simulation: Simulation;
  readonly a: Talker;
  readonly b: Talker;
}

/** `a` connects to `b`, 5 ms away. */
function pair(options: Partial<ToyOptions> = {}, ofB: Partial<ToyOptions> = options, wire = false): Pair {
  const simulation = new Simulation({ seed: 7, wire });
  simulation.links.setDefault(latency(5));
  const a = addTalker(simulation, 'a', { ...options, connectTo: [101] });
  const b = addTalker(simulation, 'b', ofB);
  return { simulation, a, b };
}

const settled = (): null => null;

describe('a connection', () => {
  it('is accepted after one latency and known to the caller after two', () => {
    const { simulation, a, b } = pair();
    startAll(simulation);
    simulation.runToQuiescence(seconds(1), settled);
    expect(b.seen).toEqual(['0 started', '5000 accepted 100']);
    expect(a.seen).toEqual(['0 started', '10000 connected', '10000 heard hello from b']);
  });

  it('is refused at once by a host whose process is not running', () => {
    const { simulation, a } = pair();
    simulation.start(0);
    simulation.runUntil(seconds(1));
    expect(a.seen).toEqual(['0 started', '10000 closed refused']);
  });

  it('is refused when the other node closes it on the spot', () => {
    const { simulation, a } = pair({}, { refuses: true });
    startAll(simulation);
    simulation.runUntil(seconds(1));
    expect(a.seen).toEqual(['0 started', '10000 closed refused']);
    expect(simulation.openStreams()).toEqual([]);
  });

  it('times out when the host is dead, and when nobody has the address', () => {
    const { simulation, a } = pair();
    simulation.crash(1);
    simulation.start(0);
    simulation.runUntil(seconds(6));
    expect(a.seen).toEqual(['0 started', '5000000 closed timeout']);

    const alone = new Simulation({ seed: 7 });
    const lonely = addTalker(alone, 'lonely', { connectTo: [250] });
    startAll(alone);
    alone.runUntil(seconds(6));
    expect(lonely.seen).toEqual(['0 started', '5000000 closed timeout']);
  });

  it('to a host that comes to life in time succeeds with the next repeated request', () => {
    const { simulation, a } = pair();
    simulation.crash(1);
    simulation.start(0);
    simulation.powerAt(seconds(2), 1, 'start');
    simulation.runUntil(seconds(4));
    // Requests leave at 0, 1 and 3 s.
    expect(a.seen).toEqual(['0 started', '3010000 connected', '3010000 heard hello from b']);
  });

  it('that its caller has given up meanwhile is reset at the other end', () => {
    const { simulation, a, b } = pair();
    startAll(simulation);
    simulation.runUntil(milliseconds(7));
    a.port.close(0, 'close');
    simulation.runUntil(seconds(1));
    expect(a.seen).toEqual(['0 started']);
    expect(b.seen).toEqual(['0 started', '5000 accepted 100', '15000 closed reset']);
    expect(simulation.stream(0)).toBeNull();
  });

  it('whose answer is lost is answered again, and what was said with the first answer follows', () => {
    const { simulation, a } = pair();
    startAll(simulation);
    simulation.runUntil(milliseconds(7));
    const cut = simulation.cut('underlay', [0], [1]);
    simulation.runUntil(milliseconds(100));
    simulation.heal(cut);
    simulation.runUntil(seconds(2));
    // The request is repeated at 1 s. The greeting, said at 5 ms, is due again at 0.215, 0.635 and 1.475 s, and only
    // the last finds an end that is open.
    expect(a.seen.slice(1)).toEqual(['1010000 connected', '1480000 heard hello from b']);
  });

  it('may wait for ever where no timeout is given', () => {
    const simulation = new Simulation({ seed: 7 });
    const a = addTalker(simulation, 'a');
    addTalker(simulation, 'b');
    simulation.crash(1);
    simulation.runUntil(seconds(1));
    simulation.start(0);
    const forEver = { localAddress: 100, remoteAddress: 101, remotePort: 7, connectTimeout: NEVER, userTimeout: NEVER };
    a.port.connect(forEver);
    simulation.runUntil(seconds(400));
    expect(a.seen).toEqual(['1000000 started']);
    simulation.start(1);
    simulation.runUntil(seconds(600));
    // Requests leave 1, 3, 7, ..., 511 s after the first.
    expect(a.seen[1]).toBe('512000000 connected');
  });

  it('to a dead host does not keep the world busy', () => {
    const { simulation } = pair();
    simulation.crash(1);
    simulation.start(0);
    expect(simulation.runToQuiescence(seconds(60), settled)).toEqual({ quiescent: true, at: 0, busy: null });
  });
});

describe('a stream', () => {
  it('delivers in order even when the way becomes shorter', () => {
    const { simulation, a, b } = pair();
    startAll(simulation);
    simulation.runUntil(seconds(1));
    a.say('first');
    simulation.runUntil(virtualUs(1_001_000));
    simulation.links.setDefault(latency(1));
    a.say('second');
    simulation.runUntil(seconds(2));
    expect(b.seen.slice(2)).toEqual(['1005000 heard first', '1005000 heard second']);
  });

  it('tells the other end when it is closed, after all that was said', () => {
    const { simulation, a, b } = pair();
    startAll(simulation);
    simulation.runUntil(seconds(1));
    a.say('farewell');
    a.port.close(a.streams[0]!, 'close');
    simulation.runUntil(seconds(2));
    expect(b.seen.slice(2)).toEqual(['1005000 heard farewell', '1005000 closed closed']);
    expect(simulation.openStreams()).toEqual([]);
  });

  it('answers octets for a closed end with a reset', () => {
    const { simulation, a, b } = pair();
    startAll(simulation);
    simulation.runUntil(seconds(1));
    simulation.crash(0);
    simulation.start(0);
    b.say('are you still there');
    simulation.runUntil(virtualUs(1_010_000));
    expect(b.seen.at(-1)).toBe('1010000 closed reset');
    expect(a.seen).not.toContain('1005000 heard are you still there');
  });

  it('closes in order when the process is stopped', () => {
    const { simulation, b } = pair();
    startAll(simulation);
    simulation.powerAt(seconds(1), 0, 'stop');
    simulation.runUntil(seconds(2));
    expect(b.seen.at(-1)).toBe('1005000 closed closed');
  });
});

describe('a cut of the sessions', () => {
  it('is silent: nobody hears of it, and what was said arrives after the heal', () => {
    const { simulation, a, b } = pair();
    startAll(simulation);
    simulation.runUntil(seconds(1));
    const cut = simulation.cut('sessions', [0], [1]);
    a.say('one');
    a.say('two');
    simulation.runUntil(seconds(2));
    a.say('three');
    simulation.runUntil(seconds(3));
    expect(b.seen).toHaveLength(2);
    simulation.heal(cut);
    simulation.runToQuiescence(seconds(60), settled);
    // Sent at 1 s, again after 0.21, 0.63, 1.47 s (too early) and 3.15 s, and then under way for 5 ms.
    expect(b.seen.slice(2)).toEqual(['4155000 heard one', '4155000 heard two', '4155000 heard three']);
    expect(a.seen.filter((line) => line.includes('closed'))).toEqual([]);
  });

  it('leaves the data plane alone, which a cut of the underlay does not', () => {
    const { simulation } = pair();
    startAll(simulation);
    const sessions = simulation.cut('sessions', [0], [1]);
    expect(simulation.underlay.underlayReachable(0, 1)).toBe(true);
    expect(simulation.underlay.sessionsReachable(1, 0)).toBe(false);
    const everything = simulation.cut('underlay', [0], [1]);
    simulation.heal(sessions);
    expect(simulation.underlay.underlayReachable(1, 0)).toBe(false);
    expect(simulation.underlay.sessionsReachable(0, 1)).toBe(false);
    simulation.heal(everything);
    expect(simulation.underlay.sessionsReachable(0, 1)).toBe(true);
  });

  it('does not hurt what arrives after a heal that came in time', () => {
    const { simulation, a, b } = pair();
    startAll(simulation);
    simulation.runUntil(seconds(1));
    a.say('under way');
    const cut = simulation.cut('sessions', [0], [1]);
    simulation.runUntil(virtualUs(1_003_000));
    simulation.heal(cut);
    simulation.runUntil(seconds(2));
    expect(b.seen.at(-1)).toBe('1005000 heard under way');
  });

  it('ends in the user timeout where there is one', () => {
    // CN-2.2/6: an effective TCP hold time of 15 s closes what could not be reached for so long.
    const { simulation, a, b } = pair({ userTimeout: seconds(15) }, {});
    startAll(simulation);
    simulation.runUntil(seconds(1));
    simulation.cut('sessions', [0], [1]);
    simulation.runUntil(seconds(20));
    expect(a.seen.at(-1)).toBe('16000000 closed timeout');
    expect(b.seen.at(-1)).toBe('5000 accepted 100');
  });

  it('that is healed before the user timeout closes nothing', () => {
    const { simulation, a } = pair({ userTimeout: seconds(15) });
    startAll(simulation);
    simulation.runUntil(seconds(1));
    const cut = simulation.cut('sessions', [0], [1]);
    simulation.runUntil(seconds(15));
    simulation.heal(cut);
    simulation.runUntil(seconds(40));
    expect(a.seen.at(-1)).toBe('10000 heard hello from b');
  });

  it('lets the hold timer decide where nothing else does', () => {
    const { simulation, a, b } = pair({ hold: seconds(9) });
    startAll(simulation);
    simulation.runUntil(seconds(10));
    simulation.cut('sessions', [0], [1]);
    simulation.runUntil(seconds(25));
    // Keepalives left every 3 s; the last that got through were sent at 9.005 (b) and 9.01 s (a).
    expect(a.seen.at(-1)).toBe('18010000 hold timer of 0');
    expect(b.seen.at(-1)).toBe('18015000 hold timer of 0');
  });
});

describe('what is said on a stream', () => {
  it('is heard once and in order, however the path is cut and healed and grows and shrinks, in both modes', () => {
    const act = fc.record({
      after: fc.nat(3_000),
      what: fc.constantFrom('say', 'say', 'say', 'long', 'cut', 'heal', 'faster', 'slower'),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 25 }), fc.boolean(), (acts, wire) => {
        const { simulation, a, b } = pair({}, {}, wire);
        startAll(simulation);
        simulation.runUntil(seconds(1));
        const said: string[] = [];
        const cuts: number[] = [];
        let ms = 5;
        for (const [i, { after, what }] of acts.entries()) {
          simulation.runUntil(virtualUs(simulation.now + after * 1_000));
          if (what === 'cut') cuts.push(simulation.cut('sessions', [1], [0]));
          else if (what === 'heal') simulation.heal(cuts.pop() ?? -1);
          else if (what === 'faster' || what === 'slower') {
            ms = what === 'faster' ? Math.max(0, ms - 2) : ms + 400;
            simulation.links.setDefault({
              ...latency(ms),
              bitsPerSecond: 100_000,
              jitter: milliseconds(30),
              lossPpm: 9,
            });
          } else {
            const text = what === 'long' ? `${i}${'x'.repeat(1_500)}` : `${i}`;
            said.push(what === 'long' ? `${text.length} letters` : text);
            a.say(text);
          }
        }
        for (const cut of cuts) simulation.heal(cut);
        simulation.runToQuiescence(seconds(1_000), settled);
        expect(b.seen.slice(2).map((line) => line.replace(/^\d+ heard /, ''))).toEqual(said);
        expect(simulation.stream(0)!.flows[0].outstanding).toBe(0);
      }),
    );
  });
});

describe('a crash', () => {
  it('is silent until the hold timer', () => {
    const { simulation, b } = pair({ hold: seconds(9) });
    startAll(simulation);
    simulation.powerAt(seconds(10), 0, 'crash');
    simulation.runUntil(seconds(20));
    expect(b.seen.at(-1)).toBe('18015000 hold timer of 0');
  });

  it('leaves an end open that is reset by the first segment after the restart', () => {
    const { simulation, b } = pair();
    startAll(simulation);
    simulation.powerAt(seconds(1), 0, 'crash');
    simulation.runUntil(seconds(2));
    b.say('lost at first');
    simulation.powerAt(seconds(3), 0, 'start');
    simulation.runUntil(seconds(10));
    // Sent at 2 s, again at 2.21, 2.63 and 3.47 s, when the host has forgotten the stream.
    const resets = b.seen.filter((line) => line.includes('closed'));
    expect(resets).toEqual(['3480000 closed reset']);
  });

  it('is noticed by the keepalive of TCP after a restart, where there is one', () => {
    const { simulation, b } = pair({}, { userTimeout: seconds(15) });
    startAll(simulation);
    simulation.powerAt(seconds(1), 0, 'crash');
    simulation.powerAt(seconds(3), 0, 'start');
    simulation.runUntil(seconds(10));
    // A third of 15 s after the crash the next probe leaves; its answer takes two latencies.
    expect(b.seen.filter((line) => line.includes('closed'))).toEqual(['6010000 closed reset']);
  });
});

describe('a blocked stream', () => {
  it('is blocked while more is outstanding than the buffers hold, and tells when it has room', () => {
    const simulation = new Simulation({ seed: 1, socketBuffer: 3_000 });
    simulation.links.setDefault({ ...latency(5), bitsPerSecond: 8_000_000 });
    const a = addTalker(simulation, 'a', { connectTo: [101] });
    addTalker(simulation, 'b');
    startAll(simulation);
    simulation.runUntil(seconds(1));
    const stream = a.streams[0]!;
    expect(a.port.isBlocked(stream)).toBe(false);
    for (let i = 0; i < 4; i++) a.port.send(stream, toyMessage('x'.repeat(997)));
    expect(a.port.isBlocked(stream)).toBe(true);
    simulation.runUntil(seconds(2));
    // 1,000 octets take 1 ms; the second leaves 2,000 outstanding, and word of it takes 5 ms more.
    expect(a.seen.at(-1)).toBe('1012000 drained 0');
    expect(a.port.isBlocked(stream)).toBe(false);
  });

  it('stays blocked over a broken path', () => {
    const { simulation, a } = pair();
    startAll(simulation);
    simulation.runUntil(seconds(1));
    const cut = simulation.cut('sessions', [0], [1]);
    const stream = a.streams[0]!;
    for (let i = 0; i < 10; i++) a.port.send(stream, toyMessage('x'.repeat(60_000)));
    simulation.runUntil(seconds(30));
    expect(a.port.isBlocked(stream)).toBe(true);
    simulation.heal(cut);
    simulation.runUntil(seconds(60));
    expect(a.port.isBlocked(stream)).toBe(false);
    expect(a.seen.filter((line) => line.includes('drained'))).toHaveLength(1);
  });
});

describe('octets from a step', () => {
  it('arrive as octets in both modes, and so does everything after them', () => {
    for (const wire of [false, true]) {
      const { simulation, a, b } = pair({}, {}, wire);
      startAll(simulation);
      simulation.runUntil(milliseconds(20));
      const whole = toyMessage('raw').octets;
      simulation.sendRaw(a.port.id, a.streams[0]!, whole.subarray(0, 4));
      simulation.runUntil(milliseconds(40));
      simulation.sendRaw(a.port.id, a.streams[0]!, whole.subarray(4));
      a.say('after');
      simulation.runUntil(milliseconds(60));
      expect(b.seen.slice(2)).toEqual(['45000 heard raw', '45000 heard after']);
    }
  });
});

describe('a user timeout', () => {
  it('of NEVER is none', () => {
    const { simulation, a } = pair({ userTimeout: NEVER });
    startAll(simulation);
    simulation.runUntil(seconds(1));
    simulation.cut('underlay', [0], [1]);
    simulation.runUntil(seconds(3_600));
    expect(a.seen.at(-1)).toBe('10000 heard hello from b');
  });
});
