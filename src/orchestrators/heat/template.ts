/**
 * A HOT template before anything is made of it: its sections, the resources with their types and conditions, what each
 * refers to, and the order in which they can be made (OR-4.9).
 */
import { isInside, joinPath } from '../../base/files.ts';
import { nearestWord, suggestion } from '../../base/nearest.ts';
import type { SourceSpan } from '../../base/result.ts';
import { harmless, matters, type Remarks } from '../remarks.ts';
import { field, isNothing, peek, plain, type SourceEntry, type SourceNode } from '../source-tree.ts';
import { calledFunction } from './functions.ts';
import { FUNCTION_SINCE, VERSION_WORDS, versionDate } from './versions.ts';

export interface TemplateResource {
  readonly name: string;
  readonly at: SourceSpan;
  readonly node: SourceNode;
  /** After the registry of the environment. */
  readonly type: string;
  readonly properties: SourceNode | null;
  readonly condition: SourceNode | null;
  readonly externalId: SourceNode | null;
  /** Other resources that must be made before. */
  readonly needs: ReadonlySet<string>;
}

const SECTIONS = [
  'heat_template_version',
  'description',
  'parameter_groups',
  'parameters',
  'resources',
  'outputs',
  'conditions',
];

/** The date of the version, or null when this is no HOT template we read; the reason is told. */
export function readVersion(root: SourceNode, remarks: Remarks): string | null {
  if (root.kind !== 'map') {
    remarks.fault(root.at, 'not-a-template', 'a Heat template is a map with the key heat_template_version');
    return null;
  }
  const aws = root.entries.find(({ key }) => key === 'AWSTemplateFormatVersion' || key === 'HeatTemplateFormatVersion');
  if (aws !== undefined) {
    remarks.fault(aws.keyAt, 'not-hot', `this is a CloudFormation template (${aws.key}), only HOT templates are read`);
    return null;
  }
  for (const { key, keyAt, value } of root.entries) {
    if (SECTIONS.includes(key)) continue;
    remarks.fault(keyAt, 'unknown-section', `a Heat template has no section ${key}${suggestion(key, SECTIONS)}`);
    value.mark.state = 'told';
  }
  const node = field(root, 'heat_template_version');
  const text = remarks.text(node, 'heat_template_version');
  if (text === null || node === null) {
    if (isNothing(node))
      remarks.fault(root.at, 'no-version', 'this template has no heat_template_version, such as 2016-10-14');
    return null;
  }
  const date = versionDate(text);
  if (date === null) {
    remarks.fault(
      node.at,
      'unknown-version',
      `there is no heat_template_version ${text}${suggestion(text, VERSION_WORDS)}`,
    );
  }
  root.mark.state = 'read';
  for (const key of ['description', 'parameter_groups']) {
    const words = field(root, key);
    if (words !== null) plain(words);
  }
  return date;
}

/** What the environment says of types: aliases, types made nothing of, nested templates. */
export function readRegistry(environment: SourceNode | null, remarks: Remarks): ReadonlyMap<string, string> {
  const registry = new Map<string, string>();
  if (environment === null) return registry;
  const known = [
    'parameters',
    'parameter_defaults',
    'resource_registry',
    'encrypted_param_names',
    'event_sinks',
    'parameter_merge_strategies',
  ];
  environment.mark.state = 'read';
  if (environment.kind === 'map') {
    for (const { key, keyAt, value } of environment.entries) {
      if (known.includes(key)) continue;
      remarks.fault(keyAt, 'unknown-section', `an environment has no section ${key}${suggestion(key, known)}`);
      value.mark.state = 'told';
    }
  } else
    remarks.fault(environment.at, 'not-an-environment', `an environment is a map of ${known.slice(0, 3).join(', ')}`);
  for (const key of ['encrypted_param_names', 'event_sinks']) {
    const node = peek(environment, key);
    if (node !== null) remarks.notModelled(node, node.at, harmless());
  }
  const strategies = peek(environment, 'parameter_merge_strategies');
  if (strategies !== null) {
    remarks.notModelled(
      strategies,
      strategies.at,
      matters('the value of this environment is taken, not merged with another'),
    );
  }
  for (const { key, keyAt, value } of remarks.entries(field(environment, 'resource_registry'), 'resource_registry')) {
    if (value.kind === 'scalar' && value.value !== null) registry.set(key, value.text);
    else remarks.notModelled(value, keyAt, harmless('hooks and restrictions of the registry do nothing here'));
  }
  return registry;
}

