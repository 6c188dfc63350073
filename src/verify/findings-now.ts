/**
 * The findings of a world as it is now. Where a path was born is read from its route distinguisher: the host and the
 * number of the instance there (CN-3.2.1).
 */
import { instancesOf, routesOf } from '../control/views.ts';
import { parseIpv4 } from '../net/ipv4.ts';
import { formatRouteTarget } from '../net/route-target.ts';
import type { World } from '../world/world.ts';
import type { Finding } from './finding.ts';
import { findingsOf, type HeldPath, type PathOrigin } from './findings.ts';

export function findingsNow(world: World, federated: readonly (readonly [string, string])[]): Finding[] {
  return findingsOf([...world.clusters.values()], federated, heldPaths(world));
}

function heldPaths(world: World): HeldPath[] {
  const origins = new Map<string, PathOrigin | null>();
  const originOf = (rd: string): PathOrigin | null => {
    let origin = origins.get(rd);
    if (origin === undefined) origins.set(rd, (origin = bornAt(world, rd)));
    return origin;
  };
  const seen = new Set<string>();
  const held: HeldPath[] = [];
  for (const { config, cluster } of world.plan.controlNodes) {
    if (cluster === null || !world.sim.isUp(world.nodeId(config.name))) continue;
    const node = world.controlNode(config.name);
    for (const instance of instancesOf(node)) {
      for (const route of routesOf(node, instance.table)) {
        for (const [index, path] of route.paths.entries()) {
          const origin = path.feasible ? originOf(path.sourceRd) : null;
          if (origin === null) continue;
          // the control nodes of a cluster hold the same: one of them is enough
          const key = `${cluster} ${instance.name} ${route.prefix} ${path.sourceRd}`;
          if (seen.has(key)) continue;
          seen.add(key);
          held.push({
            cluster,
            instance: instance.name,
            prefix: route.prefix,
            origin,
            targets: path.routeTargets,
            best: index === 0,
            decidedBy: path.decidedBy,
          });
        }
      }
    }
  }
  return held;
}

function bornAt(world: World, rd: string): PathOrigin | null {
  const colon = rd.lastIndexOf(':');
  const address = colon < 0 ? null : parseIpv4(rd.slice(0, colon));
  if (address === null) return null;
  const name = world.nameAt(address);
  const number = Number(rd.slice(colon + 1));
  const agent = world.agents.get(name);
  const cluster = world.clusterOf(name);
  if (agent !== undefined && cluster !== null) {
    const vrf = agent.tables.vrfs().find((one) => one.instanceId === number);
    return vrf === undefined ? null : { kind: 'network', cluster, instance: vrf.name };
  }
  const gateway = world.plan.gateways.find(({ config }) => config.name === name)?.config;
  const instance = gateway?.instances.find((one) => one.index === number);
  if (gateway === undefined || instance === undefined) return null;
  return {
    kind: 'gateway',
    gateway: gateway.name,
    instance: instance.name,
    targets: instance.routeTargets.map(formatRouteTarget),
  };
}
