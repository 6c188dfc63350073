import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { vaportrail } from './vaportrail.ts';

const cli = vaportrail();
const emptyFolder = () => mkdtempSync(join(cli.folder, 'run-'));

const HOLDS = `scenario: Two nodes tell each other
nodes: { X: { asn: 64512 }, Y: { asn: 64512 } }
peerings: [{ between: [X, Y] }]
instances: { blue: { network: 1, routeTargets: ["target:1:1"] } }
agents: { a: { controlNodes: [X] }, b: { controlNodes: [Y] } }
steps:
  - start: all
  - subscribe: { agent: [a, b], instance: blue, id: 1 }
  - publish: { agent: a, instance: blue, prefix: 10.1.1.1/32, label: 101 }
  - expect:
      - route: { agent: b, instance: blue, prefix: 10.1.1.1/32, label: 101 }
`;
const FAILS = HOLDS.replace(/label: 101 \}\n$/, 'label: 102 }\n');
/** Hours of keepalives, a step each: long enough to be interrupted. */
const LONG = `scenario: A long day
nodes: { X: { asn: 64512 }, Y: { asn: 64512 } }
peerings: [{ between: [X, Y] }]
steps:
  - start: all
  - repeat: { times: 10000, steps: [{ expect: [{ session: { between: [X, Y], state: Established } }] }, { after: 1h, settle: {} }] }
`;

function scenario(text: string): string {
  const file = join(emptyFolder(), 'scenario.yaml');
  writeFileSync(file, text);
  return file;
}

