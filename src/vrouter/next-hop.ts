/**
 * Next hops of one agent (VR-1.6), interned: equal next hops are one id, so "the same forwarding" is a comparison of
 * integers. Id 0 is the discard next hop, always (VR-1.6/1). Tunnels are the same for all agents of a world and have the
 * odd ids from 5 on, an agent's own next hops the even ones.
 *
 * Not modelled: bridge, VLAN, VRF-translate and mirror next hops.
 */
import { shared } from '../base/fork.ts';
import { TupleIds } from '../base/interner.ts';
import { type Ipv4, ipv4 } from '../net/ipv4.ts';
import type { Encapsulation } from './agent-config.ts';
import { ENCAPSULATIONS } from './encapsulation.ts';

export type NextHopId = number;

export const DISCARD: NextHopId = 0;
/** Deliver to the host itself, vhost0 (VR-1.6/3). */
export const RECEIVE: NextHopId = 1;
/** The agent's own packet interface, policy on: gateway and DNS addresses (VR-1.11/2). */
export const PACKET_INTERFACE: NextHopId = 2;
/** What a path is left with when its label no longer leads anywhere: drop *Invalid NH*. */
export const INVALID: NextHopId = 3;

/** Ids below are those of every agent. */
const FIRST_ID = 4;

function isOdd(id: number): boolean {
  return (id & 1) === 1;
}

const KIND = { discard: 0, receive: 1, packet: 2, invalid: 3, interface: 4, composite: 5 } as const;

/** One slot of an ECMP group; a deleted member leaves a hole (VR-1.10.p3). */
export interface Member {
  readonly nextHop: NextHopId;
  /** -1 for a local member. */
  readonly label: number;
}

export type NextHop =
  | { readonly kind: 'discard' }
  | { readonly kind: 'receive' }
  | { readonly kind: 'packet' }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'interface'; readonly vif: number; readonly policy: boolean }
  | { readonly kind: 'tunnel'; readonly to: Ipv4; readonly encapsulation: Encapsulation }
  | { readonly kind: 'composite'; readonly members: readonly (Member | null)[]; readonly local: boolean };

export const MEMBERS_MAX = 128;

/** Tunnels by destination and encapsulation (VR-1.6). */
export class Tunnels {
  private readonly ids = new TupleIds(32);

  id(to: number, encapsulation: number): NextHopId {
    return FIRST_ID + 1 + 2 * this.ids.intern(to, encapsulation);
  }

  destination(id: NextHopId): Ipv4 {
    return ipv4(this.ids.a(indexOfTunnel(id)));
  }

  encapsulation(id: NextHopId): Encapsulation {
    return ENCAPSULATIONS[this.ids.b(indexOfTunnel(id))]!;
  }
}

function indexOfTunnel(id: NextHopId): number {
  return (id - FIRST_ID - 1) >> 1;
}

export class NextHopTable {
  private readonly tunnels: Tunnels;
  private readonly ids = new TupleIds(16);
  private readonly groups: (readonly (Member | null)[])[] = [];
  /** The members of each group without its holes, and those of them on this host. */
  private readonly present: (readonly Member[])[] = [];
  private readonly presentHere: (readonly Member[])[] = [];
  private readonly groupIds = new Map<string, number>();

  constructor(tunnels: Tunnels) {
    this.tunnels = tunnels;
    this.ids.intern(KIND.discard, 0);
    this.ids.intern(KIND.receive, 0);
    this.ids.intern(KIND.packet, 0);
    this.ids.intern(KIND.invalid, 0);
  }

  interface(vif: number, policy: boolean): NextHopId {
    return this.own(KIND.interface, vif, policy ? 1 : 0);
  }

  tunnel(to: number, encapsulation: number): NextHopId {
    return this.tunnels.id(to, encapsulation);
  }

