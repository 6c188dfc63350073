/**
 * The fidelity ledger: how far the simulator follows each rule of docs/reference.
 *
 * Reads the rules (ids in docs/reference), what each area says of them (docs/fidelity/*.yaml) and which tests cite
 * them (test/**), and writes docs/fidelity.md. With --check it writes nothing and exits 1 when an entry is faulty or
 * the page is stale. Ids that stand in test/docs are about this script and are not citations.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

/** The one expression that finds a rule id in a text. */
export const RULE_ID =
  /\b(?:CN|VR|OR)-(?:[QV]\d+|\d+(?:\.\d+)*[a-z]?(?:\.[a-z]\d+)?(?:\/(?:[A-Z]?\d+|[a-z]))?)(?![\w/])/g;

export const STATUSES = ['same', 'simplified', 'missing', 'left-out'] as const;
export type Status = (typeof STATUSES)[number];

export interface Rule {
  readonly id: string;
  /** The section it stands in, as an id; a section stands in itself. */
  readonly section: string;
  readonly line: number;
}
export interface Section {
  readonly id: string;
  readonly title: string;
}
export interface Page {
  /** The name of the file in docs/reference. */
  readonly file: string;
  readonly title: string;
  readonly sections: readonly Section[];
  /** In the order of the page, sections included. */
  readonly rules: readonly Rule[];
}
export interface Citation {
  readonly id: string;
  readonly file: string;
  readonly line: number;
}
export interface Entry {
  readonly rule: string;
  readonly status: Status;
  readonly note: string;
  readonly file: string;
  readonly line: number;
}
/** Entries that could be read, and a sentence with file and line for each fault. */
export interface Ledger {
  readonly entries: readonly Entry[];
  readonly faults: readonly string[];
}
export type Texts = ReadonlyMap<string, string>;

const ANCHOR = /<a id="([^"]+)"><\/a>/g;
const HEADING = /^#+ <a id="([^"]+)"><\/a>\S+ (.+)$/;

export function readPage(file: string, text: string): Page {
  const sections: Section[] = [];
  const rules: Rule[] = [];
  let title = file;
  for (const [index, line] of text.split('\n').entries()) {
    if (index === 0) title = line.replace(/^# /, '');
    const heading = HEADING.exec(line);
    if (heading) sections.push({ id: heading[1]!, title: heading[2]! });
    for (const anchor of line.matchAll(ANCHOR)) {
      rules.push({ id: anchor[1]!, section: sections.at(-1)?.id ?? anchor[1]!, line: index + 1 });
    }
  }
  return { file, title, sections, rules };
}

export function citationsIn(texts: Texts): readonly Citation[] {
  const found: Citation[] = [];
  for (const [file, text] of texts) {
    for (const [index, line] of text.split('\n').entries()) {
      for (const match of line.matchAll(RULE_ID)) found.push({ id: match[0], file, line: index + 1 });
    }
  }
  return found;
}

/** A sentence for each citation of a rule that no page has. */
export function unknownCitations(pages: readonly Page[], citations: readonly Citation[]): readonly string[] {
  const known = knownIds(pages);
  return citations
    .filter(({ id }) => !known.has(id))
    .map(({ id, file, line }) => `${file}:${line} cites ${id}, which no page of docs/reference has.`);
}

/** A sentence for each id that is given twice or that RULE_ID would not find. */
export function faultyIds(pages: readonly Page[]): readonly string[] {
  const told: string[] = [];
  const first = new Map<string, string>();
  for (const page of pages) {
    for (const { id, line } of page.rules) {
      const place = `docs/reference/${page.file}:${line}`;
      const before = first.get(id);
      if (before !== undefined) told.push(`${place} gives ${id} again, first given at ${before}.`);
      first.set(id, before ?? place);
      if (id.match(RULE_ID)?.[0] !== id) told.push(`${place} gives ${id}, which is not of the form of an id.`);
    }
  }
  return told;
}

/** A sentence for each link inside the reference that leads to no id. */
export function deadLinks(pages: readonly Page[], texts: Texts): readonly string[] {
  const known = knownIds(pages);
  const told: string[] = [];
  for (const [file, text] of texts) {
    for (const [index, line] of text.split('\n').entries()) {
      for (const link of line.matchAll(/\]\((?:[\w-]+\.md)?#([^)]+)\)/g)) {
        if (!known.has(link[1]!)) told.push(`${file}:${index + 1} links to ${link[1]}, which no page has.`);
      }
    }
  }
  return told;
}

export function readLedger(pages: readonly Page[], texts: Texts): Ledger {
  const known = knownIds(pages);
  const entries: Entry[] = [];
  const faults: string[] = [];
  const first = new Map<string, string>();
  for (const [file, text] of texts) {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines });
    for (const error of document.errors) {
      faults.push(`${file}:${lines.linePos(error.pos[0]).line} is not YAML: ${error.message.split('\n')[0]}`);
    }
    const list = document.contents;
    if (document.errors.length > 0 || list === null) continue;
    if (!isSeq(list)) {
      faults.push(`${file}:1 must be a list of entries { rule, status, note }.`);
      continue;
    }
    for (const item of list.items) {
      const offset = (item as { range?: readonly number[] | null }).range?.[0] ?? 0; // every parsed node has a range
      const at = `${file}:${lines.linePos(offset).line}`;
      if (!isMap(item)) {
        faults.push(`${at} is not an entry { rule, status, note }.`);
        continue;
      }
      const fields = new Map<string, unknown>();
      for (const { key, value } of item.items) {
        if (isScalar(key)) fields.set(String(key.value), isScalar(value) ? value.value : value);
      }
      for (const key of fields.keys()) {
        if (!['rule', 'status', 'note'].includes(key))
          faults.push(`${at} has a field ${key}; an entry has rule, status, note.`);
      }
      const rule = fields.get('rule');
      const status = STATUSES.find((name) => name === fields.get('status'));
      const note = fields.get('note') ?? '';
      if (typeof rule !== 'string' || !known.has(rule)) {
        faults.push(`${at} is about rule ${String(rule)}, which no page of docs/reference has.`);
        continue;
      }
      if (status === undefined) {
        faults.push(
          `${at} gives ${rule} the status ${String(fields.get('status'))}; it is one of ${STATUSES.join(', ')}.`,
        );
        continue;
      }
      if (typeof note !== 'string' || (status !== 'same' && note.trim() === '')) {
        faults.push(`${at} says ${rule} is ${status} but its note does not say why.`);
        continue;
      }
      const before = first.get(rule);
      if (before !== undefined) {
        faults.push(`${at} speaks of ${rule} again, first spoken of at ${before}.`);
        continue;
      }
      first.set(rule, at);
      entries.push({ rule, status, note: note.trim().replace(/\s+/g, ' '), file, line: lines.linePos(offset).line });
    }
  }
  return { entries, faults };
}

