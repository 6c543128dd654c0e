import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseSheets, type SheetCandidate, sheetCandidates } from '../../src/evaluation/choose-sheets.ts';

const atAngle = (degrees: number) =>
  Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));
const makeCandidate = (query: string, rank: number, margin: number): SheetCandidate => ({
  query,
  query_text: null,
  rank,
  margin,
  found: [{ panel: query, cosine: 0.123456 }],
});
const RANKED = [
  ...Array.from({ length: 6 }, (_, i) => makeCandidate(`first${i}`, 1, i / 10)),
  ...Array.from({ length: 6 }, (_, i) => makeCandidate(`later${i}`, 2 + i, -i / 10)),
];
const queriesOf = (sheets: ReturnType<typeof chooseSheets>, choice: string) =>
  sheets.filter((sheet) => sheet.choice === choice).map(({ query }) => query);

describe('candidates of sheets', () => {
  it('have the nearest panels in their order, with the margin of the right one', () => {
    const targets = [0, 10, 20, 30, 40, 50, 60, 70].map((angle) => ({ panel: `at ${angle}`, vector: atAngle(angle) }));
    const queries = [
      { panel: 'at 20', text: 'twenty', rank: 1, vector: atAngle(21) },
      { panel: 'at 70', text: null, rank: 8, vector: atAngle(0) },
    ];
    const [near, far] = sheetCandidates(queries, targets);
    assert.deepEqual(
      near!.found.map(({ panel }) => panel),
      ['at 20', 'at 30', 'at 10', 'at 40', 'at 0', 'at 50'],
    );
    assert.ok(Math.abs(near!.found[0]!.cosine - Math.cos(Math.PI / 180)) < 1e-6);
    assert.deepEqual([near!.query_text, far!.query_text, far!.rank], ['twenty', null, 8]);
    assert.ok(near!.margin > 0 && Math.abs(far!.margin - (Math.cos((70 * Math.PI) / 180) - 1)) < 1e-6);
  });
});

describe('chosen sheets', () => {
  it('are the best by margin, the worst by rank, and some at random', () => {
    const sheets = chooseSheets('words_to_pictures', RANKED, 42);
    assert.deepEqual(queriesOf(sheets, 'best'), ['first5', 'first4', 'first3', 'first2']);
    assert.deepEqual(queriesOf(sheets, 'worst'), ['later5', 'later4', 'later3', 'later2']);
    assert.equal(new Set(queriesOf(sheets, 'random')).size, 4);
    assert.deepEqual(sheets[0], {
      task: 'words_to_pictures',
      choice: 'best',
      query: 'first5',
      query_text: null,
      rank: 1,
      found: [{ panel: 'first5', cosine: 0.1235 }],
    });
  });

  it('have the same random queries for all contenders, whatever their ranks are', () => {
    const others = RANKED.toReversed().map((candidate, i) => ({ ...candidate, rank: 1 + i, margin: 0 }));
    const [random, othersRandom] = [RANKED, others].map((candidates) =>
      queriesOf(chooseSheets('words_to_pictures', candidates, 42), 'random'),
    );
    assert.deepEqual(othersRandom, random);
    assert.notDeepEqual(queriesOf(chooseSheets('words_to_pictures', RANKED, 43), 'random'), random);
  });

  it('have no worst where all are found, and no best where none is', () => {
    const choices = (candidates: SheetCandidate[]) =>
      new Set(chooseSheets('snapshot_to_stored', candidates, 1).map(({ choice }) => choice));
    assert.deepEqual(choices(RANKED.slice(0, 6)), new Set(['best', 'random']));
    assert.deepEqual(choices(RANKED.slice(6)), new Set(['worst', 'random']));
    assert.deepEqual(choices([]), new Set());
  });
});
