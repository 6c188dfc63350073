/**
 * Contractual counters of a control node. Those with a session are kept for each agent; routes and messages of BGP are
 * counted by the speaker, for each neighbour and family.
 */
import { FAMILIES } from '../route/family.ts';

export const CONTROL_COUNTERS = {
  /** Messages with routes to agents: at most 32 items or 256 retracts each (CN-2.8.1). */
  messages: 'xmpp.messages.sent',
  /** Items and retracts in them, counted once for each receiver. */
  routes: 'xmpp.routes.sent.inet',
  retracts: 'xmpp.retracts.sent.inet',
  endOfRib: 'xmpp.end-of-rib.sent',
  /** Accepted pairs of publish and collection. */
  publishes: 'xmpp.publishes.received.inet',
  withdrawals: 'xmpp.retracts.received.inet',
  /** Items passed over, or that closed the channel (CN-2.7). */
  refused: 'xmpp.items.refused',
  /** Publishes and collections that found no partner (CN-2.4.2). */
  dropped: 'xmpp.pairs.dropped',
  /** Items told to an agent that held the route already, with another content. They are among the routes sent. */
  resentItems: 'xmpp.routes.resent.inet',
  /** Secondary paths made or removed; one that changes counts once. */
  replications: 'replications',
  /** Times the paths of a route were put in order: one for a path added, one for a path removed. */
  decisions: 'best-path-runs',
} as const;

/** The same of routes told to BGP peers, by number of the family. */
export const RESENT_ROUTES: readonly string[] = FAMILIES.map(({ name }) => `bgp.announced.resent.${name}`);
