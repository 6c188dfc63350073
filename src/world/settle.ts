/**
 * When a world is not settled although nothing is scheduled but background (design: quiescent): a session over a path
 * that is gone, whose hold timer has yet to fire; one whose other end has been restarted and knows nothing of it; a
 * session that is down although both ends could have it.
 */
import { sessionsOf } from '../control/views.ts';
import type { NodeId, StreamId } from '../sim/node.ts';
import { END_OPEN } from '../sim/stream.ts';
import type { World } from './world.ts';

/** How a node sees one of its sessions. */
export interface SessionView {
  /** Name of the other end as configured, or its address. */
  readonly peer: string;
  readonly remoteAddress: number;
  readonly protocol: 'bgp' | 'xmpp';
  readonly state: string;
  readonly established: boolean;
  /** The session is meant to be: not administratively down, and not an agent's spare server. */
  readonly wanted: boolean;
  /** The connection it stands on, from those who have no session to miss at the other end. */
  readonly stream?: StreamId | null;
}

/** One sentence on the first such session, or null. */
export function unsettledSession(world: World): string | null {
  for (const [name, sessions] of allSessions(world)) {
    const own = world.sim.nodeNamed(name);
    if (!world.sim.isUp(own)) continue;
    for (const session of sessions) {
      const other = world.sim.underlay.nodeAt(session.remoteAddress);
      const path = other >= 0 && world.sim.underlay.sessionsReachable(own, other);
      if (session.established && (!path || !world.sim.isUp(other))) {
        return `the session of ${name} with ${session.peer} waits for its hold timer`;
      }
      if (session.established && isHalfOpen(world, session.stream ?? null)) {
        return `the session of ${name} with ${session.peer} waits to find its other end gone`;
      }
      if (!session.established && session.wanted && path && isOpenTo(world, other)) {
        return `the session of ${name} with ${session.peer} is ${session.state}`;
      }
    }
  }
  return null;
}

/** It has power and is not administratively down: then nobody waits for it. */
function isOpenTo(world: World, node: NodeId): boolean {
  return world.sim.isUp(node) && world.controlNodes.get(world.sim.nodeName(node))?.config.adminDown !== true;
}

function isHalfOpen(world: World, stream: StreamId | null): boolean {
  const known = stream === null ? null : world.sim.stream(stream);
  return known?.states.some((state) => state !== END_OPEN) ?? false;
}

/** The states in which either end sees the sessions of two nodes, as long as it has power; empty when they have none. */
export function sessionStates(world: World, between: readonly [string, string]): string[] {
  const states: string[] = [];
  for (const [name, sessions] of allSessions(world)) {
    const other = name === between[0] ? between[1] : name === between[1] ? between[0] : null;
    if (other === null || !world.sim.isUp(world.nodeId(name))) continue;
    for (const session of sessions) if (session.peer === other) states.push(session.state);
  }
  return states;
}

export function* allSessions(world: World): Generator<readonly [string, readonly SessionView[]]> {
  for (const [name, node] of world.controlNodes) yield [name, sessionsOf(node)];
  for (const [name, agent] of world.agents) {
    yield [
      name,
      agent.sessions().map((session) => ({
        peer: world.nameAt(session.remote),
        remoteAddress: session.remote,
        protocol: 'xmpp',
        state: session.state,
        established: session.state === 'Established',
        wanted: true,
        stream: session.stream,
      })),
    ];
  }
  for (const [name, gateway] of world.gateways) yield [name, gateway.sessions()];
  for (const [name, speaker] of world.speakers) yield [name, speaker.sessions()];
}
