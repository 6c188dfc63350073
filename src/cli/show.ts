/** `vaportrail show`: the tables of one node, after the last step or at an instant. */
import { suggestion } from '../base/nearest.ts';
import { agentsOf, instancesOf, neighboursOf, routesOf, rtGroupsOf, tablesOf } from '../control/views.ts';
import { formatIpv4, ipv4 } from '../net/ipv4.ts';
import { agentInterfaces, agentLabels, agentNextHops, agentRoutes, agentSessions } from '../report/agent-tables.ts';
import { controlInstances, controlNeighbours, controlRoutes, controlTargets } from '../report/control-tables.ts';
import { gatewayRoutes, gatewaySessions } from '../report/gateway-tables.ts';
import type { Painter } from '../report/paint.ts';
import type { Shown } from '../report/shown.ts';
import { textTable } from '../report/table.ts';
import { interfaceViews, labelViews, nextHopViews, vrfViews } from '../vrouter/views.ts';
import type { World } from '../world/world.ts';
import { badArgument, EXIT } from './outcome.ts';
import { type PlayingOptions, play } from './playing.ts';
import { painterFor, printLine } from './terminal.ts';

interface ShowOptions extends PlayingOptions {
  readonly table?: string;
  readonly json?: boolean;
}

/** What can be asked of a kind of node, and how it is shown. */
interface Table {
  readonly word: string;
  readonly about: string;
  readonly show: (table: string | undefined, paint: Painter) => Shown;
}

export function show(path: string, node: string | undefined, what: string | undefined, options: ShowOptions): number {
  const { world } = play(path, options, { conclusions: false });
  const paint = painterFor(process.stdout);
  const shown = shownOf(world, node, what, options.table, paint);
  printLine(options.json === true ? JSON.stringify(shown.json, null, 2) : shown.text);
  return EXIT.held;
}

function shownOf(
  world: World,
  node: string | undefined,
  what: string | undefined,
  table: string | undefined,
  paint: Painter,
): Shown {
  if (node === undefined) return nodeList(world);
  const tables = tablesOfNode(world, node);
  if (tables === null) {
    throw badArgument(
      'unknown-node',
      `there is no node ${node}${suggestion(node, world.nodeNames()) || '; vaportrail show SCENARIO lists them'}`,
    );
  }
  if (what === undefined) return wordList(node, tables);
  const asked = tables.find(({ word }) => word === what);
  if (asked === undefined) {
    const words = tables.map(({ word }) => word);
    throw badArgument(
      'unknown-table',
      `${node} has no table ${what}${suggestion(what, words) || `; it has ${words.join(', ')}`}`,
    );
  }
  return asked.show(table, paint);
}

function nodeList(world: World): Shown {
  const nodes = world.nodeNames().map((name) => {
    const id = world.nodeId(name);
    const kind = world.controlNodes.has(name)
      ? 'control node'
      : world.agents.has(name)
        ? 'agent'
        : world.gateways.has(name)
          ? 'gateway'
          : 'speaker';
    const address = formatIpv4(ipv4(world.sim.simNode(id).addresses[0] ?? 0));
    return { name, kind, cluster: world.clusterOf(name), address, up: world.sim.isUp(id) };
  });
  const rows = nodes.map((one) => [one.name, one.kind, one.cluster ?? '-', one.address, one.up ? 'up' : 'down']);
  return { text: textTable(['Node', 'Kind', 'Cluster', 'Address', 'Power'], rows, { ruled: false }), json: nodes };
}

function wordList(node: string, tables: readonly Table[]): Shown {
  const lines = tables.map(({ word, about }) => `  ${word.padEnd(9)} ${about}`);
  return {
    text: [`${node} can be asked for`, ...lines].join('\n'),
    json: tables.map(({ word, about }) => ({ table: word, about })),
  };
}

function tablesOfNode(world: World, name: string): readonly Table[] | null {
  return (
    controlNodeTables(world, name) ??
    agentTables(world, name) ??
    gatewayTables(world, name) ??
    speakerTables(world, name)
  );
}

