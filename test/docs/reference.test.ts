import { describe, expect, it } from 'vitest';
import {
  citationsIn,
  deadLinks,
  faultyIds,
  readPage,
  readPages,
  readTexts,
  unknownCitations,
} from '../../scripts/fidelity.ts';

const pages = readPages();
const CITING = ['src', 'test', 'docs', 'scenarios', 'bench', 'scripts'];
const citing = readTexts(
  CITING,
  (path) => /\.(ts|mjs|yaml|yml|md)$/.test(path) && !/^(test\/docs|docs\/reference)\//.test(path),
);

describe('the reference', () => {
  it('has rules on every page', () => {
    for (const page of pages) expect(page.rules.length).toBeGreaterThan(500);
  });

  it('gives each id once, in the one form', () => {
    expect(faultyIds(pages)).toEqual([]);
  });

  it('links to rules that are there', () => {
    expect(
      deadLinks(
        pages,
        readTexts(['docs/reference'], (path) => path.endsWith('.md')),
      ),
    ).toEqual([]);
  });

  it('has every rule that the sources, the tests, the scenarios and the ledger cite', () => {
    const citations = citationsIn(citing);
    expect(citations.length).toBeGreaterThan(20);
    expect(unknownCitations(pages, citations)).toEqual([]);
  });
});

describe('a planted fault is told with its place', () => {
  const page = readPage(
    'x.md',
    [
      '# X',
      '## <a id="CN-1"></a>CN-1 One',
      '- <a id="CN-1.2"></a>**CN-1.2** a',
      '<a id="CN-1.2"></a>',
      '<a id="CN-x"></a>',
    ].join('\n'),
  );

  it('when an id is given twice or has another form', () => {
    expect(faultyIds([page])).toEqual([
      'docs/reference/x.md:4 gives CN-1.2 again, first given at docs/reference/x.md:3.',
      'docs/reference/x.md:5 gives CN-x, which is not of the form of an id.',
    ]);
  });

  it('when a rule is cited that is not there, and not when a sentence ends behind one that is', () => {
    const texts = new Map([['src/a.ts', '// As CN-1.2.\n// CN-1.2/7, VR-4.6/d; XCN-9 and CN-1.2-like are no ids.']]);
    expect(unknownCitations([page], citationsIn(texts))).toEqual([
      'src/a.ts:2 cites CN-1.2/7, which no page of docs/reference has.',
      'src/a.ts:2 cites VR-4.6/d, which no page of docs/reference has.',
    ]);
  });

  it('when a link leads nowhere', () => {
    expect(deadLinks([page], new Map([['x.md', 'see [1.2](#CN-1.2)\nand [9](x.md#CN-9)']]))).toEqual([
      'x.md:2 links to CN-9, which no page has.',
    ]);
  });
});

describe('an id is found in running text', () => {
  it.each([
    ['the rule CN-4.2.3, as', 'CN-4.2.3'],
    ['(CN-2.7/5)', 'CN-2.7/5'],
    ['VR-2.2.b1: ready', 'VR-2.2.b1'],
    ['CN-4.2h copies', 'CN-4.2h'],
    ['VR-4.4/C2', 'VR-4.4/C2'],
    ['OR-6.5/T11', 'OR-6.5/T11'],
    ['OR-3.6/D4.', 'OR-3.6/D4'],
    ['[CN-V21]', 'CN-V21'],
    ['VR-1.9.p4.', 'VR-1.9.p4'],
  ])('%s', (text, id) => {
    expect(citationsIn(new Map([['a', text]])).map((citation) => citation.id)).toEqual([id]);
  });
});
