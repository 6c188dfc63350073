/**
 * Which encapsulation a sender uses towards a next hop (VR-2.5): its own priority list against what the route offers.
 * The receiver accepts every type at any time (VR-0.6).
 */
import type { Encapsulation } from './agent-config.ts';

/** A set of encapsulations as bits. */
export const ENCAPSULATION_BIT = { MPLSoGRE: 1, MPLSoUDP: 2, VXLAN: 4, native: 8 } as const;

/** Small integers for columns and keys. */
export const ENCAPSULATIONS: readonly Encapsulation[] = ['MPLSoGRE', 'MPLSoUDP', 'VXLAN'];

/** What the agent offers for every inet route (VR-2.4.1/6). */
export const OFFERED = ENCAPSULATION_BIT.MPLSoGRE | ENCAPSULATION_BIT.MPLSoUDP;

/** The list asked last with its answer: routes of a message mostly hold the same one. */
let lastNames: readonly string[] = [];
let lastSet = 0;

/** Names accepted from the wire (VR-2.5.p2); others say nothing to an agent. The list must not change afterwards. */
export function encapsulationSet(names: readonly string[]): number {
  if (names === lastNames) return lastSet;
  lastSet = setOf(names);
  lastNames = names;
  return lastSet;
}

function setOf(names: readonly string[]): number {
  let set = 0;
  for (const name of names) {
    if (name === 'gre' || name === 'MPLSoGRE') set |= ENCAPSULATION_BIT.MPLSoGRE;
    else if (name === 'udp' || name === 'MPLSoUDP') set |= ENCAPSULATION_BIT.MPLSoUDP;
    else if (name === 'vxlan') set |= ENCAPSULATION_BIT.VXLAN;
    else if (name === 'native') set |= ENCAPSULATION_BIT.native;
  }
  return set;
}

export interface EncapsulationChoice {
  readonly encapsulation: Encapsulation;
  readonly because: string;
}

/** VR-2.5.1 to VR-2.5.3. `native` alone is underlay forwarding, which inet routes of a VRF do not use here. */
export function chooseEncapsulation(priorities: readonly Encapsulation[], set: number): EncapsulationChoice {
  const offered = offeredText(set);
  for (const [index, candidate] of priorities.entries()) {
    if ((set & ENCAPSULATION_BIT[candidate]) !== 0) {
      return {
        encapsulation: candidate,
        because: `entry ${index + 1} of ${priorities.join(', ')} and offered (${offered})`,
      };
    }
  }
  const list = priorities.length === 0 ? 'no priority list' : `none of ${priorities.join(', ')} is offered`;
  if ((set & ENCAPSULATION_BIT.MPLSoGRE) !== 0)
    return { encapsulation: 'MPLSoGRE', because: `${list}: GRE comes first in ${offered}` };
  if ((set & ENCAPSULATION_BIT.MPLSoUDP) !== 0)
    return { encapsulation: 'MPLSoUDP', because: `${list}: UDP comes first in ${offered}` };
  if ((set & ENCAPSULATION_BIT.VXLAN) !== 0)
    return { encapsulation: 'VXLAN', because: `${list}: VXLAN comes first in ${offered}` };
  return { encapsulation: 'MPLSoGRE', because: 'the route offers no encapsulation we know: the default type' };
}

function offeredText(set: number): string {
  const names = ENCAPSULATIONS.filter((name) => (set & ENCAPSULATION_BIT[name]) !== 0);
  return names.length === 0 ? 'nothing' : names.join(', ');
}
