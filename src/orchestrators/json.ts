/**
 * JSON (RFC 8259) with the place of every value, read strictly: no comments, no trailing commas, no key twice in one
 * object. Several values one after the other are several documents, as `kubectl` reads them.
 */
import { type Diagnostic, fault, type SourceSpan } from '../base/result.ts';
import { join, type SourceEntry, type SourceNode } from './source-tree.ts';

export function readJson(
  source: { readonly file: string; readonly text: string },
  depthMax: number,
): { readonly documents: readonly SourceNode[]; readonly faults: readonly Diagnostic[] } {
  const reader = new JsonReader(source.file, source.text, depthMax);
  const documents: SourceNode[] = [];
  try {
    for (reader.space(); !reader.atEnd(); reader.space()) documents.push(reader.value('', 0));
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    return { documents: [], faults: [...reader.faults, error.diagnostic] };
  }
  return { documents: reader.faults.length > 0 ? [] : documents, faults: reader.faults };
}

class JsonFault extends Error {
  readonly diagnostic: Diagnostic;
  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
  }
}

class JsonReader {
  readonly file: string;
  readonly text: string;
  readonly depthMax: number;
  readonly faults: Diagnostic[] = [];
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(file: string, text: string, depthMax: number) {
    this.file = file;
    this.text = text;
    this.depthMax = depthMax;
    if (text.charCodeAt(0) === 0xfeff) this.#at = 1;
  }

  atEnd(): boolean {
    return this.#at >= this.text.length;
  }

  space(): void {
    for (; this.#at < this.text.length; this.#at++) {
      const code = this.text.charCodeAt(this.#at);
      if (code === 10) {
        this.#line++;
        this.#lineStart = this.#at + 1;
      } else if (code !== 32 && code !== 9 && code !== 13) return;
    }
  }

  value(path: string, depth: number): SourceNode {
    const at = this.#place();
    if (depth > this.depthMax)
      this.#stop('nested-too-deeply', `this is nested deeper than the limit of ${this.depthMax} levels`);
    const mark = { state: 'unread' as const };
    const first = this.text[this.#at];
    if (first === '{') return { kind: 'map', at, path, mark, entries: this.#object(path, depth) };
    if (first === '[') return { kind: 'list', at, path, mark, items: this.#array(path, depth) };
    if (first === '"') {
      const value = this.#string();
      return { kind: 'scalar', at, path, mark, value, text: value };
    }
    const word = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/.exec(
      this.text.slice(this.#at, this.#at + 64),
    )?.[0];
    if (word === undefined) this.#stop('bad-json', `not valid JSON: a value was expected here, not ${this.#glimpse()}`);
    this.#at += word.length;
    const value = word === 'true' ? true : word === 'false' ? false : word === 'null' ? null : Number(word);
    return { kind: 'scalar', at, path, mark, value, text: word };
  }

  #object(path: string, depth: number): SourceEntry[] {
    const entries: SourceEntry[] = [];
    const keys = new Set<string>();
    this.#at++;
    this.space();
    if (this.#accept('}')) return entries;
    for (;;) {
      const keyAt = this.#place();
      if (this.text[this.#at] !== '"')
        this.#stop('bad-json', `not valid JSON: a key in quotes was expected here, not ${this.#glimpse()}`);
      const key = this.#string();
      if (keys.has(key)) this.faults.push(fault(keyAt, 'bad-json', `the key ${key} stands twice in one object`));
      keys.add(key);
      this.space();
      this.#expect(':');
      this.space();
      entries.push({ key, keyAt, value: this.value(join(path, key), depth + 1) });
      this.space();
      if (this.#accept('}')) return entries;
      this.#expect(',');
      this.space();
    }
  }

  #array(path: string, depth: number): SourceNode[] {
    const items: SourceNode[] = [];
    this.#at++;
    this.space();
    if (this.#accept(']')) return items;
    for (;;) {
      items.push(this.value(`${path}[${items.length}]`, depth + 1));
      this.space();
      if (this.#accept(']')) return items;
      this.#expect(',');
      this.space();
    }
  }

  #string(): string {
    let end = this.#at + 1;
    let escaped = false;
    for (; end < this.text.length; end++) {
      const code = this.text.charCodeAt(end);
      if (code === 34) break;
      if (code < 32) this.#stop('bad-json', 'not valid JSON: a text ends on the line it started on, and holds no tab');
      if (code === 92) {
        escaped = true;
        end++;
      }
    }
    if (end >= this.text.length) this.#stop('bad-json', 'not valid JSON: this text has no closing quote');
    const raw = this.text.slice(this.#at, end + 1);
    let value = raw.slice(1, -1);
    if (escaped) {
      try {
        value = JSON.parse(raw) as string; // a JSON text in quotes parses to a string
      } catch {
        this.#stop('bad-json', 'not valid JSON: this text has an escape that JSON does not know');
      }
    }
    this.#at = end + 1;
    return value;
  }

  #accept(sign: string): boolean {
    if (this.text[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#accept(sign))
      this.#stop('bad-json', `not valid JSON: ${sign} was expected here, not ${this.#glimpse()}`);
  }

  #glimpse(): string {
    const sign = this.text[this.#at];
    return sign === undefined ? 'the end of the file' : JSON.stringify(sign);
  }

  #place(): SourceSpan {
    return { file: this.file, line: this.#line, column: this.#at - this.#lineStart + 1 };
  }

  #stop(code: string, message: string): never {
    throw new JsonFault(fault(this.#place(), code, message));
  }
}