export function readResources(
  root: SourceNode,
  registry: ReadonlyMap<string, string>,
  parameters: ReadonlySet<string>,
  folder: string,
  remarks: Remarks,
): readonly TemplateResource[] {
  const section = field(root, 'resources');
  const entries = remarks.entries(section, 'resources');
  if (entries.length === 0 && (section === null || section.kind === 'map' || isNothing(section))) {
    remarks.fault(section?.at ?? root.at, 'no-resources', 'this template has no resources');
  }
  const names = entries.map(({ key }) => key);
  const checker: References = { names, parameters, folder, remarks };
  const outputs = peek(root, 'outputs');
  if (outputs !== null) {
    checkReferences(outputs, checker, new Set());
    remarks.notModelled(outputs, outputs.at, harmless('no effect on networking, outputs are not shown'));
  }
  const conditions = peek(root, 'conditions');
  if (conditions !== null) checkReferences(conditions, checker, new Set());
  return entries.flatMap((entry) => readResource(entry, registry, checker) ?? []);
}

const RESOURCE_KEYS = [
  'type',
  'properties',
  'metadata',
  'depends_on',
  'update_policy',
  'deletion_policy',
  'condition',
  'external_id',
];

function readResource(
  entry: SourceEntry,
  registry: ReadonlyMap<string, string>,
  checker: References,
): TemplateResource | null {
  const { remarks, names } = checker;
  const { key: name, keyAt: at, value: node } = entry;
  const map = remarks.map(node, `resource ${name}`);
  if (map === null) {
    if (isNothing(node)) remarks.fault(at, 'resource-without-type', `resource ${name} has no type`);
    return null;
  }
  for (const { key, keyAt, value } of map.entries) {
    if (RESOURCE_KEYS.includes(key)) continue;
    remarks.fault(keyAt, 'unknown-key', `resource ${name} has no key ${key}${suggestion(key, RESOURCE_KEYS)}`);
    value.mark.state = 'told';
  }
  const needs = new Set<string>();
  for (const key of ['properties', 'metadata', 'condition']) {
    const part = peek(map, key);
    if (part !== null) checkReferences(part, checker, key === 'properties' ? needs : new Set());
  }
  for (const key of ['metadata', 'update_policy', 'deletion_policy']) {
    const part = peek(map, key);
    if (part !== null) remarks.notModelled(part, part.at, harmless());
  }
  const depends = field(map, 'depends_on');
  if (!isNothing(depends)) {
    for (const one of depends.kind === 'list' ? remarks.items(depends, 'depends_on') : [depends]) {
      const other = remarks.text(one, `depends_on of ${name}`);
      if (other === null) continue;
      if (names.includes(other)) needs.add(other);
      else remarks.fault(one.at, 'unknown-resource', `there is no resource ${other}${suggestion(other, names)}`);
    }
  }
  const typeNode = field(map, 'type');
  const type = remarks.text(typeNode, `the type of ${name}`);
  if (type === null) {
    if (isNothing(typeNode)) remarks.fault(at, 'resource-without-type', `resource ${name} has no type`);
    return null;
  }
  return {
    name,
    at,
    node: map,
    type: registry.get(type) ?? type,
    properties: field(map, 'properties'),
    condition: field(map, 'condition'),
    externalId: field(map, 'external_id'),
    needs,
  };
}

interface References {
  readonly names: readonly string[];
  readonly parameters: ReadonlySet<string>;
  readonly folder: string;
  readonly remarks: Remarks;
}

