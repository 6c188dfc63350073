import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/base/bytes.ts';
import type { Described } from '../../src/bgp/describe/field.ts';
import { describeBgp } from '../../src/bgp/describe/message.ts';

const MARKER = 'ff'.repeat(16);
const OPEN = `${MARKER}003b0104fc00005a0a0000011e021c01040001008001040001008441040000fc004006003c000180800200`;
const UPDATE =
  `${MARKER}008a020000007340010102800404000000c84005040000006440020602010000fc00c010300002fc00000027100002fc00007a1201` +
  '030c000000000002030c00000000000d8004fc00007a12028071fc0000000005900e00210001800c0000000000000000c0a80101007800011' +
  '10001c0a8010100030a006403';

const octetsOf = (hex: string) => fromHex(hex)!;

/** Every field lies inside the message, in order, and inside the field it is a part of. */
function wellPlaced(fields: readonly Described[], from: number, until: number): boolean {
  let at = from;
  for (const field of fields) {
    if (field.at < at || field.at + field.octets > until) return false;
    if (!wellPlaced(field.parts, field.at, field.at + field.octets)) return false;
    at = field.at + field.octets;
  }
  return true;
}

describe('a described BGP message', () => {
  it('places each field where its octets are', () => {
    for (const hex of [OPEN, UPDATE]) {
      const octets = octetsOf(hex);
      const [message] = describeBgp(octets);
      expect(wellPlaced(message!.fields, 0, octets.length)).toBe(true);
      expect(message!.verdict).toEqual({ accepted: true, notification: null, why: '' });
    }
  });

  it('names the capabilities of an OPEN with their RFCs', () => {
    const capabilities = describeBgp(octetsOf(OPEN))[0]!.fields.at(-1)!;
    expect(capabilities.parts.map(({ name, value, reference }) => [name, value, reference])).toEqual([
      ['multiprotocol', 'IPv4 VPN (inet-vpn)', 'RFC 4760 §8'],
      ['multiprotocol', 'IPv4 route target constraint (route-target)', 'RFC 4760 §8'],
      ['4-octet AS number', '64512', 'RFC 6793 §3'],
      ['graceful restart', '60 s; IPv4 VPN (inet-vpn) (forwarding kept)', 'RFC 4724 §3'],
      ['route refresh', '', 'RFC 2918'],
    ]);
  });

  it('is told of octets of any kind without a fault of ours, and every octet is accounted for', () => {
    const header = fc.uint8Array({ minLength: 0, maxLength: 200 }).map((body) => {
      const length = 19 + body.length;
      return Uint8Array.from([...new Array(16).fill(0xff), length >> 8, length & 0xff, 2, ...body]);
    });
    const damaged = fc
      .tuple(fc.constantFrom(OPEN, UPDATE), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }))
      .map(([hex, changes]) => {
        const octets = octetsOf(hex);
        for (const [at, value] of changes) octets[at % octets.length] = value;
        return octets;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), header, damaged), (octets) => {
        const messages = describeBgp(octets);
        expect(messages.reduce((sum, message) => sum + message.octets, 0)).toBe(octets.length);
        for (const message of messages) {
          expect(wellPlaced(message.fields, message.at, message.at + message.octets)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
