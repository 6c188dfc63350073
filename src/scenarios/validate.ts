/** From the schema's verdict to sentences with a place: the branch of a union that was meant, the nearest key to a wrong one. */
import type { z } from 'zod';
import { nearestWord, suggestion } from '../base/nearest.ts';
import { type Diagnostic, fault } from '../base/result.ts';
import { inOrder } from './fault-order.ts';
import { type Located, nodeIn, placeIn } from './located.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** A fault, and what it says of its map, so that one mistake is told once. */
interface Told {
  readonly fault: Diagnostic;
  /** The map it speaks of. */
  readonly map: Path;
  /** The key an unknown one is nearest to, or the key that is missing. */
  readonly key: string | null;
}

/** One fault for each mistake, each at the line that caused it, in the order of the file. */
export function faultsOf(schema: z.ZodType, tree: Located, issues: readonly Issue[]): Diagnostic[] {
  const told = issues.flatMap((issue) => fromIssue([schema], tree, issue, []));
  const kept = told.filter((one) => !told.some((other) => explains(other, one)));
  return inOrder(kept.map((one) => one.fault));
}

/** A misspelt key explains that the right one is missing, and that a map has none of the keys it must choose from. */
function explains(unknown: Told, other: Told): boolean {
  if (unknown.fault.code !== 'unknown-key' || samePath(unknown.map, other.map) === false) return false;
  if (other.fault.code === 'missing-key') return unknown.key !== null && unknown.key === other.key;
  return other.fault.code === 'bad-choice';
}

function samePath(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((step, index) => String(step) === String(b[index]));
}

/** `holders` are the schemas that may hold at `above`. */
function fromIssue(holders: readonly z.ZodType[], tree: Located, issue: Issue, above: Path): Told[] {
  const path = [...above, ...issue.path];
  const schemas = schemasAt(holders, issue.path);
  if (nodeIn(tree, path) === null && issue.code !== 'invalid_key') return [missingKey(schemas, tree, path)];
  if (issue.code === 'invalid_union') return fromUnion(schemas, tree, issue, path);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(schemas, tree, path, key));
  if (issue.code === 'invalid_key') {
    const sentence = issue.issues[0]?.message ?? 'this key cannot stand here';
    return [{ fault: fault(placeIn(tree, path, 'key'), 'bad-key', sentence), map: path.slice(0, -1), key: null }];
  }
  const code = issue.code === 'custom' && nodeIn(tree, path)?.kind === 'map' ? 'bad-choice' : 'bad-value';
  return [{ fault: fault(placeIn(tree, path), code, plain(issue, schemas, tree, path)), map: path, key: null }];
}

function missingKey(schemas: readonly z.ZodType[], tree: Located, path: Path): Told {
  const key = String(path[path.length - 1] ?? 'scenario');
  const meaning = schemas.flatMap((one) => one.meta()?.description ?? [])[0];
  const said = meaning === undefined ? '' : `: ${meaning[0]!.toLowerCase()}${meaning.slice(1).replace(/\.$/, '')}`;
  return { fault: fault(placeIn(tree, path), 'missing-key', `${key} is missing${said}`), map: path.slice(0, -1), key };
}

function unknownKey(schemas: readonly z.ZodType[], tree: Located, path: Path, key: string): Told {
  const known = keysOf(schemas.flatMap(unwrapped));
  const at = placeIn(tree, [...path, key], 'key');
  if (known.includes(key)) {
    const map = nodeIn(tree, path);
    const others = map?.kind === 'map' ? [...map.entries.keys()].filter((other) => other !== key) : [];
    return { fault: fault(at, 'unknown-key', `${key} cannot stand beside ${others.join(', ')}`), map: path, key: null };
  }
  const place = path.length === 0 ? 'of a scenario' : 'here';
  const sentence = `${key} is not a word ${place}${suggestion(key, known) || listed(known)}`;
  return { fault: fault(at, 'unknown-key', sentence), map: path, key: nearestWord(key, known) };
}

function listed(known: readonly string[]): string {
  return known.length === 0 || known.length > 12 ? '' : `; it may be ${known.join(', ')}`;
}

type UnionIssue = Extract<Issue, { code: 'invalid_union' }>;

/** Of the branches of a union, the one that was most likely meant speaks; where none was, all say what they expect. */
function fromUnion(schemas: readonly z.ZodType[], tree: Located, issue: UnionIssue, path: Path): Told[] {
  const branches = branchesOf(schemas, issue);
  const nearest = branches.toSorted((a, b) => a.cost - b.cost)[0];
  const own = issue.message === 'Invalid input' ? null : issue.message;
  const meant = nearest !== undefined && nearest.cost < NOT_MEANT && (own === null || !nearest.issues.some(isOfItself));
  if (meant) {
    return nearest.issues.flatMap((inner) => {
      if (inner.code !== 'unrecognized_keys' || inner.path.length > 0)
        return fromIssue(nearest.holders, tree, inner, path);
      const ofAll = keysOf(schemas.flatMap(unwrapped)); // a key of another branch is no misspelling
      return inner.keys.map((key) => unknownKey(ofAll.includes(key) ? schemas : nearest.holders, tree, path, key));
    });
  }
  const words = [...new Set(branches.flatMap((branch) => branch.issues.flatMap(wordsOf)))];
  const sentence =
    own ?? (words.length === 0 ? 'something else is expected here' : `${words.join(' or ')} is expected here`);
  return [{ fault: fault(placeIn(tree, path), 'bad-value', sentence), map: path, key: null }];
}

