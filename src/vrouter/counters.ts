/** Contractual counters of an agent, by node. Routes said again after a session was lost count twice. */
export const AGENT_COUNTERS = {
  /** Pairs of publish and associate, one for each channel told. */
  publishes: 'agent.publishes',
  /** Pairs of publish and dissociate. */
  retracts: 'agent.retracts',
  /** Those of the publishes that a walk says again to a control node that is back (VR-2.2.5). */
  resent: 'agent.publishes.resent',
  /** Items of control nodes' messages. */
  received: 'agent.routes.received',
  withdrawn: 'agent.retracts.received',
  /** Changes of a forwarding entry: next hop or label, or the row gone. */
  fibWrites: 'fib.writes',
} as const;
