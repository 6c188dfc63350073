/**
 * Path selection (CN-5.1): in which order the paths of a route stand, and which rule put them there.
 *
 * The rules are a table, in Contrail's order. Those up to MED also say whether two paths are of equal cost (CN-5.2).
 * Rules that look at nothing but attributes are skipped when both paths hold the same interned value.
 */
import type { AttributeTable } from '../route/attributes.ts';
import type { CommonId } from '../route/common-attributes.ts';
import { NO_PEER, PATH_FLAG, type PathIndex, type PathTable, type PeerId } from '../route/path.ts';

/** What the decision asks of a peer. */
export interface PeerFacts {
  isXmpp(peer: PeerId): boolean;
  isIbgp(peer: PeerId): boolean;
  /** BGP identifier, or the address of an agent. */
  routerId(peer: PeerId): number;
  address(peer: PeerId): number;
  port(peer: PeerId): number;
}

export interface DecisionContext {
  readonly paths: PathTable;
  readonly attributes: AttributeTable;
  readonly peers: PeerFacts;
  readonly alwaysCompareMed: boolean;
  /** Quirk CN-Q1, on by default: a sticky MAC loses. */
  readonly stickyLoses: boolean;
}

export interface DecisionRule {
  /** Shown to people as the reason. */
  readonly name: string;
  /** Counts for equal cost as well. */
  readonly ecmp: boolean;
  /** Looks at nothing but the attributes: equal sets tie. */
  readonly attributesOnly: boolean;
  /** Negative when `a` is better, positive when `b` is. */
  readonly compare: (context: DecisionContext, a: PathIndex, b: PathIndex) => number;
}

type Compare = DecisionRule['compare'];

const both = (compare: (c: DecisionContext, a: number, b: number) => number): Compare => {
  return (c, a, b) => compare(c, commonOf(c, a), commonOf(c, b));
};

/** What the next hops leave of a path's attributes: all that the decision looks at. */
function commonOf({ attributes, paths }: DecisionContext, path: PathIndex): CommonId {
  return attributes.common(paths.attributes(path));
}

function isLlgrStale(c: DecisionContext, path: PathIndex): number {
  return (c.paths.flags(path) & PATH_FLAG.LlgrStale) !== 0 || c.attributes.commons.llgrStale(commonOf(c, path)) ? 1 : 0;
}

function haveOriginVnPaths(c: DecisionContext, a: number, b: number): boolean {
  return c.attributes.commons.hasOriginVnPath(a) && c.attributes.commons.hasOriginVnPath(b);
}

/** A rule between two paths that both have a peer; paths of the node itself were told apart before. */
const betweenPeers = (compare: (c: DecisionContext, a: PeerId, b: PeerId) => number): Compare => {
  return (c, a, b) => {
    const peerA = c.paths.peer(a);
    const peerB = c.paths.peer(b);
    return peerA === NO_PEER || peerB === NO_PEER ? 0 : compare(c, peerA, peerB);
  };
};

function identifier(c: DecisionContext, path: PathIndex): number {
  const originator = c.attributes.commons.originatorId(commonOf(c, path));
  return originator !== 0 ? originator : c.peers.routerId(c.paths.peer(path));
}

function hasPeers(c: DecisionContext, a: PathIndex, b: PathIndex): boolean {
  return c.paths.peer(a) !== NO_PEER && c.paths.peer(b) !== NO_PEER;
}

