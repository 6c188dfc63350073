/**
 * Intrinsic functions of HOT (OR-4.9/B5 to OR-4.9/B8). Evaluating a node gives a node again: computed values stand at
 * the place of their call, literal parts keep their own, and reading the result reads the template.
 */
import { Digest } from '../../base/digest.ts';
import { suggestion } from '../../base/nearest.ts';
import type { SourceSpan } from '../../base/result.ts';
import type { Remarks } from '../remarks.ts';
import { literal, plain, type SourceEntry, type SourceNode } from '../source-tree.ts';
import { FUNCTION_SINCE } from './versions.ts';

/** What calls may ask for. Answers of null mean: not there, and the fault is told by who checked the reference. */
export interface Scope {
  readonly remarks: Remarks;
  /** Date of the template's version. */
  readonly version: string;
  parameter(name: string): SourceNode | null;
  /** The id a resource is referred to by; null: it was not made (its condition is false). */
  resource(name: string): string | null;
  attribute(resource: string, path: readonly string[], at: SourceSpan): SourceNode;
  condition(name: string, at: SourceSpan): boolean;
  file(path: string, at: SourceSpan): string | null;
  /** Replaced in every text: `%index%` and the number, in members of a group. */
  readonly index: { readonly variable: string; readonly value: string } | null;
}

const DEPTH_MAX = 100;
/** How long a computed text may grow, so that nested calls cannot fill the memory. */
const TEXT_MAX = 1_000_000;

/** The name of the function a map calls; null when it is an ordinary map. */
export function calledFunction(node: SourceNode): string | null {
  if (node.kind !== 'map' || node.entries.length !== 1) return null;
  const { key } = node.entries[0]!;
  return FUNCTION_SINCE.has(key) || /^Fn::/.test(key) || key === 'Ref' ? key : null;
}

export function evaluateNode(node: SourceNode, scope: Scope, depth = 0): SourceNode {
  if (depth > DEPTH_MAX) {
    scope.remarks.fault(node.at, 'nested-too-deeply', 'the calls of functions here are nested too deeply');
    return literal(null, node.at, node.path);
  }
  if (node.kind === 'scalar') return withIndex(node, scope);
  if (node.kind === 'list') {
    return { ...node, items: node.items.map((item) => evaluateNode(item, scope, depth + 1)) };
  }
  const called = calledFunction(node);
  if (called === null) {
    const entries = node.entries.map((entry) => ({
      ...entry,
      key: replaceIndex(entry.key, scope),
      value: evaluateNode(entry.value, scope, depth + 1),
    }));
    return { ...node, entries };
  }
  const argument = node.entries[0]!.value;
  plain(argument); // a call is read as a whole: nothing in it can be left over
  const since = FUNCTION_SINCE.get(called);
  if (since !== undefined && since > scope.version) {
    const { remarks } = scope;
    remarks.fault(
      node.at,
      'function-too-new',
      `${called} needs heat_template_version ${since} or newer, this is ${scope.version}`,
    );
    return literal(null, node.at, node.path);
  }
  const result = call(called, argument, node, scope, depth + 1);
  return { ...result, at: node.at, path: node.path, mark: node.mark };
}

