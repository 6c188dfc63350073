/**
 * Parameters of a template: their definitions, the values that the environment and the caller give, types and
 * constraints (OR-4.9/B2, OR-4.9/B3, OR-4.9/B4).
 */
import { suggestion } from '../../base/nearest.ts';
import type { SourceSpan } from '../../base/result.ts';
import { readJson } from '../json.ts';
import { harmless, type Remarks } from '../remarks.ts';
import { field, isEmpty, isNothing, literal, plain, type SourceNode } from '../source-tree.ts';

const TYPES = ['string', 'number', 'json', 'comma_delimited_list', 'boolean'] as const;
type ParameterType = (typeof TYPES)[number];

/** Longer values are not matched against a pattern: patterns of strangers can take very long. */
const PATTERN_VALUE_MAX = 1000;

export interface GivenParameters {
  /** The `parameters` of the scenario, above everything else. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly at: SourceSpan;
}

/** By name; a parameter whose value is at fault is absent, and its fault told. */
export function readParameters(
  template: SourceNode,
  environment: SourceNode | null,
  given: GivenParameters,
  pseudo: Readonly<Record<string, string>>,
  remarks: Remarks,
): { readonly values: ReadonlyMap<string, SourceNode>; readonly names: ReadonlySet<string> } {
  const values = new Map<string, SourceNode>();
  const definitions = remarks.entries(field(template, 'parameters'), 'parameters');
  const names = definitions.map(({ key }) => key);
  const fromEnvironment = remarks.entries(field(environment, 'parameters'), 'parameters of the environment');
  const defaults = remarks.entries(field(environment, 'parameter_defaults'), 'parameter_defaults of the environment');

  const undefinedName = (name: string, at: SourceSpan): void => {
    if (names.includes(name)) return;
    remarks.fault(at, 'unknown-parameter', `the template has no parameter ${name}${suggestion(name, names)}`);
  };
  for (const { key, keyAt, value } of fromEnvironment) {
    undefinedName(key, keyAt);
    if (!names.includes(key)) plain(value);
  }
  for (const name of Object.keys(given.values)) undefinedName(name, given.at);
  for (const { key, keyAt, value } of defaults) {
    if (!names.includes(key)) {
      remarks.notModelled(value, keyAt, harmless('this template has no such parameter'));
    }
  }

  for (const { key: name, keyAt, value: definition } of definitions) {
    const map = remarks.map(definition, `parameter ${name}`);
    if (map === null) continue;
    const type = remarks.oneOf(field(map, 'type'), `the type of parameter ${name}`, TYPES);
    if (field(map, 'type') === null) {
      remarks.fault(
        keyAt,
        'parameter-without-type',
        `parameter ${name} has no type, which is one of ${TYPES.join(', ')}`,
      );
    }
    for (const key of ['description', 'label', 'immutable', 'tags']) {
      const node = field(map, key);
      if (node !== null) plain(node);
    }
    const hidden = remarks.flag(field(map, 'hidden'), `hidden of parameter ${name}`) ?? false;
    const byDefault = field(map, 'default');
    const own = Object.hasOwn(given.values, name)
      ? literal(given.values[name], given.at, `parameters.${name}`, 'unread')
      : null;
    const chosen =
      own ??
      fromEnvironment.find(({ key }) => key === name)?.value ??
      defaults.find(({ key }) => key === name)?.value ??
      byDefault;
    const constraints = remarks.items(field(map, 'constraints'), `constraints of parameter ${name}`);
    if (chosen === null || (isNothing(chosen) && chosen !== byDefault)) {
      remarks.fault(keyAt, 'parameter-without-value', `parameter ${name} has no default and no value is given`);
      for (const constraint of constraints) plain(constraint);
      continue;
    }
    for (const unused of [
      byDefault,
      ...[fromEnvironment, defaults].map((list) => list.find(({ key }) => key === name)?.value ?? null),
    ]) {
      if (unused !== null && unused !== chosen) plain(unused); // overridden: what overrides it is used
    }
    if (chosen.mark.state === 'unread') chosen.mark.state = 'read';
    const value = type === null ? null : typed(chosen, type, name, hidden, remarks);
    for (const constraint of constraints) {
      if (value === null) plain(constraint);
      else checkConstraint(constraint, value, name, hidden, remarks);
    }
    if (value !== null) values.set(name, value);
  }
  for (const value of values.values()) if (value.kind === 'scalar' || isFlat(value)) plain(value);
  for (const [name, text] of Object.entries(pseudo)) values.set(name, literal(text, template.at, name));
  return { values, names: new Set([...names, ...Object.keys(pseudo)]) };
}

function typed(
  node: SourceNode,
  type: ParameterType,
  name: string,
  hidden: boolean,
  remarks: Remarks,
): SourceNode | null {
  const wrong = (what: string): null => {
    remarks.fault(
      node.at,
      'bad-parameter',
      `parameter ${name} must be ${what}${hidden ? '' : `, not ${glimpse(node)}`}`,
    );
    return null;
  };
  if (isEmpty(node)) return literal(type === 'string' ? '' : null, node.at, node.path);
  switch (type) {
    case 'string':
      return node.kind === 'scalar' ? { ...node, value: node.text } : wrong('a text');
    case 'number': {
      if (node.kind !== 'scalar' || typeof node.value === 'boolean') return wrong('a number');
      const value = typeof node.value === 'number' ? node.value : Number(node.text.trim() || Number.NaN);
      return Number.isFinite(value) ? { ...node, value, text: String(value) } : wrong('a number');
    }
    case 'boolean': {
      if (node.kind !== 'scalar') return wrong('true or false');
      if (typeof node.value === 'boolean') return node;
      if (/^(true|t|yes|y|on|1)$/i.test(node.text)) return { ...node, value: true };
      if (/^(false|f|no|n|off|0)$/i.test(node.text)) return { ...node, value: false };
      return wrong('true or false');
    }
    case 'comma_delimited_list': {
      if (node.kind === 'list') return node;
      if (node.kind !== 'scalar') return wrong('a list, or a text with commas');
      const parts = node.text === '' ? [] : node.text.split(',').map((part) => part.trim());
      return { ...literal(parts, node.at, node.path), mark: node.mark };
    }
    case 'json': {
      if (node.kind !== 'scalar') return node;
      const { documents, faults } = readJson({ file: node.at.file, text: node.text }, 100);
      const [document] = documents;
      if (faults.length > 0 || document === undefined || documents.length > 1 || document.kind === 'scalar') {
        return wrong('a map or a list, or JSON text of one');
      }
      return { ...literal(plain(document), node.at, node.path, 'unread'), mark: node.mark };
    }
  }
}

function checkConstraint(
  constraint: SourceNode,
  value: SourceNode,
  name: string,
  hidden: boolean,
  remarks: Remarks,
): void {
  const map = remarks.map(constraint, `a constraint of parameter ${name}`);
  if (map === null) return;
  const description = remarks.text(field(map, 'description'), 'the description of a constraint');
  const violated = (rule: string): void => {
    const shown = hidden ? '' : `, and ${glimpse(value)} is not`;
    remarks.fault(
      value.at,
      'parameter-constraint',
      `parameter ${name} must be ${rule}${shown}${description === null ? '' : ` (${description.trim()})`}`,
    );
  };
  const size =
    value.kind === 'scalar' ? value.text.length : value.kind === 'list' ? value.items.length : value.entries.length;
  const number = value.kind === 'scalar' && typeof value.value === 'number' ? value.value : null;
  for (const { key, value: rule } of map.entries) {
    if (rule.mark.state === 'unread') rule.mark.state = 'read';
    if (key === 'description') continue;
    if (key === 'length' || key === 'range') {
      const measure = key === 'length' ? size : number;
      const low = bound(rule, 'min', remarks);
      const high = bound(rule, 'max', remarks);
      onlyKeys(rule, key, ['min', 'max'], remarks);
      if (measure === null) continue;
      if ((low !== null && measure < low) || (high !== null && measure > high)) {
        const bounds = `${low === null ? '' : `at least ${low}`}${low !== null && high !== null ? ' and ' : ''}${high === null ? '' : `at most ${high}`}`;
        violated(key === 'length' ? `${bounds} long` : bounds);
      }
    } else if (key === 'modulo') {
      const step = bound(rule, 'step', remarks) ?? 1;
      const offset = bound(rule, 'offset', remarks) ?? 0;
      onlyKeys(rule, key, ['step', 'offset'], remarks);
      if (number !== null && number % step !== offset) violated(`a multiple of ${step} plus ${offset}`);
    } else if (key === 'allowed_values') {
      const allowed = remarks.items(rule, `allowed_values of parameter ${name}`).map((item) => String(plain(item)));
      const texts = value.kind === 'list' ? value.items.map((item) => String(plain(item))) : [String(plain(value))];
      if (!texts.every((text) => allowed.includes(text))) {
        violated(`one of ${allowed.join(', ')}${hidden || texts.length !== 1 ? '' : suggestion(texts[0]!, allowed)}`);
      }
    } else if (key === 'allowed_pattern') {
      const pattern = remarks.text(rule, `allowed_pattern of parameter ${name}`);
      if (pattern === null || value.kind !== 'scalar' || value.text.length > PATTERN_VALUE_MAX) continue;
      try {
        if (!new RegExp(`^(?:${pattern})$`, 'u').test(value.text)) violated(`of the form ${pattern}`);
      } catch {
        remarks.warn(
          rule.at,
          'unknown-pattern',
          `the pattern of parameter ${name} is not checked: ${pattern} is not understood`,
        );
      }
    } else if (key === 'custom_constraint') {
      remarks.notModelled(rule, rule.at, harmless('the cloud is not asked whether such a thing exists there'));
    } else {
      const words = ['length', 'range', 'modulo', 'allowed_values', 'allowed_pattern', 'custom_constraint'];
      remarks.fault(rule.at, 'unknown-constraint', `there is no constraint ${key}${suggestion(key, words)}`);
      plain(rule);
    }
  }
}

/** A list of texts: nothing in it can be left over. */
function isFlat(node: SourceNode): boolean {
  return node.kind === 'list' && node.items.every((item) => item.kind === 'scalar');
}

function bound(rule: SourceNode, key: string, remarks: Remarks): number | null {
  const node = field(rule, key);
  if (isNothing(node)) return null;
  if (node.kind === 'scalar' && typeof node.value === 'number') return node.value;
  remarks.fault(node.at, 'bad-number', `${key} must be a number`);
  plain(node);
  return null;
}

function onlyKeys(rule: SourceNode, name: string, keys: readonly string[], remarks: Remarks): void {
  for (const { key, keyAt, value } of remarks.map(rule, name)?.entries ?? []) {
    if (keys.includes(key)) continue;
    plain(value);
    remarks.fault(keyAt, 'unknown-constraint', `${name} has no ${key}${suggestion(key, keys)}`);
  }
}

function glimpse(node: SourceNode): string {
  if (node.kind !== 'scalar') return node.kind === 'list' ? 'a list' : 'a map';
  return node.text.length > 60 ? `${node.text.slice(0, 60)}...` : node.text === '' ? 'empty' : node.text;
}
