import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drawHiddenPanels, drawShownModalities } from '../../../src/training/step/masks.ts';
import { CounterRandom } from '../../../src/util/counter-random.ts';

describe('masks', () => {
  it('hide a random panel of each page, and mark pages that have others', () => {
    const rows = [3, 1, 4];
    const hiddenRows = new Set<bigint>();
    for (let step = 0; step < 200; step++) {
      const hidden = drawHiddenPanels(rows, new CounterRandom(1, step));
      assert.deepEqual([...hidden.counts], [1, 0, 1]);
      const [a, b, c] = [...hidden.rows].map(Number) as [number, number, number];
      assert.ok(a >= 0 && a < 3 && b === 3 && c >= 4 && c < 8, `${hidden.rows}`);
      for (const row of hidden.rows) hiddenRows.add(row);
    }
    assert.equal(hiddenRows.size, 8);
  });

  it('show image or text alone for a fraction of the panels that have both', () => {
    const panels = 4000;
    const modalityMasks = [
      [1, 1, 1],
      [1, 1, 0],
      [1, 0, 1],
      [0, 1, 1],
    ];
    const present = Float32Array.from(Array.from({ length: panels }, (_, row) => modalityMasks[row % 4]!).flat());
    const shown = drawShownModalities(present, 0.3, new CounterRandom(1));
    const counts = { unchanged: 0, picture: 0, words: 0 };
    for (let row = 0; row < panels; row++) {
      const [before, after] = [present, shown].map((mask) => mask.slice(3 * row, 3 * row + 3).join(''));
      if (before === after) counts.unchanged++;
      else if (after === '100') counts.picture++;
      else if (after === '010') counts.words++;
      else assert.fail(`${before} is shown as ${after}`);
      if (row % 4 > 1) assert.equal(after, before);
    }
    assert.ok(Math.abs(counts.picture - 300) < 75 && Math.abs(counts.words - 300) < 75, JSON.stringify(counts));
    assert.deepEqual(drawShownModalities(present, 0, new CounterRandom(1)), present);
  });
});
