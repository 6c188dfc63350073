/** The reachability table of a scenario: as it states it, or one row and column a group of workloads. */
import { groupsOf, type MatrixGroup, reachabilityMatrix } from '../verify/matrix.ts';
import type { Directory, Endpoint } from '../world/directory.ts';
import type { World } from '../world/world.ts';
import type { LoadedScenario } from './load.ts';
import { parsePortWord } from './ports.ts';
import type { ReachabilityMatrix } from './result.ts';

/** A table larger than this on either side is left out unless the scenario asks for it. */
const GROUPS_MAX = 16;

export function matrixOf(world: World, directory: Directory, loaded: LoadedScenario): ReachabilityMatrix | null {
  const stated = loaded.scenario.matrix;
  const groups = stated === undefined ? groupsOf(directory.endpoints) : [];
  const rows: MatrixGroup[] =
    stated === undefined
      ? groups.filter((group) => group.endpoints.some((endpoint) => endpoint.starts.length > 0))
      : Object.entries(stated.rows).map(([label, selectors]) => ({
          label,
          endpoints: endpointsOf(directory, selectors),
          port: null,
        }));
  const columns: MatrixGroup[] =
    stated === undefined
      ? groups
      : Object.entries(stated.columns).map(([label, column]) => ({
          label,
          endpoints: endpointsOf(directory, column.to),
          port: column.port === undefined ? null : parsePortWord(column.port),
        }));
  if (rows.length === 0 || columns.length === 0) return null;
  if (stated === undefined && (rows.length > GROUPS_MAX || columns.length > GROUPS_MAX)) return null;
  return {
    rows: rows.map((row) => row.label),
    columns: columns.map((column) => column.label),
    cells: reachabilityMatrix(world, rows, columns),
  };
}

/** A selector that matches nothing by now gives an empty group: the workloads may have gone. */
function endpointsOf(directory: Directory, selectors: string | readonly string[]): readonly Endpoint[] {
  return [selectors].flat().flatMap((selector) => {
    const found = directory.select(selector);
    return typeof found === 'string' ? [] : found;
  });
}