  /** `local` marks a group of this host's interfaces only, which has a label of its own (LOCAL_ECMP). */
  composite(members: readonly (Member | null)[], local: boolean): NextHopId {
    const key = members.map((member) => (member === null ? '-' : `${member.nextHop}:${member.label}`)).join(' ');
    let group = this.groupIds.get(key);
    if (group === undefined) {
      group = this.groups.length;
      this.groupIds.set(key, group);
      const present = members.filter((member) => member !== null);
      const here = present.filter((member) => !this.isTunnel(member.nextHop));
      this.groups.push(shared(Object.freeze([...members])));
      this.present.push(shared(Object.freeze(present)));
      this.presentHere.push(shared(Object.freeze(here)));
    }
    return this.own(KIND.composite, group, local ? 1 : 0);
  }

  isTunnel(id: NextHopId): boolean {
    return id > FIRST_ID && isOdd(id);
  }

  isInterface(id: NextHopId): boolean {
    return this.kindOf(id) === KIND.interface;
  }

  isComposite(id: NextHopId): boolean {
    return this.kindOf(id) === KIND.composite;
  }

  /** Of an interface next hop. */
  vif(id: NextHopId): number {
    return this.ids.b(indexOf(id));
  }

  /** Of a tunnel next hop. */
  tunnelDestination(id: NextHopId): Ipv4 {
    return this.tunnels.destination(id);
  }

  /** Members of a composite that a packet may take: all of them, or those on this host (VR-4.11.3). */
  choices(id: NextHopId, localOnly: boolean): readonly Member[] {
    if (!this.isComposite(id)) return [];
    const group = this.ids.b(indexOf(id));
    return localOnly ? this.presentHere[group]! : this.present[group]!;
  }

  /** The slots of a composite next hop; none for others. */
  members(id: NextHopId): readonly (Member | null)[] {
    return this.isComposite(id) ? this.groups[this.ids.b(indexOf(id))]! : [];
  }

  get(id: NextHopId): NextHop {
    if (this.isTunnel(id)) {
      return { kind: 'tunnel', to: this.tunnels.destination(id), encapsulation: this.tunnels.encapsulation(id) };
    }
    const at = indexOf(id);
    switch (this.ids.a(at)) {
      case KIND.discard:
        return { kind: 'discard' };
      case KIND.receive:
        return { kind: 'receive' };
      case KIND.packet:
        return { kind: 'packet' };
      case KIND.interface:
        return { kind: 'interface', vif: this.ids.b(at), policy: this.ids.c(at) === 1 };
      case KIND.composite:
        return { kind: 'composite', members: this.groups[this.ids.b(at)]!, local: this.ids.c(at) === 1 };
      default:
        return { kind: 'invalid' };
    }
  }

  private own(kind: number, b: number, c: number): NextHopId {
    return FIRST_ID + 2 * (this.ids.intern(kind, b, c) - FIRST_ID);
  }

  /** A kind that is no tunnel's, or -1. */
  private kindOf(id: NextHopId): number {
    return this.isTunnel(id) ? -1 : this.ids.a(indexOf(id));
  }
}

/** Where an agent's own next hop stands. */
function indexOf(id: NextHopId): number {
  return id < FIRST_ID ? id : FIRST_ID + ((id - FIRST_ID) >> 1);
}

/**
 * The slots of an ECMP group after a change: members that stay keep their slot, so that their flows stay, new ones take
 * a hole or the end, and holes at the end go away (VR-1.10.p3, VR-4.11.6).
 */
export function stableSlots(before: readonly (Member | null)[], wanted: readonly Member[]): (Member | null)[] {
  const rest = [...wanted];
  const slots: (Member | null)[] = before.map((old) => {
    if (old === null) return null;
    const at = rest.findIndex((member) => member.nextHop === old.nextHop && member.label === old.label);
    return at < 0 ? null : rest.splice(at, 1)[0]!;
  });
  for (const member of rest) {
    const hole = slots.indexOf(null);
    if (hole >= 0) slots[hole] = member;
    else slots.push(member);
  }
  while (slots.length > 0 && slots[slots.length - 1] === null) slots.pop();
  return slots;
}
