/**
 * Subscribe and unsubscribe of one instance on one channel (CN-2.6): the table of the reference as data, and what a
 * subscription means for a route of the instance (CN-2.7/5).
 *
 * The owner keeps the state (parked, subscribed, flags) and does what the result says; one function decides and names
 * the row.
 */
import type { Membership } from './items.ts';

/** `deleted`: being deleted, its tables still there. */
export type InstanceState = 'unknown' | 'deleted' | 'present';

export interface SubscriptionFacts {
  readonly instance: InstanceState;
  /** A subscription waits for the instance to be created. */
  readonly parked: boolean;
  readonly subscribed: boolean;
  /** A graceful restart of the channel is in progress. */
  readonly restarting: boolean;
  /** The subscription is left over from before the restart. */
  readonly stale: boolean;
}

export type SubscriptionEvent = 'subscribe' | 'unsubscribe' | 'instance-created';

export type SubscriptionResult =
  /** Remember it until the instance is created. */
  | 'park'
  | 'subscribe'
  /** The stale flag goes, and the subscription is made again. */
  | 'resubscribe'
  /** Forget what was parked, and its deferred routes. */
  | 'unpark'
  | 'unsubscribe'
  | 'close'
  | 'nothing';

export interface SubscriptionRow {
  /** Row of CN-2.6; empty for what is not said there because it is the ordinary case. */
  readonly row: string;
  readonly event: SubscriptionEvent;
  readonly instance: readonly InstanceState[];
  /** Facts that must be so; those left out do not matter. */
  readonly when: Partial<Omit<SubscriptionFacts, 'instance'>>;
  readonly result: SubscriptionResult;
  readonly says: string;
}

/** First match counts. */
export const SUBSCRIPTION_TABLE: readonly SubscriptionRow[] = [
  row(
    '1',
    'subscribe',
    ['unknown'],
    { parked: false },
    'park',
    'the instance is unknown: the subscription waits for it',
  ),
  row('2', 'subscribe', ['unknown'], { parked: true }, 'close', 'duplicate subscribe'),
  row('3', 'subscribe', ['deleted'], { parked: true }, 'close', 'duplicate subscribe'),
  row('3', 'subscribe', ['deleted'], { subscribed: true }, 'close', 'duplicate subscribe'),
  row(
    '4',
    'subscribe',
    ['deleted'],
    {},
    'park',
    'the instance is being deleted: the subscription waits for the next one',
  ),
  row('5', 'subscribe', ['present'], { subscribed: false }, 'subscribe', 'subscribed'),
  row('6', 'subscribe', ['present'], { restarting: false }, 'close', 'duplicate subscribe'),
  row('7', 'subscribe', ['present'], { stale: true }, 'resubscribe', 'subscribed again after a restart'),
  row('8', 'subscribe', ['present'], { stale: false }, 'close', 'duplicate subscribe'),
  row('9', 'unsubscribe', ['unknown', 'deleted'], { parked: true }, 'unpark', 'the subscription no longer waits'),
  row('10', 'unsubscribe', ['unknown'], { parked: false }, 'close', 'spurious unsubscribe'),
  row('11', 'unsubscribe', ['deleted'], { subscribed: true }, 'unsubscribe', 'unsubscribed'),
  row('14', 'unsubscribe', ['deleted'], { subscribed: false }, 'close', 'spurious unsubscribe'),
  row('12', 'unsubscribe', ['present'], { subscribed: false }, 'close', 'spurious unsubscribe'),
  row('', 'unsubscribe', ['present'], { subscribed: true }, 'unsubscribe', 'unsubscribed'),
  row('13', 'instance-created', ['present'], { parked: true }, 'subscribe', 'the instance is there: subscribed'),
  row('', 'instance-created', ['present'], { parked: false }, 'nothing', 'nobody waited for the instance'),
];

function row(
  name: string,
  event: SubscriptionEvent,
  instance: readonly InstanceState[],
  when: SubscriptionRow['when'],
  result: SubscriptionResult,
  says: string,
): SubscriptionRow {
  return Object.freeze({ row: name, event, instance, when, result, says });
}

const NOTHING = row('', 'instance-created', ['unknown'], {}, 'nothing', 'the instance is not there');

/** What an event leads to, and by which row. */
export function decideSubscription(event: SubscriptionEvent, facts: SubscriptionFacts): SubscriptionRow {
  for (const candidate of SUBSCRIPTION_TABLE) {
    if (candidate.event !== event || !candidate.instance.includes(facts.instance)) continue;
    const { parked, subscribed, restarting, stale } = candidate.when;
    if (parked !== undefined && parked !== facts.parked) continue;
    if (subscribed !== undefined && subscribed !== facts.subscribed) continue;
    if (restarting !== undefined && restarting !== facts.restarting) continue;
    if (stale !== undefined && stale !== facts.stale) continue;
    return candidate;
  }
  return NOTHING;
}

export interface MembershipFacts {
  readonly instance: InstanceState;
  /** A subscription waits for the instance, or for its tables. */
  readonly parked: boolean;
  readonly pending: 'none' | 'subscribe' | 'unsubscribe';
  readonly subscribed: boolean;
  /** -1: the subscribe came without one (CN-2.4.4). */
  readonly instanceId: number;
}

/** The fifth check of a route (CN-2.7/5) as {@link Membership}: queue it, feed it to its table, or close the channel. */
export function membershipOf(facts: MembershipFacts): Membership {
  if (facts.pending === 'unsubscribe') return 'after-unsubscribe';
  if (facts.parked || facts.pending === 'subscribe') return facts.instanceId === -1 ? 'no-instance-id' : 'pending';
  if (facts.instance === 'unknown') return 'unknown-instance';
  if (facts.subscribed) return facts.instanceId === -1 ? 'no-instance-id' : 'subscribed';
  return facts.instance === 'deleted' ? 'deleted-instance' : 'without-subscribe';
}
