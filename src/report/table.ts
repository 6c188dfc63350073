/** Tables as text: columns lined up, wide characters and colours counted right (cli-table3 draws them). */
import Table from 'cli-table3';

export interface TableOptions {
  /** Columns that hold numbers stand right. */
  readonly numeric?: readonly number[];
  /** Ruled tables for people, bare ones for tables an operator knows from a router. */
  readonly ruled?: boolean;
}

const BARE = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '',
  'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ',
}; // biome-ignore format: the characters of a table without rules

const RULED = {
  ...BARE,
  'mid': '-', 'mid-mid': '-+-', 'left-mid': '', 'right-mid': '', middle: ' | ',
}; // biome-ignore format: one rule below the head

export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string {
  const ruled = options.ruled ?? true;
  const table = new Table({
    head: [...head],
    chars: ruled ? RULED : BARE,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    colAligns: head.map((_, column) => (options.numeric?.includes(column) ? 'right' : 'left')),
  });
  for (const row of rows) table.push([...row]);
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  return lines.filter((line) => line !== '').join('\n');
}
