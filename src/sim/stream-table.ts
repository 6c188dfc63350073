/** All streams of a world, by number. A stream is forgotten when both its ends are. */
import { broken, invariant } from '../base/invariant.ts';
import type { VirtualUs } from '../base/time.ts';
import type { Links } from './link.ts';
import type { ConnectOptions, NodeId, StreamId } from './node.ts';
import { END_OPEN, Flow, otherSide, type Side, Stream } from './stream.ts';

const EPHEMERAL_PORT = 49_152;
const EPHEMERAL_PORTS = 16_384;

export class StreamTable {
  private readonly links: Links;
  private readonly streams: (Stream | null)[] = [];
  /** Ephemeral ports handed out, by node. */
  private readonly portsUsed: number[] = [];

  constructor(links: Links) {
    this.links = links;
  }

  /** A stream that begins to connect; `remote` is -1 for an address that nobody has. */
  add(node: NodeId, remote: NodeId, options: ConnectOptions, now: VirtualUs): Stream {
    const used = this.portsUsed[node] ?? 0;
    this.portsUsed[node] = used + 1;
    const other = remote < 0 ? node : remote; // flows to nobody are never used
    const stream = new Stream(
      this.streams.length,
      [node, remote],
      [options.localAddress, options.remoteAddress],
      [EPHEMERAL_PORT + (used % EPHEMERAL_PORTS), options.remotePort],
      [new Flow(this.links.link(node, other)), new Flow(this.links.link(other, node))],
      now,
      options.connectTimeout,
      options.userTimeout,
    );
    this.streams.push(stream);
    return stream;
  }

  get(id: StreamId): Stream | null {
    return this.streams[id] ?? null;
  }

  /** The stream, of which the node has an end. */
  known(id: StreamId): Stream {
    return this.get(id) ?? broken(`no end of stream ${id} is left`);
  }

  forget(stream: Stream): void {
    if (stream.isClosed() && stream.jobs === 0) this.streams[stream.id] = null;
  }

  /** In the order of their numbers; those of one node when it is given. */
  *all(node?: NodeId): IterableIterator<Stream> {
    for (const stream of this.streams) {
      if (stream === null) continue;
      if (node === undefined || stream.nodes[0] === node || stream.nodes[1] === node) yield stream;
    }
  }

  openAtBothEnds(): Stream[] {
    return [...this.all()].filter(({ states }) => states[0] === END_OPEN && states[1] === END_OPEN);
  }

  peerOf(node: NodeId, id: StreamId): NodeId {
    const stream = this.known(id);
    return stream.nodes[otherSide(sideOf(stream, node))];
  }
}

export function sideOf(stream: Stream, node: NodeId): Side {
  if (stream.nodes[0] === node) return 0;
  invariant(stream.nodes[1] === node, 'a node touches its own streams only');
  return 1;
}
