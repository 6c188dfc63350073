import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { vaportrail } from './vaportrail.ts';

const cli = vaportrail();

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(cli.folder, 'faults-'));
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
  }
  return folder;
}

const STEPS = 'steps:\n  - start: all\n';
const NODES = 'nodes: { X: { asn: 64512 }, Y: { asn: 64512 } }\n';
const BOMB = `scenario: bomb\na: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n${STEPS}`;

/** Files, and what is said of scenario.yaml: `line:column code`, and a part of the sentence. */
const WRONG: readonly (readonly [what: string, files: Readonly<Record<string, string>>, place: string, words: string])[] = [
  ['YAML that is none', { 'scenario.yaml': 'scenario: x\nsteps: [{ start: all }\n' }, ':', 'bad-yaml'],
  ['an unknown key', { 'scenario.yaml': `scenario: x\nnodse: {}\n${STEPS}` }, ':2:1 ', 'unknown-key nodse is not a word of a scenario, did you mean nodes?'],
  ['an alias bomb', { 'scenario.yaml': BOMB }, ':', 'alias-bomb'],
  ['an alias inside its own anchor', { 'scenario.yaml': `scenario: x\nnodes: &n { X: *n }\n${STEPS}` }, ':2:', 'recursive-alias the alias *n stands inside its own anchor'],
  ['a path out of the folder', { 'scenario.yaml': `scenario: x\nextends: ../../etc/passwd\n${STEPS}` }, ':2:10 ', 'outside-folder'],
  ['an import out of the folder', { 'scenario.yaml': `scenario: x\nclusters:\n  a: { import: [{ manifests: ../../../etc/hosts }] }\n${STEPS}` }, ':3:', 'outside'],
  ['an import that is not there', { 'scenario.yaml': `scenario: x\nclusters:\n  a: { import: [{ heat: none.yaml, project: p }] }\n${STEPS}` }, ':3:', 'none.yaml'],
  ['a bad route target', { 'scenario.yaml': `scenario: x\n${NODES}instances: { i: { routeTargets: ["target:1"] } }\n${STEPS}` }, ':3:34 ', 'a route target is written target:ASN:number, such as target:64512:100'],
  ['a bad port', { 'scenario.yaml': 'scenario: x\nclusters: { a: {} }\nsteps:\n  - expect: [{ reachable: { from: "vm:a", to: "vm:b", port: tcp-80 } }]\n' }, ':4:61 ', 'a port is written protocol/number up to 65535, such as tcp/5432, or icmp'],
  ['a selector of no kind', { 'scenario.yaml': 'scenario: x\nclusters: { a: {} }\nsteps:\n  - expect: [{ reachable: { from: "machine:a", to: "vm:b" } }]\n' }, ':4:35 ', 'kinds are vm, pod, service'],
  ['a selector that matches nothing', { 'scenario.yaml': 'scenario: x\nclusters: { a: { networks: { n: { subnet: 10.0.0.0/24 } }, workloads: { web: { network: n } } } }\nsteps:\n  - expect: [{ reachable: { from: "vm:wob", to: "vm:web" } }]\n' }, ':4:35 ', 'vm:wob matches nothing'],
  ['a node that is not there', { 'scenario.yaml': `scenario: x\n${NODES}steps:\n  - crash: { node: Z }\n` }, ':4:', 'there is no node'],
  ['two nodes of one address', { 'scenario.yaml': `scenario: x\nnodes: { X: { address: 10.0.0.1 }, Y: { address: 10.0.0.1 } }\n${STEPS}` }, ':2:', 'duplicate-address'],
  ['a network that is not there', { 'scenario.yaml': 'scenario: x\nclusters: { a: { workloads: { web: { network: nowhere } } } }\nsteps: [{ start: all }]\n' }, ':2:', 'nowhere'],
]; // biome-ignore format: a row for each fault

