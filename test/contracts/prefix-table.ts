import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskOf } from '../../src/net/prefix.ts';

/** What every table of prefixes must do, however it is built. */
export interface PrefixTableLike {
  readonly size: number;
  set(address: number, length: number, value: number): void;
  delete(address: number, length: number): boolean;
  get(address: number, length: number): number;
  match(address: number): number;
  matchLength(address: number): number;
  entries(): readonly { readonly address: number; readonly length: number; readonly value: number }[];
}

/** Written for its obviousness: every prefix is looked at. */
export class NaivePrefixTable implements PrefixTableLike {
  private readonly prefixes: { address: number; length: number; value: number }[] = [];

  get size(): number {
    return this.prefixes.length;
  }

  set(address: number, length: number, value: number): void {
    this.delete(address, length);
    this.prefixes.push({ address: (address & maskOf(length)) >>> 0, length, value });
  }

  delete(address: number, length: number): boolean {
    const index = this.prefixes.findIndex((p) => p.length === length && p.address === (address & maskOf(length)) >>> 0);
    if (index >= 0) this.prefixes.splice(index, 1);
    return index >= 0;
  }

  get(address: number, length: number): number {
    return (
      this.prefixes.find((p) => p.length === length && p.address === (address & maskOf(length)) >>> 0)?.value ?? -1
    );
  }

  match(address: number): number {
    return this.longest(address)?.value ?? -1;
  }

  matchLength(address: number): number {
    return this.longest(address)?.length ?? -1;
  }

  entries(): readonly { address: number; length: number; value: number }[] {
    return [...this.prefixes].sort((a, b) => a.address - b.address || a.length - b.length);
  }

  private longest(address: number): { length: number; value: number } | undefined {
    const holding = this.prefixes.filter((p) => (address & maskOf(p.length)) >>> 0 === p.address);
    return holding.sort((a, b) => b.length - a.length)[0];
  }
}

const ADDRESS = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** Addresses near each other, so that prefixes nest. */
const address = fc.oneof(
  fc.integer({ min: 0, max: 15 }).map((low) => (0x0a000000 + low) >>> 0),
  fc.integer({ min: 0, max: 255 }).map((low) => (0xfffffe00 + low) >>> 0),
  fc.integer({ min: 0, max: 0xffffffff }),
);
const prefix = fc.record({ address, length: fc.oneof(fc.constantFrom(0, 8, 24, 28, 31, 32), fc.nat(32)) });
const change = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), prefix, value: fc.nat(1000) }),
  fc.record({ kind: fc.constant('delete' as const), prefix, value: fc.constant(0) }),
);

export function prefixTableContract(name: string, make: () => PrefixTableLike): void {
  describe(`longest-prefix match (${name})`, () => {
    it('prefers the host route over the subnet and the subnet over the default', () => {
      const table = make();
      table.set(0, 0, 1);
      table.set(ADDRESS('10.0.100.0'), 24, 2);
      table.set(ADDRESS('10.0.100.3'), 32, 3);
      expect(table.match(ADDRESS('10.0.100.3'))).toBe(3);
      expect(table.match(ADDRESS('10.0.100.4'))).toBe(2);
      expect(table.match(ADDRESS('192.0.2.1'))).toBe(1);
      expect(table.matchLength(ADDRESS('10.0.100.4'))).toBe(24);
    });

    it('finds nothing in an empty table, and nothing outside of the only prefix', () => {
      const table = make();
      expect(table.match(ADDRESS('10.0.0.1'))).toBe(-1);
      table.set(ADDRESS('10.0.0.0'), 30, 7);
      expect(table.match(ADDRESS('10.0.0.4'))).toBe(-1);
      expect(table.match(ADDRESS('10.0.0.3'))).toBe(7);
    });

    it('falls back to the shorter prefix when the longer one is withdrawn', () => {
      const table = make();
      table.set(ADDRESS('255.255.255.0'), 24, 5);
      table.set(ADDRESS('255.255.255.255'), 32, 6);
      expect(table.match(0xffffffff)).toBe(6);
      expect(table.delete(0xffffffff, 32)).toBe(true);
      expect(table.delete(0xffffffff, 32)).toBe(false);
      expect(table.match(0xffffffff)).toBe(5);
      expect(table.size).toBe(1);
    });

    it('agrees with a table that looks at every prefix, after any history', () => {
      fc.assert(
        fc.property(fc.array(change, { maxLength: 120 }), fc.array(address, { maxLength: 20 }), (changes, probes) => {
          const table = make();
          const naive = new NaivePrefixTable();
          for (const { kind, prefix: at, value } of changes) {
            if (kind === 'set') {
              table.set(at.address, at.length, value);
              naive.set(at.address, at.length, value);
            } else expect(table.delete(at.address, at.length)).toBe(naive.delete(at.address, at.length));
            expect(table.size).toBe(naive.size);
          }
          expect(table.entries()).toEqual(naive.entries());
          for (const probe of [...probes, ...changes.map((c) => c.prefix.address)]) {
            expect(table.match(probe)).toBe(naive.match(probe));
            expect(table.matchLength(probe)).toBe(naive.matchLength(probe));
          }
          for (const { prefix: at } of changes) {
            expect(table.get(at.address, at.length)).toBe(naive.get(at.address, at.length));
          }
        }),
      );
    });
  });
}
