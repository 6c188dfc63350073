/**
 * A Heat template becomes configuration objects (OR-4.1 to OR-4.5, OR-4.9): parameters, conditions and functions are
 * evaluated, resources made in the order of their needs, and what is not modelled is told with its consequence.
 *
 * Left out, and in the ledger: nested templates, routers, floating IPs, trunks, IPv6, outputs.
 */
import { fileNameOf, folderOf, joinPath } from '../base/files.ts';
import { invariant } from '../base/invariant.ts';
import { nearestWord, suggestion } from '../base/nearest.ts';
import { failed, type Parsed, parsed, type SourceSpan } from '../base/result.ts';
import { emptyIntent } from '../config/merge.ts';
import type { ClusterIntent } from '../config/objects.ts';
import { nameUuid } from '../config/uuid.ts';
import { readDocuments, type SourceText } from './document.ts';
import { CONTRAIL_TYPES } from './heat/contrail.ts';
import { descend, evaluateCondition, evaluateNode, type Scope } from './heat/functions.ts';
import { NEUTRON_TYPES } from './heat/neutron.ts';
import { consequenceOfType, NAMED_TYPES } from './heat/not-modelled.ts';
import { NOVA_TYPES } from './heat/nova.ts';
import { readParameters } from './heat/parameters.ts';
import { attributeNode, type Made, type ResourceContext, type ResourceType, tellProperties } from './heat/resource.ts';
import { Stack } from './heat/stack.ts';
import { inOrder, isLocal, readRegistry, readResources, readVersion, type TemplateResource } from './heat/template.ts';
import { type Consequence, firstFaults, harmless, matters, Remarks } from './remarks.ts';
import {
  field,
  firstUnaccounted,
  isNothing,
  literal,
  peek,
  plain,
  type SourceNode,
  unknownValue,
} from './source-tree.ts';

export interface HeatRequest {
  readonly template: SourceText;
  readonly environment?: SourceText | null;
  /** Above the environment's. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Where the import stands in the scenario: the place of faults in `parameters`. */
  readonly at?: SourceSpan | null;
  readonly project: string;
  /** Absent: the name of the template's file. */
  readonly stack?: string;
  readonly domain?: string;
  /** Text of a file beside the template; null: there is none, or it cannot be read. Absent: no file can be read. */
  readonly readFile?: (path: string) => string | null;
}

/** Types with a maker of ours. */
const TYPES: Readonly<Record<string, ResourceType>> = { ...NEUTRON_TYPES, ...NOVA_TYPES, ...CONTRAIL_TYPES };
const GROUP_TYPES = ['OS::Heat::ResourceGroup', 'OS::Heat::AutoScalingGroup'];
const MEMBERS_MAX = 100_000;

/** `existing` holds what templates may refer to: networks, groups and policies of the scenario and of other imports. */
export function importHeat(
  cluster: string,
  request: HeatRequest,
  existing: ClusterIntent = emptyIntent(cluster),
): Parsed<ClusterIntent> {
  const template = readDocuments(request.template, 'heat');
  const environment = request.environment == null ? null : readDocuments(request.environment, 'heat');
  const faults = [...template.faults, ...(environment?.faults ?? [])];
  if (faults.length > 0) return failed(firstFaults(faults));
  const remarks = new Remarks();
  const start = { file: request.template.file, line: 1, column: 1 };
  const [root] = template.documents;
  if (root === undefined || template.documents.length > 1) {
    const why =
      root === undefined ? 'this template is empty' : 'a Heat template is one document, this file has several';
    remarks.fault(template.documents[1]?.at ?? start, 'not-a-template', why);
    return failed(remarks.list);
  }
  const second = environment?.documents[1];
  if (second !== undefined) {
    remarks.fault(second.at, 'not-an-environment', 'an environment is one document, this file has several');
    return failed(remarks.list);
  }
  const intent = new StackReader(cluster, request, root, environment?.documents[0] ?? null, existing, remarks).read();
  return intent === null || remarks.hasFaults ? failed(firstFaults(remarks.list)) : parsed(intent, remarks.list);
}

/** The stack's name when none is given: the file's name up to its first dot. */
function stackName(request: HeatRequest): string {
  return request.stack ?? fileNameOf(request.template.file).split('.')[0]!;
}

type Result = Made | { readonly members: readonly Made[]; readonly names: readonly string[] };

