/** Nodes, peerings, instances, agents and speakers by name: the altitude of a protocol engineer. */
import { z } from 'zod';
import { address, asn, duration, families, name, oneOrMore, quirks, routeTarget } from './words.ts';

export const node = z
  .strictObject({
    asn: asn.optional(),
    localAsn: asn.optional(),
    routerId: address.optional(),
    address: address.optional(),
    clusterId: z.number().int().min(1).optional(),
    holdTime: duration.optional(),
    adminDown: z.boolean().optional(),
    fourOctetAs: z.boolean().optional(),
    alwaysCompareMed: z.boolean().optional(),
    rdClusterSeed: z.number().int().min(1).max(65535).optional(),
    families: families.optional(),
    quirks: quirks.optional(),
  })
  .meta({ description: 'A control node by itself.' });

export const peering = z
  .strictObject({
    between: z.tuple([name, name]),
    families: families.optional(),
    holdTime: duration.optional(),
    latency: duration.optional(),
    type: z.enum(['control-node', 'external-control-node', 'router']).optional(),
    passive: name.optional().meta({ description: 'The side that never connects.' }),
    loopCount: z.number().int().min(0).max(16).optional(),
    asOverride: z.boolean().optional(),
  })
  .meta({ description: 'A BGP session between two nodes, speakers or gateways.' });

export const instance = z
  .strictObject({
    nodes: z.array(name).min(1).optional().meta({ description: 'Where it is configured; absent: on every node.' }),
    network: z
      .union([z.number().int().min(0), z.string()])
      .optional()
      .meta({ description: 'Network id, or network name.' }),
    networkId: z.number().int().min(0).optional(),
    routeTargets: z.array(routeTarget).optional(),
    importTargets: z.array(routeTarget).optional(),
    exportTargets: z.array(routeTarget).optional(),
    connections: z.array(z.string()).optional(),
  })
  .meta({ description: 'A routing instance.' });

export const agent = z
  .strictObject({
    controlNodes: z.array(name).min(1).max(2),
    address: address.optional(),
    started: z.boolean().optional(),
    holdTime: duration.optional(),
  })
  .meta({
    description: 'A bare agent: an XMPP client that subscribes, publishes and retracts exactly what steps say.',
  });

export const speaker = z
  .strictObject({
    asn,
    address: address.optional(),
    routerId: address.optional(),
    families: families.optional(),
    holdTime: duration.optional(),
  })
  .meta({ description: 'A raw BGP speaker that announces and withdraws exactly what steps say.' });

/** One or several nodes by name. */
export const nodes = oneOrMore(name);