describe('run', () => {
  it('says what was built, what happened, what held, and the verdict, without colours on a pipe', () => {
    const { code, out, err } = cli.run(['run', scenario(HOLDS)]);
    expect(out.split('\n')[0]).toBe('Two nodes tell each other');
    expect(out).toContain('  2 control nodes, 2 agents\n');
    expect(out).toMatch(/^ +0 us {2}start all$/m);
    expect(out).toMatch(/^ +pass {2}10\.1\.1\.1\/32 in blue on b: label 101$/m);
    expect(out).toMatch(/^ {2}converged at [\d.]+ s of virtual time/m);
    expect(out.trimEnd().split('\n').at(-1)).toBe('Two nodes tell each other: the one expectation holds');
    expect(out).not.toContain('\u001b');
    expect(err).toBe('');
    expect(code).toBe(0);
  });

  it('says precisely what it found where an expectation fails, and exits 1', () => {
    const file = scenario(FAILS);
    const { code, out } = cli.run(['run', file]);
    expect(out).toMatch(/^ +FAIL {2}10\.1\.1\.1\/32 in blue on b: label 102$/m);
    expect(out).toMatch(/^ +found: .*101/m);
    expect(out).toContain(`${file}:11:9`);
    expect(out.trimEnd().split('\n').at(-1)).toBe('Two nodes tell each other: 1 of 1 expectations does not hold');
    expect(code).toBe(1);
  });

  it('takes a folder for the scenario in it', () => {
    const file = scenario(HOLDS);
    expect(cli.run(['run', file.slice(0, file.lastIndexOf('/'))]).code).toBe(0);
  });

  it('gives one document on standard output with --json, and nothing on standard error', () => {
    const { code, out, err } = cli.run(['run', scenario(FAILS), '--json', '--seed', '7']);
    const document = JSON.parse(out);
    expect(document).toMatchObject({ version: 1, seed: 7, wire: false, verdict: { passed: 0, failed: 1 } });
    expect(document.steps.map((step: { title: string }) => step.title)).toEqual([
      'start all',
      'a, b subscribe to blue',
      'a publishes 10.1.1.1/32 in blue',
      'expect',
    ]);
    expect(err).toBe('');
    expect(code).toBe(1);
  });

  it('records the same octets for the same scenario and seed, decoded once or by each receiver', () => {
    const file = scenario(HOLDS);
    const record = (name: string, ...more: string[]) => {
      const path = join(emptyFolder(), name);
      expect(cli.run(['run', file, '--record', path, ...more]).code).toBe(0);
      return readFileSync(path);
    };
    const first = record('first');
    expect(first.subarray(0, 8).toString('latin1')).toBe('VAPTRAIL');
    expect(record('again').equals(first)).toBe(true);
    expect(record('wire', '--wire').equals(first)).toBe(true);
    expect(record('seed', '--seed', '2').equals(first)).toBe(false);
  });

  it('captures the wire as pcapng beside the recording', () => {
    const folder = emptyFolder();
    const words = ['run', scenario(HOLDS), '--pcap', join(folder, 'wire.pcapng'), '--record', join(folder, 'run.vapt')];
    expect(cli.run(words).code).toBe(0);
    const capture = readFileSync(join(folder, 'wire.pcapng'));
    expect(capture.readUInt32LE(0)).toBe(0x0a0d0d0a);
    expect(capture.includes(Buffer.from('ff'.repeat(16), 'hex'))).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['run.vapt', 'wire.pcapng']);
  });

  it('leaves no file when the scenario is wrong, and none when the place cannot be written', () => {
    const folder = emptyFolder();
    const wrong = cli.run(['run', scenario(HOLDS.replace('agent: a,', 'agent: z,')), '--record', join(folder, 'r')]);
    expect(wrong.code).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
    const nowhere = cli.run(['run', scenario(HOLDS), '--pcap', join(folder, 'no', 'where')]);
    expect(nowhere.err).toContain('cannot be written: no such file or directory');
    expect(nowhere.out).toBe('');
    expect(nowhere.code).toBe(2);
  });

  it('writes over no folder, no device and no input, and follows a link to a recording', () => {
    const folder = emptyFolder();
    const file = scenario(HOLDS);
    const refused = [
      [folder, 'is a folder; name a file in it'],
      ['/dev/null', 'is a pipe or a device, not a file'],
      [file, 'is there and looks like an input; name another file'],
    ] as const;
    for (const [place, why] of refused) {
      const { code, out, err } = cli.run(['run', file, '--record', place]);
      expect([code, out, err]).toEqual([2, '', `cannot-write ${place} ${why}\n`]);
    }
    const twice = cli.run(['run', file, '--record', join(folder, 'r'), '--pcap', join(folder, '.', 'r')]);
    expect(twice.err).toContain('is named for the recording and for the capture');
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(join(folder, 'old'), 'old');
    symlinkSync('old', join(folder, 'link'));
    expect(cli.run(['run', file, '--record', join(folder, 'link')]).code).toBe(0);
    expect(readFileSync(join(folder, 'old'), 'utf8')).not.toBe('old');
  });

  it.skipIf(!existsSync('/dev/full'))('says that a full disk is full, wherever it is met', () => {
    const line = (words: string) => `"${process.execPath}" "${cli.entry}" ${words}`;
    const out = spawnSync('bash', ['-c', `${line(`run "${scenario(HOLDS)}"`)} > /dev/full`], { encoding: 'utf8' });
    expect([out.status, out.stderr]).toEqual([
      2,
      'cannot-write standard output cannot be written: no space left on device\n',
    ]);
    const file = join(emptyFolder(), 'file');
    writeFileSync(file, '');
    const under = cli.run(['init', join(file, 'new')]);
    expect([under.code, under.err]).toEqual([
      2,
      `cannot-write ${join(file, 'new', 'scenario.yaml')} cannot be written: not a directory\n`,
    ]);
  });

  it('shows control characters of an input and does not obey them', () => {
    const { out } = cli.run([
      'run',
      scenario(HOLDS.replace('Two nodes', '"\\e]0;x\\a Two nodes').replace('other\n', 'other"\n')),
    ]);
    expect(out.split('\n')[0]).toBe('\\u001b]0;x\\u0007 Two nodes tell each other');
  });

  it('keeps the recording of a run whose expectations failed: that is the one to look at', () => {
    const folder = emptyFolder();
    expect(cli.run(['run', scenario(FAILS), '--record', join(folder, 'r')]).code).toBe(1);
    expect(readdirSync(folder)).toEqual(['r']);
  });

  it('obeys FORCE_COLOR and NO_COLOR', () => {
    const file = scenario(HOLDS);
    expect(cli.run(['run', file], { env: { FORCE_COLOR: '1' } }).out).toContain('\u001b[32mpass\u001b[39m');
    expect(cli.run(['run', file], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } }).out).not.toContain('\u001b');
    expect(cli.run(['run', file], { env: { FORCE_COLOR: '0' } }).out).not.toContain('\u001b');
  });

  it('is quiet when the reader of the pipe goes away, and leaves no file half-written', () => {
    const folder = emptyFolder();
    const line = `"${process.execPath}" "${cli.entry}" run "${scenario(LONG.replace('10000', '200'))}" --pcap "${folder}/wire" | head -1`;
    const done = spawnSync('sh', ['-c', line], { encoding: 'utf8' });
    expect(done.stdout).toBe('A long day\n');
    expect(done.stderr).toBe('');
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'tells what is finished when %s comes, leaves nothing half-written and exits %i',
    async (signal, code) => {
      const folder = emptyFolder();
      const child = spawn(process.execPath, [cli.entry, 'run', scenario(LONG), '--record', join(folder, 'r')]);
      let out = '';
      let sent = false;
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
        if (!sent && out.includes('pass')) sent = child.kill(signal);
      });
      const ended = await new Promise((resolve) => child.on('close', resolve));
      expect(ended).toBe(code);
      expect(out).toMatch(
        new RegExp(`\\ninterrupted by ${signal} after \\d+ of 20,001 steps; (\\d+) of \\1 expectations? held\\n$`),
      );
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('gives the finished steps as JSON when a signal comes', async () => {
    const folder = emptyFolder();
    const child = spawn(process.execPath, [cli.entry, 'run', scenario(LONG), '--json', '--record', join(folder, 'r')]);
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    // The file beside the recording is the first thing a run does.
    const watcher = watch(folder, () => {
      watcher.close(); // the file goes again when the run ends: a second signal could come too late to be caught
      child.kill('SIGINT');
    });
    expect(await ended).toBe(130);
    const document = JSON.parse(out);
    expect(document).toMatchObject({
      version: 1,
      interrupted: 'SIGINT',
      scenario: 'A long day',
      topology: { nodes: 2 },
    });
    expect(document.verdict).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('reads $INPUT from the folder that --input names', () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, 'given'));
    const file = join(folder, 'scenario.yaml');
    writeFileSync(
      file,
      'scenario: Given files\nclusters:\n  k: { import: [{ manifests: $INPUT/pods.yaml }] }\nsteps:\n  - start: all\n' +
        '  - expect: [{ reachable: { from: "pod:default/web-1", to: "pod:default/web-2", port: tcp/80 } }]\n',
    );
    writeFileSync(
      join(folder, 'given', 'pods.yaml'),
      'apiVersion: v1\nkind: ReplicationController\nmetadata: { name: web, labels: { name: web } }\n' +
        'spec: { replicas: 2, template: { metadata: { labels: { name: web } }, spec: { containers: [{ name: web }] } } }\n',
    );
    expect(cli.run(['run', file, '--input', join(folder, 'given')]).out).toContain('the one expectation holds');
    const without = cli.run(['run', file]);
    expect(without.code).toBe(2);
    expect(without.err).toContain('--input');
  });
});

describe('a scenario that init writes', () => {
  beforeAll(() => mkdirSync(cli.folder, { recursive: true }));

  it.each([[[]], [['--protocol']]])('with %j holds, and is not written over', (more) => {
    const folder = join(emptyFolder(), 'rehearsal');
    expect(cli.run(['init', folder, ...more]).code).toBe(0);
    expect(cli.run(['run', folder]).code).toBe(0);
    const again = cli.run(['init', folder]);
    expect(again.code).toBe(2);
    expect(again.err).toContain('is already there; name another folder');
  });
});
