/** What each action does to a world: one entry a verb. */
import type { World } from '../world/world.ts';
import { itemNextHop, type UnicastItem, unicastItem } from '../xmpp/items.ts';
import type { Action, PublishedItem } from './action.ts';

type Doing = Exclude<Action, { verb: 'expect' | 'settle' | 'checkpoint' }>;
type Of<V extends Doing['verb']> = Extract<Doing, { verb: V }>;

export function perform(world: World, action: Doing): void {
  const entry = PERFORM[action.verb] as (world: World, action: Doing) => void; // the table pairs each verb with its action
  entry(world, action);
}

const PERFORM: { readonly [V in Doing['verb']]: (world: World, action: Of<V>) => void } = {
  power: (world, { change, nodes }) => {
    for (const node of nodes) world.sim[change](world.nodeId(node));
  },
  cut: (world, { cut, between }) => world.cut(cut, between[0], between[1]),
  heal: (world, { cut, between }) => {
    world.heal(cut, between[0], between[1]);
  },
  clear: (world, { between }) => world.clearSession(between[0], between[1]),
  configure: (world, { clusters }) => {
    for (const cluster of clusters) world.applyCluster(cluster);
  },
  instances: (world, { changes }) => {
    for (const { node, change } of changes) world.controlNode(node).apply(change);
  },
  subscribe: (world, { agents, instance, id, noRibOut, raw }) => {
    for (const agent of agents) world.agent(agent).subscribe(instance, id ?? 1, noRibOut, raw);
  },
  unsubscribe: (world, { agents, instance, raw }) => {
    for (const agent of agents) world.agent(agent).unsubscribe(instance, raw);
  },
  publish: (world, { agents, item }) => {
    for (const name of agents) {
      const agent = world.agent(name);
      for (const one of itemsOf(world, item, agent.address)) agent.publish(item.instance, one, false);
    }
  },
  retract: (world, { agents, instance, prefixes }) => {
    for (const name of agents) {
      for (const prefix of prefixes) {
        const nlri = world.pool.nlris.inet(prefix.address, prefix.length);
        world.agent(name).retract(instance, unicastItem({ nlri }), false);
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
  raw: (world, { from, to, octets }) => {
    world.sayRaw(from, to, octets);
  },
};

function itemsOf(world: World, published: PublishedItem, own: number): UnicastItem[] {
  const hops = published.nextHops.length === 0 ? [own] : published.nextHops;
  return published.prefixes.map((prefix) =>
    unicastItem({
      nlri: world.pool.nlris.inet(prefix.address, prefix.length),
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
