/** Both ends of an XMPP channel, opened and drained. */
import { milliseconds, seconds, type VirtualUs, virtualUs } from '../../src/base/time.ts';
import { RoutePool } from '../../src/route/pool.ts';
import { type SessionOutput, XmppClientSession, XmppServerSession } from '../../src/xmpp/session.ts';
import type { StreamOpen } from '../../src/xmpp/stanza.ts';

export const pool = new RoutePool();
export const { nlris } = pool;
export const T0 = virtualUs(0);
export const at = (s: number) => seconds(s);
/** No stretch: the connect times are nine tenths of their names. */
export const STILL = { integer: (low: number) => low };

export const AGENT_OPEN: StreamOpen = {
  kind: 'open',
  from: 'a1',
  to: 'network-control@contrailsystems.com',
  id: '',
  xmlns: '',
};
export const ANSWER: StreamOpen = { kind: 'open', from: AGENT_OPEN.to, to: 'a1', id: '++123', xmlns: 'jabber:client' };

export function drain(session: { poll(): SessionOutput | null }): SessionOutput[] {
  const outputs: SessionOutput[] = [];
  for (let output = session.poll(); output !== null; output = session.poll()) outputs.push(output);
  return outputs;
}

export const kinds = (outputs: readonly SessionOutput[]) => outputs.map((output) => output.kind);

export function establishedServer(now: VirtualUs = T0, holdSeconds = 90) {
  const session = new XmppServerSession(nlris, holdSeconds);
  session.accepted(now);
  session.receiveStanza(now, AGENT_OPEN);
  session.admit(now);
  drain(session);
  return session;
}

export function establishedClient(now: VirtualUs = T0, holdSeconds = 90) {
  const session = new XmppClientSession(nlris, 'a1', STILL, holdSeconds);
  session.start(now);
  const opened = milliseconds(45);
  session.advance(opened);
  session.connected(opened);
  session.receiveStanza(opened, ANSWER);
  drain(session);
  return session;
}

/** Lets every timer fire until `end`; the moment and the outputs of each. */
export function play(session: XmppServerSession | XmppClientSession, end: VirtualUs) {
  const happened: (readonly [number, SessionOutput])[] = [];
  for (let next = session.nextDeadline(); next !== null && next <= end; next = session.nextDeadline()) {
    session.advance(next);
    for (const output of drain(session)) happened.push([next, output]);
  }
  return happened;
}