/** A sentence for each rule that is said to be followed and that no test cites. */
export function untestedClaims(pages: readonly Page[], ledger: Ledger, tests: readonly Citation[]): readonly string[] {
  const cited = new Set(tests.map(({ id }) => id));
  const below = idsBelow(pages);
  return ledger.entries
    .filter(({ status, rule }) => status === 'same' && !(below.get(rule) ?? [rule]).some((id) => cited.has(id)))
    .map(({ rule, file, line }) => `${file}:${line} says ${rule} is the same, but no test cites it.`);
}

type Count = Readonly<Record<Status | 'tested' | 'open', number>>;

export function renderLedger(pages: readonly Page[], ledger: Ledger, tests: readonly Citation[]): string {
  const entries = new Map(ledger.entries.map((entry) => [entry.rule, entry]));
  const filesOf = new Map<string, Set<string>>();
  for (const { id, file } of tests) filesOf.set(id, (filesOf.get(id) ?? new Set()).add(file));
  const out = [
    '# Fidelity ledger',
    '',
    'How far the simulator follows the rules of [docs/reference](reference/README.md). Written by `npm run ledger` from',
    'the entries in [docs/fidelity](fidelity/README.md) and the rule ids that the tests cite; not edited by hand.',
    '',
    '| Status | Means |',
    '|---|---|',
    '| same | the simulator does what the rule says, and a test shows it |',
    '| simplified | the outcome asked for is the same, something on the way is coarser; the note says what |',
    '| missing | not done; the note says what follows from it |',
    '| left-out | not done on purpose; the note says why |',
    '| tested | no entry, but a test cites the rule |',
    '| not yet assessed | neither entry nor test |',
    '',
    '## Summary',
    '',
  ];
  for (const page of pages) {
    const rows = countSections(page, entries, filesOf);
    out.push(`### ${page.title}`, '');
    out.push('| Section | rules | same | simplified | missing | left-out | tested | not yet assessed |');
    out.push('|---|---|---|---|---|---|---|---|');
    const total: Record<keyof Count, number> = {
      same: 0,
      simplified: 0,
      missing: 0,
      'left-out': 0,
      tested: 0,
      open: 0,
    };
    for (const { section, count } of rows) {
      out.push(countRow(`${link(page, section.id)} ${section.title}`, count));
      for (const key of Object.keys(total) as (keyof Count)[]) total[key] += count[key]; // the keys of a literal
    }
    out.push(countRow('**all**', total), '');
  }
  for (const page of pages) {
    const shown = page.rules.filter(({ id }) => entries.has(id) || filesOf.has(id));
    if (shown.length === 0) continue;
    out.push(`## ${page.title}`, '', '| Rule | Status | Note | Tests |', '|---|---|---|---|');
    for (const { id } of shown) {
      const entry = entries.get(id);
      const files = [...(filesOf.get(id) ?? [])].sort().map((file) => `[${file.slice('test/'.length)}](../${file})`);
      const note = (entry?.note ?? '').replaceAll('|', '\\|');
      out.push(`| ${link(page, id)} | ${entry?.status ?? 'tested'} | ${note} | ${files.join(', ')} |`);
    }
    out.push('');
  }
  return out.join('\n');
}

