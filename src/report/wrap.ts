/** Lines of people's width. */

/** Words put into lines of at most `width` characters; a longer word has a line of its own. */
export function wrapped(text: string, width: number): readonly string[] {
  if (text.length <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A title over a narrow column: broken at spaces, after slashes and before a port. */
export function broken(title: string, width: number): readonly string[] {
  const pieces = title.split(/ |(?<=\/)|(?=:\d+$)/);
  const lines: string[] = [];
  for (const piece of pieces) {
    const last = lines[lines.length - 1];
    const glue = title.includes(`${last} ${piece}`) ? ' ' : '';
    if (last !== undefined && last.length + glue.length + piece.length <= width)
      lines[lines.length - 1] = last + glue + piece;
    else lines.push(piece);
  }
  return lines;
}