/** Every call below a node must refer to what is there; files must lie in the template's folder. */
function checkReferences(node: SourceNode, checker: References, needs: Set<string>): void {
  if (node.kind === 'list') for (const item of node.items) checkReferences(item, checker, needs);
  if (node.kind !== 'map') return;
  const called = calledFunction(node);
  const [only] = node.entries;
  if (called !== null) checkCall(called, node.entries[0]!.value, checker, needs);
  else if (only !== undefined && node.entries.length === 1) {
    const meant = nearestWord(only.key, UNMISTAKABLE, only.key.length < 7 ? 1 : 2);
    if (meant !== null)
      checker.remarks.fault(only.keyAt, 'unknown-function', `there is no function ${only.key}, did you mean ${meant}?`);
  } else {
    const call = node.entries.find(({ key }) => STAND_ALONE.has(key));
    if (call !== undefined && node.entries.length > 1) {
      const other = node.entries.find((entry) => entry !== call)!; // there is more than one
      checker.remarks.fault(
        other.keyAt,
        'bad-call',
        `${call.key} must be the only key of its map, without ${other.key} beside it`,
      );
    }
  }
  for (const { value } of node.entries) checkReferences(value, checker, needs);
}

/** Functions whose names no ordinary key comes near: `get_parm` is a slip, `of` may be a key. */
const UNMISTAKABLE = [...FUNCTION_SINCE.keys()].filter((name) => name.includes('_'));

/** Names that no map of ordinary keys would hold: beside another key they are a call gone wrong. */
const STAND_ALONE = new Set([
  'get_param', 'get_resource', 'get_attr', 'get_file', 'list_join', 'str_split', 'str_replace', 'str_replace_strict', 'repeat',
  'map_merge', 'list_concat', 'digest', 'equals',
]); // biome-ignore format: a list of words

function checkCall(called: string, argument: SourceNode, checker: References, needs: Set<string>): void {
  const { remarks, names, parameters, folder } = checker;
  const first = argument.kind === 'list' ? argument.items[0] : argument;
  if (first?.kind !== 'scalar' || first.value === null) return;
  const name = first.text;
  if (called === 'get_param') {
    if (!parameters.has(name)) {
      remarks.fault(
        first.at,
        'unknown-parameter',
        `the template has no parameter ${name}${suggestion(name, [...parameters].sort())}`,
      );
    }
  } else if (called === 'get_resource' || called === 'get_attr') {
    if (names.includes(name)) needs.add(name);
    else remarks.fault(first.at, 'unknown-resource', `there is no resource ${name}${suggestion(name, names)}`);
  } else if (called === 'get_file' && !isLocal(folder, name)) {
    remarks.fault(first.at, 'file-outside', `get_file reads only files in the folder of the template, not ${name}`);
  }
}

/** Whether the path stays in the folder: no scheme, no absolute path, no way up and out. */
export function isLocal(folder: string, path: string): boolean {
  return (
    !/^[a-z][a-z0-9+.-]*:/i.test(path) &&
    !path.startsWith('/') &&
    !path.includes('\\') &&
    isInside(folder, joinPath(folder, path))
  );
}

/** Resources in an order in which each comes after what it needs; a ring of needs is a fault. */
export function inOrder(
  resources: readonly TemplateResource[],
  rankOf: (resource: TemplateResource) => number,
  remarks: Remarks,
): readonly TemplateResource[] {
  const made = new Set<string>();
  const present = new Set(resources.map(({ name }) => name));
  const ordered: TemplateResource[] = [];
  const waiting = resources.map((resource, index) => ({ resource, index, rank: rankOf(resource) }));
  waiting.sort((a, b) => a.rank - b.rank || a.index - b.index);
  while (waiting.length > 0) {
    const ready = waiting.findIndex(({ resource }) =>
      [...resource.needs].every((need) => made.has(need) || !present.has(need)),
    );
    if (ready < 0) {
      const ring = ringAmong(waiting.map(({ resource }) => resource));
      remarks.fault(
        ring[0]!.at,
        'circular-dependency',
        `these resources need each other: ${ring.map(({ name }) => name).join(' -> ')} -> ${ring[0]!.name}`,
      );
      return [];
    }
    const [next] = waiting.splice(ready, 1);
    made.add(next!.resource.name);
    ordered.push(next!.resource);
  }
  return ordered;
}

/** Following needs among resources that all wait must come back to one of them. */
function ringAmong(waiting: readonly TemplateResource[]): readonly TemplateResource[] {
  const byName = new Map(waiting.map((resource) => [resource.name, resource]));
  const way: TemplateResource[] = [];
  let here = waiting[0]!;
  while (!way.includes(here)) {
    way.push(here);
    here = [...here.needs].map((need) => byName.get(need)).find((one) => one !== undefined)!; // each waits for another
  }
  return way.slice(way.indexOf(here));
}
