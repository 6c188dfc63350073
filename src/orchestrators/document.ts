/**
 * Text of Heat templates and Kubernetes manifests to trees: YAML 1.1 as their own tools read it, several documents in a
 * file, or JSON (OR-6.1.5). Refused before or while parsing: what is too large, nested too deeply, an alias bomb, an
 * alias inside its own anchor, a key given twice.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  type ParsedNode,
  parseAllDocuments,
  type Tags,
} from 'yaml';
import { type Diagnostic, fault, type SourceSpan } from '../base/result.ts';
import { readJson } from './json.ts';
import { join, type SourceEntry, type SourceNode } from './source-tree.ts';

/** Larger inputs are refused unread. */
export const INPUT_OCTETS_MAX = 16 * 1024 * 1024;
export const DEPTH_MAX = 100;
/** How many nodes the aliases of one file may stand for. */
const ALIAS_NODES_MAX = 10_000;

export interface SourceText {
  /** The name shown in faults. */
  readonly file: string;
  readonly text: string;
}

/** Heat's reader knows times of day (`1:30` is 90), that of Kubernetes does not; neither turns dates into anything. */
export type Dialect = 'heat' | 'kubernetes';

export interface Documents {
  readonly documents: readonly SourceNode[];
  readonly faults: readonly Diagnostic[];
}

export function readDocuments(source: SourceText, dialect: Dialect): Documents {
  const start: SourceSpan = { file: source.file, line: 1, column: 1 };
  if (source.text.length > INPUT_OCTETS_MAX) {
    const limit = `${INPUT_OCTETS_MAX / 1_048_576} MB`;
    return {
      documents: [],
      faults: [fault(start, 'too-large', `${source.file} is larger than the limit of ${limit}`)],
    };
  }
  return source.file.endsWith('.json') ? readJson(source, DEPTH_MAX) : readYaml(source, dialect);
}

function readYaml(source: SourceText, dialect: Dialect): Documents {
  const { file } = source;
  const lines = new LineCounter();
  const placeAt = (offset: number): SourceSpan => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const deep = deepestBeyond(source.text);
  if (deep >= 0) return { documents: [], faults: [tooDeep(placeIn(file, source.text, deep))] };
  const all = parseAllDocuments(source.text, {
    version: '1.1',
    lineCounter: lines,
    uniqueKeys: false, // the check below takes time in proportion to the keys, theirs to the square
    customTags: (tags: Tags) => tags.filter((tag) => keepsTag(tag, dialect)),
  });
  const parsedDocuments = Array.isArray(all) ? all : [];

  const faults: Diagnostic[] = [];
  const documents: SourceNode[] = [];
  for (const document of parsedDocuments) {
    for (const error of document.errors) faults.push(fault(placeAt(error.pos[0]), 'bad-yaml', plainMessage(error)));
    for (const { code, pos } of document.warnings) {
      if (code !== 'TAG_RESOLVE_FAILED') continue;
      const sentence = `the tag ${source.text.slice(...pos).trim()} is not known here; write the value without it`;
      faults.push(fault(placeAt(pos[0]), 'bad-yaml', sentence));
    }
    if (document.errors.length > 0 || document.contents === null) continue;
    const tree = new Converter(document, placeAt, faults).convert(document.contents, '', 0, false);
    if (tree.kind !== 'scalar' || tree.value !== null) documents.push(tree);
  }
  return faults.length > 0 ? { documents: [], faults } : { documents, faults };
}

/** The parser calls itself for each level: a text must not be able to exhaust its stack. */
const NESTING_MAX = 1000;

/**
 * Where the text may nest beyond {@link NESTING_MAX}, or -1: brackets open at once, indentation, indicators in a row.
 * Brackets in quotes count as well; no text that people write has a thousand of them open.
 */
function deepestBeyond(text: string): number {
  let open = 0;
  let indentation = 0;
  let indicators = 0;
  let atStart = true;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || code === 13) {
      atStart = true;
      indentation = 0;
      indicators = 0;
      continue;
    }
    if (code === 0x5b || code === 0x7b) open++;
    else if ((code === 0x5d || code === 0x7d) && open > 0) open--;
    if (atStart) {
      if (code === 0x20 || code === 0x09) indentation++;
      else if (code === 0x2d || code === 0x3f || code === 0x3a) indicators++;
      else atStart = false;
    }
    if (open > NESTING_MAX || indentation > 2 * NESTING_MAX || indicators > NESTING_MAX) return i;
  }
  return -1;
}

