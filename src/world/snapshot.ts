/**
 * What every table of a world holds at one moment, as an immutable version: a map from a row's name to what it says.
 *
 * Versions are for people's questions (what differs from a checkpoint), never for the engine's loops. A version made
 * after another shares with it every row that has not changed.
 */
import { Map as Version } from 'immutable';
import { byText } from '../base/order.ts';
import { neighboursOf, routesOf, tablesOf } from '../control/views.ts';
import { formatIpv4 } from '../net/ipv4.ts';
import { formatPrefix } from '../net/prefix.ts';
import { vrfViews } from '../vrouter/views.ts';
import type { World } from './world.ts';

/** `node table key` to the row's content, without ids, times and label numbers (design: state hash). */
export type Snapshot = Version<string, string>;

const NOTHING: Snapshot = Version();

export function snapshotOf(world: World, parent: Snapshot = NOTHING): Snapshot {
  const rows = new Map<string, string>();
  for (const [name, node] of world.controlNodes) {
    if (!world.sim.isUp(world.nodeId(name))) continue;
    for (const table of tablesOf(node)) {
      for (const route of routesOf(node, table.name)) {
        const paths = route.paths.map((path) =>
          [
            path.peer,
            formatIpv4(path.nextHop),
            path.localPref,
            path.med,
            path.asPath,
            ...path.communities,
            ...path.flags,
          ].join(' '),
        );
        rows.set(`${name} ${table.name} ${route.prefix}`, paths.join('; '));
      }
    }
    for (const { name: peer, state } of neighboursOf(node)) rows.set(`${name} session ${peer}`, state);
  }
  for (const [name, agent] of world.agents) {
    if (!world.sim.isUp(world.nodeId(name))) continue;
    for (const vrf of vrfViews(agent)) {
      for (const route of vrf.routes) {
        const nextHop = route.nextHop.replace(/, label \d+/, '');
        rows.set(`${name} ${vrf.name} ${formatPrefix(route.prefix)}`, `${nextHop} by ${route.peer}`);
      }
    }
  }
  return parent.withMutations((version) => {
    for (const key of parent.keys()) if (!rows.has(key)) version.delete(key);
    for (const [key, row] of rows) version.set(key, row);
  });
}

export interface RowDifference {
  readonly row: string;
  /** null: there was none. */
  readonly before: string | null;
  readonly after: string | null;
}

/** Rows that are not the same in both, in order of their names. */
export function differencesOf(before: Snapshot, after: Snapshot): RowDifference[] {
  if (before === after) return [];
  const differences: RowDifference[] = [];
  for (const [row, content] of before) {
    if (after.get(row) !== content) differences.push({ row, before: content, after: after.get(row) ?? null });
  }
  for (const [row, content] of after) if (!before.has(row)) differences.push({ row, before: null, after: content });
  return differences.sort((a, b) => byText(a.row, b.row));
}

/** `ctl-1 bgp.l3vpn.0 10.0.0.1:2:10.1.1.1/32 is gone`, and how many more there are. */
export function differencesText(differences: readonly RowDifference[]): string {
  const told = differences.slice(0, 3).map(({ row, before, after }) => {
    if (after === null) return `${row} is gone`;
    return before === null ? `${row} is new: ${after}` : `${row} is ${after}, was ${before}`;
  });
  const more = differences.length - told.length;
  return told.join('; ') + (more > 0 ? `; and ${more} more rows` : '');
}
