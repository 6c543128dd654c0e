import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ModelDefinition } from '../../../../src/model/model-spec.ts';
import { TrainingPartFile, writeTrainingPart } from '../../../../src/training/data/training-part-file.ts';
import { TrainingSet } from '../../../../src/training/data/training-set.ts';
import { blockSizes, fitClosedFormHead } from '../../../../src/training/preparation/closed-form/closed-form-head.ts';
import { COLUMNS, type Column, viewsColumn, visionColumn } from '../../../../src/training/training-columns.ts';
import { trainingSchema } from '../../../../src/training/training-spec.ts';
import { float32View } from '../../../../src/weights/tensor.ts';
import {
  BACKBONES,
  type GeneratedTrainingSet,
  generateTrainingSet,
  MODEL_PARTS,
  TEXT_FEATURES,
} from '../../../support/generated-training-set.ts';

const HEAD = { ...MODEL_PARTS.head, visual_fusion: 'concat', vision_transform: 'signed_sqrt' } as const;
const MODEL: ModelDefinition = { ...MODEL_PARTS, head: HEAD };
const [FIRST] = BACKBONES;

let generated: GeneratedTrainingSet;
before(async () => {
  generated = await generateTrainingSet();
});
after(() => generated.remove());

interface FitOptions {
  readonly files?: readonly string[];
  readonly model?: ModelDefinition;
  readonly options?: object;
  readonly signal?: AbortSignal;
  /** Whether a page, by its number, is one to train on */
  readonly isTrained?: (page: number) => boolean;
}

async function fit(settings: FitOptions = {}) {
  const { files = generated.parts, model = MODEL, options = {}, isTrained = () => true } = settings;
  await using trainingSet = await TrainingSet.open(files);
  const pages = trainingSet.pages.filter((_, page) => isTrained(page));
  const signal = settings.signal ?? new AbortController().signal;
  return await fitClosedFormHead({ trainingSet, pages }, model, trainingSchema.parse({ closed_form: options }), signal);
}

const toBytes = ({ tensors }: Awaited<ReturnType<typeof fit>>) =>
  Buffer.concat([...tensors.values()].map(({ bytes }) => bytes)).toString('base64');

let copies = 0;
/** Copies of the parts, in which the values of a column have been changed row by row. */
async function changeColumn(
  name: string,
  change: (row: Float32Array, context: { page: number; panel: number }) => void,
  parts = generated.parts,
): Promise<string[]> {
  const files: string[] = [];
  let page = 0;
  for (const file of parts) {
    await using part = await TrainingPartFile.open(file);
    const rows = part.pages.reduce((sum, { rows: count }) => sum + count, 0);
    const columns = new Map<string, Column>();
    for (const column of part.columns) columns.set(column, await part.read(column, 0, rows));
    const { bytes, shape } = columns.get(name)!;
    const values = new Float32Array(bytes.buffer);
    const width = shape.reduce((product, size) => product * size);
    let row = 0;
    for (const { rows: count } of part.pages) {
      for (let panel = 0; panel < count; panel++, row++)
        change(values.subarray(row * width, (row + 1) * width), { page, panel });
      page++;
    }
    files.push(`${file}.${++copies}`);
    await writeTrainingPart(files.at(-1)!, part.pages, columns);
  }
  return files;
}

