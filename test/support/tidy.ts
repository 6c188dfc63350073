/**
 * What keeps the tree tidy, as functions from module texts to sentences: who may import whom, what the core may not
 * touch, cycles, long modules, work left open, paths of somebody's machine. Tests call them on the real tree and on
 * planted faults.
 */
import { posix } from 'node:path';
import ts from 'typescript';

/** Path from the root of the tree, with forward slashes, to the text of the file. */
export type Texts = ReadonlyMap<string, string>;

/** A folder imports from lower rows only: never sideways, never up. */
export const LAYERS: readonly (readonly string[])[] = [
  ['base'],
  ['net'],
  ['route'],
  ['bgp', 'xmpp', 'policy', 'sim'],
  ['control', 'vrouter', 'gateway', 'config'],
  ['world'],
  ['verify', 'orchestrators'],
  ['scenarios'],
  ['report'],
  ['cli', 'index.ts'],
];

/** Arrows that the rows would allow and that are left out on purpose. */
const FORBIDDEN: readonly { readonly from: string; readonly to: (folder: string) => boolean; readonly why: string }[] =
  [
    { from: 'sim', to: (folder) => folder !== 'base', why: 'the kernel knows no protocol' },
    { from: 'vrouter', to: (folder) => folder === 'bgp', why: 'an agent speaks XMPP' },
  ];

const GLOBALS = new Map([
  ['setTimeout', 'timers are events of the simulation'],
  ['setInterval', 'timers are events of the simulation'],
  ['setImmediate', 'timers are events of the simulation'],
  ['queueMicrotask', 'the simulation is synchronous'],
  ['performance', 'virtual time comes in as a parameter'],
  ['Intl', 'output must not depend on a locale'],
  ['process', 'the environment is read at the door'],
]);

/** Results of these may differ between machines in the last bit, so nothing that orders events may rest on them. */
const INEXACT = /^(exp|expm1|log|log1p|log2|log10|pow|sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|cbrt)$/;

const LEFT_OPEN = /\b(TODO|FIXME|XXX)\b|\bfor now\b|\bnot (yet )?implemented\b|\bsimplif(y|ied|ication)\b/i;

interface Import {
  readonly specifier: string;
  readonly line: number;
  /** False for `import type`, which leaves nothing behind when the program runs. */
  readonly atRunTime: boolean;
}

function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
}

function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

export function importsOf(source: ts.SourceFile): readonly Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, atRunTime: boolean): void => {
    if (specifier && ts.isStringLiteralLike(specifier)) {
      found.push({ specifier: specifier.text, line: lineOf(source, specifier), atRunTime });
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, !node.importClause?.isTypeOnly);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, !node.isTypeOnly);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], true);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `src/bgp/nlri/inet.ts` is in `bgp`; `src/index.ts` is its own folder. */
function folderOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function rowOf(folder: string): number {
  return LAYERS.findIndex((row) => row.includes(folder));
}

const isDoor = (path: string): boolean => rowOf(folderOf(path)) === LAYERS.length - 1;

export function arrowsTurnedRound(modules: Texts): readonly string[] {
  const sentences: string[] = [];
  for (const [path, text] of modules) {
    const folder = folderOf(path);
    const row = rowOf(folder);
    if (row < 0) {
      sentences.push(`${path} is in no layer: ${folder} has no row in the layer table.`);
      continue;
    }
    for (const { specifier, line } of importsOf(parse(path, text))) {
      if (!specifier.startsWith('.')) {
        if (!isDoor(path) && specifier.startsWith('node:')) {
          sentences.push(
            `${path}:${line} imports ${specifier}, which only src/cli and src/index.ts may: hand the thing in.`,
          );
        }
        continue;
      }
      const target = posix.normalize(posix.join(posix.dirname(path), specifier));
      if (!target.startsWith('src/')) {
        sentences.push(`${path}:${line} imports ${target}, which is outside src.`);
        continue;
      }
      const other = folderOf(target);
      if (other === folder) continue;
      const forbidden = FORBIDDEN.find((arrow) => arrow.from === folder && arrow.to(other));
      if (forbidden) sentences.push(`${path}:${line} lets ${folder} import ${other}, but ${forbidden.why}.`);
      else if (rowOf(other) >= row) {
        const way = rowOf(other) === row ? 'sideways' : 'up';
        sentences.push(
          `${path}:${line} lets ${folder} import ${other}, which is ${way}: a folder imports from lower rows only.`,
        );
      }
    }
  }
  return sentences;
}

/** What a module at the doors may ask for beside the process, and why. */
const ADAPTERS = new Map([
  ['src/cli/meter.ts', 'performance'], // what a run of the benchmark costs
  ['src/cli/interrupt.ts', 'setImmediate'], // signals arrive between turns of the event loop
]);