class StackReader {
  readonly #request: HeatRequest;
  readonly #root: SourceNode;
  readonly #environment: SourceNode | null;
  readonly #remarks: Remarks;
  readonly #stack: Stack;
  readonly #cluster: string;
  readonly #results = new Map<string, Result>();
  /** Conditions already evaluated; null while one is being evaluated, so that a ring is noticed. */
  readonly #conditions = new Map<string, boolean | null>();
  #parameters: ReadonlyMap<string, SourceNode> = new Map();
  #version = '';

  constructor(
    cluster: string,
    request: HeatRequest,
    root: SourceNode,
    environment: SourceNode | null,
    existing: ClusterIntent,
    remarks: Remarks,
  ) {
    this.#cluster = cluster;
    this.#request = request;
    this.#root = root;
    this.#environment = environment;
    this.#remarks = remarks;
    const domain = request.domain ?? 'default-domain';
    this.#stack = new Stack({ name: stackName(request), domain, project: request.project }, existing, remarks);
  }

  read(): ClusterIntent | null {
    const remarks = this.#remarks;
    const version = readVersion(this.#root, remarks);
    if (version === null) return null;
    this.#version = version;
    const at = this.#request.at ?? this.#root.at;
    const { values, names } = readParameters(
      this.#root,
      this.#environment,
      { values: this.#request.parameters ?? {}, at },
      {
        'OS::stack_name': this.#stack.name,
        'OS::stack_id': this.#stack.uuid('stack', ''),
        'OS::project_id': nameUuid('keystone', 'project', this.#stack.domain, this.#stack.project),
      },
      remarks,
    );
    this.#parameters = values;
    const registry = readRegistry(this.#environment, remarks);
    const resources = readResources(this.#root, registry, names, folderOf(this.#request.template.file), remarks);
    for (const { key, value } of remarks.entries(field(this.#root, 'conditions'), 'conditions')) {
      this.#condition(key, value.at);
    }
    if (remarks.hasFaults) return null;
    const ordered = inOrder(resources, (resource) => this.#rank(resource), remarks);
    for (const resource of ordered) this.#make(resource);
    remarks.tellUnread(this.#root, () => null);
    if (this.#environment !== null) remarks.tellUnread(this.#environment, () => UNUSED);
    for (const value of values.values()) remarks.tellUnread(value, () => UNUSED);
    if (remarks.hasFaults) return null;
    for (const document of [this.#root, this.#environment]) {
      const lost = document === null ? null : firstUnaccounted(document);
      invariant(lost === null, `${lost?.path} of ${this.#request.template.file} was neither read nor told`);
    }
    return this.#stack.finish(this.#cluster);
  }

  #rank(resource: TemplateResource): number {
    const own = TYPES[resource.type];
    if (own !== undefined) return own.rank;
    const member = memberDefinition(resource);
    const type = member === null ? null : field(member, 'type');
    return (type?.kind === 'scalar' ? TYPES[type.text]?.rank : undefined) ?? 6;
  }

  #make(resource: TemplateResource): void {
    const remarks = this.#remarks;
    const scope = this.#scope(null);
    if (resource.condition !== null && !evaluateCondition(resource.condition, scope)) {
      plain(resource.node);
      return;
    }
    if (resource.externalId !== null) {
      const id = remarks.text(evaluateNode(resource.externalId, scope), `external_id of ${resource.name}`);
      if (resource.properties !== null)
        remarks.notModelled(resource.properties, resource.properties.at, harmless('the object exists already'));
      if (id !== null) this.#results.set(resource.name, { id, attributes: {} });
      return;
    }
    if (GROUP_TYPES.includes(resource.type)) {
      this.#makeGroup(resource);
      return;
    }
    const type = TYPES[resource.type];
    if (type === undefined) {
      this.#leaveOut(resource.name, resource.type, resource.node, resource.at);
      return;
    }
    const made = this.#makeOne(type, resource.type, resource.name, resource.at, resource.properties, scope);
    if (made !== null) this.#results.set(resource.name, made);
  }

  #makeOne(
    type: ResourceType,
    typeName: string,
    name: string,
    at: SourceSpan,
    properties: SourceNode | null,
    scope: Scope,
  ): Made | null {
    const remarks = this.#remarks;
    const evaluated = isNothing(properties)
      ? null
      : remarks.map(evaluateNode(properties, scope), `properties of ${name}`);
    const context: ResourceContext = {
      stack: this.#stack,
      remarks,
      resource: name,
      type: typeName,
      at,
      properties: evaluated,
    };
    const wrong = (): number => remarks.faultCount + this.#stack.spared;
    const before = wrong();
    const made = type.make(context);
    tellProperties(context, type);
    if (made !== null && wrong() > before) this.#stack.faulty.add(made.id);
    return made;
  }

  /** Tells that nothing is made of a resource; a name for it remains, so that references to it can be told apart. */
  #leaveOut(name: string, type: string, node: SourceNode, at: SourceSpan): Made {
    const remarks = this.#remarks;
    const id = this.#stack.uuid('not-modelled', name);
    const made: Made = { id, attributes: {} };
    this.#results.set(name, made);
    const meant = NAMED_TYPES.includes(type) ? null : nearestWord(type, [...Object.keys(TYPES), ...NAMED_TYPES], 1);
    if (meant !== null) {
      plain(node);
      remarks.fault(
        peek(node, 'type')?.at ?? at,
        'unknown-type',
        `there is no resource type ${type}, did you mean ${meant}?`,
      );
      this.#stack.faulty.add(id);
      return made;
    }
    let consequence: Consequence;
    if (type === 'OS::Heat::None') consequence = harmless('the environment makes nothing of it');
    else if (/\.(ya?ml|template|json)$/i.test(type))
      consequence = matters('nothing that the nested template would make is simulated');
    else {
      const known = consequenceOfType(type);
      const near = known === null ? suggestion(type, Object.keys(TYPES)) : '';
      consequence = known ?? matters(`the importer does not know this type, so nothing is made of it${near}`);
    }
    remarks.notModelled(node, at, consequence, ` (${type})`);
    this.#stack.absent.set(id, `${name} (${type})`);
    return made;
  }

  /** Members of a group are `group.0`, `group.1`, ... (OR-4.9/B10, OR-4.9/B11). */
  #makeGroup(resource: TemplateResource): void {
    const remarks = this.#remarks;
    const scope = this.#scope(null);
    const { name, properties } = resource;
    const definition = memberDefinition(resource);
    if (properties === null || definition === null) {
      remarks.fault(resource.at, 'no-member', `group ${name} says nothing of its members`);
      return;
    }
    const read = (key: string): SourceNode | null => {
      const node = field(properties, key);
      return node === null ? null : evaluateNode(node, scope);
    };
    const scaling = resource.type === 'OS::Heat::AutoScalingGroup';
    const count = scaling
      ? (this.#size(read('desired_capacity'), name) ?? this.#size(read('min_size'), name) ?? 0)
      : (this.#size(read('count'), name) ?? 1);
    if (scaling) this.#size(read('max_size'), name);
    const variable = scaling ? null : (remarks.text(read('index_var'), `index_var of ${name}`) ?? '%index%');
    if (definition.mark.state === 'unread') definition.mark.state = 'read';
    const typeNode = field(definition, 'type');
    const memberType = remarks.text(typeNode, `the type of members of ${name}`);
    const memberProperties = field(definition, 'properties');
    if (memberType === null) {
      remarks.fault(definition.at, 'resource-without-type', `the members of group ${name} have no type`);
      return;
    }
    const metadata = field(definition, 'metadata');
    if (metadata !== null) plain(metadata);
    const type = TYPES[memberType];
    if (type === undefined || count === 0) {
      if (type === undefined) this.#leaveOut(name, memberType, definition, resource.at);
      else plain(definition);
      this.#results.set(name, { members: [], names: [] });
      this.#tellGroup(properties);
      return;
    }
    const members: Made[] = [];
    const names: string[] = [];
    for (let i = 0; i < count; i++) {
      const member = `${name}.${i}`;
      const inner = this.#scope(variable === null ? null : { variable, value: String(i) });
      const made = this.#makeOne(type, memberType, member, resource.at, memberProperties, inner);
      members.push(made ?? { id: this.#stack.uuid('not-modelled', member), attributes: {} });
      names.push(String(i));
      if (remarks.hasFaults) break; // the others would only repeat it
    }
    this.#results.set(name, { members, names });
    this.#tellGroup(properties);
  }

  #size(node: SourceNode | null, name: string): number | null {
    return this.#remarks.whole(node, `the size of group ${name}`, 0, MEMBERS_MAX);
  }

  #tellGroup(properties: SourceNode): void {
    this.#remarks.tellUnread(properties, (_, key) =>
      ['removal_policies', 'removal_policies_mode', 'cooldown', 'rolling_updates'].includes(key)
        ? harmless('the group keeps its first size')
        : null,
    );
  }

  #scope(index: Scope['index']): Scope {
    return {
      remarks: this.#remarks,
      version: this.#version,
      index,
      parameter: (name) => this.#parameters.get(name) ?? null,
      resource: (name) => {
        const result = this.#results.get(name);
        if (result === undefined) return null;
        return 'id' in result ? result.id : this.#stack.uuid('group', name);
      },
      attribute: (resource, path, at) => this.#attribute(resource, path, at),
      condition: (name, at) => this.#condition(name, at),
      file: (path, at) => this.#file(path, at),
    };
  }

  #attribute(resource: string, path: readonly string[], at: SourceSpan): SourceNode {
    const result = this.#results.get(resource);
    const shown = `get_attr ${[resource, ...path].join('.')}`;
    if (result === undefined) return unknownValue(`${resource} is not made`, at, shown);
    const [attribute, ...rest] = path;
    const call = literal(null, at, shown);
    if ('members' in result) return this.#groupAttribute(resource, result, attribute ?? 'refs', rest, call);
    const value = attribute === undefined ? result.attributes : result.attributes[attribute];
    if (value === undefined) {
      const absent = this.#stack.absent.get(result.id);
      const why = absent === undefined ? `${resource} gives no attribute ${attribute}` : `${absent} is not modelled`;
      return unknownValue(why, at, shown);
    }
    return descend(attributeNode(value, at, shown), rest, call, this.#remarks);
  }

  #groupAttribute(
    group: string,
    { members, names }: { readonly members: readonly Made[]; readonly names: readonly string[] },
    attribute: string,
    rest: readonly string[],
    call: SourceNode,
  ): SourceNode {
    const { at, path } = call;
    const one = (made: Made, name: string): unknown => made.attributes[name];
    const give = (value: unknown, steps: readonly string[]): SourceNode =>
      value === undefined
        ? unknownValue(`group ${group} gives no attribute ${attribute}`, at, path)
        : descend(attributeNode(value, at, path), steps, call, this.#remarks);
    const member = /^resource\.([^.]+)(?:\.(.+))?$/.exec(attribute);
    if (member !== null) {
      const made = members[Number(member[1])];
      if (made === undefined) return unknownValue(`group ${group} has no member ${member[1]}`, at, path);
      const name = member[2] ?? rest[0];
      if (name === undefined) return give(made.id, []);
      return give(one(made, name), member[2] === undefined ? rest.slice(1) : rest);
    }
    if (attribute === 'refs')
      return give(
        members.map(({ id }) => id),
        rest,
      );
    if (attribute === 'refs_map') return give(Object.fromEntries(members.map(({ id }, i) => [names[i], id])), rest);
    if (attribute === 'current_size') return give(members.length, rest);
    const [name, ...steps] = rest;
    if (name !== undefined && (attribute === 'attributes' || attribute === 'outputs')) {
      return give(Object.fromEntries(members.map((made, i) => [names[i], one(made, name)])), steps);
    }
    if (name !== undefined && attribute === 'outputs_list')
      return give(
        members.map((made) => one(made, name)),
        steps,
      );
    const all = members.map((made) => one(made, attribute));
    return give(all.some((value) => value === undefined) ? undefined : all, rest);
  }

  #condition(name: string, at: SourceSpan): boolean {
    const known = this.#conditions.get(name);
    if (known === null) {
      this.#remarks.fault(at, 'circular-condition', `condition ${name} asks for itself`);
      return false;
    }
    if (known !== undefined) return known;
    const section = field(this.#root, 'conditions');
    const node = field(section, name);
    if (node === null) {
      const names = section?.kind === 'map' ? section.entries.map(({ key }) => key) : [];
      this.#remarks.fault(at, 'unknown-condition', `there is no condition ${name}${suggestion(name, names)}`);
      return false;
    }
    this.#conditions.set(name, null);
    const holds = evaluateCondition(node, this.#scope(null));
    this.#conditions.set(name, holds);
    return holds;
  }

  #file(path: string, at: SourceSpan): string | null {
    const folder = folderOf(this.#request.template.file);
    if (!isLocal(folder, path)) return null; // told when the template was checked
    const text = this.#request.readFile?.(joinPath(folder, path)) ?? null;
    if (text === null) this.#remarks.fault(at, 'file-missing', `there is no file ${path} beside the template`);
    return text;
  }
}

const UNUSED: Consequence = harmless('nothing that is modelled uses it');

function memberDefinition(resource: TemplateResource): SourceNode | null {
  if (!GROUP_TYPES.includes(resource.type)) return null;
  return field(resource.properties, resource.type === GROUP_TYPES[0] ? 'resource_def' : 'resource');
}
