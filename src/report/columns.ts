/**
 * Columns lined up, for `run`, which is started again and again in CI: cli-table3 draws the tables of `show`, and its
 * first table takes longer than a small scenario.
 */

/** Rows under a head and a rule. A title may have several lines. */
export function columns(head: readonly (string | readonly string[])[], rows: readonly (readonly string[])[]): string {
  const titles = head.map((title) => [title].flat());
  const depth = Math.max(...titles.map((lines) => lines.length));
  const heads = Array.from({ length: depth }, (_, at) => titles.map((lines) => lines[at] ?? ''));
  const all = [...heads, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ''))));
  const line = (row: readonly string[]) =>
    widths
      .map((width, column) => padded(row[column] ?? '', width))
      .join(' | ')
      .trimEnd();
  return [...heads.map(line), widths.map((width) => '-'.repeat(width)).join('-+-'), ...rows.map(line)].join('\n');
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape that begins a colour
const COLOUR = /\u001b\[[0-9;]*m/g;

/** Cells a terminal gives the text: colours none, East Asian wide characters and emoji two. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text.replace(COLOUR, '')) {
    const code = character.codePointAt(0)!;
    if (isCombining(code)) continue;
    width += isWide(code) ? 2 : 1;
  }
  return width;
}

function isCombining(code: number): boolean {
  return (code >= 0x0300 && code <= 0x036f) || code === 0x200b || code === 0x200d || (code >= 0xfe00 && code <= 0xfe0f);
}

/** The blocks of Unicode's East Asian Width W and F that texts of people are written in. */
function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf && code !== 0x303f) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}
