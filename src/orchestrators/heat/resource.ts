/** One resource of a stack while it is made: its evaluated properties, and what other resources may ask of it. */
import { nearestWord } from '../../base/nearest.ts';
import type { SourceSpan } from '../../base/result.ts';
import { type Consequence, harmless, type Remarks } from '../remarks.ts';
import { field, literal, type SourceEntry, type SourceMap, type SourceNode, unknownValue } from '../source-tree.ts';
import type { Stack } from './stack.ts';

/** A value that only the run gives, such as an allocated address. */
export class Unknown {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

export const NOT_ALLOCATED = new Unknown('addresses are given when the whole input has been read');

export interface Made {
  /** What `get_resource` gives. */
  readonly id: string;
  /** What `get_attr` gives, by name of the attribute. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface ResourceContext {
  readonly stack: Stack;
  readonly remarks: Remarks;
  /** Its name in the template; members of groups are `group.0`. */
  readonly resource: string;
  readonly type: string;
  readonly at: SourceSpan;
  /** Evaluated; null: none are given. */
  readonly properties: SourceMap | null;
}

export interface ResourceType {
  /** Earlier ranks are made first among those that wait for nothing: networks, subnets, groups, ports, servers. */
  readonly rank: number;
  readonly make: (context: ResourceContext) => Made | null;
  /** Properties that {@link make} reads. */
  readonly reads: readonly string[];
  /** Properties that it does not read, and what follows from that. */
  readonly leaves: Readonly<Record<string, Consequence>>;
}

export function property(context: ResourceContext, ...names: readonly string[]): SourceNode | null {
  let found: SourceNode | null = null;
  for (const name of names) found ??= field(context.properties, name);
  return found;
}

/** How faults name a property: `network of server1_port`. */
export function of(context: ResourceContext, name: string): string {
  return `${name} of ${context.resource}`;
}

/** The name the cloud shows: the given one, else stack and resource (Heat appends random letters, we do not). */
export function physicalName(context: ResourceContext): string {
  const given = context.remarks.text(property(context, 'name'), of(context, 'name'));
  return given === null || given === '' ? `${context.stack.name}-${context.resource.replaceAll('.', '-')}` : given;
}

/** Tells of properties nobody read: a misspelt one is a fault, as Heat refuses properties it does not know. */
export function tellProperties(context: ResourceContext, type: ResourceType): void {
  const { remarks } = context;
  const known = [...type.reads, ...Object.keys(type.leaves)];
  for (const { key, keyAt, value } of context.properties?.entries ?? []) {
    if (known.includes(key) || value.mark.state !== 'unread') continue;
    const near = nearestWord(key, known);
    if (near === null) continue;
    remarks.fault(keyAt, 'unknown-property', `${context.type} has no property ${key}, did you mean ${near}?`);
    value.mark.state = 'told';
  }
  if (context.properties !== null) {
    remarks.tellUnread(context.properties, (path, key) => {
      const top = path.startsWith(`${context.properties!.path}.`)
        ? path.slice(context.properties!.path.length + 1)
        : key;
      return type.leaves[key] ?? type.leaves[top] ?? LEFT_EVERYWHERE[key] ?? null;
    });
  }
}

const LEFT_EVERYWHERE: Readonly<Record<string, Consequence>> = {
  description: harmless(),
  tags: harmless(),
  tenant_id: harmless('the stack is made in the project of its import'),
  project_id: harmless('the stack is made in the project of its import'),
};

/** An attribute as a node, unknown parts included. */
export function attributeNode(value: unknown, at: SourceSpan, path: string): SourceNode {
  if (value instanceof Unknown) return unknownValue(value.reason, at, path);
  if (Array.isArray(value)) {
    const items = value.map((item, i) => attributeNode(item, at, `${path}[${i}]`));
    return { kind: 'list', at, path, mark: { state: 'read' }, items };
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, one]): SourceEntry => ({ key, keyAt: at, value: attributeNode(one, at, `${path}.${key}`) }),
    );
    return { kind: 'map', at, path, mark: { state: 'read' }, entries };
  }
  return literal(value, at, path);
}
