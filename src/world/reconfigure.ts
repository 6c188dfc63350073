/** From one configuration to the next: what each node has to be told, and in which order. */
import { byText } from '../base/order.ts';
import type { ControlNode } from '../control/control-node.ts';
import type { Agent } from '../vrouter/agent.ts';
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

/** Networks and groups come before the interfaces in them, and go after. */
export function changeAgent(agent: Agent, before: AgentShare = NOTHING, next: AgentShare = NOTHING): void {
  const named = new Set(next.securityGroups.map((group) => group.name));
  const going = before.securityGroups.filter((group) => !named.has(group.name));
  const meanwhile =
    going.length === 0
      ? next.securityGroups
      : [...next.securityGroups, ...going].sort((a, b) => byText(a.name, b.name));
  if (!same(before.securityGroups, meanwhile)) agent.setSecurityGroups(meanwhile);
  const interfaces = byName(before.interfaces);
  const staying = new Set(next.interfaces.map((face) => face.name));
  for (const face of before.interfaces) if (!staying.has(face.name)) agent.removeInterface(face);
  const networks = byName(before.networks);
  for (const network of next.networks) {
    if (!same(networks.get(network.name), network)) agent.addNetwork(network);
    networks.delete(network.name);
  }
  for (const face of next.interfaces) {
    const known = interfaces.get(face.name);
    if (known === undefined) agent.addInterface(face);
    else if (!same(known, face)) agent.updateInterface(face);
  }
  for (const network of networks.values()) agent.removeNetwork(network);
  if (going.length > 0) agent.setSecurityGroups(next.securityGroups);
}

function byName<T extends { readonly name: string }>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [item.name, item]));
}

/** Configuration is plain data; parts that two configurations have in common are looked at only once. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [first, second] = [a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>]; // arrays too have keys
  const keys = Object.keys(first);
  return keys.length === Object.keys(second).length && keys.every((key) => same(first[key], second[key]));
}
