/** A BGP speaker that says exactly what a test tells it to and remembers what it was told. */
import { BgpCodec } from '../../src/bgp/codec.ts';
import type { BgpEnvelope } from '../../src/bgp/envelope.ts';
import { updateForm } from '../../src/bgp/form.ts';
import type { UpdateMessage } from '../../src/bgp/message.ts';
import type { SessionDown } from '../../src/bgp/session-output.ts';
import { BgpSpeaker } from '../../src/bgp/speaker.ts';
import type { ControlNodeConfig } from '../../src/control/control-config.ts';
import { ipv4 } from '../../src/net/ipv4.ts';
import type { Octets8 } from '../../src/net/octets8.ts';
import { NO_ATTRIBUTES, type PathAttributes } from '../../src/route/attributes.ts';
import { ORIGIN_IGP } from '../../src/route/common-attributes.ts';
import { FAMILY, type FamilyName } from '../../src/route/family.ts';
import type { NlriId } from '../../src/route/nlri.ts';
import type { RoutePool } from '../../src/route/pool.ts';
import type { NodePort } from '../../src/sim/node.ts';
import { SpeakerNode } from '../bgp/speaker-node.ts';
import { address, routeTarget } from '../support/values.ts';

export interface Heard {
  readonly attributes: PathAttributes;
  readonly label: number;
}

const BGP_TIMER = 0;

export class ScriptedSpeaker extends SpeakerNode {
  readonly name: string;
  readonly addresses: readonly number[];
  readonly asn: number;
  /** What it holds: the NLRI as tables print it. */
  readonly routes = new Map<string, Heard>();
  readonly messages: UpdateMessage[] = [];
  readonly downs: SessionDown[] = [];
  private readonly pool: RoutePool;
  private readonly codec: BgpCodec;
  private readonly peers: readonly ControlNodeConfig[];
  private readonly families: readonly FamilyName[];
  speaker!: BgpSpeaker;

  constructor(
    pool: RoutePool,
    name: string,
    at: string,
    asn: number,
    peers: readonly ControlNodeConfig[],
    families: readonly FamilyName[],
  ) {
    super();
    this.pool = pool;
    this.codec = new BgpCodec(pool);
    this.name = name;
    this.addresses = [address(at)];
    this.asn = asn;
    this.peers = peers;
    this.families = families;
  }

  attach(port: NodePort): void {
    this.speaker = new BgpSpeaker(port, this, this.codec, BGP_TIMER);
    for (const peer of this.peers) {
      const config = {
        neighbour: peer.name,
        localAs: this.asn,
        peerAs: peer.localAsn || peer.asn,
        identifier: ipv4(this.addresses[0]!),
        holdTimeSeconds: 90,
        families: this.families.map((family) => FAMILY[family]),
        fourOctetAs: false,
        passive: false,
        moreCapabilities: [],
      };
      this.speaker.add(config, { localAddress: this.addresses[0]!, address: peer.address, port: peer.port });
    }
  }

  get isUp(): boolean {
    return this.speaker.indexes().every((index) => this.speaker.session(index).state === 'Established');
  }

  get internal(): boolean {
    return this.asn === (this.peers[0]!.localAsn || this.peers[0]!.asn);
  }

  /** Announces to all its peers. Targets and communities as text; an external speaker's AS_PATH begins with its AS. */
  announce(family: FamilyName, nlri: NlriId, fields: AnnouncedFields = {}): void {
    const { targets = [], extended = [], label = 100, ...rest } = fields;
    const values = [...targets.map((text) => routeTarget(text)), ...extended];
    const set: PathAttributes = {
      ...NO_ATTRIBUTES,
      origin: ORIGIN_IGP,
      asPath: this.internal ? [] : [{ kind: 'sequence', asns: [this.asn] }],
      nextHop: ipv4(this.addresses[0]!),
      extendedCommunities: values.map((value) => this.pool.octets8.intern(value)),
      ...rest,
    };
    const labels = Int32Array.of(family === 'inet-vpn' ? label : 0);
    const id = this.pool.attributes.intern(set);
    const form = updateForm(false, this.internal);
    this.toAll(this.codec.announce(form, FAMILY[family], id, Int32Array.of(nlri), labels));
  }

  withdraw(family: FamilyName, nlri: NlriId): void {
    this.toAll(this.codec.withdraw(updateForm(false, this.internal), FAMILY[family], Int32Array.of(nlri)));
  }

  endOfRib(family: FamilyName): void {
    this.toAll(this.codec.endOfRib(updateForm(false, this.internal), FAMILY[family]));
  }

  private toAll(message: BgpEnvelope): void {
    for (const index of this.speaker.indexes()) this.speaker.send(index, message);
  }

  bgpEstablished(): void {}

  bgpUpdate(_neighbour: number, update: UpdateMessage): void {
    this.messages.push(update);
    const { nlris, attributes } = this.pool;
    for (const part of update.parts) {
      if (part.kind === 'announce') {
        part.nlris.forEach((nlri, i) => {
          this.routes.set(nlris.format(nlri), { attributes: attributes.get(part.attributes), label: part.labels[i]! });
        });
      } else if (part.kind === 'withdraw') for (const nlri of part.nlris) this.routes.delete(nlris.format(nlri));
    }
  }

  bgpDown(_neighbour: number, down: SessionDown): void {
    this.downs.push(down);
    this.routes.clear();
  }
}

export interface AnnouncedFields extends Partial<PathAttributes> {
  readonly targets?: readonly string[];
  readonly extended?: readonly Octets8[];
  readonly label?: number;
}
