/** Gateways, raw speakers and control nodes placed in a simulation. */
import { seconds, virtualUs } from '../../src/base/time.ts';
import type { ControlNodeConfig } from '../../src/control/control-config.ts';
import { ControlNode } from '../../src/control/control-node.ts';
import type { SpeakerAnnouncement } from '../../src/gateway/announcement.ts';
import { Gateway } from '../../src/gateway/gateway.ts';
import type { GatewayConfig, GatewayInstanceConfig, SpeakerConfig } from '../../src/gateway/gateway-config.ts';
import { Speaker } from '../../src/gateway/speaker.ts';
import type { VrfLookup } from '../../src/gateway/vrf.ts';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import { RoutePool } from '../../src/route/pool.ts';
import { Simulation } from '../../src/sim/kernel.ts';
import type { NodePort, SimNode } from '../../src/sim/node.ts';
import { address, prefix, routeTarget } from '../support/values.ts';

export function vrf(
  name: string,
  index: number,
  targets: readonly string[],
  external: readonly string[] = [],
): GatewayInstanceConfig {
  return {
    name,
    index,
    routeTargets: targets.map(routeTarget),
    external: external.map(prefix),
  };
}

export function gatewayConfig(more: Partial<GatewayConfig> = {}): GatewayConfig {
  return {
    name: 'mx-1',
    address: address('172.16.0.1'),
    routerId: address('172.16.0.1'),
    asn: 65000,
    holdTimeSeconds: 90,
    transit: false,
    encapsulations: ['gre', 'udp'],
    peers: [],
    instances: [vrf('public', 1, ['target:64512:10001'], ['0.0.0.0/0'])],
    ...more,
  };
}

export function speakerConfig(name: string, at: string, asn: number, more: Partial<SpeakerConfig> = {}): SpeakerConfig {
  return {
    name,
    address: address(at),
    routerId: address(at),
    asn,
    holdTimeSeconds: 90,
    families: ['route-target', 'inet-vpn'],
    peers: [{ name: 'mx-1', address: address('172.16.0.1'), asn: 65000 }],
    ...more,
  };
}

export function say(keys: readonly string[], more: Partial<SpeakerAnnouncement> = {}): SpeakerAnnouncement {
  return {
    family: keys[0]!.includes('target') || keys[0] === '0:0' ? 'route-target' : 'inet-vpn',
    keys,
    nextHop: null,
    label: 16,
    routeTargets: [],
    origin: 'igp',
    asPath: null,
    localPref: null,
    med: 0,
    communities: [],
    extendedCommunities: [],
    originatorId: null,
    clusterList: [],
    ...more,
  };
}

export class Stage {
  readonly pool = new RoutePool();
  readonly sim: Simulation;

  constructor(wire = false) {
    this.sim = new Simulation({ seed: 7, wire });
  }

  place<Node extends SimNode & { attach(port: NodePort): void }>(node: Node): Node {
    const id = this.sim.addNode({ name: node.name, addresses: node.addresses }, (port) => {
      node.attach(port);
      return node;
    });
    this.sim.start(id);
    return node;
  }

  gateway(config: GatewayConfig): Gateway {
    return this.place(new Gateway(this.pool, config));
  }

  speaker(config: SpeakerConfig): Speaker {
    return this.place(new Speaker(this.pool, config));
  }

  controlNode(config: ControlNodeConfig): ControlNode {
    return this.place(new ControlNode(this.pool, config));
  }

  run(s: number): this {
    this.sim.runUntil(virtualUs(this.sim.now + seconds(s)));
    return this;
  }
}

/** `10.0.0.1 label 16 by MPLSoGRE`, `outside`, one after the other. */
export function ways(found: VrfLookup | { readonly kind: 'no-label' }): string {
  if (found.kind !== 'route') return found.kind;
  return found.nextHops
    .map((hop) =>
      hop.kind === 'external' ? 'outside' : `${formatIpv4(hop.to)} label ${hop.label} by ${hop.encapsulation}`,
    )
    .join(', ');
}
