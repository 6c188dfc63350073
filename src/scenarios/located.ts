/**
 * A scenario's text as a tree whose every node knows its place, so that a fault found anywhere later can name the line.
 * Aliases are resolved (bounded), and one tree can be laid over another (`extends`).
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { type Diagnostic, fault, type SourceSpan } from '../base/result.ts';

export type Located =
  | { readonly kind: 'map'; readonly at: SourceSpan; readonly entries: ReadonlyMap<string, LocatedEntry> }
  | { readonly kind: 'list'; readonly at: SourceSpan; readonly items: readonly Located[] }
  | { readonly kind: 'value'; readonly at: SourceSpan; readonly value: unknown };

export interface LocatedEntry {
  readonly keyAt: SourceSpan;
  readonly value: Located;
}

/** How many nodes aliases may bring in, all told: an alias bomb stops here. */
const ALIAS_NODES_MAX = 100_000;
const DEPTH_MAX = 100;

function tooDeep(at: SourceSpan): Diagnostic {
  return fault(at, 'too-deep', `a scenario is nested at most ${DEPTH_MAX} deep`);
}

function unknownTag(tag: string): string {
  return `the tag ${tag.trim()} is not known here; write the value without it`;
}

export function parseLocated(
  file: string,
  text: string,
): { readonly tree: Located | null; readonly faults: readonly Diagnostic[] } {
  const lines = new LineCounter();
  let document: ReturnType<typeof parseDocument>;
  try {
    document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, keepSourceTokens: false });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the parser is recursive: a text can exhaust its stack
    return { tree: null, faults: [tooDeep({ file, line: 1, column: 1 })] };
  }
  const placeAt = (offset: number): SourceSpan => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const faults: Diagnostic[] = document.errors.map((error) =>
    /call stack/.test(error.message) // the parser is recursive, and says so itself where it can
      ? tooDeep(placeAt(error.pos[0]))
      : fault(placeAt(error.pos[0]), 'bad-yaml', yamlSentence(error.code, error.message, text.slice(error.pos[0]))),
  );
  for (const { code, pos } of document.warnings)
    if (code === 'TAG_RESOLVE_FAILED') faults.push(fault(placeAt(pos[0]), 'bad-yaml', unknownTag(text.slice(...pos))));
  if (faults.length > 0 || document.contents === null) return { tree: null, faults };

  let aliasNodes = 0;
  const expanding = new Set<Node>();
  let depth = 0;
  const convert = (node: Node | null, alias: SourceSpan | null, fallback: SourceSpan): Located => {
    const at = node?.range ? placeAt(node.range[0]) : fallback;
    if (depth >= DEPTH_MAX) {
      if (!faults.some((known) => known.code === 'too-deep')) faults.push(tooDeep(at));
      return { kind: 'value', at, value: null };
    }
    depth++;
    const value = convertHere(node, alias, at);
    depth--;
    return value;
  };
  const convertHere = (node: Node | null, alias: SourceSpan | null, at: SourceSpan): Located => {
    if (alias !== null && ++aliasNodes > ALIAS_NODES_MAX) {
      if (aliasNodes === ALIAS_NODES_MAX + 1) {
        faults.push(fault(alias, 'alias-bomb', `aliases of this file stand for more than ${ALIAS_NODES_MAX} nodes`));
      }
      return { kind: 'value', at, value: null };
    }
    if (isAlias(node)) {
      const target = node.resolve(document) as Node | undefined; // resolve answers with a node of this document
      if (target === undefined) {
        faults.push(fault(at, 'unknown-alias', `there is no anchor &${node.source} before this alias`));
        return { kind: 'value', at, value: null };
      }
      if (expanding.has(target)) {
        faults.push(fault(at, 'recursive-alias', `the alias *${node.source} stands inside its own anchor`));
        return { kind: 'value', at, value: null };
      }
      expanding.add(target);
      const value = convert(target, alias ?? at, at);
      expanding.delete(target);
      return value;
    }
    if (isMap(node)) {
      const entries = new Map<string, LocatedEntry>();
      expanding.add(node);
      for (const pair of node.items as Pair<Node, Node | null>[]) {
        const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
        const keyAt = pair.key.range ? placeAt(pair.key.range[0]) : at;
        if (key === '__proto__') faults.push(fault(keyAt, 'bad-key', 'nothing can be called __proto__'));
        entries.set(key, { keyAt, value: convert(pair.value, alias, keyAt) });
      }
      expanding.delete(node);
      return { kind: 'map', at, entries };
    }
    if (isSeq(node)) {
      expanding.add(node);
      const items = (node.items as Node[]).map((item) => convert(item, alias, at));
      expanding.delete(node);
      return { kind: 'list', at, items };
    }
    return { kind: 'value', at, value: isScalar(node) ? node.value : null };
  };
  const tree = convert(document.contents, null, { file, line: 1, column: 1 });
  return { tree: faults.length > 0 ? null : tree, faults };
}

/** The parser's own sentence, but for the mistakes people make most. */
function yamlSentence(code: string, message: string, here: string): string {
  if (code === 'DUPLICATE_KEY') return `the key ${here.split(/[:\n]/)[0]!.trim()} stands in this map before`;
  if (code === 'MULTIPLE_DOCS') return 'a scenario is one YAML document, and a second one begins here';
  if (code === 'TAB_AS_INDENT') return 'a tab cannot indent YAML; use spaces';
  const sentence = message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
  return sentence[0]!.toLowerCase() + sentence.slice(1);
}

/** Lays `change` over `base`: maps are merged, lists and values replaced, an empty value (null) deletes. */
export function layOver(base: Located, change: Located): Located {
  if (base.kind !== 'map' || change.kind !== 'map') return change;
  const entries = new Map(base.entries);
  for (const [key, entry] of change.entries) {
    const below = entries.get(key);
    if (entry.value.kind === 'value' && entry.value.value === null) entries.delete(key);
    else
      entries.set(key, {
        keyAt: entry.keyAt,
        value: below === undefined ? entry.value : layOver(below.value, entry.value),
      });
  }
  return { kind: 'map', at: change.at, entries };
}

export function without(tree: Located, key: string): Located {
  if (tree.kind !== 'map') return tree;
  const entries = new Map(tree.entries);
  entries.delete(key);
  return { ...tree, entries };
}

export function plainOf(tree: Located): unknown {
  if (tree.kind === 'value') return tree.value;
  if (tree.kind === 'list') return tree.items.map(plainOf);
  return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, plainOf(entry.value)]));
}

/** The node at a path; null when it is not there. */
export function nodeIn(tree: Located, path: readonly PropertyKey[]): Located | null {
  let here: Located | undefined = tree;
  for (const step of path) {
    if (here.kind === 'map') here = here.entries.get(String(step))?.value;
    else here = here.kind === 'list' ? here.items[Number(step)] : undefined;
    if (here === undefined) return null;
  }
  return here;
}

/** The place of the node at a path, or of the deepest one that is there; `key` asks for the place of the last key itself. */
export function placeIn(tree: Located, path: readonly PropertyKey[], which: 'value' | 'key' = 'value'): SourceSpan {
  let here = tree;
  let at = tree.at;
  for (const [depth, step] of path.entries()) {
    if (here.kind === 'map') {
      const entry = here.entries.get(String(step));
      if (entry === undefined) return at;
      at = which === 'key' && depth === path.length - 1 ? entry.keyAt : entry.value.at;
      here = entry.value;
    } else if (here.kind === 'list') {
      const item = here.items[Number(step)];
      if (item === undefined) return at;
      at = item.at;
      here = item;
    } else return at;
  }
  return at;
}
