/** The reachability table: groups against groups, each cell all pairs of the two. */
import type { Endpoint } from '../world/directory.ts';
import type { World } from '../world/world.ts';
import { askPair, type PortQuestion, pairsOf, passes } from './reachability.ts';

export interface MatrixGroup {
  readonly label: string;
  readonly endpoints: readonly Endpoint[];
  /** What is asked of a column; null: any protocol. */
  readonly port: PortQuestion | null;
}

export interface MatrixCell {
  /** `self` where row and column are one single endpoint. */
  readonly verdict: 'yes' | 'no' | 'one-way' | 'some' | 'self';
  readonly pairs: number;
  readonly reached: number;
  /** Drop reasons met, most frequent first. */
  readonly reasons: readonly string[];
}

export function reachabilityMatrix(
  world: World,
  rows: readonly MatrixGroup[],
  columns: readonly MatrixGroup[],
): MatrixCell[][] {
  return rows.map((row) => columns.map((column) => cellOf(world, row.endpoints, column.endpoints, column.port)));
}

function cellOf(
  world: World,
  from: readonly Endpoint[],
  to: readonly Endpoint[],
  port: PortQuestion | null,
): MatrixCell {
  const pairs = pairsOf(from, to).filter(([one]) => one.starts.length > 0);
  const reasons = new Map<string, number>();
  let reached = 0;
  let oneWay = 0;
  let touched = 0;
  for (const [one, other] of pairs) {
    const answer = askPair(world, one, other, port);
    if (passes(answer, 'exchange')) reached++;
    else if (answer.requests + answer.withoutReturn > 0 && answer.exchanges === 0) oneWay++;
    if (answer.exchanges > 0) touched++;
    for (const reason of answer.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const verdict =
    pairs.length === 0 ? 'self'
    : reached === pairs.length ? 'yes'
    : touched > 0 ? 'some'
    : oneWay === pairs.length ? 'one-way'
    : oneWay > 0 ? 'some'
    : 'no'; // biome-ignore format: a ladder reads best aligned
  return {
    verdict,
    pairs: pairs.length,
    reached,
    reasons: [...reasons].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([reason]) => reason),
  };
}

/** Groups of workloads of one controller or name stem, and of service addresses, where a scenario states no table. */
export function groupsOf(endpoints: readonly Endpoint[]): MatrixGroup[] {
  const groups = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    if (endpoint.kind === 'fip') continue;
    const stem =
      endpoint.kind === 'vm' || endpoint.kind === 'pod' ? endpoint.name.replace(/-\d+$/, '-*') : endpoint.name;
    const group = groups.get(stem);
    if (group === undefined) groups.set(stem, [endpoint]);
    else group.push(endpoint);
  }
  return [...groups].map(([label, members]) => ({
    label: members.length === 1 ? members[0]!.name : label,
    endpoints: members,
    port: null,
  }));
}
