/** Which member of a group a packet takes: that of its flow's hash, or every one in turn (VR-4.11). */
import { Digest } from '../base/digest.ts';
import type { Packet } from './fate.ts';

/** Over the five fields of VR-4.11.1; the real hash is no part of the contract (VR-4.11.8). */
export function flowHash(packet: Packet): number {
  const { source, destination, protocol, sourcePort, destinationPort } = packet;
  return new Digest().int(source).int(destination).int(protocol).int(sourcePort).int(destinationPort).short();
}

/** The choices of one walk. A walk that goes every way is told those of the way before, the last one moved on. */
export class Choices {
  /** null: by hash. */
  private readonly given: readonly number[] | null;
  private readonly taken: number[] = [];
  private readonly offered: number[] = [];

  constructor(given: readonly number[] | null) {
    this.given = given;
  }

  get enumerated(): boolean {
    return this.given !== null;
  }

  of(count: number, packet: Packet): number {
    if (count === 1) return 0;
    if (this.given === null) return flowHash(packet) % count;
    const taken = this.given[this.taken.length] ?? 0;
    this.taken.push(taken);
    this.offered.push(count);
    return taken;
  }

  /** The choices of the next way: the last group that has a member left moves on, those after it begin again. */
  next(): number[] | null {
    for (let at = this.taken.length - 1; at >= 0; at--) {
      if (this.taken[at]! + 1 < this.offered[at]!) return [...this.taken.slice(0, at), this.taken[at]! + 1];
    }
    return null;
  }
}

/** Runs `go` once for each way there is, at most `waysMax` times. */
export function everyWay<T>(waysMax: number, go: (choices: Choices) => T): T[] {
  const found: T[] = [];
  let given: number[] | null = [];
  while (given !== null && found.length < waysMax) {
    const choices: Choices = new Choices(given);
    found.push(go(choices));
    given = choices.next();
  }
  return found;
}
