import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FeatureMoments, LAYOUT_NUMBERS } from '../../../../src/training/preparation/closed-form/feature-moments.ts';
import { fitMaps } from '../../../../src/training/preparation/closed-form/fit-maps.ts';
import { trainingSchema } from '../../../../src/training/training-spec.ts';
import { seeded } from '../../../support/numeric.ts';

const [PAGES, FEATURES, TEXT_FEATURES] = [40, 12, 6];

/** Fits maps to pages of two panels, which show the same picture and have texts of their own. */
function fitEqualPanels(options: object, layoutOf?: (page: number) => readonly number[], features = FEATURES) {
  const random = seeded(3);
  const draw = (count: number) => Float64Array.from({ length: count }, random);
  const moments = new FeatureMoments(features, TEXT_FEATURES);
  for (let page = 0; page < PAGES; page++) {
    const picture = draw(features);
    const layout = Float64Array.from(layoutOf?.(page) ?? draw(LAYOUT_NUMBERS));
    moments.addPage([0, 1].map(() => ({ pictures: [picture], text: draw(TEXT_FEATURES), layout })));
  }
  const { closed_form: closedForm } = trainingSchema.parse({ closed_form: options });
  const { maps, sizes } = fitMaps(
    moments,
    { widths: [features], textParts: 1 },
    { picture: features, aligned: 4 },
    closedForm,
  );
  for (const { matrix, bias } of [...maps.vision, maps.text])
    assert.ok([...matrix.to1DArray(), ...bias.to1DArray()].every(Number.isFinite));
  return sizes;
}

describe('the maps of a fitted head', () => {
  it('are finite where the panels of a page do not differ', () => {
    assert.deepEqual(fitEqualPanels({ layout_passes: 0 }), { picture: FEATURES, aligned: 4 });
  });

  it('lose a direction for each number of the layout and each pass', () => {
    assert.equal(fitEqualPanels({ layout_passes: 2 }).picture, FEATURES - 4);
  });

  it('lose nothing where all layouts are the same, and one direction where one number follows from the other', () => {
    assert.equal(fitEqualPanels({}, () => [0.3, 0.5]).picture, FEATURES);
    const dependent = (page: number) => [page % 3, 2 * (page % 3)];
    assert.equal(fitEqualPanels({ layout_passes: 1 }, dependent).picture, FEATURES - 1);
  });

  it('are refused where nothing is left of the pictures', () => {
    assert.throws(() => fitEqualPanels({ layout_passes: 1 }, undefined, LAYOUT_NUMBERS), {
      code: 'dataset_invalid',
      param: 'training.closed_form.layout_passes',
    });
  });

  it('have penalties that keep the equations solvable', () => {
    for (const field of ['ridge', 'layout_ridge', 'shrinkage']) {
      assert.throws(() => fitEqualPanels({ [field]: 1e-300 }), new RegExp(field));
      fitEqualPanels({ [field]: 1e-6 });
    }
  });
});
