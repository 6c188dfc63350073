import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse, parseDocument } from 'yaml';
import type { z } from 'zod';
import { languagePage } from '../../scripts/language.ts';
import { layOver, parseLocated, plainOf, without } from '../../src/scenarios/located.ts';
import { scenarioJsonSchema, scenarioSchema } from '../../src/scenarios/schema/scenario.ts';

const schema = scenarioJsonSchema();
const published = JSON.parse(readFileSync('schema/scenario.json', 'utf8'));
const accepts = new Ajv2020({ strict: false, allErrors: true }).compile(schema);

const scenarios = readdirSync('scenarios', { recursive: true, encoding: 'utf8' })
  .map((path) => `scenarios/${path.replaceAll('\\', '/')}`)
  .filter((path) => /^scenario:/m.test(/\.ya?ml$/.test(path) ? readFileSync(path, 'utf8') : ''))
  .sort();

/** The scenario with what it extends laid under it, as the loader does. */
function wholeScenario(path: string): unknown {
  const { tree } = parseLocated(path, readFileSync(path, 'utf8'));
  const base = (plainOf(tree!) as { extends?: string }).extends;
  if (base === undefined) return plainOf(tree!);
  const folder = path.slice(0, path.lastIndexOf('/'));
  const { tree: below } = parseLocated(base, readFileSync(`${folder}/${base}`, 'utf8'));
  return plainOf(layOver(below!, without(tree!, 'extends')));
}

/** Every schema with examples below a schema, with the path to it. */
function exemplified(
  root: z.ZodType,
): { readonly path: string; readonly schema: z.ZodType; readonly example: unknown }[] {
  const found: { path: string; schema: z.ZodType; example: unknown }[] = [];
  const seen = new Set<z.ZodType>();
  const visit = (here: z.ZodType, path: string): void => {
    if (seen.has(here)) return;
    seen.add(here);
    for (const example of (here.meta()?.examples as unknown[] | undefined) ?? [])
      found.push({ path, schema: here, example });
    const { shape, innerType, options, element, items, valueType } = here._zod.def as unknown as {
      shape?: Record<string, z.ZodType>;
      innerType?: z.ZodType;
      options?: z.ZodType[];
      element?: z.ZodType;
      items?: z.ZodType[];
      valueType?: z.ZodType;
    }; // the library's own description of a schema, read only
    for (const [key, value] of Object.entries(shape ?? {})) visit(value, `${path}.${key}`);
    for (const part of [innerType, element, valueType]) if (part !== undefined) visit(part, path);
    for (const part of [...(options ?? []), ...(items ?? [])]) visit(part, path);
  };
  visit(root, '');
  return found;
}

describe('the published schema of the scenario language', () => {
  it('is what the source says now, and so is the page', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(schema)));
    expect(readFileSync('docs/language.md', 'utf8')).toBe(languagePage(published));
  });

  it('finds the scenarios that ship', () => {
    expect(scenarios.length).toBeGreaterThan(10);
  });

  it.each(scenarios)('accepts %s', (path) => {
    accepts(wholeScenario(path));
    expect(accepts.errors ?? []).toEqual([]);
  });

  it.each([
    ['an unknown key', 'scenario: a\nstep: []\nsteps: [{ start: all }]'],
    ['a target without its number', 'scenario: a\nsteps: [{ target: { network: a, add: "target:1" } }]'],
    ['a duration without its unit', 'scenario: a\nsteps: [{ settle: { limit: 300 } }]'],
    ['no steps', 'scenario: a'],
    [
      'a cluster member that is no name',
      'scenario: a\nclusters: { x: { controlNodes: [a b] } }\nsteps: [{ start: all }]',
    ],
  ])('refuses %s, as the loader does', (_, text) => {
    expect(accepts(parse(text))).toBe(false);
    expect(scenarioSchema.safeParse(parse(text)).success).toBe(false);
  });
});

describe('the page of the scenario language', () => {
  const page = readFileSync('docs/language.md', 'utf8');

  it('says of every key what it means', () => {
    const undescribed: string[] = [];
    const visit = (here: Record<string, unknown>, path: string): void => {
      for (const [key, value] of Object.entries((here.properties ?? {}) as Record<string, Record<string, unknown>>)) {
        if (value.description === undefined && value.$ref === undefined) undescribed.push(`${path}.${key}`);
      }
      for (const [key, value] of Object.entries(here)) {
        if (typeof value === 'object' && value !== null) visit(value as Record<string, unknown>, `${path}.${key}`);
      }
    };
    visit(published, '');
    expect(undescribed).toEqual([]);
  });

  it('shows examples that the loader takes', () => {
    const examples = exemplified(scenarioSchema);
    expect(examples.length).toBeGreaterThan(150);
    const refused = examples
      .filter(({ schema, example }) => !schema.safeParse(example).success)
      .map(({ path }) => path);
    expect(refused).toEqual([]);
  });

  it('links only to places it has', () => {
    const places = new Set([...page.matchAll(/<a id="([^"]+)">/g)].map((match) => match[1]));
    const dead = [...page.matchAll(/\]\(#([^)]+)\)/g)].map((match) => match[1]).filter((place) => !places.has(place));
    expect(dead).toEqual([]);
  });

  it('writes its examples as YAML', () => {
    for (const [, block] of page.matchAll(/```yaml\n([\s\S]*?)\n```/g))
      expect(parseDocument(block!).errors).toEqual([]);
  });
});
