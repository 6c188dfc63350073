/** Address families and their NLRIs told to people. */
import { type OctetReader, toHex } from '../../base/bytes.ts';
import { FAMILIES, type Family, familyName, familyOf } from '../../route/family.ts';
import type { RoutePool } from '../../route/pool.ts';
import { NO_NLRI } from '../nlri/codec.ts';
import { nlriCodec } from '../nlri/table.ts';
import { type Described, field } from './field.ts';

const AFI_NAMES: Readonly<Record<number, string>> = { 1: 'IPv4', 2: 'IPv6', 25: 'L2VPN', 16388: 'BGP-LS' };
const SAFI_NAMES: Readonly<Record<number, string>> = {
  1: 'unicast', 2: 'multicast', 4: 'labelled unicast', 5: 'MCAST-VPN', 65: 'VPLS', 70: 'EVPN', 71: 'BGP-LS',
  128: 'VPN', 129: 'multicast VPN', 132: 'route target constraint', 133: 'flow specification', 134: 'VPN flow specification',
  241: 'ermvpn (Contrail)',
}; // biome-ignore format: one table, read as a table

/** `IPv4 VPN (inet-vpn)`. */
export function familyText(afi: number, safi: number): string {
  const known = familyOf(afi, safi);
  const text = `${AFI_NAMES[afi] ?? `AFI ${afi}`} ${SAFI_NAMES[safi] ?? `SAFI ${safi}`}`;
  return known === null ? text : `${text} (${familyName(known)})`;
}

/** The NLRIs of a field as far as they can be told apart: each is a length in bits and so many bits. */
export function nlrisOf(
  from: OctetReader,
  afi: number,
  safi: number,
  base: number,
  pool: RoutePool,
): readonly Described[] {
  const parts: Described[] = [];
  const family = familyOf(afi, safi);
  while (from.remaining > 0) {
    const at = from.offset;
    const bits = from.u8();
    const octets = Math.ceil(bits / 8);
    if (octets > from.remaining) {
      parts.push(
        field(
          'cut short',
          `an NLRI of ${bits} bits, ${from.remaining} octets are here`,
          '',
          base + at,
          1 + from.remaining,
        ),
      );
      from.skip(from.remaining);
      break;
    }
    const value = from.take(octets);
    const text = family === null ? `${bits} bits ${toHex(value)}` : nlriText(value, bits, family, pool);
    parts.push(field(family === null ? 'NLRI' : FAMILIES[family]!.name, text, '', base + at, 1 + octets));
  }
  return parts;
}

/** The label octets of a withdrawal that names no label (RFC 8277 §2.4), and the form that older speakers send. */
const WITHDRAWN_LABELS: readonly number[] = [0x800000, 0x000000];

function nlriText(value: Uint8Array, bits: number, family: Family, pool: RoutePool): string {
  const codec = nlriCodec(family);
  if (codec.labelled && bits < 88)
    return `${bits} bits ${toHex(value)}: too short for a label and a route distinguisher`;
  const nlri = codec.decode(new DataView(value.buffer, value.byteOffset, value.byteLength), 0, bits, pool, NO_NLRI);
  if (nlri === NO_NLRI) return `${bits} bits ${toHex(value)}: passed over (CN-7.4/9)`;
  const text = pool.nlris.format(nlri);
  return codec.labelled ? `${text} ${labelText((value[0]! << 16) | (value[1]! << 8) | value[2]!)}` : text;
}

/** Three octets: twenty bits of label and the bottom of the stack, or a VNI where the encapsulation is VXLAN. */
function labelText(octets: number): string {
  if (WITHDRAWN_LABELS.includes(octets)) return 'no label';
  return `label ${octets >>> 4}${(octets & 1) === 1 ? '' : `, not the bottom of a stack (as a VNI: ${octets})`}`;
}
