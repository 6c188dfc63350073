/** What the parts of a control node have in common: its routes, its rib-outs, its port and its clock. */
import type { VirtualUs } from '../base/time.ts';
import type { NodePort } from '../sim/node.ts';
import type { ControlNodeConfig } from './control-config.ts';
import type { Exports } from './exports.ts';
import type { Rib } from './rib.ts';

export interface ControlHost {
  readonly config: ControlNodeConfig;
  readonly rib: Rib;
  readonly exports: Exports;
  readonly port: NodePort;
  /** When the process started; the starting period is a fifth of end-of-rib-timeout from then on (CN-2.10.2). */
  readonly startedAt: VirtualUs;
  /** When a route-target route was last added (CN-7.5.p1). */
  readonly interestAddedAt: VirtualUs;
  /** Routes were changed: what follows is done, and updates are sent at the end of the moment. */
  changed(): void;
}

/** Kinds of a control node's timers. */
export const TIMER = { flush: 0, bgp: 1, bgpEndOfRib: 2, targetWait: 3, xmpp: 4, xmppEndOfRib: 5 } as const;

/** What each of them waits for, for people. */
export const TIMER_WORDS: readonly string[] = [
  'the moment at which updates leave',
  'a BGP session',
  'the time of its End-of-RIB to a BGP peer',
  'the route targets of a BGP peer',
  'an XMPP session',
  'the time of its End-of-RIB to an agent',
];

const STARTING_PERCENT = 20;

/** End of the starting period. */
export function startingUntil(host: ControlHost): number {
  return host.startedAt + host.config.endOfRibTimeoutSeconds * 10_000 * STARTING_PERCENT;
}

/** The first moment at `from` plus whole seconds that is not before `at`, and not at `from` itself. */
export function wholeSecondsAfter(from: number, at: number): number {
  const steps = Math.max(1, Math.ceil((at - from) / 1_000_000));
  return from + steps * 1_000_000;
}