interface Branch {
  readonly issues: readonly Issue[];
  readonly holders: readonly z.ZodType[];
  readonly cost: number;
}

/** What a branch costs that wants another kind of value altogether. */
const NOT_MEANT = 1_000;

function branchesOf(schemas: readonly z.ZodType[], issue: UnionIssue): Branch[] {
  const options = schemas.flatMap(bare).flatMap((schema) => defOf(schema).options ?? []);
  return issue.errors.map((errors, index) => {
    const issues = errors as readonly Issue[]; // a nested issue has the same form
    const holders = options.slice(index, index + 1);
    return { issues, holders, cost: costOf(issues, holders) };
  });
}

function isOfItself(issue: Issue): boolean {
  return issue.path.length === 0 && issue.code !== 'unrecognized_keys';
}

/** How far a branch is from what was written. A misspelt key costs little, and nothing more for the key it stands for. */
function costOf(issues: readonly Issue[], holders: readonly z.ZodType[]): number {
  const known = keysOf(holders.flatMap(unwrapped));
  const unknown = issues.flatMap((issue) =>
    issue.path.length === 0 && issue.code === 'unrecognized_keys' ? issue.keys : [],
  );
  const near = unknown.map((key) => nearestWord(key, known));
  let cost = near.reduce((sum, key) => sum + (key === null ? 6 : 2), 0);
  for (const issue of issues) {
    if (issue.path.length > 1) cost += 1;
    else if (issue.path.length === 1) cost += near.includes(String(issue.path[0])) ? 0 : 1;
    else if (issue.code === 'invalid_type' || issue.code === 'invalid_value') return NOT_MEANT;
    else if (issue.code === 'invalid_union')
      cost += Math.min(NOT_MEANT, ...branchesOf(holders, issue).map((branch) => branch.cost));
    else if (issue.code !== 'unrecognized_keys') cost += 2;
  }
  return cost;
}

/** What an issue about the value itself says it could be. */
function wordsOf(issue: Issue): string[] {
  if (issue.path.length > 0) return [];
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code === 'invalid_type')
    return [issue.message.startsWith('Invalid input') ? kindWord(issue.expected) : issue.message];
  return issue.code === 'invalid_union'
    ? issue.errors.flatMap((errors) => (errors as readonly Issue[]).flatMap(wordsOf))
    : []; // a nested issue has the same form
}

function plain(issue: Issue, schemas: readonly z.ZodType[], tree: Located, path: Path): string {
  const given = nodeIn(tree, path);
  const value = given?.kind === 'value' ? given.value : undefined;
  if (issue.code === 'invalid_value') {
    const words = issue.values.map(String);
    return words.length === 1 ? `only ${words[0]} can stand here` : `the value here is one of ${words.join(', ')}`;
  }
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    const quotes =
      issue.expected === 'string' && (typeof value === 'number' || typeof value === 'boolean') ? ', in quotes' : '';
    return `${kindWord(issue.expected)} is expected here${quotes}`;
  }
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    if (!issue.message.startsWith('Too ')) return issue.message;
    const [bound, side] = issue.code === 'too_small' ? [issue.minimum, 'least'] : [issue.maximum, 'most'];
    const pair = schemas.flatMap(unwrapped).flatMap((schema) => defOf(schema).items ?? []).length;
    if (issue.origin === 'array' && pair > 0) return `a list of exactly ${pair} is expected here`;
    if (issue.origin === 'array')
      return `at ${side} ${bound} ${Number(bound) === 1 ? 'entry is' : 'entries are'} expected here`;
    if (issue.origin === 'string') return 'this is empty';
    return `the ${side} that can stand here is ${bound}`;
  }
  return issue.message;
}

const KIND_WORDS: Readonly<Record<string, string>> = {
  record: 'a map',
  object: 'a map',
  array: 'a list',
  tuple: 'a list',
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

function kindWord(expected: string): string {
  return KIND_WORDS[expected] ?? expected;
}

/** The schemas that may hold at a path below; several where a union branches on the way. */
function schemasAt(holders: readonly z.ZodType[], path: Path): readonly z.ZodType[] {
  let schemas = holders;
  for (const step of path) schemas = schemas.flatMap(unwrapped).flatMap((candidate) => below(candidate, step));
  return schemas;
}

function keysOf(schemas: readonly z.ZodType[]): string[] {
  return [...new Set(schemas.flatMap((candidate) => Object.keys(defOf(candidate).shape ?? {})))];
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

/** Without the wrapping that makes it optional. */
function bare(schema: z.ZodType): z.ZodType {
  const { innerType } = defOf(schema);
  return innerType === undefined ? schema : bare(innerType);
}

/** Bare, and a union as all its branches. */
function unwrapped(schema: z.ZodType): z.ZodType[] {
  const { options } = defOf(bare(schema));
  return options === undefined ? [bare(schema)] : options.flatMap(unwrapped);
}

function below(schema: z.ZodType, step: PropertyKey): z.ZodType[] {
  const def = defOf(schema);
  const next = def.shape?.[String(step)] ?? def.valueType ?? def.element ?? def.items?.[Number(step)];
  return next === undefined ? [] : [next];
}
