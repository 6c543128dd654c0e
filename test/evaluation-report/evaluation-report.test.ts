import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import type {
  ContenderResult,
  EvaluationResult,
  LeftOut,
  NeighbourSheet,
  RetrievalMeasures,
} from '../../src/evaluation/evaluation-result.ts';
import { evaluationReport } from '../../src/evaluation-report/evaluation-report.ts';
import { sheetPanels } from '../../src/evaluation-report/panel-pictures.ts';
import type { Thumbnail } from '../../src/preprocess/image/panel-thumbnails.ts';
import { estimate, makeEvaluationResult, makePanels } from '../support/evaluation-result.ts';

const TITLE = 'Evaluation of comics';
const RESULT = makeEvaluationResult();

/** Pictures of some bytes for all panels of the sheets, different for each. */
function makePictures(result: EvaluationResult, bytes = 30): Map<string, Thumbnail> {
  const ids = [...sheetPanels(result)];
  return new Map(ids.map((id, i) => [id, { jpeg: new Uint8Array(bytes).fill(i), width: 160, height: 90 }]));
}
const makeReport = (result = RESULT, pictures = makePictures(result)) =>
  evaluationReport(result, { title: TITLE, pictures });
const findAll = (html: string, pattern: RegExp) => Array.from(html.matchAll(pattern), ([, found]) => found!);
/** The part of the page from one heading to the next. */
const findSection = (html: string, id: string) =>
  new RegExp(`<section class="long" id="${id}">.*?(?=<section class="long"|</main>)`, 's').exec(html)![0];
const withContenders = (change: (contender: ContenderResult, index: number) => ContenderResult) =>
  makeEvaluationResult({ contenders: RESULT.contenders.map(change) });

