/** The peers of a control node, agents and BGP neighbours, by number: what the decision and the export ask of them. */
import { Int32Column } from '../base/columns.ts';
import type { PeerFacts } from '../bgp/decision.ts';
import { NO_PEER, type PeerId } from '../route/path.ts';

export type PeerKind = 'xmpp' | 'ibgp' | 'ebgp';

const LOCAL = 0;
const XMPP = 1;
const IBGP = 2;
const EBGP = 3;

export class PeerTable implements PeerFacts {
  private readonly names: string[] = ['local'];
  private readonly kinds = new Int32Column();
  private readonly routerIds = new Int32Column();
  private readonly addresses = new Int32Column();
  private readonly ports = new Int32Column();
  private readonly clusterIds = new Int32Column();
  private readonly ready = new Int32Column();
  private readonly byName = new Map<string, PeerId>();

  constructor() {
    for (const column of [this.kinds, this.routerIds, this.addresses, this.ports, this.clusterIds]) column.push(0);
    this.ready.push(1);
  }

  /** A peer keeps its number when it comes back under the same name. */
  add(name: string, kind: PeerKind, address: number, port: number): PeerId {
    const known = this.byName.get(name);
    const peer = known ?? this.kinds.push(0);
    if (known === undefined) {
      this.byName.set(name, peer);
      this.names.push(name);
      for (const column of [this.routerIds, this.addresses, this.ports, this.clusterIds, this.ready]) column.push(0);
    }
    this.kinds.set(peer, kind === 'xmpp' ? XMPP : kind === 'ibgp' ? IBGP : EBGP);
    this.addresses.set(peer, address | 0);
    this.ports.set(peer, port);
    return peer;
  }

  find(name: string): PeerId | undefined {
    return this.byName.get(name);
  }

  name(peer: PeerId): string {
    return this.names[peer]!;
  }

  isXmpp(peer: PeerId): boolean {
    return this.kinds.get(peer) === XMPP;
  }

  isIbgp(peer: PeerId): boolean {
    return this.kinds.get(peer) === IBGP;
  }

  isEbgp(peer: PeerId): boolean {
    return this.kinds.get(peer) === EBGP;
  }

  isLocal(peer: PeerId): boolean {
    return this.kinds.get(peer) === LOCAL;
  }

  routerId(peer: PeerId): number {
    return this.routerIds.get(peer) >>> 0;
  }

  setRouterId(peer: PeerId, routerId: number): void {
    this.routerIds.set(peer, routerId | 0);
  }

  /** Cluster id of a BGP neighbour, which configuration never fills (CN-1.7/8). */
  clusterId(peer: PeerId): number {
    return this.clusterIds.get(peer);
  }

  setClusterId(peer: PeerId, clusterId: number): void {
    this.clusterIds.set(peer, clusterId);
  }

  address(peer: PeerId): number {
    return this.addresses.get(peer) >>> 0;
  }

  port(peer: PeerId): number {
    return this.ports.get(peer);
  }

  /** Established; what the node makes itself always is (CN-2.7.4, CN-4.2a). */
  isReady(peer: PeerId): boolean {
    return peer === NO_PEER || this.ready.get(peer) === 1;
  }

  setReady(peer: PeerId, ready: boolean): void {
    this.ready.set(peer, ready ? 1 : 0);
  }
}
