/**
 * Best path as RFC 4271 §9.1.2 has it, with RFC 4456 §9 for reflected routes: steps that each take away what is worse,
 * until one path is left. The step that did so is the reason people are told.
 *
 * Elimination by steps, and not comparison of pairs, because MEDs compare only between paths of one neighbour AS.
 * Not modelled: the cost of the way to the next hop, which is the same for all (step e).
 */
import type { AttributesId, AttributeTable } from '../route/attributes.ts';
import type { CommonAttributesTable, CommonId } from '../route/common-attributes.ts';

/** What the selection asks of a peer; peer 0 is the gateway itself. */
export interface PeerRank {
  isInternal(peer: number): boolean;
  peerIdentifier(peer: number): number;
  peerAddress(peer: number): number;
}

export const LOCAL_PEER = 0;

/** The candidates of one selection: two columns that are used again and again. */
export class Candidates {
  readonly attributes: number[] = [];
  readonly peers: number[] = [];

  add(attributes: AttributesId, peer: number): void {
    this.attributes.push(attributes);
    this.peers.push(peer);
  }

  clear(): void {
    this.attributes.length = 0;
    this.peers.length = 0;
  }
}

interface Step {
  readonly name: string;
  /** Lower is better. */
  readonly rank: (commons: CommonAttributesTable, ranks: PeerRank, common: CommonId, peer: number) => number;
  /** Compared only between paths of one neighbour AS. */
  readonly withinAs: boolean;
}

const always = (name: string, rank: Step['rank']): Step => ({ name, rank, withinAs: false });

export const STEPS: readonly Step[] = [
  always('locally originated', (_commons, _ranks, _common, peer) => (peer === LOCAL_PEER ? 0 : 1)),
  always('higher LOCAL_PREF', (commons, _ranks, common) => -commons.localPref(common)),
  always('shorter AS_PATH', (commons, _ranks, common) => commons.asPathLength(common)),
  always('lower ORIGIN', (commons, _ranks, common) => commons.origin(common)),
  { name: 'lower MULTI_EXIT_DISC', withinAs: true, rank: (commons, _ranks, common) => commons.med(common) },
  always('external over internal', (_commons, ranks, _common, peer) => (ranks.isInternal(peer) ? 1 : 0)),
  always(
    'lower BGP identifier',
    (commons, ranks, common, peer) => commons.originatorId(common) || ranks.peerIdentifier(peer),
  ),
  always('shorter CLUSTER_LIST', (commons, _ranks, common) => commons.clusterListLength(common)),
  always('lower peer address', (_commons, ranks, _common, peer) => ranks.peerAddress(peer)),
];

/** Paths that are left after so many steps may be used together (multipath). */
const MULTIPATH_STEPS = STEPS.findIndex((step) => step.name === 'external over internal') + 1;

export const ONLY_PATH = STEPS.length;

/** The text of a reason code. */
export function stepName(code: number): string {
  return STEPS[code]?.name ?? 'only path';
}

export interface Selection {
  /** Index among the candidates, -1 when there are none. */
  readonly best: number;
  /** Code of the step that left the best path alone. */
  readonly decidedBy: number;
  /** Indexes of the paths of equal cost, the best one among them. */
  readonly equal: readonly number[];
}

export function select(table: AttributeTable, ranks: PeerRank, candidates: Candidates): Selection {
  const { attributes, peers } = candidates;
  let left = [...attributes.keys()];
  let equal = left;
  let decidedBy = ONLY_PATH;
  for (const [code, step] of STEPS.entries()) {
    if (left.length < 2) break;
    const rankOf = (index: number) => step.rank(table.commons, ranks, table.common(attributes[index]!), peers[index]!);
    const kept = step.withinAs
      ? left.filter(
          (a) =>
            !left.some(
              (b) =>
                sameAs(table.commons, table.common(attributes[a]!), table.common(attributes[b]!)) &&
                rankOf(b) < rankOf(a),
            ),
        )
      : keepLowest(left, rankOf);
    if (kept.length < left.length) decidedBy = code;
    left = kept;
    if (code < MULTIPATH_STEPS) equal = left;
  }
  return { best: left[0] ?? -1, decidedBy, equal };
}

/** One path against another: twice the code of the step that decides, and one more when the second path is the better. */
export function comparePair(
  table: AttributeTable,
  ranks: PeerRank,
  a: AttributesId,
  peerA: number,
  b: AttributesId,
  peerB: number,
): number {
  const { commons } = table;
  const [commonA, commonB] = [table.common(a), table.common(b)];
  for (let code = 0; code < STEPS.length; code++) {
    const { rank, withinAs } = STEPS[code]!;
    if (withinAs && !sameAs(commons, commonA, commonB)) continue;
    const order = rank(commons, ranks, commonA, peerA) - rank(commons, ranks, commonB, peerB);
    if (order !== 0) return 2 * code + (order < 0 ? 0 : 1);
  }
  return 2 * ONLY_PATH;
}

function keepLowest(left: readonly number[], rankOf: (index: number) => number): number[] {
  let lowest = Number.POSITIVE_INFINITY;
  for (const index of left) lowest = Math.min(lowest, rankOf(index));
  return left.filter((index) => rankOf(index) === lowest);
}

function sameAs(commons: CommonAttributesTable, a: CommonId, b: CommonId): boolean {
  return commons.neighbourAs(a) === commons.neighbourAs(b);
}
