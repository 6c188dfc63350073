import { describe, expect, it } from 'vitest';
import { outcome } from './outcome.ts';

const PAIR = `scenario: x
nodes: { X: { routerId: 192.168.0.1 }, Y: { routerId: 192.168.0.2 } }
peerings: [ { between: [X, Y] } ]
instances: { blue: { network: 1, routeTargets: ["target:1:1"] }, red: { network: 2, routeTargets: ["target:1:2"] } }
agents: { a: { controlNodes: [X] }, b: { controlNodes: [Y] }, late: { controlNodes: [X], started: false } }
`;

const steps = (...lines: string[]) => outcome(`${PAIR}steps:\n${lines.map((line) => `  - ${line}\n`).join('')}`);
const TOGETHER = [
  'start: all',
  'subscribe: { agent: [a, b], instance: blue }',
  'publish: { agent: a, instance: blue, prefix: 10.1.1.1/32 }',
  'settle: {}',
];
const HEARD = '{ agent: b, instance: blue, prefix: 10.1.1.1/32';

describe('the moment of a claim', () => {
  it('without a time is when everything is quiet: nothing but background is pending', () => {
    // the hold timer of a crashed neighbour is waited for, keepalives are not
    expect(steps(...TOGETHER, 'crash: { node: X }', `expect: [ { route: ${HEARD}, absent: true } } ]`)).toEqual([
      '+ no 10.1.1.1/32 in blue on b',
    ]);
  });

  it('with within is that long after the previous step, and once more when everything is quiet', () => {
    const within = (duration: string) =>
      steps(...TOGETHER, 'crash: { node: X }', `expect: [ { route: ${HEARD}, absent: true, within: ${duration} } } ]`);
    expect(within('91s')).toEqual(['+ no 10.1.1.1/32 in blue on b']);
    expect(within('59s')).toEqual(['- no 10.1.1.1/32 in blue on b: b has it, next hop 192.168.1.1']);
    // holds soon, but not in the end
    expect(steps(...TOGETHER, 'crash: { node: X }', `expect: [ { route: ${HEARD}, within: 10s } } ]`)).toEqual([
      '- 10.1.1.1/32 in blue on b: b has no 10.1.1.1/32',
    ]);
  });

  it('may be an instant, before later claims of the same step', () => {
    expect(
      steps(
        'start: all',
        'subscribe: { agent: [a, b], instance: blue }',
        'publish: { agent: a, instance: blue, prefix: 10.1.1.1/32 }',
        `expect: [ { route: ${HEARD} } }, { route: ${HEARD}, absent: true, at: 2ms } }, { route: ${HEARD}, at: 30s } } ]`,
      ),
    ).toEqual(['+ 10.1.1.1/32 in blue on b', '+ no 10.1.1.1/32 in blue on b', '+ 10.1.1.1/32 in blue on b']);
  });

  it('that is over is a claim that does not hold, however true it was', () => {
    expect(steps(...TOGETHER, `expect: [ { route: ${HEARD}, absent: true, at: 2ms } } ]`)).toEqual([
      expect.stringMatching(/^- no 10\.1\.1\.1\/32 in blue on b at 2 ms: 2 ms is over, it is 60\.\d+ s already$/),
    ]);
    expect(steps(...TOGETHER, '{ crash: { node: X }, at: 5s }')).toEqual([
      expect.stringMatching(/^- crash X at 5 s: 5 s is over, it is 60\.\d+ s already$/),
    ]);
  });

  it('of a step counts from the end of the previous one, which a settling reaches late', () => {
    const at = (after: string) =>
      steps(
        'start: all',
        'settle: {}',
        `{ crash: { node: X }, after: ${after} }`,
        '{ after: 1s, expect: [ { session: { between: [X, Y], state: Established } } ] }',
      );
    expect(at('1s')).toEqual(['+ the session of X and Y is Established']);
  });
});

describe('convergence', () => {
  it('is timed from the last step that did something, whatever was asked or awaited since', () => {
    const lines = [
      'start: all',
      'subscribe: { agent: [a, b], instance: blue }',
      'settle: {}',
      '{ after: 100s, publish: { agent: a, instance: blue, prefix: 10.1.1.1/32 } }',
      'expect: [ { noFindings: true } ]',
    ];
    expect(steps(...lines, 'expect: [ { converged: { within: 1ms } } ]')).toEqual([
      '+ no findings',
      expect.stringMatching(/^- converged within 1ms: took [3-9](\.\d+)? ms$/),
    ]);
    expect(steps(...lines, 'expect: [ { converged: { within: 10ms } } ]')).toEqual([
      '+ no findings',
      '+ converged within 10ms',
    ]);
  });
});

describe('a step that cannot be done', () => {
  it('is a claim that does not hold: octets without a stream, a session there is not', () => {
    expect(
      steps(
        'start: all',
        'settle: {}',
        'clear: { session: [a, Y] }',
        'raw: { from: late, hex: "00" }',
        'raw: { from: a, to: Y, hex: "00" }',
      ),
    ).toEqual([
      '- clear the session of a and Y: a and Y have no session',
      '- late sends 1 raw octets: late has no open stream',
      '- a sends 1 raw octets: a has no open stream with Y',
    ]);
  });

  it('includes a settling that finds no end in its time, which tells what keeps it busy', () => {
    expect(steps('start: all', 'settle: {}', 'crash: { node: X }', 'settle: { limit: 10s }')).toEqual([
      '- settle: not settled after 10 s: the session of Y with X waits for its hold timer',
    ]);
  });
});