/** Rows 1 to 20 of CN-5.1, first difference wins. */
export const DECISION_RULES: readonly DecisionRule[] = [
  {
    name: 'feasible',
    ecmp: true,
    attributesOnly: false,
    compare: (c, a, b) => Number(c.paths.isFeasible(b)) - Number(c.paths.isFeasible(a)),
  },
  {
    name: 'higher LOCAL_PREF',
    ecmp: true,
    attributesOnly: true,
    compare: both((c, a, b) => c.attributes.commons.localPref(b) - c.attributes.commons.localPref(a)),
  },
  {
    name: 'E-Tree root',
    ecmp: true,
    attributesOnly: true,
    compare: both((c, a, b) => Number(c.attributes.commons.eTreeLeaf(a)) - Number(c.attributes.commons.eTreeLeaf(b))),
  },
  {
    name: 'sticky MAC',
    ecmp: true,
    attributesOnly: true,
    compare: both((c, a, b) => {
      const order = Number(c.attributes.commons.sticky(a)) - Number(c.attributes.commons.sticky(b));
      return c.stickyLoses ? order : -order;
    }),
  },
  {
    name: 'higher MAC mobility sequence number',
    ecmp: true,
    attributesOnly: true,
    compare: both((c, a, b) => c.attributes.commons.mobilitySequence(b) - c.attributes.commons.mobilitySequence(a)),
  },
  {
    name: 'not LLGR stale',
    ecmp: true,
    attributesOnly: false,
    compare: (c, a, b) => isLlgrStale(c, a) - isLlgrStale(c, b),
  },
  {
    name: 'shorter AS_PATH',
    ecmp: true,
    attributesOnly: true,
    compare: both((c, a, b) =>
      haveOriginVnPaths(c, a, b) ? 0 : c.attributes.commons.asPathLength(a) - c.attributes.commons.asPathLength(b),
    ),
  },
  {
    name: 'lower ORIGIN',
    ecmp: true,
    attributesOnly: true,
    compare: both((c, a, b) => c.attributes.commons.origin(a) - c.attributes.commons.origin(b)),
  },
  {
    name: 'lower MULTI_EXIT_DISC',
    ecmp: true,
    attributesOnly: true,
    compare: both((c, a, b) => {
      const neighbour = c.attributes.commons.neighbourAs(a);
      const comparable = c.alwaysCompareMed || (neighbour !== 0 && neighbour === c.attributes.commons.neighbourAs(b));
      return comparable ? c.attributes.commons.med(a) - c.attributes.commons.med(b) : 0;
    }),
  },
  {
    name: 'not aliased',
    ecmp: false,
    attributesOnly: false,
    compare: (c, a, b) => (c.paths.flags(a) & PATH_FLAG.AliasedPath) - (c.paths.flags(b) & PATH_FLAG.AliasedPath),
  },
  {
    name: 'shorter AS_PATH through service chains',
    ecmp: false,
    attributesOnly: true,
    compare: both((c, a, b) =>
      haveOriginVnPaths(c, a, b) ? c.attributes.commons.asPathLength(a) - c.attributes.commons.asPathLength(b) : 0,
    ),
  },
  {
    name: 'locally generated',
    ecmp: false,
    attributesOnly: false,
    compare: (c, a, b) => Number(c.paths.peer(a) !== NO_PEER) - Number(c.paths.peer(b) !== NO_PEER),
  },
  {
    name: 'higher path source',
    ecmp: false,
    attributesOnly: false,
    compare: (c, a, b) => c.paths.source(b) - c.paths.source(a),
  },
  {
    name: 'lower path id of local paths',
    ecmp: false,
    attributesOnly: false,
    compare: (c, a, b) => (c.paths.peer(a) === NO_PEER ? c.paths.pathId(a) - c.paths.pathId(b) : 0),
  },
  {
    name: 'XMPP over BGP',
    ecmp: false,
    attributesOnly: false,
    compare: betweenPeers((c, a, b) => Number(c.peers.isXmpp(b)) - Number(c.peers.isXmpp(a))),
  },
  {
    name: 'not iBGP',
    ecmp: false,
    attributesOnly: false,
    compare: betweenPeers((c, a, b) => Number(c.peers.isIbgp(a)) - Number(c.peers.isIbgp(b))),
  },
  {
    name: 'lower next hop',
    ecmp: false,
    attributesOnly: false,
    compare: (c, a, b) => (hasPeers(c, a, b) ? c.paths.pathId(a) - c.paths.pathId(b) : 0),
  },
  {
    name: 'lower router id',
    ecmp: false,
    attributesOnly: false,
    compare: (c, a, b) => (hasPeers(c, a, b) ? identifier(c, a) - identifier(c, b) : 0),
  },
  {
    name: 'shorter CLUSTER_LIST',
    ecmp: false,
    attributesOnly: true,
    compare: (c, a, b) =>
      hasPeers(c, a, b)
        ? c.attributes.commons.clusterListLength(commonOf(c, a)) -
          c.attributes.commons.clusterListLength(commonOf(c, b))
        : 0,
  },
  {
    name: 'lower peer address',
    ecmp: false,
    attributesOnly: false,
    compare: betweenPeers((c, a, b) => {
      if (c.peers.isXmpp(a) || c.peers.isXmpp(b)) return 0;
      return c.peers.address(a) - c.peers.address(b) || c.peers.port(a) - c.peers.port(b);
    }),
  },
];

/** Reason codes of a path: no rule was asked, the row that decided, or a complete tie (CN-5.1.6). */
export const ONLY_PATH = 0;
export const OLDER_PATH = DECISION_RULES.length + 1;

export function decisionName(code: number): string {
  if (code === ONLY_PATH) return 'only path';
  return DECISION_RULES[code - 1]?.name ?? 'older path';
}

const ALL_ROWS = DECISION_RULES.map((_, row) => row);
const ROWS_BESIDE_ATTRIBUTES = ALL_ROWS.filter((row) => !DECISION_RULES[row]!.attributesOnly);

/**
 * Compares two paths of a route: the code of the deciding rule, negative when `a` is better, or 0 for a complete tie,
 * in which the one that has been in the route longer stays in front.
 */
export function comparePaths(context: DecisionContext, a: PathIndex, b: PathIndex): number {
  const rows = commonOf(context, a) === commonOf(context, b) ? ROWS_BESIDE_ATTRIBUTES : ALL_ROWS;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const order = DECISION_RULES[row]!.compare(context, a, b);
    if (order !== 0) return order < 0 ? -(row + 1) : row + 1;
  }
  return 0;
}

/** Whether the two tie in every rule that counts for equal cost (CN-5.2). */
export function areEqualCost(context: DecisionContext, a: PathIndex, b: PathIndex): boolean {
  const rows = commonOf(context, a) === commonOf(context, b) ? ROWS_BESIDE_ATTRIBUTES : ALL_ROWS;
  for (let i = 0; i < rows.length; i++) {
    const rule = DECISION_RULES[rows[i]!]!;
    if (!rule.ecmp) return true;
    if (rule.compare(context, a, b) !== 0) return false;
  }
  return true;
}
