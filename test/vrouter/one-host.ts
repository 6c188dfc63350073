/** A host with one database and two control nodes, and what its agent says and holds in short words. */
import type { Agent } from '../../src/vrouter/agent.ts';
import { routeOf } from '../../src/vrouter/views.ts';
import { prefix } from '../support/values.ts';
import { DB, instanceOf, network, port } from './agent-config.ts';
import { TestCloud } from './cloud.ts';
import type { TestControlNode } from './control-node.ts';

export const VRF = instanceOf(DB);

export function saidBy(control: TestControlNode, agent = 'h1'): string[] {
  return control.told.filter((line) => line.agent === agent).map((line) => line.text);
}

export function routeText(agent: Agent, route: string, instance = VRF): string {
  const view = routeOf(agent, instance, prefix(route));
  return view === null ? 'absent' : `${view.flags} ${view.nextHop} (${view.peer}: ${view.because})`;
}

export function onePostgres() {
  const cloud = new TestCloud();
  const c1 = cloud.control('c1', '192.168.10.21');
  const c2 = cloud.control('c2', '192.168.10.22');
  c1.reflect = true;
  c2.reflect = true;
  const h1 = cloud.agent('h1', '192.168.10.11');
  h1.addNetwork(network(DB, '10.0.100.0/24'));
  h1.addInterface(port('pg1', DB, '10.0.100.3'));
  cloud.startAll();
  return { cloud, c1, c2, h1 };
}
