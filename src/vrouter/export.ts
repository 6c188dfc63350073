/** The item an agent publishes for a path of its own (VR-2.4.1). */
import { type Ipv4, ipv4 } from '../net/ipv4.ts';
import type { NlriId } from '../route/nlri.ts';
import { itemNextHop, type UnicastItem, unicastItem } from '../xmpp/items.ts';
import type { LocalPath } from './inet-table.ts';

/** Always both MPLS types for an inet route: the sender chooses (VR-0.6). */
const ADVERTISED = Object.freeze(['gre', 'udp']);
/** Hosts are not given a hardware address: vhost0 has a locally administered one made of its IP address. */
const VHOST_MAC_BASE = 0x02_00_00_00_00_00;

export function vhostMac(address: Ipv4): number {
  return VHOST_MAC_BASE + address;
}

export function itemOfPath(path: LocalPath, nlri: NlriId, ownAddress: Ipv4): UnicastItem {
  return unicastItem({
    nlri,
    nextHops: Object.freeze([
      itemNextHop({
        address: ipv4(ownAddress),
        mac: vhostMac(ownAddress),
        label: path.label,
        encapsulations: ADVERTISED,
        virtualNetwork: path.network,
      }),
    ]),
    virtualNetwork: path.network,
    sequence: path.sequence,
    securityGroups: Object.freeze([...path.securityGroups]),
    localPreference: path.preference,
    subProtocol: 'interface',
  });
}
