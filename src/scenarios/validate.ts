/** From the schema's verdict to sentences with a place: the deepest branch of a union, the nearest key to a wrong one. */
import type { z } from 'zod';
import { suggestion } from '../base/nearest.ts';
import { type Diagnostic, fault } from '../base/result.ts';
import { type Located, placeIn } from './located.ts';

type Issue = z.core.$ZodIssue;

/** One fault for each issue of the schema, each at the line that caused it. */
export function faultsOf(schema: z.ZodType, tree: Located, issues: readonly Issue[]): Diagnostic[] {
  return issues.flatMap((issue) => fromIssue(schema, tree, issue, []));
}

function fromIssue(schema: z.ZodType, tree: Located, issue: Issue, above: readonly PropertyKey[]): Diagnostic[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.filter((branch) => branch.length > 0);
    const deepest = branches.toSorted((a, b) => rank(b) - rank(a))[0];
    if (deepest === undefined || rank(deepest) === 0) return [fault(placeIn(tree, path), 'bad-value', issue.message)];
    return deepest.flatMap((inner) => fromIssue(schema, tree, inner as Issue, path)); // a nested issue has the same form
  }
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, path);
    return issue.keys.map((key) =>
      fault(
        placeIn(tree, [...path, key], 'key'),
        'unknown-key',
        `${key} is not a word ${path.length === 0 ? 'of a scenario' : `here`}${suggestion(key, known) || listed(known)}`,
      ),
    );
  }
  if (issue.code === 'invalid_key') {
    const sentence = issue.issues[0]?.message ?? 'this key cannot stand here';
    return [fault(placeIn(tree, path, 'key'), 'bad-key', sentence)];
  }
  if (issue.code === 'invalid_type' && missing(tree, path)) {
    const key = String(path[path.length - 1] ?? 'scenario');
    return [
      fault(
        placeIn(tree, path),
        'missing-key',
        `${key} is missing${issue.message.startsWith('Invalid') ? '' : `: ${issue.message}`}`,
      ),
    ];
  }
  return [fault(placeIn(tree, path), 'bad-value', plain(issue))];
}

/** How far a branch of a union got: a branch that only dislikes the kind of value is no guess at what was meant. */
function rank(branch: readonly { readonly path: readonly PropertyKey[]; readonly code?: string }[]): number {
  return Math.max(
    ...branch.map(
      (issue) => issue.path.length * 2 + (issue.code === 'invalid_type' && issue.path.length === 0 ? 0 : 1),
    ),
  );
}

function plain(issue: Issue): string {
  if (issue.code === 'invalid_value') return `the value here is one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input'))
    return `a ${wordFor(issue.expected)} is expected here`;
  return issue.message;
}

function wordFor(expected: string): string {
  return (
    { record: 'map', object: 'map', array: 'list', string: 'text', int: 'whole number', tuple: 'list' }[expected] ??
    expected
  );
}

function missing(tree: Located, path: readonly PropertyKey[]): boolean {
  let here: Located | undefined = tree;
  for (const step of path) {
    if (here?.kind === 'map') here = here.entries.get(String(step))?.value;
    else if (here?.kind === 'list') here = here.items[Number(step)];
    else return true;
  }
  return here === undefined;
}

function listed(known: readonly string[]): string {
  return known.length === 0 || known.length > 12 ? '' : `; it may be ${known.join(', ')}`;
}

/** The keys the schema knows at a path: what a misspelt one may have meant. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let schemas = unwrapped(schema);
  for (const step of path) schemas = schemas.flatMap((candidate) => below(candidate, step)).flatMap(unwrapped);
  return [...new Set(schemas.flatMap((candidate) => Object.keys(shapeOf(candidate))))];
}

interface SchemaDef {
  readonly type: string;
  readonly shape?: Record<string, z.ZodType>;
  readonly innerType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly element?: z.ZodType;
  readonly items?: readonly z.ZodType[];
  readonly valueType?: z.ZodType;
}

function defOf(schema: z.ZodType): SchemaDef {
  return schema._zod.def as unknown as SchemaDef; // the library's own description of a schema, read only
}

function shapeOf(schema: z.ZodType): Record<string, z.ZodType> {
  return defOf(schema).shape ?? {};
}

function unwrapped(schema: z.ZodType): z.ZodType[] {
  const def = defOf(schema);
  if (def.innerType !== undefined) return unwrapped(def.innerType);
  if (def.options !== undefined) return def.options.flatMap(unwrapped);
  return [schema];
}

function below(schema: z.ZodType, step: PropertyKey): z.ZodType[] {
  const def = defOf(schema);
  const next = def.shape?.[String(step)] ?? def.valueType ?? def.element ?? def.items?.[Number(step)];
  return next === undefined ? [] : [next];
}
