/**
 * A raw BGP speaker of the protocol altitude: it says exactly what steps tell it to, to all its peers, and keeps what it
 * hears without doing anything about it.
 *
 * What it has announced it says again to a peer that comes back; End-of-RIB it says only when told to.
 */
import { invariant } from '../base/invariant.ts';
import type { UpdateMessage } from '../bgp/message.ts';
import type { NegotiatedSession } from '../bgp/negotiation.ts';
import type { AttributesId } from '../route/attributes.ts';
import { FAMILY, type Family, type FamilyName } from '../route/family.ts';
import type { NlriId } from '../route/nlri.ts';
import type { RoutePool } from '../route/pool.ts';
import { parseRouteKey } from '../route/route-key.ts';
import { AdjRibOut } from './adj-rib-out.ts';
import { announcedSet, type SpeakerAnnouncement } from './announcement.ts';
import { BgpNode } from './bgp-node.ts';
import type { SpeakerConfig } from './gateway-config.ts';
import { GatewayRib, NONE } from './rib.ts';
import { type GatewayRoute, gatewayDigest, routesOf } from './views.ts';

/** What was announced for a route, until it is withdrawn. */
interface Said {
  readonly announcement: SpeakerAnnouncement;
  readonly family: Family;
}

export class Speaker extends BgpNode<SpeakerConfig> {
  /** What peers said; column 0 is not used. */
  private heard!: GatewayRib; // made by reset
  private out!: AdjRibOut; // made by reset
  private readonly said = new Map<NlriId, Said>();
  /** A place in the columns of `out` for each route ever announced. */
  private readonly places = new Map<NlriId, number>();

  constructor(pool: RoutePool, config: SpeakerConfig) {
    super(pool, config);
    this.reset();
  }

  protected override families(): readonly Family[] {
    return this.config.families.map((name) => FAMILY[name]);
  }

  private reset(): void {
    const width = this.config.peers.length + 1;
    this.heard = new GatewayRib(this.pool, this, width);
    this.out = new AdjRibOut(width);
    this.negotiated = this.config.peers.map(() => null);
  }

  // ---- what steps tell it

  /** Says a path to every peer that carries the family, now and when its session comes up. */
  announce(announcement: SpeakerAnnouncement): void {
    const family = FAMILY[announcement.family];
    for (const nlri of this.nlrisOf(announcement.keys)) {
      this.said.set(nlri, { announcement, family });
      for (const index of this.config.peers.keys()) this.tell(nlri, index);
    }
    this.flush();
  }

  withdraw(_family: FamilyName, keys: readonly string[]): void {
    for (const nlri of this.nlrisOf(keys)) {
      this.said.delete(nlri);
      for (const index of this.config.peers.keys()) this.tell(nlri, index);
    }
    this.flush();
  }

  endOfRib(name: FamilyName): void {
    const family = FAMILY[name];
    for (const [index, session] of this.negotiated.entries()) {
      if (session?.families.includes(family) === true)
        this.speaker.send(index, this.codec.endOfRib(session.form, family));
    }
  }

  // ---- the node

  started(): void {
    this.reset();
    this.speaker.started();
  }

  crashed(): void {
    this.reset();
  }

  // ---- what sessions tell it

  bgpEstablished(index: number, negotiated: NegotiatedSession): void {
    this.negotiated[index] = negotiated;
    this.heard.peerChanged();
    for (const nlri of this.said.keys()) this.tell(nlri, index);
    this.flush();
  }

  bgpUpdate(index: number, update: UpdateMessage): void {
    for (const part of update.parts) {
      if (part.kind === 'announce') {
        this.heard.put(part.nlris, part.labels, index + 1, part.attributes);
      } else if (part.kind === 'withdraw') for (const nlri of part.nlris) this.forget(nlri, index + 1);
    }
  }

  bgpDown(index: number): void {
    this.negotiated[index] = null;
    this.out.forget(index + 1);
    for (const slot of [...this.heard.all()]) this.forget(this.heard.nlri(slot), index + 1);
  }

  // ---- what people and checks see

  /** Every route it has heard of, with the offers of its peers. */
  allRoutes(): readonly GatewayRoute[] {
    return routesOf(this.heard, this.pool, this.config.peers);
  }

  stateDigest(): string {
    return gatewayDigest(this.heard, this.pool, this.codec, this.sessions());
  }

  private nlrisOf(keys: readonly string[]): readonly NlriId[] {
    return keys.map((key) => {
      const nlri = parseRouteKey(key, this.pool);
      invariant(nlri !== null, `${key} is no route; the reader of the scenario lets none through`);
      return nlri;
    });
  }

  private tell(nlri: NlriId, index: number): void {
    const session = this.negotiated[index];
    if (session === null || session === undefined) return;
    const said = this.said.get(nlri);
    const family = said?.family ?? this.pool.nlris.family(nlri);
    if (!session.families.includes(family)) return;
    let place = this.places.get(nlri);
    if (place === undefined) {
      place = this.places.size;
      this.places.set(nlri, place);
    }
    const attributes: AttributesId | typeof NONE =
      said === undefined
        ? NONE
        : this.pool.attributes.intern(announcedSet(said.announcement, this.config, session.internal, this.pool));
    const label = said !== undefined && family === FAMILY['inet-vpn'] ? said.announcement.label : 0;
    this.out.set(place, index + 1, session.form, family, nlri, attributes, label);
  }

  private forget(nlri: NlriId, peer: number): void {
    const slot = this.heard.remove(nlri, peer);
    if (slot !== NONE && this.heard.count(slot) === 0) this.heard.release(slot);
  }

  private flush(): void {
    for (const { peers, message } of this.out.takeUpdates(this.codec)) {
      for (const peer of peers) this.speaker.send(peer - 1, message);
    }
  }
}
