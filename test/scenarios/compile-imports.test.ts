import { describe, expect, it } from 'vitest';
import { faults, type Surroundings } from './base-scenario.ts';

describe('files that a scenario imports', () => {
  const importing = (lines: readonly string[], surroundings: Surroundings = {}) =>
    faults(
      `scenario: x\nclusters:\n  a:\n    import:\n${lines.map((line) => `      - ${line}\n`).join('')}steps: [{ start: all }]\n`,
      surroundings,
    );

  it('lie in its folder or below', () => {
    expect(
      importing(['{ heat: ../x.yaml, project: p }', '{ heat: /etc/passwd, project: p }', '{ manifests: m/../../x }']),
    ).toEqual([
      "f/s.yaml:5:17 outside-folder: ../x.yaml lies outside the scenario's folder; files are named relative to it",
      "f/s.yaml:6:17 outside-folder: /etc/passwd lies outside the scenario's folder; files are named relative to it",
      "f/s.yaml:7:22 outside-folder: m/../../x lies outside the scenario's folder; files are named relative to it",
    ]);
  });

  it('are there, and manifests among them', () => {
    expect(
      importing(
        ['{ heat: no.yaml, project: p }', '{ manifests: m }', '{ manifests: empty }', '{ manifests: [m/x.yaml] }'],
        { files: { 'f/empty/readme.md': '' } },
      ),
    ).toEqual([
      'f/s.yaml:5:17 unreadable-file: there is no file f/no.yaml',
      'f/s.yaml:6:22 missing-file: there is no file or folder f/m',
      'f/s.yaml:7:22 no-manifests: the folder f/empty holds no .yaml, .yml or .json file',
      'f/s.yaml:8:23 missing-file: there is no file or folder f/m/x.yaml',
    ]);
  });

  it('come from the input folder only when one is given, and never from beside it', () => {
    expect(importing(['{ heat: $INPUT/a.yaml, project: p }'])).toEqual([
      'f/s.yaml:5:17 no-input-folder: $INPUT/a.yaml needs the folder of the input files: give it with --input FOLDER',
    ]);
    expect(
      importing(
        ['{ heat: $INPUT/../a.yaml, project: p }', '{ heat: $INPUT/a.yaml, project: p }', '{ manifests: $INPUT }'],
        { files: { 'in/x.md': '' }, input: 'in' },
      ),
    ).toEqual([
      'f/s.yaml:5:17 outside-folder: $INPUT/../a.yaml lies outside the input folder',
      'f/s.yaml:6:17 unreadable-file: there is no file in/a.yaml',
      'f/s.yaml:7:22 no-manifests: the folder in holds no .yaml, .yml or .json file',
    ]);
  });

  it('tell their own faults in their own lines', () => {
    const result = importing(['{ heat: t.yaml, project: p }', '{ manifests: m.yaml }'], {
      files: { 'f/t.yaml': 'heat_template_version: [\n', 'f/m.yaml': 'kind: Pod\n  x: [' },
    });
    expect(result.length).toBeGreaterThanOrEqual(2);
    for (const line of result) expect(line).toMatch(/^f\/[tm]\.yaml:\d+:\d+ /);
    expect(new Set(result.map((line) => line[2]))).toEqual(new Set(['t', 'm']));
  });
});