function call(name: string, argument: SourceNode, node: SourceNode, scope: Scope, depth: number): SourceNode {
  const { remarks } = scope;
  const wrong = (message: string): SourceNode => {
    remarks.fault(argument.at, 'bad-call', `${name}: ${message}`);
    return literal(null, node.at, node.path);
  };
  const give = (value: unknown): SourceNode => literal(value, node.at, node.path);
  const evaluated = (one: SourceNode): SourceNode => evaluateNode(one, scope, depth);
  const texts = (one: SourceNode): string[] | SourceNode => {
    const list = evaluated(one);
    if (list.kind !== 'list') return wrong('a list was expected');
    const parts: string[] = [];
    for (const item of list.items) {
      if (item.kind === 'scalar' && item.unknown !== undefined) return item;
      parts.push(item.kind === 'scalar' ? item.text : JSON.stringify(plain(item)));
    }
    return parts;
  };

  switch (name) {
    case 'get_param': {
      const path = pathArgument(argument, evaluated);
      const found = path === null ? null : scope.parameter(path[0]!);
      if (path === null) return wrong('takes the name of a parameter, or a list of the name and keys');
      return found === null ? give(null) : descend(found, path.slice(1), node, remarks);
    }
    case 'get_resource':
      return argument.kind === 'scalar'
        ? give(scope.resource(replaceIndex(argument.text, scope)))
        : wrong('takes the name of a resource');
    case 'get_attr': {
      const path = pathArgument(argument, evaluated);
      if (path === null || path.length < 1) return wrong('takes a list of a resource, an attribute and keys');
      return scope.attribute(path[0]!, path.slice(1), node.at);
    }
    case 'get_file': {
      if (argument.kind !== 'scalar') return wrong('takes the path of a file');
      return give(scope.file(argument.text, argument.at));
    }
    case 'list_join': {
      if (argument.kind !== 'list' || argument.items.length < 2) return wrong('takes a separator and lists');
      const separator = evaluated(argument.items[0]!);
      const parts: string[] = [];
      for (const item of argument.items.slice(1)) {
        const more = texts(item);
        if (!Array.isArray(more)) return more;
        parts.push(...more);
      }
      return separator.kind === 'scalar' ? give(parts.join(separator.text)) : wrong('the separator must be a text');
    }
    case 'str_split': {
      if (argument.kind !== 'list' || argument.items.length < 2)
        return wrong('takes a separator, a text and perhaps a position');
      const [separator, text, position] = argument.items.map(evaluated);
      if (separator?.kind !== 'scalar' || text?.kind !== 'scalar') return wrong('takes a separator and a text');
      if (text.unknown !== undefined) return text;
      const parts = separator.text === '' ? [text.text] : text.text.split(separator.text);
      if (position === undefined) return give(parts);
      const at = position.kind === 'scalar' ? Number(position.text) : Number.NaN;
      return parts[at] === undefined
        ? wrong(`there is no part ${plain(position)} of ${parts.length}`)
        : give(parts[at]);
    }
    case 'str_replace':
    case 'str_replace_strict':
    case 'str_replace_vstrict':
      return replaceTexts(name, argument, evaluated, give, wrong);
    case 'repeat':
      return repeat(argument, node, scope, depth, evaluated, wrong);
    case 'map_merge':
    case 'list_concat':
    case 'list_concat_unique':
      return combine(name, argument, node, evaluated, wrong);
    case 'map_replace':
    case 'filter':
    case 'contains':
    case 'make_url':
    case 'yaql':
    case 'resource_facade':
      return wrong('the simulator does not evaluate this function');
    case 'digest': {
      // the real function gives a hash of the text; ours is another hash, equally opaque and equally stable
      const parts = texts(argument);
      return Array.isArray(parts) ? give(new Digest().text(parts.join('\n')).hex()) : parts;
    }
    case 'if': {
      if (argument.kind !== 'list' || argument.items.length < 2 || argument.items.length > 3) {
        return wrong('takes a condition, the value when it holds, and the value when it does not');
      }
      const holds = evaluateCondition(argument.items[0]!, scope, depth);
      const chosen = argument.items[holds ? 1 : 2];
      return chosen === undefined ? give(null) : evaluated(chosen);
    }
    case 'equals':
    case 'not':
    case 'and':
    case 'or':
      return give(evaluateCondition(node, scope, depth));
    default:
      return wrong('functions of CloudFormation templates are not part of HOT');
  }
}