describe('the fit of a head', () => {
  it('gives the same bytes again', async () => {
    assert.equal(toBytes(await fit()), toBytes(await fit()));
  });

  it('sees nothing of the pages for validation', async () => {
    const isTrained = (page: number) => page % 4 !== 1;
    const files = await changeColumn(visionColumn(FIRST.name), (row, { page }) => {
      if (!isTrained(page)) row.fill(Number.NaN);
    });
    assert.equal(toBytes(await fit({ files, isTrained })), toBytes(await fit({ isTrained })));
  });

  it('sees nothing of what stands in the place of absent texts', async () => {
    const files = await changeColumn(COLUMNS.text, (row, { panel }) => {
      if (panel % 3 === 2) row.fill(100);
    });
    assert.equal(toBytes(await fit({ files })), toBytes(await fit()));
  });

  it('sees the texts as the head does', async () => {
    const model: ModelDefinition = { ...MODEL, head: { ...HEAD, text_transform: 'unit_length' } };
    const files = await changeColumn(COLUMNS.text, (row, { panel }) => row.set(row.map((value) => value * 2 ** panel)));
    assert.equal(toBytes(await fit({ files, model })), toBytes(await fit({ model })));
  });

  it('sees the views, and descriptions in place of the joined text where there are some', async () => {
    const withViews = await generateTrainingSet({ views: 2 });
    try {
      const files = withViews.parts;
      const change = (name: string, from: number, to: number) =>
        changeColumn(name, (row) => row.fill(0.5, from, to), files);
      const original = toBytes(await fit({ files }));
      assert.notEqual(toBytes(await fit({ files: await change(viewsColumn(FIRST.name), 3, 4) })), original);
      assert.notEqual(toBytes(await fit({ files: await change(COLUMNS.separateTexts, 3, 4) })), original);
      // Each panel with text has a description, so that neither the joined text nor the lettering counts.
      assert.equal(toBytes(await fit({ files: await change(COLUMNS.text, 0, TEXT_FEATURES) })), original);
      const lettering = await change(COLUMNS.separateTexts, TEXT_FEATURES, 2 * TEXT_FEATURES);
      assert.equal(toBytes(await fit({ files: lettering })), original);
    } finally {
      await withViews.remove();
    }
  });

  it('gives a feature that never changes no weight', async () => {
    const files = await changeColumn(visionColumn(FIRST.name), (row) => {
      row[5] = 0.1;
    });
    const { tensors } = await fit({ files });
    for (const [key, tensor] of tensors) assert.ok(float32View(tensor).every(Number.isFinite), key);
    const weight = float32View(tensors.get(`vision.${FIRST.name}.adaptation.0.weight`)!);
    const ofFeature = (feature: number) => weight.filter((_, i) => i % FIRST.features === feature);
    assert.ok(ofFeature(5).every((value) => value === 0));
    assert.ok(ofFeature(4).some((value) => Math.abs(value) > 0.01));
  });

  it('has fewer components where the panels have no more, and says so', async () => {
    const files = await changeColumn(COLUMNS.text, (row) => row.fill(0, 3));
    const { notes } = await fit({ files });
    assert.deepEqual(notes, [
      'the closed-form start has 3 aligned components instead of 5: the training panels have no more',
    ]);
    assert.deepEqual((await fit()).notes, []);
  });

  it('stops when it is told to', async () => {
    await assert.rejects(fit({ signal: AbortSignal.abort(new Error('stop')) }), /stop/);
  });
});

describe('a fit is refused', () => {
  const cases: readonly [string, () => Promise<string[]>, RegExp][] = [
    [
      'with few texts',
      () => changeColumn(COLUMNS.present, (row, { page, panel }) => row.fill(page < 3 && panel === 0 ? 1 : 0, 1, 2)),
      /3 panels to train on have text, and it needs 8/,
    ],
    ['with texts that are all the same', () => changeColumn(COLUMNS.text, (row) => row.fill(1)), /all texts/],
    [
      'with a feature that is no number, and the error names the page',
      () => changeColumn(visionColumn(FIRST.name), (row, { page }) => void (page === 7 && row.fill(Number.NaN))),
      /panel of the page "book 1\/7" are not finite/,
    ],
  ];
  for (const [what, makeFiles, message] of cases) {
    it(what, async () => {
      const expected = { code: 'dataset_invalid', param: 'training.initial_head', message };
      await assert.rejects(fit({ files: await makeFiles() }), expected);
    });
  }

  it('with pictures that are all the same', async () => {
    const files = await changeColumn(visionColumn(FIRST.name), (row) => row.fill(1));
    const vision = { ...MODEL.vision, backbones: MODEL.vision.backbones.slice(0, 1) };
    const model: ModelDefinition = { ...MODEL, vision, head: { ...HEAD, visual_fusion: 'single' } };
    await assert.rejects(fit({ files, model }), { code: 'dataset_invalid', message: /all pictures/ });
  });
});

describe('the numbers of a vector', () => {
  const limits = (visualFusion: 'single' | 'concat', options: object) =>
    blockSizes({ dimensions: 64, visualFusion }, trainingSchema.parse({ closed_form: options }).closed_form);
  it('are shared by the two blocks', () => {
    assert.deepEqual(limits('single', {}), { picture: 39, aligned: 24 });
    assert.deepEqual(limits('concat', {}), { picture: 39, aligned: 23 });
    assert.deepEqual(limits('single', { picture_components: 10 }), { picture: 10, aligned: 53 });
    assert.deepEqual(limits('single', { aligned_components: 10 }), { picture: 53, aligned: 10 });
    assert.deepEqual(limits('single', { picture_components: 4, aligned_components: 10 }), { picture: 4, aligned: 10 });
  });
});
