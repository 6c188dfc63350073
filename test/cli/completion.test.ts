import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { vaportrail } from './vaportrail.ts';

const cli = vaportrail();

/** What is offered for the last, half-typed word. */
function offered(...words: string[]): string[] {
  const { code, out } = cli.run(['complete', '--', ...words]);
  expect(code).toBe(0);
  return out
    .split('\n')
    .slice(0, -2)
    .map((line) => line.split('\t')[0]!);
}

describe('completion', () => {
  it.each([
    ['bash', 'complete -F'],
    ['zsh', '#compdef vaportrail'],
    ['fish', 'complete -c vaportrail'],
    ['powershell', 'Register-ArgumentCompleter'],
  ])('has a script for %s', (shell, words) => {
    const { code, out } = cli.run(['completion', shell]);
    expect(out).toContain(words);
    expect(code).toBe(0);
  });

  it('offers verbs, their options and shells', () => {
    expect(offered('')).toEqual(['run', 'trace', 'show', 'bench', 'decode', 'schema', 'init', 'completion']);
    expect(offered('tr')).toEqual(['trace']);
    expect(offered('run', 'scenarios/leonardo', '--re')).toEqual(['--record']);
    expect(offered('completion', '')).toEqual(['bash', 'zsh', 'fish', 'powershell']);
    expect(offered('run', 'x', '--cost', '')).toEqual(['zero']);
  });

  it('offers scenario folders and files', () => {
    expect(offered('run', 'scen')).toEqual(['scenarios/']);
    expect(offered('run', 'scenarios/leonardo/v1')).toContain('scenarios/leonardo/v10-federation-cut.yaml');
    expect(offered('run', 'scenarios/leonardo/')).not.toContain('scenarios/leonardo/README.md');
  });

  it('offers nodes, tables and selectors of the scenario on the line', () => {
    expect(offered('show', 'scenarios/leonardo', 'ctl-k')).toEqual(['ctl-k8s-1', 'ctl-k8s-2']);
    expect(offered('show', 'scenarios/leonardo', 'ctl-os-1', '')).toEqual(['instance', 'route', 'neighbor', 'rt']);
    expect(offered('show', 'scenarios/leonardo', 'cmp-1', 'm')).toEqual(['mpls']);
    expect(offered('trace', 'scenarios/leonardo', '--from', 'pod:kubernetes/default/leo')).toEqual([
      'pod:kubernetes/default/leonardo-1',
      'pod:kubernetes/default/leonardo-2',
      'pod:kubernetes/default/leonardo-3',
      'pod:kubernetes/default/leonardo-*',
    ]);
    expect(offered('trace', 'scenarios/leonardo', '--from', 'vm:x', '--to', 'vm:openstack/leonardo/P')).toContain(
      'vm:openstack/leonardo/PostgreSQL-1',
    );
    expect(offered('trace', 'scenarios/leonardo', '--from', 'vm:openstack/other/')).toContain(
      'vm:openstack/other/other-1',
    );
  });

  it('offers nothing, and says nothing, where the scenario is wrong', () => {
    const { code, out, err } = cli.run(['complete', '--', 'show', 'package.json', '']);
    expect([code, out, err]).toEqual([0, ':4\n', '']);
  });
});

describe('the script for bash', () => {
  it('is a script that bash reads', () => {
    const { status, stderr } = spawnSync('bash', ['-n'], {
      input: cli.run(['completion', 'bash']).out,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  });
});
