/**
 * What an orchestrator's file says, as a tree whose every node knows its place, its key path, and whether an importer
 * has read it. What nobody has read when the import ends is reported, so that nothing is dropped in silence (OR-6.1.1).
 */
import type { SourceSpan } from '../base/result.ts';

/** Shared by a node and by what was computed from it, so that reading the result reads the source. */
export interface ReadMark {
  state: 'unread' | 'read' | 'told';
}

interface NodeBase {
  readonly at: SourceSpan;
  /** Key path from the root of its document: `resources.db.properties.networks[0].port`. */
  readonly path: string;
  readonly mark: ReadMark;
}

export interface SourceEntry {
  readonly key: string;
  readonly keyAt: SourceSpan;
  readonly value: SourceNode;
}

export interface SourceMap extends NodeBase {
  readonly kind: 'map';
  readonly entries: readonly SourceEntry[];
}

export interface SourceList extends NodeBase {
  readonly kind: 'list';
  readonly items: readonly SourceNode[];
}

export interface SourceScalar extends NodeBase {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As written, so that `on`, `0755` and `2013-05-23` stay what the author typed (OR-6.1.5). */
  readonly text: string;
  /** Why the value cannot be known yet, such as an address before allocation. */
  readonly unknown?: string;
}

export type SourceNode = SourceMap | SourceList | SourceScalar;

/** A node for a value that no file holds: a parameter given on the side, an attribute of a resource. */
export function literal(value: unknown, at: SourceSpan, path: string, state: ReadMark['state'] = 'read'): SourceNode {
  const mark: ReadMark = { state };
  if (Array.isArray(value)) {
    return { kind: 'list', at, path, mark, items: value.map((item, i) => literal(item, at, `${path}[${i}]`, state)) };
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, one]) => ({
      key,
      keyAt: at,
      value: literal(one, at, join(path, key), state),
    }));
    return { kind: 'map', at, path, mark, entries };
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return { kind: 'scalar', at, path, mark, value, text: String(value) };
  }
  return { kind: 'scalar', at, path, mark, value: null, text: '' };
}

export function unknownValue(reason: string, at: SourceSpan, path: string): SourceScalar {
  return { kind: 'scalar', at, path, mark: { state: 'read' }, value: null, text: '', unknown: reason };
}

/** The value of a key, marked as read; null when the key is absent. */
export function field(node: SourceNode | null, key: string): SourceNode | null {
  const found = peek(node, key);
  if (found !== null && found.mark.state === 'unread') found.mark.state = 'read';
  return found;
}

/** The value of a key without reading it. */
export function peek(node: SourceNode | null, key: string): SourceNode | null {
  if (node?.kind !== 'map') return null;
  for (const entry of node.entries) if (entry.key === key) return entry.value;
  return null;
}

/** The items of a list, marked as read. */
export function itemsOf(node: SourceNode | null): readonly SourceNode[] {
  if (node?.kind !== 'list') return [];
  for (const item of node.items) if (item.mark.state === 'unread') item.mark.state = 'read';
  return node.items;
}

/** Marks a node and everything below it as read, and gives its plain value. */
export function plain(node: SourceNode): unknown {
  if (node.mark.state === 'unread') node.mark.state = 'read';
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plain);
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]));
}

/** An empty value counts as absent, as in YAML `key:`. */
export function isNothing(node: SourceNode | null): node is null {
  return node === null || isEmpty(node);
}

export function isEmpty(node: SourceNode): boolean {
  return node.kind === 'scalar' && node.value === null && node.unknown === undefined;
}

export function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** Every key path of a document with its node, in order. */
export function keyPaths(root: SourceNode): readonly { readonly path: string; readonly node: SourceNode }[] {
  const found: { path: string; node: SourceNode }[] = [];
  const visit = (node: SourceNode): void => {
    const children =
      node.kind === 'map' ? node.entries.map(({ value }) => value) : node.kind === 'list' ? node.items : [];
    for (const child of children) {
      found.push({ path: child.path, node: child });
      visit(child);
    }
  };
  visit(root);
  return found;
}

/** The first key that was neither read nor told, with what stands below told keys taken as told; null: there is none. */
export function firstUnaccounted(root: SourceNode): SourceNode | null {
  if (root.mark.state === 'told') return null;
  if (root.mark.state === 'unread') return root;
  const children =
    root.kind === 'map' ? root.entries.map(({ value }) => value) : root.kind === 'list' ? root.items : [];
  for (const child of children) {
    const found = firstUnaccounted(child);
    if (found !== null) return found;
  }
  return null;
}