function countSections(
  page: Page,
  entries: ReadonlyMap<string, Entry>,
  filesOf: ReadonlyMap<string, ReadonlySet<string>>,
): readonly { section: Section; count: Count }[] {
  const rows: { section: Section; count: Count }[] = [];
  for (const section of page.sections) {
    const inside = page.rules.filter((rule) => rule.section === section.id && rule.id !== section.id);
    if (inside.length === 0) continue;
    const whole = entries.get(section.id)?.status;
    const count = { same: 0, simplified: 0, missing: 0, 'left-out': 0, tested: 0, open: 0 };
    for (const { id } of inside)
      count[entries.get(id)?.status ?? (filesOf.has(id) ? 'tested' : (whole ?? 'open'))] += 1;
    rows.push({ section, count });
  }
  return rows;
}

function countRow(name: string, count: Count): string {
  const { same, simplified, missing, tested, open, 'left-out': leftOut } = count;
  const numbers = [
    same + simplified + missing + leftOut + tested + open,
    same,
    simplified,
    missing,
    leftOut,
    tested,
    open,
  ];
  return `| ${name} | ${numbers.map((number) => (number === 0 ? '' : number)).join(' | ')} |`;
}

const link = (page: Page, id: string): string => `[${id}](reference/${page.file}#${id})`;

const knownIds = (pages: readonly Page[]): ReadonlySet<string> =>
  new Set(pages.flatMap((page) => page.rules.map(({ id }) => id)));

/** For each section, itself and the rules that stand in it and in its sections. */
function idsBelow(pages: readonly Page[]): ReadonlyMap<string, readonly string[]> {
  const below = new Map<string, readonly string[]>();
  for (const page of pages) {
    for (const { id } of page.sections) {
      const inside = page.rules.filter(({ section }) => section === id || section.startsWith(`${id}.`));
      below.set(
        id,
        inside.map((rule) => rule.id),
      );
    }
  }
  return below;
}

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const PAGES = ['control-node.md', 'vrouter.md', 'orchestrators.md'];

export function readPages(): readonly Page[] {
  return PAGES.map((file) => readPage(file, readFileSync(join(ROOT, 'docs/reference', file), 'utf8')));
}

/** The texts below some folders of the tree, by path from its root with forward slashes, in order of path. */
export function readTexts(folders: readonly string[], wanted: (path: string) => boolean): Texts {
  const texts = new Map<string, string>();
  for (const folder of folders.filter((name) => existsSync(join(ROOT, name)))) {
    for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      const path = `${folder}/${name.replaceAll('\\', '/')}`;
      if (wanted(path)) texts.set(path, readFileSync(join(ROOT, path), 'utf8'));
    }
  }
  return texts;
}

export const readAreas = (): Texts => readTexts(['docs/fidelity'], (path) => path.endsWith('.yaml'));

export const readTestCitations = (): readonly Citation[] =>
  citationsIn(readTexts(['test'], (path) => path.endsWith('.test.ts') && !path.startsWith('test/docs/')));

const LEDGER = join(ROOT, 'docs/fidelity.md');

export interface LedgerState {
  readonly faults: readonly string[];
  readonly text: string;
  readonly stale: boolean;
}

export function ledgerOfTheTree(): LedgerState {
  const pages = readPages();
  const ledger = readLedger(pages, readAreas());
  const tests = readTestCitations();
  const text = renderLedger(pages, ledger, tests);
  const faults = [...faultyIds(pages), ...ledger.faults, ...untestedClaims(pages, ledger, tests)];
  return { faults, text, stale: !existsSync(LEDGER) || readFileSync(LEDGER, 'utf8') !== text };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { faults, text, stale } = ledgerOfTheTree();
  for (const fault of faults) console.error(fault);
  const check = process.argv.includes('--check');
  if (check && stale) console.error('docs/fidelity.md is stale: npm run ledger writes it anew.');
  if (!check && stale) writeFileSync(LEDGER, text);
  process.exitCode = faults.length > 0 || (check && stale) ? 1 : 0;
}
