/**
 * The reference page of the scenario language, from the JSON Schema that editors use: every key with its type, what
 * holds when it is left out, what it means and how it may look.
 */
import { stringify } from 'yaml';

/** As much of JSON Schema as the language comes out as. */
interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly propertyNames?: Schema;
  readonly description?: string;
  readonly examples?: readonly unknown[];
}

/** Definitions that have a section of their own; every other one is a word. */
const SECTIONS: Readonly<Record<string, string>> = { step: 'Steps', expectation: 'Expectations' };

interface Section {
  readonly title: string;
  readonly schema: Schema;
}

export function languagePage(root: Schema): string {
  const defs = root.$defs ?? {};
  const out = [
    '# The scenario language',
    '',
    'Every key of a scenario. Written by `npm run docs` from the schema that also checks scenarios and completes them in',
    'editors (`vaportrail schema`); not edited by hand. A first scenario: `vaportrail init`.',
    '',
    'Put this line on top of a scenario, and an editor with a YAML language server completes and checks it:',
    '',
    '```yaml',
    '# yaml-language-server: $schema=../../schema/scenario.json',
    '```',
    '',
    '## Words',
    '',
    '| Word | Means | Looks like |',
    '|---|---|---|',
  ];
  for (const [name, schema] of Object.entries(defs).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (name in SECTIONS) continue;
    out.push(`| <a id="${name}"></a>${name} | ${cell(schema.description ?? '')} | ${looks(schema.examples)} |`);
  }
  out.push('', '## A scenario', '');
  out.push(...sections({ title: '', schema: root }, defs));
  for (const [name, title] of Object.entries(SECTIONS)) {
    const schema = defs[name];
    if (schema === undefined) continue;
    out.push(`## <a id="${name}"></a>${title}`, '', schema.description ?? '', '');
    out.push(...sections({ title: name, schema }, defs));
  }
  return `${out.join('\n').trimEnd()}\n`;
}

/** The table of an object's keys, then the sections of the objects below it. */
function sections(section: Section, defs: Readonly<Record<string, Schema>>): string[] {
  const out = ['| Key | Type | Unless said | Means | Looks like |', '|---|---|---|---|---|'];
  const below: Section[] = [];
  for (const [key, schema] of Object.entries(section.schema.properties ?? {})) {
    const needed = section.schema.required?.includes(key) === true;
    const { meaning, unsaid } = parted(schema.description ?? target(schema, defs).description ?? '');
    const title = section.title === '' ? key : `${section.title}.${key}`;
    const inner = objectsIn(title, schema, defs);
    below.push(...inner);
    const name = inner.length === 0 ? `\`${key}\`` : `[\`${key}\`](#${anchor(inner[0]!.title)})`;
    const absent = needed ? '**needed**' : cell(unsaid);
    const examples = schema.examples ?? target(schema, defs).examples;
    out.push(`| ${name} | ${typeText(schema, defs)} | ${absent} | ${cell(meaning)} | ${looks(examples)} |`);
  }
  out.push('');
  for (const { title, schema } of below) {
    out.push(`### <a id="${anchor(title)}"></a>\`${title}\``, '');
    const { meaning } = parted(schema.description ?? '');
    if (meaning !== '') out.push(meaning, '');
    for (const example of schema.examples ?? []) out.push('```yaml', flow(example), '```', '');
    out.push(...sections({ title, schema }, defs));
  }
  return out;
}

/** The objects a value may be or hold, each with the path it stands at. */
function objectsIn(title: string, schema: Schema, defs: Readonly<Record<string, Schema>>): readonly Section[] {
  if (schema.$ref !== undefined) return [];
  const said = schema.description === undefined ? {} : { description: schema.description };
  if (schema.properties !== undefined) return [{ title, schema: { ...said, ...schema } }];
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap((branch) => objectsIn(title, branch, defs));
  if (schema.items !== undefined) return objectsIn(`${title}[]`, schema.items, defs);
  const values = schema.additionalProperties;
  return typeof values === 'object' ? objectsIn(`${title}.NAME`, values, defs) : [];
}

function target(schema: Schema, defs: Readonly<Record<string, Schema>>): Schema {
  return schema.$ref === undefined ? {} : (defs[refName(schema.$ref)] ?? {});
}

function refName(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}

function typeText(schema: Schema, defs: Readonly<Record<string, Schema>>): string {
  if (schema.$ref !== undefined) return `[${refName(schema.$ref)}](#${refName(schema.$ref)})`;
  if (schema.anyOf !== undefined) {
    const texts = schema.anyOf.map((branch) => typeText(branch, defs));
    const list = texts.find((text) => text === `list of ${texts[0]}`);
    return texts.length === 2 && list !== undefined ? `${texts[0]}, or a list` : [...new Set(texts)].join(' or ');
  }
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(' ');
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.prefixItems !== undefined) return `[${schema.prefixItems.map((item) => typeText(item, defs)).join(', ')}]`;
  if (schema.items !== undefined) return `list of ${typeText(schema.items, defs)}`;
  if (schema.properties !== undefined) return 'map';
  if (typeof schema.additionalProperties === 'object') return `${typeText(schema.additionalProperties, defs)} by name`;
  return (
    { integer: 'number', string: 'text', boolean: 'true or false', object: 'map' }[schema.type ?? ''] ?? 'anything'
  );
}

function parted(description: string): { readonly meaning: string; readonly unsaid: string } {
  const [meaning = '', unsaid = ''] = description.split('Unless said: ');
  return { meaning: meaning.trim(), unsaid: unsaid.trim().replace(/\.$/, '') };
}

function looks(examples: readonly unknown[] | undefined): string {
  return (examples ?? []).map((example) => `\`${flow(example).replaceAll('|', '\\|')}\``).join(' ');
}

/** As one writes it in a scenario, on one line. */
export function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trimEnd();
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function anchor(title: string): string {
  return title.replaceAll('[]', '-each').replaceAll('.', '-').replaceAll('NAME', 'name').toLowerCase();
}
