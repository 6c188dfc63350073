import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, OctetReader, OctetWriter, OutOfOctets, toHex } from '../../src/base/bytes.ts';
import { InvariantError } from '../../src/base/invariant.ts';

describe('octets', () => {
  it('read back as they were written, big-endian, whatever the widths', () => {
    const field = fc.oneof(
      fc.record({ width: fc.constant(1 as const), value: fc.nat(0xff) }),
      fc.record({ width: fc.constant(2 as const), value: fc.nat(0xffff) }),
      fc.record({ width: fc.constant(3 as const), value: fc.nat(0xff_ffff) }),
      fc.record({ width: fc.constant(4 as const), value: fc.integer({ min: 0, max: 0xffff_ffff }) }),
    );
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const writer = new OctetWriter(1);
        let hex = '';
        for (const { width, value } of fields) {
          if (width === 1) writer.u8(value);
          else if (width === 2) writer.u16(value);
          else if (width === 3) writer.u24(value);
          else writer.u32(value);
          hex += value.toString(16).padStart(width * 2, '0');
        }
        expect(toHex(writer.finish())).toBe(hex);
        const reader = new OctetReader(writer.peek());
        for (const { width, value } of fields) {
          const read =
            width === 1 ? reader.u8() : width === 2 ? reader.u16() : width === 3 ? reader.u24() : reader.u32();
          expect(read).toBe(value);
        }
        expect(reader.remaining).toBe(0);
      }),
    );
  });

  it('cannot be read past their end, and a failed read takes nothing', () => {
    const reader = new OctetReader(Uint8Array.from([1, 2, 3]), 1);
    expect(() => reader.u32()).toThrow(OutOfOctets);
    expect(() => reader.take(3)).toThrow(OutOfOctets);
    expect(() => reader.sub(3)).toThrow(OutOfOctets);
    expect(() => reader.skip(3)).toThrow(OutOfOctets);
    expect(reader.u16()).toBe(0x0203);
    expect(() => reader.u8()).toThrow('the octets end at 3');
  });

  it('in a bounded reader end where it ends, and the outer reader goes on behind', () => {
    const reader = new OctetReader(Uint8Array.from([9, 1, 2, 3]), 1);
    const inner = reader.sub(2);
    expect([inner.u8(), inner.u8()]).toEqual([1, 2]);
    expect(() => inner.u8()).toThrow(OutOfOctets);
    expect(reader.u8()).toBe(3);
  });

  it('read from a view start where the view starts', () => {
    const view = Uint8Array.from([0, 0, 0xab, 0xcd]).subarray(2);
    expect(new OctetReader(view).u16()).toBe(0xabcd);
    expect(() => new OctetReader(view, 3)).toThrow(InvariantError);
  });

  it('can be patched where they were written and cut shorter', () => {
    const writer = new OctetWriter(2);
    writer.zeros(4);
    writer.octets(Uint8Array.from([7, 8]));
    writer.patchU16(1, 0x1234);
    writer.patchU8(0, 0xff);
    writer.truncate(5);
    expect(toHex(writer.finish())).toBe('ff12340007');
    expect(() => writer.patchU16(4, 0)).toThrow(InvariantError);
    expect(() => writer.truncate(6)).toThrow(InvariantError);
    writer.reset();
    expect(writer.length).toBe(0);
  });

  it('written earlier do not show through after a reset', () => {
    const writer = new OctetWriter();
    writer.octets(Uint8Array.from([1, 2, 3, 4]));
    writer.reset();
    writer.zeros(4);
    expect(toHex(writer.finish())).toBe('00000000');
  });
});

describe('hex', () => {
  it('undoes itself', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (octets) => {
        expect(fromHex(toHex(octets))).toEqual(octets);
      }),
    );
  });

  it('is read with white space, colons and 0x, and refused otherwise', () => {
    expect(fromHex(' 0xFF:00\n 0a ')).toEqual(Uint8Array.from([255, 0, 10]));
    expect(fromHex('')).toEqual(new Uint8Array());
    for (const text of ['f', '0g', 'ff f', '12-34']) expect(fromHex(text)).toBeNull();
  });
});
