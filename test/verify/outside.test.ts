/**
 * Who exchanges packets with the outside in small federations at random: the gateway and one network share a target, so
 * only workloads of that network do, as far as their groups admit it; what a policy passes on leads out and never back.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askPair, passes } from '../../src/verify/reachability.ts';
import type { Endpoint } from '../../src/world/directory.ts';
import type { World } from '../../src/world/world.ts';
import { playWorld, type SmallWorld, smallWorld } from '../world/small-worlds.ts';

const withGateway = smallWorld.map((world) => ({ ...world, gateway: true }));

interface Cloud {
  readonly world: World;
  readonly outside: Endpoint;
  readonly others: readonly Endpoint[];
}

function converged(drawn: SmallWorld): Cloud {
  const { world, rehearsal } = playWorld(drawn, [{ start: 'all' }]);
  const { endpoints } = rehearsal.directory;
  const outside = endpoints.find((one) => one.kind === 'external')!; // the gateway is there
  return { world, outside, others: endpoints.filter((one) => one !== outside) };
}

const shares = (one: Endpoint) =>
  one.kind === 'vm' && one.cluster === 'east' && one.networks[0] === 'default-domain:p:net-1';

/** The group a workload was given: `w1b-2` is of the second kind in the first network. */
function groupOf(drawn: SmallWorld, one: Endpoint): string | null {
  const [, network, kind] = /^w(\d)([a-z])-/.exec(one.short)!;
  return drawn.clusters[0]!.networks[Number(network) - 1]!.workloads[kind === 'a' ? 0 : 1]!.group;
}

describe('the outside', () => {
  it('is reached by the workloads of the network that shares its target, and by nobody else', () => {
    fc.assert(
      fc.property(withGateway, (drawn) => {
        const { world, outside, others } = converged(drawn);
        for (const one of others) {
          if (one.starts.length === 0) continue;
          const answer = askPair(world, one, outside, { protocol: 6, port: 443 });
          expect([one.name, passes(answer, 'exchange')]).toEqual([one.name, shares(one)]);
          if (!shares(one)) expect(answer.exchanges).toBe(0);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('reaches those of them whose groups admit it, on the ports they admit', () => {
    let reached = 0;
    fc.assert(
      fc.property(withGateway, (drawn) => {
        const { world, outside, others } = converged(drawn);
        for (const one of others) {
          for (const port of [80, 22]) {
            const answer = askPair(world, outside, one, { protocol: 6, port });
            const group = shares(one) ? groupOf(drawn, one) : 'members';
            // whoever is outside is a member of no group
            const admitted = group === null || group === 'open' || (group === 'web' && port === 80);
            expect([one.name, port, passes(answer, 'exchange')]).toEqual([one.name, port, admitted]);
            if (admitted) reached++;
            else if (shares(one)) expect(answer.reasons).toEqual(['SG']);
          }
        }
      }),
      { numRuns: 40 },
    );
    expect(reached).toBeGreaterThan(20);
  });

  it('is gone with its gateway, once the hold timers have told so', () => {
    fc.assert(
      fc.property(withGateway, (drawn) => {
        const { world, outside, others } = converged(drawn);
        world.sim.crash(world.nodeId('edge'));
        world.settle(600_000_000 as typeof world.now);
        for (const one of others.filter(shares)) {
          expect(askPair(world, one, outside, { protocol: 6, port: 443 }).reasons).toEqual(['NoDstRt']);
          expect(askPair(world, outside, one, { protocol: 6, port: 80 }).reasons).toEqual(['No Host']);
        }
      }),
      { numRuns: 15 },
    );
  });
});
