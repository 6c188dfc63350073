/**
 * What went over the wire as a pcapng file (draft-ietf-opsawg-pcapng): IPv4 and TCP around the octets of the streams, so
 * that tshark and Wireshark read the protocols inside.
 *
 * Link type RAW, virtual microseconds since the start of the run as the time. Each packet has a comment that names
 * sender and receiver. Acknowledgements travel with data and with the end of a connection; pure ones are not written,
 * nor are segments that were sent again.
 */
import { OctetWriter } from '../base/bytes.ts';
import type { VirtualUs } from '../base/time.ts';
import type { StreamId } from '../sim/node.ts';
import type { Endpoint, SegmentSink } from '../sim/sink.ts';

const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const LINKTYPE_RAW = 101;
const OPTION_END = 0;
const OPTION_COMMENT = 1;
const OPTION_USER_APPLICATION = 4;
const OPTION_IF_NAME = 2;

const IP_OCTETS = 20;
const TCP_OCTETS = 20;
const PROTOCOL_TCP = 6;
/** What fits a segment on an Ethernet of 1,500 octets. */
const SEGMENT_OCTETS_MAX = 1_460;

const FLAG = { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10 } as const;

/** First sequence numbers of the two directions, the same in every run. */
const FIRST_SEQUENCE = 1_000_000;

/** One connection: octets that each side has sent so far. */
interface Connection {
  readonly opener: Endpoint;
  openerSent: number;
  otherSent: number;
}

export class PcapngWriter implements SegmentSink {
  private readonly nameOf: (address: number) => string;
  private readonly write: (octets: Uint8Array) => void;
  private readonly connections = new Map<StreamId, Connection>();
  private packets = 0;

  /** `write` is given the file piece by piece, its head at once. */
  constructor(nameOf: (address: number) => string, write: (octets: Uint8Array) => void) {
    this.nameOf = nameOf;
    this.write = write;
    write(sectionHeader());
    write(interfaceDescription());
  }

  get packetCount(): number {
    return this.packets;
  }

  opened(at: VirtualUs, stream: StreamId, from: Endpoint, to: Endpoint): void {
    this.connections.set(stream, { opener: from, openerSent: 0, otherSent: 0 });
    const first = FIRST_SEQUENCE;
    this.packet(at, from, to, FLAG.syn, first, 0, NOTHING, 'opens a connection');
    this.packet(at, to, from, FLAG.syn | FLAG.ack, first, first + 1, NOTHING, 'accepts it');
    this.packet(at, from, to, FLAG.ack, first + 1, first + 1, NOTHING, 'connected');
  }

  octets(at: VirtualUs, stream: StreamId, from: Endpoint, to: Endpoint, octets: Uint8Array, offset: number): void {
    const heard = this.heardBy(stream, from);
    for (let start = 0; start < octets.length; start += SEGMENT_OCTETS_MAX) {
      const part = octets.subarray(start, start + SEGMENT_OCTETS_MAX);
      const sequence = FIRST_SEQUENCE + 1 + offset + start;
      this.packet(at, from, to, FLAG.psh | FLAG.ack, sequence, FIRST_SEQUENCE + 1 + heard, part, '');
    }
    const connection = this.connections.get(stream);
    if (connection === undefined) return;
    if (isSame(connection.opener, from)) connection.openerSent = offset + octets.length;
    else connection.otherSent = offset + octets.length;
  }

  ended(at: VirtualUs, stream: StreamId, from: Endpoint, to: Endpoint, offset: number, reset: boolean): void {
    const acknowledged = FIRST_SEQUENCE + 1 + this.heardBy(stream, from);
    const flags = (reset ? FLAG.rst : FLAG.fin) | FLAG.ack;
    this.packet(at, from, to, flags, FIRST_SEQUENCE + 1 + offset, acknowledged, NOTHING, reset ? 'resets' : 'closes');
  }

  /** Octets that the other side has sent to `end`. */
  private heardBy(stream: StreamId, end: Endpoint): number {
    const connection = this.connections.get(stream);
    if (connection === undefined) return 0;
    return isSame(connection.opener, end) ? connection.otherSent : connection.openerSent;
  }

