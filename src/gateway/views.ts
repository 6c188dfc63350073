/** What people and checks see of a gateway or a raw speaker. */
import { Digest } from '../base/digest.ts';
import { byText } from '../base/order.ts';
import type { BgpCodec } from '../bgp/codec.ts';
import type { BgpSpeaker } from '../bgp/speaker.ts';
import type { RoutePool } from '../route/pool.ts';
import { stepName } from './best-path.ts';
import type { PeerConfig } from './gateway-config.ts';
import { type GatewayRib, NONE } from './rib.ts';

/** One session, as the world asks for it to know when all is at rest. */
export interface GatewaySession {
  readonly peer: string;
  readonly remoteAddress: number;
  readonly protocol: 'bgp';
  readonly state: string;
  readonly established: boolean;
  readonly wanted: boolean;
}

export function sessionsOf(speaker: BgpSpeaker, peers: readonly PeerConfig[]): readonly GatewaySession[] {
  return peers.map((peer, index) => {
    const { state } = speaker.session(index);
    return {
      peer: peer.name,
      remoteAddress: peer.address,
      protocol: 'bgp',
      state,
      established: state === 'Established',
      wanted: true,
    };
  });
}

/** One offer for a route. */
export interface GatewayPath {
  /** Empty for the gateway itself. */
  readonly peer: string;
  readonly attributes: number;
  readonly label: number;
  readonly best: boolean;
}

export interface GatewayRoute {
  readonly key: string;
  /** Why the best path is it. */
  readonly decidedBy: string;
  readonly paths: readonly GatewayPath[];
}

/** All routes by their keys, with every offer and the reason of the choice. */
export function routesOf(rib: GatewayRib, pool: RoutePool, peers: readonly PeerConfig[]): readonly GatewayRoute[] {
  const routes: GatewayRoute[] = [];
  for (const slot of rib.all()) {
    const paths: GatewayPath[] = [];
    for (let peer = 0; peer < rib.width; peer++) {
      const attributes = rib.offer(slot, peer);
      if (attributes === NONE) continue;
      const name = peers[peer - 1]?.name ?? '';
      paths.push({ peer: name, attributes, label: rib.label(slot, peer), best: rib.best(slot) === peer });
    }
    routes.push({ key: pool.nlris.format(rib.nlri(slot)), decidedBy: stepName(rib.reason(slot)), paths });
  }
  return routes.sort((a, b) => byText(a.key, b.key));
}

/** Content of the RIB and the states of the sessions; labels that others gave are content, their order is not. */
export function gatewayDigest(
  rib: GatewayRib,
  pool: RoutePool,
  codec: BgpCodec,
  sessions: readonly GatewaySession[],
): string {
  const digest = new Digest();
  for (const session of sessions) digest.text(session.peer).text(session.state);
  for (const route of routesOf(rib, pool, [])) {
    digest.text(route.key);
    for (const { attributes, best } of route.paths) digest.int(codec.attributesDigest(attributes)).int(best ? 1 : 0);
  }
  return digest.hex();
}
