import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BgpCodec } from '../../src/bgp/codec.ts';
import { updateForm } from '../../src/bgp/form.ts';
import { Framer } from '../../src/bgp/framing.ts';
import { notification } from '../../src/bgp/notification.ts';
import { RoutePool } from '../../src/route/pool.ts';
import * as arbitrary from './arbitrary.ts';

const pool = new RoutePool();
const codec = new BgpCodec(pool);

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Everything that comes out when the stream arrives in pieces of these sizes. */
function framesOf(stream: Uint8Array, sizes: readonly number[]): readonly unknown[] {
  const framer = new Framer();
  const out: unknown[] = [];
  let at = 0;
  for (let i = 0; at < stream.length; i++) {
    const size = sizes[i % sizes.length]!;
    framer.push(stream.slice(at, at + size));
    for (let frame = framer.next(); frame !== null; frame = framer.next())
      out.push(frame instanceof Uint8Array ? frame.slice() : frame);
    at += size;
  }
  return out;
}

const message = fc.oneof(
  fc.constant(null).map(() => codec.encode({ kind: 'keepalive' }).octets),
  arbitrary.open.map((open) => codec.encode(open).octets),
  arbitrary.routes(pool).map(({ family, nlris }) => codec.withdraw(updateForm(true, true), family, nlris).octets),
  fc
    .uint8Array({ maxLength: 40 })
    .map((data) => codec.encode({ kind: 'notification', code: 6, subcode: 2, data }).octets),
);
const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 600 })), {
  minLength: 1,
  maxLength: 10,
});

describe('a stream of messages', () => {
  it('gives the same messages however it is cut', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), sizes, (messages, cut) => {
        expect(framesOf(joined(messages), cut)).toEqual(messages);
      }),
    );
  });

  it('gives the same messages octet by octet, and nothing for what is unfinished', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 3 }), fc.nat(), (messages, short) => {
        const last = messages.at(-1)!;
        const stream = joined(messages).slice(0, -1 - (short % last.length) || undefined);
        expect(framesOf(stream, [1])).toEqual(messages.slice(0, -1));
      }),
    );
  });

  it('tells the same fault however it is cut, after the same messages, and nothing behind it', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 3 }),
        fc.uint8Array({ minLength: 19, maxLength: 80 }),
        sizes,
        (before, junk, cut) => {
          const broken = junk.slice();
          broken[3] = 0;
          const stream = joined([...before, broken, codec.encode({ kind: 'keepalive' }).octets]);
          const frames = framesOf(stream, cut);
          expect(frames.slice(0, -1)).toEqual(before);
          expect(frames.at(-1)).toMatchObject({ kind: 'malformed', notification: notification(1, 1) });
          expect(frames).toEqual(framesOf(stream, [stream.length]));
        },
      ),
    );
  });

  it.each([
    ['a length below the header', 4, 18, 2, [0, 18]],
    ['a length above 4,096', 2, 4097, 2, [0x10, 0x01]],
    ['a KEEPALIVE of 20 octets', 4, 20, 2, [0, 20]],
    ['an OPEN of 28 octets', 1, 28, 2, [0, 28]],
    ['an UPDATE of 22 octets', 2, 22, 2, [0, 22]],
    ['a NOTIFICATION of 20 octets', 3, 20, 2, [0, 20]],
    ['type 0', 0, 19, 3, [0]],
    ['type 5, route refresh, which Contrail does not speak', 5, 23, 3, [5]],
  ])('refuses %s (CN-7.4/1)', (_what, type, length, subcode, data) => {
    const octets = new Uint8Array(40).fill(0xff, 0, 16);
    octets[16] = length >>> 8;
    octets[17] = length & 0xff;
    octets[18] = type;
    expect(framesOf(octets, [40])).toMatchObject([
      { kind: 'malformed', notification: notification(1, subcode, Uint8Array.from(data)) },
    ]);
  });
});
