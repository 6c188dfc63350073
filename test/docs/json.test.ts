import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vaportrail } from '../cli/vaportrail.ts';

const cli = vaportrail();
const page = readFileSync('docs/json.md', 'utf8');

/** Members that a table of the page documents. */
function documented(section: string): string[] {
  const text = page.split(/^## /m).find((part) => part.startsWith(`\`${section}\``))!;
  return [...text.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]!);
}

/** Members of a document: lists with [], counters as NAME. */
function membersOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value))
    return [...new Set([`${path}[]`, ...value.flatMap((item) => membersOf(item, `${path}[]`))])];
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    membersOf(inner, path === '' ? key : `${path}.${path.endsWith('counters') ? 'NAME' : key}`),
  );
}

describe('docs/json.md', () => {
  it('documents every member of a run, and no other', () => {
    const members = new Set(membersOf(JSON.parse(cli.run(['run', 'scenarios/leonardo', '--json']).out)));
    // Lists of lists and maps that may be null are documented once, by themselves.
    const said = new Set(documented('run').filter((member) => member !== 'matrix'));
    const lists = new Set([...said].filter((member) => member.endsWith('[]')));
    const unsaid = [...members].filter(
      (member) => !said.has(member) && !(member.endsWith('[]') && [...lists].some((list) => list.startsWith(member))),
    );
    const gone = [...said].filter((member) => ![...members].some((one) => one === member || one.startsWith(member)));
    expect(unsaid).toEqual([]);
    expect(gone).toEqual([]);
  });

  it('shows a command that works', () => {
    const [, command] = /```\nvaportrail (run \S+ --json) \| jq \.verdict\n```/.exec(page)!;
    expect(JSON.parse(cli.run(command!.split(' ')).out).verdict).toMatchObject({ failed: 0 });
  });

  it('documents the members of each kind of hop', () => {
    const kinds = new Map(
      [...page.matchAll(/^\| `(interface|lookup|verdict|flow|nat|ecmp|tunnel|label|gateway)` \| (.*) \|$/gm)].map(
        (match) => [match[1]!, [...match[2]!.matchAll(/`(\w+)`/g)].map((word) => word[1]!)],
      ),
    );
    expect(kinds.size).toBe(9);
    const trace = (from: string, to: string, port: string) =>
      JSON.parse(cli.run(['trace', 'scenarios/leonardo', '--from', from, '--to', to, '--port', port, '--json']).out);
    const hops = [
      trace('pod:nginx-1', 'service:default/leonardo', 'tcp/8000'),
      trace('external:internet', 'fip:default-project/default_nginx', 'tcp/80'),
    ].flatMap(({ request, reply }) => [...request.hops, ...reply.hops]);
    for (const { kind, host, ...members } of hops) {
      expect([kind, host, Object.keys(members).sort()]).toEqual([kind, host, [...kinds.get(kind)!].sort()]);
    }
    expect([...new Set(hops.map(({ kind }) => kind))].sort()).toEqual([...kinds.keys()].sort());
  });
});
