/**
 * From a path to a checked scenario: a file, or the folder that holds it; `extends` laid under it; every fault with its
 * place. What the imports say is read by {@link ./plan.ts}.
 */
import { type FileReader, faultSentence, fileNameOf, folderOf, isInside, joinPath } from '../base/files.ts';
import { suggestion } from '../base/nearest.ts';
import { type Diagnostic, failed, fault, type Parsed, parsed, type SourceSpan } from '../base/result.ts';
import { type Located, layOver, parseLocated, placeIn, plainOf, without } from './located.ts';
import { type Scenario, scenarioSchema } from './schema/scenario.ts';
import { faultsOf } from './validate.ts';

/** YAML larger than this is refused before it is parsed. */
export const SCENARIO_OCTETS_MAX = 16 * 1_048_576;
const EXTENDS_DEPTH_MAX = 8;

export interface LoadedScenario {
  readonly file: string;
  /** The folder that relative paths of the scenario start from. */
  readonly folder: string;
  readonly scenario: Scenario;
  readonly tree: Located;
}

/** The place of a part of the scenario, by its path of keys. */
export function placeOfPart(
  loaded: LoadedScenario,
  path: readonly PropertyKey[],
  which: 'value' | 'key' = 'value',
): SourceSpan {
  return placeIn(loaded.tree, path, which);
}

export function loadScenario(files: FileReader, path: string): Parsed<LoadedScenario> {
  const file = scenarioFile(files, path);
  if (!('file' in file)) return failed([file]);
  const tree = readTree(files, file.file, null, []);
  if (!tree.ok) return tree;
  const checked = scenarioSchema.safeParse(plainOf(tree.value));
  if (!checked.success) return failed(faultsOf(scenarioSchema, tree.value, checked.error.issues));
  return parsed({ file: file.file, folder: folderOf(file.file), scenario: checked.data, tree: tree.value });
}

/** A folder stands for `scenario.yaml`, or for the file with the folder's own name. */
function scenarioFile(files: FileReader, path: string): { readonly file: string } | Diagnostic {
  const at = { file: path, line: 1, column: 1 };
  const kind = files.kind(path);
  if (kind === 'missing')
    return fault(at, 'missing-file', `there is no file or folder ${path}${nearFile(files, joinPath('.', path))}`);
  if (kind === 'file') return { file: path };
  const own = fileNameOf(joinPath(path, '.'));
  const candidates = ['scenario.yaml', `${own}.yaml`, 'scenario.yml', `${own}.yml`].map((name) => joinPath(path, name));
  const found = candidates.find((candidate) => files.kind(candidate) === 'file');
  if (found !== undefined) return { file: found };
  return fault(
    at,
    'missing-file',
    `the folder ${path} holds neither scenario.yaml nor ${own}.yaml; name the file to play`,
  );
}

/** `below` are the files that extend this one, the first first. */
function readTree(files: FileReader, file: string, from: SourceSpan | null, below: readonly string[]): Parsed<Located> {
  const within = below.length === 0 ? [] : [upperFolder(below[below.length - 1]!)]; // there is a last one
  const read = files.read(file, SCENARIO_OCTETS_MAX, ...within);
  const start = { file, line: 1, column: 1 };
  if ('fault' in read) {
    const sentence = faultSentence(file, read.fault, SCENARIO_OCTETS_MAX);
    return failed([
      fault(from ?? start, 'unreadable-file', read.fault === 'missing' ? sentence + nearFile(files, file) : sentence),
    ]);
  }
  const { tree, faults } = parseLocated(file, read.text);
  if (faults.length > 0) return failed(faults);
  if (tree === null || tree.kind !== 'map') {
    const sentence = tree === null ? `${file} is empty` : 'a scenario is a map with the keys scenario and steps';
    return failed([fault(start, 'not-a-scenario', sentence)]);
  }
  const parent = tree.entries.get('extends');
  if (parent === undefined || parent.value.kind !== 'value' || typeof parent.value.value !== 'string')
    return parsed(tree);
  const at = parent.value.at;
  const target = joinPath(folderOf(file), parent.value.value);
  const chain = [...below, file];
  if (chain.includes(target)) {
    const round = [...chain.slice(chain.indexOf(target)), target];
    return failed([fault(at, 'extends-cycle', `a scenario cannot extend itself: ${round.join(' extends ')}`)]);
  }
  if (chain.length > EXTENDS_DEPTH_MAX)
    return failed([fault(at, 'extends-too-deep', `scenarios extend each other at most ${EXTENDS_DEPTH_MAX} deep`)]);
  if (!isInside(upperFolder(file), target)) {
    return failed([
      fault(at, 'outside-folder', `${parent.value.value} lies outside the scenario's own and its parent folder`),
    ]);
  }
  const base = readTree(files, target, at, chain);
  return base.ok ? parsed(layOver(without(base.value, 'extends'), tree)) : base;
}

/** The folder above the one a scenario lies in: what it extends lies there or below. */
function upperFolder(file: string): string {
  return joinPath(folderOf(file), '..');
}

/** `, did you mean x?` for a file that stands beside the one that is missing. */
function nearFile(files: FileReader, path: string): string {
  const folder = folderOf(path);
  return suggestion(fileNameOf(path), files.list(folder));
}