/** A condition: a name from `conditions`, a boolean, or a call of equals, not, and, or. */
export function evaluateCondition(node: SourceNode, scope: Scope, depth = 0): boolean {
  const { remarks } = scope;
  plain(node);
  if (depth > DEPTH_MAX) {
    remarks.fault(node.at, 'nested-too-deeply', 'the conditions here are nested too deeply');
    return false;
  }
  const called = calledFunction(node);
  if (called === null) {
    if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
    if (node.kind === 'scalar' && typeof node.value === 'string') return scope.condition(node.text, node.at);
    remarks.fault(node.at, 'bad-condition', 'a condition is a name, true, false, or a call of equals, not, and, or');
    return false;
  }
  const argument = (node as SourceNode & { readonly kind: 'map' }).entries[0]!.value; // a call is a map of one entry
  const since = FUNCTION_SINCE.get(called);
  if (since !== undefined && since > scope.version) {
    remarks.fault(
      node.at,
      'function-too-new',
      `${called} needs heat_template_version ${since} or newer, this is ${scope.version}`,
    );
    return false;
  }
  if (called === 'not') return !evaluateCondition(argument, scope, depth + 1);
  if (called === 'and' || called === 'or') {
    if (argument.kind !== 'list' || argument.items.length < 2) {
      remarks.fault(argument.at, 'bad-call', `${called}: takes a list of two or more conditions`);
      return false;
    }
    const holds = argument.items.map((item) => evaluateCondition(item, scope, depth + 1));
    return called === 'and' ? holds.every(Boolean) : holds.some(Boolean);
  }
  if (called === 'equals') {
    if (argument.kind !== 'list' || argument.items.length !== 2) {
      remarks.fault(argument.at, 'bad-call', 'equals: takes two values');
      return false;
    }
    const [left, right] = argument.items.map((item) => JSON.stringify(plain(evaluateNode(item, scope, depth + 1))));
    return left === right;
  }
  const value = evaluateNode(node, scope, depth + 1);
  if (value.kind === 'scalar' && typeof value.value === 'boolean') return value.value;
  remarks.fault(node.at, 'bad-condition', `${called} gives no true or false here`);
  return false;
}

