/** A world can be copied: what is played in the copy leaves the original untouched, and both go on as if alone. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seconds, virtualUs } from '../../src/base/time.ts';
import { rehearse } from '../../src/index.ts';
import { encodeRecording } from '../../src/sim/recording-file.ts';
import type { World } from '../../src/world/world.ts';
import { memoryFiles } from '../scenarios/files.ts';
import { filesOf, firstDifference, play, type SmallWorld, smallWorld } from './small-worlds.ts';

const LEONARDO = Object.fromEntries(
  readdirSync('scenarios/leonardo', { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .map((name) => [name, readFileSync(`scenarios/leonardo/${name}`, 'utf8')]),
);

/** The seed federation, converged. */
function converged(): World {
  return play({
    ...LEONARDO,
    's.yaml': `extends: leonardo.yaml\nscenario: converged\nsteps: [{ start: all }, { settle: {} }]\n`,
  }).world;
}

function lose(world: World): void {
  world.sim.crash(world.nodeId('ctl-k8s-1'));
  world.cut('sessions', 'openstack', 'kubernetes');
  world.runFor(seconds(200));
}

describe('a copy of the converged seed federation', () => {
  it('plays a failure while the original stays as it was, and both go on like worlds that were never copied', () => {
    const original = converged();
    const before = { state: original.stateHash(), now: original.now, recording: encodeRecording(original.sim) };
    const copy = original.fork();
    expect(copy.stateHash()).toBe(before.state);

    lose(copy);
    expect(copy.stateHash()).not.toBe(before.state);
    expect(original.stateHash()).toBe(before.state);
    expect(original.now).toBe(before.now);
    expect(firstDifference(encodeRecording(original.sim), before.recording)).toBe('none');

    const alone = converged();
    const lost = converged();
    original.runFor(seconds(200));
    alone.runFor(seconds(200));
    lose(lost);
    expect(firstDifference(encodeRecording(original.sim), encodeRecording(alone.sim))).toBe('none');
    expect(firstDifference(encodeRecording(copy.sim), encodeRecording(lost.sim))).toBe('none');
  });
});

/** A small world so long after its start, whatever it is in the middle of. */
function started(drawn: SmallWorld, moment: number): World {
  const played = rehearse({
    files: memoryFiles(filesOf(drawn, [{ start: 'all' }])),
    path: 's.yaml',
    routeLevelRecord: true,
    until: virtualUs(moment),
    conclusions: false,
  });
  if (!played.ok) throw new Error('a small world is wrong');
  return played.value.world;
}

describe('a copy of a small world', () => {
  it('goes on like the original from any moment on, converged or in the middle of everything', () => {
    fc.assert(
      fc.property(smallWorld, fc.nat(20_000_000), (drawn, moment) => {
        const world = started(drawn, moment);
        expect(world.now).toBe(moment);
        const copy = world.fork();
        for (const one of [world, copy]) one.runUntil(virtualUs(100_000_000));
        expect(firstDifference(encodeRecording(copy.sim), encodeRecording(world.sim))).toBe('none');
        expect(copy.stateHash()).toBe(world.stateHash());
      }),
      { numRuns: 20 },
    );
  });
});
