/**
 * Who answers at which address, which hosts have power, and which paths between them are cut.
 *
 * A cut of sessions silences the streams between two sets of nodes and leaves the data plane alone; a cut of the
 * underlay silences both. Nobody is told of a cut. Cuts may overlap: a path works when none of them is on it.
 */
import { invariant } from '../base/invariant.ts';
import type { NodeId } from './node.ts';

export type CutId = number;
export type CutKind = 'sessions' | 'underlay';

/**
 * up: the host and the process; stopped: the host answers and refuses connections (also before the first start);
 * crashed: the host is silent.
 */
export type Power = 'up' | 'stopped' | 'crashed';

interface Cut {
  readonly id: CutId;
  readonly kind: CutKind;
  /** 1 for a member, by node id. */
  readonly a: Uint8Array;
  readonly b: Uint8Array;
}

export class Underlay {
  private readonly powers: Power[] = [];
  private readonly owners = new Map<number, NodeId>();
  private cuts: Cut[] = [];
  private cutsMade = 0;

  addNode(node: NodeId, addresses: readonly number[]): void {
    invariant(node === this.powers.length, 'nodes come in their order');
    this.powers.push('stopped');
    for (const address of addresses) this.addAddress(node, address);
  }

  addAddress(node: NodeId, address: number): void {
    invariant(!this.owners.has(address), 'an underlay address has one owner');
    this.owners.set(address, node);
  }

  /** The node at an address, or -1: packets to it are lost. */
  nodeAt(address: number): NodeId {
    return this.owners.get(address) ?? -1;
  }

  power(node: NodeId): Power {
    return this.powers[node]!;
  }

  setPower(node: NodeId, power: Power): void {
    this.powers[node] = power;
  }

  cut(kind: CutKind, a: readonly NodeId[], b: readonly NodeId[]): CutId {
    const id = this.cutsMade++;
    this.cuts.push({ id, kind, a: this.members(a), b: this.members(b) });
    return id;
  }

  /** False when the cut is healed already. */
  heal(id: CutId): boolean {
    const before = this.cuts.length;
    this.cuts = this.cuts.filter((cut) => cut.id !== id);
    return this.cuts.length < before;
  }

  /** Whether segments of streams pass between two nodes: no cut is on the path and neither host is dead. */
  sessionsReachable(a: NodeId, b: NodeId): boolean {
    return this.answers(a) && this.answers(b) && !this.isCut(a, b, 'sessions');
  }

  /** Whether tunnelled packets pass: no cut of the underlay, and neither host is dead (a stopped process forwards on). */
  underlayReachable(a: NodeId, b: NodeId): boolean {
    return this.answers(a) && this.answers(b) && !this.isCut(a, b, 'underlay');
  }

  private answers(node: NodeId): boolean {
    return this.powers[node] !== 'crashed';
  }

  private isCut(a: NodeId, b: NodeId, what: CutKind): boolean {
    for (const cut of this.cuts) {
      if (what === 'underlay' && cut.kind === 'sessions') continue;
      if ((cut.a[a] === 1 && cut.b[b] === 1) || (cut.a[b] === 1 && cut.b[a] === 1)) return true;
    }
    return false;
  }

  private members(nodes: readonly NodeId[]): Uint8Array {
    const members = new Uint8Array(this.powers.length);
    for (const node of nodes) members[node] = 1;
    return members;
  }
}
