/** What a control node's introspect shows: instances, routes with their paths, neighbours, route target groups. */
import type { AgentView, InstanceView, NeighbourView, PathView, RouteView, RtGroupView } from '../control/views.ts';
import { formatIpv4, ipv4 } from '../net/ipv4.ts';
import type { Painter } from './paint.ts';
import type { Shown } from './shown.ts';
import { textTable } from './table.ts';

export function controlInstances(instances: readonly InstanceView[], paint: Painter): Shown {
  const blocks = instances.map((instance) => {
    const fields: readonly (readonly [string, string])[] = [
      ['network', `${instance.network} (id ${instance.networkIndex})`],
      ['import', instance.importTargets.join(' ') || 'none'],
      ['export', instance.exportTargets.join(' ') || 'none'],
      ['routes', `${instance.routes} in ${instance.table}`],
      ['agents', instance.subscribers.join(', ') || 'none'],
    ];
    const state = instance.deleted ? paint.bad('  deleted') : '';
    const head = `${paint.strong(instance.name)}${paint.faint(`  index ${instance.index}, RD ${instance.rd}`)}${state}`;
    return [head, ...fields.map(([name, value]) => `  ${paint.faint(name.padEnd(8))} ${value}`)].join('\n');
  });
  return { text: blocks.join('\n\n') || 'no instances', json: instances };
}

const LEGEND = '* best, = equal to the best, x not usable';

/** One row a path; the prefix stands at the best one. */
export function controlRoutes(
  tables: readonly { readonly name: string; readonly routes: readonly RouteView[] }[],
  paint: Painter,
): Shown {
  const head = ['', 'Prefix', 'From', 'Next hop', 'Label', 'LP', 'MED', 'AS path', 'Targets', 'Decided by'];
  const parts = tables.map(({ name, routes }) => {
    const rows = routes.flatMap((route) => route.paths.map((path, at) => pathRow(route, path, at)));
    const title = `${paint.strong(name)}${paint.faint(`  ${routes.length} route${routes.length === 1 ? '' : 's'}`)}`;
    return rows.length === 0 ? title : `${title}\n${textTable(head, rows, { numeric: [4, 5, 6], ruled: false })}`;
  });
  return { text: [paint.faint(LEGEND), ...parts].join('\n\n'), json: tables.map(plainTable) };
}

function pathRow(route: RouteView, path: PathView, at: number): string[] {
  const mark = !path.feasible ? 'x' : at === 0 ? '*' : path.ecmp ? '=' : '';
  const from = path.secondary ? `${path.peer} (copy)` : path.peer;
  return [
    mark,
    at === 0 ? route.prefix : '',
    from,
    path.nextHop === 0 ? '-' : formatIpv4(ipv4(path.nextHop)),
    path.label === 0 ? '-' : String(path.label),
    String(path.localPref),
    String(path.med),
    path.asPath === '' ? '-' : path.asPath,
    path.routeTargets.map((target) => target.replace(/^target:/, '')).join(' ') || '-',
    [path.decidedBy, ...path.flags].join(', '),
  ];
}

function plainTable({ name, routes }: { readonly name: string; readonly routes: readonly RouteView[] }): object {
  return {
    table: name,
    routes: routes.map((route) => ({
      prefix: route.prefix,
      paths: route.paths.map((path) => ({
        ...path,
        nextHop: formatIpv4(ipv4(path.nextHop)),
        originatorId: path.originatorId === 0 ? null : formatIpv4(ipv4(path.originatorId)),
        clusterList: path.clusterList.map((cluster) => formatIpv4(ipv4(cluster))),
      })),
    })),
  };
}

export function controlNeighbours(
  neighbours: readonly NeighbourView[],
  agents: readonly AgentView[],
  paint: Painter,
): Shown {
  const bgp = neighbours.map((one) => [
    one.name,
    formatIpv4(ipv4(one.address)),
    String(one.asn),
    `${one.internal ? 'iBGP' : 'eBGP'} ${one.type}`,
    one.state,
    one.negotiated.join(' ') || '-',
    String(one.paths),
    one.adminDown ? 'admin down' : one.downReason,
  ]);
  const xmpp = agents.map((one) => [
    one.name,
    formatIpv4(ipv4(one.address)),
    one.state,
    String(one.subscriptions.length),
    String(one.paths),
    one.endOfRibSent ? 'sent' : '-',
  ]);
  const bgpHead = ['Neighbor', 'Address', 'AS', 'Type', 'State', 'Families', 'Paths', 'Last down'];
  const xmppHead = ['Agent', 'Address', 'State', 'Instances', 'Paths', 'End-of-RIB'];
  const parts = [
    `${paint.strong('BGP')}\n${bgp.length === 0 ? 'none' : textTable(bgpHead, bgp, { numeric: [2, 6], ruled: false })}`,
    `${paint.strong('XMPP')}\n${xmpp.length === 0 ? 'none' : textTable(xmppHead, xmpp, { numeric: [3, 4], ruled: false })}`,
  ];
  const address = (value: number) => formatIpv4(ipv4(value));
  return {
    text: parts.join('\n\n'),
    json: {
      bgp: neighbours.map((one) => ({ ...one, address: address(one.address) })),
      xmpp: agents.map((one) => ({ ...one, address: address(one.address) })),
    },
  };
}

export function controlTargets(groups: readonly RtGroupView[], paint: Painter): Shown {
  const blocks = groups.map((group) => {
    const lists: readonly (readonly [string, readonly string[]])[] = [
      ['imported by', group.imports],
      ['exported by', group.exports],
      ['peers', group.interestedPeers.length === 0 ? [] : [group.interestedPeers.join(', ')]],
    ];
    const lines = lists.flatMap(([name, values]) =>
      values.map((value, at) => `  ${paint.faint((at === 0 ? name : '').padEnd(12))} ${value}`),
    );
    return [`${paint.strong(group.target)}${paint.faint(`  routes ${group.dependentRoutes}`)}`, ...lines].join('\n');
  });
  return { text: blocks.join('\n\n') || 'no targets', json: groups };
}
