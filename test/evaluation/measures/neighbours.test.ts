import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onesFor } from '../../../src/evaluation/measures/bootstrap.ts';
import { measurePageAlignment } from '../../../src/evaluation/measures/collapse.ts';
import { measureNeighbours } from '../../../src/evaluation/measures/neighbours.ts';
import { isLeftOut } from '../../../src/evaluation/measures/statistic.ts';
import { panelsOf, toVectors } from '../../support/measured-panels.ts';

const direction = (degrees: number) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];

/** Two books of two pages of two panels. */
const panels = panelsOf([
  ['a', 'a1'],
  ['a', 'a1'],
  ['a', 'a2'],
  ['a', 'a2'],
  ['b', 'b1'],
  ['b', 'b1'],
  ['b', 'b2'],
  ['b', 'b2'],
]);

function valuesOf({ statistics }: ReturnType<typeof measureNeighbours>) {
  return Object.fromEntries(
    Object.entries(statistics).map(([name, { compute, rows }]) => [name, compute(onesFor(rows))]),
  );
}

describe('nearest neighbours', () => {
  it('are of the page, of the book, and of the book on other pages', () => {
    // Page a1 lies together, as do b1 and b2; the two panels of a2 each lie beside one of b.
    const vectors = toVectors([0, 1, 40, 70, 41, 45, 71, 74].map(direction));
    assert.deepEqual(valuesOf(measureNeighbours(panels, vectors)), {
      // Rows 0, 1, 7 find their page; row 5 too.
      same_page: 4 / 8,
      same_book: 4 / 8,
      // Of other pages: rows 0 and 1 find row 2; the others a panel of the other book.
      same_book_other_page: 2 / 8,
    });
  });

  it('that are equally near count by their share', () => {
    const alike = toVectors(panels.panels.map(() => direction(0)));
    const measured = measureNeighbours(panels, alike);
    const chance = { same_page: 1 / 7, same_book: 3 / 7, same_book_other_page: 2 / 6 };
    for (const [name, wanted] of Object.entries(chance)) {
      const kind = name as keyof typeof chance;
      assert.ok(Math.abs(measured.chance[kind] - wanted) < 1e-9, name);
      assert.ok(Math.abs((valuesOf(measured)[kind] ?? Number.NaN) - wanted) < 1e-9, name);
    }
  });

  it('are not near-duplicates', () => {
    const vectors = toVectors([0, 1, 40, 70, 41, 45, 71, 74].map(direction));
    const nearDuplicates = panels.panels.map((_, row) => new Set(row < 2 ? [1 - row] : []));
    // Without row 1, row 0 is alone on its page; so is row 1.
    const { statistics } = measureNeighbours({ ...panels, nearDuplicates }, vectors);
    assert.deepEqual(statistics.same_page.rows, [2, 3, 4, 5, 6, 7]);
  });
});

describe('alignment within pages', () => {
  it('is the share of pictures whose own text is the nearest of the page', () => {
    const pictures = toVectors([0, 30, 60, 90, 0, 30, 60, 90].map(direction));
    // Right on page a1; exchanged on a2; on b1 one panel alone has a text; right and wrong on b2.
    const texts = toVectors(
      [0, 30, 90, 60, 0, null, 60, 61].map((angle) => (angle === null ? null : direction(angle))),
    );
    const alignment = measurePageAlignment(panels, pictures, texts);
    if (isLeftOut(alignment)) throw new Error(alignment.left_out);
    assert.deepEqual(alignment.rows, [0, 1, 2, 3, 6, 7]);
    assert.deepEqual(alignment.values, [1, 1, 0, 0, 1, 1]);
  });

  it('is left out where no page has two panels with text', () => {
    const pictures = toVectors(panels.panels.map((_, i) => direction(10 * i)));
    const texts = toVectors(panels.panels.map((_, i) => (i === 0 ? direction(0) : null)));
    assert.deepEqual(measurePageAlignment(panels, pictures, texts), { left_out: 'no page has two panels with text' });
  });
});
