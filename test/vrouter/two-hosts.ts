/** Two hosts, and what becomes of a packet between them in short words. */
import { formatIpv4 } from '../../src/net/ipv4.ts';
import type { AgentNetwork } from '../../src/vrouter/agent-config.ts';
import type { Fate, Hop } from '../../src/vrouter/fate.ts';
import type { Start } from '../../src/vrouter/forward.ts';
import { instanceOf } from './agent-config.ts';
import { TestCloud } from './cloud.ts';

/** Two control nodes that pass routes on, and two hosts. */
export function twoHosts(joined: readonly (readonly [string, string])[] = []) {
  const cloud = new TestCloud();
  for (const last of [21, 22]) {
    const control = cloud.control(`c${last}`, `192.168.10.${last}`);
    control.reflect = true;
    for (const [a, b] of joined) {
      control.imports.set(instanceOf(a), [...(control.imports.get(instanceOf(a)) ?? []), instanceOf(b)]);
      control.imports.set(instanceOf(b), [...(control.imports.get(instanceOf(b)) ?? []), instanceOf(a)]);
    }
  }
  const h1 = cloud.agent('h1', '192.168.10.11');
  const h2 = cloud.agent('h2', '192.168.10.12');
  const serve = (...networks: AgentNetwork[]) => {
    for (const agent of [h1, h2]) for (const each of networks) agent.addNetwork(each);
  };
  const from = (host: 'h1' | 'h2', name: string): Start => ({
    kind: 'interface',
    agent: host === 'h1' ? h1 : h2,
    interface: name,
  });
  const start = () => {
    cloud.startAll();
    cloud.settle();
  };
  return { cloud, h1, h2, serve, from, start };
}

export function outcome(fate: Fate | null): string {
  if (fate === null) return 'no request arrived';
  if (fate.kind === 'dropped') return `${fate.because} at ${fate.at}`;
  const { to } = fate;
  if (to.kind === 'interface') return `to ${to.interface} on ${to.host}`;
  return to.kind === 'agent' ? `to the agent of ${to.host}` : `out of ${to.gateway}`;
}

export function hopText(hop: Hop): string {
  switch (hop.kind) {
    case 'interface':
      return `${hop.host} ${hop.direction} ${hop.interface}`;
    case 'lookup':
      return `${hop.host} ${hop.side} ${formatIpv4(hop.address)} ${hop.prefix === null ? 'none' : `/${hop.prefix.length}`} ${hop.nextHop}`;
    case 'verdict':
      return `${hop.host} ${hop.check} ${hop.flow} ${hop.verdict} ${hop.rule}`;
    case 'flow':
      return `${hop.host} known ${hop.found} ${hop.action}`;
    case 'nat':
      return `${hop.host} ${hop.translation} ${formatIpv4(hop.from)} to ${formatIpv4(hop.to)}`;
    case 'ecmp':
      return `${hop.host} member ${hop.member} of ${hop.members} ${hop.because}`;
    case 'tunnel':
      return `${hop.host} ${hop.encapsulation} to ${formatIpv4(hop.to)} label ${hop.label}`;
    case 'label':
      return `${hop.host} label ${hop.label} ${hop.nextHop ?? 'unknown'}`;
    case 'gateway':
      return `${hop.host} ${hop.text}`;
  }
}
