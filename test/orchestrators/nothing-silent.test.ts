import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Diagnostic, placeOf } from '../../src/base/result.ts';
import { readDocuments, type SourceText } from '../../src/orchestrators/document.ts';
import { importHeat } from '../../src/orchestrators/heat.ts';
import { importKubernetes } from '../../src/orchestrators/kubernetes.ts';
import { firstUnaccounted, keyPaths, type SourceNode } from '../../src/orchestrators/source-tree.ts';

// Every key of an input is consumed or told (OR-6.1.1): a key planted anywhere, which no importer can know, must come
// back by its name and its line, or be a fault; and each told key names its place.

const FOLDER = 'scenarios/leonardo/';
const source = (file: string): SourceText => ({ file, text: readFileSync(FOLDER + file, 'utf8') });
const template = source('leonardodb.hot.yaml');
const environment = source('leonardodb.env.yaml');
const manifests = readdirSync(`${FOLDER}manifests`)
  .sort()
  .map((name) => source(`manifests/${name}`));

const playTemplate = (text: string): readonly Diagnostic[] => {
  const result = importHeat('openstack', { template: { ...template, text }, environment, project: 'leonardo' });
  return result.ok ? result.remarks : result.faults;
};
const playManifest = (changed: SourceText): readonly Diagnostic[] => {
  const sources = manifests.map((one) => (one.file === changed.file ? changed : one));
  const result = importKubernetes('kubernetes', { sources, plugin: {} });
  return result.ok ? result.remarks : result.faults;
};

/** Maps below a node whose keys are words of the author: labels, parameters of str_replace and the like. */
const FREE = /(^|\.)(labels|annotations|selector|for_each|params)$/;

interface Planting {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** The text once for each of its maps, with a key planted as the map's first. */
function plantings(file: string, text: string): readonly Planting[] {
  const lines = text.split('\n');
  const found: Planting[] = [];
  for (const root of readDocuments({ file, text }, 'kubernetes').documents) {
    const maps = [{ path: '', node: root }, ...keyPaths(root)].filter(
      (one): one is { path: string; node: SourceNode & { kind: 'map' } } =>
        one.node.kind === 'map' && one.node.entries.length > 0,
    );
    for (const { path, node } of maps) {
      if (FREE.test(path)) continue;
      const { line, column } = node.entries[0]!.keyAt;
      const before = lines[line - 1]!.slice(0, column - 1);
      const inFlow = /[{,]\s*$/.test(before) || file.endsWith('.json');
      const key = file.endsWith('.json') ? '"zqx": 1, ' : inFlow ? 'zqx: 1, ' : `zqx: 1\n${before.replace(/\S/g, ' ')}`;
      const changed = [...lines];
      changed[line - 1] = before + key + lines[line - 1]!.slice(column - 1);
      found.push({ path, line, text: changed.join('\n') });
    }
  }
  return found;
}

const tellsOf = (diagnostics: readonly Diagnostic[], file: string, line: number): boolean =>
  diagnostics.some(
    ({ severity, at, message }) =>
      at?.file === file &&
      at.line <= line + 1 &&
      (severity === 'error' || at.line >= line) &&
      (message.includes('zqx') || severity === 'error'),
  );

describe('the template of the story', () => {
  const plants = plantings(template.file, template.text);

  it('has a key in many places', () => {
    expect(plants.length).toBeGreaterThan(60);
  });

  it.each(plants.map((plant) => [plant.path || 'the root', plant] as const))(
    'does not lose a key planted in %s',
    (path, { line, text }) => {
      const before = playTemplate(template.text);
      const after = playTemplate(text);
      const told = tellsOf(after, template.file, line);
      // below a key that is told as a whole the planted one is part of what was told
      const within = before.some(({ code, message }) => code === 'not-modelled' && isWithin(path, message));
      expect(told || within, `nothing is said of a key in ${path}`).toBe(true);
    },
  );

  it('tells each key it leaves out with file, line, column and consequence', () => {
    for (const { at, message } of playTemplate(template.text)) {
      expect(placeOf(at)).toMatch(/^leonardodb\.hot\.yaml:\d+:\d+$/);
      expect(message).toMatch(/^not modelled: \S+.*: .+/);
    }
  });
});

describe('the manifests of the story', () => {
  const plants = manifests.flatMap((one) =>
    plantings(one.file, one.text).map((plant) => ({ file: one.file, ...plant })),
  );

  it('have a key in many places, in YAML and in JSON', () => {
    expect(plants.filter(({ file }) => file.endsWith('.json')).length).toBeGreaterThan(8);
    expect(plants.length).toBeGreaterThan(40);
  });

  it.each(plants.map((plant) => [plant.file, plant.path || 'the root', plant] as const))(
    '%s does not lose a key planted in %s',
    (file, path, { line, text }) => {
      const before = playManifest(manifests.find((one) => one.file === file)!);
      const after = playManifest({ file, text });
      const told = tellsOf(after, file, line);
      const within = before.some(
        ({ code, message, at }) => code === 'not-modelled' && at?.file === file && isWithin(path, message),
      );
      expect(told || within, `nothing is said of a key in ${path}`).toBe(true);
    },
  );
});

/** Whether a told key path stands in the message and covers `path`. */
function isWithin(path: string, message: string): boolean {
  const told = /([\w.[\]-]+)(?: \([^)]*\))?: [^:]*$/.exec(message)?.[1] ?? '';
  return told !== '' && (path === told || path.startsWith(`${told}.`) || path.startsWith(`${told}[`));
}

describe('the account of a tree', () => {
  const tree = (): SourceNode =>
    readDocuments({ file: 'a.yaml', text: 'a: { b: 1, c: [2, { d: 3 }] }\n' }, 'heat').documents[0]!;

  it('enumerates every key path, and names the first that was neither read nor told', () => {
    // both importers make this account of every file they have read, and stop the run when it does not come out even
    const root = tree();
    expect(keyPaths(root).map(({ path }) => path)).toEqual(['a', 'a.b', 'a.c', 'a.c[0]', 'a.c[1]', 'a.c[1].d']);
    expect(firstUnaccounted(root)).toBe(root);
    root.mark.state = 'read';
    for (const { path, node } of keyPaths(root)) {
      expect(firstUnaccounted(root)?.path).toBe(path);
      node.mark.state = 'read';
    }
    expect(firstUnaccounted(root)).toBeNull();
  });

  it('takes what stands below a told key as told', () => {
    const root = tree();
    root.mark.state = 'read';
    keyPaths(root)[0]!.node.mark.state = 'told';
    expect(firstUnaccounted(root)).toBeNull();
  });
});
