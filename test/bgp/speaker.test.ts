import { describe, expect, it } from 'vitest';
import { seconds, type VirtualUs, virtualUs } from '../../src/base/time.ts';
import { bgpCodec } from '../../src/bgp/codec.ts';
import { updateForm } from '../../src/bgp/form.ts';
import type { UpdateMessage } from '../../src/bgp/message.ts';
import type { NegotiatedSession } from '../../src/bgp/negotiation.ts';
import { CEASE } from '../../src/bgp/notification.ts';
import type { SessionDown } from '../../src/bgp/session-output.ts';
import { BGP_PORT, BgpSpeaker } from '../../src/bgp/speaker.ts';
import { type Ipv4, ipv4 } from '../../src/net/ipv4.ts';
import { NO_ATTRIBUTES } from '../../src/route/attributes.ts';
import { FAMILY } from '../../src/route/family.ts';
import { RoutePool } from '../../src/route/pool.ts';
import { Simulation } from '../../src/sim/kernel.ts';
import type { NodePort } from '../../src/sim/node.ts';
import { sessionConfig } from './pair.ts';
import { SpeakerNode } from './speaker-node.ts';

/** A node that is nothing but its speaker. */
class Node extends SpeakerNode {
  readonly addresses: readonly number[];
  readonly up: NegotiatedSession[] = [];
  readonly downs: SessionDown[] = [];
  readonly updates: UpdateMessage[] = [];
  readonly name: string;
  readonly speaker: BgpSpeaker;
  stopping: (() => void) | null = null;

  constructor(name: string, address: Ipv4, port: NodePort, pool: RoutePool) {
    super();
    this.name = name;
    this.addresses = [address];
    this.speaker = new BgpSpeaker(port, this, bgpCodec(pool), 0);
  }

  bgpEstablished(_index: number, negotiated: NegotiatedSession): void {
    this.up.push(negotiated);
  }

  bgpUpdate(_index: number, update: UpdateMessage): void {
    this.updates.push(update);
    this.stopping?.();
  }

  bgpDown(_index: number, down: SessionDown): void {
    this.downs.push(down);
  }
}

const A = ipv4(0x0a000001);
const B = ipv4(0x0a000002);

function two(wire = false, halves: 'both' | 'a only' = 'both') {
  const pool = new RoutePool();
  const sim = new Simulation({ seed: 3, wire });
  const place = (name: string, own: Ipv4, other: Ipv4, knows: boolean): Node => {
    let node: Node | undefined;
    sim.addNode({ name, addresses: [own] }, (port) => {
      node = new Node(name, own, port, pool);
      return node;
    });
    const config = sessionConfig({ neighbour: name === 'a' ? 'b' : 'a', identifier: own });
    if (knows) node!.speaker.add(config, { localAddress: own, address: other, port: BGP_PORT });
    sim.start(sim.nodeNamed(name));
    return node!;
  };
  const a = place('a', A, B, true);
  const b = place('b', B, A, halves === 'both');
  const run = (s: number): void => sim.runUntil(virtualUs(sim.now + seconds(s)) as VirtualUs);
  return { sim, pool, a, b, run };
}

function notificationsTo(sim: Simulation, node: number): readonly string[] {
  const texts: string[] = [];
  for (let row = 0; row < sim.recording.notes.length; row++) {
    const note = sim.recording.noteRow(row);
    if (note.node === node && note.text.includes('NOTIFICATION')) texts.push(note.text);
  }
  return texts;
}

function messages(sim: Simulation): readonly string[] {
  return Array.from({ length: sim.recording.messages.length }, (_, row) => {
    const { at, from, to, kind, size, items, digest } = sim.recording.messageRow(row);
    return [at, from, to, kind, size, items, digest].join(' ');
  });
}

describe('who may connect (CN-7.2.4)', () => {
  it('a peer that is not configured is told PeerDeconfigured', () => {
    const { sim, a, run } = two(false, 'a only');
    run(2);
    expect(a.up).toEqual([]);
    expect(notificationsTo(sim, 0)[0]).toContain('Cease/Peer De-configured');
  });

  it('a peer that is administratively down is told AdminShutdown, and comes up when it is enabled', () => {
    const { sim, a, b, run } = two();
    b.speaker.disable(0);
    run(2);
    expect(a.up).toEqual([]);
    expect(notificationsTo(sim, 0)[0]).toContain('Cease/Administrative Shutdown');
    b.speaker.enable(0);
    run(10);
    expect([a.up.length, b.up.length]).toEqual([1, 1]);
  });
});

