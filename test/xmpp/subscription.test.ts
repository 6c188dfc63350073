import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decideSubscription,
  membershipOf,
  SUBSCRIPTION_TABLE,
  type SubscriptionFacts,
} from '../../src/xmpp/subscription.ts';

const facts = (change: Partial<SubscriptionFacts>): SubscriptionFacts => ({
  instance: 'present',
  parked: false,
  subscribed: false,
  restarting: false,
  stale: false,
  ...change,
});

describe('subscribe and unsubscribe', () => {
  it.each([
    ['CN-2.6/1', 'subscribe', { instance: 'unknown' }, 'park'],
    ['CN-2.6/2', 'subscribe', { instance: 'unknown', parked: true }, 'close'],
    ['CN-2.6/3', 'subscribe', { instance: 'deleted', parked: true }, 'close'],
    ['CN-2.6/3', 'subscribe', { instance: 'deleted', subscribed: true }, 'close'],
    ['CN-2.6/4', 'subscribe', { instance: 'deleted' }, 'park'],
    ['CN-2.6/5', 'subscribe', {}, 'subscribe'],
    ['CN-2.6/6', 'subscribe', { subscribed: true }, 'close'],
    ['CN-2.6/7', 'subscribe', { subscribed: true, restarting: true, stale: true }, 'resubscribe'],
    ['CN-2.6/8', 'subscribe', { subscribed: true, restarting: true }, 'close'],
    ['CN-2.6/9', 'unsubscribe', { instance: 'unknown', parked: true }, 'unpark'],
    ['CN-2.6/9', 'unsubscribe', { instance: 'deleted', parked: true }, 'unpark'],
    ['CN-2.6/10', 'unsubscribe', { instance: 'unknown' }, 'close'],
    ['CN-2.6/11', 'unsubscribe', { instance: 'deleted', subscribed: true }, 'unsubscribe'],
    ['CN-2.6/12', 'unsubscribe', {}, 'close'],
    ['CN-2.6/13', 'instance-created', { parked: true }, 'subscribe'],
    ['CN-2.6/14', 'unsubscribe', { instance: 'deleted' }, 'close'],
  ] as const)('%s: %s with %j leads to %s', (row, event, change, result) => {
    const decided = decideSubscription(event, facts(change));
    expect(decided).toMatchObject({ result, row: row.slice('CN-2.6/'.length) });
  });

  it('close the channel at the second subscribe, and at an unsubscribe of what was never there (CN-V15, CN-V18)', () => {
    expect(decideSubscription('subscribe', facts({ subscribed: true })).says).toBe('duplicate subscribe');
    expect(decideSubscription('unsubscribe', facts({ instance: 'unknown' })).says).toBe('spurious unsubscribe');
  });

  it('lead somewhere from every state', () => {
    const booleans = fc.boolean();
    const anything = fc.record({
      instance: fc.constantFrom('unknown' as const, 'deleted' as const, 'present' as const),
      parked: booleans,
      subscribed: booleans,
      restarting: booleans,
      stale: booleans,
    });
    fc.assert(
      fc.property(fc.constantFrom('subscribe' as const, 'unsubscribe' as const), anything, (event, state) => {
        expect(SUBSCRIPTION_TABLE).toContain(decideSubscription(event, state));
      }),
    );
  });
});

describe('the membership of a route (CN-2.7/5)', () => {
  const member = { instance: 'present', parked: false, pending: 'none', subscribed: true, instanceId: 3 } as const;

  it('is there when subscribed, and queued while the subscription waits (CN-V16)', () => {
    expect(membershipOf(member)).toBe('subscribed');
    expect(membershipOf({ ...member, pending: 'subscribe' })).toBe('pending');
    expect(membershipOf({ ...member, instance: 'unknown', subscribed: false, parked: true })).toBe('pending');
  });

  it('is not there without a subscription, after one, or when it came without an instance id', () => {
    expect(membershipOf({ ...member, subscribed: false })).toBe('without-subscribe');
    expect(membershipOf({ ...member, pending: 'unsubscribe' })).toBe('after-unsubscribe');
    expect(membershipOf({ ...member, instance: 'unknown', subscribed: false })).toBe('unknown-instance');
    expect(membershipOf({ ...member, instance: 'deleted', subscribed: false })).toBe('deleted-instance');
    expect(membershipOf({ ...member, instanceId: -1 })).toBe('no-instance-id');
  });
});
