import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  DROP_COUNTERS,
  DROP_MEANINGS,
  type DropReason,
  dropCounterOf,
  FLOW_DROP_REASONS,
  OUTSIDE_REASONS,
} from '../../src/vrouter/fate.ts';

const reference = readFileSync(new URL('../../docs/reference/vrouter.md', import.meta.url), 'utf8');

/** Cells of the rows of one table of the reference. */
function rows(section: string): string[][] {
  const lines = reference.split('\n').filter((line) => line.startsWith(`| <a id="${section}/`));
  return lines.map((line) =>
    line
      .split('|')
      .slice(2, -1)
      .map((cell) => cell.trim()),
  );
}

describe('reasons of a drop', () => {
  it('are the names and codes of flow -l (VR-4.12)', () => {
    const pairs = rows('VR-4.12').flatMap(([codes, names]) => {
      const [left, right] = [codes!.split(' / '), names!.split(' / ')];
      return left.map((code, i) => [right[i]!, Number(code)] as const);
    });
    expect(pairs).toHaveLength(35);
    expect(Object.fromEntries(pairs)).toEqual(FLOW_DROP_REASONS);
  });

  it('are the counters of dropstats in print order (VR-4.13)', () => {
    const printed: string[] = [];
    for (const cells of rows('VR-4.13')) {
      for (let i = 0; i + 1 < cells.length; i += 2) {
        if (cells[i] !== '') printed[Number(cells[i])] = cells[i + 1]!.replace(/ \(only with .*\)$/, '');
      }
    }
    const inOrder = printed.slice(1).flatMap((name) => name.split(', then '));
    expect(inOrder.slice(0, -1)).toEqual(DROP_COUNTERS);
    expect(inOrder.at(-1)).toBe('Cloned Original');
  });

  it('each move one counter: flow reasons Flow Action Drop, others their own, what no vRouter sees none (VR-9.8.6)', () => {
    expect(dropCounterOf('NoDstRt')).toBe('Flow Action Drop');
    expect(dropCounterOf('SG')).toBe('Flow Action Drop');
    expect(dropCounterOf('Invalid Label')).toBe('Invalid Label');
    for (const reason of OUTSIDE_REASONS) expect(dropCounterOf(reason)).toBeNull();
  });

  it('have a sentence each, of a name that exists', () => {
    const names = new Set<string>([...Object.keys(FLOW_DROP_REASONS), ...DROP_COUNTERS, ...OUTSIDE_REASONS]);
    for (const name of Object.keys(DROP_MEANINGS)) {
      expect(names).toContain(name);
      expect(DROP_MEANINGS[name as DropReason]).toMatch(/^[a-z]/); // the name was just found among the reasons
    }
  });
});
