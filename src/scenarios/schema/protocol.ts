/** Nodes, peerings, instances, agents and speakers by name: the altitude of a protocol engineer. */
import * as z from 'zod';
import { linkWords } from './link.ts';
import { address, asn, families, holdTime, maybe, name, needed, oneOrMore, quirks, routeTarget } from './words.ts';

export const node = z
  .strictObject({
    asn: maybe(asn, 'AS of the cluster the node belongs to. Unless said: 64512.'),
    localAsn: maybe(asn, 'AS in OPEN and AS_PATH. Unless said: asn.'),
    routerId: maybe(address, 'BGP identifier. Unless said: the address.'),
    address: maybe(
      address,
      'Underlay address. Unless said: routerId, or 192.168.0.1 and on, in the order of the file.',
    ),
    clusterId: maybe(z.number().int().min(1), 'Makes the node a route reflector with this cluster id.', 1),
    holdTime: maybe(holdTime, 'BGP hold time that the node offers. Unless said: 90s.'),
    adminDown: maybe(z.boolean(), 'Administratively down: the node holds no session. Unless said: false.'),
    fourOctetAs: maybe(z.boolean(), 'Offers 4-octet AS numbers (RFC 6793). Unless said: false.'),
    alwaysCompareMed: maybe(
      z.boolean(),
      'Compares MED of paths from different neighbour ASes too. Unless said: false.',
    ),
    rdClusterSeed: maybe(z.number().int().min(1).max(65535), 'Takes part in every route distinguisher (CN-1.4.6).', 7),
    families: maybe(families, 'What the node offers in its OPENs. Unless said: route-target and inet-vpn.'),
    quirks: maybe(quirks, 'Quirks of this node, laid over those of the scenario.', { Q1: false }),
  })
  .meta({ description: 'A control node by itself.', examples: [{ asn: 64512, routerId: '192.168.0.1' }] });

export const peering = z
  .strictObject({
    between: needed(z.tuple([name, name]), 'The two ends: control nodes (of a cluster or not), speakers or gateways.', [
      'X',
      'Y',
    ]),
    families: maybe(families, 'Families of this session. Unless said: route-target and inet-vpn.'),
    holdTime: maybe(holdTime, 'Hold time of this session. Unless said: that of each end.'),
    ...linkWords((word) => `${word}.between of the scenario.`),
    type: maybe(
      z.enum(['control-node', 'external-control-node', 'router']),
      'What each end takes the other for (CN-10.1). Unless said: control-node within an AS, else external-control-node.',
    ),
    passive: maybe(name, 'The end that never connects. Unless said: both connect.'),
    loopCount: maybe(
      z.number().int().min(0).max(16),
      'So often the own AS may stand in a received AS_PATH. Unless said: 0.',
    ),
    asOverride: maybe(z.boolean(), 'Replaces the peer’s AS in what is sent to it. Unless said: false.'),
  })
  .meta({
    description: 'A BGP session between two nodes, speakers or gateways.',
    examples: [{ between: ['X', 'Y'], families: ['route-target', 'inet-vpn'] }],
  });

export const instance = z
  .strictObject({
    nodes: maybe(z.array(name).min(1), 'Where it is configured. Unless said: on every node.', ['X']),
    network: maybe(
      z.union([z.number().int().min(0), z.string()]),
      'Id of its virtual network, or the name. Unless said: the instance’s name up to its last colon.',
      1,
    ),
    networkId: maybe(
      z.number().int().min(0),
      'Id of the network when network gives its name. Unless said: unknown.',
      5,
    ),
    routeTargets: maybe(z.array(routeTarget), 'Targets for import and export.', ['target:1:1']),
    importTargets: maybe(z.array(routeTarget), 'Targets for import alone.', ['target:1:2']),
    exportTargets: maybe(z.array(routeTarget), 'Targets for export alone.', ['target:1:3']),
    connections: maybe(z.array(z.string()), 'Instances joined to it by policy.', ['red']),
  })
  .meta({ description: 'A routing instance.', examples: [{ network: 1, routeTargets: ['target:1:1'] }] });

export const agent = z
  .strictObject({
    controlNodes: needed(z.array(name).min(1).max(2), 'The control nodes it connects to, of a cluster or not.', [
      'X',
      'Y',
    ]),
    address: maybe(address, 'Underlay address. Unless said: 192.168.1.1 and on, in the order of the file.'),
    started: maybe(z.boolean(), 'Whether `start: all` starts it. Unless said: true.'),
    holdTime: maybe(holdTime, 'XMPP hold time. Unless said: 90s.'),
  })
  .meta({
    description: 'A bare agent: an XMPP client that subscribes, publishes and retracts exactly what steps say.',
    examples: [{ controlNodes: ['X'] }],
  });

export const speaker = z
  .strictObject({
    asn: needed(asn, 'Its AS.'),
    address: maybe(
      address,
      'Underlay address. Unless said: routerId, or 192.168.2.1 and on, in the order of the file.',
    ),
    routerId: maybe(address, 'BGP identifier. Unless said: the address.'),
    families: maybe(families, 'What it offers. Unless said: route-target and inet-vpn.'),
    holdTime: maybe(holdTime, 'Hold time it offers. Unless said: 90s.'),
  })
  .meta({
    description: 'A raw BGP speaker that announces and withdraws exactly what steps say.',
    examples: [{ asn: 65000 }],
  });

/** One or several nodes by name. */
export const nodes = oneOrMore(name).meta({
  description: 'One or several nodes by name.',
  examples: ['X', ['X', 'Y']],
});