describe('a speaker on a node', () => {
  it('brings a session up, counts what is said, and says it to the listener', () => {
    const { sim, pool, a, b, run } = two();
    run(2);
    const { form } = a.up[0]!;
    const codec = bgpCodec(pool);
    const set = pool.attributes.intern({ ...NO_ATTRIBUTES, asPath: [], nextHop: ipv4(9) });
    const nlris = Int32Array.from([1, 2, 3], (host) => pool.nlris.inetVpn(0, host, 32));
    a.speaker.send(0, codec.announce(form, FAMILY['inet-vpn'], set, nlris, new Int32Array(3)));
    a.speaker.send(0, codec.withdraw(form, FAMILY['inet-vpn'], nlris.slice(2)));
    a.speaker.send(0, codec.endOfRib(form, FAMILY['inet-vpn']));
    run(1);
    expect(b.updates.map(({ parts }) => parts[0]!.kind)).toEqual(['announce', 'withdraw', 'end-of-rib']);
    const counters = ['updates', 'announced', 'withdrawn', 'end-of-rib'].flatMap((what) => {
      const family = what === 'announced' || what === 'withdrawn' ? '.inet-vpn' : '';
      return [
        sim.counters.value(0, `bgp.${what}.sent${family}`, 'b'),
        sim.counters.value(1, `bgp.${what}.received${family}`, 'a'),
      ];
    });
    expect(counters).toEqual([3, 3, 3, 3, 1, 1, 1, 1]);
  });

  it('begins anew after a crash, and the other side finds out by its hold timer', () => {
    const { sim, a, b, run } = two();
    run(2);
    sim.crash(1);
    run(91);
    expect(a.downs).toMatchObject([{ notification: { code: 4 } }]);
    expect(b.downs).toEqual([]);
    sim.start(1);
    run(10);
    expect([a.up.length, b.up.length]).toEqual([2, 2]);
  });

  it('ends its sessions in order when the node stops', () => {
    const { sim, a, run } = two();
    run(2);
    sim.stop(1);
    run(1);
    expect(a.downs).toMatchObject([
      { cause: 'notification-received', notification: { code: 6, subcode: CEASE.peerDeconfigured } },
    ]);
  });

  it('a listener may end a session while it is told of its routes, and what is said to it then goes nowhere', () => {
    const { pool, a, b, run } = two();
    run(2);
    const { form } = a.up[0]!;
    const codec = bgpCodec(pool);
    b.stopping = () => {
      b.stopping = null;
      b.speaker.clear(0, CEASE.maximumPrefixes, 'too many routes');
      b.speaker.send(0, codec.endOfRib(form, FAMILY['inet-vpn']));
    };
    a.speaker.send(0, codec.endOfRib(form, FAMILY['inet-vpn']));
    run(1);
    expect(a.downs).toMatchObject([{ notification: { code: 6, subcode: CEASE.maximumPrefixes } }]);
    expect(b.downs).toHaveLength(1);
    expect(a.updates).toEqual([]);
    run(20);
    expect([a.up.length, b.up.length]).toEqual([2, 2]);
  });

  it('a neighbour that is removed is told so and not known any more (CN-7.10)', () => {
    const { sim, a, b, run } = two();
    run(2);
    b.speaker.remove(0);
    run(10);
    expect(a.downs).toMatchObject([{ notification: { code: 6, subcode: CEASE.peerDeconfigured } }]);
    expect(b.speaker.indexes()).toEqual([]);
    expect(notificationsTo(sim, 0).at(-1)).toContain('Cease/Peer De-configured');
  });

  it('a world at rest has nothing but background pending', () => {
    const { sim } = two();
    expect(sim.runToQuiescence(seconds(60), () => null)).toMatchObject({ quiescent: true });
    expect(sim.now).toBeLessThan(1_000_000);
  });
});

describe('shared messages and octets', () => {
  const play = (wire: boolean, fault: 'none' | 'label' = 'none') => {
    const { sim, pool, a, run } = two(wire);
    run(2);
    const codec = bgpCodec(pool);
    if (fault === 'label') {
      const { decode } = codec;
      codec.decode = (octets, wide) => {
        const read = decode.call(codec, octets, wide);
        if (read.kind !== 'update') return read;
        for (const part of read.parts) if (part.kind === 'announce') (part.labels as Int32Array)[0]! ^= 1; // as they are read
        return read;
      };
    }
    const { form } = a.up[0]!;
    const set = pool.attributes.intern({ ...NO_ATTRIBUTES, asPath: [], nextHop: ipv4(9), subProtocol: 'interface' });
    const nlris = Int32Array.from({ length: 200 }, (_, host) => pool.nlris.inetVpn(1, host, 32));
    a.speaker.send(0, codec.announce(form, FAMILY['inet-vpn'], set, nlris, new Int32Array(200).fill(17)));
    a.speaker.send(0, codec.withdraw(updateForm(true, true), FAMILY['inet-vpn'], nlris));
    run(200);
    return messages(sim);
  };

  it('give the same record', () => {
    expect(play(true)).toEqual(play(false));
  });

  it('give another record when the decoder has a fault', () => {
    expect(play(true, 'label')).not.toEqual(play(false));
    expect(play(false, 'label')).toEqual(play(false));
  });
});
