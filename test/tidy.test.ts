import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  arrowsTurnedRound,
  chanceAndClock,
  cycles,
  LAYERS,
  longModules,
  pathsElsewhere,
  type Texts,
  workLeftOpen,
} from './support/tidy.ts';

/** Modules over the limit that are one idea all the same, and why. */
const LONG_MODULES = new Map<string, string>([]);

/** What a commit holds or would hold; in a tree without git, whatever is not built or installed. */
function filesOfTheTree(): readonly string[] {
  try {
    const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { encoding: 'utf8' });
    return listed.split('\0').filter((path) => path !== '' && existsSync(path));
  } catch {
    const unpacked = readdirSync('.', { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'));
    return unpacked.filter(
      (path) => !/^(node_modules|dist|coverage|out|\.git)(\/|$)/.test(path) && statSync(path).isFile(),
    );
  }
}

function textsOf(paths: readonly string[]): Texts {
  const texts = new Map<string, string>();
  for (const path of paths) {
    const octets = readFileSync(path);
    if (!octets.includes(0)) texts.set(path, octets.toString('utf8'));
  }
  return texts;
}

const files = textsOf(filesOfTheTree());
const typescript = new Map([...files].filter(([path]) => /^(src|test|bench)\/.*\.ts$/.test(path)));
const modules = new Map([...typescript].filter(([path]) => path.startsWith('src/')));
const planted = (...entries: [string, string][]): Texts => new Map(entries);

describe('the tree', () => {
  it('was really read, every module of it', () => {
    const onDisk = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
    expect(modules.size).toBeGreaterThan(0);
    expect(modules.size).toBe(onDisk.length);
  });

  it('imports downwards only', () => {
    expect(arrowsTurnedRound(modules)).toEqual([]);
  });

  it('has no clock, chance, timer or locale outside the doors', () => {
    expect(chanceAndClock(modules)).toEqual([]);
  });

  it('has no circle of imports', () => {
    expect(cycles(modules)).toEqual([]);
  });

  it('has one idea to a module, in tests and benchmarks too', () => {
    expect(longModules(typescript, LONG_MODULES)).toEqual([]);
  });

  it('leaves no work open in comments', () => {
    const watched = new Map(
      [...typescript].filter(([path]) => path !== 'test/support/tidy.ts' && path !== 'test/tidy.test.ts'),
    );
    expect(workLeftOpen(watched)).toEqual([]);
  });

  it('names no place that a clone does not have', () => {
    const lock = 'package-lock.json';
    expect(pathsElsewhere(new Map([...files].filter(([path]) => path !== lock)))).toEqual([]);
  });
});

describe('a planted fault is told in a sentence', () => {
  it('when an arrow points up, sideways, or where it was left out on purpose', () => {
    const told = arrowsTurnedRound(
      planted(
        ['src/net/a.ts', "import { x } from '../bgp/x.ts';"],
        ['src/bgp/b.ts', "import type { x } from '../xmpp/x.ts';"],
        ['src/sim/c.ts', "export { x } from '../net/x.ts';"],
        ['src/vrouter/d.ts', "export const x = () => import('../bgp/x.ts');"],
        ['src/world/e.ts', "import { x } from '../vrouter/x.ts';"],
      ),
    );
    expect(told).toEqual([
      'src/net/a.ts:1 lets net import bgp, which is up: a folder imports from lower rows only.',
      'src/bgp/b.ts:1 lets bgp import xmpp, which is sideways: a folder imports from lower rows only.',
      'src/sim/c.ts:1 lets sim import net, but the kernel knows no protocol.',
      'src/vrouter/d.ts:1 lets vrouter import bgp, but an agent speaks XMPP.',
    ]);
  });

  it.each(LAYERS.flat())('when %s would be imported from the lowest row', (folder) => {
    const path = folder === 'index.ts' ? '../index.ts' : `../${folder}/x.ts`;
    const told = arrowsTurnedRound(planted(['src/base/a.ts', `import { x } from '${path}';`]));
    expect(told).toHaveLength(folder === 'base' ? 0 : 1);
  });

  it('when the core opens a file or leaves src, and not when the command line does', () => {
    const text = "import { readFileSync } from 'node:fs';\nimport { x } from '../../test/x.ts';";
    expect(arrowsTurnedRound(planted(['src/report/a.ts', text]))).toHaveLength(2);
    expect(arrowsTurnedRound(planted(['src/cli/a.ts', "import { readFileSync } from 'node:fs';"]))).toEqual([]);
  });

  it('when a folder is in no layer', () => {
    expect(arrowsTurnedRound(planted(['src/utils/a.ts', '']))).toEqual([
      'src/utils/a.ts is in no layer: utils has no row in the layer table.',
    ]);
  });

  it.each([
    ['Date.now()', []],
    ['new Date()', []],
    ['Math.random()', []],
    ['setTimeout(f, 1)', []],
    ['setInterval(f, 1)', []],
    ['performance.now()', ['src/cli/meter.ts']],
    ['setImmediate(f)', ['src/cli/interrupt.ts']],
    ['process.env.HOME', ['src/cli/a.ts', 'src/cli/meter.ts', 'src/cli/interrupt.ts']],
    ['(12).toLocaleString()', []],
    ["'a'.localeCompare('b')", []],
    ['new Intl.Collator()', []],
    ['Math.log(2)', ['src/cli/a.ts', 'src/cli/meter.ts', 'src/cli/interrupt.ts']],
  ])('when a module says %s, other than at the doors %j', (said, doors) => {
    const at = (path: string) => chanceAndClock(planted([path, `export const x = ${said};`]));
    for (const path of ['src/bgp/a.ts', 'src/cli/a.ts', 'src/cli/meter.ts', 'src/cli/interrupt.ts']) {
      expect(at(path), path).toHaveLength(doors.includes(path) ? 0 : 1);
    }
  });

  it('but a comment, a text or a member of that name is no fault', () => {
    const text =
      "// Date.now\nexport const x = 'setTimeout';\nexport const y = { process: 1, performance: 2 };\ny.process;";
    expect(chanceAndClock(planted(['src/bgp/a.ts', text]))).toEqual([]);
  });

  it('when modules import each other in a circle, types aside', () => {
    const back = (how: string): Texts =>
      planted(['src/bgp/a.ts', "import { b } from './b.ts';"], ['src/bgp/b.ts', `import ${how}{ a } from './a.ts';`]);
    expect(cycles(back(''))).toEqual([
      'These modules import each other in a circle: src/bgp/a.ts -> src/bgp/b.ts -> src/bgp/a.ts.',
    ]);
    expect(cycles(back('type '))).toEqual([]);
  });

  it('when a module grows past the limit, or shrinks and stays on the list', () => {
    const long = planted(['src/bgp/a.ts', 'x;\n'.repeat(501)]);
    expect(longModules(long, new Map())).toHaveLength(1);
    expect(longModules(long, new Map([['src/bgp/a.ts', 'one table']]))).toEqual([]);
    expect(longModules(planted(['src/bgp/a.ts', 'x;\n']), new Map([['src/bgp/a.ts', 'one table']]))).toHaveLength(1);
  });

  it('when work is left open, or a path of a machine stands in a file', () => {
    expect(workLeftOpen(planted(['src/bgp/a.ts', '// TODO: the rest\n']))).toHaveLength(1);
    expect(pathsElsewhere(planted(['docs/a.md', `see ${['', 'home', 'me'].join('/')}/x`]))).toHaveLength(1);
  });
});