function replaceTexts(
  name: string,
  argument: SourceNode,
  evaluated: (node: SourceNode) => SourceNode,
  give: (value: unknown) => SourceNode,
  wrong: (message: string) => SourceNode,
): SourceNode {
  const map = evaluated(argument);
  const part = (key: string): SourceNode | undefined =>
    map.kind === 'map' ? map.entries.find((entry) => entry.key === key)?.value : undefined;
  const template = part('template');
  const params = part('params');
  if (template?.kind !== 'scalar' || params?.kind !== 'map') return wrong('takes a template text and a map of params');
  if (template.unknown !== undefined) return template;
  const values = new Map<string, string>();
  for (const { key, value } of params.entries) {
    if (value.kind === 'scalar' && value.unknown !== undefined) return value;
    if (name !== 'str_replace' && !template.text.includes(key))
      return wrong(`the template has no ${key}${suggestion(key, [])}`);
    if (key !== '') values.set(key, value.kind === 'scalar' ? value.text : JSON.stringify(plain(value)));
  }
  // one pass, longest words first, as Heat does: what was put in is not replaced again
  const words = [...values.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  if (words.length === 0) return give(template.text);
  const pattern = new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g');
  const text = template.text.replace(pattern, (word) => values.get(word)!);
  return text.length > TEXT_MAX ? wrong(`the text grows beyond ${TEXT_MAX} characters`) : give(text);
}

function repeat(
  argument: SourceNode,
  node: SourceNode,
  scope: Scope,
  depth: number,
  evaluated: (node: SourceNode) => SourceNode,
  wrong: (message: string) => SourceNode,
): SourceNode {
  const part = (key: string): SourceNode | undefined =>
    argument.kind === 'map' ? argument.entries.find((entry) => entry.key === key)?.value : undefined;
  const template = part('template');
  const each = part('for_each');
  if (template === undefined || each?.kind !== 'map') return wrong('takes a template and a map for_each');
  let rounds: ReadonlyMap<string, SourceNode>[] = [new Map()];
  for (const { key, value } of each.entries) {
    const list = evaluated(value);
    if (list.kind !== 'list') return wrong(`for_each ${key} must be a list`);
    rounds = rounds.flatMap((round) => list.items.map((item) => new Map([...round, [key, item]])));
    if (rounds.length > 10_000) return wrong('gives more than 10000 items');
  }
  const items = rounds.map((round) => evaluateNode(substitute(template, round), scope, depth + 1));
  return { kind: 'list', at: node.at, path: node.path, mark: node.mark, items };
}

/** Replaces the loop words in texts; a text that is the word alone becomes the item itself. */
function substitute(node: SourceNode, words: ReadonlyMap<string, SourceNode>): SourceNode {
  if (node.kind === 'list') return { ...node, items: node.items.map((item) => substitute(item, words)) };
  if (node.kind === 'map') {
    const entries = node.entries.map(
      (entry): SourceEntry => ({ ...entry, key: inText(entry.key, words), value: substitute(entry.value, words) }),
    );
    return { ...node, entries };
  }
  const whole = words.get(node.text);
  if (whole !== undefined) return { ...whole, at: node.at };
  const text = inText(node.text, words);
  return text === node.text ? node : { ...node, text, value: text };
}

function inText(text: string, words: ReadonlyMap<string, SourceNode>): string {
  let result = text;
  for (const [word, item] of words) {
    if (word !== '' && item.kind === 'scalar') result = result.replaceAll(word, item.text);
  }
  return result;
}

function combine(
  name: string,
  argument: SourceNode,
  node: SourceNode,
  evaluated: (node: SourceNode) => SourceNode,
  wrong: (message: string) => SourceNode,
): SourceNode {
  const parts = evaluated(argument);
  if (parts.kind !== 'list') return wrong('takes a list');
  if (name === 'map_merge') {
    const entries = new Map<string, SourceEntry>();
    for (const part of parts.items) {
      if (part.kind === 'scalar' && part.value === null) continue;
      if (part.kind !== 'map') return wrong('takes a list of maps');
      for (const entry of part.entries) entries.set(entry.key, entry);
    }
    return { kind: 'map', at: node.at, path: node.path, mark: node.mark, entries: [...entries.values()] };
  }
  const items: SourceNode[] = [];
  const known = new Set<string>();
  for (const part of parts.items) {
    if (part.kind === 'scalar' && part.value === null) continue;
    if (part.kind !== 'list') return wrong('takes a list of lists');
    for (const item of part.items) {
      const content = JSON.stringify(plain(item));
      if (name === 'list_concat_unique' && known.has(content)) continue;
      known.add(content);
      items.push(item);
    }
  }
  return { kind: 'list', at: node.at, path: node.path, mark: node.mark, items };
}

/** A scalar, or a list of scalars, as a path; null: neither. */
function pathArgument(argument: SourceNode, evaluated: (node: SourceNode) => SourceNode): string[] | null {
  if (argument.kind === 'scalar')
    return [evaluated(argument)].flatMap((node) => (node.kind === 'scalar' ? [node.text] : []));
  if (argument.kind !== 'list' || argument.items.length === 0) return null;
  const path: string[] = [];
  for (const item of argument.items) {
    const part = evaluated(item);
    if (part.kind !== 'scalar') return null;
    path.push(part.text);
  }
  return path;
}

/** Goes down into maps by key and into lists by position. */
export function descend(node: SourceNode, path: readonly string[], call: SourceNode, remarks: Remarks): SourceNode {
  let here = node;
  for (const step of path) {
    if (here.kind === 'scalar' && here.unknown !== undefined) return here;
    const next: SourceNode | undefined =
      here.kind === 'map'
        ? here.entries.find(({ key }) => key === step)?.value
        : here.kind === 'list'
          ? here.items[Number(step)]
          : undefined;
    if (next === undefined) {
      const keys = here.kind === 'map' ? here.entries.map(({ key }) => key) : [];
      remarks.fault(call.at, 'no-such-key', `there is no ${step} in ${here.path}${suggestion(step, keys)}`);
      return literal(null, call.at, call.path); // told: nobody tells again that it is empty
    }
    here = next;
  }
  return here;
}

function withIndex(node: SourceNode & { readonly kind: 'scalar' }, scope: Scope): SourceNode {
  if (scope.index === null || !node.text.includes(scope.index.variable)) return node;
  const text = replaceIndex(node.text, scope);
  return { ...node, text, value: text };
}

function replaceIndex(text: string, scope: Scope): string {
  return scope.index === null ? text : text.replaceAll(scope.index.variable, scope.index.value);
}
