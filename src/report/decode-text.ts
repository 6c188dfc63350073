/** Decoded messages as text. Of BGP: one line a field, indented by what it belongs to, values and sections lined up. */

import type { Described } from '../bgp/describe/field.ts';
import type { DescribedMessage } from '../bgp/describe/message.ts';
import type { Painter } from './paint.ts';

export function bgpText(messages: readonly DescribedMessage[], paint: Painter): string {
  return messages.map((message) => messageText(message, paint)).join('\n\n');
}

/** Values longer than this push their section to the right. */
const VALUE_COLUMN_MAX = 44;

interface Line {
  readonly indent: number;
  readonly field: Described;
}

function messageText(message: DescribedMessage, paint: Painter): string {
  const lines: Line[] = [];
  const gather = (fields: readonly Described[], indent: number): void => {
    for (const field of fields) {
      lines.push({ indent, field });
      gather(field.parts, indent + 1);
    }
  };
  gather(message.fields, 0);
  const wide = Math.min(VALUE_COLUMN_MAX, Math.max(0, ...lines.map(({ field }) => field.value.length)));
  const width = Math.max(0, ...lines.map(({ indent, field }) => 2 * indent + field.name.length));
  return [
    `${paint.strong(message.type)} ${paint.faint(`${message.octets} octets at ${message.at}`)}`,
    ...lines.map(({ indent, field }) => {
      const name = `${'  '.repeat(indent)}${field.name}`;
      const reference = field.reference === '' ? '' : paint.faint(`  ${field.reference}`);
      const value = reference === '' ? field.value : field.value.padEnd(wide);
      return `  ${paint.faint(String(field.at).padStart(5))}  ${name.padEnd(width)}  ${value}${reference}`;
    }),
    `  ${verdictText(message, paint)}`,
  ].join('\n');
}

function verdictText({ verdict }: DescribedMessage, paint: Painter): string {
  if (verdict.accepted) return paint.good('accepted') + (verdict.why === '' ? '' : `, ${verdict.why}`);
  const why = verdict.why === '' ? '' : `: ${verdict.why}`;
  if (verdict.notification === null) return paint.bad('incomplete') + why;
  return `${paint.bad(`NOTIFICATION ${verdict.notification}`)}${why}`;
}

/** A stanza as `describeStanza` tells it: what it is, then its parts. */
export interface ToldStanza {
  readonly kind: string;
  readonly what: string;
  readonly parts: readonly string[];
  readonly accepted: boolean;
}

export function xmppText(stanzas: readonly ToldStanza[], paint: Painter): string {
  return stanzas
    .map(({ what, parts, accepted }) => {
      const head = accepted ? paint.strong(what) : paint.bad(what);
      return [head, ...parts].join('\n');
    })
    .join('\n\n');
}
