import { describe, expect, it } from 'vitest';
import {
  type Citation,
  ledgerOfTheTree,
  readLedger,
  readPage,
  renderLedger,
  STATUSES,
  untestedClaims,
} from '../../scripts/fidelity.ts';

const [, coarser] = STATUSES;
const page = readPage(
  'x.md',
  [
    '# The page',
    '## <a id="CN-1"></a>CN-1 Names',
    '### <a id="CN-1.1"></a>CN-1.1 Words',
    '- <a id="CN-1.1.1"></a>**CN-1.1.1** a',
    '- <a id="CN-1.1.2"></a>**CN-1.1.2** b',
    '- <a id="CN-1.1.3"></a>**CN-1.1.3** c',
    '### <a id="CN-1.2"></a>CN-1.2 More words',
    '- <a id="CN-1.2.1"></a>**CN-1.2.1** d',
  ].join('\n'),
);
const said = (text: string) => readLedger([page], new Map([['docs/fidelity/a.yaml', text]]));
const cite = (id: string): Citation => ({ id, file: 'test/net/a.test.ts', line: 1 });

describe('the ledger of this tree', () => {
  const { faults, stale } = ledgerOfTheTree();

  it('has only sound entries, and a test for every rule that is said to be followed', () => {
    expect(faults).toEqual([]);
  });

  it('is the one that npm run ledger would write now', () => {
    expect(stale).toBe(false);
  });
});

describe('an entry', () => {
  it('states a rule, a status and, unless the rule is followed, why', () => {
    const { entries, faults } = said(
      '- { rule: CN-1.1.1, status: same }\n- rule: CN-1.1.2\n  status: left-out\n  note: >\n    nobody\n    asks\n',
    );
    expect(faults).toEqual([]);
    expect(entries).toEqual([
      { rule: 'CN-1.1.1', status: 'same', note: '', file: 'docs/fidelity/a.yaml', line: 1 },
      { rule: 'CN-1.1.2', status: 'left-out', note: 'nobody asks', file: 'docs/fidelity/a.yaml', line: 2 },
    ]);
  });

  it.each([
    [
      '- { rule: CN-7, status: same }',
      'docs/fidelity/a.yaml:1 is about rule CN-7, which no page of docs/reference has.',
    ],
    [
      '\n- { rule: CN-1.1, status: good }',
      `docs/fidelity/a.yaml:2 gives CN-1.1 the status good; it is one of ${STATUSES.join(', ')}.`,
    ],
    [
      '- { rule: CN-1.1, status: missing }',
      'docs/fidelity/a.yaml:1 says CN-1.1 is missing but its note does not say why.',
    ],
    [
      '- { rule: CN-1.1, status: same }\n- { rule: CN-1.1, status: same }',
      'docs/fidelity/a.yaml:2 speaks of CN-1.1 again, first spoken of at docs/fidelity/a.yaml:1.',
    ],
    [
      '- { rule: CN-1.1, status: same, why: x }',
      'docs/fidelity/a.yaml:1 has a field why; an entry has rule, status, note.',
    ],
    ['rule: CN-1.1', 'docs/fidelity/a.yaml:1 must be a list of entries { rule, status, note }.'],
    ['- CN-1.1', 'docs/fidelity/a.yaml:1 is not an entry { rule, status, note }.'],
  ])('that reads %s is told', (text, sentence) => {
    expect(said(text).faults).toEqual([sentence]);
  });

  it('that is not YAML is told with its line', () => {
    expect(said('- { rule: CN-1.1\n- {').faults[0]).toMatch(/^docs\/fidelity\/a\.yaml:\d+ is not YAML: /);
  });

  it('about a rule two areas speak of is told with both places', () => {
    const one = '- { rule: CN-1.1.1, status: same }';
    const { faults } = readLedger(
      [page],
      new Map([
        ['a.yaml', one],
        ['b.yaml', one],
      ]),
    );
    expect(faults).toEqual(['b.yaml:1 speaks of CN-1.1.1 again, first spoken of at a.yaml:1.']);
  });
});

describe('a claim that a rule is followed', () => {
  it('needs a test that cites the rule', () => {
    const ledger = said('- { rule: CN-1.1.1, status: same }\n- { rule: CN-1.1.2, status: missing, note: later }');
    expect(untestedClaims([page], ledger, [])).toEqual([
      'docs/fidelity/a.yaml:1 says CN-1.1.1 is the same, but no test cites it.',
    ]);
    expect(untestedClaims([page], ledger, [cite('CN-1.1.1')])).toEqual([]);
    expect(untestedClaims([page], ledger, [cite('CN-1.1')])).toHaveLength(1);
  });

  it('about a section is shown by a test of any rule in it', () => {
    const ledger = said('- { rule: CN-1, status: same }');
    expect(untestedClaims([page], ledger, [cite('CN-1.2.1')])).toEqual([]);
    expect(untestedClaims([page], said('- { rule: CN-1.1, status: same }'), [cite('CN-1.2.1')])).toHaveLength(1);
  });
});

describe('the page', () => {
  const ledger = said(`- { rule: CN-1.1.1, status: same }\n- { rule: CN-1.1.2, status: ${coarser}, note: "a | b" }`);
  const text = renderLedger([page], ledger, [cite('CN-1.1.1'), cite('CN-1.2.1')]);

  it('counts each section, with what nobody has assessed', () => {
    expect(text).toContain('| [CN-1.1](reference/x.md#CN-1.1) Words | 3 | 1 | 1 |  |  |  | 1 |');
    expect(text).toContain('| [CN-1.2](reference/x.md#CN-1.2) More words | 1 |  |  |  |  | 1 |  |');
    expect(text).toContain('| **all** | 4 | 1 | 1 |  |  | 1 | 1 |');
  });

  it('lists the rules that have an entry or a test, in the order of the reference', () => {
    const rows = text.split('\n').filter((line) => /^\| \[CN-[\d.]+\]\S+ \| /.test(line));
    expect(rows).toEqual([
      '| [CN-1.1.1](reference/x.md#CN-1.1.1) | same |  | [net/a.test.ts](../test/net/a.test.ts) |',
      `| [CN-1.1.2](reference/x.md#CN-1.1.2) | ${coarser} | a \\| b |  |`,
      '| [CN-1.2.1](reference/x.md#CN-1.2.1) | tested |  | [net/a.test.ts](../test/net/a.test.ts) |',
    ]);
  });

  it('lets the entry of a section speak for the rules in it that have none', () => {
    const whole = renderLedger([page], said('- { rule: CN-1.1, status: left-out, note: no }'), [cite('CN-1.1.3')]);
    expect(whole).toContain('| [CN-1.1](reference/x.md#CN-1.1) Words | 3 |  |  |  | 2 | 1 |  |');
  });
});