describe('the report of an evaluation', () => {
  it('has all sections, and links to each', () => {
    const html = makeReport();
    const ids = findAll(html, /<section class="long" id="(\w+)">/g);
    assert.deepEqual(findAll(html, /<li><a href="#(\w+)">/g), ids);
    const expected = 'summary notes results comparisons retrieval clusters sheets map gate layout collapse terms';
    assert.deepEqual(ids, expected.split(' '));
  });

  it('has the same bytes for the same result', () => {
    assert.equal(makeReport(), makeReport(makeEvaluationResult()));
  });

  it('needs neither network nor scripts', () => {
    const html = makeReport();
    assert.doesNotMatch(html, /<script|<link|<img|<iframe|@import|\bsrc=|url\(| on\w+=/i);
    for (const target of findAll(html, /href="([^"]*)"/g)) assert.match(target, /^(#|data:image\/jpeg;base64,)/);
    assert.deepEqual(new Set(html.match(/https?:[^"]*/g)), new Set(['http://www.w3.org/2000/svg']));
    assert.match(html, /Content-Security-Policy" content="default-src 'none'/);
  });

  it('escapes markup in all texts', () => {
    const markup = `</title><script>alert("1")</script> & 'x'`;
    const mark = <T>(value: T): T => {
      if (typeof value === 'string') return `${value}${markup}` as T;
      if (Array.isArray(value)) return value.map(mark) as T;
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value).map(([key, field]) => [key, KEYWORDS.has(key) ? field : mark(field)]),
      ) as T;
    };
    const KEYWORDS = new Set(['kind', 'task', 'choice', 'verdict', 'failure', 'resampled']);
    const html = evaluationReport(mark(RESULT), { title: markup, pictures: makePictures(mark(RESULT)) });
    assert.doesNotMatch(html, /<script|alert\("/);
    assert.ok(html.includes('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;'));
    const parts = findAll(html, /<(\/?\w+)/g).filter((name) => name === 'script' || name === '/title');
    assert.equal(parts.filter((name) => name === '/title').length, findAll(html, /(<title)/g).length);
  });

  it('has unique ids, and only targets that are there', () => {
    const html = makeReport();
    const ids = findAll(html, / id="([^"]*)"/g);
    assert.equal(new Set(ids).size, ids.length);
    for (const target of findAll(html, /href="#([^"]*)"/g)) assert.ok(ids.includes(target), target);
  });

  it('has pictures that other programs render, with texts for readers who do not see them', async () => {
    const svgs = findAll(makeReport(), /(<svg xmlns.*?<\/svg>)/gs);
    assert.ok(svgs.length >= 15);
    for (const svg of svgs) {
      assert.match(svg, /role="img" aria-label="[^"]+"><title>[^<]+<\/title><desc>[^<]+<\/desc>/);
      assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
      await sharp(Buffer.from(svg)).raw().toBuffer();
    }
  });

  it('has a header for each column and each row of its tables', () => {
    const tables = findAll(makeReport(), /(<table class="data">.*?<\/table>)/gs);
    assert.ok(tables.length >= 8);
    for (const table of tables) {
      const columns = findAll(table, /<th scope="col">([^<]*)/g).length;
      for (const row of findAll(table, /<tr><th scope="row">(.*?)<\/tr>/g)) {
        assert.equal(findAll(row, /(<td>)/g).length, columns - 1, row);
      }
    }
  });

  it('says how many panels, books and folds there are', () => {
    const summary = findSection(makeReport(), 'summary');
    assert.match(
      summary,
      /4 contenders were measured on 120 panels of 30 pages from 6 books\. 84 of the panels have lettering/,
    );
    assert.match(summary, /Every book was held out once, in 6 folds/);
    const none = makeReport({ ...RESULT, split: { kind: 'none', folds: [] } });
    assert.match(none, /Nothing was trained/);
  });

  it('puts the claims beside what was measured, and the failures of the first version', () => {
    const summary = findSection(makeReport(), 'summary');
    assert.match(summary, /<td>\+30 %<\/td><td>\+45 %<\/td><td>reached<\/td>/);
    assert.match(summary, /<td>\+20 %<\/td><td>–<\/td><td>not measured: the dataset has one book<\/td>/);
    const claims = RESULT.claims.map((claim) => ({ ...claim, measured: 0.1 }));
    const missed = makeReport({ ...RESULT, claims });
    assert.match(missed, /<td>\+30 %<\/td><td>\+10 %<\/td><td>not reached<\/td>/);
    assert.match(summary, /<strong>Seen\.<\/strong> The vectors of pictures alone are all alike\./);
    assert.match(summary, /<strong>Not seen\.<\/strong> Stored vectors/);
  });

  it('marks the best value of a row: the highest, or the lowest where lower is better', () => {
    const results = findSection(makeReport(), 'results');
    const bestColumn = (label: string) => {
      const row = new RegExp(`<th scope="row">${label}.*?</tr>`).exec(results)![0];
      return row.split('<td>').findIndex((cell) => cell.includes('<strong>'));
    };
    assert.equal(bestColumn('nearest panel is of the same page'), 1);
    assert.equal(bestColumn('R² of aspect from stored vectors'), 1);
    const worse = withContenders((contender, i) => ({ ...contender, leakage: RESULT.contenders[3 - i]!.leakage }));
    assert.match(
      findSection(makeReport(worse), 'results'),
      /R² of aspect from stored vectors ↓<\/th>.*?<td><strong>[^/]*<\/strong>[^/]*<\/span><\/td><\/tr>/,
    );
  });

  it('reads a comparison by its interval and by whether lower is better', () => {
    const comparison = RESULT.comparisons[0]!;
    const readings = (measure: string, value: number) => {
      const comparisons = [{ ...comparison, measure, difference: estimate(value) }];
      return /no clear difference|clearly \w+/.exec(
        findSection(makeReport({ ...RESULT, comparisons }), 'comparisons'),
      )![0];
    };
    assert.equal(readings('neighbours.same_page', 0.2), 'clearly better');
    assert.equal(readings('neighbours.same_page', -0.2), 'clearly worse');
    assert.equal(readings('leakage.stored.aspect', 0.2), 'clearly worse');
    assert.equal(readings('leakage.stored.aspect', -0.2), 'clearly better');
    assert.equal(readings('neighbours.same_page', 0.02), 'no clear difference');
  });

  it('shows a dash with the reason where a measure is left out', () => {
    const reason: LeftOut = { left_out: 'only 3 panels <have> a description' };
    const result = withContenders((contender) => ({
      ...contender,
      retrieval: { ...contender.retrieval, words_to_pictures: reason },
    }));
    for (const id of ['results', 'retrieval']) {
      const section = findSection(makeReport(result), id);
      assert.match(section, /<td>–<sup>1<\/sup><\/td>/);
      assert.match(section, /<sup>1<\/sup> not measured: only 3 panels &lt;have&gt; a description/);
    }
  });

  it('is whole where hardly anything was measured', () => {
    const reason: LeftOut = { left_out: 'too few panels' };
    const both = { stored: reason, picture: reason };
    const [contender] = RESULT.contenders;
    const retrieval = Object.fromEntries(Object.keys(contender!.retrieval).map((task) => [task, reason]));
    const empty = {
      ...contender!,
      retrieval: retrieval as unknown as ContenderResult['retrieval'],
      neighbours: reason,
      clustering: both,
      collapse: both,
      leakage: both,
      ablation: {},
      gate: null,
      sheets: [],
      map: null,
    };
    const html = makeReport({
      ...RESULT,
      contenders: [empty],
      comparisons: [],
      claims: [],
      first_version_failures: [],
      notes: [],
    });
    assert.doesNotMatch(html, /NaN|Infinity|undefined|null/);
    for (const text of ['no map', 'No contender has a gate', 'no sheets', 'nothing to compare', 'too few panels']) {
      assert.ok(html.includes(text), text);
    }
  });
});

describe('rank histograms', () => {
  it('have the share of queries in each bin; ranks between whole numbers are in the next one', () => {
    const ranks = [1, 1.5, 5, 6, 120];
    const result = withContenders((contender, i) => {
      const task = contender.retrieval.snapshot_to_stored as RetrievalMeasures;
      const measures = i === 0 ? { ...task, ranks, chance_recall_at_5: 5 / 200 } : { left_out: 'no pictures' };
      return { ...contender, retrieval: { ...contender.retrieval, snapshot_to_stored: measures } };
    });
    const [svg] = findAll(findSection(makeReport(result), 'retrieval'), /(<svg xmlns.*?<\/svg>)/gs);
    const description =
      'ours: rank 1: 20 %, 2–5: 40 %, 6–10: 20 %, 11–20: 0 %, 21–50: 0 %, 51–100: 0 %, over 100: 20 %.';
    assert.ok(svg!.includes(`<desc>${description}</desc>`), svg);
    const heights = findAll(svg!, /<rect [^>]*height="([\d.]+)"/g).map(Number);
    // A random order of 200 panels has half of them after the hundredth rank: that line is as high as the picture.
    const scale = 44 / 0.5;
    assert.deepEqual(
      heights.map((height) => Math.round((100 * height) / scale)),
      [20, 40, 20, 0, 0, 0, 20],
    );
    assert.equal(findAll(svg!, /(stroke-dasharray)/g).length, 7);
  });
});

describe('neighbour sheets', () => {
  it('show the pictures of all panels, each of which is embedded once', () => {
    const html = makeReport();
    const definitions = findAll(html, /<image id="(\w+)"/g);
    assert.equal(definitions.length, sheetPanels(RESULT).size);
    const uses = findAll(html, /<use href="#(\w+)"/g);
    assert.ok(uses.length > definitions.length);
    assert.deepEqual(new Set(uses), new Set(definitions));
  });

  it('mark the right panel, and add it where it is not among the found ones', () => {
    const [first] = RESULT.contenders[0]!.sheets;
    const missing = { ...first!, rank: 7.5, found: first!.found.slice(1) };
    const report = (sheet: NeighbourSheet) =>
      findSection(
        makeReport(withContenders((contender, i) => ({ ...contender, sheets: i === 0 ? [sheet] : [] }))),
        'sheets',
      );
    assert.match(report({ ...first!, rank: 1 }), /<li class="right"><svg .*?<span>0.90 ✓<\/span>/);
    assert.doesNotMatch(report({ ...first!, rank: 1 }), /missed/);
    assert.match(report(missing), /<li class="right missed"><svg .*?<span>✓ rank 7.5<\/span>/);
  });

  it('show a panel without a picture by its name', () => {
    const html = makeReport(RESULT, new Map());
    assert.match(html, /<span class="no-picture">Book 0\/page_0#0<\/span>/);
    assert.doesNotMatch(html, /<image|<use/);
  });

  it('are left out where the file would become too large, and the report says so', () => {
    const html = makeReport(RESULT, makePictures(RESULT, 400_000));
    assert.ok(Buffer.byteLength(html) < 8_000_000, String(html.length));
    assert.match(html, /\d+ of 24 sheets are left out/);
    assert.match(html, /<use href="#panel0"/);
    assert.doesNotMatch(makeReport(), /sheets are left out/);
  });
});

describe('maps', () => {
  it('have one look for each book, and one for all others where there are too many', () => {
    const looks = (books: number) => {
      const panels = makePanels(20).map((panel, i) => ({
        ...panel,
        book: `Book ${i % books}`,
        page_type: 'narrative',
      }));
      const section = findSection(makeReport(makeEvaluationResult({ panels })), 'map');
      const [svg] = findAll(section, /(<svg xmlns.*?<\/svg>)/gs);
      return { paths: findAll(svg!, /<path d="[^"]*" (fill="[^"]*")/g).length, section };
    };
    assert.equal(looks(24).paths, 24);
    assert.doesNotMatch(looks(24).section, /others/);
    assert.equal(looks(30).paths, 24);
    assert.match(looks(30).section, / 7 others<\/li>/);
  });

  it('are coloured by type of page too where there are several', () => {
    assert.deepEqual(findAll(findSection(makeReport(), 'map'), /<h3>(.*?)<\/h3>/g), ['By book', 'By type of page']);
    const panels = makePanels().map((panel) => ({ ...panel, page_type: null }));
    const html = makeReport(makeEvaluationResult({ panels }));
    assert.deepEqual(findAll(findSection(html, 'map'), /<h3>(.*?)<\/h3>/g), ['By book']);
  });
});