function controlNodeTables(world: World, name: string): readonly Table[] | null {
  const node = world.controlNodes.get(name);
  if (node === undefined) return null;
  const tables = (wanted: string | undefined) => {
    const all = tablesOf(node).map((table) => table.name);
    if (wanted === undefined) return all.filter((table) => routesOf(node, table).length > 0);
    return chosen(all, wanted, (table, word) => table === word || table === `${word}.inet.0`, 'table');
  };
  return [
    {
      word: 'instance',
      about: 'routing instances with their targets, routes and subscribed agents',
      show: (wanted, paint) => {
        const all = instancesOf(node);
        if (wanted === undefined) return controlInstances(all, paint);
        const names = chosen(
          all.map((one) => one.name),
          wanted,
          (own, word) => own === word,
          'instance',
        );
        return controlInstances(
          all.filter((one) => names.includes(one.name)),
          paint,
        );
      },
    },
    {
      word: 'route',
      about: 'every path of every route, best first, and what decided',
      show: (wanted, paint) =>
        controlRoutes(
          tables(wanted).map((table) => ({ name: table, routes: routesOf(node, table) })),
          paint,
        ),
    },
    {
      word: 'neighbor',
      about: 'BGP sessions and the channels of agents',
      show: (_, paint) => controlNeighbours(neighboursOf(node), agentsOf(node), paint),
    },
    {
      word: 'rt',
      about: 'route targets: who imports and exports them, which peers want them',
      show: (_, paint) => controlTargets(rtGroupsOf(node), paint),
    },
  ];
}

function agentTables(world: World, name: string): readonly Table[] | null {
  const agent = world.agents.get(name);
  if (agent === undefined) return null;
  return [
    {
      word: 'route',
      about: 'the VRF tables, as rt --dump',
      show: (wanted, paint) => {
        const all = vrfViews(agent);
        if (wanted === undefined) return agentRoutes(all, paint);
        const names = chosen(
          all.map((vrf) => vrf.name),
          wanted,
          (own, word) => own === word || String(all.find((vrf) => vrf.name === own)!.id) === word,
          'VRF',
        );
        return agentRoutes(
          all.filter((vrf) => names.includes(vrf.name)),
          paint,
        );
      },
    },
    { word: 'nh', about: 'next hops, as nh --list', show: () => agentNextHops(nextHopViews(agent)) },
    { word: 'mpls', about: 'labels, as mpls --dump', show: (_, paint) => agentLabels(labelViews(agent), paint) },
    {
      word: 'vif',
      about: 'interfaces, as vif --list',
      show: (_, paint) => agentInterfaces(interfaceViews(agent), paint),
    },
    { word: 'session', about: 'XMPP channels to control nodes', show: () => agentSessions(agent.sessions()) },
  ];
}

function gatewayTables(world: World, name: string): readonly Table[] | null {
  const gateway = world.gateways.get(name);
  if (gateway === undefined) return null;
  return [
    {
      word: 'route',
      about: 'the VRF tables',
      show: (wanted, paint) => {
        const all = gateway.vrfs.map(({ config, label }) => ({
          vrf: config.name,
          label,
          routes: gateway.routes(config.name),
        }));
        if (wanted === undefined) return gatewayRoutes(all, paint);
        const names = chosen(
          all.map((one) => one.vrf),
          wanted,
          (own, word) => own === word || `${own}.inet.0` === word,
          'VRF',
        );
        return gatewayRoutes(
          all.filter((one) => names.includes(one.vrf)),
          paint,
        );
      },
    },
    { word: 'neighbor', about: 'BGP sessions', show: () => gatewaySessions(gateway.sessions()) },
  ];
}

function speakerTables(world: World, name: string): readonly Table[] | null {
  const speaker = world.speakers.get(name);
  if (speaker === undefined) return null;
  return [{ word: 'neighbor', about: 'BGP sessions', show: () => gatewaySessions(speaker.sessions()) }];
}

/** The one that is named exactly, else those that hold the word; nothing of it is an error of input. */
function chosen(
  all: readonly string[],
  wanted: string,
  exactly: (own: string, word: string) => boolean,
  kind: string,
): readonly string[] {
  const exact = all.filter((own) => exactly(own, wanted));
  if (exact.length > 0) return exact;
  const holding = all.filter((own) => own.includes(wanted));
  if (holding.length > 0) return holding;
  throw badArgument(
    'unknown-table',
    `there is no ${kind} ${wanted}${suggestion(wanted, all) || `; there are ${all.slice(0, 6).join(', ')}${all.length > 6 ? `, and ${all.length - 6} more` : ''}`}`,
  );
}