  private packet(
    at: VirtualUs,
    from: Endpoint,
    to: Endpoint,
    flags: number,
    sequence: number,
    acknowledged: number,
    data: Uint8Array,
    what: string,
  ): void {
    const octets = segment(from, to, flags, sequence, acknowledged, data, this.packets & 0xffff);
    const comment = `${this.nameOf(from.address)} to ${this.nameOf(to.address)}${what === '' ? '' : ` ${what}`}`;
    this.write(enhancedPacket(at, octets, comment));
    this.packets++;
  }
}

const NOTHING = new Uint8Array(0);

function isSame(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port === b.port;
}

/** An IPv4 packet with a TCP segment in it, checksums right. */
function segment(
  from: Endpoint,
  to: Endpoint,
  flags: number,
  sequence: number,
  acknowledged: number,
  data: Uint8Array,
  identification: number,
): Uint8Array {
  const octets = new Uint8Array(IP_OCTETS + TCP_OCTETS + data.length);
  const view = new DataView(octets.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, octets.length);
  view.setUint16(4, identification);
  view.setUint16(6, 0x4000); // do not fragment
  view.setUint8(8, 64);
  view.setUint8(9, PROTOCOL_TCP);
  view.setUint32(12, from.address);
  view.setUint32(16, to.address);
  view.setUint16(10, checksum(view, 0, IP_OCTETS, 0));
  view.setUint16(20, from.port);
  view.setUint16(22, to.port);
  view.setUint32(24, sequence >>> 0);
  view.setUint32(28, acknowledged >>> 0);
  view.setUint8(32, (TCP_OCTETS / 4) << 4);
  view.setUint8(33, flags);
  view.setUint16(34, 0xffff);
  octets.set(data, IP_OCTETS + TCP_OCTETS);
  let pseudo = PROTOCOL_TCP + TCP_OCTETS + data.length;
  for (let at = 12; at < 20; at += 2) pseudo += view.getUint16(at);
  view.setUint16(36, checksum(view, IP_OCTETS, octets.length, pseudo));
  return octets;
}

/** The Internet checksum (RFC 1071) of the octets between two offsets, on top of a sum. */
function checksum(view: DataView, start: number, end: number, begin: number): number {
  let sum = begin;
  for (let at = start; at + 1 < end; at += 2) sum += view.getUint16(at);
  if ((end - start) % 2 === 1) sum += view.getUint8(end - 1) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

function sectionHeader(): Uint8Array {
  return block(SECTION_HEADER, (to) => {
    to.u32(BYTE_ORDER);
    to.u16(1); // version 1.0
    to.u16(0);
    to.u32(0xffffffff); // the length of the section is not stated
    to.u32(0xffffffff);
    option(to, OPTION_USER_APPLICATION, 'vaportrail');
    option(to, OPTION_END, '');
  });
}

function interfaceDescription(): Uint8Array {
  return block(INTERFACE_DESCRIPTION, (to) => {
    to.u16(LINKTYPE_RAW);
    to.u16(0);
    to.u32(0); // no limit to the length of a packet
    option(to, OPTION_IF_NAME, 'virtual');
    option(to, OPTION_END, '');
  });
}

function enhancedPacket(at: VirtualUs, packet: Uint8Array, comment: string): Uint8Array {
  return block(ENHANCED_PACKET, (to) => {
    to.u32(0); // the only interface
    to.u32(Math.floor(at / 0x1_0000_0000));
    to.u32(at >>> 0);
    to.u32(packet.length);
    to.u32(packet.length);
    to.octets(packet);
    to.zeros(padding(packet.length));
    option(to, OPTION_COMMENT, comment);
    option(to, OPTION_END, '');
  });
}

/** A block with its length at both ends. */
function block(type: number, body: (to: OctetWriter) => void): Uint8Array {
  const to = new OctetWriter(256);
  to.u32(type);
  to.u32(0);
  body(to);
  const length = to.length + 4;
  to.u32(length);
  const octets = to.finish();
  new DataView(octets.buffer).setUint32(4, length);
  return octets;
}

function option(to: OctetWriter, code: number, text: string): void {
  const value = new TextEncoder().encode(text);
  to.u16(code);
  to.u16(value.length);
  to.octets(value);
  to.zeros(padding(value.length));
}

function padding(length: number): number {
  return (4 - (length % 4)) % 4;
}
