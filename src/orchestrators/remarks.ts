/**
 * What an importer has to say: faults of the author, assumptions, and what the simulation does not model. Three
 * severities (OR-6.1.2): error, warning (it may change who reaches whom), note (no effect on networking).
 */
import { suggestion } from '../base/nearest.ts';
import { type Diagnostic, fault, type Severity, type SourceSpan } from '../base/result.ts';
import { isNothing, itemsOf, plain, type SourceEntry, type SourceNode } from './source-tree.ts';

/** How many faults are told at once. */
export const FAULTS_MAX = 20;

export interface Consequence {
  readonly severity: 'warning' | 'note';
  readonly text: string;
}

export function harmless(text = 'no effect on networking'): Consequence {
  return { severity: 'note', text };
}

export function matters(text: string): Consequence {
  return { severity: 'warning', text };
}

export class Remarks {
  readonly list: Diagnostic[] = [];
  /** Put before key paths, such as `Service leonardo`; empty for a template. */
  subject = '';

  fault(at: SourceSpan | null, code: string, message: string): void {
    this.list.push(fault(at, code, message));
  }

  warn(at: SourceSpan | null, code: string, message: string): void {
    this.list.push({ severity: 'warning', code, at, message });
  }

  note(at: SourceSpan | null, code: string, message: string): void {
    this.list.push({ severity: 'note', code, at, message });
  }

  get hasFaults(): boolean {
    return this.list.some(({ severity }) => severity === 'error');
  }

  get faultCount(): number {
    return this.list.filter(({ severity }) => severity === 'error').length;
  }

  /** Tells that a key is not modelled and what follows; everything below it counts as told. */
  notModelled(node: SourceNode, at: SourceSpan, consequence: Consequence, detail = ''): void {
    if (node.mark.state === 'told') return;
    node.mark.state = 'told';
    const subject = this.subject === '' ? '' : `${this.subject}: `;
    this.list.push({
      severity: consequence.severity,
      code: 'not-modelled',
      at,
      message: `not modelled: ${subject}${node.path}${detail}: ${consequence.text}`,
    });
  }

  /** Tells of every key below `root` that nobody has read, at the highest level where nobody has. */
  tellUnread(root: SourceNode, consequenceOf: (path: string, key: string) => Consequence | null): void {
    if (root.mark.state === 'told') return;
    const visit = (value: SourceNode, key: string, at: SourceSpan): void => {
      if (value.mark.state === 'told') return;
      if (value.mark.state === 'read') this.tellUnread(value, consequenceOf);
      else {
        const unknown: Consequence = {
          severity: 'warning',
          text: `the importer does not know ${key === '' ? 'it' : key}, so it changes nothing here`,
        };
        this.notModelled(value, at, consequenceOf(value.path, key) ?? unknown);
      }
    };
    if (root.kind === 'map') for (const { key, keyAt, value } of root.entries) visit(value, key, keyAt);
    else if (root.kind === 'list') for (const item of root.items) visit(item, '', item.at);
  }

  // ---- typed readings, each with its fault ----

  map(node: SourceNode | null, what: string): (SourceNode & { readonly kind: 'map' }) | null {
    if (isNothing(node)) return null;
    if (node.mark.state === 'unread') node.mark.state = 'read';
    if (node.kind === 'map') return node;
    this.fault(node.at, 'not-a-map', `${what} must be a map of keys`);
    return null;
  }

  entries(node: SourceNode | null, what: string): readonly SourceEntry[] {
    const map = this.map(node, what);
    for (const { value } of map?.entries ?? []) if (value.mark.state === 'unread') value.mark.state = 'read';
    return map?.entries ?? [];
  }

  items(node: SourceNode | null, what: string): readonly SourceNode[] {
    if (isNothing(node)) return [];
    if (node.mark.state === 'unread') node.mark.state = 'read';
    if (node.kind === 'list') return itemsOf(node);
    this.fault(node.at, 'not-a-list', `${what} must be a list`);
    return [];
  }

  /** A text as the author wrote it; numbers and booleans count as their text. */
  text(node: SourceNode | null, what: string): string | null {
    if (isNothing(node)) return null;
    if (node.mark.state === 'unread') node.mark.state = 'read';
    if (node.kind !== 'scalar') {
      plain(node);
      this.fault(node.at, 'not-a-text', `${what} must be a text`);
      return null;
    }
    if (node.unknown !== undefined) {
      this.fault(node.at, 'not-known-yet', `${what} cannot be known before the run: ${node.unknown}`);
      return null;
    }
    return node.text;
  }

  whole(node: SourceNode | null, what: string, low: number, high: number): number | null {
    const text = this.text(node, what);
    if (text === null || node === null) return null;
    const value =
      node.kind === 'scalar' && typeof node.value === 'number' ? node.value : Number(text.trim() || Number.NaN);
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    this.fault(node.at, 'bad-number', `${what} must be a whole number from ${low} to ${high}, not ${text}`);
    return null;
  }

  flag(node: SourceNode | null, what: string): boolean | null {
    const text = this.text(node, what);
    if (text === null || node === null) return null;
    if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
    if (/^(true|t|yes|y|on|1)$/i.test(text)) return true;
    if (/^(false|f|no|n|off|0)$/i.test(text)) return false;
    this.fault(node.at, 'bad-boolean', `${what} must be true or false, not ${text}`);
    return null;
  }

  oneOf<T extends string>(node: SourceNode | null, what: string, words: readonly T[]): T | null {
    const text = this.text(node, what);
    if (text === null || node === null) return null;
    const found = words.find((word) => word.toLowerCase() === text.toLowerCase());
    if (found !== undefined) return found;
    this.fault(node.at, 'unknown-word', `${what} is one of ${words.join(', ')}, not ${text}${suggestion(text, words)}`);
    return null;
  }
}

/** At most {@link FAULTS_MAX} faults in the order of their places, and how many more there are. */
export function firstFaults(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const order: Record<Severity, number> = { error: 0, warning: 1, note: 2 };
  const sorted = diagnostics
    .map((one, index) => ({ one, index }))
    .sort(
      (a, b) =>
        order[a.one.severity] - order[b.one.severity] ||
        compareText(a.one.at?.file ?? '', b.one.at?.file ?? '') ||
        (a.one.at?.line ?? 0) - (b.one.at?.line ?? 0) ||
        (a.one.at?.column ?? 0) - (b.one.at?.column ?? 0) ||
        a.index - b.index,
    )
    .map(({ one }) => one)
    .filter(({ severity }) => severity === 'error');
  if (sorted.length <= FAULTS_MAX) return sorted;
  const more = sorted.length - FAULTS_MAX;
  return [
    ...sorted.slice(0, FAULTS_MAX),
    fault(null, 'more-faults', `${more} more ${more === 1 ? 'fault' : 'faults'} of the same input`),
  ];
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
