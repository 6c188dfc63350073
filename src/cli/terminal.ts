/** What the person at the terminal sees: colours where they are wanted, plain lines elsewhere, a closed pipe borne. */
import { writeSync } from 'node:fs';
import { styleText } from 'node:util';
import { codeOf } from '../base/disk-reader.ts';
import type { Painter } from '../report/paint.ts';
import { PLAIN } from '../report/paint.ts';
import { cannotWrite } from './outcome.ts';

/** Colours obey NO_COLOR and FORCE_COLOR, and stay away from pipes. */
export function painterFor(stream: { readonly isTTY?: boolean }): Painter {
  const forced = process.env.FORCE_COLOR;
  const wanted = forced !== undefined && forced !== '' && forced !== '0';
  const refused = (process.env.NO_COLOR ?? '') !== '' || forced === '0' || (!wanted && process.env.TERM === 'dumb');
  if (refused || !(wanted || stream.isTTY === true)) return PLAIN;
  const paint = (style: 'green' | 'red' | 'dim' | 'bold') => (text: string) =>
    styleText(style, text, { validateStream: false });
  return { good: paint('green'), bad: paint('red'), faint: paint('dim'), strong: paint('bold') };
}

/** How wide lines for people may be; undefined where nobody looks at a terminal. */
export function widthFor(stream: { readonly isTTY?: boolean; readonly columns?: number }): number | undefined {
  return stream.isTTY === true ? Math.max(60, stream.columns ?? 100) : undefined;
}

/** Writes to a descriptor until all is out; a reader that has gone away ends the program quietly. */
export function write(descriptor: 1 | 2, text: string): void {
  let rest = Buffer.from(text, 'utf8');
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') continue;
      if (codeOf(error) === 'EPIPE') process.exit(process.exitCode ?? 0);
      throw cannotWrite(descriptor === 1 ? 'standard output' : 'standard error', error);
    }
  }
}

/** On a terminal, a line that the next one takes the place of; elsewhere nothing. */
export function passing(
  stream: { readonly isTTY?: boolean; readonly columns?: number; readonly fd: number },
  text: string,
): void {
  if (stream.isTTY !== true || process.env.TERM === 'dumb') return;
  write(stream.fd === 1 ? 1 : 2, `\r\u001b[2K${harmless(text).slice(0, (stream.columns ?? 80) - 1)}`);
}

/** What an input says may hold control characters: they are shown and not obeyed, colours of ours apart. */
function harmless(text: string): string {
  return text.replace(/\p{Cc}(\[\d+m)?/gu, (found, colour: string | undefined) => {
    const [control = ''] = found;
    if (control === '\n' || control === '\t' || (control === '\u001b' && colour !== undefined)) return found;
    return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}${colour ?? ''}`;
  });
}

export function printLine(text: string): void {
  write(1, `${harmless(text)}\n`);
}

export function printError(text: string): void {
  write(2, `${harmless(text)}\n`);
}
