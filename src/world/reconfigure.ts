/** From one configuration to the next: what each node has to be told, and in which order. */
import type { ControlNode } from '../control/control-node.ts';
import type { Agent } from '../vrouter/agent.ts';
import type { AgentInterface } from '../vrouter/agent-config.ts';
import type { AgentShare, ControlNodeShare } from './share.ts';

export function changeControlNode(node: ControlNode, before: ControlNodeShare, next: ControlNodeShare): void {
  const networks = byName(before.networks);
  for (const network of next.networks) {
    if (!same(networks.get(network.name), network)) node.apply({ kind: 'network', network });
  }
  const instances = byName(before.instances);
  for (const instance of next.instances) {
    if (!same(instances.get(instance.name), instance)) node.apply({ kind: 'instance', instance });
    instances.delete(instance.name);
  }
  for (const name of instances.keys()) node.apply({ kind: 'instance-deleted', name });
}

const NOTHING: AgentShare = { networks: [], securityGroups: [], interfaces: [] };

/** What a control node has to tell an agent of: objects of machines that are no news, with another content or new. */
export interface ConfigNews {
  readonly interfaces: readonly AgentInterface[];
  readonly networks: readonly string[];
  readonly groups: readonly string[];
}

/**
 * What happens on the host itself happens now: machines are plugged in and asked for, what is unplugged goes away with
 * the networks that nobody there needs any more. The rest is news that its control node has to tell it.
 */
export function changeHost(agent: Agent, before: AgentShare = NOTHING, next: AgentShare = NOTHING): ConfigNews {
  const staying = byName(next.interfaces);
  for (const face of before.interfaces) if (!staying.has(face.name)) agent.removeInterface(face);
  const networks = byName(next.networks);
  for (const network of before.networks) if (!networks.has(network.name)) agent.removeNetwork(network);
  const groups = byName(next.securityGroups);
  if (before.securityGroups.some((group) => !groups.has(group.name)))
    agent.setSecurityGroups(before.securityGroups.filter((group) => groups.has(group.name)));
  const machines = new Set(next.interfaces.map((face) => face.workload));
  const known = new Set(before.interfaces.map((face) => face.workload));
  for (const workload of known) if (!machines.has(workload)) agent.configuration.unplug(workload);
  for (const workload of machines) if (!known.has(workload)) agent.configuration.plug(workload);
  const changed = <T extends { readonly name: string }>(old: readonly T[], now: ReadonlyMap<string, T>): string[] =>
    old.filter((one) => now.has(one.name) && !same(one, now.get(one.name))).map((one) => one.name);
  const faces = byName(before.interfaces);
  return {
    interfaces: next.interfaces.filter((face) => known.has(face.workload) && !same(faces.get(face.name), face)),
    networks: changed(before.networks, networks),
    groups: changed(before.securityGroups, groups),
  };
}

function byName<T extends { readonly name: string }>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [item.name, item]));
}

/** Configuration is plain data; parts that two configurations have in common are looked at only once. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [first, second] = [a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>]; // arrays too have keys
  const keys = Object.keys(first);
  return keys.length === Object.keys(second).length && keys.every((key) => same(first[key], second[key]));
}
