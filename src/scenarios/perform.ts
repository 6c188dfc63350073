/** What each action does to a world, and why it could not be done: one entry a verb. */

import type { Agent } from '../vrouter/agent.ts';
import { sessionStates } from '../world/settle.ts';
import type { World } from '../world/world.ts';
import { itemNextHop, type UnicastItem, unicastItem } from '../xmpp/items.ts';
import type { Action, PublishedItem } from './action.ts';

type Doing = Exclude<Action, { verb: 'expect' | 'settle' | 'checkpoint' }>;
/** What the world may refuse. */
type Attempt = Extract<Doing, { verb: 'clear' | 'raw' }>;
type Sure = Exclude<Doing, Attempt>;
type Of<V extends Doing['verb']> = Extract<Doing, { verb: V }>;

/** One sentence when it could not be done, and nothing has changed. */
export function perform(world: World, action: Doing): string | null {
  if (action.verb === 'clear' || action.verb === 'raw') return attempt(world, action);
  const entry = PERFORM[action.verb] as (world: World, action: Sure) => void; // the table pairs each verb with its action
  entry(world, action);
  return null;
}

function attempt(world: World, action: Attempt): string | null {
  if (action.verb === 'raw') {
    const said = world.sayRaw(action.from, action.to, action.octets);
    return said ? null : `${action.from} has no open stream${action.to === null ? '' : ` with ${action.to}`}`;
  }
  if (sessionStates(world, action.between).length === 0) return `${action.between.join(' and ')} have no session`;
  world.clearSession(action.between[0], action.between[1]);
  return null;
}

const PERFORM: { readonly [V in Sure['verb']]: (world: World, action: Of<V>) => void } = {
  power: (world, { change, nodes }) => {
    for (const node of nodes) world.sim[change](world.nodeId(node));
  },
  cut: (world, { cut, between }) => world.cut(cut, between[0], between[1]),
  heal: (world, { cut, between }) => {
    world.heal(cut, between[0], between[1]);
  },
  configure: (world, { clusters }) => {
    for (const cluster of clusters) world.applyCluster(cluster);
  },
  instances: (world, { changes }) => {
    for (const { node, change } of changes) world.controlNode(node).apply(change);
  },
  subscribe: (world, { agents, instance, ids, noRibOut, raw }) => {
    for (const [index, agent] of agents.entries()) world.agent(agent).subscribe(instance, ids[index]!, noRibOut, raw);
  },
  unsubscribe: (world, { agents, instance, raw }) => {
    for (const agent of agents) world.agent(agent).unsubscribe(instance, raw);
  },
  publish: (world, { agents, item, raw }) => {
    for (const name of agents) {
      const agent = world.agent(name);
      for (const one of itemsOf(agent, item)) agent.publish(item.instance, one, raw);
    }
  },
  retract: (world, { agents, instance, prefixes, raw }) => {
    for (const name of agents) {
      const agent = world.agent(name);
      for (const prefix of prefixes) {
        const nlri = agent.pool.nlris.inet(prefix.address, prefix.length);
        agent.retract(instance, unicastItem({ nlri }), raw);
      }
    }
  },
  announce: (world, { speakers, announcement }) => {
    for (const speaker of speakers) world.speaker(speaker).announce(announcement);
  },
  withdraw: (world, { speakers, family, keys }) => {
    for (const speaker of speakers) world.speaker(speaker).withdraw(family, keys);
  },
  endOfRib: (world, { speakers, agents, family }) => {
    for (const speaker of speakers) world.speaker(speaker).endOfRib(family);
    for (const agent of agents) world.agent(agent).endOfRib();
  },
};

function itemsOf(agent: Agent, published: PublishedItem): UnicastItem[] {
  const hops = published.nextHops.length === 0 ? [agent.address] : published.nextHops;
  return published.prefixes.map((prefix) =>
    unicastItem({
      nlri: agent.pool.nlris.inet(prefix.address, prefix.length),
      nextHops: hops.map((address) =>
        itemNextHop({
          address: address as PublishedItem['nextHops'][number], // an agent's own address is an Ipv4 too
          label: published.label,
          encapsulations: published.encapsulations,
          virtualNetwork: published.virtualNetwork,
        }),
      ),
      virtualNetwork: published.virtualNetwork,
      sequence: published.sequence,
      sticky: published.sticky,
      securityGroups: published.securityGroups,
      communities: published.communities,
      localPreference: published.localPreference,
      med: published.med,
      subProtocol: 'interface',
    }),
  );
}
