/** Every scenario that ships with its own input, played by the program as people start it. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vaportrail } from '../cli/vaportrail.ts';

const bench = vaportrail();

/** Scenario files of a folder of scenarios/, by name; those that need input from elsewhere are left to their own tests. */
function stories(folder: string): string[] {
  return readdirSync(`scenarios/${folder}`)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `scenarios/${folder}/${name}`)
    .filter((path) => /^scenario:/m.test(readFileSync(path, 'utf8')));
}

/** The title as the file states it, possibly inherited. */
function verdictLine(out: string): string {
  return out.trimEnd().split('\n').at(-1)!;
}

function titleOf(path: string): string {
  return /^scenario:\s*(.*)$/m.exec(readFileSync(path, 'utf8'))![1]!.replace(/^(["'])(.*)\1$/, '$2');
}

function playsToItsVerdict(path: string): string {
  const { code, out, err } = bench.run(['run', path]);
  const failures = out.split('\n').filter((line) => /^ +FAIL /.test(line));
  expect([path, failures, err]).toEqual([path, [], '']);
  const title = titleOf(path);
  expect(verdictLine(out)).toMatch(/: (all [1-9]\d* expectations hold|the one expectation holds)$/);
  expect(verdictLine(out).startsWith(`${title}: `)).toBe(true);
  expect(code).toBe(0);
  return out;
}

describe('the seed federation and its variants', () => {
  /** What the report of a variant must say beside its verdict: the row of the table in scenarios/leonardo/README.md. */
  const SAYS: Readonly<Record<string, readonly RegExp[]>> = {
    'leonardo.yaml': [
      /^ {2}LEO {7}\|.*\| y {5}\| -(\w) {4}\| -\1$[\s\S]*^ {2}\1 {2}NoDstRt, no route to the destination$/m,
      /^ {2}MEM .*\| 1 {5}\| -(\w) {4}\| -\1$[\s\S]*^ {2}\1 {2}NoDstRt, no route to the destination$/m,
    ],
    'v01-no-shared-target.yaml': [
      /^ {2}LEO {7}\|.*\| -(\w) {4}\| -\1 {4}\| -\1$[\s\S]*^ {2}\1 {2}NoDstRt, no route to the destination$/m,
    ],
    'v04-colliding-targets.yaml': [
      /leak: .* of openstack\/leonardo\/leonardodb stand in kubernetes\/\S+, which nobody declared; it came by the automatic target target:64512:800000\d/,
      /leak: .* of kubernetes\/\S+ stands? in openstack\/leonardo\/leonardodb, which nobody declared; it came by the automatic target target:64512:800000\d/,
      /collision: \d+ automatic route targets are handed out by both clusters of AS 64512/,
      /collision: \d+ network ids mean different networks in the two clusters of AS 64512/,
    ],
    'v05b-leak-check.yaml': [
      /leak: 10\.0\.100\.3\/32, 10\.0\.100\.4\/32, 10\.0\.100\.5\/32 of openstack\/leonardo\/leonardodb stand in kubernetes\/default\/service-memcached, .* target:64512:10000 of kubernetes\/default\/leonardo/,
    ],
    'v06-overlapping-pods.yaml': [
      /conflict: 10\.0\.100\.3\/32 has 2 origins in kubernetes\/default\/leonardo: .* wins by /,
    ],
    'v07-no-database-rule.yaml': [/: SG/],
  };

  it.each(stories('leonardo').map((path) => [path]))('%s', (path) => {
    const out = playsToItsVerdict(path);
    for (const words of SAYS[path.slice(path.lastIndexOf('/') + 1)] ?? []) expect(out).toMatch(words);
  });

  it('are complete: V1 to V12, V2b and V5b', () => {
    const titles = stories('leonardo').map(
      (path) => /^scenario:\s*["']?(V\d+b?)/m.exec(readFileSync(path, 'utf8'))?.[1],
    );
    const variants = ['V1', 'V2', 'V2b', 'V3', 'V4', 'V5', 'V5b', 'V6', 'V7', 'V8', 'V9', 'V10', 'V11', 'V12'];
    expect(variants.filter((variant) => !titles.includes(variant))).toEqual([]);
  });

  it('gives the same document every time and as bytes, but for the word that says so', () => {
    const [first, again, wire] = [[], [], ['--wire']].map((more) =>
      JSON.parse(bench.run(['run', 'scenarios/leonardo', '--json', ...more]).out),
    );
    expect(again).toEqual(first);
    expect(wire).toEqual({ ...first, wire: true });
  });
});

describe('the protocol altitude', () => {
  it.each(stories('protocol').map((path) => [path]))('%s', (path) => {
    playsToItsVerdict(path);
  });

  it('has a page that names every story with its title', () => {
    const page = readFileSync('scenarios/protocol/README.md', 'utf8');
    const rows = stories('protocol').map((path) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      return `| [${name}](${name}) | ${titleOf(path)} |`;
    });
    expect(page.slice(page.indexOf('|---|---|\n') + '|---|---|\n'.length)).toBe(`${rows.join('\n')}\n`);
  });
});
