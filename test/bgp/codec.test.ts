import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OctetWriter } from '../../src/base/bytes.ts';
import { forkGraph, isShared } from '../../src/base/fork.ts';
import { ATTRIBUTES } from '../../src/bgp/attributes/table.ts';
import { BgpCodec, bgpCodec } from '../../src/bgp/codec.ts';
import { hasFourOctetAs, hasLocalPref, updateForm } from '../../src/bgp/form.ts';
import { MESSAGE_OCTETS_MAX } from '../../src/bgp/message.ts';
import { ipv4 } from '../../src/net/ipv4.ts';
import { NO_ATTRIBUTES } from '../../src/route/attributes.ts';
import { FAMILY } from '../../src/route/family.ts';
import { RoutePool } from '../../src/route/pool.ts';
import * as arbitrary from './arbitrary.ts';

const pool = new RoutePool();
const codec = new BgpCodec(pool);

describe('an UPDATE that is decoded', () => {
  it('says what its sender meant: the content that receivers may share, its digest, its count', () => {
    fc.assert(
      fc.property(
        arbitrary.form,
        arbitrary.attributes(pool),
        arbitrary.routes(pool),
        (form, set, { family, nlris, labels }) => {
          const { extendedCommunities, ...rest } = set;
          // VXLAN turns labels into VNIs, which may fill all 24 bits; the test below is about those.
          const plain = {
            ...rest,
            extendedCommunities: extendedCommunities.filter((id) => pool.octets8.hi(id) !== 0x030c0000),
          };
          const said = codec.announce(form, family, pool.attributes.intern(plain), nlris, labels);
          expect(said.octets.length).toBeLessThanOrEqual(MESSAGE_OCTETS_MAX);
          const read = codec.decode(said.octets, hasFourOctetAs(form));
          expect(read).toEqual(said.content);
          if (read.kind !== 'update') throw new Error('an UPDATE was written');
          expect(codec.decodedOf(read, said.octets.length)).toEqual({
            kind: said.kind,
            items: nlris.length,
            digest: said.digest,
            size: said.octets.length,
          });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('keeps of the attributes what the form carries, and nothing that stays inside a node (CN-3.4/1, CN-3.4/6)', () => {
    fc.assert(
      fc.property(arbitrary.form, arbitrary.attributes(pool), (form, set) => {
        const nlris = Int32Array.of(pool.nlris.inetVpn(0, 0, 0));
        const said = codec.announce(
          form,
          FAMILY['inet-vpn'],
          pool.attributes.intern({ ...set, sourceRd: 1 }),
          nlris,
          Int32Array.of(16),
        );
        const part = said.content.kind === 'update' ? said.content.parts[0]! : null;
        if (part?.kind !== 'announce') throw new Error('an announcement was written');
        const crossed = pool.attributes.get(part.attributes);
        const meant = pool.attributes.get(pool.attributes.intern(set));
        const kept = { ...meant, sourceRd: 0, subProtocol: '', localPref: hasLocalPref(form) ? meant.localPref : 100 };
        expect({ ...crossed, asPath: null }).toEqual({ ...kept, asPath: null });
        if (hasFourOctetAs(form)) expect(crossed.asPath).toEqual(meant.asPath);
        else
          for (const segment of crossed.asPath ?? [])
            for (const as of segment.asns) expect(as).toBeLessThanOrEqual(0xffff);
      }),
    );
  });

  it('tells neighbours apart that differ in one part of the distinguisher or in the length alone', () => {
    const part = fc.nat(1);
    const routes = fc.array(fc.tuple(part, part, part, fc.integer({ min: 30, max: 32 })), {
      minLength: 2,
      maxLength: 30,
    });
    fc.assert(
      fc.property(routes, (list) => {
        const fresh = new RoutePool();
        const own = new BgpCodec(fresh);
        const idOf = ([hi, lo, host, length]: readonly number[]) =>
          fresh.nlris.inetVpn(fresh.octets8.internHalves(hi!, lo!), host! * 4, length!);
        // The order of the ids is another than that of the message.
        for (const route of [...list].sort()) idOf(route);
        const nlris = Int32Array.from(list, idOf);
        const said = own.withdraw(updateForm(true, true), FAMILY['inet-vpn'], nlris);
        expect(own.decode(said.octets, true)).toEqual(said.content);
      }),
    );
  });

  it('withdraws and ends a RIB as it was told to', () => {
    fc.assert(
      fc.property(arbitrary.form, arbitrary.routes(pool), (form, { family, nlris }) => {
        for (const said of [codec.withdraw(form, family, nlris), codec.endOfRib(form, family)]) {
          expect(codec.decode(said.octets, hasFourOctetAs(form))).toEqual(said.content);
        }
      }),
    );
  });

  it('has the digest of its values: another pool with other ids makes the same number', () => {
    const numbers = [1, 2].map((shift) => {
      const other = new RoutePool();
      for (let i = 0; i < shift * 10; i++) other.octets8.internHalves(i, shift);
      for (let i = 0; i < shift * 10; i++) other.nlris.inet(i << 8, 24);
      other.attributes.intern({ ...NO_ATTRIBUTES, med: shift });
      const target = other.octets8.internHalves(0x0002fc00, 10_000);
      const set = other.attributes.intern({
        ...NO_ATTRIBUTES,
        asPath: [],
        nextHop: ipv4(9),
        extendedCommunities: [target],
      });
      const nlris = Int32Array.of(other.nlris.inetVpn(other.octets8.internHalves(1, 2), 0x0a000000, 8));
      return new BgpCodec(other).announce(updateForm(true, true), FAMILY['inet-vpn'], set, nlris, Int32Array.of(16))
        .digest;
    });
    expect(numbers[0]).toBe(numbers[1]);
  });

  it('has another digest when anything it says is another', () => {
    const base = pool.attributes.intern({ ...NO_ATTRIBUTES, asPath: [], nextHop: ipv4(9) });
    const other = pool.attributes.intern({ ...pool.attributes.get(base), med: 1 });
    const a = pool.nlris.inetVpn(1, 0x0a000000, 8);
    const b = pool.nlris.inetVpn(1, 0x0a000000, 9);
    const form = updateForm(true, true);
    const vpn = FAMILY['inet-vpn'];
    const digests = [
      codec.announce(form, vpn, base, Int32Array.of(a), Int32Array.of(16)),
      codec.announce(form, vpn, other, Int32Array.of(a), Int32Array.of(16)),
      codec.announce(form, vpn, base, Int32Array.of(b), Int32Array.of(16)),
      codec.announce(form, vpn, base, Int32Array.of(a), Int32Array.of(17)),
      codec.announce(form, vpn, base, Int32Array.of(a, b), Int32Array.of(16, 17)),
      codec.announce(form, vpn, base, Int32Array.of(a, b), Int32Array.of(17, 16)),
      codec.announce(form, vpn, base, Int32Array.of(b, a), Int32Array.of(16, 17)),
      codec.withdraw(form, vpn, Int32Array.of(a)),
      codec.endOfRib(form, vpn),
      codec.endOfRib(form, FAMILY.inet),
    ].map((said) => said.digest);
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('carries a VNI of 24 bits in the label where the path says VXLAN (CN-3.4.p4)', () => {
    const vxlan = pool.octets8.internHalves(0x030c0000, 8);
    const set = pool.attributes.intern({
      ...NO_ATTRIBUTES,
      asPath: [],
      nextHop: ipv4(9),
      extendedCommunities: [vxlan],
    });
    fc.assert(
      fc.property(fc.nat(0xffffff), (vni) => {
        const nlris = Int32Array.of(pool.nlris.inetVpn(1, 0x0a000001, 32));
        const said = codec.announce(updateForm(true, true), FAMILY['inet-vpn'], set, nlris, Int32Array.of(vni));
        expect(codec.decode(said.octets, true)).toEqual(said.content);
        expect(said.content).toMatchObject({ parts: [{ labels: Int32Array.of(vni) }] });
      }),
    );
  });

  it('keeps nothing of the message before it: attributes met again are the same set, others are not', () => {
    const sets = fc.array(arbitrary.attributes(pool), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(sets, arbitrary.form, fc.array(fc.nat(5), { minLength: 4, maxLength: 12 }), (all, form, order) => {
        const fresh = new RoutePool();
        const reader = new BgpCodec(fresh);
        const nlris = Int32Array.of(pool.nlris.inetVpn(0, 0x0a000000, 8));
        for (const index of order) {
          const set = pool.attributes.intern(all[index % all.length]!);
          const said = codec.announce(form, FAMILY['inet-vpn'], set, nlris, Int32Array.of(16));
          const read = reader.decode(said.octets, hasFourOctetAs(form));
          if (read.kind !== 'update') throw new Error('an UPDATE was written');
          expect(reader.decodedOf(read, 0).digest).toBe(said.digest);
        }
      }),
    );
  });
});

describe('room in a message (CN-6.5.4)', () => {
  it('is what fits: filled to the last octet it has 4,096 or less, and one route more would not fit', () => {
    fc.assert(
      fc.property(
        arbitrary.form,
        arbitrary.attributes(pool),
        fc.constantFrom(0, 1, 2),
        fc.nat(32),
        (form, set, which, length) => {
          const family = which as 0 | 1 | 2; // the three families there are
          const attributes = pool.attributes.intern(set);
          const room = codec.announceRoom(form, family, attributes);
          const id = (i: number) =>
            family === FAMILY.inet
              ? pool.nlris.inet(0, length)
              : family === FAMILY['inet-vpn']
                ? pool.nlris.inetVpn(1, 0, length)
                : pool.nlris.routeTarget(i, 1);
          const each = codec.nlriOctets(id(0));
          const count = Math.floor(room / each);
          const nlris = Int32Array.from({ length: count }, (_, i) => id(i));
          const { octets } = codec.announce(form, family, attributes, nlris, new Int32Array(count));
          expect(octets.length).toBe(MESSAGE_OCTETS_MAX - room + count * each);
          expect(MESSAGE_OCTETS_MAX - octets.length).toBeLessThan(each);
          const gone = Math.floor(codec.withdrawRoom() / each);
          const withdrawn = codec.withdraw(
            form,
            family,
            Int32Array.from({ length: gone }, (_, i) => id(i)),
          );
          expect(withdrawn.octets.length).toBe(MESSAGE_OCTETS_MAX - codec.withdrawRoom() + gone * each);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is never exceeded by mistake: a message that would be too long is a fault of ours', () => {
    const nlris = Int32Array.from({ length: 300 }, (_, i) => pool.nlris.inetVpn(1, i, 32));
    expect(() => codec.withdraw(updateForm(true, true), FAMILY['inet-vpn'], nlris)).toThrow(/4096 is the limit/);
  });
});

describe('the other messages', () => {
  it('an OPEN is read as it was meant, unknown capabilities octet for octet', () => {
    fc.assert(
      fc.property(arbitrary.open, (open) => {
        const said = codec.encode(open);
        expect(codec.decode(said.octets, true)).toEqual(open);
      }),
    );
  });

  it('a NOTIFICATION is read as it was meant', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.uint8Array({ maxLength: 60 }), (code, subcode, data) => {
        const said = codec.encode({ kind: 'notification', code, subcode, data });
        expect(codec.decode(said.octets, true)).toEqual(said.content);
      }),
    );
  });

  it('a KEEPALIVE is background, and the same value for all who send it', () => {
    const said = codec.encode({ kind: 'keepalive' });
    expect(said.background).toBe(true);
    expect(codec.encode({ kind: 'keepalive' })).toBe(said);
    expect(isShared(said)).toBe(true);
  });
});

describe('octets from anywhere', () => {
  const fits = (octets: Uint8Array, type: number): Uint8Array => {
    const to = new OctetWriter();
    to.octets(new Uint8Array(16).fill(0xff));
    to.u16(19 + octets.length);
    to.u8(type);
    to.octets(octets);
    return to.finish();
  };

  it('never make the decoder throw, and never make it take more memory than they fill', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        (body, type, wide) => {
          const least = [0, 10, 4, 2, 0][type]!;
          const octets = type === 4 ? new Uint8Array(0) : body.length < least ? new Uint8Array(least) : body;
          const fresh = new RoutePool();
          const read = new BgpCodec(fresh).decode(fits(octets, type), wide);
          if (read.kind === 'update') {
            const routes = read.parts.reduce(
              (sum, part) => sum + (part.kind === 'end-of-rib' ? 0 : part.nlris.length),
              0,
            );
            expect(routes).toBeLessThanOrEqual(octets.length);
          }
          expect(fresh.nlris.size).toBeLessThanOrEqual(octets.length);
          expect(fresh.attributes.size).toBeLessThanOrEqual(2);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('an UPDATE with one octet changed is read or refused, and what is read can be written again', () => {
    fc.assert(
      fc.property(
        arbitrary.form,
        arbitrary.attributes(pool),
        arbitrary.routes(pool),
        fc.nat(),
        fc.nat(255),
        (form, set, { family, nlris, labels }, at, value) => {
          const said = codec.announce(form, family, pool.attributes.intern(set), nlris, labels);
          const octets = said.octets.slice();
          octets[19 + (at % (octets.length - 19))] = value;
          const read = codec.decode(octets, hasFourOctetAs(form));
          if (read.kind === 'malformed') expect(read.notification.code).toBe(3);
          else if (read.kind === 'update') {
            for (const part of read.parts) {
              if (part.kind !== 'announce') continue;
              const again = codec.announce(form, part.family, part.attributes, part.nlris, part.labels);
              const back = codec.decode(again.octets, hasFourOctetAs(form));
              expect(back.kind).toBe('update');
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the codec of a world', () => {
  it('is one to a pool, and is copied with it', () => {
    const one = new RoutePool();
    expect(bgpCodec(one)).toBe(bgpCodec(one));
    const state = forkGraph({ one, codec: bgpCodec(one) });
    expect(state.codec.pool).toBe(state.one);
    const nlris = Int32Array.of(state.one.nlris.inet(0x0a000000, 8));
    expect(one.nlris.size).toBe(0);
    expect(state.codec.withdraw(updateForm(true, true), FAMILY.inet, nlris).items).toBe(1);
  });

  it('knows each attribute by a name and a code of its own', () => {
    expect(new Set(ATTRIBUTES.map(({ code }) => code)).size).toBe(ATTRIBUTES.length);
    expect(new Set(ATTRIBUTES.map(({ name }) => name)).size).toBe(ATTRIBUTES.length);
  });
});
