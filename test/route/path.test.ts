import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { virtualUs } from '../../src/base/time.ts';
import { NONE, PATH_FLAG, PATH_SOURCE, PathTable, pathFlagNames, pathSourceName } from '../../src/route/path.ts';

const PATH = {
  peer: 3,
  source: PATH_SOURCE.BGP_XMPP,
  attributes: 7,
  label: 1000,
  flags: 0,
  pathId: 0xc0a80001,
  origin: NONE,
};

describe('the table of paths', () => {
  it('gives back what was put in, a next hop above 2^31 included', () => {
    const paths = new PathTable();
    const flags = PATH_FLAG.AsPathLooped | PATH_FLAG.CheckGlobalErmVpnRoute;
    const path = paths.add(5, { ...PATH, flags, source: PATH_SOURCE.Local }, virtualUs(9));
    paths.setDecidedBy(path, 21);
    expect([paths.route(path), paths.peer(path), paths.attributes(path), paths.label(path)]).toEqual([5, 3, 7, 1000]);
    expect([paths.pathId(path), paths.source(path), paths.decidedBy(path), paths.changedAt(path)]).toEqual([
      0xc0a80001, 5, 21, 9,
    ]);
    expect(pathFlagNames(paths.flags(path))).toEqual(['AsPathLooped', 'CheckGlobalErmVpnRoute']);
    expect([paths.isFeasible(path), paths.isSecondary(path)]).toEqual([false, false]);
    expect(pathSourceName(paths.source(path))).toBe('Local');
  });

  it('stale paths of either kind are feasible (CN-5.3/3, CN-5.3/9)', () => {
    const paths = new PathTable();
    for (const flags of [PATH_FLAG.Stale, PATH_FLAG.LlgrStale, PATH_FLAG.ResolvedPath, PATH_FLAG.AliasedPath]) {
      expect(paths.isFeasible(paths.add(0, { ...PATH, flags }, virtualUs(0)))).toBe(true);
    }
  });

  it('uses the row of a released path again, and forgets what stood in it', () => {
    const paths = new PathTable();
    const first = paths.add(1, { ...PATH, flags: PATH_FLAG.Stale, origin: 4 }, virtualUs(1));
    paths.setDecidedBy(first, 9);
    paths.release(first);
    expect(paths.size).toBe(0);
    const second = paths.add(2, PATH, virtualUs(2));
    expect(second).toBe(first);
    expect([paths.flags(second), paths.decidedBy(second), paths.origin(second), paths.next(second)]).toEqual([
      0,
      0,
      NONE,
      NONE,
    ]);
  });

  it('keeps the paths of a peer in a ring, in order of arrival, whatever is taken out', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(20)), { maxLength: 40 }), (steps) => {
        const paths = new PathTable();
        let head = NONE;
        const expected: number[] = [];
        for (const [isAdd, pick] of steps) {
          if (isAdd || expected.length === 0) {
            const path = paths.add(0, PATH, virtualUs(0));
            head = paths.enterRing(path, head);
            expected.push(path);
          } else {
            const [path] = expected.splice(pick % expected.length, 1);
            head = paths.leaveRing(path!, head);
            paths.release(path!);
          }
          const found: number[] = [];
          for (let at = head; at !== NONE; at = paths.nextInRing(at)) {
            found.push(at);
            if (paths.nextInRing(at) === head) break;
          }
          expect(found).toEqual(expected);
        }
      }),
    );
  });
});
