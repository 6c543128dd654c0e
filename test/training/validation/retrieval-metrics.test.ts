import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  computeDescriptionMetrics,
  computeRetrievalMetrics,
  type RetrievalVectors,
} from '../../../src/training/validation/retrieval-metrics.ts';

type Rows = readonly (readonly number[])[];

/** Where nothing is said, panels have both, and all views are the whole. */
function measure(whole: Rows, page: readonly number[], views: Partial<Record<'image' | 'text', Rows>> & Flags = {}) {
  const flatten = (rows: Rows) => Float32Array.from(rows.flat());
  const { image = whole, text = whole, hasImage = page.map(() => true), hasText = page.map(() => true) } = views;
  const vectors: RetrievalVectors = {
    dimensions: whole[0]!.length,
    whole: flatten(whole),
    image: flatten(image),
    text: flatten(text),
    page,
    hasImage,
    hasText,
  };
  return computeRetrievalMetrics(vectors);
}
interface Flags {
  readonly hasImage?: readonly boolean[];
  readonly hasText?: readonly boolean[];
}

/** Directions of a plane, in degrees, of any length */
const direction = (degrees: number, length = 1) => {
  const angle = (degrees * Math.PI) / 180;
  return [length * Math.cos(angle), length * Math.sin(angle)];
};
const NAN = [Number.NaN, Number.NaN];

describe('panels that are searched for', () => {
  it('are found by direction, whatever the lengths', () => {
    const whole = [direction(0, 100), direction(30), direction(60, 0.01)];
    const image = [direction(2), direction(29, 7), direction(10)];
    assert.equal(measure(whole, [0, 1, 2], { image }).image_to_panel_recall_at_1, 2 / 3);
  });

  it('are not found where another is as near', () => {
    assert.equal(measure([direction(0), direction(0), direction(90)], [0, 1, 2]).image_to_panel_recall_at_1, 1 / 3);
  });

  it('are those that have an image, or a text', () => {
    const whole = [direction(0), direction(30), direction(60), direction(90)];
    const image = [direction(0), direction(0), direction(60), direction(0)];
    const hasImage = [true, false, true, false];
    assert.equal(measure(whole, [0, 1, 2, 3], { image, hasImage }).image_to_panel_recall_at_1, 1);
  });

  it('are found by text among the five nearest', () => {
    const whole = [0, 10, 20, 30, 40, 50, 60].map((degrees) => direction(degrees));
    // The sixth nearest of these words is panel 5, the fifth panel 4.
    const [nearText, farText] = [direction(-1), direction(61)];
    const text = whole.map((vector, row) => (row === 4 || row === 5 ? nearText : row === 0 ? farText : vector));
    const { text_to_panel_recall_at_5: recall } = measure(whole, [0, 1, 2, 3, 4, 5, 6], { text });
    assert.equal(recall, 5 / 7);
  });

  it('are searched by text among images alone, where the panel has an image', () => {
    const whole = [0, 10, 20, 30, 40, 50].map((degrees) => direction(degrees));
    const image = whole.map((_, row) => direction(row === 0 ? 180 : 10 * row));
    const text = whole.map(() => direction(25));
    const pages = [0, 1, 2, 3, 4, 5];
    const allPictures = measure(whole, pages, { image, text });
    assert.equal(allPictures.text_to_image_recall_at_5, 5 / 6);
    const hasImage = pages.map((row) => row !== 0);
    assert.equal(measure(whole, pages, { image, text, hasImage }).text_to_image_recall_at_5, 1);
  });

  it('give NaN where no panel has text', () => {
    const metrics = measure([direction(0), direction(90)], [0, 0], { hasText: [false, false] });
    assert.ok(Number.isNaN(metrics.text_to_panel_recall_at_5));
    assert.ok(Number.isNaN(metrics.text_to_image_recall_at_5));
    assert.equal(metrics.image_to_panel_recall_at_1, 1);
  });

  it('lose against a NaN, which is nearer than all and finds nothing', () => {
    assert.equal(measure([direction(0), NAN, direction(90)], [0, 1, 2]).image_to_panel_recall_at_1, 0);
    const image = [direction(0), NAN, direction(90)];
    assert.equal(
      measure([direction(0), direction(45), direction(90)], [0, 1, 2], { image }).image_to_panel_recall_at_1,
      2 / 3,
    );
    // Among three, whatever is no number would be one of the five nearest.
    const text = [direction(0), NAN, direction(90)];
    assert.equal(
      measure([direction(0), direction(45), direction(90)], [0, 1, 2], { text }).text_to_panel_recall_at_5,
      2 / 3,
    );
  });

  it('are never found by a vector of zeros, which has no direction', () => {
    assert.equal(measure([[0, 0], direction(30), direction(60)], [0, 1, 2]).image_to_panel_recall_at_1, 2 / 3);
  });
});

describe('same-page precision', () => {
  const precision = (whole: Rows, page: readonly number[]) => measure(whole, page).same_page_precision;

  it('is the fraction of the r nearest panels that are on the page, where r others are on it', () => {
    assert.equal(
      precision([direction(0), direction(1), direction(2), direction(90), direction(91)], [0, 0, 0, 1, 1]),
      1,
    );
    // 0 finds 12 and 15, one of two; 12 and 40 find 15 and 21; 15 finds 12; 21 finds 15.
    assert.equal(
      precision([direction(0), direction(12), direction(40), direction(15), direction(21)], [0, 0, 0, 1, 1]),
      (0.5 + 1) / 5,
    );
  });

  it('leaves out panels that are alone on their page as queries only', () => {
    assert.equal(precision([direction(0), direction(20), direction(-5)], [0, 0, 1]), 0.5);
    assert.ok(Number.isNaN(precision([direction(0), direction(20)], [0, 1])));
  });

  it('counts ties against the page: equal vectors find no page', () => {
    assert.equal(precision([direction(7), direction(7), direction(7), direction(7)], [0, 0, 1, 1]), 0);
    assert.equal(precision([direction(7), direction(7), direction(7), direction(7), direction(7)], [0, 0, 0, 1, 1]), 0);
  });

  it('counts a NaN against the page, on either side', () => {
    assert.equal(precision([NAN, NAN, direction(0), direction(1)], [0, 0, 1, 1]), 0);
    assert.equal(precision([direction(0), direction(1), NAN], [0, 0, 1]), 0);
    assert.equal(precision([direction(0), NAN, direction(90)], [0, 0, 1]), 0);
  });
});

describe('panels that are searched for with their descriptions', () => {
  const around = [0, 10, 20, 30, 40, 50, 60, 70];
  const flatten = (degrees: readonly number[]) => Float32Array.from(degrees.flatMap((angle) => direction(angle)));
  const isFirst = around.map((_, row) => row === 0);

  it('are found among panels as they are stored, and among pictures alone', () => {
    // Of the panels as they are stored, the own one is the sixth nearest; of the pictures, it is the fifth.
    const vectors = {
      dimensions: 2,
      description: flatten(around.map(() => 0)),
      stored: flatten(around.map((angle, row) => (row === 0 ? 55 : angle))),
      image: flatten(around.map((angle, row) => (row === 0 ? 45 : angle))),
      hasDescription: isFirst,
      hasImage: around.map(() => true),
    };
    assert.deepEqual(computeDescriptionMetrics(vectors), {
      description_to_panel_recall_at_5: 0,
      description_to_image_recall_at_5: 1,
    });
    const withoutImage = computeDescriptionMetrics({ ...vectors, hasImage: around.map(() => false) });
    assert.ok(Number.isNaN(withoutImage.description_to_image_recall_at_5));
  });
});