/** Clock, chance, timers and locale: the doors may ask for the process, and its adapters for one thing more each. */
export function chanceAndClock(modules: Texts): readonly string[] {
  const sentences: string[] = [];
  for (const [path, text] of modules) {
    const allowed = isDoor(path) ? ['process', ADAPTERS.get(path)] : [];
    const source = parse(path, text);
    const complain = (node: ts.Node, what: string, why: string): void => {
      sentences.push(`${path}:${lineOf(source, node)} uses ${what}: ${why}.`);
    };
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAccessExpression(node)) {
        const owner = node.expression.getText(source);
        const name = node.name.text;
        if (owner === 'Math' && name === 'random') complain(node, 'Math.random', 'chance is drawn from a named stream');
        else if (owner === 'Math' && INEXACT.test(name) && rowOf(folderOf(path)) <= rowOf('world')) {
          complain(node, `Math.${name}`, 'its last bit differs between machines, use integers');
        } else if (name === 'localeCompare' || name.startsWith('toLocale')) {
          complain(node, name, 'output must not depend on a locale');
        }
      } else if (ts.isIdentifier(node) && isFreeUse(node)) {
        if (node.text === 'Date') complain(node, 'Date', 'virtual time comes in as a parameter');
        const why = GLOBALS.get(node.text);
        if (why !== undefined && !allowed.includes(node.text)) complain(node, node.text, why);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return sentences;
}

/** Whether an identifier reads a name from the scope, rather than naming a member, a declaration or a type. */
function isFreeUse(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isTypeReferenceNode(parent) || ts.isQualifiedName(parent)) return false;
  return !('name' in parent && parent.name === node) && !ts.isImportSpecifier(parent) && !ts.isExportSpecifier(parent);
}

/** Cycles among imports that exist at run time, each told once. */
export function cycles(modules: Texts): readonly string[] {
  const edges = new Map<string, string[]>();
  for (const [path, text] of modules) {
    const targets = importsOf(parse(path, text))
      .filter(({ specifier, atRunTime }) => atRunTime && specifier.startsWith('.'))
      .map(({ specifier }) => posix.normalize(posix.join(posix.dirname(path), specifier)));
    edges.set(path, targets);
  }
  const sentences: string[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      sentences.push(`These modules import each other in a circle: ${[...trail.slice(start), path].join(' -> ')}.`);
      return;
    }
    if (done.has(path)) return;
    trail.push(path);
    for (const target of edges.get(path) ?? []) visit(target);
    trail.pop();
    done.add(path);
  };
  for (const path of edges.keys()) visit(path);
  return sentences;
}

export const LINES_MAX = 500;

/** Modules over the limit without a reason, and reasons whose module is not over the limit any more. */
export function longModules(modules: Texts, reasons: ReadonlyMap<string, string>): readonly string[] {
  const sentences: string[] = [];
  for (const [path, text] of modules) {
    const lines = text.split('\n').length - 1;
    if (lines > LINES_MAX && !reasons.has(path)) {
      sentences.push(
        `${path} has ${lines} lines: split it where its header needs an "and", or list it with its reason.`,
      );
    }
    if (lines <= LINES_MAX && reasons.has(path))
      sentences.push(`${path} is short again: take it off the list of long modules.`);
  }
  for (const path of reasons.keys()) {
    if (!modules.has(path)) sentences.push(`${path} is on the list of long modules and does not exist.`);
  }
  return sentences;
}

export function workLeftOpen(modules: Texts): readonly string[] {
  const sentences: string[] = [];
  for (const [path, text] of modules) {
    text.split('\n').forEach((line, index) => {
      const found = LEFT_OPEN.exec(line);
      if (found)
        sentences.push(`${path}:${index + 1} says "${found[0]}": finish it, or put it in the fidelity ledger.`);
    });
  }
  return sentences;
}

// Put together here, so that this file does not accuse itself.
const ELSEWHERE = [`/wo${'rk/'}`, `/ro${'ot/'}`, `/ho${'me/'}`, `/Us${'ers/'}`, `..${'/shared'}`, `.lib${'rary/'}`];

/** Paths of somebody's machine, or of folders that a clone does not have. */
export function pathsElsewhere(files: Texts): readonly string[] {
  const sentences: string[] = [];
  for (const [path, text] of files) {
    for (const elsewhere of ELSEWHERE) {
      const at = text.indexOf(elsewhere);
      if (at < 0) continue;
      const line = text.slice(0, at).split('\n').length;
      sentences.push(`${path}:${line} names ${elsewhere}, which a clone of this repository does not have.`);
    }
  }
  return sentences;
}