describe('wrong input', () => {
  it.each(WRONG)('%s is told in one sentence with its place, exit 2', (_, files, place, words) => {
    const folder = folderWith(files);
    const { code, out, err } = cli.run(['run', folder]);
    expect(err).toContain(`${folder}/scenario.yaml${place}`);
    expect(err).toContain(words);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  it.each([
    ['no-such-folder', 'there is no file or folder no-such-folder'],
    ['src', 'the folder src holds neither scenario.yaml nor src.yaml'],
  ])('a scenario that is not there: %s', (path, sentence) => {
    const { code, err } = cli.run(['run', path]);
    expect(err).toContain(sentence);
    expect(code).toBe(2);
  });

  it('a file above the limit is refused before it is parsed', () => {
    const folder = folderWith({ 'scenario.yaml': `scenario: x\n# ${'x'.repeat(16 * 1_048_576)}\n${STEPS}` });
    const { code, err } = cli.run(['run', folder]);
    expect(err).toContain('scenario.yaml is larger than the limit of 16 MB');
    expect(code).toBe(2);
  });

  it('a link out of the folder is not followed, one inside it is', () => {
    const scenario = `scenario: x\nclusters:\n  a: { import: [{ manifests: m }] }\n${STEPS}`;
    const manifest = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: n }\n';
    const folder = folderWith({ 'scenario.yaml': scenario, 'm/own.yaml': manifest, 'kept/other.yaml': 'a: [' });
    symlinkSync('/etc/hostname', join(folder, 'm', 'away.yaml'));
    symlinkSync('../kept/other.yaml', join(folder, 'm', 'inside.yaml'));
    const { code, out, err } = cli.run(['run', folder]);
    expect(err).toBe(
      `${folder}/scenario.yaml:3:30 outside-folder ${folder}/m/away.yaml is a link out of its folder; put the file itself there\n`,
    );
    expect([code, out]).toEqual([2, '']);
  });

  it('a scenario may extend one in the folder above, from whichever folder it is played', () => {
    const folder = folderWith({
      'base.yaml': `scenario: base\n${NODES}${STEPS}`,
      'own/scenario.yaml': 'extends: ../base.yaml\nscenario: own\n',
      'far/er/scenario.yaml': 'extends: ../../base.yaml\nscenario: farther\n',
    });
    expect(cli.run(['run', 'scenario.yaml'], { cwd: join(folder, 'own') }).code).toBe(0);
    expect(cli.run(['run', 'own'], { cwd: folder }).code).toBe(0);
    expect(cli.run(['run', 'scenario.yaml'], { cwd: join(folder, 'far/er') }).err).toContain('outside-folder');
  });

  it('a pipe is no file, and nobody waits for it', () => {
    const folder = folderWith({
      'scenario.yaml': `scenario: x\nclusters:\n  a: { import: [{ manifests: m }] }\n${STEPS}`,
    });
    mkdirSync(join(folder, 'm'));
    spawnSync('mkfifo', [join(folder, 'm', 'p.yaml')]);
    const { code, err } = cli.run(['run', folder]);
    expect(err).toContain(`${folder}/m/p.yaml is a pipe or a device, not a file`);
    expect(code).toBe(2);
  });

  it('a file that is no text is refused', () => {
    const folder = folderWith({});
    writeFileSync(join(folder, 'scenario.yaml'), Buffer.from([0x73, 0xff, 0xfe, 0x00]));
    const { code, err } = cli.run(['run', folder]);
    expect(err).toContain('is not UTF-8 text');
    expect(code).toBe(2);
  });

  it('all faults are told, up to twenty, and the rest are counted', () => {
    const keys = Array.from({ length: 25 }, (_, i) => `wrong${i}: 1`).join('\n');
    const { code, err } = cli.run(['run', folderWith({ 'scenario.yaml': `scenario: x\n${keys}\n${STEPS}` })]);
    const lines = err.trimEnd().split('\n');
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe('and 5 more');
    expect(code).toBe(2);
  });

  it('is told to programs as well, with --json', () => {
    const folder = folderWith({ 'scenario.yaml': `scenario: x\nnodse: {}\n${STEPS}` });
    const { code, out } = cli.run(['run', folder, '--json']);
    expect(JSON.parse(out)).toEqual({
      faults: [
        {
          severity: 'error',
          code: 'unknown-key',
          at: `${folder}/scenario.yaml:2:1`,
          message: 'nodse is not a word of a scenario, did you mean nodes?',
        },
      ],
    });
    expect(code).toBe(2);
  });

  it('is quoted with a caret on a terminal', () => {
    const folder = folderWith({
      'scenario.yaml': `scenario: x\ninstances: { i: { routeTargets: ["target:1"] } }\n${STEPS}`,
    });
    const command = `"${process.execPath}" "${cli.entry}" run "${folder}"`;
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    });
    expect(stdout.replaceAll('\r', '')).toContain(
      '    2 | instances: { i: { routeTargets: ["target:1"] } }\n      |                                  ^^^^^^^^^^\n',
    );
  });

  it.each([
    [['rnu', 'x'], "unknown command 'rnu'", 'Did you mean run?'],
    [['run'], "missing required argument 'scenario'", ''],
    [['run', 'scenarios/leonardo', '--jsn'], "unknown option '--jsn'", 'Did you mean --json?'],
    [['run', 'scenarios/leonardo', '--seed', 'x'], 'a seed is a whole number up to 4294967295', ''],
    [['run', 'scenarios/leonardo', '--cost', 'zeor'], 'there is no cost model zeor; did you mean zero?', ''],
    [['run', 'scenarios/leonardo', '--input', 'nowhere'], 'there is no folder nowhere', ''],
    [['trace', 'scenarios/leonardo', '--from', 'vm:a'], "required option '--to <selector>' not specified", ''],
    [
      ['trace', 'scenarios/leonardo', '--from', 'vm:a', '--to', 'vm:b', '--port', 'tcp5432'],
      'tcp5432 is no port; it is written protocol/number, such as tcp/5432, or icmp',
      '',
    ],
    [
      ['trace', 'scenarios/leonardo', '--from', 'vm:a', '--to', 'vm:b', '--at', 'noon'],
      'noon is no instant; it is a number with a unit, such as 12.5s',
      '',
    ],
    [['completion', 'zhs'], 'there is no completion for zhs; did you mean zsh?', ''],
  ])('%j is an error of the command line', (words, sentence, hint) => {
    const { code, out, err } = cli.run(words);
    expect(err).toContain(sentence);
    expect(err).toContain(hint);
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  it('a fault of ours says so, with what it was, exit 3', () => {
    const planted = "import fs from 'node:fs'; fs.closeSync = () => { throw new Error('a planted fault') };";
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(planted)}` };
    const { code, err } = cli.run(['run', 'scenarios/leonardo'], { env });
    expect(err).toContain('this is a fault of ours, not of your input: Error: a planted fault');
    expect(code).toBe(3);
  });

  it('help and version are no errors', () => {
    const help = cli.run(['--help']);
    expect(help.code).toBe(0);
    for (const verb of ['run', 'trace', 'show', 'decode', 'schema', 'init', 'completion'])
      expect(help.out).toContain(`\n  ${verb} `);
    expect(cli.run(['--version'])).toEqual({ code: 0, out: '0.0.0-test\n', err: '' });
    expect(cli.run(['run', '--help']).out).toContain('--record <file>');
  });
});