function placeIn(file: string, text: string, offset: number): SourceSpan {
  const before = text.slice(0, offset);
  return { file, line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

function keepsTag(tag: Tags[number], dialect: Dialect): boolean {
  if (typeof tag === 'string') return tag !== 'timestamp' && !(dialect === 'kubernetes' && /Time$/.test(tag));
  if (tag.tag.endsWith(':timestamp')) return false;
  return dialect === 'heat' || !('format' in tag) || tag.format !== 'TIME';
}

class Converter {
  readonly document: Document.Parsed<ParsedNode>;
  readonly placeAt: (offset: number) => SourceSpan;
  readonly faults: Diagnostic[];
  /** Anchors met so far: an alias refers to the last one before it. */
  readonly anchors = new Map<string, Node>();
  readonly expanding = new Set<Node>();
  aliasNodes = 0;

  constructor(document: Document.Parsed<ParsedNode>, placeAt: (offset: number) => SourceSpan, faults: Diagnostic[]) {
    this.document = document;
    this.placeAt = placeAt;
    this.faults = faults;
  }

  convert(
    node: Node | null | undefined,
    path: string,
    depth: number,
    viaAlias: boolean,
    fallback?: SourceSpan,
  ): SourceNode {
    const at = node?.range ? this.placeAt(node.range[0]) : (fallback ?? this.placeAt(0));
    const nothing: SourceNode = { kind: 'scalar', at, path, mark: { state: 'unread' }, value: null, text: '' };
    if (viaAlias && ++this.aliasNodes > ALIAS_NODES_MAX) {
      if (this.aliasNodes === ALIAS_NODES_MAX + 1) {
        this.faults.push(
          fault(at, 'alias-bomb', `the aliases of this file stand for more than ${ALIAS_NODES_MAX} nodes`),
        );
      }
      return nothing;
    }
    if (depth > DEPTH_MAX) {
      this.faults.push(tooDeep(at));
      return nothing;
    }
    if (isAlias(node)) {
      const target = this.anchors.get(node.source);
      if (target === undefined) {
        this.faults.push(fault(at, 'unknown-alias', `there is no anchor &${node.source} before this alias`));
        return nothing;
      }
      if (this.expanding.has(target)) {
        this.faults.push(fault(at, 'recursive-alias', `the alias *${node.source} stands inside its own anchor`));
        return nothing;
      }
      return this.convert(target, path, depth + 1, true, at);
    }
    if (node?.anchor !== undefined && !viaAlias) this.anchors.set(node.anchor, node);
    if (isMap(node)) {
      this.expanding.add(node);
      const entries = this.#entries(node.items as Pair<Node, Node | null>[], path, depth, viaAlias, at); // parsed pairs hold nodes
      this.expanding.delete(node);
      return { kind: 'map', at, path, mark: { state: 'unread' }, entries };
    }
    if (isSeq(node)) {
      this.expanding.add(node);
      const items = (node.items as Node[]).map((item, i) =>
        this.convert(item, `${path}[${i}]`, depth + 1, viaAlias, at),
      ); // parsed items are nodes
      this.expanding.delete(node);
      return { kind: 'list', at, path, mark: { state: 'unread' }, items };
    }
    if (!isScalar(node)) return nothing;
    const { value } = node;
    if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') {
      const text = node.type === 'PLAIN' && node.source !== undefined ? node.source : String(value);
      return { kind: 'scalar', at, path, mark: { state: 'unread' }, value, text };
    }
    if (value === null || value === undefined) return { ...nothing, text: node.source ?? '' };
    return { ...nothing, value: node.source ?? String(value), text: node.source ?? String(value) };
  }

  #entries(
    pairs: readonly Pair<Node, Node | null>[],
    path: string,
    depth: number,
    viaAlias: boolean,
    at: SourceSpan,
  ): SourceEntry[] {
    const entries: SourceEntry[] = [];
    const merged: SourceEntry[] = [];
    const keys = new Set<string>();
    for (const pair of pairs) {
      const keyAt = pair.key?.range ? this.placeAt(pair.key.range[0]) : at;
      if (!isScalar(pair.key)) {
        this.faults.push(fault(keyAt, 'bad-key', 'a key is a word here, not a list or a map'));
        continue;
      }
      const key = pair.key.source ?? String(pair.key.value);
      if (key === '<<' && pair.key.type === 'PLAIN') {
        const value = this.convert(pair.value, path, depth + 1, viaAlias, keyAt);
        for (const one of value.kind === 'list' ? value.items : [value]) {
          if (one.kind === 'map') merged.push(...one.entries);
          else this.faults.push(fault(keyAt, 'bad-merge', 'a merge key (<<) takes a map or a list of maps'));
        }
        continue;
      }
      if (keys.has(key)) this.faults.push(fault(keyAt, 'bad-yaml', `the key ${key} stands twice in one map`));
      keys.add(key);
      entries.push({ key, keyAt, value: this.convert(pair.value, join(path, key), depth + 1, viaAlias, keyAt) });
    }
    for (const entry of merged) {
      if (keys.has(entry.key)) continue; // own keys come first, then those merged earlier
      keys.add(entry.key);
      entries.push(entry);
    }
    return entries;
  }
}

function tooDeep(at: SourceSpan): Diagnostic {
  return fault(at, 'nested-too-deeply', `this is nested deeper than the limit of ${DEPTH_MAX} levels`);
}

function plainMessage(error: { readonly message: string }): string {
  return `not valid YAML: ${error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '')}`;
}