describe('a node that is administratively down', () => {
  it('holds no session, and nobody waits for one with it', () => {
    const text = PAIR.replace('X: { routerId: 192.168.0.1 }', 'X: { routerId: 192.168.0.1, adminDown: true }').replace(
      'a: { controlNodes: [X] }',
      'a: { controlNodes: [X, Y] }',
    );
    expect(
      outcome(
        `${text}steps:\n  - start: all\n  - expect: [ { session: { between: [a, Y], state: Established } }, { session: { between: [X, Y], state: Established } } ]\n`,
      ),
    ).toEqual([
      '+ the session of a and Y is Established',
      expect.stringMatching(/^- the session of X and Y is Established: it is Idle and (Active|Connect)$/),
    ]);
  });
});

describe('agents that steps speak for', () => {
  it('start with the rest unless the scenario keeps them back', () => {
    expect(
      steps(
        'start: all',
        'expect: [ { session: { between: [late, X], state: none } }, { session: { between: [a, X], state: Established } } ]',
        'start: { node: late }',
        'expect: [ { session: { between: [late, X], state: Established } } ]',
      ),
    ).toEqual([
      '+ the session of late and X is none',
      '+ the session of a and X is Established',
      '+ the session of late and X is Established',
    ]);
  });

  it('give each of their instances its own number, which stands in the route distinguisher', () => {
    expect(
      steps(
        'start: all',
        'subscribe: { agent: a, instance: red }',
        'subscribe: { agent: a, instance: blue }',
        'publish: { agent: a, instance: blue, prefix: 10.1.1.1/32 }',
        'publish: { agent: a, instance: red, prefix: 10.1.1.1/32 }',
        'expect: [ { route: { node: X, table: bgp.l3vpn.0, prefix: "192.168.1.1:1:10.1.1.1/32", routeTargets: ["target:1:2"] } }, { route: { node: X, table: bgp.l3vpn.0, prefix: "192.168.1.1:2:10.1.1.1/32", routeTargets: ["target:1:1"] } } ]',
      ).every((line) => line.startsWith('+')),
    ).toBe(true);
  });

  it('publish series of prefixes, and retract them', () => {
    expect(
      steps(
        'start: all',
        'subscribe: { agent: [a, b], instance: blue }',
        'publish: { agent: a, instance: blue, prefix: 10.1.0.0/28, count: 100 }',
        'expect: [ { routes: { node: [X, Y], instance: blue, count: 100 } }, { route: { agent: b, instance: blue, prefix: 10.1.6.48/28, nextHops: [192.168.1.1] } } ]',
        'retract: { agent: a, instance: blue, prefix: 10.1.0.0/28, count: 99 }',
        'expect: [ { routes: { node: [X, Y], instance: blue, count: 1 } } ]',
      ),
    ).toEqual([
      '+ 100 routes in blue on X, Y',
      '+ 10.1.6.48/28 in blue on b: nextHops 192.168.1.1',
      '+ 1 route in blue on X, Y',
    ]);
  });
});

describe('a claim that does not hold says precisely what was found', () => {
  it('of a row: each member that differs, a node without power, a route that is or is not there', () => {
    expect(
      steps(
        ...TOGETHER,
        `expect: [ { route: ${HEARD}, label: 17, localPref: 100, nextHops: [1.1.1.1] } }, { route: { agent: b, instance: blue, prefix: 10.1.1.2/32 } }, { route: ${HEARD}, absent: true } } ]`,
      ),
    ).toEqual([
      '- 10.1.1.1/32 in blue on b: nextHops 1.1.1.1, label 17, localPref 100: b has nextHops 192.168.1.1, label 16',
      '- 10.1.1.2/32 in blue on b: b has no 10.1.1.2/32',
      '- no 10.1.1.1/32 in blue on b: b has it, next hop 192.168.1.1',
    ]);
    expect(
      steps(
        ...TOGETHER,
        'crash: { node: X }',
        'expect: [ { route: { node: X, table: bgp.l3vpn.0, prefix: "192.168.1.1:1:10.1.1.1/32" } } ]',
      ),
    ).toEqual(['- 192.168.1.1:1:10.1.1.1/32 in bgp.l3vpn.0 on X: X has no power']);
  });

  it('of a session as those see it who have power', () => {
    expect(
      steps(
        ...TOGETHER,
        'crash: { node: X }',
        '{ after: 10s, expect: [ { session: { between: [X, Y], state: Established } } ] }',
        '{ after: 85s, expect: [ { session: { between: [X, Y], state: Idle } }, { session: { between: [X, a], state: none } } ] }',
      ),
    ).toEqual([
      '+ the session of X and Y is Established',
      expect.stringMatching(/^- the session of X and Y is Idle: it is (Active|Connect)$/),
      expect.stringMatching(/^- the session of X and a is none: it is /),
    ]);
  });

  it('of a count, a session, a state', () => {
    expect(
      steps(
        ...TOGETHER,
        'checkpoint: now',
        'publish: { agent: a, instance: blue, prefix: 10.1.1.2/32 }',
        'expect: [ { routes: { node: [X, Y], table: bgp.l3vpn.0, count: 1 } }, { session: { between: [X, Y], state: Idle } }, { session: { between: [a, b], state: Idle } }, { sameState: now }, { noted: { node: X, text: "nothing like it" } } ]',
      ),
    ).toEqual([
      '- 1 route in bgp.l3vpn.0 on X, Y: X has 2; Y has 2',
      '- the session of X and Y is Idle: it is Established',
      '- the session of a and b is Idle: they have no session',
      expect.stringMatching(
        /^- the state is that of checkpoint now: state [0-9a-f]{16} is not [0-9a-f]{16}: X bgp\.l3vpn\.0 192\.168\.1\.1:1:10\.1\.1\.2\/32 is new: /,
      ),
      '- X noted: nothing like it: never',
    ]);
  });
});
