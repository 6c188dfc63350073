import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { vaportrail } from '../cli/vaportrail.ts';

const cli = vaportrail();
const page = readFileSync('docs/ci.md', 'utf8');

const ROLLOUT = `scenario: Local preference survives the iBGP hop
nodes: { X: { asn: 64512 }, Y: { asn: 64512 } }
peerings: [{ between: [X, Y] }]
instances: { blue: { network: 1, routeTargets: ["target:1:1"] } }
agents: { a: { controlNodes: [X] }, b: { controlNodes: [Y] } }
steps:
  - start: all
  - subscribe: { agent: [a, b], instance: blue, id: 1 }
  - publish: { agent: a, instance: blue, prefix: 10.1.1.1/32, label: 101, localPref: 200 }
  - expect:
      - route: { agent: b, instance: blue, prefix: 10.1.1.1/32, localPref: 200 }
`;

/** The code of a language below a heading. */
function blocks(heading: string, language: string): string[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(heading))!;
  return [...section.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) => match[1]!);
}

/** A folder as a repository has it after npm install: the scenarios, and `npx vaportrail`. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(cli.folder, 'ci-'));
  mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true });
  const program = join(folder, 'node_modules', '.bin', 'vaportrail');
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${cli.entry}" "$@"\n`);
  chmodSync(program, 0o755);
  symlinkSync(resolve('scenarios'), join(folder, 'scenarios'));
  mkdirSync(join(folder, 'network'));
  mkdirSync(join(folder, 'network/rollout'), { recursive: true });
  writeFileSync(join(folder, 'network/rollout/scenario.yaml'), ROLLOUT);
});

function shell(script: string) {
  const PATH = `${join(folder, 'node_modules', '.bin')}:${process.env.PATH}`;
  // What npx does for a program that is installed, without asking a registry.
  const text = script.replaceAll('npx vaportrail', 'vaportrail');
  return spawnSync('sh', ['-e', '-c', text], { cwd: folder, encoding: 'utf8', env: { ...process.env, PATH } });
}

describe('docs/ci.md', () => {
  it('shows commands that work', () => {
    const done = shell(blocks('By hand', 'sh')[0]!);
    expect([done.status, done.stderr]).toEqual([0, '']);
    expect(JSON.parse(readFileSync(join(folder, 'rehearsal.json'), 'utf8')).verdict.failed).toBe(0);
    expect(readFileSync(join(folder, 'rehearsal.vapt')).length).toBeGreaterThan(1000);
  });

  // The runners of GitHub have jq; a machine that rehearses need not.
  const withoutJq = spawnSync('jq', ['--version']).error !== undefined;

  it.skipIf(withoutJq)('has a workflow for GitHub whose commands work', () => {
    const { jobs } = parse(blocks('GitHub', 'yaml')[0]!);
    const runs = jobs.rehearse.steps.flatMap((step: { run?: string }) => step.run ?? []) as string[];
    expect(runs.filter((line) => line.startsWith('npm install'))).toEqual(['npm install --no-save vaportrail']);
    const rehearsal = runs.find((line) => line.includes('vaportrail run'))!;
    expect(shell(rehearsal).status).toBe(0);
    const wrong = join(folder, 'network/rollout/scenario.yaml');
    const annotate = runs.find((line) => line.includes('::error'))!;

    writeFileSync(wrong, ROLLOUT.replace(/label: 101/, 'lable: 101'));
    expect(shell(rehearsal).status).toBe(2);
    expect(shell(annotate).stdout).toMatch(
      /^::error file=network\/rollout\/scenario\.yaml,line=\d+::lable is not a word here/m,
    );

    writeFileSync(wrong, ROLLOUT.replace(/localPref: 200 \}\n$/, 'localPref: 201 }\n'));
    expect(shell(rehearsal).status).toBe(1);
    expect(shell(annotate).stdout).toMatch(/^::error file=network\/rollout\/scenario\.yaml,line=\d+::.*: .*200/m);
    writeFileSync(wrong, ROLLOUT);
  });

  it('has a pipeline for GitLab whose command works', () => {
    const { rehearse } = parse(blocks('GitLab', 'yaml')[0]!);
    expect(rehearse.script).toHaveLength(2);
    expect(shell(rehearse.script[1]).status).toBe(0);
  });

  it('has a loop over scenarios that names the ones that failed', () => {
    const [loop] = blocks('Several', 'sh');
    const few = loop!.replace('scenarios/leonardo/v*.yaml', 'few/*.yaml');
    mkdirSync(join(folder, 'few'));
    writeFileSync(join(folder, 'few/a.yaml'), ROLLOUT);
    expect(shell(few).status).toBe(0);
    writeFileSync(join(folder, 'few/b.yaml'), ROLLOUT.replace(/localPref: 200 \}\n$/, 'localPref: 201 }\n'));
    const done = shell(few);
    expect(done.stdout).toBe('failed: few/b.yaml\n');
    expect(done.status).toBe(1);
  });

  it('shows a test of the library that works', async () => {
    const [code] = blocks('From a test', 'ts');
    const { rehearse } = await import('../../src/index.ts');
    const played = rehearse({ path: join(folder, 'network/rollout') });
    expect(played.ok && played.value.result.verdict.failed).toBe(0);
    const missing = rehearse({ path: join(folder, 'nowhere') });
    expect(missing.ok ? [] : missing.faults.map((fault) => fault.code)).toEqual(['missing-file']);
    expect(code).toContain("import { rehearse } from 'vaportrail';");
  });
});
