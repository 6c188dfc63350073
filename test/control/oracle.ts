/**
 * Import by target, computed from scratch: a naive model to hold the incremental engine against (CN-4.2, CN-5.2).
 *
 * A path is copied to every table that imports one of the targets it leaves with, exactly when it is primary, its
 * table's best path is feasible, and it ties with that best path. Copies stand in the tables they are made in and so
 * take part in what is best there; the model repeats until nothing changes.
 */

export interface ModelInstance {
  readonly imports: ReadonlySet<string>;
  readonly exports: ReadonlySet<string>;
  /** Its export list was not always empty (CN-4.2.7). */
  readonly watched: boolean;
}

export interface ModelPath {
  /** Instance name, or `vpn`. */
  readonly table: string;
  /** Prefix, in the VPN table behind its route distinguisher and a space. */
  readonly key: string;
  readonly peer: string;
  /** Route distinguisher the path takes into the VPN table. */
  readonly rd: string;
  readonly feasible: boolean;
  readonly localPref: number;
  readonly asPathLength: number;
  /** 0 IGP, 2 INCOMPLETE. */
  readonly origin: number;
  /** Targets of its own, as VPN routes have. */
  readonly targets: readonly string[];
}

/** A copy: the path, and the table it is in. */
interface ModelCopy {
  readonly path: ModelPath;
  readonly table: string;
  readonly key: string;
}

export const VPN = 'vpn';

function rank(path: ModelPath): readonly number[] {
  return [path.feasible ? 0 : 1, -path.localPref, path.asPathLength, path.origin];
}

function compare(a: ModelPath, b: ModelPath): number {
  const [x, y] = [rank(a), rank(b)];
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return x[i]! - y[i]!;
  return 0;
}

function copiesOf(path: ModelPath, instances: ReadonlyMap<string, ModelInstance>): ModelCopy[] {
  const copies: ModelCopy[] = [];
  const source = instances.get(path.table);
  const carried = new Set([...path.targets, ...(source?.exports ?? [])]);
  if (source !== undefined && !source.watched) return [];
  const prefix = path.table === VPN ? path.key.split(' ')[1]! : path.key;
  let anyGroup = false;
  for (const [name, instance] of instances) {
    for (const target of carried) {
      if (instance.imports.has(target) || instance.exports.has(target)) anyGroup = true;
    }
    if (name === path.table) continue;
    if ([...carried].some((target) => instance.imports.has(target))) copies.push({ path, table: name, key: prefix });
  }
  if (path.table !== VPN && anyGroup) copies.push({ path, table: VPN, key: `${path.rd} ${prefix}` });
  return copies;
}

/** What each route holds, primaries and copies: table and key to `peer from table`, sorted. */
export function expectedTables(
  primaries: readonly ModelPath[],
  instances: ReadonlyMap<string, ModelInstance>,
): ReadonlyMap<string, readonly string[]> {
  let copies: ModelCopy[] = [];
  for (let round = 0; ; round++) {
    const standing = new Map<string, ModelPath[]>();
    const put = (table: string, key: string, path: ModelPath): void => {
      const place = `${table}|${key}`;
      standing.set(place, [...(standing.get(place) ?? []), path]);
    };
    for (const path of primaries) put(path.table, path.key, path);
    for (const { table, key, path } of copies) put(table, key, path);
    const isBest = (path: ModelPath): boolean => {
      const rivals = standing.get(`${path.table}|${path.key}`)!;
      return path.feasible && rivals.every((rival) => compare(path, rival) <= 0);
    };
    const next = primaries.filter(isBest).flatMap((path) => copiesOf(path, instances));
    const same = JSON.stringify(next) === JSON.stringify(copies);
    copies = next;
    if (same || round === 20) break;
  }
  const tables = new Map<string, string[]>();
  const tell = (table: string, key: string, text: string): void => {
    const place = `${table}|${key}`;
    tables.set(place, [...(tables.get(place) ?? []), text].sort());
  };
  for (const { table, key, peer } of primaries) tell(table, key, `${peer} primary`);
  for (const { table, key, path } of copies) tell(table, key, `${path.peer} from ${path.table}`);
  return tables;
}
